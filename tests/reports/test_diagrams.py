"Diagrams: every box is named in the legend's colours, and an arrow goes from each to the next"

import matplotlib.pyplot as plt
import pytest

from art_recsys.reports.diagrams import LAST_NIGHT, NOW, draw_boxes

BOXES = {"a": (0, 0, "one", LAST_NIGHT), "b": (1, 0, "two", NOW), "c": (2, 0, "three", NOW)}


def test_boxes_arrows_and_legend():
    fig = draw_boxes(BOXES, ["a b c"])
    texts = fig.axes[0].texts
    assert [t.get_text() for t in texts if t.get_text()] == ["one", "two", "three"]
    assert sum(t.get_text() == "" for t in texts) == 2  # the arrows
    assert [t.get_text() for t in fig.legends[0].get_texts()] == [LAST_NIGHT, NOW]
    plt.close(fig)


def test_a_colour_that_no_box_has_is_not_in_the_legend():
    fig = draw_boxes({"b": BOXES["b"]}, [])
    assert [t.get_text() for t in fig.legends[0].get_texts()] == [NOW]
    plt.close(fig)


def test_an_arrow_needs_both_boxes():
    with pytest.raises(KeyError):
        draw_boxes(BOXES, ["a nowhere"])
    plt.close("all")

"""Colours: known points of CIE Lab, names and families."""

import numpy as np
import pytest
from PIL import Image

from art_recsys.language.colours import COLOURS, FAMILIES, colour_families, colour_names, lab, rgb_of


def test_known_colours_have_their_place_in_lab():
    four = Image.fromarray(rgb_of(["#000000", "#ffffff", "#ff0000", "#0000ff"])[None])
    assert lab(four)[0].round().tolist() == [[0, 0, 0], [100, 0, 0], [54, 81, 70], [29, 68, -112]]


def test_names_are_the_nearest_ones():
    colours = ["#c02020", "#1e2f54", "f6f4ee"]
    assert colour_names(colours) == ["scarlet", "navy", "chalk white"] and colour_names([]) == []
    assert colour_names(colours, family=True) == ["red", "blue", "white"]
    assert colour_names([h for h, _ in COLOURS.values()]) == list(COLOURS)


def test_families_are_weighted_by_their_position():
    out = colour_families([["#c41e1e", "#3767b5"], [], ["#c41e1e"]])
    assert out.dtype == np.float32 and out.shape == (3, 11) == (3, len(FAMILIES))
    assert out[0, FAMILIES.index("red")] == pytest.approx(2 * out[0, FAMILIES.index("blue")])
    assert np.linalg.norm(out, axis=1) == pytest.approx([1, 0, 1])

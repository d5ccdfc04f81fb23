"Plots of a report: recommenders that lie at the same place can still be told apart"

import matplotlib.pyplot as plt

from art_recsys.language.texts import counted
from art_recsys.reports.newcomers import KNOWN_LIKES
from art_recsys.reports.plots import plot_lists, plot_newcomers

NAMES = ("popularity", "two_tower", "two_stage", "page")
SAME = {"mean": 0.2, "low": 0.1, "high": 0.3}


def looks(ax) -> set:
    return {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.get_legend().get_lines()}


def test_points_at_the_same_place_are_named_beside_the_plot():
    metrics = {n: dict.fromkeys(("ndcg@10", "coverage@10", "diversity@10", "popularity@10"), SAME) for n in NAMES}
    fig = plot_lists({"metric": "ndcg@10", "metrics": metrics})
    assert all(not ax.texts for ax in fig.axes)
    assert [t.get_text() for t in fig.axes[-1].get_legend().get_texts()] == list(NAMES)
    assert len(looks(fig.axes[-1])) == len(NAMES)
    plt.close(fig)


def test_the_three_of_ours_have_three_kinds_of_lines():
    rows = {counted(n, "like"): SAME for n in KNOWN_LIKES} | {"all likes": SAME}
    fig = plot_newcomers({"metric": "ndcg@10", "cold_start": dict.fromkeys(NAMES, rows)})
    ours = [line for line in fig.axes[0].get_lines() if line.get_linewidth() == 2]
    assert len({line.get_linestyle() for line in ours}) == 3
    plt.close(fig)

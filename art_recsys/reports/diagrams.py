"""Diagrams of the lessons: boxes in two colours, one for what a night job computes and one for what a request does."""

from itertools import pairwise

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Patch

__all__ = ["LAST_NIGHT", "NOW", "draw_boxes"]

LAST_NIGHT, NOW = "computed last night", "computed now"
_COLOURS = {LAST_NIGHT: "#cfdcea", NOW: "#f2c6b4"}


def draw_boxes(
    boxes: dict[str, tuple[float, float, str, str]],  # name -> x and y of the middle, text, `LAST_NIGHT` or `NOW`
    ways: list[str],  # each a line of names with an arrow from one to the next, for example "works tower index"
    size: tuple[float, float] = (8, 2.4),  # inches
) -> Figure:
    "Boxes with arrows between them, and a legend of the two colours. Raises KeyError for a name without a box."
    fig, ax = plt.subplots(figsize=size, layout="constrained")
    drawn = {
        name: ax.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            fontsize=9,
            bbox={"boxstyle": "round,pad=.5", "fc": _COLOURS[kind], "ec": "#555555", "lw": 0.8},
        )
        for name, (x, y, text, kind) in boxes.items()
    }
    line = {"arrowstyle": "-|>", "color": "#555555", "shrinkB": 2}
    for way in ways:
        for a, b in pairwise(way.split()):
            ends = {"patchA": drawn[a].get_bbox_patch(), "patchB": drawn[b].get_bbox_patch()}
            ax.annotate("", boxes[b][:2], boxes[a][:2], arrowprops=line | ends)
    x, y = zip(*((x, y) for x, y, _, _ in boxes.values()), strict=True)
    ax.set(xlim=(min(x) - 0.55, max(x) + 0.55), ylim=(min(y) - 0.45, max(y) + 0.45))
    ax.axis("off")
    used = [kind for kind in _COLOURS if any(k == kind for _, _, _, k in boxes.values())]
    fig.legend(
        handles=[Patch(fc=_COLOURS[k], ec="#555555", label=k) for k in used],
        loc="outside lower center",
        ncols=2,
        frameon=False,
        fontsize=8,
    )
    return fig

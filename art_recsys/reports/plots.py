"""Plots of a report. Each takes the JSON of a report and returns a figure."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from art_recsys.language.texts import counted

from .newcomers import KNOWN_LIKES
from .tables import named

__all__ = ["OURS", "plot_accuracy", "plot_lists", "plot_newcomers", "plot_tastes"]

OURS = "#c8553d"
_THEIRS, _ORACLE = "#b8b0a2", "#e6e0d4"
_OUR_NAMES = ("two_tower", "two_stage", "page")
_OUR_MARKERS = {"two_tower": "^", "two_stage": "s", "page": "D"}
_OUR_LINES = {"two_tower": ":", "two_stage": "--"}  # the page has a full line


def _label(metric: str) -> str:
    return metric.replace("ndcg", "NDCG")


def plot_accuracy(found: dict) -> Figure:
    "The first metric of every recommender in `found` with its interval; the line is popularity"
    metric = found["metric"]
    rows = {n: m[metric] for n, m in found["metrics"].items()}
    fig, ax = plt.subplots(figsize=(6, 3))
    mean, low, high = (np.array([r[k] for r in rows.values()], float) for k in ("mean", "low", "high"))
    colours = [OURS if n in _OUR_NAMES else _ORACLE if n == "oracle" else _THEIRS for n in rows]
    ax.barh(
        list(named(rows, found)), mean, color=colours, xerr=[mean - low, high - mean], error_kw=dict(lw=1, capsize=2)
    )
    ax.invert_yaxis()  # the first at the top
    if "popularity" in rows:
        ax.axvline(rows["popularity"]["mean"], color="black", lw=0.8, ls="--", zorder=0)
    ax.set(xlabel=_label(metric))
    return fig


def plot_lists(found: dict) -> Figure:
    "Accuracy beside what the lists are like, one point per recommender in `found`"
    metric, k = found["metric"], found["metric"].split("@")[1]
    kinds = {
        "coverage": "share of the artworks shown",
        "diversity": "diversity of a list",
        "popularity": "popularity of what is shown",
    }
    fig, axes = plt.subplots(1, 3, figsize=(9.5, 3), sharey=True)
    for ax, (kind, label) in zip(axes, kinds.items(), strict=True):
        shown = named(found["metrics"], found)
        for i, ((n, m), name) in enumerate(zip(found["metrics"].items(), shown, strict=True)):
            colour = OURS if n in _OUR_NAMES else plt.get_cmap("tab10")(i)
            point = m[f"{kind}@{k}"]["mean"], m[metric]["mean"]
            ax.plot(*point, _OUR_MARKERS.get(n, "o"), color=colour, alpha=0.85, label=name)
        ax.set(xlabel=label)
    axes[0].set(ylabel=_label(metric))
    axes[-1].legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    fig.tight_layout()
    return fig


def plot_tastes(found: dict) -> Figure:
    "The first metric of every recommender in `found` for each kind of taste, with intervals; bar behind: the oracle"
    metric, tastes = found["metric"], found["tastes"]
    fig, ax = plt.subplots(figsize=(9.5, 3.2))
    names = [n for n in next(iter(tastes.values())) if n not in ("random", "oracle")]
    for x, rows in enumerate(tastes.values()):
        if "oracle" in rows:
            ax.bar(x, rows["oracle"][metric]["mean"], 0.9, color=_ORACLE, zorder=0, label=None if x else "oracle")
        for n, at in zip(names, np.linspace(-0.36, 0.36, len(names)), strict=True):
            row = rows[n][metric]
            error = [[row["mean"] - row["low"]], [row["high"] - row["mean"]]]
            colour = plt.get_cmap("tab10")(names.index(n))
            label = None if x else n
            ax.errorbar(x + at, row["mean"], error, fmt="o", ms=4, elinewidth=0.8, color=colour, label=label)
    users = [next(iter(found["segments"].values()))[f"taste: {t}"]["users"] for t in tastes]
    ax.set_xticks(range(len(tastes)), [f"{t}\n{n:.0f} users" for t, n in zip(tastes, users, strict=True)])
    ax.set(ylabel=_label(metric))
    ax.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    fig.tight_layout()
    return fig


def plot_newcomers(found: dict) -> Figure:
    "The first metric in `found` as likes of a newcomer become known, with intervals"
    fig, ax = plt.subplots(figsize=(7.5, 3.4))
    steps = [counted(n, "like") for n in KNOWN_LIKES] + ["all likes"]
    for at, (n, rows) in enumerate(found["cold_start"].items()):
        if "all likes" not in rows:
            continue
        mean, low, high = (np.array([rows[s][k] for s in steps], float) for k in ("mean", "low", "high"))
        ours = n in _OUR_NAMES
        ax.errorbar(
            np.arange(len(steps)) + 0.04 * (at - 3),
            mean,
            [mean - low, high - mean],
            label=n,
            lw=2 if ours else 1,
            elinewidth=0.6,
            marker="o",
            ms=3,
            ls=_OUR_LINES.get(n, "-"),
            color=OURS if ours else plt.get_cmap("tab10")(at),
        )
    ax.set_xticks(range(len(steps)), steps)
    ax.set(xlabel="likes of a newcomer that are known", ylabel=_label(found["metric"]))
    ax.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    fig.tight_layout()
    return fig

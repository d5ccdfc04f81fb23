"""A report as a notebook with its plots in it. Every cell can be run again in the home, where `evaluation.json` is."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
from IPython.display import Markdown
from matplotlib.figure import Figure

from art_recsys.config import write_atomic

from .plots import plot_accuracy, plot_lists, plot_newcomers, plot_tastes
from .tables import baselines_table, debiased_table, named, seeds_table, splits_table, table

__all__ = ["write_page"]

_START = """from IPython.display import Markdown
from art_recsys.config import read_json
from art_recsys.reports.plots import plot_accuracy, plot_lists, plot_newcomers, plot_tastes
from art_recsys.reports.tables import baselines_table, debiased_table, named, seeds_table, splits_table, table
found = read_json('evaluation.json')"""
_SHARE = ("share", "share_low", "share_high")


def _table(
    found: dict,
    key: str,
    row: str | None = None,
    columns: tuple[str, ...] = ("mean", "low", "high"),
    part: str | None = None,
) -> tuple[str, Markdown]:
    "The code of a table, and what it gives"
    source = f"found[{key!r}]" + (f"[{part!r}]" if part else "")
    data = found[key][part] if part else found[key]
    if key not in ("steps", "cold_start"):  # rows of steps, and of models that were fitted apart
        source, data = f"named({source}, found)", named(data, found)
    return f"Markdown(table({source}, {row!r}, {columns}))", Markdown(table(data, row, columns))


def _parts(found: dict) -> Iterator[tuple[str, Figure | Markdown | None]]:
    "What the page is made of, in order: a heading, or code with what it gives"
    yield "plot_accuracy(found)", plot_accuracy(found)
    yield _table(found, "metrics", found["metric"])
    if found.get("steps"):
        yield "## What each step of the page costs or brings\n\nEach row adds one step to the row above.", None
        yield _table(found, "steps", columns=("ndcg@10", "difference", "low", "high", "p", "diversity@10"))
    yield "## What the lists are like", None
    yield "plot_lists(found)", plot_lists(found)
    for n in found["better"]:
        yield f"## {n} against each other\n\nThe difference, its interval and p-values; p_holm is for all rows.", None
        yield _table(found, "better", columns=("difference", "low", "high", "p", "p_holm"), part=n)
    yield from _studies(found)
    if found["share_of_oracle"]:
        yield "## Share of the oracle", None
        yield _table(found, "share_of_oracle", columns=_SHARE)
    if found.get("tastes"):
        yield "## By what the users follow\n\nSimulated users alone have a known taste; no model reads it.", None
        yield "plot_tastes(found)", plot_tastes(found)
        for taste in found["share_of_oracle_by_taste"]:
            yield f"### Share of the oracle: {taste}", None
            yield _table(found, "share_of_oracle_by_taste", columns=_SHARE, part=taste)
    if found.get("order"):
        yield "## Does the order of the likes matter?\n\nThe towers, asked with shuffled histories.", None
        yield _table(found, "order", columns=("users", found["metric"], "difference", "low", "high", "p"))
    for segment in next(iter(found["segments"].values()), {}):
        yield f"### {segment}", None
        yield _table(found, "segments", segment, ("users", "mean", "low", "high"))
    rows = [s for rows in found["cold_start"].values() for s in rows]
    if "all likes" in rows:
        yield "## Newcomers, and what 5 likes are worth", None
        yield "plot_newcomers(found)", plot_newcomers(found)
        yield _table(found, "cold_start", "5 likes", _SHARE)
    if "new works" in rows:
        yield "## New artworks", None
        yield _table(found, "cold_start", "new works", ("users", "mean", "low", "high"))


def _studies(found: dict) -> Iterator[tuple[str, Figure | Markdown | None]]:
    "What an expert asks: do the figures hold for unknown artworks, tuned baselines, other seeds, another split"
    about = found["debiased"]
    yield (
        "## If popularity counts for less\n\nWith weights 1/p, p a power of an artwork's likes (gamma = "
        f"{about['gamma']:g}). The {found['test_likes']:,} test positives then tell as much as "
        f"{about['effective_test_likes']:,.0f} equal ones would.",
        None,
    )
    yield "Markdown(debiased_table(found))", Markdown(debiased_table(found))
    if found["baselines"]:
        words = "Where there were trials, the best on validation was chosen, never on the test part; else the default."
        yield f"## Values of the baselines\n\n{words}", None
        yield "Markdown(baselines_table(found))", Markdown(baselines_table(found))
    if seeds := found["seeds"]:
        n = len(seeds["seeds"])
        yield (
            f"## Seeds beside users\n\nMean of {n} trainings ± standard error over users / deviation over seeds.",
            None,
        )
        yield "Markdown(seeds_table(found))", Markdown(seeds_table(found))
        columns = ("difference", "user_se", "seed_sd", "both_se", "wins", "seeds")
        for name, gaps in seeds["differences"].items():
            yield f"### {name} against each other, over seeds", None
            code = f"Markdown(table(found['seeds']['differences'][{name!r}], None, {columns}))"
            yield code, Markdown(table(gaps, None, columns))
    if "table" in (splits := found["splits"]):
        tau = splits["agreement"]
        words = f"Kendall's tau {tau['tau']:.2f} [{tau['low']:.2f}, {tau['high']:.2f}]" if "tau" in tau else "too few"
        yield f"## Another split: the last like of each user\n\nIt leaks the future of others. Orders: {words}.", None
        yield "Markdown(splits_table(found))", Markdown(splits_table(found))


def _output(shown: Figure | Markdown) -> dict:
    "A figure or Markdown as `data` of an output, the way Jupyter stores it"
    if isinstance(shown, Markdown):
        return {"text/markdown": shown.data}
    with io.BytesIO() as f:
        shown.savefig(f, format="png", dpi=96, bbox_inches="tight", metadata={"Software": None})
        plt.close(shown)
        return {"image/png": base64.b64encode(f.getvalue()).decode()}


def write_page(
    found: dict,  # a report
    path: Path,  # the notebook to write
) -> None:
    "Write a report as a notebook, atomically"
    nb, a = nbformat.v4, found
    head = (
        f"# Evaluation\n\n{a['test_users']:,} users, {a['test_likes']:,} test positives, "
        f"split at {a['split_at'][:10]}; "
        f"{a['artworks']:,} artworks ranked, {a['train_likes']:,} likes learned from."
    )
    page = [nb.new_markdown_cell(head), nb.new_code_cell(_START)]
    for text, shown in _parts(found):
        if shown is None:
            page.append(nb.new_markdown_cell(text))
            continue
        page.append(
            nb.new_code_cell(text, outputs=[nb.new_output("execute_result", _output(shown), execution_count=1)])
        )
    for n, cell in enumerate(page):
        cell["id"] = f"cell-{n}"  # the same in every run
    with write_atomic(path) as p:
        nbformat.write(nb.new_notebook(cells=page), p)

"""Tables: frames as Markdown, and frames as nested dicts for JSON."""

from pathlib import Path

import numpy as np
import pandas as pd

from ..config import read_json

__all__ = [
    "as_dict",
    "baselines_table",
    "by_split",
    "debiased_table",
    "markdown",
    "named",
    "row_name",
    "seeds_table",
    "splits_table",
    "table",
]


def markdown(df: pd.DataFrame) -> str:
    "The frame `df` as a Markdown table; cells are shown as they are"
    line = lambda cells: "| " + " | ".join(map(str, cells)) + " |"  # noqa: E731
    rows = (line([n, *r]) for n, r in zip(df.index, df.to_numpy(), strict=True))
    return "\n".join([line(["", *df]), line(["---"] * (len(df.columns) + 1)), *rows])


def as_dict(df: pd.DataFrame) -> dict[str, dict]:  # row -> column -> number
    "The frame `df` as nested dicts for JSON, without the empty cells; `users` are counts, the rest has five decimals"
    number = lambda k, v: int(v) if k == "users" else round(float(v), 5)  # noqa: E731
    return {i: {k: number(k, v) for k, v in r.items() if v == v} for i, r in df.iterrows()}


def row_name(
    name: str,  # of the recommender
    uses_ranking: dict[str, bool],  # recommender -> False where validation rejected its ranking model; absent: True
) -> str:
    "The name of a recommender in a table; it says so where its ranking model was rejected"
    return name if uses_ranking.get(name, True) else f"{name} (ranking not used)"


def named(
    rows: dict,  # by recommender
    found: dict,  # a report
) -> dict:  # the same rows
    "Rows of a report under the names that a table shows"
    return {row_name(n, found.get("uses_ranking", {})): row for n, row in rows.items()}


def table(
    found: dict,  # recommender -> row -> `mean, low, high` or others, out of a report
    row: str | None = None,  # which row of each; where None, `found` is one table
    columns: tuple[str, ...] = ("mean", "low", "high"),  # which numbers
) -> str:  # Markdown
    "Numbers out of a report as a table"
    rows = {n: v if row is None else v[row] for n, v in found.items() if row is None or row in v}
    df = pd.DataFrame({n: {c: r.get(c, np.nan) for c in columns} for n, r in rows.items()}).T
    return markdown(df.map(lambda v: "" if v != v else f"{v:.4g}"))


def _shown(rows: dict[str, dict]) -> str:
    "Numbers and texts as Markdown, with four digits"
    df = pd.DataFrame(rows).T
    return markdown(df.map(lambda v: v if isinstance(v, str) else "" if v != v else f"{v:.4g}"))


def baselines_table(
    found: dict,  # a report
) -> str:  # Markdown
    "What could be chosen for each baseline, how many trials it had, its default and chosen values"
    said = lambda values: "; ".join(f"{k} {v}" for k, v in values.items())  # noqa: E731
    rows = {}
    for n, b in found["baselines"].items():
        on = b.get("validation", {})
        figures = {"validation, default": on.get("default", np.nan), "validation, chosen": on.get("chosen", np.nan)}
        searched = "not searched" if not b["trials"] else f"{b['trials']}"
        about = {"space": said(b["space"]) or "nothing to choose", "trials": searched if b["space"] else ""}
        rows[n] = about | {"default": said(b["default"]), "values": said(b["values"])} | figures
    return _shown(rows)


def debiased_table(
    found: dict,  # a report
) -> str:  # Markdown
    "The plain metrics at the first cutoff, and those that count a hit on a little-known artwork for more"
    k = found["metric"].split("@")[1]
    columns = [f"{m}{e}@{k}" for m, e in (("ndcg", ""), ("ndcg", "_ips"), ("recall", ""), ("recall", "_ips"))]
    columns.append(f"recall_strata@{k}")
    rows = {n: {c: m[c]["mean"] for c in columns if c in m} for n, m in named(found["metrics"], found).items()}
    return _shown(rows)


def seeds_table(
    found: dict,  # a report with `seeds`
) -> str:  # Markdown
    "Of every metric, the standard error over users and the standard deviation over training seeds"
    each = named(found["seeds"]["metrics"], found).items()
    said = lambda v: f"{v['mean']:.4f} ± {v['user_se']:.4f} / {v['seed_sd']:.4f}"  # noqa: E731
    return _shown({n: {m: said(v) for m, v in metrics.items()} for n, metrics in each})


def splits_table(
    found: dict,  # a report with `splits`
) -> str:  # Markdown
    "The first metric with its interval and the rank of every recommender, a column for each split"
    rows: dict[str, dict] = {}
    for n, row in found["splits"]["table"].items():
        names = dict.fromkeys(c.rsplit(" ", 1)[0] for c in row)
        cells = {s: {c.rsplit(" ", 1)[1]: v for c, v in row.items() if c.rsplit(" ", 1)[0] == s} for s in names}
        rows[n] = {}
        for s, v in cells.items():
            rows[n][s] = f"{v['mean']:.4f} [{v['low']:.4f}, {v['high']:.4f}]"
            rows[n][f"rank, {s}"] = v.get("rank", np.nan)
    return _shown(rows)


def by_split(
    *paths: str | Path,  # Files of `benchmarks/results/` with rows as `benchmarks/movielens.py` writes them
) -> pd.DataFrame:  # one row per recommender, one column per split: NDCG@10 and its standard error, as text
    """Figures of several splits beside each other, the best first; a star marks peers that were measured apart.

    Of rows with the same name and split, that of the earliest file counts.
    """
    found = [read_json(path)["result"] for path in paths]
    rows = [row for each in found for row in (each["recommenders"] if isinstance(each, dict) else each)]
    df = pd.DataFrame(rows).reindex(columns=["name", "split", "ndcg@10", "measured", "uses_ranking"])
    df = df.drop_duplicates(["name", "split"], ignore_index=True)
    df["name"] += np.where(df["measured"].isna(), "", " *")
    number = pd.DataFrame(df["ndcg@10"].tolist())
    unused = np.where(df["uses_ranking"].eq(False), " (ranking not used)", "")
    df["shown"] = number["mean"].map("{:.3f}".format) + number["se"].map(" ± {:.3f}".format) + unused
    order = number["mean"].groupby(df["name"]).max().sort_values(ascending=False).index
    return df.pivot(index="name", columns="split", values="shown").loc[order].fillna("").rename_axis(None)

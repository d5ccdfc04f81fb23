"""Tables: frames as Markdown, and frames as nested dicts for JSON."""

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["as_dict", "by_split", "markdown", "named", "row_name", "table"]


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


def by_split(
    path: Path,  # JSON lines that `benchmarks/movielens.py` printed
) -> pd.DataFrame:  # one row per recommender, one column per split: NDCG@10 and its standard error, as text
    "Figures of several splits beside each other, the best first; a star marks peers that were measured apart"
    df = pd.read_json(path, lines=True)
    df["name"] += np.where(df["measured"].isna(), "", " *")
    number = pd.DataFrame(df["ndcg@10"].tolist())
    unused = np.where(df["uses_ranking"].eq(False), " (ranking not used)", "")
    df["shown"] = number["mean"].map("{:.3f}".format) + number["se"].map(" ± {:.3f}".format) + unused
    order = number["mean"].groupby(df["name"]).max().sort_values(ascending=False).index
    return df.pivot(index="name", columns="split", values="shown").loc[order].fillna("").rename_axis(None)

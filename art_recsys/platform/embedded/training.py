"""Training data of a feature view: cut by time or by share, kept under a version so that it can be read again

A version of `train_test_split` and its like is a plan: reading it again asks the feature groups again, within the same
times or with the same draw. A version of `create_train_test_split` and its like also keeps the rows, as they were.
"""

import random
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.config import read_json, read_parquet, write_atomic, write_json, write_parquet
from art_recsys.platform.embedded.base import StoreError, locked, unwritable
from art_recsys.platform.embedded.sql import sql_time

SEED = 42  # of a draw for which none was given; on Hopsworks such a draw differs every time
SPLITS = {"get_training_data": ("all",), "get_train_test_split": ("train", "test")}
SPLITS["get_train_validation_test_split"] = ("train", "validation", "test")


def milliseconds(
    value: Any,  # Time in any form that the SDK takes
) -> int | None:
    """A time in any of the SDK's forms, as the SDK keeps it; None where none is given"""
    moment = sql_time(value or None)
    return None if moment is None else round(moment.timestamp() * 1000)


def plan(
    names: Iterable[str],  # Names of the parts
    times: list | None = None,  # Start and end of each part
    shares: list[float] | None = None,  # Share of each part; instead of `times`
    seed: int | None = None,  # Of the draw by share
    extra_filter: Any = None,  # `Filter` or `Logic`, or its JSON
    description: str | None = "",  # For people
) -> dict:
    """The plan of a version: spans of time `start <= t < end`, the last one up to now at most; or shares and a seed"""
    spans = times and [[milliseconds(start), milliseconds(end)] for start, end in times]
    if spans and spans[-1][1] is None:
        spans[-1][1] = round(time.time() * 1000)
    return {
        "names": list(names),
        "times": spans,
        "shares": shares,
        "seed": SEED if seed is None else seed,
        "filter": extra_filter,
        "description": description,
    }


def keep(
    folder: Path,  # Folder on disk
    plan: dict,  # From `plan`
    parts: dict[str, pd.DataFrame] | None = None,  # Rows by name of the part
) -> int:
    """Write a plan, and its rows where `parts` gives them; returns the number of the version. Raises `UserError`"""
    with locked(folder):
        version = 1 + max((int(p.name) for p in folder.iterdir() if p.name.isdigit()), default=0)
        try:
            with write_atomic(folder / str(version)) as temp:  # the version appears whole or not at all
                temp.mkdir()
                write_json(plan, temp / "plan.json")
                for name, df in (parts or {}).items():
                    write_parquet(df, temp / f"{name}.parquet")
        except OSError as e:
            raise unwritable(folder / str(version), e) from e
    return version


def load(
    folder: Path,  # Folder on disk
    version: int | None,  # Version of the training data
    names: Sequence[str],  # Names of the parts
    view: str,  # Name of the view, for messages
) -> tuple[dict, dict[str, pd.DataFrame] | None]:
    """A plan, and its rows or None; raises `StoreError` where there is no such version, `ValueError` for other parts
    than the kept ones
    """
    try:
        plan = read_json(folder / str(version) / "plan.json")
    except FileNotFoundError:
        raise StoreError(
            f"The feature view {view} has no training dataset of version {version}.",
            "use a version that a create_ call returned, or get_last_accessed_training_dataset()",
        ) from None
    if list(names) != plan["names"]:
        right = next(call for call, parts in SPLITS.items() if list(parts) == plan["names"])
        raise ValueError(f"Incorrect `get` method is used. Use `feature_view.{right}` instead.")
    files = {n: folder / str(version) / f"{n}.parquet" for n in names}
    return plan, {n: read_parquet(p) for n, p in files.items()} if files[names[0]].is_file() else None


def cut(
    df: pd.DataFrame,  # A frame
    plan: dict,  # From `plan`
    clock: str | None,  # Column with the event time
    order: list[str],  # Columns that tell rows apart
) -> dict[str, pd.DataFrame]:
    """The parts of a frame by name"""
    if plan["times"]:
        return dict(zip(plan["names"], _by_time(df, clock, plan["times"]), strict=True))
    if len(plan["names"]) == 1:
        return {plan["names"][0]: df}
    df = df.sort_values(order, ignore_index=True)  # a draw by a seed needs rows that always come in the same order
    return dict(zip(plan["names"], _by_share(df, plan["shares"], plan["seed"]), strict=True))


def _by_time(df: pd.DataFrame, clock: str | None, spans: list) -> list[pd.DataFrame]:
    times = pd.to_datetime(df[clock], utc=True)
    bounds = [[None if ms is None else datetime.fromtimestamp(ms / 1000, UTC) for ms in span] for span in spans]
    inside = lambda start, end: (start is None or times >= start) & (end is None or times < end)  # noqa: E731
    return [df[np.broadcast_to(inside(start, end), len(df))] for start, end in bounds]


def _by_share(df: pd.DataFrame, shares: list[float], seed: int) -> list[pd.DataFrame]:
    """As the SDK's Python engine draws"""
    counts = [int(len(df) * s) for s in shares]
    counts[-1] = len(df) - sum(counts[:-1])
    drawn = np.repeat(np.arange(len(shares)), counts).tolist()
    random.Random(seed).shuffle(drawn)
    which = np.array(drawn, dtype=int)
    return [df[which == i] for i in range(len(shares))]

"""The dated event log of a simulated crowd, as Arrow tables: one per chunk of users, so that memory stays small."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from art_recsys.config import Settings, progress, rng, write_atomic
from art_recsys.core import EVENT_COLS, Cols, Event

from .behaviour import BEHAVIOUR, Behaviour
from .choices import Choices, choose, until_decided
from .pages import Tastes, draw_pages
from .sessions import SECOND, draw_focus, draw_sessions
from .truth import Truth

__all__ = ["EVENT_SCHEMA", "count_events", "event_table", "simulate_events", "simulate_users", "write_events"]

_KINDS = {Cols.ts: pa.timestamp("us", "UTC"), Cols.position: pa.float64(), Cols.propensity: pa.float64()}
EVENT_SCHEMA = pa.schema([(c, _KINDS.get(c, pa.string())) for c in EVENT_COLS])
_CODES = (Event.impression, *Choices._fields)


def _as_log(
    user: np.ndarray,
    item_index: np.ndarray,
    ts: np.ndarray,
    page: np.ndarray,
    position: np.ndarray,
    propensity: np.ndarray,
    choices: Choices,
) -> dict[str, np.ndarray]:
    """One row per event: arrays user, item_index, code, ts, page, position, propensity, in order of user and time.

    A position is examined after the one above it, and a click comes before its like.
    """
    examined = ts + (position * 6 + 3) * SECOND
    when = [
        ts + position * 10_000,
        examined,
        examined + 2 * SECOND + (item_index % 3000) * 1000,
        examined + 9 * SECOND + (item_index % 5000) * 1000,
        examined + SECOND,
    ]
    rows = [np.arange(len(user)), *(np.flatnonzero(mask) for mask in choices)]
    at = np.concatenate(rows)
    log = {
        "user": user[at],
        "item_index": item_index[at],
        "code": np.repeat(np.arange(len(_CODES), dtype=np.int8), [len(x) for x in rows]),
        "ts": np.concatenate([w[x] for w, x in zip(when, rows, strict=True)]),
        "page": page[at],
        "position": position[at] + 1,
        "propensity": propensity[at],
    }
    order = np.lexsort((log["code"], log["ts"], log["user"]))
    return {k: v[order] for k, v in log.items()}


def simulate_users(
    t: Truth,  # Its `focus` is moved to where each of these users ends
    rows: np.ndarray,  # int, ascending rows of `t.user_ids`
    days: int,  # Length of the log
    seed: int,  # Of the run
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> dict[str, np.ndarray]:  # user, item_index, code of the event, ts (microseconds), page, position, propensity
    "Everything that some users see and do"
    r = rng(seed, "walk", int(rows[0]))
    sessions = draw_sessions(r, len(rows), days, b)
    focus = draw_focus(r, rows[sessions.user], t.interests[rows[sessions.user]], b)
    t.focus[rows[sessions.user]] = focus  # later sessions overwrite earlier ones
    s = np.repeat(np.arange(len(sessions.user)), sessions.pages)  # session of each page
    user = sessions.user[s]
    nth = np.arange(len(s)) - np.repeat(np.cumsum(sessions.pages) - sessions.pages, sessions.pages)
    first = np.flatnonzero(np.r_[True, user[1:] != user[:-1]])
    tastes = Tastes.of(t, rows, b)
    items, own, propensity = draw_pages(r, tastes, t, user, focus[s], first, rows, b)
    choices = choose(r, tastes.appeal(t, user, focus[s], items, b), own, items >= 0, b)
    at, position = np.nonzero(items >= 0)
    shown, choices = items[at, position], Choices(*(mask[at, position] for mask in choices))
    keep = until_decided(user[at], shown, choices.like | choices.hide, len(t.artwork_ids))
    page = np.arange(len(s)) - first[np.searchsorted(first, np.arange(len(s)), "right") - 1]
    start = sessions.start[s] + nth * 150 * SECOND
    return _as_log(
        user=rows[user[at]][keep],
        item_index=shown[keep],
        ts=start[at][keep],
        page=page[at][keep],
        position=position[keep],
        propensity=propensity[at, position][keep],
        choices=Choices(*(mask[keep] for mask in choices)),
    )


def event_table(
    log: dict[str, np.ndarray],  # From `simulate_users`
    t: Truth,  # Has the ids of users and artworks
    start: int,  # First day of the log, microseconds since 1970
) -> pa.Table:  # Normalised, with `EVENT_SCHEMA`
    "A chunk of the log as an Arrow table; ids are made column by column"
    user = pa.array(t.user_ids).take(pa.array(log["user"]))
    first = np.searchsorted(log["user"], log["user"])

    def number(v: np.ndarray, width: int) -> pa.Array:
        return pc.utf8_lpad(pc.cast(pa.array(v), pa.string()), width, "0")

    columns = {
        Cols.event_id: pc.binary_join_element_wise(user, number(np.arange(len(first)) - first, 5), "-"),
        Cols.user_id: user,
        Cols.artwork_id: pa.array(t.artwork_ids).take(pa.array(log["item_index"])),
        Cols.event: pa.array(_CODES).take(pa.array(log["code"])),
        Cols.ts: pa.array(start + log["ts"], pa.timestamp("us", "UTC")),
        Cols.position: pa.array(log["position"].astype(float)),
        Cols.request_id: pc.binary_join_element_wise(user, number(log["page"], 4), "-p"),
        Cols.model_version: pa.repeat("synthetic", len(first)),
        Cols.propensity: pa.array(log["propensity"].astype(float), from_pandas=True),
    }
    return pa.table({c: columns[c] for c in EVENT_COLS}, schema=EVENT_SCHEMA)


def simulate_events(
    t: Truth,  # From `draw_truth`; its `focus` is moved to where the log ends
    settings: Settings,  # `days`, `end_date`, `seed`
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> Iterator[pa.Table]:  # With `EVENT_SCHEMA`, chunk by chunk of users, each user in order of time
    "Let all users come, look and choose"
    end = pd.Timestamp(settings.end_date, tz="UTC") + pd.Timedelta(days=1)
    start = (end - pd.Timedelta(days=settings.days)).value // 1000
    size = int(np.clip(8_000_000 // (3 * len(t.artwork_ids)), 16, 1000))  # keeps a chunk's matrices in tens of MB
    for i in progress(range(0, len(t.user_ids), size), "events"):
        rows = np.arange(i, min(i + size, len(t.user_ids)))
        yield event_table(simulate_users(t, rows, settings.days, settings.seed, b), t, start)


def write_events(
    t: Truth,  # From `draw_truth`; its `focus` is moved to where the log ends
    settings: Settings,  # `days`, `end_date`, `seed`
    path: Path,  # `events.parquet`
) -> None:
    "Simulate the log into a file, chunk by chunk"
    with write_atomic(path) as temp, pq.ParquetWriter(temp, EVENT_SCHEMA, compression="zstd") as out:
        for table in simulate_events(t, settings):
            out.write_table(table)


def count_events(
    path: Path,  # `events.parquet`
) -> dict[str, int]:  # `events, likes, impressions, days`
    "Events by kind and the days they span, read in batches"
    n: Counter = Counter()
    low, high = [], []
    for batch in pq.ParquetFile(path).iter_batches(500_000, columns=[Cols.event, Cols.ts]):
        n.update({v["values"]: v["counts"] for v in pc.value_counts(batch[Cols.event]).to_pylist()})
        m = pc.min_max(batch[Cols.ts]).as_py()
        low.append(m["min"])
        high.append(m["max"])
    return {
        "events": sum(n.values()),
        "likes": n[Event.like],
        "impressions": n[Event.impression],
        "days": (max(high).date() - min(low).date()).days + 1,
    }

"""A log that is too long for pandas: its tables come from DuckDB in batches, and only a part of it is read to train.

Where a log has `LONG` events or more, the features stage never holds it in memory. Where it has more than `MANY`
decisions, models read all decisions, but what was merely shown or clicked only from the last quarter of their time:
the ranking model learns from the latest pages, and nothing else reads a page.
"""

import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from art_recsys.config import Home
from art_recsys.core import EVENT_COLS, Cols, Event, as_events

from .engines import DuckEngine
from .expressions import events_table, likes, ranking_rows

__all__ = ["DECISIONS", "LATEST", "LONG", "MANY", "Batches", "add_events", "is_long", "long_tables", "read_events"]

LONG = 2_000_000  # events
MANY = 300_000  # likes, unlikes and hides
LATEST = 0.75  # share of the decisions after which everything is read
DECISIONS = [Event.like, Event.unlike, Event.hide]


def is_long(
    file: Path,  # Parquet; it may be missing
) -> bool:
    "Whether a log has `LONG` events or more; only the footer of the file is read"
    return file.is_file() and pq.ParquetFile(file).metadata.num_rows >= LONG


class Batches:
    "The rows of a table as frames, one after the other; the number of rows is known before"

    def __init__(
        self,
        rows: int,
        frames: Callable[[], Iterator[pd.DataFrame]],  # a new iterator each time
    ):
        self.rows, self.frames = rows, frames

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[pd.DataFrame]:
        return self.frames()


def add_events(
    engine: DuckEngine,
    file: Path,  # Parquet, a log that is normalised: each event once
    visitors: pd.DataFrame,  # their events, normalised, with `EVENT_COLS`; of these artworks
    artwork_ids: pd.Series,  # the catalogue: events of other works are left out
) -> None:
    "Make the table `events` known to an engine: both logs as one"
    engine.add("given", file)
    engine.add("visitors", pa.Table.from_pandas(visitors[EVENT_COLS], preserve_index=False))
    engine.add("known", pa.table({Cols.artwork_id: pa.array(artwork_ids, pa.string())}))
    columns = ", ".join(EVENT_COLS)
    engine.con.execute(
        f"CREATE VIEW events AS SELECT {columns} FROM given SEMI JOIN known USING (artwork_id) "
        f"UNION ALL BY NAME SELECT {columns} FROM visitors"
    )


def long_tables(
    home: Home,  # with `events.parquet`
    visitors: pd.DataFrame,  # their events, with `EVENT_COLS`
    artwork_ids: pd.Series,  # the catalogue: events of other works are dropped
    report: Counter,  # filled with the number of dropped rows by reason
) -> dict[str, Batches]:  # `interactions, transactions, ranking`
    """The tables of the features stage by DuckDB, for a log that the users stage has normalised.

    Its rows have their kinds and ids, each id once; what is left to drop is events of works that are gone.
    """
    spill = Path(tempfile.mkdtemp(prefix="spill-", dir=home.path))
    engine = DuckEngine(spill)
    weakref.finalize(engine, shutil.rmtree, spill, ignore_errors=True)  # also where nobody reads all tables
    seen = as_events(visitors, artwork_ids, report)[EVENT_COLS]
    report["visitor events"] += len(seen)
    add_events(engine, home.file("events.parquet"), seen, artwork_ids)
    events = events_table()
    kind = Event.like if engine.count(events.filter(events[Cols.event] == Event.like)) else Event.click
    tables = {"interactions": events, "transactions": likes(events, kind), "ranking": ranking_rows(events, kind)}
    given = pq.ParquetFile(home.file("events.parquet")).metadata.num_rows
    counts = {name: engine.count(table) for name, table in tables.items()}
    if lost := given + len(seen) - counts["interactions"]:
        report["event of an unknown work"] += lost

    def frames(name: str, table: ir.Table) -> Callable[[], Iterator[pd.DataFrame]]:
        def of() -> Iterator[pd.DataFrame]:
            for batch in engine.batches(table):
                yield batch.to_pandas()
            if name == "ranking":  # the last of the three: nothing is read after it
                engine.con.close()
                shutil.rmtree(spill, ignore_errors=True)

        return of

    return {name: Batches(counts[name], frames(name, table)) for name, table in tables.items()}


def read_events(
    log: Any,  # the feature group `interactions`
) -> pd.DataFrame:  # its columns, in no order
    "What models read of a log: everything, or of a long one what the head of this module says"
    decided = log.filter(log[Cols.event].isin(DECISIONS)).read()
    if len(decided) <= MANY:
        return log.read()
    cut = decided[Cols.ts].sort_values().iloc[int(LATEST * len(decided))].floor("s")
    return pd.concat([decided[decided[Cols.ts] < cut], log.read(start_time=cut.to_pydatetime())], ignore_index=True)

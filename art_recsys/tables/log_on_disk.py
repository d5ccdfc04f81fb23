"""A log that is never in memory: what a training asks of it, answered by DuckDB from Parquet files.

Its events are those that `long_log.read_events` would read. A training asks for numbers (how often each artwork was
liked, where to cut the log), for the likes of a few users, and for a stream of all likes by user.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from art_recsys.core import Cols, Event, as_events

from .engines import DuckEngine, quoted
from .expressions import events_table, likes_with_ids
from .long_log import DECISIONS, LATEST, MANY, add_events

__all__ = ["LogOnDisk", "log_on_disk"]

HASHED = 2**19  # events in memory at once where all are looked at


class LogOnDisk:
    "The events before a time, and the likes that stood at that time"

    def __init__(
        self,
        engine: DuckEngine,  # that knows the table `events`
        folder: Path,  # for a file of the likes
        end: pd.Timestamp | None = None,  # only events before this time; None: all
    ):
        self.engine, self.folder, self.end = engine, folder, end
        events = events_table()
        before = "" if end is None else f" AND ts < TIMESTAMPTZ '{end.isoformat()}'"
        decided = f"event IN ({', '.join(repr(k) for k in DECISIONS)})"
        n = self.one(f"SELECT count(*) FROM events WHERE {decided}")
        later = ""
        if n > MANY:  # as `read_events`
            cut = f"SELECT ts FROM events WHERE {decided} ORDER BY ts LIMIT 1 OFFSET {int(LATEST * n)}"
            later = f" AND ({decided} OR ts >= date_trunc('second', ({cut})))"
        self.where = f"TRUE{before}{later}"
        kind = self.one(f"SELECT count(*) > 0 FROM events WHERE event = '{Event.like}'{before}")
        if end is not None:
            events = events.filter(events[Cols.ts] < end)
        self.file = folder / f"likes {'all' if end is None else end.isoformat()}.parquet"
        self.engine.write(likes_with_ids(events, Event.like if kind else Event.click), self.file)
        self.likes = f"read_parquet({quoted(str(self.file))})"

    def one(self, query: str) -> Any:
        "The only value that a query in SQL answers"
        return self.engine.con.sql(query).fetchall()[0][0]

    def frame(self, query: str) -> pd.DataFrame:
        "What a query in SQL answers, where that is not much"
        return self.engine.con.sql(query).df()

    def __len__(self) -> int:
        return int(self.one(f"SELECT count(*) FROM {self.likes}"))

    def before(
        self,
        end: pd.Timestamp,
    ) -> "LogOnDisk":
        "The same log up to a time"
        return LogOnDisk(self.engine, self.folder, end)

    def cut(
        self,
        share: float,  # of the likes, the latest ones
    ) -> pd.Timestamp:
        "Where `core.split_by_time` cuts the log; there must be a like"
        n = len(self)
        at = min(n - 1, round(n * (1 - share)))
        find = f"SELECT epoch_us(ts) FROM {self.likes} ORDER BY ts LIMIT 1 OFFSET "
        micro = self.one(f"{find}{at}")
        first = self.one(f"SELECT count(*) FROM {self.likes} WHERE epoch_us(ts) < {micro}")
        after = self.one(f"SELECT count(*) FROM {self.likes} WHERE epoch_us(ts) <= {micro}")
        if after < n and (first == 0 < at or after - at < at - first):
            micro = self.one(f"{find}{after}")
        return pd.Timestamp(micro, unit="us", tz="UTC")

    def times(self) -> tuple[int, pd.Timestamp | None]:
        "How many different times the likes have, and the latest of them"
        n, last = self.engine.con.sql(f"SELECT count(DISTINCT ts), max(epoch_us(ts)) FROM {self.likes}").fetchall()[0]
        return int(n), None if last is None else pd.Timestamp(last, unit="us", tz="UTC")

    def counts(
        self,
        column: str,  # `artwork_id` or `user_id`
    ) -> pd.Series:
        "How many likes each id has"
        found = self.frame(f"SELECT {column} AS id, count(*) AS n FROM {self.likes} GROUP BY 1")
        return pd.Series(found["n"].to_numpy(), found["id"].astype(object))

    def other_users(
        self,
        users: pd.Series,  # ids
    ) -> pd.Series:
        "The users of the log who are not among these, in the order of their first event"
        self.engine.add("asked", pa.table({Cols.user_id: pa.array(users, pa.string())}))
        return self.frame(
            f"SELECT user_id FROM (SELECT * FROM events WHERE {self.where}) ANTI JOIN asked USING (user_id) "
            "GROUP BY 1 ORDER BY min((ts, event_id))"
        )[Cols.user_id].astype(object)

    def later_likes(
        self,
        cut: pd.Timestamp,
    ) -> pd.DataFrame:  # `user_id`, one row per like since `cut`, in order of time
        "Whose the later likes are"
        return self.frame(f"SELECT user_id FROM {self.likes} WHERE ts >= '{cut.isoformat()}' ORDER BY ts, event_id")

    def likes_of(
        self,
        users: list[str],
        since: pd.Timestamp | None = None,  # None: all
    ) -> pd.DataFrame:  # `user_id, artwork_id, row`, oldest first; `row` counts the likes of all users since then
        "The likes of some users"
        self.engine.add("asked", pa.table({Cols.user_id: pa.array(users, pa.string())}))
        where = "TRUE" if since is None else f"ts >= '{since.isoformat()}'"
        return self.frame(
            "SELECT user_id, artwork_id, row FROM (SELECT *, row_number() OVER (ORDER BY ts, event_id) - 1 AS row "
            f"FROM {self.likes} WHERE {where}) SEMI JOIN asked USING (user_id) ORDER BY row"
        )

    def sequences(
        self,
        users: list[str],  # ids; a user is a position among them
        works: list[str],  # ids; an artwork is a position among them
    ) -> Iterator[pa.RecordBatch]:  # `user, work`, int32
        "All likes by user, those of each user oldest first"
        for name, ids in (("every_user", users), ("every_work", works)):
            at = pa.array(range(len(ids)), pa.int32())
            self.engine.add(name, pa.table({"id": pa.array(ids, pa.string()), "n": at}))
        rows = (
            f"SELECT u.n AS user, w.n AS work FROM {self.likes} AS l JOIN every_user AS u ON u.id = l.user_id "
            "JOIN every_work AS w ON w.id = l.artwork_id ORDER BY u.n, l.ts, l.event_id"
        )
        yield from self.engine.con.sql(rows).to_arrow_reader(HASHED)

    def parts(self) -> Iterator[pd.DataFrame]:  # `user_id, artwork_id, event, ts`
        "All events, some at a time, in no order"
        rows = f"SELECT user_id, artwork_id, event, ts FROM events WHERE {self.where}"
        for batch in self.engine.con.sql(rows).to_arrow_reader(HASHED):
            part = batch.to_pandas()
            yield part.astype({c: object for c in (Cols.user_id, Cols.artwork_id, Cols.event)}).assign(
                ts=part[Cols.ts].astype("datetime64[us, UTC]")
            )


@contextmanager
def log_on_disk(
    file: Path,  # Parquet, a log that is normalised
    visitors: pd.DataFrame,  # events of visitors
    artwork_ids: pd.Series,  # the catalogue: events of other works are left out
) -> Iterator[LogOnDisk]:
    "The log for as long as it is needed; what DuckDB writes meanwhile is in a folder beside the file"
    folder = Path(tempfile.mkdtemp(prefix="spill-", dir=file.parent))
    try:
        with DuckEngine(folder) as engine:
            add_events(engine, file, as_events(visitors, artwork_ids), artwork_ids)
            yield LogOnDisk(engine, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""The event store: an append-only log of what visitors did. Events are acknowledged once they are on disk.

The log is one SQLite file in WAL mode; only `forget` deletes from it. What visitors ask for more or less of has a table
of its own beside the events, because it is not about one artwork. One thread writes. It puts all waiting events
into one short transaction with one fsync, so a hundred simultaneous likes cost little more than one. What a visitor
likes or hides now is always derived from the log. Other processes may read and write the same file.
"""

import queue
import sqlite3
import threading
import uuid
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from art_recsys.config import UserError, open_sqlite
from art_recsys.core import EVENT_COLS, Cols, Event

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EventStore", "StoreError", "Written", "as_ts"]

_DECISIONS = f"event in ('{Event.like}', '{Event.unlike}', '{Event.hide}')"
_DDL = f"""
create table if not exists events(
  event_id text primary key, user_id text not null, artwork_id text not null, event text not null, ts text not null,
  position real, request_id text, model_version text, propensity real);
create index if not exists decisions on events(user_id, artwork_id) where {_DECISIONS};
create table if not exists steering(
  event_id text primary key, user_id text not null, direction text not null, kind text not null, value text not null,
  ts text not null);
create index if not exists wishes on steering(user_id);
"""
_STEERING_COLS = ("event_id", "user_id", "direction", "kind", "value", "ts")
_STEER = f"""insert into steering({", ".join(_STEERING_COLS)}) values({", ".join("?" * len(_STEERING_COLS))})
on conflict(event_id) do nothing"""
_WISHES = """select kind, value, direction, max(rowid) as last from steering where user_id = ?
group by kind, value order by last"""
_INSERT = f"""insert into events({", ".join(EVENT_COLS)}) values({", ".join("?" * len(EVENT_COLS))})
on conflict(event_id) do nothing"""
_STATE = f"""select artwork_id, event, max(rowid) as last from events where user_id = ? and {_DECISIONS}
group by artwork_id order by last"""
_TICK = timedelta(microseconds=1)
_STOP = object()


class Written(NamedTuple):
    "Result of writing a batch of events"

    accepted: int  # rows that are new on disk
    duplicates: int  # events whose id was already in the store


class StoreError(RuntimeError):
    "The store could not write. No event of the batch was stored, so the batch may be sent again."


def as_ts(when: datetime) -> str:
    "Format `when` (with its time zone) for the store: ISO 8601, UTC, microseconds; text order is time order"
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def _parse_ts(ts: str | datetime | None) -> datetime | None:
    "Parse ISO text or a `datetime`; None and empty text give None; no time zone means UTC"
    return None if ts is None or ts == "" else _in_utc(ts)


def _in_utc(ts: str | datetime) -> datetime:
    "Parse ISO text or a `datetime`; no time zone means UTC"
    when = ts if isinstance(ts, datetime) else datetime.fromisoformat(str(ts))
    return when if when.tzinfo else when.replace(tzinfo=UTC)


class EventStore:
    """Append-only log of events in one SQLite file.

    The constructor raises `UserError` if the file cannot be opened. Methods that write raise `StoreError` if nothing
    could be written.
    """

    def __init__(
        self,
        path: Path,  # For example `home/events.db`; created if missing
        timeout: float = 5.0,  # Seconds to wait while another process writes
    ):
        self.path, self._timeout = Path(path), timeout
        self._queue: queue.SimpleQueue = queue.SimpleQueue()
        self._readers: list[sqlite3.Connection] = []
        self._local, self._closed = threading.local(), threading.Lock()
        self._last, self._open = datetime.min.replace(tzinfo=UTC), True
        try:
            with self._connect() as db:
                db.executescript(_DDL)
                last = db.execute("select max(ts) from events").fetchone()[0]
            db.close()
        except sqlite3.Error as e:
            raise UserError(
                f"The event store {self.path} cannot be opened ({e}).",
                "check that its folder is writable; if the file is broken, move it away",
            ) from None
        if last:
            self._last = _in_utc(last)
        self._thread = threading.Thread(target=self._write_forever, name="event-store", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"EventStore({self.path.name})"

    def _connect(self) -> sqlite3.Connection:
        db = open_sqlite(self.path, self._timeout, isolation_level=None, check_same_thread=False)
        db.execute("pragma secure_delete=on")  # deleted rows are overwritten
        db.execute("pragma synchronous=full")  # each commit is an fsync, so an acknowledged like survives a power cut
        return db

    # ---- writing -------------------------------------------------------------------------------------------------
    def submit(
        self,
        events: Iterable[dict],  # Keys from EVENT_COLS; or `user_id, direction, kind, value`, perhaps with `event_id`
    ) -> Future:  # Resolves to `Written` when the events are on disk
        "Pass events to the writing thread without waiting"
        return self._put([dict(e) for e in events])

    def _put(self, job: list[dict] | str) -> Future:
        "Queue a list of events, or the id of a visitor to forget"
        done: Future = Future()
        with self._closed:
            if not self._open:
                raise StoreError("the event store is closed")
            self._queue.put((job, done))
        return done

    def append(self, events: Iterable[dict]) -> Written:
        "Write `events` (as for `submit`) in one transaction and wait until they are on disk. Raises `StoreError`."
        return self.submit(events).result()

    def forget(self, user_id: str) -> int:  # Rows deleted
        "Delete and overwrite all events of a visitor and wait until that is on disk. Raises `StoreError`."
        return self._put(user_id).result()

    def _write_forever(self) -> None:
        db = self._connect()
        while (job := self._queue.get()) is not _STOP:
            jobs = [job]
            while len(jobs) < 256 and not self._queue.empty():
                if (job := self._queue.get()) is _STOP:
                    self._queue.put(_STOP)
                    break
                jobs.append(job)
            self._write(db, jobs)
        db.execute("pragma wal_checkpoint(truncate)")
        db.close()

    def _write(self, db: sqlite3.Connection, jobs: list[tuple[list[dict] | str, Future]]) -> None:
        "Write all waiting batches in one transaction; if one of them is invalid, write each in its own"
        try:
            db.execute("begin immediate")
            results = [self._insert(db, events) for events, _ in jobs]
            db.execute("commit")
        except Exception as e:
            if db.in_transaction:
                db.execute("rollback")
            if len(jobs) > 1 and not isinstance(e, sqlite3.OperationalError):
                for job in jobs:
                    self._write(db, [job])
                return
            error = StoreError(f"the event store could not write: {e}") if isinstance(e, sqlite3.Error) else e
            for _, done in jobs:
                done.set_exception(error)
        else:
            if any(isinstance(events, str) for events, _ in jobs):
                db.execute("pragma wal_checkpoint(truncate)")
            for (_, done), result in zip(jobs, results, strict=True):
                done.set_result(result)

    def _insert(self, db: sqlite3.Connection, events: list[dict] | str) -> Written | int:
        if isinstance(events, str):
            tables = ("events", "steering")
            return sum(db.execute(f"delete from {t} where user_id = ?", (events,)).rowcount for t in tables)
        accepted = 0
        for e in events:
            if "direction" in e:
                row = {**e, Cols.event_id: e.get(Cols.event_id) or uuid.uuid4().hex, Cols.ts: as_ts(datetime.now(UTC))}
                accepted += db.execute(_STEER, [row.get(c) for c in _STEERING_COLS]).rowcount
                continue
            row = {**e, Cols.event_id: e.get(Cols.event_id) or uuid.uuid4().hex, Cols.ts: self._moment(db, e)}
            accepted += db.execute(_INSERT, [row.get(c) for c in EVENT_COLS]).rowcount
        return Written(accepted, len(events) - accepted)

    def _moment(self, db: sqlite3.Connection, e: dict) -> str:
        """The timestamp to store for an event.

        It is never in the future, and never before an earlier decision of the same visitor on the same work. The log
        sorted by time then gives the same state as the order of arrival, even if a clock went backwards.
        """
        now = datetime.now(UTC)
        if (given := _parse_ts(e.get(Cols.ts))) is None:
            self._last = when = max(now, self._last + _TICK)
            return as_ts(when)
        last = db.execute(
            f"select max(ts) from events where user_id = ? and artwork_id = ? and {_DECISIONS}",
            (e[Cols.user_id], e[Cols.artwork_id]),
        ).fetchone()[0]
        when = min(given, now)
        return as_ts(max(when, _in_utc(last) + _TICK) if last else when)

    # ---- reading -------------------------------------------------------------------------------------------------
    def _reader(self) -> sqlite3.Connection:
        "The reading connection of this thread"
        if not hasattr(self._local, "db"):
            self._local.db = self._connect()
            self._readers.append(self._local.db)
        return self._local.db

    def decisions(self, user_id: str) -> dict[str, str]:
        "The last decision of `user_id` on each work: `{artwork_id: like|unlike|hide}`, oldest first"
        return {work: event for work, event, _ in self._reader().execute(_STATE, (user_id,))}

    def likes(self, user_id: str) -> list[str]:
        "Ids of the works that the visitor `user_id` likes now, newest first"
        return [w for w, e in self.decisions(user_id).items() if e == Event.like][::-1]

    def hidden(self, user_id: str) -> list[str]:
        "Ids of the works that the visitor `user_id` hides now, newest first"
        return [w for w, e in self.decisions(user_id).items() if e == Event.hide][::-1]

    def steering(self, user_id: str) -> list[dict[str, str]]:
        "What `user_id` asks for more or less of now: `{direction, kind, value}`, the last word on each, oldest first"
        rows = self._reader().execute(_WISHES, (user_id,))
        return [{"direction": d, "kind": k, "value": v} for k, v, d, _ in rows if d != "neutral"]

    def users(self) -> list[str]:
        "Ids of all users with events"
        return [u for (u,) in self._reader().execute("select distinct user_id from events")]

    def rows(self, user_id: str | None = None) -> list[dict]:  # Keys: `EVENT_COLS`
        "The events of the visitor `user_id`, or of all if None, in order of arrival"
        where, args = (" where user_id = ?", (user_id,)) if user_id else ("", ())
        cursor = self._reader().execute(f"select {', '.join(EVENT_COLS)} from events{where} order by rowid", args)
        return [dict(zip(EVENT_COLS, row, strict=True)) for row in cursor]

    def frame(self) -> "pd.DataFrame":
        "The log as a normalised events frame (`as_events`)"
        import pandas as pd

        from art_recsys.core import as_events

        return as_events(pd.DataFrame(self.rows(), columns=EVENT_COLS))

    def __len__(self) -> int:
        return self._reader().execute("select count(*) from events").fetchone()[0]

    # ---- end -----------------------------------------------------------------------------------------------------
    def close(self) -> None:
        "Write all waiting events, then close the file"
        with self._closed:
            if not self._open:
                return
            self._open = False
            self._queue.put(_STOP)
        self._thread.join()
        for db in self._readers:
            db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

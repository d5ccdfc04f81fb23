"""The event store: an append-only log of what visitors did. Events are acknowledged once they are on disk.

The log is one SQLite file in WAL mode; only `forget` deletes from it. What visitors ask for more or less of, and their
rooms, have tables of their own beside the events (`tables`). One thread writes. It puts all that waits into one short
transaction with one fsync, so a hundred simultaneous likes cost little more than one. What a visitor likes or hides now
is always derived from the log. Other processes may read and write the same file.

Events are ordered by the sequence in which they arrived (`rowid`) and dated by the clock. A clock that was wrong for a
while dates some events wrongly, and never the order.
"""

import queue
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from art_recsys.config import UserError, open_sqlite
from art_recsys.config.private import make_private
from art_recsys.core import EVENT_COLS, Cols, Event

from .backups import rescue
from .store_file import BACKUPS, MOVED, RECOVER, OpenFiles, StoreError, backups_of, cannot_open, cannot_write
from .tables import DDL, DECISIONS, EXPOSE, EXPOSURE_COLS, FORGET, INSERT, STATE, STEER, STEERING_COLS, WISHES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EventStore", "StoreError", "Written", "as_ts"]

_TICK, _DRIFT = timedelta(microseconds=1), timedelta(seconds=1)
_STOP = object()
T = TypeVar("T")


class Written(NamedTuple):
    "Result of writing a batch of events"

    accepted: int  # rows that are new on disk
    duplicates: int  # events whose id was already in the store


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
        self._last, self._open, self._rescued = datetime.min.replace(tzinfo=UTC), True, False
        self._files: OpenFiles | None = None
        if not self.path.exists() and backups_of(self.path):
            raise UserError(
                f"{self.path} is not there, and there are backups of it.",
                f"bring it back: art-recsys recover; or, to begin without it, move {self.path.name}{BACKUPS} away",
            )
        try:
            make_private(self.path)  # SQLite gives its other files the same mode
            with self._connect() as db:
                db.executescript(DDL)
            db.close()
        except (sqlite3.Error, OSError) as e:
            raise cannot_open(self.path, e) from None
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
        rows = [dict(e) for e in events]
        return self._put(lambda db: self.insert(db, rows))

    def _put(self, job: Callable[[sqlite3.Connection], Any], purge: bool = False) -> Future:
        "Queue a job; `purge`: overwrite what it deletes in the write-ahead log, too"
        done: Future = Future()
        done.set_running_or_notify_cancel()  # who waits may be cancelled, the job may not
        with self._closed:
            if not self._open:
                raise StoreError("the event store is closed")
            self._queue.put((job, purge, done))
        return done

    def write(
        self,
        job: Callable[[sqlite3.Connection], T],  # Executes its statements on the connection that it is given
    ) -> T:  # What the job returns
        """Run a job in a transaction of the writing thread and wait until it is on disk.

        If the job raises, nothing of it is written and the error is raised here. `StoreError` if the disk refuses it.
        """
        return self._put(job).result()

    def append(self, events: Iterable[dict]) -> Written:
        "Write `events` (as for `submit`) in one transaction and wait until they are on disk. Raises `StoreError`."
        return self.submit(events).result()

    def forget(self, user_id: str) -> int:  # Rows deleted
        "Delete and overwrite all rows of a visitor and wait until that is on disk. Raises `StoreError`."
        return self._put(lambda db: sum(db.execute(sql, (user_id,)).rowcount for sql in FORGET), purge=True).result()

    def _write_forever(self) -> None:
        db = self._connect()
        db.execute("select 1 from events limit 1").fetchone()  # the log and its index are made by the first read
        self._files = OpenFiles(self.path)
        while (job := self._queue.get()) is not _STOP:
            jobs = [job]
            while len(jobs) < 256 and not self._queue.empty():
                if (job := self._queue.get()) is _STOP:
                    self._queue.put(_STOP)
                    break
                jobs.append(job)
            self._write(db, jobs)
        with suppress(sqlite3.Error):  # on a full disk the log stays beside the file, and is read from there
            db.execute("pragma wal_checkpoint(truncate)")
        db.close()

    def _write(self, db: sqlite3.Connection, jobs: list[tuple[Callable, bool, Future]]) -> None:
        "Run all waiting jobs in one transaction; if one of them is invalid, run each in its own"
        try:
            self._check_files(db)
            db.execute("begin immediate")
            results = [job(db) for job, _, _ in jobs]
            db.execute("commit")
            self._check_files(db)  # what was written into a file that nobody finds again is not acknowledged
            if any(purge for _, purge, _ in jobs):
                db.execute("pragma wal_checkpoint(truncate)")
        except Exception as e:
            if db.in_transaction:
                db.execute("rollback")
            if len(jobs) > 1 and not isinstance(e, (sqlite3.OperationalError, StoreError)):
                for one in jobs:
                    self._write(db, [one])
                return
            error = cannot_write(self.path, e) if isinstance(e, sqlite3.Error) else e
            for _, _, done in jobs:
                done.set_exception(error)
        else:
            for (_, _, done), result in zip(jobs, results, strict=True):
                done.set_result(result)

    def lost(self) -> str | None:  # None: the files of the store are where they were
        "A sentence about a file of the store that was deleted, moved or replaced since it was opened"
        return self._files.lost() if self._files else None

    def _check_files(self, db: sqlite3.Connection) -> None:
        "Refuse to write into files that nobody will find again; what they hold is kept as a backup, once"
        if lost := self.lost():
            if not self._rescued:
                self._rescued = rescue(db, self.path)
            raise StoreError(lost, self._remedy())

    def _remedy(self) -> str:
        return RECOVER if self.path.parent.is_dir() else MOVED

    def insert(
        self,
        db: sqlite3.Connection,  # Of the writing thread: call this only inside a job of `write`
        events: list[dict],  # As for `submit`
    ) -> Written:
        "Insert events in the transaction of a job"
        accepted = 0
        for e in events:
            if "odds" in e:  # how a page came about, beside its impressions
                db.execute(EXPOSE, [e.get(c) for c in EXPOSURE_COLS])
                accepted += 1
                continue
            if "direction" in e:
                row = {**e, Cols.event_id: e.get(Cols.event_id) or uuid.uuid4().hex, Cols.ts: as_ts(datetime.now(UTC))}
                accepted += db.execute(STEER, [row.get(c) for c in STEERING_COLS]).rowcount
                continue
            row = {**e, Cols.event_id: e.get(Cols.event_id) or uuid.uuid4().hex, Cols.ts: self._moment(db, e)}
            accepted += db.execute(INSERT, [row.get(c) for c in EVENT_COLS]).rowcount
        return Written(accepted, len(events) - accepted)

    def _moment(self, db: sqlite3.Connection, e: dict) -> str:
        """The timestamp to store for an event.

        It is never in the future of the clock, and where the clock agrees never before an earlier decision of the same
        visitor on the same work. `in_sequence` mends what a wrong clock has dated into the future.
        """
        now = datetime.now(UTC)
        if (given := _parse_ts(e.get(Cols.ts))) is None:
            behind = timedelta(0) <= self._last - now < _DRIFT  # within one batch, or a clock that was set by a little
            self._last = when = self._last + _TICK if behind else now
            return as_ts(when)
        last = db.execute(
            f"select max(ts) from events where user_id = ? and artwork_id = ? and {DECISIONS}",
            (e[Cols.user_id], e[Cols.artwork_id]),
        ).fetchone()[0]
        when = min(given, now)
        return as_ts(max(when, _in_utc(last) + _TICK) if last and _in_utc(last) <= now else when)

    # ---- reading -------------------------------------------------------------------------------------------------
    def _reader(self) -> sqlite3.Connection:
        "The reading connection of this thread"
        if not hasattr(self._local, "db"):
            if lost := self.lost():  # a new connection would make a new, empty file
                raise StoreError(lost, self._remedy())
            self._local.db = self._connect()
            self._readers.append(self._local.db)
        return self._local.db

    def decisions(self, user_id: str) -> dict[str, str]:
        "The last decision of `user_id` on each work: `{artwork_id: like|unlike|hide}`, oldest first"
        return {work: event for work, event, _, _ in self._reader().execute(STATE, (user_id,))}

    def decided_at(self, user_id: str) -> dict[str, str]:
        "When `user_id` took the last decision on each work: `{artwork_id: ISO 8601 in UTC}`"
        return {work: ts for work, _, ts, _ in self._reader().execute(STATE, (user_id,))}

    def likes(self, user_id: str) -> list[str]:
        "Ids of the works that the visitor `user_id` likes now, newest first"
        return [w for w, e in self.decisions(user_id).items() if e == Event.like][::-1]

    def hidden(self, user_id: str) -> list[str]:
        "Ids of the works that the visitor `user_id` hides now, newest first"
        return [w for w, e in self.decisions(user_id).items() if e == Event.hide][::-1]

    def steering(self, user_id: str) -> list[dict[str, str]]:
        "What `user_id` asks for more or less of now: `{direction, kind, value}`, the last word on each, oldest first"
        rows = self._reader().execute(WISHES, (user_id,))
        return [{"direction": d, "kind": k, "value": v} for k, v, d, _ in rows if d != "neutral"]

    def read(self, sql: str, args: tuple = ()) -> list[tuple]:
        "The rows of a query"
        return self._reader().execute(sql, args).fetchall()

    def users(self) -> list[str]:
        "Ids of all users with events"
        return [u for (u,) in self._reader().execute("select distinct user_id from events")]

    def rows(self, user_id: str | None = None) -> list[dict]:  # Keys: `EVENT_COLS`
        "The events of the visitor `user_id`, or of all if None, in order of arrival"
        where, args = (" where user_id = ?", (user_id,)) if user_id else ("", ())
        cursor = self._reader().execute(f"select {', '.join(EVENT_COLS)} from events{where} order by rowid", args)
        return [dict(zip(EVENT_COLS, row, strict=True)) for row in cursor]

    def frame(self) -> "pd.DataFrame":
        "The log as a normalised events frame (`as_events`), its times in the order of arrival (`in_sequence`)"
        import pandas as pd

        from art_recsys.core import as_events
        from art_recsys.platform.visitor_log import in_sequence

        return as_events(in_sequence(pd.DataFrame(self.rows(), columns=EVENT_COLS)))

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

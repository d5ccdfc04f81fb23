"""Backups of the event store, made at intervals while it is in use: `events.db.backups/NUMBER-TIME.db`.

Each is one whole SQLite file (`VACUUM INTO`, https://sqlite.org/lang_vacuum.html), read in one transaction that stops
nobody from writing. They are numbered, because a clock may be wrong. `forget` deletes from them, too.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from art_recsys.config import disk_error, sync, sync_one

from .store_file import BACKUPS, backups_of
from .tables import FORGET

__all__ = ["Backups", "forget_in_backups", "make_backup", "rescue"]

WAIT = 60  # seconds for another process that makes or changes a backup


def _lock(path: Path) -> FileLock:
    return FileLock(f"{path}{BACKUPS}.lock", timeout=WAIT)


def make_backup(
    db: sqlite3.Connection,  # of the store, outside of a transaction; it only reads
    path: Path,  # of the store
) -> Path:  # The new backup, complete and on disk
    "Write a backup. Raises `sqlite3.Error` or `OSError`, and leaves nothing behind then."
    folder = Path(f"{path}{BACKUPS}")
    with _lock(path):
        folder.mkdir(mode=0o700, exist_ok=True)
        last = next(iter(backups_of(path)), None)
        number = int(last.name.partition("-")[0]) + 1 if last else 1
        made = folder / f"{number:08}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
        temp = made.with_suffix(".tmp")
        temp.unlink(missing_ok=True)
        try:
            os.close(os.open(temp, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # only for who runs the server
            db.execute("vacuum into ?", (str(temp),))
            sync(temp)
            os.replace(temp, made)
        finally:
            temp.unlink(missing_ok=True)
        sync_one(folder)
    return made


def rescue(db: sqlite3.Connection, path: Path) -> bool:
    "Keep what an open connection still reads of a deleted or replaced file; whether that worked"
    try:
        return path.parent.is_dir() and bool(make_backup(db, path))
    except (sqlite3.Error, OSError, Timeout):
        return False


def forget_in_backups(
    path: Path,  # of the store
    user_id: str,
) -> tuple[int, list[str]]:  # Rows deleted, and the names of backups that could not be read
    "Delete and overwrite all rows of a visitor in every backup"
    gone, unread = 0, []
    with _lock(path):
        for backup in backups_of(path):
            try:
                with closing(sqlite3.connect(backup, timeout=30, isolation_level=None)) as db:
                    db.execute("pragma secure_delete=on")
                    has = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
                    gone += sum(db.execute(sql, (user_id,)).rowcount for sql in FORGET if sql.split()[2] in has)
            except sqlite3.Error:
                unread.append(backup.name)
    return gone, unread


class Backups:
    "The thread that makes backups of a server's store, and what it has to say about them"

    def __init__(
        self,
        store: Callable[[], Any],  # The open `EventStore`; None while it is not open yet
        hours: float,  # Between two backups; 0: none are made
        keep: int,  # How many stay, the newest
        every: float = 60.0,  # Seconds between two looks at whether it is time
    ):
        self.store, self.hours, self.keep, self.every = store, hours, keep, every
        self.problem: str | None = None  # why the last one failed
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        "Begin, unless backups are switched off"
        if self.hours:
            self._thread = threading.Thread(target=self._run, daemon=True, name="backups")
            self._thread.start()

    def stop(self) -> None:
        "End; a backup that is being written is finished first, for at most a minute"
        self._stop.set()
        if self._thread:
            self._thread.join(60)

    def _run(self) -> None:
        while not self._stop.wait(min(self.every, 1.0) if self.store() is None else self.every):
            if self.store() is not None:
                self.look()

    def age(self) -> float | None:  # None: there is none yet
        "Seconds since the newest backup, by the clock"
        store = self.store()
        newest = next(iter(backups_of(store.path)), None) if store is not None else None
        return None if newest is None else time.time() - newest.stat().st_mtime

    def look(self) -> Path | None:  # The backup, if one was made
        "Make a backup if it is time, and delete the oldest"
        store, age = self.store(), self.age()
        if store.lost() or (age is not None and 0 <= age < self.hours * 3600):
            return None
        try:
            uri = f"{store.path.resolve().as_uri()}?mode=rw"  # never makes a new file
            with closing(sqlite3.connect(uri, uri=True, timeout=5, isolation_level=None)) as db:
                if not any(
                    db.execute(f"select 1 from {t} limit 1").fetchone() for t in ("events", "steering", "rooms")
                ):
                    return None  # nothing to lose
                made = make_backup(db, store.path)
        except (sqlite3.Error, OSError, Timeout) as e:
            said = disk_error(e)
            self.problem = f"the last backup failed: {said.what if said else e}"
            return None
        self.problem = None
        for old in backups_of(store.path)[self.keep :]:
            old.unlink(missing_ok=True)
        return made

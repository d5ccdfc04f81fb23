"""The file of an event store: whether its path still names what is open, and what SQLite's errors mean for a person.

A database that is deleted or replaced under a running server stays open and can be written: every like would be
acknowledged, and all would be gone after the restart. SQLite itself does not look. So the store compares the files
under its path (the database, its write-ahead log and the index of that) with those that it opened, before and after
each write.
"""

import os
import re
import sqlite3
from pathlib import Path

from art_recsys.config import UserError, disk_error, is_damaged

__all__ = [
    "BACKUPS",
    "MOVED",
    "PARTS",
    "RECOVER",
    "OpenFiles",
    "StoreError",
    "backups_of",
    "cannot_open",
    "cannot_write",
]

PARTS = ("", "-wal", "-shm")  # the database, its write-ahead log, and the index of that
BACKUPS = ".backups"  # after the name of the database: the folder beside it
OURS = re.compile(r"\d{8,}-\d{8}T\d{6}Z\.db")  # number and time of a backup
RECOVER = "stop the model server, then bring back what was kept: art-recsys recover"

MOVED = "stop the model server, and start it with the home that its folder is in now"


class StoreError(UserError):
    "The store could not write. No event of the batch was stored, so the batch may be sent again."


def backups_of(path: Path) -> list[Path]:
    "The backups of a database, newest first; other files in their folder are somebody's own"
    return sorted((p for p in Path(f"{path}{BACKUPS}").glob("*.db") if OURS.fullmatch(p.name)), reverse=True)


def cannot_open(path: Path, error: sqlite3.Error | OSError) -> UserError:
    "What is to be done about a store that cannot be opened"
    if isinstance(error, sqlite3.Error) and is_damaged(error):
        return UserError(f"The event store {path} is damaged ({error}).", RECOVER)
    said = disk_error(error, path)
    remedy = said.remedy if said else "check that its folder is writable and that no other program holds it"
    return UserError(f"The event store {path} cannot be opened ({error}).", remedy)


def cannot_write(path: Path, error: sqlite3.Error) -> StoreError:
    "What is to be done about a write that failed"
    if is_damaged(error):
        return StoreError(f"the event store {path.name} is damaged ({error})", RECOVER)
    said = disk_error(error, path)
    remedy = said.remedy if said else "send it again; if it fails again, look at what else uses this file"
    return StoreError(f"the event store could not write: {error}", remedy)


class OpenFiles:
    "The files of an open database, as they were when it was opened"

    def __init__(
        self,
        path: Path,  # of the database; all of its files are there, because a connection has read from it
    ):
        self.path = path
        self._opened = self._now()

    def _now(self) -> list[tuple[int, int] | None]:
        "Device and number of each file under the path; None where there is none"
        found: list[tuple[int, int] | None] = []
        for part in PARTS:
            try:
                here = os.stat(f"{self.path}{part}")  # never open them: closing one would end SQLite's locks
            except OSError:
                found.append(None)
            else:
                found.append((here.st_dev, here.st_ino))
        return found

    def lost(self) -> str | None:  # None: everything is where it was
        "A sentence about the files that were deleted, moved or replaced since"
        for part, was, now in zip(PARTS, self._opened, self._now(), strict=True):
            if was is not None and was != now:
                how = "deleted or moved" if now is None else "replaced by another file"
                return f"{self.path.name}{part} was {how} while it was in use"
        return None

"""Recover the event store: from the damaged file whatever can still be read, and from the newest backup the rest.

SQLite's own `.recover` is a command of its shell, which need not be installed. A table is a tree sorted by row number.
So we read its rows from both ends up to the damage, and then halve the gap until only rows in damaged pages are left.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from art_recsys.config import Home, Settings, UserError, open_sqlite, sync, sync_one
from art_recsys.core import Cols, Event

from .server_lock import server_lock
from .store_file import PARTS, backups_of
from .tables import DDL

__all__ = ["is_sound", "recover", "salvage"]

PROBES = 100_000  # failed reads per table, after which the gap that is left is given up
APPENDED = ("events", "steering", "exposures")  # their rows never change, and count in the order of arrival
BEYOND = 10_000  # row numbers that are looked at beyond the last readable row, where the end is damaged


class Salvaged(NamedTuple):
    "What could be read of one table"

    rows: list[tuple]  # in order of arrival
    complete: bool  # nothing was damaged


def is_sound(path: Path) -> bool:
    "Whether a database opens, is whole, and has the log of events"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=5)) as db:
            return db.execute("pragma integrity_check(1)").fetchone() == ("ok",) and bool(
                db.execute("select 1 from sqlite_master where name = 'events'").fetchone()
            )
    except sqlite3.Error:
        return False


def _from_one_end(db: sqlite3.Connection, sql: str, args: tuple) -> tuple[list[tuple], bool]:
    "Rows up to the end or the first error, and whether it was the end"
    rows: list[tuple] = []
    try:
        for row in db.execute(sql, args):
            rows.append(row)
    except (sqlite3.Error, OverflowError):
        return rows, False
    return rows, True


def salvage(
    db: sqlite3.Connection,  # of a copy: reading may change the file
    table: str,
    columns: tuple[str, ...],
) -> Salvaged:
    "Read what can be read of a table, in order of arrival"
    sql = f"select rowid, {', '.join(columns)} from {table} not indexed where rowid between ? and ? order by rowid"
    found: dict[int, tuple] = {}
    top = 2**62
    first, whole = _from_one_end(db, sql, (-top, top))
    found.update({row[0]: row[1:] for row in first})
    if whole:
        return Salvaged([found[n] for n in sorted(found)], True)
    last, _ = _from_one_end(db, f"{sql} desc", (-top, top))
    found.update({row[0]: row[1:] for row in last})
    low = first[-1][0] + 1 if first else 0
    high = last[-1][0] - 1 if last else low + BEYOND
    for rows in _gap(db, sql, low, high):
        found.update({row[0]: row[1:] for row in rows})
    return Salvaged([found[n] for n in sorted(found)], False)


def _gap(db: sqlite3.Connection, sql: str, low: int, high: int) -> Iterator[list[tuple]]:
    "Rows between two numbers where some page between them is damaged: halve, and keep what a half gives"
    gaps, probes = [(low, high)], 0
    while gaps and probes < PROBES:
        low, high = gaps.pop()
        if low > high:
            continue
        rows, whole = _from_one_end(db, sql, (low, high))
        yield rows
        if whole:
            continue
        probes += 1
        if rows:
            low = rows[-1][0] + 1
        if low < high:
            middle = (low + high) // 2
            gaps += [(middle + 1, high), (low, middle)]


def _sensible(table: str, row: dict, kinds: dict[str, str]) -> bool:
    "Whether a row of a damaged page is a row and not garbage"
    if any(isinstance(value, bytes) and kinds[c] != "blob" for c, value in row.items()):
        return False
    if table in ("events", "steering"):
        try:
            datetime.fromisoformat(str(row[Cols.ts]))
        except (ValueError, KeyError):
            return False
    return table != "events" or row[Cols.event] in Event.all


def _tables(db: sqlite3.Connection) -> dict[str, dict[str, str]]:
    "The columns of each table, with their kinds; events come first"
    names = [
        n for (n,) in db.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite%'")
    ]
    names.sort(key=lambda name: name != "events")
    return {t: {name: kind.lower() for _, name, kind, *_ in db.execute(f'pragma table_info("{t}")')} for t in names}


def _add_tables(db: sqlite3.Connection, source: Path) -> None:
    "Make the tables and indices of another database that are not there yet, as far as it can say what they are"
    with suppress(sqlite3.Error), closing(sqlite3.connect(source, timeout=5)) as old:
        sql = "select name, sql from sqlite_master where sql is not null order by type = 'index'"
        there = {n for (n,) in db.execute("select name from sqlite_master")}
        for name, statement in old.execute(sql).fetchall():
            if name not in there:
                db.execute(statement)


def _read(path: Path, wanted: dict[str, dict[str, str]]) -> dict[str, Salvaged]:
    "What can be read of each table of a database; nothing where it cannot be opened"
    out = {table: Salvaged([], False) for table in wanted}
    try:
        with closing(sqlite3.connect(path, timeout=5)) as db:
            tables = _tables(db)
            for table, columns in wanted.items():
                if not (has := tables.get(table)) and "events" in tables:
                    out[table] = Salvaged([], True)  # of a release that did not have this table
                elif has:
                    here = tuple(c for c in columns if c in has)
                    rows, complete = salvage(db, table, here)
                    named = [dict(zip(here, row, strict=True)) for row in rows]
                    good = [tuple(r.get(c) for c in columns) for r in named if _sensible(table, r, columns)]
                    out[table] = Salvaged(good, complete and len(good) == len(rows))
    except sqlite3.Error:
        pass
    return out


def _fill(db: sqlite3.Connection, table: str, columns: Iterable[str], rows: list[tuple]) -> int:
    "Insert rows that are not there yet; how many were new"
    names = list(columns)
    sql = f"insert or ignore into {table}({', '.join(names)}) values({', '.join('?' * len(names))})"
    return sum(db.execute(sql, row).rowcount for row in rows)


def _unreadable(path: Path, looked: list[Path]) -> UserError:
    return UserError(
        f"Nothing could be read of {path.name}, and there is no backup of it ({len(looked)} looked at).",
        f"restore a dump (art-recsys restore), or begin without it: move {path.name}* in {path.parent} away",
    )


def recover(
    settings: Settings,  # Of the home; no server may run in it
    source: Path | None = None,  # A backup whose rows are added; the newest readable one where it is needed, if None
) -> dict:  # `{sound, events, salvaged, from_backup, backup, kept}`
    """Make the event store whole again, from what can be read of it and from a backup. The damaged file is kept.

    Raises `UserError` if a server runs, or if there is nothing to recover from.
    """
    home = Home.of(settings)
    path = home.file("events.db")
    if source is not None and not is_sound(source):
        raise UserError(f"{source} is no whole backup.", "name another file, or none: the newest whole one is taken")
    with (
        server_lock(home.path, "recover its event store"),
        tempfile.TemporaryDirectory(dir=home.path, prefix=".recover-") as temp,
    ):
        copy = Path(temp) / path.name
        for part in PARTS:
            if os.path.exists(f"{path}{part}"):
                shutil.copy2(f"{path}{part}", f"{copy}{part}")
        if source is None and copy.exists() and is_sound(copy):
            return {"sound": True, "events": None, "salvaged": 0, "from_backup": 0, "backup": None, "kept": None}
        return _rebuild(path, copy, source, Path(temp) / "new.db")


def _rebuild(path: Path, copy: Path, source: Path | None, new: Path) -> dict:
    "Write the new database and put it in place of the old one"
    with closing(open_sqlite(new, isolation_level=None)) as db:
        db.executescript(DDL)
        backup = source or next((b for b in backups_of(path) if is_sound(b)), None)
        for file in (copy, backup):
            if file is not None and file.exists():
                _add_tables(db, file)
        wanted = _tables(db)
        there = _read(copy, wanted) if copy.exists() else {t: Salvaged([], False) for t in wanted}
        if source is None and all(s.complete for s in there.values()):
            backup = None  # not needed
        extra = {} if backup is None else _read(backup, wanted)
        if backup is None and not any(s.rows for s in there.values()):
            raise _unreadable(path, backups_of(path))
        db.execute("begin")
        from_backup: dict[str, int] = {}
        salvaged: dict[str, int] = {}
        for t, c in wanted.items():
            old = extra[t].rows if extra and (source is not None or not there[t].complete) else []
            if t in APPENDED:  # first what is in the backup, because it arrived first
                from_backup[t], salvaged[t] = _fill(db, t, c, old), _fill(db, t, c, there[t].rows)
            else:  # of two rows with one key the newer one counts: a work withdrawn since, a link closed since
                salvaged[t], from_backup[t] = _fill(db, t, c, there[t].rows), _fill(db, t, c, old)
        db.execute("commit")
        events = db.execute("select count(*) from events").fetchone()[0]
        db.execute("pragma wal_checkpoint(truncate)")
    sync(new)
    os.chmod(new, 0o600)
    kept = _keep_damaged(path, copy)
    for part in PARTS[1:]:
        Path(f"{path}{part}").unlink(missing_ok=True)  # before the new file has this name: it is not its log
    os.replace(new, path)
    sync_one(path.parent)
    return {
        "sound": False,
        "events": events,
        "salvaged": sum(salvaged.values()),
        "from_backup": sum(from_backup.values()),
        "backup": backup.name if backup is not None else None,
        "kept": kept,
    }


def _keep_damaged(path: Path, copy: Path) -> str | None:
    "Give the copy of the old files a name of its own; None where there was no file"
    if not copy.exists():
        return None
    name = f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for part in PARTS:
        if os.path.exists(f"{copy}{part}"):
            os.replace(f"{copy}{part}", path.with_name(name + part))
    return name

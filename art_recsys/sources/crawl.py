"""A catalogue's raw records on disk, written page by page, so that no page is lost and none is requested twice.

There is one SQLite file per source. A page and the address of the next one are written in one transaction: a process
that is killed loses the page that it was reading and no other. A record is stored under its id, so a list that shifts
while it is read gives no duplicates. A *walk* is one passage through the source's list. An artwork that was withdrawn
gets a tombstone: its record is deleted, its id and the reason stay.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from art_recsys.config import UserError

__all__ = ["Page", "Store", "Walk"]

RESUME_WITHIN = timedelta(hours=24)  # an older unfinished walk is begun again: its cursor may not be valid any more

_TABLES = """
CREATE TABLE IF NOT EXISTS works (id TEXT PRIMARY KEY, raw TEXT, changed TEXT, walk INTEGER, gone TEXT);
CREATE TABLE IF NOT EXISTS walks (n INTEGER PRIMARY KEY, query TEXT, since TEXT, started TEXT, cursor TEXT,
    finished TEXT, pages INTEGER DEFAULT 0, skipped TEXT DEFAULT '{}');
CREATE TABLE IF NOT EXISTS details (id TEXT, kind TEXT, value TEXT, changed TEXT, PRIMARY KEY (id, kind));
"""


class Page(list):
    "Raw records, and in `next` the address of the following page (None after the last)"

    def __init__(
        self,
        records: Iterable[dict] = (),  # of this page
        next: str | None = None,  # address of the following page
    ):
        super().__init__(records)
        self.next = next


@dataclass
class Walk:
    "One passage through a source's list"

    n: int  # number of the walk, counted up in the store
    query: str  # fingerprint of what was requested
    since: str | None  # only what changed after this time; None is the complete list
    started: str  # UTC, ISO 8601
    cursor: str | None = None  # address of the next page
    finished: str | None = None  # UTC, ISO 8601
    pages: int = 0  # read so far
    skipped: Counter = field(default_factory=Counter)  # records left out, by reason

    @property
    def age(self) -> timedelta:
        "Time since the start"
        return datetime.now(UTC) - datetime.fromisoformat(self.started)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Store:
    "The records of one source; a context manager that closes its file"

    def __init__(
        self,
        path: Path,  # the SQLite file, made if need be; raises `UserError` where it is not one
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.db = path, sqlite3.connect(path, timeout=30)
        try:
            self.db.executescript(_TABLES)
        except sqlite3.DatabaseError as e:
            raise UserError(
                f"{path.name} in the home cannot be read: {e}.", "delete it; the catalogue is then read again"
            ) from None

    def close(self) -> None:
        "Close the file"
        self.db.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- walks

    def last_walk(
        self,
        finished: bool | None = None,  # only a finished (or unfinished) one; None is either
        whole: bool = False,  # only one through the complete list
    ) -> Walk | None:
        "The latest walk of that kind"
        where = {None: "1", True: "finished IS NOT NULL", False: "finished IS NULL"}[finished] + (
            " AND since IS NULL" if whole else ""
        )
        row = self.db.execute(
            "SELECT n, query, since, started, cursor, finished, pages, skipped FROM walks "
            f"WHERE {where} ORDER BY n DESC LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        n, query, since, started, cursor, ended, pages, skipped = row
        return Walk(n, query, since, started, cursor, ended, pages, Counter(json.loads(skipped)))

    def begin(
        self,
        query: str,  # fingerprint of what is requested
        since: str | None = None,  # only what changed after this time
    ) -> Walk:
        "The walk that was interrupted, if it had the same query and began less than 24 hours ago; otherwise a new one"
        last = self.last_walk()
        if last and not last.finished and last.query == query and last.age < RESUME_WITHIN:
            return last
        with self.db as db:
            db.execute("INSERT INTO walks (query, since, started) VALUES (?, ?, ?)", (query, since, _now()))
        walk = self.last_walk()
        assert walk is not None  # written above
        return walk

    def add(
        self,
        walk: Walk,  # the current one; its cursor, pages and skipped are updated
        records: Iterable[tuple[str, str, dict]],  # (id, time of last change, raw record)
        cursor: str | None,  # address of the next page
        others: Iterable[
            tuple[str, str, dict]
        ] = (),  # not wanted: they only update what is there (a licence withdrawn)
        skipped: Counter | None = None,  # how many of the page are left out, by reason
    ) -> None:
        "Write one page. Afterwards all of it is on disk, or nothing."
        with self.db as db:
            db.executemany(
                "INSERT INTO works (id, raw, changed, walk, gone) VALUES (?, ?, ?, ?, NULL) "
                "ON CONFLICT (id) DO UPDATE SET raw = excluded.raw, "
                "changed = excluded.changed, walk = excluded.walk, gone = NULL",
                [(i, json.dumps(raw), changed, walk.n) for i, changed, raw in records],
            )
            db.executemany(
                "UPDATE works SET raw = ?, changed = ? WHERE id = ? AND gone IS NULL",
                [(json.dumps(raw), changed, i) for i, changed, raw in others],
            )
            walk.cursor, walk.pages, walk.skipped = cursor, walk.pages + 1, walk.skipped + (skipped or Counter())
            db.execute(
                "UPDATE walks SET cursor = ?, pages = ?, skipped = ? WHERE n = ?",
                (cursor, walk.pages, json.dumps(walk.skipped), walk.n),
            )

    def finish(
        self,
        walk: Walk,  # the current one
    ) -> None:
        "Note that the walk reached its end"
        walk.finished = _now()
        with self.db as db:
            db.execute("UPDATE walks SET finished = ? WHERE n = ?", (walk.finished, walk.n))

    def abandon(
        self,
        walk: Walk,  # the current one
    ) -> None:
        "Never continue this walk: the next one begins at the start"
        with self.db as db:
            db.execute("UPDATE walks SET query = 'abandoned' WHERE n = ?", (walk.n,))

    # ---- works

    def count(
        self,
        walk: Walk | None = None,  # only those met in this walk
    ) -> int:
        "How many records there are"
        sql = "SELECT count(*) FROM works WHERE gone IS NULL"
        return self.db.execute(sql + (" AND walk = ?" if walk else ""), (walk.n,) if walk else ()).fetchone()[0]

    def unmet(
        self,
        walk: Walk,  # the current one
    ) -> list[str]:
        "Ids of the records that this walk did not meet"
        return [
            i for (i,) in self.db.execute("SELECT id FROM works WHERE gone IS NULL AND walk < ? ORDER BY id", (walk.n,))
        ]

    def put_tombstones(
        self,
        ids: Iterable[str],  # of records in the store
        why: str,  # the reason that stays
    ) -> None:
        "Delete records and their details; the ids and the reason stay"
        rows = [(why, i) for i in ids]
        with self.db as db:
            db.executemany("UPDATE works SET gone = ?, raw = NULL WHERE id = ? AND gone IS NULL", rows)
            db.executemany("DELETE FROM details WHERE id = ?", [(i,) for _, i in rows])

    def tombstones(self) -> Counter:
        "How many records were deleted, by reason"
        return Counter(dict(self.db.execute("SELECT gone, count(*) FROM works WHERE gone IS NOT NULL GROUP BY gone")))

    def works(self) -> Iterator[tuple[str, dict]]:
        "(id, raw record) of each record that has no tombstone, in the order in which they were first met"
        rows = self.db.execute("SELECT id, raw FROM works WHERE gone IS NULL ORDER BY rowid")
        return ((i, json.loads(raw)) for i, raw in rows)

    # ---- details: what is requested artwork by artwork

    def lacking(
        self,
        kind: str,  # of detail, for example `genes`
    ) -> list[str]:
        "Ids of the records whose detail of this kind is not there, or is older than the record's last change"
        return [
            i
            for (i,) in self.db.execute(
                "SELECT w.id FROM works w LEFT JOIN details d ON d.id = w.id AND d.kind = ? WHERE w.gone IS NULL "
                "AND (d.id IS NULL OR d.changed < w.changed) ORDER BY w.rowid",
                (kind,),
            )
        ]

    def add_detail(
        self,
        id: str,  # of a record in the store
        kind: str,  # of detail
        value: list,  # anything that JSON can hold
    ) -> None:
        "Write one detail"
        with self.db as db:
            db.execute(
                "INSERT OR REPLACE INTO details SELECT id, ?, ?, changed FROM works WHERE id = ?",
                (kind, json.dumps(value), id),
            )

    def details(
        self,
        kind: str,  # of detail
    ) -> dict[str, list]:
        "Id -> value, for all records that have a detail of this kind"
        return {i: json.loads(v) for i, v in self.db.execute("SELECT id, value FROM details WHERE kind = ?", (kind,))}

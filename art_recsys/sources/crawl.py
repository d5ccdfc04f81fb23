"""A catalogue's raw records on disk, walked page by page so that nothing is lost or asked for twice.

One SQLite file a source. A page and the place to go on from are written in one transaction: a process that is killed
loses the page it was reading and no more. A work is stored under its id, so a list that shifts while it is read gives no
duplicates. A *walk* is one passage through the source's list; a work that a whole walk did not meet gets a tombstone:
its record goes, its id and the reason stay.
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

RESUME_WITHIN = timedelta(hours=24)  # an older half walk is begun again: its cursor may not hold

_TABLES = """
CREATE TABLE IF NOT EXISTS works (id TEXT PRIMARY KEY, raw TEXT, changed TEXT, walk INTEGER, gone TEXT);
CREATE TABLE IF NOT EXISTS walks (n INTEGER PRIMARY KEY, query TEXT, since TEXT, started TEXT, cursor TEXT, finished TEXT,
    pages INTEGER DEFAULT 0, skipped TEXT DEFAULT '{}');
CREATE TABLE IF NOT EXISTS details (id TEXT, kind TEXT, value TEXT, changed TEXT, PRIMARY KEY (id, kind));
"""


class Page(list):
    "Raw records, and in `next` the place where the following page begins (None after the last)"

    def __init__(self, records: Iterable[dict] = (), next: str | None = None):
        super().__init__(records)
        self.next = next


@dataclass
class Walk:
    "One passage through a source's list"

    n: int
    query: str  # what was asked for
    since: str | None  # only what changed after this moment; None is the whole list
    started: str  # UTC, ISO
    cursor: str | None = None  # where to go on
    finished: str | None = None
    pages: int = 0
    skipped: Counter = field(default_factory=Counter)

    @property
    def age(self) -> timedelta:
        return datetime.now(UTC) - datetime.fromisoformat(self.started)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Store:
    "The records of one source"

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path, self.db = path, sqlite3.connect(path, timeout=30)
        try:
            self.db.executescript(_TABLES)
        except sqlite3.DatabaseError as e:
            raise UserError(
                f"{path.name} in the home cannot be read: {e}.", "delete it; the catalogue is then read anew"
            ) from None

    def close(self):
        self.db.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- walks

    def last_walk(self, finished: bool | None = None, whole: bool = False) -> Walk | None:
        "The latest walk, or the latest one that is finished (or not), or went through the whole list"
        where = {None: "1", True: "finished IS NOT NULL", False: "finished IS NULL"}[finished] + (
            " AND since IS NULL" if whole else ""
        )
        row = self.db.execute(
            "SELECT n, query, since, started, cursor, finished, pages, skipped FROM walks "
            f"WHERE {where} ORDER BY n DESC LIMIT 1"
        ).fetchone()
        return row and Walk(*row[:-1], Counter(json.loads(row[-1])))

    def begin(self, query: str, since: str | None = None) -> Walk:
        "The walk that was interrupted, if it asked for the same not long ago; otherwise a new one"
        last = self.last_walk()
        if last and not last.finished and last.query == query and last.age < RESUME_WITHIN:
            return last
        with self.db as db:
            db.execute("INSERT INTO walks (query, since, started) VALUES (?, ?, ?)", (query, since, _now()))
        return self.last_walk()

    def add(
        self,
        walk: Walk,
        records: Iterable[tuple[str, str, dict]],
        cursor: str | None,
        others: Iterable[tuple[str, str, dict]] = (),
        skipped: Counter = Counter(),
    ):
        """One page: (id, time of last change, raw record) each, and where to go on. All of it is on disk afterwards, or none.

        `others` are not wanted: they only renew what is there, for example a licence that was taken back.
        """
        with self.db as db:
            db.executemany(
                "INSERT INTO works (id, raw, changed, walk, gone) VALUES (?, ?, ?, ?, NULL) ON CONFLICT (id) DO UPDATE SET "
                "raw = excluded.raw, changed = excluded.changed, walk = excluded.walk, gone = NULL",
                [(i, json.dumps(raw), changed, walk.n) for i, changed, raw in records],
            )
            db.executemany(
                "UPDATE works SET raw = ?, changed = ? WHERE id = ? AND gone IS NULL",
                [(json.dumps(raw), changed, i) for i, changed, raw in others],
            )
            walk.cursor, walk.pages, walk.skipped = cursor, walk.pages + 1, walk.skipped + skipped
            db.execute(
                "UPDATE walks SET cursor = ?, pages = ?, skipped = ? WHERE n = ?",
                (cursor, walk.pages, json.dumps(walk.skipped), walk.n),
            )

    def finish(self, walk: Walk):
        walk.finished = _now()
        with self.db as db:
            db.execute("UPDATE walks SET finished = ? WHERE n = ?", (walk.finished, walk.n))

    def abandon(self, walk: Walk):
        "Never go on with this walk: the next one begins anew"
        with self.db as db:
            db.execute("UPDATE walks SET query = 'abandoned' WHERE n = ?", (walk.n,))

    # ---- works

    def count(self, walk: Walk | None = None) -> int:
        "How many works there are, or were met in this walk"
        sql = "SELECT count(*) FROM works WHERE gone IS NULL"
        return self.db.execute(sql + (" AND walk = ?" if walk else ""), (walk.n,) if walk else ()).fetchone()[0]

    def unmet(self, walk: Walk) -> list[str]:
        "Ids of the works that this walk did not meet"
        return [
            i for (i,) in self.db.execute("SELECT id FROM works WHERE gone IS NULL AND walk < ? ORDER BY id", (walk.n,))
        ]

    def bury(self, ids: Iterable[str], why: str):
        "Put tombstones: the records and details go, the ids and the reason stay"
        ids = [(why, i) for i in ids]
        with self.db as db:
            db.executemany("UPDATE works SET gone = ?, raw = NULL WHERE id = ? AND gone IS NULL", ids)
            db.executemany("DELETE FROM details WHERE id = ?", [(i,) for _, i in ids])

    def gone(self) -> Counter:
        return Counter(dict(self.db.execute("SELECT gone, count(*) FROM works WHERE gone IS NOT NULL GROUP BY gone")))

    def works(self) -> Iterator[tuple[str, dict]]:
        "(id, raw record) of each work that is not gone, in the order of first meeting"
        rows = self.db.execute("SELECT id, raw FROM works WHERE gone IS NULL ORDER BY rowid")
        return ((i, json.loads(raw)) for i, raw in rows)

    # ---- what had to be asked for work by work

    def lacking(self, kind: str) -> list[str]:
        "Ids of the works whose detail of this kind is not there, or older than the work's last change"
        return [
            i
            for (i,) in self.db.execute(
                "SELECT w.id FROM works w LEFT JOIN details d ON d.id = w.id AND d.kind = ? WHERE w.gone IS NULL "
                "AND (d.id IS NULL OR d.changed < w.changed) ORDER BY w.rowid",
                (kind,),
            )
        ]

    def add_detail(self, id: str, kind: str, value: list):
        with self.db as db:
            db.execute(
                "INSERT OR REPLACE INTO details SELECT id, ?, ?, changed FROM works WHERE id = ?",
                (kind, json.dumps(value), id),
            )

    def details(self, kind: str) -> dict[str, list]:
        "id -> value"
        return {i: json.loads(v) for i, v in self.db.execute("SELECT id, value FROM details WHERE kind = ?", (kind,))}

"""Changes of the catalogue and of users that came over HTTP, as the model server wrote them into `events.db`.

A change holds the fields that were sent, `body`; what the server added, `made` (the file of the picture, a palette and
a description); and whether the work was withdrawn. `seq` counts the changes. The catalogue is what the source brought
with these changes on top, so it makes no difference how often they are applied.
"""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from art_recsys.config import UserError, read_sqlite
from art_recsys.core import ARTWORK_COLS, USER_COLS, Cols, as_artworks, as_users

__all__ = ["CHANGES", "SOURCE", "Change", "merged_rows", "with_live_artworks", "with_live_users"]

SOURCE = "api"  # of works that no source brought
CHANGES = "select artwork_id, body, made, withdrawn, seq from live_artworks"


class Change(NamedTuple):
    "The standing change of one artwork"

    artwork_id: str
    body: dict  # fields that were sent
    made: dict | None  # `image_path, palette, description, problem`, each may be absent; None: still to be made
    withdrawn: bool
    seq: int

    @classmethod
    def of(cls, row: tuple) -> "Change":
        "From a row of `CHANGES`"
        artwork_id, body, made, withdrawn, seq = row
        return cls(artwork_id, json.loads(body), json.loads(made) if made else None, bool(withdrawn), seq)


def _merged(change: Change, base: dict | None) -> dict:
    "One row: what was sent beats what was there, and that beats a description that the server made"
    row, made = dict(base or {Cols.artwork_id: change.artwork_id, Cols.source: SOURCE}), change.made or {}
    row |= {c: made[c] for c in (Cols.image_path, Cols.palette) if made.get(c)}
    if not row.get(Cols.description) and made.get(Cols.description):
        row[Cols.description] = made[Cols.description]
    row |= change.body
    row[Cols.licence] = row.get(Cols.licence) or "not stated"
    row[Cols.credit] = row.get(Cols.credit) or row.get(Cols.source) or SOURCE
    return row


def merged_rows(
    changes: Iterable[Change],  # those of withdrawn works are left out
    artworks: pd.DataFrame,  # the catalogue that they change, normalised
) -> pd.DataFrame:  # normalised; one row per change, without the catalogue's extra columns
    "The works that have changed, whole"
    some = {c.artwork_id: c for c in changes if not c.withdrawn}
    there = artworks.loc[artworks[Cols.artwork_id].isin(some), ARTWORK_COLS].to_dict("records")
    base = {row[Cols.artwork_id]: row for row in there}
    rows = [_merged(c, base.get(a)) for a, c in some.items()]
    return as_artworks(pd.DataFrame(rows, columns=ARTWORK_COLS))


def _rows(path: Path, table: str, sql: str) -> list[tuple]:
    "Rows of a table that may not be there. Raises `UserError` where the file cannot be read."
    if not path.is_file():
        return []
    with read_sqlite(path) as con:
        try:
            there = con.execute("select 1 from sqlite_master where name = ?", (table,)).fetchone()
            return con.execute(sql).fetchall() if there else []
        except sqlite3.Error as e:
            raise UserError(
                f"{path.name} cannot be read: {e}", "move it away to continue without what came over HTTP"
            ) from None


def with_live_artworks(
    artworks: pd.DataFrame,  # normalised
    path: Path,  # `events.db` of the model server; it may be missing
) -> pd.DataFrame:  # normalised; withdrawn works are left out, new ones come last
    "A catalogue with the changes that came over HTTP"
    changes = [Change.of(row) for row in _rows(path, "live_artworks", f"{CHANGES} order by seq")]
    if not changes:
        return artworks
    rows = merged_rows(changes, artworks)
    others = artworks[~artworks[Cols.artwork_id].isin([c.artwork_id for c in changes])]
    return as_artworks(pd.concat([others, rows], ignore_index=True))


def with_live_users(
    users: pd.DataFrame,  # normalised
    path: Path,  # as for `with_live_artworks`
) -> pd.DataFrame:  # normalised
    "Users with the changes that came over HTTP"
    rows = _rows(path, "live_users", "select user_id, body from live_users order by rowid")
    if not rows:
        return users
    known: dict[str, dict[str, Any]] = {u[Cols.user_id]: u for u in users.to_dict("records")}
    for user_id, body in rows:
        known[user_id] = known.get(user_id, {Cols.user_id: user_id}) | json.loads(body)
    return as_users(pd.DataFrame(list(known.values()), columns=[*users.columns] or USER_COLS))

"""The catalogue and the users of a release with the changes that came over HTTP on top.

`LiveRows` keeps the changes in `events.db`: each is on disk before it is acknowledged, and a batch is written whole or
not at all. `with_live` applies them to a service, when a release is loaded and after each change.
"""

import json
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from art_recsys.config import Home
from art_recsys.core import ARTWORK_COLS, Cols
from art_recsys.features import artwork_text
from art_recsys.language.image_encoder import image_encoder
from art_recsys.language.text_encoder import text_encoder
from art_recsys.platform.live_log import CHANGES, Change, merged_rows

from .store import EventStore

if TYPE_CHECKING:
    from .service import Service

__all__ = ["LiveRows", "encoded", "use_live_users", "with_live"]

SLICE = 200  # works that become visible in one step
_PUT = """insert into live_artworks values(?, ?, ?, 0, ?) on conflict(artwork_id) do update
set body = excluded.body, made = excluded.made, withdrawn = 0, seq = excluded.seq"""
_WITHDRAW = """insert into live_artworks values(?, '{}', null, 1, ?) on conflict(artwork_id) do update
set withdrawn = 1, seq = excluded.seq"""


def _next_seq(db: sqlite3.Connection) -> int:
    return int(db.execute("select coalesce(max(seq), 0) + 1 from live_artworks").fetchone()[0])


class LiveRows:
    "The changes on disk; methods that write return when it is done, and raise `StoreError` if it cannot be"

    def __init__(self, store: EventStore):
        self.store = store

    def put(self, rows: Iterable[dict]) -> dict[str, int]:  # `{inserted, changed, unchanged}`: numbers of rows
        "Insert or change works; each row has `artwork_id` and the fields that are to be set, the others stay"
        rows = list(rows)

        def job(db: sqlite3.Connection) -> dict[str, int]:
            counts, seq = {"inserted": 0, "changed": 0, "unchanged": 0}, _next_seq(db)
            for row in rows:
                artwork_id = row[Cols.artwork_id]
                found = db.execute(f"{CHANGES} where artwork_id = ?", (artwork_id,)).fetchone()
                old = Change.of(found) if found else Change(artwork_id, {}, None, False, 0)
                body = {**old.body, **row}
                if found and not old.withdrawn and body == old.body:
                    counts["unchanged"] += 1
                    continue
                same = old.made is not None and body.get(Cols.image_url) == old.body.get(Cols.image_url)
                made = json.dumps({**(old.made or {}), Cols.description: ""}) if same else None  # of the old facts
                db.execute(_PUT, (artwork_id, json.dumps(body, ensure_ascii=False), made, seq))
                counts["changed" if found else "inserted"] += 1
                seq += 1
            return counts

        return self.store.write(job)

    def withdraw(self, artwork_ids: Iterable[str]) -> int:  # works that had not been withdrawn before
        "Withdraw works; an unknown id is remembered, too, so that no later source brings it"
        ids = list(artwork_ids)

        def job(db: sqlite3.Connection) -> int:
            gone, seq = 0, _next_seq(db)
            for artwork_id in ids:
                sql = "select 1 from live_artworks where artwork_id = ? and withdrawn = 1"
                if not db.execute(sql, (artwork_id,)).fetchone():
                    db.execute(_WITHDRAW, (artwork_id, seq))
                    gone, seq = gone + 1, seq + 1
            return gone

        return self.store.write(job)

    def made(
        self,
        made: list[tuple[Change, dict]],  # what the server made of each work
        anew: bool = True,  # the works have to be applied once more; False: they have not been applied yet
    ) -> int:  # how many were kept
        "Keep what the server made of works, except those that were changed in the meantime"

        def job(db: sqlite3.Connection) -> int:
            sql, kept = "update live_artworks set made = ?, seq = ? where artwork_id = ? and seq = ?", 0
            for change, m in made:
                seq = _next_seq(db) if anew else change.seq
                row = json.dumps(m, ensure_ascii=False), seq, change.artwork_id, change.seq
                kept += db.execute(sql, row).rowcount
            return kept

        return self.store.write(job)

    def changes(self, since: int = 0, most: int = -1) -> list[Change]:
        "At most `most` changes after number `since`, in order"
        sql = f"{CHANGES} where seq > ? order by seq limit ?"
        return [Change.of(row) for row in self.store.read(sql, (since, most))]

    def unmade(self) -> list[Change]:
        "Works for which the server has still to make something"
        return [Change.of(row) for row in self.store.read(f"{CHANGES} where made is null and withdrawn = 0")]

    def change(self, artwork_id: str) -> Change | None:
        "The standing change of one work"
        rows = self.store.read(f"{CHANGES} where artwork_id = ?", (artwork_id,))
        return Change.of(rows[0]) if rows else None

    def withdrawn(self) -> list[str]:
        "Ids of all works that are withdrawn"
        return [a for (a,) in self.store.read("select artwork_id from live_artworks where withdrawn = 1")]

    def last(self) -> int:
        "Number of the last change"
        return int(self.store.read("select coalesce(max(seq), 0) from live_artworks")[0][0])

    # ---- users ---------------------------------------------------------------------------------------------------
    def put_users(self, rows: Iterable[dict]) -> dict[str, int]:  # as `put`
        "Insert or change the profiles of users; the fields that are not given stay"
        rows = list(rows)

        def job(db: sqlite3.Connection) -> dict[str, int]:
            counts = {"inserted": 0, "changed": 0, "unchanged": 0}
            for row in rows:
                found = db.execute("select body from live_users where user_id = ?", (row[Cols.user_id],)).fetchone()
                old = json.loads(found[0]) if found else {}
                body = old | row
                if found and body == old:
                    counts["unchanged"] += 1
                    continue
                same = body.get(Cols.description) == old.get(Cols.description)
                sql = """insert into live_users values(?, ?, null) on conflict(user_id) do update
                set body = excluded.body, vector = iif(?, vector, null)"""
                db.execute(sql, (row[Cols.user_id], json.dumps(body, ensure_ascii=False), same))
                counts["changed" if found else "inserted"] += 1
            return counts

        return self.store.write(job)

    def users(self) -> list[tuple[dict, np.ndarray | None]]:
        "The profiles as they were sent, each with the vector of its description; None where that is still to be made"
        rows = self.store.read("select body, vector from live_users order by rowid")
        return [(json.loads(b), None if v is None else np.frombuffer(v, np.float32)) for b, v in rows]

    def user_vector(self, user_id: str, description: str, vector: np.ndarray) -> None:
        "Keep the vector of a description, unless it was changed or the user was forgotten in the meantime"

        def job(db: sqlite3.Connection) -> None:
            sql = "update live_users set vector = ? where user_id = ? and json_extract(body, '$.description') = ?"
            db.execute(sql, (vector.astype(np.float32).tobytes(), user_id, description))

        self.store.write(job)


def encoded(
    service: "Service",  # whose towers say which vectors are needed
    changes: Iterable[Change],  # those of withdrawn works are left out
) -> pd.DataFrame:  # normalised, with `text_embedding` and `image_embedding`
    "The works that have changed, with the vectors of their texts and pictures; each is computed once"
    rows, home = merged_rows(changes, service.source_artworks), Home(service.settings.home)
    features, model = service.two_tower.artwork_features, service.two_tower.text_model
    if model is not None and len(rows):
        texts = text_encoder(model, home.cache).encode(artwork_text(rows))
        rows = rows.assign(**{Cols.text_embedding: list(texts)})
    if features["image"].shape[1] > 1 and (rows[Cols.image_path] != "").any():
        pictures = image_encoder(service.settings.image_model, home.cache).encode_artworks(rows, home)
        rows = rows.assign(**{Cols.image_embedding: list(pictures)})
    return rows


def with_live(
    service: "Service",
    most: int = -1,  # changes at once; -1: all
) -> "Service":  # the same object where nothing has changed
    "A service with the changes of the catalogue after those that it has; and with the users that came over HTTP"
    live = LiveRows(service.store)
    changes = live.changes(service.live_seq, most)
    if not service.live_seq:
        use_live_users(service)
    if not changes:
        return service
    rows = encoded(service, changes)
    unmet = ~rows[Cols.artwork_id].isin(service.two_tower.item_index).to_numpy()  # features may be newer than towers
    rows = rows[unmet | _differs(rows, service.artworks)].reset_index(drop=True)
    gone = [c.artwork_id for c in changes if c.withdrawn and c.artwork_id in service.catalogue.cards]
    if len(rows) or gone:
        service = service.changed(rows, gone)
    service.live_seq = changes[-1].seq
    return service


def _differs(rows: pd.DataFrame, artworks: pd.DataFrame) -> np.ndarray:  # bool, one per row
    "Which rows the catalogue does not have just so: after a release has learned the changes, none"
    there = artworks.loc[artworks[Cols.artwork_id].isin(rows[Cols.artwork_id]), ARTWORK_COLS]
    known = {row[0]: row for row in map(_plain, there.itertuples(index=False, name=None))}
    mine = map(_plain, rows[ARTWORK_COLS].itertuples(index=False, name=None))
    return np.array([known.get(row[0]) != row for row in mine], bool)


def _plain(row: tuple) -> tuple:
    "Comparable: lists as tuples, missing numbers as None"
    return tuple(tuple(v) if isinstance(v, list | np.ndarray) else None if v != v else v for v in row)


def use_live_users(service: "Service") -> None:
    "Set the profiles of users that came over HTTP; a description without a vector yet counts nothing"
    profiles, columns = service.visitors.profiles, (Cols.age, Cols.gender, Cols.description)
    width = service.two_tower.artwork_features["text"].shape[1]
    empty: dict[str, Any] = {Cols.age: np.nan, Cols.gender: "", Cols.description: "", Cols.text_embedding: None}
    for body, vector in LiveRows(service.store).users():
        user_id = body[Cols.user_id]
        profile = empty | {Cols.user_id: user_id} | profiles.get(user_id, {})
        sent = {c: body[c] for c in columns if body.get(c) is not None}
        if Cols.description in body:
            profile[Cols.text_embedding] = np.zeros(width, np.float32) if vector is None else vector
        profiles[user_id] = profile | sent

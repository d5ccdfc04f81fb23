"""Forget a user: delete all of their rows in a home, from the live tables and from the files beneath them.

The event store comes first, so that the next request no longer uses the user's events. Then come the feature groups,
the tables of the stages and the caches of texts. Deleted SQLite pages are overwritten (`secure_delete`) and old files
of the Delta tables are removed, so that no other tool can read the rows. The result lists what remains: models trained
with the user's data hold a vector under their id until `refresh` or `run --force` trains new models, and files outside
the home are not changed.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from art_recsys.config import Home, Settings, UserError, read_parquet, update_states, write_atomic
from art_recsys.core import Cols

from .backups import forget_in_backups
from .store import EventStore
from .store_file import BACKUPS, OURS
from .tokens import forget_token

__all__ = ["forget"]

WAIT = 60  # seconds to wait for a run in the same home


def without_rows(path: Path, user_id: str) -> int:
    "Delete the user's rows from a table of a stage and return how many there were"
    if not path.is_file():
        return 0
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    def mine(rows: pa.Table) -> pa.ChunkedArray:
        return pc.fill_null(pc.equal(rows[Cols.user_id].cast(pa.string()), user_id), False)

    with pq.ParquetFile(path) as file:  # a long log does not fit into memory
        groups = range(file.num_row_groups)
        gone = sum(pc.sum(mine(file.read_row_group(n, [Cols.user_id]))).as_py() or 0 for n in groups)
        if gone:
            with write_atomic(path) as temp, pq.ParquetWriter(temp, file.schema_arrow) as out:
                for n in groups:
                    rows = file.read_row_group(n)
                    out.write_table(rows.filter(pc.invert(mine(rows))))
    return int(gone)


def _from_groups(settings: Settings, user_id: str) -> dict[str, int]:
    "Delete the user's rows from every feature group with user ids and return how many there were"
    from art_recsys.platform.login import login

    out, fs = {}, login(settings).get_feature_store()
    for name in ("users", "interactions", "transactions", "ranking"):
        if (group := fs.get_feature_group(name, settings.feature_version)) is None:
            continue
        mine = group.filter(group.get_feature(Cols.user_id) == user_id).read()
        if len(mine):
            group.remove_rows(mine)
        group.delta_vacuum(retention_hours=0)
        out[f"feature group {name}"] = len(mine)
    return out


def _from_truth(path: Path, user_id: str) -> int:
    "Delete a synthetic user from the simulator's ground truth; returns 1 if the user was in it, else 0"
    if not path.is_file():
        return 0
    import numpy as np

    with np.load(path, allow_pickle=False) as kept:
        arrays = dict(kept)
    others = arrays["user_ids"] != user_id
    if others.all():
        return 0
    own = ("user_ids", "kinds", "interests", "weights", "focus")
    remaining = {k: v[others] if k in own else v for k, v in arrays.items()}
    with write_atomic(path) as temp, open(temp, "wb") as f:
        np.savez(f, **remaining)
    return 1


def _purge(path: Path, sql: str, *args: Any) -> int:
    "Delete rows from an SQLite file, overwrite their pages and return how many there were"
    if not path.is_file():
        return 0
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        db.execute("pragma secure_delete=on")
        gone = db.execute(sql, args).rowcount
        db.execute("pragma wal_checkpoint(truncate)")
    return gone


def _from_caches(home: Home, text: str) -> dict[str, int]:
    "Delete cached vectors and replies of a profile's text; an empty text deletes nothing"
    if not (text := text.strip()):
        return {}
    said = json.dumps(text, ensure_ascii=False)[1:-1]
    return {
        "cached vectors": _purge(
            home.cache / "embeddings.db", "delete from vectors where key = ?", hashlib.sha256(text.encode()).digest()
        ),
        "cached replies": _purge(home.cache / "writer.db", "delete from replies where instr(reply, ?)", said),
    }


def _text_of(path: Path, user_id: str) -> str:
    "The description of a user; empty if there is none or if another user has the same one"
    if not path.is_file():
        return ""
    users = read_parquet(path)
    if Cols.description not in users:
        return ""
    mine = users.loc[users[Cols.user_id].astype(str) == user_id, Cols.description]
    text = str(mine.iloc[0] or "") if len(mine) else ""
    return "" if (users[Cols.description] == text).sum() > 1 else text


def _left(settings: Settings, home: Home, user_id: str) -> list[str]:
    "Sentences about what `forget` cannot delete"
    models = sorted(
        {
            f"{p.parts[-4]} {p.parts[-3]}" if p.parent.name == "Files" else f"{p.parts[-5]} {p.parts[-4]}"
            for p in home.path.glob("registry/Models/*/*/Files/**/two_tower.json")
            if f'"{user_id}"' in p.read_text(encoding="utf-8")
        }
    )
    files = [str(f) for f in (settings.users_file, settings.events_file) if f]
    return (
        [f"models trained before still hold a vector under this id ({', '.join(models)}): train anew and delete them"]
        if models
        else []
    ) + (
        [
            f"your own files are not changed ({', '.join(files)}): delete the user there, "
            "or the next run reads them again"
        ]
        if files
        else []
    )


def _left_of_events(home: Home, unread: list[str]) -> list[str]:
    "Sentences about copies of the event store that cannot be changed"
    damaged = sorted(f.name for f in home.path.glob("events.db.damaged-*") if not f.name.endswith(("-wal", "-shm")))
    damaged += sorted(f.name for f in home.path.glob("feature_store.damaged-*"))
    folder = Path(f"{home.file('events.db')}{BACKUPS}")
    damaged += sorted(f"{folder.name}/{f.name}" for f in folder.glob("*.db") if not OURS.fullmatch(f.name))
    return [
        f"{name} may still hold rows of this user and cannot be changed: delete it when you no longer need it"
        for name in [*(f"the backup {name}" for name in unread), *damaged]
    ]


def forget(
    settings: Settings,  # Run settings
    user_id: str,  # User to forget
    store: EventStore | None = None,  # Event store that the server has open; if None, the home's store is opened
) -> dict:  # `{user_id, rows: {where: count}, left: [what was not deleted]}`
    "Delete all rows of a user from a home; safe to repeat. Raises `UserError` if a run holds the home's lock for 60 s."
    home = Home.of(settings)
    if store is not None:
        rows = {"events": store.forget(user_id)}
        forget_token(store, user_id)
    else:
        with EventStore(home.file("events.db")) as own:
            rows = {"events": own.forget(user_id)}
            forget_token(own, user_id)
    try:
        with FileLock(home.path / ".lock", timeout=WAIT):
            text = _text_of(home.file("users.parquet"), user_id)
            rows |= _from_groups(settings, user_id)
            rows |= {name: without_rows(home.file(name), user_id) for name in ("users.parquet", "events.parquet")}
            rows["backups of events.db"], unread = forget_in_backups(home.file("events.db"), user_id)
            rows["users_truth.npz"] = _from_truth(home.file("users_truth.npz"), user_id)
            update_states(home, ("users.parquet", "events.parquet", "users_truth.npz"))
            rows |= _from_caches(home, text)
            return {
                Cols.user_id: user_id,
                "rows": {k: n for k, n in rows.items() if n},
                "left": _left(settings, home, user_id) + _left_of_events(home, unread),
            }
    except Timeout:
        raise UserError(
            f"The events of {user_id} are deleted, but another run has been working in this home for {WAIT} s.",
            f"repeat when it has ended: art-recsys forget {user_id}",
        ) from None

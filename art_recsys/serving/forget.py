"""Forget a person: every row that a home keeps of them, in the live tables and in the files below those.

The event store goes first, so that the next answer knows nothing of them any more; then the feature groups, the tables
of the stages and the caches of texts. Deleted pages are overwritten (SQLite's `secure_delete`) and old files of the
Delta tables removed, so that nothing is left to be read with another tool. What cannot be mended here is said: models
that were trained with the person hold a vector under their id until `refresh` or `run --force` trains new ones, and
files outside of the home are not ours to change.
"""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from filelock import FileLock, Timeout

from art_recsys.config import Home, UserError, read_parquet, write_atomic, write_parquet
from art_recsys.core import Cols

from .store import EventStore

__all__ = ["forget"]

WAIT = 60  # seconds for a run in the same home


def _from_parquet(path: Path, user_id: str) -> int:
    "Rows taken out of one of the stages' tables"
    if not path.is_file():
        return 0
    df = read_parquet(path)
    mine = df[Cols.user_id].astype(str) == user_id
    if mine.any():
        write_parquet(df[~mine].reset_index(drop=True), path)
    return int(mine.sum())


def _from_groups(settings, user_id: str) -> dict[str, int]:
    "Rows taken out of every feature group that has users"
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
    "What the simulator knows of a synthetic person"
    if not path.is_file():
        return 0
    import numpy as np

    with np.load(path, allow_pickle=False) as kept:
        arrays = dict(kept)
    others = arrays["user_ids"] != user_id
    if others.all():
        return 0
    mended = {k: v[others] if k in ("user_ids", "interests", "weights", "focus") else v for k, v in arrays.items()}
    with write_atomic(path) as temp, open(temp, "wb") as f:
        np.savez(f, **mended)
    return 1


def _purge(path: Path, sql: str, *args) -> int:
    "Delete rows from an SQLite file and overwrite where they were"
    if not path.is_file():
        return 0
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        db.execute("pragma secure_delete=on")
        gone = db.execute(sql, args).rowcount
        db.execute("pragma wal_checkpoint(truncate)")
    return gone


def _from_caches(home: Home, text: str) -> dict[str, int]:
    "What was kept of a profile's text, unless it is somebody else's text too"
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
    "The profile's text, empty where there is none or others have the same"
    if not path.is_file():
        return ""
    users = read_parquet(path)
    if Cols.description not in users:
        return ""
    mine = users.loc[users[Cols.user_id].astype(str) == user_id, Cols.description]
    text = str(mine.iloc[0] or "") if len(mine) else ""
    return "" if (users[Cols.description] == text).sum() > 1 else text


def _left(settings, home: Home, user_id: str) -> list[str]:
    "What this cannot reach, in words"
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
            f"your own files are not changed ({', '.join(files)}): delete the person there, "
            "or the next run reads them again"
        ]
        if files
        else []
    )


def forget(
    settings,  # Run settings
    user_id: str,  # Whom
    store: EventStore | None = None,  # The open event store of the server; the home's own where None
) -> dict:  # `{user_id, rows: {where: how many}, left: [what this cannot reach]}`
    "Delete every row that a home keeps of a person; safe to repeat"
    home = Home.of(settings)
    if store is not None:
        rows = {"events": store.forget(user_id)}
    else:
        with EventStore(home.file("events.db")) as own:
            rows = {"events": own.forget(user_id)}
    try:
        with FileLock(home.path / ".lock", timeout=WAIT):
            text = _text_of(home.file("users.parquet"), user_id)
            rows |= _from_groups(settings, user_id)
            rows |= {name: _from_parquet(home.file(name), user_id) for name in ("users.parquet", "events.parquet")}
            rows["users_truth.npz"] = _from_truth(home.file("users_truth.npz"), user_id)
            rows |= _from_caches(home, text)
            return {
                Cols.user_id: user_id,
                "rows": {k: n for k, n in rows.items() if n},
                "left": _left(settings, home, user_id),
            }
    except Timeout:
        raise UserError(
            f"The events of {user_id} are deleted, but another run has been working in this home for {WAIT} s.",
            f"repeat when it has ended: art-recsys forget {user_id}",
        ) from None

"""The standing change of one artwork, for processes that are to stay small: importing this loads no pandas."""

import json
from pathlib import Path

from art_recsys.config import read_sqlite

__all__ = ["live_row"]


def live_row(
    path: Path,  # `events.db` of the model server; it may be missing
    artwork_id: str,
) -> tuple[dict, dict, bool] | None:  # what was sent, what the server made, whether it was withdrawn
    "The change that came over HTTP; None where there is none. Raises `sqlite3.Error`."
    if not path.is_file():
        return None
    with read_sqlite(path, timeout=5) as con:
        if not con.execute("select 1 from sqlite_master where name = 'live_artworks'").fetchone():
            return None
        sql = "select body, made, withdrawn from live_artworks where artwork_id = ?"
        row = con.execute(sql, (artwork_id,)).fetchone()
    return (json.loads(row[0]), json.loads(row[1] or "{}"), bool(row[2])) if row else None

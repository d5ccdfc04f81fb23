"""The events of visitors, as the model server wrote them into `events.db`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

from art_recsys.config import UserError
from art_recsys.core import EVENT_COLS

__all__ = ["visitor_events"]


def visitor_events(
    path: Path,  # `events.db` of the model server; it may be missing
) -> pd.DataFrame:  # Columns `EVENT_COLS`, not yet normalised; no rows where there is no file
    "What visitors did in the gallery; raises `UserError` where the file cannot be read"
    if not path.is_file():
        return pd.DataFrame(columns=EVENT_COLS)
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as con:
        try:
            return pd.read_sql(f"SELECT {', '.join(EVENT_COLS)} FROM events", con)
        except (sqlite3.Error, pd.errors.DatabaseError) as e:
            raise UserError(
                f"{path.name} cannot be read: {e}", "move it away to continue without the likes of visitors"
            ) from None

"""The events of visitors, as the model server wrote them into `events.db`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd

from art_recsys.config import UserError
from art_recsys.core import EVENT_COLS, Event

__all__ = ["fresh_pages", "visitor_events"]


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


def fresh_pages(
    path: Path,  # `events.db` of the model server; it may be missing, or have no pages
    since: str,  # ISO 8601 in UTC: only pages after that
    most: int = 1000,  # the latest pages
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Impressions of pages that depended on the visitor alone, and all likes, unlikes and hides of their visitors.

    The first has `request_id, user_id, artwork_id, position, propensity, exploration, always, drawn, n`, the second
    `user_id, artwork_id, event, n`; `n` is the order in which the rows were written. Visitors who ask for more or less
    of something are left out, because the log does not say what they asked for when a page was made.
    """
    empty = pd.DataFrame(columns=["request_id"]), pd.DataFrame(columns=["user_id"])
    if not path.is_file():
        return empty
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as con:
        if not con.execute("select 1 from sqlite_master where name = 'exposures'").fetchone():
            return empty
        shown = pd.read_sql(
            """select e.request_id, e.user_id, e.artwork_id, e.position, e.propensity, x.exploration, x.always, x.drawn,
              e.rowid as n
            from (select * from exposures where fresh and user_id not in (select user_id from steering)
                  order by rowid desc limit ?) x
            join events e on e.request_id = x.request_id and e.event = ? and e.ts > ? order by e.rowid""",
            con,
            params=(most, Event.impression, since),
        )
        decided = pd.read_sql(
            "select user_id, artwork_id, event, rowid as n from events where event in (?, ?, ?) order by rowid",
            con,
            params=(Event.like, Event.unlike, Event.hide),
        )
    return shown, decided[decided["user_id"].isin(shown["user_id"])]

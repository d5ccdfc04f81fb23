"""The events of visitors, as the model server wrote them into `events.db`.

The file keeps the sequence in which events arrived, and for each the time of the clock. Everything after this reads
times only. So times that contradict the sequence are mended here.
"""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from art_recsys.config import UserError, is_damaged, read_sqlite
from art_recsys.core import EVENT_COLS, Cols, Event

__all__ = ["fresh_pages", "in_sequence", "visitor_events"]


def in_sequence(
    events: pd.DataFrame,  # in order of arrival; `ts` is ISO text or a time
    now: datetime | None = None,  # the clock; the time now where None
) -> pd.DataFrame:  # the same rows; `ts` is a time in UTC
    """Times that agree with the order of arrival, where a clock was wrong.

    A time in the future becomes that of the next event whose time is not. The decisions of a user on an artwork get
    times in their order, so that the log sorted by time gives the decision that came last.
    """
    ts = pd.to_datetime(events[Cols.ts], utc=True, format="ISO8601", errors="coerce").astype("datetime64[us, UTC]")
    at = pd.Timestamp(now or datetime.now(UTC))
    ts = ts.where(~(ts > at)).bfill().fillna(at).where(ts.notna())
    out = events.assign(**{Cols.ts: ts})
    decided = out[out[Cols.event].isin([Event.like, Event.unlike, Event.hide]) & ts.notna()]
    pair = [decided[Cols.user_id], decided[Cols.artwork_id]]
    turn = decided.groupby([Cols.user_id, Cols.artwork_id], dropna=False).cumcount().to_numpy()
    micros = decided[Cols.ts].astype(np.int64) - turn
    micros = micros[::-1].groupby([p[::-1] for p in pair], dropna=False).cummin()[::-1] + turn
    out.loc[decided.index, Cols.ts] = pd.to_datetime(micros, unit="us", utc=True).astype(ts.dtype)
    return out


def visitor_events(
    path: Path,  # `events.db` of the model server; it may be missing
) -> pd.DataFrame:  # Columns `EVENT_COLS`, not yet normalised; no rows where there is no file
    "What visitors did in the gallery, in order of arrival; raises `UserError` where the file cannot be read"
    if not path.is_file():
        return pd.DataFrame(columns=EVENT_COLS)
    with read_sqlite(path) as con:
        try:
            return in_sequence(pd.read_sql(f"SELECT {', '.join(EVENT_COLS)} FROM events ORDER BY rowid", con))
        except (sqlite3.Error, pd.errors.DatabaseError) as e:
            remedy = (
                "stop the model server, then bring back what was kept: art-recsys recover"
                if is_damaged(str(e))
                else "check that no other program holds it, then repeat"
            )
            raise UserError(f"{path.name} cannot be read: {e}", remedy) from None


def fresh_pages(
    path: Path,  # `events.db` of the model server; it may be missing, or have no pages
    since: str,  # ISO 8601 in UTC: only pages after that
    most: int = 1000,  # the latest pages
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Impressions of pages that depended on the visitor alone, and all likes, unlikes and hides of their visitors.

    The first has `request_id, user_id, artwork_id, position, propensity, exploration, always, drawn, n`, the second
    `user_id, artwork_id, event, n`; `n` is the order in which the rows were written. Visitors who ask for more or less
    of something are left out, because the log does not say what they asked for when a page was made. Impressions that a
    client reports have no propensity and do not count: the server has written its own.
    """
    empty = pd.DataFrame(columns=["request_id"]), pd.DataFrame(columns=["user_id"])
    if not path.is_file():
        return empty
    with read_sqlite(path) as con:
        if not con.execute("select 1 from sqlite_master where name = 'exposures'").fetchone():
            return empty
        shown = pd.read_sql(
            """select e.request_id, e.user_id, e.artwork_id, e.position, e.propensity, x.exploration, x.always, x.drawn,
              e.rowid as n
            from (select * from exposures where fresh and user_id not in (select user_id from steering)
                  order by rowid desc limit ?) x
            join events e on e.request_id = x.request_id and e.event = ? and e.propensity is not null and e.ts > ?
            order by e.rowid""",
            con,
            params=(most, Event.impression, since),
        )
        decided = pd.read_sql(
            "select user_id, artwork_id, event, rowid as n from events where event in (?, ?, ?) order by rowid",
            con,
            params=(Event.like, Event.unlike, Event.hide),
        )
    return shown, decided[decided["user_id"].isin(shown["user_id"])]

"""Real users and events, read from the files that the settings name."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd

from art_recsys.config import Settings, UserError
from art_recsys.core import Cols, Event, as_events, as_users
from art_recsys.sources.file import read_table

__all__ = ["as_times", "read_users"]

_KINDS = ", ".join(Event.all)
_REMEDIES = {
    "event without a time": "write ts as 2026-01-31T12:00:00Z, or as seconds or milliseconds since 1970",
    "unknown kind of event": f"name the kinds {_KINDS}",
    "event of an unknown work": "give the artwork_id that the catalogue has",
    "event without an id": "give every row an event_id, a user_id and an artwork_id",
}


_UNITS = ((1e11, "s"), (1e14, "ms"), (1e17, "us"), (np.inf, "ns"))  # below 1e11 seconds is before the year 5138


def as_times(
    times: pd.Series,  # texts, times, or numbers since 1970
) -> pd.Series:
    "Numbers since 1970 as times: seconds, milli-, micro- or nanoseconds, told by their size; all else unchanged"
    numbers = pd.to_numeric(times, errors="coerce") if times.dtype == object else times
    if not pd.api.types.is_numeric_dtype(numbers) or numbers.isna().mean() > 0.5:
        return times
    size = numbers.abs().median()
    unit = next(unit for below, unit in _UNITS if size < below)
    return pd.to_datetime(numbers, unit=unit, utc=True, errors="coerce")


def _read_table(settings: Settings, table: str) -> pd.DataFrame:
    "The file that the settings name for `users` or `events`, with our column names"
    path = getattr(settings, f"{table}_file")
    if not path.is_file():
        raise UserError(f"{table}_file names {path}, and there is no such file.", f"correct {table}_file (--{table})")
    return read_table(path, table, settings.columns)


def read_users(
    settings: Settings,  # `users_file`, `events_file`
    artwork_ids: Iterable[str],  # The catalogue
) -> tuple[pd.DataFrame, pd.DataFrame, Counter]:  # users, events, numbers of dropped rows by reason
    """Users and events from files, normalised. Users that appear only in events get a row with nothing but their id.

    Events without ids are numbered by their rows. Raises `UserError` where a file is missing or unreadable, where
    `users_file` is set without `events_file`, and where no event can be used.
    """
    problems: Counter = Counter()
    if settings.events_file is None:
        raise UserError("users_file is set and events_file is not.", "name the events as well, or neither")
    log = _read_table(settings, "events")
    if Cols.event_id not in log:
        log[Cols.event_id] = [f"row-{n}" for n in range(1, len(log) + 1)]  # a log that grows at its end keeps them
    events = as_events(log.assign(**{Cols.ts: as_times(log[Cols.ts])}), artwork_ids, problems)
    if events.empty:
        why = problems.most_common(1)[0][0] if problems else ""
        raise UserError(
            f"No event of {settings.events_file.name} can be used: {dict(problems) or 'it has no rows'}.",
            _REMEDIES.get(why, "compare its artwork_id with the catalogue's, and its event names with " + _KINDS),
        )
    users = as_users(
        _read_table(settings, "users") if settings.users_file else pd.DataFrame({Cols.user_id: []}),
        problems,
    )
    more = pd.DataFrame({Cols.user_id: sorted(set(events[Cols.user_id]) - set(users[Cols.user_id]))})
    if len(more) and settings.users_file:
        problems["user known from events only"] += len(more)
    return as_users(pd.concat([users, more], ignore_index=True)), events, problems

"""Real users and events, read from the files that the settings name."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from art_recsys.config import Settings, UserError
from art_recsys.core import Cols, Event, as_events, as_users
from art_recsys.sources.file import file_columns, file_reader, query_file

__all__ = ["read_users"]


def _read_table(path: Path, setting: str) -> pd.DataFrame:
    "A Parquet, CSV or JSON-lines file that a setting names"
    if not path.is_file():
        raise UserError(f"{setting} names {path}, and there is no such file.", f"correct {setting}")
    columns = file_columns(path)
    ids = [c for c in (Cols.event_id, Cols.user_id, Cols.artwork_id) if c in columns]  # 007 is a name, not a number
    return query_file(f"SELECT * FROM {file_reader(path, ids)}", path).df()


def read_users(
    settings: Settings,  # `users_file`, `events_file`
    artwork_ids: Iterable[str],  # The catalogue
) -> tuple[pd.DataFrame, pd.DataFrame, Counter]:  # users, events, numbers of dropped rows by reason
    """Users and events from files, normalised. Users that appear only in events get a row with nothing but their id.

    Raises `UserError` where a file is missing or unreadable, where `users_file` is set without `events_file`, and where
    no event can be used.
    """
    problems: Counter = Counter()
    if settings.events_file is None:
        raise UserError("users_file is set and events_file is not.", "name the events as well, or neither")
    events = as_events(_read_table(settings.events_file, "events_file"), artwork_ids, problems)
    if events.empty:
        raise UserError(
            f"No event of {settings.events_file.name} can be used: {dict(problems)}.",
            f"compare its artwork_id with the catalogue's, and its event names with {', '.join(Event.all)}",
        )
    users = as_users(
        _read_table(settings.users_file, "users_file") if settings.users_file else pd.DataFrame({Cols.user_id: []}),
        problems,
    )
    more = pd.DataFrame({Cols.user_id: sorted(set(events[Cols.user_id]) - set(users[Cols.user_id]))})
    if len(more) and settings.users_file:
        problems["user known from events only"] += len(more)
    return as_users(pd.concat([users, more], ignore_index=True)), events, problems

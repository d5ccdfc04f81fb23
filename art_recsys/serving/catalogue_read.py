"""What the routes of the live catalogue read: works, users and events, one at a time or a page at a time.

A page is `{items, next}`; `next` goes into `after` for the following page, and is None on the last one.
"""

from collections.abc import Collection
from typing import Any

from art_recsys.core import EVENT_COLS, Cols
from art_recsys.platform.live_log import CHANGES, Change

from .catalogue import plain

__all__ = ["artwork", "artworks", "event", "events", "user", "users"]

_SELECT = f"select rowid, {', '.join(EVENT_COLS)} from events"


def _page(ids: Collection[str], after: str, limit: int) -> tuple[list[str], str | None]:
    left = sorted(a for a in ids if a > after)
    return left[:limit], left[limit - 1] if len(left) > limit else None


def artworks(service: Any, after: str, limit: int) -> dict:
    "The works that are in the catalogue now"
    ids, more = _page(service.catalogue.cards, after, limit)
    return {"items": [service.catalogue.details(a) for a in ids], "next": more}


def artwork(service: Any, artwork_id: str) -> dict:
    "One work; `problem`: why its picture could not be downloaded, or ''. Raises `UnknownArtwork`."
    rows = service.store.read(f"{CHANGES} where artwork_id = ?", (artwork_id,))
    problem = (Change.of(rows[0]).made or {}).get("problem", "") if rows else ""
    return service.catalogue.details(artwork_id) | {"problem": problem}


def _profile(service: Any, user_id: str) -> dict:
    profile = service.visitors.profiles.get(user_id, {})
    kept = {c: plain(profile.get(c)) for c in (Cols.age, Cols.gender, Cols.description)}
    return {Cols.user_id: user_id, **kept}


def users(service: Any, after: str, limit: int) -> dict:
    "Users with a profile"
    ids, more = _page(list(service.visitors.profiles), after, limit)
    return {"items": [_profile(service, u) for u in ids], "next": more}


def user(service: Any, user_id: str) -> dict:
    "Profile, and ids of liked and hidden works, newest first. `LookupError` for somebody of whom nothing is known."
    decided = service.visits.decisions(user_id)
    seen = service.store.read("select 1 from events where user_id = ? limit 1", (user_id,))
    if user_id not in service.visitors.profiles and user_id not in service.visitors.logged and not seen:
        raise LookupError(f"There is no user {user_id}.")
    return _profile(service, user_id) | {"likes": decided["likes"], "hidden": decided["hidden"]}


def events(service: Any, after: int, limit: int, user_id: str | None) -> dict:
    "Events of the event store, those that came since the last release and before; without the log of the source"
    where, args = ("and user_id = ?", (user_id,)) if user_id is not None else ("", ())
    rows = service.store.read(f"{_SELECT} where rowid > ? {where} order by rowid limit ?", (after, *args, limit + 1))
    items = [dict(zip(EVENT_COLS, row[1:], strict=True)) for row in rows[:limit]]
    return {"items": items, "next": rows[limit - 1][0] if len(rows) > limit else None}


def event(service: Any, event_id: str) -> dict:
    "One event. `LookupError` where there is none."
    rows = service.store.read(f"{_SELECT} where event_id = ?", (event_id,))
    if not rows:
        raise LookupError(f"There is no event {event_id}.")
    return dict(zip(EVENT_COLS, rows[0][1:], strict=True))

"""The client's methods for the live catalogue: works, users and events that come and go, and pages for a session."""

from collections.abc import Iterable
from typing import Any

from .client_visits import quoted

__all__ = ["CatalogueCalls"]

SLOW = 120  # seconds to wait for a batch


class CatalogueCalls:
    """Part of `Client`. A batch has at most 10,000 rows; the good ones are taken.

    The others are in `errors`, a list of `{index, id, field, message}`. Where no row is good, `error` is raised.
    """

    def _ask(self, method: str, path: str, **kwargs: Any) -> Any:
        raise NotImplementedError  # `Client` sends the request

    def catalogue_state(self) -> dict:
        "`{artworks, withdrawn, waiting, pictures, ready, problem}`; `waiting`: changes that are not visible yet"
        return self._ask("GET", "/api/catalogue")

    def put_artworks(self, artworks: Iterable[dict]) -> dict:  # `{inserted, changed, unchanged, errors}`
        "Insert or change works; they are on disk when this returns, and a moment later in searches and on pages"
        return self._ask("POST", "/api/artworks", json={"artworks": list(artworks)}, timeout=SLOW)

    def put_picture(self, artwork_id: str, data: bytes) -> dict:  # `{artwork_id}`
        "Set the picture of a work; `data` is the content of a picture file"
        return self._ask("PUT", f"/api/pictures/{quoted(artwork_id)}", data=data)

    def withdraw(self, artwork_ids: Iterable[str]) -> dict:  # `{withdrawn, unchanged}`
        "Withdraw works; no answer shows them any more when this returns"
        return self._ask("POST", "/api/artworks/withdraw", json={"artwork_ids": list(artwork_ids)}, timeout=SLOW)

    def artworks_page(self, after: str = "", limit: int = 100) -> dict:  # `{items, next}`
        "Works in order of their ids; `after`: the `next` of the page before"
        return self._ask("GET", "/api/artworks", params={"after": after, "limit": limit})

    def put_users(self, users: Iterable[dict]) -> dict:  # `{inserted, changed, unchanged, errors}`
        "Insert or change profiles: `user_id`, and `age`, `gender` (F, M, N) and `description`"
        return self._ask("POST", "/api/users", json={"users": list(users)}, timeout=SLOW)

    def users_page(self, after: str = "", limit: int = 100) -> dict:  # `{items, next}`
        "Profiles in order of their ids"
        return self._ask("GET", "/api/users", params={"after": after, "limit": limit})

    def put_events(self, events: Iterable[dict]) -> dict:  # `{accepted, duplicates, errors}`
        "Record events with an `event_id` each; sent again, they are duplicates"
        return self._ask("POST", "/api/events", json={"events": list(events)}, timeout=SLOW)

    def replace_event(self, event_id: str, event: dict) -> dict:  # `{accepted, duplicates}`
        "Put an event in the place of the one with this id"
        return self._ask("PUT", f"/api/events/{quoted(event_id)}", json=event)

    def delete_event(self, event_id: str) -> dict:  # `{deleted}`
        "Delete one event"
        return self._ask("DELETE", f"/api/events/{quoted(event_id)}")

    def events_page(self, after: int = 0, limit: int = 100, user_id: str | None = None) -> dict:  # `{items, next}`
        "Events in order of arrival, of all users or of one"
        return self._ask("GET", "/api/events", params={"after": after, "limit": limit, "user_id": user_id})

    def recommend_session(
        self,
        liked: Iterable[str],  # Ids of liked works, oldest first
        k: int | None = None,  # Works per page; the server's `page_size` if None
        **more: Any,  # `hidden`, `exclude`, `filters`, `exclude_artists`, as for `recommend`
    ) -> dict:  # `{model_version, items, unknown}`
        "A page for these likes; nothing is kept"
        body = {"liked": list(liked), **more}
        return self._ask("POST", "/api/recommend/session", json=body if k is None else {**body, "k": k})

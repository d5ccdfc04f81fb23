"""The client's methods for what belongs to a visitor: likes, hidden works, rooms, and codes for another browser."""

from typing import Any
from urllib.parse import quote

__all__ = ["VisitCalls", "quoted"]


def quoted(value: str) -> str:
    "An id as one part of a path"
    return quote(str(value), safe="")


class VisitCalls:
    "Part of `Client`; a room of somebody else, or beyond the limits, raises its `error`"

    def _ask(self, method: str, path: str, **kwargs: Any) -> Any:
        raise NotImplementedError  # `Client` sends the request

    def decisions(self, user_id: str) -> dict:
        "Ids of the works that a visitor likes and hides, newest first: `{user_id, likes, hidden}`"
        return self._ask("GET", f"/decisions/{quoted(user_id)}")

    def visitor(self, token: str) -> dict:
        "As `decisions`, for a token that the server has made; any other id raises `error`"
        return self._ask("GET", f"/visitors/{quoted(token)}")

    def forget_visitor(self, token: str, timeout: float = 120) -> dict:
        "Forget the visitor with this token, as `forget` does; any other id raises `error`"
        return self._ask("DELETE", f"/visitors/{quoted(token)}", timeout=timeout)

    def likes(self, user_id: str, k: int = 60, skip: int = 0) -> dict:
        "At most `k` works that a visitor likes, newest first: `{total, items: [{artwork_id, at, artwork}]}`"
        return self._ask("GET", f"/likes/{quoted(user_id)}", params={"k": k, "skip": skip})

    def hidden(self, user_id: str, k: int = 60, skip: int = 0) -> dict:
        "At most `k` works that a visitor hides, in the form of `likes`"
        return self._ask("GET", f"/hidden/{quoted(user_id)}", params={"k": k, "skip": skip})

    def rooms(self, user_id: str) -> list[dict]:
        "The rooms of a visitor: `[{room_id, name, sorting, share_id, total, has: [ids], items}]`, newest first"
        return self._ask("GET", f"/rooms/{quoted(user_id)}")["rooms"]

    def make_room(self, user_id: str, name: str, artwork_ids: list[str] | tuple[str, ...] = ()) -> dict:
        "Make a room and hang works in it; the room, as `room` returns it"
        return self._ask("POST", "/rooms", json={"user_id": user_id, "name": name, "artwork_ids": list(artwork_ids)})

    def room(self, user_id: str, room_id: str) -> dict:
        "A room of a visitor: `{room_id, name, text, sorting, share_id, works: number, items}`"
        return self._ask("GET", f"/room/{quoted(room_id)}", params={"user_id": user_id})

    def change_room(self, user_id: str, room_id: str, **new: str | None) -> dict:
        "Change `name`, `text` or `sorting` (hung, colour, time) of a room; the room"
        return self._ask("PATCH", f"/room/{quoted(room_id)}", json={"user_id": user_id, **new})

    def hang(
        self,
        user_id: str,
        room_id: str,
        add: list[str] | tuple[str, ...] = (),  # ids of works, which hang after the others
        remove: list[str] | tuple[str, ...] = (),  # ids of works
        position: int | None = None,  # where the added work hung before it was removed
    ) -> dict:
        "Hang works in a room and take others out; the room"
        body = {"user_id": user_id, "add": list(add), "remove": list(remove), "position": position}
        return self._ask("POST", f"/room/{quoted(room_id)}/works", json=body)

    def delete_room(self, user_id: str, room_id: str) -> dict:
        "Take a room down: `{room_id}`"
        return self._ask("DELETE", f"/room/{quoted(room_id)}", params={"user_id": user_id})

    def share_room(self, user_id: str, room_id: str, on: bool = True) -> dict:
        "Open or close the link to a room; the room with its `share_id`"
        return self._ask("POST", f"/room/{quoted(room_id)}/share", json={"user_id": user_id, "on": on})

    def shared_room(self, share_id: str) -> dict:
        "A room as a stranger sees it: `{name, text, sorting, items}`. Raises `error` where the link is closed."
        return self._ask("GET", f"/shared/{quoted(share_id)}")

    def make_code(self, user_id: str, artists: list[str] | tuple[str, ...] = ()) -> dict:
        "A one-time code for another browser: `{code, seconds}`; `artists` that this browser excludes go with it"
        return self._ask("POST", "/codes", json={"user_id": user_id, "artists": list(artists)})

    def redeem(self, user_id: str, code: str) -> dict:
        "Copy what is behind a code to a visitor: `{likes, hidden, follows, rooms: numbers, artists}`"
        return self._ask("POST", "/codes/redeem", json={"user_id": user_id, "code": code})

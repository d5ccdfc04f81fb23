"""Messages about what belongs to a visitor: likes, hidden works, rooms, codes for another browser, being forgotten."""

from typing import Any

from .messages import MAX_ROOM_NAME, MAX_WALL_TEXT, BadMessage, artists_of, flag_of, id_of, ids_of, skip_of, text_of

__all__ = ["VISITS", "VisitMessages"]

PART = 60  # Works that the likes and the hidden works bring at a time
EXPORTED = 1000  # Likes in one message of an export
FORGET_SECONDS = 9  # The page waits only ANSWER_MS (kernel.js)
READS = ("likes", "hidden", "sync", "rooms", "room", "export")
ACTS = ("make_room", "change_room", "hang", "share_room", "delete_room", "make_code", "redeem", "forget")
VISITS = (*READS, *ACTS)


class VisitMessages:
    "Part of `Gallery`; a refusal of the model server is told in its own words"

    _client: Any
    _user_id: str | None
    _profile: dict | None
    _liked: list[str]
    _hidden: set[str]
    _known: set[str]

    def _visitor(self) -> str:
        if self._user_id is None:
            raise BadMessage("hello comes first")
        return self._user_id

    def _who(self) -> str:
        "Whose taste a page shows: a profile's that is looked through, else the visitor's. Raises `BadMessage`."
        visitor = self._visitor()
        return self._profile["user_id"] if self._profile else visitor

    # --- likes and hidden works ---

    def _on_likes(self, message: dict) -> dict:
        "The works this visitor likes, newest first"
        return self._works_of(message, self._client.likes)

    def _on_hidden(self, message: dict) -> dict:
        "The works this visitor hides, newest first"
        return self._works_of(message, self._client.hidden)

    def _works_of(self, message: dict, ask: Any) -> dict:
        skip = skip_of(message)
        found = ask(self._visitor(), PART, skip)
        items = self._drawn(found["items"])
        end = skip + len(items) >= found["total"]
        return {"type": message["type"], "items": items, "total": found["total"], "end": end}

    def _drawn(self, items: list[dict]) -> list[dict]:
        "Works as the page draws them; the visitor may act on them from now on"
        self._known.update(item["artwork"]["artwork_id"] for item in items)
        return [{"artwork": item["artwork"]} for item in items]

    def _on_sync(self, message: dict) -> dict:
        "Another tab of this visitor has changed something: read again what they like and hide"
        self._reread()
        return {"type": "synced", "liked": list(self._liked)}

    def _reread(self) -> None:
        decided = self._client.decisions(self._visitor())
        self._liked, self._hidden = decided["likes"], set(decided["hidden"])

    def _on_export(self, message: dict) -> dict:
        "Rows of what this visitor likes, newest first, for a file"
        skip = skip_of(message)
        found = self._client.likes(self._visitor(), EXPORTED, skip)
        rows = [
            {
                "title": item["artwork"].get("title"),
                "artist": item["artwork"].get("artist"),
                "date": item["artwork"].get("date_text"),
                "liked_at": item["at"],
                "artwork_id": item["artwork"]["artwork_id"],
                "source_url": item["artwork"].get("source_url"),
            }
            for item in found["items"]
        ]
        return {"type": "exported", "rows": rows, "end": skip + len(rows) >= found["total"]}

    # --- rooms ---

    def _on_rooms(self, message: dict) -> dict:
        "All rooms of this visitor, with the works on their covers"
        return {"type": "rooms", "rooms": self._client.rooms(self._visitor())}

    def _on_room(self, message: dict) -> dict:
        return self._room(self._client.room(self._visitor(), id_of(message, "room_id")))

    def _room(self, room: dict) -> dict:
        "A room as the page draws it"
        at = {item["artwork_id"]: item["position"] for item in room["items"]}
        return {"type": "room", **room, "positions": at, "items": self._drawn(room["items"])}

    def _on_make_room(self, message: dict) -> dict:
        works = ids_of(message, "artwork_ids", self._known)
        return self._room(self._client.make_room(self._visitor(), text_of(message, "name", MAX_ROOM_NAME), works))

    def _on_change_room(self, message: dict) -> dict:
        "A new name, wall text or order; what the message does not name stays"
        most = {"name": MAX_ROOM_NAME, "text": MAX_WALL_TEXT, "sorting": 20}
        new = {key: text_of(message, key, n, empty=key == "text") for key, n in most.items() if key in message}
        return self._room(self._client.change_room(self._visitor(), id_of(message, "room_id"), **new))

    def _on_hang(self, message: dict) -> dict:
        "Hang works that this visitor has seen, and take others out"
        add, remove = ids_of(message, "add", self._known), ids_of(message, "remove", self._known)
        position = skip_of(message, "position") if "position" in message else None
        room_id = id_of(message, "room_id")
        return self._room(self._client.hang(self._visitor(), room_id, add, remove, position))

    def _on_share_room(self, message: dict) -> dict:
        on = flag_of(message, "on")
        return self._room(self._client.share_room(self._visitor(), id_of(message, "room_id"), on))

    def _on_delete_room(self, message: dict) -> dict:
        return {"type": "ack", **self._client.delete_room(self._visitor(), id_of(message, "room_id"))}

    # --- another browser, and being forgotten ---

    def _on_make_code(self, message: dict) -> dict:
        "A one-time code; the artists that only this browser knows go with it"
        return {"type": "code", **self._client.make_code(self._visitor(), artists_of(message))}

    def _on_redeem(self, message: dict) -> dict:
        came = self._client.redeem(self._visitor(), text_of(message, "code"))
        self._reread()
        return {"type": "redeemed", **came}

    def _on_forget(self, message: dict) -> dict:
        "Forget this visitor; the page then asks for a new one"
        self._client.forget_visitor(self._visitor(), FORGET_SECONDS)
        return {"type": "forgotten"}

"""What belongs to a visitor, with the cards of its works: likes, hidden works, rooms, and codes for another browser."""

from typing import Any

import numpy as np
from PIL import Image

from art_recsys.core import Cols, Event
from art_recsys.language.colours import lab, rgb_of

from .catalogue import Catalogue
from .codes import Codes
from .rooms import HungRoom, Rooms
from .tokens import Tokens
from .visitors import Visitors

__all__ = ["Visits", "by_colour", "by_time"]

COVERS = 3  # works on the cover of a room
GREY = 8.0  # chroma in CIE Lab below which a colour has no hue that one sees
PUBLIC = (  # what a shared room says of a work
    Cols.artwork_id,
    Cols.title,
    Cols.artist,
    Cols.date_text,
    Cols.medium,
    Cols.description,
    Cols.credit,
    Cols.licence,
    Cols.image_url,
    "colour",
    "dominant",
    "picture",
    "width",
    "height",
)


def by_colour(colours: list[str]) -> list[int]:
    "The order of hex colours around the wheel of hues in CIE Lab; greys come last, the lightest first"
    if not colours:
        return []
    light, a, b = lab(Image.fromarray(rgb_of(colours)[None]))[0].T
    grey = np.hypot(a, b) < GREY
    hue = np.where(grey, 0, np.degrees(np.arctan2(b, a)) % 360)
    return [int(i) for i in np.lexsort((-light, hue, grey))]


def by_time(years: list[float | None]) -> list[int]:
    "The order of years, the earliest first; works without a year come last"
    return sorted(range(len(years)), key=lambda i: (years[i] is None, years[i] or 0))


class Visits:
    "Answers in plain dictionaries, as the methods of `Service`"

    def __init__(
        self,
        catalogue: Catalogue,
        visitors: Visitors,  # with the event store
        codes: Codes | None = None,  # of the same store; they count wrong tries, so they outlive the catalogue
    ):
        self.catalogue, self.visitors, self.store = catalogue, visitors, visitors.store
        self.rooms = Rooms(self.store)
        self.codes = codes or Codes(self.store, self.rooms)
        self.tokens = Tokens(self.store, visitors.profiles)

    def visitor(self, token: str) -> dict:  # as `decisions`
        "The visitor with a token that this server has made. Raises `LookupError` for any other id."
        if not self.tokens.made(token):
            raise LookupError("This is not a token of this gallery.")
        return self.decisions(token)

    # ---- likes and hidden works ----------------------------------------------------------------------------------
    def decisions(self, user_id: str) -> dict:  # `{user_id, likes: [ids], hidden: [ids]}`
        "Ids of the works that a visitor likes and hides, newest first; an unknown id is a new visitor"
        decided, cards = self.visitors.decisions(user_id), self.catalogue.cards
        of = lambda kind: [a for a, e in reversed(decided.items()) if e == kind and a in cards]  # noqa: E731
        return {Cols.user_id: user_id, "likes": of(Event.like), "hidden": of(Event.hide)}

    def likes(self, user_id: str, k: int = 60, skip: int = 0) -> dict:  # `{total, items: [{artwork_id, at, artwork}]}`
        "At most `k` works that a visitor likes, newest first; `at`: when they said so, where that is known"
        return self._page(user_id, "likes", k, skip)

    def hidden(self, user_id: str, k: int = 60, skip: int = 0) -> dict:
        "At most `k` works that a visitor hides, in the form of `likes`"
        return self._page(user_id, "hidden", k, skip)

    def _page(self, user_id: str, kind: str, k: int, skip: int) -> dict:
        ids, at = self.decisions(user_id)[kind], self.store.decided_at(user_id)
        return {"total": len(ids), "items": [{**self._item(a), "at": at.get(a)} for a in ids[skip : skip + k]]}

    def _item(self, artwork_id: str) -> dict:
        return {Cols.artwork_id: artwork_id, "artwork": self.catalogue.cards[artwork_id]}

    # ---- rooms ---------------------------------------------------------------------------------------------------
    def rooms_of(self, user_id: str) -> dict:  # `{rooms: [{room_id, name, sorting, share_id, total, has, items}]}`
        "The rooms of a visitor, the newest first, each with the ids of its works and a few of them for its cover"
        out = []
        for room in self.rooms.of(user_id):
            ids = self._sorted(room)
            cover = [self._item(a) for a in ids[:COVERS]]
            said = {"room_id": room.room_id, "name": room.name, "sorting": room.sorting, "share_id": room.share_id}
            out.append({**said, "total": len(ids), "has": ids, "items": cover})
        return {"rooms": out}

    def make_room(self, user_id: str, name: str, artwork_ids: list[str]) -> dict:
        "Make a room; it is returned as by `room`. Raises `ValueError` beyond the limits and `UnknownArtwork`."
        self._known(artwork_ids)
        return self.room(user_id, self.rooms.make(user_id, name, artwork_ids))

    def room(self, user_id: str, room_id: str) -> dict:
        "A room for its owner: `{room_id, name, text, sorting, share_id, items}`. Raises `LookupError` for any other."
        room = self.rooms.room(user_id, room_id)
        items = [{**self._item(a), "position": room.works[a]} for a in self._sorted(room)]
        said: dict[str, Any] = room._asdict()
        return {**said, "works": len(items), "items": items}

    def change_room(self, user_id: str, room_id: str, **new: str | None) -> dict:
        "Change name, text or sorting of a room; the room. Raises as `Rooms.change`."
        self.rooms.change(user_id, room_id, **new)
        return self.room(user_id, room_id)

    def hang(self, user_id: str, room_id: str, add: list[str], remove: list[str], position: int | None = None) -> dict:
        "Hang works in a room and take others out; the room. Raises as `Rooms.add`, and `UnknownArtwork`."
        self._known(add)
        if remove:
            self.rooms.remove(user_id, room_id, remove)
        if add:
            self.rooms.add(user_id, room_id, add, position)
        return self.room(user_id, room_id)

    def delete_room(self, user_id: str, room_id: str) -> dict:
        "Take a room down: `{room_id}`. Raises `LookupError` if the visitor has no such room."
        self.rooms.delete(user_id, room_id)
        return {"room_id": room_id}

    def share_room(self, user_id: str, room_id: str, on: bool) -> dict:
        "Open or close the link to a room; the room. Raises `LookupError` if the visitor has no such room."
        self.rooms.share(user_id, room_id, on)
        return self.room(user_id, room_id)

    def shared_room(self, share_id: str) -> dict:  # `{name, text, sorting, items: [{artwork}]}`
        "A room as a stranger sees it: nothing about its owner. Raises `LookupError` where the link is closed."
        room = self.rooms.shared(share_id)
        cards = [self.catalogue.cards[a] for a in self._sorted(room)]
        items = [{"artwork": {key: card.get(key) for key in PUBLIC}} for card in cards]
        return {"name": room.name, "text": room.text, "sorting": room.sorting, "items": items}

    def _known(self, artwork_ids: list[str]) -> None:
        for artwork_id in artwork_ids:
            self.catalogue.card(artwork_id)

    def _sorted(self, room: HungRoom) -> list[str]:
        "Ids of the works of a room that the catalogue still has, in the order of the room"
        ids = [a for a in room.works if a in self.catalogue.cards]
        if room.sorting == "colour":
            return [ids[i] for i in by_colour([self.catalogue.cards[a]["dominant"] for a in ids])]
        if room.sorting == "time":
            return [ids[i] for i in by_time([self.catalogue.years[a] for a in ids])]
        return ids

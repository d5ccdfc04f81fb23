"""The gallery's answers about the map: whose likes glow on it, which works are where, and a wall from around a place.

Places and colours of all works are not among them. The browser fetches those once for each release (`MapHandler`).
"""

from collections.abc import Callable
from typing import Any

from .messages import BadMessage, flag_of, number_of, numbers_of, text_of

__all__ = ["MAP_PAGES", "MapMessages"]

MAP_PAGES = ("map", "map_works", "map_around")
UNDER = 24  # works in the list of those under the lens
AT_ONCE = 200  # cards in one answer


class MapMessages:
    "Handlers of messages for the widget, which has these attributes"

    _client: Any
    _who: Callable[[], str]  # whose taste the map shows
    _page_size: int
    _exclude_artists: list
    _known: set
    _if_known: Callable[..., Any]
    _hung: tuple[Any, list] = (None, [])  # the lens whose works hang on the wall, and their ids

    def _on_map(self, message: dict) -> dict:
        "The name of the map, the likes on it and the way of the query; without a name where the release has no map"
        found = self._if_known(self._client.map_of, self._who())
        return {"type": "map", **(found or {"name": None, "works": 0, "likes": [], "path": []})}

    def _on_map_works(self, message: dict) -> dict:
        "Cards of works by their numbers on the map; none where the map has been replaced"
        numbers = numbers_of(message, "numbers", AT_ONCE)
        self._who()
        found = self._if_known(self._client.map_works, numbers, text_of(message, "name"))
        return {"type": "map_works", "items": self._introduced(found or []), "stale": found is None}

    def _on_map_around(self, message: dict) -> dict:
        """Works around a place, in the order of the taste.

        `fill`: for a wall, so without those that the visitor has decided on, and going on further away; with `more`
        those after the ones that hang.
        """
        x, y, radius = (number_of(message, key) for key in ("x", "y", "radius"))
        fill, more = flag_of(message, "fill"), flag_of(message, "more")
        lens = x, y, radius
        if not fill:
            found = self._client.map_around(x, y, radius, UNDER, self._who())
        else:
            if more and self._hung[0] != lens:
                raise BadMessage("more")
            hung = self._hung[1] if more else []
            artists = self._exclude_artists
            found = self._client.map_around(x, y, radius, self._page_size, self._who(), True, hung, artists)
            hung = hung + [item["artwork_id"] for item in found["items"]]
            self._hung = lens, hung
        items = self._introduced(found["items"])
        end = len(items) < self._page_size
        return {"type": "map_around", "items": items, "total": found["total"], "end": end}

    def _introduced(self, items: list[dict]) -> list[dict]:
        "Works that this visitor now may act on, as the front end takes them"
        self._known.update(item["artwork_id"] for item in items)
        return [{"number": item["number"], "artwork": item["artwork"]} for item in items]

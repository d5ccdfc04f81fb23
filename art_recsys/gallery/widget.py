"""The gallery as one anywidget: it answers the browser's messages with data from the model server.

A profile of the chooser is looked through and never written to: likes that are given there belong to the visitor.

The browser can write every synced trait. The state of a visitor (user id, likes, works shown) is therefore kept in
plain attributes, and every message is validated first. A visitor without a profile is identified only by an unguessable
token that their browser stores.
"""

import os
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from art_recsys.serving.client import Client
from art_recsys.serving.limits import Buckets

from .map_messages import MAP_PAGES, MapMessages
from .messages import MAX_NAME, BadMessage, artists_of, flag_of, ids_of, skip_of, text_of
from .profiles import profile_card
from .visit import ACTS as VISIT_ACTS
from .visit import VISITS, VisitMessages

__all__ = ["DEFAULT_SERVER_URL", "Gallery"]

HERE = Path(__file__).parent
DEFAULT_SERVER_URL = "http://127.0.0.1:8471"
PAGE_SIZE = 24
SIMILAR = 8  # Number of similar works in each row of the details, and of more of them
ARTIST = 60  # Number of works on the page of an artist, and of more of them
PROFILES = 48  # Number of profiles in the chooser
TOKEN = re.compile(r"[A-Za-z0-9_.:-]{16,200}")
MAX_SEEN, MAX_RESTED, MAX_SEQ = 600, 1_000, 2**53
VISITOR_RATE = 600  # messages in a minute

PAGES = ("hello", "ping", "more", "refresh", "filter", "details", "similar", "search", "artist", "taste")
ACTS = ("like", "hide", "steer", "exclude_artists", "profiles", "profile")
SAVES = ("like", "hide", "steer", *VISIT_ACTS)

TOO_FAST = "That was a lot at once. Please wait a moment."
SERVER_DOWN = "The recommender is not answering just now."
NOT_SAVED = "That could not be saved: the recommender is not answering."


class ServerError(Exception):
    "The model server is down or refused a request: `ServerError(what, remedy)`"


def picture_base(server_url: str) -> str:
    "Base URL of pictures: the page's own origin under Voilà, the model server at `server_url` in JupyterLab"
    if "VOILA_PREHEAT" in os.environ:
        return os.environ.get("VOILA_BASE_URL", "/") + "pictures/"
    return server_url.rstrip("/") + "/pictures/"


class Gallery(VisitMessages, MapMessages, anywidget.AnyWidget):
    "A page of recommended pictures that visitors can like or hide"

    _esm = HERE / "static" / "gallery.js"
    _css = "".join((HERE / name).read_text(encoding="utf-8") for name in ("gallery.css", "rooms.css"))
    pictures = traitlets.Unicode(help="Base URL of pictures, to which an artwork id is appended").tag(sync=True)

    def __init__(
        self,
        server_url: str | None = None,  # base URL; None: `ART_RECSYS_SERVER_URL`, or the default address
        page_size: int | None = None,  # works per page; None: `ART_RECSYS_PAGE_SIZE`, or the default
        client: Any = None,  # instead of a `Client` of `server_url`, for tests
    ):
        url = server_url or os.environ.get("ART_RECSYS_SERVER_URL", DEFAULT_SERVER_URL)
        self._client = client or Client(url, timeout=5, error=ServerError)
        self._page_size = page_size or int(os.environ.get("ART_RECSYS_PAGE_SIZE", PAGE_SIZE))
        self._handlers = {name: getattr(self, f"_on_{name}") for name in (*PAGES, *MAP_PAGES, *ACTS, *VISITS)}
        self._pace = Buckets(float(os.environ.get("ART_RECSYS_VISITOR_RATE", VISITOR_RATE)))
        self._facets: dict = {}
        self._profiles: dict = {}
        self._known: set = set()  # ids of works shown on this page, whose visitor may act on them
        self._become(None)
        super().__init__(pictures=picture_base(url))
        self.on_msg(self._on_message)

    # --- the current visitor ---

    def _become(self, user: dict | None) -> None:
        "Become a visitor, or nobody, and reset what has been shown"
        self._user_id = user["user_id"] if user else None
        self._liked = list((user or {}).get("likes", []))
        self._hidden = set((user or {}).get("hidden", []))
        self._exclude_artists: list = []  # artists that the visitor excluded
        self._taste: set[tuple[str, str]] = set()  # kinds and values that the page has shown to this visitor
        self._rested: list = []  # works that the visitor passed over, which wait until the others were shown
        self._known.update(self._liked)
        self._similar: tuple[str, list] = ("", [])  # the work in the details, and the similar works shown there
        self._look_through(None)

    def _look_through(self, profile: dict | None) -> None:
        "Show the wall of a profile; what the visitor does there is their own. None: back to their own wall."
        self._profile = profile
        self._filters: dict = {}
        self._seen: list = []
        self._shown: dict = {}  # artwork_id -> {request_id, position} of its impression

    def _enter_as_visitor(self, token: Any) -> None:
        "Become the visitor with this token, or a new visitor"
        known = isinstance(token, str) and TOKEN.fullmatch(token)
        user = self._if_known(self._client.visitor, token) if known else None
        self._become(user or {"user_id": self._client.new_user()})

    def _offered_profiles(self) -> dict:
        "The profiles in the chooser, by user id"
        if not self._profiles:
            cards = [profile_card(user) for user in self._client.users(limit=PROFILES)]
            self._profiles = {card["user_id"]: card for card in cards}
        return self._profiles

    # --- messages ---

    def _on_message(self, _: Any, message: Any, buffers: Any) -> None:
        "Validate a message, handle it and send the answer with the same `seq`; invalid messages are ignored"
        if not isinstance(message, dict):
            return
        handler = self._handlers.get(kind) if isinstance(kind := message.get("type"), str) else None
        seq = message.get("seq")
        if handler is None or type(seq) is not int or not 0 <= seq < MAX_SEQ:
            return
        if self._pace.wait(""):
            self.send({"type": "error", "text": TOO_FAST, "seq": seq})
            return
        try:
            if "rested" in message:
                self._rested = ids_of(message, "rested")[-MAX_RESTED:]
            answer = handler(message)
        except BadMessage:
            return
        except ServerError as e:
            refused = e.args[0] if kind in VISITS and e.args[1:] == ("",) else None  # the remedy is the visitor's
            answer = {"type": "error", "text": refused or (NOT_SAVED if kind in SAVES else SERVER_DOWN)}
        if answer is not None:
            self.send({**answer, "seq": seq})

    def _on_ping(self, message: dict) -> dict:
        "Show that the kernel is alive"
        return {"type": "pong"}

    def _on_hello(self, message: dict) -> dict:
        "The page has opened. A returning visitor sends a token, a reloaded profile its user id."
        self._enter_as_visitor(message.get("token"))
        self._exclude_artists = artists_of(message)
        profile = message.get("profile")
        if isinstance(profile, str) and profile in self._offered_profiles():
            self._look_through(self._profiles[profile])
        self._filters = self._known_filters(message.get("filters") or {})
        return self._state()

    def _on_profiles(self, message: dict) -> dict:
        return {"type": "profiles", "profiles": list(self._offered_profiles().values())}

    def _on_profile(self, message: dict) -> dict:
        """Look through a profile of the chooser; without a user id, become the visitor with this token or a new one.

        Raises `BadMessage` for any other user, and before `hello`.
        """
        if message.get("user_id") is None:
            self._enter_as_visitor(message.get("token"))
            self._exclude_artists = artists_of(message)
        elif self._user_id is None or (user_id := text_of(message, "user_id")) not in self._offered_profiles():
            raise BadMessage("user_id")
        else:
            self._look_through(self._profiles[user_id])
        self._filters = self._known_filters(message.get("filters") or {})
        return self._state()

    def _on_more(self, message: dict) -> dict:
        "The next page; a browser that went back to an earlier wall says which works hang there, and with which filters"
        if "shown" in message:
            shown = ids_of(message, "shown", self._known)
            self._filters, self._seen = self._wanted_filters(message), list(shown)
        return {"type": "page", **self._page()}

    def _on_refresh(self, message: dict) -> dict:
        "A new wall, without the works that were seen last; those that hung further down may come again"
        if "shown" in message:
            self._seen = ids_of(message, "shown", self._known)
        return self._state()

    def _on_filter(self, message: dict) -> dict:
        "Show only works that match the filters. Raises `BadMessage` for a value that no work has."
        self._filters, self._seen = self._wanted_filters(message), []
        return self._state()

    def _wanted_filters(self, message: dict) -> dict:
        "The filters of `message` (from the browser). Raises `BadMessage` for a value that no work has."
        wanted = message.get("filters")
        if not isinstance(wanted, dict):
            raise BadMessage("filters")
        options = self._options()
        chosen = {facet: value for facet, value in wanted.items() if facet in options and value}
        if self._known_filters(chosen) != chosen:
            raise BadMessage("filters")
        return chosen

    def _known_filters(self, wanted: Any) -> dict:
        "Those of the filters of a link that the catalogue still has"
        options = self._options()
        given = wanted.items() if isinstance(wanted, dict) else ()
        return {facet: v for facet, v in given if facet in options and isinstance(v, str) and v in options[facet]}

    def _on_exclude_artists(self, message: dict) -> dict:
        "Exclude these artists from the next page on; the visitor's browser stores the list"
        self._exclude_artists = artists_of(message)
        return {"type": "ack"}

    def _on_like(self, message: dict) -> dict:
        "Like or unlike a work; answers once the event is on disk"
        artwork_id, on = self._work_of(message), flag_of(message, "on")
        self._tell("like" if on else "unlike", artwork_id)
        self._liked = [i for i in self._liked if i != artwork_id] + [artwork_id] * on
        return {"type": "ack", "artwork_id": artwork_id, "on": on, "likes": len(self._liked)}

    def _on_hide(self, message: dict) -> dict:
        "Hide a work, or undo that, which also restores a like that the hide removed"
        artwork_id, on = self._work_of(message), flag_of(message, "on")
        was_liked = artwork_id in self._liked
        self._tell(*(["hide"] if on else ["unlike", "like"] if was_liked else ["unlike"]), artwork_id)
        (self._hidden.add if on else self._hidden.discard)(artwork_id)
        return {"type": "ack", "artwork_id": artwork_id, "hidden": on, "likes": len(self._liked)}

    def _on_details(self, message: dict) -> dict:
        "All fields of a work and similar works; the id may come from a shared link"
        artwork_id = text_of(message, "artwork_id")
        work = self._if_known(self._client.artwork, artwork_id)
        if work is None:
            return {"type": "details", "artwork_id": artwork_id, "work": None, "similar": []}
        self._similar = artwork_id, []
        similar = self._similar_rows(artwork_id)
        self._known.add(artwork_id)
        if self._user_id is not None:
            self._tell("click", artwork_id)
        return {"type": "details", "artwork_id": artwork_id, "work": work, "similar": similar}

    def _on_similar(self, message: dict) -> dict:
        "More of one row of the similar works in the details. Raises `BadMessage` for another work or row."
        artwork_id, row = text_of(message, "artwork_id"), text_of(message, "row")
        if artwork_id != self._similar[0] or row not in ("subject", "light", "hand"):
            raise BadMessage("row")
        rows = self._similar_rows(artwork_id, row)
        return {"type": "similar", "row": rows[0] if rows else {"name": row, "items": [], "end": True}}

    def _similar_rows(self, artwork_id: str, row: str | None = None) -> list[dict]:
        "Rows of similar works that are not shown yet: `[{name, title, items, end}]`"
        shown = self._similar[1]
        rows = self._client.similar(artwork_id, SIMILAR, row, shown[-MAX_SEEN:])["rows"]
        for items in (row["items"] for row in rows):
            shown += [item["artwork_id"] for item in items]
            self._known.update(item["artwork_id"] for item in items)
        return [{**row, "end": len(row["items"]) < SIMILAR} for row in rows]

    def _on_search(self, message: dict) -> dict:
        "Works that fit what was typed, ordered by relevance and then by this visitor's taste"
        text, skip = text_of(message, "text"), skip_of(message)
        found = self._client.search(
            text, self._page_size, skip, self._user_id, exclude_artists=self._exclude_artists if self._user_id else ()
        )
        items = [{"artwork": item["artwork"]} for item in found["items"]]
        self._known.update(item["artwork_id"] for item in found["items"])
        rest = {key: found[key] for key in ("total", "artists", "corrected", "meaning", "loading")}
        return {"type": "found", "items": items, "end": skip + len(items) >= found["total"], **rest}

    def _on_artist(self, message: dict) -> dict:
        "The works of an artist in order of time, and with the first of them whether this visitor follows them"
        name, skip = text_of(message, "artist", MAX_NAME), skip_of(message)
        found = self._client.artist(name, ARTIST, skip)
        self._known.update(item["artwork_id"] for item in found["items"])
        if found["total"]:
            self._taste.add(("artist", name))
        items = [{"artwork": item["artwork"]} for item in found["items"]]
        end = skip + len(items) >= found["total"]
        answer = {"type": "artist", "items": items, "total": found["total"], "end": end}
        return answer if skip else {**answer, "follows": self._follows(name)}

    def _follows(self, artist: str) -> bool:
        "Whether this visitor asked for more of an artist"
        if self._user_id is None:
            return False
        asked = [
            t["value"] for t in self._client.taste(self._user_id)["follows"] if t["asked"] and t["kind"] == "artist"
        ]
        return artist.casefold() in [a.casefold() for a in asked]

    def _on_taste(self, message: dict) -> dict:
        "What the service believes that this visitor follows, and what they asked for less of"
        found = self._client.taste(self._visitor())
        self._taste |= {(t["kind"], t["value"]) for t in found["follows"] + found["less"]}
        return {"type": "taste", "follows": found["follows"], "less": found["less"]}

    def _on_steer(self, message: dict) -> dict:
        "More or less of a trait that this visitor was shown, or neither. Raises `BadMessage` for any other."
        direction, trait = (
            text_of(message, "direction"),
            (text_of(message, "kind"), text_of(message, "value", MAX_NAME)),
        )
        if self._user_id is None or trait not in self._taste:
            raise BadMessage("value")
        if direction not in ("more", "less", "neutral"):
            raise BadMessage("direction")
        self._client.steer(self._user_id, direction, *trait)
        return {"type": "ack", "direction": direction}

    # --- requests to the model server ---

    def _if_known(self, ask: Callable[..., Any], *args: str) -> Any:
        "The server's answer, or None if the server is up but refuses the request, for example for an unknown id"
        try:
            return ask(*args)
        except ServerError:
            if self._client.ready(timeout=2):  # the page waits only ANSWER_MS (gallery.js)
                return None
            raise

    def _work_of(self, message: dict) -> str:
        "The artwork id of a message. Raises `BadMessage` if the work was not shown to this visitor."
        artwork_id = text_of(message, "artwork_id")
        if self._user_id is None or artwork_id not in self._known:
            raise BadMessage("artwork_id")
        return artwork_id

    def _tell(self, *args: str) -> None:
        "Record events about one work: `_tell('unlike', 'like', artwork_id)`"
        *kinds, artwork_id = args
        where = self._shown.get(artwork_id, {})
        self._client.send_events(
            [
                {
                    "event_id": uuid.uuid4().hex,
                    "user_id": self._user_id,
                    "artwork_id": artwork_id,
                    "event": kind,
                    **where,
                }
                for kind in kinds
            ]
        )

    def _options(self) -> dict:
        "The values of each filter"
        if not self._facets:
            offered = self._client.filters()
            self._facets = {facet: [str(v) for v in values if v] for facet, values in offered.items()}
        return self._facets

    def _page(self) -> dict:
        "The next page of recommendations, without works that are already shown"
        reply = self._client.recommend(
            self._who(),
            k=self._page_size,
            exclude=[*([] if self._profile else self._rested), *self._seen[-MAX_SEEN:]],
            filters=self._filters,
            exclude_artists=self._exclude_artists,
            log=self._profile is None,
        )
        items = reply["items"]
        if len(items) < self._page_size and self._rested:  # there are no others: those that rest come again
            self._rested = []
            return self._page()
        for item in items:
            artwork_id = item["artwork_id"]
            if not self._profile:  # a page of a profile is nobody's impression
                self._shown[artwork_id] = {"request_id": reply.get("request_id"), "position": item.get("rank")}
            self._seen.append(artwork_id)
            self._known.add(artwork_id)
            self._taste.update(("tag", tag) for tag in item["artwork"].get("tags", []))
        return {"items": items, "end": len(items) < self._page_size}

    def _state(self) -> dict:
        "The first page, and the state around it: profile, token, likes, filters"
        previous, self._seen = self._seen, []
        if previous and not self._filters:
            self._seen = previous[-2 * self._page_size :]
        page = self._page()
        if len(page["items"]) < self._page_size and previous:  # the visitor has seen all works: start over
            self._seen = []
            page = self._page()
        return {
            "type": "state",
            "profile": self._profile,
            "token": self._user_id,
            "liked": list(self._liked),
            "options": self._options(),
            "filters": self._filters,
            "counts": self._client.choices(self._filters, self._exclude_artists),
            **page,
        }

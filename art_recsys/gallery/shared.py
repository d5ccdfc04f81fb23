"""The public page of a shared room, `/room/<share id>`: it needs no kernel and tells nothing about the room's owner."""

import json
import os
from pathlib import Path
from urllib.parse import quote

from tornado import template, web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from .ask import key_header
from .assets import asset_url
from .policy import MESSAGE_POLICY, ROOM_POLICY

__all__ = ["ROOM_HANDLERS", "room_page"]

HERE = Path(__file__).parent
HEADERS = {
    "Content-Security-Policy": ROOM_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address is the key to the room
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",  # a link that was closed is closed at once
}
PAGE, MESSAGE = (template.Loader(str(HERE)).load(name) for name in ("shared.html", "closed.html"))
SECONDS = 5
CLOSED = "This room is closed", "Its owner has closed it, or the link is not complete."
DOWN = "One moment, please", "The gallery does not answer just now. Try again in a minute."


def room_page(
    room: dict,  # `{name, text, items}`, as the model server shares it
) -> bytes:
    "The page of a room. Its texts are untrusted: they stand in it as data, and never as markup."
    said = {
        "name": room["name"],
        "text": room["text"],
        "items": room["items"],
        "pictures": "../pictures/",
        "home": "../",
    }
    data, n = json.dumps(said).replace("<", "\\u003c"), len(room["items"])
    words = f"A room with {n} {'work' if n == 1 else 'works'}"
    return PAGE.generate(
        title=f"{room['name']} · Vernissage",
        name=room["name"],
        works=words,
        room=data,
        asset=lambda file: asset_url("../", file),
    )


class RoomHandler(web.RequestHandler):
    "`/room/<share id>`; answers 404 in the house style where the link is closed, and 503 where the server is down"

    def set_default_headers(self) -> None:
        "Called by tornado for each answer"
        for name, value in HEADERS.items():
            self.set_header(name, value)

    async def get(self, share_id: str) -> None:
        "The page of the room with this `share_id`"
        url = f"{os.environ['ART_RECSYS_SERVER_URL'].rstrip('/')}/shared/{quote(share_id, safe='')}"
        try:
            answer = await AsyncHTTPClient().fetch(
                url, raise_error=False, request_timeout=SECONDS, headers=key_header()
            )
            status, body = answer.code, answer.body
        except (OSError, HTTPClientError):
            status, body = 503, b""
        if status == 200:
            self.finish(room_page(json.loads(body)))
        elif status == 404:
            self._say(404, *CLOSED)
        else:
            self._say(503, *DOWN)

    def _say(self, status: int, title: str, text: str) -> None:
        self.set_status(status)
        self.set_header("Content-Security-Policy", MESSAGE_POLICY)
        self.finish(MESSAGE.generate(title=title, text=text))


ROOM_HANDLERS: list[tuple] = [(r"/room/([A-Za-z0-9_-]{1,100})", RoomHandler)]

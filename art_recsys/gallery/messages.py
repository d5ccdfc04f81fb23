"""Checks of what a browser sends to the gallery: nothing of it is trusted."""

import re
from collections.abc import Collection

__all__ = [
    "MAX_NAME",
    "MAX_ROOM_NAME",
    "MAX_WALL_TEXT",
    "BadMessage",
    "artists_of",
    "flag_of",
    "id_of",
    "ids_of",
    "number_of",
    "numbers_of",
    "skip_of",
    "text_of",
]

MAX_ID, MAX_NAME = 200, 500  # letters: of an id or what is searched, of an artist's name
MAX_ROOM_NAME, MAX_WALL_TEXT = 20_000, 20_000  # what is longer than a room allows, the model server refuses in words
MAX_ARTISTS, MAX_SKIP = 100, 200_000  # artists that are excluded; works that a list may skip
MADE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")  # an id that the model server made


class BadMessage(Exception):
    "A message that the gallery's own front end never sends"


def text_of(
    message: dict,  # from the browser, so not trusted
    key: str,  # of the text
    most: int = MAX_ID,  # letters
    empty: bool = False,  # it may be
) -> str:
    "The short text under `key`, which is not empty. Raises `BadMessage`."
    value = message.get(key)
    if not isinstance(value, str) or not (0 if empty else 1) <= len(value) <= most:
        raise BadMessage(key)
    return value


def skip_of(message: dict, key: str = "skip") -> int:
    "How many works of a list `message` (from the browser) has already, or another number. Raises `BadMessage`."
    value = message.get(key)
    if type(value) is not int or not 0 <= value <= MAX_SKIP:
        raise BadMessage(key)
    return value


def id_of(message: dict, key: str) -> str:
    "The id under `key` of `message` (from the browser), in the form of those that the server makes. `BadMessage`."
    if not MADE_ID.fullmatch(value := text_of(message, key)):
        raise BadMessage(key)
    return value


def ids_of(
    message: dict,  # from the browser, so not trusted
    key: str,  # of the list; a missing one is empty
    known: Collection[str] | None = None,  # ids that this visitor may act on; None: it is not looked at
) -> list[str]:
    "The ids of works under `key`. Raises `BadMessage`."
    ids = message.get(key, [])
    if (
        not isinstance(ids, list)
        or len(ids) > MAX_SKIP
        or not all(isinstance(a, str) and 0 < len(a) <= MAX_ID for a in ids)
    ):
        raise BadMessage(key)
    if known is not None and not all(a in known for a in ids):
        raise BadMessage(key)
    return ids


def flag_of(
    message: dict,  # from the browser, so not trusted
    key: str,  # of the flag
) -> bool:
    "The boolean under `key`. Raises `BadMessage`."
    value = message.get(key)
    if not isinstance(value, bool):
        raise BadMessage(key)
    return value


def number_of(
    message: dict,  # from the browser, so not trusted
    key: str,  # of the number
) -> float:
    "The number from 0 to 1 under `key`. Raises `BadMessage`."
    value = message.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadMessage(key)
    return float(value)


def numbers_of(
    message: dict,  # from the browser, so not trusted
    key: str,  # of the list
    most: int,  # numbers
) -> list[int]:
    "The list of whole numbers from 0 under `key`. Raises `BadMessage`."
    value = message.get(key)
    if not isinstance(value, list) or len(value) > most or not all(type(n) is int and 0 <= n < 2**31 for n in value):
        raise BadMessage(key)
    return value


def artists_of(message: dict) -> list[str]:
    "The artists that `message` (from the browser) excludes, the last 100. Raises `BadMessage`."
    artists = message.get("artists") or []
    if not isinstance(artists, list) or not all(isinstance(a, str) and 0 < len(a) <= 500 for a in artists):
        raise BadMessage("artists")
    return artists[-MAX_ARTISTS:]

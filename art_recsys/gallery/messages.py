"""Checks of what a browser sends to the gallery: nothing of it is trusted."""

__all__ = ["MAX_NAME", "BadMessage", "artists_of", "flag_of", "number_of", "numbers_of", "skip_of", "text_of"]

MAX_ID, MAX_NAME = 200, 500  # letters: of an id or what is searched, of an artist's name
MAX_ARTISTS, MAX_SKIP = 100, 20_000  # artists that are excluded; works that a list may skip


class BadMessage(Exception):
    "A message that the gallery's own front end never sends"


def text_of(
    message: dict,  # from the browser, so not trusted
    key: str,  # of the text
    most: int = MAX_ID,  # letters
) -> str:
    "The short non-empty text under `key`. Raises `BadMessage`."
    value = message.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise BadMessage(key)
    return value


def skip_of(message: dict) -> int:
    "How many works of a list `message` (from the browser) has already. Raises `BadMessage`."
    value = message.get("skip")
    if type(value) is not int or not 0 <= value <= MAX_SKIP:
        raise BadMessage("skip")
    return value


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

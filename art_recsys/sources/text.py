"""Texts from outside: how long they may be, and which characters are removed."""

import re

from art_recsys.core import Cols

__all__ = ["LENGTH", "LENGTHS", "TAGS", "TAG_LENGTH", "clean_text"]

# characters, by column
LENGTHS = {
    Cols.artwork_id: 200,
    Cols.title: 500,
    Cols.text: 5000,
    Cols.description: 2000,
    Cols.image_url: 2000,
    Cols.source_url: 2000,
}
LENGTH = 300  # characters of any other text column
TAGS, TAG_LENGTH = 64, 100  # how many tags, and characters of one tag

# Control characters, zero-width characters, marks that change the reading direction, halves of surrogate pairs, and
# the "tag" characters that no font shows and a language model reads.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)


def clean_text(
    text: str,  # from outside, not trusted
    most: int,  # characters to keep
) -> str:
    "The text without characters that cannot be seen; a longer text is cut and ends in an ellipsis"
    text = _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"

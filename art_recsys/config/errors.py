"""Errors that a person caused and can fix, and the nearest known words for a message."""

import difflib
from collections.abc import Iterable

__all__ = ["UserError", "did_you_mean"]


class UserError(Exception):
    "Something that a person caused and can mend"

    def __init__(
        self,
        what: str,  # What is wrong, with the setting or file named
        remedy: str = "",  # What to do about it
    ):
        self.what, self.remedy = what, remedy
        super().__init__(what, remedy)

    def __str__(self):
        return f"{self.what}\n  -> {self.remedy}" if self.remedy else self.what


def did_you_mean(
    word: str,  # What was written
    known: Iterable[str],  # What would have been understood
) -> str:  # ` Did you mean …?`, or nothing
    "The nearest known words, as the end of a message"
    near = difflib.get_close_matches(word, list(known), 3, 0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""

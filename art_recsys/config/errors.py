"""Errors that a person caused and can fix, and suggestions for misspelt words."""

import difflib
from collections.abc import Iterable

__all__ = ["UserError", "did_you_mean", "missing_part"]


class UserError(Exception):
    """An error that a person caused and can fix.

    The command line prints its text and no stack trace. A stack trace is for bugs.
    """

    def __init__(
        self,
        what: str,  # What is wrong, with the setting or file named
        remedy: str = "",  # What to do about it
    ) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what, remedy)

    def __str__(self) -> str:
        return f"{self.what}\n  -> {self.remedy}" if self.remedy else self.what


def did_you_mean(
    word: str,  # The word that is not known
    known: Iterable[str],  # The words that are
) -> str:  # ` Did you mean a or b?` with at most three words, or an empty string
    "The known words that look most like this one, as the end of a message"
    near = difflib.get_close_matches(word, list(known), 3, 0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def missing_part(
    error: BaseException,  # What an import raised
) -> UserError | None:  # None: it is not about a package that is not installed
    "What to install where a package is missing that the extra `all` brings and a client of a running server lacks"
    package = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if package in ("", __package__.partition(".")[0]):
        return None
    return UserError(
        f"This needs the package {package}, which is not installed.",
        "pip install 'art_recsys[all]'; without the extra there is only the client of a running server",
    )

"""What a source of artworks is, and how the setting `source` finds one."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

import pandas as pd

from art_recsys.config import Home, Settings, UserError, did_you_mean, progress

__all__ = ["Source", "open_source"]


class Source:
    """Where artworks come from. A subclass needs `pages` and `normalise`; the other methods have defaults.

    A subclass with a `name` registers itself: from then on the setting `source` can choose it.
    """

    name: ClassVar[str] = ""
    known: ClassVar[dict[str, type["Source"]]] = {}  # name -> class

    def __init_subclass__(cls, **kw: Any):
        super().__init_subclass__(**kw)
        if cls.name:
            Source.known[cls.name] = cls

    def __init__(
        self,
        settings: Settings,  # `source` and what that source needs
    ):
        self.settings = settings
        self.notes: Counter = Counter()  # further counts for the report: artworks withdrawn, details requested

    def pages(
        self,
        since: str | None = None,  # only what changed after this time (UTC, ISO 8601), where the source can tell
    ) -> Iterator[list[dict]]:
        "Raw records, one list per page"
        raise NotImplementedError

    def normalise(
        self,
        raw: dict,  # one raw record
    ) -> dict:
        "The record as columns of `ARTWORK_COLS`; what is unknown may be left out"
        return raw

    def records(
        self,
        report: Counter,  # counts the records that are left out, by reason
    ) -> Iterator[dict]:
        "All raw records that the settings want"
        for page in progress(self.pages(), "reading", unit="page"):
            yield from page

    def add_pictures(
        self,
        works: pd.DataFrame,  # normalised artworks
        home: Home,  # where `pictures/` is
        report: Counter,  # counts the pictures that are missing, by reason
    ) -> pd.Series:
        "For each artwork the path of its picture relative to the home, or '' where there is none"
        return pd.Series("", index=works.index)


def open_source(
    settings: Settings,  # `source` names it
) -> Source:
    "The source that the settings ask for. Raises `UserError` for a name that no imported class has."
    if settings.source in Source.known:
        return Source.known[settings.source](settings)
    raise UserError(
        f"There is no source {settings.source}.{did_you_mean(settings.source, Source.known)}",
        f"choose --source one of: {', '.join(Source.known)}",
    )

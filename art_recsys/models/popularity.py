"""How often each artwork had been liked by any time in the past, and when it came into the catalogue."""

import copy
from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["ADDED", "PopularityClock", "added_days", "days", "new_artworks"]

ADDED = "added"  # optional column of the artworks: the time at which each came into the catalogue


def days(
    ts: pd.Series,  # n times with a time zone
) -> np.ndarray:  # n, float64
    "Times as days since 1970 (UTC)"
    return ts.dt.tz_convert(None).to_numpy("datetime64[us]").astype(np.int64) / 86_400e6


def added_days(
    artworks: pd.DataFrame,  # perhaps with the column `added`: UTC times
) -> np.ndarray | None:  # float64, one per artwork, NaN where unknown; None where nothing is known
    "When the artworks came into the catalogue, as days since 1970"
    if ADDED not in artworks or not (known := artworks[ADDED].notna().to_numpy()).any():
        return None
    out = np.full(len(artworks), np.nan)
    out[known] = days(pd.to_datetime(artworks.loc[known, ADDED], utc=True))
    return out


class PopularityClock:
    """Likes of each artwork before any time, from one sorted array.

    `first` holds the day of the first like of each artwork (infinite where there is none), `zero` and `now` the days of
    the first and the last like of the log, `span` the days between them, plus one. `items` and `ts` are the likes in
    order of time. `added` holds the day on which each artwork came into the catalogue, NaN where that is not known.
    """

    zero: float
    now: float
    span: float
    first: np.ndarray

    def __init__(
        self,
        items: np.ndarray,  # item indices of the likes, one per like
        ts: np.ndarray,  # days of the likes, as from `days`
        n: int,  # artworks in the catalogue
        added: np.ndarray | None = None,  # days of arrival, one per artwork
    ):
        order = np.lexsort((ts, items))
        self.zero, self.now = (ts.min(), ts.max()) if len(ts) else (0.0, 0.0)
        self.span = self.now - self.zero + 1
        self.key = items[order] * 2 * self.span + (ts[order] - self.zero)  # sorted by artwork, then by time
        self.start = np.searchsorted(items[order], np.arange(n + 1))
        self.first = np.full(n, np.inf)
        np.minimum.at(self.first, items, ts)
        by_time = np.argsort(ts, kind="stable")
        self.items, self.ts = items[by_time], ts[by_time]
        self.added = np.full(n, np.nan) if added is None else added

    @property
    def knows_arrivals(self) -> bool:
        "Whether it is known of any artwork when it came into the catalogue"
        return bool(np.isfinite(self.added).any())

    def before(
        self,
        items: np.ndarray,  # m item indices
        when: float,  # a time in days; a like at this very time does not count
    ) -> np.ndarray:  # m counts
        "Likes of each artwork before `when`"
        when = np.clip(when - self.zero, 0, 1.5 * self.span)
        return np.searchsorted(self.key, items * 2 * self.span + when) - self.start[items]

    def grown(
        self,
        n: int,  # artworks in the catalogue, at least as many as before; the new ones come last
        added: float = np.nan,  # day of arrival of the new ones; read where arrivals are known
    ) -> "PopularityClock":
        "The same likes for a larger catalogue: nobody has liked the new artworks"
        out, more = copy.copy(self), n - len(self.first)
        out.start = np.concatenate([self.start, np.repeat(self.start[-1:], more)])
        out.first = np.concatenate([self.first, np.full(more, np.inf)])
        out.added = np.concatenate([self.added, np.full(more, added if self.knows_arrivals else np.nan)])
        return out

    def save(
        self,
        file: Path,  # an .npz file
    ) -> None:
        "Write the arrays to one file"
        np.savez(file, **vars(self))

    @classmethod
    def load(
        cls,
        file: Path,  # from `save`
    ) -> "PopularityClock":
        "Read what `save` wrote"
        self = object.__new__(cls)
        self.__dict__.update({c: v if v.ndim else v.item() for c, v in np.load(file).items()})
        return self


def new_artworks(
    clock: PopularityClock,  # its `now` is the time that counts
    days: float,  # an artwork is new for so long
) -> np.ndarray:  # bool, one per artwork
    """The artworks that are new at the end of the log.

    Where it is known when an artwork came into the catalogue (the column `added`), that day counts. Otherwise an
    artwork is new as long as nobody has liked it, and for `days` after its first like.
    """
    since = clock.now - days
    return np.where(np.isfinite(clock.added), clock.added >= since, clock.first >= since)

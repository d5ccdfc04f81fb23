"""How often each artwork had been liked by any time in the past."""

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["PopularityClock", "days"]


def days(
    ts: pd.Series,  # n times with a time zone
) -> np.ndarray:  # n, float64
    "Times as days since 1970 (UTC)"
    return ts.dt.tz_convert(None).to_numpy("datetime64[us]").astype(np.int64) / 86_400e6


class PopularityClock:
    """Likes of each artwork before any time, from one sorted array.

    `first` holds the day of the first like of each artwork (infinite where there is none), `zero` and `now` the days of
    the first and the last like of the log, `span` the days between them, plus one.
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
    ):
        order = np.lexsort((ts, items))
        self.zero, self.now = (ts.min(), ts.max()) if len(ts) else (0.0, 0.0)
        self.span = self.now - self.zero + 1
        self.key = items[order] * 2 * self.span + (ts[order] - self.zero)  # sorted by artwork, then by time
        self.start = np.searchsorted(items[order], np.arange(n + 1))
        self.first = np.full(n, np.inf)
        np.minimum.at(self.first, items, ts)

    def before(
        self,
        items: np.ndarray,  # m item indices
        when: float,  # a time in days; a like at this very time does not count
    ) -> np.ndarray:  # m counts
        "Likes of each artwork before `when`"
        when = np.clip(when - self.zero, 0, 1.5 * self.span)
        return np.searchsorted(self.key, items * 2 * self.span + when) - self.start[items]

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

"""The sample museum as a source."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pandas as pd

from art_recsys import sample_museum
from art_recsys.config import Home, progress

from .base import Source

__all__ = ["SampleSource"]


class SampleSource(Source):
    "The museum painted by code: `n_artworks` works of seed `seed`, with pictures of `picture_size` pixels"

    name = "sample"

    def pages(self, since: str | None = None) -> Iterator[list[dict]]:
        "Records, 500 per page; the museum never changes, so `since` is ignored"
        s = self.settings
        for first in range(0, s.n_artworks, 500):
            last = min(first + 500, s.n_artworks)
            yield [sample_museum.work(i, s.seed).record() for i in range(first, last)]

    def add_pictures(
        self,
        works: pd.DataFrame,  # of the same settings
        home: Home,  # where `pictures/` is; a picture that is there stays
        report: Counter,  # not read: no picture can be missing
    ) -> pd.Series:
        "Paint the pictures that are not there yet"
        s, folder = self.settings, home.pictures
        bar = partial(progress, desc="painting", total=len(works), unit="picture")
        names = sample_museum.paint_all(
            works.to_dict("records"), folder, seed=s.seed, size=s.picture_size, progress=bar
        )
        return pd.Series([f"{folder.name}/{n}" for n in names], index=works.index)

"""What identifies the frames that a model was fitted on."""

from collections.abc import Iterable

import pandas as pd

from art_recsys.config import fingerprint
from art_recsys.core import Cols, as_artworks, as_events

__all__ = ["fingerprint_of", "frames_fingerprint"]


def frames_fingerprint(
    artworks: pd.DataFrame,  # Normalised
    events: pd.DataFrame | Iterable[pd.DataFrame],  # Normalised, of these artworks; or parts of them
) -> str:
    "A short string that differs for other artworks or events"

    def total(rows: pd.DataFrame) -> int:
        return int(pd.util.hash_pandas_object(rows, index=False).sum())

    columns = [Cols.user_id, Cols.artwork_id, Cols.event, Cols.ts]
    parts = [events] if isinstance(events, pd.DataFrame) else events
    return fingerprint(total(artworks[[Cols.artwork_id]]), sum(total(p[columns]) for p in parts) % 2**64)


def fingerprint_of(
    artworks: pd.DataFrame,  # `artwork_id` and `title` at least
    events: pd.DataFrame,  # the first five of `EVENT_COLS` at least; those of other artworks do not count
) -> str:
    "The same for any two frames with the required columns"
    artworks = as_artworks(artworks)
    return frames_fingerprint(artworks, as_events(events, artworks[Cols.artwork_id]))

"""What identifies the frames that a model was fitted on."""

import pandas as pd

from art_recsys.config import fingerprint
from art_recsys.core import Cols, as_artworks, as_events

__all__ = ["fingerprint_of", "frames_fingerprint"]


def frames_fingerprint(
    artworks: pd.DataFrame,  # Normalised
    events: pd.DataFrame,  # Normalised, of these artworks
) -> str:
    "A short string that differs for other artworks or events"
    parts = artworks[[Cols.artwork_id]], events[[Cols.user_id, Cols.artwork_id, Cols.event, Cols.ts]]
    return fingerprint(*(int(pd.util.hash_pandas_object(p, index=False).sum()) for p in parts))


def fingerprint_of(
    artworks: pd.DataFrame,  # `artwork_id` and `title` at least
    events: pd.DataFrame,  # the first five of `EVENT_COLS` at least; those of other artworks do not count
) -> str:
    "The same for any two frames with the required columns"
    artworks = as_artworks(artworks)
    return frames_fingerprint(artworks, as_events(events, artworks[Cols.artwork_id]))

"""The models of a release over a larger catalogue: new works get a vector from the candidate tower, and no likes."""

import copy
import time

import pandas as pd

from art_recsys.core import Cols
from art_recsys.models.two_stage import TwoStage

__all__ = ["larger_model"]


def larger_model(
    model: TwoStage,  # Fitted
    rows: pd.DataFrame,  # New and changed artworks, normalised, with `text_embedding` and `image_embedding`
) -> TwoStage:  # A new object; the one before stays as it is
    "The same weights, tables and likes, with these artworks; to the ranking model a new one has just arrived"
    tower, ranker = model.tower.with_works(rows), copy.copy(model.ranker)
    new = rows[~rows[Cols.artwork_id].isin(model.tower.item_index)]
    n = len(tower.candidate_ids)
    ranker.two_tower = tower
    ranker.popularity_clock = ranker.popularity_clock.grown(n, time.time() / 86_400)
    ranker.cooccurrence = ranker.cooccurrence.grown(n, new[Cols.artist].tolist())
    return TwoStage(tower, ranker)

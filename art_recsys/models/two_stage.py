"""Towers and the ranking model trained on their candidates, fitted in order and never twice on the same data."""

from typing import Any, Self

import numpy as np
import pandas as pd

from art_recsys.core import as_events

from .choice import fit_ranker, spread_times
from .fingerprints import fingerprint_of

__all__ = ["TwoStage"]


class TwoStage:
    """A two-stage model: `tower` retrieves, `ranker` orders."""

    def __init__(
        self,
        tower: Any,  # `TrainedTowers`, fitted or not
        ranker: Any,  # `Ranker`, fitted or not
        fitted_on: str | None = None,  # `fingerprint_of` the frames that both were fitted on; None where unknown
    ):
        self.tower, self.ranker, self.fitted_on = tower, ranker, fitted_on
        self.asked = ranker  # another one may be chosen in its place

    @property
    def candidate_ids(self) -> np.ndarray:  # artwork ids in the order of the index
        "Those of the tower"
        return self.tower.candidate_ids

    def fit(
        self,
        artworks: pd.DataFrame,  # `artwork_id` and `title` at least
        users: pd.DataFrame,  # `user_id` at least
        events: pd.DataFrame,  # the first five of `EVENT_COLS` at least
    ) -> Self:
        """Fit both on three frames; a part that was fitted on just these artworks and events stays.

        Where the towers were told to choose (`TrainedTowers.choosing`), both choose settings; see `choice`.
        """
        fingerprint = fingerprint_of(artworks, events)
        if fingerprint == self.fitted_on:
            return self
        if getattr(self.tower, "fitted_on", None) != fingerprint:
            self.tower.fit(artworks, users, events)
        events = spread_times(as_events(events, self.candidate_ids), self.tower.config["seed"])
        self.ranker = fit_ranker(self.asked, self.tower, artworks, users, events)
        self.fitted_on = fingerprint
        return self

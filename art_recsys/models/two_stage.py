"""Towers and the ranking model trained on their candidates, fitted in order and never twice on the same data."""

from typing import Self

import numpy as np
import pandas as pd

from .fingerprints import fingerprint_of

__all__ = ["TwoStage"]


class TwoStage:
    """A two-stage model: `tower` retrieves, `ranker` orders."""

    def __init__(self, tower, ranker, fitted_on: str | None = None):
        self.tower, self.ranker, self.fitted_on = tower, ranker, fitted_on

    @property
    def candidate_ids(self) -> np.ndarray:  # artwork ids in the order of the index
        return self.tower.candidate_ids

    def fit(self, artworks: pd.DataFrame, users: pd.DataFrame, events: pd.DataFrame) -> Self:
        "Fit both on three frames; a part that was fitted on just these artworks and events stays"
        fingerprint = fingerprint_of(artworks, events)
        if fingerprint == self.fitted_on:
            return self
        if getattr(self.tower, "fitted_on", None) != fingerprint:
            self.tower.fit(artworks, users, events)
        self.ranker.fit(self.tower, artworks, users, events)
        self.fitted_on = fingerprint
        return self

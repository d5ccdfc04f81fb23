"""The first page of a user without likes: the most liked artworks of each category in turn."""

from typing import Any

import numpy as np
import pandas as pd

from art_recsys.core import Cols

from .interests import max_scores
from .requests import Requests
from .steps import Allowed, padded
from .traits import Traits, start_reasons

__all__ = ["StartCandidates", "StartReasons"]


class StartCandidates:
    """The best artworks of each category in turn, for requests without a history.

    The score of an artwork is its rank by popularity, from 0 to 1. Where the request has a profile, it is the mean of
    that and of the rank by the tower's score.
    """

    def __init__(
        self,
        tower: Any,  # has `candidates` and answers `Requests.query_vectors`
        popularity: np.ndarray,  # likes, one per candidate
        categories: np.ndarray,  # category codes, one per candidate
    ):
        self.tower, self.popularity, self.categories = tower, popularity, categories

    def __call__(
        self,
        requests: Requests,  # without a history
        allowed: Allowed,  # what may be shown, and what each visitor has seen
        n: int,  # artworks per request
    ) -> tuple[np.ndarray, np.ndarray]:
        "Item indices (-1 where nothing is left) and scores, requests x at least n where the catalogue has as many"
        mask, seen = allowed
        vectors, most = requests.query_vectors(self.tower), max(5 * n, 500)
        pages = [self._page(*each, mask, most) for each in zip(requests.requests, vectors, seen, strict=True)]
        return padded([items for items, _ in pages]), padded([scores for _, scores in pages], -np.inf)

    def _page(
        self, request: dict, q: np.ndarray, seen: np.ndarray, mask: np.ndarray | None, n: int
    ) -> tuple[np.ndarray, np.ndarray]:
        allowed = np.ones(len(self.popularity), bool) if mask is None else mask.copy()
        allowed[seen] = False
        items = np.flatnonzero(allowed)
        score = _rank(self.popularity[items])
        if request.get(Cols.description) or request.get(Cols.text_embedding) is not None:
            score = (score + _rank(max_scores(q, self.tower.candidates[items]))) / 2
        turn = pd.Series(score).groupby(self.categories[items]).rank(ascending=False, method="first").to_numpy()
        best = np.lexsort((-score, turn))[:n]
        return items[best], score[best]


def _rank(values: np.ndarray) -> np.ndarray:  # 0 to 1, the highest value has 1
    return pd.Series(values).rank(pct=True).to_numpy()


class StartReasons:
    """Reasons for a user without likes: whether others liked the artwork."""

    def __init__(
        self,
        traits: Traits,  # of the catalogue that is recommended
    ):
        self.traits = traits

    def __call__(
        self,
        requests: Requests,  # m of them; their `steering` is read
        allowed: Allowed,  # not read; part of the step's signature
        items: np.ndarray,  # item indices, m x k; -1 where a page ends
    ) -> list[list[dict]]:  # as `traits.start_reasons`
        "A reason for each artwork of each page"
        return [start_reasons(self.traits, *each) for each in zip(items, requests.steering, strict=True)]

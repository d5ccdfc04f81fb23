"""Requests as the sources of candidates read them, and what all sources have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Queries", "Source", "best_items", "like_weights"]

RECENT = 0.9  # the weight of a like, times this for each like after it


@dataclass
class Queries:
    """Some requests as the sources read them, m of them."""

    histories: Sequence[Sequence[int] | np.ndarray]  # item indices of the likes, oldest first
    vectors: np.ndarray  # query vectors: m x dim, or m x K x dim with several interests
    mask: np.ndarray | None  # bool over the catalogue: what may be found at all; None allows everything
    seen: Sequence[np.ndarray]  # for each query, item indices that must not be found
    when: Sequence[float]  # for each query, the time in days: later likes are not counted
    users: Sequence[str] = ()  # for each query the user id, '' for nobody; empty where nobody is known

    def __len__(self) -> int:
        return len(self.histories)

    def left(self, row: int, items: np.ndarray) -> np.ndarray:
        "Those of `items` (item indices) that query number `row` allows, in their order"
        if self.mask is not None:
            items = items[self.mask[items]]
        return items[~np.isin(items, self.seen[row])]

    def allowed(self, row: int, n: int) -> np.ndarray:  # bool, n
        "What query number `row` allows, as a mask over a catalogue of `n` artworks"
        mask = np.ones(n, bool) if self.mask is None else self.mask.copy()
        mask[self.seen[row]] = False
        return mask


def like_weights(history: Sequence[int] | np.ndarray) -> np.ndarray:
    "A weight for each like; the latest has 1"
    return RECENT ** np.arange(len(history))[::-1]


def best_items(items: np.ndarray, n: int, score: np.ndarray, tie: np.ndarray | None = None) -> np.ndarray:
    "At most `n` of the items, those with the highest scores first; of equal scores, those with the higher `tie`"
    if len(items) > n:  # sorting a whole catalogue takes longer than finding the n-th score
        keep = np.flatnonzero(score >= np.partition(score, -n)[-n]) if n else np.zeros(0, int)
        items, score, tie = items[keep], score[keep], None if tie is None else tie[keep]
    return items[np.lexsort((items, *(() if tie is None else (-tie,)), -score))[:n]]


class Source:
    """What all sources have in common: a name, and an answer for each query by itself."""

    name: str

    def __call__(self, queries: Queries, n: int) -> list[np.ndarray]:  # int, one array per query
        "For each of the m `queries` at most `n` item indices, best first"
        return [self.one(queries, row, n) for row in range(len(queries))]

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:  # int
        "At most `n` item indices for query number `row` of `queries`, best first"
        raise NotImplementedError

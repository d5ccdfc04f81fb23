"""Features of a pair: one user's likes beside some artworks, from vectors, attributes and the log."""

from typing import Any

import numpy as np

from art_recsys.core import Cols

from .interests import max_scores
from .popularity import PopularityClock

__all__ = [
    "arrival",
    "known_and_new",
    "popularity_features",
    "shared",
    "similarities",
    "tower_features",
    "vectors_of_new",
]


def similarities(liked: np.ndarray, items: np.ndarray) -> np.ndarray:  # h x dim, m x dim -> m x 3
    "Dot product of each of `items` with those in `liked`: the greatest, the mean, and with the last like"
    s = items @ liked.T
    return np.stack([s.max(1), s.mean(1), s[:, -1]], 1)


def tower_features(
    tower: Any,  # `candidates` and `temperature`, as fitted towers have them
    history: np.ndarray,  # item indices of the liked works, oldest first
    q: np.ndarray,  # query vector: dim, or K x dim with several interests
    vectors: np.ndarray,  # m x dim: the works
) -> np.ndarray:  # m x 4; without likes the last three are zero
    "The score of retrieval, and `similarities` to the likes among the candidate vectors"
    score = max_scores(q, vectors)[:, None] / tower.temperature
    liked = np.asarray(history, int)
    near = similarities(tower.candidates[liked], vectors) if len(liked) else np.zeros((len(vectors), 3))
    return np.concatenate([score, near], 1)


def known_and_new(
    known: np.ndarray,  # m x width, features of works as they are; those of the towers come first
    of_towers: np.ndarray,  # m x 4, the features of the towers if nobody had met the works
    hidden: np.ndarray,  # bool, width: what comes from other users
) -> np.ndarray:  # float32, m x 2 width
    "The features of works as they are, and beside them as they would be if the works were new"
    new = np.where(hidden, 0, known)
    new[:, : of_towers.shape[1]] = of_towers
    return np.concatenate([known, new], 1)


def shared(liked: np.ndarray, items: np.ndarray) -> np.ndarray:  # h rows, m rows of a vocabulary -> m x 2
    "Share of `liked` with the same known attribute as each of `items`, and whether the last like has it"
    same = (items[:, None] == liked) & (items[:, None] > 0)
    return np.stack([same.mean(1), same[:, -1]], 1)


def popularity_features(
    clock: PopularityClock,  # of the events that may be read
    items: np.ndarray,  # m item indices
    when: float,  # a time in days; later likes are not counted
    recent: float = 0.1,  # share of the log's time that is recent
) -> np.ndarray:  # m x 4
    "Likes so far, likes in the latest tenth of the log's time, days since the first like, whether there is a like"
    liked = clock.before(items, when)
    age = np.where(liked > 0, when - np.minimum(clock.first[items], when), 0)
    late = liked - clock.before(items, when - recent * clock.span)
    return np.stack([np.log1p(liked), np.log1p(late), np.log1p(age), liked > 0], 1)


def arrival(
    clock: PopularityClock,  # knows the day of arrival as `added`, NaN where unknown
    items: np.ndarray,  # m item indices
    when: float,  # a time in days
) -> np.ndarray:  # m x 2
    "Days in the catalogue, and whether that is known; zero where it is not"
    known = np.isfinite(clock.added[items])
    here = np.where(known, np.maximum(0, when - np.nan_to_num(clock.added[items])), 0)
    return np.stack([np.log1p(here), known], 1)


def vectors_of_new(
    tower: Any,  # `artwork_features` and `encode`, as fitted towers have them
) -> np.ndarray:  # float32, n x dim, of unit length
    "The vector that each artwork would have if nobody had met it: by its content, without the embedding of its id"
    works = tower.artwork_features
    v = tower.encode({**works, Cols.artwork_id: np.zeros_like(works[Cols.artwork_id])})
    return v / np.linalg.norm(v, axis=1, keepdims=True)

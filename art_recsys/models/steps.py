"""The steps of a recommender that scores the whole catalogue, and `Pages`, the arrays that a recommender returns.

A step is any callable with the signature that `art_recsys.recommendation.Steps` names. These are the steps of a model
that scores the whole catalogue; the steps of the two-stage recommender are in the lesson.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from art_recsys.config import stable_hash
from art_recsys.platform.neighbours import top_k

from .requests import Requests

__all__ = [
    "Allowed",
    "AnsweredOnce",
    "CatalogueCandidates",
    "Pages",
    "altered",
    "by_score",
    "candidate_score",
    "first_feature",
    "padded",
    "unsteered",
]

Allowed = tuple[
    np.ndarray | None, list[np.ndarray]
]  # a mask over the catalogue for all requests, and what each has seen


@dataclass
class Pages:
    """Some pages of recommendations, pages x k; the item index is -1 where a page ends."""

    items: np.ndarray  # int, item indices, best first
    scores: np.ndarray  # float, for example probabilities of a like
    propensity: np.ndarray  # float, the probability with which the artwork was put there
    drawn: np.ndarray  # bool, whether it was drawn at random
    reasons: list[list[dict]] = field(default_factory=list)  # `{text, artwork_id, kind}`; empty where nobody asked

    def one(self, n: int) -> "Pages":
        "Page `n` (counted from 0) alone, without its empty ranks"
        real = np.flatnonzero(self.items[n] >= 0)
        items, scores, propensity, drawn = (
            a[n : n + 1, real] for a in (self.items, self.scores, self.propensity, self.drawn)
        )
        return Pages(items, scores, propensity, drawn, [self.reasons[n][: len(real)]] if self.reasons else [])


def padded(rows: list[np.ndarray], absent: float = -1) -> np.ndarray:  # n x the longest
    "`rows` of different lengths as one array; `absent` fills the short ones"
    width = max(map(len, rows), default=0)
    kind = np.float64 if any(np.asarray(r).dtype.kind == "f" for r in rows) else np.int64
    out = np.full((len(rows), width), absent, kind)
    for row, values in zip(out, rows, strict=True):
        row[: len(values)] = values
    return out


class CatalogueCandidates:
    """The artworks to which a model gives the highest scores; of equal scores the more popular artwork comes first.

    Where popularity is equal too, a hash of the id decides. The order of the catalogue would say something: many files
    are sorted by date, by fame or by artist, and a model with many equal scores would profit from that.
    """

    def __init__(self, model: Any):  # has `scores(requests)` and `popularity`
        by_chance = np.array([stable_hash(str(a)) for a in model.candidate_ids], np.uint64)
        self.model, self.order = model, np.lexsort((by_chance, -model.popularity))

    def __call__(
        self,
        requests: Requests,  # m of them
        allowed: Allowed,  # what may be recommended, and what each user has seen
        n: int,  # artworks per request
    ) -> tuple[np.ndarray, np.ndarray]:
        "Item indices (-1 where nothing is left) and scores, requests x n"
        mask, seen = allowed
        scores = np.array(self.model.scores(requests), np.float32)
        if mask is not None:
            scores[:, ~mask] = -np.inf
        for row, items in zip(scores, seen, strict=True):
            row[items] = -np.inf
        columns, scores = top_k(scores[:, self.order], n)
        return np.where(np.isfinite(scores), self.order[columns], -1), scores


class AnsweredOnce:
    """A step that is asked once per group of users, for recommenders that differ only in their later steps."""

    def __init__(self, step: Callable):  # `(requests, ...)`: the step for candidates, or that for features
        self.step = step
        self.answers: dict[tuple[str, ...], tuple] = {}

    def __call__(self, requests: Requests, *rest: Any) -> Any:
        "What the step answered when these users were first asked for; `rest` must be the same again"
        users = tuple(requests.user_ids)
        if users not in self.answers:
            self.answers[users] = self.step(requests, *rest), requests.found
        answer, requests.found = self.answers[users]
        return answer


def altered(step: Any, **changed: Any) -> Any:
    "The same step with other attributes; `step` stays as it is"
    out = copy.copy(step)
    vars(out).update(changed)
    return out


def candidate_score(requests: Requests, items: np.ndarray, scores: np.ndarray) -> np.ndarray:  # requests x n x 1
    "The score with which a candidate was found, as its only feature; `items` and `scores` are requests x n"
    return scores[..., None]


def first_feature(features: np.ndarray) -> np.ndarray:  # requests x n
    "The first feature as the score"
    return features[..., 0]


def by_score(
    requests: Requests,  # not read; part of the step's signature
    items: np.ndarray,  # requests x n item indices
    found: np.ndarray,  # requests x n, not read
    scores: np.ndarray,  # requests x n
    k: int,
) -> np.ndarray:  # requests x k
    "At most `k` columns in the order of `scores`, -1 where there is none"
    columns, best = top_k(np.where(items >= 0, scores, -np.inf), k)
    return np.where(np.isfinite(best), columns, -1)


def unsteered(requests: Requests, items: np.ndarray, scores: np.ndarray) -> np.ndarray:  # requests x n
    "The `scores` (requests x n) as they are; `requests` and `items` are not read"
    return scores

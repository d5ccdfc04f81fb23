"""Several interests: a user as K query vectors, and an artwork scored by the one that is nearest to it.

Query vectors have the shape n x dim where a user is one vector, and n x K x dim where a user is several. The functions
here take both, and for one vector they compute what they always did. The score of a pair is the highest of the K dot
products ("maxsim"; Weston, Weiss and Yee 2013, https://dl.acm.org/doi/10.1145/2507157.2507209).
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from art_recsys.config import UserError

__all__ = [
    "ALONE",
    "SAME",
    "all_scores",
    "check_interests",
    "heads_at_work",
    "lost_leads",
    "max_scores",
    "mean_cosine",
    "merge_heads",
    "nearest_to_any",
    "pair_scores",
    "warn_of_collapse",
]

SAME = 0.999  # mean cosine between the vectors of a user above which they are one; .98 is usual for two at work
ALONE = 0.98  # share of the likes nearest to the same vector above which the others count as unused


def check_interests(
    interests: int,  # K, from a person
) -> None:
    "Raise `UserError` unless K is a whole number of at least 1"
    if not isinstance(interests, int) or isinstance(interests, bool) or interests < 1:
        raise UserError(
            f"interests = {interests!r} is not possible: a user is at least one query vector.",
            "set interests to 1 or a few more",
        )


# --- scores ---


def max_scores(
    q: np.ndarray,  # dim, or K x dim: one user
    v: np.ndarray,  # m x dim
) -> np.ndarray:  # m
    "The score of each of `v`: its dot product with the nearest vector of the user"
    return v @ q if q.ndim == 1 else (v @ q.T).max(1)


def all_scores(
    q: np.ndarray,  # n x dim, or n x K x dim
    v: np.ndarray,  # m x dim: the same artworks for each user
) -> np.ndarray:  # n x m
    "The same for n users"
    return q @ v.T if q.ndim == 2 else (q @ v.T).max(1)


def pair_scores(
    q: np.ndarray,  # n x dim, or n x K x dim
    v: np.ndarray,  # n x m x dim: other artworks for each user
) -> np.ndarray:  # n x m
    "The same for n users, each with artworks of their own"
    return np.einsum("nmd,nd->nm", v, q) if q.ndim == 2 else np.einsum("nmd,nkd->nmk", v, q).max(2)


def lost_leads(
    q: np.ndarray,  # dim, or K x dim: one user
    without: np.ndarray,  # likes x dim, or likes x K x dim: the same user without each of some likes
    v: np.ndarray,  # n x dim, candidates
    items: np.ndarray,  # m item indices
    shown: np.ndarray,  # bool, n: what may be shown
) -> np.ndarray:  # likes x m
    "What the lead of each artwork over the mean score of what may be shown loses without each like"
    some = bool(shown.any())
    if q.ndim == 1:  # a score is linear in the query, so the mean vector has the mean score
        lead = v[items] - v[shown].mean(0) if some else v[items]
        return (q - without) @ lead.T

    def leads(x: np.ndarray) -> np.ndarray:
        score = max_scores(x, v)
        return score[items] - (score[shown].mean() if some else 0)

    return leads(q) - np.array([leads(x) for x in without]).reshape(len(without), len(items))


# --- search ---


def merge_heads(
    rows: np.ndarray,  # n x K x k: what was found for each vector, -1 where there is nothing
    near: np.ndarray,  # n x K x k: the scores, higher is nearer
    k: int,
) -> tuple[np.ndarray, np.ndarray]:  # n x k rows and scores, best first; of equals the first row
    """One list per user from the lists of K vectors, each artwork once and with its highest score.

    Where each list holds the `k` best for its vector, the merged one holds the `k` best by the highest score: whatever
    comes before an artwork in the list of its nearest vector also comes before it in the merged list.
    """
    out, best = np.full((len(rows), k), -1, np.int64), np.full((len(rows), k), -np.inf, near.dtype)
    for n, (r, s) in enumerate(zip(rows.reshape(len(rows), -1), near.reshape(len(rows), -1), strict=True)):
        r, s = r[r >= 0], s[r >= 0]
        order = np.lexsort((r, -s))
        order = order[np.sort(np.unique(r[order], return_index=True)[1])][:k]
        out[n, : len(order)], best[n, : len(order)] = r[order], s[order]
    return out, best


def nearest_to_any(
    neighbours: Any,  # `art_recsys.platform.neighbours.Neighbours`, by dot product
    q: np.ndarray,  # n x dim, or n x K x dim
    k: int,  # rows per user
    mask: np.ndarray | None = None,  # bool over the rows: what may be found
    exclude: list | None = None,  # rows that must not be found, one array or list per user
) -> tuple[np.ndarray, np.ndarray]:  # rows (-1 where nothing is left) and scores, n x min(k, rows), best first
    "The best artworks for each user: a search for each vector, and the lists merged"
    if q.ndim < 3:
        return neighbours.search(q, k, mask, exclude)
    n, heads, dim = q.shape
    for_each = None if exclude is None else [e for e in exclude for _ in range(heads)]
    rows, near = neighbours.search(q.reshape(-1, dim), k, mask, for_each)
    return merge_heads(rows.reshape(n, heads, -1), near.reshape(n, heads, -1), rows.shape[1])


# --- the guard against vectors that become one ---


def mean_cosine(
    q: np.ndarray,  # n x K x dim, of unit length
) -> float:  # 1: the vectors of every user are the same
    "The mean cosine between two vectors of one user"
    heads = q.shape[1]
    total = np.einsum("nkd,nld->n", q, q).mean() if len(q) else float("nan")
    return float((total - heads) / (heads * (heads - 1)))


def heads_at_work(
    q: np.ndarray,  # n x dim, or n x K x dim
    answers: np.ndarray,  # n x dim: for each query the artwork that was liked
) -> dict[str, float]:  # `cosine` and `busiest`; empty for one interest
    """Whether the vectors are different, and whether all are used.

    `cosine` is their mean cosine. `busiest` is the share of the answers that are nearest to the same one of the K
    vectors: 1 / K where all are used alike, 1 where the others never score.
    """
    if q.ndim == 2:
        return {}
    nearest = np.einsum("nkd,nd->nk", q, answers).argmax(1)
    busiest = np.bincount(nearest).max(initial=0) / max(1, len(nearest))
    return {"cosine": mean_cosine(q), "busiest": float(busiest)}


def warn_of_collapse(
    measured: Mapping[str, Any],  # with `cosine` and `busiest`, from `heads_at_work`; without them nothing is said
    interests: int,  # K
) -> None:
    "Warn where the vectors of a user have become one, or where only one of them is ever used"
    cosine, busiest = (measured.get(c, 0) for c in ("cosine", "busiest"))
    if cosine > SAME or busiest > ALONE:
        warnings.warn(
            f"interests = {interests}, but the query vectors do the work of one: their mean cosine is {cosine:.3f}, "
            f"and {busiest:.0%} of the held-out likes are nearest to the same one. "
            "Set interests = 1: the answers are as good, and a search takes a fraction of the time.",
            stacklevel=2,
        )

"""More and less of something: what a visitor asked for, and what their likes have in common.

A wish is `{direction, kind, value}`: `more` or `less` of a tag, an artist, a palette (colour family) or a period. It
adds candidates that have the trait, and it moves artworks with the trait up or down before a page is reranked. The
scores that a page shows stay those of the models.

What a visitor's likes have in common says something without words. With `follow` above 0, these traits add candidates
too, and the rerank step brings the page nearer to their shares among the likes (`lacking`).
A wish about the same trait goes first.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from art_recsys.platform.neighbours import top_k

from .interests import max_scores
from .requests import Requests
from .steps import Allowed, padded
from .traits import KINDS, Traits

__all__ = [
    "CALIBRATED",
    "DIRECTIONS",
    "Followed",
    "SteeredCandidates",
    "Steering",
    "followed",
    "habits",
    "lacking",
    "summary",
]

DIRECTIONS = ("more", "less", "neutral")  # `neutral` takes back what was said before
STRENGTH = 0.5  # how far a wish moves an artwork: this share of the distance from the best score to the worst
SHARE = 4  # about one candidate in so many is added because of a wish or of what is followed
LIFT, MOST = 2.0, 8  # followed: at least twice as frequent as in the catalogue; at most eight traits
LEAST, LEAST_SHARE = 2, 0.25  # in two of the likes at least, and in a quarter of them
EXPLAINED = 0.25  # what a like still counts once a trait of it is chosen
RECENT = 20  # the last likes, from which is read what a visitor follows
CALIBRATED = 48  # artworks whose mix is looked at: two pages, of which quotas leave one


class Followed(NamedTuple):
    """What one visitor follows, for m artworks; the T traits are sorted by kind."""

    has: np.ndarray  # float, T x m: 1 where an artwork has the trait
    shares: np.ndarray  # T: of the likes that have it, from 0 to 1
    kinds: np.ndarray  # int: the row at which each kind of trait begins


def lacking(
    has: np.ndarray,  # this and the next two as in `Followed`
    shares: np.ndarray,
    kinds: np.ndarray,
    have: np.ndarray | float,  # T: how many of the artworks that are chosen have each trait; 0 for none
    n: int,  # how many are chosen
) -> np.ndarray:  # m
    """How much of what is followed each artwork would bring to a page that has too little of it.

    Of `n + 1` artworks a trait should be on its share of the likes (Steck, Calibrated Recommendations, 2018,
    https://dl.acm.org/doi/10.1145/3240323.3240372). What is missing, one artwork at most, counts with that share; of
    each kind of trait the most missed one counts.
    """
    lack = shares * np.clip(shares * (n + 1) - have, 0, 1)
    return np.maximum.reduceat(lack[:, None] * has, kinds).sum(0)


class Steering:
    """The step that moves what was asked for; it also knows what each visitor follows."""

    def __init__(
        self,
        traits: Traits,  # of the catalogue that is recommended
        follow: float = 0.0,  # 0: only what was asked for counts, and nobody follows anything
    ):
        self.traits, self.follow = traits, follow

    def __call__(self, requests: Requests, items: np.ndarray, scores: np.ndarray) -> np.ndarray:  # requests x n
        "The `scores` of `items` (requests x n), moved by the wishes of `requests`, to order a page by; -inf stays"
        if not any(requests.steering):
            return scores
        out = np.array(scores, float)
        for row, wishes, s in zip(items, requests.steering, out, strict=True):
            moved = np.zeros(len(self.traits))
            for wish in wishes:
                step = STRENGTH if wish["direction"] == "more" else -STRENGTH
                moved[self.traits.having(wish["kind"], wish["value"])] += step
            real = np.isfinite(s)
            if wishes and real.any():
                s[real] += max(np.ptp(s[real]), 1e-6) * np.clip(moved[row[real]], -STRENGTH, STRENGTH)
        return out

    def habits(
        self,
        requests: Requests,  # m of them
    ) -> list[list[dict]]:  # as `followed`
        "What each of the visitors follows, worked out once; nothing where `follow` is 0"
        if not self.follow:
            return [[] for _ in requests.histories]
        each = zip(requests.histories, requests.steering, strict=True)
        return requests.once(self, lambda: [habits(self.traits, *one) for one in each])

    def followed(
        self,
        requests: Requests,  # m of them
        items: np.ndarray,  # m x n item indices, -1 where there is none
    ) -> list[Followed | None]:  # one per request; None where nothing is followed
        "Which artworks have what each visitor follows, as the rerank step reads it"
        out: list[Followed | None] = []
        for found, row in zip(self.habits(requests), items, strict=True):
            found = sorted(found, key=lambda t: KINDS.index(t["kind"]))
            has = [_among(row, self.traits.having(t["kind"], t["value"])) for t in found]
            _, first = np.unique([KINDS.index(t["kind"]) for t in found], return_index=True)
            shares = np.array([t["share"] for t in found])
            out.append(Followed(np.array(has, np.float32), shares, first) if found else None)
        return out


class SteeredCandidates:
    """Other candidates, and those with a wanted trait that are nearest to the query vector."""

    def __init__(
        self,
        candidates: Callable,  # The step for all others
        steering: Steering,  # the one that also moves the scores
        tower: Any,  # Has `candidates` and answers `Requests.query_vectors`
    ):
        self.candidates, self.steering, self.tower = candidates, steering, tower

    def __call__(
        self,
        requests: Requests,  # m of them
        allowed: Allowed,  # what may be found, and what each visitor has seen
        n: int,  # candidates per request; a `SHARE`-th of it is added, divided among what is wanted
    ) -> tuple[np.ndarray, np.ndarray]:
        "Item indices (-1 where nothing is left) and scores; those that were added have the lowest score of their row"
        items, scores = self.candidates(requests, allowed, n)
        wanted = [
            [(w, 1.0) for w in said if w["direction"] == "more"] + [(t, t["share"]) for t in habits]
            for said, habits in zip(requests.steering, self.steering.habits(requests), strict=True)
        ]
        if not any(wanted):
            return items, scores
        q, (mask, seen) = requests.query_vectors(self.tower), allowed
        rows, values = [], []
        for row, s, mine, v, gone in zip(items, scores, wanted, q, seen, strict=True):
            real = row >= 0
            left = np.ones(len(self.steering.traits), bool) if mask is None else mask.copy()
            left[row[real]] = left[gone] = False
            added = self._added(mine, v, left, max(1, n // SHARE))
            rows.append(np.concatenate([row[real], added]))
            values.append(np.concatenate([s[real], np.full(len(added), s[real].min(initial=0.0))]))
        return padded(rows), padded(values, -np.inf)

    def _added(self, wanted: list[tuple[dict, float]], v: np.ndarray, left: np.ndarray, n: int) -> np.ndarray:
        "About `n` item indices: of each trait its share, rounded up, the nearest first; `left` loses what was taken"
        out, total = [np.zeros(0, np.int64)], sum(share for _, share in wanted)
        for trait, share in wanted:
            more = self.steering.traits.having(trait["kind"], trait["value"])
            more = more[left[more]]
            near = max_scores(v, self.tower.candidates[more])
            out.append(more[top_k(near[None], int(np.ceil(n * share / total)))[0][0]])
            left[out[-1]] = False
        return np.concatenate(out)


def _among(items: np.ndarray, some: np.ndarray) -> np.ndarray:  # bool, one per item
    "Which items are among some others, which are ascending: there may be very many of these"
    if not len(some):
        return np.zeros(len(items), bool)
    return some[np.minimum(np.searchsorted(some, items), len(some) - 1)] == items


def followed(
    traits: Traits,  # of the catalogue of `liked`
    liked: list[int],  # Item indices
) -> list[dict]:  # `{kind, value, likes, share}`, the most telling first; `share`: of `liked`, from 0 to 1
    """What the likes have in common and the catalogue does not: at most eight traits.

    A like that has a chosen trait counts less for the next one, so that several interests are all named.
    """
    with_trait: dict[tuple[str, str], list[int]] = {}
    for row, n in enumerate(liked):
        for kind in KINDS:
            for value in traits.of(n, kind):
                with_trait.setdefault((kind, value), []).append(row)
    left = {}
    for trait, rows in with_trait.items():
        if len(rows) < max(LEAST, LEAST_SHARE * len(liked)):
            continue
        lift = len(rows) / len(liked) / (len(traits.having(*trait)) / len(traits))
        if lift >= LIFT:
            left[trait] = np.log(lift)
    out: list[dict] = []
    weights = np.ones(len(liked))
    while left and len(out) < MOST:
        kind, value = best = max(left, key=lambda t: weights[with_trait[t]].sum() * left[t])
        rows = with_trait[best]
        named = {"kind": kind, "value": traits.name(kind, value)}
        out.append({**named, "likes": len(rows), "share": len(rows) / len(liked)})
        weights[rows] *= EXPLAINED
        del left[best]
    return out


def habits(
    traits: Traits,  # of the catalogue of `history`
    history: list[int],  # Item indices of the likes, oldest first
    said: list[dict],  # What the visitor asked for: `{direction, kind, value}`
) -> list[dict]:  # as `followed`
    "What the last likes have in common, without the traits about which something was said"
    about = {(w["kind"], w["value"]) for w in said}
    return [t for t in followed(traits, history[-RECENT:]) if (t["kind"], t["value"]) not in about]


def summary(follows: list[dict], less: list[dict]) -> str:
    "In words: `You follow: sea, night; less: pop art`; `follows` and `less` hold `{kind, value}`"
    parts = [("You follow: ", follows), ("less: ", less)]
    text = "; ".join(start + ", ".join(t["value"] for t in traits) for start, traits in parts if traits)
    return text[:1].upper() + text[1:]

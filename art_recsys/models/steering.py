"""More and less of something: what a visitor asked for, as further candidates and as a change of their order.

A wish is `{direction, kind, value}`: `more` or `less` of a tag, an artist, a palette (colour family) or a period. It
adds candidates that have the trait, and it moves artworks with the trait up or down before a page is reranked. The
scores that a page shows stay those of the models. The same traits say what a visitor's likes have in common.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np

from .requests import Requests
from .steps import Allowed, padded
from .traits import KINDS, Traits

__all__ = ["DIRECTIONS", "SteeredCandidates", "Steering", "followed", "summary"]

DIRECTIONS = ("more", "less", "neutral")  # `neutral` takes back what was said before
STRENGTH = 0.5  # how far a wish moves an artwork: this share of the distance from the best score to the worst
SHARE = 4  # at most one candidate in so many is added because of a wish
LIFT, LEAST, MOST = 2.0, 2, 5  # followed: twice as frequent as in the catalogue, in two likes at least; at most five


class Steering:
    """The step that moves what was asked for."""

    def __init__(self, traits: Traits):
        self.traits = traits

    def __call__(self, requests: Requests, items: np.ndarray, scores: np.ndarray) -> np.ndarray:  # requests x n
        "The scores by which a page is ordered; -inf stays"
        if not any(requests.steering):
            return scores
        out = np.array(scores, float)
        for row, wishes, s in zip(items, requests.steering, out, strict=True):
            moved = np.zeros(len(self.traits))
            for wish in wishes:
                moved[self.traits.having(wish["kind"], wish["value"])] += {"more": 1, "less": -1}[wish["direction"]]
            real = np.isfinite(s)
            if wishes and real.any():
                s[real] += STRENGTH * max(np.ptp(s[real]), 1e-6) * np.clip(moved[row[real]], -1, 1)
        return out


class SteeredCandidates:
    """Other candidates, and what was asked for: the artworks with that trait that are nearest to the query vector."""

    def __init__(
        self,
        candidates: Callable,  # The step for all others
        traits: Traits,
        tower,  # Has `candidates` and answers `Requests.query_vectors`
    ):
        self.candidates, self.traits, self.tower = candidates, traits, tower

    def __call__(self, requests: Requests, allowed: Allowed, n: int) -> tuple[np.ndarray, np.ndarray]:
        "Item indices (-1 where nothing is left) and scores; those that were added have the lowest score of their row"
        items, scores = self.candidates(requests, allowed, n)
        wanted = [[w for w in wishes if w["direction"] == "more"] for wishes in requests.steering]
        if not any(wanted):
            return items, scores
        q, (mask, seen) = requests.query_vectors(self.tower), allowed
        rows, values = [], []
        for row, s, wishes, v, gone in zip(items, scores, wanted, q, seen, strict=True):
            real = row >= 0
            more = self._with(wishes, np.concatenate([row[real], gone]).astype(np.int64), mask)
            best = more[np.argsort(-(self.tower.candidates[more] @ v), kind="stable")][: max(1, n // SHARE)]
            rows.append(np.concatenate([row[real], best]))
            values.append(np.concatenate([s[real], np.full(len(best), s[real].min(initial=0.0))]))
        return padded(rows), padded(values, -np.inf)

    def _with(self, wishes: list[dict], gone: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
        "Item indices that have any of these traits, and that may come"
        found = np.zeros(len(self.traits), bool)
        for wish in wishes:
            found[self.traits.having(wish["kind"], wish["value"])] = True
        found[gone] = False
        return np.flatnonzero(found if mask is None else found & mask)


def followed(
    traits: Traits,
    liked: list[int],  # Item indices
) -> list[dict]:  # `{kind, value, likes}`, the most telling first
    "What the likes have in common and the catalogue does not: at most five traits"
    out = []
    for kind in KINDS:
        counts = Counter(v for n in liked for v in traits.of(n, kind))
        for value, likes in counts.items():
            lift = likes / len(liked) / (len(traits.having(kind, value)) / len(traits))
            if likes >= LEAST and lift >= LIFT:
                trait = {"kind": kind, "value": traits.name(kind, value), "likes": likes}
                out.append((likes * np.log(lift), trait))
    return [trait for _, trait in sorted(out, key=lambda x: -x[0])][:MOST]


def summary(follows: list[dict], less: list[dict]) -> str:
    "In words: `You follow: sea, night; less: pop art`"
    parts = [("You follow: ", follows), ("less: ", less)]
    text = "; ".join(start + ", ".join(t["value"] for t in traits) for start, traits in parts if traits)
    return text[:1].upper() + text[1:]

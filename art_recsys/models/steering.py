"""More and less of something: what a visitor asked for, as further candidates and as a change of their order.

A wish is `{direction, kind, value}`: `more` or `less` of a tag, an artist, a palette (colour family) or a period. It
adds candidates that have the trait, and it moves artworks with the trait up or down before a page is reranked. The
scores that a page shows stay those of the models.

What a visitor's likes have in common says the same without words. With `follow` above 0, these traits count like wishes
for more, with that strength; a wish about the same trait goes first.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from .interests import max_scores
from .requests import Requests
from .steps import Allowed, padded
from .traits import KINDS, Traits

__all__ = ["DIRECTIONS", "SteeredCandidates", "Steering", "followed", "summary"]

DIRECTIONS = ("more", "less", "neutral")  # `neutral` takes back what was said before
STRENGTH = 0.5  # how far a wish moves an artwork: this share of the distance from the best score to the worst
SHARE = 4  # at most one candidate in so many is added because of a wish
LIFT, LEAST, MOST = 2.0, 2, 5  # followed: twice as frequent as in the catalogue, in two likes at least; at most five
EXPLAINED = 0.25  # what a like still counts once a trait of it is chosen
RECENT = 20  # the last likes, from which is read what a visitor follows


class Steering:
    """The step that moves what was asked for, and what is followed."""

    def __init__(
        self,
        traits: Traits,  # of the catalogue that is recommended
        follow: float = 0.0,  # As `STRENGTH`, for what the likes have in common; 0: only what was asked for counts
    ):
        self.traits, self.follow = traits, follow

    def wishes(
        self,
        requests: Requests,  # m of them, with `steering` and `histories`
    ) -> list[list[tuple[dict, float]]]:  # pairs of `{direction, kind, value}` and a share, as `STRENGTH`
        "What each request wants, and how strongly, worked out once: less than 0 for `less`"
        return requests.once(self, lambda: self._wishes(requests))

    def _wishes(self, requests: Requests) -> list[list[tuple[dict, float]]]:
        out = []
        for said, history in zip(requests.steering, requests.histories, strict=True):
            mine = [(w, STRENGTH if w["direction"] == "more" else -STRENGTH) for w in said]
            about = {(w["kind"], w["value"]) for w in said}
            found = followed(self.traits, history[-RECENT:]) if self.follow else []
            out.append(mine + [(t, self.follow) for t in found if (t["kind"], t["value"]) not in about])
        return out

    def __call__(self, requests: Requests, items: np.ndarray, scores: np.ndarray) -> np.ndarray:  # requests x n
        "The `scores` of `items` (requests x n), moved by the wishes of `requests`, to order a page by; -inf stays"
        wanted = self.wishes(requests)
        if not any(wanted):
            return scores
        out = np.array(scores, float)
        for row, wishes, s in zip(items, wanted, out, strict=True):
            moved = np.zeros(len(self.traits))
            for wish, strength in wishes:
                moved[self.traits.having(wish["kind"], wish["value"])] += strength
            real = np.isfinite(s)
            if wishes and real.any():
                s[real] += max(np.ptp(s[real]), 1e-6) * np.clip(moved[row[real]], -STRENGTH, STRENGTH)
        return out


class SteeredCandidates:
    """Other candidates, and what is wanted: the artworks with that trait that are nearest to the query vector."""

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
        n: int,  # candidates per request; a `SHARE`-th of it, at least one, is added for what is wanted
    ) -> tuple[np.ndarray, np.ndarray]:
        "Item indices (-1 where nothing is left) and scores; those that were added have the lowest score of their row"
        items, scores = self.candidates(requests, allowed, n)
        wanted = [[w for w, strength in wishes if strength > 0] for wishes in self.steering.wishes(requests)]
        if not any(wanted):
            return items, scores
        q, (mask, seen) = requests.query_vectors(self.tower), allowed
        rows, values = [], []
        for row, s, wishes, v, gone in zip(items, scores, wanted, q, seen, strict=True):
            real = row >= 0
            more = self._with(wishes, np.concatenate([row[real], gone]).astype(np.int64), mask)
            best = more[np.argsort(-max_scores(v, self.tower.candidates[more]), kind="stable")][: max(1, n // SHARE)]
            rows.append(np.concatenate([row[real], best]))
            values.append(np.concatenate([s[real], np.full(len(best), s[real].min(initial=0.0))]))
        return padded(rows), padded(values, -np.inf)

    def _with(self, wishes: list[dict], gone: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
        "Item indices that have any of these traits, and that may come"
        traits = self.steering.traits
        found = np.zeros(len(traits), bool)
        for wish in wishes:
            found[traits.having(wish["kind"], wish["value"])] = True
        found[gone] = False
        return np.flatnonzero(found if mask is None else found & mask)


def followed(
    traits: Traits,  # of the catalogue of `liked`
    liked: list[int],  # Item indices
) -> list[dict]:  # `{kind, value, likes}`, the most telling first
    """What the likes have in common and the catalogue does not: at most five traits.

    A like that has a chosen trait counts less for the next one, so that several interests are all named.
    """
    with_trait: dict[tuple[str, str], list[int]] = {}
    for row, n in enumerate(liked):
        for kind in KINDS:
            for value in traits.of(n, kind):
                with_trait.setdefault((kind, value), []).append(row)
    left = {}
    for trait, rows in with_trait.items():
        if len(rows) < LEAST:
            continue
        lift = len(rows) / len(liked) / (len(traits.having(*trait)) / len(traits))
        if lift >= LIFT:
            left[trait] = np.log(lift)
    out: list[dict] = []
    weights = np.ones(len(liked))
    while left and len(out) < MOST:
        kind, value = best = max(left, key=lambda t: weights[with_trait[t]].sum() * left[t])
        rows = with_trait[best]
        out.append({"kind": kind, "value": traits.name(kind, value), "likes": len(rows)})
        weights[rows] *= EXPLAINED
        del left[best]
    return out


def summary(follows: list[dict], less: list[dict]) -> str:
    "In words: `You follow: sea, night; less: pop art`; `follows` and `less` hold `{kind, value}`"
    parts = [("You follow: ", follows), ("less: ", less)]
    text = "; ".join(start + ", ".join(t["value"] for t in traits) for start, traits in parts if traits)
    return text[:1].upper() + text[1:]

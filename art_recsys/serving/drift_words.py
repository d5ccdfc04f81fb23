"""The drift of taste in words: what the likes of the last seven days lean to, and whether that is more than chance.

A visitor who likes thirty portraits is one visitor, and their likes resemble each other. So the spread that chance
gives is that of a beta-binomial count (Williams, 1982): beside the binomial noise of each like it has the variance of
the training users' own shares, and the more likes a visitor gave, the less each of them weighs. All traits of the
catalogue are looked at, so each p-value is multiplied by their number (Bonferroni). Of each kind of trait one sentence
is said.
"""

import time
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import norm

from art_recsys.core import Event
from art_recsys.language.grammar import named, plural
from art_recsys.models.facets import FACETS

__all__ = ["DAYS", "Lean", "lean", "lean_of", "sentence_of"]

DAYS, LEAST, LEVEL, MOST = 7, 6, 0.05, 3  # days; visitors; level; sentences
EVERY = 30.0  # seconds between two calculations
MIN_WORKS = 3  # a trait of fewer works says nothing about a taste
EXPECTED = 5.0  # likes with the trait that the training data lets one expect: with fewer, the normal tail is wrong

Likes = tuple[np.ndarray, np.ndarray]  # users as integers from 0 on, and the item index of each of their likes


class Lean(NamedTuple):
    "A trait that the visitors' likes have more or less often than those of the training data"

    kind: str  # `tag`, or one of `FACETS`
    value: str  # as the catalogue has it
    now: float  # share of the likes now
    before: float  # share of the likes in training
    p: float  # corrected for all traits of the catalogue


def _name(kind: str, value: str) -> str:
    "A trait as what people like: `portraits`, `prints`, `works in oil on canvas`, `blue works`"
    small = value[:1].lower() + value[1:]
    return {
        "tag": lambda: named(value),
        "category": lambda: plural(small),
        "medium": lambda: f"works in {small}",
        "period": lambda: f"works from {value}",
        "colour": lambda: f"{small} works",
    }[kind]()


def sentence_of(found: Lean, visitors: int) -> str:
    "`The likes of the last seven days lean to portraits: 31 % of them, 18 % in the training data. That is more ...`"
    way = "lean to" if found.now > found.before else "lean away from"
    p = "p < .001" if found.p < 0.001 else f"p = {found.p:.3f}".replace("0.", ".")
    shares = f"{100 * found.now:.0f} % of them, {100 * found.before:.0f} % in the training data"
    chance = f"That is more than chance ({p}, {visitors} visitors)."
    return f"The likes of the last seven days {way} {_name(found.kind, found.value)}: {shares}. {chance}"


def _traits(service: Any) -> list[tuple[str, str, np.ndarray]]:
    "Kind, value and item indices of every trait that enough works have"
    out = []
    for facet in FACETS:
        codes, names = service.catalogue.facets.coded(facet)
        out += [(facet, name, np.flatnonzero(codes == n)) for n, name in enumerate(names) if name]
    tags = {t: n for mine in service.traits.tags for t, n in mine.items()}
    out += [("tag", name, service.traits.having("tag", small)) for small, name in tags.items()]
    return [t for t in out if len(t[2]) >= MIN_WORKS]


def _spread(likes: Likes, has: np.ndarray) -> tuple[float, float]:
    "Share of the likes with a trait, and the variance of the users' own shares around it, each weighted by its likes"
    users, items = likes
    n, hits = np.bincount(users), np.bincount(users, has[items])
    share = hits.sum() / max(1, n.sum())
    return float(share), float((n * (hits / np.maximum(n, 1) - share) ** 2).sum() / max(1, n.sum()))


def lean_of(
    now: Likes,  # of the visitors
    traits: list[tuple[str, str, np.ndarray]],  # kind, value, item indices
    training: Likes,  # of the training users
    size: int,  # artworks
) -> list[Lean]:  # the surest first, at most one of each kind, at most three
    "What the likes lean to, beyond chance"
    users, items = now
    n = np.bincount(users) if len(users) else np.zeros(0, int)
    if np.count_nonzero(n) < LEAST or not len(training[0]):
        return []
    best: dict[str, Lean] = {}
    for kind, value, having in traits:
        has = np.zeros(size, bool)
        has[having] = True
        before, between = _spread(training, has)
        if min(before, 1 - before) * n.sum() < EXPECTED:
            continue
        share = float(has[items].mean())
        weight = 1 / (1 + np.maximum(n - 1, 0) * between / (before * (1 - before)))
        variance = n * before * (1 - before) + n * (n - 1) * between
        beyond = np.bincount(users, has[items], len(n)) - n * before
        p = 2 * norm.sf(abs((weight * beyond).sum()) / np.sqrt((weight**2 * variance).sum()))
        found = Lean(kind, value, share, before, float(min(1.0, p * len(traits))))
        if found.p < LEVEL and (kind not in best or found.p < best[kind].p):
            best[kind] = found
    return sorted(best.values(), key=lambda f: f.p)[:MOST]


def _logged(service: Any) -> Likes:
    "The training users' likes"
    index, users, items = service.catalogue.item_index, [], []
    for n, decided in enumerate(service.visitors.logged.values()):
        mine = [index[a] for a, event in decided.items() if event == Event.like and a in index]
        users += [n] * len(mine)
        items += mine
    return np.array(users, int), np.array(items, int)


def lean(
    service: Any,  # `serving.service.Service`; keeps what was computed
    likes: list[tuple[str, str]],  # visitor and artwork id of each like of the last seven days
) -> list[str]:  # sentences, never empty
    "The drift of taste in words; computed again when there are new likes, and at most twice a minute"
    kept = getattr(service, "lean", None)
    if kept is not None and (kept[1] == len(likes) or time.monotonic() - kept[0] < EVERY):
        return kept[2]
    index = service.catalogue.item_index
    known = [(u, index[a]) for u, a in likes if a in index]
    visitors = len({u for u, _ in known})
    if visitors < LEAST:
        who = {0: "Nobody", 1: "Only one visitor"}.get(visitors, f"Only {visitors} visitors")
        words = [f"{who} liked something in the last seven days: too few to tell a taste from chance."]
    else:
        users = np.unique([u for u, _ in known], return_inverse=True)[1]
        now = users, np.array([i for _, i in known], int)
        found = lean_of(now, _traits(service), _logged(service), len(service.catalogue.ids))
        words = [sentence_of(f, visitors) for f in found]
        words = words or ["The likes of the last seven days do not differ from the training data by more than chance."]
    service.lean = time.monotonic(), len(likes), words
    return words

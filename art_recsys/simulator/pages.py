"""Which artworks the simulated museum shows: pages of recommendations drawn by a known policy, with propensities."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .attributes import top_columns
from .behaviour import Behaviour
from .truth import Truth, interest_utilities

__all__ = ["Pages", "Tastes", "draw_pages", "repeated"]


@dataclass
class Tastes:
    """Some users, with everything about their taste that stays the same from page to page.

    The *appeal* of an artwork is its utility relative to the user: 0 where a like is as probable as not, about 1 for
    the artworks that the user wants most.
    """

    utility: np.ndarray  # float32 [users, 3, works] for each interest
    best: np.ndarray  # int [users, m] item indices of the artworks that fit the taste, twice as many as are wanted
    least: np.ndarray  # float [users] utility of the last of `best`
    even: np.ndarray  # float [users] utility at which a like is as probable as not
    scale: np.ndarray  # float [users] how far the most wanted artworks are above that

    @classmethod
    def of(cls, t: Truth, rows: np.ndarray, b: Behaviour) -> "Tastes":
        "Read the tastes of the users `rows` (of `t.user_ids`); `b` has the constants of the behaviour model"
        utility, n = interest_utilities(t, rows), len(t.artwork_ids)
        overall = utility.max(1) + b.popularity_weight * t.fame
        share, least, most = b.wanted
        k = min(n, int(np.clip(share * n, least, most)))
        best = top_columns(overall, min(n, 2 * k))
        ordered = -np.sort(-np.take_along_axis(overall, best, 1), axis=1)
        top = ordered[:, : max(1, k // 8)].mean(1)
        even = ordered[:, k - 1]
        return cls(utility, best, ordered[:, -1], even, np.maximum(top - even, 1e-3))

    def appeal(
        self,
        t: Truth,  # the truth that this object was made from
        user: np.ndarray,  # int [pages]: user of each page, as rows of this object
        focus: np.ndarray,  # float32 [pages, 3]: share of each interest
        items: np.ndarray,  # int [pages, n] item indices
        b: Behaviour,  # constants of the behaviour model
    ) -> np.ndarray:  # float [pages, n]
        "Appeal of these artworks to the user of each page, under that focus"
        each = self.utility[user[:, None, None], np.arange(3)[None, :, None], items[:, None]]
        utility = (each - b.focus_penalty * (1 - focus)[..., None]).max(1) + b.popularity_weight * t.fame[items]
        return (utility - self.even[user][:, None]) / self.scale[user][:, None]


class Pages(NamedTuple):
    "What was shown: arrays [pages, positions]"

    items: np.ndarray  # item indices, -1 where a position is empty
    own: np.ndarray  # bool: whether it is one of the works of the user's profile
    propensity: np.ndarray  # float, NaN for the works of the profile


def draw_pages(
    r: np.random.Generator,  # draws what fills each position
    tastes: Tastes,  # of the users of these pages
    t: Truth,  # the truth that `tastes` was made from
    user: np.ndarray,  # int [pages]: user of each page, as rows of `tastes`
    focus: np.ndarray,  # float32 [pages, 3]: share of each interest
    first: np.ndarray,  # int: the first page of each user
    rows: np.ndarray,  # Rows of `t.user_ids` that `tastes` was made from
    b: Behaviour,  # constants of the behaviour model
) -> Pages:
    """Draw what each page shows.

    Adding Gumbel noise and keeping the largest draws without replacement, with probabilities proportional to the
    exponential (https://arxiv.org/abs/1903.06059). The propensity is the mean probability of one slot to show the
    artwork, over the three policies that fill slots.
    """
    n, famous = len(t.artwork_ids), np.exp(t.fame.astype(float))
    famous /= famous.sum()
    best = tastes.best[user]
    pull = tastes.appeal(t, user, focus, best, b) / b.page_temperature
    noisy = pull + r.gumbel(size=pull.shape).astype(np.float32)
    fitting = np.take_along_axis(best, top_columns(noisy, min(b.taste_per_page, best.shape[1])), 1)
    popular = np.minimum(np.searchsorted(np.cumsum(famous), r.random((len(user), b.popular_per_page))), n - 1)
    items = np.hstack([fitting, popular, r.integers(n, size=(len(user), b.random_per_page))])
    own = np.zeros(items.shape, bool)
    seeds = t.interests[rows[user[first]], 0]
    theirs = np.ix_(first, np.arange(seeds.shape[1]))
    items[theirs], own[theirs] = seeds, True
    order = np.argsort(r.random(items.shape), axis=1)
    total = np.log(np.exp(pull).sum(1, keepdims=True))
    propensity = _propensity(tastes, t, user, focus, items, total, famous, b)
    propensity[own] = np.nan
    shuffled = (np.take_along_axis(x, order, 1) for x in (np.where(repeated(items), -1, items), own, propensity))
    return Pages(*shuffled)


def _propensity(
    tastes: Tastes,
    t: Truth,
    user: np.ndarray,
    focus: np.ndarray,
    items: np.ndarray,
    total: np.ndarray,
    famous: np.ndarray,
    b: Behaviour,
) -> np.ndarray:
    "float [pages, positions]: probability that one slot of the page shows the item, over the three policies"
    everything = tastes.appeal(t, user, np.ones_like(focus), items, b)
    least = ((tastes.least - tastes.even) / tastes.scale)[user][:, None]
    pull = np.exp(tastes.appeal(t, user, focus, items, b) / b.page_temperature - total)
    fits = np.where(everything >= least - 1e-6, pull, 0)
    return (
        b.taste_per_page * fits + b.popular_per_page * famous[items] + b.random_per_page / len(t.artwork_ids)
    ) / b.page_size


def repeated(
    items: np.ndarray,  # int [pages, positions]
) -> np.ndarray:  # bool [pages, positions]
    "True where an artwork stands in its row for a second time"
    order = np.argsort(items, axis=1, kind="stable")
    s = np.take_along_axis(items, order, 1)
    out = np.zeros(items.shape, bool)
    np.put_along_axis(out, order, np.hstack([np.zeros((len(s), 1), bool), s[:, 1:] == s[:, :-1]]), 1)
    return out

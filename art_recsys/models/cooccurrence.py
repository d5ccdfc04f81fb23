"""Item co-occurrence: which artworks are liked by the same users, and which are liked soon after which."""

import copy
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from art_recsys.models.artist_ties import ArtistTies
from art_recsys.models.ease import ease_weights

if TYPE_CHECKING:  # the lists are made of candidates, and one source of candidates reads these tables
    from art_recsys.models.examples import CandidateLists

__all__ = ["ItemCooccurrence", "choose_penalty", "sum_rows"]

DENSE_BELOW = 2500  # a table of so few items is faster as an array


def _small(m: sp.csr_matrix) -> sp.csr_matrix | np.ndarray:
    return m.toarray() if m.shape[0] <= DENSE_BELOW else m


def _steps(sequences: list[np.ndarray], reach: int, n: int) -> sp.csr_matrix:
    "How often an item followed another at most `reach` likes later; a distance of d counts 1/d"
    pairs = [(s[:-d], s[d:], np.full(len(s) - d, 1 / d)) for s in sequences for d in range(1, reach + 1) if len(s) > d]
    if not pairs:
        return sp.csr_matrix((n, n))
    a, b, w = (np.concatenate(c) for c in zip(*pairs, strict=True))
    return sp.csr_matrix((w, (a, b)), shape=(n, n))


def _resized(m: sp.csr_matrix | np.ndarray, n: int) -> sp.csr_matrix | np.ndarray:
    "A table of `n` items; what is new is 0"
    if isinstance(m, np.ndarray):
        return np.pad(m, (0, n - len(m)))
    rows = np.concatenate([m.indptr, np.repeat(m.indptr[-1:], n - m.shape[0])])
    return sp.csr_matrix((m.data, m.indices, rows), shape=(n, n))


def sum_rows(
    table: sp.csr_matrix | np.ndarray,  # n x n, as kept by `ItemCooccurrence`
    weights: np.ndarray,  # one per liked item
    liked: np.ndarray,  # h item indices: the rows to add up
    items: np.ndarray,  # m item indices: the columns to return
) -> np.ndarray:  # m
    "The weighted sum of the liked items' rows, for some columns"
    if isinstance(table, np.ndarray):
        return weights @ table[np.ix_(liked, items)]
    rows = table[liked]  # adding up sparse rows is faster than cutting columns out
    wanted, back = np.unique(items, return_inverse=True)
    if not len(wanted):
        return np.zeros(0)
    at = np.minimum(np.searchsorted(wanted, rows.indices), len(wanted) - 1)
    here = wanted[at] == rows.indices  # a sum for every item of the table would cost the size of the catalogue
    values = rows.data * np.repeat(weights, np.diff(rows.indptr))
    return np.bincount(at[here], values[here], len(wanted))[back]


class ItemCooccurrence:
    """Three tables, items x items, float32; sparse from `DENSE_BELOW` items on.

    `cosine`: users who like both items, divided by the square root of the items' likes (each plus 10). `follows`: how
    often the column's item was liked soon after the row's item, divided the same way. `ease`: see `ease_weights`.
    """

    kept = "cosine", "follows", "ease"

    def __init__(
        self,
        sequences: list[np.ndarray],  # liked items of each user, oldest first, as item indices
        n: int,  # artworks in the catalogue
        most: int = 300,  # only so many of the latest likes of each user
        reach: int = 3,  # how many likes apart two items may be in `follows`
        penalty: float = 100.0,  # ridge penalty of `ease`
        ties: ArtistTies | None = None,  # of the artists of the same likes; None where no artist is known
    ):
        self.ties = ties
        sequences = [s[-most:] for s in sequences]
        u = np.repeat(np.arange(len(sequences)), [len(s) for s in sequences])
        i = np.concatenate([np.zeros(0, int), *sequences])
        likes = sp.csr_matrix((np.ones(len(i)), (u, i)), shape=(len(sequences), n))
        both = self.both = (likes.T @ likes).tocsr()
        scale = sp.diags(1 / np.sqrt(np.asarray(likes.sum(0)).ravel() + 10))  # + 10: one like is weak evidence
        self.cosine = _small((scale @ (both - sp.diags(both.diagonal())) @ scale).tocsr().astype(np.float32))
        self.follows = _small((scale @ _steps(sequences, reach, n) @ scale).tocsr().astype(np.float32))
        self.penalty = penalty

    @cached_property
    def ease(self) -> sp.csr_matrix | np.ndarray:
        "Made when it is first asked for: a table whose penalty is still to be chosen need not have it"
        return _small(ease_weights(self.both, [self.penalty])[0])

    def with_penalties(
        self,
        penalties: Sequence[float],  # ridge penalties of `ease`
    ) -> "list[ItemCooccurrence]":
        "The same counts with another `ease` each; not for tables that were loaded"
        out = []
        for penalty, table in zip(penalties, ease_weights(self.both, penalties), strict=True):
            out.append(copy.copy(self))
            out[-1].penalty, out[-1].ease = penalty, _small(table)
        return out

    def with_penalty(
        self,
        penalty: float,  # ridge penalty of `ease`
    ) -> "ItemCooccurrence":
        "The same for one"
        return self.with_penalties([penalty])[0]

    def features(
        self,
        history: np.ndarray,  # h liked items, oldest first; at least one
        items: np.ndarray,  # m item indices
    ) -> np.ndarray:  # m x 4
        """Features of each item, given a history: `cosine` summed over all likes, `cosine` with each like counting 0.8
        times the next, `follows` summed over the last three likes with these weights, `ease` summed over all."""
        recent, all_ = 0.8 ** np.arange(len(history))[::-1], np.ones(len(history))
        columns = [
            sum_rows(self.cosine, all_, history, items),
            sum_rows(self.cosine, recent, history, items),
            sum_rows(self.follows, recent[-3:], history[-3:], items),
            sum_rows(self.ease, all_, history, items),
        ]
        return np.stack(columns, 1)

    def near_artists(
        self,
        history: np.ndarray,  # h liked items, oldest first; at least one
        items: np.ndarray,  # m item indices, also of artworks that nobody has liked
    ) -> np.ndarray:  # m x 1; zeros where no artist is known
        "How near the artist of each item is to the artists of the likes, each like counting 0.8 times the next"
        if self.ties is None:
            return np.zeros((len(items), 1))
        recent, artist = 0.8 ** np.arange(len(history))[::-1], self.ties.artist
        return sum_rows(self.ties.near, recent, artist[history], artist[items])[:, None]

    def grown(
        self,
        n: int,  # artworks in the catalogue, at least as many as before
        artists: Sequence[str],  # of the new ones, which come last; '' where unknown
    ) -> "ItemCooccurrence":
        "The same counts for a larger catalogue: nobody has liked the new artworks"
        out = copy.copy(self)
        for c in self.kept:
            setattr(out, c, _resized(getattr(self, c), n))
        out.ties = None if self.ties is None else self.ties.grown(artists)
        return out

    def save(
        self,
        folder: Path,  # must exist
    ) -> None:
        "Write one .npz file per table"
        for c in self.kept:
            sp.save_npz(folder / f"{c}.npz", sp.csr_matrix(getattr(self, c)))
        if self.ties is not None:
            self.ties.save(folder)

    @classmethod
    def load(
        cls,
        folder: Path,  # as for `save`
    ) -> "ItemCooccurrence":
        "Read the tables that `save` wrote"
        self = object.__new__(cls)
        for c in cls.kept:
            setattr(self, c, _small(sp.load_npz(folder / f"{c}.npz").tocsr()))
        self.ties = ArtistTies.load(folder)
        return self


def choose_penalty(
    cooccurrence: ItemCooccurrence,  # counted on likes before those of the lists
    lists: "CandidateLists",  # n lists of candidates
    histories: list[np.ndarray],  # n histories, oldest first, as long as the features see them
    penalties: tuple[float, ...] = (30.0, 100.0, 300.0, 1000.0),  # ridge penalties to try
) -> tuple[float, ItemCooccurrence]:  # the best penalty (of equals the first), and the tables with it
    "The penalty with which `ease` alone orders the lists best, by mean NDCG@10"
    tried = cooccurrence.with_penalties(penalties)

    def score(c: ItemCooccurrence) -> np.ndarray:
        s = np.zeros(lists.items.shape)
        for row, items, h in zip(s, lists.items, histories, strict=True):
            real = items >= 0
            row[real] = sum_rows(c.ease, np.ones(len(h)), h, items[real]) if len(h) else 0
        return s

    best = int(np.argmax([lists.ndcg(score(c)).mean() for c in tried]))
    return penalties[best], tried[best]

"""Examples for a ranking model: what a user could have been shown at a time in the past, and what they liked.

The functions take any fitted tower with `item_index`, `candidate_ids`, `history_length`, `profiles_of`, `query_vectors`
and `neighbours`, as `TwoTower` has them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.core import Cols, Event, ndcg
from art_recsys.models.artist_ties import ArtistTies
from art_recsys.models.candidate_sources import Queries, Source, TowerSource, merged, source_bits
from art_recsys.models.cooccurrence import ItemCooccurrence, choose_penalty
from art_recsys.models.popularity import PopularityClock, days
from art_recsys.models.steps import padded

__all__ = [
    "CandidateLists",
    "RankingExamples",
    "calibration_lists",
    "chosen_penalty",
    "compare",
    "examples_from_impressions",
    "examples_from_likes",
    "item_indices",
    "lookup_tables",
    "stacked",
]

CHUNK = 256  # examples whose candidates are found at once


def item_indices(
    tower: Any,  # its `item_index`
    ids: Iterable[str],  # artwork ids, all of them known
) -> np.ndarray:  # int, as many as ids
    "Row numbers of artworks in the catalogue; raises KeyError for an unknown id"
    return np.array([tower.item_index[a] for a in ids], int)


def lookup_tables(
    tower: Any,  # its `item_index` and `candidate_ids`
    liked: pd.DataFrame,  # `positives` of the time that may be known
    penalty: float = 100.0,  # ridge penalty of EASE
    added: np.ndarray | None = None,  # days on which the artworks came into the catalogue
    artists: Sequence[str] | None = None,  # the artist of each artwork, '' where unknown; None: nobody knows any
) -> tuple[PopularityClock, ItemCooccurrence]:
    "The tables in which the pair features are looked up"
    items, n = item_indices(tower, liked[Cols.artwork_id]), len(tower.candidate_ids)
    user, ids = pd.factorize(liked[Cols.user_id], sort=True)
    order, size = np.argsort(user, kind="stable"), np.bincount(user, minlength=len(ids))
    likes = np.split(items[order], np.cumsum(size)[:-1]) if len(ids) else []
    clock = PopularityClock(items, days(liked[Cols.ts]), n, added)
    ties = None if artists is None else ArtistTies(likes, list(artists), list(ids))
    return clock, ItemCooccurrence(likes, n, penalty=penalty, ties=ties)


class RankingExamples:
    """One entry per example in five lists; artworks are item indices.

    `user` (id), `when` (days), `history` (likes so far, oldest first), `liked` (what was liked), and `shown`: for a
    page, all artworks on it; for a like, the user's later likes, which must not count as negatives.
    """

    parts = "user", "when", "history", "liked", "shown"

    def __init__(self) -> None:
        self.user: list[str] = []
        self.when: list[float] = []
        self.history: list[np.ndarray] = []
        self.liked: list[np.ndarray] = []
        self.shown: list[np.ndarray] = []

    def add(
        self,
        *row: Any,  # in the order of `parts`
    ) -> None:
        "One example: a value for each of `parts`"
        for c, v in zip(self.parts, row, strict=True):
            getattr(self, c).append(v)

    def __len__(self) -> int:
        return len(self.user)

    def latest(
        self,
        n: int,  # how many
    ) -> "RankingExamples":
        "The last `n` examples, in order of time"
        out = RankingExamples()
        for r in np.argsort(self.when, kind="stable")[-n:]:
            out.add(*(getattr(self, c)[r] for c in self.parts))
        return out


def examples_from_likes(
    tower: Any,  # its `item_index`
    liked: pd.DataFrame,  # `positives` of the whole log
    cut: pd.Timestamp,  # examples are later than this
    most: int | None = None,  # the latest ones; None: all
) -> RankingExamples:
    "One example for every like after `cut`, or for the latest `most` of them in order of time"
    out = RankingExamples()
    asked = liked[liked[Cols.ts] > cut]
    if most is not None and len(asked) > most:  # and those of the same time: `latest` decides between them
        asked = asked[asked[Cols.ts] >= asked[Cols.ts].nlargest(most).iloc[-1]]
    first = asked[Cols.ts].min()
    for user, g in liked[liked[Cols.user_id].isin(asked[Cols.user_id])].groupby(Cols.user_id):
        items, t = item_indices(tower, g[Cols.artwork_id]), days(g[Cols.ts])
        for n in np.flatnonzero((g[Cols.ts] >= first).to_numpy()):
            out.add(user, t[n], items[:n], items[n : n + 1], items[n + 1 :])
    return out if most is None else out.latest(most)


def examples_from_impressions(
    tower: Any,  # its `item_index`
    events: pd.DataFrame,  # normalised log
    liked: pd.DataFrame,  # `positives` of the same log
    cut: pd.Timestamp,  # pages are later than this
    most: int | None = None,  # the latest ones; None: all
) -> RankingExamples:
    """One example for every page shown after `cut`: a request, or a user's day where no request id is known.

    With `most`, only the latest pages, in order of time.
    """
    out, shown = RankingExamples(), events[(events[Cols.event] == Event.impression) & (events[Cols.ts] > cut)]
    page = shown[Cols.request_id].where(shown[Cols.request_id] != "", shown[Cols.ts].dt.strftime("%F"))
    if most is not None and len(shown):  # a page begins with its first impression
        begun = shown.groupby([Cols.user_id, page], sort=False)[Cols.ts].transform("min")
        starts = begun.groupby([shown[Cols.user_id], page], sort=False).first()
        keep = begun >= starts.nlargest(min(most, len(starts))).iloc[-1]
        shown, page = shown[keep], page[keep]
    likes = liked[liked[Cols.user_id].isin(shown[Cols.user_id])]
    past = {u: (item_indices(tower, g[Cols.artwork_id]), days(g[Cols.ts])) for u, g in likes.groupby(Cols.user_id)}
    for (user, _), g in shown.groupby([Cols.user_id, page], sort=False):
        items, t = past.get(user, (np.zeros(0, int), np.zeros(0)))
        when, on_page = days(g[Cols.ts]).min(), np.unique(item_indices(tower, g[Cols.artwork_id]))
        on_page = on_page[~np.isin(on_page, items[t < when])]
        out.add(user, when, items[t < when], np.intersect1d(on_page, items[t >= when]), on_page)
    return out if most is None else out.latest(most)


class CandidateLists:
    """Examples as arrays, one list of candidates per example.

    `items` (n x m item indices, -1 where a list is shorter), `label` (n x m, 1 for a like), `features` (n x m x width),
    `user` (n ids), `when` (n days), `bits` (n x m, which sources proposed each candidate). `as_new`, where it was made:
    the features that the works would have if they were new.
    """

    as_new: np.ndarray

    def __init__(
        self,
        tower: Any,  # query vectors, and candidates where `sources` is None
        examples: RankingExamples,  # n of them
        features: Callable[..., np.ndarray],  # (history, query vector, items, when, bits) -> len(items) x width
        width: int,  # columns of `features`
        n_candidates: int = 100,  # candidates to find for each example
        sources: list[Source] | None = None,  # of candidates, as of the time before the examples; None: the towers
        as_shown: bool = False,  # take the pages as shown; the sources then say only which of these they propose
        added: np.ndarray | None = None,  # days of arrival; before its arrival no artwork is a candidate
        quotas: dict[str, float] | None = None,  # of the sources, as for `merged`
    ):
        q = tower.query_vectors([list(h) for h in examples.history], tower.profiles_of(examples.user))
        sources, size = [TowerSource(tower.neighbours)] if sources is None else sources, len(tower.candidate_ids)
        rows, bits = [], []
        for a in range(0, len(examples), CHUNK):
            at = slice(a, a + CHUNK)
            history, shown, when = examples.history[at], examples.shown[at], examples.when[at]
            none = np.zeros(0, np.int64)
            later = [none] * len(when) if as_shown else shown
            gone = [none if added is None else np.flatnonzero(added > w) for w in when]
            seen = [np.concatenate(x).astype(np.int64) for x in zip(history, later, gone, strict=True)]
            found, why = merged(
                sources, Queries(history, q[at], None, seen, when, examples.user[at]), n_candidates, quotas
            )
            if as_shown:
                page = padded(shown)
                why, found = list(source_bits(page, found, why, size)), shown
            rows += found
            bits += why
        self.items = padded(rows)
        self.bits = np.zeros(self.items.shape, np.uint16)
        label = [np.isin(i, liked) for i, liked in zip(self.items, examples.liked, strict=True)]
        self.label = np.array(label, np.float32).reshape(self.items.shape)
        self.user, self.when = np.array(examples.user, object), np.array(examples.when)
        self.features = np.zeros((*self.items.shape, width), np.float32)
        for r, (i, b, h, w) in enumerate(zip(rows, bits, examples.history, examples.when, strict=True)):
            self.bits[r, : len(i)] = b[: len(i)]
            self.features[r, : len(i)] = features(h[-tower.history_length :], q[r], i, w, b[: len(i)])

    def __len__(self) -> int:
        return len(self.when)

    def ndcg(
        self,
        score: np.ndarray,  # n x m; equal scores keep the order of the candidates
        k: int = 10,  # ranks that count
    ) -> np.ndarray:  # n; 0 for a list without a like
        "NDCG@k of each list, sorted by `score`"
        order = np.argsort(-np.where(self.items >= 0, score, -np.inf), axis=1, kind="stable")
        hits = np.take_along_axis(self.label > 0, order, 1)
        return ndcg(hits, hits.sum(1), k)

    def user_ndcg(
        self,
        score: np.ndarray,  # as for `ndcg`
        k: int = 10,  # ranks that count
    ) -> pd.Series:  # by user id
        "The mean NDCG@k of each user's lists: every user counts the same, however many likes they have"
        return pd.Series(self.ndcg(score, k), dtype=float).groupby(self.user).mean()

    def part(
        self,
        rows: np.ndarray | slice,  # a mask or row numbers
    ) -> "CandidateLists":
        "Some of the lists"
        out = object.__new__(CandidateLists)
        out.__dict__.update({c: v[rows] for c, v in vars(self).items()})
        return out

    def as_if_new(self) -> "CandidateLists":
        "The same lists with the features that the works would have if nobody had met them (`as_new`)"
        out = self.part(slice(None))
        out.features = self.as_new
        return out


def stacked(
    lists: list[CandidateLists],  # of the same features
) -> tuple[np.ndarray, np.ndarray]:  # features (n x m x width) and labels (n x m; -1 where a list is shorter)
    "All lists that have a liked and another artwork, padded to one length"
    m = max(part.items.shape[1] for part in lists)
    short = [(0, m - part.items.shape[1]) for part in lists]
    f = np.concatenate([np.pad(part.features, ((0, 0), s, (0, 0))) for part, s in zip(lists, short, strict=True)])
    labels = [np.where(part.items >= 0, part.label, -1).astype(np.float32) for part in lists]
    y = np.concatenate([np.pad(v, ((0, 0), s), constant_values=-1) for v, s in zip(labels, short, strict=True)])
    both = (y == 1).any(1) & (y == 0).any(1)
    return f[both], y[both]


def calibration_lists(
    lists: list[CandidateLists],  # from likes, from pages
) -> int:  # which of the two
    "The lists on which probabilities are fitted: the pages, where the log has any with likes"
    return int(lists[1].label.sum() >= 10)


def chosen_penalty(
    tower: Any,  # as for `CandidateLists`; its candidates are ordered
    examples: RankingExamples,  # later than the likes that were counted
    cooccurrence: ItemCooccurrence,  # of the likes before `examples`
    n_candidates: int,  # artworks per list
    penalty: float,  # the answer where there are no examples
) -> tuple[float, ItemCooccurrence]:  # the penalty of EASE that orders the candidates best, and the tables with it
    "Try several penalties on the candidates of the towers"
    if not len(examples):
        return penalty, cooccurrence
    bare = CandidateLists(tower, examples, lambda h, q, items, *_: np.zeros((len(items), 0)), 0, n_candidates)
    return choose_penalty(cooccurrence, bare, [h[-tower.history_length :] for h in examples.history])


def compare(
    lists: CandidateLists,  # of n examples, m candidates each
    scores: dict[str, np.ndarray],  # name of an order -> n x m scores
    against: str = "retrieval",  # the order that the others are compared with
    k: int = 10,  # ranks that count
) -> (
    pd.DataFrame
):  # one row per order: mean NDCG@k per user, and its difference, each with the standard error over users
    "Orders of the same lists side by side"
    by_user = pd.DataFrame({name: lists.user_ndcg(s, k) for name, s in scores.items()})
    gap = by_user.sub(by_user[against], axis=0)
    columns = {
        f"NDCG@{k}": by_user.mean(),
        "s.e.": by_user.sem(),
        f"minus {against}": gap.mean(),
        "its s.e.": gap.sem(),
    }
    return pd.DataFrame(columns).round(4)

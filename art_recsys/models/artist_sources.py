"""Sources of candidates that choose artists first, and then their works."""

from collections.abc import Sequence

import numpy as np

from .artist_ties import DECAY, ArtistTies
from .interests import max_scores
from .popularity import PopularityClock
from .queries import Queries, Source, best_items, like_weights

__all__ = ["ArtistSource", "RelatedArtistSource"]

WIDE = 200_000  # artists from which on no sum over all of them is made for a query
MOST = 200  # artists that a query is told of
NOW = 0.25  # the weight of the artists that are liked now, against 1 for all near ones together


class ArtistSource(Source):
    """Works by the artists of the likes: each artist gets places in proportion to the weight of their likes.

    The places are dealt as seats of a parliament are (D'Hondt). Of one artist, the latest arrivals come first where
    arrivals are known, otherwise the nearest to the query.
    """

    name = "artist"
    unknown = 1  # artists with a lower number are not known

    def __init__(self, artist: np.ndarray, vectors: np.ndarray, added: np.ndarray | None = None, size: int = 0):
        """`artist`: int, n, 0 where unknown; `vectors`: n x dim; `added`: n days of arrival; `size`: numbers of artists
        that are in use, if more than in `artist`.
        """
        self.artist, self.vectors, self.added = artist, vectors, added
        self.order = np.argsort(artist, kind="stable")
        self.start = np.searchsorted(artist[self.order], np.arange(max(size, artist.max(initial=0) + 1) + 1))

    def liked(self, history: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # artists, weights
        "The known artists of the likes in `history` (item indices, oldest first), and a weight for each"
        history = np.asarray(history, np.int64)
        artists, at = np.unique(self.artist[history], return_inverse=True)
        weight = np.bincount(at, like_weights(history), len(artists))
        known = (artists >= self.unknown) & (weight > 0)
        return artists[known], weight[known]

    def wanted(self, queries: Queries, row: int) -> tuple[np.ndarray, np.ndarray]:  # artists, weights
        "The artists whose works are proposed to query number `row`"
        return self.liked(queries.histories[row])

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        artists, weight = self.wanted(queries, row)
        works = [self.order[self.start[a] : self.start[a + 1]] for a in artists]
        items = np.concatenate([np.zeros(0, np.int64), *works])
        weight = np.repeat(weight, [len(w) for w in works])
        left = np.isin(items, queries.left(row, items))
        items, weight = items[left], weight[left]
        near = max_scores(queries.vectors[row], self.vectors[items])
        order = np.lexsort(
            (-near, self.artist[items]) if self.added is None else (-self.added[items], self.artist[items])
        )
        items, weight, near = items[order], weight[order], near[order]
        _, first, count = np.unique(self.artist[items], return_index=True, return_counts=True)
        nth = np.arange(len(items)) - np.repeat(first, count)  # of its artist
        return best_items(items, n, weight / (1 + nth), near)


def _shares(weight: np.ndarray) -> np.ndarray:
    "Weights as shares of their sum; all zero where that is zero"
    total = weight.sum()
    return weight / total if total else weight


class RelatedArtistSource(ArtistSource):
    """Works by artists who are near to the artists of the likes (`ArtistTies`); these artists are left out.

    A user who is an artist starts from this artist too. Artists whom many like now are mixed in with the weight `NOW`:
    they come last where others are near, and are all there is where nothing is known of the artists of the likes.
    """

    name = "related_artists"
    unknown = 0

    def __init__(
        self,
        ties: ArtistTies,
        vectors: np.ndarray,
        clock: PopularityClock,
        added: np.ndarray | None = None,
        share: float = 0.1,
    ):
        """`vectors, added`: as for `ArtistSource`; `clock`: has the likes; `share`: of the log's time that counts as
        now. A like at its beginning counts nothing, one at its end counts 1.
        """
        super().__init__(ties.artist, vectors, added, ties.near.shape[0])
        self.ties, self.clock, self.window = ties, clock, share * clock.span
        self.last: tuple[float, np.ndarray] = (np.nan, np.zeros(0))
        self.top: tuple[float, np.ndarray] = (np.nan, np.zeros(0, np.int64))  # of `last`, the most liked first

    def now(self, when: float) -> np.ndarray:  # one per artist
        "How much each artist has been liked lately, as shares of all likes of the time before `when` (days)"
        if self.last[0] != when:
            first, end = np.searchsorted(self.clock.ts, [when - self.window, when])
            young = 1 - (when - self.clock.ts[first:end]) / self.window
            likes = np.bincount(self.artist[self.clock.items[first:end]], young, len(self.start) - 1)
            self.last = when, _shares(likes)
        return self.last[1]

    def wanted(self, queries: Queries, row: int) -> tuple[np.ndarray, np.ndarray]:
        artists, _ = self.liked(queries.histories[row])
        weight = np.full(len(artists), DECAY / np.sqrt(max(1, len(artists))))
        own = self.ties.number.get(queries.users[row]) if len(queries.users) else None
        if own is not None:
            artists, weight = np.append(artists, own), np.append(weight, 1.0)
        if self.ties.near.shape[0] >= WIDE:
            return self._wanted_of_many(queries.when[row], artists, weight)
        score = NOW * self.now(queries.when[row]) + _shares(weight @ self.ties.near[artists])
        score[artists] = 0
        near = np.flatnonzero(score)
        if len(near) > MOST:
            near = near[score[near] >= np.partition(score[near], -MOST)[-MOST]]
        return near, score[near]

    def _wanted_of_many(self, when: float, own: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        "The same from the artists that are near to `own`, and those whom most like now"
        now, rows = self.now(when), self.ties.near[own]
        if self.top[0] != when:
            some = np.flatnonzero(now)
            self.top = when, some[np.argsort(-now[some], kind="stable")]
        near, at = np.unique(rows.indices, return_inverse=True)
        share = _shares(np.bincount(at, rows.data * np.repeat(weight, np.diff(rows.indptr)), len(near)))
        first = self.top[1][: MOST + len(own) + len(near)]
        wanted = np.setdiff1d(np.union1d(near, first), own)
        score = NOW * now[wanted]
        score[np.isin(wanted, near)] += share[np.isin(near, wanted)]
        if len(wanted) > MOST:
            keep = score >= np.partition(score, -MOST)[-MOST]
            wanted, score = wanted[keep], score[keep]
        return wanted[score > 0], score[score > 0]

"""Sources of candidates: each proposes artworks for its own reason, and their proposals are merged into one list.

Every source is called as `source(queries, n)` and answers, for each query, at most `n` item indices, best first, among
those that the query allows. A source that has nothing to say, for example because no artist is known, answers with
empty lists; its share then goes to the towers. `merged` says what becomes of the lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from art_recsys.platform.neighbours import Neighbours, top_k

from .cooccurrence import ItemCooccurrence, sum_rows
from .interests import max_scores, nearest_to_any
from .popularity import PopularityClock

__all__ = [
    "QUOTAS",
    "SOURCES",
    "ArrivalSource",
    "ArtistSource",
    "CooccurrenceSource",
    "NeighbourSource",
    "PopularSource",
    "Queries",
    "RelatedArtistSource",
    "Source",
    "SubjectSource",
    "TowerSource",
    "candidate_sources",
    "merged",
    "source_bits",
    "source_flags",
]

# Share of the candidates that each source may propose; the towers propose the rest. A compromise of three searches for
# the highest candidate recall on likes of the training part that no tower had seen: on the sample museum, on its smoke
# section, and on Foundation (there with content vectors in the place of trained towers). See benchmarks/README.md.
QUOTAS = {
    "neighbours": 0.20,
    "artist": 0.25,
    "related_artists": 0.10,
    "subject": 0.10,
    "image": 0.05,
    "cooccurrence": 0.15,
    "popular": 0.03,
    "arrivals": 0.07,
}
SOURCES = ("towers", *QUOTAS)  # the order of the bits and of the flags
RECENT = 0.9  # the weight of a like, times this for each like after it
LAST_LIKES = 8  # how many of the latest likes have their neighbours looked up
KEPT = 200  # neighbours that are remembered for each artwork


@dataclass
class Queries:
    """Some requests as the sources read them, m of them."""

    histories: Sequence[Sequence[int] | np.ndarray]  # item indices of the likes, oldest first
    vectors: np.ndarray  # query vectors: m x dim, or m x K x dim with several interests
    mask: np.ndarray | None  # bool over the catalogue: what may be found at all; None allows everything
    seen: Sequence[np.ndarray]  # for each query, item indices that must not be found
    when: Sequence[float]  # for each query, the time in days: later likes are not counted

    def __len__(self) -> int:
        return len(self.histories)

    def left(self, row: int, items: np.ndarray) -> np.ndarray:
        "Those of `items` (item indices) that query number `row` allows, in their order"
        if self.mask is not None:
            items = items[self.mask[items]]
        return items[~np.isin(items, self.seen[row])]

    def allowed(self, row: int, n: int) -> np.ndarray:  # bool, n
        "What query number `row` allows, as a mask over a catalogue of `n` artworks"
        mask = np.ones(n, bool) if self.mask is None else self.mask.copy()
        mask[self.seen[row]] = False
        return mask


def _weights(history: Sequence[int] | np.ndarray) -> np.ndarray:
    "A weight for each like; the latest has 1"
    return RECENT ** np.arange(len(history))[::-1]


def _best(items: np.ndarray, n: int, score: np.ndarray, tie: np.ndarray | None = None) -> np.ndarray:
    "At most `n` of the items, those with the highest scores first; of equal scores, those with the higher `tie`"
    if len(items) > n:  # sorting a whole catalogue takes longer than finding the n-th score
        keep = np.flatnonzero(score >= np.partition(score, -n)[-n]) if n else np.zeros(0, int)
        items, score, tie = items[keep], score[keep], None if tie is None else tie[keep]
    return items[np.lexsort((items, *(() if tie is None else (-tie,)), -score))[:n]]


class Source:
    """What all sources have in common: a name, and an answer for each query by itself."""

    name: str

    def __call__(self, queries: Queries, n: int) -> list[np.ndarray]:  # int, one array per query
        "For each of the m `queries` at most `n` item indices, best first"
        return [self.one(queries, row, n) for row in range(len(queries))]

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:  # int
        "At most `n` item indices for query number `row` of `queries`, best first"
        raise NotImplementedError


class TowerSource(Source):
    """The artworks nearest to the query vector."""

    name = "towers"

    def __init__(self, neighbours: Neighbours):  # over the candidate vectors
        self.neighbours = neighbours

    def __call__(self, queries: Queries, n: int) -> list[np.ndarray]:
        found, _ = nearest_to_any(self.neighbours, queries.vectors, n, queries.mask, list(queries.seen))
        return [row[row >= 0] for row in found]


class NeighbourSource(Source):
    """Artworks near to the last likes, of each like in turn, by any vectors: those of the towers, or of pictures.

    The neighbours of an artwork are the same for everybody, so they are looked up once and remembered.
    """

    def __init__(self, name: str, neighbours: Neighbours):
        "`name`: one of `SOURCES`; `neighbours`: over vectors of unit length; a zero vector has none"
        self.name, self.neighbours = name, neighbours
        self.kept: dict[int, np.ndarray] = {}

    def nearest(self, item: int) -> np.ndarray:
        "The artworks nearest to `item` (its index), without itself and without unrelated ones; at most `KEPT`"
        if item not in self.kept:
            found, near = self.neighbours.search(self.neighbours.vectors[[item]], KEPT + 1)
            self.kept[item] = found[0][(near[0] > 0) & (found[0] != item)].astype(np.int32)
        return self.kept[item]

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        lists = [self.nearest(int(i)) for i in queries.histories[row][-LAST_LIKES:]]
        turns = np.full((len(lists), KEPT + 1), -1, np.int64)
        for turn, items in zip(turns, lists[::-1], strict=True):  # the latest like comes first
            turn[: len(items)] = items
        flat = turns.T.ravel()
        flat = queries.left(row, flat[flat >= 0])
        _, first = np.unique(flat, return_index=True)
        return flat[np.sort(first)[:n]]


class ArtistSource(Source):
    """Works by the artists of the likes: each artist gets places in proportion to the weight of their likes.

    The places are dealt as seats of a parliament are (D'Hondt). Of one artist, the latest arrivals come first where
    arrivals are known, otherwise the nearest to the query.
    """

    name = "artist"

    def __init__(self, artist: np.ndarray, vectors: np.ndarray, added: np.ndarray | None = None):
        """`artist`: int, n, 0 where unknown; `vectors`: n x dim; `added`: n days of arrival."""
        self.artist, self.vectors, self.added = artist, vectors, added
        self.order = np.argsort(artist, kind="stable")
        self.start = np.searchsorted(artist[self.order], np.arange(artist.max(initial=0) + 2))

    def wanted(self, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:  # artists, and a weight for each
        "The known artists of the likes in `history` (item indices, oldest first)"
        artist = self.artist[history]
        weight = np.bincount(artist, _weights(history), len(self.start) - 1)
        weight[0] = 0
        artists = np.flatnonzero(weight)
        return artists, weight[artists]

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        artists, weight = self.wanted(np.asarray(queries.histories[row], np.int64))
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
        return _best(items, n, weight / (1 + nth), near)


class RelatedArtistSource(ArtistSource):
    """Works by artists whom those like who like the artists of the likes; these artists themselves are left out."""

    name = "related_artists"

    def __init__(
        self, artist: np.ndarray, vectors: np.ndarray, cosine: Any, added: np.ndarray | None = None, most: int = 20
    ):
        """`artist, vectors, added`: as for `ArtistSource`; `cosine`: items x items, as in `ItemCooccurrence`;
        `most`: related artists that count.
        """
        super().__init__(artist, vectors, added)
        of = sp.csr_matrix((np.ones(len(artist), np.float32), (np.arange(len(artist)), artist)))
        both = (of.T @ sp.csr_matrix(cosine) @ of).tolil()
        both.setdiag(0)
        both[0], both[:, 0] = 0, 0
        self.both, self.most = both.tocsr(), most
        self.both.eliminate_zeros()
        size = np.sqrt(np.asarray(self.both.sum(0)).ravel() + 1)
        self.both = (sp.diags(1 / size) @ self.both @ sp.diags(1 / size)).tocsr()

    def wanted(self, history: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        artists, weight = super().wanted(history)
        near = np.asarray(self.both[artists].T @ weight).ravel() if len(artists) else np.zeros(0)
        near[artists] = 0
        columns, best = top_k(near[None], self.most)
        return columns[0][best[0] > 0], best[0][best[0] > 0]


class SubjectSource(Source):
    """Artworks that share tags with the likes; rare tags count more than common ones, recent likes more than old ones.

    The score is the dot product of tf-idf weights (Salton and Buckley, 1988); equal ones are ordered by the query.
    """

    name = "subject"

    def __init__(self, tags: np.ndarray, vectors: np.ndarray):
        "`tags`: n x tags, rows of unit length or zero; `vectors`: n x dim"
        share = (tags > 0).mean(0)
        idf = np.where(share > 0, -np.log(np.maximum(share, 1e-12)), 0).astype(np.float32)
        self.tags, self.vectors = sp.csr_matrix(tags * idf), vectors

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        history = np.asarray(queries.histories[row], np.int64)
        if not len(history) or not self.tags.nnz:
            return np.zeros(0, np.int64)
        score = self.tags @ (self.tags[history].T @ _weights(history))
        score[~queries.allowed(row, len(score))] = 0
        items = np.flatnonzero(score > 0)
        if len(items) > n:
            items = items[score[items] >= np.partition(score[items], -n)[-n]]
        return _best(items, n, score[items], max_scores(queries.vectors[row], self.vectors[items]))


class CooccurrenceSource(Source):
    """Artworks that the same users like: the regression of each like on the others (EASE), summed over the likes."""

    name = "cooccurrence"

    def __init__(self, table: sp.csr_matrix | np.ndarray):  # items x items, `ItemCooccurrence.ease`
        self.table, self.all = table, np.arange(table.shape[0])

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        history = np.asarray(queries.histories[row], np.int64)
        if not len(history):
            return history
        score = sum_rows(self.table, np.ones(len(history)), history, self.all)
        score[~queries.allowed(row, len(score))] = 0
        items = np.flatnonzero(score > 0)
        return _best(items, n, score[items])


class PopularSource(Source):
    """The artworks with the most likes lately: in the latest tenth of the log's time before the query."""

    name = "popular"

    def __init__(self, clock: PopularityClock, n: int, share: float = 0.1):
        "`clock`: has the likes; `n`: artworks in the catalogue; `share`: of the log's time that counts as lately"
        self.n, self.window = n, share * clock.span
        self.items, self.ts = clock.items, clock.ts
        self.last: tuple[float, np.ndarray] = (np.nan, np.zeros(0, np.int64))

    def order(self, when: float) -> np.ndarray:
        "Artworks with a like in the window before `when` (days), the most liked first; of equal ones, the first"
        if self.last[0] != when:
            first, end = np.searchsorted(self.ts, [when - self.window, when])
            count = np.bincount(self.items[first:end], minlength=self.n)
            self.last = when, np.argsort(-count, kind="stable")[: np.count_nonzero(count)]
        return self.last[1]

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        order = self.order(queries.when[row])
        return queries.left(row, order[: n + len(queries.seen[row])] if queries.mask is None else order)[:n]


class ArrivalSource(Source):
    """New artworks, those that nobody had liked before the time of the query, nearest to the query vector.

    Where arrivals are known, only those of the last `days`.
    """

    name = "arrivals"

    def __init__(
        self, clock: PopularityClock, vectors: np.ndarray, added: np.ndarray | None = None, days: float = 30.0
    ):
        "`vectors`: n x dim, candidates; `added`: day of arrival, NaN where unknown. `clock` has the likes."
        self.first, self.vectors, self.added, self.days = clock.first, vectors, added, days
        self.last: tuple[float, np.ndarray] = (np.nan, np.zeros(0, np.int64))

    def new(self, when: float) -> np.ndarray:
        "Item indices of the artworks that are new at `when` (days)"
        if self.last[0] != when:
            new = self.first >= when
            if self.added is not None:
                new &= ~(self.added < when - self.days)
            self.last = when, np.flatnonzero(new)
        return self.last[1]

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        items = queries.left(row, self.new(queries.when[row]))
        return _best(items, n, max_scores(queries.vectors[row], self.vectors[items]))


def candidate_sources(
    tower: Any,  # `candidates`, `neighbours` and `artwork_features`, as fitted towers have them
    clock: PopularityClock,  # of the training events; its `added` is used where arrivals are known
    cooccurrence: ItemCooccurrence,  # of the same events; its `ease` and `cosine` are read
) -> list[Source]:  # the towers first; sources for which the catalogue has no data are left out
    "The sources of a catalogue, in the order of `SOURCES`"
    works, vectors, n = tower.artwork_features, tower.candidates, len(tower.candidates)
    added = clock.added if clock.knows_arrivals else None
    found: list[Source] = [TowerSource(tower.neighbours), NeighbourSource("neighbours", tower.neighbours)]
    if (artist := works.get("artist")) is not None and artist.any():
        found += [
            ArtistSource(artist, vectors, added),
            RelatedArtistSource(artist, vectors, cooccurrence.cosine, added),
        ]
    if (tags := works.get("tags")) is not None and tags.any():
        found.append(SubjectSource(tags, vectors))
    if (image := works.get("image")) is not None and image.any():
        found.append(NeighbourSource("image", Neighbours(image)))
    return [
        *found,
        CooccurrenceSource(cooccurrence.ease),
        PopularSource(clock, n),
        ArrivalSource(clock, vectors, added),
    ]


def merged(
    sources: list[Source],  # the towers first
    queries: Queries,  # m
    n: int,  # candidates for each query
    quotas: dict[str, float] | None = None,  # share of the candidates by source; `QUOTAS` where None
) -> tuple[list[np.ndarray], list[np.ndarray]]:  # for each query item indices and, for each of them, its bits
    """Candidates of several sources, at most `n` different ones for each query.

    Each source proposes its share of `n`, rounded. The towers propose `n`: those at the end of their list take the
    places that are still free. Bit b of an artwork says whether the source `SOURCES[b]` proposed it.
    """
    quotas = QUOTAS if quotas is None else quotas
    most = {s.name: n if s.name == "towers" else round(n * quotas.get(s.name, 0)) for s in sources}
    lists = [s(queries, most[s.name]) if most[s.name] else [np.zeros(0, int)] * len(queries) for s in sources]
    own = max(0, n - sum(list(most.values())[1:]))  # places that are the towers' in any case
    size, out, bits = len(sources[0].neighbours.vectors), [], []  # type: ignore[attr-defined]
    flags = np.zeros(size, np.uint16)
    for row in range(len(queries)):
        towers, *others = found = [part[row] for part in lists]
        both = np.concatenate([towers[:own], *others, towers[own:]]).astype(np.int64)
        _, first = np.unique(both, return_index=True)
        items = both[np.sort(first)[:n]]
        for source, part in zip(sources, found, strict=True):
            flags[part] |= 1 << SOURCES.index(source.name)
        out.append(items)
        bits.append(flags[items])
        flags[both] = 0
    return out, bits


def source_bits(
    items: np.ndarray,  # m x k item indices, -1 where there is none
    found: list[np.ndarray],  # for each of m queries its candidates, from `merged`
    bits: list[np.ndarray],  # and their bits
    n: int,  # artworks in the catalogue
) -> np.ndarray:  # uint16, m x k; 0 for what no source proposed
    "The bits of any artworks"
    flags, out = np.zeros(n + 1, np.uint16), np.zeros(items.shape, np.uint16)
    for row, at, f, b in zip(out, items, found, bits, strict=True):
        flags[f] = b
        row[:] = flags[at]  # row -1 is the last, which nobody has
        flags[f] = 0
    return out


def source_flags(
    bits: np.ndarray,  # uint16, any shape
) -> np.ndarray:  # float32, that shape x sources: 1 where the source proposed the artwork
    "Bits as features"
    return ((bits[..., None] >> np.arange(len(SOURCES), dtype=np.uint16)) & 1).astype(np.float32)

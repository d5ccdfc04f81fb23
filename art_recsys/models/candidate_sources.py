"""Sources of candidates: each proposes artworks for its own reason, and their proposals are merged into one list.

Every source is called as `source(queries, n)` and answers, for each query, at most `n` item indices, best first, among
those that the query allows. A source that has nothing to say, for example because no artist is known, answers with
empty lists; its share then goes to the others. `merged` says what becomes of the lists.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from art_recsys.platform.neighbours import Neighbours

from .artist_sources import ArtistSource, RelatedArtistSource
from .cooccurrence import ItemCooccurrence, sum_rows
from .interests import max_scores, nearest_to_any
from .popularity import PopularityClock
from .queries import Queries, Source, best_items, like_weights
from .sparse_rows import SparseRows

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

# Share of the candidates that each source may propose, where none have been learned (`art_recsys.models.quotas`): a
# compromise of what finds the most likes on the sample museum, on its smoke section, and on Foundation.
QUOTAS = {
    "towers": 0.28,
    "neighbours": 0.12,
    "artist": 0.17,
    "related_artists": 0.13,
    "subject": 0.08,
    "image": 0.03,
    "cooccurrence": 0.12,
    "popular": 0.02,
    "arrivals": 0.05,
}
SOURCES = tuple(QUOTAS)  # the order of the bits and of the flags
LAST_LIKES = 8  # how many of the latest likes have their neighbours looked up
KEPT = 200  # neighbours that are remembered for each artwork


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


class SubjectSource(Source):
    """Artworks that share tags with the likes; rare tags count more than common ones, recent likes more than old ones.

    The score is the dot product of tf-idf weights (Salton and Buckley, 1988); equal ones are ordered by the query.
    """

    name = "subject"

    def __init__(self, tags: SparseRows | np.ndarray, vectors: np.ndarray):
        "`tags`: n x tags, rows of unit length or zero; `vectors`: n x dim"
        sparse = SparseRows(tags.csr if isinstance(tags, SparseRows) else tags).csr.copy()
        share = np.bincount(sparse.indices, minlength=tags.shape[1]) / max(1, len(tags))
        idf = np.where(share > 0, -np.log(np.maximum(share, 1e-12)), 0).astype(np.float32)
        sparse.data *= idf[sparse.indices]
        self.tags, self.works_by_tag, self.vectors = sparse, sparse.tocsc(), vectors

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        history = np.asarray(queries.histories[row], np.int64)
        if not len(history) or not self.tags.nnz:
            return np.zeros(0, np.int64)
        wanted = self.tags[history].T @ like_weights(history)
        tags = np.flatnonzero(wanted)
        some = self.works_by_tag[:, tags]  # only the works that have one of these tags
        each = some.data * np.repeat(wanted[tags], np.diff(some.indptr))
        score = np.bincount(some.indices, each, len(self.vectors))
        items = queries.left(row, np.flatnonzero(score > 0))
        score = score[items]
        if len(items) > n:
            best = score >= np.partition(score, -n)[-n]
            items, score = items[best], score[best]
        return best_items(items, n, score, max_scores(queries.vectors[row], self.vectors[items]))


class CooccurrenceSource(Source):
    """Artworks that the same users like: the regression of each like on the others (EASE), summed over the likes."""

    name = "cooccurrence"

    def __init__(self, table: sp.csr_matrix | np.ndarray):  # items x items, `ItemCooccurrence.ease`
        self.table, self.all = table, np.arange(table.shape[0])

    def one(self, queries: Queries, row: int, n: int) -> np.ndarray:
        history = np.asarray(queries.histories[row], np.int64)
        if not len(history):
            return history
        if isinstance(self.table, np.ndarray):
            score = sum_rows(self.table, np.ones(len(history)), history, self.all)
            score[~queries.allowed(row, len(score))] = 0
            items = np.flatnonzero(score > 0)
            return best_items(items, n, score[items])
        rows = self.table[history]  # only what stands in these rows: a sum over the catalogue would cost its size
        items, at = np.unique(rows.indices, return_inverse=True)
        score = np.bincount(at, rows.data, len(items))
        real = (score > 0) & np.isin(items, queries.left(row, items))
        return best_items(items[real], n, score[real])


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
        self,
        clock: PopularityClock,
        vectors: np.ndarray,
        added: np.ndarray | None = None,
        days: float = 30.0,
        neighbours: Neighbours | None = None,
    ):
        """`vectors`: n x dim, candidates; `added`: day of arrival, NaN where unknown. `clock` has the likes.
        `neighbours`: over the same vectors; where they have an index, many new artworks are searched through it.
        """
        self.first, self.vectors, self.added, self.days = clock.first, vectors, added, days
        self.index = None if neighbours is None or neighbours.is_exact else neighbours
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
        new = self.new(queries.when[row])
        if self.index is not None and len(new) >= self.index.exact_below:
            mask = np.zeros(len(self.vectors), bool)
            mask[new] = True if queries.mask is None else queries.mask[new]
            found, _ = nearest_to_any(self.index, queries.vectors[[row]], n, mask, [queries.seen[row]])
            return found[0][found[0] >= 0]
        items = queries.left(row, new)
        return best_items(items, n, max_scores(queries.vectors[row], self.vectors[items]))


def candidate_sources(
    tower: Any,  # `candidates`, `neighbours` and `artwork_features`, as fitted towers have them
    clock: PopularityClock,  # of the training events; its `added` is used where arrivals are known
    cooccurrence: ItemCooccurrence,  # of the same events; its `ease` and `ties` are read
) -> list[Source]:  # the towers first; sources for which the catalogue has no data are left out
    "The sources of a catalogue, in the order of `SOURCES`"
    works, vectors, n = tower.artwork_features, tower.candidates, len(tower.candidates)
    added = clock.added if clock.knows_arrivals else None
    found: list[Source] = [TowerSource(tower.neighbours), NeighbourSource("neighbours", tower.neighbours)]
    if (artist := works.get("artist")) is not None and artist.any():
        found.append(ArtistSource(artist, vectors, added))
        if (ties := cooccurrence.ties) is not None:
            found.append(RelatedArtistSource(ties, vectors, clock, added))
    if (tags := works.get("tags")) is not None and tags.any():
        found.append(SubjectSource(tags, vectors))
    if (image := works.get("image")) is not None and image.any():
        found.append(NeighbourSource("image", Neighbours(image)))
    return [
        *found,
        CooccurrenceSource(cooccurrence.ease),
        PopularSource(clock, n),
        ArrivalSource(clock, vectors, added, neighbours=tower.neighbours),
    ]


def merged(
    sources: list[Source],  # the towers first
    queries: Queries,  # m
    n: int,  # candidates for each query
    quotas: dict[str, float] | None = None,  # share by source; `QUOTAS` where None, the towers alone where empty
) -> tuple[list[np.ndarray], list[np.ndarray]]:  # for each query item indices and, for each of them, its bits
    """Candidates of several sources, at most `n` different ones for each query.

    The places are dealt in proportion to the shares: what stands at rank r (from 1 on) of a source with the share s
    comes at r / s, and the first `n` different artworks are taken. So a source with nothing more to say, or with what
    others have said before, leaves its places to the others. The towers fill what is free when all others have said
    everything. Bit b of an artwork says whether the source `SOURCES[b]` proposed it before the places were full.
    """
    quotas = QUOTAS if quotas is None else quotas
    share = [max(quotas.get(s.name, 0), 1e-9 if s.name == "towers" else 0) for s in sources]
    lists = [s(queries, n) if q else [np.zeros(0, int)] * len(queries) for s, q in zip(sources, share, strict=True)]
    size, out, bits = len(sources[0].neighbours.vectors), [], []  # type: ignore[attr-defined]
    flags = np.zeros(size, np.uint16)
    for row in range(len(queries)):
        found = [part[row] for part in lists]
        turn = np.concatenate([np.arange(1, len(f) + 1) / max(q, 1e-9) for f, q in zip(found, share, strict=True)])
        both = np.concatenate(found).astype(np.int64)
        order = np.argsort(turn, kind="stable")
        _, first = np.unique(both[order], return_index=True)
        first = np.sort(first)[:n]
        items, last = both[order][first], turn[order][first[-1] if len(first) == n else -1] if len(first) else 0.0
        for source, part, q in zip(sources, found, share, strict=True):
            flags[part[: int(last * q + 1e-6)]] |= 1 << SOURCES.index(source.name)
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

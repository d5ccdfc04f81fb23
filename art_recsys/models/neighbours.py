"""The nearest of many vectors: exactly where they are few, through an inverted index of FAISS where they are many.

The FAISS index (IVF, one byte a number) only proposes: what it finds is scored again from the vectors themselves, so
that a score never depends on the index, and an answer differs from the exact one only where the index has passed
something over. `benchmarks/index.py` measures how often that is, and how long each takes.
"""

import threading
from pathlib import Path

import numpy as np

from art_recsys.config import rng, write_atomic

__all__ = ["EXACT_BELOW", "Neighbours", "top_k"]

EXACT_BELOW = 200_000  # vectors; a matrix product over fewer takes milliseconds, and making an index many seconds
CELLS = 2**24  # scores that are in memory at once
OVERSAMPLE = 2  # how many times as many as asked for are scored again
GOOD = 0.99  # share of the 100 nearest that the index must find when it is made
LOOK = 32  # at least so many vectors are looked at for each that is scored again


def top_k(
    scores: np.ndarray,  # n x m
    k: int,  # how many
) -> tuple[np.ndarray, np.ndarray]:  # n x min(k, m) columns, best first, of equals the first; and their scores
    "The `k` highest scores of each row"
    k = max(0, min(k, scores.shape[1]))
    out = np.empty((len(scores), k), np.int64)
    for row, s in enumerate(scores if k else ()):
        at = np.flatnonzero(s >= np.partition(s, -k)[-k])
        out[row] = at[np.argsort(-s[at], kind="stable")[:k]]
    return out, np.take_along_axis(scores, out, 1)


class Neighbours:
    "The nearest rows of a matrix by dot product (higher is nearer) or squared distance (lower is nearer)"

    def __init__(
        self,
        vectors: np.ndarray,  # n x dim, finite; taken as float32
        metric: str = "dot",  # or 'l2'
        exact_below: int = EXACT_BELOW,  # FAISS from so many vectors on, and no earlier
        file: Path | None = None,  # keeps the FAISS index; must belong to just these vectors
    ):
        if metric not in ("dot", "l2"):
            raise ValueError(f"metric is 'dot' or 'l2', not {metric!r}")
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.metric, self.exact_below, self.file = metric, exact_below, file
        self.squares = np.einsum("ij,ij->i", self.vectors, self.vectors) if metric == "l2" else None
        self._faiss, self._lock = None, threading.Lock()

    def __len__(self):
        return len(self.vectors)

    @property
    def is_exact(self) -> bool:
        return len(self) < self.exact_below

    def search(
        self,
        queries: np.ndarray,  # m x dim
        k: int,  # how many
        mask: np.ndarray | None = None,  # bool, n: which rows may answer
        exclude: list | None = None,  # rows that must not answer, one array of places a query
    ) -> tuple[
        np.ndarray, np.ndarray
    ]:  # m x min(k, n) places, nearest first, of equals the first; and dot or squared distance
        "The nearest rows to each query; place -1 and score ±inf where none is left"
        queries, k = np.asarray(queries, dtype=np.float32), max(0, min(k, len(self)))
        places, near = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32)
        gone = (
            [np.asarray(g, np.int64) for g in exclude]
            if exclude is not None
            else [np.zeros(0, np.int64)] * len(queries)
        )
        open_ = None if mask is None else np.flatnonzero(mask)
        few = self.is_exact or (open_ is not None and len(open_) < self.exact_below)
        step = max(1, CELLS // max(1, len(self)))
        for a in range(0, len(queries) if k else 0, step if few else 256):
            at = slice(a, a + (step if few else 256))
            find = self._exact if few else self._approximate
            places[at], near[at] = find(queries[at], k, open_, gone[at])
        return places, near if self.metric == "dot" else -near

    def _exact(self, q, k, open_, gone):
        matrix = self.vectors if open_ is None else self.vectors[open_]
        near = q @ matrix.T
        if self.metric == "l2":
            near = 2 * near - (self.squares if open_ is None else self.squares[open_]) - (q * q).sum(1)[:, None]
        for row, g in enumerate(gone):
            if len(g):
                near[row, g if open_ is None else _where(open_, g)] = -np.inf
        found, near = top_k(near, k)
        return self._tidy(q, k, np.where(np.isfinite(near), found if open_ is None else open_[found], -1))

    def _approximate(self, q, k, open_, gone):
        import faiss

        index, share = self.index, 1 if open_ is None else len(open_) / len(self)
        want = min(len(self), OVERSAMPLE * k + max(map(len, gone), default=0))
        lists = min(index.nlist, int(np.ceil(max(index.nprobe, index.nlist * LOOK * want / len(self)) / share)))
        allowed = None if open_ is None else faiss.IDSelectorBitmap(_bits(open_, len(self)))
        _, found = index.search(q, want, params=faiss.SearchParametersIVF(nprobe=lists, sel=allowed))
        found = np.stack([np.where(np.isin(f, g), -1, f) if len(g) else f for f, g in zip(found, gone)])
        places, near = self._tidy(q, k, found)
        for row in np.flatnonzero((places < 0).any(1)):  # the lists that were looked into did not hold enough
            places[row], near[row] = (x[0] for x in self._exact(q[row : row + 1], k, open_, gone[row : row + 1]))
        return places, near

    def _tidy(self, q, k, found):
        "The nearest `k` of the places found (-1: none), by scores that come from the vectors alone"
        near = np.full(found.shape, -np.inf, np.float32)
        for row, f in enumerate(found):
            real = f >= 0
            v = self.vectors[f[real]]  # einsum and sum: the same digits however many rows there are
            near[row, real] = np.einsum("ij,j->i", v, q[row]) if self.metric == "dot" else -((v - q[row]) ** 2).sum(1)
        order = np.lexsort((found, -near), axis=1)[:, :k]
        found, near = np.take_along_axis(found, order, 1), np.take_along_axis(near, order, 1)
        more = ((0, 0), (0, k - found.shape[1]))
        return np.pad(found, more, constant_values=-1), np.pad(near, more, constant_values=-np.inf)

    @property
    def index(self):
        "The FAISS index; made or read by the first who needs it"
        with self._lock:
            if self._faiss is None:
                self._faiss = self._read() or self._kept(self._build())
            return self._faiss

    def _build(self):
        import faiss

        lists = int(4 * len(self) ** 0.5)
        kind = faiss.METRIC_INNER_PRODUCT if self.metric == "dot" else faiss.METRIC_L2
        index = faiss.index_factory(self.vectors.shape[1], f"IVF{lists},SQ8", kind)
        index.cp.seed, index.cp.niter, index.cp.max_points_per_centroid = 1, 10, 64
        index.train(self.vectors)
        index.add(self.vectors)
        return self._tuned(index)

    def _tuned(self, index, n=64, k=100):
        "Let it look into as many lists as it needs: few where vectors are clustered, all where they are noise"
        some = self.vectors[rng(1, "neighbours", len(self)).integers(0, len(self), (n, 3))]
        queries = some.mean(1)  # tastes between works: harder to answer than works
        none = [np.zeros(0, np.int64)] * n
        want, index.nprobe = self._exact(queries, min(k, len(self)), None, none)[0], max(1, index.nlist // 16)
        while index.nprobe < index.nlist:
            _, found = index.search(queries, OVERSAMPLE * want.shape[1])
            if np.mean([np.isin(w, f).mean() for w, f in zip(want, found)]) >= GOOD:
                break
            index.nprobe = min(index.nlist, 2 * index.nprobe)
        return index

    def _read(self):
        "The kept index; a file that is broken or of other vectors is as good as none: it is made again"
        import faiss

        if self.file is None or not Path(self.file).is_file():
            return None
        try:
            index = faiss.read_index(str(self.file))
        except RuntimeError:
            return None
        return index if (index.ntotal, index.d) == self.vectors.shape else None

    def _kept(self, index):
        import faiss

        if self.file is not None:
            with write_atomic(self.file) as p:
                faiss.write_index(index, str(p))
        return index


def _where(open_, places):
    "Where these places are among the open ones; those that are not open are left out"
    at = np.minimum(np.searchsorted(open_, places), max(0, len(open_) - 1))
    return at[open_[at] == places] if len(open_) else at[:0]


def _bits(places, n):
    flags = np.zeros(n, bool)
    flags[places] = True
    return np.packbits(flags, bitorder="little")

"""The nearest of many vectors: exact where there are few, through an inverted index of FAISS where there are many.

The FAISS index (IVF: cells around the centres of k-means; SQ8: one byte per number) only proposes. What it finds is
scored again from the vectors, so a score never depends on the index, and an answer differs from the exact one only
where the index missed a neighbour. `benchmarks/index.py` measures how often that is, and how long each takes.

FAISS: https://faiss.ai/cpp_api/struct/structfaiss_1_1IndexIVF.html and https://arxiv.org/abs/2401.08281
"""

import threading
from pathlib import Path
from typing import Any

import numpy as np

from art_recsys.config import rng, write_atomic

__all__ = ["EXACT_BELOW", "Neighbours", "top_k"]

# From so many vectors on, FAISS. Below it, a matrix product takes milliseconds, and building an index many seconds.
EXACT_BELOW = 200_000
# Scores in memory at once (64 MB of float32): more queries than fit are answered in parts.
CELLS = 2**24
# Queries that FAISS answers at once.
APPROXIMATE_STEP = 256
# FAISS proposes so many times as many neighbours as asked for; all of them are scored again.
OVERSAMPLE = 2
# Building an index raises the number of cells per query until it finds this share of the 100 nearest.
GOOD = 0.99
# For each neighbour that is asked for, cells with at least so many vectors are searched. Matters for large k.
LOOK = 32


def top_k(
    scores: np.ndarray,  # n x m
    k: int,
) -> tuple[np.ndarray, np.ndarray]:  # columns, int64, n x min(k, m), best first; and their scores
    "The `k` highest scores of each row; of equal scores, the first column comes first"
    k = max(0, min(k, scores.shape[1]))
    out = np.empty((len(scores), k), np.int64)
    for row, s in enumerate(scores if k else ()):
        at = np.flatnonzero(s >= np.partition(s, -k)[-k])
        out[row] = at[np.argsort(-s[at], kind="stable")[:k]]
    return out, np.take_along_axis(scores, out, 1)


class Neighbours:
    "The nearest rows of a matrix, by dot product (higher is nearer) or squared distance (lower is nearer)"

    def __init__(
        self,
        vectors: np.ndarray,  # n x dim, finite; taken as float32
        metric: str = "dot",  # 'dot' or 'l2'; anything else raises `ValueError`
        exact_below: int = EXACT_BELOW,  # with fewer vectors (or fewer that pass a filter) the search is exact
        file: Path | str | None = None,  # where the FAISS index is kept; it must belong to just these vectors
    ):
        if metric not in ("dot", "l2"):
            raise ValueError(f"metric is 'dot' or 'l2', not {metric!r}")
        self.vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self.metric, self.exact_below, self.file = metric, exact_below, file
        self.squares = np.einsum("ij,ij->i", self.vectors, self.vectors) if metric == "l2" else None
        self._faiss: Any = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def is_exact(self) -> bool:
        "Whether every search compares with all vectors"
        return len(self) < self.exact_below

    def search(
        self,
        queries: np.ndarray,  # m x dim
        k: int,  # rows per query; more than n are not given
        mask: np.ndarray | None = None,  # bool, n: which rows may be found
        exclude: list | None = None,  # rows that must not be found, one array or list per query
    ) -> tuple[
        np.ndarray, np.ndarray
    ]:  # rows, int64, m x min(k, n), nearest first; and dot product or squared distance
        "The nearest rows to each query, of equals the first; row -1 and score -inf (distance inf) where none is left"
        queries, k = np.asarray(queries, dtype=np.float32), max(0, min(k, len(self)))
        rows, near = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf, np.float32)
        none = [np.zeros(0, np.int64)] * len(queries)
        excluded = none if exclude is None else [np.asarray(g, np.int64) for g in exclude]
        allowed = None if mask is None else np.flatnonzero(mask)
        exact = self.is_exact or (allowed is not None and len(allowed) < self.exact_below)
        step = max(1, CELLS // max(1, len(self))) if exact else APPROXIMATE_STEP
        find = self._exact if exact else self._approximate
        for a in range(0, len(queries) if k else 0, step):
            at = slice(a, a + step)
            rows[at], near[at] = find(queries[at], k, allowed, excluded[at])
        return rows, near if self.metric == "dot" else -near

    def _exact(
        self, q: np.ndarray, k: int, allowed: np.ndarray | None, excluded: list
    ) -> tuple[np.ndarray, np.ndarray]:
        matrix = self.vectors if allowed is None else self.vectors[allowed]
        near = q @ matrix.T
        if self.squares is not None:
            near = 2 * near - (self.squares if allowed is None else self.squares[allowed]) - (q * q).sum(1)[:, None]
        for row, g in enumerate(excluded):
            if len(g):
                near[row, g if allowed is None else _where(allowed, g)] = -np.inf
        found, near = top_k(near, k)
        return self._tidy(q, k, np.where(np.isfinite(near), found if allowed is None else allowed[found], -1))

    def _approximate(
        self, q: np.ndarray, k: int, allowed: np.ndarray | None, excluded: list
    ) -> tuple[np.ndarray, np.ndarray]:
        faiss = _faiss()
        index, share = self.index, 1 if allowed is None else len(allowed) / len(self)
        want = min(len(self), OVERSAMPLE * k + max(map(len, excluded), default=0))
        lists = min(index.nlist, int(np.ceil(max(index.nprobe, index.nlist * LOOK * want / len(self)) / share)))
        selector = None if allowed is None else faiss.IDSelectorBitmap(_bits(allowed, len(self)))
        _, found = index.search(q, want, params=faiss.SearchParametersIVF(nprobe=lists, sel=selector))
        found = np.stack(
            [np.where(np.isin(f, g), -1, f) if len(g) else f for f, g in zip(found, excluded, strict=True)]
        )
        rows, near = self._tidy(q, k, found)
        for row in np.flatnonzero((rows < 0).any(1)):  # the cells that were searched did not hold enough
            rows[row], near[row] = (x[0] for x in self._exact(q[row : row + 1], k, allowed, excluded[row : row + 1]))
        return rows, near

    def _tidy(self, q: np.ndarray, k: int, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        "The nearest `k` of the rows found (-1: none), by scores computed from the vectors alone"
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
    def index(self) -> Any:
        "The FAISS index, built or read when it is first used; `index.nprobe` is the number of cells per query"
        with self._lock:
            if self._faiss is None:
                self._faiss = self._read() or self._kept(self._build())
            return self._faiss

    def _build(self) -> Any:
        faiss = _faiss()
        lists = int(4 * len(self) ** 0.5)
        kind = faiss.METRIC_INNER_PRODUCT if self.metric == "dot" else faiss.METRIC_L2
        index = faiss.index_factory(self.vectors.shape[1], f"IVF{lists},SQ8", kind)
        index.cp.seed, index.cp.niter, index.cp.max_points_per_centroid = 1, 10, 64
        index.train(self.vectors)
        index.add(self.vectors)
        return self._tuned(index)

    def _tuned(self, index: Any, n: int = 64, k: int = 100) -> Any:
        "Search as many cells per query as it takes: few where vectors are clustered, all where they are noise"
        some = self.vectors[rng(1, "neighbours", len(self)).integers(0, len(self), (n, 3))]
        queries = some.mean(1)  # between vectors, as queries are: harder to answer than the vectors themselves
        none = [np.zeros(0, np.int64)] * n
        want, index.nprobe = self._exact(queries, min(k, len(self)), None, none)[0], max(1, index.nlist // 16)
        while index.nprobe < index.nlist:
            _, found = index.search(queries, OVERSAMPLE * want.shape[1])
            if np.mean([np.isin(w, f).mean() for w, f in zip(want, found, strict=True)]) >= GOOD:
                break
            index.nprobe = min(index.nlist, 2 * index.nprobe)
        return index

    def _read(self) -> Any:
        "The kept index; None where the file is damaged or of other vectors, and then it is built again"
        if self.file is None or not Path(self.file).is_file():
            return None
        try:
            index = _faiss().read_index(str(self.file))
        except RuntimeError:
            return None
        return index if (index.ntotal, index.d) == self.vectors.shape else None

    def _kept(self, index: Any) -> Any:
        if self.file is not None:
            with write_atomic(Path(self.file)) as p:
                _faiss().write_index(index, str(p))
        return index


def _faiss() -> Any:
    import faiss  # takes a second, and few catalogues need it

    return faiss


def _where(allowed: np.ndarray, rows: np.ndarray) -> np.ndarray:
    "Positions of these rows among the allowed ones; those that are not allowed are left out"
    at = np.minimum(np.searchsorted(allowed, rows), max(0, len(allowed) - 1))
    return at[allowed[at] == rows] if len(allowed) else at[:0]


def _bits(rows: np.ndarray, n: int) -> np.ndarray:
    flags = np.zeros(n, bool)
    flags[rows] = True
    return np.packbits(flags, bitorder="little")

"""The vector index: neighbours with scores in the SDK's convention"""

from pathlib import Path
from typing import Any

import numpy as np

from art_recsys.platform.neighbours import Neighbours


def sdk_score(
    similarity: str,  # `l2_norm`, `cosine` or `dot_product`
    near: Any,  # Squared distances, cosines or dot products, any shape
) -> np.ndarray:  # float64, the same shape; lower is nearer
    """The SDK's score: `1/s - 1` of OpenSearch's score `s`

    l2_norm: s = 1/(1 + d2), so the score is the squared distance.
    cosine: s = (1 + cos)/2. dot_product: s = 1 + dot where dot >= 0, otherwise 1/(1 - dot).
    """
    near = np.asarray(near, dtype=float)
    if similarity == "dot_product":
        return np.where(near >= 0, -near / (1 + np.abs(near)), -near)
    if similarity == "cosine":
        with np.errstate(divide="ignore"):
            return 2 / (1 + np.clip(near, -1, 1)) - 1
    return near


def _unit(v: np.ndarray) -> np.ndarray:
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)


class VectorIndex:
    """The vectors of one embedding feature, in the order of the table's rows"""

    def __init__(
        self,
        vectors: np.ndarray,  # float32 `[n, dim]`
        rows: np.ndarray,  # Row number in the table of each vector
        similarity: str,  # `l2_norm`, `cosine` or `dot_product`
        file: Path | None = None,  # Where a large index is kept on disk
    ) -> None:
        """Index the vectors"""
        vectors = np.asarray(vectors, dtype=np.float32)
        self.rows = rows  # row numbers in the table; rows without a vector are not here
        self.similarity, self.dim = similarity, vectors.shape[1]
        metric = "l2" if similarity == "l2_norm" else "dot"
        self.near = Neighbours(_unit(vectors) if similarity == "cosine" else vectors, metric, file=file)

    def search(
        self,
        query: np.ndarray,  # float32 `[dim]`
        k: int,  # Neighbours at most
        mask: np.ndarray | None = None,  # bool per row of the table: which may answer
    ) -> tuple[np.ndarray, np.ndarray]:  # int64 and float32, `[k]` at most
        """Row numbers and scores of the k nearest, nearest first"""
        query = np.asarray(query, dtype=np.float32)
        query = _unit(query) if self.similarity == "cosine" else query
        found_rows, near = self.near.search(query[None], k, None if mask is None else mask[self.rows])
        found = found_rows[0] >= 0
        return self.rows[found_rows[0][found]], sdk_score(self.similarity, near[0][found])

"""A matrix of which nearly everything is zero, such as the tags of a large catalogue, kept as what is not zero.

A million artworks with 500 tags are 2 GB as an array and 24 MB as rows of numbers. What reads it, reads some rows: a
batch, the likes of a user, the candidates of a page. These come as an array.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

__all__ = ["SparseRows"]


class SparseRows:
    "n x width, float32; `rows[...]` is an array with the same numbers that the whole array would have there"

    dtype = np.dtype(np.float32)

    def __init__(
        self,
        matrix: sp.csr_matrix,  # n x width; or an array
    ):
        self.csr = sp.csr_matrix(matrix, dtype=np.float32)
        self.csr.sort_indices()

    @property
    def shape(self) -> tuple[int, int]:
        "n, width"
        return self.csr.shape

    @property
    def nbytes(self) -> int:
        "Bytes in memory"
        return self.csr.data.nbytes + self.csr.indices.nbytes + self.csr.indptr.nbytes

    def __len__(self) -> int:
        return self.csr.shape[0]

    def any(self) -> bool:
        "Whether anything is not zero"
        return bool(self.csr.nnz)

    def __getitem__(self, rows: Any) -> np.ndarray:  # float32
        "Some rows, by a number, a slice, a mask or an array of numbers"
        if np.ndim(rows) == 0 and not isinstance(rows, slice):
            return self[[rows]][0]
        return np.asarray(self.csr[rows].toarray())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        "All of it: for small catalogues"
        return self.csr.toarray().astype(dtype or self.dtype, copy=False)

    def grown(
        self,
        n: int,  # new rows, which come last
        rows: np.ndarray,  # numbers of rows that get other values, new ones among them
        values: "SparseRows",  # one row for each of them
    ) -> "SparseRows":
        "A copy with `n` more rows, in which some rows have new values"
        both = sp.vstack([self.csr, values.csr, sp.csr_matrix((1, self.shape[1]), dtype=np.float32)], "csr")
        at = np.append(np.arange(len(self)), np.full(n, both.shape[0] - 1))
        at[rows] = len(self) + np.arange(len(rows))
        return SparseRows(both[at])

"""EASE: each like explained by the other likes of the same user, a ridge regression with a closed form.

Steck 2019, https://arxiv.org/abs/1905.03375. With the matrix of likes X (users x items), the Gram matrix
G = X'X + reg I and its inverse P, the weight of item i for item j is -P_ij / P_jj. Where there are fewer users than
items, the inverse K of the smaller matrix XX' + reg I gives the same scores, because P = (I - X'KX) / reg (dual form).

`Ease` scores with all weights. `ease_weights` keeps them as a table: all of them for a small catalogue. In a large one,
each item is regressed on its nearest items alone, which is a sparse approximation of P by one small system per item
(Steck 2019, Markov random fields for collaborative filtering, https://arxiv.org/abs/1910.09645).
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import sposv

__all__ = ["Ease", "ease_weights", "ridge_inverse"]

CELLS = 2**24  # values that are in memory at once
EXACT_BELOW = 2500  # liked items: up to so many, all weights are kept
NEIGHBOURS = 200, 500  # weights per item of a large catalogue
DENSE_BELOW = 8000  # liked items: up to so many, the Gram matrix is an array of 256 MB at most


def ridge_inverse(
    gram: np.ndarray,  # n x n, positive semi-definite; overwritten
    reg: float,  # ridge penalty, above 0
) -> np.ndarray:  # n x n
    "The inverse of G + reg I by Cholesky, three times faster than `inv`"
    gram[np.diag_indices_from(gram)] += reg
    one = np.eye(len(gram), dtype=gram.dtype)
    return cho_solve(cho_factor(gram, overwrite_a=True), one, overwrite_b=True) if len(gram) else gram


class Ease:
    """The regression with all of its weights, inverted on the smaller side."""

    def __init__(
        self,
        x: sp.csr_matrix,  # users x items: 1 for a like
        reg: float,  # ridge penalty
        dual: bool | None = None,  # invert users x users; None: the smaller side
    ):
        self.x, self.reg, self.dual = x, reg, self.is_dual(x) if dual is None else dual
        self.inverse = ridge_inverse((x @ x.T if self.dual else x.T @ x).toarray(), reg)
        self.diagonal = self._diagonal() if self.dual else self.inverse.diagonal()  # of P

    @staticmethod
    def is_dual(x: sp.csr_matrix) -> bool:
        "Whether there are fewer users than items"
        return x.shape[0] < x.shape[1]

    def _diagonal(self) -> np.ndarray:
        "The diagonal of P from K, a block of items at a time"
        columns, size = self.x.T.tocsr(), max(1, CELLS // max(1, len(self.inverse)))
        blocks = [columns[a : a + size] for a in range(0, self.x.shape[1], size)]
        sums = [np.asarray(b.multiply(b @ self.inverse).sum(axis=1)).ravel() for b in blocks]
        return (1 - np.concatenate([np.zeros(0), *sums])) / self.reg

    def scores(
        self,
        likes: sp.csr_matrix,  # m x items
    ) -> np.ndarray:  # m x items
        "The sum of the weights of the liked items, for every item"
        own, x, p = likes.toarray(), self.x, self.inverse
        weighed = (own - likes @ x.T @ p @ x) / self.reg if self.dual else likes @ p
        return own - weighed / self.diagonal


def ease_weights(
    gram: sp.csr_matrix,  # n x n: how many users like both items; on the diagonal, how many like the item
    penalties: Sequence[float] = (100.0,),  # ridge penalties
    neighbours: int
    | None = None,  # weights per item where not all are kept; None: 200, or 500 where few items have many
) -> list[sp.csr_matrix]:  # one per penalty; n x n, float32: what a like of the row's item says for the column's item
    "The item-to-item weights of EASE: all of them, or those of a regression of each item on its nearest ones"
    live = np.flatnonzero(gram.diagonal() > 0)
    counts = gram[live][:, live].tocsr()
    if len(live) <= EXACT_BELOW:
        found = [_all_weights(counts, reg) for reg in penalties]
    else:
        found = _near_weights(counts, penalties, neighbours or _neighbours(counts))
    return [sp.csr_matrix((b.data, (live[b.row], live[b.col])), shape=gram.shape) for b in found]


def _all_weights(gram: sp.csr_matrix, reg: float) -> sp.coo_matrix:
    p = ridge_inverse(gram.toarray().astype(float), reg)
    b = (-p / np.diag(p)).astype(np.float32)
    np.fill_diagonal(b, 0)
    return sp.coo_matrix(b)


def _neighbours(gram: sp.csr_matrix) -> int:
    "The larger number if no more than the smaller one is needed on average"
    fewest, most = NEIGHBOURS
    return most if np.minimum(np.diff(gram.indptr), most).mean() <= fewest else fewest


def _near_weights(gram: sp.csr_matrix, penalties: Sequence[float], k: int) -> list[sp.coo_matrix]:
    "One regression per item, on the k items that would explain most of it alone"
    n, count = gram.shape[0], gram.diagonal()
    strength = np.sqrt(count + 100)  # with the penalty that is the default
    system = _Systems(gram)
    rows: list[np.ndarray] = []
    weights: list[list[np.ndarray]] = [[] for _ in penalties]
    for j in range(n):
        at = slice(gram.indptr[j], gram.indptr[j + 1])
        near, both = gram.indices[at], gram.data[at].astype(np.float32)
        near, both = near[near != j], both[near != j]
        if len(near) > k:
            top = np.sort(np.argpartition(-both / strength[near], k)[:k])
            near, both = near[top], both[top]
        counts, diagonal = system.of(near), np.arange(len(near))
        rows.append(near)
        for reg, out in zip(penalties, weights, strict=True):
            ridge = counts.copy()
            ridge[diagonal, diagonal] += reg
            out.append(sposv(ridge, both)[1] if len(near) else both)
    columns, at_row = np.repeat(np.arange(n), [len(r) for r in rows]), np.concatenate(rows)
    return [sp.coo_matrix((np.concatenate(w), (at_row, columns)), shape=(n, n)) for w in weights]


class _Systems:
    """Square parts of a Gram matrix as arrays, by table or from the sparse rows."""

    def __init__(self, gram: sp.csr_matrix):
        self.gram = gram
        self.dense = gram.toarray().astype(np.float32) if gram.shape[0] <= DENSE_BELOW else None
        self.column = np.full(gram.shape[0], -1)  # of an item in the part at hand

    def of(self, items: np.ndarray) -> np.ndarray:
        "Rows and columns `items`"
        if self.dense is not None:
            return self.dense[np.ix_(items, items)]
        first, size = self.gram.indptr[items], self.gram.indptr[items + 1] - self.gram.indptr[items]
        at = np.arange(size.sum()) + np.repeat(first - np.cumsum(size) + size, size)  # the entries of these rows
        self.column[items] = np.arange(len(items))
        to = self.column[self.gram.indices[at]]
        self.column[items] = -1
        out, real = np.zeros((len(items), len(items)), np.float32), to >= 0
        out[np.repeat(np.arange(len(items)), size)[real], to[real]] = self.gram.data[at[real]]
        return out

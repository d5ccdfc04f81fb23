"""EASE: each like explained by the other likes of the same user, a ridge regression with a closed form.

Steck 2019, https://arxiv.org/abs/1905.03375. With the matrix of likes X (users x items), the Gram matrix
G = X'X + reg I and its inverse P, the weight of item i for item j is -P_ij / P_jj. Where there are fewer users than
items, the inverse K of the smaller matrix XX' + reg I gives the same scores, because P = (I - X'KX) / reg (dual form).

`Ease` scores with all weights. `ease_weights` keeps them as a table: all of them for a small catalogue. In a large one,
each item is regressed on its nearest items alone, which is a sparse approximation of P by one small system per item
(Steck 2019, Markov random fields for collaborative filtering, https://arxiv.org/abs/1910.09645).
"""

import numpy as np
import scipy.sparse as sp
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import sposv

__all__ = ["Ease", "ease_weights", "ridge_inverse"]

CELLS = 2**24  # values that are in memory at once
EXACT_BELOW = 2500  # liked items: up to so many, all weights are kept
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
    reg: float = 100.0,  # ridge penalty
    neighbours: int = 200,  # weights per item where not all are kept
) -> sp.csr_matrix:  # n x n, float32: what a like of the row's item says for the column's item
    "The item-to-item weights of EASE: all of them, or those of a regression of each item on its nearest ones"
    live = np.flatnonzero(gram.diagonal() > 0)
    counts = gram[live][:, live].tocsr()
    b = _all_weights(counts, reg) if len(live) <= EXACT_BELOW else _near_weights(counts, reg, neighbours)
    return sp.csr_matrix((b.data, (live[b.row], live[b.col])), shape=gram.shape)


def _all_weights(gram: sp.csr_matrix, reg: float) -> sp.coo_matrix:
    p = ridge_inverse(gram.toarray().astype(float), reg)
    b = (-p / np.diag(p)).astype(np.float32)
    np.fill_diagonal(b, 0)
    return sp.coo_matrix(b)


def _near_weights(gram: sp.csr_matrix, reg: float, k: int) -> sp.coo_matrix:
    "One regression per item, on the k items that would explain most of it alone"
    n, count, gram = gram.shape[0], gram.diagonal(), gram.astype(np.float32)
    dense = gram.toarray() if n <= DENSE_BELOW else None
    column = np.full(n, -1)  # of an item in the system at hand
    rows, weights = [], []
    for j in range(n):
        at = slice(gram.indptr[j], gram.indptr[j + 1])
        near, both = gram.indices[at], gram.data[at]
        near, both = near[near != j], both[near != j]
        if len(near) > k:
            top = np.sort(np.argpartition(-both / np.sqrt(count[near] + reg), k)[:k])
            near, both = near[top], both[top]
        if dense is not None:
            system = dense[np.ix_(near, near)]
        else:
            part, system = gram[near], np.zeros((len(near), len(near)), np.float32)
            column[near] = np.arange(len(near))
            to, real = column[part.indices], column[part.indices] >= 0
            system[np.repeat(np.arange(len(near)), np.diff(part.indptr))[real], to[real]] = part.data[real]
            column[near] = -1
        system[np.diag_indices_from(system)] += reg
        rows.append(near)
        weights.append(sposv(system, both)[1] if len(near) else both)
    columns = np.repeat(np.arange(n), [len(r) for r in rows])
    return sp.coo_matrix((np.concatenate(weights), (np.concatenate(rows), columns)), shape=(n, n))

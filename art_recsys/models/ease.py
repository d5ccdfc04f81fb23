"""temporary, G's version replaces this"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve


def ridge_inverse(gram, reg):
    gram[np.diag_indices_from(gram)] += reg
    one = np.eye(len(gram), dtype=gram.dtype)
    return cho_solve(cho_factor(gram, overwrite_a=True), one, overwrite_b=True) if len(gram) else gram


def diagonal_of_dual(x, k, reg):
    columns = x.T.tocsr()
    size = max(1, 2**24 // max(1, len(k)))
    blocks = [
        np.asarray(columns[a : a + size].multiply(columns[a : a + size] @ k).sum(axis=1)).ravel()
        for a in range(0, x.shape[1], size)
    ]
    return (1 - np.concatenate([np.zeros(0), *blocks])) / reg

"""The solver of EASE: both forms, and the sparse weights, are the ridge regressions that they stand for."""

import numpy as np
import pytest
import scipy.sparse as sp

from art_recsys.models.ease import diagonal_of_dual, ease_weights, ridge_inverse


def likes(users=30, items=12, seed=0):
    return sp.csr_matrix((np.random.default_rng(seed).random((users, items)) < 0.3).astype(float))


def test_the_inverse():
    x = likes()
    g = (x.T @ x).toarray()
    np.testing.assert_allclose(ridge_inverse(g.copy(), 3.0), np.linalg.inv(g + 3 * np.eye(len(g))), atol=1e-10)
    assert ridge_inverse(np.zeros((0, 0)), 1.0).shape == (0, 0)


@pytest.mark.parametrize("users,items", [(30, 12), (12, 30)])
def test_the_diagonal_of_the_dual_form(users, items, monkeypatch):
    x = likes(users, items)
    p = ridge_inverse((x.T @ x).toarray(), 3.0)
    k = ridge_inverse((x @ x.T).toarray(), 3.0)
    for cells in (2**24, 40):
        monkeypatch.setattr("art_recsys.models.ease.CELLS", cells)
        np.testing.assert_allclose(diagonal_of_dual(x, k, 3.0), p.diagonal(), atol=1e-10)


def test_each_column_is_a_ridge_regression_on_the_others():
    x = likes().toarray()
    b = ease_weights(sp.csr_matrix(x.T @ x), 2.0).toarray()
    for j in range(x.shape[1]):
        rest = [i for i in range(x.shape[1]) if i != j]
        want = np.linalg.solve(x[:, rest].T @ x[:, rest] + 2 * np.eye(len(rest)), x[:, rest].T @ x[:, j])
        np.testing.assert_allclose(b[rest, j], want, atol=1e-6)
        assert b[j, j] == 0


def test_only_the_most_liked_take_part_and_only_the_largest_weights_stay():
    x = likes().multiply(np.arange(12) != 3).tocsr()  # nobody likes item 3
    gram = sp.csr_matrix(x.T @ x)
    assert not ease_weights(gram, 2.0)[3].nnz
    few = ease_weights(gram, 2.0, largest=5).toarray()
    live = set(np.argsort(-gram.diagonal(), kind="stable")[:5])
    assert set(np.flatnonzero(few.any(1))) == live
    full, short = ease_weights(gram, 2.0).toarray(), ease_weights(gram, 2.0, keep=4).toarray()
    for a, b in zip(full, short, strict=True):
        assert (b != 0).sum() <= 4 and abs(b[b != 0]).min(initial=1) >= np.sort(abs(a))[-4] - 1e-7

"""The solver of EASE: both forms, and the table of weights, are the ridge regressions that they stand for."""

import numpy as np
import pytest
import scipy.sparse as sp

from art_recsys.models import ease as module
from art_recsys.models.ease import Ease, ease_weights, ridge_inverse


def likes(users=30, items=12, seed=0, share=0.3):
    return sp.csr_matrix((np.random.default_rng(seed).random((users, items)) < share).astype(float))


def gram(x):
    return sp.csr_matrix(x.T @ x)


def regression(x, j, on, reg):
    "The weights of column `j` of a dense `x`, regressed on the columns `on`"
    return np.linalg.solve(x[:, on].T @ x[:, on] + reg * np.eye(len(on)), x[:, on].T @ x[:, j])


def test_the_inverse():
    g = gram(likes()).toarray()
    np.testing.assert_allclose(ridge_inverse(g.copy(), 3.0), np.linalg.inv(g + 3 * np.eye(len(g))), atol=1e-10)
    assert ridge_inverse(np.zeros((0, 0)), 1.0).shape == (0, 0)


@pytest.mark.parametrize("users,items", [(30, 12), (12, 30)])
def test_both_forms_give_the_scores_of_the_table(users, items, monkeypatch):
    x, asked = likes(users, items), likes(7, items, 1)
    want = asked @ ease_weights(gram(x), [3.0])[0].toarray()
    assert Ease(x, 3.0).dual == (users < items)
    for dual in (True, False):
        np.testing.assert_allclose(Ease(x, 3.0, dual).scores(asked), want, atol=1e-5)
    monkeypatch.setattr(module, "CELLS", 40)  # several blocks of items
    np.testing.assert_allclose(Ease(x, 3.0, True).diagonal, Ease(x, 3.0, False).diagonal, atol=1e-10)


def test_each_column_is_a_ridge_regression_on_the_others():
    x = likes().toarray()
    b = ease_weights(gram(x), [2.0])[0].toarray()
    for j in range(x.shape[1]):
        rest = [i for i in range(x.shape[1]) if i != j]
        np.testing.assert_allclose(b[rest, j], regression(x, j, rest, 2.0), atol=1e-6)
        assert b[j, j] == 0


@pytest.mark.parametrize("dense_below", [0, 8000])
def test_in_a_large_catalogue_each_column_is_a_regression_on_its_nearest(dense_below, monkeypatch):
    x = likes(60, 20, share=0.5).multiply(np.arange(20) != 3).tocsr()  # nobody likes item 3
    exact = ease_weights(gram(x), [2.0])[0].toarray()
    monkeypatch.setattr(module, "EXACT_BELOW", 5)
    monkeypatch.setattr(module, "DENSE_BELOW", dense_below)
    np.testing.assert_allclose(
        ease_weights(gram(x), [2.0], neighbours=19)[0].toarray(), exact, atol=1e-5
    )  # all share users
    few, d, g = ease_weights(gram(x), [2.0], neighbours=4)[0].toarray(), x.toarray(), gram(x).toarray()
    assert not few[3].any() and not few[:, 3].any()
    for j in set(range(20)) - {3}:
        on = np.flatnonzero(few[:, j])
        assert len(on) == 4 and j not in on
        np.testing.assert_allclose(few[on, j], regression(d, j, on, 2.0), atol=1e-5)
        alone = g[:, j] / np.sqrt(g.diagonal() + 100)
        others = [i for i in range(20) if i not in (j, 3)]
        assert alone[on].min() >= np.sort(alone[others])[-4] - 1e-9


def test_items_beyond_the_most_liked_have_weights_too(monkeypatch):
    monkeypatch.setattr(module, "EXACT_BELOW", 5)
    x = np.zeros((8, 12))
    x[:4, :10] = 1  # ten liked by the same four users
    x[4:6, 10:] = 1  # and a pair that two others like
    b = ease_weights(gram(x), [1.0], neighbours=4)[0].toarray()
    assert b[10, 11] == pytest.approx(2 / 3) and not b[:10, 10:].any()


def test_a_work_that_nobody_likes_with_another_has_no_weights(monkeypatch):
    for exact in (0, 2500):
        monkeypatch.setattr(module, "EXACT_BELOW", exact)
        assert not ease_weights(sp.csr_matrix(np.eye(3)), [1.0])[0].toarray().any()
        assert ease_weights(sp.csr_matrix((3, 3)), [1.0])[0].shape == (3, 3)


def test_several_penalties_at_once(monkeypatch):
    for exact in (0, 2500):
        monkeypatch.setattr(module, "EXACT_BELOW", exact)
        both = ease_weights(gram(likes()), [2.0, 50.0])
        for reg, b in zip((2.0, 50.0), both, strict=True):
            np.testing.assert_array_equal(b.toarray(), ease_weights(gram(likes()), [reg])[0].toarray())
        assert abs(both[1]).sum() < abs(both[0]).sum()

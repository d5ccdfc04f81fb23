"""Co-occurrence: counts by hand, dense and sparse alike, saved tables, and the penalty chosen by its order."""

from types import SimpleNamespace

import numpy as np
import pytest

from art_recsys.models import cooccurrence as module
from art_recsys.models.cooccurrence import ItemCooccurrence, choose_penalty, sum_rows
from art_recsys.models.examples import CandidateLists


def sequences(n=30, items=20, seed=0):
    r = np.random.default_rng(seed)
    return [r.choice(items, r.integers(1, 8), replace=False) for _ in range(n)]


def test_counts_by_hand():
    c = ItemCooccurrence([np.array([0, 1]), np.array([0, 1, 2])], n=4)
    assert c.cosine[0, 1] == c.cosine[1, 0] == pytest.approx(2 / 12)  # two users like both
    assert c.cosine[0, 2] == pytest.approx(1 / np.sqrt(12 * 11)) and not c.cosine[3].any()
    assert c.follows[0, 1] == pytest.approx(2 / 12) and c.follows[1, 0] == 0  # nobody went from 1 to 0
    assert c.follows[0, 2] == pytest.approx(0.5 / np.sqrt(12 * 11))  # two likes apart


def test_only_the_latest_likes_of_a_busy_user():
    assert not ItemCooccurrence([np.arange(5)], 5, most=2).cosine[:3].any()


def test_sparse_and_dense_tables_give_the_same_features(monkeypatch):
    dense = ItemCooccurrence(sequences(), 20)
    assert isinstance(dense.ease, np.ndarray)  # made now
    monkeypatch.setattr(module, "DENSE_BELOW", 0)
    sparse = ItemCooccurrence(sequences(), 20)
    assert not isinstance(sparse.ease, np.ndarray)
    h, items = np.array([3, 7, 1, 12]), np.arange(0, 20, 2)
    np.testing.assert_allclose(dense.features(h, items), sparse.features(h, items), atol=1e-6)


def test_features_are_weighted_sums_of_rows():
    c, h, items = ItemCooccurrence(sequences(), 20), np.array([3, 7, 1, 12]), np.arange(20)
    late = np.array([0.512, 0.64, 0.8, 1.0])
    want = [c.cosine[h].sum(0), late @ c.cosine[h], late[1:] @ c.follows[h[1:]], c.ease[h].sum(0)]
    np.testing.assert_allclose(c.features(h, items), np.stack(want, 1), atol=1e-6)
    assert c.features(h[:1], items).shape == (20, 4)


def test_tables_are_kept(tmp_path):
    c = ItemCooccurrence(sequences(), 20)
    c.save(tmp_path)
    again = ItemCooccurrence.load(tmp_path)
    assert all(np.array_equal(getattr(c, t), getattr(again, t)) for t in c.kept)


def test_nobody_likes_anything():
    c = ItemCooccurrence([], 3)
    assert c.cosine.shape == c.follows.shape == c.ease.shape == (3, 3) and not c.ease.any()


def test_the_penalty_is_the_one_that_orders_the_lists_best():
    c, r = ItemCooccurrence(sequences(60), 20), np.random.default_rng(1)
    histories = [r.choice(20, r.integers(0, 5), replace=False) for _ in range(40)]
    lists = CandidateLists.__new__(CandidateLists)
    items = np.stack([r.permutation(20)[:12] for _ in histories])
    items[::3, 9:] = -1
    label = np.zeros(items.shape, np.float32)
    label[np.arange(len(items)), r.integers(0, 9, len(items))] = 1
    lists.__dict__.update(SimpleNamespace(items=items, label=label).__dict__)
    kept, tried = {}, (0.1, 30.0, 1e6)
    for p in tried:
        s = np.zeros(items.shape)
        for row, i, h in zip(s, items, histories, strict=True):
            real = i >= 0
            row[real] = sum_rows(c.with_penalty(p).ease, np.ones(len(h)), h, i[real]) if len(h) else 0
        kept[p] = lists.ndcg(s).mean()
    penalty, chosen = choose_penalty(c, lists, histories, tried)
    assert kept[penalty] == max(kept.values()) > min(kept.values())
    assert np.array_equal(chosen.ease, c.with_penalty(penalty).ease) and chosen.cosine is c.cosine

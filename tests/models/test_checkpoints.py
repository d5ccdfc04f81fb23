"The metric that validates a training"

import numpy as np
import tensorflow as tf

from art_recsys.models import checkpoints
from art_recsys.models.checkpoints import BruteForceExcluding, share_found
from art_recsys.platform.neighbours import top_k


def test_what_a_user_likes_already_is_left_out_of_the_metric():
    r = np.random.default_rng(0)
    c, q, gone = (
        r.normal(size=(30, 4)).astype("float32"),
        r.normal(size=(5, 4)).astype("float32"),
        [[], [0, 1, 2], [7], list(range(25)), []],
    )
    best = BruteForceExcluding(k=5).leave_out(gone).index(tf.constant(c), tf.range(30))(tf.constant(q), 5)[1].numpy()
    scores = q @ c.T
    for n, g in enumerate(gone):
        scores[n, g] = -np.inf
    np.testing.assert_array_equal(best, top_k(scores, 5)[0])


def test_the_share_that_is_found_equals_a_count_by_hand():
    r = np.random.default_rng(1)
    c, q = r.normal(size=(60, 4)).astype("float32"), r.normal(size=(40, 4)).astype("float32")
    answers, gone = r.integers(0, 60, 40), [[] if n % 2 else [n] for n in range(40)]
    gone = [[g for g in row if g != a] for row, a in zip(gone, answers, strict=True)]
    scores = q @ c.T
    for n, g in enumerate(gone):
        scores[n, g] = -np.inf
    rank = (-scores).argsort(1).argsort(1)[np.arange(40), answers]
    found = share_found(q, c, answers, gone)
    assert list(found) == ["top_10", "top_50"]  # the catalogue has no hundred
    np.testing.assert_allclose(list(found.values()), [(rank < 10).mean(), (rank < 50).mean()])
    assert share_found(q, c[:3], answers % 3, [[]] * 40).keys() == {"top_1"}


def test_queries_in_parts_find_as_much_as_all_at_once(monkeypatch):
    r = np.random.default_rng(3)
    c, q = r.normal(size=(120, 4)).astype("float32"), r.normal(size=(50, 4)).astype("float32")
    answers, gone = r.integers(0, 120, 50), [[int(i)] for i in r.integers(0, 120, 50)]
    whole = share_found(q, c, answers, gone)
    monkeypatch.setattr(checkpoints, "CELLS", 7 * 120)
    assert share_found(q, c, answers, gone) == whole

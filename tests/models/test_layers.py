"Adam with a learning rate that stays, or that falls to zero"

import numpy as np
import pytest
import tensorflow as tf

from art_recsys.models import layers
from art_recsys.models.layers import LazyAdam, compile_with_adam, table


@pytest.mark.parametrize("steps", [None, 4])
def test_the_learning_rate_stays_or_falls_to_zero(steps):
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="zeros", use_bias=False)])
    model(tf.ones((1, 1)))
    compile_with_adam(model, 0.1, steps, lambda y, found: tf.reduce_sum(y * found))
    weight = [0.0]
    for _ in range(6):
        model.train_on_batch(tf.ones((1, 1)), tf.ones((1, 1)))
        weight.append(float(model.weights[0][0, 0]))
    moved = -np.diff(weight)  # the gradient is always 1, so Adam moves by the learning rate
    want = [0.1] * 6 if steps is None else [0.1, 0.075, 0.05, 0.025, 0, 0]
    np.testing.assert_allclose(moved, want, atol=1e-5)


def test_a_row_of_a_long_table_rests_until_it_is_in_a_batch_again(monkeypatch):
    "Lazy Adam: the first step is Adam's own, also for a row that is twice in the batch; other rows do not move later"
    both = []
    for above in (10, 5):  # rows from which on the table is long; it has 6
        monkeypatch.setattr(layers, "LAZY_ABOVE", above)
        model = tf.keras.Sequential([table(6, 3, seed=1)])
        model(tf.zeros((1, 1), tf.int32))
        model.compile(LazyAdam(0.1), lambda y, found: tf.reduce_sum(found))
        weights = [model.get_weights()[0]]
        for batch in ([[1, 2, 2]], [[2, 3, 3]], [[2, 3, 3]]):
            model.train_on_batch(np.array(batch), np.zeros((1, 3)))
            weights.append(model.get_weights()[0])
        both.append(np.array(weights))
    usual, lazy = both
    np.testing.assert_allclose(lazy[1], usual[1], atol=1e-7)
    np.testing.assert_allclose(lazy[:, 2], usual[:, 2], atol=1e-6)  # in every batch: as usual
    assert (lazy[1:, 1] == lazy[1, 1]).all() and (usual[2, 1] != usual[1, 1]).all()
    assert (lazy[:, 4] == lazy[0, 4]).all()

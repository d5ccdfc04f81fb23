"Adam with a learning rate that stays, or that falls to zero"

import numpy as np
import pytest
import tensorflow as tf

from art_recsys.models.layers import compile_with_adam


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

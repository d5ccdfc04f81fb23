"The metric that validates a training"

import numpy as np
import tensorflow as tf

from art_recsys.models.checkpoints import BruteForceExcluding
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

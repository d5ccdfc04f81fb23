"""Keras layers whose numbers depend on a seed alone, the pooling of a history, the layer of several interests, Adam."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

__all__ = ["Interests", "LazyAdam", "Pool", "compile_with_adam", "dense", "drop", "interest_layers", "table"]


LAZY_ABOVE = 100_000  # rows of a table from which on a training step touches only those of its batch


def table(
    rows: int,  # row 0 included, which stands for everything unknown
    dim: int,  # numbers per entry
    seed: int,  # of the initial numbers, normal with deviation 0.05
) -> tf.keras.layers.Embedding:
    "An embedding table: a matrix with one trainable row per entry"
    start = tf.keras.initializers.RandomNormal(stddev=0.05, seed=seed)
    return tf.keras.layers.Embedding(rows, dim, embeddings_initializer=start)


def dense(
    dim: int,  # of the output
    seed: int,  # of the initial weights (Glorot and Bengio, 2010)
    activation: str | None = None,  # a name that Keras knows; None: linear
    bias: bool = True,  # add a trainable constant to each output
) -> tf.keras.layers.Dense:
    "A matrix product with trainable weights"
    start = tf.keras.initializers.GlorotUniform(seed=seed)
    return tf.keras.layers.Dense(dim, activation, use_bias=bias, kernel_initializer=start)


def drop(
    x: tf.Tensor,  # any shape; what stays is divided by `1 - rate`
    rate: float,  # share of the numbers that become zero
    seed: tf.Tensor | None,  # two integers; None where nothing is trained
) -> tf.Tensor:  # shape of `x`
    "Dropout whose pattern depends on `seed` alone; none where `seed` is None"
    return x if seed is None or rate == 0 else tf.nn.experimental.stateless_dropout(x, rate, seed)


class Pool(tf.keras.layers.Layer):
    """Attention pooling: at each step the weighted mean of everything so far.

    How much a vector counts is the sum of two learned numbers: one from the vector, one from how many steps ago it was.
    What else is in the history makes no difference to it.
    """

    def __init__(
        self,
        width: int,  # steps at most
        dim: int,  # of a vector, in and out
        rate: float,  # dropout
        seed: int,  # of the initial weights; the next two are used too
    ):
        super().__init__()
        self.rate, self.norm = rate, tf.keras.layers.LayerNormalization()
        self.weight, self.hidden, self.out = dense(1, seed), dense(2 * dim, seed + 1, "relu"), dense(dim, seed + 2)
        self.far = self.add_weight("far", (width,), initializer="zeros")

    def call(self, x: tf.Tensor, seed: tf.Tensor | None = None) -> tf.Tensor:  # n x steps x dim
        "Pool `x`, n x steps x dim; `seed`: two integers that draw the dropout, None where nothing is trained"
        seeds = [None] * 2 if seed is None else [seed + tf.constant([n, 0]) for n in range(2)]
        n = tf.shape(x)[1]
        back = tf.range(n)[:, None] - tf.range(n)[None, :]  # how many steps ago; negative: later
        logits = tf.transpose(self.weight(self.norm(x)), (0, 2, 1)) + tf.gather(self.far, tf.maximum(back, 0))
        y = tf.matmul(drop(tf.nn.softmax(tf.where(back >= 0, logits, -1e9)), self.rate, seeds[0]), x)
        return y + drop(self.out(self.hidden(self.norm(y))), self.rate, seeds[1])


class Interests(tf.keras.layers.Layer):
    """The last layer of a history with several interests: K vectors at each step instead of one.

    Each vector is a pooling of its own, so a like that counts for one vector need not count for another (as the
    self-attentive interests of ComiRec, https://arxiv.org/abs/2005.09347). After a single like there is nothing to
    divide, and the vectors of a user are nearly the same.
    """

    def __init__(
        self,
        interests: int,  # K, at least 2
        width: int,  # steps at most
        dim: int,  # of a vector, in and out
        rate: float,  # dropout
        seed: int,  # of the initial weights
    ):
        super().__init__()
        self.pools = [Pool(width, dim, rate, seed + 10 * (n + 1)) for n in range(interests)]

    def call(self, x: tf.Tensor, seed: tf.Tensor | None = None) -> tf.Tensor:  # n x steps x K x dim
        "`x`: n x steps x dim; `seed`: two integers that draw the dropout, None where nothing is trained"
        seeds = [None if seed is None else seed + tf.constant([100 * (n + 1), 0]) for n in range(len(self.pools))]
        return tf.stack([pool(x, s) for pool, s in zip(self.pools, seeds, strict=True)], 2)


def interest_layers(
    towers: Any,  # `interests`, `history_length`, `dim`, `dropout` and `seed`, as `TwoTower` has them
) -> list[Interests]:
    "What a query tower needs behind the layers that read a history: nothing for one interest"
    t = towers
    return [Interests(t.interests, t.history_length + 1, t.dim, t.dropout, t.seed + 5000)] if t.interests > 1 else []


class LazyAdam(tf.keras.optimizers.Adam):
    """Adam that touches, in a table of many rows, only the rows of the batch.

    Keras' own Adam lets the moments of all rows decay in every step and moves all rows, so that a step costs as much as
    the table is long, and an epoch the square of it. Here a row rests until it comes again, as in TensorFlow Addons'
    LazyAdam. Tables below `LAZY_ABOVE` rows are trained as before.
    """

    def update_step(self, gradient: Any, variable: tf.Variable) -> None:
        "One step for one variable; the gradient of a table is an `IndexedSlices`, each row once"
        if not isinstance(gradient, tf.IndexedSlices) or variable.shape[0] < LAZY_ABOVE:
            super().update_step(gradient, variable)
            return
        at = self._index_dict[self._var_key(variable)]
        step = tf.cast(self.iterations + 1, variable.dtype)
        correction = tf.sqrt(1 - tf.pow(self.beta_2, step)) / (1 - tf.pow(self.beta_1, step))
        rate = tf.cast(self.learning_rate, variable.dtype) * correction
        rows, g = gradient.indices, gradient.values
        m = self.beta_1 * tf.gather(self._momentums[at], rows) + (1 - self.beta_1) * g
        v = self.beta_2 * tf.gather(self._velocities[at], rows) + (1 - self.beta_2) * tf.square(g)
        for kept, value in ((self._momentums[at], m), (self._velocities[at], v)):
            kept.scatter_update(tf.IndexedSlices(value, rows))
        variable.scatter_sub(tf.IndexedSlices(rate * m / (tf.sqrt(v) + self.epsilon), rows))


def compile_with_adam(
    model: tf.keras.Model,  # its variables are there already
    learning_rate: float,  # at the beginning
    steps: int | None,  # after which the learning rate has fallen to zero, along a line; None: it stays as it is
    loss: Callable | None = None,  # as for Keras; None where the model computes its own
) -> None:
    "Make `model` ready for Keras' `fit`, with Adam (Kingma and Ba 2015, https://arxiv.org/abs/1412.6980)"
    rate = tf.keras.optimizers.schedules.PolynomialDecay(learning_rate, steps, 0.0) if steps else learning_rate
    model.compile(LazyAdam(rate), loss)
    model.optimizer.build(model.trainable_variables)  # otherwise the first step is traced a second time

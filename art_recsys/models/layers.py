"""Keras layers whose numbers depend on a seed alone, and the pooling of a history."""

import tensorflow as tf

__all__ = ["Pool", "dense", "drop", "table"]


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

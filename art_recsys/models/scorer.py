"""Scorers as one function of an array, which is saved and served."""

from collections.abc import Callable

import tensorflow as tf

__all__ = ["ServedScorer"]


class ServedScorer(tf.Module):
    "The mean of several scorers; `logits` takes n x width float32 and returns n"

    def __init__(
        self,
        scorers: list[Callable[[tf.Tensor], tf.Tensor]],  # each n x width -> n
        width: int,  # features of a pair
    ):
        super().__init__()
        self.scorers = scorers
        self.logits = tf.function(self._logits, input_signature=[tf.TensorSpec([None, width], tf.float32)])

    def _logits(self, features: tf.Tensor) -> tf.Tensor:
        return tf.add_n([s(features) for s in self.scorers]) / len(self.scorers)

"""Scorers as one function of an array, which is saved and served."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

__all__ = ["ServedScorer"]

Scorers = Sequence[Callable[[tf.Tensor], tf.Tensor]]  # each n x width -> n


class ServedScorer(tf.Module):
    """The mean of several scorers, and of others for new artworks; `logits` takes n x width float32 and returns n.

    An artwork is new if the feature `column` is 0. The scorers for new artworks do not see the features that `hidden`
    marks, and `line`, a slope and an intercept, brings their logits to the scale of the others.
    """

    def __init__(
        self,
        scorers: Scorers,
        width: int,  # features of a pair
        for_new: Scorers = (),  # none: all artworks are scored alike
        line: tuple[float, float] = (1.0, 0.0),
        hidden: np.ndarray | None = None,  # bool, width
        column: int = 0,
    ):
        super().__init__()
        self.scorers, self.for_new, self.line, self.column = list(scorers), list(for_new), line, column
        self.seen = tf.constant(np.ones(width) if hidden is None else ~hidden, tf.float32)
        self.logits = tf.function(self._logits, input_signature=[tf.TensorSpec([None, width], tf.float32)])

    def _logits(self, features: tf.Tensor) -> tf.Tensor:
        known = tf.add_n([s(features) for s in self.scorers]) / len(self.scorers)
        if not self.for_new:
            return known
        blind = features * self.seen
        new = tf.add_n([s(blind) for s in self.for_new]) / len(self.for_new)
        return tf.where(features[:, self.column] > 0, known, self.line[0] * new + self.line[1])

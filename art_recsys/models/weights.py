"""The weights of towers by name, and copying them into towers with other vocabularies."""

from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow as tf

from .vocabularies import Vocabularies

__all__ = ["LayerWeights", "inherit_weights", "named_weights"]


def named_weights(
    layers: list,  # built Keras layers with `tables`: column -> Embedding
) -> dict[
    str, tf.Variable
]:  # 'candidate/artist', 'query/7': tables and image layer under their column, others by number
    "All weights by name"
    out: dict[str, tf.Variable] = {}
    for layer in layers:
        column = {id(t.embeddings): c for c, t in layer.tables.items()}
        if "image" in getattr(layer, "dense", {}):
            column[id(layer.dense["image"].kernel)] = "image"
        out |= {f"{layer.name}/{column.get(id(w), n)}": w for n, w in enumerate(layer.weights)}
    return out


class LayerWeights(Mapping[str, np.ndarray]):
    "The weights of layers that are not trained on, by name: each is read from its layer when it is asked for"

    def __init__(
        self,
        layers: list,  # as for `named_weights`
    ):
        self._named = named_weights(layers)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._named[name].numpy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)


def inherit_weights(
    layers: list,  # as for `named_weights`; these are changed
    vocabs: Vocabularies,  # theirs
    weights: Mapping[str, np.ndarray],  # trained ones, by name
    other: Vocabularies,  # those of the trained weights
) -> None:
    """Copy trained weights; a row is copied by the name of its entry, and a new entry starts from row 0 (unknown).

    Where the first pictures came after that training, or other vectors of them, the image layer starts from zero: it
    then changes no vector before it has learned something.
    """
    for name, w in named_weights(layers).items():
        old, c = weights[name], name.split("/")[1]
        if c == "image" and old.shape != w.shape:
            w.assign(tf.zeros_like(w))
        else:
            w.assign(old[vocabs.rows_in(other, c)] if c in vocabs.kept else old)

"""Models as files: TensorFlow's SavedModel, and the folder of trained towers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import tensorflow as tf

from art_recsys.config import UserError, read_json, write_atomic, write_json
from art_recsys.core import Cols

from .sparse_rows import SparseRows
from .vocabularies import PALETTE_SIZE, Vocabularies

__all__ = ["FORMAT", "ServedTowers", "check_format", "read_towers", "save_module", "write_towers"]

FORMAT = 4  # of the folder of towers; 3 had tags as an array, 2 no pictures, and version 0.1.0 wrote no number
READABLE = {3: FORMAT}  # earlier formats that are read as well


def save_module(
    module: tf.Module,  # its functions have input signatures
    path: Path,  # a folder, made here
) -> None:
    "Save a module as a SavedModel; the lines that TensorFlow logs about the folder are left out"
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("ERROR")
    try:
        tf.saved_model.save(module, str(path))
    finally:
        logger.setLevel(level)


def check_format(
    found: int | None,  # what the folder says about itself
    expected: int,  # the format that this version writes
    what: str,  # the beginning of the sentence, for example "The ranking model was"
    stage: str,  # the stage that trains it again
) -> None:
    "Raise `UserError` for a folder of another format than the one that is written now"
    if found == expected:
        return
    version = "an earlier version" if found is None else f"another version (format {found}, not {expected})"
    raise UserError(
        f"{what} saved by {version} of art_recsys and cannot be read.", f"train again: art-recsys {stage} --force"
    )


class ServedTowers(tf.Module):
    """Both towers as functions of plain arrays with fixed signatures, which are saved and served.

    A trained Keras model would bring its training graph along, and one with `FactorizedTopK` attached cannot be saved.
    """

    def __init__(
        self,
        candidate: tf.keras.layers.Layer,  # artworks -> vectors
        query_tower: tf.keras.layers.Layer,  # vectors of liked artworks, users -> a vector per step
        dim: int,  # of the vectors
        text_dim: int,  # of the text embeddings
        n_tags: int,  # columns of the matrix of tags
        image_dim: int,  # of the image embeddings
    ):
        super().__init__()
        self.candidate, self.query_tower = candidate, query_tower

        def rows(name: str) -> tf.TensorSpec:
            return tf.TensorSpec([None], tf.int32, name)

        def floats(name: str, *size: int | None) -> tf.TensorSpec:
            return tf.TensorSpec([None, *size], tf.float32, name)

        text = floats("text", text_dim)
        users = {c: rows(c) for c in (Cols.user_id, Cols.age, Cols.gender)} | {"text": text}
        works = {c: rows(c) for c in (Cols.artwork_id, *Vocabularies.parts, "period")}
        works |= {"palette": floats("palette", PALETTE_SIZE), "text": text, "tags": floats("tags", n_tags)}
        works |= {"image": floats("image", image_dim)}
        self.query = tf.function(self._query, input_signature=[floats("liked", None, dim), rows("length"), users])
        self.works = tf.function(self._works, input_signature=[works])

    def _query(self, liked: tf.Tensor, length: tf.Tensor, users: dict[str, tf.Tensor]) -> tf.Tensor:
        return tf.gather(self.query_tower(liked, users), length, batch_dims=1)

    def _works(self, works: dict[str, tf.Tensor]) -> tf.Tensor:
        return self.candidate(works)


def write_towers(
    towers: Any,  # `TrainedTowers`
    path: str | Path,  # a folder, made anew
    depth: int,  # how many of the earlier towers (`base`, and its `base`) are saved with them
) -> None:
    "SavedModel, weights, vectors and vocabularies"

    def time(t: pd.Timestamp | None) -> str | None:
        return None if t is None or pd.isna(t) else t.isoformat()

    about = {"format": FORMAT, "config": towers.config, "vocabs": towers.vocabs.kept}
    about |= {"candidate_ids": list(towers.candidate_ids), "fitted_on": towers.fitted_on, "chosen": towers.chosen}
    about |= {"choice": towers.choice}
    about |= {"cut": time(towers.cut), "until": time(towers.until), "log": towers.log.to_json(orient="records")}
    with write_atomic(Path(path)) as p:
        p.mkdir(parents=True)
        save_module(towers.served, p / "towers")
        sp.save_npz(p / "tags.npz", towers.artwork_features[Cols.tags].csr, compressed=False)
        arrays = {c: v for c, v in towers.artwork_features.items() if c != Cols.tags}
        np.savez(p / "works.npz", vectors=towers.vectors, **arrays)
        np.savez(p / "weights.npz", **towers.weights)
        write_json(about, p / "two_tower.json")
        if depth and towers.base is not None:
            write_towers(towers.base, p / "base", depth - 1)


def read_towers(
    path: Path,  # from `write_towers`
) -> dict[str, Any]:  # the attributes of `TrainedTowers`, `config` and `vectors` among them
    "What is in the folder, `base` aside; raises `UserError` for a folder of another format"
    if not (path / "two_tower.json").is_file():
        raise UserError(
            f"{path} holds no towers: two_tower.json is missing.", "train them: art-recsys retrieval --force"
        )
    kept = read_json(path / "two_tower.json")
    found = kept.pop("format", None)
    check_format(READABLE.get(found, found), FORMAT, f"The towers in {path} were", "retrieval")
    features: dict[str, Any] = dict(np.load(path / "works.npz"))
    features[Cols.tags] = SparseRows(features[Cols.tags] if Cols.tags in features else sp.load_npz(path / "tags.npz"))
    return kept | {
        "vocabs": Vocabularies(**kept["vocabs"]),
        "cut": None if kept["cut"] is None else pd.Timestamp(kept["cut"]),
        "until": None if kept["until"] is None else pd.Timestamp(kept["until"]),
        "log": pd.DataFrame(json.loads(kept["log"])),
        "candidate_ids": np.array(kept["candidate_ids"], object),
        "vectors": features.pop("vectors"),
        "artwork_features": features,
        "weights": np.load(path / "weights.npz"),  # each is read when it is asked for
        "served": tf.saved_model.load(str(path / "towers")),
    }

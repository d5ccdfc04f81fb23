"""Between two epochs: save the state of the training to disk, and measure on held-out likes to know when to stop."""

import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from art_recsys.config import fingerprint, write_atomic

from .interests import heads_at_work

__all__ = ["BruteForceExcluding", "Checkpoint", "InterestsTopK", "ValidationCallback", "checkpoint_file", "share_found"]

CELLS = 2**25  # scores that are in memory at once: more queries than fit are asked in parts
GAIN = 0.002  # smaller gains are within the noise


def checkpoint_file(
    folder: str | Path | None,  # None: no checkpoints
    *what: Any,  # JSON-able: settings and fingerprints of the data
) -> Path | None:
    "The file for the state of a training: another one for other settings or other data"
    return None if folder is None else Path(folder) / f"{fingerprint(*what)}.npz"


class ValidationCallback(tf.keras.callbacks.Callback):
    """Measure after every epoch, keep the best weights, stop when `patience` epochs brought no gain.

    Without a `measure` it only writes the log.
    """

    def __init__(
        self,
        measure: Callable[[], dict[str, float]] | None,  # the mean of `top_…` decides, higher is better
        patience: int,  # epochs
        log: list[dict],  # gets one row per epoch
    ):
        super().__init__()
        self.measure, self.patience, self.log_ = measure, patience, log
        self.best, self.epoch = -1.0, 0
        self.weights: list[np.ndarray] | None = None

    def on_epoch_end(
        self,
        epoch: int,  # counted from 0, by Keras
        logs: dict | None = None,  # has `mean_loss` of the epoch, which goes into the log
    ) -> None:
        "Called by Keras: measure, write a row of the log, and stop the training where it is over"
        metrics = self.measure() if self.measure else {}
        part = "held out" if self.measure else "all"
        self.log_.append({"epoch": epoch + 1, "part": part, "loss": float((logs or {})["mean_loss"]), **metrics})
        if not metrics:
            return
        value = float(np.mean([v for c, v in metrics.items() if c.startswith("top_")]))
        if value > self.best + GAIN:
            self.best, self.weights, self.epoch = value, self.model.get_weights(), epoch + 1
        self.model.stop_training = self.is_over

    @property
    def is_over(self) -> bool:  # whether patience has run out
        "Whether `patience` epochs have passed since the best one"
        return self.measure is not None and len(self.log_) - self.epoch >= self.patience


class Checkpoint(tf.keras.callbacks.Callback):
    """The state of a training after each epoch, in one file.

    It holds weights, the optimizer's variables, the best weights so far and the log. Random numbers depend on the
    seed and the epoch alone, so a training that was interrupted ends with the same numbers as one that was not.
    """

    def __init__(
        self,
        file: Path,  # .npz
        watch: ValidationCallback,  # comes before this callback
    ):
        super().__init__()
        self.file, self.watch = file, watch

    def on_epoch_end(
        self,
        epoch: int,  # not read: `watch` counts the epochs
        logs: dict | None = None,  # not read
    ) -> None:
        "Called by Keras: write the file atomically, after `watch` has measured"
        w = self.watch
        kept = {
            "model": self.model.get_weights(),
            "optimizer": [v.numpy() for v in self.model.optimizer.variables],
            "best": w.weights or [],
        }
        arrays = {f"{part} {n}": v for part, values in kept.items() for n, v in enumerate(values)}
        about = json.dumps({"best": w.best, "epoch": w.epoch, "log": w.log_})
        with write_atomic(self.file) as p, open(p, "wb") as f:
            np.savez(f, about=about, **arrays)

    def restore(
        self,
        towers: tf.keras.Model,  # compiled, its optimizer built
    ) -> int:  # epochs that need not be done again
        "Put the state from the file into the model; a damaged file is reported and ignored"
        if not self.file.is_file():
            return 0
        try:
            kept = dict(np.load(self.file))
            about = json.loads(str(kept.pop("about")))
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
            warnings.warn(f"{self.file.name} is damaged: the training starts again from the beginning", stacklevel=2)
            return 0

        def part(name: str) -> list[np.ndarray]:
            return [kept[f"{name} {n}"] for n in range(sum(k.startswith(name) for k in kept))]

        towers.set_weights(part("model"))
        for v, value in zip(towers.optimizer.variables, part("optimizer"), strict=True):
            v.assign(value)
        self.watch.best, self.watch.epoch, self.watch.weights = about["best"], about["epoch"], part("best") or None
        self.watch.log_.extend(about["log"])
        return len(about["log"])


class BruteForceExcluding(tfrs.layers.factorized_top_k.BruteForce):
    "TFRS's exact search that leaves out what each query's user likes already"

    def leave_out(
        self,
        excluded: list[list[int]],  # item indices, one list per query
    ) -> "BruteForceExcluding":  # this layer
        "Say what must not be found by the next call"
        self.excluded = np.array([(n, i) for n, row in enumerate(excluded) for i in row], np.int32).reshape(-1, 2)
        return self

    def call(self, queries: tf.Tensor, k: int | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        "The `k` best candidates of m `queries` (m x dim or m x K x dim): scores and identifiers, both m x k"
        if len(queries.shape) == 3:  # several interests
            scores = tf.reduce_max(tf.einsum("qkd,cd->qkc", queries, self._candidates), 1)
        else:
            scores = self._compute_score(queries, self._candidates)
        scores = tf.tensor_scatter_nd_update(scores, self.excluded, tf.fill([len(self.excluded)], -1e9))
        best, at = tf.math.top_k(scores, k)
        return best, tf.gather(self._identifiers, at)


class InterestsTopK(tfrs.metrics.FactorizedTopK):
    """TFRS's metric, by ids, for one or several query vectors per user.

    TFRS's own Retrieval task leaves out its metric where queries are `[queries, heads, dim]`. By ids it needs nothing
    but the list that the index returns, so an index that scores by the maximum is all that is missing.
    """

    def update_state(
        self,
        query_embeddings: tf.Tensor,  # m x dim or m x K x dim
        true_candidate_embeddings: tf.Tensor,  # m x dim; only its shape counts
        true_candidate_ids: tf.Tensor,  # m identifiers, as the index has them
        sample_weight: tf.Tensor | None = None,  # m
    ) -> tf.Operation:
        "Count for how many of the queries the true candidate is among the best"
        if len(query_embeddings.shape) == 3:
            true_candidate_embeddings = true_candidate_embeddings[:, None]
        return super().update_state(query_embeddings, true_candidate_embeddings, true_candidate_ids, sample_weight)


def share_found(
    queries: np.ndarray,  # m x dim or m x K x dim
    candidates: np.ndarray,  # n x dim: the whole catalogue
    answers: np.ndarray,  # m item indices: for each query the artwork that was liked
    excluded: list[list[int]],  # m lists of item indices that must not be found: what the user likes already
) -> dict[str, float]:  # `top_10`, `top_50`, `top_100`, those that the catalogue is large enough for
    "FactorizedTopK of TFRS, by ids: the share of the answers that are among the best k; and what several vectors do"
    n = len(candidates)
    ks = [k for k in (10, 50, 100) if k <= n] or [1]
    index = BruteForceExcluding(k=max(ks))
    index.index(candidates, tf.range(n))
    metric = InterestsTopK(candidates=index, ks=ks)
    for a in range(0, len(queries), step := max(1, CELLS // n)):
        at = slice(a, a + step)
        index.leave_out(excluded[at])
        metric.update_state(queries[at], candidates[answers[at]], true_candidate_ids=tf.constant(answers[at], tf.int32))
    found = {f"top_{k}": float(v) for k, v in zip(ks, metric.result(), strict=True)}
    return found | heads_at_work(queries, candidates[answers])


def found_after_each_epoch(
    tower: Any,  # `TwoTower` while it is trained
    history: list[list[int]],  # m lists of item indices
    item: np.ndarray,  # m item indices: for each history the like that came next
    profiles: dict[str, np.ndarray],  # what the query tower reads of the users, m rows
) -> ValidationCallback:
    "`share_found` after every epoch, with the weights as they are; with few likes, no epoch ends the training early"

    def measure() -> dict[str, float]:
        tower.index_catalogue()
        return share_found(tower.query_vectors(history, profiles), tower.candidates, item, history)

    return ValidationCallback(measure, tower.patience if len(item) >= 200 else tower.epochs, tower.rows)

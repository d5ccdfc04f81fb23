"""Likes per second in training: `TwoTower.fit` against TFRS's stock `fit` with the same towers.

    python benchmarks/training.py HOME [--likes 20000] [--rounds 3] [--profile]

HOME must have run up to `features`. The stock models follow the TFRS tutorials. A `tf.data` table has one row per like
with strings, numbers and the text vectors of user and artwork. `StringLookup` and `Discretization` are in the model. It
is shuffled, batched and trained by Keras' `fit` with the Retrieval task. `stock` has the same layers as `TwoTower`, and
each row has a history of up to 50 ids, which go through an embedding table. `stock without history` leaves out the
history and its attention, so it is a much smaller model than ours. `TwoTower` trains on all steps of a history at once
and looks up text vectors in a constant table. Each of its batches also has the same number of artworks drawn at random
as negatives; the stock models do not have these.

All models train on the same likes with the same batch size, in turn, for a few epochs each. The first epoch of every
`fit` traces the graph and is not counted. The figures are medians over epochs: likes per second of wall-clock time, and
likes per CPU second of all threads. Other work on the machine does not change the latter.
"""

import art_recsys  # isort: skip  # noqa: F401  must come before TensorFlow: it selects Keras 2

import argparse
import cProfile
import json
import pstats
import time
from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf
import tensorflow_recommenders as tfrs
from about import add_options
from homes import settings_of

from art_recsys.core import Cols, as_artworks, as_events, as_users, positives
from art_recsys.features import load_frames
from art_recsys.models.checkpoints import ValidationCallback
from art_recsys.models.vocabularies import Vocabularies, palette_vector
from art_recsys.platform.login import login
from art_recsys.retrieval import CandidateTower, QueryTower, TwoTower, history_layers, make_two_tower


class Stock(tfrs.Model):
    "The same towers with the input pipeline of the TFRS tutorials"

    def __init__(self, model: TwoTower, history: bool):
        super().__init__()
        kept, sizes, self.width = model.vocabs.kept, model.vocabs.sizes(), model.dim
        words = {c: kept[c] for c in (Cols.user_id, Cols.artwork_id, *Vocabularies.parts)} | {
            Cols.gender: ["F", "M", "N"]
        }
        self.rows = {c: tf.keras.layers.StringLookup(vocabulary=v, mask_token=None) for c, v in words.items()}
        self.bins = {
            c: tf.keras.layers.Discretization(bin_boundaries=b)
            for c, b in ((Cols.age, list(range(10, 100, 10))), ("period", list(kept["periods"])))
        }
        self.candidate = CandidateTower(sizes, model.dim, 1)
        blocks, width = model.blocks if history else 0, model.history_length + 1
        self.query = QueryTower(
            sizes, model.dim, history_layers(blocks, width, model.dim, model.dropout, 2), model.dropout, 2
        )
        self.liked = tf.keras.layers.Embedding(sizes[Cols.artwork_id], model.dim) if history else None
        self.task = tfrs.tasks.Retrieval(temperature=model.temperature, remove_accidental_hits=True)

    def compute_loss(self, batch: dict, training: bool = False) -> tf.Tensor:
        works = {c: self.rows[c](batch[c]) for c in (Cols.artwork_id, *Vocabularies.parts)}
        works |= {
            "period": self.bins["period"](batch["period"]),
            "text": batch["text"],
            "palette": batch["palette"],
            Cols.tags: batch[Cols.tags],
        }
        users = {c: self.rows[c](batch[c]) for c in (Cols.user_id, Cols.gender)}
        users |= {Cols.age: self.bins[Cols.age](batch[Cols.age]), "text": batch["user_text"]}
        if self.liked is None:
            q = self.query(tf.zeros((tf.shape(batch["text"])[0], 0, self.width)), users)[:, 0]
        else:
            q = tf.gather(
                self.query(self.liked(self.rows[Cols.artwork_id](batch["history"])), users, tf.constant([1, 0])),
                batch["length"],
                batch_dims=1,
            )
        x = tf.math.l2_normalize(self.candidate(works), -1)
        return self.task(q, x, candidate_ids=batch[Cols.artwork_id], compute_metrics=False, compute_batch_metrics=False)


def table(
    model: TwoTower, works: pd.DataFrame, users: pd.DataFrame, liked: pd.DataFrame, history: bool
) -> tf.data.Dataset:
    "The dataset of the TFRS tutorials: one row per like"
    w = works.iloc[[model.item_index[a] for a in liked[Cols.artwork_id]]]
    u = users.set_index(Cols.user_id).loc[liked[Cols.user_id]].reset_index()
    strings = lambda s: s.to_numpy(str)  # noqa: E731
    rows = {c: strings(w[c]) for c in (Cols.artwork_id, *Vocabularies.parts)} | {
        c: strings(u[c]) for c in (Cols.user_id, Cols.gender)
    }
    rows |= {Cols.tags: model.vocabs.tags(w[Cols.tags]), "period": w[Cols.year_start].fillna(0).to_numpy(np.float32)}
    rows |= {
        Cols.age: u[Cols.age].fillna(0).to_numpy(np.float32),
        "palette": np.array([palette_vector(p) for p in w[Cols.palette]], np.float32),
        "text": np.stack(w[Cols.text_embedding]).astype(np.float32),
        "user_text": np.stack(u[Cols.text_embedding]).astype(np.float32),
    }
    if history:
        past, before = {}, np.full((len(liked), model.history_length), "", object)
        length = np.zeros(len(liked), np.int32)
        for n, (user, work) in enumerate(zip(liked[Cols.user_id], liked[Cols.artwork_id], strict=True)):
            h = past.setdefault(user, [])[-model.history_length :]
            before[n, : len(h)], length[n] = h, len(h)
            past[user].append(work)
        rows |= {"history": before.astype(str), "length": length}
    return (
        tf.data.Dataset.from_tensor_slices(rows)
        .shuffle(100_000, seed=1)
        .batch(model.batch_size)
        .prefetch(tf.data.AUTOTUNE)
    )


class Clock(ValidationCallback):
    "Records wall-clock seconds and CPU seconds of all threads of every epoch except the first"

    def __init__(self):
        super().__init__(dict, 0, [])
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.begin = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        if epoch:
            self.seconds.append((time.perf_counter() - self.begin[0], time.process_time() - self.begin[1]))


def stock(model, works, users, liked, epochs: int, history: bool) -> list[tuple]:
    "Seconds and CPU seconds per epoch of the stock model"
    towers, clock = Stock(model, history), Clock()
    towers.compile(optimizer=tf.keras.optimizers.Adam(model.learning_rate))
    towers.fit(table(model, works, users, liked, history), epochs=epochs, verbose=0, callbacks=[clock])
    return clock.seconds


def ours(model, works, users, liked, epochs: int) -> list[tuple]:
    "Seconds and CPU seconds per epoch of `TwoTower`"
    clock = Clock()
    model.train(model.build(), liked, users[Cols.user_id].tolist(), epochs, clock)
    return clock.seconds


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--likes", type=int, default=20_000, help="number of likes to train on, the earliest first")
    arg.add_argument("--rounds", type=int, default=3, help="trainings per model")
    arg.add_argument("--epochs", type=int, default=3, help="epochs per round; the first is not counted")
    arg.add_argument(
        "--profile", action="store_true", help="only train TwoTower, and print the functions that take the most time"
    )
    add_options(arg)
    a = arg.parse_args()
    settings = settings_of(a.home)
    works, users, events = load_frames(login(settings), settings)
    works = as_artworks(works)
    events = as_events(events, works[Cols.artwork_id])
    keep = positives(events).iloc[: a.likes]
    events = events[events[Cols.ts] <= keep[Cols.ts].max()]
    model = make_two_tower(settings)
    users, _, liked = model.read_frames(works, as_users(users), events)
    model.item_index = {w: n for n, w in enumerate(model.candidate_ids)}
    if a.profile:
        with cProfile.Profile() as profile:
            seconds = ours(model, works, users, liked, a.epochs)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)
        return print(json.dumps({"likes_per_s": round(len(liked) / np.median(seconds, 0)[0])}))
    sides = {
        "stock": lambda: stock(model, works, users, liked, a.epochs, True),
        "stock without history": lambda: stock(model, works, users, liked, a.epochs, False),
        "TwoTower": lambda: ours(model, works, users, liked, a.epochs),
    }
    times = {name: [] for name in sides}
    for _ in range(a.rounds):
        for name, run in sides.items():
            times[name] += run()
    rate = {name: len(liked) / np.array(t) for name, t in times.items()}
    out = {
        name: {
            "likes_per_s": round(float(np.median(r[:, 0]))),
            "lowest": round(r[:, 0].min()),
            "highest": round(r[:, 0].max()),
            "likes_per_cpu_s": round(float(np.median(r[:, 1]))),
            "epochs": len(r),
        }
        for name, r in rate.items()
    }
    beside = {
        f"TwoTower / {name}": [round(out["TwoTower"][k] / out[name][k], 2) for k in ("likes_per_s", "likes_per_cpu_s")]
        for name in sides
        if name != "TwoTower"
    }
    figures = {
        "works": len(works),
        "users": len(users),
        "likes": len(liked),
        "batch_size": model.batch_size,
        "history_length": model.history_length,
        **out,
        **beside,
    }
    print(json.dumps(figures, indent=1))
    keep(figures, a, settings.seed, a.home)


if __name__ == "__main__":
    main()

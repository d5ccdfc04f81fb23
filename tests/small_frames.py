"""Small frames with an id and a title per artwork, and recommenders that train for one epoch."""

import numpy as np
import pandas as pd

from art_recsys.config import load_settings
from art_recsys.core import Cols, Event
from art_recsys.recommendation import make_recommenders

BASELINES = ["random", "popularity", "content_knn", "visual_knn", "item_knn", "als", "ease"]
OURS = ["two_tower", "two_stage", "page"]
PAIR = [Cols.user_id, Cols.artwork_id]


def frames(n_works=30, n_users=20, n_events=400, seed=0):
    "Works with id, title and mostly a picture, users with an id, whole numbers as ids, some users only in the events"
    r = np.random.default_rng(seed)
    works = pd.DataFrame({Cols.artwork_id: np.arange(n_works) + 100, Cols.title: [f"Work {i}" for i in range(n_works)]})
    users = pd.DataFrame({Cols.user_id: np.arange(n_users)})
    events = pd.DataFrame(
        {
            Cols.event_id: np.arange(n_events),
            Cols.user_id: r.integers(2, n_users + 3, n_events),  # 0 and 1 have none
            Cols.artwork_id: (r.random(n_events) ** 2 * n_works).astype(int) + 100,
            Cols.event: r.choice([Event.like, *Event.all], n_events),
            Cols.ts: pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(r.integers(0, 10**6, n_events), unit="s"),
        }
    )
    pictures = r.normal(size=(n_works, 4)).astype(np.float32)
    pictures[::7] = 0  # without a picture
    works[Cols.image_embedding] = list(pictures / np.maximum(np.linalg.norm(pictures, axis=1, keepdims=True), 1e-9))
    return works, users, events


def quick() -> dict:
    "Fresh recommenders, ours trained for one epoch"
    return make_recommenders(load_settings(epochs=1, embedding_dim=8, batch_size=64, history_length=5))

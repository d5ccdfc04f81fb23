"""A small catalogue with known structure, and a crowd of users made from it."""

import numpy as np
import pandas as pd

from art_recsys.config import Home, load_settings, read_parquet, write_parquet
from art_recsys.core import Cols, as_artworks, as_events, positives
from art_recsys.core import ndcg as ndcg_of
from art_recsys.simulator.truth import Truth
from art_recsys.users import make_users

SUBJECTS = ["sea", "portrait", "flowers", "street", "mountain", "horse", "grid", "church"]
MOODS = ["night", "joyful", "calm", "storm"]
COLOURS = ["#2d45a0", "#9e1b32", "#57683a", "#efe6d2", "#cc6a1c", "#16130f"]


def catalogue(n=200, bare=False):
    "Works of twenty artists who each keep to three subjects and a period of several artists, in four moods"
    r = np.random.default_rng(0)
    artist = r.integers(20, size=n)
    works = pd.DataFrame(
        {Cols.artwork_id: [f"w{i:04d}" for i in range(n)], Cols.title: [f"Work {i}" for i in range(n)]}
    )
    if bare:
        return as_artworks(works)
    subject = (artist + r.integers(3, size=n)) % len(SUBJECTS)
    mood = r.integers(4, size=n)
    return as_artworks(
        works.assign(
            artist=[f"Artist {a}" for a in artist],
            year_end=1700.0 + 40 * (artist % 7),
            category=["Painting" if a % 3 else "Print" for a in artist],
            tags=[[SUBJECTS[s], "art", MOODS[m]] for s, m in zip(subject, mood, strict=True)],
            palette=[[COLOURS[(s + m) % 6]] for s, m in zip(subject, mood, strict=True)],
            description=[f"A picture of {SUBJECTS[s]}." for s in subject],
        )
    )


def make_crowd(folder, n_users=500):
    "A home with 200 works and 500 users; read it, do not change it"
    settings = load_settings("smoke", folder / "home", n_users=n_users)
    home = Home.of(settings)
    write_parquet(catalogue(), home.file("enriched.parquet"))
    summary = make_users(settings)
    works = as_artworks(read_parquet(home.file("enriched.parquet")))
    events = as_events(read_parquet(home.file("events.parquet")), works[Cols.artwork_id])
    return dict(
        settings=settings,
        home=home,
        works=works,
        users=read_parquet(home.file("users.parquet")),
        events=events,
        summary=summary,
        truth=Truth.load(home.file("users_truth.npz")),
    )


def matrix(events, crowd):
    "bool [users, works]: the likes that stand"
    p = positives(events)
    m = np.zeros((len(crowd["users"]), len(crowd["works"])), bool)
    m[
        pd.Index(crowd["users"][Cols.user_id]).get_indexer(p[Cols.user_id]),
        pd.Index(crowd["works"][Cols.artwork_id]).get_indexer(p[Cols.artwork_id]),
    ] = True
    return m


def ndcg(scores, train, test, k=10):
    "Mean NDCG@k over the users with likes in `test`; what is liked in `train` is left out"
    top = np.argsort(-np.where(train, -np.inf, scores), axis=1)[:, :k]
    return ndcg_of(np.take_along_axis(test, top, 1), test.sum(1), k)[test.any(1)].mean()

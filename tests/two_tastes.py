"Three small frames with two tastes that only the likes know of"

import numpy as np
import pandas as pd

from art_recsys.core import Cols

DAY = 86_400


def museum(n_users=60, n_works=40, likes=8, seed=0):
    "Two tastes: even users like works of the first half, odd ones of the second; vectors know nothing of it"
    r = np.random.default_rng(seed)
    works = pd.DataFrame(
        {
            Cols.artwork_id: [f"w{n}" for n in range(n_works)],
            Cols.title: [f"work {n}" for n in range(n_works)],
            Cols.artist: [f"artist {n % 7}" for n in range(n_works)],
            Cols.text_embedding: list(r.normal(size=(n_works, 8)).astype("float32")),
        }
    )
    users = pd.DataFrame(
        {Cols.user_id: [f"u{n}" for n in range(n_users)], Cols.age: [20 + n % 50 for n in range(n_users)]}
    )
    rows = [
        (f"u{u}", f"w{w + (u % 2) * n_works // 2}", int(t))
        for u in range(n_users)
        for w, t in zip(r.choice(n_works // 2, likes, False), sorted(r.integers(0, 100 * DAY, likes)), strict=False)
    ]
    events = pd.DataFrame(rows, columns=[Cols.user_id, Cols.artwork_id, Cols.ts])
    return works, users, events.assign(**{Cols.event: "like", Cols.event_id: [str(n) for n in range(len(rows))]})

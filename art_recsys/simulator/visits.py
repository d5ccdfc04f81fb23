"""temporary"""

import numpy as np
import pandas as pd

from art_recsys.config import rng
from art_recsys.core import Event, ndcg


def simulate_visits(service, wants, pages=10, k=6, send_likes=True, notice=0.8, seed=42, name="simulated"):
    r, rows, n = rng(seed, "visit"), [], len(wants)
    shown, place = [set() for _ in range(n)], {a: p for p, a in enumerate(service.catalogue.ids)}
    for page in range(1, pages + 1):
        for v, want in enumerate(wants):
            items = service.recommend(f"{name}-{v}", k, exclude=tuple(shown[v]))["items"]
            ids = [i["artwork_id"] for i in items]
            good = np.array([want[place[a]] for a in ids], bool)
            left = int(want.sum() - sum(want[place[a]] for a in shown[v]))
            shown[v].update(ids)
            likes = [a for a, g in zip(ids, good) if g and r.random() < notice]
            if send_likes and likes:
                service.send_events([{"user_id": f"{name}-{v}", "artwork_id": a, "event": Event.like} for a in likes])
            found = sum(want[place[a]] for a in shown[v]) / max(1, want.sum())
            rows.append(
                (
                    v,
                    page,
                    good.mean() if len(good) else 0.0,
                    float(ndcg(good[None], np.array([left]), k)[0]) if left else np.nan,
                    found,
                )
            )
    return pd.DataFrame(rows, columns=["user", "page", "wanted_share", "ndcg", "found_share"])

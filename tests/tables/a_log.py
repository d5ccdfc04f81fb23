"""A log with everything that can happen to a pair: shown twice, liked, taken back, hidden, two events at one time."""

import numpy as np
import pandas as pd

from art_recsys.core import as_events


def a_log(n: int = 600, seed: int = 1) -> pd.DataFrame:  # normalised
    "`n` events of 12 users and 15 artworks"
    r = np.random.default_rng(seed)
    kinds = ["impression", "impression", "impression", "click", "like", "like", "unlike", "hide"]
    df = pd.DataFrame(
        {
            "event_id": [f"e{i:04}" for i in range(n)],
            "user_id": [f"u{i:02}" for i in r.integers(0, 12, n)],
            "artwork_id": [f"w{i:02}" for i in (15 * r.random(n) ** 1.5).astype(int)],
            "event": r.choice(kinds, n),
            "ts": pd.Timestamp(2026, 1, 1, tz="UTC") + pd.to_timedelta(np.sort(r.integers(0, n, n)), unit="h"),
            "position": r.integers(1, 24, n).astype(float),
            "request_id": [f"r{i}" for i in r.integers(0, 40, n)],
            "model_version": "one",
            "propensity": 0.5,
        }
    )
    return as_events(df)

"""Simulated visitors of a running service: they turn pages and like what they want."""

from typing import Any, Protocol

import numpy as np
import pandas as pd

from art_recsys.config import rng
from art_recsys.core import Cols, Event, ndcg

__all__ = ["VISIT_COLS", "Visitable", "simulate_visits"]

VISIT_COLS = ["user", "page", "wanted_share", "ndcg", "found_share"]


class Visitable(Protocol):
    "What a visit needs of a service, such as `serving.service.Service`"

    catalogue: Any  # With `ids`, the artwork ids that can be shown

    def recommend(self, user_id: str, k: int, *, exclude: tuple[str, ...]) -> dict:
        "A page of `k` artworks for `user_id`, none of them in `exclude` (artwork ids)"
        ...

    def send_events(self, events: list[dict]) -> dict:
        "Record `events`: `{user_id, artwork_id, event, request_id?}`"
        ...


def simulate_visits(
    service: Visitable,  # `recommend` answers `{"items": [{"artwork_id": ...}, ...]}`
    wants: np.ndarray,  # bool [users, works] in the order of `service.catalogue.ids`, from `wanted_works`
    pages: int = 10,  # Pages that each user turns
    k: int = 6,  # Artworks per page
    send_likes: bool = True,  # Whether the service hears of the likes
    notice: float = 0.8,  # Probability that a wanted artwork on a page is liked
    seed: int = 42,  # Of the likes
    name: str = "simulated",  # Beginning of the users' ids
) -> pd.DataFrame:  # `user, page, wanted_share, ndcg, found_share`, one row per user and page
    """Users turn pages of recommendations and like what they want; all of them see their first page first.

    `wanted_share` is the share of the page that the user wants, `ndcg` measures its order (NaN where the user has seen
    everything they want), and `found_share` is the share of all wanted artworks that the user has been shown so far.
    """
    r, rows = rng(seed, "visit"), []
    item_index = {a: i for i, a in enumerate(service.catalogue.ids)}
    shown: list[list[str]] = [[] for _ in wants]
    for page in range(1, pages + 1):
        for v, want in enumerate(wants):
            items = service.recommend(f"{name}-{v}", k, exclude=tuple(shown[v]))["items"]
            ids = [i[Cols.artwork_id] for i in items]
            hits = want[[item_index[a] for a in ids]]
            left = int(want.sum() - want[[item_index[a] for a in shown[v]]].sum())
            shown[v] += [a for a in ids if a not in shown[v]]
            likes = [a for a, hit in zip(ids, hits, strict=True) if hit and r.random() < notice]
            if send_likes and likes:
                events = [{Cols.user_id: f"{name}-{v}", Cols.artwork_id: a, Cols.event: Event.like} for a in likes]
                service.send_events(events)
            order = float(ndcg(hits[None], np.array([left]), k)[0]) if left else np.nan
            found = want[[item_index[a] for a in shown[v]]].sum() / max(1, want.sum())
            rows.append((v, page, hits.mean() if len(hits) else 0.0, order, found))
    return pd.DataFrame(rows, columns=VISIT_COLS)

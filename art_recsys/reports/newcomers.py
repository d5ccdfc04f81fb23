"""New users and new artworks: the metrics of each recommender for them.

Users who have liked three artworks in half a year do not behave like users on their first evening. So the log's users
with few likes cannot stand for newcomers. Instead some users are taken out of the training altogether. Each recommender
is then asked about them with nothing but their profile, with their first like, with their first three, and so on. The
test positives stay the same, and so do the artworks that are left out of their lists. In the same way some artworks are
taken out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.config import UserError, progress, rng
from art_recsys.core import Cols, positives, seen
from art_recsys.language.texts import counted
from art_recsys.measures.statistics import intervals, ratio_interval
from art_recsys.models.requests import KnownUsers

__all__ = ["KNOWN_LIKES", "MEASURED", "ColdStart", "cold_split", "cold_start"]

KNOWN_LIKES = 0, 1, 3, 5, 10
MEASURED = (
    "popularity",
    "content_knn",
    "visual_knn",
    "item_knn",
    "ease",
    "two_tower",
    "two_stage",
    "page",
)  # fitted once more for it


@dataclass
class ColdStart:
    """A split by user and by artwork, beside the split by time."""

    train: pd.DataFrame  # events to learn from: none of the newcomers, none of the new artworks
    history: pd.DataFrame  # events of the newcomers, on the other artworks
    newcomers: pd.DataFrame  # test positives of newcomers, `user_id, artwork_id`
    new_works: pd.DataFrame  # test positives on new artworks, by other users


def cold_split(
    works: pd.DataFrame,  # normalised
    train: pd.DataFrame,  # events, as from `hold_out`
    test: pd.DataFrame,  # test positives, as from `hold_out`
    seed: int = 42,  # of the choice of users and artworks
    share: float = 0.1,  # of the artworks that are new
    most: int = 200,  # newcomers; never more than half of those who could be
) -> ColdStart:
    "Take some users and some artworks out of the training"
    r, ids = rng(seed, "cold start"), works[Cols.artwork_id].to_numpy(object)
    new = set(r.choice(ids, int(share * len(ids)), replace=False))
    is_new = lambda df: df[Cols.artwork_id].isin(new)  # noqa: E731
    rest = test[~is_new(test)]
    n = positives(train[~is_new(train)]).groupby(Cols.user_id).size()
    could = sorted(set(n[n >= KNOWN_LIKES[-1]].index) & set(rest[Cols.user_id]))
    users = set(r.permutation(np.array(could, object))[: min(most, len(could) // 2)])
    of = lambda df: df[Cols.user_id].isin(users)  # noqa: E731
    return ColdStart(
        train[~of(train) & ~is_new(train)],
        train[of(train) & ~is_new(train)],
        rest[of(rest)],
        test[is_new(test) & ~of(test)],
    )


def _part(values: pd.Series, seed: int) -> dict:
    "`users, mean, low, high`"
    return {"users": len(values), **intervals(values.to_frame(), seed).iloc[0]}


def newcomer_lists(
    model: Any,  # a fitted `RecommenderBase`
    cold: ColdStart,  # whose `newcomers` are asked about
    known: KnownUsers,  # profiles, and likes from `cold.history`
    n: int | None,  # likes that are known, the oldest first; None: all
    k: int,  # artworks per user
) -> pd.DataFrame:  # `user_id, artwork_id, score, rank`
    "Recommendations for the newcomers when n of their likes are known; what they decided upon is left out for every n"
    users = list(cold.newcomers[Cols.user_id].unique())
    decided = seen(cold.history).groupby(Cols.user_id)[Cols.artwork_id].agg(list)
    requests = [known.request(u) for u in users]
    requests = [
        r | {"history": r["history"][:n], "hidden": decided.get(u, [])} for u, r in zip(users, requests, strict=True)
    ]
    return model.recommend_requests(users, requests, k)


def cold_start(
    works: pd.DataFrame,  # normalised
    users: pd.DataFrame,  # normalised
    cold: ColdStart,  # from `cold_split`
    models: dict,  # name -> recommender that is not fitted yet
    per_user: Callable,  # `(recs, test, metrics)` -> one row per user
    k: int = 10,  # of NDCG
    seed: int = 42,  # of the bootstrap
) -> dict[str, pd.DataFrame]:  # recommender -> rows by known likes and 'new works'
    "NDCG@k for newcomers as their likes become known, also as a share of that with all likes, and for new artworks"
    found, metric, known = {}, f"ndcg@{k}", KnownUsers(users, cold.history)
    for name in progress(list(models), "newcomers", unit="model"):
        try:
            model = models[name].fit(works, users, cold.train)
        except UserError:
            continue  # the evaluation has reported why
        rows = {}
        if len(cold.new_works):
            recs = model.recommend(list(cold.new_works[Cols.user_id].unique()), k)
            rows["new works"] = _part(per_user(recs, cold.new_works, [metric])[metric], seed)
        if len(cold.newcomers):
            by = {
                n: per_user(newcomer_lists(model, cold, known, n, k), cold.newcomers, [metric])[metric]
                for n in (*KNOWN_LIKES, None)
            }
            warm = by[None].to_numpy()
            rows |= {
                "all likes" if n is None else counted(n, "like"): _part(v, seed)
                | ratio_interval(v.to_numpy(), warm, seed)
                for n, v in by.items()
            }
        found[name] = pd.DataFrame(rows).T
    return found

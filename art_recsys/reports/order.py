"""Does the order of the likes matter? The same model is asked with histories in order and with shuffled ones.

Klenitskiy and others, Does it look sequential?, 2024 (https://arxiv.org/abs/2408.12008): where shuffling costs nothing,
a log has no order that a model could use, or the model does not use it.
"""

import pandas as pd

from art_recsys.config import rng
from art_recsys.core import Cols
from art_recsys.measures.hits import per_user
from art_recsys.measures.statistics import intervals, sign_flip_p
from art_recsys.models.recommender import RecommenderBase

__all__ = ["order_matters"]

_LEAST = 3  # Likes of a history that can be shuffled


def order_matters(
    model: RecommenderBase,  # fitted, reads the history in order
    test: pd.DataFrame,  # test positives
    k: int = 10,  # of NDCG
    seed: int = 42,  # of the shuffles, the bootstrap and the sign flips
    draws: int = 3,  # shuffles per user, whose mean counts
) -> (
    pd.DataFrame
):  # rows `in order`, `shuffled`; `users, ndcg@k`, and `difference, low, high, p` of the second to the first
    "NDCG@k with histories in order and shuffled, for the users with three likes or more"
    r, metric = rng(seed, "order"), f"ndcg@{k}"
    requests = {u: q for u in test[Cols.user_id].unique() if len((q := model.known.request(u))["history"]) >= _LEAST}
    if not requests:
        return pd.DataFrame()
    asked = test[test[Cols.user_id].isin(list(requests))]

    def ndcg_of(histories: list[list[str]]) -> pd.Series:
        given = [q | {"history": h} for q, h in zip(requests.values(), histories, strict=True)]
        return per_user(model.recommend_requests(list(requests), given, k), asked, [metric])[metric]

    real = [q["history"] for q in requests.values()]
    ordered = ndcg_of(real)
    shuffled = sum(ndcg_of([list(r.permutation(h)) for h in real]) for _ in range(draws)) / draws
    gap = (shuffled - ordered).to_frame("difference")
    change = intervals(gap, seed).iloc[0].rename({"mean": "difference"})
    rows = {
        "in order": {"users": len(requests), metric: ordered.mean()},
        "shuffled": {"users": len(requests), metric: shuffled.mean(), **change}
        | {"p": sign_flip_p(gap["difference"].to_numpy(), seed=seed)},
    }
    return pd.DataFrame(rows).T

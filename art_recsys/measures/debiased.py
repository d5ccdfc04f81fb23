"""Metrics that count a hit on a little-known artwork for more: popularity decides what a log shows, not only taste.

A like of a famous artwork is likely to be in a log, one of an unknown artwork is not. A metric over logged likes
therefore favours recommenders that show what is famous. With the probability p that a like of an artwork is logged (its
propensity), each test positive counts 1/p. Yang and others, Unbiased offline recommender evaluation for
missing-not-at-random implicit feedback, RecSys 2018, take a power of the popularity: p is proportional to
n ** ((gamma + 1) / 2), with n the likes in the training part. The factor cancels, because each metric is divided by the
sum of the weights. With gamma = 1 a test positive on an artwork with twice the likes counts half, with gamma = -1 all
count the same, which is the plain metric. No log says which gamma is right. So read these figures as a second view:
does the order of the recommenders hold if popularity counts for less?

- `recall_ips`: the share of a user's weights that is found (their self-normalised estimate). A
  user with one test positive has the same value as without weights.
- `recall_strata`: the same over all users at once, the popularity-stratified recall of Steck, Item popularity and
  recommendation accuracy, RecSys 2011. Its mean over users is the weight that is found, divided by all the weight.
- `ndcg_ips`: NDCG with the weights as gains.
"""

import numpy as np
import pandas as pd

from art_recsys.core import Cols

from .hits import hits_of

__all__ = ["GAMMA", "debiased", "effective", "inverse_propensity"]

GAMMA = 1.0  # a higher one leaves fewer test positives that count: see `effective`


def inverse_propensity(
    likes: pd.Series,  # likes in the training part, by artwork id
    gamma: float = GAMMA,  # how much popularity decides about what is logged; -1: not at all
) -> pd.Series:  # weights above 0 by artwork id, 1 for an artwork with one like
    "1/p of each artwork; one without a like counts as if it had one (the paper leaves it out)"
    if gamma < -1:
        raise ValueError(f"gamma is -1 or higher, not {gamma}")
    return likes.clip(lower=1).astype(float) ** (-(gamma + 1) / 2)


def effective(
    test: pd.DataFrame,  # `artwork_id` of the test positives
    weights: pd.Series,  # `inverse_propensity`
) -> float:  # at most as many as there are test positives
    "How many test positives of equal weight would tell as much: (sum of weights)² / sum of squares (Kish, 1965)"
    w = weights.reindex(test[Cols.artwork_id]).fillna(1).to_numpy()
    return float(w.sum() ** 2 / (w**2).sum()) if len(w) else 0.0


def debiased(
    recs: pd.DataFrame,  # `user_id, artwork_id`, best first, as `recommend` answers
    test: pd.DataFrame,  # `user_id, artwork_id` of the test positives
    weights: pd.Series,  # `inverse_propensity`; an artwork that is not in it counts 1
    k: int = 10,  # ranks that count
) -> pd.DataFrame:  # one row per user of `test`: `ndcg_ips@k, recall_ips@k, recall_strata@k`
    "The three metrics for every user; the first two are from 0 to 1"
    hits, n, users = hits_of(recs, test, k)
    row = users.get_indexer(test[Cols.user_id])
    w = weights.reindex(test[Cols.artwork_id]).fillna(1).to_numpy()
    order = np.lexsort((-w, row))  # each user's weights, the highest first
    best = np.zeros((len(users), max(k, int(n.max(initial=0)))))
    best[row[order], np.arange(len(order)) - np.repeat(np.cumsum(n) - n, n)] = w[order]
    given = recs[recs.groupby(Cols.user_id, sort=False).cumcount() < k]
    at, rank = users.get_indexer(given[Cols.user_id]), given.groupby(Cols.user_id, sort=False).cumcount().to_numpy()
    gains = np.zeros(hits.shape)
    gains[at[at >= 0], rank[at >= 0]] = weights.reindex(given[Cols.artwork_id]).fillna(1).to_numpy()[at >= 0]
    gains *= hits
    discount, whole = 1 / np.log2(np.arange(2, k + 2)), best.sum(1)
    found = {
        f"ndcg_ips@{k}": gains @ discount / (best[:, :k] @ discount),
        f"recall_ips@{k}": gains.sum(1) / whole,
        f"recall_strata@{k}": gains.sum(1) / whole.mean(),
    }
    return pd.DataFrame(found, index=users)

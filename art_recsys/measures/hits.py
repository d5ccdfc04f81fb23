"""Metrics of ranked lists: for each user and each rank, whether the artwork at that rank is a test positive.

NDCG: Järvelin and Kekäläinen, 2002 (`core.ndcg`, which 00_core explains). Recall, MAP and MRR as in Manning, Raghavan
and Schütze, Introduction to information retrieval, 2008, chapter 8; a list without a hit has 0.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from art_recsys.core import Cols, ndcg

__all__ = ["METRICS", "hits_of", "per_user"]


def hits_of(
    recs: pd.DataFrame,  # `user_id, artwork_id`, best first, as `recommend` answers
    test: pd.DataFrame,  # `user_id, artwork_id` of the test positives
    k: int,  # ranks that count
) -> tuple[np.ndarray, np.ndarray, pd.Index]:  # bool, users x k; int, test positives per user; user ids
    "For each user of `test` and each rank, whether the artwork at that rank is a test positive"
    users = pd.Index(test[Cols.user_id].unique(), name=Cols.user_id)
    row = users.get_indexer(recs[Cols.user_id])
    rank = recs.groupby(Cols.user_id, sort=False).cumcount().to_numpy()
    real = (row >= 0) & (rank < k)
    given, asked = (pd.MultiIndex.from_frame(df[[Cols.user_id, Cols.artwork_id]]) for df in (recs, test))
    hits = np.zeros((len(users), k), bool)
    hits[row[real], rank[real]] = given.isin(asked)[real]
    return hits, test.groupby(Cols.user_id).size().reindex(users).to_numpy(), users


def _recall(hits: np.ndarray, n: np.ndarray, k: int) -> np.ndarray:
    return hits[:, :k].sum(1) / n


def _map(hits: np.ndarray, n: np.ndarray, k: int) -> np.ndarray:
    precision = hits[:, :k].cumsum(1) / np.arange(1, k + 1)
    return (hits[:, :k] * precision).sum(1) / n


def _mrr(hits: np.ndarray, n: np.ndarray, k: int) -> np.ndarray:
    return np.where(hits[:, :k].any(1), 1 / (hits[:, :k].argmax(1) + 1), 0)


METRICS: dict[str, Callable] = {"ndcg": ndcg, "recall": _recall, "map": _map, "mrr": _mrr}


def per_user(
    recs: pd.DataFrame,  # `user_id, artwork_id`, best first, as `recommend` answers
    test: pd.DataFrame,  # `user_id, artwork_id` of the test positives
    metrics: list[str],  # for example `recall@10, ndcg@10, map@100`
) -> pd.DataFrame:  # one row per user of `test`, one column per metric
    "Every metric for every user"
    asked = {m: (METRICS[m.split("@")[0]], int(m.split("@")[1])) for m in metrics}
    hits, n, users = hits_of(recs, test, max(k for _, k in asked.values()))
    return pd.DataFrame({m: of(hits, n, k) for m, (of, k) in asked.items()}, index=users)

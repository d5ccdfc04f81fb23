"""How many of the candidates each source may propose, learned from likes that came later.

The base model of fitted towers knows the log up to a time. Its sources are asked for every user as of that time, and
for each later like it is noted at which rank of each source's list it stands. The places are then given away in blocks,
each to the source that finds the most likes per place among those that no source has found yet (greedy maximum
coverage, Nemhauser, Wolsey and Fisher, 1978), so a source that finds only what others find gets none. Blocks are moved
from one source to another as long as that finds more. This is done for several samples of the users, and the mean of
the shares is taken: few likes cannot decide between two sources that are equally good (bagging, Breiman, 1996).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.config import rng
from art_recsys.core import Cols, positives, test_positives

from .candidate_sources import QUOTAS
from .examples import item_indices
from .popularity import days
from .queries import Queries, Source

__all__ = ["chosen_quotas", "learned_quotas", "ranks_of"]

BLOCK = 0.05  # of the candidates
SAMPLES = 10  # of the users
LEAST = 50  # users; fewer cannot tell sources apart
MOST = 1000  # users, drawn at random
KEPT = 0.5  # the weight of `QUOTAS` in what is learned: less finds no more likes, and the crowd is not every visitor


def ranks_of(
    sources: list[Source],  # s of them
    queries: Queries,  # m
    liked: Sequence[np.ndarray],  # for each query, the item indices that were liked later
    n: int,  # longest list to ask for
) -> np.ndarray:  # float, likes x sources: the rank from 0 on, infinite where the like is not in the list
    "Where the likes of each query stand in the list of each source"
    out = np.full((sum(len(items) for items in liked), len(sources)), np.inf)
    for column, source in zip(out.T, sources, strict=True):
        row = 0
        for found, items in zip(source(queries, n), liked, strict=True):
            rank = {int(i): at for at, i in enumerate(found)}
            column[row : row + len(items)] = [rank.get(int(i), np.inf) for i in items]
            row += len(items)
    return out


def chosen_quotas(
    ranks: np.ndarray,  # likes x sources, from `ranks_of`
    weight: np.ndarray,  # of each like
    n: int,  # candidates
) -> np.ndarray:  # one share per source; they sum to 1, or are all zero where no source finds a like
    "The shares that find the most likes: greedy at first, then by moving blocks from one source to another"
    block = max(1, round(BLOCK * n))
    places = np.zeros(ranks.shape[1], int)

    def found(places: np.ndarray) -> float:
        return float(weight @ (ranks < places).any(1))

    while (left := n - places.sum()) > 0:
        tried = []
        for size in range(block, left + block, block):  # the next block alone may find nothing
            for s in range(len(places)):
                more = places.copy()
                more[s] += min(size, left)
                tried.append(((found(more) - found(places)) / size, -size, -s, more))
        gain, *_, more = max(tried, key=lambda t: t[:3])
        if gain <= 0:
            break
        places = more
    moves = [(a, b) for a in range(len(places)) for b in range(len(places)) if a != b]
    for _ in range(n // block):
        tried = []
        for a, b in moves:
            for size in {min(block, places[a]), places[a]} - {0}:
                other = places.copy()
                other[a] -= size
                other[b] += size
                tried.append((found(other), a, b, other))
        if not tried or (best := max(tried, key=lambda t: t[0]))[0] <= found(places) + 1e-9:
            break
        places = best[-1]
    return places / max(1, places.sum())


def learned_quotas(
    tower: Any,  # the base model: its `candidate_ids`, `query_vectors` and `profiles_of`
    sources: list[Source],  # over tables that know no like after `cut`
    events: pd.DataFrame,  # normalised
    cut: pd.Timestamp,  # the base model was trained on what came before
    n: int,  # candidates
    seed: int,
) -> dict[str, float] | None:  # share by source; None where there are too few users to learn from
    """The shares with which the most later likes are among the candidates, a mean over users.

    Only users with an earlier like are asked. New arrivals keep their share of `QUOTAS` at least: works that nobody
    could have liked yet have no like that speaks for them.
    """
    known = events[events[Cols.ts] <= cut]
    early, late = positives(known), test_positives(positives(events[events[Cols.ts] > cut]), known)
    late = late[late[Cols.user_id].isin(early[Cols.user_id])]
    users = sorted(set(late[Cols.user_id]))
    if len(users) < LEAST or n >= len(tower.candidate_ids):
        return None
    r = rng(seed, "quotas")
    users = sorted(r.permutation(np.array(users, object))[:MOST])

    def items(likes: pd.DataFrame) -> list[np.ndarray]:
        "Item indices of each user"
        known = likes.groupby(Cols.user_id)[Cols.artwork_id].agg(list)
        return [item_indices(tower, known[u]) for u in users]

    histories, liked = items(early[early[Cols.user_id].isin(users)]), items(late[late[Cols.user_id].isin(users)])
    vectors = tower.query_vectors([h.tolist() for h in histories], tower.profiles_of(users))
    when = days(early[Cols.ts]).max() + 0.01
    ranks = ranks_of(sources, Queries(histories, vectors, None, histories, [when] * len(users), users), liked, n)
    user = np.repeat(np.arange(len(users)), [len(i) for i in liked])
    shares = []
    for _ in range(SAMPLES):
        drawn = r.multinomial(len(users), np.full(len(users), 1 / len(users)))
        shares.append(chosen_quotas(ranks, drawn[user] / np.bincount(user)[user], n))
    mean = np.mean(shares, 0)
    if not mean.any():
        return None
    names = [s.name for s in sources]
    usual = np.array([QUOTAS[s] for s in names])
    out = dict(zip(names, ((1 - KEPT) * mean / mean.sum() + KEPT * usual / usual.sum()).tolist(), strict=True))
    return out | {s: max(out[s], QUOTAS[s]) for s in ("arrivals",) if s in out}

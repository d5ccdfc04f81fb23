"""How many of the test positives are among the candidates, and which source found them."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.core import Cols
from art_recsys.models.candidate_sources import SOURCES, source_flags
from art_recsys.models.recommender import CHUNK
from art_recsys.models.requests import Requests
from art_recsys.models.steering import SteeredCandidates

__all__ = ["candidate_recall"]


def _shares(
    recommender: Any,
    users: list[str],
    wanted: pd.Series,
    candidates: Callable[..., tuple[np.ndarray, np.ndarray]],
    exclude: Iterable[str],
) -> np.ndarray:
    "For each user what each source proposed, its share of the positives, and its share that nobody else found"
    rows = []
    for a in range(0, len(users), CHUNK):
        some = users[a : a + CHUNK]
        requests = Requests([recommender.known.request(u) for u in some], recommender.item_index, exclude=exclude)
        items, _ = candidates(requests, recommender.steps.filter(requests), recommender.n_candidates)
        flags = source_flags(requests.bits(items)) * (items >= 0)[..., None]
        for user, found, by in zip(some, items, flags, strict=True):
            hits = (
                by
                * np.isin(found, [recommender.item_index[w] for w in wanted[user] if w in recommender.item_index])[
                    :, None
                ]
            )
            alone = hits * (hits.sum(1) == 1)[:, None]
            every = np.array([(by.sum(1) > 0).sum(), (hits.sum(1) > 0).sum() / len(wanted[user]), np.nan])
            each = [by.sum(0), hits.sum(0) / len(wanted[user]), alone.sum(0) / len(wanted[user])]
            rows.append(np.concatenate([np.stack(each, 1), every[None]]))
    return np.array(rows).reshape(-1, len(SOURCES) + 1, 3)


def candidate_recall(
    recommender: Any,  # in use; its candidates are `art_recsys.recommendation.Candidates`, steered or not
    test: pd.DataFrame,  # `user_id, artwork_id` of the test positives
    exclude: Iterable[str] = (),  # artwork ids that are nobody's candidates
) -> pd.DataFrame:  # one row per source, then `all`, and `towers alone`: with all places for the towers
    """Candidate recall by source, a mean over the users with a known like.

    `candidates` is how many of them a source proposed, `recall` the share of the user's test positives among these,
    and `only` the share that no other source proposed: what the source adds to the others.
    """
    wanted = test.groupby(Cols.user_id)[Cols.artwork_id].agg(list)
    users = [u for u in wanted.index if recommender.has_history(recommender.known.request(u))]
    step = recommender.steps.candidates
    merged: Any = step.candidates if isinstance(step, SteeredCandidates) else step
    found = _shares(recommender, users, wanted, merged, exclude).mean(0) if users else np.zeros((len(SOURCES) + 1, 3))
    towers = type(merged)(merged.ranker, {})
    alone = _shares(recommender, users, wanted, towers, exclude).mean(0)[-1:] if users else np.zeros((1, 3))
    names = pd.Index([*SOURCES, "all", "towers alone"], name="source")
    out = pd.DataFrame(np.concatenate([found, alone]), names, ["candidates", "recall", "only"])
    return out[(out["candidates"] > 0) | (out.index == "all")]

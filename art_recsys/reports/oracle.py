"""The oracle of the sample museum: it ranks by what its simulated users really want."""

from pathlib import Path

import numpy as np
import pandas as pd

from art_recsys.models.baselines import Baseline
from art_recsys.models.requests import Requests
from art_recsys.simulator.truth import Truth, true_utility

__all__ = ["Oracle", "taste_of_users"]


class Oracle(Baseline):
    """Scores by the simulator's own utilities; a user that it did not make gets what is popular."""

    def __init__(self, path: Path):  # `users_truth.npz` of the home
        self.path = path

    def learn(self, artworks: pd.DataFrame) -> None:
        "Read the truth from its file; of the `artworks` only the ids count. Raises `UserError` where there is none."
        self.truth = Truth.load(self.path)
        self.columns = pd.Index(self.truth.artwork_ids).get_indexer(self.candidate_ids)

    def scores(self, requests: Requests) -> np.ndarray:
        out = np.zeros((len(requests), len(self.candidate_ids)), np.float32)
        at = pd.Index(self.truth.user_ids).get_indexer(requests.user_ids)
        if (at >= 0).any():
            out[at >= 0] = true_utility(self.truth, at[at >= 0])[:, self.columns]
        return out


def taste_of_users(
    path: Path,  # `users_truth.npz` of the home
) -> pd.Series | None:  # `subject`, `palette`, `hand`, `period` or `mix` by user id; None where the users are real
    "What each simulated user follows; the evaluation groups users by it, and no model reads it"
    return Truth.load(path).kind_of if path.is_file() else None

"""What two likes of one user share: whether the tastes that the simulator planted can be seen in its log."""

import numpy as np
import pandas as pd

from art_recsys.config import rng
from art_recsys.core import Cols

from .kinds import KINDS, Traits

__all__ = ["like_pairs", "shared_traits"]


def like_pairs(
    user: np.ndarray,  # int [likes]
    item_index: np.ndarray,  # int [likes], row of the artwork
    seed: int = 42,  # Of the choice of pairs
    pairs: int = 20,  # Per user
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # int: user of each pair, its two different artworks
    "Two likes of one user, drawn at random, the same number for every user with two likes or more"
    r, order = rng(seed, "like pairs"), np.argsort(user, kind="stable")
    who, start, n = np.unique(user[order], return_index=True, return_counts=True)
    who, start, n = (np.repeat(v[n > 1], pairs) for v in (who, start, n))
    first = r.integers(n)
    second = (first + 1 + r.integers(n - 1)) % n
    return who, item_index[order][start + first], item_index[order][start + second]


def shared_traits(
    traits: Traits,  # Of the works in `artwork_ids`
    taste: pd.Series,  # Kind by user id, `Truth.kind_of`
    likes: pd.DataFrame,  # `positives` of a log
    artwork_ids: pd.Series,  # In the order of the works of `traits`
    seed: int = 42,  # Of the choice of pairs
) -> pd.DataFrame:  # Rows: kinds, `by chance`; columns: traits; shares of pairs of likes
    "How often two likes of one user share each trait, by kind of user; by chance: two likes of different users"
    item_index = pd.Index(artwork_ids).get_indexer(likes[Cols.artwork_id])
    user = taste.index.get_indexer(likes[Cols.user_id])
    who, one, two = like_pairs(user[user >= 0], item_index[user >= 0], seed)
    other = rng(seed, "any like").permutation(two)
    rows = {k: taste.to_numpy()[who] == k for k in KINDS}
    found = {
        t: {k: traits.share(t, one[at], two[at]).mean() if at.any() else np.nan for k, at in rows.items()}
        | {"by chance": traits.share(t, one, other).mean()}
        for t in KINDS[:-1]
    }
    return pd.DataFrame(found)

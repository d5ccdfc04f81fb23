"""Ties between artists: who is liked by the same users, and which artists, being users themselves, like whose works."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp

__all__ = ["ArtistTies"]

MOST = 300  # only so many of the latest likes of each user
SHRINK = 5  # an artist whom few like says little about others: the share of their likers counts as if these were more


class ArtistTies:
    """Two sparse tables, artists x artists, float32. Artists are numbered as in `artwork_features`; 0 is unknown.

    `together[a, b]`: the share of those who like artist a that like artist b too, shrunk by `SHRINK`. `likes[a, b]`: 1
    where artist a is also a user, and likes a work of artist b.
    """

    kept = "together", "likes"

    def __init__(
        self,
        sequences: list[np.ndarray],  # liked items of each user, oldest first, as item indices
        artist: np.ndarray,  # int, one per artwork
        number: dict[str, int],  # of the artists by name, from 1 on
        users: Sequence[str],  # the id of each user; one that is the name of an artist is this artist
    ):
        n, who = len(number) + 1, np.array([number.get(u, 0) for u in users], int)
        sequences = [artist[s[-MOST:]] for s in sequences]
        user = np.repeat(np.arange(len(sequences)), [len(s) for s in sequences])
        liked = np.concatenate([np.zeros(0, int), *sequences])
        user, liked = user[liked > 0], liked[liked > 0]
        once = sp.csr_matrix((np.ones(len(user), np.float32), (user, liked)), shape=(len(sequences), n))
        once.data[:] = 1
        both = (once.T @ once).tocsr()
        likers = both.diagonal()
        both.setdiag(0)
        both.eliminate_zeros()
        self.together = (sp.diags(1 / (likers + SHRINK)) @ both).tocsr().astype(np.float32)
        known = np.flatnonzero(who)
        of = sp.csr_matrix((np.ones(len(known), np.float32), (who[known], known)), shape=(n, len(sequences)))
        self.likes = (of @ once).tocsr()
        self.likes.setdiag(0)
        self.likes.eliminate_zeros()

    def save(
        self,
        folder: Path,  # must exist
    ) -> None:
        "Write one .npz file per table"
        for c in self.kept:
            sp.save_npz(folder / f"artists_{c}.npz", getattr(self, c))

    @classmethod
    def load(
        cls,
        folder: Path,  # as for `save`
    ) -> "ArtistTies | None":  # None where nothing was written
        "Read the tables that `save` wrote"
        if not all((folder / f"artists_{c}.npz").is_file() for c in cls.kept):
            return None
        self = object.__new__(cls)
        for c in cls.kept:
            setattr(self, c, sp.load_npz(folder / f"artists_{c}.npz").tocsr())
        return self

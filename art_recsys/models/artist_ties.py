"""How near artists are to each other: by who likes the works of whom."""

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from art_recsys.config import read_json, write_json

__all__ = ["DECAY", "ArtistTies"]

MOST = 300  # only so many of the latest likes of each user
KEPT = 300  # nearest artists that are remembered for each artist
DECAY = 0.5  # what a second step counts, against the first


class ArtistTies:
    """`near`, artists x artists, sparse, float32: a random walk from artist to artist.

    The walk goes over a graph of users and artists in which a user is tied to the artists whose works the user likes. A
    user whose id is the name of an artist is this artist: both are one node. So two artists are near if the same users
    like both (two steps), if one of them likes the other (one step), or if both like the same artists (two steps). A
    node with d ties passes on 1 / sqrt(d) to each, and the second step counts `DECAY` of the first. It is the beginning
    of a personalised PageRank (Haveliwala, 2002).

    `number` says which row an artist has, by name; `artist` which one made each artwork. An artwork without a known
    artist counts as the only one of an artist of its own.
    """

    def __init__(
        self,
        sequences: list[np.ndarray],  # liked items of each user, oldest first, as item indices
        names: Sequence[str],  # of the artist of each artwork; '' where unknown
        users: Sequence[str],  # the id of each user
    ):
        self.number = {name: n for n, name in enumerate(sorted({*names} - {""}))}
        self.artist = np.array([self.number.get(a, len(self.number) + i) for i, a in enumerate(names)], int)
        n = len(self.number) + len(self.artist)
        node = np.array([self.number.get(u, n + row) for row, u in enumerate(users)], int)
        sequences = [s[-MOST:] for s in sequences]
        start = np.repeat(node, [len(s) for s in sequences])
        end = self.artist[np.concatenate([np.zeros(0, int), *sequences])]
        start, end = start[start != end], end[start != end]
        tied = sp.csr_matrix(
            (np.ones(2 * len(end)), (np.r_[start, end], np.r_[end, start])), shape=(n + len(users),) * 2
        )
        tied.data[:] = 1
        step = (sp.diags(1 / np.sqrt(np.maximum(np.asarray(tied.sum(1)).ravel(), 1))) @ tied).tocsr()
        near = (step[:n, :n] + DECAY * (step[:n] @ step[:, :n])).tocsr()
        near.setdiag(0)
        near.eliminate_zeros()
        for row in np.flatnonzero(np.diff(near.indptr) > KEPT):
            values = near.data[near.indptr[row] : near.indptr[row + 1]]
            values[values < np.partition(values, -KEPT)[-KEPT]] = 0
        near.eliminate_zeros()
        self.near = near.astype(np.float32)

    def grown(
        self,
        names: Sequence[str],  # of the artists of new artworks, which come last; '' where unknown
    ) -> "ArtistTies":
        "The same ties for a larger catalogue; an artist who is new is near to nobody yet"
        out, size = copy.copy(self), self.near.shape[0]
        out.number, new = dict(self.number), []
        for name in names:
            if name not in out.number:
                new.append(size)
                if name:
                    out.number[name] = size
                size += 1
            else:
                new.append(out.number[name])
        out.artist = np.concatenate([self.artist, np.array(new, int)])
        rows = np.concatenate([self.near.indptr, np.repeat(self.near.indptr[-1:], size - self.near.shape[0])])
        out.near = sp.csr_matrix((self.near.data, self.near.indices, rows), shape=(size, size))
        return out

    def save(
        self,
        folder: Path,  # must exist
    ) -> None:
        "Write two files, artists.npz and artists.json"
        sp.save_npz(folder / "artists.npz", self.near)
        write_json({"names": list(self.number), "artist": self.artist.tolist()}, folder / "artists.json")

    @classmethod
    def load(
        cls,
        folder: Path,  # as for `save`
    ) -> "ArtistTies | None":  # None where nothing was written
        "Read what `save` wrote"
        if not (folder / "artists.json").is_file():
            return None
        self, kept = object.__new__(cls), read_json(folder / "artists.json")
        self.number, self.artist = {name: n for n, name in enumerate(kept["names"])}, np.array(kept["artist"], int)
        self.near = sp.load_npz(folder / "artists.npz").tocsr()
        return self

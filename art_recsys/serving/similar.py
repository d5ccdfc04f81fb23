"""Works similar to one work, in three rows: the same subject, palette and light, the same hand.

No work is in two rows. In the first two rows at most a third of the works are by one artist, so that a row shows more
than one hand. A row without anything to compare (no tags and no text, no palette and no picture) is left out.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from art_recsys.core import Cols
from art_recsys.models.sparse_rows import SparseRows
from art_recsys.models.traits import Traits, phrase, reason

__all__ = ["ROWS", "SimilarRow", "SimilarWorks"]

ROWS = {"subject": "The same subject", "light": "Palette and light", "hand": "The same hand, or one near to it"}
_WORDS = {  # kind of the trait that a row names, and what it says where none is shared
    "subject": ("tag", "Close in subject"),
    "light": ("palette", "Close in colour and light"),
    "hand": ("artist", "Close in style"),
}
SPARSE_FROM = 200_000  # works from which on tags stay sparse: the array would be of 400 MB and more
LIKENESS = 0.2  # works of less similarity in subject, or in palette and light, are not shown


class SimilarRow(NamedTuple):
    "One row of similar works, the most similar first"

    name: str  # one of `ROWS`
    items: np.ndarray  # item indices
    scores: np.ndarray  # similarity, at most 1
    reasons: list[dict]  # `{text, artwork_id, kind, shared}`: what each work shares with the one that was asked for


class SimilarWorks:
    """Similar works of a catalogue; artworks are item indices."""

    def __init__(
        self,
        tower: Any,  # Has `candidates` and `artwork_features`; `text`, `tags`, `palette` and `image` may be absent
        traits: Traits,  # Of the same artworks, in the same order
        available: np.ndarray,  # bool, one per artwork: whether it is in the catalogue now
    ):
        self.vectors, self.traits, self.available = tower.candidates, traits, available
        features = tower.artwork_features
        light = [_centred(features.get("palette")), traits.families, _centred(features.get("image"))]
        tags = features.get(Cols.tags)
        if isinstance(tags, SparseRows):
            tags = np.asarray(tags) if len(tags) < SPARSE_FROM else tags.csr
        self.parts: dict[str, list[tuple[Any, np.ndarray | None, np.ndarray]]] = {
            "subject": [p for p in (_part(features.get("text")), _part(tags, rare=True)) if p],
            "light": [p for p in map(_part, light) if p],
        }
        self.artists = np.array([a.casefold() for a in traits.artists], object)  # empty where unknown

    def rows(
        self,
        item: int,  # Index of the work that the others are like
        k: int,  # Works per row
        row: str | None = None,  # One of `ROWS`: only this row
        exclude: Iterable[int] = (),  # Item indices that must not come: what is shown already
    ) -> list[SimilarRow]:
        "The rows that have any works"
        allowed = self.available.copy()
        allowed[[item, *exclude]] = False
        out = []
        for name in ROWS if row is None else (row,):
            scores, least = self._scores(name, item), LIKENESS if name in self.parts else -np.inf
            order = np.argsort(-np.where(allowed & (scores >= least), scores, -np.inf), kind="stable")
            order = order[: int((allowed & (scores >= least)).sum())]
            items = order[:k] if name == "hand" else self._mixed(order, k)
            if len(items):
                allowed[items] = False
                near = np.minimum(scores[items], 1) if name in self.parts else self.vectors[items] @ self.vectors[item]
                out.append(SimilarRow(name, items, near, [self._reason(name, item, int(i)) for i in items]))
        return out

    def _scores(self, name: str, item: int) -> np.ndarray:
        "Similarity of all works to one; the mean over the parts that the work has"
        if name == "hand":  # first the same artist, then the nearest style
            mine = self.artists[item]
            return self.vectors @ self.vectors[item] + (3 * (self.artists == mine) if mine else 0)
        known = [p for p in self.parts[name] if p[2][item] > 0]
        if not known:
            return np.full(len(self.vectors), -np.inf)
        return np.mean([_cosine(*p, item) for p in known], axis=0)

    def _mixed(self, order: np.ndarray, k: int) -> np.ndarray:
        "The first `k`, at most a third of them by one artist"
        count, most, out = Counter[str](), max(1, k // 3), []
        for i in order:
            artist = self.artists[i]
            if artist and count[artist] == most:
                continue
            count[artist] += 1
            out.append(i)
            if len(out) == k:
                break
        return np.array(out, np.int64)

    def _reason(self, name: str, item: int, other: int) -> dict:
        kind, otherwise = _WORDS[name]
        shared = next((s for s in self.traits.shared(other, item) if s.kind == kind), None)
        text = f"Also {phrase(shared)}" if shared else otherwise
        return reason(text, "similar", self.traits.ids[item], [shared] if shared else [])


def _centred(vectors: np.ndarray | None) -> np.ndarray | None:
    "Vectors minus their mean, where all numbers are positive and so all are alike; rows of zeros stay zeros"
    if vectors is None or not vectors.any():
        return None
    some = (vectors != 0).any(axis=1)
    return np.where(some[:, None], vectors - vectors[some].mean(0), 0).astype(np.float32)


def _part(vectors: Any, rare: bool = False) -> tuple[Any, np.ndarray | None, np.ndarray] | None:
    "Vectors, the weight of each number (None: equal) and the length of each row; None where there are no vectors"
    if sp.issparse(vectors):  # tags, all of them positive, which are always weighed
        weights = np.log(vectors.shape[0] / np.maximum(1, vectors.getnnz(0))) ** 2
        return (vectors, weights, np.sqrt(vectors.multiply(vectors) @ weights)) if vectors.nnz else None
    if vectors is None or not vectors.any():
        return None
    weights = np.log(len(vectors) / np.maximum(1, (vectors > 0).sum(0))) ** 2 if rare else None
    squares = np.einsum("ij,ij,j->i", vectors, vectors, np.ones(vectors.shape[1]) if weights is None else weights)
    return vectors, weights, np.sqrt(squares)


def _cosine(vectors: Any, weights: np.ndarray | None, lengths: np.ndarray, item: int) -> np.ndarray:
    query = vectors[item].toarray()[0] if sp.issparse(vectors) else vectors[item]
    query = query if weights is None else query * weights
    return vectors @ (query / lengths[item]).astype(vectors.dtype) / np.where(lengths > 0, lengths, np.inf)

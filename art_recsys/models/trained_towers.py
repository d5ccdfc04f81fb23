"""Two towers after training: the catalogue as vectors, queries against it, and their files.

Everything here works without training, and without TFRS; `art_recsys.retrieval` has the training.
"""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from art_recsys.config import UserError
from art_recsys.core import Cols, as_artworks, as_events, as_users, positives
from art_recsys.features import artwork_text, user_text
from art_recsys.language.image_encoder import image_vectors
from art_recsys.language.text_encoder import text_encoder, text_vectors
from art_recsys.platform.neighbours import Neighbours

from .fingerprints import frames_fingerprint
from .interests import check_interests, nearest_to_any, warn_of_collapse
from .saved_model import ServedTowers, read_towers, write_towers
from .sequences import padded_histories
from .sparse_rows import SparseRows
from .vocabularies import Vocabularies
from .weights import LayerWeights

__all__ = ["TrainedTowers", "all_users", "check_vectors"]

CHUNK = 4096  # artworks that go through the candidate tower at once


def check_vectors(
    v: np.ndarray,  # embeddings, n x dim
    what: str,  # for the message
    distinct: bool = True,  # whether the rows were made from different inputs
) -> None:
    "Raise `FloatingPointError` unless embeddings are finite and differ: equal ones make a metric by score too high"
    if not np.isfinite(v).all():
        raise FloatingPointError(f"{what} are not finite: lower learning_rate or raise temperature")
    if distinct and len(v) > 1 and np.ptp(v, axis=0).max() < 1e-6:
        raise FloatingPointError(f"{what} are all the same: the model has collapsed; lower learning_rate")


def all_users(
    users: pd.DataFrame,  # normalised (`as_users`)
    events: pd.DataFrame,  # with `user_id`
) -> pd.DataFrame:
    "These users, and those whom only the events name"
    new = events[Cols.user_id].drop_duplicates()
    new = new[~new.isin(users[Cols.user_id])]
    return as_users(pd.concat([users, pd.DataFrame({Cols.user_id: new})])) if len(new) else users


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else float("nan")


def _grown(table: Any, n: int, rows: np.ndarray, values: Any) -> Any:
    "A copy of a table with `n` more rows, in which some rows have new values"
    if isinstance(table, SparseRows):
        return table.grown(n, rows, values)
    out = np.concatenate([table, np.zeros((n, *table.shape[1:]), table.dtype)])
    out[rows] = values
    return out


class TrainedTowers:
    """The catalogue as vectors, and queries against it.

    `candidate_ids`: artwork ids, object array of n. `item_index`: artwork id -> row. `artwork_features`: what the
    candidate tower reads, n rows each: arrays, and `SparseRows` of tags. `vectors`: float32, n x dim, as histories need
    them. `candidates`: the same of unit length. `neighbours`: search over `candidates`. `base`: the towers before the
    last partial fit, or None; `cut`: time of the latest like that those had seen; `until`: of the latest like that
    these had seen. `chosen`: the epoch that was kept, 0 where none was chosen. `log`: one row per epoch. `choice`: what
    was found and tried where the fit was to choose settings (`choosing`); empty otherwise.
    """

    config: dict[str, Any]
    dim: int
    history_length: int
    temperature: float
    interests: int = 1  # K: query vectors per user; towers of earlier versions do not name it
    text_model: str | None
    vocabs: Vocabularies
    served: ServedTowers
    artwork_features: dict[str, Any]
    candidate_ids: np.ndarray
    weights: Mapping[str, np.ndarray]
    fitted_on: str
    base: Any = None
    cut: pd.Timestamp | None = None
    until: pd.Timestamp | None = None
    chosen: int = 0
    log: pd.DataFrame = pd.DataFrame()
    choice: dict[str, Any]
    choice_budget: int = 0

    def __init__(
        self,
        **config: Any,  # those of `art_recsys.retrieval.TwoTower`
    ):
        self.config, self.choice = config, {}
        self.__dict__.update(config)
        check_interests(self.interests)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.config.items())})"

    def choosing(
        self,
        budget: int,  # fits of other settings, where the order of the likes says nothing; 0: the settings stay
    ) -> Self:
        "Let `fit` choose settings on held-out likes, see `art_recsys.models.choice`"
        self.choice_budget = budget
        return self

    @property
    def asked(self) -> dict[str, Any]:
        "The settings before `fit` chose others"
        return self.config | self.choice.get("asked", {})

    def read_frames(
        self,
        artworks: pd.DataFrame,  # normalised
        users: pd.DataFrame,  # any frame with `user_id`
        events: pd.DataFrame,  # any frame with the first five of `EVENT_COLS`
        periods: list[float] | None = None,  # edges in years, those of earlier towers
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:  # all users, events, likes that stand
        """Make the vocabularies and the arrays that both towers read; what is missing becomes row 0 or zeros.

        Raises `UserError` where there are no artworks.
        """
        users = as_users(users)
        if not len(artworks):
            raise UserError("There are no artworks to recommend.", "give artworks with an id and a title")
        events = as_events(events, artworks[Cols.artwork_id])
        both, liked = all_users(users, events), positives(events)
        self.read_tables(artworks, both, Vocabularies.of(artworks, liked, periods))
        return both, events, liked

    def read_tables(
        self,
        artworks: pd.DataFrame,  # normalised
        users: pd.DataFrame,  # all of them, normalised
        vocabs: Vocabularies,  # of these artworks, and of the likes
    ) -> None:
        "Make the arrays that both towers read; what is missing becomes row 0 or zeros"
        self.vocabs = vocabs
        text = text_vectors(artworks, artwork_text, self.text_model)
        self.artwork_features = self.vocabs.artworks(artworks, text, image_vectors(artworks))
        self.users = self.profiles(users)
        self.candidate_ids = artworks[Cols.artwork_id].to_numpy(object)

    def profiles(
        self,
        users: pd.DataFrame,  # m users, normalised
    ) -> dict[str, np.ndarray]:  # arrays of m rows
        "What the query tower reads of these users, except their history"
        text = text_vectors(users, user_text, self.text_model, self.artwork_features["text"].shape[1])
        return self.vocabs.users(users[Cols.user_id], users[Cols.age], users[Cols.gender], text)

    def serve(
        self,
        candidate: Any,  # the candidate tower, built
        query: Any,  # the query tower, built
    ) -> Self:
        "Use these towers for queries"
        sizes = [self.artwork_features[c].shape[1] for c in ("text", Cols.tags, "image")]
        self.served = ServedTowers(candidate, query, self.dim, *sizes)
        return self

    def finish(
        self,
        towers: list,  # both towers, trained
        artworks: pd.DataFrame,  # what they were trained on
        users: pd.DataFrame,  # whose profiles are remembered
        events: pd.DataFrame,  # normalised; give `until` and the histories that are remembered
        rows: list[dict],  # of the log
    ) -> Self:
        "Store the weights by name, the log and the training data's fingerprint; encode the catalogue"
        self.fitted_on, self.until = frames_fingerprint(artworks, events), positives(events)[Cols.ts].max()
        return self.keep(towers, rows).remember(users, events)

    def keep(
        self,
        towers: list,  # as for `finish`
        rows: list[dict],  # of the log
    ) -> Self:
        "Store the weights by name and the log; encode the catalogue"
        self.weights = LayerWeights(towers)
        log = pd.DataFrame(rows)
        if self.chosen and self.base is None:
            warn_of_collapse(rows[self.chosen - 1], self.interests)
        self.log = log if self.base is None else pd.concat([self.base.log, log], ignore_index=True)
        self.choice = {} if self.base is None else self.base.choice
        return self.index_catalogue()

    def encode(
        self,
        works: dict[str, Any],  # of m rows, as `artwork_features`
    ) -> np.ndarray:  # float32, m x dim, not of unit length
        "Vectors of artworks"
        n = len(works["text"])
        parts = [self.served.works({k: v[a : a + CHUNK] for k, v in works.items()}).numpy() for a in range(0, n, CHUNK)]
        return np.concatenate(parts) if parts else np.zeros((0, self.dim), np.float32)

    def index_catalogue(self) -> Self:
        "Encode the whole catalogue with the weights as they are; raises `FloatingPointError` for invalid vectors"
        self._index(self.encode(self.artwork_features))
        text, image, ids = (self.artwork_features[c][:1000] for c in ("text", "image", Cols.artwork_id))
        different = len(np.unique(np.concatenate([text, image, ids[:, None]], 1), axis=0)) > 1
        check_vectors(self.candidates, "The candidate embeddings", different)
        return self

    def _index(self, vectors: np.ndarray) -> None:
        length = np.linalg.norm(vectors, axis=1, keepdims=True)  # 0 where towers of few features know nothing of a work
        self.vectors, self.candidates = vectors, vectors / np.maximum(length, 1e-12)
        self.neighbours = Neighbours(self.candidates)  # where there are many, its index is made when it is first used
        self.item_index = {a: n for n, a in enumerate(self.candidate_ids)}

    def with_catalogue(
        self,
        artworks: pd.DataFrame,  # as for `fit`; artworks may have been added or removed
    ) -> Self:  # this object where the catalogue is the same, otherwise a new one with the same weights
        "The same towers with another catalogue"
        artworks = as_artworks(artworks)
        if list(self.candidate_ids) == artworks[Cols.artwork_id].tolist():
            return self
        out = copy.copy(self)
        text_dim, image_dim = (self.artwork_features[c].shape[1] for c in ("text", "image"))
        text = text_vectors(artworks, artwork_text, self.text_model, text_dim)
        out.artwork_features = self.vocabs.artworks(artworks, text, image_vectors(artworks, image_dim))
        out.candidate_ids = artworks[Cols.artwork_id].to_numpy(object)
        return out.index_catalogue()

    def with_works(
        self,
        artworks: pd.DataFrame,  # normalised, new ones and changed ones, with vectors or without; nothing is encoded
    ) -> Self:  # a new object with the same weights; item indices stay, and new artworks come last
        "The same towers with some artworks added or changed; only these go through the candidate tower"
        out, ids = copy.copy(self), artworks[Cols.artwork_id]
        text_dim, image_dim = (self.artwork_features[c].shape[1] for c in ("text", "image"))
        text = text_vectors(artworks, artwork_text, None, text_dim)
        some = self.vocabs.artworks(artworks, text, image_vectors(artworks, image_dim))
        new = [a for a in ids if a not in self.item_index]
        out.candidate_ids = np.concatenate([self.candidate_ids, np.array(new, object)])
        at = self.item_index | {a: len(self.candidate_ids) + n for n, a in enumerate(new)}
        rows = np.array([at[a] for a in ids], int)
        out.artwork_features = {c: _grown(v, len(new), rows, some[c]) for c, v in self.artwork_features.items()}
        out._index(_grown(self.vectors, len(new), rows, self.encode(some)))
        return out

    def query_vectors(
        self,
        histories: list[list[int]],  # item indices of liked artworks, oldest first; the last `history_length` are read
        profiles: dict[str, np.ndarray],  # arrays of as many rows, from `profiles` or `request_arrays`
        chunk: int = 512,  # queries that go through the query tower at once
    ) -> np.ndarray:  # float32, n x dim, or n x K x dim with several interests; of unit length
        "Queries; histories of similar length go through the tower together"
        liked, length = padded_histories(histories, self.history_length)
        order, q = np.argsort(length, kind="stable"), self._no_queries(len(liked))
        for p in (order[a : a + chunk] for a in range(0, len(order), chunk)):
            vectors = self.vectors[liked[p, : length[p].max()]]
            q[p] = self.served.query(vectors, length[p], {k: v[p] for k, v in profiles.items()})
        check_vectors(q, "The query embeddings", False)
        return q

    def _no_queries(self, n: int) -> np.ndarray:
        return np.zeros((n, self.dim) if self.interests == 1 else (n, self.interests, self.dim), np.float32)

    def request_arrays(
        self,
        requests: list[dict],  # as for `query`
    ) -> tuple[list[list[int]], dict[str, np.ndarray]]:  # `histories, profiles` of `query_vectors`
        "Requests as item indices of liked artworks and as arrays; unknown artworks are left out"
        text = np.zeros((len(requests), self.artwork_features["text"].shape[1]), np.float32)
        for n, r in enumerate(requests):
            if r.get(Cols.text_embedding) is not None:
                text[n] = r[Cols.text_embedding]
            elif r.get(Cols.description) and self.text_model:
                text[n] = text_encoder(self.text_model).encode([str(r[Cols.description])])[0]
        given = [() if r.get("history") is None else r["history"] for r in requests]
        known = [[self.item_index[a] for a in ids if a in self.item_index] for ids in given]
        ids, ages, genders = ([r.get(c) for r in requests] for c in (Cols.user_id, Cols.age, Cols.gender))
        return known, self.vocabs.users(ids, [_number(a) for a in ages], genders, text)

    def query(
        self,
        requests: list[dict],  # `user_id, age, gender, description` or `text_embedding`, `history` of ids; all optional
    ) -> np.ndarray:  # as `query_vectors`
        "The query vectors of these requests"
        return self.query_vectors(*self.request_arrays(requests)) if requests else self._no_queries(0)

    def nearest(
        self,
        q: np.ndarray,  # as from `query_vectors`
        k: int,
        exclude: list | None = None,  # artwork ids that must not come back, one collection per query
    ) -> tuple[np.ndarray, np.ndarray]:  # ids (None where nothing is left) and scores, n x k, best first
        "The best `k` artworks for query vectors"
        gone = None
        if exclude is not None:
            gone = [[self.item_index[x] for x in ids if x in self.item_index] for ids in exclude]
        items, scores = nearest_to_any(self.neighbours, q, k, exclude=gone)
        ids = self.candidate_ids[items]
        ids[items < 0] = None
        return ids, scores.astype(float)

    def retrieve(
        self,
        requests: list[dict],  # as for `query`
        k: int = 100,  # ids per request; fewer where the catalogue has fewer
        exclude: list | None = None,  # artwork ids that must not come back, one collection per request
    ) -> tuple[np.ndarray, np.ndarray]:  # ids (None where nothing is left) and scores, n x k, best first
        "Candidates for these requests"
        return self.nearest(self.query(requests), k, exclude)

    def remember(
        self,
        users: pd.DataFrame,  # any frame with `user_id`
        events: pd.DataFrame,  # any frame with the first five of `EVENT_COLS`
    ) -> Self:
        "Store the profiles of these users, and of those that only the events name, for `profiles_of`"
        users = all_users(as_users(users), as_events(events, self.candidate_ids))
        self.users = self.profiles(users)
        self.known = {u: n for n, u in enumerate(users[Cols.user_id])}
        return self

    def profiles_of(self, user_ids: list[str]) -> dict[str, np.ndarray]:  # one row per user id
        "Profiles of users as arrays; empty ones for unknown users"
        rows = np.array([self.known.get(u, -1) for u in user_ids], int)
        return {c: np.concatenate([v, np.zeros_like(v, shape=(1, *v.shape[1:]))])[rows] for c, v in self.users.items()}

    def validation_metrics(self) -> dict[str, float]:  # `epochs`, and `top_K` where likes were held out
        "FactorizedTopK of the epoch that was kept, and which it was; of several interests also `cosine` and `busiest`"
        if not self.chosen:
            return {"epochs": float(len(self.log))}
        row = self.log[self.log["part"] == "held out"].iloc[self.chosen - 1]
        figures = {c: float(v) for c, v in row.items() if c.startswith("top_") or c in ("cosine", "busiest")}
        return {"epochs": float(self.chosen), **figures}

    def save(
        self,
        path: str | Path,  # a folder, made anew
        depth: int = 2,  # how many of the earlier towers (`base`, and its `base`) are saved with them
    ) -> None:
        "SavedModel, weights, vectors and vocabularies"
        write_towers(self, path, depth)

    @classmethod
    def load(
        cls,
        path: str | Path,  # from `save`
        depth: int = 0,  # how many of the earlier towers: none to serve, one to train a ranking, two to evaluate
    ) -> Self:  # ready for `query` and `retrieve`
        "Towers from their files: no training graph is built"
        path = Path(path)
        kept = read_towers(path)
        self, vectors = cls(**kept.pop("config")), kept.pop("vectors")
        self.__dict__.update(kept)
        self.users, self.known = {}, {}
        self._index(vectors)
        if depth and (path / "base").exists():
            self.base = cls.load(path / "base", depth - 1)
        return self

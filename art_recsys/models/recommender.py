"""The base class of recommenders, around the six steps: known users, batches of requests, frames of answers."""

import copy
from collections.abc import Callable, Iterable
from typing import Any, Self

import numpy as np
import pandas as pd

from art_recsys.core import as_artworks, as_events, as_recommendations, as_users

from .choice import chosen_candidates
from .fingerprints import fingerprint_of
from .requests import KnownUsers, Requests
from .steps import Pages, padded

__all__ = ["RecommenderBase"]

CHUNK = 256  # requests at once, at most: memory does not depend on how many are asked for
CELLS = 2**25  # scores at once: of a catalogue above 131,072 artworks, fewer requests are answered at once


class RecommenderBase:
    """Fit a model, use it on a catalogue, answer requests; a subclass runs the steps (`run`)."""

    def __init__(
        self,
        model: Any,  # `fit(artworks, users, events)` and `candidate_ids`
        make_steps: Callable,  # `(model, artworks, events)` -> steps or a pair: for requests with a history and without
        n_candidates: int = 100,  # artworks that are scored, at least
    ):
        self.model, self.make_steps, self.n_candidates, self.n_asked = model, make_steps, n_candidates, n_candidates

    def run(
        self,
        steps: Any,  # as `make_steps` made them
        requests: Requests,  # all with a history, or all without
        k: int,  # artworks per page
        **kwargs: Any,  # `explain`, `exploration` and `seed`
    ) -> Pages:
        "One page per request, by these steps"
        raise NotImplementedError

    def fit(
        self,
        artworks: pd.DataFrame,  # `artwork_id` and `title` at least
        users: pd.DataFrame,  # `user_id` at least
        events: pd.DataFrame,  # the first five of `EVENT_COLS` at least
    ) -> Self:
        "Fit the model on any three frames and use it; one that was fitted on these artworks and events stays as it is"
        fitted_on = getattr(self.model, "fitted_on", None)
        if fitted_on is None or fitted_on != fingerprint_of(artworks, events):
            self.model.fit(artworks, users, events)
        return self.serve(artworks, users, events)

    def serve(
        self,
        artworks: pd.DataFrame,  # the catalogue now; those that the model does not know are not recommended
        users: pd.DataFrame,  # whose profiles are known; replaces those known before
        events: pd.DataFrame,  # gives their likes and hides; artworks that the model does not know are left out
    ) -> Self:
        "Use a fitted model for the present catalogue and the known users"
        events = as_events(events, self.model.candidate_ids)
        self._use(as_artworks(artworks), events)
        self.known = KnownUsers(as_users(users), events)
        return self

    def _use(self, artworks: pd.DataFrame, events: pd.DataFrame) -> None:
        self.candidate_ids = np.asarray(self.model.candidate_ids, object)
        self.item_index = {a: n for n, a in enumerate(self.candidate_ids)}
        self.n_candidates = chosen_candidates(self.model, self.n_asked)
        steps = self.make_steps(self.model, artworks, events)
        self.steps, self.start = steps if isinstance(steps, tuple) else (steps, steps)

    def over(
        self,
        model: Any,  # the same, with another catalogue
        artworks: pd.DataFrame,  # the catalogue now, normalised
        events: pd.DataFrame,  # as for `serve`, normalised; the likes alone are enough
    ) -> Self:  # a new object; the known users are those of this one
        "Use the model for a catalogue that has changed"
        out = copy.copy(self)
        out.model = model
        out._use(artworks, events)
        return out

    def remember(
        self,
        users: pd.DataFrame,  # as for `serve`
        events: pd.DataFrame,  # as for `serve`
    ) -> Self:
        "Replace the known users and their likes; nothing is trained"
        self.known = KnownUsers(as_users(users), as_events(events, self.candidate_ids))
        return self

    def has_history(self, request: dict) -> bool:
        "Whether `request` names a liked artwork that the model knows"
        return any(a in self.item_index for a in request.get("history") or ())

    def pages(
        self,
        requests: list[dict],  # see `art_recsys.models.requests`
        k: int = 24,  # artworks per page
        filters: dict | None = None,  # facet -> a value or a list of values, for all of these requests
        exclude: tuple[str, ...] | list[str] = (),  # artwork ids that are on the page already
        exclude_artists: tuple[str, ...] | list[str] = (),  # artists of whom no more is wanted
        **kwargs: Any,  # `explain`, `exploration` and `seed` of `run`
    ) -> list[Pages]:  # one for each request, in their order
        "The next page for each request; a request without a known like takes the steps of the first page"
        out: list = [None] * len(requests)
        size = max(1, min(CHUNK, CELLS // max(1, len(self.candidate_ids))))
        has = [self.has_history(r) for r in requests]
        for steps, history in ((self.steps, True), (self.start, False)):
            rows = [n for n, h in enumerate(has) if h == history]
            for part in (rows[a : a + size] for a in range(0, len(rows), size)):
                some = Requests([requests[n] for n in part], self.item_index, filters, exclude, exclude_artists)
                found = self.run(steps, some, k, **kwargs)
                for i, n in enumerate(part):
                    out[n] = found.one(i)
        return out

    def recommend(
        self,
        user_ids: Iterable,  # repeated ones count once
        k: int = 10,  # artworks per user at most
    ) -> pd.DataFrame:  # `user_id, artwork_id, score, rank`
        "The first page of each user as a frame; an unknown user gets the first page of a new visitor"
        ids = list(dict.fromkeys(map(str, user_ids)))
        return self.recommend_requests(ids, [self.known.request(u) for u in ids], k)

    def recommend_requests(
        self,
        user_ids: list[str],  # n of them, for the column `user_id`
        requests: list[dict],  # n, in the same order; see `art_recsys.models.requests`
        k: int = 10,  # artworks per user at most
    ) -> pd.DataFrame:  # `user_id, artwork_id, score, rank`
        "The same for requests that were made by hand, one for each user id"
        pages = self.pages(requests, k)
        items = padded([p.items[0] for p in pages])
        scores = padded([p.scores[0] for p in pages], -np.inf)
        artwork_ids = self.candidate_ids[items]
        artwork_ids[items < 0] = None
        return as_recommendations(user_ids, artwork_ids, scores)

"""Requests: profiles and likes of users from the log, and requests in the form that the steps of a recommender read.

A request is a dict. All of its keys are optional: `user_id`, `age`, `gender`, `description` or `text_embedding`,
`history` (ids of liked artworks, oldest first), `hidden` (ids of artworks that must not come back) and `steering` (more
or less of a trait, see `art_recsys.models.steering`).
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from art_recsys.core import Cols, Event, positives

from .candidate_sources import source_bits

__all__ = ["KnownUsers", "Requests"]


class KnownUsers:
    """The users of three frames and their standing likes and hides: the last event on each artwork counts."""

    def __init__(
        self,
        users: pd.DataFrame,  # Normalised (`as_users`), perhaps with `text_embedding`
        events: pd.DataFrame,  # Normalised (`as_events`)
    ):
        columns = [Cols.user_id, Cols.age, Cols.gender, Cols.description]
        vectors = users[Cols.text_embedding] if Cols.text_embedding in users else [None] * len(users)
        self.profiles = {
            row[0]: dict(zip(columns, row, strict=True)) | {Cols.text_embedding: v}
            for row, v in zip(users[columns].itertuples(index=False, name=None), vectors, strict=True)
        }
        self.logged: dict[str, dict[str, str]] = {}  # user id -> artwork id -> like or hide, oldest first
        for user, artwork, event in _standing(events).itertuples(index=False, name=None):
            self.logged.setdefault(user, {})[artwork] = event

    def decisions(self, user_id: str) -> dict[str, str]:
        "Artwork id -> `like` or `hide` of the user `user_id`, oldest first; empty for an unknown user"
        return dict(self.logged.get(user_id, {}))

    def request(self, user_id: str) -> dict:
        "The request of the user `user_id`: profile, `history` oldest first, `hidden`; for an unknown id only the id"
        decided = self.decisions(user_id)
        return self.profiles.get(user_id, {Cols.user_id: user_id}) | {
            "history": [a for a, event in decided.items() if event == Event.like],
            "hidden": [a for a, event in decided.items() if event == Event.hide],
        }


def _standing(events: pd.DataFrame) -> pd.DataFrame:
    "`user_id, artwork_id, event`: likes and hides that were not taken back, oldest first"
    kinds = [Event.like, Event.unlike, Event.hide]
    last = events[events[Cols.event].isin(kinds)].drop_duplicates([Cols.user_id, Cols.artwork_id], keep="last")
    columns = [Cols.user_id, Cols.artwork_id, Cols.ts, Cols.event]
    hidden = last.loc[last[Cols.event] == Event.hide, columns]
    both = pd.concat([positives(events).assign(**{Cols.event: Event.like}), hidden])
    return both.sort_values(Cols.ts, kind="stable")[[Cols.user_id, Cols.artwork_id, Cols.event]]


class Requests:
    """Some requests, with the arrays that several steps need; artworks are item indices here."""

    def __init__(
        self,
        requests: list[
            dict
        ],  # `user_id`, a profile, `history` and `hidden` (artwork ids), `steering`; each may be absent
        item_index: dict[str, int],  # Artwork id -> row number; artworks that are not in it are left out
        filters: dict | None = None,  # Facet -> a value or a list of values, for all of these requests
        exclude: Iterable[str] = (),  # Artwork ids that must not come for any of them: what is shown already
        exclude_artists: Iterable[str] = (),  # Artists of whom no more is wanted
    ):
        self.requests, self.item_index = requests, item_index
        self.filters, self.exclude_artists = filters or {}, tuple(exclude_artists)
        rows = lambda ids: [item_index[a] for a in ids if a in item_index]  # noqa: E731
        get = lambda r, key: r[key] if r.get(key) is not None else ()  # noqa: E731
        self.histories = [rows(get(r, "history")) for r in requests]
        shown = rows(exclude)
        self.seen = [
            np.array(h + rows(get(r, "hidden")) + shown, np.int64)
            for h, r in zip(self.histories, requests, strict=True)
        ]
        self.found: tuple[list[np.ndarray], list[np.ndarray]] | None = None  # candidates and their bits, of `merged`
        self._once: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self.requests)

    @property
    def steering(self) -> list[list[dict]]:  # `{direction, kind, value}`; see `art_recsys.models.steering`
        "What each visitor asked for more or less of"
        return [r.get("steering") or [] for r in self.requests]

    @property
    def user_ids(self) -> list[str]:  # '' where a request names nobody
        "One per request"
        return [str(r.get(Cols.user_id) or "") for r in self.requests]

    @cached_property
    def liked(self) -> sp.csr_matrix:  # float32, requests x artworks
        "1 where the artwork is in the history"
        rows = np.repeat(np.arange(len(self)), [len(h) for h in self.histories])
        columns = np.array([i for h in self.histories for i in h], np.int64)
        shape = (len(self), len(self.item_index))
        return sp.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)

    def once(
        self,
        owner: object,  # whose answer it is; must live as long as these requests
        compute: Callable[[], Any],
    ) -> Any:
        "What `compute` answers, computed once for each `owner`"
        if id(owner) not in self._once:
            self._once[id(owner)] = compute()
        return self._once[id(owner)]

    def query_vectors(
        self,
        tower: Any,  # Answers `query(requests)`, as `TrainedTowers` do
    ) -> np.ndarray:  # float32, requests x dim, or requests x K x dim with several interests; of unit length
        "The query embeddings of these requests, computed once"
        return self.once(tower, lambda: tower.query(self.requests))

    def bits(
        self,
        items: np.ndarray,  # requests x k item indices, -1 where there is none
    ) -> np.ndarray:  # uint16, requests x k
        "Which sources proposed these artworks for these requests; 0 for an artwork that is no candidate"
        if self.found is None:
            return np.zeros(items.shape, np.uint16)
        return source_bits(items, *self.found, len(self.item_index))

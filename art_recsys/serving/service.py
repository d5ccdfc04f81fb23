"""What answers visitors: one recommender, the catalogue, the visitors and the event store, as one release.

It answers in plain dictionaries. The HTTP server only translates, and the thin client has the same methods.
"""

import secrets
import uuid
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pandas as pd

from art_recsys.config import Home, Settings
from art_recsys.core import Cols, Event
from art_recsys.models.steps import Pages
from art_recsys.models.two_stage import TwoStage
from art_recsys.recommendation import Recommender, page_recommender

from .catalogue import Catalogue, plain
from .forget import forget as forget_user
from .predictors import QueryPredictor, RankingPredictor
from .store import EventStore
from .visitors import Visitors

__all__ = ["Service"]

_DRAWN = {"text": "A surprise, drawn at random", "artwork_id": None, "kind": "surprise"}


class Service:
    """Everything that answers visitors, as one release."""

    def __init__(
        self,
        settings: Settings,
        version: str,  # Of the release
        model: TwoStage,  # Fitted towers and ranking
        artworks: pd.DataFrame,  # Three normalised frames
        users: pd.DataFrame,
        events: pd.DataFrame,
        store: EventStore,
    ):
        self.settings, self.version, self.store, self.two_tower = settings, version, store, model.tower
        self.recommender: Recommender = page_recommender(model, settings).serve(artworks, users, events)
        facets = self.recommender.steps.filter.facets
        self.catalogue = Catalogue(artworks, model.candidate_ids, Home(settings.home), facets)
        self.visitors = self.recommender.known = Visitors(users, events, store)
        self.popularity = self.recommender.start.candidates.popularity  # likes, one per candidate
        self.predictors: dict[str, QueryPredictor | RankingPredictor] = {
            "query": QueryPredictor(model.tower, self.visitors.request),
            "ranking": RankingPredictor(model.ranker, self.visitors.request, self.catalogue.item_index.__contains__),
        }
        self.models = tuple(self.predictors)

    # ---- pages ---------------------------------------------------------------------------------------------------
    def recommend(
        self,
        user_id: str,
        k: int | None = None,  # Artworks on the page; the setting `page_size` where None
        exclude: tuple[str, ...] | list[str] = (),  # Artworks that are on the page already
        filters: dict | None = None,  # Facet -> a value or a list of values
        exclude_artists: tuple[str, ...] | list[str] = (),  # Artists of whom no more is wanted
    ) -> dict:  # `{request_id, model_version, items}`
        "The next page for a visitor; what is shown is logged as impressions"
        request_id, request = uuid.uuid4().hex, self.visitors.request(user_id)
        page = self.recommender.pages(
            [request],
            k or self.settings.page_size,
            filters,
            exclude,
            exclude_artists,
            explain=True,
            exploration=self.settings.exploration,
            seed=(self.settings.seed, request_id),
        )[0]
        items = self._items(page)
        self._log_impressions(user_id, request_id, items)
        return {"request_id": request_id, "model_version": self.version, "items": items}

    def _items(self, page: Pages) -> list[dict]:
        rows = zip(page.items[0], page.scores[0], page.propensity[0], page.drawn[0], page.reasons[0], strict=True)
        return [
            {
                "artwork_id": self.catalogue.ids[i],
                "score": float(score),
                "rank": rank,
                "reason": _DRAWN if drawn else reason,
                "propensity": float(propensity),
                "artwork": self.catalogue.cards[self.catalogue.ids[i]],
            }
            for rank, (i, score, propensity, drawn, reason) in enumerate(rows, 1)
        ]

    def _log_impressions(self, user_id: str, request_id: str, items: list[dict]) -> Future:
        "Write down what was shown; the visitor does not wait for it"
        shared = {
            Cols.user_id: user_id,
            Cols.event: Event.impression,
            Cols.request_id: request_id,
            Cols.model_version: self.version,
        }
        rows = [
            {
                Cols.event_id: f"{request_id}-{i['rank']}",
                Cols.artwork_id: i["artwork_id"],
                Cols.position: i["rank"],
                Cols.propensity: i["propensity"],
            }
            for i in items
        ]
        return self.store.submit([shared | row for row in rows])

    def similar(self, artwork_id: str, k: int = 12) -> dict:
        "`{items}`: the artworks nearest to one; raises `UnknownArtwork`"
        card, index = self.catalogue.card(artwork_id), self.catalogue.item_index.get(artwork_id)
        if index is None:
            return {"items": []}  # newer than the index
        mask = self.catalogue.facets.available.copy()
        mask[index] = False
        v = self.two_tower.candidates
        reason = {"text": f"Near to “{card['title']}”", "artwork_id": artwork_id, "kind": "similar"}
        nearest = [i for i in self.two_tower.neighbours.search(v[index][None], k, mask)[0][0] if i >= 0]
        return {
            "items": [
                {
                    "artwork_id": self.catalogue.ids[i],
                    "score": float(v[i] @ v[index]),
                    "rank": n,
                    "reason": reason,
                    "propensity": None,
                    "artwork": self.catalogue.cards[self.catalogue.ids[i]],
                }
                for n, i in enumerate(nearest, 1)
            ]
        }

    def predict(self, name: str, instances: list[dict]) -> list[dict]:
        "One prediction per instance from the deployment `name`"
        return self.predictors[name].predict(instances)

    def warm_up(self) -> "Service":
        "Answer once for every kind of visitor, without logging it, so that the first visitor does not wait"
        some = self.catalogue.ids[: self.settings.history_length]
        for n in (0, 1, len(some)):
            request = {Cols.user_id: "", "history": some[:n], "hidden": []}
            self.recommender.pages([request], self.settings.page_size, explain=True)
        return self

    # ---- events --------------------------------------------------------------------------------------------------
    def submit(
        self,
        events: list[dict],  # `user_id, artwork_id, event`, and perhaps `event_id, ts, position, request_id`
    ) -> Future:  # Of `Written`, done when they are on disk
        "Hand events to the store; one unknown artwork or event refuses the whole batch before anything is written"
        for e in events:
            self.catalogue.card(e[Cols.artwork_id])
            if e[Cols.event] not in Event.all:
                raise ValueError(f"{e[Cols.event]} is not an event; there are: {', '.join(Event.all)}.")
        return self.store.submit([{Cols.model_version: self.version, **e} for e in events])

    def send_events(self, events: list[dict]) -> dict:
        "Write events; when this returns they are on disk. `{accepted, duplicates}`"
        return self.submit(events).result()._asdict()

    # ---- visitors and artworks -----------------------------------------------------------------------------------
    def user(self, user_id: str) -> dict:
        "A visitor and what they like, newest first; an unknown one is a new visitor"
        decided, cards = self.visitors.decisions(user_id), self.catalogue.cards
        likes = [cards[a] for a, event in reversed(decided.items()) if event == Event.like and a in cards]
        hidden = [a for a, event in reversed(decided.items()) if event == Event.hide]
        return self._profile(user_id) | {"likes": likes, "hidden": hidden}

    def _profile(self, user_id: str) -> dict:
        p = self.visitors.profiles.get(user_id, {})
        texts = {c: p.get(c, "") for c in (Cols.gender, Cols.description)}
        return {Cols.user_id: user_id, Cols.age: plain(p.get(Cols.age)), **texts}

    def users(self, limit: int = 24) -> list[dict]:
        "Profiles to choose from, those with likes first, each with the number of its likes"
        ids = sorted(self.visitors.profiles, key=lambda u: not self.visitors.logged.get(u))[:limit]
        count = lambda u: sum(event == Event.like for event in self.visitors.decisions(u).values())  # noqa: E731
        return [self._profile(u) | {"likes": count(u)} for u in ids]

    def new_user(self) -> str:
        "An unguessable token for a new visitor"
        return secrets.token_urlsafe(16)

    def forget(self, user_id: str) -> dict:
        "Delete every row that the home keeps of a visitor; they are new from the next answer on"
        self.visitors.forget(user_id)
        return forget_user(self.settings, user_id, self.store)

    def artwork(self, artwork_id: str) -> dict:
        "One artwork: its card and all other fields; raises `UnknownArtwork`"
        return self.catalogue.details(artwork_id)

    def filters(self) -> dict[str, list[str]]:
        "Values to filter by: those of the most artworks first, periods in order of time"
        return self.catalogue.offers

    def picture_path(self, artwork_id: str) -> Path | None:
        "The picture file of an artwork, None where there is none"
        return self.catalogue.files.get(artwork_id)

    def page_scores(self, user_ids: list[str]) -> np.ndarray:
        "All scores on the pages of these users, those without a like left out"
        requests = [self.visitors.request(u) for u in user_ids]
        requests = [r for r in requests if self.recommender.has_history(r)]
        pages = self.recommender.pages(requests, self.settings.page_size)
        return np.concatenate([np.zeros(0), *(p.scores[0] for p in pages)])

    def close(self) -> None:
        self.store.close()

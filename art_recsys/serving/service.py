"""The service behind the model server: the recommender, catalogue, visitors and event store of one release.

Its methods return plain dictionaries. The HTTP server translates them to JSON, and `Client` has the same methods.
"""

import copy
import time
import uuid
from collections.abc import Collection
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.config import Home, Settings
from art_recsys.core import Cols, Event, positives
from art_recsys.language.text_encoder import text_encoder
from art_recsys.models.interests import all_scores
from art_recsys.models.steering import DIRECTIONS, habits, summary
from art_recsys.models.steps import Pages
from art_recsys.models.two_stage import TwoStage
from art_recsys.recommendation import Recommender, page_recommender

from .arms import Arm, exposure, impressions, traced, warm_up
from .catalogue import Catalogue, plain
from .forget import forget as forget_user
from .larger import larger_model
from .maps import CatalogueMap, grown_places, read_places
from .predictors import QueryPredictor, RankingPredictor
from .search import Meaning, Search
from .similar import ROWS, SimilarRow, SimilarWorks
from .store import EventStore
from .visitors import Visitors
from .visits import Visits

__all__ = ["Service"]

_TEXTS = (Cols.gender, Cols.description)
_DRAWN: dict = {"text": "A surprise, drawn at random", "artwork_id": None, "kind": "surprise", "shared": []}


class Service:
    """Answers all requests with the models of one release."""

    live_seq = 0  # the last change over HTTP that is in `artworks`
    experiments: Any = None  # `Experiments`, once they are followed

    visits: Visits

    def __init__(
        self,
        settings: Settings,  # Of the home that is served
        version: str,  # Version of the release
        model: TwoStage,  # Fitted towers and ranking model
        artworks: pd.DataFrame,  # Normalised frames: artworks, users, events
        users: pd.DataFrame,  # With profiles, known from the start
        events: pd.DataFrame,  # Of the training data
        store: EventStore,  # The visitors' events, which come on top of `events`
    ):
        self.settings, self.version, self.store, self.two_tower = settings, version, store, model.tower
        self.recommender: Recommender = page_recommender(model, settings).serve(artworks, users, events)
        facets = self.recommender.steps.filter.facets
        self.catalogue = Catalogue(artworks, model.candidate_ids, Home(settings.home), facets)
        self.search_index = Search(artworks, self.recommender.steps.explain.traits, self._meaning())
        self.visitors = Visitors(users, events, store)
        self.liked = positives(events).assign(**{Cols.event: Event.like})  # of the training data
        self.places = read_places(settings, model.tower.artwork_features)
        self.source_artworks = artworks  # of the release, before any change
        self.new_request_id = lambda: uuid.uuid4().hex  # also the seed of a page's exploration
        self._assemble(model, artworks)

    def _assemble(self, model: TwoStage, artworks: pd.DataFrame) -> None:
        "Set what depends on the recommender, the catalogue and the visitors"
        self.model, self.two_tower, self.artworks = model, model.tower, artworks
        self.recommender.known = self.visitors
        self.traits = self.recommender.steps.explain.traits
        self.similar_works = SimilarWorks(model.tower, self.traits, self.catalogue.facets.available)
        self.visits = Visits(self.catalogue, self.visitors, self.visits.codes if hasattr(self, "visits") else None)
        self.popularity = self.traits.likes  # per candidate, shape (n_candidates,)
        withdrawn = [a for a in self.catalogue.ids if a not in self.catalogue.cards]
        self.predictors: dict[str, QueryPredictor | RankingPredictor] = {
            "query": QueryPredictor(model.tower, self.visitors.request, withdrawn),
            "ranking": RankingPredictor(model.ranker, self.visitors.request, self.catalogue.item_index.__contains__),
        }
        self.models = tuple(self.predictors)
        parts = model.tower, self.catalogue, self.popularity, self.visitors
        self.map = None if self.places is None else CatalogueMap(self.places, *parts)  # None: released without a map
        self.served, self.withdrawn = Arm(self.recommender, self.settings, self.version), withdrawn

    def changed(
        self,
        rows: pd.DataFrame,  # New and changed artworks, normalised, with vectors
        gone: Collection[str] = (),  # Ids of artworks that leave the catalogue
    ) -> "Service":  # A new object; requests that have begun go on with this one
        "The same release after changes of the catalogue: nothing is trained, and visitors stay"
        out, old, ids = copy.copy(self), self.artworks, rows[Cols.artwork_id].tolist()
        kept = old[~old[Cols.artwork_id].isin({*ids, *gone})]
        artworks = pd.concat([kept, rows], ignore_index=True) if len(rows) else kept.reset_index(drop=True)
        model = larger_model(self.model, rows) if len(rows) else self.model
        out.recommender = self.recommender.over(model, artworks, self.liked)
        facets, traits = out.recommender.steps.filter.facets, out.recommender.steps.explain.traits
        out.catalogue = self.catalogue.changed(artworks, model.candidate_ids, facets, rows, Home(self.settings.home))
        meaning = self.search_index.meaning
        meaning = meaning and meaning.over(model.tower.artwork_features["text"])
        left = [a for a in gone if a in self.traits.item_index]  # their words leave the full text
        out.search_index = self.search_index.changed(artworks, traits, meaning, [*ids, *left])
        if self.places is not None:
            out.places = grown_places(self.places, model.tower.candidates)
        out._assemble(model, artworks)
        return out

    # ---- pages ---------------------------------------------------------------------------------------------------
    def recommend(
        self,
        user_id: str,  # An unknown one is a new visitor and gets a first page
        k: int | None = None,  # Artworks per page; the setting `page_size` if None
        exclude: tuple[str, ...] | list[str] = (),  # Ids of artworks that the visitor already sees
        filters: dict | None = None,  # Facet (category, medium, period, colour) -> a value or a list of values
        exclude_artists: tuple[str, ...] | list[str] = (),  # Artists whose artworks are left out
        log: bool = True,  # False: somebody else looks at the page of this visitor
    ) -> dict:  # `{request_id, model_version, items}`
        "The next page for a visitor; its artworks are logged as impressions"
        begin, arm = time.perf_counter(), self.arm_of(user_id)
        request_id, request = self.new_request_id(), self.visitors.request(user_id)
        page, fresh = None, not (filters or exclude or exclude_artists)
        try:
            page = arm.recommender.pages(
                [request],
                k or arm.settings.page_size,
                filters,
                [*exclude, *self.withdrawn],  # an arm may still have what has just been withdrawn
                exclude_artists,
                explain=True,
                exploration=arm.settings.exploration,
                seed=(arm.settings.seed, request_id),
            )[0]
        finally:  # a page that fails is an empty one to the guardrails
            items = self._items(page, arm) if page else []
            if log:
                how = exposure(arm, user_id, request_id, page, arm.recommender.has_history(request), fresh, begin)
                self.store.submit([how, *impressions(arm, user_id, request_id, items)])  # nobody waits for the disk
        return {"request_id": request_id, "model_version": arm.version, "items": items}

    def arm_of(self, user_id: str) -> Arm:
        "Who answers this visitor: the release, or the visitor's arm of the running experiment"
        return (self.experiments.arm_of(user_id) if self.experiments else None) or self.served

    def session(
        self,
        liked: list[str],  # Ids of liked artworks, oldest first; unknown ones are left out
        hidden: list[str],  # Ids that must not come
        k: int | None = None,  # This and the following as for `recommend`
        exclude: tuple[str, ...] | list[str] = (),
        filters: dict | None = None,
        exclude_artists: tuple[str, ...] | list[str] = (),
    ) -> dict:  # `{model_version, items, unknown}`
        "The next page for somebody of whom only these likes are known; nothing is kept, and nothing explored"
        request, cards = {"history": liked, "hidden": hidden}, self.catalogue.cards
        k = k or self.settings.page_size
        page = self.recommender.pages([request], k, filters, exclude, exclude_artists, explain=True)[0]
        unknown = [a for a in liked if a not in cards]
        return {"model_version": self.version, "items": self._items(page, self.served), "unknown": unknown}

    def _items(self, page: Pages, arm: Arm) -> list[dict]:
        rows = zip(page.items[0], page.scores[0], page.propensity[0], page.drawn[0], page.reasons[0], strict=True)
        return [
            {
                "artwork_id": (artwork_id := arm.artwork_id(i)),
                "score": float(score),
                "rank": rank,
                "reason": _DRAWN if drawn else reason,
                "propensity": float(propensity),
                "artwork": self.catalogue.cards[artwork_id],
            }
            for rank, (i, score, propensity, drawn, reason) in enumerate(rows, 1)
        ]

    def similar(
        self,
        artwork_id: str,  # One newer than the index has no rows
        k: int = 12,  # Works per row
        row: str | None = None,  # Only this row: subject, light or hand
        exclude: tuple[str, ...] | list[str] = (),  # Ids of works that are shown already
    ) -> dict:  # `{rows: [{name, title, items}]}`
        "Works similar to one artwork, in up to three rows. Raises `UnknownArtwork`, and `ValueError` for another row."
        self.catalogue.card(artwork_id)
        if row is not None and row not in ROWS:
            raise ValueError(f"{row} is not a row; there are: {', '.join(ROWS)}.")
        index = self.catalogue.item_index.get(artwork_id)
        if index is None:
            return {"rows": []}  # the artwork is newer than the index
        shown = [self.catalogue.item_index[a] for a in exclude if a in self.catalogue.item_index]
        found = self.similar_works.rows(index, k, row, shown)
        return {"rows": [{"name": r.name, "title": ROWS[r.name], "items": self._similar_items(r)} for r in found]}

    def _similar_items(self, row: SimilarRow) -> list[dict]:
        return [
            {
                "artwork_id": self.catalogue.ids[i],
                "score": float(score),
                "rank": n,
                "reason": reason,
                "propensity": None,
                "artwork": self.catalogue.cards[self.catalogue.ids[i]],
            }
            for n, (i, score, reason) in enumerate(zip(row.items, row.scores, row.reasons, strict=True), 1)
        ]

    def _meaning(self) -> Meaning | None:
        "Search by the texts' vectors, which the towers have already; None where they were made without a text model"
        model, vectors = self.two_tower.text_model, self.two_tower.artwork_features.get("text")
        return None if model is None or vectors is None else Meaning(vectors, text_encoder(model).encode_once)

    def search(
        self,
        text: str,  # What was typed so far
        k: int = 24,  # Works at most
        skip: int = 0,  # Works that are shown already: those after them come
        user_id: str | None = None,  # Their taste orders works of about the same relevance; None: the popular first
        filters: dict | None = None,  # As for `recommend`
        exclude_artists: tuple[str, ...] | list[str] = (),  # Artists whose artworks are left out
    ) -> dict:  # `{items, total, artists: [{artist, works}], corrected, meaning, loading, counts}`
        """Works that fit a line of text; `counts`: for each facet the values among all of them, with their numbers.

        `meaning`: whether texts were compared by meaning, too. While the text model is `loading`, they are not.
        """
        facets = self.recommender.steps.filter.facets
        allowed, taste = facets.mask(filters or {}, exclude_artists), None
        if user_id is not None and self.recommender.has_history(request := self.visitors.request(user_id)):
            taste = all_scores(self.two_tower.query([request]), self.two_tower.candidates)[0]
        found = self.search_index.find(text, allowed, taste)
        part = slice(skip, skip + k)
        shown = zip(found.items[part], found.scores[part], found.ways[part], strict=True)
        ids, cards = self.catalogue.ids, self.catalogue.cards
        return {
            "items": [
                {"artwork_id": ids[i], "score": float(score), "rank": n, "found": ways, "artwork": cards[ids[i]]}
                for n, (i, score, ways) in enumerate(shown, skip + 1)
            ],
            "total": len(found.items),
            "artists": [{"artist": name, "works": works} for name, works in found.artists],
            "corrected": found.corrected,
            "meaning": found.meaning,
            "loading": self.search_index.meaning is not None and self.search_index.meaning.loading,
            "counts": facets.counts(found.items),
        }

    def artist(
        self,
        name: str,  # Capitals do not matter
        k: int = 60,  # Works at most
        skip: int = 0,  # Works that are shown already
    ) -> dict:  # `{artist, total, items: [{artwork_id, artwork}]}`
        "The works of an artist in order of time, those without a year last; none for a name that the catalogue lacks"
        items = self.traits.having("artist", name)
        items = items[self.recommender.steps.filter.facets.available[items]]
        order = np.lexsort(([self.traits.titles[i] for i in items], self.traits.years[items]))  # NaN comes last
        ids, cards = [self.catalogue.ids[i] for i in items[order]], self.catalogue.cards
        shown = [{"artwork_id": a, "artwork": cards[a]} for a in ids[skip : skip + k]]
        return {"artist": shown[0]["artwork"][Cols.artist] if shown else name, "total": len(ids), "items": shown}

    def predict(
        self,
        name: str,  # `query` or `ranking`; another raises KeyError
        instances: list[dict],  # KServe V1, as `predictors` describes them
    ) -> list[dict]:
        "One prediction per instance, from the deployment `name`. Raises what the predictor raises."
        return self.predictors[name].predict(instances)

    def warm_up(self) -> "Service":
        "Compute some pages, so that the first request is not slow; pages after that are traced, if the settings say so"
        warm_up(self.recommender, self.settings)
        traced(self.recommender, self.settings)
        return self

    # ---- events --------------------------------------------------------------------------------------------------
    def submit(
        self,
        events: list[dict],  # `user_id, artwork_id, event`; optional: `event_id, ts, position, request_id`
    ) -> Future:  # Resolves to `Written` when the events are on disk
        """Pass events to the store; nothing is written if one is invalid.

        Raises `UnknownArtwork` for an unknown artwork and `ValueError` for an unknown kind of event.
        """
        for e in events:
            self.catalogue.card(e[Cols.artwork_id])
            if e[Cols.event] not in Event.all:
                raise ValueError(f"{e[Cols.event]} is not an event; there are: {', '.join(Event.all)}.")
        version = {e[Cols.user_id]: self.arm_of(e[Cols.user_id]).version for e in events}
        return self.store.submit([{Cols.model_version: version[e[Cols.user_id]], **e} for e in events])

    def send_events(self, events: list[dict]) -> dict:
        "Write `events`, wait until they are on disk: `{accepted, duplicates}`. Raises as `submit`, or `StoreError`."
        return self.submit(events).result()._asdict()

    def steer(
        self,
        user_id: str,  # Of the visitor; an unknown one is a new visitor
        direction: str,  # `more`, `less` or `neutral`
        kind: str,  # One of `traits.KINDS`
        value: str,  # Capitals do not matter; written to disk as the catalogue has it
        event_id: str | None = None,  # An event sent again under the same id is a duplicate; None: the store makes one
    ) -> dict:
        """Ask for more or less of a tag, artist, palette or period; `neutral` takes it back. The last word counts.

        Waits until it is on disk: `{accepted, duplicates}`. Raises `ValueError` for a trait that no work has.
        """
        if direction not in DIRECTIONS:
            raise ValueError(f"{direction} is not a direction; there are: {', '.join(DIRECTIONS)}.")
        stands = [(w["kind"], w["value"]) for w in self.store.steering(user_id)]
        known = direction == "neutral" and (kind, value) in stands  # perhaps of works that left the catalogue
        wish = {"direction": direction, "kind": kind, "value": value if known else self.traits.name(kind, value)}
        return self.store.append([{Cols.user_id: user_id, Cols.event_id: event_id, **wish}])._asdict()

    def taste(self, user_id: str) -> dict:  # `{user_id, follows: [{kind, value, asked, likes}], less, text}`
        "What a visitor follows, asked for or seen in their likes, and what they want less of"
        request = self.visitors.request(user_id)
        wishes = {d: [w for w in request["steering"] if w["direction"] == d] for d in ("more", "less")}
        index = self.catalogue.item_index
        liked = habits(self.traits, [index[a] for a in request["history"] if a in index], request["steering"])
        asked = [{"kind": w["kind"], "value": w["value"]} for w in reversed(wishes["more"])]
        follows = [{**t, "asked": True, "likes": 0} for t in asked]
        follows += [{"kind": t["kind"], "value": t["value"], "asked": False, "likes": t["likes"]} for t in liked]
        less = [{"kind": w["kind"], "value": w["value"]} for w in reversed(wishes["less"])]
        return {Cols.user_id: user_id, "follows": follows, "less": less, "text": summary(follows, less)}

    # ---- visitors and artworks -----------------------------------------------------------------------------------
    def user(self, user_id: str) -> dict:
        "Profile, likes (cards) and hidden ids of the visitor `user_id`, newest first; an unknown id is a new visitor"
        decided, cards = self.visitors.decisions(user_id), self.catalogue.cards
        likes = [cards[a] for a, event in reversed(decided.items()) if event == Event.like and a in cards]
        hidden = [a for a, event in reversed(decided.items()) if event == Event.hide]
        return self._profile(user_id) | {"likes": likes, "hidden": hidden}

    def _profile(self, user_id: str) -> dict:
        p = self.visitors.profiles.get(user_id, {})
        return {Cols.user_id: user_id, Cols.age: plain(p.get(Cols.age))} | {c: p.get(c, "") for c in _TEXTS}

    def users(self, limit: int = 24) -> list[dict]:  # `{user_id, age, gender, description, likes}`
        "At most `limit` profiles to choose from, each with its number of likes; those with likes come first"
        ids = sorted(self.visitors.profiles, key=lambda u: not self.visitors.logged.get(u))[:limit]
        count = lambda u: sum(event == Event.like for event in self.visitors.decisions(u).values())  # noqa: E731
        return [self._profile(u) | {"likes": count(u)} for u in ids]

    def new_user(self) -> str:
        "A token for a new visitor: an unguessable user id that only this server can make"
        return self.visits.tokens.make()

    def take_over(
        self,
        before: "Service",  # what answered until now
    ) -> None:
        "Take what outlives a release: the wrong tries at codes, and users that came while this one was being loaded"
        from .live_catalogue import use_live_users

        self.visits.codes = before.visits.codes
        use_live_users(self)

    def forget(self, user_id: str) -> dict:
        "Delete all rows of `user_id` from the home; afterwards it is a new visitor's id. Raises `UserError`."
        self.visitors.forget(user_id)
        try:
            return forget_user(self.settings, user_id, self.store)
        finally:
            self.visitors.forget(user_id)  # somebody may have read a row before it was deleted

    def artwork(self, artwork_id: str) -> dict:
        "The artwork `artwork_id`: its card and all other fields. Raises `UnknownArtwork`."
        return self.catalogue.details(artwork_id)

    def filters(self) -> dict[str, list[str]]:
        "The values of each filter, the most frequent first; periods in chronological order"
        return self.catalogue.offers

    def choices(
        self,
        filters: dict | None = None,  # As for `recommend`
        exclude_artists: tuple[str, ...] | list[str] = (),  # Artists whose artworks are left out
    ) -> dict[str, dict[str, int]]:  # Facet -> value -> works
        "What else can be filtered by beside these filters, and how many works are then left; never none"
        return self.recommender.steps.filter.facets.choices(filters or {}, exclude_artists)

    def picture_path(self, artwork_id: str) -> Path | None:
        "The picture file of the artwork `artwork_id`, or None if it has no picture or is unknown"
        return self.catalogue.files.get(artwork_id)

    def page_scores(self, user_ids: list[str]) -> np.ndarray:  # float, one dimension
        "The scores on one page for each of `user_ids`, concatenated; users without likes are left out"
        requests = [r for u in user_ids if self.recommender.has_history(r := self.visitors.request(u))]
        pages = self.recommender.pages(requests, self.settings.page_size)
        return np.concatenate([np.zeros(0), *(p.scores[0] for p in pages)])

    def close(self) -> None:
        "Close the event store"
        self.store.close()

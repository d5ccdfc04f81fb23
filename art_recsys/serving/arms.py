"""The arms of an experiment in a running server: both recommenders are loaded, and each visitor gets one of them.

An arm that differs in settings only shares the models of the release it stands on; its own are the steps of a page
(the facets and traits of the catalogue). An arm of another release holds that release's towers and ranking model too.
Profiles, likes and the event store are the service's own in both arms: a like is written and read in the same way,
whatever arm a visitor is in, and whatever becomes of the experiment.
"""

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from art_recsys.config import Settings, UserError
from art_recsys.core import Cols, Event
from art_recsys.platform.login import login

from .release_file import known_releases, released_pair, settings_of_release, with_settings

if TYPE_CHECKING:  # it imports TensorFlow, and neither a server that begins to listen nor the command line needs that
    from art_recsys.models.recommender import RecommenderBase

__all__ = ["Arm", "exposure", "impressions", "label_of", "load_arms", "moved_arms", "traced", "warm_up"]


@dataclass(frozen=True)
class Arm:
    "Who answers a visitor"

    recommender: "RecommenderBase"
    settings: Settings  # of its pages
    version: str  # that its events carry
    name: str | None = None  # a or b; None outside an experiment
    experiment: str | None = None  # its name
    odds: float = 1.0  # probability with which a visitor has this arm

    def artwork_id(self, item: int) -> str:
        "The artwork behind the item index `item` of this arm: every release has an order of its own"
        return str(self.recommender.candidate_ids[item])


def label_of(arm: dict) -> str:
    "`query-1+ranking-1+diversity=0.3`: an arm of `experiments.json`, as its events name it"
    return "+".join([arm["release"], *(f"{k}={v}" for k, v in sorted(arm["settings"].items()))])


def load_arms(
    settings: Settings,  # of the home, as the server was started
    service: Any,  # the `Service` of the release that is served
    experiment: dict,  # of `experiments.json`
) -> dict[str, Arm]:  # a and b
    "Load both arms and warm them up. Raises `UserError` where a release is gone."
    out, models = {}, {service.version: (service.model, service.settings)}  # both arms of one release share its models
    for name, share in (("a", 1 - experiment["share"]), ("b", experiment["share"])):
        asked = experiment[name]
        if asked["release"] not in models:
            models[asked["release"]] = _read(settings, asked["release"])
        model, own = models[asked["release"]]
        chosen = with_settings(own, asked["settings"])
        recommender = service.recommender
        if asked["settings"] or asked["release"] != service.version:
            recommender = _recommender(settings, service, model, chosen)
        out[name] = Arm(recommender, chosen, label_of(asked), name, experiment["name"], share)
    return out


def _read(settings: Settings, version: str) -> tuple[Any, Settings]:
    "The towers and the ranking model of a release, and the settings of its pages"
    from art_recsys.models.two_stage import TwoStage
    from art_recsys.ranking import Ranker

    if (release := known_releases(settings).get(version)) is None:
        raise UserError(f"There is no release {version} any more.", "start another experiment")
    query, ranking = released_pair(login(settings).get_model_registry(), release)
    query.download()  # verifies the checksums
    ranker: Any = Ranker.load(ranking.download())
    return TwoStage(ranker.two_tower, ranker), settings_of_release(settings, release)


def _recommender(settings: Settings, service: Any, model: Any, chosen: Settings) -> "RecommenderBase":
    "A recommender of the served catalogue and visitors, warmed up"
    from art_recsys.features import load_frames
    from art_recsys.recommendation import page_recommender

    _, users, events = load_frames(login(settings), settings)
    artworks = service.artworks  # with what came over HTTP
    recommender = page_recommender(_grown(model, artworks), chosen).serve(artworks, users, events)
    recommender.known = service.visitors
    warm_up(recommender, settings)
    return traced(recommender, settings)


def _grown(model: Any, artworks: pd.DataFrame) -> Any:
    "The model with a vector for each artwork that it does not know"
    from .larger import larger_model

    new = artworks[~artworks[Cols.artwork_id].isin(model.candidate_ids)]
    return larger_model(model, new) if len(new) else model


def moved_arms(
    arms: dict[str, Arm],  # as `load_arms` gave them
    service: Any,  # the `Service` of the same release, after a change of its catalogue
    experiment: dict,  # of `experiments.json`
) -> dict[str, Arm]:  # a and b
    "The arms over the catalogue as it is now; nothing is read, and their visitors stay"
    out = {}
    for name, arm in arms.items():
        asked, recommender = experiment[name], service.recommender
        if asked["settings"] or asked["release"] != service.version:
            of_release = asked["release"] == service.version
            model = service.model if of_release else _grown(arm.recommender.model, service.artworks)
            recommender = traced(arm.recommender.over(model, service.artworks, service.liked), arm.settings)
        out[name] = replace(arm, recommender=recommender)
    return out


def warm_up(
    recommender: "RecommenderBase",  # served
    settings: Settings,  # of the home
) -> None:
    "Compute pages for no, one and many likes without logging them, so that the first request is not slow"
    some = [str(a) for a in recommender.candidate_ids[: settings.history_length]]
    for n in (0, 1, len(some)):
        request = {Cols.user_id: "", "history": some[:n], "hidden": []}
        recommender.pages([request], settings.page_size, explain=True)


def traced(
    recommender: "RecommenderBase",  # served
    settings: Settings,  # `tracing` is read
) -> "RecommenderBase":  # the same object
    "Put each step of its pages into a span, if the settings say so"
    if settings.tracing:
        from .tracing import trace_steps  # costs nothing where it is off

        trace_steps(recommender)
    return recommender


def exposure(
    arm: Arm,  # who made the page
    user_id: str,
    request_id: str,
    page: Any,  # `Pages` of one request; None: it failed
    has_history: bool,  # whether it was a personal page
    fresh: bool,  # nothing was filtered, nothing was shown before
    begin: float,  # `time.perf_counter()` when it was asked for
) -> dict:  # a row of `exposures`
    "How a page came about"
    explored = page is not None and bool((page.propensity < 1).any())
    steps = arm.recommender.steps if has_history else arm.recommender.start
    always = steps.always_explore
    return {
        Cols.request_id: request_id,
        Cols.user_id: user_id,
        "experiment": arm.experiment,
        "arm": arm.name,
        "odds": arm.odds,
        "exploration": arm.settings.exploration if explored else 0.0,
        "always": always + 1 if explored and always is not None else None,
        "drawn": "" if page is None else ",".join(str(rank) for rank, d in enumerate(page.drawn[0], 1) if d),
        "fresh": int(fresh),
        "shown": 0 if page is None else page.items.shape[1],
        "ms": round(1000 * (time.perf_counter() - begin), 2),
    }


def impressions(
    arm: Arm,  # who made the page
    user_id: str,
    request_id: str,
    items: list[dict],  # of the page, with `artwork_id`, `rank` and `propensity`
) -> list[dict]:  # events
    "The artworks of a page as impressions"
    shared = {
        Cols.user_id: user_id,
        Cols.event: Event.impression,
        Cols.request_id: request_id,
        Cols.model_version: arm.version,
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
    return [shared | row for row in rows]

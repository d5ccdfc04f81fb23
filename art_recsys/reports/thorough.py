"""The studies of `art-recsys evaluate --thorough`, which fit the models again: newcomers, seeds, another split."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from art_recsys.config import Settings, UserError
from art_recsys.measures.hits import per_user
from art_recsys.recommendation import make_recommenders

from .newcomers import MEASURED, cold_split, cold_start
from .result import Evaluation
from .seeds import SEEDS, seed_study, seeds_from
from .splits import last_like_split, same_order, side_by_side
from .tables import as_dict
from .tuning import tuned_recommenders

__all__ = ["fresh_recommenders", "studies"]


def fresh_recommenders(
    settings: Settings,  # of the run
    tuning: dict[str, dict],  # from `tune`; empty where the baselines have their default values
    seed: int | None = None,  # of the trainings; that of the settings where None
) -> dict[str, Any]:  # name -> not fitted yet
    "All recommenders, the baselines with their chosen values"
    s = settings if seed is None else settings.model_copy(update={"seed": seed})
    return make_recommenders(s) | tuned_recommenders(tuning, s.seed)


def studies(
    artworks: pd.DataFrame,  # normalised
    users: pd.DataFrame,  # normalised
    events: pd.DataFrame,  # all of them, normalised
    train: pd.DataFrame,  # those before the cut
    test: pd.DataFrame,  # test positives
    result: Evaluation,  # of all recommenders on these: its values are the first seed and the first split
    settings: Settings,  # of the run
    evaluate_split: Callable[..., Evaluation],  # that of `art_recsys.evaluation`
    n_seeds: int = SEEDS,  # trainings of each recommender with a seed
    which: tuple[str, ...] = ("cold", "seeds", "splits"),
) -> dict[str, dict]:  # for `Evaluation.studies`: `cold` as from `cold_start`, the others JSON-able
    "Newcomers and new artworks; seed variance beside user variance; the last-like split beside the time split"
    found: dict[str, dict] = {}
    make = lambda seed=None: fresh_recommenders(settings, result.tuning, seed)  # noqa: E731
    if "cold" in which:
        cold, fresh = cold_split(artworks, train, test, settings.seed), make()
        fresh = {n: fresh[n] for n in MEASURED if n in fresh}
        found["cold"] = cold_start(artworks, users, cold, fresh, per_user, seed=settings.seed)
    if "seeds" in which:
        measured = {n: v for n, v in result.values.items() if n != "oracle"}
        seeds = seeds_from(settings.seed, n_seeds)
        found["seeds"] = seed_study(artworks, users, train, test, make, seeds, measured).as_dict(result.ndcg)
    if "splits" in which:
        fresh = {n: m for n, m in make().items() if n in result.values}
        try:
            before, last = last_like_split(events)
        except UserError as e:
            return found | {"splits": {"skipped": e.what}}
        other = evaluate_split(artworks, users, before, last, fresh, seed=settings.seed, text_model=settings.text_model)
        found["splits"] = {
            "table": as_dict(side_by_side({"time split": result, "last like": other})),
            "agreement": same_order(result, other, seed=settings.seed),
            "agreement without random": same_order(result, other, ("oracle", "random"), settings.seed),
            "last like": other.about,
        }
    return found

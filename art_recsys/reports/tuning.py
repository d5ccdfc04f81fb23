"""Baselines with hyper-parameters that were chosen on validation, with as many trials as ours.

A new model looks good beside baselines with somebody's default values (Ferrari Dacrema and others, Are we really making
much progress?, 2019, https://arxiv.org/abs/1907.06902; Rendle and others, On the difficulty of evaluating baselines,
2019, https://arxiv.org/abs/1905.01395). So every baseline that has something to choose gets a search: the space is
declared in `SPACES`, the first trial is the default values, and the others are a Latin hypercube over the space. The
best NDCG@10 on the latest likes of the training part is chosen. The test part is never read.

The budget is the number of configurations among which our own models choose on validation: `trials_of_ours`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import qmc

from art_recsys.config import Settings, UserError, fingerprint, progress, read_json, rng, write_json
from art_recsys.core import Cols, Event, positives, split_by_time, test_positives
from art_recsys.measures.hits import per_user
from art_recsys.models.baselines import ALS, EASE, Baseline, ItemKNN, VisualKNN
from art_recsys.models.cooccurrence import choose_penalty
from art_recsys.models.fingerprints import fingerprint_of
from art_recsys.recommendation import Recommender, catalogue_steps

__all__ = ["SPACES", "Range", "Space", "described", "kept_or_tuned", "trials_of_ours", "tune", "tuned_recommenders"]


@dataclass(frozen=True)
class Range:
    """Values between two ends, each of which is as likely as its double or its half (log-uniform)."""

    low: float  # above 0
    high: float
    whole: bool = False  # only whole numbers

    def at(
        self,
        share: float,  # 0 gives the lower end, 1 the upper one
    ) -> float:  # rounded to three digits
        "The value at a share of the way"
        value = self.low * (self.high / self.low) ** share
        return round(value) if self.whole else float(f"{value:.3g}")

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}, log-uniform{', whole' if self.whole else ''}"


@dataclass(frozen=True)
class Space:
    """What can be chosen for one baseline."""

    make: Callable  # a class of `art_recsys.models.baselines`
    ranges: dict[str, Range]  # argument -> its values; without any there is nothing to choose

    @property
    def defaults(self) -> dict[str, Any]:
        "The values that are used where nothing was chosen"
        return {n: signature(self.make).parameters[n].default for n in self.ranges}

    def values_of(
        self,
        model: Any,  # made by `make`
    ) -> dict[str, Any]:
        "The values that a baseline has"
        kept = getattr(model, "params", {}) | vars(model)
        return {n: kept[n] for n in self.ranges if n in kept}

    def model(
        self,
        values: dict[str, Any],  # by argument
        seed: int,  # for a model that takes one
    ) -> Any:
        "A baseline with these values, not fitted yet"
        return self.make(**values, **({"seed": seed} if "seed" in signature(self.make).parameters else {}))

    def trials(
        self,
        n: int,  # how many
        seed: int,  # of the draws
    ) -> list[dict[str, Any]]:
        "The default values, then `n - 1` points of the space that are spread evenly over each range"
        if n < 1:
            raise UserError(f"{n} trials choose nothing.", "give a budget of 1 trial or more")
        points = qmc.LatinHypercube(len(self.ranges), rng=rng(seed, "tuning")).random(n - 1)
        return [self.defaults] + [
            {name: r.at(x) for (name, r), x in zip(self.ranges.items(), p, strict=True)} for p in points
        ]


SPACES = {
    "visual_knn": Space(VisualKNN, {"k": Range(1, 50, True)}),
    "item_knn": Space(ItemKNN, {"k": Range(5, 500, True), "shrink": Range(1, 500)}),
    "als": Space(
        ALS,
        {
            "factors": Range(8, 128, True),
            "regularization": Range(0.001, 10),
            "alpha": Range(0.3, 30),
            "iterations": Range(5, 30, True),
        },
    ),
    "ease": Space(EASE, {"reg": Range(1, 5000)}),
}


def trials_of_ours(
    settings: Settings,  # of the run
) -> int:
    "Among how many configurations ours choose on validation: each epoch, each penalty, the ranking or not, other fits"
    penalties = signature(choose_penalty).parameters["penalties"].default
    return settings.epochs + len(penalties) + 2 + settings.choice_budget


def _decisions(events: pd.DataFrame) -> pd.DataFrame:
    "Only the events that baselines read, which saves most of the time"
    kinds = [Event.like, Event.unlike, Event.hide]
    return events[events[Cols.event].isin(kinds)] if (events[Cols.event] == Event.like).any() else events


def tune(
    artworks: pd.DataFrame,  # as for `fit`
    users: pd.DataFrame,  # as for `fit`
    train: pd.DataFrame,  # normalised events of the training part; the latest likes of it are the validation
    trials: int,  # for each baseline
    valid_share: float = 0.1,  # share of the likes that is held out for validation
    seed: int = 42,  # of the draws, and of the models that take one
    k: int = 10,  # of NDCG
    spaces: dict[str, Space] = SPACES,
) -> dict[str, dict]:  # baseline -> its search, JSON-able
    "Search the space of every baseline; one that cannot be fitted says why in `skipped`"
    early, late = split_by_time(train, valid_share)
    likes = positives(train)
    valid = test_positives(likes[likes[Cols.ts] >= late[Cols.ts].min()], early) if len(late) else likes.iloc[:0]
    if valid.empty or positives(early).empty:
        raise UserError("The training part has no likes to choose on.", "give more likes, or raise valid_share")
    asked, early, metric = list(valid[Cols.user_id].unique()), _decisions(early), f"ndcg@{k}"
    out = {}
    for name in progress(list(spaces), "tuning", unit="baseline"):
        space, start, known = spaces[name], time.perf_counter(), {}
        tried = space.trials(trials, seed)
        try:
            for values in tried:
                if (key := tuple(values.values())) not in known:
                    model = Recommender(space.model(values, seed), catalogue_steps).fit(artworks, users, early)
                    known[key] = float(per_user(model.recommend(asked, k), valid, [metric])[metric].mean())
        except UserError as e:
            out[name] = _about(space) | {"skipped": e.what}
            continue
        figures = [known[tuple(v.values())] for v in tried]
        best = int(np.argmax(figures))  # of equals the first, so a baseline that gains nothing keeps its defaults
        out[name] = _about(space) | {
            "values": tried[best],
            "trials": trials,
            "validation": {"default": round(figures[0], 5), "chosen": round(figures[best], 5), "metric": metric},
            "users": len(asked),
            "seconds": round(time.perf_counter() - start, 1),
        }
    return out


def _about(space: Space) -> dict[str, Any]:
    "What is reported of a baseline that was not tuned"
    shown = {n: str(r) for n, r in space.ranges.items()}
    return {"space": shown, "trials": 0, "default": space.defaults, "values": space.defaults}


def described(
    models: dict[str, Any],  # recommenders by name; those that are not baselines are left out
    found: dict[str, dict],  # from `tune`; empty where nothing was searched
) -> dict[str, dict]:  # baseline -> `space, trials, default, values` and more, JSON-able
    "For the report: the values that each baseline has, and how they came about"
    out = {}
    for name, recommender in models.items():
        model = getattr(recommender, "model", None)
        if not isinstance(model, Baseline) or name == "oracle":
            continue
        space = SPACES.get(name, Space(type(model), {}))
        values = space.values_of(model)
        searched = found.get(name, {})
        about = searched if searched.get("values") == values else _about(space)  # made by hand: not what was searched
        out[name] = about | {"values": values}
    return out


def kept_or_tuned(
    artworks: pd.DataFrame,  # as for `tune`
    users: pd.DataFrame,
    train: pd.DataFrame,
    settings: Settings,  # seed, shares; `thorough` searches where nothing is kept
    file: Path,  # JSON of the last search, with what it was made from
) -> dict[str, dict]:  # as from `tune`; empty: the default values count
    "The search of an earlier run on just these likes, a new one where the run is thorough, or the default values"
    if not file.is_file() and not settings.thorough:
        return {}
    trials = trials_of_ours(settings)
    spaces = [(n, s.defaults, {a: str(r) for a, r in s.ranges.items()}) for n, s in SPACES.items()]
    made_from = fingerprint(
        fingerprint_of(artworks, train), trials, settings.valid_share, settings.seed, settings.image_model, spaces
    )
    try:
        kept = read_json(file) if file.is_file() else {}
    except ValueError:  # no JSON: somebody else wrote it
        kept = {}
    if kept.get("made_from") == made_from:
        return kept["baselines"]
    if not settings.thorough:
        return {}
    found = tune(artworks, users, train, trials, settings.valid_share, settings.seed)
    write_json({"made_from": made_from, "baselines": found}, file)
    return found


def tuned_recommenders(
    found: dict[str, dict],  # from `tune`
    seed: int = 42,  # of the models that take one
) -> dict[str, Recommender]:  # baseline -> not fitted yet
    "The baselines with the values that were chosen"
    return {n: Recommender(SPACES[n].model(f["values"], seed), catalogue_steps) for n, f in found.items()}

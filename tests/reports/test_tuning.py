"""Baselines are tuned on the training part alone, with the same number of trials, and the report says how."""

import json

import numpy as np
import pytest

from art_recsys.config import UserError, load_settings
from art_recsys.core import Cols, as_artworks, as_events, as_users
from art_recsys.evaluation import evaluate_split, hold_out
from art_recsys.models.baselines import ALS, EASE, Popularity
from art_recsys.recommendation import make_recommenders
from art_recsys.reports import tuning
from art_recsys.reports.result import report
from art_recsys.reports.tables import baselines_table
from art_recsys.reports.tuning import SPACES, Range, Space, kept_or_tuned, trials_of_ours, tune, tuned_recommenders
from tests.small_frames import frames

FEW = {n: SPACES[n] for n in ("item_knn", "ease")}


class Indifferent(Popularity):
    "Has a value that changes nothing"

    def __init__(self, x=5):
        self.x = x


def data():
    works, users, events = frames(40, 40, 2500)
    return as_artworks(works), as_users(users), as_events(events)


def test_a_range_is_even_on_the_scale_of_ratios():
    r = Range(1, 100)
    assert [r.at(x) for x in (0, 0.5, 1)] == [1, 10, 100] and str(r) == "1 to 100, log-uniform"
    assert Range(5, 500, True).at(0.5) == 50 and isinstance(Range(5, 500, True).at(0.123), int)


def test_trials_cover_every_range_and_begin_with_the_defaults():
    space = SPACES["als"]
    tried = space.trials(20, 42)
    assert len(tried) == 20 and tried[0] == space.defaults == dict(
        factors=32, regularization=0.01, alpha=1, iterations=15
    )
    assert tried == space.trials(20, 42) != space.trials(20, 43)
    for name, r in space.ranges.items():
        values = np.array([t[name] for t in tried[1:]])
        assert values.min() >= r.low and values.max() <= r.high
        share = np.log(values / r.low) / np.log(r.high / r.low)
        assert np.bincount(np.clip((share * 4).astype(int), 0, 3)).min() >= 3  # each quarter has its share
    with pytest.raises(UserError, match="1 trial or more"):
        space.trials(0, 42)


def test_every_space_makes_its_model():
    assert {n for n, s in SPACES.items() if "seed" in s.make.__init__.__code__.co_varnames} == {"als"}
    assert SPACES["als"].model(SPACES["als"].defaults, 7).params["random_state"] == 7
    for s in SPACES.values():
        values = s.trials(2, 1)[1]
        assert s.values_of(s.model(values, 7)) == values


def test_the_best_of_the_validation_part_is_chosen_and_the_future_is_not_read(monkeypatch):
    works, users, events = data()
    train, test = hold_out(events, 0.2)
    latest, real = [], tuning.Recommender.fit

    def fit(self, artworks, users, seen):
        latest.append(seen[Cols.ts].max())
        return real(self, artworks, users, seen)

    monkeypatch.setattr(tuning.Recommender, "fit", fit)
    found = tune(works, users, train, 6, 0.2, spaces=FEW)
    assert max(latest) < train[Cols.ts].max() < test[Cols.ts].min()
    for name, f in found.items():
        assert f["trials"] == 6 and f["values"] in SPACES[name].trials(6, 42)
        assert f["validation"]["chosen"] >= f["validation"]["default"]
    assert found["ease"]["space"] == {"reg": "1 to 5000, log-uniform"}
    again = tune(works, users, train, 6, 0.2, spaces=FEW)
    for f in (*found.values(), *again.values()):
        f.pop("seconds")
    assert found == again


def test_of_equals_the_default_stays_and_one_that_cannot_is_said():
    works, users, events = data()
    found = tune(works, users, events, 3, spaces={"popularity": Space(Indifferent, {"x": Range(1, 9)})})
    assert found["popularity"]["values"] == {"x": 5}
    blind = tune(works.drop(columns="image_embedding"), users, events, 2, spaces={"visual_knn": SPACES["visual_knn"]})
    assert "image vector" in blind["visual_knn"]["skipped"] and blind["visual_knn"]["values"] == {"k": 1}
    for few in (events.iloc[:0], events.assign(ts=events[Cols.ts].iloc[0])):
        with pytest.raises(UserError, match="no likes to choose on"):
            tune(works, users, few, 2, spaces=FEW)


def test_the_report_has_space_budget_and_values(monkeypatch):
    works, users, events = data()
    train, test = hold_out(events, 0.2)
    found = tune(works, users, train, 4, 0.2, spaces=FEW)
    models = make_recommenders() | tuned_recommenders(found, 42)
    models = {n: models[n] for n in ("popularity", "item_knn", "als", "ease")}
    assert models["ease"].model.reg == found["ease"]["values"]["reg"]
    result = evaluate_split(works, users, train, test, models)
    result.tuning = found
    said = json.loads(json.dumps(report(result, load_settings(epochs=7, choice_budget=3))))
    b = said["baselines"]
    assert said["budget"] == 7 + 4 + 2 + 3
    assert b["ease"] == found["ease"] and b["item_knn"]["trials"] == 4
    assert b["als"] == {"space": {n: str(r) for n, r in SPACES["als"].ranges.items()}, "trials": 0} | {
        k: SPACES["als"].defaults for k in ("default", "values")
    }
    assert b["popularity"]["space"] == {} == b["popularity"]["values"]
    text = baselines_table(said)
    assert "nothing to choose" in text and "not searched" in text and "1 to 5000, log-uniform" in text
    result.models["ease"].model = EASE(7)  # made by hand: the search does not count
    assert report(result)["baselines"]["ease"]["values"] == {"reg": 7}
    assert report(result)["baselines"]["ease"]["trials"] == 0


def test_a_search_is_kept_for_the_same_likes_and_done_only_where_asked(tmp_path, monkeypatch):
    works, users, events = data()
    calls, real = [], tuning.tune
    monkeypatch.setattr(tuning, "tune", lambda *a: calls.append(a[3]) or real(*a[:3], 2, *a[4:], spaces=FEW))
    file, quick = tmp_path / "tuning.json", load_settings()
    thorough = load_settings(thorough=True)
    assert kept_or_tuned(works, users, events, quick, file) == {} and not calls
    found = kept_or_tuned(works, users, events, thorough, file)
    assert calls == [trials_of_ours(thorough)] and set(found) == set(FEW)
    assert kept_or_tuned(works, users, events, quick, file) == found
    assert kept_or_tuned(works, users, events, thorough, file) == found and len(calls) == 1
    assert kept_or_tuned(works, users, events.iloc[:-50], quick, file) == {}  # other likes
    assert kept_or_tuned(works, users, events, load_settings(seed=7), file) == {}
    file.write_text("no JSON")
    assert kept_or_tuned(works, users, events, quick, file) == {}
    assert isinstance(tuned_recommenders({"als": {"values": SPACES["als"].defaults}}, 3)["als"].model, ALS)

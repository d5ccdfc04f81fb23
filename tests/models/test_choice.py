"""What a log chooses by itself: where order matters the settings stay; where it does not, others are tried."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import rng
from art_recsys.core import Cols, as_events, positives, split_by_time
from art_recsys.models import choice as module
from art_recsys.models.choice import POOLING, HeldOut, choice_line, fit_best, spread_times, times_say_nothing
from art_recsys.models.trained_towers import TrainedTowers
from art_recsys.models.two_stage import TwoStage
from art_recsys.ranking import Ranker
from art_recsys.recommendation import Recommender, make_recommenders, ranking_steps
from art_recsys.retrieval import TwoTower
from tests.two_tastes import DAY, museum

SIZES = {"n_users": 150, "n_works": 60, "likes": 12}
SMALL = {"dim": 16, "epochs": 3, "batch_size": 128, "learning_rate": 0.01, "text_model": None}


def chain(n_users=150, n_works=40, likes=10, seed=0):
    "Who likes a work likes the next one a day later: the order says it all"
    works, users, _ = museum(n_users, n_works)
    r = np.random.default_rng(seed)
    rows = [
        (f"u{u}", f"w{(first + n) % n_works}", (day + n) * DAY + u)
        for u, (first, day) in enumerate(r.integers(0, (n_works, 200), (n_users, 2)))
        for n in range(likes)
    ]
    events = pd.DataFrame(rows, columns=[Cols.user_id, Cols.artwork_id, Cols.ts])
    return works, users, events.assign(**{Cols.event: "like", Cols.event_id: [str(n) for n in range(len(rows))]})


@pytest.fixture(autouse=True)
def few_likes_are_enough(monkeypatch):
    monkeypatch.setattr(module, "LEAST", 100)


# --- the times of a log ---


def liked(events):
    return positives(as_events(events))


def test_times_that_say_nothing():
    events = museum(**SIZES)[2]
    assert times_say_nothing(liked(events)) == "times as if drawn at random"
    assert times_say_nothing(liked(events.assign(ts=7))) == "the likes of a user have one time"
    assert times_say_nothing(liked(events.drop_duplicates(Cols.user_id))) == "no user has two likes"
    assert times_say_nothing(liked(chain()[2])) == ""


def test_equal_times_are_spread_and_others_stay():
    events = as_events(museum(**SIZES)[2])
    assert spread_times(events, 1) is events
    equal = pd.concat([events, events.assign(event="unlike", event_id=lambda d: "x" + d.event_id)])
    equal = as_events(equal.assign(ts=pd.Timestamp("2026-01-01", tz="UTC")))
    found = spread_times(equal, 1)
    assert found[Cols.ts].is_unique and found[Cols.ts].is_monotonic_increasing
    assert found[Cols.event_id].tolist() != equal[Cols.event_id].tolist()
    assert positives(found).empty  # what was taken back stays taken back
    pd.testing.assert_frame_equal(found, spread_times(equal, 1))
    assert len(split_by_time(spread_times(equal[equal.event == "like"], 1), 0.1)[0]) == len(events) * 0.9


# --- the choice, on towers whose quality is known ---


class KnownTowers(TrainedTowers):
    "A query is the taste of the history plus noise, of which the settings say how much"

    noise = staticmethod(lambda config: 0.0)
    fitted: list

    def fit(self, artworks, users, events, checkpoints=None):
        if self.choice_budget:
            return fit_best(self, artworks, users, events, checkpoints)
        self.fitted.append(self.config)
        if self.config["blocks"] == "diverges":
            raise FloatingPointError
        n, events = len(artworks), as_events(events)
        early = split_by_time(events, 0.1)[0]

        def query_vectors(histories, profiles):
            q = np.zeros((len(histories), n))
            for row, h in zip(q, histories, strict=True):
                for i in h:
                    row[i // (n // 2) * (n // 2) :][: n // 2] += 1 / len(h)
            return q + self.noise(self.config) * rng(1, len(histories)).normal(size=q.shape)

        ids = artworks[Cols.artwork_id].tolist()
        self.candidate_ids, self.cut, self.fitted_on = ids, early[Cols.ts].max(), "these"
        self.base = SimpleNamespace(
            item_index={a: i for i, a in enumerate(ids)},
            candidates=np.eye(n),
            profiles_of=lambda ids: None,
            query_vectors=query_vectors,
        )
        return self


@pytest.fixture
def known(monkeypatch):
    "Fit such towers: `(noise, budget, **settings)` -> towers and the settings of each fit"

    def fit(noise, budget, data=None, **config):
        fitted = []
        monkeypatch.setattr(KnownTowers, "noise", staticmethod(noise), raising=False)
        monkeypatch.setattr(KnownTowers, "fitted", fitted, raising=False)
        asked = {"blocks": 2, "shuffle": False, "history_length": 50, "seed": 1} | config
        tower = KnownTowers(**asked).choosing(budget)
        return tower.fit(*(data or museum(**SIZES))), fitted

    return fit


def test_a_change_that_helps_is_kept_and_the_next_builds_on_it(known):
    tower, fitted = known(lambda c: 2.0 if c["blocks"] else 4 / c["history_length"], 5, history_length=5)
    assert [c["history_length"] for c in fitted] == [5, 5, 20] and [c["blocks"] for c in fitted] == [2, 0, 0]
    assert tower.config == fitted[2] and tower.asked == fitted[0]
    assert [t["kept"] for t in tower.choice["tried"]] == [True, True] and tower.choice["left"] == 3
    assert tower.choice["ndcg_10"] < tower.choice["tried"][0]["ndcg_10"] < tower.choice["tried"][1]["ndcg_10"]
    assert "history_length 20" in choice_line(tower.choice) and "does not matter" in choice_line(tower.choice)
    assert tower.fit(*museum(**SIZES)).config == fitted[2] and fitted[3] == fitted[0]  # once more from what was asked


def test_a_change_that_does_not_help_is_dropped(known):
    tower, fitted = known(lambda c: 0.2 if c["blocks"] else 5.0, 5)
    assert len(fitted) == 2 and tower.config == tower.asked == fitted[0]
    assert [t["kept"] for t in tower.choice["tried"]] == [False]


def test_the_budget_is_the_number_of_further_fits(known):
    assert len(known(lambda c: 0.0, 1, history_length=5)[1]) == 2
    tower, fitted = known(lambda c: 0.0, 0)
    assert len(fitted) == 1 and tower.choice == {} and choice_line(tower.choice) == "as asked"


def test_settings_that_do_not_converge_lose(known, monkeypatch):
    monkeypatch.setattr(module, "POOLING", {"blocks": "diverges"})
    tower, fitted = known(lambda c: 0.5, 3)
    assert len(fitted) == 2 and tower.config["blocks"] == 2 and tower.choice["tried"][0]["ndcg_10"] == 0


def test_too_few_held_out_likes_choose_nothing(known, monkeypatch):
    monkeypatch.setattr(module, "LEAST", 1000)
    tower, fitted = known(lambda c: 1.0, 3)
    assert len(fitted) == 1 and tower.choice == {}


def test_held_out_likes_are_asked_over_the_whole_catalogue_without_the_history(known):
    tower, _ = known(lambda c: 0.0, 0)
    held_out = HeldOut(tower, as_events(museum(**SIZES)[2]))
    assert len(held_out) == 180
    n = np.array([len(h) for h in held_out.histories])  # all unseen works of the taste tie, and the others come first
    want = pd.Series(np.where(n > 0, 1 / np.log2(1 + 30 - n), 0)).groupby(held_out.users).mean()
    np.testing.assert_allclose(held_out.ndcg(tower, k=30), want)
    shuffled = held_out.shuffled()
    assert [sorted(a) for a in shuffled] == [sorted(a) for a in held_out.histories] and shuffled != held_out.histories


# --- the same on real towers ---


@pytest.fixture(scope="module")
def ordered():
    with pytest.MonkeyPatch.context() as m:
        m.setattr(module, "LEAST", 100)
        return TwoTower(**SMALL | {"epochs": 8}).choosing(3).fit(*chain())


@pytest.fixture(scope="module")
def unordered():
    "Two stages of a log with one time for all: pooling, then more candidates"
    works, users, events = museum(**SIZES)
    both = TwoStage(TwoTower(**SMALL).choosing(2), Ranker(10))
    with pytest.MonkeyPatch.context() as m:
        m.setattr(module, "LEAST", 100)
        return Recommender(both, ranking_steps, 10).fit(works, users, events.assign(ts=pd.Timestamp("2026-01-01")))


def test_where_order_matters_nothing_else_is_tried(ordered):
    found = ordered.choice
    assert found["order_matters"] and not found["tried"] and ordered.config == ordered.asked
    assert found["ndcg_10"] > found["ndcg_10_shuffled"] + found["standard_error"]


def test_where_it_does_not_others_are_tried(unordered):
    tower, found = unordered.model.tower, unordered.model.tower.choice
    assert not found["order_matters"] and [t["change"] for t in found["tried"]] == [POOLING]
    assert (tower.config["blocks"] == 0) == found["tried"][0]["kept"]
    best = max(found["ndcg_10"], found["tried"][0]["ndcg_10"])
    assert HeldOut(tower, spread_times(unordered_events(tower), 42)).ndcg(tower).mean() == pytest.approx(best)


def unordered_events(tower):
    return as_events(museum(**SIZES)[2].assign(ts=pd.Timestamp("2026-01-01")), tower.candidate_ids)


def test_the_ranking_model_chooses_its_number_of_candidates(unordered):
    found = unordered.model.tower.choice["candidates"]
    assert unordered.model.ranker.summary["lists"] > 0  # although all likes have one time
    assert found["asked"] == 10 and found["chosen"] == (20 if found["ndcg_10_more"] > found["ndcg_10"] else 10)
    assert unordered.n_candidates == unordered.model.ranker.n_candidates == found["chosen"]
    assert "ranking of 10 candidates" in choice_line(unordered.model.tower.choice)


def test_the_choice_is_kept_with_the_towers(unordered, ordered, tmp_path):
    for n, tower in enumerate((unordered.model.tower, ordered)):
        tower.save(tmp_path / str(n))
        kept = TwoTower.load(tmp_path / str(n))
        assert kept.choice == tower.choice and kept.asked == tower.asked
    assert ordered.fit_partial(*chain()).choice == ordered.choice


def test_the_default_towers_choose():
    assert make_recommenders()["two_tower"].model.choice_budget > 0


def test_held_out_likes_are_asked_with_several_interests_too():
    "An artwork is scored by the nearest of a user's vectors: twice the same vector is one vector"
    r = np.random.default_rng(0)
    one, works = r.normal(size=(6, 4)).astype(np.float32), r.normal(size=(30, 4)).astype(np.float32)
    questions = object.__new__(HeldOut)
    questions.histories, questions.items = [[n] for n in range(6)], np.arange(6) + 10
    questions.users = np.array([f"u{n}" for n in range(6)], object)

    def asked(q):
        base = SimpleNamespace(query_vectors=lambda *_: q, profiles_of=lambda _: {}, candidates=works)
        return questions.ndcg(SimpleNamespace(base=base), k=30)

    twice = asked(np.stack([one, one], 1))
    assert twice.tolist() == asked(one).tolist() and 0 < twice.mean() < 1
    with_answer = asked(np.stack([one, 100 * works[questions.items]], 1))  # a second vector that points at the answer
    assert with_answer.mean() > twice.mean()

"The ranking model: what no cell of the lesson says on its own"

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from art_recsys.config import UserError, read_json, write_json
from art_recsys.core import Cols, as_events, positives
from art_recsys.models.calibration import ece
from art_recsys.models.cooccurrence import ItemCooccurrence
from art_recsys.models.examples import RankingExamples, examples_from_likes, lookup_tables
from art_recsys.models.popularity import PopularityClock, days
from art_recsys.models.two_stage import TwoStage
from art_recsys.ranking import (
    FAMILIES,
    FEATURES,
    FROM_OTHER_USERS,
    HIDDEN,
    LIKED_BEFORE,
    Ranker,
    candidate_lists,
    crossfit_new,
    pair_features,
    platt,
    ranking_examples,
    sigmoid,
    vectors_of_new,
)
from art_recsys.recommendation import Recommender, ranking_steps, tower_steps
from art_recsys.retrieval import TwoTower

DAY = 86_400
SMALL = dict(dim=16, history_length=6, epochs=3, batch_size=64, learning_rate=0.01, text_model=None)


def museum(n_users=50, n_works=40, likes=10, shown=6, seed=0):
    "Half of the users like one half of the works; each like stands on a page with works of the other half"
    r, rows = np.random.default_rng(seed), []
    for u in range(n_users):
        own = r.choice(n_works // 2, likes, False) + (u % 2) * n_works // 2
        for n, (w, t) in enumerate(zip(own, sorted(r.integers(0, 100 * DAY, likes)), strict=True)):
            page = [w, *(r.choice(n_works // 2, shown, False) + (1 - u % 2) * n_works // 2)]
            rows += [(f"u{u}", f"w{x}", "impression", int(t), f"p{u}-{n}") for x in page] + [
                (f"u{u}", f"w{w}", "like", int(t) + 5, f"p{u}-{n}")
            ]
    events = pd.DataFrame(rows, columns=[Cols.user_id, Cols.artwork_id, Cols.event, Cols.ts, Cols.request_id])
    works = pd.DataFrame(
        {
            Cols.artwork_id: [f"w{n}" for n in range(n_works)],
            Cols.title: "untitled",
            Cols.artist: [f"artist {n // 4}" for n in range(n_works)],
        }
    )
    users = pd.DataFrame({Cols.user_id: [f"u{n}" for n in range(n_users)]})
    return works, users, events.assign(**{Cols.event_id: [str(n) for n in range(len(events))]})


@pytest.fixture(scope="module")
def stages():
    return TwoStage(TwoTower(**SMALL), Ranker(20)).fit(*museum())


@pytest.fixture(scope="module")
def ranked(stages):
    return Recommender(stages, ranking_steps, 20).serve(*museum())


def test_one_mean_decides_and_is_reported(stages):
    s = stages.ranker.summary
    assert s["uses_ranking"] == (s["ndcg_10_ranking"] > s["ndcg_10_retrieval"]) == stages.ranker.uses_ranking
    assert s["uses_ranking"] == (s["p_value"] < 0.5)  # one-sided, over users: the same means
    tower, events = stages.tower, as_events(museum()[2])
    base, likes, _ = ranking_examples(tower, museum()[1], events)
    cooccurrence = lookup_tables(base, positives(events[events[Cols.ts] <= tower.cut]))[1]
    lists = candidate_lists(base, stages.ranker.popularity_clock, cooccurrence, likes, 20)
    assert s["ndcg_10_retrieval"] == pytest.approx(lists.user_ndcg(lists.features[..., 0]).mean())
    assert (s["lists"], s["users"]) == (len(lists), len(set(lists.user)))


def test_the_order_is_retrieval_s_unless_ranking_beats_it(stages, ranked, monkeypatch):
    monkeypatch.setattr(stages.ranker, "uses_ranking", False)
    users = ["u0", "u1", "u2", "nobody"]
    mine, theirs = (
        ranked.recommend(users, 10),
        Recommender(stages.tower, tower_steps, 20).serve(*museum()).recommend(users, 10),
    )
    assert mine[Cols.artwork_id].tolist() == theirs[Cols.artwork_id].tolist()


def test_recommend_has_the_common_form(ranked):
    events = museum()[2]
    recs = ranked.recommend(["u0", "u3", "nobody"], 5)
    assert (
        list(recs) == [Cols.user_id, Cols.artwork_id, Cols.score, Cols.rank]
        and recs[Cols.rank].tolist() == [1, 2, 3, 4, 5] * 3
    )
    assert recs[Cols.score].between(0, 1).all()
    assert recs.groupby(Cols.user_id)[Cols.score].apply(lambda s: (np.diff(s) <= 0).all()).all()
    liked = events[events[Cols.event] == "like"]
    assert not set(zip(recs[Cols.user_id], recs[Cols.artwork_id], strict=True)) & set(
        zip(liked[Cols.user_id], liked[Cols.artwork_id], strict=True)
    )
    assert len(ranked.recommend(["u0"], 1000)) == 30


def test_fitted_towers_are_fitted_again_only_for_other_frames(stages):
    works, users, events = museum()
    before = stages.tower.candidates
    assert TwoStage(stages.tower, Ranker(20)).fit(works, users, events).tower.candidates is before
    assert TwoTower(**SMALL).fit(works, users, events.iloc[:-8]).fitted_on != stages.tower.fitted_on


def test_a_fresh_process_gives_identical_scores(stages, tmp_path):
    stages.ranker.save(tmp_path / "ranking")
    asks, ids = [{"history": ["w1", "w2"]}, {}], [["w3", "w30", None], ["w9", "gone", "w7"]]
    code = (
        "import sys, json, numpy as np; from art_recsys.ranking import Ranker; r = Ranker.load(sys.argv[1]);"
        "print(json.dumps(r.score(json.loads(sys.argv[2]), np.array(json.loads(sys.argv[3]), object)).tolist()))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "ranking"), json.dumps(asks), json.dumps(ids)],
        capture_output=True,
        text=True,
        check=True,
    )
    scores = stages.ranker.score(asks, np.array(ids, object))
    assert json.loads(out.stdout.strip().splitlines()[-1]) == scores.tolist()
    assert scores[0, 2] == scores[1, 1] == 0 and (scores[0, :2] > 0).all()


@pytest.mark.parametrize("found,message", [(None, "an earlier version"), (3, "format 3, not 4"), (99, "format 99")])
def test_a_ranker_of_another_format_is_refused(stages, tmp_path, found, message):
    stages.ranker.save(tmp_path / "ranking")
    file = tmp_path / "ranking" / "ranking.json"
    kept = {k: v for k, v in read_json(file).items() if k != "format"} | ({} if found is None else {"format": found})
    write_json(kept, file)
    with pytest.raises(UserError, match=message) as error:
        Ranker.load(tmp_path / "ranking")
    assert "art-recsys ranking --force" in str(error.value)


def test_serving_features_equal_training_features(stages):
    "The same request, asked at the moment that training looks at, has the very same features: one function, no skew"
    tower, ranker = stages.tower, stages.ranker
    liked = positives(as_events(museum()[2]))
    asks = examples_from_likes(tower, liked, tower.cut).latest(20)
    lists = candidate_lists(tower, ranker.popularity_clock, ranker.cooccurrence, asks, 20)
    assert (lists.bits[lists.items >= 0] > 0).all()
    clock, ranker.popularity_clock.now = ranker.popularity_clock.now, None
    try:
        for n, (h, w) in enumerate(zip(asks.history, asks.when, strict=True)):
            ranker.popularity_clock.now = w - 0.01
            q = tower.query_vectors([list(h)], {c: v[n : n + 1] for c, v in tower.profiles_of(asks.user).items()})
            np.testing.assert_allclose(
                ranker.features([list(h)], q, lists.items[n : n + 1], lists.bits[n : n + 1])[0],
                lists.features[n],
                atol=1e-4,
            )
    finally:
        ranker.popularity_clock.now = clock


def test_each_list_is_scored_by_the_one_that_never_met_its_user(stages, monkeypatch):
    import art_recsys.ranking as ranking

    tower, ranker = stages.tower, stages.ranker
    liked = positives(as_events(museum()[2]))
    lists = candidate_lists(
        tower, ranker.popularity_clock, ranker.cooccurrence, examples_from_likes(tower, liked, tower.cut), 20
    )
    met = []

    class Answer:
        def __init__(self, n):
            self.n = n

        def __call__(self, f):
            return tf.fill(f.shape[:-1], float(self.n))

    def learn(lists, seed):
        met.append(set(lists[0].user))
        return Answer(len(met) - 1)

    monkeypatch.setattr(ranking, "fit_scorer", learn)
    scorers, logits = ranking.crossfit([lists], 1)
    assert len(scorers) == 4 and set.union(*met) == set(lists.user)
    for user, row in zip(lists.user, logits[0], strict=True):
        assert user not in met[int(row[0])]


def test_features_do_not_know_the_future(stages):
    "Likes after the moment change nothing"
    tower, events = stages.tower, museum()[2]
    liked = positives(as_events(events))
    at = liked[Cols.ts].iloc[200]
    past = liked[liked[Cols.ts] <= at]
    when, q, items = days(pd.Series([at]))[0], tower.candidates[0], np.arange(40)
    cooccurrence = lookup_tables(tower, past)[1]
    bits = np.zeros(40, np.uint16)
    full = pair_features(tower, lookup_tables(tower, liked)[0], cooccurrence, [1, 2], q, items, when, bits)
    cut = pair_features(tower, lookup_tables(tower, past)[0], cooccurrence, [1, 2], q, items, when, bits)
    late = FEATURES.index("popularity_recent")  # its window is a share of the time that the log spans
    keep = [n for n in range(len(FEATURES)) if n != late]
    np.testing.assert_allclose(full[:, keep], cut[:, keep], atol=1e-6)


def test_candidates_do_not_know_the_future(stages):
    "Whatever happens after the moment, the same works are proposed for the same reasons"
    tower, events = stages.tower, museum()[2]
    liked = positives(as_events(events))
    asks = examples_from_likes(tower, liked, tower.cut).latest(20)
    past = lookup_tables(tower, liked[liked[Cols.ts] <= tower.cut])[1]
    full = candidate_lists(tower, lookup_tables(tower, liked)[0], past, asks, 20)
    for n, when in enumerate(asks.when):
        known = liked[days(liked[Cols.ts]) < when]
        one = RankingExamples()
        one.add(*(getattr(asks, c)[n] for c in asks.parts))
        clock = lookup_tables(tower, known)[0]
        clock.span = stages.ranker.popularity_clock.span  # how long the log is says how much of it is recent
        alone = candidate_lists(tower, clock, past, one, 20)
        m = alone.items.shape[1]
        assert alone.items[0].tolist() == full.items[n, :m].tolist() and (full.items[n, m:] == -1).all()
        assert alone.bits[0].tolist() == full.bits[n, :m].tolist()


def test_what_is_hidden_of_a_new_work_is_what_others_did_and_nothing_else(stages):
    "A work that nobody has met has zeros there, as training makes them; all other features stay as they are"
    tower, ranker, items = stages.tower, stages.ranker, np.arange(40)
    full = pair_features(
        tower,
        ranker.popularity_clock,
        ranker.cooccurrence,
        [1, 2],
        tower.candidates[0],
        items,
        ranker.popularity_clock.now,
        np.ones(40, np.uint16),
    )
    alone = pair_features(
        tower,
        PopularityClock(np.zeros(0, int), np.zeros(0), 40),
        ItemCooccurrence([], 40, ties=ranker.cooccurrence.ties),  # its artist may be known
        [1, 2],
        tower.candidates[0],
        items,
        9.0,
        np.zeros(40, np.uint16),
    )
    assert (alone[:, FROM_OTHER_USERS] == 0).all() and (full[:, FROM_OTHER_USERS] != 0).any(0).all()
    np.testing.assert_array_equal(full[:, ~HIDDEN], alone[:, ~HIDDEN])
    assert (alone[:, HIDDEN] == 0).all() and HIDDEN[FROM_OTHER_USERS].all()


def test_a_new_work_is_judged_by_its_content_alone(stages):
    "As if new: no id, no likes, no sources; two works of the same content are then the same"
    tower, ranker = stages.tower, stages.ranker
    v = vectors_of_new(tower)
    assert v.shape == tower.candidates.shape and np.allclose(np.linalg.norm(v, axis=1), 1, atol=1e-5)
    assert np.allclose(v[0], v[1], atol=1e-5) and not np.allclose(tower.candidates[0], tower.candidates[1], atol=1e-5)
    liked = positives(as_events(museum()[2]))
    lists = candidate_lists(
        tower, ranker.popularity_clock, ranker.cooccurrence, examples_from_likes(tower, liked, tower.cut).latest(5), 20
    )
    assert not lists.as_new[..., HIDDEN].any() and lists.as_if_new().features is lists.as_new


def test_new_works_have_a_scorer_of_their_own(stages):
    if not stages.ranker.uses_ranking:
        pytest.skip("the ranking is not used on these frames")
    r = np.random.default_rng(0)
    f = r.normal(size=(6, len(FEATURES))).astype(np.float32)
    f[:3, LIKED_BEFORE], f[3:, LIKED_BEFORE] = 0, 1
    other = np.where(HIDDEN & (np.arange(len(FEATURES)) != LIKED_BEFORE), f + 1, f).astype(np.float32)
    a, b = stages.ranker.logits(f), stages.ranker.logits(other)
    assert np.allclose(a[:3], b[:3], atol=1e-4) and not np.allclose(a[3:], b[3:], atol=1e-4)
    assert (stages.ranker.probability(f) > 0).all()


def test_both_scorers_are_brought_to_one_level(monkeypatch):
    "Equal probabilities become equal numbers, and each work has the logit of its own scorer"
    r = np.random.default_rng(0)
    logit = r.normal(size=(400, 10))
    lists = SimpleNamespace(items=np.zeros((400, 10), int), features=np.ones((400, 10, len(FEATURES))), as_if_new=list)
    lists.label = (r.random((400, 10)) < sigmoid(2 * logit - 3)).astype(float)
    lists.features[:, 5:, LIKED_BEFORE] = 0
    monkeypatch.setattr("art_recsys.ranking.crossfit", lambda lists, seed: (["scorer"], [5 * logit + 7] * 2))
    scorers, (slope, intercept), both = crossfit_new([lists, lists], [logit, logit], 1)
    assert scorers == ["scorer"]
    assert slope == pytest.approx(0.2, abs=0.05) and intercept == pytest.approx(-1.4, abs=0.3)
    assert (both[0][:, :5] == logit[:, :5]).all() and np.allclose(both[0], logit, atol=0.5)
    assert crossfit_new([lists, lists], None, 1) == ([], (1.0, 0.0), None)


IDS = pd.DataFrame({Cols.artwork_id: list("abcde"), Cols.title: ["t"] * 5})
LIKE = dict(event="like", event_id="1", user_id="u", artwork_id="a", ts=1)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [LIKE],
        [{**LIKE, "event_id": str(n), "user_id": str(n)} for n in range(40)],
        [
            {**LIKE, "event_id": str(n), "artwork_id": "abcde"[n % 5], "user_id": str(n // 5), "ts": n}
            for n in range(100)
        ],
    ],
)
def test_any_three_frames(events):
    stages = TwoStage(TwoTower(epochs=2, text_model=None, blocks=1), Ranker())
    model = Recommender(stages, ranking_steps).fit(
        IDS, pd.DataFrame({Cols.user_id: ["u", "v"]}), pd.DataFrame(events, columns=list(LIKE))
    )
    recs = model.recommend(["u", "v", "new"], 10)
    assert np.isfinite(recs[Cols.score]).all() and recs.groupby(Cols.user_id).size()["new"] == 5
    json.dumps(stages.ranker.summary)


def test_the_chosen_penalty_is_kept(stages, tmp_path):
    ranker = stages.ranker
    ranker.save(tmp_path / "ranking")
    again = Ranker.load(tmp_path / "ranking")
    assert again.penalty == ranker.penalty == ranker.summary["penalty"]
    own = lookup_tables(stages.tower, positives(as_events(museum()[2])), ranker.penalty)[1]
    assert abs(again.cooccurrence.ease - own.ease).max() == 0


def test_platt_keeps_the_order_and_fixes_the_level():
    r = np.random.default_rng(0)
    x = r.normal(size=4000)
    y = (r.random(4000) < sigmoid(x - 3)).astype(float)
    a, b = platt(x, y)
    assert a > 0 and ece(sigmoid(a * x + b), y) < 0.02 < ece(sigmoid(x), y)
    assert abs(sigmoid(a * x + b).mean() - y.mean()) < 0.005
    for label in (np.zeros(5), np.ones(5)):
        assert np.isfinite(platt(np.zeros(5), label)).all()
    assert np.isfinite(platt(np.zeros(0), np.zeros(0))).all()


def test_a_ranker_without_later_likes_still_answers():
    works, users, events = museum()
    tower = TwoTower(**{**SMALL, "epochs": 1}).fit(works, users, events.iloc[:30])
    ranker = Ranker().fit(tower, works, users, events.iloc[:30])
    assert not ranker.uses_ranking and np.isfinite(ranker.score([{}], np.array([["w1", "w2"]]))).all()


def test_the_families_are_the_features():
    assert [f for family in FAMILIES.values() for f in family] == FEATURES and len(set(FEATURES)) == len(FEATURES)

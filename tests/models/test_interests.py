"""Several interests: scores by the maximum, the merged search, the metric, the guard, and all that recommends."""

import json
import warnings
from copy import copy
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from art_recsys.config import UserError, load_settings
from art_recsys.core import Cols
from art_recsys.models.checkpoints import BruteForceExcluding, InterestsTopK, ValidationCallback
from art_recsys.models.interests import (
    heads_at_work,
    lost_leads,
    max_scores,
    mean_cosine,
    merge_heads,
    nearest_to_any,
    pair_scores,
    warn_of_collapse,
)
from art_recsys.models.layers import Interests, interest_layers
from art_recsys.models.trained_towers import TrainedTowers
from art_recsys.models.two_stage import TwoStage
from art_recsys.platform.neighbours import Neighbours, top_k
from art_recsys.ranking import Ranker
from art_recsys.recommendation import Recommender, page_recommender, tower_steps
from art_recsys.retrieval import TwoTower, make_two_tower
from art_recsys.serving.predictors import QueryPredictor, RankingPredictor
from tests.two_tastes import museum

SMALL = dict(dim=16, history_length=6, epochs=4, batch_size=64, learning_rate=0.01, text_model=None)


def unit(v):
    return (v / np.linalg.norm(v, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def random():
    "Query vectors of 40 users with 3 interests, and 200 candidates; some candidates are there twice"
    r = np.random.default_rng(1)
    v = unit(r.normal(size=(200, 8)))
    v[100:120] = v[:20]
    return unit(r.normal(size=(40, 3, 8))), v


@pytest.fixture(scope="module")
def one():
    return TwoTower(**SMALL).fit(*museum())


@pytest.fixture(scope="module")
def two():
    "Everybody in this museum has one interest, so that the guard may speak"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TwoTower(**SMALL, interests=2).fit(*museum())


@pytest.fixture(scope="module")
def four():
    return TwoTower(**SMALL | {"epochs": 1, "history_length": 1}, interests=4).fit(*museum())


@pytest.fixture(scope="module")
def pair(two):
    return TwoStage(two, Ranker(20, 1)).fit(*museum())


# --- scores and search against brute force ---


def test_the_score_is_the_highest_of_the_heads(random):
    q, v = random
    want = (q @ v.T).max(1)
    np.testing.assert_allclose(np.stack([max_scores(x, v) for x in q]), want, rtol=1e-6)
    np.testing.assert_allclose(pair_scores(q, np.tile(v[:30], (40, 1, 1))), want[:, :30], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(max_scores(q[0, 0], v), v @ q[0, 0])


@pytest.mark.parametrize("exact_below", [10**6, 1])
@pytest.mark.parametrize("k", [1, 10, 300])
def test_the_merged_search_equals_brute_force(random, k, exact_below):
    q, v = random
    mask = np.arange(len(v)) % 5 > 0
    gone = [np.random.default_rng(n).integers(0, len(v), 3 * n) for n in range(len(q))]
    want = (q.astype(float) @ v.T.astype(float)).max(1)
    for row, g in zip(want, gone, strict=True):
        row[~mask] = row[g] = -np.inf
    rows, near = nearest_to_any(Neighbours(v, exact_below=exact_below), q, k, mask, gone)
    best, scores = top_k(want.astype(np.float32), k)
    assert rows.shape == (40, min(k, 200))
    np.testing.assert_array_equal(rows, np.where(np.isfinite(scores), best, -1))
    np.testing.assert_allclose(near, scores, atol=1e-6)


def test_each_artwork_comes_once_with_its_highest_score():
    rows = np.array([[[3, 1, 2], [1, 4, -1]]])
    near = np.array([[[0.9, 0.5, 0.1], [0.7, 0.7, -np.inf]]], np.float32)
    found, scores = merge_heads(rows, near, 4)
    assert found.tolist() == [[3, 1, 4, 2]]  # of equals the first row
    np.testing.assert_allclose(scores, [[0.9, 0.7, 0.7, 0.1]])
    assert merge_heads(rows, near, 6)[0].tolist() == [[3, 1, 4, 2, -1, -1]]


def test_one_interest_takes_the_path_it_always_took(random):
    q, v = random
    for a, b in zip(nearest_to_any(Neighbours(v), q[:, 0], 10), Neighbours(v).search(q[:, 0], 10), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_is_lost_without_a_like_is_the_same_for_equal_heads(random):
    q, v = random
    items, shown = np.array([3, 7, 9]), np.arange(200) > 50
    one = lost_leads(q[0, 0], q[1:5, 0], v, items, shown)
    same = lost_leads(np.repeat(q[0, :1], 2, 0), np.repeat(q[1:5, :1], 2, 1), v, items, shown)
    np.testing.assert_allclose(one, same, atol=1e-6)
    by_hand = [max_scores(x, v)[items] - max_scores(x, v)[shown].mean() for x in q[:5]]
    np.testing.assert_allclose(lost_leads(q[0], q[1:5], v, items, shown), by_hand[0] - np.array(by_hand[1:]), atol=1e-6)
    assert lost_leads(q[0], q[:0], v, items, shown).shape == (0, 3)


# --- the metric ---


@pytest.mark.parametrize("heads", [1, 3])
def test_the_top_k_metric_equals_brute_force(random, heads):
    q, v = random
    q = q[:, 0] if heads == 1 else q
    item = np.random.default_rng(2).integers(0, 200, len(q))
    liked = [[int(i) for i in np.random.default_rng(n).integers(0, 200, 5) if i != item[n]] for n in range(len(q))]
    score = q @ v.T if heads == 1 else (q @ v.T).max(1)
    for row, h in zip(score, liked, strict=True):
        row[h] = -np.inf
    place = np.argsort(-score, axis=1, kind="stable")
    index = BruteForceExcluding(k=50).leave_out(liked)
    index.index(v, tf.range(200))
    metric = InterestsTopK(candidates=index, ks=[1, 10, 50])
    metric.update_state(q, v[item], true_candidate_ids=tf.constant(item, tf.int32))
    want = [(place[:, :k] == item[:, None]).any(1).mean() for k in (1, 10, 50)]
    assert 0 < want[1] < want[2] < 1
    np.testing.assert_allclose([float(x) for x in metric.result()], want, rtol=1e-6)


def test_the_task_of_tfrs_leaves_its_own_metric_out(random):
    "Why there is a metric of ours: this must fail when TFRS learns to do it"
    q, v = random
    index = tfrs.layers.factorized_top_k.BruteForce(k=50)
    index.index(v, tf.range(200))
    metric = tfrs.metrics.FactorizedTopK(candidates=index, ks=[50])
    tfrs.tasks.Retrieval(metrics=metric)(q, v[:40], candidate_ids=tf.range(40))
    assert float(metric.result()[0]) == 0


# --- towers ---


def test_one_interest_adds_nothing_to_the_towers(one, two):
    assert interest_layers(one) == [] and len(interest_layers(two)) == 1
    assert set(one.weights) < set(two.weights) and list(one.log) == ["epoch", "part", "loss", "top_10"]
    q = one.query([{"history": ["w1"]}, {}])
    assert q.shape == (2, 16)
    for found, want in zip(one.nearest(q, 9), one.neighbours.search(q, 9), strict=True):
        np.testing.assert_array_equal(found, one.candidate_ids[want] if want.dtype == np.int64 else want)


def test_towers_saved_before_there_were_interests_have_one(one, tmp_path):
    one.save(tmp_path / "query")
    file = tmp_path / "query" / "two_tower.json"
    about = json.loads(file.read_text())
    del about["config"]["interests"]
    file.write_text(json.dumps(about))
    for towers in (TwoTower, TrainedTowers):
        loaded = towers.load(tmp_path / "query")
        assert loaded.interests == 1
        np.testing.assert_array_equal(loaded.query([{"history": ["w1", "w2"]}]), one.query([{"history": ["w1", "w2"]}]))


def test_query_vectors_have_unit_length_and_retrieve_what_brute_force_finds(two):
    asks = [{}, {"history": ["w1", "w3", "w31", "w25"]}, {"user_id": "u5", "age": 30, "history": ["w2"]}]
    q = two.query(asks)
    assert q.shape == (3, 2, 16) and two.query([]).shape == (0, 2, 16)
    np.testing.assert_allclose(np.linalg.norm(q, axis=-1), 1, atol=1e-5)
    ids, scores = two.retrieve(asks, 40)
    want = (q @ two.candidates.T).max(1)
    np.testing.assert_allclose(scores, np.sort(want, 1)[:, ::-1], atol=1e-6)
    assert [set(row) for row in ids] == [set(two.candidate_ids)] * 3  # each artwork once


@pytest.mark.parametrize("history", [[], ["w1"], ["w1", "gone"]])
def test_more_interests_than_likes(four, history):
    q = four.query([{"history": history}])
    assert q.shape == (1, 4, 16) and np.isfinite(q).all()
    ids, _ = four.retrieve([{"history": history}], 40, [set(history)])
    found = [a for a in ids[0] if a is not None]
    assert len(found) == len(set(found)) == 40 - len(set(history) - {"gone"})


def test_save_and_load_and_a_partial_fit(two, tmp_path):
    two.save(tmp_path / "query")
    loaded, asks = TwoTower.load(tmp_path / "query"), [{}, {"history": ["w3", "w30"]}]
    assert loaded.interests == 2
    for a, b in zip(loaded.retrieve(asks, 9), two.retrieve(asks, 9), strict=True):
        np.testing.assert_array_equal(a, b)
    more = loaded.fit_partial(*museum())
    assert more.interests == 2 and more.query(asks).shape == (2, 2, 16)
    assert TrainedTowers.load(tmp_path / "query").query(asks).shape == (2, 2, 16)


@pytest.mark.filterwarnings("ignore:interests = 4")
def test_what_was_built_before_changes_no_digit(four):
    "TensorFlow adds in the order of the layers' names, and dense_10 comes before dense_9"
    tf.keras.backend.reset_uids()
    for _ in range(2):
        copy(four).build()
    again = TwoTower(**four.config).fit(*museum())
    np.testing.assert_array_equal(again.candidates, four.candidates)


@pytest.mark.filterwarnings("ignore:interests = 4")
def test_a_training_of_several_interests_continues_from_its_checkpoint(four, tmp_path):
    for _ in range(2):  # the second time, all epochs are in the checkpoint
        again = TwoTower(**four.config).fit(*museum(), checkpoints=tmp_path)
        np.testing.assert_array_equal(again.candidates, four.candidates)
        np.testing.assert_array_equal(again.query([{"history": ["w1"]}]), four.query([{"history": ["w1"]}]))


# --- what recommends ---


def test_a_page_by_two_stages(pair):
    works, users, events = museum()
    settings = load_settings("smoke", "unused", n_candidates=20, page_size=8)
    served = page_recommender(pair, settings).serve(works, users, events)
    requests = [
        served.known.request("u0"),
        {"history": ["w3", "w30"], "steering": [{"direction": "more", "kind": "artist", "value": "artist 2"}]},
        {Cols.text_embedding: np.ones(8, np.float32)},
    ]
    pages = served.pages(requests, 8, explain=True, exploration=0.2, seed=(1, "test"))
    for request, page in zip(requests, pages, strict=True):
        shown = served.candidate_ids[page.items[0]]
        assert len(set(shown)) == 8 and not set(shown) & set(request.get("history") or ())
        assert len(page.reasons[0]) == 8 and np.isfinite(page.scores).all()
    assert any(r["kind"] == "liked" and r["artwork_id"] in ("w3", "w30") for r in pages[1].reasons[0])


def test_a_like_changes_the_next_page(pair):
    served = page_recommender(pair, load_settings("smoke", "unused", n_candidates=20, page_size=8)).serve(*museum())
    before, after = (served.pages([{"history": h}], 8)[0].items[0].tolist() for h in (["w1"], ["w1", "w30"]))
    assert before != after


def test_the_feature_of_the_towers_is_the_score_by_which_they_retrieve(pair):
    tower = pair.tower
    request = [{"history": ["w1", "w30"]}]
    q = tower.query(request)
    items = np.arange(len(tower.candidate_ids))[None]
    f = pair.ranker.features([[1, 30]], q, items, np.zeros(items.shape, np.uint16))
    np.testing.assert_allclose(f[0, :, 0] * tower.temperature, max_scores(q[0], tower.candidates), rtol=1e-5, atol=1e-6)


def test_both_deployments_answer(pair, tmp_path):
    pair.ranker.save(tmp_path / "ranking")
    ranker = Ranker.load(tmp_path / "ranking")
    asked = {"history": ["w3", "w30"], "k": 5}
    found = QueryPredictor(ranker.two_tower).predict([asked])[0]
    assert len(found["artwork_ids"]) == 5 and not {"w3", "w30"} & set(found["artwork_ids"])
    scores = RankingPredictor(ranker).predict([{**asked, "artwork_ids": found["artwork_ids"]}])[0]["scores"]
    assert np.all((np.array(scores) > 0) & (np.array(scores) < 1))


def test_the_towers_alone_recommend(two):
    served = Recommender(two, tower_steps).serve(*museum())
    recs = served.recommend(["u0", "nobody"], 5)
    assert recs[Cols.rank].tolist() == [1, 2, 3, 4, 5] * 2


# --- the guard ---


def test_heads_at_work(random):
    q, v = random
    assert heads_at_work(q[:, 0], v[:40]) == {}
    same = np.repeat(q[:, :1], 3, 1)
    assert heads_at_work(same, v[:40]) == {"cosine": pytest.approx(1), "busiest": 1}
    by_hand = np.mean([(x @ x.T)[np.triu_indices(3, 1)].mean() for x in q])
    assert mean_cosine(q) == pytest.approx(by_hand, abs=1e-6)
    near = [int(np.argmax(x @ c)) for x, c in zip(q, v, strict=False)]
    assert heads_at_work(q, v[:40])["busiest"] == pytest.approx(max(np.bincount(near)) / 40)


def test_collapsed_heads_are_reported_with_the_setting(monkeypatch, recwarn):
    monkeypatch.setattr(Interests, "call", lambda self, x, seed=None: tf.stack([x] * len(self.pools), 2))
    with pytest.warns(UserWarning, match="Set interests = 1"):
        model = TwoTower(**SMALL | {"epochs": 1}, interests=3).fit(*museum())
    assert model.validation_metrics()["cosine"] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "row, said", [({}, 0), ({"cosine": 0.9, "busiest": 0.7}, 0), ({"cosine": 0.9, "busiest": 0.99}, 1)]
)
def test_one_warning_for_an_unused_head_and_none_for_heads_at_work(row, said):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warn_of_collapse(row, 2)
    assert len(seen) == said


def test_the_log_says_how_the_heads_do(two):
    held_out = two.log[two.log["part"] == "held out"]
    assert held_out["cosine"].between(-1, 1.001).all() and held_out["busiest"].between(0.5, 1).all()
    assert two.validation_metrics()["cosine"] == held_out["cosine"].iloc[two.chosen - 1]


def test_the_epoch_is_chosen_by_the_hits_alone():
    watch = ValidationCallback(None, 1, [])
    figures = iter([{"top_1": 0.5, "cosine": 0.1}, {"top_1": 0.4, "cosine": 0.9}])
    watch.measure = lambda: next(figures)
    watch.set_model(SimpleNamespace(get_weights=list, stop_training=False))
    for epoch in range(2):
        watch.on_epoch_end(epoch, {"mean_loss": 1.0})
    assert watch.epoch == 1 and watch.best == 0.5


# --- bad input ---


@pytest.mark.parametrize("k", [0, -1, 1.5, "2", None, True])
def test_towers_with_no_interest_are_refused(k):
    with pytest.raises(UserError, match="interests"):
        TwoTower(interests=k)


@pytest.mark.parametrize("k", [0, -1, 1.5, "many", 17])
def test_the_setting_names_itself(k):
    with pytest.raises(UserError, match="interests"):
        load_settings("smoke", "unused", interests=k)


def test_the_setting_reaches_the_towers():
    assert make_two_tower(load_settings("smoke", "unused", interests=3)).interests == 3
    assert make_two_tower(load_settings("smoke", "unused")).interests == 1

"""Baselines and metrics: one interface on any frames, no leak over the split, figures that brute force confirms."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import UserError, load_settings
from art_recsys.core import Cols, Event, as_events, positives, seen
from art_recsys.evaluation import (
    ALS,
    EASE,
    NEW_LIKES,
    SEGMENTS,
    Baseline,
    ItemKNN,
    Looks,
    Popularity,
    beyond,
    cold_split,
    cold_start,
    evaluate_recommenders,
    evaluate_split,
    exposure,
    fame,
    first_likes,
    hold_out,
    holm,
    intervals,
    paired,
    per_user,
    recommenders,
    report,
    share,
    write_page,
)

ROOT = Path(__file__).parent.parent
ML = ROOT.parent / "shared" / "data" / "ml-100k"
BASELINES = ["random", "popularity", "content_knn", "item_knn", "als", "ease"]
OURS = ["two_tower", "two_stage"]
PAIR = [Cols.user_id, Cols.artwork_id]


def frames(n_works=30, n_users=20, n_events=400, seed=0):
    "Works with an id and a title, users with an id, whole numbers as ids, some users known from events only"
    r = np.random.default_rng(seed)
    works = pd.DataFrame({Cols.artwork_id: np.arange(n_works) + 100, Cols.title: [f"Work {i}" for i in range(n_works)]})
    users = pd.DataFrame({Cols.user_id: np.arange(n_users)})
    events = pd.DataFrame(
        {
            Cols.event_id: np.arange(n_events),
            Cols.user_id: r.integers(2, n_users + 3, n_events),  # 0 and 1 have none
            Cols.artwork_id: (r.random(n_events) ** 2 * n_works).astype(int) + 100,
            Cols.event: r.choice([Event.like, *Event.all], n_events),
            Cols.ts: pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(r.integers(0, 10**6, n_events), unit="s"),
        }
    )
    return works, users, events


def quick(name, **kwargs):
    "A fresh recommender, ours trained for one epoch"
    return recommenders(load_settings(epochs=1, embedding_dim=8, batch_size=64, history_length=5))[name](**kwargs)


@pytest.fixture(scope="module")
def fitted():
    "name -> fitted on `frames()`, each once; the second stage on the towers of the first"
    made = {}

    def get(name):
        if name not in made:
            towers = {"retrieval": get("two_tower")} if name == "two_stage" else {}
            made[name] = quick(name, **towers).fit(*frames())
        return made[name]

    return get


# ---- the uniform interface -------------------------------------------------------------------------------------------


def test_all_names_are_there():
    assert list(recommenders()) == BASELINES + OURS
    assert recommenders()["ease"]() is not recommenders()["ease"]()


@pytest.mark.parametrize("name", BASELINES + OURS)
def test_answers_in_the_common_form(fitted, name):
    works, users, events = frames()
    asked = ["0", "5", "21", "a stranger", 7]  # no events; known; known from events only; unknown; a whole number
    recs = fitted(name).recommend(asked, 10)
    assert list(recs.columns) == [Cols.user_id, Cols.artwork_id, Cols.score, Cols.rank]
    assert list(recs[Cols.user_id].unique()) == [str(u) for u in asked]
    assert np.isfinite(recs[Cols.score]).all()
    assert set(recs[Cols.artwork_id]) <= set(works[Cols.artwork_id].astype(str))
    for _, mine in recs.groupby(Cols.user_id):
        assert mine[Cols.rank].tolist() == list(range(1, 11)) and mine[Cols.artwork_id].is_unique
        assert mine[Cols.score].is_monotonic_decreasing


@pytest.mark.parametrize("name", BASELINES + OURS)
def test_seen_works_are_left_out_and_k_may_exceed_the_catalogue(fitted, name):
    works, users, events = frames()
    known = seen(as_events(events))
    asked = [str(u) for u in range(23)]
    recs = fitted(name).recommend(asked, 1000)
    pairs = lambda df: set(map(tuple, df[PAIR].to_numpy()))
    assert not pairs(recs) & pairs(known)
    assert len(recs) == len(asked) * len(works) - len(known)
    assert len(fitted(name).recommend(asked, 1000, exclude_seen=False)) == len(asked) * len(works)


@pytest.mark.parametrize("name", BASELINES)
def test_same_data_same_answer_whoever_else_is_asked(fitted, name):
    again = quick(name).fit(*frames())
    asked = [str(u) for u in range(20)] + ["a stranger"]
    all_at_once, one = fitted(name).recommend(asked, 5), again.recommend(["9"], 5)
    pd.testing.assert_frame_equal(all_at_once, again.recommend(asked, 5))
    assert all_at_once.query('user_id == "9"')[Cols.artwork_id].tolist() == one[Cols.artwork_id].tolist()


@pytest.mark.parametrize("name", ["popularity", "content_knn", "item_knn", "als", "ease"])
def test_a_stranger_gets_what_is_popular(fitted, name):
    works, users, events = frames()
    recs = fitted(name).recommend(["a stranger"], 5)[Cols.artwork_id]
    counts = positives(as_events(events))[Cols.artwork_id].value_counts()
    assert counts.reindex(recs).tolist() == sorted(counts, reverse=True)[:5]


@pytest.mark.parametrize("name", BASELINES)
def test_works_without_any_event(name):
    works, users, events = frames()
    recs = quick(name).fit(works, users, events.iloc[:0]).recommend(["3", "nobody"], 4)
    assert len(recs) == 8 and np.isfinite(recs[Cols.score]).all()


@pytest.mark.parametrize("name", BASELINES)
def test_nobody_asked_or_nothing_wanted_is_an_empty_answer(fitted, name):
    for recs in (fitted(name).recommend([], 5), fitted(name).recommend(["3"], 0)):
        assert recs.empty and list(recs.columns) == [Cols.user_id, Cols.artwork_id, Cols.score, Cols.rank]


def test_only_clicks_are_good_enough():
    works, users, events = frames()
    model = Popularity().fit(works, users, events[events[Cols.event] == Event.click])
    assert model.popularity.sum() > 0


def test_an_event_of_a_work_that_is_not_in_the_catalogue_is_passed_over():
    works, users, events = frames()
    recs = ItemKNN().fit(works.iloc[:5], users, events).recommend(["5"], 100, exclude_seen=False)
    assert set(recs[Cols.artwork_id]) == {"100", "101", "102", "103", "104"}


def test_blocks_do_not_show_in_the_answer(monkeypatch, fitted):
    import art_recsys.evaluation as ev

    asked, whole = [str(u) for u in range(20)], ev._blocks
    want = {n: fitted(n).recommend(asked, 7) for n in BASELINES}
    monkeypatch.setattr(ev, "_blocks", lambda n, width, cells=0: whole(n, 1, 3))
    for name in BASELINES:
        pd.testing.assert_frame_equal(quick(name).fit(*frames()).recommend(asked, 7), want[name], atol=1e-5)


# ---- what they compute -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_works,n_users", [(30, 20), (15, 60)])
def test_ease_is_the_formula_on_either_side(n_works, n_users):
    data = frames(n_works, n_users, 500)
    base = Baseline().fit(*data)
    x = base.liked.toarray().astype(float)
    p = np.linalg.inv(x.T @ x + 10 * np.eye(n_works))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    rows = np.arange(-1, len(base.user_ids))
    for dual in (True, False, None):
        assert np.allclose(EASE(10, dual).fit(*data).scores(rows), (x @ b)[rows], atol=1e-5)


def test_ease_says_when_it_cannot():
    class Small(EASE):
        largest = 3

    with pytest.raises(UserError, match="invert a matrix of"):
        Small().fit(*frames())


def test_item_knn_is_the_formula():
    base = Baseline().fit(*frames())
    x = base.liked.toarray().astype(float)
    n = x.sum(axis=0)
    s = (x.T @ x) / (np.sqrt(np.outer(n, n)) + 3)
    np.fill_diagonal(s, 0)
    assert np.allclose(ItemKNN(100, 3).fit(*frames()).similar.toarray(), s, atol=1e-6)
    few = ItemKNN(4, 3).fit(*frames()).similar.toarray()
    assert np.allclose(few.sum(axis=1), -np.sort(-s, axis=1)[:, :4].sum(axis=1), atol=1e-5)


@pytest.mark.parametrize("name", BASELINES)
def test_who_is_remembered_is_answered_like_who_was_there_from_the_start(name):
    works, users, events = frames()
    model = quick(name).fit(works, users, events)
    asked = [str(u) for u in range(20)]
    want = model.recommend(asked, 6)
    events = as_events(events)
    model.remember(users, events[events[Cols.user_id] == "7"])
    mine = lambda recs: recs.loc[recs[Cols.user_id] == "7", Cols.artwork_id].tolist()
    assert mine(model.recommend(asked, 6)) == mine(want)
    if name not in ("random", "popularity"):  # somebody who was not there, with the likes of somebody who was
        model.remember(users, events[events[Cols.user_id] == "7"].assign(**{Cols.user_id: "new"}))
        assert model.recommend(["new"], 6)[Cols.artwork_id].tolist() == mine(want)


def test_als_is_quiet_and_repeats(recwarn):
    a, b = (ALS(4, seed=3).fit(*frames()) for _ in range(2))
    assert (a.model.item_factors == b.model.item_factors).all()
    rows = np.arange(-1, len(a.user_ids))
    assert (a.scores(rows) == b.scores(rows)).all()
    assert not [w for w in recwarn if "BLAS" in str(w.message)]


# ---- the split and the metrics ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_nothing_of_the_future_is_learned_from(seed):
    works, users, events = frames(seed=seed)
    events = as_events(events)
    train, test = hold_out(events, 0.2)
    assert train[Cols.ts].max() < test[Cols.ts].min()
    pairs = lambda df: set(map(tuple, df[PAIR].to_numpy()))
    assert not pairs(test) & pairs(seen(train))
    assert pairs(test) <= pairs(positives(events))
    assert not test.duplicated(PAIR).any()


def by_hand(ranked, wanted, k):
    hits = np.array([r in wanted for r in ranked[:k]], float)
    gains = 1 / np.log2(np.arange(2, k + 2))
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return {
        "recall": hits.sum() / len(wanted),
        "ndcg": (hits * gains[: len(hits)]).sum() / gains[: min(k, len(wanted))].sum(),
        "map": (hits * precision).sum() / len(wanted),
    }


def test_metrics_agree_with_the_sums():
    r = np.random.default_rng(5)
    recs, test = [], []
    for u in range(60):
        recs += [(f"u{u}", f"w{i}") for i in r.permutation(40)[: r.integers(0, 25)]]
        test += [(f"u{u}", f"w{i}") for i in r.permutation(60)[: r.integers(1, 9)]]  # some are never recommended
    recs, test = (pd.DataFrame(d, columns=PAIR) for d in (recs, test))
    stranger = pd.DataFrame([("u99", "w1")], columns=PAIR)  # recommended to, but not asked about
    found = per_user(pd.concat([recs, stranger]), test, ["recall@10", "ndcg@10", "map@20"])
    assert list(found.index) == list(test[Cols.user_id].unique())
    for user, row in found.iterrows():
        ranked, wanted = (df.loc[df[Cols.user_id] == user, Cols.artwork_id].tolist() for df in (recs, test))
        for metric, value in row.items():
            name, k = metric.split("@")
            assert value == pytest.approx(by_hand(ranked, wanted, int(k))[name]), (user, metric)


def test_interval_holds_the_mean_and_shrinks_with_more_users():
    r = np.random.default_rng(0)
    few, many = (intervals(pd.DataFrame({"m": r.random(n)}), seed=1).loc["m"] for n in (50, 5000))
    for i in (few, many):
        assert i["low"] < i["mean"] < i["high"]
    assert many["high"] - many["low"] < (few["high"] - few["low"]) / 5
    same = intervals(pd.DataFrame({"m": [0.5] * 10})).loc["m"]
    assert same.tolist() == [0.5] * 3
    assert intervals(pd.DataFrame({"m": [0.25]})).loc["m"].tolist() == [0.25] * 3


def test_lists_are_measured_as_the_words_say():
    r = np.random.default_rng(2)
    v = r.normal(size=(12, 8))
    v[4] = 0  # a work without a text
    works = pd.DataFrame(
        {
            Cols.artwork_id: [f"w{i}" for i in range(12)],
            Cols.title: "x",
            "text_embedding": list(v),
            Cols.palette: [["#aa2200", "#113377"], [], *[["#113377"]] * 10],
        }
    )
    from art_recsys.core import as_artworks

    works = as_artworks(works)
    log = pd.DataFrame(
        [(f"u{u}", f"w{i}") for u in range(9) for i in range(u)], columns=PAIR
    )  # w0 has 8 likes, w7 one, w8 none
    looks = Looks(works, log)
    recs = pd.DataFrame(
        [(u, f"w{i}", 0.0, n + 1) for u, ids in (("a", [0, 4, 7, 9]), ("b", [1, 2, 3, 8])) for n, i in enumerate(ids)],
        columns=[*PAIR, Cols.score, Cols.rank],
    )
    found = beyond(recs, looks, 3)
    unit = v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12)
    for user, ids in (("a", [0, 4, 7]), ("b", [1, 2, 3])):
        cos = np.mean([unit[i] @ unit[j] for i in ids for j in ids if i != j])
        assert found.loc[user, "diversity@3"] == pytest.approx(1 - cos, abs=1e-6)
        likes = np.array([8 - i if i < 8 else 0 for i in ids])
        assert found.loc[user, "novelty@3"] == pytest.approx(-np.log2((likes + 1) / 9).mean())
        assert found.loc[user, "popularity@3"] == pytest.approx(
            np.mean([(11.5 - i) / 12 if i < 8 else 2 / 12 for i in ids])
        )
    assert exposure(recs, 12, 3)["coverage@3"] == 0.5
    counts = np.array([0] * 6 + [1] * 6)
    gini = np.abs(counts[:, None] - counts).sum() / (2 * 12 * counts.sum())  # half the relative mean difference
    assert exposure(recs, 12, 3)["gini@3"] == pytest.approx(gini)


def test_paired_finds_what_is_there_and_nothing_else():
    r = np.random.default_rng(0)
    base, luck = r.random(150), []
    for seed in range(40):
        noise = np.random.default_rng(seed).normal(size=(2, 150)) * 0.1
        luck.append(paired(pd.DataFrame({"a": base + noise[0], "b": base + noise[1]}), "a", seed, 500).loc["b", "p"])
    assert (
        0.2 < np.mean(np.array(luck) < 0.5) < 0.8 and np.mean(np.array(luck) < 0.05) < 0.2
    )  # p-values of equals are even
    found = paired(pd.DataFrame({"a": base + 0.05, "b": base, "c": base + 0.05}), "a")
    assert found.loc["b", "difference"] == pytest.approx(0.05) and found.loc["b", "p_holm"] < 0.001
    assert found.loc["c", "difference"] == 0 and found.loc["c", "p"] == 1


def test_holm_is_the_step_down_rule():
    p = np.array([0.04, 0.001, 0.5, 0.02])
    assert holm(p) == pytest.approx([0.08, 0.004, 0.5, 0.06])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1, 1]) and len(holm(np.zeros(0))) == 0


def test_a_share_is_of_means_and_holds_its_value():
    r = np.random.default_rng(1)
    whole = r.random(300)
    found = share(whole * 0.8, whole)
    assert [found[k] for k in ("share", "share_low", "share_high")] == pytest.approx([0.8] * 3)
    found = share(whole * r.random(300), whole)
    assert found["share_low"] < found["share"] < found["share_high"]


def test_head_tail_and_new_are_cut_by_likes():
    log = pd.DataFrame([("u", "a")] * 5 + [("u", "b")] * 3 + [("u", "c")] * 2, columns=PAIR)
    assert fame(["c", "x", "b", "a"], log).to_dict() == {
        "a": "head works",
        "b": "tail works",
        "c": "tail works",
        "x": "new works",
    }


def test_nothing_of_newcomers_and_new_works_is_learned_and_fewer_likes_tell_less(monkeypatch):
    from art_recsys.core import as_artworks, as_users

    works, users, events = frames(n_works=80, n_users=60, n_events=5000)
    works, users, events = as_artworks(works), as_users(users), as_events(events)
    train, test = hold_out(events, 0.2)
    cold = cold_split(works, train, test, share=0.2)
    assert len(cold.newcomers) and len(cold.new_works)
    people, new = set(cold.newcomers[Cols.user_id]), set(cold.new_works[Cols.artwork_id])
    assert not people & set(cold.train[Cols.user_id]) and not new & set(cold.train[Cols.artwork_id])
    assert not people & set(cold.new_works[Cols.user_id]) and not new & set(cold.newcomers[Cols.artwork_id])
    assert people <= set(cold.history[Cols.user_id])
    asked = []
    monkeypatch.setattr(
        Popularity,
        "remember",
        lambda self, u, e: asked.append(positives(e) if len(e) else e) or Baseline.remember(self, u, e),
    )
    found = cold_start(works, users, cold, {"popularity": Popularity, "item_knn": ItemKNN, "ease": EASE})
    known = [len(x) / len(people) for x in asked[1:]]  # the first is the fit
    assert known[:-1] == list(NEW_LIKES) and known[-1] > NEW_LIKES[-1]
    for x in asked[1:]:
        assert set(x[Cols.user_id]) <= people
    rows = found["popularity"]
    assert rows.loc["0 likes"].equals(rows.loc["all likes"]) and rows.loc["all likes", "share"] == 1
    assert rows.loc["5 likes", "users"] == len(people)
    assert found["ease"].loc["0 likes", "mean"] == pytest.approx(
        rows.loc["0 likes", "mean"]
    )  # who likes nothing gets what is popular
    assert found["ease"].loc["new works", "mean"] == 0


def test_first_likes_are_the_first():
    events = as_events(frames()[2])
    kept = first_likes(events, 3)
    for user, g in positives(events).groupby(Cols.user_id):
        assert kept.loc[kept[Cols.user_id] == user, Cols.artwork_id].tolist() == g[Cols.artwork_id].tolist()[:3]


def test_the_page_shows_what_the_json_says(tmp_path):
    import nbformat

    result = evaluate_recommenders(*frames(), ["random", "popularity", "ease"])
    write_page(json.loads(json.dumps(report(result))), tmp_path / "page.ipynb")
    page = nbformat.read(tmp_path / "page.ipynb", 4)
    nbformat.validate(page)
    shown = [o.data for c in page.cells if c.cell_type == "code" for o in c.outputs]
    assert sum("image/png" in d for d in shown) == 2
    first = next(d["text/markdown"] for d in shown if "text/markdown" in d)
    assert f"{result.metrics['ease'].loc['ndcg@10', 'mean']:.4g}" in first
    assert str(tmp_path) not in json.dumps(page) and "two_" not in json.dumps(page)


def test_evaluation_is_whole_and_repeats():
    data = frames(n_users=40, n_events=900)
    one, two = (evaluate_recommenders(*data, BASELINES, ks=(5, 10), test_share=0.2) for _ in range(2))
    a, b = (json.loads(json.dumps(report(r))) for r in (one, two))
    assert set(a.pop("timings")) == set(b.pop("timings")) == set(BASELINES)
    assert a == b
    for m in a["metrics"].values():
        assert list(m) == [
            "ndcg@5",
            "recall@5",
            "recall@10",
            "map@10",
            "mrr@5",
            "coverage@5",
            "gini@5",
            "novelty@5",
            "diversity@5",
            "colours@5",
            "popularity@5",
        ]
        assert m["recall@5"]["mean"] <= m["recall@10"]["mean"] and 0 < m["coverage@5"]["mean"] <= 1
        assert all(x["low"] <= x["mean"] <= x["high"] for x in m.values() if "low" in x)
    for s in a["segments"].values():
        assert sum(x["users"] for name, x in s.items() if name in SEGMENTS) == a["test_users"]
    best = a["best"]
    assert set(a["better"]) == {best} and set(a["better"][best]) == set(BASELINES) - {best}
    assert all(len(v) == a["test_users"] for v in one.values.values())
    text = one._repr_markdown_()
    assert all(f"| {n} |" in text for n in BASELINES) and "second" not in text


def test_one_that_cannot_is_listed_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(EASE, "largest", 1)
    found = report(evaluate_recommenders(*frames(), ["ease", "popularity"]))
    assert list(found["metrics"]) == ["popularity"] and "invert" in found["skipped"]["ease"]


def test_what_a_person_can_get_wrong_is_said():
    works, users, events = frames()
    for match, given in {
        "no recommender eaze.* Did you mean ease": (works, users, events, ["eaze"]),
        "not enough likes": (works, users, events.iloc[:0]),
        "no column title": (works[[Cols.artwork_id]], users, events),
    }.items():
        with pytest.raises(UserError, match=match):
            evaluate_recommenders(*given)


def test_the_second_stage_is_given_the_towers_that_were_measured():
    given = []
    models = {"two_tower": Popularity, "two_stage": lambda retrieval=None: given.append(retrieval) or Popularity()}
    found = evaluate_recommenders(*frames(), models=models)
    assert given == [found.models["two_tower"]]


# ---- the yardstick ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not ML.is_dir(), reason="the MovieLens-100K yardstick is not at ../shared/data/ml-100k")
def test_movielens_figures_of_the_peers():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        from movielens import films, likes, measures, people
    finally:
        sys.path.pop(0)
    works, test = films(ML), as_events(likes(ML / "loo", ["test"]))
    models = {n: recommenders()[n] for n in ("random", "popularity", "item_knn", "als", "ease")}
    result = evaluate_split(works, people(ML), as_events(likes(ML / "loo", ["train", "val"])), test, models)
    ndcg = {n: t.loc["ndcg@10", "mean"] for n, t in result.metrics.items()}
    for name, value in {"random": 0.003, "popularity": 0.045, "item_knn": 0.069, "als": 0.076, "ease": 0.072}.items():
        assert ndcg[name] == pytest.approx(value, abs=0.004), name  # the table's standard error is .005 to .007
    assert result.metrics["ease"].loc["recall@100", "mean"] == pytest.approx(0.554, abs=0.001)
    assert result.metrics["popularity"].loc["recall@100", "mean"] == pytest.approx(0.318, abs=0.001)
    by_benchmark = measures(result.models["ease"].recommend(test[Cols.user_id], 100), test, len(works))
    assert by_benchmark["ndcg@10"]["mean"] == pytest.approx(ndcg["ease"], abs=1e-4)


# ---- other benchmarks ------------------------------------------------------------------------------------------------


def benchmark(name):
    "A file of benchmarks/ as a module"
    import importlib

    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


def test_the_ceiling_reads_the_simulator_right():
    "Its wanting of every work, out of blocks and told weights, is the simulator's own; its log is what the simulator wrote"
    import pyarrow as pa

    from art_recsys.core import as_artworks, as_users
    from art_recsys.users import draw_truth, neighbours, seed_works, simulate, true_utility, work_blocks

    c = benchmark("ceiling")
    works = frames(n_works=120)[0].assign(
        artist=[f"A{i % 20}" for i in range(120)], tags=[[f"t{i % 7}", f"s{i % 11}"] for i in range(120)]
    )
    works, users = as_artworks(works), as_users(pd.DataFrame({Cols.user_id: [f"u{i}" for i in range(30)]}))
    blocks = work_blocks(works, 3)
    near = neighbours(works, blocks)
    truth = draw_truth(works, blocks, seed_works(30, near, 3), near, users[Cols.user_id], 3)
    events = as_events(pa.concat_tables(simulate(truth, load_settings("DEFAULT", seed=3))).to_pandas())
    museum = c.Museum(works, truth, 3)
    for row in range(10):
        log = c.Log.of(
            events[events[Cols.user_id] == f"u{row}"], truth.interests[row, 0], pd.Index(works[Cols.artwork_id])
        )
        assert log.like.sum() + 4 == len(
            events[(events[Cols.user_id] == f"u{row}") & (events[Cols.event] == Event.like)]
        )
        v = c.Visitor(museum, log, np.random.default_rng(row), "outcome")
        museum.weights = lambda z, row=row: np.tile(truth.weights[row], (len(z), 1))
        taste = v.draw(2)
        taste.many[:], taste.also[:] = (
            (truth.interests[row, 1:, 0] >= 0).sum(),
            np.maximum(truth.interests[row, 1:, 0], 0),
        )
        like = v.crowd(taste)[0][0]
        mine = (like - c.B.focus * (1 - truth.focus[row])[:, None]).max(0) + museum.fame
        assert mine == pytest.approx(true_utility(truth, [row])[0], abs=1e-4)
        del museum.weights
    prior = c.Visitor(
        museum,
        c.Log(truth.interests[0, 0], *[np.zeros(0, int)] * 2, *[np.zeros(0)] * 3, 1),
        np.random.default_rng(0),
        "outcome",
    )
    assert museum.weights(prior.sample(4000).z).mean(0) == pytest.approx(
        museum.weights(prior.draw(4000).z).mean(0), abs=0.02
    )


def test_foundation_keeps_time_and_sold_works_apart(tmp_path, monkeypatch):
    f = benchmark("foundation")
    day = pd.Timestamp("2021-03-01", tz="UTC")
    r = np.random.default_rng(0)
    works = pd.DataFrame(
        {
            "artwork_id": [f"w{i}" for i in range(60)],
            "artist_id": [f"a{i % 9}" for i in range(60)],
            "first_listed_at": [day + pd.Timedelta(days=i) for i in range(60)],
            "first_reserve_price_eth": r.random(60),
        }
    )
    bids = pd.DataFrame(
        {
            "user_id": r.choice([f"u{i}" for i in range(12)], 300),
            "artwork_id": [f"w{i}" for i in np.sort(r.integers(0, 60, 300))],
        }
    )
    bids["ts"] = [day + pd.Timedelta(days=int(w[1:]) + 0.5) for w in bids["artwork_id"]]
    bids = bids.assign(
        artist_id=bids["artwork_id"].map(dict(works.to_numpy()[:, :2])),
        is_own_artwork=False,
        is_winning_bid=r.random(300) < 0.1,
    )
    people = pd.DataFrame({"user_id": [*(f"u{i}" for i in range(12)), *(f"a{i}" for i in range(9))], "bio": "a b c"})
    for name, df in (("bids", bids), ("artworks", works), ("profiles", people)):
        df.to_parquet(tmp_path / f"{name}.parquet")
    monkeypatch.setattr(
        f,
        "text_encoder",
        lambda *a: type("E", (), {"encode": lambda self, texts: np.ones((len(texts), 4), "float32")})(),
    )
    art, users, train, test, closed = f.load(tmp_path, "work", "test")
    assert train[Cols.ts].max() < test[Cols.ts].min() and closed
    assert set(test[Cols.user_id]) <= set(train[Cols.user_id]) and not set(test[Cols.artwork_id]) & set(closed)
    assert art[Cols.artwork_id].tolist() == [f"w{i}" for i in range(59, -1, -1)]  # newest first
    *_, val, _ = f.load(tmp_path, "work", "val")
    assert val[Cols.ts].max() < test[Cols.ts].min()
    model = f.Open(f.ArtistAffinity(7.0), closed).fit(art, users, train)
    recs = model.recommend(list(test[Cols.user_id].unique()), 20)
    assert not set(recs[Cols.artwork_id]) & set(closed)
    artist = art.set_index(Cols.artwork_id)[Cols.artist]
    for user, g in recs.groupby(Cols.user_id):
        bought = set(artist[train.loc[train[Cols.user_id] == user, Cols.artwork_id]])
        assert artist[g[Cols.artwork_id].iloc[0]] in bought  # artists one has bid on come first
    few = f.load(tmp_path, "artist", "test")
    assert len(few[0]) == 9 and not few[4]

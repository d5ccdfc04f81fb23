"""The evaluation: no leak over the split, metrics that brute force and ranx confirm, a report that repeats."""

import json

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import UserError
from art_recsys.core import Cols, as_events, positives, seen
from art_recsys.evaluation import evaluate_recommenders, hold_out
from art_recsys.measures.hits import per_user
from art_recsys.models.baselines import EASE
from art_recsys.reports.page import write_page
from art_recsys.reports.result import SEGMENTS, compared, report
from tests.small_frames import BASELINES, PAIR, frames, quick


@pytest.mark.parametrize("seed", range(5))
def test_nothing_of_the_future_is_learned_from(seed):
    _works, _users, events = frames(seed=seed)
    events = as_events(events)
    train, test = hold_out(events, 0.2)
    assert train[Cols.ts].max() < test[Cols.ts].min()

    def pairs(df):
        return set(map(tuple, df[PAIR].to_numpy()))

    assert not pairs(test) & pairs(seen(train))
    assert pairs(test) <= pairs(positives(events))
    assert not test.duplicated(PAIR).any()


def test_of_many_test_users_a_sample_is_asked_that_the_seed_alone_draws():
    _works, _users, events = frames(seed=1)
    whole = hold_out(as_events(events), 0.2)[1]
    some = [hold_out(as_events(events), 0.2, most=4, seed=s)[1] for s in (1, 1, 2)]
    assert [t[Cols.user_id].nunique() for t in some] == [4, 4, 4] and some[0].equals(some[1])
    assert not some[0].equals(some[2])
    assert some[0].equals(whole[whole[Cols.user_id].isin(some[0][Cols.user_id])].reset_index(drop=True))


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


def test_metrics_agree_with_ranx():
    ranx = pytest.importorskip("ranx")
    r = np.random.default_rng(1)
    recs = pd.DataFrame([(f"u{u}", f"w{i}") for u in range(40) for i in r.permutation(50)[:20]], columns=PAIR)
    test = pd.DataFrame([(f"u{u}", f"w{i}") for u in range(40) for i in r.permutation(50)[: 1 + u % 7]], columns=PAIR)
    metrics = ["ndcg@10", "recall@5", "recall@20", "map@20", "mrr@10"]
    qrels = ranx.Qrels({u: {a: 1 for a in g[Cols.artwork_id]} for u, g in test.groupby(Cols.user_id)})
    run = {u: {a: 1.0 - n / 100 for n, a in enumerate(g[Cols.artwork_id])} for u, g in recs.groupby(Cols.user_id)}
    theirs = ranx.evaluate(qrels, ranx.Run(run), metrics)
    ours = per_user(recs, test, metrics).mean()
    assert {m: float(v) for m, v in theirs.items()} == pytest.approx(ours.to_dict(), abs=1e-9)


def test_a_comparison_names_the_difference():
    base = np.random.default_rng(0).random(150)
    found = compared(pd.DataFrame({"a": base + 0.05, "b": base, "c": base + 0.05}), "a")
    assert found.loc["b", "difference"] == pytest.approx(0.05) and found.loc["b", "p_holm"] < 0.001
    assert found.loc["c", "difference"] == 0 and found.loc["c", "p"] == 1


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
            "ndcg_ips@5",
            "recall_ips@5",
            "recall_strata@5",
            "coverage@5",
            "gini@5",
            "artist_gini@5",
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


def test_every_metric_is_reported_by_kind_of_taste(tmp_path):
    import nbformat

    works, users, events = frames(n_users=40, n_events=900)
    ids = pd.Index(sorted(set(events[Cols.user_id].astype(str))))
    taste = pd.Series(np.where(np.arange(len(ids)) % 3, "subject", "hand"), ids)
    result = evaluate_recommenders(works, users, events, ["popularity", "ease"], test_share=0.2, taste=taste)
    a = json.loads(json.dumps(report(result)))
    assert set(a["tastes"]) == {"subject", "hand"} and not a["share_of_oracle_by_taste"]
    for name, by_user in result.values.items():
        for kind in a["tastes"]:
            mine = by_user[taste.reindex(by_user.index) == kind]
            assert set(a["tastes"][kind][name]) == set(by_user)
            assert a["tastes"][kind][name]["recall@50"]["mean"] == pytest.approx(mine["recall@50"].mean(), abs=1e-5)
            assert a["segments"][name][f"taste: {kind}"]["users"] == len(mine)
    parts = [a["segments"]["ease"][f"taste: {k}"] for k in a["tastes"]]
    whole = sum(p["users"] * p["mean"] for p in parts) / a["test_users"]
    assert whole == pytest.approx(a["metrics"]["ease"]["ndcg@10"]["mean"], abs=1e-4)
    write_page(a, tmp_path / "page.ipynb")
    page = nbformat.read(tmp_path / "page.ipynb", 4)
    assert any("plot_tastes" in c.source and c.outputs for c in page.cells if c.cell_type == "code")
    plain = report(evaluate_recommenders(works, users, events, ["popularity"], test_share=0.2))
    assert not plain["tastes"] and not any(s.startswith("taste") for s in plain["segments"]["popularity"])


def test_one_that_cannot_is_listed_and_the_others_go_on(monkeypatch):
    monkeypatch.setattr(EASE, "largest", 1)
    found = report(evaluate_recommenders(*frames(), ["ease", "popularity"]))
    assert list(found["metrics"]) == ["popularity"] and "invert" in found["skipped"]["ease"]


def test_what_a_person_can_get_wrong_is_said():
    works, users, events = frames()
    for match, given in {
        "no recommender eaze.* Did you mean ease": (works, users, events, ["eaze"]),
        "not enough likes": (works, users, events.iloc[:0]),
        "likes have the same time .2026-01-01 00:00:00.,": (
            works,
            users,
            events.assign(ts=pd.Timestamp("2026-01-01", tz="UTC")),
        ),
        "no column title": (works[[Cols.artwork_id]], users, events),
    }.items():
        with pytest.raises(UserError, match=match):
            evaluate_recommenders(*given)


def test_ours_are_fitted_once_and_measured_three_times():
    fresh, fits = quick(), []
    tower = fresh["two_tower"].model
    real = type(tower).fit
    tower.fit = lambda *frames: fits.append(1) or real(tower, *frames)
    found = evaluate_recommenders(*frames(), models={n: fresh[n] for n in ("two_tower", "two_stage", "page")})
    assert fits == [1] and list(found.metrics) == ["two_tower", "two_stage", "page"]

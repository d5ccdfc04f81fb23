"""The benchmarks do what their page says."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import UserError, load_settings
from art_recsys.core import Cols, Event, as_artworks, as_events, as_users
from art_recsys.evaluation import evaluate_split
from art_recsys.recommendation import make_recommenders
from tests.small_frames import frames

ROOT = Path(__file__).parent.parent
ML = ROOT.parent / "shared" / "data" / "ml-100k"


def benchmark(name):
    "A file of benchmarks/ as a module"
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


@pytest.mark.skipif(not ML.is_dir(), reason="the MovieLens-100K yardstick is not at ../shared/data/ml-100k")
def test_movielens_figures_of_the_peers():
    b = benchmark("movielens")
    films, likes, measures, profiles = b.films, b.likes, b.measures, b.profiles
    works, test = films(ML), as_events(likes(ML / "loo", ["test"]))
    fresh = make_recommenders()
    models = {n: fresh[n] for n in ("random", "popularity", "item_knn", "als", "ease")}
    result = evaluate_split(works, profiles(ML), as_events(likes(ML / "loo", ["train", "val"])), test, models)
    ndcg = {n: t.loc["ndcg@10", "mean"] for n, t in result.metrics.items()}
    for name, value in {"random": 0.003, "popularity": 0.045, "item_knn": 0.069, "als": 0.076, "ease": 0.072}.items():
        assert ndcg[name] == pytest.approx(value, abs=0.004), name  # the table's standard error is .005 to .007
    assert result.metrics["ease"].loc["recall@100", "mean"] == pytest.approx(0.554, abs=0.001)
    assert result.metrics["popularity"].loc["recall@100", "mean"] == pytest.approx(0.318, abs=0.001)
    by_benchmark = measures(result.models["ease"].recommend(test[Cols.user_id], 100), test, len(works))
    assert by_benchmark["ndcg@10"]["mean"] == pytest.approx(ndcg["ease"], abs=1e-4)


def test_the_ceiling_reads_the_simulator_right():
    "Its utilities, from attributes and given weights, are the simulator's own; its log is what the simulator wrote"
    import pyarrow as pa

    from art_recsys.simulator.attributes import artwork_attributes
    from art_recsys.simulator.log import simulate_events
    from art_recsys.simulator.truth import draw_truth, true_utility
    from art_recsys.users import companions, seed_works

    c = benchmark("ceiling")
    works = frames(n_works=120)[0].assign(
        artist=[f"A{i % 20}" for i in range(120)], tags=[[f"t{i % 7}", f"s{i % 11}"] for i in range(120)]
    )
    works, users = as_artworks(works), as_users(pd.DataFrame({Cols.user_id: [f"u{i}" for i in range(30)]}))
    attributes = artwork_attributes(works, 3)
    near, alike = companions(works, attributes, 3)
    kinds, seeds = seed_works(30, near, alike, 3)
    truth = draw_truth(works, attributes, kinds, seeds, near, alike, users[Cols.user_id], 3)
    events = as_events(pa.concat_tables(simulate_events(truth, load_settings("DEFAULT", seed=3))).to_pandas())
    shared = c.Similarities(works, truth, 3)
    for row in range(10):
        log = c.Log.of(
            events[events[Cols.user_id] == f"u{row}"], truth.interests[row, 0], pd.Index(works[Cols.artwork_id])
        )
        assert log.like.sum() + 4 == len(
            events[(events[Cols.user_id] == f"u{row}") & (events[Cols.event] == Event.like)]
        )
        v = c.UserPosterior(shared, log, np.random.default_rng(row), "outcome")
        shared.weights = lambda z, kind, row=row: np.tile(truth.weights[row], (len(z), 1))
        assert v.kinds[truth.kinds[row]] > 0
        taste = v.draw(2)
        taste.kind[:] = truth.kinds[row]
        taste.many[:], taste.also[:] = (
            (truth.interests[row, 1:, 0] >= 0).sum(),
            np.maximum(truth.interests[row, 1:, 0], 0),
        )
        like = v.crowd(taste)[0][0]
        mine = (like - c.B.focus_penalty * (1 - truth.focus[row])[:, None]).max(0) + shared.fame
        assert mine == pytest.approx(true_utility(truth, [row])[0], abs=1e-4)
        del shared.weights
    prior = c.UserPosterior(
        shared,
        c.Log(truth.interests[0, 0], *[np.zeros(0, int)] * 2, *[np.zeros(0)] * 3, 1),
        np.random.default_rng(0),
        "outcome",
    )
    one, two = prior.sample(4000), prior.draw(4000)
    assert shared.weights(one.z, one.kind).mean(0) == pytest.approx(shared.weights(two.z, two.kind).mean(0), abs=0.02)


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
    model = f.Open(f.ArtistAffinity(7.0), f.catalogue_steps, closed=closed).fit(art, users, train)
    recs = model.recommend(list(test[Cols.user_id].unique()), 20)
    assert not set(recs[Cols.artwork_id]) & set(closed)
    artist = art.set_index(Cols.artwork_id)[Cols.artist]
    for user, g in recs.groupby(Cols.user_id):
        bought = set(artist[train.loc[train[Cols.user_id] == user, Cols.artwork_id]])
        assert artist[g[Cols.artwork_id].iloc[0]] in bought  # artists one has bid on come first
    few = f.load(tmp_path, "artist", "test")
    assert len(few[0]) == 9 and not few[4]


def test_agreement_is_kendalls_tau_with_an_interval_over_users(tmp_path):
    b = benchmark("agreement")
    one = pd.DataFrame({"mean": [0.1, 0.2, 0.3, 0.4], "se": 0.001}, index=list("abcd"))
    same = b.agreement(one, one)
    assert same["tau"] == same["low"] == same["high"] == 1 and same["p"] == pytest.approx(1 / 12)
    turned = one.assign(mean=one["mean"].to_numpy()[[0, 1, 3, 2]])
    assert b.agreement(one, turned)["tau"] == pytest.approx(2 / 3)
    unsure = b.agreement(one, turned.assign(se=0.2))
    assert unsure["low"] < 0 < unsure["tau"] < unsure["high"] == 1
    with pytest.raises(UserError, match="Only 2 methods"):
        b.agreement(one, one.loc[["a", "b"]])
    lines = [
        {"name": "ALS", "split": "loo", "part": "test", "ndcg@10": {"mean": 0.076, "se": 0.007}, "measured": "apart"},
        {"name": "als", "split": "loo", "part": "test", "ndcg@10": {"mean": 0.077, "se": 0.006}},
        {"name": "als", "split": "loo", "part": "val", "ndcg@10": {"mean": 0.5, "se": 0.006}},
    ]
    assert b.of_lines(lines[::-1], "loo")["mean"].to_dict() == {"als": 0.077}
    report = {"metrics": {"ease": {"ndcg@10": {"mean": 0.2, "low": 0.1608, "high": 0.2392}}, "oracle": {}}}
    assert b.of_report(report).loc["ease"].tolist() == pytest.approx([0.2, 0.02])
    with pytest.raises(UserError, match="art-recsys evaluate"):
        b.data_sets(tmp_path)


class LearningService:
    "Shows works in their order; after a like of a tag, works with that tag first; honours `more` and `less`"

    version = "fake"

    def __init__(self, n=400):
        self.works = {
            f"w{i}": {
                "tags": [f"tag {i % 8}", "everywhere"] + (["rare"] if i < 5 else []),
                "artist": "",
                "colour": ["red", "blue", "grey"][i % 3],
                "period": f"period {i % 10}",
            }
            for i in range(n)
        }
        self.catalogue = type("C", (), {"ids": list(self.works), "details": lambda _, a: self.works[a]})()
        self.likes, self.wishes, self.events = {}, {}, 0

    def recommend(self, user, k, exclude=()):
        wanted = [t for a in self.likes.get(user, []) for t in self.works[a]["tags"][:1]]

        def order(a):
            tag = self.works[a]["tags"][0]
            said = self.wishes.get((user, tag))
            return (said == "less") * 3 - (said == "more") * 3 - (tag in wanted), int(a[1:])

        gone = {*exclude, *self.likes.get(user, [])}
        ids = sorted((a for a in self.works if a not in gone), key=order)[:k]
        return {"items": [{"artwork_id": a} for a in ids]}

    def send_events(self, events):
        for e in events:
            self.likes.setdefault(e["user_id"], []).append(e["artwork_id"])

    def steer(self, user, direction, kind, value):
        assert kind == "tag"
        self.wishes[user, value] = direction


@pytest.mark.parametrize("scroll", [False, True])
def test_the_taste_curve_counts_what_visitors_get(scroll):
    t = benchmark("taste")
    found = t.measure(LearningService(), scroll)
    kinds = {k["kind"]: k for k in found["kinds"]}
    assert list(kinds) == ["tag", "period", "two tags", t.MORE, t.LESS]  # red and blue are a third each, too many
    tag = kinds["tag"]
    assert tag["wants"] == 8 and tag["chance"] == 3.0  # not `everywhere`, not `rare`
    assert tag["likes"][:4] == [0, 2, 4, 6] and tag["matching"][0] == 3.0
    if scroll:
        assert tag["matching"][1] == 24.0 and sum(tag["matching"]) == 50.0  # every work of the tag once
    else:
        assert (
            tag["likes"][-1] == 12
            and tag["matching"][1:] == [24.0] * 6
            and tag["first"][1:] == [8.0] * 6
            and tag["largest_fall"] == 0
        )
    two = kinds["two tags"]
    assert two["wants"] == 4 and two["fewer"][0] == two["more"][0] == 3.0
    less = kinds[t.LESS]
    assert less["unwanted"][4] == 0 and max(less["unwanted"][:4]) > 0
    assert kinds[t.MORE]["matching"][1] == 24.0
    text = t.as_markdown(found)
    assert "| tag | 8 | 3.0 | 3.0 | 24.0 |" in text and "works of the other tag" in text

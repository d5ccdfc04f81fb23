"""The benchmarks do what their page says."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import load_settings
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
    from art_recsys.users import seed_works, similar_artworks

    c = benchmark("ceiling")
    works = frames(n_works=120)[0].assign(
        artist=[f"A{i % 20}" for i in range(120)], tags=[[f"t{i % 7}", f"s{i % 11}"] for i in range(120)]
    )
    works, users = as_artworks(works), as_users(pd.DataFrame({Cols.user_id: [f"u{i}" for i in range(30)]}))
    attributes = artwork_attributes(works, 3)
    near = similar_artworks(works, attributes)
    truth = draw_truth(works, attributes, seed_works(30, near, 3), near, users[Cols.user_id], 3)
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
        shared.weights = lambda z, row=row: np.tile(truth.weights[row], (len(z), 1))
        taste = v.draw(2)
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
    assert shared.weights(prior.sample(4000).z).mean(0) == pytest.approx(
        shared.weights(prior.draw(4000).z).mean(0), abs=0.02
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
    model = f.Open(f.ArtistAffinity(7.0), f.catalogue_steps, closed=closed).fit(art, users, train)
    recs = model.recommend(list(test[Cols.user_id].unique()), 20)
    assert not set(recs[Cols.artwork_id]) & set(closed)
    artist = art.set_index(Cols.artwork_id)[Cols.artist]
    for user, g in recs.groupby(Cols.user_id):
        bought = set(artist[train.loc[train[Cols.user_id] == user, Cols.artwork_id]])
        assert artist[g[Cols.artwork_id].iloc[0]] in bought  # artists one has bid on come first
    few = f.load(tmp_path, "artist", "test")
    assert len(few[0]) == 9 and not few[4]

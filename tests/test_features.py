"""Features over stages: visitors' events merged in, texts embedded once, the three frames out as they went in"""

import multiprocessing
import sqlite3

import numpy as np
import pandas as pd
import pytest

from art_recsys import features
from art_recsys.config import Home, UserError, load_settings, write_parquet
from art_recsys.core import Cols, as_artworks, as_events, as_users, positives
from art_recsys.features import artwork_text, build_features, candidate_group, candidate_view, load_frames, ranking_rows
from art_recsys.language.text_encoder import TextEncoder, text_encoder
from art_recsys.platform.login import login

DIM = 8


class FakeTransformer:
    "A text to a vector without a model: counts what it is asked"

    def __init__(self):
        self.texts = []

    def get_embedding_dimension(self):
        return DIM

    def encode(self, texts, **kwargs):
        self.texts += texts
        vectors = np.stack([np.random.default_rng(list(t.encode())).normal(size=DIM) for t in texts])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def model(monkeypatch):
    "All encoders of a test use one stand-in for the transformer"
    fake = FakeTransformer()
    monkeypatch.setattr(features, "_load_model", lambda name: fake)
    text_encoder.cache_clear()
    yield fake
    text_encoder.cache_clear()


@pytest.fixture
def settings(tmp_path, model):
    "A home with ten works, three users and their events, as the third stage leaves it"
    settings = load_settings("smoke", tmp_path / "home")
    home = Home.of(settings)
    write_parquet(
        as_artworks(
            pd.DataFrame(
                {
                    "artwork_id": [f"w{i}" for i in range(10)],
                    "title": [f"Work {i}" for i in range(10)],
                    "artist": "Ada",
                    "year_start": [1900 if i else None for i in range(10)],
                    "tags": [["sea"] * (i % 3) for i in range(10)],
                }
            )
        ),
        home.file("enriched.parquet"),
    )
    write_parquet(
        as_users(
            pd.DataFrame(
                {
                    "user_id": ["a", "b", "c"],
                    "age": [30, None, 50],
                    "gender": ["F", "", "M"],
                    "description": ["Likes the sea", "", "Likes the sea"],
                }
            )
        ),
        home.file("users.parquet"),
    )
    write_parquet(
        events(
            ("a", 0, "impression", 1),
            ("a", 0, "like", 2),
            ("a", 1, "impression", 1),
            ("b", 2, "like", 3),
            ("b", 2, "unlike", 4),
            ("c", 3, "like", 5),
        ),
        home.file("events.parquet"),
    )
    return settings


def events(*rows):
    return as_events(
        pd.DataFrame(
            [(f"{u}{w}{e}{d}", u, f"w{w}", e, pd.Timestamp(2026, 1, d, tz="UTC")) for u, w, e, d in rows],
            columns=["event_id", "user_id", "artwork_id", "event", "ts"],
        )
    )


def add_visitor(home, *rows):
    "Write events as the model server does"
    con = sqlite3.connect(home.file("events.db"))
    con.execute(
        "create table if not exists events(event_id text primary key, user_id text, artwork_id text, event text, ts text, "
        "position real, request_id text, model_version text, propensity real)"
    )
    con.executemany("insert into events values (?,?,?,?,?,?,?,?,?)", rows)
    con.commit()
    con.close()


def test_groups_and_views_hold_what_the_stages_made(settings):
    summary = build_features(settings)
    assert {k: summary[k] for k in ("artworks", "users", "interactions", "transactions", "ranking")} == dict(
        artworks=10, users=3, interactions=6, transactions=2, ranking=3
    )
    fs = login(settings).get_feature_store()
    liked = fs.get_feature_view("retrieval", 1).get_batch_data().sort_values("user_id", ignore_index=True)
    assert liked[["user_id", "artwork_id", "title", "user_age", "user_gender"]].values.tolist() == [
        ["a", "w0", "Work 0", 30.0, "F"],
        ["c", "w3", "Work 3", 50.0, "M"],
    ]
    seen, labels = fs.get_feature_view("ranking", 1).training_data()
    assert sorted(zip(seen["user_id"], seen["artwork_id"], labels["label"])) == [
        ("a", "w0", 1),
        ("a", "w1", 0),
        ("c", "w3", 1),
    ]
    near = fs.get_feature_group("artworks", 1).find_neighbors(np.eye(DIM)[0].tolist(), k=3)
    assert len(near) == 3 and near[0][0] <= near[1][0] <= near[2][0]


def test_frames_come_out_as_they_went_in(settings):
    build_features(settings)
    artworks, users, log = load_frames(login(settings), settings)
    home = Home.of(settings)
    plain = lambda df: df.map(lambda v: list(v) if isinstance(v, np.ndarray) else v)  # noqa: E731
    for got, name in ((artworks, "enriched"), (users, "users"), (log, "events")):
        want = pd.read_parquet(home.file(f"{name}.parquet"))
        key = got.columns[0]
        got, want = (plain(d[want.columns]).sort_values(key, ignore_index=True) for d in (got, want))
        pd.testing.assert_frame_equal(got, want)
    assert all(v.dtype == np.float32 and np.isclose(np.linalg.norm(v), 1) for v in artworks[Cols.text_embedding])
    assert not users.set_index("user_id").loc["b", Cols.text_embedding].any()  # no profile, no claim
    assert log["ts"].is_monotonic_increasing


def test_every_text_goes_through_the_model_once(settings, model):
    assert build_features(settings)["texts_embedded"] == 11 == len(model.texts)  # ten works, one profile told twice
    assert build_features(settings)["texts_embedded"] == 0
    text_encoder.cache_clear()  # a new process
    assert build_features(settings)["texts_embedded"] == 0 and len(model.texts) == 11


def test_likes_of_visitors_join_the_log(settings):
    assert build_features(settings)["visitor_events"] == 0
    at = "2026-02-01T10:00:00.000000+00:00"
    add_visitor(
        Home.of(settings),
        ("v1", "visitor", "w5", "like", at, 3, "r1", "m1", 0.1),
        ("v2", "a", "w0", "unlike", at, None, "", "", None),
        ("v3", "visitor", "gone", "like", at, None, "", "", None),
    )
    summary = build_features(settings)
    assert (summary["visitor_events"], summary["interactions"], summary["dropped"]) == (
        2,
        8,
        {"event of an unknown work": 1},
    )
    _, _, log = load_frames(login(settings), settings)
    assert sorted(map(tuple, positives(log)[["user_id", "artwork_id"]].values)) == [("c", "w3"), ("visitor", "w5")]
    transactions = login(settings).get_feature_store().get_feature_group("transactions", 1).read()
    assert sorted(transactions["user_id"]) == ["c", "visitor"]  # the like that was taken back is gone


def test_a_smaller_catalogue_leaves_nothing_of_the_larger(settings):
    build_features(settings)
    home = Home.of(settings)
    write_parquet(as_artworks(pd.read_parquet(home.file("enriched.parquet")).head(2)), home.file("enriched.parquet"))
    assert build_features(settings)["artworks"] == 2
    artworks, _, log = load_frames(login(settings), settings)
    assert artworks["artwork_id"].tolist() == ["w0", "w1"] and set(log["artwork_id"]) == {"w0", "w1"}


def test_a_log_of_nothing_but_likes_and_bare_tables_do(settings):
    home = Home.of(settings)
    write_parquet(
        as_artworks(pd.DataFrame({"artwork_id": ["1", "2"], "title": ["x", "y"]})), home.file("enriched.parquet")
    )
    write_parquet(as_users(pd.DataFrame({"user_id": ["7"]})), home.file("users.parquet"))
    write_parquet(
        as_events(
            pd.DataFrame({"event_id": ["1"], "user_id": ["7"], "artwork_id": ["1"], "event": ["like"], "ts": [0]})
        ),
        home.file("events.parquet"),
    )
    summary = build_features(settings)
    assert (summary["transactions"], summary["ranking"]) == (1, 1)
    artworks, users, log = load_frames(login(settings), settings)
    assert artworks["tags"].map(list).tolist() == [[], []] and users["age"].isna().all() and len(log) == 1


def test_no_events_at_all_do(settings):
    write_parquet(events().head(0), Home.of(settings).file("events.parquet"))
    assert build_features(settings)["interactions"] == 0
    assert len(load_frames(login(settings), settings)[2]) == 0


def test_missing_features_and_another_text_model_are_explained(settings, model, monkeypatch):
    with pytest.raises(UserError, match="art-recsys features"):
        load_frames(login(settings), settings)
    build_features(settings)
    monkeypatch.setattr(
        features,
        "_load_model",
        lambda name: type(
            "Wide", (FakeTransformer,), {"encode": lambda self, texts, **k: np.ones((len(texts), 5), np.float32)}
        )(),
    )
    with pytest.raises(UserError, match="feature_version"):
        build_features(settings.model_copy(update={"text_model": "another"}))
    with pytest.raises(UserError, match="events.db"):
        Home.of(settings).file("events.db").write_text("not a database, and long enough to be read as one")
        build_features(settings)


def test_ranking_labels_are_about_the_time_after_the_impression():
    log = events(
        ("a", 1, "like", 1),
        ("a", 1, "impression", 2),
        ("b", 1, "impression", 2),
        ("b", 1, "like", 2),
        ("b", 1, "impression", 3),
    )
    rows = ranking_rows(log)
    got = {(r.user_id, r.ts.day): r.label for r in rows.itertuples()}
    assert got == {("a", 1): 1, ("a", 2): 0, ("b", 2): 1, ("b", 3): 0}
    assert not rows.duplicated(["user_id", "artwork_id", "ts"]).any()


def test_candidates_have_a_place_and_neighbours(settings):
    fs = login(settings).get_feature_store()
    group = candidate_group(fs, 3, settings)
    group.insert(
        pd.DataFrame({"artwork_id": list("xyz"), "candidate_embedding": list(np.eye(3, dtype=np.float32))}),
        overwrite=True,
    )
    view = candidate_view(fs, settings)
    assert view.get_feature_vector({"artwork_id": "y"}) == ["y", [0, 1, 0]]
    assert candidate_group(fs, 3, settings).find_neighbors([0, 0.1, 1], k=1)[0][1][0] == "z"


# --- the encoder


def test_the_encoder_keeps_order_and_repeats(model, tmp_path):
    encoder = TextEncoder("m", tmp_path)
    texts = ["b", "a", "", "b", " a ", "a much longer text than the others"]
    out = encoder.encode(texts)
    assert out.dtype == np.float32 and out.shape == (6, DIM) and sorted(model.texts) == sorted({"a", "b", texts[-1]})
    assert np.array_equal(out[0], out[3]) and np.array_equal(out[1], out[4]) and not out[2].any()
    assert np.array_equal(TextEncoder("m", tmp_path).encode(texts), out) and len(model.texts) == 3
    assert (
        TextEncoder("other", tmp_path).encode(["a"]).shape == (1, DIM) and len(model.texts) == 4
    )  # vectors are a model's own
    assert encoder.encode([]).shape == (0, DIM) and TextEncoder("m").encode([""]).shape == (1, DIM)


def _encode(folder, texts):
    features._load_model = lambda name: FakeTransformer()
    TextEncoder("m", folder).encode(texts)


def test_two_processes_fill_one_cache(model, tmp_path):
    ctx = multiprocessing.get_context("spawn")
    texts = [f"text {i}" for i in range(3000)]
    workers = [ctx.Process(target=_encode, args=(tmp_path, part)) for part in (texts[:2000], texts[1000:])]
    [w.start() for w in workers]
    [w.join() for w in workers]
    assert [w.exitcode for w in workers] == [0, 0]
    out = TextEncoder("m", tmp_path).encode(texts)
    assert model.texts == [] and np.allclose(np.linalg.norm(out, axis=1), 1, atol=1e-5)


def test_batches_are_of_about_the_same_work():
    items = [(b"", "x" * n) for n in range(4000, 0, -1)]
    parts = features._batches(items)
    assert [i for p in parts for i in p] == items
    assert all(len(p) * min(features.MAX_TOKENS, len(p[0][1]) // 4 + 2) <= features.BATCH_TOKENS for p in parts)


def test_an_interrupted_run_keeps_what_it_had(model, tmp_path, monkeypatch):
    monkeypatch.setattr(features, "_batches", lambda items: [items[i : i + 10] for i in range(0, len(items), 10)])
    encode = model.encode

    def stop(texts, **kwargs):
        if len(model.texts) >= 20:
            raise KeyboardInterrupt
        return encode(texts, **kwargs)

    model.encode = stop
    texts = [f"{i:02}" for i in range(50)]
    with pytest.raises(KeyboardInterrupt):
        TextEncoder("m", tmp_path).encode(texts)
    model.encode = encode
    second = TextEncoder("m", tmp_path)
    second.encode(texts)
    assert second.embedded == 30 and sorted(model.texts) == texts


def test_weights_that_are_not_those_published_are_refused(monkeypatch):
    monkeypatch.setattr(features, "_BUNDLED_SHA256", "0" * 64)
    with pytest.raises(UserError, match="force-reinstall"):
        TextEncoder(features.BUNDLED_MODEL).encode(["a"])


def test_an_unknown_model_is_explained(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserError, match="text_model = "):
        TextEncoder(str(tmp_path / "nothing")).encode(["a"])


def test_a_text_says_the_telling_things_first():
    works = as_artworks(
        pd.DataFrame(
            {
                "artwork_id": ["1", "2"],
                "title": ["The Wave", "Untitled"],
                "artist": ["Ada", None],
                "category": ["print", None],
                "tags": [["sea", "boat"], None],
                "text": ["own words", "own words"],
                "description": ["seen", None],
            }
        )
    )
    assert artwork_text(works) == ["The Wave by Ada. print. sea, boat. seen", "Untitled. own words"]


# --- login


def test_login_never_asks(monkeypatch, tmp_path):
    settings = load_settings("smoke", tmp_path / "home")
    assert login(settings).name == "art_recsys"
    monkeypatch.setenv("HOPSWORKS_API_KEY", "k")
    for name in ("HOPSWORKS_HOST", "HOPSWORKS_PROJECT", "HOPSWORKS_PORT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError, match="HOPSWORKS_HOST and HOPSWORKS_PROJECT"):
        login(settings)
    monkeypatch.setenv("HOPSWORKS_HOST", "127.0.0.1")
    with pytest.raises(UserError, match="but HOPSWORKS_PROJECT is not"):
        login(settings)


def test_login_goes_where_it_is_told(monkeypatch, tmp_path):
    import hopsworks

    asked = {}
    monkeypatch.setattr(hopsworks, "login", lambda **kwargs: asked.update(kwargs) or "the project")
    for name, value in dict(API_KEY="k1", HOST="hops.test", PROJECT="art", PORT="8443").items():
        monkeypatch.setenv(f"HOPSWORKS_{name}", value)
    assert login(load_settings("smoke", tmp_path / "home")) == "the project"
    assert (asked["host"], asked["port"], asked["project"], asked["api_key_value"], asked["engine"]) == (
        "hops.test",
        8443,
        "art",
        "k1",
        "python",
    )
    features._hopsworks.cache_clear()
    monkeypatch.setattr(hopsworks, "login", lambda **kwargs: (_ for _ in ()).throw(ConnectionError("no route")))
    with pytest.raises(UserError, match="hops.test did not let us in"):
        login(load_settings("smoke", tmp_path / "home"))

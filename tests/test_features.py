"""Features: events of visitors are merged in, texts are encoded once, and the three frames are read back unchanged."""

import sqlite3

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from art_recsys.config import Home, UserError, load_settings, write_parquet
from art_recsys.core import ARTWORK_KINDS, Cols, as_artworks, as_events, as_users, positives
from art_recsys.features import artwork_text, build_features, candidate_group, load_frames, ranking_rows
from art_recsys.language import image_encoder as image_encoders
from art_recsys.language import text_encoder as encoders
from art_recsys.language.image_encoder import DIM
from art_recsys.language.text_encoder import text_encoder
from art_recsys.platform.columns import list_column, schema, vector_column
from art_recsys.platform.login import login
from tests.language.fake_transformer import FakeTransformer


@pytest.fixture
def model(monkeypatch):
    "All encoders of a test use one fake transformer"
    fake = FakeTransformer()
    monkeypatch.setattr(encoders, "_load_model", lambda name: fake)
    text_encoder.cache_clear()
    yield fake
    text_encoder.cache_clear()


@pytest.fixture
def settings(tmp_path, model):
    "A home with ten artworks, three users and their events, as the third stage leaves it"
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
        "create table if not exists events(event_id text primary key, user_id text, artwork_id text, event text, "
        "ts text, position real, request_id text, model_version text, propensity real)"
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
    assert sorted(zip(seen["user_id"], seen["artwork_id"], labels["label"], strict=True)) == [
        ("a", "w0", 1),
        ("a", "w1", 0),
        ("c", "w3", 1),
    ]


def test_only_what_is_read_is_published(settings):
    "Artworks are found by words and by a picture; nobody searches the text vectors of users, and the log is not online"
    build_features(settings)
    groups = login(settings).get_feature_store().get_feature_groups()
    assert {g.name for g in groups if g.online_enabled} == {"artworks", "users"}
    indexed = {
        g.name: [(e.name, e.dimension) for e in g.embedding_index.get_embeddings()]
        for g in groups
        if g.embedding_index is not None
    }
    assert indexed == {"artworks": [("text_embedding", 8), ("image_embedding", DIM)]}


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
    assert (
        not users.set_index("user_id").loc["b", Cols.text_embedding].any()
    )  # without a description the vector is zero
    assert log["ts"].is_monotonic_increasing
    assert all(v.dtype == np.float32 and v.shape == (DIM,) and not v.any() for v in artworks[Cols.image_embedding])
    assert Cols.image_embedding not in users


def draw_pictures(settings):
    "w0 is red, w1 blue and w2 a little redder than w1; the picture of w3 is broken, w4 has none, w5's is gone"
    home = Home.of(settings)
    home.pictures.mkdir(exist_ok=True)
    for name, colour in (("w0", "#d01010"), ("w1", "#1010d0"), ("w2", "#2010d0")):
        Image.new("RGB", (30, 20), colour).save(home.pictures / f"{name}.png")
    (home.pictures / "w3.png").write_bytes(b"no picture")
    works = pd.read_parquet(home.file("enriched.parquet"))
    works["image_path"] = [f"pictures/w{i}.png" if i in (0, 1, 2, 3, 5) else "" for i in range(10)]
    write_parquet(as_artworks(works), home.file("enriched.parquet"))


@pytest.fixture
def eye(monkeypatch):
    "All image encoders of a test see the mean colour only"
    look = lambda pictures: np.array([np.asarray(p, np.float32).reshape(-1, 3).mean(0) for p in pictures])  # noqa: E731
    monkeypatch.setattr(image_encoders, "_load_model", lambda name: look)
    image_encoders.image_encoder.cache_clear()
    yield
    image_encoders.image_encoder.cache_clear()


def test_pictures_become_vectors_and_are_found_by_one(settings, eye):
    settings = settings.model_copy(update={"image_model": "colours"})
    draw_pictures(settings)
    summary = build_features(settings)
    assert summary["pictures_encoded"] == 3
    assert summary["pictures_without_vector"] == {"picture cannot be read": 1, "picture is missing": 1}
    artworks = load_frames(login(settings), settings)[0]
    lengths = [float(np.linalg.norm(v)) for v in artworks[Cols.image_embedding]]
    assert lengths == pytest.approx([1, 1, 1] + [0] * 7, abs=1e-6)
    group = login(settings).get_feature_store().get_feature_group("artworks", 1)
    near = group.find_neighbors(artworks[Cols.image_embedding][1].tolist(), col=Cols.image_embedding, k=2)
    assert [values[0] for _, values in near] == ["w1", "w2"]
    words = group.find_neighbors(artworks[Cols.text_embedding][7].tolist(), col=Cols.text_embedding, k=1)
    assert words[0][1][0] == "w7"
    assert build_features(settings)["pictures_encoded"] == 0


def test_without_an_image_model_there_is_a_column_of_zeros(settings):
    settings = settings.model_copy(update={"image_model": "none"})
    draw_pictures(settings)
    summary = build_features(settings)
    assert (summary["pictures_encoded"], summary["pictures_without_vector"]) == (0, {})
    assert [v.tolist() for v in load_frames(login(settings), settings)[0][Cols.image_embedding]] == [[0.0]] * 10


def test_an_image_model_that_cannot_be_loaded_stops_the_stage(settings, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    draw_pictures(settings)
    with pytest.raises(UserError, match=r"image_model = none"):
        build_features(settings.model_copy(update={"image_model": "no/such-model"}))


def test_features_of_a_version_without_pictures_are_refused(settings):
    "Homes of earlier versions have a group `artworks` without image vectors"
    fs = login(settings).get_feature_store()
    old = schema(ARTWORK_KINDS, Cols.text_embedding)
    group = fs.get_or_create_feature_group("artworks", 1, primary_key=["artwork_id"], online_enabled=True, features=old)
    works = as_artworks(pd.DataFrame({"artwork_id": ["w0"], "title": ["t"]}))
    lists = {c: list_column(works[c], pa.string()) for c in ("tags", "palette")}
    group.insert(works.assign(**lists, text_embedding=vector_column(np.ones((1, 8)))))
    with pytest.raises(UserError, match="artworks version 1 has no image_embedding") as e:
        build_features(settings)
    assert "art-recsys run --set feature_version=2" in str(e.value)
    for name in ("artworks", "users"):
        fs.get_or_create_feature_view(name, version=1, query=group.select_all())
    log = fs.get_or_create_feature_group("interactions", 1, primary_key=["event_id"], event_time="ts")
    log.insert(events(("a", 0, "like", 1)))
    with pytest.raises(UserError, match="has no image_embedding"):
        load_frames(login(settings), settings)
    assert build_features(settings.model_copy(update={"feature_version": 2}))["artworks"] == 10


def test_every_text_goes_through_the_model_once(settings, model):
    assert build_features(settings)["texts_embedded"] == 11 == len(model.texts)  # ten works, one description twice
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


def test_a_log_of_likes_only_and_bare_tables_are_fine(settings):
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


def test_no_events_at_all_are_fine(settings):
    write_parquet(events().head(0), Home.of(settings).file("events.parquet"))
    assert build_features(settings)["interactions"] == 0
    assert len(load_frames(login(settings), settings)[2]) == 0


def test_missing_features_and_another_text_model_are_explained(settings, model, monkeypatch):
    with pytest.raises(UserError, match="art-recsys features"):
        load_frames(login(settings), settings)
    build_features(settings)
    monkeypatch.setattr(
        encoders,
        "_load_model",
        lambda name: type(
            "Wide", (FakeTransformer,), {"encode": lambda self, texts, **k: np.ones((len(texts), 5), np.float32)}
        )(),
    )
    with pytest.raises(UserError, match="feature_version"):
        build_features(settings.model_copy(update={"text_model": "another"}))
    with pytest.raises(UserError, match=r"events\.db"):
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


def test_candidates_are_read_and_found_by_vector(settings):
    fs = login(settings).get_feature_store()
    group = candidate_group(fs, 3, settings)
    group.insert(
        pd.DataFrame({"artwork_id": list("xyz"), "candidate_embedding": list(np.eye(3, dtype=np.float32))}),
        overwrite=True,
    )
    assert group.read().set_index("artwork_id")["candidate_embedding"]["y"].tolist() == [0, 1, 0]
    assert candidate_group(fs, 3, settings).find_neighbors([0, 0.1, 1], k=1)[0][1][0] == "z"


def test_the_text_of_an_artwork_begins_with_title_and_artist():
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


def test_a_group_made_with_an_index_for_another_length_is_refused(settings):
    "Homes of earlier versions have a vector index on `artworks`; it stays, and its length counts"
    from art_recsys.platform.columns import check_index, embedding_index

    group = (
        login(settings)
        .get_feature_store()
        .get_or_create_feature_group(
            "old", version=1, primary_key=["artwork_id"], online_enabled=True, embedding_index=embedding_index({"v": 3})
        )
    )
    assert check_index(group, {"v": 3}) is group and check_index(group, {}) is group
    with pytest.raises(UserError, match="old version 1 holds vectors of 3 numbers in v, not 5"):
        check_index(group, {"v": 5})

"""The embedded project: feature groups, queries, views, vectors, registry and deployments on one folder"""

import json
import multiprocessing
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hopsworks_common.client.exceptions import FeatureStoreException, ModelRegistryException, ModelServingException
from hsfs.embedding import EmbeddingIndex
from hsfs.feature import Feature
from hsml.model_schema import ModelSchema
from hsml.schema import Schema

from art_recsys.config import UserError, write_json
from art_recsys.platform.embedded import Project, Unsupported


def day(n, month=1):
    return pd.Timestamp(2026, month, n, tz="UTC")


def works(n=8, dim=4, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "artwork_id": [f"w{i}" for i in range(n)],
            "title": [f"Work {i}" for i in range(n)],
            "year": [np.nan if i == 2 else 1900.0 + 10 * i for i in range(n)],
            "n": np.arange(n),
            "sold": [i % 2 == 0 for i in range(n)],
            "tags": [["sea", "ship"][: i % 3] for i in range(n)],
            "vector": list(rng.normal(size=(n, dim)).astype(np.float32)),
        }
    )


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def fs(project):
    return project.get_feature_store()


def works_group(fs, similarity="l2_norm", dim=4, name="works"):
    index = EmbeddingIndex()
    index.add_embedding("vector", dim, similarity)
    return fs.get_or_create_feature_group(
        name, version=1, primary_key=["artwork_id"], online_enabled=True, embedding_index=index
    )


def by_key(df, key="artwork_id"):
    return df.sort_values(key, ignore_index=True)


# --- feature groups


def test_a_frame_comes_back_as_it_went_in(fs):
    df = works().assign(ts=[day(i + 1) + pd.Timedelta(microseconds=123456) for i in range(8)])
    group = works_group(fs)
    assert group.insert(df) == (None, None)
    back = by_key(Project(fs._folder.parent).get_feature_store().get_feature_group("works", 1).read())
    assert list(back.columns) == list(df.columns)
    assert back["ts"].dt.tz is not None and back["ts"].tolist() == df["ts"].tolist()
    assert back["tags"].map(list).tolist() == df["tags"].tolist()
    assert np.array_equal(np.stack(back["vector"]), np.stack(df["vector"])) and back["vector"][0].dtype == np.float32
    assert back["year"].isna().tolist() == df["year"].isna().tolist()
    pd.testing.assert_frame_equal(back[["title", "n", "sold", "year"]], df[["title", "n", "sold", "year"]])
    assert {f.name: f.type for f in group.features} == {
        "artwork_id": "string",
        "title": "string",
        "year": "double",
        "n": "bigint",
        "sold": "boolean",
        "tags": "array<string>",
        "vector": "array<float>",
        "ts": "timestamp",
    }


def test_insert_replaces_known_keys_and_adds_new_ones(fs):
    group = works_group(fs)
    group.insert(works(4))
    changed = works(6, seed=1).iloc[2:].assign(title="new")
    group.insert(changed)
    assert by_key(group.read())["title"].tolist() == ["Work 0", "Work 1", "new", "new", "new", "new"]
    group.insert(pd.concat([works(1).assign(title="first"), works(1).assign(title="last")]))  # twice in one frame
    assert by_key(group.read())["title"][0] == "last" and len(group.read()) == 6


def test_event_time_keeps_a_row_for_every_moment_and_the_online_store_the_last(fs):
    group = fs.get_or_create_feature_group("fame", 1, primary_key=["artwork_id"], event_time="ts", online_enabled=True)
    group.insert(pd.DataFrame({"artwork_id": ["a", "a", "b"], "ts": [day(1), day(2), day(1)], "likes": [1, 2, 3]}))
    group.insert(pd.DataFrame({"artwork_id": ["a"], "ts": [day(2)], "likes": [5]}))
    assert sorted(group.read()["likes"]) == [1, 3, 5]
    assert by_key(group.read(online=True))["likes"].tolist() == [5, 3]
    assert group.read(start_time=day(2))["likes"].tolist() == [5]
    assert sorted(group.read(end_time="2026-01-02")["likes"]) == [1, 3]


def test_overwrite_forgets_what_was_there_in_all_stores(fs):
    group = works_group(fs)
    group.insert(works(8))
    group.insert(works(3), overwrite=True)
    assert len(group.read()) == len(group.read(online=True)) == len(group.find_neighbors([0, 0, 0, 0.0], k=10)) == 3


def test_an_empty_list_column_with_a_type_is_kept(fs):
    kind = pd.ArrowDtype(pa.list_(pa.string()))
    group = fs.get_or_create_feature_group("plain", 1, primary_key=["id"])
    group.insert(pd.DataFrame({"id": ["1", "2"], "tags": pd.Series([[], []], dtype=kind)}))
    group.insert(pd.DataFrame({"id": ["3"], "tags": [["sea"]]}))
    group.insert(pd.DataFrame({"id": ["4"], "tags": [[]]}))  # no type of its own: the group's
    assert [list(t) for t in by_key(group.read(), "id")["tags"]] == [[], [], ["sea"], []]


@pytest.mark.parametrize(
    "bad, error, words",
    [
        (lambda d: d.drop(columns="artwork_id"), ValueError, "artwork_id is missing"),
        (lambda d: d.assign(artwork_id=[None, *d["artwork_id"][1:]]), ValueError, "null values"),
        (lambda d: d.assign(n=d["n"].astype(str)), FeatureStoreException, "n (expected type"),
        (lambda d: d.drop(columns="title"), FeatureStoreException, "title"),
        (lambda d: d.assign(extra=1), FeatureStoreException, "extra"),
        (lambda d: d.assign(vector=[[1.0, 2.0]] * len(d)), FeatureStoreException, "vectors of 4 numbers"),
        (lambda d: d.assign(vector=[np.full(4, np.nan, np.float32)] * len(d)), FeatureStoreException, "not finite"),
        (lambda d: d.assign(title=[1, *d["title"][1:]]), ValueError, "mixes types"),
    ],
)
def test_a_bad_frame_is_refused_and_nothing_is_lost(fs, bad, error, words):
    group = works_group(fs)
    group.insert(works())
    with pytest.raises(error) as e:
        group.insert(bad(works()))
    assert isinstance(e.value, UserError) and words in str(e.value) and "->" in str(e.value)
    assert len(group.read()) == len(group.read(online=True)) == 8


def test_a_nan_in_a_numeric_key_is_refused(fs):
    group = fs.get_or_create_feature_group("num", 1, primary_key=["k"])
    with pytest.raises(ValueError, match="null values"):
        group.insert(pd.DataFrame({"k": [1.0, np.nan], "x": [1, 2]}))
    assert fs.get_feature_group("num", 1) is None  # not made by a refused frame


def test_groups_are_found_by_name_and_version(fs):
    works_group(fs).insert(works())
    assert fs.get_feature_group("works").version == 1 and fs.get_feature_group("nothing", 1) is None
    second = fs.create_feature_group("works", primary_key=["artwork_id"])
    second.insert(works().drop(columns="vector"))
    assert [(g.name, g.version) for g in fs.get_feature_groups("works")] == [("works", 1), ("works", 2)]
    with pytest.raises(FeatureStoreException, match="exists already"):
        fs.create_feature_group("works", version=2, primary_key=["artwork_id"])
    second.delete()
    assert fs.get_feature_group("works", 2) is None and len(fs.get_feature_group("works", 1).read()) == 8


def test_rows_can_be_removed(fs):
    group = works_group(fs)
    group.insert(works())
    group.remove_rows(works(3)[["artwork_id"]])
    assert len(group.read()) == len(group.read(online=True)) == 5


def test_statistics_are_those_of_pandas(fs):
    group, df = works_group(fs), works()
    group.save([Feature("artwork_id", "string"), Feature("n", "bigint"), Feature("vector", "array<float>")])
    assert group.get_statistics() is None  # no row yet
    group.delete()
    group.insert(df)
    stats = {s.feature_name: s for s in group.get_statistics().feature_descriptive_statistics}
    year, said = df["year"].describe(), stats["year"]
    assert [said.min, said.max, said.mean, said.std_dev] == pytest.approx(
        [year[k] for k in ("min", "max", "mean", "std")]
    )
    assert [said.percentiles[k] for k in (24, 49, 74)] == [year[k] for k in ("25%", "50%", "75%")]
    assert (said.count, said.num_null_values, said.completeness, said.exact_num_distinct_values) == (8, 1, 0.875, 7)
    assert (stats["title"].count, stats["title"].distinctness, stats["title"].min) == (8, 1, None) and stats[
        "vector"
    ].count == 8
    (only,) = group.get_statistics(feature_names=["n"]).feature_descriptive_statistics
    assert only.feature_name == "n" and only.sum == 28 and group.statistics.feature_group_id == group.id
    with pytest.raises(KeyError, match="nothing"):
        group.get_statistics(feature_names=["nothing"])
    assert group.compute_statistics() is None


# --- queries


def test_filters_are_those_of_pandas(fs):
    group, df = works_group(fs), works()
    group.insert(df)
    for condition, mask in [
        (group.year > 1920, df["year"] > 1920),
        (group["title"] == "Work 3", df["title"] == "Work 3"),
        (group.title != "Work 3", df["title"] != "Work 3"),
        (group.sold == True, df["sold"]),  # noqa: E712
        (group.title.isin(["Work 1", "Work 5"]), df["title"].isin(["Work 1", "Work 5"])),
        (group.title.like("%7"), df["title"].str.endswith("7")),
        (((group.n >= 2) & (group.n < 5)) | (group.n == 7), df["n"].isin([2, 3, 4, 7])),
        ((group.n >= 2) & ((group.n < 5) | (group.sold == False)), (df["n"] >= 2) & ((df["n"] < 5) | ~df["sold"])),  # noqa: E712
    ]:
        assert sorted(group.filter(condition).read()["artwork_id"]) == sorted(df.loc[mask, "artwork_id"])


def test_a_hostile_value_is_a_value(fs):
    group = works_group(fs)
    group.insert(works().assign(title=["x'; DROP TABLE works_1; --", '"', *["t"] * 6]))
    assert group.filter(group.title == "x'; DROP TABLE works_1; --").read()["artwork_id"].tolist() == ["w0"]
    assert len(group.read()) == 8


def test_joins_are_those_of_pandas(fs):
    group, df = works_group(fs), works()
    group.insert(df)
    likes = pd.DataFrame(
        {"user_id": list("aabbc"), "artwork_id": ["w1", "w2", "w1", "gone", "w3"], "ts": [day(i) for i in range(1, 6)]}
    )
    liked = fs.get_or_create_feature_group("liked", 1, primary_key=["user_id", "artwork_id"], event_time="ts")
    liked.insert(likes)
    pick = group.select(["artwork_id", "title", "year"])
    for how in ("left", "inner", "right", "outer"):
        got = liked.select_all().join(pick, on=["artwork_id"], join_type=how).read()
        want = likes.merge(df[["artwork_id", "title", "year"]], on="artwork_id", how=how)
        got, want = (
            d.sort_values(["artwork_id", "user_id"])[["artwork_id", "user_id", "title", "year"]] for d in (got, want)
        )
        assert got.fillna("-").astype(str).to_numpy().tolist() == want.fillna("-").astype(str).to_numpy().tolist()
    by_default = liked.select_all().join(group.select(["title"]))  # on the keys that both have
    assert by_default.read()["title"].notna().sum() == 4
    prefixed = (
        liked.select_all().join(group.select_all(), on=["artwork_id"], prefix="work_").filter(group.year > 1900).read()
    )
    assert set(prefixed["work_artwork_id"]) == set(prefixed["artwork_id"]) == {"w1", "w3"}
    with pytest.raises(FeatureStoreException, match="prefix="):
        liked.select_all().join(fs.get_feature_group("liked", 1).select_all(), on=["user_id"]).read()
    with pytest.raises(FeatureStoreException, match="on what to join"):
        liked.select_all().join(group.select(["title"]), left_on=["artwork_id"], right_on=[])


def test_a_point_in_time_join_never_sees_the_future(fs):
    rng = np.random.default_rng(3)
    at = lambda n: day(1) + pd.to_timedelta(rng.integers(0, 10**6, n), unit="s")  # noqa: E731
    liked = pd.DataFrame({"id": np.arange(400), "w": rng.choice(list("abcd"), 400), "ts": at(400)})
    fame = pd.DataFrame({"w": rng.choice(list("abc"), 60), "ts": at(60), "likes": np.arange(60)}).drop_duplicates(
        ["w", "ts"]
    )
    left = fs.get_or_create_feature_group("liked", 1, primary_key=["id"], event_time="ts")
    right = fs.get_or_create_feature_group("fame", 1, primary_key=["w"], event_time="ts")
    left.insert(liked)
    right.insert(fame)
    got = left.select_all().join(right.select(["likes"]), on=["w"]).read().sort_values("id", ignore_index=True)

    def by_hand(row):
        past = fame[(fame["w"] == row.w) & (fame["ts"] <= row.ts)]
        return past.loc[past["ts"].idxmax(), "likes"] if len(past) else np.nan

    assert len(got) == 400
    np.testing.assert_array_equal(got["likes"], [by_hand(r) for r in liked.itertuples()])
    inner = left.select_all().join(right.select(["likes"]), on=["w"], join_type="inner").read()
    assert len(inner) == got["likes"].notna().sum()


def test_what_is_not_supported_is_named(fs, project):
    group = works_group(fs)
    group.insert(works())
    for call, ask in [
        ("FeatureGroup.add_tag", lambda: group.add_tag("a", 1)),
        ("FeatureStore.sql", lambda: fs.sql("select 1")),
        ("Project.get_kafka_api", lambda: project.get_kafka_api()),
        ("wallclock_time", lambda: group.read(wallclock_time="2026-01-01")),
        ("transformation_functions", lambda: fs.create_feature_group("x", 1, transformation_functions=[print])),
        ("storage='online'", lambda: group.insert(works(), storage="online")),
    ]:
        with pytest.raises(Unsupported) as e:
            ask()
        assert call in str(e.value) and "HOPSWORKS_API_KEY" in str(e.value)
    with pytest.raises(TypeError, match="online_enable"):
        fs.create_feature_group("x", 1, online_enable=True)
    assert not hasattr(group, "no_such_thing") and not hasattr(group, "add_tag")


# --- vectors


@pytest.mark.parametrize(
    "similarity, score",
    [
        ("l2_norm", lambda q, v: 1 / (1 + ((q - v) ** 2).sum())),
        ("cosine", lambda q, v: (1 + q @ v / np.linalg.norm(q) / np.linalg.norm(v)) / 2),
        ("dot_product", lambda q, v: 1 + q @ v if q @ v >= 0 else 1 / (1 - q @ v)),
    ],
)
def test_neighbours_come_in_the_sdks_shape_and_scores(fs, similarity, score):
    group, df = works_group(fs, similarity), works(50)
    group.insert(df)
    query = np.random.default_rng(9).normal(size=4)
    found = group.find_neighbors(query.tolist(), k=7)
    want = sorted(
        (1 / score(query, v) - 1, i)
        for i, v in zip(df["artwork_id"], np.stack(df["vector"]).astype(float), strict=True)
    )[:7]
    assert [row[0] for _, row in found] == [i for _, i in want]
    np.testing.assert_allclose([s for s, _ in found], [s for s, _ in want], rtol=1e-4, atol=1e-6)
    assert all(isinstance(s, float) and isinstance(row, list) and len(row) == len(group.features) for s, row in found)


def test_neighbours_obey_a_filter_and_follow_inserts(fs):
    group, df = works_group(fs), works(50)
    group.insert(df)
    found = group.find_neighbors([0, 0, 0, 0], k=5, filter=(group.n > 40) & (group.title.like("Work")))
    assert len(found) == 5 and all(row[3] > 40 for _, row in found)
    assert group.find_neighbors([0, 0, 0, 0], k=5, filter=group.n > 99) == []
    far = df.iloc[:1].assign(artwork_id="new", vector=[np.full(4, 50, np.float32)])
    Project(fs._folder.parent).get_feature_store().get_feature_group("works", 1).insert(far)  # by another process, say
    (score, row), *_ = group.find_neighbors([50, 50, 50, 50], k=1)
    assert row[0] == "new" and score == 0
    with pytest.raises(FeatureStoreException, match="3 numbers"):
        group.find_neighbors([1, 2, 3])
    with pytest.raises(ValueError, match="not an embedding"):
        group.find_neighbors([1, 2, 3, 4], col="title")
    assert len(group.find_neighbors([0, 0, 0, 0], k=1000)) == 51


# --- feature views


@pytest.fixture
def shown(fs):
    group = works_group(fs)
    group.insert(works())
    rows = pd.DataFrame(
        {
            "user_id": [f"u{i % 7}" for i in range(100)],
            "artwork_id": [f"w{i % 8}" for i in range(100)],
            "ts": [day(1) + pd.Timedelta(hours=i) for i in range(100)],
            "label": [i % 3 == 0 for i in range(100)],
        }
    )
    ranking = fs.get_or_create_feature_group(
        "ranking", 1, primary_key=["user_id", "artwork_id"], event_time="ts", online_enabled=True
    )
    ranking.insert(rows)
    query = ranking.select_all().join(group.select(["title", "year"]), on=["artwork_id"])
    return fs.get_or_create_feature_view("ranking", version=1, query=query, labels=["label"])


def test_a_view_survives_the_process_and_its_query_too(fs, shown):
    group = fs.get_feature_group("works", 1)
    kept = fs.create_feature_view(
        "new", query=group.select(["artwork_id", "n"]).filter((group.n > 2) & (group.n.isin([1, 4, 6])))
    )
    again = Project(fs._folder.parent).get_feature_store()
    assert (
        sorted(again.get_feature_view("new", 1).get_batch_data()["n"]) == sorted(kept.get_batch_data()["n"]) == [4, 6]
    )
    assert again.get_feature_view("ranking", 1).labels == ["label"] and again.get_feature_view("none", 1) is None
    assert fs.create_feature_view("new", query=group.select_all()).version == 2
    assert [v.version for v in fs.get_feature_views("new")] == [1, 2]
    with pytest.raises(FeatureStoreException, match="ranking_1"):
        group.delete()


def test_batches_have_no_labels_and_training_data_has_them_apart(shown):
    assert list(shown.get_batch_data().columns) == ["user_id", "artwork_id", "ts", "title", "year"]
    assert len(shown.get_batch_data(start_time=day(2), end_time=day(3))) == 24
    features, labels = shown.training_data()
    assert len(features) == len(labels) == 100 and list(labels.columns) == ["label"] and "label" not in features
    expected = features["ts"].map(lambda t: int((t - day(1)) / pd.Timedelta(hours=1)) % 3 == 0)
    assert (labels["label"] == expected).all()


def test_splits_by_time_do_not_overlap_and_miss_nothing(shown):
    train, valid, test, y, yv, yt = shown.train_validation_test_split(train_end=day(3), test_start="2026-01-04")
    assert (len(train), len(valid), len(test)) == (48, 24, 28) == (len(y), len(yv), len(yt))
    assert train["ts"].max() < valid["ts"].min() <= valid["ts"].max() < test["ts"].min()
    assert (train.index == y.index).all()
    early, late, *_ = shown.train_test_split(test_start=day(3))
    assert early["ts"].max() < day(3) <= late["ts"].min() and len(early) + len(late) == 100


def test_splits_by_share_have_these_shares_and_repeat(shown):
    parts = shown.train_validation_test_split(validation_size=0.2, test_size=0.1)
    assert [len(p) for p in parts] == [70, 20, 10] * 2
    keys = pd.concat([p[["user_id", "artwork_id", "ts"]] for p in parts[:3]])
    assert not keys.duplicated().any() and len(keys) == 100
    with pytest.raises(ValueError, match="Invalid split input"):
        shown.train_validation_test_split(validation_size=0.9, test_size=0.5)


def test_a_split_outlives_the_process_but_not_its_view(fs, shown):
    version, job = shown.create_train_test_split(test_size=0.2, seed=7)
    assert job is None and shown.create_train_test_split(test_size=0.2, seed=7)[0] == version + 1
    again = Project(fs._folder.parent).get_feature_store().get_feature_view("ranking", 1)
    first, second = again.get_train_test_split(version), again.get_train_test_split(version + 1)
    assert [len(p) for p in first] == [80, 20] * 2 and again.get_last_accessed_training_dataset() == version + 1
    for a, b in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(a, b)
    with pytest.raises(FeatureStoreException, match="no training dataset of version 99"):
        again.get_train_test_split(99)
    again.delete()
    assert not again._trainings.exists()


def test_one_row_comes_from_the_online_store(fs, shown):
    shown.init_serving(training_dataset_version=1)
    vector = shown.get_feature_vector({"user_id": "u1", "artwork_id": "w1"})
    assert vector[:2] == ["u1", "w1"] and vector[3:] == ["Work 1", 1910.0] and vector[2].tzinfo is None
    many = shown.get_feature_vectors(
        [{"user_id": "u1", "artwork_id": "w1"}, {"user_id": "u2", "artwork_id": "w2"}], return_type="pandas"
    )
    assert many.shape == (2, 5) and many["title"].tolist() == ["Work 1", "Work 2"]
    with pytest.raises(FeatureStoreException, match="missing from vector"):
        shown.get_feature_vector({"user_id": "nobody", "artwork_id": "w1"})
    assert shown.get_feature_vector({"user_id": "nobody", "artwork_id": "w1"}, allow_missing=True)[3] == "Work 1"
    with pytest.raises(FeatureStoreException, match="not a serving key"):
        shown.get_feature_vector({"wrong": 1})
    view = fs.create_feature_view("works", query=fs.get_feature_group("works", 1).select_all())
    vector = view.get_feature_vector({"artwork_id": "w2"})
    assert vector[2] is None and vector[5] == ["sea", "ship"] and np.allclose(vector[6], works()["vector"][2])
    assert view.find_neighbors(works()["vector"][2].tolist(), k=1)[0][0] == "w2"


# --- a process that dies between the two stores (tests/platform/test_embedded_faults.py kills it anywhere)


def _die_after_the_offline_table(home):
    group = works_group(Project(home).get_feature_store())
    group._sync_online = lambda: os.kill(os.getpid(), signal.SIGKILL)
    group._store._online.write = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
    group.insert(works(8, seed=5).assign(title="after"))


def test_a_process_killed_in_an_insert_leaves_both_stores_whole(tmp_path):
    group = works_group(Project(tmp_path).get_feature_store())
    group.insert(works(4))
    worker = multiprocessing.get_context("spawn").Process(target=_die_after_the_offline_table, args=(tmp_path,))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    group = works_group(Project(tmp_path).get_feature_store())
    assert group.read()["title"].tolist() == ["after"] * 8  # was committed
    assert group.read(online=True)["title"].tolist() == ["after"] * 8  # and is caught up with
    group.insert(works(1))
    assert len(group.read()) == 8


# --- the model registry


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "model"
    (folder / "deep").mkdir(parents=True)
    (folder / "weights.bin").write_bytes(os.urandom(1000))
    (folder / "deep" / "vocab.txt").write_text("sea\nship\n")
    return folder


def test_a_model_comes_back_with_all_that_was_said_of_it(project, files, tmp_path):
    mr = project.get_model_registry()
    model = mr.tensorflow.create_model(
        "query", metrics={"recall": np.float32(0.5)}, description="towers", input_example=[{"user_id": "u1"}]
    )
    assert model.save(str(files)) is model and model.version == 1 and files.is_dir()
    back = Project(tmp_path).get_model_registry().get_model("query", version=1)
    assert (back.training_metrics, back.description, back.framework) == ({"recall": 0.5}, "towers", "TENSORFLOW")
    assert back.input_example == [{"user_id": "u1"}] and back.model_schema is None
    assert back.model_files_path.endswith("Models/query/1/Files")
    copied = back.download(tmp_path / "copy")
    for folder in (back.download(), copied):
        assert {p: Path(folder, p).read_bytes() for p in ("weights.bin", "deep/vocab.txt")} == {
            p: (files / p).read_bytes() for p in ("weights.bin", "deep/vocab.txt")
        }


@pytest.mark.filterwarnings("ignore:ModelSchema")
def test_an_input_example_and_a_schema_are_kept_as_the_sdk_keeps_them(project, files):
    registry = project.get_model_registry()
    frame = pd.DataFrame({"year": [1900.0, 1950.0], "title": ["a", "b"]})
    schema = ModelSchema(input_schema=Schema(frame), output_schema=Schema(np.zeros((2, 1))))
    for example, kept in ((frame, [1900.0, "a"]), (np.eye(2), [[1, 0], [0, 1]]), ({"k": np.float32(0.5)}, {"k": 0.5})):
        version = registry.python.create_model("x", input_example=example, model_schema=schema).save(files).version
        back = registry.get_model("x", version)
        assert back.input_example == kept and back.model_schema == json.loads(schema.json())
    with pytest.raises(ModelRegistryException, match="not dict"):
        registry.python.create_model("x", model_schema={"in": "dict"}).save(files)
    assert len(registry.get_models("x")) == 3


def test_versions_count_up_and_the_best_is_found(project, files):
    mr = project.get_model_registry()
    for value in (0.1, 0.3, 0.2):
        mr.python.create_model("ranking", metrics={"ndcg": value}).save(files)
    assert [m.version for m in mr.get_models("ranking")] == [1, 2, 3]
    assert (
        mr.get_best_model("ranking", "ndcg", "max").version == 2
        and mr.get_best_model("ranking", "ndcg", "min").version == 1
    )
    assert mr.get_best_model("ranking", "other", "max") is None and mr.get_model("none", 1) is None
    with pytest.raises(ModelRegistryException, match="already exists"):
        mr.python.create_model("ranking", version=2).save(files)
    mr.get_model("ranking", 2).delete()
    assert [m.version for m in mr.get_models("ranking")] == [1, 3] and mr.get_best_model(
        "ranking", "ndcg", "max"
    ).version == 3
    with pytest.raises(ModelRegistryException, match="Could not find"):
        mr.python.create_model("ranking").save(files / "nothing")
    with pytest.raises(ModelRegistryException, match="Invalid model name"):
        mr.python.create_model("two words")


def test_a_damaged_version_is_named_and_never_loaded(project, files, tmp_path):
    mr = project.get_model_registry()
    for _ in range(2):
        mr.python.create_model("query").save(files)
    kept = tmp_path / "registry" / "Models" / "query"
    (kept / "1" / "Files" / "weights.bin").write_bytes(b"x" * 1000)
    with pytest.raises(UserError, match=r"query version 1 is damaged: the checksum of weights.bin") as e:
        mr.get_model("query", 1).download()
    assert "train again" in str(e.value)
    (kept / "2" / "manifest.json").unlink()
    with pytest.raises(UserError, match="query version 2 is half-written"):
        mr.get_model("query", 2)
    assert [m.version for m in mr.get_models("query")] == [1]
    assert mr.python.create_model("query").save(files).version == 3  # its number is not given away again


def _die_while_saving(home, files):
    from art_recsys.platform.embedded import registry

    registry._sha256 = lambda path: os.kill(os.getpid(), signal.SIGKILL)
    Project(home).get_model_registry().python.create_model("query").save(files)


def test_a_process_killed_while_saving_leaves_no_version(tmp_path, files):
    worker = multiprocessing.get_context("spawn").Process(target=_die_while_saving, args=(tmp_path, files))
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    mr = Project(tmp_path).get_model_registry()
    assert mr.get_models("query") == [] and mr.get_model("query", 1) is None
    assert mr.python.create_model("query").save(files).version == 1


# --- deployments


class _Server(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name, known = self.path, self.path == "/v1/models/query:predict"
        answer = (
            {"predictions": [{"echo": i} for i in body["instances"]]} if known else {"detail": f"{name} is unknown"}
        )
        answer = json.dumps(answer).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    http = HTTPServer(("127.0.0.1", 0), _Server)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    write_json({"host": "127.0.0.1", "port": http.server_port, "pid": os.getpid()}, tmp_path / "server.json")
    yield http
    http.shutdown()
    http.server_close()


def test_a_deployment_says_what_is_wanted_and_predicts_by_kserve(project, files, server, tmp_path):
    model = project.get_model_registry().python.create_model("query").save(files)
    deployment = model.deploy(name="query", script_file="predictor.py", description="towers")
    assert deployment.is_created() and deployment.is_stopped() and not deployment.is_running()
    with pytest.raises(ModelServingException, match="not created or running"):
        deployment.predict(inputs=[{"k": 1}])
    deployment.start()
    ms = Project(tmp_path).get_model_serving()
    again = ms.get_deployment("query")
    assert again.is_running(or_idle=False) and again.get_state().status == "Running"
    assert (again.model_name, again.model_version, again.script_file, again.description) == (
        "query",
        1,
        "predictor.py",
        "towers",
    )
    assert again.get_model().version == 1
    assert again.predict(inputs=[{"user_id": "u", "vector": np.arange(2)}]) == {
        "predictions": [{"echo": {"user_id": "u", "vector": [0, 1]}}]
    }
    assert again.predict(data={"instances": [[1, 2]]}) == {"predictions": [{"echo": [1, 2]}]}
    assert again.predict(inputs={"a": 1}) == {"predictions": [{"echo": {"a": 1}}]}
    with pytest.raises(ModelServingException, match="missing 'instances'"):
        again.predict(data={"rows": []})
    again.model_version = project.get_model_registry().python.create_model("query").save(files).version
    again.save()
    assert ms.get_deployment("query").is_running() and ms.get_deployment("query").model_version == 2  # goes on running
    again.stop()
    assert (
        again.is_stopped()
        and [d.name for d in ms.get_deployments()] == ["query"]
        and ms.get_deployments(status="running") == []
    )
    again.delete()
    assert ms.get_deployment("query") is None


def test_a_model_of_tensorflow_takes_no_script_as_the_sdk_has_it(project, files):
    model = project.get_model_registry().tensorflow.create_model("query").save(files)
    with pytest.raises(ModelServingException, match="not supported in deployments for Tensorflow"):
        model.deploy(name="query", script_file="predictor.py")


def test_a_missing_server_and_an_unknown_model_are_explained(project, files, server, tmp_path):
    model = project.get_model_registry().python.create_model("other").save(files)
    ms = project.get_model_serving()
    deployment = ms.create_deployment(ms.create_predictor(model, name="other"))
    deployment.save()
    deployment.start()
    with pytest.raises(UserError, match="does not serve other"):
        deployment.predict(inputs=[{"a": 1}])
    server.shutdown()
    server.server_close()
    with pytest.raises(UserError, match="art-recsys serve"):
        deployment.predict(inputs=[{"a": 1}])
    (tmp_path / "server.json").unlink()
    assert deployment.get_state().status == "Idle"
    with pytest.raises(UserError, match="art-recsys serve"):
        deployment.predict(inputs=[{"a": 1}])


def test_a_home_that_is_not_writable_is_named(tmp_path):
    if os.geteuid() == 0:
        (tmp_path / "feature_store").write_text("a file where a folder should be")  # root may write anywhere else
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="--home"):
        works_group(Project(tmp_path).get_feature_store()).insert(works())

"""One contract for both platforms: what a stage does on the embedded project it does on Hopsworks, with the same result

Every test runs twice: on the embedded project, and with the real SDK against the contract server of
`tests/contract/hopsworks_server` (fixture `hopsworks_project`, one per session). pandas and numpy give the expected
values, never one of the two platforms.
"""

import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from deltalake.exceptions import CommitFailedError
from hopsworks_common.client.exceptions import (
    FeatureStoreException,
    JobExecutionException,
    ModelServingException,
    RestAPIError,
)
from hsfs.embedding import EmbeddingIndex
from hsml.model_schema import ModelSchema
from hsml.schema import Schema

from art_recsys.config import UserError, load_settings, trust_home
from art_recsys.core import as_artworks
from art_recsys.features import candidate_group, feature_groups
from art_recsys.platform.columns import list_column, schema, vector_column
from art_recsys.platform.embedded import Project
from art_recsys.serving import deployments

DAY = pd.Timedelta(days=1)
START = pd.Timestamp(2026, 1, 1, tz="UTC")
RNG = np.random.default_rng(11)
WORKS = pd.DataFrame(
    {
        "artwork_id": [f"w{i:02}" for i in range(20)],
        "title": [f"Work {i}" for i in range(20)],
        "year": [np.nan if i == 2 else 1900.0 + i for i in range(20)],
        "n": np.arange(20),
        "sold": [i % 2 == 0 for i in range(20)],
        "tags": [["sea", "ship"][: i % 2 + 1] for i in range(20)],
        "vector": list(RNG.normal(size=(20, 4)).astype(np.float32)),
    }
)
LIKES = pd.DataFrame(
    {
        "user_id": [f"u{i % 7}" for i in range(60)],
        "artwork_id": [f"w{i % 17:02}" for i in range(60)],
        "ts": [START + i * DAY / 4 for i in range(60)],
        "label": [i % 3 == 0 for i in range(60)],
    }
)
FAME = pd.DataFrame(
    {
        "artwork_id": [f"w{i % 15:02}" for i in range(45)],
        "ts": [START + (i * 7 % 45) * DAY / 3 for i in range(45)],
        "fame": np.arange(45),
    }
)
WAIT = {"wait_for_job": True}
REST = {
    "init_rest_client": True,
    "default_client": "rest",
}  # the contract server has the online store's REST, not its SQL


class Platform:
    "A project, and how to have a deployment served on it"

    def __init__(self, name, project, home=None):
        self.name, self.project, self.home = name, project, home

    @property
    def fs(self):
        return self.project.get_feature_store()

    @contextmanager
    def serving(self, deployment):
        "Hopsworks starts a pod; here it is a process of ours"
        if self.home is None:
            deployment.start()
            try:
                yield
            finally:
                deployment.stop()
            return
        deployment.start()
        pod = subprocess.Popen(
            [sys.executable, "-m", "art_recsys.platform.embedded.runner", str(self.home), deployment.name]
        )
        try:
            end = time.monotonic() + 60
            while not deployment.is_running(or_idle=False):
                assert pod.poll() is None and time.monotonic() < end, "the deployment did not come up"
                time.sleep(0.05)
            yield
        finally:
            deployment.stop()
            pod.terminate()
            pod.wait(20)


@pytest.fixture(scope="module", params=["embedded", "hopsworks"])
def platform(request, tmp_path_factory):
    if request.param == "hopsworks":
        return Platform("hopsworks", request.getfixturevalue("hopsworks_project"))
    home = tmp_path_factory.mktemp("embedded")
    trust_home(home)
    return Platform("embedded", Project(home), home)


def filled(platform, frames, plans):
    "Groups with their rows, as another process finds them"
    for name, df in frames.items():
        group = platform.fs.get_or_create_feature_group(name, version=1, statistics_config=False, **plans[name])
        group.insert(df, write_options=WAIT)
    return {name: platform.fs.get_feature_group(name, 1) for name in frames}


@pytest.fixture(scope="module")
def groups(platform):
    "Works, and likes and fame with a clock: filled once, read by all tests"
    return filled(
        platform,
        {"works": WORKS, "likes": LIKES, "fame": FAME},
        {
            "works": dict(primary_key=["artwork_id"]),
            "likes": dict(primary_key=["user_id", "artwork_id"], event_time="ts"),
            "fame": dict(primary_key=["artwork_id"], event_time="ts"),
        },
    )


@pytest.fixture(scope="module")
def online(platform):
    "The same works with a vector index, the same likes with their latest row at hand"
    index = EmbeddingIndex()
    index.add_embedding("vector", 4)
    return filled(
        platform,
        {"works_online": WORKS, "likes_online": LIKES},
        {
            "works_online": dict(primary_key=["artwork_id"], online_enabled=True, embedding_index=index),
            "likes_online": dict(primary_key=["user_id", "artwork_id"], event_time="ts", online_enabled=True),
        },
    )


def plain(value):
    "One form for what the two give in two: lists, times, missing values"
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, (pd.Timestamp, datetime)):
        return (
            pd.Timestamp(value).tz_localize("UTC")
            if pd.Timestamp(value).tz is None
            else pd.Timestamp(value).tz_convert("UTC")
        )
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    return round(float(value), 5) if isinstance(value, (int, float, np.number)) else value


def same(got, want):
    "Equal after sorting: the same columns, the same rows"
    assert sorted(got.columns) == sorted(want.columns)

    def rows(df):
        return sorted(([plain(v) for v in row] for row in df[list(want.columns)].itertuples(index=False)), key=str)

    assert rows(got) == rows(want)


# --- feature groups


def test_a_frame_comes_back_as_it_went_in(groups):
    for name, df in (("works", WORKS), ("likes", LIKES), ("fame", FAME)):
        same(groups[name].read(), df)
    assert {f.name: f.type for f in groups["works"].features} == {
        "artwork_id": "string",
        "title": "string",
        "year": "double",
        "n": "bigint",
        "sold": "boolean",
        "tags": "array<string>",
        "vector": "array<float>",
    }
    assert groups["likes"].primary_key == ["user_id", "artwork_id"] and groups["likes"].event_time == "ts"


def test_an_insert_is_an_upsert_and_an_overwrite_forgets(platform):
    group = platform.fs.get_or_create_feature_group("upserts", version=1, primary_key=["id"], statistics_config=False)
    group.insert(pd.DataFrame({"id": ["a", "b"], "x": [1, 2]}), write_options=WAIT)
    group.insert(pd.DataFrame({"id": ["b", "c"], "x": [5, 6]}), write_options=WAIT)
    same(group.read(), pd.DataFrame({"id": ["a", "b", "c"], "x": [1, 5, 6]}))
    group.insert(pd.DataFrame({"id": ["d"], "x": [9]}), overwrite=True, write_options=WAIT)
    same(group.read(), pd.DataFrame({"id": ["d"], "x": [9]}))


def test_some_features_are_selected(groups):
    works = groups["works"]
    same(works.select(["artwork_id", "n"]).read(), WORKS[["artwork_id", "n"]])
    same(works.select_except(["vector", "tags"]).read(), WORKS.drop(columns=["vector", "tags"]))
    same(works.select_all().read(), WORKS)


@pytest.mark.parametrize(
    "condition, mask",
    [
        (lambda g: g.year > 1910, WORKS["year"] > 1910),
        (lambda g: g["title"] == "Work 3", WORKS["title"] == "Work 3"),
        (lambda g: g.title.isin(["Work 1", "Work 5"]), WORKS["title"].isin(["Work 1", "Work 5"])),
        (lambda g: ((g.n >= 2) & (g.n < 5)) | (g.n == 7), WORKS["n"].isin([2, 3, 4, 7])),
    ],
)
def test_filters_are_those_of_pandas(groups, condition, mask):
    works = groups["works"]
    same(works.select(["artwork_id", "n"]).filter(condition(works)).read(), WORKS.loc[mask, ["artwork_id", "n"]])


@pytest.mark.parametrize("how", ["left", "inner"])
def test_joins_are_those_of_pandas(groups, how):
    works = (
        groups["works"].select(["title", "year"]).filter(groups["works"].n > 3)
        if how == "inner"
        else groups["works"].select(["title", "year"])
    )
    right = WORKS[WORKS["n"] > 3] if how == "inner" else WORKS
    got = groups["likes"].select_all().join(works, on=["artwork_id"], join_type=how).read()
    same(got, LIKES.merge(right[["artwork_id", "title", "year"]], on="artwork_id", how=how))


def test_a_point_in_time_join_never_sees_the_future(groups):
    got = groups["likes"].select_all().join(groups["fame"].select(["fame"]), on=["artwork_id"]).read()
    want = pd.merge_asof(LIKES.sort_values("ts"), FAME.sort_values("ts"), on="ts", by="artwork_id")
    assert want["fame"].isna().any() and want["fame"].nunique() > 10
    same(got, want)


# --- neighbours


def test_neighbours_are_those_of_numpy(online):
    query, vectors = np.array([0.3, -0.2, 0.1, 0.4]), np.stack(WORKS["vector"]).astype(float)
    distances = ((vectors - query) ** 2).sum(1)
    nearest = np.argsort(distances)[:5]
    found = online["works_online"].find_neighbors(query.tolist(), k=5)
    at = [f.name for f in online["works_online"].features].index("artwork_id")
    assert [row[at] for _, row in found] == WORKS["artwork_id"].iloc[nearest].tolist()
    np.testing.assert_allclose([score for score, _ in found], distances[nearest], rtol=1e-3)


def test_neighbours_obey_a_filter(online):
    works = online["works_online"]
    found = works.find_neighbors([0.0, 0.0, 0.0, 0.0], k=4, filter=(works.n > 12))
    allowed = WORKS[WORKS["n"] > 12]
    nearest = allowed["artwork_id"].iloc[np.argsort((np.stack(allowed["vector"]) ** 2).sum(1))[:4]]
    at = [f.name for f in works.features].index("artwork_id")
    assert [row[at] for _, row in found] == nearest.tolist()


def test_two_vectors_in_one_group_are_searched_by_their_names(platform):
    index, views = EmbeddingIndex(), {"words": np.eye(4, 3), "looks": np.eye(4, 2)[::-1]}
    for name, matrix in views.items():
        index.add_embedding(name, matrix.shape[1])
    group = platform.fs.get_or_create_feature_group(
        "both",
        version=1,
        primary_key=["id"],
        online_enabled=True,
        embedding_index=index,
        features=schema({"id": "id", "title": "text", "tags": "list"}, *views),
        statistics_config=False,
    )
    tags = list_column([["sea"], [], ["sea", "sky"], []], pa.string())
    rows = pd.DataFrame({"id": list("abcd"), "title": ["A", "B", "C", ""], "tags": tags})
    group.insert(rows.assign(**{n: vector_column(v) for n, v in views.items()}), write_options=WAIT)
    assert {e.name: e.dimension for e in group.embedding_index.get_embeddings()} == {"words": 3, "looks": 2}
    at = [f.name for f in group.features].index("id")
    for name, matrix in views.items():
        for query in np.eye(matrix.shape[1]):
            found = group.find_neighbors(query.tolist(), col=name, k=1)
            assert found[0][1][at] == "abcd"[int(((matrix - query) ** 2).sum(1).argmin())]
            assert found[0][0] == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="More than 1 embedding"):
        group.find_neighbors([1.0, 0.0], k=1)
    view = platform.fs.get_or_create_feature_view("both", version=1, query=group.select_all())
    view.init_serving(**REST)
    assert plain(view.get_feature_vector({"id": "c"})) == ["c", "C", ["sea", "sky"], [0, 0, 1], [0, 1]]


# --- feature views


@pytest.fixture(scope="module")
def liked(platform, groups):
    "A view of likes and of what was liked"
    query = groups["likes"].select_all().join(groups["works"].select(["title", "year"]), on=["artwork_id"])
    return platform.fs.get_or_create_feature_view("liked", version=1, query=query, labels=["label"])


@pytest.fixture(scope="module")
def served(platform, online):
    "Views that are read row by row"
    make = platform.fs.get_or_create_feature_view
    views = {
        "likes": make("likes", version=1, query=online["likes_online"].select_all(), labels=["label"]),
        "works": make("works", version=1, query=online["works_online"].select_all()),
    }
    for view in views.values():
        view.init_serving(**REST)
    return views


LIKED = LIKES.merge(WORKS[["artwork_id", "title", "year"]], on="artwork_id", how="left")


def test_a_batch_has_all_but_the_labels(liked):
    same(liked.get_batch_data(), LIKED.drop(columns="label"))
    start, end = START + 3 * DAY, START + 6 * DAY
    inside = LIKED[(LIKED["ts"] >= start) & (LIKED["ts"] < end)]
    same(
        liked.get_batch_data(start_time=start.to_pydatetime(), end_time=end.to_pydatetime()),
        inside.drop(columns="label"),
    )


def whole(parts):
    "Each part with its labels again"
    n = len(parts) // 2
    return [f.assign(label=y["label"].to_numpy()) for f, y in zip(parts[:n], parts[n:], strict=True)]


FIRST, SECOND = START + 9 * DAY, START + 12 * DAY
TIMES = {
    k: t.to_pydatetime()
    for k, t in dict(
        train_start=START - DAY,
        train_end=FIRST,
        validation_start=FIRST,
        validation_end=SECOND,
        test_start=SECOND,
        test_end=START + 99 * DAY,
    ).items()
}
SPANS = [LIKED["ts"] < FIRST, (LIKED["ts"] >= FIRST) & (LIKED["ts"] < SECOND), LIKED["ts"] >= SECOND]


PLAIN = {
    "statistics_config": False
}  # the SDK's statistics turn the times of the frame that it returns into strings (5.2.1)


def test_splits_by_time_are_cut_where_they_were_asked_to_be_and_again_by_their_version(liked):
    parts = liked.train_validation_test_split(**TIMES, **PLAIN)
    for part, span in zip(whole(parts), SPANS, strict=True):
        same(part, LIKED[span])
    version = liked.get_last_accessed_training_dataset()
    for part, span in zip(whole(liked.get_train_validation_test_split(version)), SPANS, strict=True):
        same(part, LIKED[span])
    early = liked.train_test_split(
        train_end=FIRST.to_pydatetime(), extra_filter=liked.query.get_feature("user_id") == "u3", **PLAIN
    )
    for parts in (
        early,
        liked.get_train_test_split(liked.get_last_accessed_training_dataset()),
    ):  # an end not given is now
        for part, span in zip(whole(parts), (SPANS[0], ~SPANS[0]), strict=True):
            same(part, LIKED[span & (LIKED["user_id"] == "u3")])
    with pytest.raises(ValueError, match="get_train_validation_test_split"):
        liked.get_train_test_split(version)
    with pytest.raises((FeatureStoreException, RestAPIError)):
        liked.get_train_test_split(999)


def test_a_view_without_a_clock_of_its_own_is_cut_by_that_of_its_group(platform, groups):
    query = groups["likes"].select(["artwork_id", "label"])
    view = platform.fs.get_or_create_feature_view("bare", version=1, query=query, labels=["label"])
    for part, span in zip(whole(view.train_validation_test_split(**TIMES, **PLAIN)), SPANS, strict=True):
        same(part, LIKES.loc[span, ["artwork_id", "label"]])
    timed, named = (
        view.train_validation_test_split(**TIMES, **PLAIN, event_time=True),
        f"{platform.project.name}_likes_1_ts",
    )
    for part, span in zip(whole(timed), SPANS, strict=True):
        same(part, LIKES.loc[span, ["artwork_id", "ts", "label"]].rename(columns={"ts": named}))


def test_splits_by_share_have_these_shares_and_lose_nothing(liked):
    parts = liked.train_validation_test_split(validation_size=0.2, test_size=0.1)
    assert [len(p) for p in parts] == [42, 12, 6] * 2
    same(pd.concat(whole(parts)).drop(columns="ts"), LIKED.drop(columns="ts"))


def test_a_split_that_is_kept_has_a_seed_and_stays_as_it_was(platform):
    group = filled(platform, {"kept": LIKES}, {"kept": dict(primary_key=["user_id", "artwork_id"], event_time="ts")})[
        "kept"
    ]
    view = platform.fs.get_or_create_feature_view(
        "kept", version=1, query=group.select(["artwork_id", "ts", "label"]), labels=["label"]
    )
    make = lambda seed: view.create_train_validation_test_split(  # noqa: E731
        validation_size=0.2, test_size=0.1, seed=seed, write_options={"wait_for_job": False}
    )[0]
    versions = [make(seed) for seed in (1, 1, 2)]
    group.insert(LIKES.assign(ts=LIKES["ts"] + 30 * DAY), write_options=WAIT)
    again = platform.fs.get_feature_view("kept", 1)
    one, same_seed, other_seed = (whole(again.get_train_validation_test_split(v)) for v in versions)
    same(pd.concat(one), LIKES.drop(columns="user_id"))
    assert [len(p) for p in one] == [42, 12, 6]
    for a, b in zip(one, same_seed, strict=True):
        same(a, b)
    assert set(one[2]["ts"]) != set(other_seed[2]["ts"])


def test_vectors_are_the_last_row_of_a_key(served):
    view = served["likes"]
    last = LIKES.sort_values("ts").groupby(["user_id", "artwork_id"]).last()
    keys = [{"user_id": u, "artwork_id": w} for u, w in last.index[:5]]
    one = view.get_feature_vector(keys[0])
    assert plain(one) == [keys[0]["user_id"], keys[0]["artwork_id"], last["ts"].iloc[0]]
    many = view.get_feature_vectors(keys)
    assert plain(many) == [[k["user_id"], k["artwork_id"], t] for k, t in zip(keys, last["ts"].iloc[:5], strict=True)]


def test_a_vector_with_an_embedding_comes_whole(served):
    view = served["works"]
    for i in (1, 2, 7):
        row = WORKS.iloc[i]
        vector = dict(
            zip([f.name for f in view.schema], view.get_feature_vector({"artwork_id": row["artwork_id"]}), strict=True)
        )
        assert {k: plain(v) for k, v in vector.items()} == {k: plain(v) for k, v in row.items()}


def test_neighbours_of_a_view_are_whole_vectors(served):
    query, vectors = [0.3, -0.2, 0.1, 0.4], np.stack(WORKS["vector"]).astype(float)
    nearest = np.argsort(((vectors - query) ** 2).sum(1))[:3]
    names = [f.name for f in served["works"].schema]
    for row, i in zip(served["works"].find_neighbors(query, k=3), nearest, strict=True):
        assert {k: plain(v) for k, v in zip(names, row, strict=True)} == {k: plain(v) for k, v in WORKS.iloc[i].items()}


@pytest.fixture(scope="module")
def joined(platform):
    "A view of three online groups, as `ranking` is: a pair and its label, the work by one key, the user by the other"
    users = pd.DataFrame({"user_id": [f"u{i}" for i in range(5)], "age": [20.0, 30.0, np.nan, 50.0, 60.0]})
    facts = WORKS[["artwork_id", "title", "tags", "sold"]].head(15)
    of = filled(
        platform,
        {"seen": LIKES, "facts": facts, "people": users},
        {
            "seen": dict(primary_key=["user_id", "artwork_id"], event_time="ts", online_enabled=True),
            "facts": dict(primary_key=["artwork_id"], online_enabled=True),
            "people": dict(primary_key=["user_id"], online_enabled=True),
        },
    )
    query = (
        of["seen"]
        .select(["user_id", "artwork_id", "label"])
        .join(of["facts"].select(["title", "tags", "sold"]), on=["artwork_id"])
        .join(of["people"].select(["age"]), on=["user_id"], prefix="user_")
    )
    view = platform.fs.get_or_create_feature_view("joined", version=1, query=query, labels=["label"])
    view.init_serving(**REST)
    return view


def key(user, work):
    return {"user_id": user, "artwork_id": work}


def test_a_vector_is_put_together_from_the_groups_of_a_view(joined):
    for i in (1, 3, 9):
        row = LIKES.iloc[i]
        work = WORKS.set_index("artwork_id").loc[row["artwork_id"]]
        age = {"u1": 30.0, "u3": 50.0, "u2": None}[row["user_id"]]
        vector = joined.get_feature_vector(key(row["user_id"], row["artwork_id"]))
        assert plain(vector) == [row["user_id"], row["artwork_id"], work["title"], work["tags"], work["sold"], age]
        assert (
            plain(
                joined.get_feature_vector(key(row["user_id"], row["artwork_id"]), passed_features={"title": "Mine"})[2]
            )
            == "Mine"
        )


def test_a_key_that_is_nowhere_is_none_and_left_out_of_a_batch(served, joined):
    here = {"likes": key("u1", "w01"), "works": {"artwork_id": "w01"}}
    for name, view in served.items():
        gone = dict.fromkeys(here[name], "nothing")
        assert view.get_feature_vector(gone) is None
        assert view.get_feature_vectors([here[name], gone, here[name]]) == [view.get_feature_vector(here[name])] * 2
        frame = view.get_feature_vectors([gone, here[name]], return_type="pandas")
        assert len(frame) == 1 and frame.loc[0, "artwork_id"] == "w01"
    assert joined.get_feature_vector(key("nobody", "nothing")) is None
    whole = served["likes"].get_feature_vector(key("nobody", "nothing"), allow_missing=True)
    assert whole == ["nobody", "nothing", None], "a key that was given is given back, all else is missing"


def test_a_key_that_is_in_some_groups_only_is_an_error_or_has_gaps(joined):
    with pytest.raises(FeatureStoreException, match="missing from vector"):
        joined.get_feature_vector(key("u6", "w06"))  # nobody of age
    with pytest.raises(FeatureStoreException, match="missing from vector"):
        joined.get_feature_vectors([key("u1", "w01"), key("u6", "w06")])
    assert joined.get_feature_vector(key("u6", "w06"), allow_missing=True) == [
        "u6",
        "w06",
        "Work 6",
        ["sea"],
        True,
        None,
    ]
    assert joined.get_feature_vector(key("u6", "w06"), passed_features={"user_age": 7.0}) == [
        "u6",
        "w06",
        "Work 6",
        ["sea"],
        True,
        7.0,
    ]
    assert joined.get_feature_vectors([key("u9", "w99"), key("u1", "w01")], allow_missing=True)[0] == [
        "u9",
        "w99",
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    "entry, words",
    [
        ({}, "missing"),
        ({"user_id": "u1", "wrong": 1}, "not a serving key"),
        ({"user_id": "u1"}, "all composite serving keys or none"),
    ],
)
def test_keys_that_are_not_those_of_the_view_are_refused(joined, entry, words):
    for allow in (False, True):
        with pytest.raises(FeatureStoreException, match=words):
            joined.get_feature_vector(entry, allow_missing=allow)


# --- models, deployments, jobs


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "model").mkdir()
    (folder / "model" / "weights.json").write_text("[1.5, -2.0]")
    (folder / "times_predictor.py").write_text("""
import json, os, pathlib
class Predict:
    def __init__(self):
        self.weights = json.loads((pathlib.Path(os.environ['MODEL_FILES_PATH'])/'weights.json').read_text())
    def predict(self, inputs): return [sum(w*x for w, x in zip(self.weights, i['x'])) for i in inputs]
""")
    shutil.copy(folder / "times_predictor.py", folder / "moving_predictor.py")
    (folder / "other").mkdir()
    (folder / "other" / "weights.json").write_text("[10.0, 1.0]")
    (folder / "doubling_transformer.py").write_text("""
class Transformer:
    def preprocess(self, request): return {'instances': [{'x': [2*x for x in i['x']]} for i in request['instances']]}
    def postprocess(self, answer): return {'predictions': [{'score': p} for p in answer['predictions']]}
""")
    (folder / "a_job.py").write_text('import sys\nprint("hello", sys.argv[1])\n')
    (folder / "waits.py").write_text('import time\nprint("waiting", flush=True)\ntime.sleep(600)\n')
    (folder / "since.py").write_text(
        'import os, sys\nsys.exit(os.environ["HOPS_START_TIME"] + " " + os.environ["SEA"])\n'
    )
    return folder


@pytest.mark.filterwarnings("ignore:ModelSchema")
def test_models_are_kept_found_and_fetched(platform, scripts, tmp_path):
    registry = platform.project.get_model_registry()
    schema = ModelSchema(input_schema=Schema(WORKS[["year", "title"]]))
    for value in (0.1, 0.3):
        model = registry.python.create_model(
            "scores", metrics={"ndcg": value}, description="a model", input_example=[{"x": [1, 2]}], model_schema=schema
        )
        model.save(str(scripts / "model"))
    assert model.version == 2
    first = platform.project.get_model_registry().get_model("scores", 1)
    assert first.training_metrics == {"ndcg": 0.1} and first.description == "a model" and first.framework == "PYTHON"
    assert first.input_example == [{"x": [1, 2]}] and first.model_schema == json.loads(schema.json())
    assert registry.get_best_model("scores", "ndcg", "max").version == 2
    assert registry.get_best_model("scores", "ndcg", "min").version == 1
    assert [m.version for m in sorted(registry.get_models("scores"), key=lambda m: m.version)] == [1, 2]
    assert registry.get_model("nothing", 1) is None
    folder = tmp_path / "here"
    folder.mkdir()
    fetched = first.download(local_path=str(folder))
    assert json.loads(Path(fetched, "weights.json").read_text()) == [1.5, -2.0]


def test_predictions_are_those_of_the_script(platform, scripts):
    model = platform.project.get_model_registry().python.create_model("times")
    model.save(str(scripts / "model"))
    script = platform.project.get_dataset_api().upload(str(scripts / "times_predictor.py"), "Resources", overwrite=True)
    deployment = model.deploy(name="times", script_file=script)
    found = platform.project.get_model_serving().get_deployment("times")
    assert (found.name, found.model_name, found.model_version) == ("times", "times", model.version)
    with platform.serving(deployment):
        assert deployment.predict(inputs=[{"x": [1, 2]}, {"x": [4, 0]}]) == {"predictions": [-2.5, 6.0]}
        assert deployment.predict(data={"instances": [{"x": [0, 1]}]}) == {"predictions": [-2.0]}
    assert not deployment.is_running()


def test_a_release_moves_a_deployment_while_it_answers_and_its_name_is_given_away_once(
    platform, scripts, tmp_path, monkeypatch
):
    monkeypatch.setattr(deployments, "SCRIPTS", scripts)
    registry, serving = platform.project.get_model_registry(), platform.project.get_model_serving()
    old, new = (registry.python.create_model("moving") for _ in range(2))
    old.save(str(scripts / "model"))
    new.save(str(scripts / "other"))
    deployment = old.deploy(
        name="moving",
        script_file=str(scripts / "moving_predictor.py"),
        transformer=serving.create_transformer(script_file=str(scripts / "doubling_transformer.py")),
    )
    with platform.serving(deployment):
        assert deployment.predict(inputs=[{"x": [1, 2]}]) == {"predictions": [{"score": -5.0}]}
        deployments.move_deployment(load_settings("smoke", tmp_path), serving, "moving", new)
        found = serving.get_deployment("moving")
        assert found.predict(inputs=[{"x": [1, 2]}]) == {"predictions": [{"score": 24.0}]}
        with pytest.raises((RestAPIError, ModelServingException), match="already exists"):
            old.deploy(name="moving", script_file=str(scripts / "moving_predictor.py"))
        assert serving.get_deployment("moving").model_version == new.version
        same = new.deploy(
            name="moving", script_file=str(scripts / "moving_predictor.py")
        )  # another answer than an error: it is the same
        assert same.id == found.id and same.predict(inputs=[{"x": [0, 1]}]) == {"predictions": [{"score": 2.0}]}


def test_a_job_runs_and_leaves_its_log(platform, scripts, tmp_path):
    api = platform.project.get_job_api()
    config = api.get_configuration("PYTHON")
    config["appPath"] = platform.project.get_dataset_api().upload(
        str(scripts / "a_job.py"), "Resources", overwrite=True
    )
    job = api.create_job("a_job", config)
    execution = job.run("world")
    assert execution.success and (execution.state, execution.final_status) == ("FINISHED", "SUCCEEDED")
    out, _ = execution.download_logs(str(tmp_path))
    assert Path(out).read_text() == "hello world\n"
    assert api.exists("a_job") and [e.id for e in api.get_job("a_job").get_executions()] == [execution.id]
    job.schedule("0 0 3 ? * * *", start_time=datetime(2026, 1, 1, tzinfo=UTC))
    kept = api.get_job("a_job").job_schedule
    assert kept.cron_expression == "0 0 3 ? * * *" and kept.enabled
    api.get_job("a_job").pause_schedule()
    assert not api.get_job("a_job").job_schedule.enabled
    api.get_job("a_job").unschedule()
    assert api.get_job("a_job").job_schedule is None


def test_a_job_that_fails_says_so_and_one_that_runs_can_be_stopped(platform, scripts, tmp_path):
    api, upload = platform.project.get_job_api(), platform.project.get_dataset_api().upload
    jobs = {
        n: api.create_job(
            n,
            api.get_configuration("PYTHON")
            | {"appPath": upload(str(scripts / f"{n}.py"), "Resources", overwrite=True)},
        )
        for n in ("since", "waits")
    }
    with pytest.raises(JobExecutionException, match=r"(?i)failed"):
        jobs["since"].run(start_time=datetime(2026, 1, 1, tzinfo=UTC), env_vars={"SEA": "north"})
    (execution,) = jobs["since"].get_executions()
    assert not execution.success and (execution.state, execution.final_status) == ("FAILED", "FAILED") == (
        jobs["since"].get_state(),
        jobs["since"].get_final_state(),
    )
    _, err = execution.download_logs(str(tmp_path))
    begun, sea = Path(err).read_text().split()
    assert pd.Timestamp(begun) == START and sea == "north"
    waits = jobs["waits"].run(await_termination=False)
    while jobs["waits"].get_state() != "RUNNING":
        time.sleep(0.1)
    waits.stop()
    with pytest.raises(JobExecutionException):
        waits.await_termination()
    assert jobs["waits"].get_state() == "KILLED"
    for job in jobs.values():
        job.delete()
    assert not api.exists("waits") and api.get_job("since") is None


# --- bad input


@pytest.mark.parametrize(
    "bad, words",
    [
        (lambda d: d.drop(columns="title"), "title"),
        (lambda d: d.assign(n=d["n"].astype(str)), "expected type"),
        (lambda d: d.assign(artwork_id=[None, *d["artwork_id"][1:]]), "null values"),
        (lambda d: d.assign(artwork_id=[np.nan, *d["artwork_id"][1:]]), "null values"),
        (lambda d: d.assign(extra=1), "extra"),
        (lambda d: d.drop(columns="artwork_id"), "artwork_id"),
    ],
    ids=["a column less", "another type", "no key", "NaN for a key", "a column more", "no key column"],
)
def test_a_frame_that_does_not_fit_is_refused_and_nothing_is_lost(groups, bad, words):
    with pytest.raises((FeatureStoreException, ValueError), match=words):
        groups["works"].insert(bad(WORKS), write_options=WAIT)
    same(groups["works"].read(), WORKS)


def test_a_nan_in_a_numeric_key_is_refused_and_nothing_is_lost(platform):
    df = pd.DataFrame({"k": [1.0, 2.0], "x": [1, 2]})
    group = filled(platform, {"numbers": df}, {"numbers": dict(primary_key=["k"])})["numbers"]
    with pytest.raises(ValueError, match="null values"):
        group.insert(df.assign(k=[3.0, np.nan]), write_options=WAIT)
    same(group.read(), df)


def test_a_vector_of_another_size_is_refused_before_it_is_sent(platform):
    settings = load_settings("smoke", feature_version=78)  # the pipeline's test has candidates of its own there

    def vectors(n):
        return pd.DataFrame({"artwork_id": ["a", "b"], "candidate_embedding": list(np.eye(n, dtype=np.float32)[:2])})

    candidate_group(platform.fs, 3, settings).insert(vectors(3), write_options=WAIT)
    with pytest.raises(
        UserError, match=r"holds vectors of 3 numbers in candidate_embedding, not 5.*\n.*feature_version"
    ):
        candidate_group(platform.fs, 5, settings)
    same(candidate_group(platform.fs, 3, settings).read(), vectors(3))


def test_a_text_of_a_work_may_grow(platform):
    "The SDK limits a text column to the longest text of the first insert, unless the column is declared to hold any"
    text = lambda n: pd.DataFrame({"id": ["a"], "text": ["x" * n]})  # noqa: E731
    if platform.name == "hopsworks":
        group = platform.fs.get_or_create_feature_group(
            "texts", version=1, primary_key=["id"], online_enabled=True, statistics_config=False
        )
        group.insert(text(120), write_options=WAIT)
        with pytest.raises(ValueError, match="String length exceeded"):
            group.insert(text(500), write_options=WAIT)
    settings, vector = load_settings("smoke", feature_version=77), pd.Series([np.zeros(3, np.float32)], dtype=object)
    for n in (1, 120, 5000):
        works = as_artworks(
            pd.DataFrame({"artwork_id": ["a"], "title": ["T" * n], "description": ["x" * n], "tags": [["sea"]]})
        )
        group = feature_groups(platform.fs, settings, 3, 3)["artworks"]
        lists = list_column([[]], pa.string())
        group.insert(works.assign(text_embedding=vector, image_embedding=vector, palette=lists), write_options=WAIT)
        assert platform.fs.get_feature_group("artworks", 77).read()["description"].tolist() == ["x" * n]


def test_two_inserts_at_once_are_both_there(platform):
    "On Hopsworks Delta refuses the later of two commits as a whole: repeat it. In the embedded project one waits"
    start = pd.DataFrame({"id": [f"s{i}" for i in range(50)], "n": 0})
    filled(platform, {"busy": start}, {"busy": dict(primary_key=["id"])})
    mine = lambda name: pd.DataFrame({"id": [f"{name}{i}" for i in range(4)], "n": range(4)})  # noqa: E731

    def insert(name):
        group = platform.fs.get_feature_group("busy", 1)
        for i in range(4):
            for _ in range(20 if platform.name == "hopsworks" else 1):
                try:
                    group.insert(mine(name).iloc[i : i + 1], write_options=WAIT)
                    break
                except CommitFailedError as e:
                    refused = e
            else:
                raise refused

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(insert, "ab"))
    same(platform.fs.get_feature_group("busy", 1).read(), pd.concat([start, mine("a"), mine("b")]))

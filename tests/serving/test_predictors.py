"""The predictors accept text vectors with the length of the loaded model, for any `text_model`."""

from types import SimpleNamespace

import numpy as np
import pytest

from art_recsys.language.text_encoder import TextEncoder
from art_recsys.ranking import Ranker
from art_recsys.retrieval import TwoTower
from art_recsys.serving import query_predictor, ranking_predictor
from art_recsys.serving.predictors import QueryPredictor, RankingPredictor


class FakeTowers:
    "Towers whose text vectors have `dim` numbers; `requests` holds the requests of the last call"

    def __init__(self, dim):
        self.artwork_features = {"text": np.zeros((3, dim), np.float32)}

    def retrieve(self, requests, k, exclude):
        self.requests = requests
        return np.array([["a", "b"]] * len(requests), object), np.zeros((len(requests), 2))


class FakeRanker:
    def __init__(self, dim):
        self.two_tower = FakeTowers(dim)

    def score(self, requests, ids):
        self.requests = requests
        return np.full(ids.shape, 0.5)


@pytest.mark.parametrize("dim", [8, 384, 768])
def test_the_length_of_a_text_vector_is_that_of_the_model(dim):
    towers, ranker = FakeTowers(dim), FakeRanker(dim)
    query, ranking = QueryPredictor(towers), RankingPredictor(ranker)
    vector = [0.5] * dim
    assert query.predict([{"history": [], "text_embedding": vector, "k": 2}])[0]["artwork_ids"] == ["a", "b"]
    assert towers.requests[0]["text_embedding"].shape == (dim,)
    assert ranking.predict([{"history": [], "text_embedding": vector, "artwork_ids": ["a"]}]) == [{"scores": [0.5]}]
    for wrong in (vector[1:], [*vector, 0.5], [float("nan")] * dim):
        with pytest.raises(ValueError, match=f"text_embedding must be {dim} numbers"):
            query.predict([{"history": [], "text_embedding": wrong}])
        with pytest.raises(ValueError, match=f"text_embedding must be {dim} numbers"):
            ranking.predict([{"history": [], "text_embedding": wrong, "artwork_ids": ["a"]}])


BAD = [
    ("history", [["a"]]),
    ("history", [None]),
    ("history", "a"),
    ("hidden", 5),
    ("hidden", "abc"),
    ("hidden", [1]),
    ("user_id", 7),
    ("user_id", "\ud800"),
    ("description", ["x"]),
    ("gender", {}),
    ("age", 10**400),
    ("age", -1),
    ("age", True),
    ("age", "40"),
    ("age", float("inf")),
    ("text_embedding", {}),
    ("text_embedding", [[1.0]]),
    ("text_embedding", ["a"] * 8),
    ("text_embedding", [10**400] * 8),
    ("text_embedding", [1e39] * 8),
    ("k", 0),
]


@pytest.mark.parametrize("key, value", BAD, ids=lambda v: str(v)[:20])
def test_a_bad_instance_is_refused_by_the_name_of_its_key(key, value):
    with pytest.raises(ValueError, match=key):
        QueryPredictor(FakeTowers(8)).predict([{"history": [], key: value}])
    if key != "k":
        with pytest.raises(ValueError, match=key):
            RankingPredictor(FakeRanker(8)).predict([{"history": [], "artwork_ids": ["a"], key: value}])


@pytest.mark.parametrize("ids", [None, "a", 5, ["a", None], [["a"]], {"a": 1}])
def test_bad_artwork_ids_are_refused(ids):
    with pytest.raises(ValueError, match="artwork_ids"):
        RankingPredictor(FakeRanker(8)).predict([{"history": [], "artwork_ids": ids}])


def test_what_is_missing_may_be_null_or_not_a_number():
    nothing = dict.fromkeys(("user_id", "age", "gender", "description", "text_embedding", "history", "hidden"))
    assert QueryPredictor(FakeTowers(8)).predict([nothing, {"age": float("nan")}, {"age": 40.5}])


@pytest.mark.parametrize("text_model", ["a model", None])
def test_a_pod_loads_the_text_model_at_its_start(monkeypatch, text_model):
    loaded, towers = [], SimpleNamespace(text_model=text_model)
    monkeypatch.setenv("MODEL_FILES_PATH", "files")
    monkeypatch.setattr(TwoTower, "load", lambda path: towers)
    monkeypatch.setattr(Ranker, "load", lambda path: SimpleNamespace(two_tower=towers))
    monkeypatch.setattr(TextEncoder, "encode_once", lambda self, texts: loaded.append(self.model))
    assert query_predictor.Predict().two_tower is towers and ranking_predictor.Predict().ranker.two_tower is towers
    assert loaded == ([text_model] * 2 if text_model else [])

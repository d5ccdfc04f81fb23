"""The predictors accept text vectors with the length of the loaded model, for any `text_model`."""

import numpy as np
import pytest

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

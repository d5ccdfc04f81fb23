"""Candidate recall by source, on candidates that are known by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from art_recsys.models.candidate_sources import merged
from art_recsys.reports.candidate_recall import candidate_recall


class Fixed:
    "A source that always proposes the same artworks"

    def __init__(self, name, items):
        self.name, self.items = name, np.array(items)
        self.neighbours = SimpleNamespace(vectors=np.zeros((9, 1)))

    def __call__(self, queries, n):
        return [queries.left(row, self.items)[:n] for row in range(len(queries))]


class Candidates:
    "What `art_recsys.recommendation.Candidates` is to the report: two places for `artist`, the rest for the towers"

    def __init__(self, ranker, quotas=None):
        self.ranker, self.quotas = ranker, {"artist": 0.5} if quotas is None else quotas

    def __call__(self, requests, allowed, n):
        requests.found = merged(self.ranker, Queries(requests, allowed), n, self.quotas)
        return np.array(requests.found[0]).reshape(len(requests), -1), None


class Queries:
    "As `candidate_sources.Queries`, as far as a fixed source asks"

    def __init__(self, requests, allowed):
        self.n, self.seen = len(requests), allowed[1]

    def __len__(self):
        return self.n

    def left(self, row, items):
        return items[~np.isin(items, self.seen[row])]


def recommender():
    index = {f"w{n}": n for n in range(9)}
    history = {"u": ["w0"], "v": ["w8"], "nobody": []}
    sources = [Fixed("towers", [0, 1, 2, 3, 4, 5]), Fixed("artist", [1, 7])]
    return SimpleNamespace(
        item_index=index,
        n_candidates=4,
        known=SimpleNamespace(request=lambda u: {"user_id": u, "history": history[u]}),
        has_history=lambda r: bool(r["history"]),
        steps=SimpleNamespace(candidates=Candidates(sources), filter=lambda r: (None, r.seen)),
    )


def test_recall_alone_and_beyond_the_others():
    test = pd.DataFrame({"user_id": ["u", "u", "v", "nobody"], "artwork_id": ["w1", "w7", "w2", "w1"]})
    found = candidate_recall(recommender(), test)
    assert list(found.index) == ["towers", "artist", "all", "towers alone"]  # the others proposed nothing
    # u: candidates 1, 2 of the towers, 1 and 7 of the artist, then 3; v: 0, 1, 1 and 7, then 2
    assert found.loc["artist", "recall"] == pytest.approx((1 + 0) / 2)
    assert found.loc["artist", "only"] == pytest.approx((0.5 + 0) / 2)  # w7 is found by nobody else
    assert found.loc["towers", "recall"] == pytest.approx((0.5 + 1) / 2)
    assert found.loc["all", "recall"] == 1 and found.loc["all", "candidates"] == 4
    assert found.loc["towers alone", "recall"] == pytest.approx((0.5 + 1) / 2)


def test_what_is_excluded_is_no_candidate_and_nobody_with_likes_is_no_error():
    test = pd.DataFrame({"user_id": ["u"], "artwork_id": ["w7"]})
    assert candidate_recall(recommender(), test, ["w7"]).loc["all", "recall"] == 0
    none = candidate_recall(recommender(), test.assign(user_id="nobody"))
    assert list(none.index) == ["all"]

"Similar works in three rows"

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse

from art_recsys.core import as_artworks
from art_recsys.models.sparse_rows import SparseRows
from art_recsys.models.traits import Traits
from art_recsys.serving.similar import ROWS, SimilarWorks

N = 90
COLOURS = ["#1f2f55", "#9e1b32", "#274a33"]


def unit(v):
    return (v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-9)).astype(np.float32)


def works():
    "Work i has artist i % 7, subject i % 5, palette i % 3"
    return as_artworks(
        pd.DataFrame(
            {
                "artwork_id": [f"w{i}" for i in range(N)],
                "title": [f"Work {i}" for i in range(N)],
                "artist": [f"Artist {i % 7}" for i in range(N)],
                "tags": [[f"subject {i % 5}"] for i in range(N)],
                "palette": [[COLOURS[i % 3]] for i in range(N)],
            }
        )
    )


def tower(**features):
    "Vectors say the artist, text and tags the subject"
    r, i = np.random.default_rng(0), np.arange(N)
    vectors = unit(np.eye(8)[i % 7] + 0.2 * r.normal(size=(N, 8)))
    text, tags = unit(np.eye(8)[i % 5] + 0.2 * r.normal(size=(N, 8))), np.eye(7, dtype=np.float32)[i % 5]
    return SimpleNamespace(candidates=vectors, artwork_features={"text": text, "tags": tags, **features})


def make(frame=None, available=None, **features):
    frame = works() if frame is None else frame
    available = np.ones(N, bool) if available is None else available
    return SimilarWorks(tower(**features), Traits(frame, frame["artwork_id"]), available)


def test_tags_of_a_large_catalogue_stay_sparse(monkeypatch):
    tags = np.eye(7, dtype=np.float32)[np.arange(N) % 5]
    want = make().rows(0, 9)
    for limit in (10**9, 1):
        monkeypatch.setattr("art_recsys.serving.similar.SPARSE_FROM", limit)
        found = make(tags=SparseRows(tags))
        assert issparse(found.parts["subject"][1][0]) == (limit == 1)
        for mine, its in zip(found.rows(0, 9), want, strict=True):
            assert mine.items.tolist() == its.items.tolist()
            np.testing.assert_allclose(mine.scores, its.scores, rtol=1e-5)


def test_three_rows_say_what_they_share():
    subject, light, hand = make().rows(0, 9)
    assert [r.name for r in (subject, light, hand)] == list(ROWS)
    assert all(i % 5 == 0 for i in subject.items) and all(i % 3 == 0 for i in light.items)
    assert all(i % 7 == 0 for i in hand.items[:4]) and len(subject.items) == len(light.items) == 9
    shown = [*subject.items, *light.items, *hand.items]
    assert len(shown) == len(set(shown)) and 0 not in shown
    for row in (subject, light):
        assert np.bincount(row.items % 7).max() <= 3  # at most a third by one artist
        assert (np.diff(row.scores) <= 1e-6).all() and row.scores.max() <= 1
    assert {r["text"] for r in subject.reasons} == {"Also subject 0"}
    assert {r["text"] for r in light.reasons} == {"Close in colour and light"}  # a third of the catalogue is blue
    assert all(r["artwork_id"] == "w0" and r["kind"] == "similar" for row in (subject, hand) for r in row.reasons)
    assert {r["text"] for r in hand.reasons[:4]} == {"Also by Artist 0"}


def test_a_hand_goes_on_with_the_nearest_style():
    hand = make().rows(0, 40, "hand")[0].items
    assert (hand[:12] % 7 == 0).all() and (hand[12:] % 7 != 0).all() and len(hand) == 40
    nobody = make(works().assign(artist="")).rows(0, 10, "hand")[0]
    assert len(nobody.items) == 10 and {r["text"] for r in nobody.reasons} == {"Close in style"}


def test_more_of_a_row():
    s, shown = make(), []
    while found := s.rows(0, 5, "subject", shown):
        (row,) = found
        assert row.name == "subject" and not set(row.items) & {0, *shown}
        shown += row.items.tolist()
    assert {i for i in range(5, N, 5)} <= set(shown)  # every work of the subject comes once


def test_pictures_count_where_there_are_any():
    image = np.zeros((N, 6), np.float32)
    image[:60] = unit(np.eye(6)[np.arange(60) // 10] + 0.5)
    light = make(image=image).rows(0, 6, "light")[0].items
    assert set(light[:3]) == {3, 6, 9} and set(light) != set(make().rows(0, 6, "light")[0].items)
    without = make(image=image).rows(75, 6, "light")[0].items
    assert all(i % 3 == 0 for i in without)  # a work without a picture: by palette
    assert (
        make(image=np.zeros((N, 1), np.float32)).rows(0, 6, "light")[0].items.tolist()
        == make().rows(0, 6, "light")[0].items.tolist()
    )


def test_a_row_with_nothing_to_compare_is_left_out():
    bare = works().assign(palette=[[]] * N)
    assert [r.name for r in make(bare).rows(0, 6)] == ["subject", "hand"]
    s = SimilarWorks(
        SimpleNamespace(candidates=tower().candidates, artwork_features={}),
        Traits(bare, bare["artwork_id"]),
        np.ones(N, bool),
    )
    assert [r.name for r in s.rows(0, 6)] == ["hand"]
    one = make(works().assign(palette=[[]] + [[COLOURS[0]]] * (N - 1)))
    assert "light" not in [r.name for r in one.rows(0, 6)]


def test_works_that_left_the_catalogue_do_not_come():
    available = np.arange(N) % 2 == 0
    assert all(i % 2 == 0 for row in make(available=available).rows(0, 8) for i in row.items)
    alone = np.zeros(N, bool)
    assert make(available=alone).rows(0, 8) == []


@pytest.mark.parametrize("k", [1, 2, 12, 500])
def test_any_number(k):
    for row in make().rows(3, k):
        assert 1 <= len(row.items) <= k and row.name in ROWS

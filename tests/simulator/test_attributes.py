"""What artworks share, attribute by attribute, and which are the most similar."""

import numpy as np
import pytest

from art_recsys.simulator.attributes import (
    artwork_attributes,
    hidden_directions,
    name_directions,
    text_directions,
    top_columns,
    year_directions,
)
from art_recsys.simulator.kinds import ATTRIBUTE_WEIGHTS, KINDS, Traits
from art_recsys.users import similar_artworks
from tests.simulator.crowds import catalogue


def test_equal_names_agree_and_no_name_is_zero():
    a, b, c, d = name_directions(["Ines Vale", "ines vale ", "Otto Brandt", "unknown"], 32)
    assert (a == b).all() and abs(a @ c) < 0.6 and d @ d == 0


def test_years_are_soft():
    y = year_directions(np.array([1880, 1890, 1990, np.nan]))
    assert (y @ y[0]).round(1).tolist() == [1, 1, 0, 0]


def test_texts_without_any_word_are_zero():
    assert not text_directions(["", ""], 5, 1).any()


def test_top_columns_of_many():
    s = np.random.default_rng(0).normal(size=(20, 5001)).astype("float32")
    s[:, -1] += np.arange(20) / 2  # the last column is in no whole group
    assert (np.sort(top_columns(s, 7), axis=1) == np.sort(np.argsort(-s, axis=1)[:, :7], axis=1)).all()


@pytest.mark.parametrize("bare", [False, True])
def test_rows_have_length_one_or_zero(bare):
    attributes = artwork_attributes(catalogue(30, bare=bare))
    assert all(list(attributes) == list(weights) for weights in ATTRIBUTE_WEIGHTS.values())
    for v in attributes.values():
        length = np.linalg.norm(v, axis=1)
        assert len(v) == 30 and v.dtype == np.float32
        assert (np.isclose(length, 1, atol=1e-5) | (length == 0)).all()


def test_top_columns_with_ties():
    top = top_columns(np.array([[3, 9, 1, 7], [2, 2, 2, 5]]), 2)
    assert np.sort(top, axis=1).tolist() == [[1, 3], [0, 3]]
    assert top_columns(np.ones((2, 3)), 5).tolist() == [[0, 1, 2]] * 2 and top_columns(np.ones((2, 3)), 0).shape == (
        2,
        0,
    )


def test_hidden_is_independent_of_the_artist():
    artist = np.random.default_rng(0).integers(20, size=2000)
    v = hidden_directions(2000, 3)
    s, same = v @ v.T, artist[:, None] == artist
    np.fill_diagonal(same, False)
    assert s[same].mean() == pytest.approx(s[artist[:, None] != artist].mean(), abs=0.01)
    assert np.linalg.norm(v, axis=1) == pytest.approx(1, abs=1e-5) and (s > 0.6).mean() > 0.02  # it has groups
    works = catalogue(60)
    renamed = works.assign(artist=[f"Somebody {i}" for i in range(60)])
    assert (artwork_attributes(works, 3)["hidden"] == artwork_attributes(renamed, 3)["hidden"]).all()


def test_similar_works_are_of_a_kind():
    works = catalogue()
    traits, attributes = Traits(works), artwork_attributes(works)
    artist = works.artist.to_numpy()
    for kind in KINDS:
        near = similar_artworks(works, traits, attributes, kind)
        assert not (near == np.arange(len(works))[:, None]).any() and all(len(set(row)) == len(row) for row in near)
        same_artist = (artist[near[:, :3]] == artist[:, None]).mean()
        assert same_artist > 0.9 if kind == "hand" else same_artist < 0.05 if kind != "mix" else same_artist < 0.9


def test_works_without_anything_have_similar_works():
    works = catalogue(12, bare=True)
    near = similar_artworks(works, Traits(works), artwork_attributes(works), "subject")
    assert near.shape == (12, 11) and (np.sort(near, axis=1)[0] == np.arange(1, 12)).all()


def test_what_the_source_calls_similar_comes_first():
    works = catalogue(50).assign(similar=[[f"w{(i + 25) % 50:04d}", "not here", f"w{i:04d}"] for i in range(50)])
    near = similar_artworks(works, Traits(works), artwork_attributes(works), "mix")
    assert (near[:, 0] == (np.arange(50) + 25) % 50).all()

"""What artworks share, attribute by attribute, and which are the most similar."""

import numpy as np
import pytest

from art_recsys.simulator.attributes import (
    ATTRIBUTE_WEIGHTS,
    artwork_attributes,
    name_directions,
    text_directions,
    top_columns,
    year_directions,
)
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


@pytest.mark.parametrize("bare", [False, True])
def test_rows_have_length_one_or_zero(bare):
    attributes = artwork_attributes(catalogue(30, bare=bare))
    assert list(attributes) == list(ATTRIBUTE_WEIGHTS)
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


def test_similar_works_are_of_a_kind():
    works = catalogue()
    near = similar_artworks(works, artwork_attributes(works))
    same_artist = (works.artist.to_numpy()[near] == works.artist.to_numpy()[:, None]).mean()
    assert same_artist > 0.4 and not (near == np.arange(len(works))[:, None]).any()
    assert all(len(set(row)) == len(row) for row in near)


def test_what_the_source_calls_similar_comes_first():
    works = catalogue(50).assign(similar=[[f"w{(i + 25) % 50:04d}", "not here", f"w{i:04d}"] for i in range(50)])
    assert (similar_artworks(works, artwork_attributes(works))[:, 0] == (np.arange(50) + 25) % 50).all()

"Vocabularies: what has a row, and what an unknown value becomes"

import numpy as np
import pandas as pd

from art_recsys.core import Cols, as_artworks
from art_recsys.models.vocabularies import ARTWORK_FEATURES, Vocabularies, palette_vector, vocabulary

WORKS = as_artworks(
    pd.DataFrame(
        {
            Cols.artwork_id: list("abcdef"),
            Cols.title: ["t"] * 6,
            Cols.artist: ["Ada", "Ada", "Bo", "Cy", "Cy", "Cy"],
            Cols.year_start: [1900, 1910, None, 1930, 1940, 1950],
            Cols.palette: [["#ff0000"], [], ["no colour"], [], [], []],
        }
    )
)
LIKED = pd.DataFrame({Cols.user_id: ["u", "u", "v"], Cols.artwork_id: ["a", "b", "a"]})


def made(**kept):
    return Vocabularies(**Vocabularies.of(WORKS, LIKED).kept | kept)


def test_the_most_frequent_first_the_rare_and_the_empty_not_at_all():
    assert vocabulary(pd.Series(["red", "blue", "red", "", "ochre", "blue", "red"]), least=2) == ["red", "blue"]


def test_a_palette_without_colours_is_zero():
    v = palette_vector(["#ff0000", "#0000ff", "#808080", "not a colour"])
    np.testing.assert_allclose(v[[0, 8]], [1 / 3, 1 / 3], rtol=1e-6)
    assert palette_vector([]).sum() == palette_vector(["red"]).sum() == 0


def test_tags_have_no_order_and_unknown_ones_count_for_nothing():
    rows = made(tags=["sea", "ship", "dog"]).tags([["sea", "dog"], ["dog", "unheard", "sea", "sea"], [], ["unheard"]])
    np.testing.assert_allclose(rows, [[0, 0.5**0.5, 0, 0.5**0.5, 0]] * 2 + [[0] * 5] * 2)


def test_what_is_unknown_or_has_nothing_to_learn_shares_row_zero():
    vocabs = made()
    features = vocabs.artworks(WORKS, np.zeros((6, 2), np.float32), np.zeros((6, 3), np.float32))
    assert tuple(sorted(features)) == tuple(sorted(ARTWORK_FEATURES))
    assert features[Cols.artist].tolist() == [2, 2, 0, 1, 1, 1]  # Bo made one artwork
    assert features[Cols.artwork_id].tolist() == [1, 2, 0, 0, 0, 0]  # the others have no likes
    assert features["period"][2] == 0 and (np.diff(features["period"][[0, 1, 3, 4, 5]]) > 0).all()
    users = vocabs.users(["u", "new"], [34, float("nan")], ["F", None], np.zeros((2, 2), np.float32))
    assert [users[c].tolist() for c in (Cols.user_id, Cols.age, Cols.gender)] == [[1, 0], [4, 0], [1, 0]]


def test_rows_move_to_another_vocabulary_by_their_entries():
    assert made(artist=["Bo", "New", "Ada"]).rows_in(made(artist=["Ada", "Bo"]), Cols.artist).tolist() == [
        0,
        2,
        0,
        1,
        0,
    ]

"Tables and indexes for a larger catalogue: what was known stays, and a new artwork has no likes"

import numpy as np
import pytest

from art_recsys.models.artist_ties import ArtistTies
from art_recsys.models.cooccurrence import DENSE_BELOW, ItemCooccurrence
from art_recsys.models.popularity import PopularityClock, new_artworks
from art_recsys.serving.maps import UINT16, grown_places
from art_recsys.serving.predictors import QueryPredictor
from art_recsys.serving.search import WordIndex


def test_popularity():
    clock = PopularityClock(np.array([0, 0, 1]), np.array([1.0, 50.0, 100.0]), 2)
    more = clock.grown(4, added=99.0)
    items = np.arange(4)
    assert more.before(items, 200.0).tolist() == [2, 1, 0, 0] and clock.before(items[:2], 200.0).tolist() == [2, 1]
    assert new_artworks(more, 30).tolist() == [False, True, True, True] and np.isnan(more.added).all()
    dated = PopularityClock(np.array([0]), np.array([1.0]), 1, np.array([0.5])).grown(2, added=99.0)
    assert dated.added.tolist() == [0.5, 99.0]


@pytest.mark.parametrize("n", [3, DENSE_BELOW + 1])  # an array, and a sparse matrix
def test_cooccurrence_and_artists(n):
    histories, names = [np.array([0, 1]), np.array([0, 1, 2])], ["A", "B", ""] + ["C"] * (n - 3)
    table = ItemCooccurrence(histories, n, ties=ArtistTies(histories, names, ["u", "v"]))
    more, items = table.grown(n + 3, ["A", "New", "New"]), np.arange(n)
    history = np.array([0, 1])
    assert np.allclose(more.features(history, items), table.features(history, items))
    assert not more.features(history, np.arange(n, n + 3)).any()
    assert np.allclose(more.near_artists(history, items), table.near_artists(history, items))
    near = more.near_artists(history, np.arange(n, n + 3)).ravel()
    assert near[0] == table.near_artists(history, np.array([0]))[0, 0] > 0 and near[1] == near[2] == 0
    assert more.ties.artist[n] == table.ties.artist[0] and more.ties.artist[n + 1] == more.ties.artist[n + 2]
    assert more.ease.shape == (n + 3, n + 3) and table.ease.shape == (n, n)


def test_words_that_change():
    index = WordIndex([("Harbour", "", "", "", ""), ("Meadow", "", "", "", "")])
    index.change([(0, ("Harbour", "", "", "", ""))], [(0, ("Lagoon", "", "", "", "")), (2, ("Zephyr", "", "", "", ""))])
    find = lambda word: [i for i, _ in index.search([word], True, False)]  # noqa: E731
    assert (find("harbour"), find("lagoon"), find("meadow"), find("zephyr")) == ([], [0], [1], [2])
    assert index.nearest("zephir") == "zephyr"


def test_a_new_work_lies_between_its_nearest_on_the_map():
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 0, 1, 1, 1]]
    places = np.array([[0, 0]] * 3 + [[UINT16, UINT16]] * 3, np.uint16)
    grown = grown_places(places, np.concatenate([vectors, vectors[:1]]))
    assert grown[:6].tolist() == places.tolist() and (grown[6] < UINT16 // 100).all()
    assert grown_places(places, vectors) is not None and len(grown_places(places[:0], vectors)) == 6


def test_withdrawn_works_are_no_candidates_of_the_deployment():
    class Tower:
        def retrieve(self, requests, k, exclude):
            return np.array([[None if a in exclude[0] else a for a in ("a", "b")]], object), np.ones((1, 2))

    assert QueryPredictor(Tower(), withdrawn=["a"]).predict([{"history": []}])[0]["artwork_ids"] == ["b"]

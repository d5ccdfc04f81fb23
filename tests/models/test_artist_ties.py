"""Ties between artists: who is near to whom, and what is kept of it."""

import numpy as np

from art_recsys.models import artist_ties as module
from art_recsys.models.artist_ties import ArtistTies
from art_recsys.models.cooccurrence import ItemCooccurrence

NAMES = ["a", "a", "b", "c", "", ""]


def test_two_artists_are_near_when_one_likes_the_other_or_the_same_users_like_both():
    ties = ArtistTies([np.array([2]), np.array([2, 3])], NAMES, ["a", "visitor"])
    a, b, c = (ties.number[x] for x in "abc")
    near = ties.near.toarray()
    assert (near.diagonal() == 0).all() and near[a, b] > 0 and near[b, a] > 0  # a likes a work of b
    assert near[b, c] > 0 and near[a, b] > near[b, c]  # the same visitor likes both: two steps
    assert near[a, c] == 0  # three steps


def test_the_walk_by_hand():
    ties = ArtistTies([np.array([0, 2])], NAMES, ["visitor"])
    a, b = ties.number["a"], ties.number["b"]
    # a has one tie, to the visitor, who has two: one step from a to the visitor, one from there to b
    assert np.isclose(ties.near[a, b], module.DECAY * 1 * (1 / np.sqrt(2)))
    twice = ArtistTies([np.array([0, 1, 2, 2])], NAMES, ["visitor"])  # more likes of one artist are still one tie
    assert np.isclose(twice.near[a, b], ties.near[a, b])


def test_a_work_of_an_unknown_artist_stands_for_itself_and_likes_of_own_works_count_nothing():
    ties = ArtistTies([np.array([4, 5]), np.array([0, 1])], NAMES, ["visitor", "a"])
    assert ties.artist[4] != ties.artist[5] and ties.artist.min() == 0 and ties.artist[0] == ties.artist[1]
    assert ties.near[ties.artist[4], ties.artist[5]] > 0
    assert ties.near[ties.number["a"]].nnz == 0


def test_a_log_without_likes_and_a_catalogue_without_artists():
    assert ArtistTies([], NAMES, []).near.nnz == 0
    assert ArtistTies([np.array([0, 1])], ["", ""], [""]).number == {}
    assert ArtistTies([], [], []).near.shape == (0, 0)


def test_only_the_nearest_are_remembered(monkeypatch):
    monkeypatch.setattr(module, "KEPT", 3)
    names = [str(n) for n in range(10)]
    sequences = [np.arange(10)] + [np.array([0, n]) for n in (3, 5, 7)]
    ties = ArtistTies(sequences, names, [f"u{n}" for n in range(4)])
    assert sorted(ties.near[0].indices.tolist()) == [3, 5, 7]  # liked together with 0 by two users


def test_what_is_saved_comes_back_with_the_tables_of_items(tmp_path):
    sequences = [np.array([2]), np.array([2, 3])]
    ties = ArtistTies(sequences, NAMES, ["a", "visitor"])
    ItemCooccurrence(sequences, 6, ties=ties).save(tmp_path)
    again = ItemCooccurrence.load(tmp_path).ties
    assert again.number == ties.number and again.artist.tolist() == ties.artist.tolist()
    assert abs(again.near - ties.near).max() == 0
    (tmp_path / "artists.json").unlink()
    assert ItemCooccurrence.load(tmp_path).ties is None

"""Ties: artworks with equal scores come in an order that the order of the catalogue says nothing about."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import Cols, as_artworks
from art_recsys.models.baselines import Baseline, ItemKNN, Popularity
from art_recsys.recommendation import Recommender, catalogue_steps
from tests.small_frames import frames


class Indifferent(Baseline):
    "Gives every artwork the same score"

    def scores(self, requests):
        return np.zeros((len(requests), len(self.candidate_ids)), np.float32)


@pytest.mark.parametrize("make", [Indifferent, Popularity, ItemKNN])
def test_the_order_of_the_catalogue_does_not_matter(make):
    works, users, events = frames(60, 20, 250)
    lists = [
        Recommender(make(), catalogue_steps).fit(w, users, events).recommend(["3", "4", "nobody"], 30)
        for w in (works, works.iloc[::-1], works.sample(frac=1, random_state=1))
    ]
    for other in lists[1:]:
        pd.testing.assert_frame_equal(lists[0], other)


def test_what_stands_first_in_a_file_has_no_advantage():
    works, users, events = frames(2000, 20, 10)
    ids = as_artworks(works)[Cols.artwork_id]
    none = events[events[Cols.event] == "like"].iloc[:1]  # one like, so popularity is equal for all the others
    shown = Recommender(Indifferent(), catalogue_steps).fit(works, users, none).recommend(["0"], 400)[Cols.artwork_id]
    ranks = pd.Index(ids).get_indexer(shown) / len(ids)
    assert abs(ranks.mean() - 0.5) < 0.05 and (ranks < 0.5).mean() == pytest.approx(0.5, abs=0.1)

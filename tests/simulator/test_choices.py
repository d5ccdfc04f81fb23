"""One page: probabilities of looking and liking, and what follows from what."""

import numpy as np
import pytest

from art_recsys.simulator.behaviour import Behaviour
from art_recsys.simulator.choices import choose, examination_probability, like_probability, until_decided
from art_recsys.simulator.pages import repeated


def test_probabilities_on_small_numbers():
    assert like_probability(np.array([0.0])) == 0.5 and like_probability(np.array([1.0]))[0] == pytest.approx(
        0.9168, abs=1e-4
    )
    assert examination_probability(np.array([1, 11])) == pytest.approx([1, 1 / 1.6])


def test_lower_positions_are_clicked_less_and_a_click_comes_before_a_like():
    none = np.zeros((20_000, 12), bool)
    did = choose(np.random.default_rng(1), np.zeros(none.shape), none, ~none)
    rate = did.click.mean(0)
    assert rate[0] / rate[-1] == pytest.approx(1 + 11 * Behaviour().position_bias, rel=0.05)
    assert not (did.like & ~did.click).any() and not (did.unlike & ~did.like).any() and not (did.hide & did.click).any()
    assert did.like.sum() / did.click.sum() == pytest.approx(0.5, abs=0.01)


def test_own_works_are_liked_and_empty_positions_are_not():
    own = np.array([[True, False, False]])
    did = choose(np.random.default_rng(1), np.full((1, 3), 99.0), own, np.array([[True, True, False]]))
    assert did.like[0, 0] and not did.unlike[0, 0] and not did.click[0, 2]
    assert not did.hide.any()


def test_nothing_follows_a_decision():
    user, item_index = np.array([0, 0, 0, 1]), np.array([5, 5, 5, 5])
    assert until_decided(user, item_index, np.array([False, True, False, False]), 9).tolist() == [
        True,
        True,
        False,
        True,
    ]
    assert until_decided(user[:0], item_index[:0], np.zeros(0, bool), 9).shape == (0,)


def test_repeated_works_on_a_page():
    assert repeated(np.array([[3, 1, 3, 2, 1, 3]])).tolist() == [[False, False, True, False, True, True]]

"""When simulated users come, and what each session is about."""

import numpy as np

from art_recsys.config import rng
from art_recsys.simulator.behaviour import Behaviour
from art_recsys.simulator.sessions import DAY, HOUR, draw_focus, draw_sessions


def test_sessions_are_apart_inside_the_log_and_of_a_heavy_tail():
    s = draw_sessions(np.random.default_rng(1), 2000, 180)
    count = np.bincount(s.user)
    assert (np.diff(s.start)[np.diff(s.user) == 0] >= HOUR).all() and s.start.min() >= 0 and s.start.max() < 180 * DAY
    assert count.min() >= 1 and count.max() <= Behaviour().sessions_most and np.median(count) == 5
    assert count.max() > 5 * np.median(count) and s.pages.min() == 1


def test_the_same_seed_gives_the_sessions_of_the_first_version():
    s = draw_sessions(rng(42, "walk", 0), 4, 180)
    assert (s.user.tolist(), (s.start // HOUR).tolist(), s.pages.tolist()) == (
        [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 3],
        [120, 301, 3350, 3810, 3831, 4042, 4072, 565, 579, 635, 1592, 1957, 2184, 3501, 1017, 3765, 1617, 1695],
        [2, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 1, 1, 1, 1, 3, 2, 1],
    )


def test_the_focus_moves_away_from_the_first_interest():
    user = np.repeat(np.arange(500), 10)
    interests = np.zeros((len(user), 3, 4), int)
    interests[user >= 250, 2] = -1  # half of the users have two interests
    focus = draw_focus(np.random.default_rng(1), user, interests)
    assert np.allclose(focus.sum(1), 1, atol=1e-5) and (focus[user >= 250, 2] < 1e-6).all()
    share = focus[:, 0].reshape(500, 10).mean(0)
    assert share[0] > 0.6 and share[-1] < share[4] < share[0]

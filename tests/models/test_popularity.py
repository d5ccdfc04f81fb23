"""Popularity at a time counts what came before, and nothing later."""

import numpy as np
import pandas as pd

from art_recsys.models.popularity import PopularityClock, added_days, days, new_artworks


def test_only_earlier_likes_count(tmp_path):
    clock = PopularityClock(np.array([0, 1, 0, 0]), np.array([1.0, 2.0, 3.0, 5.0]), n=3)
    for when, likes in ((0, [0, 0, 0]), (1, [0, 0, 0]), (2.5, [1, 1, 0]), (5, [2, 1, 0]), (99, [3, 1, 0])):
        assert clock.before(np.arange(3), when).tolist() == likes
    assert clock.first.tolist() == [1, 2, np.inf] and (clock.zero, clock.now) == (1, 5)


def test_counts_are_those_of_a_plain_loop():
    r = np.random.default_rng(0)
    items, ts = r.integers(0, 20, 300), r.integers(0, 50, 300).astype(float)
    clock = PopularityClock(items, ts, 25)
    for when in (-1.0, 0.0, 10.0, 25.5, 49.0, 50.0, 1000.0):
        assert clock.before(np.arange(25), when).tolist() == [((items == i) & (ts < when)).sum() for i in range(25)]


def test_no_likes():
    assert PopularityClock(np.zeros(0, int), np.zeros(0), 3).before(np.arange(3), 5.0).tolist() == [0, 0, 0]


def test_a_saved_clock_is_the_same(tmp_path):
    clock = PopularityClock(np.array([0, 1, 0]), np.array([1.0, 2.0, 3.0]), 3)
    clock.save(tmp_path / "clock.npz")
    again = PopularityClock.load(tmp_path / "clock.npz")
    assert all(np.array_equal(v, getattr(again, c), equal_nan=True) for c, v in vars(clock).items())
    assert isinstance(again.now, float)


def test_what_is_new_by_its_arrival_or_else_by_its_first_like():
    clock = PopularityClock(np.array([0, 1, 3]), np.array([1.0, 95, 100]), 5, np.array([np.nan] * 3 + [10, 10]))
    assert new_artworks(clock, 30).tolist() == [
        False,
        True,
        True,
        False,
        False,
    ]  # 2 was never liked; 3 and 4 came early
    assert new_artworks(clock, 95).tolist() == [False, True, True, True, True]
    assert clock.knows_arrivals and not PopularityClock(np.zeros(0, int), np.zeros(0), 2).knows_arrivals


def test_arrivals_are_read_from_the_catalogue():
    works = pd.DataFrame({"artwork_id": ["a", "b"]})
    assert added_days(works) is None and added_days(works.assign(added=pd.NaT)) is None
    found = added_days(works.assign(added=["1970-01-03T00:00:00Z", None]))
    assert found[0] == 2 and np.isnan(found[1])


def test_days_are_utc():
    ts = pd.Series(pd.to_datetime(["1970-01-02T12:00Z", "1970-01-03T00:00+12:00"], utc=True, format="ISO8601"))
    assert days(ts).tolist() == [1.5, 1.5]

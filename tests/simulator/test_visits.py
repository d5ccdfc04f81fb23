"""Simulated visits against a service that answers from a list."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from art_recsys.simulator.visits import VISIT_COLS, simulate_visits


class ListService:
    "Shows the catalogue in its order, without what is excluded; keeps the events that it gets"

    def __init__(self, n=12):
        self.catalogue = SimpleNamespace(ids=[f"w{i}" for i in range(n)])
        self.events, self.asked = [], []

    def recommend(self, user_id, k, exclude=()):
        self.asked.append((user_id, set(exclude)))
        return {"items": [{"artwork_id": a} for a in self.catalogue.ids if a not in exclude][:k]}

    def send_events(self, events):
        self.events += events
        return {"accepted": len(events)}


def wants(*items, n=12):
    return np.isin(np.arange(n), items)[None]


def test_pages_are_measured_against_what_is_wanted():
    service = ListService()
    seen = simulate_visits(service, wants(1, 4, 5), pages=4, k=3, notice=1.0)
    assert list(seen.columns) == VISIT_COLS == ["user", "page", "wanted_share", "ndcg", "found_share"]
    assert seen.page.tolist() == [1, 2, 3, 4] and seen.wanted_share.tolist() == pytest.approx([1 / 3, 2 / 3, 0, 0])
    gain = 1 / np.log2(np.arange(2, 5))
    assert seen.ndcg[0] == pytest.approx(gain[1] / gain.sum())  # one of three, at the second rank
    assert seen.ndcg[1] == pytest.approx((gain[1] + gain[2]) / gain[:2].sum())  # both that are left
    assert seen.ndcg[2:].isna().all()  # nothing is left to find
    assert seen.found_share.tolist() == pytest.approx([1 / 3, 1, 1, 1])
    assert [e["artwork_id"] for e in service.events] == ["w1", "w4", "w5"]
    assert {(e["user_id"], e["event"]) for e in service.events} == {("simulated-0", "like")}


def test_all_users_see_their_first_page_first_and_nothing_twice():
    service = ListService()
    simulate_visits(service, np.vstack([wants(1), wants(2)]), pages=2, k=3, name="v")
    assert [user for user, _ in service.asked] == ["v-0", "v-1"] * 2
    assert [exclude for _, exclude in service.asked[2:]] == [{"w0", "w1", "w2"}] * 2


def test_likes_are_kept_from_the_service_and_the_seed_decides():
    quiet, first, again = ListService(), ListService(), ListService()
    many = np.ones((4, 12), bool)
    simulate_visits(quiet, many, pages=2, k=3, send_likes=False)
    a, b = (simulate_visits(s, many, pages=2, k=3, notice=0.5, seed=7) for s in (first, again))
    assert not quiet.events and first.events == again.events and 0 < len(first.events) < 24
    pd.testing.assert_frame_equal(a, b)


def test_empty_pages_and_users_who_want_nothing():
    seen = simulate_visits(ListService(3), wants(n=3), pages=2, k=3)
    assert seen.wanted_share.tolist() == [0, 0] and seen.found_share.tolist() == [0, 0] and seen.ndcg.isna().all()

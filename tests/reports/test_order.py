"""The shuffle test: a model that reads the order loses by shuffling, one that does not loses nothing."""

import pandas as pd
import pytest

from art_recsys.core import Cols, as_artworks, as_events, as_users
from art_recsys.models.baselines import Baseline
from art_recsys.recommendation import Recommender, catalogue_steps
from art_recsys.reports.order import order_matters
from tests.small_frames import PAIR


class Next(Baseline):
    "Recommends the work after the last one of the history, or after the largest one"

    def __init__(self, by_order: bool):
        self.by_order = by_order

    def learn(self, artworks):
        pass

    def scores(self, requests):
        import numpy as np

        out = np.zeros((len(requests), len(self.candidate_ids)), np.float32)
        for row, h in zip(out, requests.histories, strict=True):
            row[(h[-1] if self.by_order else max(h)) + 1] = 1
        return out


@pytest.mark.parametrize("by_order", [True, False])
def test_shuffling_costs_those_who_read_the_order(by_order):
    works = as_artworks(pd.DataFrame({Cols.artwork_id: [f"w{i:02d}" for i in range(30)], Cols.title: "T"}))
    rows = [(f"u{u}", f"w{u % 20 + i:02d}") for u in range(40) for i in range(5)] + [("short", "w00"), ("short", "w01")]
    events = pd.DataFrame(rows, columns=PAIR).assign(event="like", event_id=range(len(rows)))
    events[Cols.ts] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(range(len(rows)), unit="min")
    test = pd.DataFrame([(f"u{u}", f"w{u % 20 + 5:02d}") for u in range(40)] + [("short", "w02")], columns=PAIR)
    users = as_users(events[[Cols.user_id]].drop_duplicates())
    model = Recommender(Next(by_order), catalogue_steps).fit(works, users, as_events(events))
    found = order_matters(model, test)
    assert found.loc["in order", "ndcg@10"] == 1 and found["users"].tolist() == [40, 40]
    if by_order:
        assert found.loc["shuffled", "high"] < -0.2 and found.loc["shuffled", "p"] < 0.01
    else:
        assert found.loc["shuffled", "difference"] == 0 and found.loc["shuffled", "p"] == 1
    assert order_matters(model, test[test[Cols.user_id] == "short"]).empty

"""A log without enough likes is refused before the training, in words."""

import pandas as pd
import pytest

from art_recsys.config import UserError
from art_recsys.core import as_events
from art_recsys.models.sequences import check_likes


def log(kinds, hours):
    rows = [
        (f"e{i}", f"u{i}", "w", k, pd.Timestamp("2026-01-01") + pd.Timedelta(hours=h))
        for i, (k, h) in enumerate(zip(kinds, hours, strict=True))
    ]
    return as_events(pd.DataFrame(rows, columns=["event_id", "user_id", "artwork_id", "event", "ts"]))


@pytest.mark.parametrize(
    "kinds, hours, words",
    [
        (["impression"] * 3, range(3), "3 x impression"),
        (["unlike"] * 3, range(3), "3 x unlike"),
        (["hide"] * 2, range(2), "2 x hide"),
        ([], [], "none at all"),
        (["like"], [0], "1 like at one time, 2026-01-01 00:00:00 UTC"),
        (["like"] * 5, [0] * 5, "5 likes at one time"),
        (["click"] * 5, [0] * 5, "5 likes at one time"),
    ],
)
def test_a_log_that_teaches_nothing_is_said_to(kinds, hours, words):
    with pytest.raises(UserError) as e:
        check_likes(log(kinds, hours))
    assert words in e.value.what and "--events" in e.value.remedy


@pytest.mark.parametrize("kinds", [["like", "like"], ["click", "click"], ["impression", "click", "click"]])
def test_two_times_are_enough(kinds):
    check_likes(log(kinds, range(len(kinds))))

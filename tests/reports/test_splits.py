"""The last-like split keeps an instant whole and tells no user's future to the same user; two splits side by side."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import UserError
from art_recsys.core import EVENT_COLS, Cols, Event, as_events, positives
from art_recsys.evaluation import evaluate_split
from art_recsys.recommendation import make_recommenders
from art_recsys.reports.splits import last_like_split, not_enough, same_order, side_by_side
from tests.small_frames import PAIR, frames


def log(*rows):
    "Events `(user, artwork, kind, second)`"
    return as_events(pd.DataFrame([(str(i), *r) for i, r in enumerate(rows)], columns=EVENT_COLS[:5]))


def pairs(df):
    return sorted(map(tuple, df[PAIR].to_numpy()))


def test_the_last_instant_is_held_out_whole():
    events = log(
        ("ann", "a", Event.like, 1),
        ("ann", "d", Event.impression, 2),  # of the page on which d is liked
        ("ann", "b", Event.like, 2),
        ("ann", "c", Event.like, 9),
        ("ann", "d", Event.like, 9),  # the same instant
        ("ann", "a", Event.unlike, 10),  # a stands no longer, but the model may not know that at 9
        ("bob", "a", Event.like, 3),  # one like
        ("cleo", "a", Event.like, 5),
        ("cleo", "b", Event.like, 5),  # two likes, one instant
        ("dan", "a", Event.like, 1),
        ("dan", "b", Event.like, 50),
        ("dan", "c", Event.click, 51),
    )
    train, test = last_like_split(events)
    assert pairs(test) == [("ann", "c"), ("ann", "d"), ("dan", "b")]
    assert pairs(positives(train)) == [
        ("ann", "a"),
        ("ann", "b"),
        ("bob", "a"),
        ("cleo", "a"),
        ("cleo", "b"),
        ("dan", "a"),
    ]
    assert not set(pairs(train)) & set(pairs(test)), "an impression or a click of a test positive"
    assert ("dan", "c") not in pairs(train)


@pytest.mark.parametrize("seed", range(4))
def test_no_user_learns_from_their_own_last_instant_on(seed):
    events = as_events(frames(40, 15, 900, seed)[2])
    events[Cols.ts] = events[Cols.ts].dt.floor("12h")  # many at one time
    train, test = last_like_split(events)
    cut = test.groupby(Cols.user_id)[Cols.ts].agg(["min", "max"])
    assert (cut["min"] == cut["max"]).all()
    mine = train[train[Cols.user_id].isin(cut.index)]
    assert (mine[Cols.ts] < mine[Cols.user_id].map(cut["min"])).all()
    assert train[Cols.ts].max() > cut["min"].min()  # and yet the future of others is there
    again = last_like_split(as_events(frames(40, 15, 900, seed)[2].sample(frac=1, random_state=1).assign()))[1]
    assert pairs(again) == pairs(last_like_split(as_events(frames(40, 15, 900, seed)[2]))[1])


@pytest.mark.parametrize(
    "rows,words",
    [
        ([], "There are no likes"),
        ([("ann", "a", Event.like, 1), ("bob", "a", Event.like, 1)], "No user has likes at two different times"),
        ([(f"u{i}", "a", Event.like, i) for i in range(5)], "No user has likes at two different times"),
    ],
)
def test_a_log_without_a_last_like_says_so(rows, words):
    with pytest.raises(UserError, match=words):
        last_like_split(log(*rows))


def test_why_a_log_cannot_be_cut():
    assert "same time" in not_enough(log(*((f"u{i}", "a", Event.like, 7) for i in range(5))), 0.1).what
    assert "not enough" in not_enough(log(("ann", "a", Event.like, 7)), 0.1).what


def test_two_splits_stand_side_by_side():
    works, users, events = frames(60, 40, 1500)
    names = ("random", "popularity", "item_knn", "ease")
    works[Cols.artwork_id], users[Cols.user_id] = works[Cols.artwork_id].astype(str), users[Cols.user_id].astype(str)
    train, test = last_like_split(as_events(events))
    fresh = make_recommenders()
    one = evaluate_split(works, users, train, test, {n: fresh[n] for n in names})
    table = side_by_side({"here": one, "there": one})
    assert list(table.index) == list(table["here mean"].sort_values(ascending=False).index)
    assert (table["here rank"] == table["there rank"]).all() and set(table["here rank"]) <= {1, 2, 3, 4}
    assert table.loc["ease", "here mean"] == pytest.approx(one.metrics["ease"].loc["ndcg@10", "mean"])
    found = same_order(one, one, ("random",))
    assert found["methods"] == 3 and found["tau"] == pytest.approx(1) and found["low"] <= 1
    one.metrics["oracle"] = one.metrics["ease"] * 2  # it has figures and no rank
    assert np.isnan(side_by_side({"here": one})["here rank"]["oracle"])

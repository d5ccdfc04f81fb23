"""Frames, likes, splits and NDCG at their edges; what they are for is shown in nbs/00_core.ipynb."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from ranx import Qrels, Run
from ranx import evaluate as ranx_evaluate

from art_recsys import core
from art_recsys.config import UserError, rng
from art_recsys.core import (
    EVENT_COLS,
    Cols,
    Event,
    as_artworks,
    as_events,
    as_recommendations,
    as_users,
    histories,
    ndcg,
    positives,
    seen,
    split_by_time,
)


def test_artworks_of_every_shape_are_normalised():
    works = as_artworks(
        pd.DataFrame(
            {
                "artwork_id": [1.0, 2.0],
                "title": ["A", "B"],
                "tags": [["x", None], "y"],
                "year_start": ["1900", "n.d."],
                "extra": [1, 2],
            }
        )
    )
    assert works.artwork_id.tolist() == ["1", "2"] and works.tags.tolist() == [["x"], ["y"]]
    assert works.year_start.tolist()[0] == 1900 and np.isnan(works.year_start[1])
    assert works.columns[-1] == "extra" and (works.artist == "").all() and works.palette.tolist() == [[], []]


def test_empty_frames_keep_their_columns():
    events = as_events(pd.DataFrame(columns=EVENT_COLS[:5]))
    assert list(events.columns) == EVENT_COLS and str(events.ts.dtype) == "datetime64[us, UTC]"
    assert positives(events).empty and seen(events).empty and histories(events, 3) == {}
    assert [len(f) for f in split_by_time(events, 0.1)] == [0, 0]


def test_users_are_cleaned_not_guessed():
    report = Counter()
    users = as_users(
        pd.DataFrame({"user_id": ["a", "a", "b", None], "age": [30, 31, -4, 5], "gender": ["female", "M", "x", "F"]}),
        report,
    )
    assert users.user_id.tolist() == ["a", "b"] and users.gender.tolist() == ["F", ""] and np.isnan(users.age[1])
    assert report == {"duplicate user id": 1, "user without an id": 1}


def _events(*rows):
    return as_events(pd.DataFrame([(str(i), *r) for i, r in enumerate(rows)], columns=EVENT_COLS[:5]))


def test_a_like_after_an_unlike_stands_again():
    events = _events(("u", "w", Event.like, 1), ("u", "w", Event.unlike, 2), ("u", "w", Event.like, 3))
    assert len(positives(events)) == 1 and positives(events).ts[0] == pd.Timestamp(3, unit="s", tz="UTC")


def test_clicks_count_only_where_nobody_likes():
    assert len(positives(_events(("u", "w", Event.click, 1)))) == 1
    assert positives(_events(("u", "w", Event.click, 1), ("u", "v", Event.like, 2))).artwork_id.tolist() == ["v"]


def test_no_user_moves_back_in_time_across_the_split():
    gen = rng(1, "split")
    events = _events(
        *((f"u{gen.integers(9)}", f"w{gen.integers(50)}", Event.like, int(gen.integers(10**6))) for _ in range(500))
    )
    early, late = split_by_time(events, 0.2)
    assert early.ts.max() < late.ts.min() and len(early) + len(late) == 500
    assert 0.1 < len(positives(late)) / len(positives(events)) < 0.3


def test_events_at_one_time_stay_on_one_side():
    early, late = split_by_time(_events(*(("u", f"w{i}", Event.like, 7) for i in range(10))), 0.2)
    assert early.empty and len(late) == 10


@pytest.mark.parametrize(
    "times,share,early",
    [
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 9], 0.1, 8),  # the last two are one instant
        ([1, 2, 3, 4, 4, 4, 4, 4, 4, 10], 0.2, 9),  # the cut falls late into an instant: it goes before
        ([1, 2, 3, 4, 4, 4, 4, 4, 4, 10], 0.6, 3),  # and early: it goes after
        ([1, 1, 1, 1, 5], 0.5, 4),  # nothing came before the instant, so it goes before
        ([1, 2, 3, 4], 0.25, 3),
    ],
)
def test_the_cut_never_divides_an_instant_and_stays_near_the_share(times, share, early):
    events = _events(*(("u", f"w{i}", Event.like, t) for i, t in enumerate(times)))
    for log in (events, as_events(events.sample(frac=1, random_state=3))):  # in whatever order the file has them
        before, after = split_by_time(log, share)
        assert len(before) == early and before.ts.max() < after.ts.min()


def test_normalising_twice_changes_nothing():
    events = _events(("u", "w", Event.like, 1), ("u", "v", Event.hide, 2))
    pd.testing.assert_frame_equal(as_events(events), events)
    works = as_artworks(pd.DataFrame({Cols.artwork_id: ["1"], Cols.title: ["A"], Cols.tags: [["x"]]}))
    pd.testing.assert_frame_equal(as_artworks(works), works)


def test_a_missing_column_is_named_with_the_nearest_one():
    with pytest.raises(
        UserError, match=r"have no column title; there are: artwork_id, titel\. Did you mean titel"
    ) as e:
        as_artworks(pd.DataFrame({"artwork_id": ["1"], "titel": ["Dawn"]}))
    assert "--columns" in e.value.remedy


def test_dropped_rows_are_counted_by_reason():
    report = Counter()
    works = as_artworks(
        pd.DataFrame({"artwork_id": [7, 8, 8, 9, None], "title": ["Dawn", "Noon", "Noon again", " ", "Night"]}), report
    )
    assert works.artwork_id.tolist() == ["7", "8"]
    assert report == {"work without an id": 1, "work without a title": 1, "duplicate artwork id": 1}


def test_times_of_every_kind_become_utc():
    rows = [
        ("2026-01-01 10:00", 10),
        ("2026-01-01T10:00:00+02:00", 8),
        ("2026-01-01T10:00:00.5", 10),
        ("2026-01-01", 0),
    ]
    events = as_events(
        pd.DataFrame([(str(i), "u", f"w{i}", "like", t) for i, (t, _) in enumerate(rows)], columns=EVENT_COLS[:5])
    )
    assert dict(zip(events.event_id, events.ts.dt.hour, strict=True)) == {str(i): h for i, (_, h) in enumerate(rows)}
    assert _events(("u", "w", Event.like, 86400)).ts[0] == pd.Timestamp("1970-01-02", tz="UTC")


def test_a_hidden_work_is_seen_but_not_liked_and_no_test_positive():
    events = _events(("u", "w", Event.like, 1), ("u", "w", Event.hide, 2), ("u", "v", Event.like, 3))
    assert positives(events).artwork_id.tolist() == ["v"] and set(seen(events).artwork_id) == {"v", "w"}
    later = pd.DataFrame({Cols.user_id: ["u", "u", "x"], Cols.artwork_id: ["w", "z", "w"]})
    assert core.test_positives(later, events).values.tolist() == [["u", "z"], ["x", "w"]]


def test_histories_are_the_last_likes_oldest_first():
    events = _events(*(("u", f"w{i}", Event.like, i) for i in range(5)))
    assert histories(events, 3) == {"u": ["w2", "w3", "w4"]}


def test_recommendations_drop_what_only_fills_a_row():
    recs = as_recommendations(["ann", "bob"], [["7", "8"], ["8", None]], [[0.9, 0.2], [0.4, -np.inf]])
    assert recs.values.tolist() == [["ann", "7", 0.9, 1], ["ann", "8", 0.2, 2], ["bob", "8", 0.4, 1]]


def test_ndcg_by_hand():
    hits = np.array([[False, True, False, False, True], [True, True, False, False, False], [False] * 5])
    gain = 1 / np.log2([2, 3, 4, 5, 6])
    expected = [(gain[1] + gain[4]) / gain[:3].sum(), 1, 0]
    np.testing.assert_allclose(ndcg(hits, np.array([3, 2, 0]), 5), expected)


@pytest.mark.parametrize("k", [1, 5, 10, 30])
def test_ndcg_is_that_of_ranx(k):
    gen = rng(1, "ndcg", k)
    hits = gen.random((200, 20)) < 0.2
    n_relevant = hits.sum(1) + gen.integers(0, 15, 200)
    hits, n_relevant = hits[n_relevant > 0], n_relevant[n_relevant > 0]
    qrels, run = {}, {}
    for i, (row, n) in enumerate(zip(hits, n_relevant, strict=True)):
        found = {f"w{j}": 1 for j in np.flatnonzero(row)}
        qrels[f"u{i}"] = found | {f"missed{j}": 1 for j in range(n - len(found))}
        run[f"u{i}"] = {f"w{j}": 1.0 - j / 100 for j in range(len(row))}
    theirs = ranx_evaluate(Qrels(qrels), Run(run), f"ndcg@{k}", return_mean=False)
    by_user = dict(zip(sorted(qrels), theirs, strict=True))  # ranx sorts the queries by their ids
    np.testing.assert_allclose(ndcg(hits, n_relevant, k), [by_user[f"u{i}"] for i in range(len(hits))])

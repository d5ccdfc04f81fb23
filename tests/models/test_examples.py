"""Ranking examples: what a user could have been shown, what they liked, and nothing from the future."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import Cols, as_events, ndcg, positives
from art_recsys.models.candidate_sources import SOURCES, ArrivalSource, TowerSource
from art_recsys.models.examples import (
    CandidateLists,
    RankingExamples,
    compare,
    examples_from_impressions,
    examples_from_likes,
    stacked,
)
from art_recsys.models.popularity import PopularityClock
from art_recsys.platform.neighbours import Neighbours


class Tower:
    "Every work is as near as its id says; a fake of what `CandidateLists` asks of a tower"

    history_length = 2
    candidate_ids = np.array([f"w{n}" for n in range(8)], object)
    item_index = {f"w{n}": n for n in range(8)}  # noqa: RUF012

    def profiles_of(self, users):
        return {"row": np.arange(len(users))}

    neighbours = Neighbours(8 - np.arange(8.0)[:, None])  # w0 is the nearest

    def query_vectors(self, histories, users):
        return np.ones((len(histories), 1))


def log():
    rows = [
        ("u", "w1", "like", 1),
        ("u", "w2", "like", 2),
        ("u", "w4", "impression", 10),
        ("u", "w2", "impression", 10),
    ]
    rows += [("u", "w5", "impression", 10), ("u", "w4", "like", 11), ("u", "w6", "like", 20), ("v", "w0", "like", 3)]
    frame = pd.DataFrame(rows, columns=[Cols.user_id, Cols.artwork_id, Cols.event, Cols.ts])
    frame[Cols.ts] *= 86_400
    return as_events(frame.assign(**{Cols.event_id: [str(n) for n in range(len(rows))]}))


CUT = pd.Timestamp("1970-01-06", tz="UTC")  # day 5
WIDTH = 2


def simple(history, q, items, when, bits):
    return np.stack([items, np.full(len(items), when)], 1)


def lists_of(examples, n=100, **kwargs):
    return CandidateLists(Tower(), examples, simple, WIDTH, n, **kwargs)


def test_every_later_like_is_an_example_and_no_history_knows_the_future():
    likes = examples_from_likes(Tower(), positives(log()), CUT)
    assert likes.user == ["u", "u"] and likes.when == [11, 20]
    assert [h.tolist() for h in likes.history] == [[1, 2], [1, 2, 4]]
    assert [i.tolist() for i in likes.liked] == [[4], [6]] and [i.tolist() for i in likes.shown] == [[6], []]


def test_pages_hold_what_was_shown_and_what_came_of_it():
    pages = examples_from_impressions(Tower(), log(), positives(log()), CUT)
    assert len(pages) == 1 and pages.when == [10]
    assert pages.history[0].tolist() == [1, 2] and pages.shown[0].tolist() == [4, 5]  # w2 was liked before: no question
    assert pages.liked[0].tolist() == [4]


def test_one_request_is_one_page():
    events = log()
    events[Cols.request_id] = np.where(events[Cols.artwork_id] == "w5", "b", "a")
    assert len(examples_from_impressions(Tower(), events, positives(events), CUT)) == 2


def test_candidates_are_without_past_and_later_likes():
    lists = lists_of(examples_from_likes(Tower(), positives(log()), CUT), 6)
    assert lists.items[0].tolist() == [0, 3, 4, 5, 7]  # w1, w2 are liked, w6 will be
    assert lists.label[0].tolist() == [0, 0, 1, 0, 0] and lists.items[1].tolist() == [0, 3, 5, 6, 7]
    assert lists.features.shape == (2, 5, WIDTH) and lists.features[1, 0].tolist() == [0, 20]


def test_before_its_arrival_no_artwork_is_a_candidate():
    added = np.array([np.nan, 0, 0, 15, 0, 0, 0, 30])  # w3 comes between the two likes, w7 after both
    lists = lists_of(examples_from_likes(Tower(), positives(log()), CUT), 8, added=added)
    assert lists.items[0].tolist() == [0, 4, 5, -1] and lists.items[1].tolist() == [0, 3, 5, 6]


def test_the_sources_of_a_candidate_are_known_and_a_page_asks_them_too():
    likes = examples_from_likes(Tower(), positives(log()), CUT)
    clock = PopularityClock(np.array([1, 2, 4, 6, 0]), np.array([1.0, 2, 11, 20, 3]), 8)
    sources = [TowerSource(Tower.neighbours), ArrivalSource(clock, Tower.neighbours.vectors)]
    lists = lists_of(likes, 15, sources=sources)
    arrivals = SOURCES.index("arrivals")
    assert lists.items[0].tolist() == [0, 3, 4, 5, 7]  # on day 11 nobody had liked 3, 4, 5 and 7
    assert (lists.bits[0] >> arrivals & 1).tolist() == [0, 1, 1, 1, 1] and (lists.bits[0] & 1).all()
    pages = examples_from_impressions(Tower(), log(), positives(log()), CUT)
    shown = lists_of(pages, 15, sources=sources, as_shown=True)
    assert shown.items.tolist() == [[4, 5]] and (shown.bits & 1).tolist() == [[1, 1]]


def test_lists_as_if_new_are_the_same_lists_with_other_features():
    lists = lists_of(examples_from_likes(Tower(), positives(log()), CUT), 6)
    lists.as_new = lists.features * 0
    new = lists.as_if_new()
    assert not new.features.any() and lists.features.any() and new.items.tolist() == lists.items.tolist()


def test_shorter_lists_are_padded():
    examples = RankingExamples()
    examples.add("u", 1.0, np.array([0]), np.array([2]), np.array([1, 2, 3]))
    examples.add("v", 2.0, np.array([], int), np.array([], int), np.array([5]))
    lists = lists_of(examples, as_shown=True)
    assert lists.items.tolist() == [[1, 2, 3], [5, -1, -1]] and not lists.features[1, 1:].any()
    f, y = stacked([lists, lists])
    assert y.tolist() == [[0, 1, 0]] * 2 and f.shape == (2, 3, WIDTH)  # the second has nothing to tell apart
    assert len(lists.part(np.array([False, True]))) == 1


def test_the_latest_in_order_of_time():
    examples = RankingExamples()
    for when in (3.0, 1.0, 2.0):
        examples.add("u", when, [], [], [])
    assert examples.latest(2).when == [2, 3] and len(examples.latest(9)) == 3


def test_ndcg_per_list_and_per_user():
    examples = RankingExamples()
    for user, liked in (("a", [1]), ("a", [0]), ("b", []), ("c", [0, 2])):
        examples.add(user, 1.0, np.zeros(0, int), np.array(liked, int), np.array([0, 1, 2]))
    lists = lists_of(examples, as_shown=True)
    score = np.array([[0.9, 0.5, 0.1]] * 4)
    two = float(ndcg(np.array([[True, False, True]]), np.array([2]))[0])
    assert lists.ndcg(score).tolist() == pytest.approx([1 / np.log2(3), 1, 0, two])  # no like: 0, never NaN
    assert lists.ndcg(score, k=1).tolist() == [0, 1, 0, 1]
    assert lists.user_ndcg(score).to_dict() == pytest.approx({"a": (1 / np.log2(3) + 1) / 2, "b": 0, "c": two})
    assert lists.ndcg(np.zeros((4, 3))).tolist() == pytest.approx(lists.ndcg(score).tolist())  # ties keep the order
    table = compare(lists, {"retrieval": score, "other": -score})
    assert (
        table.loc["retrieval", "minus retrieval"] == 0
        and table.loc["other", "NDCG@10"] < table.loc["retrieval", "NDCG@10"]
    )


def test_no_examples():
    lists = lists_of(RankingExamples())
    assert len(lists) == 0 and len(lists.user_ndcg(np.zeros(lists.items.shape))) == 0
    assert len(stacked([lists, lists])[0]) == 0

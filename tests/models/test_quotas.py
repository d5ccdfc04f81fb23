"""Quotas of the sources: places go to the sources that find what no other finds."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import Cols
from art_recsys.models import quotas as module
from art_recsys.models.candidate_sources import QUOTAS
from art_recsys.models.queries import Queries
from art_recsys.models.quotas import chosen_quotas, learned_quotas, ranks_of

INF, N = np.inf, 200


class Fixed:
    "A source that answers every query with the same list"

    def __init__(self, name, items):
        self.name, self.items = name, np.array(items)

    def __call__(self, queries, n):
        return [self.items[:n]] * len(queries)


def test_ranks_are_those_of_the_lists():
    sources = [Fixed("towers", [5, 6, 7]), Fixed("artist", [9, 5])]
    queries = Queries([[1], [2]], np.ones((2, 3)), None, [np.zeros(0, int)] * 2, [0.0, 0.0])
    ranks = ranks_of(sources, queries, [np.array([5, 9]), np.array([7])], 2)
    assert ranks.tolist() == [[0, 1], [INF, 0], [INF, INF]]  # only two were asked for
    assert ranks_of(sources, queries, [np.zeros(0, int)] * 2, 2).shape == (0, 2)


def test_a_source_that_finds_only_what_others_find_gets_nothing():
    ranks = np.array([[0, 0, INF], [1, 1, INF], [INF, 2, INF], [INF, INF, 8]])
    shares = chosen_quotas(ranks, np.ones(4), 100)
    assert shares[0] == 0 and shares[1] > 0 and shares[2] > 0 and np.isclose(shares.sum(), 1)
    assert chosen_quotas(np.full((3, 2), INF), np.ones(3), 100).tolist() == [0, 0]
    assert chosen_quotas(np.zeros((0, 2)), np.zeros(0), 100).tolist() == [0, 0]


def test_a_source_whose_finds_come_late_is_not_overlooked():
    ranks = np.array([[0, INF]] + [[INF, 30.0]] * 5)
    shares = chosen_quotas(ranks, np.ones(6), 50)
    assert shares[0] > 0 and shares[1] * 50 > 30


def test_weights_decide_between_sources_for_which_there_is_not_enough_room():
    ranks = np.array([[90, INF], [INF, 90]])
    assert chosen_quotas(ranks, np.array([2.0, 1]), 100).argmax() == 0
    assert chosen_quotas(ranks, np.array([1.0, 2]), 100).argmax() == 1


CUT = pd.Timestamp("2024-01-01", tz="UTC")


def log(early, late):
    "Events: the early ones in the hours before `CUT`, the late ones after it"
    rows = pd.DataFrame([*early, *late], columns=[Cols.user_id, Cols.artwork_id])
    hours = [*range(-len(early), 0), *range(1, len(late) + 1)]
    ts = CUT + pd.to_timedelta(np.array(hours, int), unit="h")
    return rows.assign(**{Cols.event_id: rows.index.astype(str), Cols.event: "like", Cols.ts: ts})


def tower(n=N):
    ids = np.array([f"w{i}" for i in range(n)], object)
    return SimpleNamespace(
        candidate_ids=ids,
        item_index={a: i for i, a in enumerate(ids)},
        profiles_of=lambda users: None,
        query_vectors=lambda histories, profiles: np.ones((len(histories), 3)),
    )


def held_out(users=60):
    "Everybody liked w0; half of them will like w7, the others w9"
    names = [f"u{n}" for n in range(users)]
    return [(u, "w0") for u in names], [(u, f"w{7 + 2 * (n % 2)}") for n, u in enumerate(names)]


def sources():
    return [Fixed("towers", range(100, 180)), Fixed("artist", [7]), Fixed("popular", [9]), Fixed("arrivals", [1])]


def test_quotas_follow_the_later_likes_and_arrivals_keep_theirs():
    found = learned_quotas(tower(), sources(), log(*held_out()), CUT, 50, 1)
    usual = {s: QUOTAS[s] / sum(QUOTAS[s.name] for s in sources()) for s in found}
    assert found["artist"] > usual["artist"] and found["popular"] > 5 * usual["popular"]
    assert 0 < found["towers"] < usual["towers"]  # every source is still heard
    assert found["arrivals"] >= QUOTAS["arrivals"]
    assert found == learned_quotas(tower(), sources(), log(*held_out()), CUT, 50, 1)


@pytest.mark.parametrize(
    "early,late,n",
    [
        (*held_out(module.LEAST - 1), 50),  # few users
        ([], held_out()[1], 50),  # nobody with an earlier like
        (held_out()[0], [], 50),  # no later like
        (held_out()[0], held_out()[0], 50),  # the later likes are of the same works
        (*held_out(), N),  # the whole catalogue are candidates
        (held_out()[0], [(f"u{n}", "w190") for n in range(60)], 50),  # no source finds one
    ],
    ids=["few", "no early", "no late", "again", "whole catalogue", "none found"],
)
def test_where_nothing_can_be_learned_the_usual_quotas_stay(early, late, n):
    assert learned_quotas(tower(), sources(), log(early, late), CUT, n, 1) is None


def test_a_later_like_of_a_work_without_an_earlier_user_counts_nothing():
    early, late = held_out()
    more = [(f"new{n}", "w150") for n in range(500)]  # they had no like before the cut
    with_others = learned_quotas(tower(), sources(), log(early, [*late, *more]), CUT, 50, 1)
    assert with_others == learned_quotas(tower(), sources(), log(early, late), CUT, 50, 1)

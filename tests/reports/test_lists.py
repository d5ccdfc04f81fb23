"""What lists are like, and whom and what nobody has met."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import Cols, as_artworks, as_events, as_users
from art_recsys.evaluation import hold_out
from art_recsys.measures.hits import per_user
from art_recsys.models.requests import KnownUsers
from art_recsys.recommendation import make_recommenders
from art_recsys.reports import newcomers
from art_recsys.reports.lists import ListMetrics, exposure
from art_recsys.reports.newcomers import KNOWN_LIKES, cold_split, cold_start
from art_recsys.reports.result import popularity_segments
from tests.small_frames import PAIR, frames


def test_lists_are_measured_as_the_words_say():
    r = np.random.default_rng(2)
    v = r.normal(size=(12, 8))
    v[4] = 0  # a work without a text
    works = pd.DataFrame(
        {
            Cols.artwork_id: [f"w{i}" for i in range(12)],
            Cols.title: "x",
            "text_embedding": list(v),
            Cols.palette: [["#aa2200", "#113377"], [], *[["#113377"]] * 10],
        }
    )
    works = as_artworks(works)
    log = pd.DataFrame(
        [(f"u{u}", f"w{i}") for u in range(9) for i in range(u)], columns=PAIR
    )  # w0 has 8 likes, w7 one, w8 none
    lists = ListMetrics(works, log)
    recs = pd.DataFrame(
        [(u, f"w{i}", 0.0, n + 1) for u, ids in (("a", [0, 4, 7, 9]), ("b", [1, 2, 3, 8])) for n, i in enumerate(ids)],
        columns=[*PAIR, Cols.score, Cols.rank],
    )
    found = lists(recs, 3)
    unit = v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12)
    for user, ids in (("a", [0, 4, 7]), ("b", [1, 2, 3])):
        cos = np.mean([unit[i] @ unit[j] for i in ids for j in ids if i != j])
        assert found.loc[user, "diversity@3"] == pytest.approx(1 - cos, abs=1e-6)
        likes = np.array([8 - i if i < 8 else 0 for i in ids])
        assert found.loc[user, "novelty@3"] == pytest.approx(-np.log2((likes + 1) / 9).mean())
        assert found.loc[user, "popularity@3"] == pytest.approx(
            np.mean([(11.5 - i) / 12 if i < 8 else 2 / 12 for i in ids])
        )
    artist = pd.Series(["", "", *["Ines"] * 5, *["Otto"] * 5], index=works[Cols.artwork_id])
    shared = exposure(recs, artist, 3)
    assert shared["coverage@3"] == 0.5
    counts = np.array([0] * 6 + [1] * 6)
    gini = np.abs(counts[:, None] - counts).sum() / (2 * 12 * counts.sum())  # half the relative mean difference
    assert shared["gini@3"] == pytest.approx(gini)
    assert shared["artist_gini@3"] == pytest.approx(0.25)  # three ranks for the works of Ines, one for those of Otto
    assert exposure(recs, artist * 0, 3)["artist_gini@3"] == 0  # nobody knows any artist


def test_head_tail_and_new_are_cut_by_likes():
    log = pd.DataFrame([("u", "a")] * 5 + [("u", "b")] * 3 + [("u", "c")] * 2, columns=PAIR)
    assert popularity_segments(["c", "x", "b", "a"], log).to_dict() == {
        "a": "head works",
        "b": "tail works",
        "c": "tail works",
        "x": "new works",
    }


def test_nothing_of_newcomers_and_new_works_is_learned_and_fewer_likes_tell_less(monkeypatch):
    works, users, events = frames(n_works=80, n_users=60, n_events=5000)
    works, users, events = as_artworks(works), as_users(users), as_events(events)
    train, test = hold_out(events, 0.2)
    cold = cold_split(works, train, test, share=0.2)
    assert len(cold.newcomers) and len(cold.new_works)
    users_out, new = set(cold.newcomers[Cols.user_id]), set(cold.new_works[Cols.artwork_id])
    assert not users_out & set(cold.train[Cols.user_id]) and not new & set(cold.train[Cols.artwork_id])
    assert not users_out & set(cold.new_works[Cols.user_id]) and not new & set(cold.newcomers[Cols.artwork_id])
    assert users_out <= set(cold.history[Cols.user_id])
    asked, real = [], newcomers.newcomer_lists
    monkeypatch.setattr(
        newcomers, "newcomer_lists", lambda model, cold, known, n, k: asked.append(n) or real(model, cold, known, n, k)
    )
    fresh = make_recommenders()
    found = cold_start(works, users, cold, {n: fresh[n] for n in ("popularity", "item_knn", "ease")}, per_user)
    assert asked == [*KNOWN_LIKES, None] * 3
    known = KnownUsers(users, cold.history)
    assert all(len(known.request(u)["history"]) >= KNOWN_LIKES[-1] for u in users_out)
    rows = found["popularity"]
    assert rows.loc["0 likes"].equals(rows.loc["all likes"]) and rows.loc["all likes", "share"] == 1
    assert rows.loc["5 likes", "users"] == len(users_out)
    assert found["ease"].loc["0 likes", "mean"] == pytest.approx(
        rows.loc["0 likes", "mean"]
    )  # who likes nothing gets what is popular
    assert found["ease"].loc["new works", "mean"] == 0

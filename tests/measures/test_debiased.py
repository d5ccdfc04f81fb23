"""Debiased metrics: the sums by hand, the plain metrics where popularity does not count, and unknown artworks."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.measures.debiased import debiased, effective, inverse_propensity
from art_recsys.measures.hits import per_user
from tests.small_frames import PAIR


def random_lists(seed=5, users=60):
    "Lists of up to 25 works, up to 8 test positives, some of which are never recommended"
    r = np.random.default_rng(seed)
    recs = [(f"u{u}", f"w{i}") for u in range(users) for i in r.permutation(40)[: r.integers(0, 25)]]
    test = [(f"u{u}", f"w{i}") for u in range(users) for i in r.permutation(60)[: r.integers(1, 9)]]
    likes = pd.Series(r.integers(0, 30, 60), [f"w{i}" for i in range(60)])
    return pd.DataFrame(recs, columns=PAIR), pd.DataFrame(test, columns=PAIR), likes


def test_weights_are_a_power_of_the_likes():
    likes = pd.Series([0, 1, 4, 16], list("abcd"))
    assert inverse_propensity(likes, 1).tolist() == [1, 1, 1 / 4, 1 / 16]
    assert inverse_propensity(likes, 0).tolist() == [1, 1, 1 / 2, 1 / 4]
    assert inverse_propensity(likes, -1).tolist() == [1, 1, 1, 1]
    with pytest.raises(ValueError, match="gamma"):
        inverse_propensity(likes, -2)
    test = pd.DataFrame({"user_id": "u", "artwork_id": list("abc")})
    assert effective(test, pd.Series(1.0, list("abc"))) == 3
    assert effective(test, pd.Series([1.0, 0.0, 0.0], list("abc"))) == 1


@pytest.mark.parametrize("k", [3, 10])
def test_equal_weights_give_the_plain_metrics(k):
    recs, test, likes = random_lists()
    found = debiased(recs, test, inverse_propensity(likes, -1), k)
    plain = per_user(recs, test, [f"ndcg@{k}", f"recall@{k}"])
    assert list(found.index) == list(plain.index)
    assert found[f"ndcg_ips@{k}"].tolist() == pytest.approx(plain[f"ndcg@{k}"].tolist())
    assert found[f"recall_ips@{k}"].tolist() == pytest.approx(plain[f"recall@{k}"].tolist())


def test_metrics_agree_with_the_sums():
    recs, test, likes = random_lists(7)
    weights, k = inverse_propensity(likes, 1.5), 10
    found = debiased(recs, test, weights, k)
    part = whole = 0.0
    for user, row in found.iterrows():
        ranked, wanted = (df.loc[df["user_id"] == user, "artwork_id"].tolist() for df in (recs, test))
        got = [(rank, weights[a]) for rank, a in enumerate(ranked[:k], 1) if a in wanted]
        best = sorted(weights[wanted], reverse=True)[:k]
        ideal = sum(w / np.log2(r + 1) for r, w in enumerate(best, 1))
        assert row[f"ndcg_ips@{k}"] == pytest.approx(sum(w / np.log2(r + 1) for r, w in got) / ideal)
        assert row[f"recall_ips@{k}"] == pytest.approx(sum(w for _, w in got) / weights[wanted].sum())
        part, whole = part + sum(w for _, w in got), whole + weights[wanted].sum()
    assert found[f"recall_strata@{k}"].mean() == pytest.approx(part / whole)


def test_a_hit_on_a_famous_work_is_worth_less():
    test = pd.DataFrame([("u", "famous"), ("u", "unknown"), ("v", "famous")], columns=PAIR)
    weights = inverse_propensity(pd.Series({"famous": 100, "unknown": 1}))
    for shown, recall in (("famous", 0.01 / 1.01), ("unknown", 1 / 1.01)):
        found = debiased(pd.DataFrame([("u", shown), ("stranger", shown)], columns=PAIR), test, weights, 1)
        assert found.loc["u", "recall_ips@1"] == pytest.approx(recall) and found.loc["v", "recall_ips@1"] == 0
    nothing = debiased(pd.DataFrame([], columns=PAIR), test, weights, 5)
    assert (nothing == 0).all(axis=None)
    strange = debiased(pd.DataFrame([("u", "x")], columns=PAIR), pd.DataFrame([("u", "x")], columns=PAIR), weights, 5)
    assert strange["ndcg_ips@5"].tolist() == [1]  # nobody knows its likes: it counts as one with a single like

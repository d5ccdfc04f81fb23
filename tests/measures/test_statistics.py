"""Intervals and tests over users."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test, ttest_rel

from art_recsys.measures.statistics import holm, intervals, kendall_interval, ratio_interval, sign_flip_p


def test_interval_holds_the_mean_and_shrinks_with_more_users():
    r = np.random.default_rng(0)
    few, many = (intervals(pd.DataFrame({"m": r.random(n)}), seed=1).loc["m"] for n in (50, 5000))
    for i in (few, many):
        assert i["low"] < i["mean"] < i["high"]
    assert many["high"] - many["low"] < (few["high"] - few["low"]) / 5
    same = intervals(pd.DataFrame({"m": [0.5] * 10})).loc["m"]
    assert same.tolist() == [0.5] * 3
    assert intervals(pd.DataFrame({"m": [0.25]})).loc["m"].tolist() == [0.25] * 3


def test_holm_is_the_step_down_rule():
    p = np.array([0.04, 0.001, 0.5, 0.02])
    assert holm(p) == pytest.approx([0.08, 0.004, 0.5, 0.06])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1, 1]) and len(holm(np.zeros(0))) == 0


def test_a_share_is_of_means_and_holds_its_value():
    r = np.random.default_rng(1)
    whole = r.random(300)
    found = ratio_interval(whole * 0.8, whole)
    assert [found[k] for k in ("share", "share_low", "share_high")] == pytest.approx([0.8] * 3)
    found = ratio_interval(whole * r.random(300), whole)
    assert found["share_low"] < found["share"] < found["share_high"]


def test_the_sign_flip_test_finds_what_is_there_and_nothing_else():
    r = np.random.default_rng(0)
    luck = [sign_flip_p(np.random.default_rng(n).normal(size=150), draws=500) for n in range(40)]
    assert (
        0.2 < np.mean(np.array(luck) < 0.5) < 0.8 and np.mean(np.array(luck) < 0.05) < 0.2
    )  # p-values of equals are even
    assert sign_flip_p(r.normal(0.5, 1, 150)) < 0.001 and sign_flip_p(np.zeros(20)) == 1 and sign_flip_p([0.3]) == 1
    d = r.normal(-0.02, 0.1, 30)
    assert sign_flip_p(d, "less") == sign_flip_p(d, "less")  # the same draws for the same seed
    assert sign_flip_p(d, "less") == pytest.approx(ttest_rel(d, np.zeros(30), alternative="less").pvalue, abs=0.03)
    assert sign_flip_p([-0.1, -0.2, -0.1, -0.3], "less") == 1 / 16  # exact: one case of sixteen


def test_the_sign_flip_test_agrees_with_scipy():
    r = np.random.default_rng(3)
    for d in (r.normal(0.3, 1, 8), r.normal(-0.2, 1, 60)):
        for alternative in ("two-sided", "less", "greater"):
            theirs = permutation_test(
                (d,), np.mean, permutation_type="samples", alternative=alternative, n_resamples=9999, rng=1
            ).pvalue
            assert sign_flip_p(d, alternative) == pytest.approx(theirs, abs=0.015), alternative


def test_kendalls_tau_has_an_interval_over_users():
    r = np.random.default_rng(0)
    skill = np.arange(6) / 10
    clear = pd.DataFrame(skill + r.normal(0, 0.1, (400, 6)))
    found = kendall_interval(clear, pd.DataFrame(skill + r.normal(0, 0.1, (300, 6))))
    assert found["methods"] == 6 and found["low"] == found["high"] == 1 == pytest.approx(found["tau"])
    turned = kendall_interval(clear, pd.DataFrame(-skill + r.normal(0, 0.1, (300, 6))))
    assert turned["high"] == -1 == pytest.approx(turned["tau"]) and turned["p"] == pytest.approx(2 / 720)
    noise = pd.DataFrame(r.normal(0, 1, (30, 6)))
    unsure = kendall_interval(clear, noise)
    assert unsure["low"] < unsure["tau"] < unsure["high"] and unsure["high"] - unsure["low"] > 0.4
    assert kendall_interval(clear, noise) == unsure  # the same seed, the same draws
    assert kendall_interval(clear[[0, 1]], noise[[0, 1]]) == {"methods": 2}
    with pytest.raises(ValueError, match="same columns"):
        kendall_interval(clear, noise[[1, 0, 2, 3, 4, 5]])

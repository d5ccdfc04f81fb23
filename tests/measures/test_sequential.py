"The confidence sequence: its formula, its false alarms at any look, and its power, on invented visitors"

import numpy as np
import pytest

from art_recsys.measures.sequential import Sums, bound, detectable, excess, lift, sums_of, visitors_needed


def visitors(r, runs, n, rate=0.1, gain=1.0):
    "Impressions and likes of visitors who differ: a keen one likes three times as much as the mean"
    pages = 12 * r.geometric(0.5, (runs, n))
    own = np.minimum(1, rate * gain * r.gamma(2, 0.5, (runs, n)))
    return pages, r.binomial(pages, own)


def running(x, y):
    "The sums after each visitor"
    return Sums(np.arange(1, x.shape[1] + 1), *(np.cumsum(v, 1) for v in (x, y, x * x, x * y, y * y)))


def at(sums, looks):
    return Sums(*(np.broadcast_to(v, sums.x.shape)[:, looks] for v in sums))


def test_the_sums_give_the_rate_and_the_variance_of_the_visitors():
    x, y = np.array([10.0, 20, 5, 8]), np.array([1.0, 6, 0, 2])
    s = sums_of(x, y)
    assert s.rate == pytest.approx(9 / 43)
    residuals = y - s.rate * x
    assert s.variance == pytest.approx((residuals**2).sum() / 43**2 * 4 / 3)
    r = np.random.default_rng(1)  # and that variance is the one that repeated samples have
    many = sums_of(*visitors(r, 2000, 300))
    assert many.rate.std() == pytest.approx(np.sqrt(many.variance.mean()), rel=0.06)


def test_the_bound_is_robbins_mixture():
    "At every look it solves for the threshold: the mixture martingale is 1/alpha there"
    alpha, plan = 0.05, 500.0
    rho2 = (-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / plan
    for n in (10, 500, 10_000):
        z = float(bound(n, alpha, plan))
        assert np.log((n * rho2 + 1) ** -0.5) + z**2 * n * rho2 / (2 * (n * rho2 + 1)) == pytest.approx(-np.log(alpha))
    narrow = [float(bound(n, alpha, plan)) for n in (50, 500, 5000)]
    assert min(narrow) == narrow[1] > 1.96


def test_equal_arms_raise_few_alarms_at_any_look_and_a_t_test_many():
    r, runs, n = np.random.default_rng(2), 300, 3000
    a, b = (running(*visitors(r, runs, n)) for _ in "ab")
    looks = np.arange(99, n, 25)
    found = lift(at(a, looks), at(b, looks), plan=2000)
    assert ((found.low > 0) | (found.high < 0)).any(1).mean() <= 0.05
    error = np.sqrt(sum(at(s, looks).variance / at(s, looks).rate ** 2 for s in (a, b)))
    peeked = np.abs(np.log1p(found.value)) > 1.96 * error
    assert peeked.any(1).mean() > 0.2 and peeked[:, -1].mean() < 0.1


def test_visitors_needed_find_a_tenth_more_likes():
    r = np.random.default_rng(3)
    n = visitors_needed(sums_of(*(v[0] for v in visitors(r, 1, 20_000))), 0.1)
    a, b = (sums_of(*visitors(r, 200, n // 2, gain=g)) for g in (1.0, 1.1))
    assert 0.72 <= (lift(a, b, plan=n).low > 0).mean() <= 0.9
    one = [Sums(*(v[0] for v in s)) for s in (a, b)]
    assert detectable(*one, plan=n) == pytest.approx(0.1, abs=0.03)


def test_too_early_is_no_interval_and_nothing_divides_by_zero():
    few = sums_of([12, 12], [1, 0])
    none = sums_of(np.full(200, 12), np.zeros(200))
    for a, b in ((few, few), (none, none), (none, few), (Sums(*[0.0] * 6), Sums(*[0.0] * 6))):
        found = lift(a, b)
        assert np.isnan(found.low) and np.isnan(found.high)


def test_a_guardrail_is_crossed_beyond_chance_only():
    r = np.random.default_rng(4)
    few, many = (sums_of(np.full(400, 24), r.binomial(24, p, 400)) for p in (0.02, 0.05))
    assert excess(many, 1.5, few)[1] > 0 > excess(few, 1.5, few)[1]
    assert excess(many, 0.01)[1] > 0 > excess(few, 0.03)[1]
    none = sums_of(np.full(400, 24), np.zeros(400))
    assert excess(many, 1.5, none)[1] > 0  # where arm A has none, there is still an answer
    assert excess(sums_of([24], [3]), 1.5, few)[1] == -np.inf
    calm = [excess(sums_of(np.full(400, 24), r.binomial(24, 0.03, 400)), 0.03)[1] > 0 for _ in range(200)]
    assert np.mean(calm) < 0.05

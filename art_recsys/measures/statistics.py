"""Intervals and tests over users: the 95 % bootstrap, the paired sign-flip test and its power, Holm's correction,
and whether two tables of users rank recommenders alike."""

from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import bootstrap, chi2, kendalltau, norm

from art_recsys.config import rng

__all__ = ["holm", "intervals", "kendall_interval", "paired_power", "ratio_interval", "sign_flip_p", "users_for"]


def intervals(
    values: pd.DataFrame,  # one row per user, one column per metric
    seed: int = 42,  # the same seed draws the same users
    draws: int = 1000,  # bootstrap samples
) -> pd.DataFrame:  # one row per metric: `mean, low, high`
    "Means and their 95 % percentile bootstrap intervals over users (Efron and Tibshirani, 1993)"
    v = values.to_numpy(float)
    low = high = mean = v.mean(axis=0)
    if len(v) > 1:
        found = bootstrap(
            (v,), np.mean, axis=0, n_resamples=draws, batch=50, method="percentile", rng=rng(seed, "bootstrap")
        )
        low, high = found.confidence_interval
    return pd.DataFrame({"mean": mean, "low": low, "high": high}, index=values.columns)


def ratio_interval(
    part: np.ndarray,  # one value per user
    whole: np.ndarray,  # of the same users
    seed: int = 42,  # of the resamples
    draws: int = 1000,  # resamples of the users
) -> dict[str, float]:  # `share, share_low, share_high`
    "The ratio of two means, with its 95 % bootstrap interval"

    def ratio(a: np.ndarray, b: np.ndarray, axis: int = -1) -> np.ndarray:
        return a.mean(axis=axis) / np.maximum(b.mean(axis=axis), 1e-12)

    value = low = high = ratio(part, whole)
    if len(part) > 1:
        found = bootstrap(
            (part, whole),
            ratio,
            paired=True,
            vectorized=True,
            n_resamples=draws,
            batch=50,
            method="percentile",
            rng=rng(seed, "bootstrap"),
        )
        low, high = found.confidence_interval
    return {"share": float(value), "share_low": float(low), "share_high": float(high)}


def sign_flip_p(
    differences: np.ndarray,  # one per user, for example the NDCG of one recommender minus that of another
    alternative: Literal["two-sided", "less", "greater"] = "two-sided",  # `less`: the mean is below zero
    seed: int = 42,  # of the draws, where there are too many users to go through all signs
    draws: int = 10_000,  # at most; where there are no more combinations of signs than this, all are tried
) -> float:
    """How often random signs make the mean difference as extreme as it is: the paired randomisation test.

    Fisher, The design of experiments, 1935. With fewer than 14 users all signs are gone through, and the p-value is
    exact.
    """
    d = np.asarray(differences, float)
    n = len(d)
    if n < 2 or not d.any():
        return 1.0
    exact = 2**n <= draws
    r = rng(seed, "sign flips")
    flips = np.arange(2**n)[:, None] >> np.arange(n) & 1 if exact else r.integers(0, 2, (draws, n), dtype=np.int8)
    means = d.mean() - 2 / n * (flips @ d)  # a flipped sign takes twice the difference away
    # One rounding error must not make the observed mean less extreme than itself.
    slack = 1e-12 * abs(d).max()
    less, greater = (float(np.sum(means <= d.mean() + slack)), float(np.sum(means >= d.mean() - slack)))
    more = 0 if exact else 1  # the observed signs are one of the draws (Phipson and Smyth, 2010)
    p_less, p_greater = (less + more) / (len(means) + more), (greater + more) / (len(means) + more)
    if alternative == "two-sided":
        return min(1.0, 2 * min(p_less, p_greater))
    return p_less if alternative == "less" else p_greater


def _spread(differences: np.ndarray) -> float:
    "The upper 80 % confidence limit of the standard deviation: a few users may be alike by chance"
    d = np.asarray(differences, float)
    return float(d.std(ddof=1) * np.sqrt((len(d) - 1) / chi2.ppf(0.2, len(d) - 1))) if len(d) > 1 else np.inf


def paired_power(
    differences: np.ndarray,  # one per user; what counts is how much they vary
    loss: float,  # the true mean loss, as a positive number
    level: float = 0.1,  # of the one-sided test
) -> float:  # 0 to 1
    "The probability that a paired one-sided test over these many users shows a loss (by the normal distribution)"
    spread = _spread(differences)
    if not np.isfinite(spread):
        return 0.0
    return float(norm.cdf(loss * np.sqrt(len(differences)) / max(spread, 1e-12) - norm.ppf(1 - level)))


def users_for(
    differences: np.ndarray,  # one per user; what counts is how much they vary
    loss: float,  # the true mean loss, as a positive number
    level: float = 0.1,  # of the one-sided test
    power: float = 0.8,  # the probability with which the test is to show it
) -> int | None:  # None where nobody knows: fewer than two users, or a loss of nothing
    "How many users such a test needs"
    spread = _spread(differences)
    if not np.isfinite(spread) or loss <= 0:
        return None
    return int(np.ceil(((norm.ppf(1 - level) + norm.ppf(power)) * spread / loss) ** 2))


def holm(p: np.ndarray) -> np.ndarray:  # same order as `p`, 1 at most
    "The p-values `p` of a family of tests, raised so that each bounds the chance of any false alarm (Holm, 1979)"
    p = np.asarray(p, float)
    order = np.argsort(p, kind="stable")
    out = np.empty(len(p))
    out[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return out


def kendall_interval(
    one: pd.DataFrame,  # one row per user, one column per recommender
    other: pd.DataFrame,  # the same columns; other users, or the same ones asked about other artworks
    seed: int = 42,  # of the bootstrap
    draws: int = 1000,  # bootstrap samples of the users of each
) -> dict[str, float]:  # `methods, tau, low, high, p`
    """Kendall's tau between the orders of the columns by their means, with a 95 % bootstrap interval over users.

    The users of both tables are drawn independently. `p` is the exact p-value over the columns: with few of them it
    cannot be small (tau = 1 has p = .083 for four columns). With fewer than three columns everything but `methods` is
    missing.
    """
    if list(one) != list(other):
        raise ValueError("both tables need the same columns in the same order")
    if len(one.columns) < 3:
        return {"methods": len(one.columns)}
    r, drawn = rng(seed, "kendall"), []
    for values in (one.to_numpy(float), other.to_numpy(float)):
        n = len(values)
        drawn.append(r.multinomial(n, np.full(n, 1 / n), draws) @ values / n)
    i, j = np.triu_indices(len(one.columns), 1)
    signs = np.prod([np.sign(m[:, i] - m[:, j]) for m in drawn], axis=0)
    found, (low, high) = kendalltau(one.mean(), other.mean()), np.quantile(signs.mean(1), [0.025, 0.975])
    values = {"tau": found.statistic, "low": low, "high": high, "p": found.pvalue}
    return {"methods": len(one.columns)} | {k: float(v) for k, v in values.items()}

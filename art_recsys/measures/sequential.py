"""An interval for an experiment that may be looked at at any time, as often as anybody likes.

A t-test that is looked at every day finds a difference between two equal arms sooner or later. A *confidence sequence*
does not: its chance to leave out the true value at any look, all looks together, is at most `alpha`. This one is
Robbins' normal mixture with an estimated variance, the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha,
Kennedy and Ramdas, Time-uniform central limit theory and asymptotic confidence sequences, Annals of Statistics 2024
(https://arxiv.org/abs/2103.06476, theorem 2.2). Its mixture is that of the mSPRT of Johari, Pekelis and Walsh, 2017.

The unit is the visitor. Likes per impression is a ratio of two sums over visitors, and its variance comes from the
residuals of the visitors (delta method), because the impressions of one visitor resemble each other. A visitor who
comes back changes their own row. Their residuals keep their sign, so the sum at two looks is more alike than the theory
needs, and by Slepian's inequality (1962) the bound holds all the more; `benchmarks/experiments.py` measures it.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

__all__ = ["FEWEST", "Lift", "Sums", "bound", "detectable", "excess", "lift", "sums_of", "visitors_needed"]

FEWEST = 100  # visitors in each arm, and
FEWEST_HITS = 20  # likes in each arm, before which there is no interval: the central limit theorem needs some


class Sums(NamedTuple):
    "What one arm has gathered: sums over its visitors; arrays of any shape, for example one entry per look"

    n: np.ndarray | float  # visitors
    x: np.ndarray | float  # impressions
    y: np.ndarray | float  # likes
    xx: np.ndarray | float  # sums of squares and products
    xy: np.ndarray | float
    yy: np.ndarray | float

    @property
    def rate(self) -> np.ndarray:
        "Likes per impression, 0 without impressions"
        return np.asarray(self.y) / np.maximum(self.x, 1e-12)

    @property
    def variance(self) -> np.ndarray:
        "The variance of `rate`, from the residuals of the visitors"
        r = self.rate
        squares = np.maximum(np.asarray(self.yy) - 2 * r * self.xy + r**2 * self.xx, 0)
        return squares / np.maximum(self.x, 1e-12) ** 2 * self.n / np.maximum(np.asarray(self.n) - 1, 1)


class Lift(NamedTuple):
    "How much more arm B has than arm A, relative: .1 is ten per cent more; not a number where it is too early to tell"

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def sums_of(
    impressions: np.ndarray | Sequence,  # one per visitor, along the last axis
    likes: np.ndarray | Sequence,  # of the same visitors
) -> Sums:
    "The sums of one arm"
    x, y = np.asarray(impressions, float), np.asarray(likes, float)
    n = np.full(x.shape[:-1], x.shape[-1], float)
    return Sums(n, x.sum(-1), y.sum(-1), (x * x).sum(-1), (x * y).sum(-1), (y * y).sum(-1))


def bound(
    n: np.ndarray | float,  # visitors so far, of both arms
    alpha: float = 0.05,  # chance to be beyond the bound at any look, on either side
    plan: float = 2000.0,  # visitors at which the bound is narrowest; any number is valid if it is chosen beforehand
) -> np.ndarray:  # above the 1.96 of a test that is looked at once
    "How many standard errors an estimate may be away from the truth at any look"
    rho2 = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / plan
    t = np.maximum(np.asarray(n, float), 1)
    return np.sqrt(2 * (t * rho2 + 1) / (t * rho2) * np.log(np.sqrt(t * rho2 + 1) / alpha))


def _relative_error(a: Sums, b: Sums) -> np.ndarray:
    "Standard error of the logarithm of the ratio of two rates"
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(a.variance / a.rate**2 + b.variance / b.rate**2)


def lift(
    a: Sums,  # the arm that is the yardstick
    b: Sums,  # of the same shape
    alpha: float = 0.05,  # as for `bound`
    plan: float = 2000.0,  # as for `bound`
) -> Lift:
    "The relative difference of two rates and its confidence sequence, through the logarithm of their ratio"
    error = _relative_error(a, b)
    early = (np.minimum(a.n, b.n) < FEWEST) | (np.minimum(a.y, b.y) < FEWEST_HITS) | ~np.isfinite(error)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(b.rate / a.rate)
        half = np.where(early, np.nan, bound(np.asarray(a.n) + b.n, alpha, plan) * error)
        return Lift(np.exp(log) - 1, np.exp(log - half) - 1, np.exp(log + half) - 1)


def excess(
    b: Sums,  # the arm that is watched
    limit: float,  # a rate, or with `a` a factor of its rate
    a: Sums | None = None,
    alpha: float = 0.05,  # chance of a false alarm at any look
    plan: float = 2000.0,  # as for `bound`
) -> tuple[float, float]:  # the estimate, and its lower bound: above 0 the limit is crossed beyond chance
    "By how much a rate is above what is allowed; for guardrails, which look at one side only"
    allowed = limit if a is None else limit * a.rate
    variance = b.variance + (0 if a is None else limit**2 * a.variance)
    value = b.rate - allowed
    if min(b.n, b.n if a is None else a.n) < 2:
        return float(value), -math.inf
    n = b.n + (0 if a is None else a.n)
    return float(value), float(value - bound(n, 2 * alpha, plan) * np.sqrt(variance))


def detectable(
    a: Sums,
    b: Sums,
    alpha: float = 0.05,  # as for `bound`
    plan: float = 2000.0,  # as for `bound`
    power: float = 0.8,  # probability with which it is found
) -> float:
    "The smallest relative difference that these visitors would show with this probability, at this look alone"
    error = _relative_error(a, b)
    return float(np.exp((bound(np.asarray(a.n) + b.n, alpha, plan) + norm.ppf(power)) * error) - 1)


def visitors_needed(
    a: Sums,  # of an arm, or of any visitors with the same pages
    least: float,  # the relative difference that is worth knowing, .1 for ten per cent
    share: float = 0.5,  # of the visitors who get arm B
    alpha: float = 0.05,
    power: float = 0.8,
) -> int:  # of both arms; some fewer are enough in most cases, because the test may end early
    "About how many visitors show a difference of this size with this probability, with the bound at its narrowest"
    one = a.variance / a.rate**2 * a.n  # relative variance of a single visitor
    z = float(bound(1e3, alpha, 1e3)) + norm.ppf(power)
    return math.ceil(float(one) / (share * (1 - share)) * (z / math.log1p(least)) ** 2)

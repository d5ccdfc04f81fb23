"""What a new ranking would get, from the pages that another one showed: off-policy evaluation.

A log with the probability of everything that was shown (its *propensity*) can be weighted so that it looks like the log
of another ranking: what the new ranking shows more often counts for more (Horvitz and Thompson, 1952). Weights of whole
pages would be hopeless, because no page of the log is exactly the new one. So the reward of a page is taken as the sum
of the rewards of its ranks, under the position-based click model: a visitor looks at a rank with a probability that
depends on the rank alone, and likes what they look at by taste. Then an artwork counts wherever it hung (Li and others,
Offline evaluation of ranking policies with click models, KDD 2018, https://arxiv.org/abs/1804.10488). Exploration never
moves an artwork of the page to another rank of it, so without this assumption no log could judge a new order.

Three estimates of the likes per impression, each with a 95 % interval over visitors:

- `ips`: the weighted likes, divided by the number of impressions. Right on average, and noisy.
- `snips`: divided by the sum of the weights. Slightly biased, and calmer (Swaminathan and Joachims, NIPS 2015).
- `dr`: a model's prediction for the new ranking, corrected by the weighted errors of the model on the log: right on
  average if the propensities are, calm if the model is good (Dudík, Langford and Li, ICML 2011).
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

__all__ = ["FEW", "Estimate", "Log", "estimates", "examination_of", "explored_log", "weights"]

FEW = 50.0  # explored impressions of equal weight below which an estimate says little


class Log(NamedTuple):
    "Impressions of a log, one entry each"

    page: np.ndarray  # int, 0 to n_pages - 1
    rank: np.ndarray  # int, from 0
    liked: np.ndarray  # 0 or 1
    odds: np.ndarray  # probability that this rank of the page was given to a drawn artwork
    drawn: np.ndarray  # bool, whether it was
    chance: np.ndarray  # of a drawn artwork: the probability to be the one, if its rank was given to a drawn artwork


class Estimate(NamedTuple):
    "Likes per impression"

    value: float
    low: float
    high: float


def explored_log(
    page: np.ndarray,  # as in `Log`
    rank: np.ndarray,
    liked: np.ndarray,
    propensity: np.ndarray,  # as it was logged
    drawn: np.ndarray,
    exploration: np.ndarray,  # of the page of each impression: the share of drawn ranks, 0 without exploration
    always: np.ndarray,  # of the page of each impression: the rank (from 0) that always is drawn, -1 for none
) -> Log:
    "The log of pages that `recommendation.explore` made, from what is logged of them"
    odds = np.where((rank == always) & (exploration > 0), 1.0, exploration)
    chance = np.where(drawn, propensity / np.maximum(odds, 1e-12), 0.0)
    return Log(page, rank, np.asarray(liked, float), odds, np.asarray(drawn, bool), chance)


def weights(
    log: Log,
    new_rank: np.ndarray,  # per impression: the rank (from 0) of its artwork in the new ranking of this page; -1: none
    examination: np.ndarray,  # probability that each rank is looked at, any multiple of it
) -> np.ndarray:  # per impression, 0 or more; weighted by `examination`, their mean is 1 under the log
    "By how much each impression counts for the new ranking"
    on = new_rank >= 0
    theta = np.asarray(examination, float)
    open_ranks = np.bincount(log.page, log.odds * theta[log.rank])[log.page]  # where a drawn artwork could be seen
    seen = np.where(log.drawn, log.chance * open_ranks, (1 - log.odds) * theta[log.rank])
    return np.where(on, theta[np.maximum(new_rank, 0)] / np.maximum(seen, 1e-12), 0.0)


def estimates(
    log: Log,
    weight: np.ndarray,  # from `weights`
    examination: np.ndarray,  # as for `weights`
    visitor: np.ndarray | None = None,  # of each page, as integers; None: every page is somebody else's
    predicted: np.ndarray | None = None,  # per impression: probability of a like, by a model; for `dr`
    predicted_new: np.ndarray | None = None,  # per page: mean of the model's probabilities over the new ranking
) -> dict[str, Estimate | float]:  # `ips, snips`, perhaps `dr`, `n_eff` and `carried`
    """The estimates, `n_eff`: how many explored impressions of equal weight would tell as much (Kish, 1965), and
    `carried`: the share of the weight that explored impressions carry, small where both rankings are alike.
    """
    pages = int(log.page.max()) + 1
    k = len(log.page) / pages
    theta = np.asarray(examination, float)[log.rank]
    theta = theta / theta.mean()
    per_page = [np.bincount(log.page, v, pages) / k for v in (weight * log.liked, weight * theta)]
    visitor = np.arange(pages) if visitor is None else visitor
    explored = weight[log.drawn]
    out: dict[str, Estimate | float] = {
        "ips": _mean(per_page[0], visitor),
        "snips": _ratio(per_page[0], per_page[1], visitor),
        "n_eff": float(explored.sum() ** 2 / max((explored**2).sum(), 1e-12)),
        "carried": float(explored.sum() / max(weight.sum(), 1e-12)),
    }
    if predicted is not None and predicted_new is not None:
        error = np.bincount(log.page, weight * (log.liked - predicted), pages) / k
        out["dr"] = _mean(predicted_new + error, visitor)
    return out


def _mean(values: np.ndarray, visitor: np.ndarray) -> Estimate:
    "The mean over pages, with an interval over visitors"
    return _ratio(values, np.ones(len(values)), visitor)


def _ratio(part: np.ndarray, whole: np.ndarray, visitor: np.ndarray) -> Estimate:
    "A ratio of two sums over pages, with an interval over visitors (delta method)"
    total = whole.sum()
    if total <= 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    value = part.sum() / total
    rest = np.bincount(visitor, part - value * whole)
    n = len(np.unique(visitor))
    half = 1.96 * np.sqrt((rest**2).sum() * n / max(n - 1, 1)) / total
    return Estimate(float(value), float(value - half), float(value + half))


def examination_of(
    log: Log,
    predicted: np.ndarray,  # per impression: probability of a like by taste, any multiple of it
    ranks: int,  # of a page
) -> np.ndarray:  # one per rank, 1 for the first
    """How likely a visitor is to look at each rank: 1/(1 + b (rank - 1)), with b fitted to the log by its likelihood.

    The model's prediction stands for the taste, so that a rank is not taken for a good one because good artworks hang
    there. The shape is that of a visitor who goes on with a constant chance to lose interest.
    """
    taste, n = np.clip(predicted, 1e-6, 1), np.arange(ranks)

    def loss(b: float) -> float:
        theta = (1 / (1 + b * n))[log.rank]
        share = log.liked.sum() / max((theta * taste).sum(), 1e-12)  # the multiple that fits all likes together
        p = np.clip(share * theta * taste, 1e-9, 1 - 1e-9)
        return -float((log.liked * np.log(p) + (1 - log.liked) * np.log1p(-p)).sum())

    b = minimize_scalar(loss, bounds=(0.0, 3.0), method="bounded").x
    return 1 / (1 + float(b) * n)

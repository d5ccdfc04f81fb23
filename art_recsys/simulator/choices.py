"""What a user does with a page of recommendations: examine, click, like, take back, hide."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from .behaviour import BEHAVIOUR, Behaviour

__all__ = ["Choices", "choose", "examination_probability", "like_probability", "until_decided"]


def like_probability(
    appeal: np.ndarray,  # Utility relative to what the user likes half of the time, see `Tastes`
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> np.ndarray:  # Of the same shape, from 0 to 1; one half at an appeal of 0
    "Probability of a like once the artwork was clicked: a logistic function of the appeal"
    return 1 / (1 + np.exp(-b.like_slope * appeal))


def examination_probability(
    position: np.ndarray,  # On the page, from 1
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> np.ndarray:  # Of the same shape, from 0 to 1
    "Probability that a user looks at this position at all (https://dl.acm.org/doi/10.1145/1341531.1341545)"
    return 1 / (1 + b.position_bias * (position - 1))


class Choices(NamedTuple):
    "What was done with each position of each page: bool [pages, positions]"

    click: np.ndarray  # True for all likes, too
    like: np.ndarray  # those that are taken back included
    unlike: np.ndarray  # likes that are taken back
    hide: np.ndarray  # never where there was a click


def choose(
    r: np.random.Generator,  # draws every decision
    appeal: np.ndarray,  # float [pages, positions]
    own: np.ndarray,  # bool [pages, positions]: the works of the user's profile, which are always liked
    shown: np.ndarray,  # bool [pages, positions]: False where a position is empty
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> Choices:
    "Decide about every position of every page"
    examined = examination_probability(np.arange(1, appeal.shape[1] + 1), b)
    click = shown & (own | (r.random(appeal.shape) < examined * like_probability(appeal + b.click_margin, b)))
    like = click & (own | (r.random(appeal.shape) < like_probability(appeal, b)))
    unlike = like & ~own & (r.random(appeal.shape) < b.unlike_rate)
    hide = shown & ~click & (appeal < b.hide_below) & (r.random(appeal.shape) < b.hide_rate)
    return Choices(click, like, unlike, hide)


def until_decided(
    user: np.ndarray,  # int [rows], in order of time for each user
    item_index: np.ndarray,  # int [rows]
    decided: np.ndarray,  # bool [rows]: liked or hidden in this row
    n_works: int,  # Size of the catalogue
) -> np.ndarray:  # bool [rows]
    "Which rows come no later than the first decision on their (user, artwork) pair"
    pair = user.astype(np.int64) * n_works + item_index
    code, _ = pd.factorize(pair)
    first = np.full(code.max() + 1 if len(code) else 0, len(code))
    np.minimum.at(first, code[decided], np.flatnonzero(decided))
    return np.arange(len(code)) <= first[code]

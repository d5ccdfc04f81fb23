"""The times of the sessions of simulated users, and the interest that each session is about."""

from typing import NamedTuple

import numpy as np

from .behaviour import BEHAVIOUR, Behaviour

__all__ = ["DAY", "HOUR", "SECOND", "Sessions", "draw_focus", "draw_sessions"]

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000  # in microseconds


class Sessions(NamedTuple):
    "The sessions of some users, in order of user and time"

    user: np.ndarray  # int [sessions], from 0
    start: np.ndarray  # int [sessions], microseconds from the first day of the log
    pages: np.ndarray  # int [sessions], pages of recommendations in each session


def draw_sessions(
    r: np.random.Generator,  # Draws times and numbers of sessions
    n: int,  # Users
    days: int,  # Length of the log
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> Sessions:
    """When each user joins, how often they come back, and how many pages each session has.

    Users join over the whole period, most of them early. The number of sessions is log-normal, so a few users come very
    often. Sessions of a user are at least an hour apart.
    """
    joined = (days * 0.9 * r.beta(1, 2.2, n) * DAY).astype(np.int64)
    room = np.maximum((days * DAY - joined) // (2 * HOUR), 1)
    drawn = np.rint(r.lognormal(np.log(b.sessions_median), b.sessions_sigma, n))
    count = np.minimum(np.clip(drawn, 1, b.sessions_most).astype(int), room)
    user = np.repeat(np.arange(n), count)
    nth = np.arange(len(user)) - np.repeat(np.cumsum(count) - count, count)
    free = np.repeat(days * DAY - joined - (count + 1) * HOUR, count).clip(0)
    gap = r.random(len(user)) * free
    gap[nth == 0] = 0  # the first session begins when the user joins
    gap = gap[np.lexsort((gap, user))].astype(np.int64)
    return Sessions(
        user,
        np.repeat(joined, count) + gap + nth * HOUR,
        1 + np.minimum(r.poisson(b.extra_pages, len(user)), 20),
    )


def draw_focus(
    r: np.random.Generator,  # Draws the steps of the walk
    user: np.ndarray,  # int [sessions]: user of each session, sorted
    interests: np.ndarray,  # int [sessions, 3, 4]: `Truth.interests` of each session's user
    b: Behaviour = BEHAVIOUR,  # Constants of the behaviour model
) -> np.ndarray:  # float32 [sessions, 3], rows sum to one
    "Share of each interest in each session: a random walk that moves away from the first interest"
    walk = np.cumsum(r.standard_normal((len(user), 3)) * b.focus_drift, axis=0)
    first = np.searchsorted(user, user)
    logits = walk - walk[first] + np.where(interests[:, :, 0] < 0, -99, 0)
    logits[:, 0] += b.focus_start - b.focus_fade * np.minimum(np.arange(len(user)) - first, 8)
    e = np.exp(logits - logits.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True)).astype(np.float32)

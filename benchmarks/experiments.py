"""Experiments in the simulator: false alarms and power of the confidence sequence, beside a t-test.

    python benchmarks/experiments.py HOME            # a home whose users are simulated (`users_truth.npz`)

Visitors are drawn from the home's simulated users. They come back a few times, in any order, and see pages of 24 works:
those that fit their taste best, among them works drawn at random. They look, click and like as the simulator's users do
(`simulator.choices`). An experiment gives half of them pages that get 10 % more likes (each like of the others is taken
away with probability 1/11), or the same pages.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from about import add_options, keep

from art_recsys.config import rng
from art_recsys.measures.sequential import Sums, lift, sums_of, visitors_needed
from art_recsys.simulator.behaviour import BEHAVIOUR
from art_recsys.simulator.choices import examination_probability, like_probability
from art_recsys.simulator.pages import Tastes
from art_recsys.simulator.truth import Truth

PAGE, PER_DAY = 24, 100  # works on a page, new visitors a day


def like_chances(truth: Truth, seed: int, users: int = 1000, pages: int = 8, taste: int = 8) -> np.ndarray:
    "Probability of a like at each rank of each page of some users; the same works do not come twice"
    r = rng(seed, "experiments")
    rows = r.choice(len(truth.user_ids), min(users, len(truth.user_ids)), replace=False)
    tastes = Tastes.of(truth, rows, BEHAVIOUR)
    user, focus, n = np.arange(len(rows)), truth.focus[rows], len(truth.artwork_ids)
    every = tastes.appeal(truth, user, focus, np.tile(np.arange(n), (len(rows), 1)), BEHAVIOUR)
    guessed = np.argsort(-(every + r.normal(0, 0.5, every.shape)), axis=1)  # a ranking that knows the taste roughly
    out = []
    for page in range(pages):
        items = guessed[:, page * taste : (page + 1) * taste]
        items = np.hstack([items, r.integers(n, size=(len(rows), PAGE - taste))])
        appeal = np.take_along_axis(every, items, 1)
        seen = examination_probability(np.arange(1, PAGE + 1))
        out.append(seen * like_probability(appeal + BEHAVIOUR.click_margin) * like_probability(appeal))
    return np.stack(out, 1)  # users x pages x ranks


def visitors(r: np.random.Generator, chances: np.ndarray, n: int, days: int) -> tuple[np.ndarray, ...]:
    "For each visitor (rows, in order of arrival) and day: impressions and likes so far; and the day on which they come"
    user = r.integers(len(chances), size=n)
    first = np.arange(n) * days // n
    impressions, likes = np.zeros((n, days), np.float32), np.zeros((n, days), np.float32)
    how_many = np.minimum(r.geometric(0.45, n), chances.shape[1])
    for page in range(chances.shape[1]):
        who = np.flatnonzero(how_many > page)
        later = r.geometric(0.3, len(who)) - 1 if page else 0  # the first page at once, others after some days
        day = first[who] + later * page
        who, day = who[day < days], day[day < days]
        got = (r.random((len(who), PAGE)) < chances[user[who], page]).sum(1)
        np.add.at(impressions, (who, day), PAGE)
        np.add.at(likes, (who, day), got)
    return impressions.cumsum(1), likes.cumsum(1), first


def daily(x: np.ndarray, y: np.ndarray, first: np.ndarray) -> Sums:
    "Sums of an arm at the end of each day"
    n = np.cumsum(np.bincount(first, minlength=x.shape[1]))
    return Sums(n, x.sum(0), y.sum(0), (x * x).sum(0), (x * y).sum(0), (y * y).sum(0))


def run(r: np.random.Generator, chances: np.ndarray, n: int, gain: float) -> tuple[Sums, Sums]:
    "One experiment: both arms at the end of each day"
    days = max(2, n // PER_DAY)
    x, y, first = visitors(r, chances, n, days)
    b = r.random(n) < 0.5
    steps = np.diff(y, axis=1, prepend=0)
    steps[~b] = r.binomial(steps[~b].astype(int), 1 / (1 + gain))  # arm a loses what arm b has more
    y = steps.cumsum(1)
    return daily(x[~b], y[~b], first[~b]), daily(x[b], y[b], first[b])


def alarms(pairs: list[tuple[Sums, Sums]], plan: float) -> dict:
    "Shares of experiments in which a difference was seen: at any look, and at the last"
    out: dict[str, list[bool]] = {"sequence, any look": [], "t-test, any look": [], "t-test, last look": []}
    up, when = [], []
    for a, b in pairs:
        found = lift(a, b, plan=plan)
        seen = (found.low > 0) | (found.high < 0)
        error = np.sqrt(a.variance / a.rate**2 + b.variance / b.rate**2)
        t = np.abs(np.log(b.rate / a.rate)) > 1.96 * error
        for key, value in zip(out, (seen.any(), t[np.isfinite(found.low)].any(), t[-1]), strict=True):
            out[key].append(bool(value))
        up.append(bool((found.low > 0).any()))
        if up[-1]:
            when.append(int((a.n + b.n)[np.argmax(found.low > 0)]))
    shares = {k: float(np.mean(v)) for k, v in out.items()}
    then = float(np.median(when or [0]))
    return shares | {"b is better, any look": float(np.mean(up)), "visitors then, median": then}


def experiments(home: Path, seed: int, runs: int) -> dict:
    "A/A and A/B runs"
    chances = like_chances(Truth.load(home / "users_truth.npz"), seed)
    r = rng(seed, "experiment runs")
    x, y, _ = visitors(r, chances, 20_000, 2)
    one = sums_of(x[:, -1], y[:, -1])
    needed = visitors_needed(one, 0.1)
    out = {"likes per 100 works": 100 * float(one.rate), "works per visitor": float(one.x / one.n), "needed": needed}
    out["a/a"] = alarms([run(r, chances, needed, 0.0) for _ in range(runs)], needed)
    out["a/a, plan 2000"] = alarms([run(r, chances, needed, 0.0) for _ in range(runs)], 2000)
    out["+10 %"] = alarms([run(r, chances, needed, 0.1) for _ in range(runs)], needed)
    out["+10 %, plan 2000"] = alarms([run(r, chances, needed, 0.1) for _ in range(runs)], 2000)
    for more in (1.1, 1.25, 1.5, 2):
        n = int(more * needed)
        out[f"+10 %, {n} visitors"] = alarms([run(r, chances, n, 0.1) for _ in range(runs)], needed)
    out["+5 %"] = alarms([run(r, chances, needed, 0.05) for _ in range(runs)], needed)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=42)
    add_options(parser)
    asked = parser.parse_args()
    found = experiments(asked.home, asked.seed, asked.runs)
    print(json.dumps(found, indent=1))
    keep(found, asked, asked.seed, asked.home)


if __name__ == "__main__":
    main()

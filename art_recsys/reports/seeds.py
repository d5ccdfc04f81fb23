"""How much a figure depends on the seed of the training, beside how much it depends on the users.

The interval of an evaluation says how a mean would vary with other users. It is silent about the training: the same
model with another seed has other initial weights and another order of examples, and another figure on the same users
(Bouthillier and others, Accounting for variance in machine learning benchmarks, 2021,
https://arxiv.org/abs/2103.03098). A difference that is smaller than either is no difference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from art_recsys.config import UserError, progress
from art_recsys.core import Cols
from art_recsys.measures.hits import per_user

from .tables import as_dict

__all__ = ["SEEDED", "SEEDS", "SeedStudy", "seed_study", "seeds_from"]

SEEDED = ("random", "als", "two_tower", "two_stage", "page")  # the recommenders with a seed
SEEDS = 5  # trainings of each


def seeds_from(
    seed: int,  # of the settings
    n: int = SEEDS,  # how many
) -> list[int]:
    "The seed of the settings, and others after it"
    if n < 2:
        raise UserError(f"A spread over {n} seed cannot be measured.", "ask for 2 seeds or more")
    return [seed + 1000 * i for i in range(n)]


@dataclass
class SeedStudy:
    """The same recommenders, trained with several seeds and asked the same."""

    seeds: list[int]
    values: dict[
        str, list[pd.DataFrame]
    ]  # recommender -> for each seed the metrics by user; one frame if it has no seed

    def spread(
        self,
        name: str,  # of a recommender that was trained with every seed
    ) -> pd.DataFrame:  # one row per metric: `mean, user_se, seed_sd, seed_sd_low, seed_sd_high, both_se`
        """Of each metric: its mean over seeds, the standard error over users, the standard deviation over seeds.

        `user_se` is that of one training (the root mean square over seeds). `seed_sd_low` and `seed_sd_high` are the
        95 % interval of the deviation, as for a normal distribution: with five seeds it is wide. `both_se` is the
        standard error of one figure for other users and another seed, the root of the sum of the squares.
        """
        means = pd.DataFrame([v.mean() for v in self.values[name]])
        user_se = np.sqrt(pd.DataFrame([v.sem() ** 2 for v in self.values[name]]).mean())
        sd, n = means.std(ddof=1), len(means)
        low, high = (sd * np.sqrt((n - 1) / chi2.ppf(q, n - 1)) for q in (0.975, 0.025))
        columns = {"mean": means.mean(), "user_se": user_se, "seed_sd": sd, "seed_sd_low": low, "seed_sd_high": high}
        return pd.DataFrame(columns | {"both_se": np.sqrt(user_se**2 + sd**2)})

    def differences(
        self,
        name: str,  # the recommender that is compared with each other one
        metric: str,  # for example `ndcg@10`
    ) -> pd.DataFrame:  # one row per recommender: `difference, user_se, seed_sd, both_se, wins, seeds`
        """The mean difference over seeds, paired by user and by seed; `wins`: in how many trainings it is above zero.

        `both_se` is the standard error of the mean difference: over users, and over seeds (`seed_sd` by the root of
        their number).
        """
        rows = {}
        for other in self.values:
            if other == name:
                continue
            n = max(len(self.values[name]), len(self.values[other]))
            mine, theirs = (v * n if len(v) == 1 else v for v in (self.values[name], self.values[other]))
            gaps = pd.DataFrame([a[metric] - b[metric] for a, b in zip(mine, theirs, strict=True)])  # seeds x users
            by_seed, user_se = gaps.mean(axis=1), gaps.mean().sem()
            sd = by_seed.std(ddof=1) if n > 1 else 0.0
            both = np.sqrt(user_se**2 + sd**2 / n)
            numbers = {"difference": by_seed.mean(), "user_se": user_se, "seed_sd": sd, "both_se": both}
            rows[other] = numbers | {"wins": (by_seed > 0).sum(), "seeds": n}
        return pd.DataFrame(rows).T

    def as_dict(self, metric: str = "ndcg@10") -> dict:
        "For the report: the seeds, every metric of every recommender with a seed, the differences of our best one"
        seeded = {n: self.spread(n) for n, v in self.values.items() if len(v) > 1}
        ours = [n for n in SEEDED[2:] if n in seeded]
        best = max(ours, key=lambda n: seeded[n].loc[metric, "mean"], default="")
        gaps = {best: as_dict(self.differences(best, metric))} if best and len(self.values) > 1 else {}
        return {"seeds": self.seeds, "metrics": {n: as_dict(t) for n, t in seeded.items()}, "differences": gaps}


def seed_study(
    artworks: pd.DataFrame,  # as for `fit`
    users: pd.DataFrame,  # as for `fit`
    train: pd.DataFrame,  # events to learn from
    test: pd.DataFrame,  # test positives
    make: Callable[[int], dict[str, Any]],  # seed -> recommenders that are not fitted yet
    seeds: list[int],  # the first one is that of `measured`
    measured: dict[str, pd.DataFrame],  # recommender -> metrics by user, of an evaluation; they are not fitted again
) -> SeedStudy:
    "Fit the recommenders of `measured` that have a seed with each other seed, and measure the same metrics"
    values = {n: [v] for n, v in measured.items()}
    asked = list(test[Cols.user_id].unique())
    metrics = [m for m in next(iter(measured.values())) if m.split("@")[0] in ("ndcg", "recall", "map", "mrr")]
    most = max(int(m.split("@")[1]) for m in metrics)
    for seed in progress(seeds[1:], "seeds", unit="seed"):
        fresh = make(seed)
        for name in (n for n in SEEDED if n in measured and n in fresh):
            recs = fresh[name].fit(artworks, users, train).recommend(asked, most)
            values[name].append(per_user(recs, test, metrics))
    every = {n: [f.reindex(v[0].index)[metrics] for f in v] for n, v in values.items()}
    return SeedStudy(seeds, every)

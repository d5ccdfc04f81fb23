"""The result of an evaluation, as frames, as tables and as JSON."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from art_recsys.config import TOWER_SETTINGS, Settings
from art_recsys.core import Cols, positives
from art_recsys.measures.debiased import GAMMA, effective, inverse_propensity
from art_recsys.measures.statistics import holm, intervals, ratio_interval, sign_flip_p

from .tables import as_dict, markdown, row_name
from .tuning import described, trials_of_ours

__all__ = ["SEGMENTS", "Evaluation", "compared", "popularity_segments", "report", "segment", "split_facts"]

SEGMENTS = {"0 likes": (0, 0), "1-4 likes": (1, 4), "5+ likes": (5, np.inf)}  # users by likes to learn from


def popularity_segments(
    artwork_ids: Iterable,  # of the catalogue
    likes: pd.DataFrame,  # `positives` of the training part
) -> pd.Series:  # 'head works', 'tail works' or 'new works' by artwork id
    "Which artworks share the first half of all likes, which the second, and which have none"
    n = likes.groupby(Cols.artwork_id).size().reindex(artwork_ids, fill_value=0)
    n = n.sort_values(ascending=False, kind="stable")
    before = n.cumsum() - n
    return pd.Series(
        np.select([n == 0, before < n.sum() / 2], ["new works", "head works"], "tail works"), index=n.index
    )


def segment(
    values: pd.DataFrame,  # one row per user
    seed: int,  # of the bootstrap
) -> dict[str, float]:
    "`users, mean, low, high` of the first column"
    return {"users": len(values), **intervals(values.iloc[:, :1], seed).iloc[0]}


def compared(
    values: pd.DataFrame,  # one row per user, one column per recommender: the same metric of all
    name: str,  # the one that is compared with all others
    seed: int = 42,  # of the bootstrap and of the sign flips
) -> pd.DataFrame:  # one row per recommender: `difference, low, high, p, p_holm`
    "The difference of one recommender from each other one, with the paired sign-flip test"
    gaps = -values.drop(columns=name).sub(values[name], axis=0)
    found = intervals(gaps, seed).rename(columns={"mean": "difference"})
    found["p"] = [sign_flip_p(gaps[c].to_numpy(), seed=seed) for c in gaps]
    return found.assign(p_holm=holm(found["p"].to_numpy()))


@dataclass(repr=False)
class Evaluation:
    """The test users and positives, and the metrics of every recommender."""

    about: dict  # split and counts
    users: pd.DataFrame  # one row per user: `held_out`, `likes` to learn from; `taste` of simulated users
    popularity: pd.Series  # by artwork id: head, tail or new
    weights: pd.Series  # by artwork id: what a test positive counts in the debiased metrics
    values: dict[str, pd.DataFrame] = field(default_factory=dict)  # recommender -> metrics by user
    metrics: dict[str, pd.DataFrame] = field(default_factory=dict)  # recommender -> `mean, low, high` by metric
    segments: dict[str, pd.DataFrame] = field(default_factory=dict)  # recommender -> `users, mean, low, high`
    skipped: dict[str, str] = field(default_factory=dict)  # recommender -> why
    timings: dict[str, dict] = field(default_factory=dict)  # recommender -> seconds
    models: dict = field(default_factory=dict, repr=False)  # recommender -> fitted
    steps: pd.DataFrame | None = None  # what each step of the page costs or brings
    order: pd.DataFrame | None = None  # what it costs to shuffle histories
    tuning: dict = field(default_factory=dict)  # the searches of the baselines, as from `tune`
    studies: dict = field(default_factory=dict)  # as from `art_recsys.reports.thorough.studies`

    def __repr__(self) -> str:
        return f"Evaluation({', '.join(self.metrics)}: {len(self.users)} users)"

    @property
    def frame(self) -> pd.DataFrame:  # one row per recommender, metrics by mean, low, high
        "One row per recommender, and its metrics"
        rows = {n: m.stack(future_stack=True) for n, m in self.metrics.items()}
        return pd.DataFrame(rows).T.rename_axis("recommender")

    @property
    def ndcg(self) -> str:
        "The name of the first metric, for example `ndcg@10`"
        return next((f.index[0] for f in self.metrics.values()), "ndcg")

    @property
    def tastes(self) -> dict[str, pd.Series]:  # kind of taste -> bool, one per user
        "Who follows what, where the users were simulated; the most common kind first"
        kinds = self.users.get("taste", pd.Series(dtype=str))
        return {k: kinds == k for k in kinds.value_counts().index}

    @property
    def groups(self) -> dict[str, pd.Series]:  # name -> bool, one per user
        "Groups of users that are reported apart: by likes to learn from, and by kind of taste"
        by_likes = {name: self.users["likes"].between(*ends) for name, ends in SEGMENTS.items()}
        return by_likes | {f"taste: {k}": at for k, at in self.tastes.items()}

    @property
    def uses_ranking(self) -> dict[str, bool]:
        "For each recommender with a ranking model: whether it is used, which it is if it was better on validation"
        rankers = {n: getattr(getattr(m, "model", None), "ranker", None) for n, m in self.models.items()}
        return {n: bool(r.uses_ranking) for n, r in rankers.items() if r is not None}

    def by_user(self, metric: str | None = None) -> pd.DataFrame:  # one row per user, one column per recommender
        "The values of `metric` (the first one where None), one row per user"
        return pd.DataFrame({n: v[metric or self.ndcg] for n, v in self.values.items()})

    def versus(
        self,
        name: str,  # the one that is compared
        metric: str | None = None,  # the first one where None
        seed: int = 42,  # as for `compared`
    ) -> pd.DataFrame:  # as `compared`
        "One recommender against each other one; the oracle does not compete"
        return compared(self.by_user(metric).drop(columns="oracle", errors="ignore"), name, seed)

    def shares(
        self,
        of: str = "oracle",  # the recommender whose metric counts as 1
        seed: int = 42,  # of the bootstrap
        taste: str | None = None,  # of the users with this kind of taste; of all where None
    ) -> pd.DataFrame:  # `share, share_low, share_high`
        "The share of one recommender's first metric that each other one reaches"
        v = self.by_user() if taste is None else self.by_user()[self.tastes[taste]]
        return pd.DataFrame({n: ratio_interval(v[n].to_numpy(), v[of].to_numpy(), seed) for n in v if n != of}).T

    def of_taste(
        self,
        taste: str,  # a key of `tastes`
        seed: int = 42,  # of the bootstrap
    ) -> dict[str, pd.DataFrame]:  # recommender -> `mean, low, high` by metric
        "Every metric that has a value per user, for the users with this kind of taste"
        return {n: intervals(v[self.tastes[taste]], seed) for n, v in self.values.items()}

    def _repr_markdown_(self) -> str:
        "The tables, with the interval at the first metric"
        text = self.frame.xs("mean", axis=1, level=1).map("{:.3f}".format) if self.metrics else pd.DataFrame()
        seeded = self.studies.get("seeds", {}).get("metrics", {})
        for n, m in self.metrics.items():
            text.loc[n, self.ndcg] += " [{low:.3f}, {high:.3f}]".format(**m.loc[self.ndcg])
            if n in seeded:
                text.loc[n, self.ndcg] += f" ± {seeded[n][self.ndcg]['seed_sd']:.3f}"
        hits = [c for c in text if c.split("@")[0] in ("ndcg", "recall", "map", "mrr")]
        a = self.about
        foot = (
            f"{a['test_users']:,} users, {a['test_likes']:,} test positives, split at {a['split_at'][:10]}, "
            f"{a['artworks']:,} artworks ranked. Brackets: 95 % bootstrap interval."
            + (" After ±: standard deviation over training seeds." if seeded else "")
        )
        text.index = [row_name(n, self.uses_ranking) for n in text.index]
        skipped = [f"Skipped: {n} ({why})" for n, why in self.skipped.items()]
        return "\n".join([markdown(text[hits]), "", markdown(text.drop(columns=hits)), "", foot, *skipped])


_PROTOCOL = {
    "ranked": "the whole catalogue, without artworks that the user likes or has hidden",
    "test positives": "likes after the split on artworks that the user had not decided upon before",
    "mean": "over users with a test positive, at most 5,000 of them, drawn by the seed",
    "interval": "95 %, 1,000 bootstrap draws of users, the same for all",
    "p": "paired sign-flip test over users, 10,000 draws, two-sided; p_holm: corrected for the rows of its table",
    "page": "what a visitor gets, with exploration switched off; the first page_size of a longer list are the page",
    "segments": "users by likes to learn from; works: head has the first half of all likes, new has none; "
    "taste: simulated users by what they follow, which no model reads",
    "order": "two_tower asked with histories in order and shuffled (mean of three shuffles), p of the difference",
    "debiased": "*_ips, *_strata: a test positive counts 1/p, p a power of its likes in training (Yang et al., 2018)",
    "baselines": "values, and where trials is above 0 the search: NDCG on the latest likes of the training part",
    "budget": "trials of each baseline: among how many configurations ours choose on validation",
    "seeds": "user_se: standard error over users; seed_sd: standard deviation over trainings with other seeds",
    "splits": "the time split beside the last like of each user, which leaks the future of others",
    "cold_start": "users and artworks out of all training; n likes: the same newcomers with their first n likes known",
}
_SETTINGS = (
    "section",
    "source",
    *TOWER_SETTINGS,
    "image_model",
    "n_candidates",
    "page_size",
    "diversity",
    "new_share",
    "new_days",
    "follow",
)


def report(
    result: Evaluation,  # with `values` and `metrics`; parts that were not measured are empty
    settings: Settings | None = None,  # what it was measured with
    cold: dict[str, pd.DataFrame] | None = None,  # from `cold_start`
) -> dict:  # JSON-able
    "The whole evaluation as a dict for JSON"
    fair = [n for n in result.metrics if n != "oracle"]
    best = max(fair, key=lambda n: result.metrics[n].loc[result.ndcg, "mean"], default="")
    tested = ("two_tower", "two_stage", "page")  # the recommenders whose differences are tested
    ours: list[str] = [n for n in tested if n in fair and len(fair) > 1]
    oracle = "oracle" in result.metrics and bool(fair)
    tables = lambda d: {n: as_dict(t) for n, t in (d or {}).items()}  # noqa: E731
    return {
        **result.about,
        "best": best,
        "metric": result.ndcg,
        "protocol": _PROTOCOL,
        "settings": {} if settings is None else {k: getattr(settings, k) for k in _SETTINGS},
        "uses_ranking": result.uses_ranking,
        "metrics": tables(result.metrics),
        "steps": {} if result.steps is None else as_dict(result.steps),
        "better": tables({n: result.versus(n) for n in ours or [best] if len(fair) > 1}),
        "share_of_oracle": as_dict(result.shares()) if oracle else {},
        "tastes": {k: tables(result.of_taste(k)) for k in result.tastes},
        "share_of_oracle_by_taste": {k: as_dict(result.shares(taste=k)) for k in result.tastes} if oracle else {},
        "order": {} if result.order is None else as_dict(result.order),
        "segments": tables(result.segments),
        "debiased": {} if not result.about else {k: result.about[k] for k in ("gamma", "effective_test_likes")},
        "baselines": described(result.models, result.tuning),
        "budget": None if settings is None else trials_of_ours(settings),
        "seeds": result.studies.get("seeds", {}),
        "splits": result.studies.get("splits", {}),
        "cold_start": tables(cold or result.studies.get("cold")),
        "skipped": result.skipped,
        "timings": result.timings,
    }


def split_facts(
    artworks: pd.DataFrame,  # any frame with `artwork_id`
    users: pd.DataFrame,  # any frame with one row per user
    train: pd.DataFrame,  # normalised events to learn from
    test: pd.DataFrame,  # test positives
    taste: pd.Series | None = None,  # what each simulated user follows, by user id
) -> Evaluation:  # nothing is measured yet
    "What is asked: counts of the split, who is asked, and which artworks are popular"
    likes, users_asked = positives(train), test.groupby(Cols.user_id).size().to_frame("held_out")
    users_asked["likes"] = likes.groupby(Cols.user_id).size().reindex(users_asked.index).fillna(0).astype(int)
    if taste is not None:
        users_asked["taste"] = taste.reindex(users_asked.index)
    cut = test[Cols.ts].min()
    counts = likes.groupby(Cols.artwork_id).size().reindex(artworks[Cols.artwork_id], fill_value=0)
    weights = inverse_propensity(counts)
    about = {
        "split_at": str(cut) if train[Cols.ts].max() < cut else "each user",
        "artworks": len(artworks),
        "users": len(users),
        "train_events": len(train),
        "train_likes": len(likes),
        "test_users": len(users_asked),
        "test_likes": len(test),
        "gamma": GAMMA,
        "effective_test_likes": round(effective(test, weights), 1),
    }
    return Evaluation(about, users_asked, popularity_segments(artworks[Cols.artwork_id], likes), weights)

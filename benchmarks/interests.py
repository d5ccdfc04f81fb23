"""Several interests: towers with one, two and four query vectors per user, by number of interests and of likes.

    python benchmarks/interests.py .art_recsys/default
    python benchmarks/interests.py .art_recsys/default --part test

HOME must have run up to `features`. With `--part val`, the default, the latest `test_share` of the likes is not read,
and the latest `test_share` of the remaining likes are the test positives, so the result may be used to choose a
setting. The number of interests is the simulator's (`users_truth.npz`), which no model reads; a home with real users
has a table by number of likes alone. Figures are the mean over users, after the mean over `--seeds`, `±` is the
standard error over users, and differences are paired by user. `cosine` is the mean cosine between two query vectors of
a user: 1 where they are the same. `wins` is the share of the first 24 artworks of a list that the user's most frequent
vector has found: 1 where the others are never used.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from about import add_options, keep
from homes import settings_of

from art_recsys.core import Cols, positives
from art_recsys.evaluation import hold_out
from art_recsys.features import load_frames
from art_recsys.measures.hits import per_user
from art_recsys.measures.statistics import sign_flip_p
from art_recsys.models.interests import mean_cosine
from art_recsys.platform.login import login
from art_recsys.recommendation import Recommender, tower_steps
from art_recsys.retrieval import TwoTower, make_two_tower
from art_recsys.simulator.truth import Truth

METRICS = "ndcg@10", "recall@100"
PAGE = 24
LIKES = [-1, 0, 2, 5, 10, 20, np.inf]  # upper ends of the groups
NAMES = ["no like", "1-2 likes", "3-5 likes", "6-10 likes", "11-20 likes", "over 20 likes"]


def groups_of(users: pd.Index, train: pd.DataFrame, truth: Path) -> dict[str, np.ndarray]:
    "Name -> bool, one per user: all, by number of interests, by kind of taste, by number of likes to learn from"
    found = {"all": np.ones(len(users), bool)}
    if truth.is_file():
        t = Truth.load(truth)
        of = pd.Index(t.user_ids).get_indexer(users)
        count, mix = (t.interests[of, :, 0] >= 0).sum(1), t.kind_of.reindex(users).to_numpy() == "mix"
        found |= {f"{n} interest{'s' * (n > 1)}": count == n for n in (1, 2, 3)}
        found |= {"one kind of taste": ~mix, "mix": mix}
    likes = positives(train)[Cols.user_id].value_counts().reindex(users, fill_value=0)
    bins = pd.cut(likes, LIKES, labels=NAMES)
    return found | {n: (bins == n).to_numpy() for n in NAMES if (bins == n).any()}


def head_figures(model: TwoTower, served: Recommender, recs: pd.DataFrame, users: pd.Index) -> pd.DataFrame:
    "`cosine` and `wins` of each user"
    q = model.query([served.known.request(u) for u in users])
    page = recs[recs[Cols.rank] <= PAGE].groupby(Cols.user_id)[Cols.artwork_id]
    rows = page.agg(lambda s: [model.item_index[a] for a in s]).reindex(users)
    nearest = [np.argmax(x @ model.candidates[i].T, 0) for x, i in zip(q, rows, strict=True)]
    wins = [np.bincount(n).max() / len(n) for n in nearest]
    return pd.DataFrame({"cosine": [mean_cosine(x[None]) for x in q], "wins": wins}, index=users)


def measured(settings, interests: int, seed: int, frames: tuple, test: pd.DataFrame) -> pd.DataFrame:
    "One row per user of `test`: the metrics, and for several interests what the vectors are like"
    model = TwoTower(**make_two_tower(settings).config | {"interests": interests, "seed": seed})
    served = Recommender(model, tower_steps).fit(*frames)
    users = pd.Index(test[Cols.user_id].unique())
    recs = served.recommend(users, 100)
    found = per_user(recs, test, list(METRICS)).reindex(users)
    return found if interests == 1 else found.join(head_figures(model, served, recs, users))


def compared(found: dict[int, pd.DataFrame], groups: dict[str, np.ndarray], metric: str) -> list[dict]:
    "One row per group: the figure of the first K, paired differences of the others, and what their vectors are like"
    first, *others = found
    rows = []
    for name, at in groups.items():
        base = found[first].loc[at, metric]
        row = {"group": name, "users": int(at.sum()), "mean": base.mean(), "se": base.sem()}
        for k in others:
            gap = found[k].loc[at, metric] - base
            row[f"K = {k}"] = {
                "difference": gap.mean(),
                "se": gap.sem(),
                "p": sign_flip_p(gap.to_numpy()),
                "cosine": found[k].loc[at, "cosine"].mean(),
                "wins": found[k].loc[at, "wins"].mean(),
            }
        rows.append(row)
    return rows


def table(rows: list[dict], first: int, others: list[int], metric: str) -> str:
    "The rows of `compared` as Markdown"
    head = [f"K = {first}", *(f"K = {k}, difference (p)" for k in others), *(f"cosine, wins (K = {k})" for k in others)]
    lines = [f"| {metric} | users | " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) + 1)]
    for row in rows:
        each = [row[f"K = {k}"] for k in others]
        cells = [row["group"], f"{row['users']}", f"{row['mean']:.4f} ± {row['se']:.4f}"]
        cells += [f"{e['difference']:+.4f} ± {e['se']:.4f} ({e['p']:.2g})" for e in each]
        cells += [f"{e['cosine']:.2f}, {e['wins']:.2f}" for e in each]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--section", help="section of settings.ini; default: the section of the last run of HOME")
    arg.add_argument("--part", choices=("val", "test"), default="val", help="which likes are predicted")
    arg.add_argument("--interests", type=int, nargs="+", default=[1, 2, 4], help="K; the first is the base")
    arg.add_argument("--seeds", type=int, nargs="+", default=[42], help="one training for each K and seed")
    add_options(arg)
    a = arg.parse_args()
    settings = settings_of(a.home, a.section)
    works, users, events = load_frames(login(settings), settings)
    train, test = hold_out(events, settings.test_share)
    if a.part == "val":
        train, test = hold_out(train, settings.test_share)
    found: dict[int, pd.DataFrame] = {}
    for k in a.interests:
        each = [measured(settings, k, seed, (works, users, train), test) for seed in a.seeds]
        found[k] = sum(each[1:], each[0]) / len(each)
        spread = " ".join(f"{e['ndcg@10'].mean():.4f}" for e in each)
        print(f"K = {k}: NDCG@10 by seed {spread}", flush=True)
    groups = groups_of(found[a.interests[0]].index, train, a.home / "users_truth.npz")
    print(f"\n{len(works):,} artworks, {groups['all'].sum():,} users, {len(test):,} test positives, seeds {a.seeds}")
    rows = {metric: compared(found, groups, metric) for metric in METRICS}
    first, *others = a.interests
    for metric in METRICS:
        print(f"\n{table(rows[metric], first, others, metric)}")
    keep({"test positives": len(test), **rows}, a, a.seeds[0], a.home)


if __name__ == "__main__":
    main()

"""Ablation of the towers: train them again with one change at a time, and compare NDCG@10.

    python benchmarks/ablation.py .art_recsys/default

The changes remove a feature of the artwork, or change the architecture or the negatives. HOME must have run up to
`features`. The benchmark does not read the latest `test_share` of the likes. The latest `test_share` of the remaining
likes are the test positives, so the result may be used to choose settings. The table shows NDCG@10 over the whole
catalogue with a 95 % bootstrap interval, and the difference to the towers without a change, paired by user.
"""

import argparse
from pathlib import Path

from homes import settings_of

from art_recsys.core import Cols
from art_recsys.evaluation import hold_out
from art_recsys.features import load_frames
from art_recsys.measures.hits import per_user
from art_recsys.measures.statistics import intervals, sign_flip_p
from art_recsys.models.vocabularies import ARTWORK_FEATURES
from art_recsys.platform.login import login
from art_recsys.recommendation import Recommender, tower_steps
from art_recsys.retrieval import TwoTower, make_two_tower


def without(*gone: str) -> dict:
    "Arguments of `TwoTower` that remove the features `gone`"
    return {"features": tuple(c for c in ARTWORK_FEATURES if c not in gone)}


CHANGES = {
    "no change": {},
    "without ID embedding": without(Cols.artwork_id),
    "without text": without("text"),
    "without tags": without(Cols.tags),
    "without palette": without("palette"),
    "without artist": without(Cols.artist),
    "without category, medium, period": without(Cols.category, Cols.medium, "period"),
    "only ID embedding": {"features": (Cols.artwork_id,)},
    "attention pooling": {"blocks": 0},
    "64 hard negatives": {"hard_negatives": 64},
}


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--section", help="section of settings.ini; default: the section of the last run of HOME")
    a = arg.parse_args()
    settings = settings_of(a.home, a.section)
    works, users, events = load_frames(login(settings), settings)
    train, test = hold_out(hold_out(events, settings.test_share)[0], settings.test_share)
    test_users, found = test[Cols.user_id].unique().tolist(), {}
    for name, change in CHANGES.items():
        towers = Recommender(TwoTower(**make_two_tower(settings).config | change), tower_steps)
        found[name] = per_user(towers.fit(works, users, train).recommend(test_users, 10), test, ["ndcg@10"])["ndcg@10"]
        if not change:
            print(f"{len(works):,} artworks, {len(test_users):,} users\n")
            print("| towers | NDCG@10 | difference (p) |\n| --- | ---: | ---: |")
        gap = found[name] - found["no change"]
        row, gain = (intervals(v.to_frame("v"), settings.seed).loc["v"] for v in (found[name], gap))
        beside = (
            f"{gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}] ({sign_flip_p(gap):.2g})" if change else ""
        )
        print(f"| {name} | {row['mean']:.4f} [{row['low']:.4f}, {row['high']:.4f}] | {beside} |", flush=True)


if __name__ == "__main__":
    main()

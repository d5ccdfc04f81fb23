"""Ablation of the towers: train them again with one change at a time, and compare NDCG@10.

    python benchmarks/ablation.py .art_recsys/default
    python benchmarks/ablation.py .art_recsys/default --new-works
    python benchmarks/ablation.py .art_recsys/default --page --seeds 42 7

The changes remove a feature of the artwork, or change the architecture or the negatives. HOME must have run up to
`features`. The benchmark does not read the latest `test_share` of the likes. The latest `test_share` of the remaining
likes are the test positives, so the result may be used to choose settings. With `--new-works` a fifth of the artworks,
drawn at random, is taken out of all training and only their test positives count: what do text and pictures know of
works that nobody has liked? Baselines that train nothing stand beside the towers. With `--page` the question is what
becomes of a change of the towers on a visitor's page: the towers with attention and with pooling, each with a ranking
model of its own, and the pages made of both, for several training seeds. The table shows NDCG@10 over all
artworks with a 95 % bootstrap interval, and the difference to the towers without a change, paired by user.
"""

import argparse
from pathlib import Path

from about import add_options, keep
from homes import settings_of

from art_recsys.core import Cols
from art_recsys.evaluation import hold_out
from art_recsys.features import load_frames
from art_recsys.measures.hits import per_user
from art_recsys.measures.statistics import intervals, sign_flip_p
from art_recsys.models.baselines import ContentKNN, VisualKNN
from art_recsys.models.vocabularies import ARTWORK_FEATURES
from art_recsys.platform.login import login
from art_recsys.recommendation import Recommender, catalogue_steps, make_recommenders, tower_steps
from art_recsys.reports.newcomers import cold_split
from art_recsys.retrieval import TwoTower, make_two_tower


def without(*gone: str) -> dict:
    "Arguments of `TwoTower` that remove the features `gone`"
    return {"features": tuple(c for c in ARTWORK_FEATURES if c not in gone)}


CHANGES = {
    "no change": {},
    "without ID embedding": without(Cols.artwork_id),
    "without text": without("text"),
    "without image": without("image"),
    "without text and image": without("text", "image"),
    "without tags": without(Cols.tags),
    "without palette": without("palette"),
    "without artist": without(Cols.artist),
    "without category, medium, period": without(Cols.category, Cols.medium, "period"),
    "only ID embedding": {"features": (Cols.artwork_id,)},
    "attention pooling": {"blocks": 0},
    "64 hard negatives": {"hard_negatives": 64},
}
NEW_WORKS = {
    **{name: CHANGES[name] for name in ("no change", "without image", "without text", "without text and image")},
    "only text": {"features": ("text",)},
    "only image": {"features": ("image",)},
    "only text and image": {"features": ("text", "image")},
}
BASELINES = {
    "content_knn": lambda s: ContentKNN(s.text_model),
    "visual_knn": lambda s: VisualKNN(),
    "visual_knn, k = 3": lambda s: VisualKNN(3),
    "visual_knn, mean of all likes": lambda s: VisualKNN(10_000),
}


def recommenders(settings, new_works: bool) -> dict:
    "Name -> a function that makes a recommender; the towers without a change come first"

    def towers(change: dict):
        return lambda: Recommender(TwoTower(**make_two_tower(settings).config | change), tower_steps)

    def baseline(make):
        return lambda: Recommender(make(settings), catalogue_steps)

    found = {name: towers(change) for name, change in (NEW_WORKS if new_works else CHANGES).items()}
    return found | {name: baseline(make) for name, make in BASELINES.items()}


def pages(settings, seeds: list[int]) -> dict:
    "Name -> a function that makes a recommender; each row without a change comes before the one with it"

    def whole(seed: int, change: dict):
        s = settings.model_copy(update={"seed": seed})
        return make_recommenders(s, TwoTower(**make_two_tower(s).config | change))

    found = {}
    for seed in seeds:
        both = {"attention": whole(seed, {}), "pooling": whole(seed, CHANGES["attention pooling"])}
        for name in ("two_tower", "two_stage", "page"):
            found |= {f"{name}, {how}, seed {seed}": lambda m=m, name=name: m[name] for how, m in both.items()}
    return found


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--section", help="section of settings.ini; default: the section of the last run of HOME")
    arg.add_argument("--new-works", action="store_true", help="only works that no training has seen")
    arg.add_argument("--page", action="store_true", help="attention and pooling, with ranking and page")
    arg.add_argument("--seeds", type=int, nargs="+", default=[42], help="of the trainings, with --page")
    add_options(arg)
    a = arg.parse_args()
    settings = settings_of(a.home, a.section)
    works, users, events = load_frames(login(settings), settings)
    train, test = hold_out(hold_out(events, settings.test_share)[0], settings.test_share)
    if a.new_works:
        cold = cold_split(works, train, test, settings.seed, share=0.2, most=0)
        train, test = cold.train, cold.new_works
    test_users, found, rows = test[Cols.user_id].unique().tolist(), {}, {}
    print(f"{len(works):,} artworks, {len(test_users):,} users, {len(test):,} test positives\n")
    print("| recommender | NDCG@10 | difference (p) |\n| --- | ---: | ---: |")
    makers = pages(settings, a.seeds) if a.page else recommenders(settings, a.new_works)
    for name, make in makers.items():
        recs = make().fit(works, users, train).recommend(test_users, 100)  # the first ten of a page of 24
        found[name] = per_user(recs, test, ["ndcg@10"])["ndcg@10"]
        first = name.replace("pooling", "attention") if a.page else "no change"
        gap = found[name] - found[first]
        row, gain = (intervals(v.to_frame("v"), settings.seed).loc["v"] for v in (found[name], gap))
        rows[name] = {"ndcg@10": row.to_dict(), "difference": gain.to_dict() | {"p": sign_flip_p(gap)}}
        p = f"{gain['mean']:+.4f} [{gain['low']:+.4f}, {gain['high']:+.4f}] ({rows[name]['difference']['p']:.2g})"
        beside = "" if name == first else p
        print(f"| {name} | {row['mean']:.4f} [{row['low']:.4f}, {row['high']:.4f}] | {beside} |", flush=True)
    facts = {"artworks": len(works), "users": len(test_users), "test positives": len(test)}
    keep({**facts, "recommenders": rows}, a, settings.seed, a.home)


if __name__ == "__main__":
    main()

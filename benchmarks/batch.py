"""Recommend to many users in one call: seconds per step of the recommender.

    python benchmarks/batch.py HOME [--users 1000] [--rounds 3] [--ranked]

HOME must have run up to `ranking`. The benchmark times `Recommender.recommend` as a whole (candidates to reranked
pages), then some of its steps one by one: query vectors, candidates, pair features, probabilities. `--ranked` scores
with a ranking network even if the home serves in the order of retrieval. The weights of that network are random, which
takes the same time. The figures are medians over all rounds except the first: wall-clock seconds, and CPU seconds of
all threads. Other work on the machine hardly changes CPU seconds.
"""

import argparse
import json
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from about import add_options, keep
from homes import settings_of

from art_recsys.config import rng
from art_recsys.core import Cols
from art_recsys.deployment import latest_pair
from art_recsys.features import load_frames
from art_recsys.models.requests import Requests
from art_recsys.models.scorer import ServedScorer
from art_recsys.models.two_stage import TwoStage
from art_recsys.platform.login import login
from art_recsys.ranking import FEATURES, Scorer
from art_recsys.recommendation import Recommender, page_recommender


class Watch:
    "Records wall-clock seconds and CPU seconds of all threads per part"

    def __init__(self):
        self.seconds = defaultdict(list)

    @contextmanager
    def __call__(self, name: str):
        begin = time.perf_counter(), time.process_time()
        yield
        self.seconds[name].append((time.perf_counter() - begin[0], time.process_time() - begin[1]))


def one_round(page: Recommender, users: list[str], k: int, watch: Watch):
    "Time a whole page and its steps once; the recommendations"
    tower, ranker = page.model.tower, page.model.ranker
    with watch("Recommender.recommend"):
        recs = page.recommend(users, k)
    requests = Requests([page.known.request(u) for u in users], page.item_index)
    with watch("  query vectors"):
        q = requests.query_vectors(tower)
    with watch("  candidates"):
        items, found = page.steps.candidates(requests, page.steps.filter(requests), page.n_candidates)
    with watch("  pair features"):
        f = page.steps.features(requests, items, found)
    with watch("  probabilities"):
        ranker.probability(f)
    assert len(q) == len(items)
    return recs


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--users", type=int, default=1000, help="number of users in the call")
    arg.add_argument("--rounds", type=int, default=3, help="rounds that count, after a first one that does not")
    arg.add_argument("--ranked", action="store_true", help="always score with a ranking network")
    add_options(arg)
    a = arg.parse_args()
    settings = settings_of(a.home)
    project = login(settings)
    works, users, events = load_frames(project, settings)
    ranker = latest_pair(project.get_model_registry(), settings)[2]
    if a.ranked and not ranker.uses_ranking:
        ranker.uses_ranking = True
        scorer = Scorer(rng(1, "batch").normal(size=(100, len(FEATURES))).astype(np.float32), 1)
        ranker.module = ServedScorer([scorer], len(FEATURES))
    page = page_recommender(TwoStage(ranker.two_tower, ranker), settings).serve(works, users, events)
    ids = users[Cols.user_id].iloc[: a.users].tolist()
    watch, likes = Watch(), np.mean([len(page.known.request(u)["history"]) for u in ids])
    for _ in range(a.rounds + 1):
        recs = one_round(page, ids, settings.page_size, watch)
    found = {
        name: dict(zip(("wall_s", "cpu_s"), np.median(s[1:], 0).round(3).tolist(), strict=True))
        for name, s in watch.seconds.items()
    }
    figures = {
        "works": len(works),
        "users": len(ids),
        "candidates": settings.n_candidates,
        "likes_per_user": round(float(likes), 1),
        "recommendations": len(recs),
        "uses_ranking": ranker.uses_ranking,
        **found,
    }
    print(json.dumps(figures, indent=1))
    keep(figures, a, settings.seed, a.home)


if __name__ == "__main__":
    main()

"""Recommendations for many users at once: towers, ranking and what comes after it, seconds a part.

    python benchmarks/batch.py HOME [--users 1000] [--rounds 3] [--ranked]

HOME must have run up to `ranking`. What is timed is `TwoStage.recommend` as a whole, then its parts one by one: queries,
the nearest candidates, pair features, probabilities, and a diverse page of each user's answers (MMR). `--ranked` takes the
ranking network even where retrieval's own order was found better, a network with weights of chance: it costs the same.
Medians over rounds, the first of which is not counted, by the clock on the
wall and in CPU seconds of all threads, which other work on the machine hardly changes.
"""

import argparse
import json
import os
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from homes import settings_of

from art_recsys.config import rng
from art_recsys.core import Cols
from art_recsys.deployment import latest_pair
from art_recsys.features import load_frames
from art_recsys.platform.login import login
from art_recsys.ranking import FEATURES, Scorer, ServedScorer, TwoStage, top_k


class Watch:
    "Seconds a part, and CPU seconds of all threads"

    def __init__(self):
        self.seconds = defaultdict(list)

    @contextmanager
    def __call__(self, name: str):
        begin = time.perf_counter(), time.process_time()
        yield
        self.seconds[name].append((time.perf_counter() - begin[0], time.process_time() - begin[1]))


def one_round(stages: TwoStage, users: list[str], k: int, diversity: float, watch: Watch):
    tower, ranker = stages.retrieval, stages.ranker
    with watch("TwoStage.recommend"):
        recs = stages.recommend(users, stages.n_candidates)
    with watch("a page of each, by MMR"):
        for _, g in recs.groupby(Cols.user_id, sort=False):
            stages.rerank(g[Cols.artwork_id].tolist(), g[Cols.score].to_numpy(), k, diversity)
    with watch("  queries"):
        history, profiles = tower.profiles_of(users)
        q = tower.query_vectors(history, profiles)
    with watch("  candidates"):
        ids, _ = tower.nearest(q, stages.n_candidates, [tower.seen.get(u, ()) for u in users])
    items = np.array([[tower.item_index.get(a, -1) for a in row] for row in ids], int).reshape(len(ids), -1)
    with watch("  pair features"):
        f = ranker._features(history, q, items)
    with watch("  probabilities"):
        top_k(np.where(items >= 0, ranker.probability(f), -np.inf), k)
    return recs


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--users", type=int, default=1000)
    arg.add_argument("--rounds", type=int, default=3)
    arg.add_argument("--ranked", action="store_true")
    a = arg.parse_args()
    settings = settings_of(a.home)
    project = login(settings)
    works, users, events = load_frames(project, settings)
    ranker = latest_pair(project.get_model_registry(), settings)[2]
    if a.ranked and not ranker.uses_ranking:
        ranker.uses_ranking = True
        ranker.module = ServedScorer(Scorer(rng(1, "batch").normal(size=(100, len(FEATURES))).astype(np.float32), 1))
    stages = TwoStage(ranker.two_tower.remember(users, events), ranker, settings.n_candidates)
    ids = users[Cols.user_id].iloc[: a.users].tolist()
    watch, likes = Watch(), np.mean([len(stages.retrieval.histories.get(u, [])) for u in ids])
    for n in range(a.rounds + 1):
        recs = one_round(stages, ids, settings.page_size, settings.diversity, watch)
    found = {
        name: dict(zip(("wall_s", "cpu_s"), np.median(s[1:], 0).round(3).tolist())) for name, s in watch.seconds.items()
    }
    print(
        json.dumps(
            {
                "works": len(works),
                "users": len(ids),
                "candidates": settings.n_candidates,
                "likes_a_user": round(float(likes), 1),
                "recommendations": len(recs),
                "uses_ranking": ranker.uses_ranking,
                "cores": len(os.sched_getaffinity(0)),
                "load_average": round(os.getloadavg()[0], 1),
                **found,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()

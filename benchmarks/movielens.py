"""Accuracy on MovieLens 100K with the interface of all recommenders: fit(artworks, users, events), recommend(users, k).

    python benchmarks/movielens.py ../shared/data/ml-100k --names popularity ease two_tower two_stage
    python benchmarks/movielens.py ../shared/data/ml-100k --split random --part val     # choose on validation
    python benchmarks/movielens.py ../shared/data/ml-100k --names two_tower two_stage --seeds 42 43 --lists LISTS
    python benchmarks/movielens.py ../shared/data/ml-100k --export FOLDER               # for benchmarks/peers

Every rating is a like. Test figures come from models fitted on train + val, validation figures (`--part val`) from
models fitted on train. A random split does not follow time: test positives lie before, between and after the likes of
the history. So the likes of that split get random timestamps, and the towers shuffle the order of a history in every
epoch. `TOWER` holds the settings chosen on validation. `sasrec_like` is the towers without content and profile. It sees
what SASRec sees, plus an embedding per user that training hides half of the time. All films are ranked, except those
that a user has in the fitted data. Prints one JSON object per line. `--seeds` are training seeds, and
`--lists` keeps the hundred best films of every user, which `benchmarks/compare.py` compares. `--export` fits nothing.
"""

import argparse
import json
import time
from pathlib import Path

import pandas as pd

from art_recsys.config import Settings, rng
from art_recsys.core import Cols
from art_recsys.measures.hits import per_user
from art_recsys.recommendation import Recommender, make_recommenders, tower_steps
from art_recsys.retrieval import TwoTower

TOWER = {
    "loo": {},
    "random": {"shuffle": True, "blocks": 0, "history_length": 200, "dim": 128, "epochs": 15, "patience": 4},
}
RANKING = ("uses_ranking", "penalty", "p_value", "ndcg_10_retrieval", "ndcg_10_ranking")  # what two_stage adds


def likes(folder: Path, parts: list[str]) -> pd.DataFrame:
    "Events from the files of a split; the random split gets random timestamps"
    df = pd.concat([pd.read_csv(folder / f"{p}.csv") for p in parts], ignore_index=True)
    if folder.name == "random":
        df["t"] = rng(42, "moments").permutation(df["t"].to_numpy())
    return pd.DataFrame(
        {
            Cols.event_id: df.index.astype(str),
            Cols.user_id: df["u"].astype(str),
            Cols.artwork_id: df["i"].astype(str),
            Cols.event: "like",
            Cols.ts: df["t"],
        }
    )


def films(folder: Path) -> pd.DataFrame:
    "Films as artworks: title, genres, year"
    genres = [line.split("|")[0] for line in (folder / "u.genre").read_text(encoding="latin-1").split("\n") if line]
    rows = [line.split("|") for line in (folder / "u.item").read_text(encoding="latin-1").split("\n") if line]
    facts = {
        r[0]: (r[1], "/".join(g for g, flag in zip(genres, r[-19:], strict=False) if flag == "1"), r[2][-4:])
        for r in rows
    }
    ids = (folder / "items.txt").read_text().split()
    return pd.DataFrame(
        [
            {
                Cols.artwork_id: str(n),
                Cols.title: facts[i][0],
                Cols.category: facts[i][1],
                Cols.year_start: facts[i][2] or None,
            }
            for n, i in enumerate(ids)
        ]
    )


def profiles(folder: Path) -> pd.DataFrame:
    "Users: age, gender, occupation"
    facts = {r[0]: r for r in (line.split("|") for line in (folder / "u.user").read_text().split("\n") if line)}
    return pd.DataFrame(
        [
            {Cols.user_id: str(n), Cols.age: facts[u][1], Cols.gender: facts[u][2], Cols.description: facts[u][3]}
            for n, u in enumerate((folder / "users.txt").read_text().split())
        ]
    )


def export(folder: Path, out: Path):
    "What models may learn from (`fit.csv`) and the likes to predict (`held.csv`), as our recommenders get them"
    for part, known in {"val": ["train"], "test": ["train", "val"]}.items():
        (out / part).mkdir(parents=True, exist_ok=True)
        for name, parts in {"fit": known, "held": [part]}.items():
            columns = likes(folder, parts)[[Cols.user_id, Cols.artwork_id, Cols.ts]]
            columns.to_csv(out / part / f"{name}.csv", index=False)


def measures(recs: pd.DataFrame, test: pd.DataFrame, films: int) -> dict:
    "NDCG@10, Recall@10 and Recall@100 with standard errors over users, coverage@10"
    found = per_user(recs, test, ["ndcg@10", "recall@10", "recall@100"])
    out = {
        name: {"mean": round(c.mean(), 4), "se": round(c.std(ddof=1) / len(c) ** 0.5, 4)} for name, c in found.items()
    }
    shown = recs[recs[Cols.rank] <= 10][Cols.artwork_id].nunique()
    return out | {"coverage@10": round(shown / films, 3), "users": len(found)}


class SasrecLike(TwoTower):
    "The input of SASRec (the liked ids in order, nothing else) with the layers and the loss of our towers"

    def fit(self, works, users, events):
        return super().fit(works[[Cols.artwork_id, Cols.title]], users[[Cols.user_id]], events)


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("folder", type=Path, help="the folder ml-100k with loo/ and random/")
    arg.add_argument("--split", choices=("loo", "random"), default="loo", help="last like left out, or random")
    arg.add_argument("--part", choices=("val", "test"), default="test", help="part to measure on")
    arg.add_argument("--names", nargs="+", default=None, help="recommenders to measure; default: all")
    arg.add_argument(
        "--tower", type=json.loads, default={}, help="arguments of TwoTower as JSON, added to those of TOWER"
    )
    arg.add_argument("--seeds", type=int, nargs="+", default=[42], help="training seeds")
    arg.add_argument("--lists", type=Path, default=None, help="folder for the lists, NAME-SEED.csv")
    arg.add_argument("--export", type=Path, default=None, help="write the split to this folder, and stop")
    a = arg.parse_args()
    if a.export:
        return export(a.folder / a.split, a.export)
    events = likes(a.folder / a.split, ["train"] if a.part == "val" else ["train", "val"])
    test, works, users = likes(a.folder / a.split, [a.part]), films(a.folder), profiles(a.folder)
    for seed in a.seeds:
        tower = TOWER[a.split] | {"seed": seed} | a.tower
        models = make_recommenders(Settings(seed=seed), TwoTower(**tower))
        ids_only = tower | {"features": (Cols.artwork_id,), "text_model": None}
        models["sasrec_like"] = Recommender(SasrecLike(**ids_only), tower_steps)
        for name in a.names or models:
            start = time.perf_counter()
            model = models[name].fit(works, users, events)
            seconds = round(time.perf_counter() - start, 1)
            recs = model.recommend(test[Cols.user_id].unique().tolist(), 100)
            if a.lists:
                a.lists.mkdir(parents=True, exist_ok=True)
                recs[[Cols.user_id, Cols.artwork_id, Cols.rank]].to_csv(a.lists / f"{name}-{seed}.csv", index=False)
            more = {k: model.model.ranker.summary[k] for k in RANKING} if name == "two_stage" else {}
            row = {"name": name, "split": a.split, "part": a.part, **measures(recs, test, len(works))}
            print(json.dumps({**row, "fit_seconds": seconds, "seed": seed, **more}), flush=True)


if __name__ == "__main__":
    main()

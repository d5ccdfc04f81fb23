"""Accuracy on MovieLens 100K with the interface of all recommenders: fit(artworks, users, events), recommend(users, k).

    python benchmarks/movielens.py ../shared/data/ml-100k --names popularity ease two_tower two_stage
    python benchmarks/movielens.py ../shared/data/ml-100k --split random --part val     # choose on validation
    python benchmarks/movielens.py ../shared/data/ml-100k --names two_tower two_stage --seeds 42 43 --lists LISTS
    python benchmarks/movielens.py ../shared/data/ml-100k --export FOLDER               # for benchmarks/peers

Every rating is a like. Test figures come from models fitted on train + val, validation figures (`--part val`) from
models fitted on train. A random split does not follow time: test positives lie before, between and after the likes of
the history. So the likes of that split get random timestamps. The towers notice that by themselves, and choose other
settings on likes that they hold out; `--tower` names the settings instead, and then nothing is chosen. `sasrec_like` is
the towers without content and profile. It sees what SASRec sees, plus an embedding per user that training hides half of
the time. All films are ranked, except those that a user has in the fitted data. Prints one JSON object per line.
`--seeds` are training seeds, and `--lists` keeps the hundred best films of every user, which `benchmarks/compare.py`
compares. `--export` fits nothing.

Times are whole seconds, and half of the likes share theirs with another like of the same user. In the files of `loo`,
415 of the 943 users have a like in train + val that was given in the very second of their test positive: which of them
is the last one was the order of a file. `--split last` makes the split anew from all likes of `loo` and holds out all
likes of a user's last second (`art_recsys.reports.splits`), so it divides no instant.
"""

import argparse
import json
import time
from pathlib import Path

import pandas as pd
from about import add_options, keep

from art_recsys.config import Settings, rng
from art_recsys.core import Cols, as_events
from art_recsys.measures.hits import per_user
from art_recsys.models.choice import choice_line
from art_recsys.recommendation import Recommender, make_recommenders, tower_steps
from art_recsys.reports.splits import last_like_split
from art_recsys.retrieval import TwoTower

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


def split_of(folder: Path, split: str, part: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    "Events to learn from, and test positives; `last` divides no instant"
    if split == "last":
        train, test = last_like_split(as_events(likes(folder / "loo", ["train", "val", "test"])))
        return last_like_split(train) if part == "val" else (train, test)
    events = likes(folder / split, ["train"] if part == "val" else ["train", "val"])
    return events, likes(folder / split, [part])


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
    arg.add_argument("--split", choices=("loo", "last", "random"), default="loo", help="last like left out, or random")
    arg.add_argument("--part", choices=("val", "test"), default="test", help="part to measure on")
    arg.add_argument("--names", nargs="+", default=None, help="recommenders to measure; default: all")
    arg.add_argument(
        "--tower", type=json.loads, default=None, help="arguments of TwoTower as JSON; default: it chooses by itself"
    )
    arg.add_argument("--seeds", type=int, nargs="+", default=[42], help="training seeds")
    arg.add_argument("--lists", type=Path, default=None, help="folder for the lists, NAME-SEED.csv")
    arg.add_argument("--export", type=Path, default=None, help="write the split to this folder, and stop")
    add_options(arg)
    a = arg.parse_args()
    if a.export:
        return export(a.folder / a.split, a.export)
    events, test = split_of(a.folder, a.split, a.part)
    works, users, found = films(a.folder), profiles(a.folder), []
    for seed in a.seeds:
        tower = None if a.tower is None else TwoTower(**{"seed": seed} | a.tower)
        models = make_recommenders(Settings(seed=seed), tower)
        ids_only = (a.tower or {}) | {"seed": seed, "features": (Cols.artwork_id,), "text_model": None}
        models["sasrec_like"] = Recommender(SasrecLike(**ids_only), tower_steps)
        for name in a.names or models:
            start = time.perf_counter()
            model = models[name].fit(works, users, events)
            seconds = round(time.perf_counter() - start, 1)
            recs = model.recommend(test[Cols.user_id].unique().tolist(), 100)
            if a.lists:
                a.lists.mkdir(parents=True, exist_ok=True)
                recs[[Cols.user_id, Cols.artwork_id, Cols.rank]].to_csv(a.lists / f"{name}-{seed}.csv", index=False)
            fitted, more = getattr(model.model, "tower", model.model), {}
            if name == "two_stage":
                summary = model.model.ranker.summary
                more = {k: summary[k] for k in RANKING} | {"n_candidates": model.n_candidates}
            if getattr(fitted, "choice", None):
                more |= {"choice": fitted.choice, "line": choice_line(fitted.choice), "config": repr(fitted)}
            row = {"name": name, "split": a.split, "part": a.part, **measures(recs, test, len(works))}
            found.append({**row, "fit_seconds": seconds, "seed": seed, **more})
            print(json.dumps(found[-1]), flush=True)
            keep(found, a, a.seeds[0])


if __name__ == "__main__":
    main()

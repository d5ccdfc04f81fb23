"""Compare lists of recommendations of several recommenders and seeds on MovieLens 100K, user by user.

    python benchmarks/compare.py ../shared/data/ml-100k LISTS --ours two_tower two_stage

LISTS has a file `NAME-SEED.csv` per recommender and training seed, which `movielens.py --lists` and `peers/peers.py`
write. Every figure of a user is the mean over the seeds of a recommender, so a seed that was lucky counts no more than
the others. Prints a JSON line per recommender, as `results/movielens_peers.json` keeps them: `by_seed` are the means of
the seeds, `se` is over users. Then it prints a line per pair of one of ours and a peer: the difference of NDCG@10, its
95 % bootstrap interval over users, the two-sided p of the paired sign-flip test, and the same after Holm's correction
for all peers that ours is compared with.
"""

import argparse
import json
from pathlib import Path

import pandas as pd
from about import add_options, keep
from movielens import films, likes

from art_recsys.config import UserError
from art_recsys.core import Cols
from art_recsys.measures.hits import per_user
from art_recsys.measures.statistics import holm, intervals, sign_flip_p

METRICS = ["ndcg@10", "recall@10", "recall@100"]
PEERS = {  # names of `peers/peers.py`, as the results call them
    "sasrec": "SASRec (rectools)",
    "esasrec": "eSASRec (rectools)",
    "hstu": "HSTU (rectools), told when the next like happens",
    "hstu_last": "HSTU (rectools), told when the last like happened",
    "hstu_order": "HSTU (rectools) without time",
}


def read_lists(folder: Path) -> dict[str, dict[int, pd.DataFrame]]:  # by name, by seed
    "The lists of a folder; `UserError` if there are none"
    found: dict[str, dict[int, pd.DataFrame]] = {}
    for file in sorted(folder.glob("*-*.csv")):
        name, seed = file.stem.rsplit("-", 1)
        recs = pd.read_csv(file, dtype={Cols.user_id: str, Cols.artwork_id: str})
        found.setdefault(name, {})[int(seed)] = recs.sort_values([Cols.user_id, Cols.rank], kind="stable")
    if not found:
        raise UserError(f"{folder} has no lists.", "write some with movielens.py --lists or peers/peers.py recommend")
    return found


def figures(lists: dict[int, pd.DataFrame], test: pd.DataFrame, n_films: int) -> tuple[pd.DataFrame, dict]:
    "One recommender: metrics by user, as means over its seeds, and the row for the results"
    by_seed = [per_user(recs, test, METRICS) for recs in lists.values()]
    found = sum(by_seed) / len(by_seed)
    row = {m: {"mean": round(c.mean(), 4), "se": round(c.std(ddof=1) / len(c) ** 0.5, 4)} for m, c in found.items()}
    shown = [r.loc[r[Cols.rank] <= 10, Cols.artwork_id].nunique() / n_films for r in lists.values()]
    row |= {"coverage@10": round(sum(shown) / len(shown), 3), "users": len(found), "seeds": len(lists)}
    return found, row | {"by_seed": [round(f["ndcg@10"].mean(), 4) for f in by_seed]}


def paired(ours: str, of_user: dict[str, pd.Series]) -> list[dict]:
    "NDCG@10 of `ours` against every peer in `of_user`"
    rows = []
    for name in of_user:
        if name in PEERS:
            gain = of_user[ours] - of_user[name]
            low, high = intervals(gain.to_frame()).loc[:, ["low", "high"]].iloc[0]
            row = {"ours": ours, "peer": name, "difference": gain.mean(), "low": low, "high": high}
            rows.append({k: v if isinstance(v, str) else round(float(v), 4) for k, v in row.items()})
            rows[-1]["p"] = sign_flip_p(gain.to_numpy())
    for row, p in zip(rows, holm([r["p"] for r in rows]), strict=True):
        row["p_holm"] = float(p)
    return rows


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("folder", type=Path, help="the folder ml-100k with loo/ and random/")
    arg.add_argument("lists", type=Path, help="folder with files NAME-SEED.csv")
    arg.add_argument("--split", choices=("loo", "random"), default="loo")
    arg.add_argument("--part", choices=("val", "test"), default="test")
    arg.add_argument("--ours", nargs="+", default=["two_tower", "two_stage"], help="compared with every peer")
    add_options(arg)
    a = arg.parse_args()
    test, n_films = likes(a.folder / a.split, [a.part]), len(films(a.folder))
    of_user, rows = {}, []
    for name, lists in read_lists(a.lists).items():
        found, row = figures(lists, test, n_films)
        of_user[name] = found["ndcg@10"]
        peer = {"measured": "benchmarks/peers"} if name in PEERS else {}
        rows.append({"name": PEERS.get(name, name), "split": a.split, "part": a.part, **row, **peer})
    gaps = [row for ours in a.ours if ours in of_user for row in paired(ours, of_user)]
    for row in rows + gaps:
        print(json.dumps(row))
    keep({"recommenders": rows, "differences": gaps}, a, 42)


if __name__ == "__main__":
    main()

"""The regression over likes (EASE) as a table of weights: exact, and ways to keep it small in a large catalogue.

    python benchmarks/regression.py ../shared/data/ml-100k                 # the validation part of the random split
    python benchmarks/regression.py ../shared/data/ml-100k --split loo
    python benchmarks/regression.py ../shared/data/foundation_bids         # the artists whose works a user bids on
    python benchmarks/regression.py HOME                                   # the likes of a home; a tenth is held out

`exact` keeps all weights; it inverts the smaller side. `most liked` is what was used until 0.2.0: the regression over
the most liked works alone, of which each keeps its 200 largest weights. `near` regresses each work on its nearest ones
(`art_recsys.models.ease`). `low rank` replaces the Gram matrix by its largest eigenvectors and a diagonal, so that the
inverse has a closed form (Woodbury). Every method ranks the whole catalogue without what a user likes already. Prints
NDCG@10 and recall@100 with standard errors over users, the paired difference to `exact`, CPU seconds and megabytes.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from about import add_options, keep
from movielens import likes
from scipy.sparse.linalg import svds

from art_recsys.config import read_parquet
from art_recsys.core import Cols, as_events, ndcg, positives, split_by_time
from art_recsys.models import ease
from art_recsys.models.ease import Ease, ease_weights, ridge_inverse


def log_of(folder: Path, split: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    "Pairs of user and work to learn from, and later ones; the test parts of public data are never read"
    if (folder / split).is_dir():
        train, later = (likes(folder / split, [part]) for part in ("train", "val"))
    elif (folder / "bids.parquet").is_file():
        bids = pd.read_parquet(folder / "bids.parquet")
        bids = bids[~bids["is_own_artwork"]].sort_values("ts").drop(columns="artwork_id")
        bids = bids.rename(columns={"artist_id": Cols.artwork_id}).drop_duplicates([Cols.user_id, Cols.artwork_id])
        before = bids[bids["ts"] < bids["ts"].quantile(0.8)]
        first = before["ts"] < before["ts"].quantile(0.8)
        train, later = before[first], before[~first]
    else:
        events = as_events(read_parquet(folder / "events.parquet"))
        train, _ = split_by_time(events, 0.1)
        both = positives(events)
        train, later = positives(train), both[both[Cols.ts] > train[Cols.ts].max()]
    known = later[Cols.user_id].isin(train[Cols.user_id]) & later[Cols.artwork_id].isin(train[Cols.artwork_id])
    return train, later[known]


def matrices(train: pd.DataFrame, later: pd.DataFrame) -> tuple[sp.csr_matrix, sp.csr_matrix, sp.csr_matrix]:
    "Users x works: all that is learnt from; the history of each test user; their test positives"
    users, works = pd.Index(train[Cols.user_id].unique()), pd.Index(train[Cols.artwork_id].unique())

    def matrix(df: pd.DataFrame) -> sp.csr_matrix:
        at = users.get_indexer(df[Cols.user_id]), works.get_indexer(df[Cols.artwork_id])
        return (sp.csr_matrix((np.ones(len(df)), at), shape=(len(users), len(works))) > 0).astype(float)

    x, test = matrix(train), matrix(later)
    asked = np.flatnonzero(test.getnnz(1))
    return x, x[asked], test[asked]


def most_liked(x: sp.csr_matrix, reg: float, largest: int, keep: int = 200) -> sp.csr_matrix:
    "The regression over the most liked works, the largest weights of each row"
    live = np.sort(np.argsort(-x.getnnz(0), kind="stable")[:largest])
    p = ridge_inverse((x[:, live].T @ x[:, live]).toarray(), reg)
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    if len(live) > keep:
        b[abs(b) < np.partition(abs(b), -keep, axis=1)[:, -keep, None]] = 0
    b = sp.coo_matrix(b)
    return sp.csr_matrix((b.data.astype(np.float32), (live[b.row], live[b.col])), shape=(x.shape[1], x.shape[1]))


def low_rank(x: sp.csr_matrix, h: sp.csr_matrix, reg: float, rank: int) -> tuple[np.ndarray, float]:
    "Scores of histories, and megabytes, where G + reg I is V S V' and a diagonal"
    _, s, vt = svds(x, min(rank, min(x.shape) - 1), random_state=0)
    scale = 1 / (reg + np.maximum(x.getnnz(0) - (vt.T**2 * s**2).sum(1), 0))
    inner = np.linalg.inv(np.diag(1 / np.maximum(s, 1e-9) ** 2) + (vt * scale) @ vt.T)
    f = vt.T @ np.linalg.cholesky(inner)
    left, right = f * scale[:, None], f / (1 - scale * (f**2).sum(1))[:, None]
    return (h @ left) @ right.T - h.multiply((left * right).sum(1)).toarray(), 2 * left.size * 4 / 1e6


def near(x: sp.csr_matrix, h: sp.csr_matrix, reg: float, k: int) -> tuple[np.ndarray, float]:
    "Scores of histories, and megabytes, by our table of a large catalogue, whatever the size of this one"
    exact_below, ease.EXACT_BELOW = ease.EXACT_BELOW, 0
    b = ease_weights((x.T @ x).tocsr(), [reg], k)[0]
    ease.EXACT_BELOW = exact_below
    return (h @ b).toarray(), 8 * b.nnz / 1e6


def measured(scores: np.ndarray, h: sp.csr_matrix, test: sp.csr_matrix) -> pd.DataFrame:
    "NDCG@10 and recall@100 of each user"
    scores = np.where(h.toarray() > 0, -np.inf, scores)
    top = np.argsort(-scores, axis=1, kind="stable")[:, :100]
    hits, n = np.take_along_axis(test.toarray() > 0, top, 1), test.getnnz(1)
    return pd.DataFrame({"NDCG@10": ndcg(hits, n, 10), "recall@100": hits.sum(1) / n})


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("folder", type=Path, help="MovieLens, Foundation, or a home")
    arg.add_argument("--split", choices=("loo", "random"), default="random", help="of MovieLens")
    arg.add_argument("--reg", type=float, nargs="+", default=[100.0], help="ridge penalties")
    arg.add_argument("--largest", type=int, default=4000, help="works of `most liked`")
    add_options(arg)
    a = arg.parse_args()
    x, h, test = matrices(*log_of(a.folder, a.split))
    facts = {"users": x.shape[0], "works": x.shape[1], "likes": x.nnz, "test users": h.shape[0]}
    rows = []
    print(f"{x.shape[0]:,} users, {x.shape[1]:,} works, {x.nnz:,} likes, {h.shape[0]:,} test users")

    def exact(reg: float) -> tuple[np.ndarray, float]:
        model = Ease(x, reg)
        return model.scores(h), model.inverse.nbytes / 1e6

    def shortened(reg: float) -> tuple[np.ndarray, float]:
        b = most_liked(x, reg, a.largest)
        return (h @ b).toarray(), 8 * b.nnz / 1e6

    methods: dict[str, Callable] = {"exact": exact, f"most liked, {a.largest:,}": shortened}
    methods |= {f"near, {k}": lambda reg, k=k: near(x, h, reg, k) for k in (100, 200, 500)}
    methods |= {f"low rank, {r}": lambda reg, r=r: low_rank(x, h, reg, r) for r in (64, 256)}
    print("| penalty | weights | NDCG@10 | to exact | recall@100 | to exact | CPU s | MB |\n|" + " --- |" * 8)
    for reg in a.reg:
        first = None
        for name, scores in methods.items():
            start = time.process_time()
            found, size = scores(reg)
            seconds = time.process_time() - start
            value = measured(found, h, test)
            first = value if first is None else first
            gaps = value - first
            row = {"penalty": reg, "weights": name, "cpu_s": round(seconds, 2), "mb": round(size, 2)}
            row |= {
                c: {"mean": value[c].mean(), "se": value[c].sem(), "gap": gaps[c].mean(), "gap_se": gaps[c].sem()}
                for c in value
            }
            rows.append(row)
            said = [
                text
                for v in (row[c] for c in value)
                for text in (f"{v['mean']:.4f} ± {v['se']:.4f}", f"{v['gap']:+.4f} ± {v['gap_se']:.4f}")
            ]
            print(f"| {reg:g} | {name} | {' | '.join(said)} | {seconds:.1f} | {size:.1f} |", flush=True)
    keep({**facts, "rows": rows}, a, None)


if __name__ == "__main__":
    main()

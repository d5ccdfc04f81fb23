"""Do methods rank alike on the simulated log and on real data? Kendall's tau of their NDCG@10.

    python benchmarks/agreement.py HOME                    # a home with evaluation.json
    python benchmarks/agreement.py HOME --without popularity random

The simulator is worth something for choosing between methods if they come in the same order as on real data. The real
data are `results/movielens_*.json` (both splits) and `results/foundation.json`. Two data sets are compared on the
methods that both have. `low` and `high` are a 95 % interval over users: per-user values are not kept in the results, so
each mean is drawn anew from a normal distribution with its standard error, 10,000 times, and tau is computed each time.
That ignores that methods are measured on the same users, so the interval is too wide rather than too narrow. `p` is the
exact p-value of tau over the methods. With few methods it cannot be small: tau = 1 has p = .083 for four methods and
.017 for five. Prints a table, and JSON.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from about import add_options, keep
from scipy.stats import kendalltau

from art_recsys.config import UserError, read_json, rng
from art_recsys.reports.tables import markdown

RESULTS = Path(__file__).parent / "results"
NAMES = {"ALS": "als"}  # peers that are measured apart, as our recommenders call them


def standard_error(m: dict) -> float:
    "Of a mean, as it is given or out of its 95 % interval"
    return m["se"] if "se" in m else (m["high"] - m["low"]) / 3.92


def of_report(found: dict) -> pd.DataFrame:  # `mean, se` by method
    "NDCG@10 in a report of an evaluation; the oracle is not a method"
    rows = {n: m["ndcg@10"] for n, m in found["metrics"].items() if n != "oracle"}
    return pd.DataFrame({n: {"mean": m["mean"], "se": standard_error(m)} for n, m in rows.items()}).T


def of_lines(lines: list[dict], split: str) -> pd.DataFrame:  # `mean, se` by method
    "NDCG@10 of one split of MovieLens; where a method stands twice, our own measurement counts"
    rows = [r for r in lines if r["split"] == split and r["part"] == "test"]
    rows.sort(key=lambda r: "measured" not in r)  # ours last
    return pd.DataFrame({NAMES.get(r["name"], r["name"]): r["ndcg@10"] for r in rows}).T[["mean", "se"]]


def agreement(
    one: pd.DataFrame,  # `mean, se` by method
    other: pd.DataFrame,
    seed: int = 42,
    draws: int = 10_000,
) -> dict:  # `methods, tau, low, high, p`
    "Kendall's tau of two data sets over the methods that both have"
    both = one.index.intersection(other.index)
    if len(both) < 3:
        raise UserError(f"Only {len(both)} methods are in both data sets.", "measure more methods on one of them")
    a, b = one.loc[both], other.loc[both]
    r = rng(seed, "agreement")
    x, y = (d["mean"].to_numpy() + r.standard_normal((draws, len(both))) * d["se"].to_numpy() for d in (a, b))
    i, j = np.triu_indices(len(both), 1)
    drawn = (np.sign(x[:, i] - x[:, j]) * np.sign(y[:, i] - y[:, j])).mean(1)  # without ties this is tau
    found = kendalltau(a["mean"], b["mean"])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"methods": len(both), "tau": found.statistic, "low": low, "high": high, "p": found.pvalue}


def data_sets(home: Path, results: Path = RESULTS) -> dict[str, pd.DataFrame]:  # name -> `mean, se` by method
    "The simulated log first, then what is in `results`"
    if not (home / "evaluation.json").is_file():
        raise UserError(f"{home} has no evaluation.json.", "run art-recsys evaluate in it, with all recommenders")
    lines = [row for split in ("loo", "random") for row in read_json(results / f"movielens_{split}.json")["result"]]
    bids = of_report(read_json(results / "foundation.json")["result"])
    return {
        "simulated": of_report(json.loads((home / "evaluation.json").read_text())),
        "MovieLens, last like": of_lines(lines, "loo"),
        "MovieLens, random fifth": of_lines(lines, "random"),
        "Foundation": bids[~bids.index.duplicated()],
    }


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path, help="a home with evaluation.json")
    arg.add_argument("--without", nargs="*", default=[], help="methods to leave out, such as random")
    arg.add_argument("--seed", type=int, default=42)
    add_options(arg)
    a = arg.parse_args()
    sets = {n: d.drop(index=a.without, errors="ignore") for n, d in data_sets(a.home).items()}
    means = pd.DataFrame({n: d["mean"] for n, d in sets.items()})
    shared = means[means["simulated"].notna()].sort_values("simulated", ascending=False)
    print(markdown(shared.map(lambda v: "" if v != v else f"{v:.4f}")), "\n")
    names = list(sets)
    pairs = [
        (m, n)
        for i, m in enumerate(names)
        for n in names[i + 1 :]
        if len(sets[m].index.intersection(sets[n].index)) > 2
    ]
    found = {f"{m} / {n}": agreement(sets[m], sets[n], a.seed) for m, n in pairs}
    print(markdown(pd.DataFrame(found).T.map(lambda v: f"{v:.3g}")), "\n")
    print(json.dumps(found))
    keep(found, a, a.seed, a.home)


if __name__ == "__main__":
    main()

"""`benchmarks/compare.py` on small lists, and what `benchmarks/movielens.py --export` writes for the peers."""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import UserError
from art_recsys.core import Cols

ROOT = Path(__file__).parent.parent


@pytest.fixture
def benchmark(monkeypatch):
    "Import a file of benchmarks/ as a module"
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module


def write(file: Path, best: dict[str, str]):
    "Lists of two works: `best` of every user, then a work that nobody likes"
    rows = [(u, w, rank) for u, first in best.items() for rank, w in ((1, first), (2, "99"))]
    pd.DataFrame(rows, columns=[Cols.user_id, Cols.artwork_id, Cols.rank]).to_csv(file, index=False)


def test_a_figure_is_the_mean_over_the_seeds(tmp_path, benchmark):
    compare = benchmark("compare")
    test = pd.DataFrame({Cols.user_id: ["0", "1"], Cols.artwork_id: ["7", "8"]})
    write(tmp_path / "two_tower-42.csv", {"0": "7", "1": "8"})  # both right
    write(tmp_path / "two_tower-43.csv", {"0": "7", "1": "1"})  # one right
    lists = compare.read_lists(tmp_path)
    assert list(lists) == ["two_tower"] and list(lists["two_tower"]) == [42, 43]
    found, row = compare.figures(lists["two_tower"], test, 10)
    assert found["ndcg@10"].tolist() == [1, 0.5]
    assert row["ndcg@10"] == {"mean": 0.75, "se": 0.25} and row["by_seed"] == [1, 0.5] and row["seeds"] == 2
    assert row["coverage@10"] == 0.3  # works 7, 8, 99 and 7, 1, 99 of ten


def test_the_order_of_a_list_is_its_rank_and_not_the_order_of_the_lines(tmp_path, benchmark):
    compare = benchmark("compare")
    pd.DataFrame({"user_id": [0, 0], "artwork_id": [5, 6], "rank": [2, 1]}).to_csv(tmp_path / "als-42.csv", index=False)
    assert compare.read_lists(tmp_path)["als"][42][Cols.artwork_id].tolist() == ["6", "5"]


def test_pairs_are_tested_user_by_user_with_the_peers_only(benchmark):
    compare = benchmark("compare")
    users = pd.Index([str(u) for u in range(200)])
    noise = pd.Series(np.random.default_rng(1).random(200), users)
    rows = compare.paired(
        "two_tower", {"two_tower": noise + 0.01, "ease": noise, "sasrec": noise, "hstu": noise + 0.01}
    )
    better, level = rows
    assert (better["peer"], better["difference"]) == ("sasrec", 0.01) and better["p_holm"] == 2 * better["p"] < 0.01
    assert (level["peer"], level["difference"], level["p"]) == ("hstu", 0, 1)
    assert better["low"] == better["high"] == 0.01  # paired: the noise that both share is gone


def test_an_empty_folder_is_named(tmp_path, benchmark):
    with pytest.raises(UserError, match="has no lists"):
        benchmark("compare").read_lists(tmp_path)


def test_the_exported_split_has_the_likes_of_our_recommenders(tmp_path, benchmark, monkeypatch, capsys):
    movielens = benchmark("movielens")
    for n, part in enumerate(("train", "val", "test")):
        (tmp_path / "ml" / "loo").mkdir(parents=True, exist_ok=True)
        pd.DataFrame({"u": [0, 1], "i": [n, n + 1], "t": [n, n]}).to_csv(
            tmp_path / "ml" / "loo" / f"{part}.csv", index=False
        )
    out = tmp_path / "out"
    monkeypatch.setattr(sys, "argv", ["movielens.py", str(tmp_path / "ml"), "--export", str(out)])
    movielens.main()
    size = {f"{p.parent.name}/{p.stem}": len(pd.read_csv(p)) for p in out.glob("*/*.csv")}
    assert size == {"val/fit": 2, "val/held": 2, "test/fit": 4, "test/held": 2}
    held = pd.read_csv(out / "test" / "held.csv", dtype=str)
    assert held.to_dict("list") == {"user_id": ["0", "1"], "artwork_id": ["2", "3"], "ts": ["2", "2"]}


def test_the_names_of_the_peers_are_those_of_their_script(benchmark):
    text = (ROOT / "benchmarks" / "peers" / "peers.py").read_text()
    models = text[text.index("\nMODELS = ") : text.index("\nSMALL = ")]
    for name in benchmark("compare").PEERS:
        assert f'"{name}": (' in models or name == "hstu_last"


def test_a_results_file_has_one_row_per_recommender_and_split():
    for file in (ROOT / "benchmarks" / "results").glob("movielens_*.json"):
        kept = json.loads(file.read_text())["result"]
        rows = kept["recommenders"] if isinstance(kept, dict) else kept
        keys = [(r["name"], r["split"], r["part"]) for r in rows]
        assert keys and len(keys) == len(set(keys)), file.name

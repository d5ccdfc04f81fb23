"""Reports as tables: a ranking model that was rejected is shown as such."""

import json
from types import SimpleNamespace

import nbformat
import pytest

from art_recsys.evaluation import evaluate_recommenders
from art_recsys.reports.page import write_page
from art_recsys.reports.result import report
from art_recsys.reports.tables import by_split
from tests.small_frames import frames


@pytest.mark.parametrize("used", [True, False])
def test_every_table_says_so_where_the_ranking_is_not_used(tmp_path, used):
    result = evaluate_recommenders(*frames(), ["popularity", "ease"])
    ranker = SimpleNamespace(uses_ranking=used)
    result.models["ease"] = SimpleNamespace(model=SimpleNamespace(ranker=ranker))
    found = json.loads(json.dumps(report(result)))
    assert found["uses_ranking"] == {"ease": used}
    write_page(found, tmp_path / "page.ipynb")
    page = nbformat.read(tmp_path / "page.ipynb", 4)
    tables = [o.data["text/markdown"] for c in page.cells for o in c.get("outputs", []) if "text/markdown" in o.data]
    shown = [t for t in (*tables, result._repr_markdown_()) if "| ease" in t]
    assert len(shown) > 2 and all(("| ease (ranking not used) |" in t) != used for t in shown)


def test_figures_of_two_splits_stand_beside_each_other(tmp_path):
    rows = [
        {"name": "ours", "split": "loo", "ndcg@10": {"mean": 0.2, "se": 0.01}, "uses_ranking": None, "measured": None},
        {"name": "two_stage", "split": "loo", "ndcg@10": {"mean": 0.1, "se": 0.02}, "uses_ranking": False},
        {"name": "peer", "split": "random", "ndcg@10": {"mean": 0.3, "se": 0.01}, "measured": "apart"},
    ]
    again = rows[0] | {"ndcg@10": {"mean": 0.9, "se": 0.01}}
    for name, kept in {"ours": rows[:2], "peers": {"recommenders": [*rows[2:], again]}}.items():
        (tmp_path / name).write_text(json.dumps({"result": kept}))
    found = by_split(tmp_path / "ours", tmp_path / "peers")
    assert found.to_dict() == {
        "loo": {"peer *": "", "ours": "0.200 ± 0.010", "two_stage": "0.100 ± 0.020 (ranking not used)"},
        "random": {"peer *": "0.300 ± 0.010", "ours": "", "two_stage": ""},
    }

"""The studies that fit the models again, on small frames: they are in the report, on the page and in the tables."""

import json

import nbformat
import pytest

from art_recsys.config import load_settings
from art_recsys.core import Cols, as_artworks, as_events, as_users
from art_recsys.evaluation import evaluate_split, hold_out
from art_recsys.reports.page import write_page
from art_recsys.reports.result import report
from art_recsys.reports.tables import seeds_table, splits_table
from art_recsys.reports.thorough import fresh_recommenders, studies
from art_recsys.reports.tuning import SPACES, tune
from tests.small_frames import frames

SETTINGS = load_settings(epochs=1, embedding_dim=8, batch_size=64, history_length=5)
NAMES = ("random", "popularity", "als", "ease", "two_tower", "two_stage")


@pytest.fixture(scope="module")
def measured():
    works, users, events = frames(40, 40, 2500)
    works, users, events = as_artworks(works), as_users(users), as_events(events)
    train, test = hold_out(events, 0.2)
    tuning = tune(works, users, train, 2, 0.2, spaces={"ease": SPACES["ease"]})
    fresh = fresh_recommenders(SETTINGS, tuning)
    result = evaluate_split(works, users, train, test, {n: fresh[n] for n in NAMES})
    result.tuning = tuning
    result.studies = studies(works, users, events, train, test, result, SETTINGS, evaluate_split, 2)
    return result


def test_the_studies_are_in_the_report(measured):
    found = json.loads(json.dumps(report(measured, SETTINGS)))
    assert set(found["seeds"]["metrics"]) == {"random", "als", "two_tower", "two_stage"}
    assert found["seeds"]["seeds"] == [42, 1042] and len(found["seeds"]["differences"]) == 1
    of_towers = found["seeds"]["metrics"]["two_tower"]["ndcg@10"]
    assert of_towers["seed_sd"] > 0 and of_towers["user_se"] > 0
    table = found["splits"]["table"]
    assert set(table) == set(NAMES) and found["splits"]["agreement"]["methods"] == len(NAMES)
    assert table["ease"]["time split mean"] == found["metrics"]["ease"]["ndcg@10"]["mean"]
    assert table["ease"]["last like mean"] != table["ease"]["time split mean"]
    assert found["splits"]["last like"]["split_at"] == "each user"
    assert {"popularity", "ease"} <= set(found["cold_start"])
    assert found["baselines"]["ease"]["trials"] == 2


def test_the_studies_are_on_the_page_and_in_the_tables(measured, tmp_path):
    found = json.loads(json.dumps(report(measured, SETTINGS)))
    write_page(found, tmp_path / "page.ipynb")
    page = nbformat.read(tmp_path / "page.ipynb", 4)
    nbformat.validate(page)
    shown = [o.data.get("text/markdown", "") for c in page.cells if c.cell_type == "code" for o in c.outputs]
    assert seeds_table(found) in shown and splits_table(found) in shown
    assert any("rank, last like" in t for t in shown) and any("ndcg_ips@10" in t for t in shown)
    headings = "\n".join(c.source for c in page.cells if c.cell_type == "markdown")
    for words in ("Seeds beside users", "leaks the future of others", "Values of the baselines", "popularity counts"):
        assert words in headings
    code = {"found": found}
    exec("\n".join(line for line in page.cells[1].source.splitlines() if "read_json" not in line), code)
    for c in page.cells[2:]:
        if c.cell_type == "code" and "plot" not in c.source:
            assert eval(c.source, code).data == c.outputs[0].data["text/markdown"]
    assert "± " in measured._repr_markdown_() and "training seeds" in measured._repr_markdown_()


def test_a_log_without_a_last_like_skips_that_study(measured):
    works, users, events = frames(40, 40, 2500)
    events = as_events(events).assign(**{Cols.ts: as_events(events)[Cols.ts].iloc[0]})
    found = studies(works, users, events, events, events, measured, SETTINGS, evaluate_split, which=("splits",))
    assert "no last like" in found["splits"]["skipped"]
    measured_then, measured.studies = measured.studies, found
    assert report(measured)["splits"] == found["splits"]
    measured.studies = measured_then

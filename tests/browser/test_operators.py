"The operators' page: its calculations on small numbers, its kernel, and the page with the real server"

import json
import os
import re
from pathlib import Path

import pytest

from art_recsys.gallery.app import start_gallery
from art_recsys.gallery.operators import Operators, latencies, quantile, served_scores, value_of
from art_recsys.serving.insight import distance
from art_recsys.serving.lookup import code_of
from tests.browser.chromium import Watch, expect

ROOT = Path(__file__).parents[2]
TEXT = """# TYPE art_recsys_request_seconds histogram
art_recsys_request_seconds_bucket{le="0.01",method="POST",path="/recommend"} 50.0
art_recsys_request_seconds_bucket{le="0.02",method="POST",path="/recommend"} 100.0
art_recsys_request_seconds_bucket{le="+Inf",method="POST",path="/recommend"} 100.0
art_recsys_request_seconds_count{method="POST",path="/recommend"} 100.0
art_recsys_request_seconds_sum{method="POST",path="/recommend"} 1.1
# TYPE art_recsys_requests_total counter
art_recsys_requests_total{method="POST",path="/recommend",status="200"} 97.0
art_recsys_requests_total{method="POST",path="/recommend",status="500"} 3.0
art_recsys_requests_total{method="GET",path="/ready",status="503"} 9.0
# TYPE art_recsys_score histogram
art_recsys_score_bucket{le="0.5"} 4.0
art_recsys_score_bucket{le="1.0"} 5.0
art_recsys_score_bucket{le="+Inf"} 5.0
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1048576.0
"""


def test_distance():
    assert distance([1, 1], [5, 5]) == 0 and distance([1, 0], [0, 9]) == 1 and distance([0, 0], [1, 2]) is None
    assert (
        distance([1, 0], [1, 1])
        == pytest.approx(0.558, abs=0.001)
        == pytest.approx(distance([2, 2], [9, 0]), abs=0.001)
    )


def test_the_text_of_prometheus_is_read():
    assert (
        quantile([(1, 0), (2, 10), (float("inf"), 10)], 0.5) == 1.5 and quantile([(1, 1), (float("inf"), 10)], 0.9) == 1
    )
    assert latencies(TEXT) == [
        {"method": "POST", "path": "/recommend", "n": 100, "errors": 3, "p50": 10.0, "p95": 19.0}
    ]
    assert (
        served_scores(TEXT) == [4, 1]
        and value_of(TEXT, "process_resident_memory_bytes") == 2**20
        and value_of(TEXT, "none") == 0
    )


def test_only_a_look_is_answered_and_a_server_that_is_down_is_said():
    page = Operators(server_url="http://127.0.0.1:1")
    sent = []
    page.send = lambda message, buffers=None: sent.append(message)
    for message in [
        "x",
        None,
        {},
        {"type": "look"},
        {"type": "look", "seq": "1"},
        {"type": "_look", "seq": 1},
        {"type": "look", "seq": -1},
        {"type": "visitor", "seq": 1},
        {"type": "work", "seq": 1, "work": "x" * 501},
        {"type": "compare", "seq": 1, "first": "a", "second": [], "visitor": "b"},
    ]:
        page._handle_custom_msg(message, [])
    assert sent == []
    page._handle_custom_msg({"type": "look", "seq": 4}, [])
    assert sent[0]["type"] == "error" and sent[0]["seq"] == 4 and "not answering" in sent[0]["text"]


def test_the_page_draws_what_happened(chromium, tiny_run):
    from art_recsys.serving import start

    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with (
        start(tiny_run) as models,
        models.client() as client,
        start_gallery(tiny_run, models.url, page="operators") as running,
    ):
        before = client.insight()
        work = client.recommend("seen by operators")["items"][0]
        client.like("seen by operators", work["artwork_id"])
        after = client.insight()
        assert after["totals"]["like"] == before["totals"].get("like", 0) + 1
        assert sum(h["like"] for h in after["activity"]) - sum(h["like"] for h in before["activity"]) == 1
        assert after["totals"]["impression"] - before["totals"].get("impression", 0) == tiny_run.page_size
        assert (
            0 < after["coverage"]["shown"] <= after["coverage"]["works"] == tiny_run.n_artworks
            and 0 <= after["coverage"]["gini"] < 1
        )
        assert sum(after["reference_scores"]) > 0 and after["reference_scores"] == before["reference_scores"]
        assert [m["name"] for m in after["models"]] == ["query", "ranking"] and after["models"][1]["metrics"]
        assert {t["facet"] for t in after["taste"]} == {"category", "medium", "period", "colour"} and all(
            0 <= t["distance"] <= 1 for t in after["taste"]
        )
        watching = Watch(chromium, running.url)
        for scheme, width in (("light", 1280), ("dark", 390)):
            page = watching.open(
                ready=".operators .figure", color_scheme=scheme, viewport={"width": width, "height": 900}
            )
            expect(page.get_by_role("status")).to_contain_text("All is well")
            expect(page.locator(".works").nth(1)).to_contain_text(work["artwork"]["title"])
            expect(page.get_by_role("region", name="Latency by route")).to_contain_text("POST /recommend")
            assert page.evaluate("document.documentElement.scrollWidth") == width
            assert all(page.locator(".scroll").evaluate_all("all => all.map((s) => s.scrollWidth <= s.clientWidth)"))
            found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
            assert found == [], json.dumps(
                [[v["id"], v["nodes"][0]["html"][:200], v["nodes"][0].get("failureSummary")] for v in found]
            )
        likes = page.locator(".figure", has_text=re.compile(r"^\s*\d+\s*likes?\s*$")).locator("strong")
        now = int(likes.text_content())
        client.like("seen by operators", client.recommend("seen by operators")["items"][0]["artwork_id"])
        expect(likes).to_have_text(str(now + 1))  # the page updates itself

        likes.get_by_role("link").click()  # from the number to the visitors, to one of them, to a work, and back
        page.get_by_role("link", name=code_of("seen by operators")).click()
        expect(page.get_by_role("heading", level=2)).to_be_focused()
        expect(page.locator(".rows").first).to_contain_text(work["artwork"]["title"])
        expect(page.locator(".rows").nth(1).locator("> li")).to_have_count(24)
        page.locator("summary").first.click()
        expect(page.locator("dl").first).to_be_visible()
        assert "seen by operators" not in page.content()  # the id of a visitor is their key
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert axe.run(page, options={"resultTypes": ["violations"]}).response["violations"] == []
        page.locator(".rows").first.get_by_role("link", name=work["artwork"]["title"]).click()
        expect(page.get_by_role("heading", level=2)).to_have_text(work["artwork"]["title"])
        expect(page.get_by_role("link", name=code_of("seen by operators"))).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", level=2)).to_contain_text(code_of("seen by operators"))
        page.get_by_role("link", name="Compare two releases").click()
        page.get_by_role("button", name="Compare").click()
        expect(page.locator(".verdict")).to_have_text("Both releases give the same page.")
        page.goto(f"{running.url}#visitor={'0' * 12}")
        expect(page.get_by_role("alert")).to_contain_text("There is no visitor")
        assert watching.wrong == []


def test_the_front_end_writes_no_markup_and_asks_nothing_from_outside():
    script = str(Operators._esm)
    assert (
        "innerHTML" not in script
        and "fetch(" not in script
        and "http" not in script.replace("http://www.w3.org/2000/svg", "")
    )
    assert os.path.getsize(ROOT / "art_recsys/gallery/static/operators.js") < 50_000

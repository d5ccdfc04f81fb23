"What is behind the operators' numbers: drift in words, the difference of two pages, and the reads of a real server"

import numpy as np
import pytest
import requests

from art_recsys.config import read_json, write_json
from art_recsys.core import Cols, Event
from art_recsys.serving.drift_words import Lean, lean_of, sentence_of
from art_recsys.serving.lookup import code_of, difference


def likes(pairs):
    "Users as integers, and items"
    return np.unique([u for u, _ in pairs], return_inverse=True)[1], np.array([i for _, i in pairs], int)


def tasteful(r, n, of=100, each=8):
    "Users who like a portrait (the first 18 of 100 works) as often as not, or never: a share of .18 in all"
    out = []
    for u in range(n):
        keen = r.random() < 0.36
        out += [(u, int(r.integers(18) if keen and r.random() < 0.5 else r.integers(18, of))) for _ in range(each)]
    return likes(out)


def test_a_lean_is_said_only_beyond_chance_and_a_keen_visitor_is_one_visitor():
    r = np.random.default_rng(1)
    training, traits = tasteful(r, 400), [("tag", "portrait", np.arange(18)), ("colour", "blue", np.arange(18, 40))]
    crowd = likes([(u, i) for u in range(120) for i in (u % 18, 50 + u % 50, 40 + u % 60)])  # a third of the likes
    found = {f.value: f for f in lean_of(crowd, traits, training, 100)}["portrait"]
    assert found.p < 0.001 and found.now == pytest.approx(1 / 3) and found.before == pytest.approx(0.18, abs=0.03)
    keen = likes([("one", i % 18) for i in range(60)] + [(f"u{u}", 50 + u) for u in range(20)])
    assert lean_of(keen, traits[:1], training, 100) == []
    chance = [lean_of(tasteful(r, 30, each=6), traits[:1], training, 100) for _ in range(200)]
    assert sum(map(bool, chance)) <= 18  # ten at the level of 5 %
    assert lean_of(likes([(1, 1)]), traits, training, 100) == []  # one visitor
    nobody = (np.zeros(0, int), np.zeros(0, int))
    assert lean_of(nobody, traits, training, 100) == lean_of(crowd, traits, nobody, 100) == []


def test_a_lean_reads():
    text = sentence_of(Lean("tag", "portrait", 0.31, 0.18, 0.003), 24)
    assert text == (
        "The likes of the last seven days lean to portraits: 31 % of them, 18 % in the training data. "
        "That is more than chance (p = .003, 24 visitors)."
    )
    less = sentence_of(Lean("medium", "Oil on canvas", 0.1, 0.3, 0.0001), 24)
    assert "lean away from works in oil on canvas: 10 %" in less and "p < .001" in less
    for kind, value, words in (
        ("tag", "warm", "to warm light:"),
        ("category", "Print", "to prints:"),
        ("period", "1850–1899", "to works from 1850–1899:"),
        ("colour", "blue", "to blue works:"),
    ):
        assert words in sentence_of(Lean(kind, value, 1, 0, 0.01), 9)


def test_two_pages_and_what_became_of_each_work():
    rows = {r["artwork_id"]: (r["first"], r["second"], r["change"]) for r in difference("abcd", "cbxa")}
    assert rows == {
        "c": (3, 1, "up"),
        "b": (2, 2, "same"),
        "x": (None, 3, "new"),
        "a": (1, 4, "down"),
        "d": (4, None, "gone"),
    }
    assert difference([], []) == [] and difference("ab", "ab")[1]["change"] == "same"


def test_a_real_server_tells_what_is_behind_a_number(tiny_run, tmp_path):
    pytest.importorskip("tensorflow")
    import shutil

    from art_recsys.config import load_settings
    from art_recsys.serving import start
    from tests.conftest import TINY

    home = tmp_path / "home"
    shutil.copytree(tiny_run.home, home, ignore=shutil.ignore_patterns("events.db*", ".lock"))  # of other tests
    settings = load_settings("smoke", home, server_port=0, gallery_port=0, **TINY)
    release = read_json(home / "release.json")
    write_json({**release, "version": "later", "before": [release]}, home / "release.json")
    with start(settings) as server, server.client() as client:
        token = client.new_user()
        liked = client.recommend(token)["items"][0]["artwork_id"]
        client.like(token, liked)
        code = code_of(token)

        found = client.lookup_visitors()
        assert found["gallery"][0]["visitor"] == code and found["gallery"][0]["likes"] == 1 and found["training"]
        before = client.insight()["totals"]
        mine = client.lookup_visitor(code)
        assert mine["history"][0]["work"][Cols.artwork_id] == liked and mine["likes"] == 1
        assert mine["history"][0]["event"] == Event.like and len(mine["page"]) == 24
        row = mine["page"][0]
        assert row["sources"] and row["reason"]["text"] and 0 <= row["score"] <= 1 and len(row["features"]) > 5
        assert {r["work"][Cols.artwork_id] for r in mine["page"]}.isdisjoint({liked})
        assert client.insight()["totals"] == before  # looking is no impression

        trained = client.lookup_visitor(found["training"][0]["visitor"])
        assert trained["history"] and trained["history"][0]["ts"] is None and trained["profile"]["description"]

        work = client.lookup_work(liked)
        assert code in [v["visitor"] for v in work["likers"]] and work["gallery"]["like"] == 1 and work["rows"]

        assert [(r["version"], r["served"]) for r in client.releases()] == [
            ("later", True),
            (release["version"], False),
        ]
        both = client.compare(release["version"], "later", code)  # the same models: nothing moved
        assert {r["change"] for r in both["rows"]} == {"same"} and both["kept"] == both["of"] == 24
        assert client.health()["model_version"] == "later" and client.health()["switches"] == 0

        for said in (found, mine, trained, work, both, client.insight()):
            assert token not in str(said) and "u00000" not in str(said)  # no key of a visitor is told
        ask = lambda path, **q: requests.get(f"{server.url}/lookup/{path}", params=q, timeout=60).status_code  # noqa: E731
        assert ask("visitor", code="0" * 12) == 404 and ask("visitor", code=token) == 422
        assert ask("work", artwork_id="<script>") == 404 and ask("visitors", limit=0) == 422
        assert ask("compare", first="later", second="never", code=code) == 404

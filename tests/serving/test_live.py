"The live catalogue of a tiny museum: a new work is recommended, a withdrawn one is nowhere, after restarts too"

import io
import shutil
import time

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from art_recsys.config import load_settings
from art_recsys.core import Cols
from art_recsys.features import load_frames
from art_recsys.gallery.large import Pictures
from art_recsys.language import image_encoder as images
from art_recsys.language import text_encoder as texts
from art_recsys.platform.login import login
from art_recsys.serving import experiments
from art_recsys.serving.live import Live
from art_recsys.serving.loading import load_service
from art_recsys.serving.server import create_app
from tests.conftest import TINY


class Words:
    "A text model: the same words have the same vector"

    def encode(self, strings, **kwargs):
        rows = [
            np.sum([np.random.default_rng(sum(w.encode())).normal(size=384) for w in s.split()], 0) for s in strings
        ]
        return np.stack([r / np.linalg.norm(r) for r in rows]).astype(np.float32)


@pytest.fixture(scope="module")
def settings(tiny_run, tmp_path_factory):
    "A copy of the tiny museum for this module"
    home = tmp_path_factory.mktemp("live") / "home"
    shutil.copytree(tiny_run.home, home)
    return load_settings("smoke", home, server_port=0, **TINY)


@pytest.fixture(autouse=True)
def models(monkeypatch):
    "Models that need not be loaded"
    monkeypatch.setattr(texts, "_load_model", lambda name: Words())
    monkeypatch.setattr(images, "_load_model", lambda name: lambda pictures: np.ones((len(pictures), 256)))
    texts.text_encoder.cache_clear(), images.image_encoder.cache_clear()
    yield
    texts.text_encoder.cache_clear(), images.image_encoder.cache_clear()


@pytest.fixture
def http(settings):
    with TestClient(create_app(settings, load_service(settings))) as client:
        yield client


def settled(http, seconds=60):
    "Wait until all changes are visible"
    end = time.monotonic() + seconds
    while (state := http.get("/api/catalogue").json())["waiting"] or state["pictures"]:
        assert time.monotonic() < end and not state["problem"], state
        time.sleep(0.02)
    return state


def jpeg(colour="navy"):
    out = io.BytesIO()
    Image.new("RGB", (80, 60), colour).save(out, "JPEG")
    return out.getvalue()


def ids(items):
    return [i["artwork_id"] for i in items]


def like_of(http, artwork_id, new_id, **more):
    "A new work with the facts of another one"
    work = http.get(f"/api/artworks/{artwork_id}").json()
    kept = (Cols.artist, Cols.category, Cols.medium, Cols.culture, Cols.tags, Cols.year_start, Cols.palette)
    return {c: work[c] for c in kept} | {"artwork_id": new_id, "title": "Quaxelbury", **more}


def session(http, liked, k=80):
    return ids(http.post("/api/recommend/session", json={"liked": liked, "k": k}).json()["items"])


def rooms_and_walls(http, work, near):
    "All answers that may show a work, as one text"
    asked = [
        http.post("/recommend", json={"user_id": "v", "k": 80}),
        http.post("/recommend", json={"user_id": "new", "k": 80}),
        http.post("/api/recommend/session", json={"liked": near, "k": 80}),
        http.post("/search", json={"text": "quaxelbury", "k": 80}),
        http.post("/similar", json={"artwork_id": near[0], "k": 80}),
        http.get("/likes/v"),
        http.get("/rooms/v"),
        http.get("/users/v"),
        http.get("/artists/Somebody%20New"),
        http.get("/api/artworks?limit=1000"),
        http.post("/v1/models/query:predict", json={"instances": [{"history": near, "k": 200}]}),
        http.post("/map/around", json={"x": 0.5, "y": 0.5, "radius": 2, "k": 200}),
    ]
    assert all(a.status_code == 200 for a in asked), [a.text for a in asked if a.status_code != 200]
    return [f"{a.request.method} {a.request.url.path}" for a in asked if f'"{work}"' in a.text]


def test_a_new_work_is_everywhere_and_a_withdrawn_one_nowhere(http, settings):
    before = http.get("/api/catalogue").json()["artworks"]  # other tests of this module insert works, too
    first = http.get("/api/artworks?after=sample-&limit=3").json()  # of the museum itself
    a, b, c = ids(first["items"])
    assert ids(http.get(f"/api/artworks?after={first['next']}&limit=1").json()["items"])[0] > c
    new = like_of(http, a, "loan/7", artist="Somebody New")
    put = http.post("/api/artworks", json={"artworks": [new, {"artwork_id": "untitled"}]})
    assert put.status_code == 200 and put.json()["inserted"] == 1
    assert [(e["index"], e["id"], e["field"]) for e in put.json()["errors"]] == [(1, "untitled", "title")]
    assert http.put("/api/pictures/loan/7", content=jpeg()).status_code == 200
    refused = http.put("/api/pictures/loan/7", content=b"no picture")
    assert refused.status_code == 422 and "not a picture" in refused.json()["detail"]
    assert settled(http)["artworks"] == before + 1
    assert http.get("/pictures/loan/7").content[:2] == b"\xff\xd8" and Pictures(settings.home).path("loan/7")
    details = http.get("/api/artworks/loan/7").json()
    assert details["title"] == "Quaxelbury" and details["description"] and len(details["palette"]) > 0
    service = http.app.state.releases.service
    row = service.two_tower.item_index["loan/7"]
    features = service.two_tower.artwork_features
    assert np.isclose(np.linalg.norm(features["text"][row]), 1) and np.isclose(
        np.linalg.norm(features["image"][row]), 1
    )
    assert http.post("/events", json={"events": [{"user_id": "v", "artwork_id": "loan/7", "event": "like"}]}).is_success
    assert http.post("/rooms", json={"user_id": "v", "name": "R", "artwork_ids": ["loan/7", b]}).is_success
    shown = rooms_and_walls(http, "loan/7", [b, c])
    assert len(shown) == 12, shown  # the next page of who likes it names it as a reason
    assert "loan/7" in session(http, [b, c]) and "loan/7" not in session(http, ["loan/7", b])
    again = http.post("/api/artworks", json={"artworks": [new]}).json()
    assert (again["inserted"], again["changed"], again["unchanged"]) == (0, 0, 1)

    assert http.put("/api/artworks/loan/7", json={"title": "Zorbel"}).json()["changed"] == 1
    settled(http)
    assert http.get("/artworks/loan/7").json()["title"] == "Zorbel" and http.get("/pictures/loan/7").status_code == 200
    assert ids(http.post("/search", json={"text": "zorbel"}).json()["items"])[0] == "loan/7"

    assert http.delete("/api/artworks/loan/7").json() == {"withdrawn": 1, "unchanged": 0}
    assert rooms_and_walls(http, "loan/7", [b, c]) == []
    for path in ("/artworks/loan/7", "/pictures/loan/7", "/api/artworks/loan/7", "/api/recommend/artwork/loan/7"):
        assert http.get(path).status_code == 404, path
    assert Pictures(settings.home).path("loan/7") is None
    like = {"event_id": "e", "user_id": "v", "artwork_id": "loan/7", "event": "like"}
    answer = http.post("/api/events", json={"events": [like]})
    assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "artwork_id"


def test_changes_survive_a_restart_and_the_next_features_hold_them(settings):
    from art_recsys.features import build_features

    with TestClient(create_app(settings, load_service(settings))) as http:
        a, b, c = ids(http.get("/api/artworks?limit=3").json()["items"])
        kept = like_of(http, a, "kept", title="Kept")
        del kept["artwork_id"]
        assert http.put("/api/artworks/kept", json=kept).json()["inserted"] == 1
        http.put(f"/api/artworks/{b}", json={"title": "Renamed"})
        settled(http)
        http.post("/api/artworks/withdraw", json={"artwork_ids": [c]})
        assert http.put("/api/users/al", json={"age": 40, "description": "sails at night"}).json()["inserted"] == 1

    def check(http):
        found = {w["artwork_id"]: w["title"] for w in http.get("/api/artworks?limit=1000").json()["items"]}
        assert found["kept"] == "Kept" and found[b] == "Renamed" and c not in found
        assert "kept" in session(http, [b]) and c not in session(http, [b])
        user = http.get("/api/users/al").json()
        assert (user["age"], user["description"]) == (40, "sails at night")

    with TestClient(create_app(settings, load_service(settings))) as http:
        check(http)
    build_features(settings)
    artworks, users, _ = load_frames(login(settings), settings)
    rows = artworks.set_index(Cols.artwork_id)
    assert rows.loc["kept", Cols.title] == "Kept" and rows.loc[b, Cols.title] == "Renamed" and c not in rows.index
    assert "al" in set(users[Cols.user_id])
    with TestClient(create_app(settings, load_service(settings))) as http:  # over a release that was trained before
        check(http)


def test_events_and_users_count_at_once(http):
    a, b, *_ = ids(http.get("/api/artworks?limit=9").json()["items"])
    events = [
        {"event_id": f"n{n}", "user_id": "imported", "artwork_id": w, "event": "like"} for n, w in enumerate([a, b])
    ]
    assert http.post("/api/events", json={"events": events}).json() == {"accepted": 2, "duplicates": 0, "errors": []}
    assert http.post("/api/events", json={"events": events}).json()["duplicates"] == 2
    assert set(http.get("/api/users/imported").json()["likes"]) == {a, b}
    assert a not in ids(http.post("/api/recommend/user", json={"user_id": "imported", "k": 80}).json()["items"])
    assert http.put("/api/events/n0", json={"user_id": "imported", "artwork_id": a, "event": "hide"}).json()["accepted"]
    assert (
        http.get("/api/users/imported").json()["hidden"] == [a] and http.get("/api/events/n0").json()["event"] == "hide"
    )
    page = http.get("/api/events?user_id=imported&limit=1").json()
    more = http.get("/api/events", params={"user_id": "imported", "after": page["next"]}).json()
    assert {e["event_id"] for e in page["items"] + more["items"]} >= {"n0", "n1"}
    assert http.delete("/api/events/n1").json() == {"deleted": 1} and http.get("/api/events/n1").status_code == 404
    before = len(http.app.state.releases.service.store)
    session(http, [a])
    assert len(http.app.state.releases.service.store) == before  # nothing of a session is kept
    assert http.delete("/api/users/imported").status_code == 200 and http.get("/api/users/imported").status_code == 404


def test_refusals(http):
    works = [{"artwork_id": f"w{n}", "title": "T"} for n in range(10_001)]
    answer = http.post("/api/artworks", json={"artworks": works})
    assert answer.status_code == 413 and "10,001" in answer.json()["detail"]
    assert http.post("/api/artworks", json={"artworks": [5]}).status_code == 422
    assert http.post("/api/artworks", json={"works": []}).status_code == 422
    assert http.put("/api/artworks/x", json={"titel": "T"}).status_code == 422
    assert http.put("/api/artworks/x", json={"artist": "A"}).json()["detail"] == "title: is needed."
    assert http.put(f"/api/artworks/{'x' * 10_000}", json={"title": "T"}).status_code == 422
    assert http.get("/api/users/nobody").status_code == 404
    assert "/api/artworks" in http.get("/openapi.json").json()["paths"] and "/api/pictures" in http.get("/docs").text


def test_a_picture_that_cannot_be_had_leaves_the_work_without_one(http):
    works = [
        {"artwork_id": "private", "title": "T", "image_url": "http://127.0.0.1:9/a.jpg"},
        {"artwork_id": "nowhere", "title": "T", "image_url": "http://nowhere.invalid/a.jpg"},
    ]
    assert http.post("/api/artworks", json={"artworks": works}).json()["inserted"] == 2
    settled(http)
    found = {a: http.get(f"/api/artworks/{a}").json() for a in ("private", "nowhere")}
    assert "private address" in found["private"]["problem"] and found["nowhere"]["problem"]
    service = http.app.state.releases.service
    row = service.two_tower.item_index["private"]
    assert service.two_tower.artwork_features["text"][row].any()
    assert not service.two_tower.artwork_features["image"][row].any() and not found["private"]["picture"]
    assert Live.private_ok == frozenset()


class FullDisk(io.StringIO):
    "The log of a server on a disk that is full"

    def write(self, text):
        raise OSError(28, "No space left on device")


def test_a_full_disk_ends_no_thread(http, monkeypatch):
    live = http.app.state.live.get()
    monkeypatch.setattr("sys.stderr", FullDisk())
    live._failed(ValueError("what went wrong"))
    experiments.say("a guardrail was crossed")
    assert "what went wrong" in live.problem
    live.problem = ""


def test_a_picture_is_kept_although_the_work_changes_while_it_is_described(http, monkeypatch):
    http.post("/api/artworks", json={"artworks": [{"artwork_id": "sent", "title": "T"}]})
    settled(http)
    live = http.app.state.live.get()
    described, turns = live._made, []

    def slowly(change, file):
        turns.append(change.seq)
        if len(turns) == 1:
            live.rows.put([{"artwork_id": "sent", "title": "Another title"}])
        return described(change, file)

    monkeypatch.setattr(live, "_made", slowly)
    assert live.put_picture("sent", jpeg()) == "" and len(turns) == 2
    monkeypatch.setattr(live, "_made", described)
    settled(http)
    assert http.get("/api/artworks/sent").json()["picture"]


def test_a_work_that_comes_back_is_not_found_by_its_old_words(http):
    found = lambda text: ids(http.post("/search", json={"text": text, "k": 80}).json()["items"])  # noqa: E731
    for title in ("Zorbelfels", "Murkwater"):
        http.post("/api/artworks", json={"artworks": [{"artwork_id": "back", "title": title}]})
        settled(http)
        assert "back" in found(title)
        http.delete("/api/artworks/back") if title == "Zorbelfels" else None
    assert "back" not in found("Zorbelfels")


def test_wrong_codes_are_counted_across_changes_of_the_catalogue(http):
    codes = http.app.state.releases.service.visits.codes
    http.post("/api/artworks", json={"artworks": [{"artwork_id": "counted", "title": "T"}]})
    settled(http)
    assert http.app.state.releases.service.visits.codes is codes


def test_what_comes_while_a_release_loads_is_in_it(http, settings):
    before = http.app.state.releases.service
    after = load_service(settings, before.store)
    http.post("/api/users", json={"users": [{"user_id": "late", "age": 44}]})
    assert "late" not in after.visitors.profiles
    after.take_over(before)
    assert after.visitors.profiles["late"]["age"] == 44 and after.visits.codes is before.visits.codes

"The HTTP routes with a fake service: refused requests, error messages, and a clean start and stop of the process"

import json
import os
import socket
import subprocess
import sys
import threading
import time
import types
from typing import ClassVar

import pytest
import requests
from fastapi.testclient import TestClient

from art_recsys.config import UserError, load_settings, write_json
from art_recsys.serving import Client, find_server, start
from art_recsys.serving.bodies import MAX_BODY
from art_recsys.serving.releases import Releases
from art_recsys.serving.server import bind, create_app, serve
from art_recsys.serving.store import EventStore


class FakeService:
    "A small catalogue without models"

    models = ("query", "ranking")
    works: ClassVar = {
        "a": {"artwork_id": "a", "title": "A"},
        "b/1": {"artwork_id": "b/1", "title": "<img src=x onerror=alert(1)>"},
    }

    def __init__(self, home, version="q1-r1", store=None):
        self.version, self.store, self.home = version, EventStore(home / "events.db") if store is None else store, home

    def take_over(self, before):
        assert before.store is self.store

    def recommend(self, user_id, k, exclude, filters, exclude_artists=(), log=True):
        return {
            "request_id": "r",
            "model_version": self.version,
            "items": [],
            "asked": [user_id, k, list(exclude), filters],
        }

    def similar(self, artwork_id, k, row, exclude):
        return {"rows": [{"name": row, "title": "", "items": [self.artwork(artwork_id)]}], "asked": [k, exclude]}

    def steer(self, user_id, direction, kind, value, event_id):
        if value == "nothing like it":
            raise ValueError(f"No work in the catalogue has the {kind} {value!r}.")
        wish = {"user_id": user_id, "direction": direction, "kind": kind, "value": value, "event_id": event_id}
        return self.store.append([wish])._asdict()

    def taste(self, user_id):
        return {"user_id": user_id, "follows": self.store.steering(user_id)}

    def artwork(self, artwork_id):
        if artwork_id not in self.works:
            raise LookupError(f"There is no work {artwork_id}.")
        return self.works[artwork_id]

    def submit(self, events):
        for e in events:
            self.artwork(e["artwork_id"])
        return self.store.submit(events)

    def user(self, user_id):
        return {"user_id": user_id, "likes": self.store.likes(user_id), "hidden": self.store.hidden(user_id)}

    def users(self, limit):
        return [{"user_id": "u1"}][:limit]

    def new_user(self):
        return "token"

    def search(self, *asked):
        return {"items": [], "asked": asked}

    def choices(self, *asked):
        return {"asked": asked}

    def artist(self, name, k, skip):
        return {"artist": name, "k": k, "skip": skip}

    def filters(self):
        return {"category": ["painting"]}

    def predict(self, name, instances):
        return [{"name": name} for _ in instances]

    def picture_path(self, artwork_id):
        return self.home / "a.jpg" if artwork_id == "a" else None

    def forget(self, user_id):
        return {"user_id": user_id, "rows": {"events": self.store.forget(user_id)}, "left": []}

    def close(self):
        self.store.close()


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path, server_port=0)


@pytest.fixture
def http(settings, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")
    with TestClient(create_app(settings, FakeService(tmp_path))) as client:
        yield client


def refused(answer, status, *words):
    assert answer.status_code == status, answer.text
    assert all(w in answer.json()["detail"] for w in words), answer.text


def test_health_ready_models(http):
    assert http.get("/health").json() == {
        "status": "ok",
        "pid": os.getpid(),
        "model_version": "q1-r1",
        "loading": None,
        "refused": None,
        "switches": 0,
        "looks": 0,
        "store": None,
    }
    assert http.get("/ready").json() == {"ready": True, "model_version": "q1-r1"}
    assert http.get("/v1/models").json() == {"models": ["query", "ranking"]}
    assert http.get("/v1/models/query").json() == {"name": "query", "ready": True}
    refused(http.get("/v1/models/nope"), 404, "nope", "query, ranking")
    assert http.post("/v1/models/query:predict", json={"instances": [{}, {}]}).json() == {
        "predictions": [{"name": "query"}] * 2
    }
    refused(http.post("/v1/models/nope:predict", json={"instances": [{}]}), 404)
    refused(http.post("/v1/models/query:predict", json={"instances": []}), 422, "instances")


def test_until_the_models_are_loaded(settings):
    app = create_app(settings, service=object())
    with TestClient(app) as client:
        app.state.releases.service = None
        assert client.get("/health").status_code == 200
        for path in ("/ready", "/v1/models", "/users", "/filters", "/artworks/a"):
            refused(client.get(path), 503, "loaded")


@pytest.mark.parametrize("k", [-1, 0, 501, 10**30, "many", 1.5, None, [1]])
def test_k(http, k):
    answer = http.post("/recommend", json={"user_id": "u", "k": k})
    if k is None:
        assert answer.json()["asked"] == ["u", None, [], {}]
    else:
        refused(answer, 422, "k")
    if k is not None:
        refused(http.post("/similar", json={"artwork_id": "a", "k": k}), 422, "k")


def test_bodies_that_are_not_what_they_should_be(http):
    def post(data, path="/recommend"):
        return http.post(path, content=data, headers={"content-type": "application/json"})

    refused(post(b'{"user_id": '), 400, "not JSON")
    refused(post(b"\xff\xfe\x00"), 400)
    refused(post(b""), 422)
    refused(post(b"[1, 2]"), 422)
    refused(post(b"null"), 422)
    refused(post(b"{}"), 422, "user_id")
    refused(post(b'{"user_id": ""}'), 422, "user_id")
    refused(post(json.dumps({"user_id": "u" * 201}).encode()), 422, "user_id")
    refused(post(b'{"user_id": "\\ud800"}'), 422)
    refused(post(b'{"user_id": "u", "excludes": []}'), 422, "excludes", "not a known key")
    refused(post(b'{"user_id": "u", "without": []}'), 422, "without is called exclude_artists now.")
    refused(post(b'{"user_id": "u", "filters": {"color": "red"}}'), 422, "color")
    refused(post(b"[" * 100_000), 400)
    refused(http.post("/recommend", data={"user_id": "u"}), 422)
    assert http.get("/recommend").status_code in (404, 405)


def test_a_body_of_10_mb(http, monkeypatch):
    big = json.dumps({"user_id": "u", "exclude": ["x" * 100] * 100_000}).encode()
    assert len(big) > 10_000_000 - 1
    headers = {"content-type": "application/json"}
    refused(http.post("/recommend", content=big, headers=headers), 413, "1 MB")
    chunks = (big[i : i + 65536] for i in range(0, len(big), 65536))  # no Content-Length
    refused(http.post("/recommend", content=chunks, headers=headers), 413, "1 MB")
    monkeypatch.setattr("art_recsys.serving.bodies.MAX_BATCH", 2_000_000)
    chunks = iter([b"[" + b" " * 1_500_000] * 2)
    refused(http.post("/api/artworks", content=chunks, headers=headers), 413, "2 MB")
    assert len(big[:MAX_BODY]) == MAX_BODY and http.get("/health").status_code == 200


def test_filters_and_exclude_arrive(http):
    asked = http.post(
        "/recommend",
        json={
            "user_id": "ü ∀",
            "k": 3,
            "exclude": ["a"],
            "filters": {"category": "painting", "colour": ["red", "blue"], "medium": None, "period": ""},
        },
    ).json()["asked"]
    assert asked == ["ü ∀", 3, ["a"], {"category": "painting", "colour": ["red", "blue"]}]


def test_events(http):
    like = {"user_id": "u", "artwork_id": "a", "event": "like", "event_id": "e1"}
    assert http.post("/events", json={"events": [like]}).json() == {"accepted": 1, "duplicates": 0}
    assert http.post("/events", json={"events": [like]}).json() == {"accepted": 0, "duplicates": 1}
    assert http.get("/users/u").json()["likes"] == ["a"]
    assert http.post("/events", json={"events": []}).json() == {"accepted": 0, "duplicates": 0}

    def bad(**more):
        return http.post("/events", json={"events": [{**like, "event_id": "e2", **more}]})

    refused(bad(event="love"), 422, "events.0.event", "like")
    refused(bad(artwork_id="nope"), 404, "nope")
    refused(bad(ts="yesterday"), 422, "ts")
    refused(bad(ts="0001-01-01T00:00:00+14:00"), 422, "ts")
    refused(bad(position=-1), 422, "position")
    refused(bad(propensity=0.5), 422, "propensity")
    refused(http.post("/events", json={"events": [like] * 1001}), 422, "events")
    both = [{**like, "event_id": "e3"}, {**like, "event_id": "e4", "artwork_id": "nope"}]
    refused(http.post("/events", json={"events": both}), 404)
    assert (
        http.get("/users/u").json()["likes"] == ["a"]
        and http.post("/events", json={"events": both[:1]}).json()["accepted"] == 1
    )
    assert bad(ts="9999-12-31T23:59:59-12:00").json()["accepted"] == 1


def test_a_visitor_is_forgotten(http):
    http.post(
        "/events", json={"events": [{"user_id": u, "artwork_id": "a", "event": "like"} for u in ("u/1", "other")]}
    )
    assert http.delete("/users/u%2F1").json() == {"user_id": "u/1", "rows": {"events": 1}, "left": []}
    assert http.get("/users/u%2F1").json()["likes"] == [] and http.get("/users/other").json()["likes"] == ["a"]
    refused(http.delete("/users/" + "u" * 201), 422)


def test_metrics_count_by_route_and_never_by_id(http):
    http.get("/artworks/a"), http.get("/artworks/nope"), http.get("/nowhere/secret-id")
    http.post("/events", json={"events": [{"user_id": "u", "artwork_id": "a", "event": "like"}]})
    answer = http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    for line in (
        'art_recsys_requests_total{method="GET",path="/artworks/{artwork_id:path}",status="200"} 1.0',
        'art_recsys_requests_total{method="GET",path="/artworks/{artwork_id:path}",status="404"} 1.0',
        'art_recsys_events_total{event="like"} 1.0',
        'art_recsys_release{version="q1-r1"} 1.0',
        "art_recsys_release_refused 0.0",
    ):
        assert line in lines, line
    assert "secret-id" not in answer.text and "process_resident_memory_bytes" in answer.text


def test_the_api_page_asks_nothing_from_outside(http):
    page, spec = http.get("/docs"), http.get("/openapi.json").json()
    assert all(f"<code>{path}</code>" in page.text for path in spec["paths"]) and "RecommendBody" in page.text
    assert "src=" not in page.text and "http" not in page.text.replace("http-equiv", "") and "<script" not in page.text
    assert http.get("/redoc").status_code == 404


def test_a_store_that_cannot_write_says_send_again(http):
    http.app.state.releases.service.store.close()
    refused(
        http.post("/events", json={"events": [{"user_id": "u", "artwork_id": "a", "event": "like"}]}),
        503,
        "send it again",
    )


def test_search_over_http(http):
    def ask(**body):
        return http.post("/search", json=body)

    whole = {"text": "calm sea", "k": 5, "skip": 5, "user_id": "u/1", "filters": {"colour": "blue", "medium": ""}}
    assert ask(**whole).json()["asked"] == ["calm sea", 5, 5, "u/1", {"colour": "blue"}, []]
    assert ask(text="").json()["asked"] == ["", 24, 0, None, {}, []]
    refused(ask(), 422, "text")
    refused(ask(text="a" * 501), 422, "text")
    refused(ask(text=3), 422, "text")
    refused(ask(text="a", skip=-1), 422, "skip")
    refused(ask(text="a", filters={"size": "L"}), 422, "size")


def test_choices_over_http(http):
    assert http.post("/filters", json={"filters": {"colour": "blue"}}).json() == {"asked": [{"colour": "blue"}, []]}
    refused(http.post("/filters", json={"filters": {"size": "L"}}), 422, "size")


def test_artists_over_http(http):
    assert http.get("/artists/Ada%2FB%C3%B6", params={"k": 3}).json() == {"artist": "Ada/Bö", "k": 3, "skip": 0}
    refused(http.get("/artists/" + "a" * 501), 422, "name")
    refused(http.get("/artists/Ada", params={"k": 0}), 422, "k")


def test_similar_works(http):
    def ask(**more):
        return http.post("/similar", json={"artwork_id": "a", **more})

    assert ask().json()["rows"][0]["name"] is None and ask().json()["asked"] == [12, []]
    answer = ask(row="hand", k=3, exclude=["b/1", "x"]).json()
    assert answer["rows"][0]["name"] == "hand" and answer["asked"] == [3, ["b/1", "x"]]
    refused(ask(row="price"), 422, "row")
    refused(ask(exclude="a"), 422, "exclude")
    refused(ask(exclude=[""]), 422, "exclude")
    refused(ask(exclude=["x"] * 20_001), 422, "exclude")


def test_steering(http):
    body = {"user_id": "u/1", "direction": "more", "kind": "tag", "value": "sea"}

    def ask(**more):
        return http.post("/steer", json=body | more)

    assert ask(event_id="e").json() == {"accepted": 1, "duplicates": 0}
    assert ask(event_id="e").json() == {"accepted": 0, "duplicates": 1}
    assert http.get("/taste/u%2F1").json()["follows"] == [{"direction": "more", "kind": "tag", "value": "sea"}]
    assert ask(direction="neutral").status_code == 200 and http.get("/taste/u%2F1").json()["follows"] == []
    refused(ask(value="nothing like it"), 422, "nothing like it")
    refused(ask(direction="never"), 422, "direction")
    refused(ask(kind="price"), 422, "kind")
    refused(ask(value=""), 422, "value")
    refused(ask(user_id=""), 422, "user_id")
    refused(ask(colour="red"), 422, "not a known key")
    refused(http.get("/taste/" + "u" * 201), 422)
    assert 'art_recsys_events_total{event="more"} 2.0' in http.get("/metrics").text


def test_unknown_works_and_odd_ids(http):
    refused(http.get("/artworks/nope"), 404, "nope")
    refused(http.post("/similar", json={"artwork_id": "nope", "k": 3}), 404, "nope")
    assert http.get("/artworks/b%2F1").json()["title"] == "<img src=x onerror=alert(1)>"
    assert http.get("/artworks/b%2F1").headers["content-type"] == "application/json"
    assert http.get("/users/a%2Fb%3Fc").json()["user_id"] == "a/b?c"
    refused(http.get("/users/" + "u" * 201), 422)
    refused(http.get("/users?limit=0"), 422, "limit")
    refused(http.get("/nowhere"), 404)


def test_pictures(http):
    answer = http.get("/pictures/a")
    assert answer.content == b"\xff\xd8\xff" and answer.headers["content-type"] == "image/jpeg"
    assert "max-age" in answer.headers["cache-control"] and answer.headers["x-content-type-options"] == "nosniff"
    for path in ("b%2F1", "nope", "../a.jpg", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd"):
        assert http.get(f"/pictures/{path}").status_code == 404


def test_port_in_use(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError) as e:
            bind(settings.model_copy(update={"server_port": port}))
    assert f"server_port {port}" in e.value.what and "ART_RECSYS_SERVER_PORT" in e.value.remedy
    with pytest.raises(UserError, match="host"):
        bind(settings.model_copy(update={"server_host": "203.0.113.1"}))


def test_missing_release(settings):
    with pytest.raises(UserError) as e:
        serve(settings)
    assert "art-recsys run" in e.value.remedy
    with pytest.raises(UserError) as e:
        start(settings, timeout=60)  # the process fails with the same message
    assert "art-recsys run" in e.value.remedy and find_server(settings) is None


def test_a_server_file_of_a_dead_process_is_ignored(settings):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for info in (
        {"host": "127.0.0.1", "port": 1, "pid": dead.pid},
        {"host": "127.0.0.1", "port": 1, "pid": os.getpid()},
        {},
        [],
    ):
        write_json(info, settings.home / "server.json")
        assert find_server(settings) is None
    (settings.home / "server.json").write_text("{")
    assert find_server(settings) is None


def test_client_without_a_server():
    client = Client("http://127.0.0.1:1")
    assert client.ready() is False
    with pytest.raises(UserError) as e:
        client.users()
    assert "art-recsys serve" in e.value.remedy

    class Light(Exception):
        pass

    with pytest.raises(Light):
        Client("http://127.0.0.1:1", error=Light).recommend("u")


def test_a_keyword_of_an_earlier_release_is_refused_by_its_new_name():
    client = Client("http://127.0.0.1:1")
    with pytest.raises(UserError, match="without is called exclude_artists now"):
        client.recommend("u", without=["ann"])
    with pytest.raises(TypeError, match="'exclude_artist'"):
        client.recommend("u", exclude_artist=["ann"])


def test_a_server_that_hangs_is_not_asked_again():
    "The server accepts but never answers; the gallery must get the error before its page gives up on the kernel"
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Client(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.5) as client,
    ):
        with pytest.raises(UserError, match=r"does not answer .ReadTimeout"):
            client.like("u", "a")
        silent.accept()[0].close()
        silent.setblocking(False)
        with pytest.raises(BlockingIOError):
            silent.accept()  # one connection, one request
        assert not client.ready(timeout=0.1)


def test_a_connection_that_was_closed_meanwhile_is_opened_again():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Client(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=5) as client,
    ):
        asked = []

        def serve():
            for answer in (b"", b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"):
                connection, _ = listener.accept()
                asked.append(connection.recv(10_000).split(b" ", 1)[0])
                if answer:
                    connection.sendall(answer)
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        assert client.filters() == {}
        thread.join()
        assert asked == [b"GET", b"GET"]


def test_the_client_is_light():
    heavy = ["tensorflow", "torch", "pandas", "numpy", "fastapi", "pydantic", "PIL", "sentence_transformers"]
    code = f"import sys, art_recsys.serving.client; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def one_release(version):
    return {"version": version, "query": {"version": 1}, "ranking": {"version": 1}}


def release(settings, version, *before):
    write_json({**one_release(version), "before": [one_release(v) for v in before]}, settings.home / "release.json")


@pytest.fixture
def follower(settings, monkeypatch):
    "`Releases` with fake services; versions whose name starts with `damaged` fail to load"
    fake = types.ModuleType("art_recsys.serving.loading")

    def load_service(settings, store=None, release=None):
        wanted = release["version"]
        if wanted.startswith("damaged"):
            raise UserError("Model ranking version 9 is damaged: the checksum of x does not match.", "train again")
        return FakeService(settings.home, wanted, store)

    fake.load_service = load_service
    monkeypatch.setitem(sys.modules, "art_recsys.serving.loading", fake)
    release(settings, "one")
    first = Releases(settings, every=0.05)
    yield first
    first.stop()
    first.service.store.close()


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def test_a_new_release_is_taken_over_a_damaged_one_refused_and_the_way_back_open(settings, follower):
    follower.start()
    until(lambda: follower.service)
    store = follower.service.store
    release(settings, "two")
    until(lambda: follower.switches == 1)
    release(settings, "damaged")
    until(lambda: follower.refused)
    assert {k: v for k, v in follower.state().items() if k != "looks"} == {
        "model_version": "two",
        "loading": None,
        "switches": 1,
        "refused": {
            "version": "damaged",
            "why": "Model ranking version 9 is damaged: the checksum of x does not match.",
            "remedy": "train again",
        },
    }
    release(settings, "one")  # a rollback
    until(lambda: follower.switches == 2)
    assert follower.service.version == "one" and follower.refused is None and follower.service.store is store
    (settings.home / "release.json").write_text("{")
    until(lambda: follower.refused)
    assert follower.refused["version"] is None and follower.service.version == "one"


def test_a_server_that_starts_on_a_damaged_release_serves_the_latest_whole_one_before(settings, follower, capfd):
    release(settings, "damaged", "damaged too", "two", "one")
    follower.start()
    until(lambda: follower.service)
    assert follower.service.version == "two" and follower.failure is None and follower.refused["version"] == "damaged"
    assert "checksum" in follower.refused["why"] and "release refused, two is served" in capfd.readouterr().err
    release(settings, "three", "two")  # a refresh
    until(lambda: follower.switches == 1)
    assert follower.service.version == "three" and follower.refused is None


def test_where_no_release_can_be_loaded_the_first_reason_is_said(settings, follower):
    release(settings, "damaged", "damaged too")
    gone = threading.Event()
    follower.start(gone.set)
    assert gone.wait(20) and follower.service is None and "checksum" in follower.failure.what
    follower.service = FakeService(settings.home)  # the fixture closes it


def test_requests_in_flight_do_not_notice_a_switch(settings, follower):
    "Four threads send requests while releases change; every answer is complete and from one version"
    app = create_app(settings, None)
    app.state.releases.every = 0.05
    wrong, seen, done = [], set(), threading.Event()

    def visit(client, user):
        n = 0
        while not done.is_set():
            n += 1
            like = client.post(
                "/events",
                json={"events": [{"user_id": user, "artwork_id": "a", "event": "like", "event_id": f"{user}-{n}"}]},
            )
            page = client.post("/recommend", json={"user_id": user})
            if like.status_code != 200 or page.status_code != 200:
                wrong.append((like.text, page.text))
            else:
                seen.add(page.json()["model_version"])
        liked[user] = n

    liked = {}
    with TestClient(app) as client:
        until(lambda: client.get("/ready").status_code == 200)
        threads = [threading.Thread(target=visit, args=(client, f"u{n}")) for n in range(4)]
        for t in threads:
            t.start()
        for version in ("two", "damaged", "three", "one"):
            release(settings, version)
            until(
                lambda version=version: (
                    version
                    in (
                        client.get("/health").json()["model_version"],
                        (client.get("/health").json()["refused"] or {}).get("version"),
                    )
                )
            )
            time.sleep(0.1)
        assert client.get("/health").json()["status"] == "ok"
        done.set()
        for t in threads:
            t.join()
        written = len(app.state.releases.service.store)
    follower.service = FakeService(settings.home)
    assert wrong == [] and {"two", "three", "one"} <= seen and written == sum(liked.values())


FAKE_SERVER = """
import sys, types
from pathlib import Path
from art_recsys.config import Settings
from art_recsys.serving import release_file
release_file.read_release = lambda settings: {'version': 'one'}
from tests.serving.test_http import FakeService
fake = types.ModuleType('art_recsys.serving.loading')
fake.load_service = lambda settings, store, release: FakeService(Path(settings.home), store=store)
sys.modules['art_recsys.serving.loading'] = fake
from art_recsys.serving.server import serve
serve(Settings.model_validate_json(sys.argv[1]))
"""


def test_process_comes_and_goes(settings):
    import signal
    from pathlib import Path

    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for how in (signal.SIGTERM, signal.SIGINT):
        server = subprocess.Popen(
            [sys.executable, "-c", FAKE_SERVER, settings.model_dump_json()], env=env, stderr=subprocess.PIPE
        )
        end = time.monotonic() + 60
        while not (url := find_server(settings)) and server.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        with Client(url) as client:
            while not client.ready():
                time.sleep(0.05)
            client.like("u", "a")
            assert client.user("u")["likes"] == ["a"] and client.user("a/b")["user_id"] == "a/b"
            assert client.recommend("u", 5, filters={"colour": "", "period": "x"})["asked"] == [
                "u",
                5,
                [],
                {"period": "x"},
            ]
            assert client.new_user() == "token" and client.users() == [{"user_id": "u1"}]
            assert client.predict("query", [{}]) == [{"name": "query"}]
            with pytest.raises(UserError, match="nope"):
                client.artwork("nope")
            with pytest.raises(UserError, match="no picture"):
                client.picture("nope")
            server.send_signal(how)
            server.wait(20)
        assert server.stderr.read() == b""
        server.stderr.close()
        assert not (settings.home / "server.json").exists() and find_server(settings) is None
        assert (
            not Path(f"{settings.home / 'events.db'}-wal").exists()
            or not Path(f"{settings.home / 'events.db'}-wal").stat().st_size
        )
        with pytest.raises((requests.RequestException, UserError)):
            Client(url).health()

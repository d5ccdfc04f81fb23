"Who may do what at the model server: names, keys and roles, rates"

import json
import re
import stat

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from art_recsys.cli import app as cli
from art_recsys.config import UserError, load_settings
from art_recsys.serving.access import RULES, Guard, check_access, role_for
from art_recsys.serving.hosts import Hosts, client_of, reachable_url
from art_recsys.serving.keys import Keys
from art_recsys.serving.limits import Buckets
from art_recsys.serving.server import create_app, serve

from .test_http import FakeService

HERE = "http://127.0.0.1:8471"
EVENT = {"events": [{"user_id": "ann", "artwork_id": "a", "event": "hide"}]}


def guarded(home, **over):
    settings = load_settings(home=home, server_port=0, **over)
    return Guard(create_app(settings, FakeService(home)), settings)


@pytest.fixture
def guard(tmp_path):
    return guarded(tmp_path)


def ask(guard, method, path, base=HERE, **kwargs):
    return TestClient(guard, base_url=base).request(method, path, **kwargs)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8471", "127.0.0.1.evil.example", "10.0.0.7", "a@b", ""])
def test_a_name_that_somebody_else_mapped_to_loopback_reaches_nothing(guard, host):
    for method, path in (("GET", "/users"), ("POST", "/events"), ("DELETE", "/users/ann"), ("GET", "/health")):
        answer = ask(guard, method, path, headers={"host": host}, json=EVENT if method == "POST" else None)
        assert answer.status_code == 400 and "allowed_hosts" in answer.json()["detail"]
    assert len(guard.app.state.releases.service.store) == 0
    assert 'art_recsys_refused_total{status="400"} 4.0' in ask(guard, "GET", "/metrics").text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000", "file://"])
def test_a_page_of_another_origin_may_not_ask(guard, origin):
    answer = ask(guard, "POST", "/users", headers={"origin": origin})
    assert answer.status_code == 403 and "allowed_hosts" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["127.0.0.1:8471", "localhost:8471", "LOCALHOST", "[::1]:8471", "localhost."])
def test_on_loopback_our_own_names_need_no_key_and_have_no_limit(guard, host):
    for _ in range(3):
        assert ask(guard, "POST", "/events", headers={"host": host}, json=EVENT).status_code == 200
    assert ask(guard, "GET", "/users", headers={"host": host, "origin": f"http://{host.lower()}"}).status_code == 200


def test_the_setting_adds_names_and_they_need_a_key(tmp_path):
    guard = guarded(tmp_path, allowed_hosts="Art.example, [fd00::1]")
    key = Keys(tmp_path / "keys.json").new("shop", "read")[1]
    bearer = {"authorization": f"Bearer {key}"}
    assert ask(guard, "GET", "/users", "https://art.example").status_code == 401
    assert ask(guard, "GET", "/users", "https://art.example", headers=bearer).status_code == 200
    assert ask(guard, "GET", "/users", headers=bearer | {"x-forwarded-for": "203.0.113.9"}).status_code == 200
    assert ask(guard, "GET", "/users", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 401  # from a proxy
    assert not Hosts("0.0.0.0", "art.example").why_not("art.example", "https://art.example:443")
    assert Hosts("0.0.0.0").why_not("0.0.0.0", None)
    assert not Hosts("192.0.2.7").why_not("192.0.2.7:8471", None)


def test_a_server_that_others_can_reach_does_not_start_without_keys(tmp_path, monkeypatch):
    monkeypatch.setattr("art_recsys.serving.server.read_release", lambda settings: None)
    for over in ({"server_host": "0.0.0.0"}, {"server_host": "192.0.2.1"}, {"server_keys": "always"}):
        with pytest.raises(UserError) as e:
            serve(load_settings(home=tmp_path, server_port=0, **over))
        assert next(iter(over)) in e.value.what and "art-recsys keys new" in e.value.remedy
    Keys(tmp_path / "keys.json").new("gallery", "write")
    check_access(load_settings(home=tmp_path, server_host="0.0.0.0"))


ROLES = {
    "open": ["GET /health", "GET /ready", "GET /docs", "GET /openapi.json", "HEAD /health"],
    "read": [
        *("GET /users", "GET /users/ann", "GET /metrics", "GET /pictures/a/b", "GET /api/artworks", "GET /map"),
        *("POST /recommend", "POST /search", "POST /similar", "POST /filters", "POST /map/around", "POST /api/search"),
        *(
            "POST /v1/models/query:predict",
            "POST /api/recommend/user",
            "POST /api/recommend/session",
            "GET /visitors/t",
        ),
    ],
    "write": [
        *("POST /events", "POST /steer", "POST /users", "POST /rooms", "PATCH /room/r", "DELETE /room/r"),
        *("POST /room/r/works", "POST /room/r/share", "POST /codes", "POST /codes/redeem", "DELETE /visitors/t"),
        *("POST /api/artworks", "PUT /api/users/ann", "POST /api/artworks/withdraw", "DELETE /api/artworks/a"),
    ],
    "admin": [
        *("DELETE /users/ann", "GET /insight", "GET /lookup/visitors", "GET /lookup/compare", "GET /api/releases"),
        *(
            "DELETE /api/users/ann",
            "GET /api/users",
            "GET /api/events/e",
            "POST /unknown",
            "POST /events/",
            "PUT /users/ann",
        ),
        *("POST /recommend/", "OPTIONS /users", "TRACE /users", "POST /v1/models/a/b:predict"),
    ],
}


def test_one_table_says_which_role_for_what():
    said = {role: [p for p in paths if role_for(*p.split()) == role] for role, paths in ROLES.items()}
    assert said == ROLES


def test_every_route_of_the_server_is_in_the_table(tmp_path):
    for path, methods in create_app(load_settings(home=tmp_path), FakeService(tmp_path)).openapi()["paths"].items():
        for method in methods:
            fits = any(method.upper() in m.split() and re.fullmatch(p, path) for m, p, _ in RULES)
            assert fits or (method == "delete" and path.endswith("/users/{user_id}")), (method, path)


def test_a_role_includes_those_below_it_and_no_more(tmp_path):
    guard = guarded(tmp_path, server_host="0.0.0.0")
    keys = Keys(tmp_path / "keys.json")
    made = {role: keys.new(role, role)[1] for role in ("read", "write", "admin")}
    asked = [("GET", "/users", None), ("POST", "/events", EVENT), ("DELETE", "/users/ann", None)]
    guard.app.state.releases.forget = lambda user_id: {}
    for n, key in enumerate(made.values(), 1):
        got = [ask(guard, m, p, json=b, headers={"authorization": f"bearer {key}"}).status_code for m, p, b in asked]
        assert got == [200] * n + [403] * (3 - n)
    assert ask(guard, "GET", "/health").status_code == 200
    for bad in (
        "",
        "Bearer",
        "Bearer x",
        f"Basic {made['admin']}",
        f"Bearer {made['admin']}x",
        f"Bearer {made['read'][:-1]}_",
    ):
        answer = ask(guard, "GET", "/users", headers={"authorization": bad})
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
        assert made["admin"] not in answer.text
    keys.revoke("admin")
    assert ask(guard, "GET", "/users", headers={"authorization": f"Bearer {made['admin']}"}).status_code == 401


def test_the_command_makes_lists_and_revokes_keys_and_keeps_only_hashes(tmp_path):
    run = lambda *a: CliRunner().invoke(cli, ["keys", *a, "--home", str(tmp_path)])  # noqa: E731
    made = run("new", "--role", "write", "--name", "shop")
    secret = made.stdout.strip()
    file = tmp_path / "keys.json"
    assert len(secret) == 55 and secret[12:] not in file.read_text() and stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = json.loads(run("list", "--json").stdout)
    assert [(r["name"], r["role"]) for r in rows] == [("shop", "write")] and secret not in run("list").output
    assert Keys(file).find(secret).name == "shop"
    for bad in (
        ("new", "--role", "root", "--name", "x"),
        ("new", "--role", "read", "--name", "shop"),
        ("revoke", "nope"),
    ):
        assert isinstance(run(*bad).exception, UserError)
    assert run("revoke", "shop").exit_code == 0 and Keys(file).find(secret) is None
    file.write_text("{")
    assert isinstance(run("list").exception, UserError)


def test_too_many_requests_of_a_key_a_visitor_or_an_address(tmp_path):
    guard = guarded(tmp_path, server_host="0.0.0.0", key_rate=8, visitor_rate=3)
    bearer = {"authorization": f"Bearer {Keys(tmp_path / 'keys.json').new('shop', 'write')[1]}"}
    with TestClient(guard, base_url=HERE) as http:
        like = {"events": [{"user_id": "bob", "artwork_id": "a", "event": "like"}]}
        got = [http.post("/events", json=EVENT, headers=bearer).status_code for _ in range(4)]
        assert got == [200, 200, 200, 429] and http.post("/events", json=like, headers=bearer).status_code == 200
        answer = http.get("/taste/ann", headers=bearer)
        assert answer.status_code == 429 and "visitor_rate" in answer.json()["detail"]
        assert 1 <= int(answer.headers["retry-after"]) <= 20
        last = [http.get("/users", headers=bearer) for _ in range(3)][-1]
        assert last.status_code == 429 and "key_rate" in last.json()["detail"]
        assert [http.get("/health").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_bucket_fills_up_evenly_and_names_are_bounded():
    now = [0.0]
    buckets = Buckets(60, most=2, now=lambda: now[0])
    assert [buckets.wait("a") for _ in range(60)] == [0] * 60
    assert buckets.wait("a") == pytest.approx(1) and buckets.wait("b") == 0
    now[0] = 2.5
    assert [buckets.wait("a") for _ in range(3)] == [0, 0, pytest.approx(0.5)]
    for name in "cdef":
        buckets.wait(name)
    assert len(buckets._left) == 2 and Buckets(0).wait("a") == 0


def test_only_a_proxy_may_say_for_whom_it_asks():
    proxies = frozenset({"127.0.0.1", "10.0.0.2"})
    assert client_of("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", proxies) == "203.0.113.9"
    assert client_of("203.0.113.9", "1.1.1.1", proxies) == "203.0.113.9"
    assert client_of("127.0.0.1", "", proxies) == "127.0.0.1" and client_of("::1", "", proxies) == "::1"
    assert client_of("2001:db8::1", "", proxies) == client_of("2001:db8::ffff:2", "", proxies) == "2001:db8::"
    assert (
        client_of("::ffff:203.0.113.9", "", proxies) == "203.0.113.9" and client_of("x" * 99, "", proxies) == "x" * 64
    )


@pytest.mark.parametrize(
    "host, url",
    [
        ("museum.example", "http://museum.example:8"),
        ("", "http://127.0.0.1:8"),
        ("0.0.0.0", "http://127.0.0.1:8"),
        ("::", "http://[::1]:8"),
        ("::1", "http://[::1]:8"),
        ("[fd00::1]", "http://[fd00::1]:8"),
    ],
)
def test_where_this_machine_reaches_a_server(host, url):
    assert reachable_url(host, 8) == url

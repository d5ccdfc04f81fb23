"Rooms, codes and the lists of a visitor: in the store, over HTTP, and with a hundred strangers' bad ideas"

import json
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest
import uvicorn
from fastapi.testclient import TestClient

from art_recsys.config import Home, UserError, load_settings
from art_recsys.core import as_artworks, as_events, as_users
from art_recsys.serving import Client
from art_recsys.serving.catalogue import Catalogue, UnknownArtwork
from art_recsys.serving.codes import LIFE, MAX_TRIES, WRONG
from art_recsys.serving.forget import forget
from art_recsys.serving.rooms import MAX_NAME, MAX_ROOMS, MAX_TEXT, MAX_WORKS
from art_recsys.serving.server import create_app
from art_recsys.serving.store import EventStore
from art_recsys.serving.visitors import Visitors
from art_recsys.serving.visits import Visits, by_colour, by_time

COLOURS = {
    "red": "#c03028",
    "ochre": "#c9a23a",
    "green": "#3f7a45",
    "blue": "#2f4f9a",
    "grey": "#808080",
    "white": "#f4f4f4",
}
ANN, BOB = "ann-token-0123456789", "bob-token-0123456789"
HOSTILE = "<img src=x onerror=alert(1)>"


def catalogue(home, n=400):
    names = list(COLOURS)
    frame = as_artworks(
        pd.DataFrame(
            {
                "artwork_id": [f"w{i}" for i in range(n)],
                "title": [f"Work {i}" for i in range(n)],
                "artist": ["Ann Artist"] * n,
                "year_start": [None if i == 3 else 1900 - i for i in range(n)],
                "palette": [[COLOURS[names[i % len(names)]]] for i in range(n)],
            }
        )
    )
    return Catalogue(frame, frame["artwork_id"].to_numpy(), Home(home))


def users_and_events():
    return as_users(pd.DataFrame({"user_id": ["u1"]})), as_events(
        pd.DataFrame(
            {
                "event_id": ["e0"],
                "user_id": ["u1"],
                "artwork_id": ["w1"],
                "event": ["like"],
                "ts": [datetime(2026, 1, 1, tzinfo=UTC)],
            }
        )
    )


@pytest.fixture
def visits(tmp_path):
    with EventStore(tmp_path / "events.db") as store:
        yield Visits(catalogue(tmp_path), Visitors(*users_and_events(), store))


def say(visits, user_id, event, *works):
    visits.store.append([{"user_id": user_id, "artwork_id": w, "event": event} for w in works])


def shown(room):
    return [item["artwork"]["artwork_id"] for item in room["items"]]


# ---- order -----------------------------------------------------------------------------------------------------------


def test_colours_stand_around_the_wheel_and_greys_come_last():
    order = [list(COLOURS)[i] for i in by_colour(list(COLOURS.values()))]
    assert order == ["red", "ochre", "green", "blue", "white", "grey"]
    assert by_colour([]) == []


def test_years_are_in_order_and_works_without_one_come_last():
    assert by_time([1900, None, -500, 0, 1900]) == [2, 3, 0, 4, 1]


# ---- rooms -----------------------------------------------------------------------------------------------------------


def test_a_room_is_made_hung_ordered_and_taken_down(visits):
    room = visits.make_room(ANN, "  Blue \n evening ", ["w3", "w0", "w2"])
    assert room["name"] == "Blue evening" and shown(room) == ["w3", "w0", "w2"] and room["share_id"] is None
    rid = room["room_id"]
    assert shown(visits.hang(ANN, rid, ["w1", "w0"], [])) == ["w3", "w0", "w2", "w1"]  # w0 stays where it hangs
    assert shown(visits.change_room(ANN, rid, sorting="colour")) == ["w0", "w1", "w2", "w3"]  # red, ochre, green, blue
    assert shown(visits.change_room(ANN, rid, sorting="time")) == ["w2", "w1", "w0", "w3"]  # w3 has no year
    room = visits.change_room(ANN, rid, sorting="hung", text="Two\r\nlines\x00")
    assert room["text"] == "Two\nlines" and room["name"] == "Blue evening"
    at = {item["artwork_id"]: item["position"] for item in room["items"]}
    assert shown(visits.hang(ANN, rid, [], ["w0"])) == ["w3", "w2", "w1"]
    assert shown(visits.hang(ANN, rid, ["w0"], [], at["w0"])) == ["w3", "w0", "w2", "w1"]  # Undo
    assert [(r["name"], r["total"], len(r["items"])) for r in visits.rooms_of(ANN)["rooms"]] == [("Blue evening", 4, 3)]
    visits.delete_room(ANN, rid)
    assert visits.rooms_of(ANN) == {"rooms": []}
    with pytest.raises(LookupError):
        visits.room(ANN, rid)


def test_nobody_else_opens_or_changes_a_room(visits):
    rid = visits.make_room(ANN, "Mine", ["w1"])["room_id"]
    for act in (
        lambda: visits.room(BOB, rid),
        lambda: visits.change_room(BOB, rid, name="Theirs"),
        lambda: visits.hang(BOB, rid, ["w2"], []),
        lambda: visits.hang(BOB, rid, [], ["w1"]),
        lambda: visits.share_room(BOB, rid, True),
        lambda: visits.delete_room(BOB, rid),
    ):
        with pytest.raises(LookupError):
            act()
    assert shown(visits.room(ANN, rid)) == ["w1"] and visits.room(ANN, rid)["name"] == "Mine"


def test_a_link_shows_the_room_and_nothing_about_its_owner(visits):
    room = visits.make_room(ANN, "For Bob", ["w2", "w1"])
    say(visits, ANN, "like", "w5")
    share_id = visits.share_room(ANN, room["room_id"], True)["share_id"]
    assert len(share_id) >= 20 and visits.share_room(ANN, room["room_id"], True)["share_id"] == share_id
    public = visits.shared_room(share_id)
    assert set(public) == {"name", "text", "sorting", "items"} and shown(public) == ["w2", "w1"]
    assert not any(secret in str(public) for secret in (ANN, room["room_id"], "w5", "position"))
    visits.share_room(ANN, room["room_id"], False)
    with pytest.raises(LookupError, match="closed"):
        visits.shared_room(share_id)
    assert visits.share_room(ANN, room["room_id"], True)["share_id"] != share_id  # the old link stays closed
    with pytest.raises(LookupError):
        visits.shared_room(share_id)


def test_limits_are_told_and_nothing_is_half_done(visits):
    with pytest.raises(ValueError, match="at most 80 characters; this one has 10,000"):
        visits.make_room(ANN, "x" * 10_000, [])
    for empty in ("", "   ", "\n\t\x00"):
        with pytest.raises(ValueError, match="needs a name"):
            visits.make_room(ANN, empty, [])
    with pytest.raises(ValueError, match=f"place for {MAX_WORKS} works"):
        visits.make_room(ANN, "Too full", [f"w{i}" for i in range(MAX_WORKS + 1)])
    with pytest.raises(UnknownArtwork):
        visits.make_room(ANN, "Unknown", ["w1", "nothing"])
    assert visits.rooms_of(ANN) == {"rooms": []}
    rid = visits.make_room(ANN, "🖼" * MAX_NAME, [f"w{i}" for i in range(MAX_WORKS)])["room_id"]
    with pytest.raises(ValueError, match="place for"):
        visits.hang(ANN, rid, ["w399"], [])
    with pytest.raises(ValueError, match="at most 2,000 characters; this one has 2,001"):
        visits.change_room(ANN, rid, name="New", text="x" * (MAX_TEXT + 1))
    with pytest.raises(ValueError, match="not an order"):
        visits.change_room(ANN, rid, sorting="price")
    room = visits.room(ANN, rid)
    assert room["name"] == "🖼" * MAX_NAME and room["works"] == MAX_WORKS and room["text"] == ""
    for _ in range(MAX_ROOMS - 1):
        visits.make_room(ANN, "One more", [])
    with pytest.raises(ValueError, match=f"You have {MAX_ROOMS} rooms"):
        visits.make_room(ANN, "One too many", [])


def test_texts_come_back_as_they_were_typed(visits):
    for name in (HOSTILE, "مرحبا بالعالم", "שלום", "👩‍🎨🖼️", "'; drop table rooms; --", "=1+1"):
        assert visits.make_room(ANN, name, [])["name"] == name


def test_a_work_that_left_the_catalogue_is_left_out(visits):
    rid = visits.make_room(ANN, "Old", ["w1", "w2"])["room_id"]
    del visits.catalogue.cards["w1"]
    assert shown(visits.room(ANN, rid)) == ["w2"] and visits.rooms_of(ANN)["rooms"][0]["total"] == 1


# ---- likes and hidden works ------------------------------------------------------------------------------------------


def test_ten_thousand_likes_come_in_pages(tmp_path):
    with EventStore(tmp_path / "events.db") as store:
        visits = Visits(catalogue(tmp_path, 10_000), Visitors(*users_and_events(), store))
        say(visits, ANN, "like", *(f"w{i}" for i in range(10_000)))
        say(visits, ANN, "hide", "w17", "w4")
        first, last = visits.likes(ANN, 60), visits.likes(ANN, 60, 9960)
        assert first["total"] == 9998 and shown(first)[:2] == ["w9999", "w9998"] and len(first["items"]) == 60
        assert shown(last)[-1] == "w0" and len(last["items"]) == 38
        assert first["items"][0]["at"].endswith("+00:00")
        assert shown(visits.hidden(ANN)) == ["w4", "w17"]
        ids = visits.decisions(ANN)
        assert len(ids["likes"]) == 9998 and ids["hidden"] == ["w4", "w17"]
        code = visits.codes.make(ANN)["code"]
        assert visits.codes.redeem(BOB, code)["likes"] == 9998
        assert visits.decisions(BOB)["likes"] == ids["likes"]


# ---- codes -----------------------------------------------------------------------------------------------------------


def test_a_code_carries_a_copy_once(visits):
    say(visits, ANN, "like", "w1", "w2", "w3")
    say(visits, ANN, "hide", "w9")
    say(visits, ANN, "unlike", "w3")
    visits.store.append([{"user_id": ANN, "direction": "more", "kind": "artist", "value": "Ann Artist"}])
    room = visits.make_room(ANN, "Carried", ["w2", "w1"])
    visits.share_room(ANN, room["room_id"], True)
    say(visits, BOB, "hide", "w1")
    say(visits, BOB, "like", "w7")
    made = visits.codes.make(ANN, ["Muted"])
    code = made["code"]
    assert len(code) == 9 and code[4] == "-" and made["seconds"] == 600
    with pytest.raises(ValueError, match="this very browser"):
        visits.codes.redeem(ANN, code)  # does not use it up
    came = visits.codes.redeem(BOB, f" {code.lower().replace('-', ' ')} ")
    assert came == {"likes": 1, "hidden": 1, "follows": 1, "rooms": 1, "artists": ["Muted"]}
    assert visits.decisions(BOB)["likes"] == ["w2", "w7"]  # what Bob hid stays hidden
    assert set(visits.decisions(BOB)["hidden"]) == {"w1", "w9"}
    assert [w["value"] for w in visits.store.steering(BOB)] == ["Ann Artist"]
    copy = visits.rooms_of(BOB)["rooms"][0]
    assert copy["has"] == ["w2", "w1"] and copy["share_id"] is None and copy["room_id"] != room["room_id"]
    assert visits.decisions(ANN)["likes"] == ["w2", "w1"]  # the first browser keeps its own
    with pytest.raises(ValueError, match="used already"):
        visits.codes.redeem("carl-token-0123456789", code)
    again = visits.codes.make(ANN)["code"]
    assert visits.codes.redeem(BOB, again) == {"likes": 0, "hidden": 0, "follows": 0, "rooms": 0, "artists": []}
    assert len(visits.store.rows(BOB)) == 4  # nothing was written twice


def test_a_code_ends_after_ten_minutes_and_with_the_next_one(visits):
    now = datetime.now(UTC)
    visits.codes.now = lambda: now
    old, new = visits.codes.make(ANN)["code"], visits.codes.make(ANN)["code"]
    for late, code in ((timedelta(0), old), (LIFE + timedelta(seconds=1), new)):
        visits.codes.now = lambda late=late: now + late
        with pytest.raises(ValueError) as e:
            visits.codes.redeem(BOB, code)
        assert str(e.value) == WRONG  # the same words for every reason
    visits.codes.now = lambda: now + LIFE - timedelta(seconds=1)
    assert visits.codes.redeem(BOB, new)["likes"] == 0


def test_wrong_codes_are_limited(visits):
    now = datetime.now(UTC)
    visits.codes.now = lambda: now
    code = visits.codes.make(ANN)["code"]
    for _ in range(MAX_TRIES):
        with pytest.raises(ValueError, match="does not work"):
            visits.codes.redeem(BOB, "AAAA-AAAA")
    with pytest.raises(ValueError, match="Too many"):
        visits.codes.redeem(BOB, code)  # even the right one
    visits.codes.now = lambda: now + LIFE + timedelta(seconds=1)
    with pytest.raises(ValueError, match="does not work"):  # Bob may try again, but this code has ended
        visits.codes.redeem(BOB, code)


def test_the_file_has_no_code(visits):
    code = visits.codes.make(ANN)["code"]
    for file in visits.store.path.parent.iterdir():
        if file.is_file():
            assert code.replace("-", "").encode() not in file.read_bytes() and code.encode() not in file.read_bytes()


def test_two_hands_with_one_code(visits):
    say(visits, ANN, "like", "w1")
    code, came = visits.codes.make(ANN)["code"], []

    def enter(user_id):
        try:
            came.append(visits.codes.redeem(user_id, code)["likes"])
        except ValueError as e:
            came.append(str(e))

    threads = [threading.Thread(target=enter, args=(f"visitor-{n}-0123456789",)) for n in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(map(str, came)) == ["1"] + [WRONG] * 5


# ---- the file, and being forgotten -----------------------------------------------------------------------------------


def test_a_file_of_today_gets_the_tables_and_keeps_its_events(tmp_path):
    db = sqlite3.connect(tmp_path / "events.db")
    db.executescript(
        """create table events(event_id text primary key, user_id text not null, artwork_id text not null,
        event text not null, ts text not null, position real, request_id text, model_version text, propensity real);
        create table steering(event_id text primary key, user_id text not null, direction text not null,
        kind text not null, value text not null, ts text not null);
        insert into events values('e1', 'ann', 'w1', 'like', '2026-11-01T10:00:00.000000+00:00', 3, 'r', 'q1', 1);
        insert into steering values('s1', 'ann', 'more', 'tag', 'sea', '2026-11-01T10:00:00.000000+00:00');"""
    )
    db.close()
    with EventStore(tmp_path / "events.db") as store:
        visits = Visits(catalogue(tmp_path), Visitors(*users_and_events(), store))
        assert store.likes("ann") == ["w1"] and store.rows()[0]["position"] == 3 and len(store.steering("ann")) == 1
        assert visits.make_room("ann", "New", ["w1"])["works"] == 1
    with EventStore(tmp_path / "events.db") as store:
        assert store.likes("ann") == ["w1"] and store.read("select name from rooms") == [("New",)]


def test_a_forgotten_visitor_has_no_room_no_link_and_no_code(visits):
    say(visits, ANN, "like", "w1")
    room = visits.make_room(ANN, "Secret room", ["w1"])
    share_id = visits.share_room(ANN, room["room_id"], True)["share_id"]
    theirs = visits.share_room(BOB, visits.make_room(BOB, "Bob's", ["w2"])["room_id"], True)["share_id"]
    code = visits.codes.make(ANN)["code"]
    settings = load_settings(home=visits.store.path.parent)
    assert forget(settings, ANN, visits.store)["rows"] == {"events": 4}  # a like, a room, a work in it, a code
    assert visits.decisions(ANN)["likes"] == [] and visits.rooms_of(ANN) == {"rooms": []}
    with pytest.raises(LookupError):
        visits.shared_room(share_id)
    with pytest.raises(ValueError):
        visits.codes.redeem(BOB, code)
    assert shown(visits.shared_room(theirs)) == ["w2"]
    for file in visits.store.path.parent.iterdir():
        if file.is_file() and "events.db" in file.name:
            data = file.read_bytes()
            assert not any(trace in data for trace in (ANN.encode(), b"Secret room", share_id.encode())), file.name


# ---- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.fixture
def app(visits, tmp_path):
    service = SimpleNamespace(visits=visits, version="q1-r1", models=(), close=lambda: None)
    return create_app(load_settings(home=tmp_path, server_port=0), service)


@pytest.fixture
def client(app):
    "A client of a real server in a thread"
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.02)
            assert thread.is_alive()
        with Client(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}") as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


def test_a_room_goes_to_a_stranger_and_is_closed(client):
    room = client.make_room(ANN, HOSTILE, ["w1", "w2"])
    rid = room["room_id"]
    assert room["name"] == HOSTILE and [r["name"] for r in client.rooms(ANN)] == [HOSTILE]
    assert client.change_room(ANN, rid, text="On the wall", sorting="time")["sorting"] == "time"
    assert shown(client.hang(ANN, rid, ["w5"], ["w1"])) == ["w5", "w2"]
    share_id = client.share_room(ANN, rid)["share_id"]
    assert client.shared_room(share_id)["text"] == "On the wall"
    assert ANN not in str(client.shared_room(share_id))
    client.share_room(ANN, rid, False)
    with pytest.raises(UserError, match="closed"):
        client.shared_room(share_id)
    with pytest.raises(UserError, match="no such room"):
        client.room(BOB, rid)
    with pytest.raises(UserError, match="at most 80 characters"):
        client.change_room(ANN, rid, name="x" * 10_000)
    assert client.delete_room(ANN, rid) == {"room_id": rid} and client.rooms(ANN) == []


def test_likes_hidden_works_and_codes_over_http(client, visits):
    say(visits, ANN, "like", "w1", "w2")
    say(visits, ANN, "hide", "w3")
    assert client.likes(ANN, 1)["total"] == 2 and shown(client.likes(ANN, 1, 1)) == ["w1"]
    assert shown(client.hidden(ANN)) == ["w3"]
    assert client.decisions("u1") == {"user_id": "u1", "likes": ["w1"], "hidden": []}  # of the training data
    code = client.make_code(ANN, ["Somebody"])["code"]
    assert client.redeem(BOB, code) == {"likes": 2, "hidden": 1, "follows": 0, "rooms": 0, "artists": ["Somebody"]}
    with pytest.raises(UserError, match="does not work"):
        client.redeem(BOB, code)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/rooms", {"user_id": ANN}, 422),
        ("POST", "/rooms", {"user_id": "", "name": "A"}, 422),
        ("POST", "/rooms", {"user_id": ANN, "name": "A", "artwork_ids": ["nothing"]}, 404),
        ("POST", "/rooms", {"user_id": ANN, "name": "A", "owner": BOB}, 422),
        ("POST", "/rooms", {"user_id": ANN, "name": ["A"]}, 422),
        ("PATCH", "/room/nothing", {"user_id": ANN, "name": "A"}, 404),
        ("PATCH", "/room/nothing", {"user_id": ANN, "sorting": "price"}, 422),
        ("GET", "/room/nothing", None, 422),
        ("GET", f"/room/nothing?user_id={ANN}", None, 404),
        ("GET", "/shared/" + "x" * 5000, None, 404),
        ("GET", "/shared/..%2f..%2fetc", None, 404),
        ("POST", "/codes/redeem", {"user_id": BOB, "code": "x" * 201}, 422),
        ("POST", "/codes/redeem", {"user_id": BOB, "code": "\ud83d"}, 422),
        ("GET", f"/likes/{ANN}?k=100000", None, 422),
        ("GET", "/likes/" + "x" * 201, None, 422),
    ],
)
def test_refused_requests_say_why(app, method, path, body, status):
    with TestClient(app) as http:
        body = None if body is None else json.dumps(body)  # ASCII, as lone surrogates need it
        answer = http.request(method, path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == status and answer.json()["detail"], answer.text

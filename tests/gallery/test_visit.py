"The widget's answers about likes, hidden works, rooms and codes; and the page of a shared room, over a real tornado"

import asyncio
import re
import threading

import pytest
import requests
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from art_recsys.gallery.assets import ASSET_HANDLERS
from art_recsys.gallery.shared import ROOM_HANDLERS, room_page

from .gallery_standin import HOSTILE, StandIn, works
from .test_gallery import Visitor


@pytest.fixture
def server():
    standin = StandIn()
    yield standin
    standin.down()


@pytest.fixture
def visitor(server):
    return Visitor(server)


def like(visitor, n):
    ids = visitor.ids(visitor.state)[:n]
    for artwork_id in ids:
        visitor.say("like", artwork_id=artwork_id, on=True)
    return ids


def test_likes_and_hidden_works_come_in_parts(visitor):
    while not (more := visitor.say("more"))["end"]:
        pass
    ids = like(visitor, 24) + visitor.ids(more)
    for artwork_id in list(visitor.gallery._known)[:]:
        visitor.say("like", artwork_id=artwork_id, on=True)
    first = visitor.say("likes", skip=0)
    rest = visitor.say("likes", skip=60)
    assert (first["total"], len(first["items"]), first["end"], len(rest["items"]), rest["end"]) == (
        90,
        60,
        False,
        30,
        True,
    )
    assert len(set(visitor.ids_of(first) + visitor.ids_of(rest))) == 90
    for artwork_id in ids[:2]:
        visitor.say("hide", artwork_id=artwork_id, on=True)
    assert visitor.ids_of(visitor.say("hidden", skip=0)) == ids[1::-1]
    visitor.say("hide", artwork_id=ids[0], on=False)
    assert visitor.ids_of(visitor.say("hidden", skip=0)) == [ids[1]]
    assert visitor.say("likes", skip=-1) is None and visitor.say("hidden") is None


def test_what_was_hidden_on_another_day_can_be_shown_again(server, visitor):
    artwork_id = visitor.ids(visitor.state)[0]
    visitor.say("hide", artwork_id=artwork_id, on=True)
    back = Visitor(server, token=visitor.state["token"])
    assert back.say("hide", artwork_id=artwork_id, on=False) is None  # nothing that this page has shown
    back.say("hidden", skip=0)
    assert back.say("hide", artwork_id=artwork_id, on=False)["hidden"] is False
    assert back.say("hidden", skip=0)["total"] == 0


def test_another_tab_reads_again_what_is_liked(server, visitor):
    other = Visitor(server, token=visitor.state["token"])
    ids = like(visitor, 2)
    assert other.say("refresh")["liked"] == []
    assert other.say("sync")["liked"] == ids[::-1] and set(other.say("refresh")["liked"]) == set(ids)


def test_a_room_from_its_making_to_its_end(visitor):
    ids = like(visitor, 3)
    room = visitor.say("make_room", name=HOSTILE, artwork_ids=ids)
    assert room["type"] == "room" and room["name"] == HOSTILE and visitor.ids_of(room) == ids
    rid = room["room_id"]
    assert visitor.say("change_room", room_id=rid, text="Wall", sorting="time")["text"] == "Wall"
    assert visitor.say("change_room", room_id=rid, text="")["text"] == ""
    out = visitor.say("hang", room_id=rid, remove=ids[:1])
    assert set(visitor.ids_of(out)) == set(ids[1:])
    again = visitor.say("hang", room_id=rid, add=ids[:1], position=room["positions"][ids[0]])
    assert again["positions"] == room["positions"]
    share_id = visitor.say("share_room", room_id=rid, on=True)["share_id"]
    assert share_id and visitor.say("rooms")["rooms"][0]["share_id"] == share_id
    assert visitor.say("share_room", room_id=rid, on=False)["share_id"] is None
    assert visitor.say("delete_room", room_id=rid)["type"] == "ack" and visitor.say("rooms")["rooms"] == []
    assert visitor.say("room", room_id=rid) == {"type": "error", "text": "There is no such room.", "seq": visitor.seq}


def test_a_room_belongs_to_its_visitor_and_refusals_are_told(server, visitor):
    ids = like(visitor, 1)
    rid = visitor.say("make_room", name="Mine", artwork_ids=ids)["room_id"]
    stranger = Visitor(server)
    for type_, body in (
        ("room", {}),
        ("share_room", {"on": True}),
        ("delete_room", {}),
        ("change_room", {"name": "x"}),
    ):
        assert stranger.say(type_, room_id=rid, **body)["text"] == "There is no such room."
    told = visitor.say("change_room", room_id=rid, name="x" * 10_000)["text"]
    assert told == "The name of a room has at most 80 characters; this one has 10,000."
    assert "at most 2,000 characters" in visitor.say("change_room", room_id=rid, text="x" * 10_000)["text"]
    server.down()
    try:
        assert visitor.say("rooms")["text"] == "The recommender is not answering just now."
        assert visitor.say("make_room", name="Next", artwork_ids=[])["text"].startswith("That could not be saved")
    finally:
        server.up()


def test_a_code_an_export_and_being_forgotten(server, visitor):
    ids = like(visitor, 2)
    visitor.say("hide", artwork_id=visitor.ids(visitor.state)[5], on=True)
    visitor.say("make_room", name="Mine", artwork_ids=ids)
    code = visitor.say("make_code", artists=["Artist 2"])["code"]
    other = Visitor(server)
    assert "does not work" in other.say("redeem", code="AAAA-AAAA")["text"]
    came = other.say("redeem", code=code.lower())
    assert {k: came[k] for k in ("likes", "hidden", "rooms", "artists")} == {
        "likes": 2,
        "hidden": 1,
        "rooms": 1,
        "artists": ["Artist 2"],
    }
    assert other.say("refresh")["liked"] == ids[::-1] and "does not work" in other.say("redeem", code=code)["text"]
    out = other.say("export", skip=0)
    assert [row["artwork_id"] for row in out["rows"]] == ids[::-1] and out["end"]
    assert set(out["rows"][0]) == {"title", "artist", "date", "liked_at", "artwork_id", "source_url"}
    assert visitor.say("forget")["type"] == "forgotten"
    fresh = visitor.say("profile", user_id=None, token=None)
    assert fresh["token"] != visitor.state["token"] and fresh["liked"] == []
    back = Visitor(server, token=visitor.state["token"])
    assert back.state["liked"] == [] and back.say("rooms")["rooms"] == [] and back.say("hidden", skip=0)["total"] == 0
    assert other.say("likes", skip=0)["total"] == 2  # the copy stays where it was carried to


def test_hostile_messages_about_rooms_change_nothing(server, visitor):
    ids = like(visitor, 1)
    rid = visitor.say("make_room", name="Mine", artwork_ids=ids)["room_id"]
    for type_, body in [
        ("make_room", {}),
        ("make_room", {"name": ""}),
        ("make_room", {"name": "x" * 20_001}),
        ("make_room", {"name": ["x"]}),
        ("make_room", {"name": "x", "artwork_ids": ["w:89"]}),  # was never shown
        ("make_room", {"name": "x", "artwork_ids": "w:0"}),
        ("room", {}),
        ("room", {"room_id": "../users"}),
        ("room", {"room_id": "x" * 101}),
        ("hang", {"room_id": rid, "add": [{}]}),
        ("hang", {"room_id": rid, "remove": ["w:89"]}),
        ("hang", {"room_id": rid, "position": "0"}),
        ("share_room", {"room_id": rid, "on": "yes"}),
        ("redeem", {"code": ""}),
        ("redeem", {"code": "x" * 201}),
        ("make_code", {"artists": "all"}),
        ("export", {"skip": None}),
    ]:
        assert visitor.say(type_, **body) is None, (type_, body)
    assert [r["name"] for r in visitor.say("rooms")["rooms"]] == ["Mine"]
    visitor.gallery._become(None)
    for type_ in ("likes", "hidden", "export"):
        assert visitor.say(type_, skip=0) is None
    assert all(visitor.say(type_) is None for type_ in ("sync", "rooms", "make_code", "forget"))


# ---- the page of a shared room ---------------------------------------------------------------------------------------


@pytest.fixture
def page(server, monkeypatch):
    "The gallery's web server with nothing but the handlers of shared rooms"
    monkeypatch.setenv("ART_RECSYS_SERVER_URL", server.url)
    sockets, ready, loop = bind_sockets(0, "127.0.0.1"), threading.Event(), asyncio.new_event_loop()

    async def run():
        web = HTTPServer(Application(ASSET_HANDLERS + ROOM_HANDLERS))
        web.add_sockets(sockets)
        ready.set()
        await stop.wait()
        web.stop()

    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    ready.wait()
    yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    loop.call_soon_threadsafe(stop.set)
    thread.join()
    loop.close()


def test_the_page_of_a_shared_room(server, visitor, page):
    room = visitor.say("make_room", name=HOSTILE, artwork_ids=like(visitor, 3))
    share_id = visitor.say("share_room", room_id=room["room_id"], on=True)["share_id"]
    answer = requests.get(f"{page}/room/{share_id}")
    assert (
        answer.status_code == 200 and "<img" not in answer.text and "&lt;img" in answer.text
    )  # a text, nowhere markup
    assert visitor.state["token"] not in answer.text and room["room_id"] not in answer.text
    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-store"
    assert (
        answer.headers["Referrer-Policy"] == "no-referrer"
        and "script-src 'self';" in answer.headers["Content-Security-Policy"]
    )
    assets = re.findall(r'"[.][.]/(assets/[^"]+)"', answer.text)
    assert [a.split("?")[0][7:] for a in assets] == ["fonts.css", "gallery.css", "rooms.css", "shared.js"]
    for path in assets:
        asset = requests.get(f"{page}/{path}")
        assert asset.status_code == 200 and "immutable" in asset.headers["Cache-Control"]
    typeface = re.search(r'url\("([a-z-]+.woff2)"\)', requests.get(f"{page}/{assets[0]}").text)[1]
    assert requests.get(f"{page}/assets/{typeface}").status_code == 200
    for path in ("assets/widget.py", "assets/../widget.py", "assets/..%2fwidget.py", "room/..%2f..%2fevents.db"):
        assert requests.get(f"{page}/{path}").status_code in (403, 404)
    visitor.say("share_room", room_id=room["room_id"], on=False)
    closed, never = requests.get(f"{page}/room/{share_id}"), requests.get(f"{page}/room/nothing-like-it")
    assert (
        closed.status_code == never.status_code == 404 and closed.text == never.text
    )  # which of them it is, is not told
    assert "This room is closed" in closed.text and HOSTILE not in closed.text
    server.down()
    try:
        away = requests.get(f"{page}/room/{share_id}")
        assert away.status_code == 503 and "does not answer just now" in away.text
    finally:
        server.up()


def test_data_cannot_end_the_script_that_holds_it():
    text = "</script><script>window.__pwned=1</script><!--\u2028"
    page = room_page({"name": text, "text": text, "items": [{"artwork": works(2)[0] | {"title": text}}]}).decode()
    assert page.count("<script") == 2 and page.count("</script>") == 2 and "<!--" not in page

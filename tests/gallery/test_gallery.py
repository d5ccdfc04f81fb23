"""The gallery without a browser: the answers of the widget, and the configuration of Voilà."""

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from art_recsys.config import UserError
from art_recsys.gallery.profiles import profile_card
from art_recsys.gallery.widget import PROFILES, Gallery

from .gallery_standin import StandIn, furnish, works

ROOT = Path(__file__).parents[2]


@pytest.fixture
def server():
    standin = StandIn()
    yield standin
    standin.down()


class Visitor:
    "A gallery without a browser: `say` sends a message and returns the answer"

    def __init__(self, server, **hello):
        self.gallery = Gallery(server_url=server.url)
        self.sent, self.seq = [], 0
        self.gallery.send = lambda message, buffers=None: self.sent.append(message)
        self.state = self.say("hello", **hello)

    def say(self, type_, **body):
        self.seq += 1
        return self.raw({"type": type_, "seq": self.seq, **body})

    def raw(self, message):
        before = len(self.sent)
        self.gallery._handle_custom_msg(message, [])
        return self.sent[-1] if len(self.sent) > before else None

    def ids(self, answer):
        return [item["artwork_id"] for item in answer["items"]]

    def ids_of(self, answer):
        return [item["artwork"]["artwork_id"] for item in answer["items"]]


@pytest.fixture
def visitor(server):
    return Visitor(server)


def test_a_newcomer_gets_a_token_a_page_and_the_filters(visitor):
    state = visitor.state
    assert state["type"] == "state" and state["seq"] == 1
    assert len(state["items"]) == 24 and state["liked"] == [] and not state["end"]
    assert len(state["token"]) >= 20 and state["profile"] is None
    assert set(state["options"]) == {"category", "medium", "period", "colour"} and "red" in state["options"]["colour"]


def test_two_newcomers_have_different_tokens_and_do_not_share_likes(server):
    ann, bob = Visitor(server), Visitor(server)
    assert ann.state["token"] != bob.state["token"]
    ann.say("like", artwork_id=ann.ids(ann.state)[0], on=True)
    assert ann.say("likes", skip=0)["items"] and not bob.say("likes", skip=0)["items"]


def test_a_like_is_written_before_it_is_acknowledged_and_changes_the_next_page(server, visitor):
    chosen = visitor.state["items"][2]["artwork"]
    ack = visitor.say("like", artwork_id=chosen["artwork_id"], on=True)
    assert ack == {"type": "ack", "artwork_id": chosen["artwork_id"], "on": True, "likes": 1, "seq": 2}
    event = server.events[-1]
    assert (
        event["event"] == "like"
        and event["user_id"] == visitor.state["token"]
        and event["position"] == visitor.state["items"][2]["rank"] == 3
    )
    assert event["request_id"] and event["event_id"]
    state = visitor.say("refresh")
    assert state["liked"] == [chosen["artwork_id"]] and chosen["artwork_id"] not in visitor.ids(state)
    assert state["items"][0]["artwork"]["colour"] == chosen["colour"]
    assert state["items"][0]["reason"]["artwork_id"] == chosen["artwork_id"]


def test_unlike_undoes_a_like(visitor):
    i = visitor.ids(visitor.state)[0]
    visitor.say("like", artwork_id=i, on=True)
    assert visitor.say("like", artwork_id=i, on=False)["likes"] == 0
    assert visitor.say("likes", skip=0)["items"] == [] and visitor.say("refresh")["liked"] == []


def test_hide_removes_and_its_undo_brings_back_the_like_too(server, visitor):
    i = visitor.ids(visitor.state)[0]
    visitor.say("like", artwork_id=i, on=True)
    assert visitor.say("hide", artwork_id=i, on=True)["hidden"] is True
    assert i not in visitor.ids(visitor.say("refresh")) and server.user(visitor.state["token"])["hidden"] == [i]
    visitor.say("hide", artwork_id=i, on=False)
    assert server.user(visitor.state["token"])["hidden"] == []
    assert [c["artwork_id"] for c in server.user(visitor.state["token"])["likes"]] == [i]


def test_more_never_shows_a_work_twice_and_comes_to_an_end(visitor):
    seen, answer = visitor.ids(visitor.state), visitor.state
    while not answer["end"]:
        answer = visitor.say("more")
        seen += visitor.ids(answer)
    assert len(seen) == len(set(seen)) == 90


def test_refresh_begins_again_when_everything_was_seen(visitor):
    while not visitor.say("more")["end"]:
        pass
    assert len(visitor.say("refresh")["items"]) == 24


def test_works_that_nobody_has_seen_may_be_on_the_refreshed_wall(visitor):
    first, second = visitor.ids(visitor.state), visitor.ids(visitor.say("more"))
    again = visitor.ids(visitor.say("refresh", shown=first))
    assert not set(again) & set(first) and set(again) & set(second)
    assert visitor.say("refresh", shown=["w:nowhere"]) is None


def test_filters_hold_for_this_page_and_the_next(visitor):
    state = visitor.say("filter", filters={"colour": "red", "medium": ""})
    assert state["filters"] == {"colour": "red"}
    assert {i["artwork"]["colour"] for i in state["items"]} == {"red"}
    assert {i["artwork"]["colour"] for i in visitor.say("refresh")["items"]} == {"red"}
    assert visitor.say("filter", filters={})["filters"] == {}


def test_a_link_with_filters_opens_with_those_that_are_known(server):
    state = Visitor(server, filters={"colour": "red", "medium": "Chewing gum", "size": "L", "period": ["Modern"]}).state
    assert state["filters"] == {"colour": "red"} and {i["artwork"]["colour"] for i in state["items"]} == {"red"}
    assert Visitor(server, filters="red").state["filters"] == {}


def test_an_earlier_wall_goes_on_where_it_was(visitor):
    first = visitor.ids(visitor.state)
    visitor.say("filter", filters={"colour": "blue"})
    more = visitor.say("more", filters={}, shown=first)
    assert len(more["items"]) == 24 and not set(visitor.ids(more)) & set(first)
    assert len({i["artwork"]["colour"] for i in more["items"]}) > 1
    for bad in ("w:1", [3], ["w:1", "nobody has seen this"]):
        assert visitor.say("more", filters={}, shown=bad) is None
    assert visitor.say("more", filters={"colour": "infrared"}, shown=first) is None


def test_search_has_pages_and_what_it_finds_can_be_liked(server, visitor):
    visitor.say("exclude_artists", artists=["Artist 2"])
    first = visitor.say("search", text="harbour", skip=0)
    assert first["type"] == "found" and len(first["items"]) == 24 and not first["end"] and first["total"] == 76
    pages = [first] + [visitor.say("search", text="harbour", skip=skip) for skip in (24, 48, 72)]
    found = [a for page in pages for a in visitor.ids_of(page)]
    assert len(found) == len(set(found)) == 76 and pages[-1]["end"]
    assert visitor.say("like", artwork_id=found[-1], on=True)["type"] == "ack"
    for bad in ({"text": ""}, {"text": "x" * 201}, {"text": ["sea"]}, {"skip": -1}, {"skip": True}, {"skip": 10**6}):
        assert visitor.say("search", **{"text": "sea", "skip": 0, **bad}) is None


def test_an_artist_is_followed_and_left(server, visitor):
    page = visitor.say("artist", artist="Artist 3", skip=0)
    assert page["total"] == 13 and page["end"] and not page["follows"]
    assert visitor.say("like", artwork_id=visitor.ids_of(page)[-1], on=True)["type"] == "ack"
    follow = {"kind": "artist", "value": "Artist 3"}
    assert visitor.say("steer", direction="more", **follow)["direction"] == "more"
    assert visitor.say("artist", artist="Artist 3", skip=0)["follows"]
    visitor.say("steer", direction="neutral", **follow)
    assert not visitor.say("artist", artist="Artist 3", skip=0)["follows"]
    assert visitor.say("artist", artist="Nobody", skip=0)["total"] == 0
    written = len(server.wishes)
    for bad in ({"value": "Nobody"}, {"value": "Artist 4"}, {"value": "x" * 501}, {"direction": 1}, {"kind": "tag"}):
        assert visitor.say("steer", **{"direction": "more", **follow, **bad}) is None
    assert len(server.wishes) == written


def test_only_the_taste_that_is_shown_can_be_steered(server, visitor):
    red = [i["artwork_id"] for i in visitor.state["items"] if i["artwork"]["colour"] == "red"]
    for artwork_id in red[:2]:
        visitor.say("like", artwork_id=artwork_id, on=True)
    assert visitor.say("steer", direction="less", kind="palette", value="red") is None  # nobody has asked for the taste
    assert [t["value"] for t in visitor.say("taste")["follows"]] == ["red"]
    assert visitor.say("steer", direction="less", kind="palette", value="red")["direction"] == "less"
    assert [t["value"] for t in visitor.say("taste")["less"]] == ["red"]
    written = len(server.wishes)
    for bad in ({"direction": "never"}, {"kind": "tag"}, {"value": "blue"}, {"value": ["red"]}, {"direction": None}):
        assert visitor.say("steer", **{"direction": "more", "kind": "palette", "value": "red", **bad}) is None
    assert len(server.wishes) == written


def test_what_a_work_on_the_wall_shows_can_be_steered(server, visitor):
    assert visitor.say("steer", direction="more", kind="tag", value="harbour")["direction"] == "more"
    assert [server.wishes[-1][c] for c in ("direction", "kind", "value")] == ["more", "tag", "harbour"]
    assert visitor.say("steer", direction="more", kind="tag", value="castle") is None and len(server.wishes) == 1


def test_works_that_rest_wait_until_the_others_were_shown(server, visitor):
    rested = [f"w:{i}" for i in range(30)]
    state = visitor.say("refresh", rested=rested)
    assert len(state["items"]) == 24 and not set(rested) & set(visitor.ids(state))
    answers = [state]
    while not answers[-1]["end"]:
        answers.append(visitor.say("more", rested=rested))
    seen = [i for answer in answers for i in visitor.ids(answer)]
    assert set(rested[24:]) <= set(seen) and len(seen) == len(set(seen))  # the first 24 were on the first wall
    for bad in ("w:1", [1], [""], ["x" * 201], {"w:1": 2}):
        assert visitor.say("more", rested=bad) is None


def test_no_more_by_an_artist(server, visitor):
    assert visitor.say("exclude_artists", artists=["Artist 2", "Artist 3"]) == {"type": "ack", "seq": 2}
    assert not {"Artist 2", "Artist 3"} & {i["artwork"]["artist"] for i in visitor.say("more")["items"]}
    back = Visitor(server, token=visitor.state["token"], artists=["Artist 0"])
    assert "Artist 0" not in {i["artwork"]["artist"] for i in back.state["items"]}
    assert "Artist 2" in {i["artwork"]["artist"] for i in back.state["items"]}
    for bad in ("Artist 2", [3], [""], ["x" * 501], {"a": 1}):
        assert back.say("exclude_artists", artists=bad) is None
    assert "Artist 0" not in {i["artwork"]["artist"] for i in back.say("refresh")["items"]}


def test_the_map_shows_likes_and_the_way_of_the_taste_and_fills_a_wall(server, visitor):
    assert visitor.say("map")["path"] == []
    for n in (0, 5, 1):  # two red works, and a blue one
        visitor.say("details", artwork_id=f"w:{n}")
        visitor.say("like", artwork_id=f"w:{n}", on=True)
    found = visitor.say("map")
    assert found["works"] == 90 and found["likes"] == [0, 5, 1] and len(found["path"]) == 3
    works = visitor.say("map_works", numbers=[3, 88], name=found["name"])
    assert visitor.ids_of(works) == ["w:3", "w:88"] and not works["stale"]
    assert visitor.say("like", artwork_id="w:88", on=True)  # what the map shows can be liked
    assert visitor.say("map_works", numbers=[3], name="of another release") | {"seq": 0} == {
        "type": "map_works",
        "items": [],
        "stale": True,
        "seq": 0,
    }
    x, y = found["path"][0]
    lens = {"x": x, "y": y, "radius": 0.15}
    under = visitor.say("map_around", **lens, fill=False, more=False)
    assert {i["artwork"]["colour"] for i in under["items"]} == {"red"} and under["total"] == 18
    assert "w:0" in visitor.ids_of(under)  # the list has the likes, too
    wall = visitor.say("map_around", **lens, fill=True, more=False)
    assert wall["total"] == 16 and len(wall["items"]) == 24 and not wall["end"]
    assert {i["artwork"]["colour"] for i in wall["items"][:16]} == {"red"} and "w:0" not in visitor.ids_of(wall)
    hung = visitor.ids_of(wall)
    while not wall["end"]:
        wall = visitor.say("map_around", **lens, fill=True, more=True)
        hung += visitor.ids_of(wall)
    assert len(hung) == len(set(hung)) == 86
    assert visitor.say("map_around", **{**lens, "x": 0.0}, fill=True, more=True) is None  # another lens


def test_the_map_of_a_profile_is_theirs_and_artists_can_be_left_out(visitor):
    visitor.say("profile", user_id="u2")
    found = visitor.say("map")
    assert found["likes"] == [20, 21] and len(found["path"]) == 2
    visitor.say("exclude_artists", artists=["Artist 3"])
    wall = visitor.say("map_around", x=0.5, y=0.5, radius=1, fill=True, more=False)
    assert wall["items"] and "Artist 3" not in {i["artwork"]["artist"] for i in wall["items"]}


def test_a_release_without_a_map(server, visitor):
    server.has_map = False
    assert visitor.say("map")["name"] is None
    assert visitor.say("map_works", numbers=[1], name="x")["stale"]


def test_a_returning_visitor_keeps_their_likes(server, visitor):
    i = visitor.ids(visitor.state)[0]
    visitor.say("like", artwork_id=i, on=True)
    back = Visitor(server, token=visitor.state["token"])
    assert back.state["token"] == visitor.state["token"] and back.state["liked"] == [i]
    assert i not in back.ids(back.state)


@pytest.mark.parametrize("token", ["short", "x" * 5000, 17, None, ["a"], "never-seen-before-0123456789", "../../admin"])
def test_a_token_that_is_none_makes_a_newcomer(server, token):
    state = Visitor(server, token=token).state
    assert state["type"] == "state" and state["token"] != token and state["liked"] == []


def test_nobody_becomes_a_user_of_the_catalogue_by_their_id():
    ann = "ann-of-the-catalogue-0123456789"
    server = StandIn(people=[{"user_id": ann, "age": 40, "gender": "F", "description": "", "likes": 2}])
    try:
        state = Visitor(server, token=ann).state
        assert state["token"] != ann and state["liked"] == []
        visitor, before = Visitor(server, token=ann), len(server.events)
        visitor.say("hide", artwork_id=visitor.ids(visitor.state)[0], on=True)
        assert {e["user_id"] for e in server.events[before:]} == {visitor.state["token"]}
    finally:
        server.down()


def test_a_profile_is_described_chosen_and_left_again(server, visitor):
    profiles = visitor.say("profiles")["profiles"]
    assert profiles[0] | {"description": ""} == {"user_id": "u0", "who": "Woman, 20", "description": "", "likes": 2}
    assert {p["who"].split(",")[0] for p in profiles} == {"Woman", "Man", "Person"}
    before = list(server.events)
    state = visitor.say("profile", user_id="u1")
    assert state["profile"]["who"] == "Man, 27" and state["token"] == visitor.state["token"] and state["liked"] == []
    assert server.asked[-1]["user_id"] == "u1" and server.asked[-1]["log"] is False
    likes = visitor.ids(state)[:2]
    for artwork_id in likes:
        assert visitor.say("like", artwork_id=artwork_id, on=True)["type"] == "ack"
    assert visitor.say("hide", artwork_id=visitor.ids(state)[2], on=True)["type"] == "ack"
    assert {e["user_id"] for e in server.events[len(before) :]} == {visitor.state["token"]}  # never the profile
    assert visitor.ids_of(visitor.say("likes", skip=0)) == likes[::-1]
    back = visitor.say("profile", user_id=None, token=visitor.state["token"])
    assert back["profile"] is None and back["token"] == visitor.state["token"] and set(back["liked"]) == set(likes)
    reloaded = Visitor(server, profile="u1", token=visitor.state["token"])
    assert reloaded.state["profile"]["user_id"] == "u1" and set(reloaded.state["liked"]) == set(likes)


def test_a_profile_without_age_or_gender_is_still_somebody():
    assert profile_card({"user_id": "u"}) == {"user_id": "u", "who": "Visitor", "description": "", "likes": 0}
    assert profile_card({"user_id": "u", "age": float("nan"), "gender": "N", "likes": [1, 2]})["who"] == "Person"
    assert PROFILES > 0


def test_details_have_the_facts_the_similar_works_and_count_as_a_click(server, visitor):
    i = visitor.ids(visitor.state)[3]
    details = visitor.say("details", artwork_id=i)
    rows = {row["name"]: visitor.ids(row) for row in details["similar"]}
    assert details["work"]["credit"] and list(rows) == ["subject", "light", "hand"]
    assert all(i not in ids for ids in rows.values())
    assert server.events[-1]["event"] == "click" and server.events[-1]["artwork_id"] == i
    near = rows["light"][0]
    assert visitor.say("like", artwork_id=near, on=True)["likes"] == 1  # works shown in the details may be liked
    assert visitor.say("details", artwork_id="gone")["work"] is None


def test_more_of_a_row_of_similar_works_shows_none_twice(server, visitor):
    i = visitor.ids(visitor.state)[3]
    details = visitor.say("details", artwork_id=i)
    shown = [a for row in details["similar"] for a in visitor.ids(row)]
    while not (more := visitor.say("similar", artwork_id=i, row="subject")["row"])["end"]:
        assert more["name"] == "subject" and len(visitor.ids(more)) == 8
        shown += visitor.ids(more)
    shown += visitor.ids(more)
    assert len(shown) == len(set(shown)) and i not in shown
    medium = server.cards[i]["medium"]
    other = {a for row in details["similar"][1:] for a in visitor.ids(row)}  # a work has one row
    assert {c["artwork_id"] for c in server.cards.values() if c["medium"] == medium} - {i} - other <= set(shown)
    assert visitor.say("like", artwork_id=shown[-1], on=True)["likes"] == 1
    assert visitor.say("similar", artwork_id=visitor.ids(visitor.state)[4], row="subject") is None  # not in the details
    assert visitor.say("similar", artwork_id=i, row="price") is None


def test_hostile_messages_change_nothing(server, visitor):
    known, written, sent = visitor.ids(visitor.state)[0], len(server.events), len(visitor.sent)
    for message in [
        "x",
        3,
        None,
        [],
        {},
        {"type": "like"},
        {"type": ["like"], "seq": 1},
        {"type": "_tell", "seq": 1},
        {"type": "like", "seq": -1, "artwork_id": known, "on": True},
        {"type": "like", "seq": True, "artwork_id": known, "on": True},
        {"type": "like", "seq": 9, "artwork_id": known, "on": "yes"},
        {"type": "like", "seq": 9, "artwork_id": "w:89", "on": True},
        {"type": "like", "seq": 9, "artwork_id": {"$ne": 1}, "on": True},
        {"type": "hide", "seq": 9, "artwork_id": "x" * 10_000, "on": True},
        {"type": "profile", "seq": 9, "user_id": "root"},
        {"type": "profile", "seq": 9, "user_id": visitor.state["token"]},
        {"type": "filter", "seq": 9, "filters": "red"},
        {"type": "filter", "seq": 9, "filters": {"colour": "infrared"}},
        {"type": "filter", "seq": 9, "filters": {"colour": ["red"]}},
        {"type": "details", "seq": 9, "artwork_id": ""},
        {"type": "map_works", "seq": 9, "numbers": list(range(201)), "name": "x"},
        {"type": "map_works", "seq": 9, "numbers": [-1], "name": "x"},
        {"type": "map_works", "seq": 9, "numbers": [True], "name": "x"},
        {"type": "map_around", "seq": 9, "x": 2, "y": 0, "radius": 0.1, "fill": False, "more": False},
        {"type": "map_around", "seq": 9, "x": "0", "y": 0, "radius": 0.1, "fill": False, "more": False},
        {"type": "map_around", "seq": 9, "x": float("nan"), "y": 0, "radius": 0.1, "fill": False, "more": False},
        {"type": "map_around", "seq": 9, "x": 0.5, "y": 0.5, "radius": 0.1, "fill": True, "more": True},  # none hang
    ]:
        assert visitor.raw(message) is None
    assert len(server.events) == written and len(visitor.sent) == sent
    assert visitor.gallery._user_id == visitor.state["token"] and visitor.gallery._profile is None


def test_nothing_is_answered_before_hello(server):
    visitor = Visitor(server)
    visitor.gallery._become(None)
    assert (
        visitor.say("more") is None
        and visitor.say("steer", direction="more", kind="artist", value="Artist 1") is None
        and visitor.say("likes", skip=0) is None
        and visitor.say("like", artwork_id="w:1", on=True) is None
    )
    assert visitor.say("details", artwork_id="w:1")["work"]  # a shared link may be the first request


def test_only_pictures_is_synced_so_that_no_state_can_be_written_from_outside(visitor):
    ours = {name for name in visitor.gallery.traits(sync=True) if not name.startswith("_")}
    assert ours - set(__import__("anywidget").AnyWidget.class_trait_names(sync=True)) == {"pictures"}


def test_a_server_that_is_down_is_said_and_forgotten_when_it_is_back(server, visitor):
    i = visitor.ids(visitor.state)[0]
    server.down()
    try:
        for type_, body in [
            ("like", {"artwork_id": i, "on": True}),
            ("more", {}),
            ("refresh", {}),
            ("likes", {"skip": 0}),
        ]:
            answer = visitor.say(type_, **body)
            assert answer["type"] == "error" and "not answering" in answer["text"]
        assert visitor.say("ping")["type"] == "pong"
    finally:
        server.up()
    assert visitor.say("refresh")["liked"] == [] and visitor.say("like", artwork_id=i, on=True)["likes"] == 1


def test_a_kernel_stays_thin():
    heavy = ("tensorflow", "torch", "pandas", "voila")
    code = f"import sys, art_recsys.gallery as g; g.Gallery; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert out.stdout.strip() == "[]"


@pytest.mark.parametrize("page", ["gallery", "operators"])
def test_a_page_is_the_repository_s_notebook_and_without_it_the_same_two_lines(page, tmp_path):
    from art_recsys.gallery.app import notebook_path

    def code(notebook):
        cells = json.loads(notebook.read_text())["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]

    ours = notebook_path(page, tmp_path)
    assert ours == ROOT / "dashboards" / f"{page}.ipynb" and list(tmp_path.iterdir()) == []
    written = notebook_path(page, tmp_path, dashboards=tmp_path / "none")
    assert written == tmp_path / f"{page}.ipynb" and code(written) == code(ours)
    assert f"{page.title()}()" in code(ours)[0]


def test_pictures_come_by_id_and_from_the_home_only(tmp_path):
    from art_recsys.gallery.large import Pictures

    cards = works(6)
    furnish(tmp_path, cards)
    pictures = Pictures(tmp_path)
    assert pictures.path("w:0") == "pictures/0.jpg" and pictures.path("w:4") is None
    assert pictures.path("../settings.ini") is None and pictures.path("") is None
    assert Pictures(tmp_path / "nowhere").path("w:0") is None


def test_assets_have_the_digest_of_what_is_in_them():
    from art_recsys.gallery.assets import STATIC, asset_url
    from art_recsys.gallery.server import page_config

    digest = hashlib.sha256((STATIC / "page.js").read_bytes()).hexdigest()
    assert asset_url("/art/", "page.js") == f"/art/assets/page.js?v={digest[:16]}"
    assert page_config({"fullLabextensionsUrl": "/x"}, base_url="/", settings={}).keys() == {
        "baseUrl",
        "script",
        "fonts",
    }


def test_a_kernel_inherits_no_secrets():
    from art_recsys.gallery.server import kernel_environment

    kept = kernel_environment(
        {
            "PATH": "/bin",
            "OPENAI_API_KEY": "sk",
            "HOPSWORKS_API_KEY": "h",
            "VOILA_BASE_URL": "/",
            "ART_RECSYS_SERVER_URL": "http://x",
            "AWS_SECRET_ACCESS_KEY": "s",
            "LC_ALL": "C",
        }
    )
    assert set(kept) == {"PATH", "VOILA_BASE_URL", "ART_RECSYS_SERVER_URL", "LC_ALL"}


def test_a_full_gallery_says_so_and_the_pool_waits():
    import asyncio

    from tornado.web import HTTPError

    from art_recsys.gallery.server import GalleryKernels

    kernels = GalleryKernels(max_kernels=0)
    with pytest.raises(HTTPError) as full:
        asyncio.run(kernels.start_kernel(env={"VOILA_PREHEAT": "False"}))
    assert full.value.status_code == 503
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(asyncio.wait_for(kernels.start_kernel(env={"VOILA_PREHEAT": "True"}), 0.2))


def test_the_settings_of_voila_reach_what_they_are_for():
    "Jupyter silently ignores misspelled options, so each option must exist"
    from pathlib import Path

    from jupyter_client import KernelManager
    from voila.configuration import VoilaConfiguration

    from art_recsys.gallery.server import GalleryKernels, config_of

    config = config_of("127.0.0.1", 1, Path("gallery.ipynb"))
    kernels, voila = GalleryKernels(config=config), VoilaConfiguration(config=config)
    assert (
        0 < kernels.cull_idle_timeout <= 600
        and kernels.cull_interval < kernels.cull_idle_timeout
        and 0 < kernels.max_kernels <= 100
    )
    assert KernelManager(config=config).transport == "ipc"
    assert (
        voila.allow_theme_override == "NO" == voila.allow_template_override
        and voila.file_allowlist == []
        and not voila.show_tracebacks
    )
    assert voila.extension_allowlist == [] and voila.preheat_kernel and voila.default_pool_size == 2


def test_a_port_in_use_is_named(tmp_path):
    from art_recsys.gallery.app import serve_gallery, start_gallery

    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = SimpleNamespace(
            home=tmp_path, host="127.0.0.1", gallery_port=taken.getsockname()[1], server_port=1, page_size=24
        )
        for serve in (serve_gallery, start_gallery):
            with pytest.raises(UserError, match="gallery_port"):
                serve(settings)


def test_the_front_end_and_the_template_ask_nothing_from_outside_and_write_no_markup():
    folder = ROOT / "art_recsys" / "gallery"
    script = str(Gallery._esm)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)
    for path in [
        *folder.glob("src/*.js"),
        folder / "gallery.css",
        folder / "rooms.css",
        *folder.glob("*.html"),
        *(folder / "jupyter").rglob("*.*"),
    ]:
        if path.is_file():
            links = re.findall(r"https?://[^\s\"')]+", path.read_text())
            assert all(link.startswith("http://www.w3.org/") for link in links), path
    first_load = sum(os.path.getsize(folder / "static" / name) for name in ("page.js", "gallery.js"))
    assert first_load < 900_000  # bytes, before they are compressed; Voilà's own front end has 4.8 million

"Who gets a kernel of the gallery, and whose ends: on a clock that the test sets"

import asyncio
from types import SimpleNamespace

import pytest

from art_recsys.gallery.doors import Door, DoorSettings


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def door(clock):
    return Door(DoorSettings(kernels=6, kernels_per_client=3), clock)


def seat(door, *kernels, client="203.0.113.9", socket=True):
    for kernel in kernels:
        door.hand_out(kernel, client)
        if socket:
            door.arrive(kernel, 1)


def test_a_page_whose_visitor_never_comes_loses_its_kernel_within_seconds(door, clock):
    door.hand_out("bot", "203.0.113.9")
    seat(door, "ann")
    assert door.look(["bot", "ann", "pool", "lost"], ["pool"]) == []  # `lost`: its page was never sent
    clock.now += 25
    assert door.look(["bot", "ann", "pool", "lost"], ["pool"]) == ["bot", "lost"]
    door.leave("ann", 1)
    clock.now += 100
    assert "ann" not in door.look(["ann"], [])  # perhaps the train is in a tunnel
    assert door.look([], []) == [] and door.visits == {}


def test_a_newcomer_gets_the_place_of_who_has_left_and_else_of_who_was_idle_for_longest(door, clock):
    seat(door, "a", "b", "c", client="127.0.0.1")
    assert door.gives_way("198.51.100.1") is None
    clock.now += 50
    door.hear("a", b'{"type":"like"}')
    door.hear("b", '{"type":"ping"}')  # an open page, before which nobody does anything
    clock.now += 20
    assert door.gives_way("198.51.100.1") in ("b", "c")
    door.hear("c", b'{"type":"like"}')
    assert door.gives_way("198.51.100.1") == "b"
    door.leave("c", 1)
    assert door.gives_way("198.51.100.1") == "b"  # perhaps only a moment
    clock.now += 6
    assert door.gives_way("198.51.100.1") == "c"


def test_an_address_that_holds_many_gives_way_even_if_all_of_them_are_busy(door):
    seat(door, *"abcde")
    assert door.gives_way("203.0.113.9") is None and door.gives_way("198.51.100.1") == "a"
    seat(door, "x", "y", client="198.51.100.1")
    assert door.gives_way("198.51.100.1") is None  # not many more than they have themselves


def test_an_address_has_a_limit_and_this_machine_has_none(door):
    seat(door, "a", "b")
    with door.entering("203.0.113.9"):
        assert door.crowded("203.0.113.9") and not door.crowded("198.51.100.1")
    assert not door.crowded("203.0.113.9")
    seat(door, *"defgh", client="127.0.0.1")
    assert not door.crowded("127.0.0.1") and not door.wait("127.0.0.1")
    assert [door.wait("203.0.113.9") for _ in range(30)] == [0] * 30 and 1 < door.wait("203.0.113.9") < 3


def test_the_app_ends_what_the_door_names(door, clock):
    from art_recsys.gallery.server import GalleryApp

    ended = []

    async def shutdown_kernel(kernel_id, now):
        ended.append(kernel_id)

    kernels = SimpleNamespace(
        list_kernel_ids=lambda: ["bot", "pool"], pooled=lambda: {"pool"}, shutdown_kernel=shutdown_kernel
    )
    app = SimpleNamespace(kernel_manager=kernels, door=door)
    door.hand_out("bot", "203.0.113.9")
    for seconds, gone in ((0, []), (25, ["bot"])):
        clock.now += seconds
        asyncio.run(GalleryApp._end_unvisited(app))
        assert ended == gone


def test_a_visitor_who_sends_too_much_is_told_to_wait(monkeypatch):
    from art_recsys.gallery.widget import TOO_FAST, Gallery

    monkeypatch.setenv("ART_RECSYS_VISITOR_RATE", "3")
    gallery, sent = Gallery(client=object()), []
    gallery.send = lambda message, buffers=None: sent.append(message)
    for seq in range(5):
        gallery._handle_custom_msg({"type": "ping", "seq": seq}, [])
    assert [m["type"] for m in sent] == ["pong"] * 3 + ["error"] * 2 and sent[-1]["text"] == TOO_FAST

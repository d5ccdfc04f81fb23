"""The gallery in a real browser (Debian's Chromium, headless), with the fake server and once with the real server.

On every page, an error in the console, a request to another host or an HTTP error fails the test, unless the test
declares that it provokes one.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from art_recsys.gallery.app import start_gallery
from tests.browser.chromium import Watch, expect
from tests.gallery.gallery_standin import HOSTILE, StandIn, furnish


@pytest.fixture(scope="module")
def server():
    standin = StandIn()
    yield standin
    standin.down()


@pytest.fixture(scope="module")
def gallery(server, tmp_path_factory):
    home = tmp_path_factory.mktemp("gallery")
    furnish(home, list(server.cards.values()))
    settings = SimpleNamespace(home=home, host="127.0.0.1", gallery_port=0, server_port=server.port, page_size=24)
    with start_gallery(settings, server.url) as running:
        yield running


@pytest.fixture
def watch(chromium, gallery):
    watching = Watch(chromium, gallery.url)
    yield watching
    for context in watching.contexts:
        context.close()
    assert [w for w in watching.wrong if not w.startswith(watching.forgiven or ("nothing",))] == []


@contextmanager
def away(server):
    "Stop the model server for a while, then restart it"
    server.down()
    try:
        yield
    finally:
        server.up()


def settled(page, click):
    "Wait until the page shows that the model server has saved this click"
    expect(page.locator(".vernissage")).to_have_attribute("data-saved", str(click))


def until(true, seconds=20):
    "Wait until the function `true` returns something"
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def card(page, k):
    return page.locator(".room:not([hidden]) .card:not(.ghost)").nth(k)


def heart(page, k):
    return card(page, k).locator(".heart")


def title(page, k):
    return card(page, k).locator("h2").text_content()


def ids(page):
    return page.eval_on_selector_all(".room:not([hidden]) .card", "cards => cards.map(c => c.dataset.id)")


def place(page, k):
    return card(page, k).bounding_box()


# ---- browsing --------------------------------------------------------------------------------------------------------


def test_the_first_wall(watch):
    page = watch.open()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where shall we start?")
    assert (
        card(page, 0)
        .locator(".picture img")
        .get_attribute("alt")
        .startswith("Red Harbour, No. 0, Artist 0, 1850. A red harbour")
    )
    page.wait_for_selector(".picture img.is-loaded")
    expect(card(page, 0).locator(".reason")).to_have_text("Loved by many visitors")
    row = [k for k in range(6) if place(page, k)["y"] == place(page, 0)["y"]]
    assert len(row) > 1 and not any(card(page, k).locator(".reason").is_visible() for k in row[1:])  # once is enough
    painted = page.locator(".card[data-id='w:4'] svg.painted")
    expect(painted.locator(".painted-title")).to_contain_text("Grey Harbour, No. 4")


def test_pictures_fill_the_rows_and_are_not_cropped(watch):
    page = watch.open()
    page.wait_for_selector(".picture img.is-loaded")
    rows = page.eval_on_selector_all(
        ".room:not([hidden]) .card:not([hidden]) .picture",
        """pictures => {
        const rows = {};
        const boxes = pictures.map(p => p.getBoundingClientRect());
        for (const b of boxes) (rows[Math.round(b.top)] ??= []).push([b.left, b.right]);
        return Object.values(rows).map(r => [Math.min(...r.map(x => x[0])), Math.max(...r.map(x => x[1]))]); }""",
    )
    assert len(rows) >= 3 and all(
        left == pytest.approx(40, abs=2) and right == pytest.approx(1400, abs=4) for left, right in rows
    )
    fits = page.eval_on_selector_all(".picture img", "images => images.map(i => getComputedStyle(i).objectFit)")
    assert set(fits) == {"contain"}


def test_scrolling_brings_the_whole_collection_once(watch):
    page = watch.open()
    for _ in range(40):
        page.mouse.wheel(0, 2500)
        page.wait_for_timeout(150)
        if page.locator(".more").is_hidden() and len(ids(page)) >= 90:
            break
    assert len(ids(page)) == len(set(ids(page))) == 90


def test_what_hangs_does_not_move_when_more_comes(watch):
    page = watch.open(viewport={"width": 1440, "height": 700})
    before = {i: place(page, i) for i in range(6)}
    n = len(ids(page))
    page.get_by_role("button", name="Show more").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card").nth(n)).to_be_attached()
    top = page.evaluate("scrollY")
    after = {i: place(page, i) for i in range(6)}
    assert all(
        after[i]["width"] == before[i]["width"] and after[i]["y"] + top == pytest.approx(before[i]["y"], abs=1)
        for i in before
    )


# ---- likes -----------------------------------------------------------------------------------------------------------


def test_like_undo_and_the_likes_room(watch, server):
    page = watch.open()
    name = title(page, 0)
    where = place(page, 1)
    heart(page, 0).click()
    expect(heart(page, 0)).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".toast")).to_contain_text(f"Liked “{name}”")
    settled(page, 1)
    assert server.events[-1]["event"] == "like" and place(page, 1) == where
    page.get_by_role("button", name="Undo").click()
    expect(heart(page, 0)).to_have_attribute("aria-pressed", "false")
    settled(page, 2)
    assert server.events[-1]["event"] == "unlike"
    heart(page, 1).click()
    settled(page, 3)
    other = title(page, 1)
    page.get_by_role("button", name="Likes 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your likes")
    expect(card(page, 0).locator("h2")).to_have_text(other)
    heart(page, 0).click()  # an unliked work stays in place until the room is opened again
    settled(page, 4)
    expect(card(page, 0)).to_be_visible()
    page.get_by_role("button", name="For you").click()
    page.get_by_role("button", name="Likes", exact=True).click()
    expect(page.get_by_text("No likes yet")).to_be_visible()


def test_new_likes_are_offered_and_lead_the_next_wall(watch):
    page = watch.open()
    offer = page.get_by_role("button", name="Refresh with your new likes")
    expect(offer).to_have_count(0)
    heart(page, 2).click()
    shown = ids(page)
    expect(offer).to_be_visible()
    assert ids(page) == shown
    for covered in (page.get_by_role("heading", level=1), page.locator(".filters")):  # the offer hides neither
        assert offer.bounding_box()["y"] > covered.bounding_box()["y"] + covered.bounding_box()["height"]
    offer.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Picked for you")
    expect(card(page, 0).locator(".reason")).to_have_text("Because you liked “Green Harbour, No. 2”")
    expect(offer).to_have_count(0)
    assert "w:2" not in ids(page)


def test_a_like_changes_the_rows_that_nobody_has_seen_and_no_others(watch):
    page = watch.open(viewport={"width": 1440, "height": 700})
    until(lambda: page.locator(".more").is_visible())
    heart(page, 1).scroll_into_view_if_needed()
    before, seen = (
        ids(page),
        page.eval_on_selector_all(
            ".wall .card", "cards => cards.filter(c => c.getBoundingClientRect().top < innerHeight).length"
        ),
    )
    assert 0 < seen < len(before)
    heart(page, 1).click()  # red, by a hostile artist
    settled(page, 1)
    mark = page.get_by_text("New for you")
    expect(mark).to_have_count(1)
    after = ids(page)
    assert after[:seen] == before[:seen] and after[seen:] != before[seen:] and len(set(after)) == len(after)
    assert page.evaluate("document.querySelector('.since').closest('.card').dataset.id") == after[seen]
    page.mouse.wheel(0, 9000)
    until(lambda: len(ids(page)) > len(after))
    assert ids(page)[: len(after)] == after  # going on does not mark or move anything


def test_the_taste_is_shown_and_can_be_corrected(watch, server):
    page = watch.open()
    panel = page.get_by_role("group", name="Your taste, as we understand it")
    expect(panel).to_be_hidden()
    for k in (0, 5):  # both red
        heart(page, k).click()
        settled(page, 1 + k // 5)
    expect(panel).to_contain_text("red")
    more, less = (panel.get_by_role("button", name=f"{way} of red") for way in ("More", "Less"))
    less.click()
    expect(less).to_have_attribute("aria-pressed", "true")
    assert [server.wishes[-1][c] for c in ("direction", "kind", "value")] == ["less", "palette", "red"]
    more.click()
    expect(more).to_have_attribute("aria-pressed", "true")
    expect(less).to_have_attribute("aria-pressed", "false")
    more.click()  # once more takes it back; the likes still say it
    expect(more).to_have_attribute("aria-pressed", "false")
    assert (
        server.wishes[-1]["direction"] == "neutral"
        and page.evaluate("document.activeElement.ariaLabel") == "More of red"
    )
    page.locator(".who").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("^Woman, 20")).click()
    expect(panel).to_be_hidden()


def test_five_likes_introduce_a_visitor_who_may_skip(watch):
    page = watch.open()
    bar = page.locator(".taste")
    expect(bar).to_contain_text("Like five works")
    for k in range(5):
        heart(page, k).click()
        settled(page, k + 1)
        if k < 4:
            expect(bar).to_contain_text(f"{4 - k} more like{'s' if k < 3 else ''} and")
    expect(bar).to_be_hidden()
    other = watch.open(viewport={"width": 768, "height": 1024})
    steps, skip = other.locator(".taste ol").bounding_box(), other.locator(".taste .skip").bounding_box()
    assert skip["y"] < steps["y"] < skip["y"] + skip["height"]  # on a tablet, too, in one row with the steps
    other.get_by_role("button", name="Skip the introduction").click()
    expect(other.locator(".taste")).to_be_hidden()
    other.reload()
    other.wait_for_selector(".card:not(.ghost)")
    expect(other.locator(".taste")).to_be_hidden()


def test_hide_leaves_its_place_empty_and_can_be_undone(watch, server):
    page = watch.open()
    where = [place(page, k) for k in range(4)]
    card(page, 1).locator(".hide").click()
    expect(card(page, 1).locator(".veil")).to_be_visible()
    assert [place(page, k) for k in (0, 2, 3)] == [where[k] for k in (0, 2, 3)]
    expect(card(page, 1).get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card(page, 1).locator(".veil")).to_have_count(0)
    expect(card(page, 1).locator(".picture")).to_be_focused()
    page.wait_for_timeout(300)
    assert [e["event"] for e in server.events[-2:]] == ["hide", "unlike"]


def test_a_visitor_who_comes_back_finds_their_likes_and_others_do_not(watch):
    context = watch.context()
    page = watch.open(context)
    heart(page, 0).click()
    settled(page, 1)
    page.close()
    again = watch.open(context)
    expect(again.get_by_role("button", name="Likes 1")).to_be_visible()
    stranger = watch.open()
    expect(stranger.get_by_role("button", name="Likes", exact=True)).to_be_visible()
    heart(stranger, 3).click()
    settled(stranger, 1)
    again.get_by_role("button", name="Likes 1").click()
    expect(again.locator(".room:not([hidden]) .card")).to_have_count(1)


# ---- profiles, filters, details --------------------------------------------------------------------------------------


def test_choose_a_profile_come_back_and_start_fresh(watch):
    page = watch.open()
    heart(page, 0).click()
    settled(page, 1)
    own = ids(page)[:8]
    page.locator(".who").click()
    dialog = page.get_by_role("dialog", name="Choose a profile")
    expect(dialog.get_by_role("button", name=re.compile("^Woman, 20"))).to_contain_text("A calm collector")
    dialog.get_by_role("button", name=re.compile("^Man, 27")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Through other eyes")
    expect(page).to_have_url(re.compile("#profile=[^&]+$"))
    theirs, address = ids(page), page.url
    heart(page, 2).click()
    expect(page.get_by_role("button", name="Likes 2")).to_be_visible()  # the visitor's own
    settled(page, 2)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Picked for you")
    assert ids(page)[:8] == own
    page.evaluate("scrollTo(0, 1e6)")  # and it goes on
    expect(card(page, 30)).to_be_attached()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("Through other eyes")
    assert ids(page)[: len(theirs)] == theirs
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Through other eyes")
    page.goto(address[: address.index("=")] + "=nobody")
    expect(page.locator(".toast")).to_contain_text("There is no such profile here")
    expect(page).to_have_url(address)
    page.locator(".who").click()
    dialog.get_by_role("button", name=re.compile("^Yourself")).click()
    expect(page.get_by_role("button", name="Likes 2")).to_be_visible()
    page.locator(".who").click()
    dialog.get_by_role("button", name=re.compile("^Start fresh")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where shall we start?")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Likes 2")).to_be_visible()


def test_filters_say_how_many_works_they_leave_and_lead_to_no_dead_end(watch):
    page = watch.open()
    colours, media = page.get_by_label("Filter by colour"), page.get_by_label("Filter by medium")
    assert "blue (18)" in colours.locator("option").all_text_contents()
    media.select_option("Watercolour on paper")
    expect(page).to_have_url(re.compile("#medium="))
    assert "blue (6)" in colours.locator("option").all_text_contents()
    periods = page.get_by_label("Filter by period").locator("option")
    assert periods.filter(has_text="Modern (30)").is_enabled()
    assert periods.filter(has_text="Contemporary").is_disabled()  # no watercolour is contemporary


def test_filters_and_the_empty_corner(watch, server, monkeypatch):
    page = watch.open()
    monkeypatch.setattr(server, "delay", 4)  # below the five seconds of the client, and long enough to be seen
    page.get_by_label("Filter by colour").select_option("blue")
    expect(page.locator(".wall.is-waiting")).to_be_visible()
    expect(page.locator(".wall.is-waiting")).to_have_count(0)
    monkeypatch.setattr(server, "delay", 0)
    expect(page.locator(".card:not(.ghost)")).to_have_count(18)
    assert all(text.startswith(("Blue", "<img")) for text in page.locator(".card h2").all_text_contents())
    expect(page.get_by_label("Filter by colour")).to_be_focused()
    page = watch.open(path="#medium=Oil+on+canvas&period=Modern", ready=".message h2")  # only a link leads there
    expect(page.get_by_text("No matching works")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    page.wait_for_selector(".card:not(.ghost)")
    expect(page.get_by_label("Filter by medium")).to_have_value("")


def room(page):
    return page.locator(".room:not([hidden])")


def test_search_while_typing_and_the_way_back(watch, server):
    page = watch.open()
    page.evaluate("scrollTo(0, 700)")
    seen = ids(page)[
        : page.evaluate(
            "[...document.querySelectorAll('.card')].filter(c => c.getBoundingClientRect().top < innerHeight).length"
        )
    ]
    field = page.get_by_role("searchbox", name="Search the collection")
    field.press_sequentially("red harb", delay=20)
    expect(room(page).locator("h1")).to_have_text("“red harb”")
    expect(room(page).locator(".sub")).to_have_text("18 works")
    assert all("Red Harbour" in card(page, k).locator("h2").text_content() for k in (0, 17))
    assert page.url.endswith("#search=red+harb")
    heart(page, 0).click()
    settled(page, 1)
    assert server.events[-1]["event"] == "like" and server.events[-1]["artwork_id"] == ids(page)[0]
    field.fill("habour")
    expect(room(page).locator(".sub")).to_have_text("searched for “harbour”")
    expect(room(page).locator(".message")).to_contain_text("Nothing found")
    field.fill("artist 3")
    person = room(page).locator(".people-found button").filter(has_text="Artist 3")
    expect(person).to_have_text("Artist 313")  # the name, and the number of works
    page.go_back()  # all that was typed is one step
    expect(room(page).locator("h1")).to_have_text("Picked for you")
    assert ids(page)[: len(seen)] == seen, "the rows below may be chosen anew after the like"
    assert page.evaluate("scrollY") == 700 and field.input_value() == ""
    page.go_forward()
    expect(room(page).locator("h1")).to_have_text("“artist 3”")
    person.click()
    expect(room(page).locator("h1")).to_have_text("Artist 3")


def test_a_search_that_fails_says_so_and_tries_again(watch, server):
    watch.forgiven = ("outside",)
    page = watch.open()
    with away(server):
        page.get_by_role("searchbox").fill("red")
        expect(room(page).locator(".message")).to_contain_text("The search does not answer")
    room(page).get_by_role("button", name="Try again").click()
    expect(room(page).locator(".sub")).to_have_text("18 works")


def test_a_hostile_search_is_text(watch):
    page = watch.open()
    page.get_by_role("searchbox").fill('<img src=x onerror="window.__pwned=3">')
    expect(room(page).locator("h1")).to_have_text('“<img src=x onerror="window.__pwned=3">”')
    expect(room(page).locator(".message")).to_contain_text("Nothing found")
    assert page.evaluate("window.__pwned") is None


def test_the_page_of_an_artist(watch, server):
    page = watch.open(path="#artist=Artist+2", ready=".colours li")
    expect(room(page).locator("h1")).to_have_text("Artist 2")
    expect(room(page).locator(".sub")).to_have_text("13 works, the earliest first")
    years = [int(t.rsplit(" ", 1)[1]) for t in room(page).locator(".card .by").all_text_contents()]
    assert years == sorted(years) and len(years) == 13 == room(page).locator(".colours li").count()
    follow, before = room(page).get_by_role("button", name="Follow"), len(server.wishes)
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".toast")).to_contain_text("More by Artist 2")
    until(lambda: len(server.wishes) > before)
    assert [server.wishes[-1][c] for c in ("direction", "kind", "value")] == ["more", "artist", "Artist 2"]
    page.reload()
    expect(room(page).get_by_role("button", name="Following")).to_be_visible()
    room(page).get_by_role("button", name="No more by this artist").click()
    expect(room(page).get_by_role("button", name="Show this artist again")).to_be_visible()
    expect(room(page).get_by_role("button", name="Following")).to_be_hidden()


def test_a_work_leads_to_its_artist_its_facts_and_back(watch):
    page = watch.open()
    card(page, 0).locator(".picture").click()
    work = page.locator(".details")
    artist = work.locator(".by .link")
    name = artist.text_content()
    artist.click()
    expect(room(page).locator("h1")).to_have_text(name)
    expect(work).to_be_hidden()
    page.go_back()
    expect(work).to_be_visible()
    medium = work.locator("dd .link").first
    chosen = medium.text_content()
    medium.click()
    expect(page.get_by_label("Filter by medium")).to_have_value(chosen)
    expect(work).to_be_hidden()


def test_back_returns_to_the_very_wall_and_reload_keeps_the_filters(watch):
    page = watch.open()
    first = ids(page)
    page.get_by_label("Filter by colour").select_option("blue")
    expect(page.get_by_label("Filter by colour")).to_have_value("blue")
    expect(page).to_have_url(re.compile("#colour=blue$"))
    blue = ids(page)
    assert blue != first
    page.go_back()
    expect(page).not_to_have_url(re.compile("#"))
    assert ids(page) == first and page.get_by_label("Filter by colour").input_value() == ""
    page.mouse.wheel(0, 6000)
    until(lambda: len(ids(page)) > len(first))
    after = ids(page)
    assert after[: len(first)] == first and len(set(after)) == len(after)
    page.go_forward()
    expect(page).to_have_url(re.compile("#colour=blue$"))
    assert ids(page)[: len(blue)] == blue
    page.reload()
    page.wait_for_selector(".card:not(.ghost)")
    expect(page.get_by_label("Filter by colour")).to_have_value("blue")


def test_details_similar_works_and_the_way_back(watch):
    page = watch.open()
    picture = card(page, 2).locator(".picture")
    picture.click()
    dialog = page.get_by_role("dialog", name=title(page, 2))
    for words in [
        "Artist 2",
        "1852",
        "Drawing",
        "Invented",
        "Made for the tests",
        "CC0",
        "A green harbour",
    ]:
        expect(dialog).to_contain_text(words)
    source = dialog.get_by_role("link", name="Source")
    assert source.get_attribute("href") == "https://museum.example/works/2" and "noopener" in source.get_attribute(
        "rel"
    )
    assert page.url.endswith("#work=w%3A2")
    dialog.locator(".heart").click()
    expect(heart(page, 2)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Undo").click()  # the toast is clickable above the dialog
    expect(heart(page, 2)).to_have_attribute("aria-pressed", "false")
    expect(dialog.get_by_role("heading", level=4)).to_have_text(
        ["The same subject", "Palette and light", "The same hand, or one near to it"]
    )
    subject = dialog.locator("[data-row=subject] .strip button")
    subject.first.focus()
    for _ in range(30):  # a row goes on as long as there are works
        before = subject.count()
        page.keyboard.press("End")
        page.wait_for_timeout(120)
        if dialog.locator("[data-row=subject] .row-end").count() == 0 and subject.count() == before:
            break
    names = subject.evaluate_all("works => works.map(w => w.title)")
    assert len(names) == len(set(names)) > 16 and not any(name.startswith(title(page, 2)) for name in names)
    expect(subject.last).to_be_focused()
    assert "Also Woodblock print" in names[0]
    dialog.locator("[data-row=light] .strip button").first.click()
    heading = page.get_by_role("dialog").get_by_role("heading", level=2)
    expect(heading).to_have_text("Green Harbour, No. 7")
    way = page.get_by_role("navigation", name="The way you came").locator("button")
    expect(way).to_have_count(2)
    page.go_back()  # to the work that led here
    expect(heading).to_have_text(title(page, 2))
    page.go_forward()
    expect(heading).to_have_text("Green Harbour, No. 7")
    way.first.click()
    expect(heading).to_have_text(title(page, 2))
    expect(way.first).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    expect(picture).to_be_focused()
    expect(page).to_have_url(watch.url)
    picture.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog").get_by_role("heading", level=2)).to_have_text(title(page, 3))
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_picture_is_looked_at_closely_by_keys_wheel_and_mouse(watch):
    page = watch.open()
    card(page, 0).locator(".picture").click()
    stage, frame = page.locator(".stage"), page.locator(".frame")
    whole = frame.bounding_box()
    expect(stage.locator("img")).not_to_have_class(re.compile("is-large"))  # no larger one is there, and nothing breaks

    def zoomed():
        page.wait_for_timeout(300)
        return frame.bounding_box()["width"] / whole["width"]

    page.keyboard.press("+")
    page.keyboard.press("+")
    assert zoomed() == pytest.approx(2.25, rel=0.01)
    before = frame.bounding_box()["x"]
    page.keyboard.press("ArrowRight")  # moves the picture while it is enlarged
    assert zoomed() > 2 and frame.bounding_box()["x"] < before
    page.keyboard.press("Escape")
    assert zoomed() == 1 and page.get_by_role("dialog").is_visible()
    x, y = whole["x"] + whole["width"] / 4, whole["y"] + whole["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    assert zoomed() > 1.2
    page.keyboard.press("0")
    assert zoomed() == 1
    page.mouse.dblclick(x, y)
    assert zoomed() > 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Show the whole picture").click()
    assert zoomed() == 1
    page.keyboard.press("l")
    expect(page.get_by_role("dialog").locator(".heart")).to_have_attribute("aria-pressed", "true")


def test_on_a_phone_one_swipes_to_the_next_work_and_pinches(watch):
    page = watch.open(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    touch = page.context.new_cdp_session(page)

    def fingers(*moves):
        "Each move is a list of points; the first puts the fingers down"
        for k, points in enumerate([*moves, []]):
            kind = "touchEnd" if not points else "touchMove" if k else "touchStart"
            places = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})
        page.wait_for_timeout(300)

    card(page, 0).locator(".picture").tap()
    heading, frame = page.get_by_role("dialog").get_by_role("heading", level=2), page.locator(".frame")
    expect(heading).to_have_text(title(page, 0))
    fingers([(300, 300)], [(240, 302)], [(120, 305)])
    expect(heading).to_have_text(title(page, 1))
    fingers([(60, 300)], [(160, 302)], [(260, 305)])
    expect(heading).to_have_text(title(page, 0))
    whole = frame.bounding_box()["width"]
    fingers([(180, 300), (220, 300)], [(140, 300), (260, 300)], [(120, 300), (280, 300)])
    until(lambda: frame.bounding_box()["width"] > 2 * whole)
    fingers([(300, 300)], [(240, 302)], [(120, 305)])  # moves the picture now
    expect(heading).to_have_text(title(page, 0))
    page.get_by_role("button", name="Show the whole picture").click()  # a tap may last too long here
    until(lambda: frame.bounding_box()["width"] == pytest.approx(whole, abs=1))


def test_no_more_by_an_artist_and_the_way_back(watch):
    page = watch.open()
    card(page, 2).locator(".picture").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="No more by this artist").click()
    expect(dialog.get_by_role("button", name="Show this artist again")).to_be_visible()
    page.keyboard.press("Escape")
    assert "Artist 2" in card(page, 2).text_content()  # works on screen stay
    expect(page).not_to_have_url(re.compile("work="))  # the step back is done; a reload before it would be given up
    page.reload()
    page.wait_for_selector(".card:not(.ghost)")
    assert all("Artist 2," not in text for text in page.locator(".card .by").all_text_contents())


def test_pictures_of_a_museum_come_through_us_or_are_painted(watch, server, monkeypatch):
    address = "https://images.example/13.jpg"
    for i, url in {"w:4": "javascript:1", "w:13": address, "w:22": address.replace("https", "http")}.items():
        monkeypatch.setitem(server.cards, i, {**server.cards[i], "image_url": url})
    jpeg = requests.get(watch.url + "pictures/w:0", timeout=60).content
    context = watch.context()
    ours = watch.url + "pictures/w%3A"  # `tests/gallery/test_front.py` has the way from there to the museum
    context.route(ours + "13", lambda route: route.fulfill(body=jpeg, content_type="image/jpeg"))
    context.route(ours + "22", lambda route: route.abort())
    watch.forgiven = ("console: Failed to load resource",)
    page = watch.open(context)
    picture = page.locator(".card[data-id='w:13'] img.is-loaded")
    page.locator(".card[data-id='w:13'] .picture").scroll_into_view_if_needed()
    expect(picture).to_have_attribute("src", re.compile("/pictures/w%3A13$"))
    page.locator(".card[data-id='w:22'] .picture").scroll_into_view_if_needed()
    for i in ("w:4", "w:22"):
        expect(page.locator(f".card[data-id='{i}'] svg.painted")).to_be_attached()


def test_a_shared_link_opens_its_work_and_a_stale_one_says_so(watch):
    page = watch.open(path="#work=w%3A33")
    expect(page.get_by_role("dialog", name="Ochre Harbour, No. 33")).to_contain_text("Similar works")
    page.get_by_role("button", name="Close").click()
    expect(page).to_have_url(watch.url)
    stale = watch.open(path="#work=nowhere")
    expect(stale.locator(".toast")).to_contain_text("not in the collection any more")


# ---- texts are untrusted ---------------------------------------------------------------------------------------------


def test_a_hostile_title_is_shown_as_text(watch):
    page = watch.open()
    assert title(page, 1) == HOSTILE
    heart(page, 1).click()
    expect(page.locator(".toast")).to_contain_text(HOSTILE)
    card(page, 1).locator(".picture").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", level=2)).to_have_text(HOSTILE)
    expect(dialog.locator(".description")).to_have_text(HOSTILE)
    expect(dialog.get_by_role("link", name="Source")).to_have_count(0)  # its URL was javascript:
    page.keyboard.press("Escape")
    page.locator(".who").click()
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Refresh with your new likes").click()
    because = page.locator(".reason", has_text=HOSTILE)  # a reason quotes the title of the liked work
    expect(because.first).to_be_visible()
    card(page, 0).locator(".picture").click()  # and the rows of similar works name their works
    dialog.locator(".strip li").first.wait_for()
    assert page.evaluate("window.__pwned") is None and page.locator("img[src='x'], .vernissage b").count() == 0


# ---- keyboard, phone, dark mode --------------------------------------------------------------------------------------


def test_by_keyboard_alone(watch):
    page = watch.open()
    card(page, 0).locator(".picture").focus()
    page.keyboard.press("ArrowRight")
    expect(card(page, 1).locator(".picture")).to_be_focused()
    page.keyboard.press("l")
    expect(heart(page, 1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("h")
    expect(card(page, 2).locator(".veil")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(card(page, 1).locator(".picture")).to_be_focused()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") > place(page, 1)["y"] + 50
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card(page, 0).locator(".picture")).to_be_focused()
    assert page.locator("[role=status]").first.text_content()


def test_on_a_phone(watch):
    page = watch.open(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) == 390
    first = page.locator(".filters select").first
    expect(first).to_be_hidden()
    page.get_by_role("button", name="Filters").tap()
    assert first.bounding_box()["width"] > 300 and "Any category" in first.text_content()
    page.get_by_role("button", name="Done").tap()
    expect(first).to_be_hidden()
    a, b = (card(page, k).locator(".picture").bounding_box() for k in (0, 1))
    assert a["y"] == b["y"] and a["height"] == pytest.approx(b["height"], abs=1)  # two in a row
    assert b["x"] + b["width"] - a["x"] == pytest.approx(358, abs=2) and min(a["width"], b["width"]) >= 100
    for k in (0, 1, 2):
        assert heart(page, k).bounding_box()["height"] >= 40
    card(page, 0).locator(".picture").tap()
    expect(page.get_by_role("dialog")).to_contain_text("Similar works")
    frame, story = page.locator(".frame").bounding_box(), page.locator(".story").bounding_box()
    assert story["y"] >= frame["y"] + frame["height"] and page.evaluate(wide) == 390
    page.locator(".strip li").last.scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Close")).to_be_in_viewport()  # even after scrolling
    page.get_by_role("button", name="Close").tap()
    page.locator(".who").tap()
    expect(page.get_by_role("dialog")).to_contain_text("Woman, 20")
    assert page.evaluate(wide) == 390
    page.get_by_role("button", name="Close").tap()
    page.mouse.wheel(0, 700)
    expect(page.locator(".top")).not_to_be_in_viewport()  # no bar over the art
    page.mouse.wheel(0, -100)
    expect(page.locator(".top")).to_be_in_viewport()


def test_dark_follows_the_system_and_can_be_chosen(watch):
    page = watch.open(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 18, 17)"
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator(".vernissage")).to_have_attribute("data-theme", "light")
    page.reload()
    expect(page.locator(".vernissage")).to_have_attribute("data-theme", "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(watch, server, scheme, monkeypatch):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    def check(what):
        page.wait_for_timeout(700)
        found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert found == [], f"{what}: " + json.dumps(
            [[v["id"], v["nodes"][0]["html"][:200], v["nodes"][0].get("failureSummary")] for v in found]
        )

    with away(server):
        page = watch.open(ready=None, color_scheme=scheme)
        expect(page.get_by_role("heading", name="The gallery does not answer")).to_be_visible()
        check("a server that is down")
    page.wait_for_selector(".card:not(.ghost)")
    monkeypatch.setattr(server, "delay", 3)
    page.reload()
    expect(page.locator(".wall[aria-busy] .ghost").first).to_be_visible()
    assert page.get_by_role("heading", level=1).text_content() == "Hanging the pictures…"
    check("a server that is slow")
    monkeypatch.setattr(server, "delay", 0)
    page.wait_for_selector(".card:not(.ghost)")
    check("the first wall")
    heart(page, 0).click()
    card(page, 1).locator(".hide").click()
    check("with a like, a hidden work and an offer")
    card(page, 4).locator(".picture").click()
    page.wait_for_selector(".strip:not(.waiting)")
    check("details")
    page.keyboard.press("Escape")
    page.locator(".who").click()
    page.wait_for_selector(".people .person")
    check("profiles")
    page.keyboard.press("Escape")
    page.locator("nav button").nth(1).click()
    page.wait_for_selector(".room:not([hidden]) .card:not(.ghost)")
    check("likes")
    heart(page, 0).click()
    page.locator("nav button").nth(0).click()
    page.locator("nav button").nth(1).click()
    expect(page.get_by_text("No likes yet")).to_be_visible()
    check("no likes")


# ---- failures --------------------------------------------------------------------------------------------------------


def test_a_like_that_could_not_be_saved_is_taken_back(watch, server):
    page = watch.open()
    with away(server):
        heart(page, 0).click()
        expect(page.locator(".toast")).to_contain_text("could not be saved")
        expect(heart(page, 0)).to_have_attribute("aria-pressed", "false")
        card(page, 1).locator(".hide").click()
        expect(page.locator(".toast")).to_contain_text("could not be saved")
        expect(card(page, 1).locator(".veil")).to_have_count(0)
    heart(page, 0).click()
    settled(page, 2)
    expect(heart(page, 0)).to_have_attribute("aria-pressed", "true")


def test_a_server_that_is_down_is_waited_for(watch, server):
    with away(server):
        page = watch.open(ready=None)
        expect(page.get_by_role("heading", name="The gallery does not answer")).to_be_visible()
    page.wait_for_selector(".card:not(.ghost)")  # without a click
    expect(page.get_by_text("The gallery does not answer")).to_have_count(0)
    with away(server):
        page.locator(".more").evaluate("button => button.click()")
        expect(page.locator(".notice")).to_contain_text("not answering")
        assert card(page, 0).is_visible()
    expect(page.locator(".notice")).to_be_hidden()


def test_a_dead_kernel_is_noticed_and_a_reload_goes_on(watch, gallery):
    page = watch.open()
    heart(page, 0).click()
    settled(page, 1)
    kernel_id = json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]
    os.kill(process_of(kernel_id), signal.SIGKILL)
    watch.forgiven = ("console: WebSocket", "404:", "console: Failed to load resource", "console: Kernel")
    heart(page, 1).click()
    expect(page.locator(".notice")).to_contain_text("Your visit was interrupted")
    expect(heart(page, 1)).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Reload").click()
    page.wait_for_selector(".card:not(.ghost)")
    expect(page.get_by_role("button", name="Likes 1")).to_be_visible()


def deaf(context, loads):
    "The kernel's websocket brings nothing to the first `loads` pages of this context"

    def connect(route):
        server = route.connect_to_server()
        if loads and loads.pop():
            server.on_message(lambda message: None)

    context.route_web_socket(re.compile("/channels"), connect)


def test_a_widget_that_does_not_come_is_fetched_once_more(watch):
    context = watch.context()
    deaf(context, loads := [True])
    page = watch.open(context, ready="#loading")
    page.wait_for_selector(".card:not(.ghost)")  # nobody clicked
    assert not loads and page.locator("#loading").count() == 0


def test_a_kernel_that_never_answers_leaves_a_way_to_try_again(watch):
    context = watch.context()
    deaf(context, loads := [True, True])
    page = watch.open(context, ready="#loading")
    page.wait_for_event("load")  # it was fetched once more, which was no help either
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_visible()
    assert not loads and page.locator("#loading").is_visible()
    again.click()
    page.wait_for_selector(".card:not(.ghost)")


def test_a_page_that_is_left_ends_its_kernel(watch):
    page = watch.open()
    kernel_id = json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]
    assert process_of(kernel_id)
    goodbye = f"{watch.url}voila/api/shutdown/{kernel_id}"
    elsewhere = requests.post(goodbye, headers={"Origin": "http://evil.example"}, timeout=60)
    assert elsewhere.status_code == 403 and process_of(kernel_id)
    page.goto("about:blank")
    for _ in range(100):
        if not process_of(kernel_id):
            break
        page.wait_for_timeout(200)
    assert not process_of(kernel_id)


def process_of(kernel_id: str) -> int | None:
    "Process id of a kernel, found by the name of its connection file"
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if kernel_id in (folder / "cmdline").read_text():
                return int(folder.name)
        except OSError:
            continue
    return None


# ---- security --------------------------------------------------------------------------------------------------------


def test_assets_are_compressed_and_kept_and_other_addresses_are_a_page_of_the_house(gallery):
    page = requests.get(gallery.url, timeout=60)
    assert page.headers["Content-Encoding"] == "gzip"
    script = re.search(r'type="module" src="/(assets/page.js[^"]+)"', page.text)[1]
    answer = requests.get(gallery.url + script, timeout=60)
    assert answer.headers["Content-Encoding"] == "gzip" and "immutable" in answer.headers["Cache-Control"]
    assert len(answer.content) < 1_000_000
    nowhere = requests.get(gallery.url + "nope", timeout=60)
    assert nowhere.status_code == 404 and "This page does not exist" in nowhere.text
    assert requests.get(gallery.url + "assets/..%2fwidget.py", timeout=60).status_code in (403, 404)


def test_the_page_is_closed_to_what_voila_leaves_open(gallery):
    script = '"><script>window.__pwned=1</script>'
    page = requests.get(gallery.url, params={"theme": script, "template": "lab"}, timeout=60)
    assert page.ok and script not in page.text and "Vernissage" in page.text and "cdn" not in page.text
    assert (
        "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        and page.headers["X-Content-Type-Options"] == "nosniff"
    )
    for path in [
        "voila/files/gallery.ipynb",
        "voila/files/../settings.ini",
        "api/contents",
        "pictures/..%2fenriched.parquet",
        "pictures/enriched.parquet",
        "pictures/w:4",
        "gallery.ipynb",
    ]:
        assert requests.get(gallery.url + path, timeout=60).status_code in (403, 404), path


SMALL = """
import sys
from art_recsys.gallery import app, server
usual = server.config_of
def small(*args):
    config = usual(*args)
    config.GalleryKernels.max_kernels = config.VoilaConfiguration.default_pool_size = 1
    return config
server.config_of = small
app.end_with_parent()
app.serve(sys.argv[1], '127.0.0.1', int(sys.argv[2]), sys.argv[3], 24)
"""


def test_who_finds_a_full_gallery_is_told_at_once_and_comes_in_when_somebody_leaves(server, tmp_path):
    from art_recsys.gallery.app import RunningGallery, free_port, wait_for_port

    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    process = subprocess.Popen(
        [sys.executable, "-c", SMALL, str(tmp_path), str(port), server.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with RunningGallery(url, process):
        wait_for_port("127.0.0.1", port, process)
        inside = come(url)
        assert inside.ok and "Vernissage" in inside.text
        outside = requests.get(url, timeout=60)
        assert (
            outside.status_code == 503
            and "full just now" in outside.text
            and "default-src 'self'" in outside.headers["Content-Security-Policy"]
        )
        kernel_id = re.search(r'"kernelId": *"([^"]+)"', inside.text)[1]
        assert requests.post(f"{url}voila/api/shutdown/{kernel_id}", timeout=60).ok
        again = come(url)
        assert again.ok and kernel_id not in again.text


def come(url):
    "Request the page until the gallery has room"
    for _ in range(100):
        if (page := requests.get(url, timeout=60)).ok:
            break
        time.sleep(0.2)
    return page


def test_the_websocket_runs_no_code_and_opens_to_no_other_site(watch, tmp_path):
    websocket = pytest.importorskip("websocket")
    page = watch.open()
    kernel_id = json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]
    address = f"{watch.url.replace('http', 'ws', 1)}api/kernels/{kernel_id}/channels"
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(address, origin="http://evil.example", timeout=20)
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in page.context.cookies())
    channel = websocket.create_connection(address, origin=watch.url.rstrip("/"), cookie=cookies, timeout=2)
    written = tmp_path / "written"
    for kind, content in {
        "execute_request": {
            "code": f"open({str(written)!r}, 'w').close()",
            "silent": False,
            "store_history": False,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        },
        "complete_request": {"code": "import o", "cursor_pos": 8},
        "history_request": {"hist_access_type": "tail", "n": 9, "output": False, "raw": True},
        "kernel_info_request": {},  # the kernel may answer this request
    }.items():
        head = {
            "msg_id": kind,
            "msg_type": kind,
            "session": "s",
            "username": "u",
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        }
        channel.send(
            json.dumps({"header": head, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"})
        )
    heard = []
    with pytest.raises(websocket.WebSocketTimeoutException):
        while True:
            heard.append(channel.recv())
    channel.close()
    kinds = {json.loads(h)["msg_type"] for h in heard if h}
    assert {k for k in kinds if k.endswith("_reply")} == {"kernel_info_reply"} and not written.exists()


def test_a_picture_is_cached_by_the_browser(gallery):
    first = requests.get(gallery.url + "pictures/w:0", timeout=60)
    assert first.ok and first.headers["Content-Type"] == "image/jpeg" and "max-age" in first.headers["Cache-Control"]
    again = requests.get(gallery.url + "pictures/w:0", headers={"If-None-Match": first.headers["ETag"]}, timeout=60)
    assert again.status_code == 304


# ---- with the real models --------------------------------------------------------------------------------------------


# ---- the map ---------------------------------------------------------------------------------------------------------


def place_of(page):
    "Where the lens is, and how far the map is enlarged: what the address says"
    found = re.search(r"#map=([^&]+)", page.evaluate("location.hash"))
    return found and [float(v) for v in found[1].replace("%2C", ",").split(",")]


def painted(page):
    "Pixels of the map in the blue of the stand-in's blue works, and the number of different colours on it"
    return page.evaluate(
        """() => {
        const c = document.querySelector(".chart canvas");
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        const colours = new Set();
        let blue = 0;
        for (let k = 0; k < d.length; k += 4) {
          blue += Math.abs(d[k] - 54) < 9 && Math.abs(d[k + 1] - 85) < 9 && Math.abs(d[k + 2] - 127) < 9;
          colours.add(d[k] * 65536 + d[k + 1] * 256 + d[k + 2]);
        }
        return [blue, colours.size]; }"""
    )


def test_the_map(watch, server, monkeypatch):
    page = watch.open()
    for k, work in enumerate(("w:0", "w:5")):  # two red ones
        page.locator(f".card[data-id='{work}'] .heart").click()
        settled(page, k + 1)
    page.get_by_role("button", name="Map", exact=True).click()
    canvas, links = page.locator(".chart canvas"), page.locator(".under-list a")
    expect(page.locator(".sub:visible")).to_contain_text("90 works; what is alike lies side by side. Your 2 likes glow")
    expect(links.first).to_contain_text("Red Harbour")  # the lens is where the taste is
    until(lambda: place_of(page) and painted(page)[0] > 300)

    # by keyboard: to another place, closer, onto the wall, and back to the very place
    canvas.focus()
    x, y, _ = place_of(page)
    for _ in range(4):
        page.keyboard.press("Shift+ArrowUp" if y > 0.5 else "Shift+ArrowDown")
    until(lambda: abs(place_of(page)[1] - y) > 0.3)
    expect(page.locator(".under .soft")).to_have_text(re.compile("works?|No works"))
    page.keyboard.press("0")
    page.mouse.click(*on_canvas(page, x, y))  # a dot of a like: its work opens
    expect(page.locator("dialog.details h2")).to_contain_text("Red Harbour")
    page.keyboard.press("Escape")
    expect(page.locator("dialog.details")).to_be_hidden()
    page.mouse.click(*on_canvas(page, 0.02, 0.02))  # an empty place: the lens comes
    until(lambda: max(place_of(page)[:2]) < 0.1)
    expect(page.locator(".under .soft")).to_have_text("No works. Move the lens, or go further away.")
    expect(page.get_by_role("button", name="Fill the wall from here")).to_be_disabled()
    page.mouse.move(*on_canvas(page, 0.02, 0.02))
    page.mouse.down()
    page.mouse.move(*on_canvas(page, x, y), steps=6)  # the lens is dragged to the likes
    page.mouse.up()
    expect(links.first).to_contain_text("Red Harbour")
    canvas.focus()
    page.keyboard.press("+")
    until(lambda: place_of(page)[2] == 1.5)
    before = place_of(page)
    assert before[:2] == pytest.approx([x, y], abs=0.02)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="From the map")).to_be_visible()
    expect(card(page, 0).locator("h2")).to_contain_text("Red Harbour")
    assert "#lens=" in page.url and not {"w:0", "w:5"} & set(ids(page))
    page.go_back()
    expect(links.first).to_be_visible()
    assert place_of(page) == before
    page.reload()
    expect(links.first).to_contain_text("Red Harbour")
    until(lambda: place_of(page) == before)

    # pictures where few works are left, and a title at the mouse
    page.mouse.move(*on_canvas(page, x, y, before))
    expect(page.locator(".tip")).to_contain_text("Harbour, No.")
    for _ in range(5):
        page.mouse.wheel(0, -400)
    until(lambda: place_of(page)[2] > 4 and painted(page)[1] > 3000)
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert axe.run(page, options={"resultTypes": ["violations"]}).response["violations"] == []

    # a link of the list opens the work, and Back leads to the map
    links.first.press("Enter")
    expect(page.locator("dialog.details")).to_be_visible()
    page.go_back()
    expect(page.locator("dialog.details")).to_be_hidden()
    expect(links.first).to_be_visible()

    monkeypatch.setattr(server, "has_map", False)
    other = watch.open(path="#map=0.5,0.5,1", ready=None)
    expect(other.get_by_role("heading", name="There is no map yet")).to_be_visible()


def on_canvas(page, x, y, place=None):
    "The pixel of a place while the whole map is seen, or the lens is in the middle"
    box = page.locator(".chart canvas").bounding_box()
    scale = min(box["width"], box["height"]) * 0.94 * (place[2] if place else 1)
    middle = place[:2] if place else (0.5, 0.5)
    half = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return half[0] + (x - middle[0]) * scale, half[1] + (y - middle[1]) * scale


def test_the_gallery_on_the_real_server(chromium, tiny_run):
    from art_recsys.serving import start

    with start(tiny_run) as models, start_gallery(tiny_run, models.url) as running:
        watching = Watch(chromium, running.url)
        page = watching.open()
        page.wait_for_selector(".picture img.is-loaded")
        assert page.locator(".card[data-id]").count() >= tiny_run.page_size
        shown = ids(page)
        for k in range(2):
            heart(page, k).click()
            settled(page, k + 1)
        offer = page.get_by_role("button", name="Refresh with your new likes")
        offer.click()
        expect(offer).to_have_count(0)
        assert not set(shown[:2]) & set(ids(page))
        because = re.compile("like “|Because you liked|whom you liked|From the same years as|New here")
        assert page.locator(".reason", has_text=because).count() > 0
        card(page, 0).locator(".picture").click()
        page.wait_for_selector(".strip li")
        page.keyboard.press("Escape")
        page.get_by_label("Filter by category").select_option(index=1)
        expect(page.get_by_role("button", name="Clear", exact=True)).to_be_visible()
        page.locator(".who").click()
        page.locator(".people .person").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Through other eyes")
        page.context.close()
        assert watching.wrong == []

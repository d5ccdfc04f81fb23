"Rooms, codes and tabs in a real browser, each as one whole flow; the fixtures are those of `test_gallery`"

import json
from datetime import timedelta

from tests.browser.chromium import expect
from tests.browser.test_gallery import (  # noqa: F401  # fixtures
    HOSTILE,
    card,
    gallery,
    heart,
    ids,
    server,
    settled,
    title,
    watch,
)

KEYS = ("art-recsys.visitor", "art-recsys.without")


def token(page):
    return page.evaluate("localStorage.getItem('art-recsys.visitor')")


def like(page, *numbers):
    before = int(page.locator(".vernissage").get_attribute("data-saved") or 0)
    for n, k in enumerate(numbers, 1):
        heart(page, k).click()
        settled(page, before + n)


def press(page, name, exact=True):
    page.get_by_role("button", name=name, exact=exact).click()


def test_a_curator_builds_a_room_and_sends_it_and_a_stranger_sees_it_until_it_is_closed(watch):  # noqa: F811
    page = watch.open()
    like(page, 0, 1, 2)
    press(page, "Likes 3")
    press(page, "New room")
    page.get_by_label("Name of a new room").fill("x" * 10_000)
    expect(page.get_by_text("At most 80 characters; this has 10,000.")).to_be_visible()
    page.get_by_label("Name of a new room").fill(HOSTILE)
    press(page, "Make the room")
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    expect(page.locator(".room:not([hidden]) .card")).to_have_count(3)
    press(page, "Name and text")
    page.get_by_label("Name", exact=True).fill("مساء 🖼 by the sea")
    page.get_by_label("Wall text").fill(f"Two lines\n{HOSTILE}")
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("مساء 🖼 by the sea")
    page.get_by_label("Order of the works").select_option("time")
    expect(page.locator(".room:not([hidden]) .sub")).to_have_text("3 works, by time")
    first = ids(page)[0]
    page.locator(".room:not([hidden]) .acts").get_by_role("button", name="Take out of the room").first.click()
    expect(page.locator(".room:not([hidden]) .card")).to_have_count(2)
    press(page, "Undo")
    expect(page.locator(".room:not([hidden]) .card")).to_have_count(3)
    assert ids(page)[0] == first
    press(page, "Slideshow")
    expect(page.locator(".slides")).to_contain_text("1 of 3")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".slides")).to_contain_text("3 of 3")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()  # reduced motion: it waits
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "Share by a link")
    link = page.get_by_label("Link to this room").input_value()
    page.go_back()  # the room has an address, and Back returns to the likes
    expect(page.get_by_role("heading", level=1)).to_have_text("Your likes")
    page.get_by_role("button", name="مساء").click()
    expect(page.get_by_label("Link to this room")).to_have_value(link)

    stranger = watch.open(path=link.removeprefix(watch.url), ready="img.is-loaded")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("مساء 🖼 by the sea")
    expect(stranger.locator(".wall-text")).to_have_text(f"Two lines\n{HOSTILE}")
    expect(stranger.locator(".card")).to_have_count(3)
    assert stranger.evaluate("[window.__pwned ?? null, document.cookie, localStorage.length]") == [None, "", 0]
    source = stranger.content()
    assert token(page) not in source + link and page.url.split("room=")[1] not in source + link
    stranger.locator(".picture").nth(1).click()
    expect(stranger.locator(".slides")).to_contain_text("2 of 3")
    stranger.keyboard.press("Escape")
    expect(stranger.locator(".picture").nth(1)).to_be_focused()
    stranger.emulate_media(media="print")
    expect(stranger.locator(".on-paper").first).to_be_visible()
    expect(stranger.get_by_role("button", name="Slideshow")).to_have_count(0)
    assert stranger.pdf(format="A4").startswith(b"%PDF")

    press(page, "Close the link")
    expect(page.get_by_role("button", name="Share by a link")).to_be_focused()
    watch.forgiven = "404: ", "console: Failed to load resource"
    stranger.reload()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This room is closed")
    press(page, "Take down")
    press(page, "Take it down")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your likes")
    expect(page.get_by_text("A room holds works that belong together")).to_be_visible()


def test_likes_are_carried_exported_and_forgotten(watch, server):  # noqa: F811
    page = watch.open()
    name = title(page, 1)
    like(page, 0, 1)
    hidden = title(page, 3)
    card(page, 3).locator(".hide").click()
    card(page, 2).locator(".picture").click()
    page.get_by_role("button", name="No more by this artist").click()
    press(page, "Add to a room")
    page.get_by_label("Name of a new room").fill("Carried")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("hangs in “Carried”")
    page.keyboard.press("Escape")
    press(page, "Likes 2")
    press(page, "Carry, export, forget")
    press(page, "Make a code")
    code = page.locator(".code strong").text_content()

    other = watch.open()
    like(other, 5)
    other.goto(other.url.split("#")[0] + "#view=yours")
    field = other.get_by_label("Code from the other browser")
    field.fill("AAAA-AAAA")
    press(other, "Bring them here")
    expect(other.get_by_text("This code does not work.", exact=False)).to_be_visible()
    now = server.visits.visits.codes.now
    server.visits.visits.codes.now = lambda: now() + timedelta(minutes=11)
    field.fill(code)
    press(other, "Bring them here")
    expect(other.get_by_text("older than ten minutes", exact=False)).to_be_visible()
    server.visits.visits.codes.now = now
    field.fill(code.lower())
    press(other, "Bring them here")
    expect(other.get_by_text("Here now: 2 likes, 1 hidden work, 1 room and 1 muted artist.")).to_be_visible()
    field.fill(code)
    press(other, "Bring them here")
    expect(other.get_by_text("This code does not work.", exact=False)).to_be_visible()
    with other.expect_download() as download:
        press(other, "Table (CSV)")
    table = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert table[0] == "title,artist,date,liked_at,artwork_id,source_url" and len(table) == 4
    with other.expect_download() as download:
        press(other, "JSON")
    assert name in [row["title"] for row in json.loads(download.value.path().read_text())["likes"]]

    press(other, "See what is hidden")
    press(other, f"Show again: {hidden}")
    expect(other.get_by_text("No work is hidden.", exact=False)).to_be_visible()
    other.locator(".muted").get_by_role("button").click()
    expect(other.get_by_text("No artist is muted.")).to_be_visible()

    mine = token(page)
    press(page, "Forget me")
    page.locator(".question").get_by_role("button", name="Keep everything").click()
    assert server.visits.store.likes(mine)
    press(page, "Forget me")
    page.locator(".question").get_by_role("button", name="Forget me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where shall we start?")
    expect(page.get_by_role("button", name="Likes", exact=True)).to_be_visible()
    assert token(page) != mine and not server.visits.store.rows(mine)
    assert page.evaluate(f"{list(KEYS)}.map(k => localStorage.getItem(k))") == [token(page), None]
    page.reload()
    page.wait_for_selector(".card:not(.ghost)")
    expect(page.get_by_role("button", name="Likes", exact=True)).to_be_visible()
    expect(other.get_by_role("button", name="Likes 3")).to_be_visible()  # the copy stays


def test_two_tabs_of_one_visitor_agree(watch, server):  # noqa: F811
    context = watch.context()
    one, two = watch.open(context), watch.open(context)
    three = watch.open(context, path="#view=likes", ready=".message h2")
    like(one, 0)
    expect(heart(two, 0)).to_have_attribute("aria-pressed", "true")
    expect(three.locator(".room:not([hidden]) .card h2")).to_have_text(title(one, 0))
    expect(two.get_by_role("button", name="Likes 1")).to_be_visible()
    two.get_by_role("button", name="Refresh with your new likes").click()
    expect(two.get_by_role("heading", level=1)).to_have_text("Picked for you")
    expect(heart(two, 0)).to_have_attribute("aria-pressed", "false")  # its kernel knows the like, and shows other works
    like(three, 0)  # not any more
    expect(heart(one, 0)).to_have_attribute("aria-pressed", "false")
    stranger = watch.open()
    like(stranger, 1)
    expect(heart(one, 1)).to_have_attribute("aria-pressed", "false")
    card(one, 4).locator(".hide").click()
    three.goto(three.url.split("#")[0] + "#view=hidden")
    expect(three.locator(".again")).to_have_count(1)
    press(three, "Show again", exact=False)
    expect(card(one, 4).locator(".veil")).to_have_count(0)
    before = token(one)
    press(three, "You: change profile")
    press(three, "Carry your likes elsewhere, export them, or be forgotten")
    press(three, "Forget me")
    three.locator(".question").get_by_role("button", name="Forget me").click()
    one.wait_for_function("before => localStorage.getItem('art-recsys.visitor') !== before", arg=before)
    one.wait_for_selector(".card:not(.ghost)")  # both waits outlast the reload
    expect(one.get_by_role("button", name="Likes", exact=True)).to_be_visible()
    assert not server.visits.store.rows(before)

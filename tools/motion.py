"""The moving picture of the gallery, for the cover of the docs site: `python -m tools.motion http://127.0.0.1:8501/`.

Wants a running gallery (`make run`) and Chromium. Plays the visit of a new visitor: two likes, the page that follows
them, two more, a search, the map with the way that the taste has taken. Writes `nbs/images/gallery.webp` and, for
whoever wants no motion, the page that follows the likes as `gallery.jpg`.
"""

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path("nbs/images")
SIZE = {"width": 1280, "height": 800}
SHOWN = (960, 600)  # pixels of the moving picture
LIKED = (0, 1)  # places on a wall
SEARCHED = "calm sea at night"
PASSING = 12_000  # milliseconds until the message of a like has gone
WALL = ".room:not([hidden]) .card:not(.ghost)"


def visit(page: Page, url: str, keep: Callable[[int], None]) -> None:
    "One visit; `keep` takes a picture that is shown for so many milliseconds"
    room = page.locator(".room:not([hidden])")

    def like_the_first() -> None:
        for place in LIKED:
            room.locator(".card .heart").nth(place).click()
            page.wait_for_timeout(2500)  # the rows further down follow the like
            keep(900)

    page.goto(url)
    page.wait_for_selector(WALL)
    page.wait_for_timeout(4000)  # the pictures
    keep(1600)
    like_the_first()
    room.get_by_role("button", name="Refresh with your new likes").first.click()
    page.wait_for_timeout(PASSING)
    keep(2000)
    like_the_first()
    page.wait_for_timeout(PASSING)
    field = page.get_by_role("searchbox")
    for end in range(4, len(SEARCHED) + 1, 4):
        field.fill(SEARCHED[:end])
        keep(120)
    field.fill(SEARCHED)
    page.wait_for_timeout(4000)
    keep(1800)
    page.goto(f"{url}#map=0.5,0.5,1")
    page.wait_for_timeout(4000)
    page.mouse.move(0, 0)
    keep(2400)


def main(url: str) -> None:
    frames: list[Image.Image] = []
    times: list[int] = []
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or sys.exit("Chromium is not installed: apt-get install chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page: Any = browser.new_context(viewport=SIZE, color_scheme="light", reduced_motion="reduce").new_page()

        def keep(milliseconds: int) -> None:
            frames.append(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))
            times.append(milliseconds)

        visit(page, url, keep)
        browser.close()
    still = frames[len(LIKED) + 1]
    still.save(IMAGES / "gallery.jpg", quality=82, optimize=True)
    small = [f.resize(SHOWN, Image.Resampling.LANCZOS) for f in frames]
    moving = IMAGES / "gallery.webp"
    small[0].save(moving, save_all=True, append_images=small[1:], duration=times, loop=0, quality=55, method=6)
    print(f"{moving}: {len(frames)} pictures, {moving.stat().st_size / 1024:,.0f} KB")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") + "/")

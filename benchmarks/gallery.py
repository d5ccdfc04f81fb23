"""Waiting times of a gallery visitor: the first card, a like, new recommendations, a search; weight of the first load.

`python benchmarks/gallery.py HOME [visits]` prints JSON.

`art-recsys run` must have filled HOME. The benchmark starts the model server and the gallery on free ports. Every visit
is a new browser context (cold cache), while the pool of kernels is warm. The times are measured in headless Chromium on
this machine.
"""

import argparse
import json
import shutil
import statistics
import time
from itertools import product
from pathlib import Path

from about import add_options, keep
from playwright.sync_api import sync_playwright

from art_recsys.config import load_settings
from art_recsys.gallery.app import start_gallery
from art_recsys.serving import start

LIKES = 12  # per visit
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SEARCHES = ["calm sea at night", "harbour", "still life with fruit", "portrait of a woman", "snow"]
# What moved without the visitor's doing, as in https://web.dev/articles/cls
SHIFTS = """window.shifts = 0; new PerformanceObserver(list => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts += shift.value;
}).observe({type: 'layout-shift', buffered: true})"""
LOADED = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .map(e => [e.name, e.transferSize, e.decodedBodySize])"""
# Milliseconds from the click until the kernel's answer sets the attribute
TIMED_CLICK = """([selector, k, attribute]) => new Promise(done => {
  const root = document.querySelector('.vernissage'), button = document.querySelectorAll(selector)[k];
  const from = performance.now();
  new MutationObserver((_, watch) => { watch.disconnect(); done(performance.now() - from); })
    .observe(root, attribute ? {attributes: true, attributeFilter: [attribute]} : {childList: true, subtree: true});
  button.click(); })"""
TIMED_CHANGE = """() => new Promise(done => {
  const cards = document.querySelector('.wall'), first = cards.firstElementChild, from = performance.now();
  const changed = () => cards.firstElementChild && cards.firstElementChild !== first;
  new MutationObserver((_, watch) => { if (changed()) { watch.disconnect(); done(performance.now() - from); } })
    .observe(cards, {childList: true});
  document.querySelector('.offer').click(); })"""


def kernels_mib() -> list[float]:
    "Memory (PSS, MiB) of the kernel of every visitor"
    out = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if "ipykernel_launcher" in (folder / "cmdline").read_text():
                rollup = (folder / "smaps_rollup").read_text()
                out.append(int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]) / 1024)
        except (OSError, StopIteration):
            continue
    return out


def spread(values: list[float], digits: int = 1) -> dict:
    "Median and 95th percentile"
    cuts = statistics.quantiles(values, n=20, method="inclusive") if len(values) > 1 else values * 19
    return {"p50": round(statistics.median(values), digits), "p95": round(cuts[18], digits), "n": len(values)}


def first_load(browser, url: str, width: int, height: int, settle: float = 3.0) -> dict:
    "Weight of the first load of a new visitor (pictures of the first screens with it), and the sum of layout shifts"
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.add_init_script(SHIFTS)
    page.goto(url)
    page.wait_for_selector(".card:not(.ghost)")
    page.wait_for_timeout(1000 * settle)
    loaded, shift = page.evaluate(LOADED), page.evaluate("window.shifts")
    context.close()
    scripts = [entry for entry in loaded if ".js" in entry[0]]
    pictures = [entry for entry in loaded if "/pictures/" in entry[0]]
    return {
        "requests": len(loaded),
        "kb_sent": round(sum(sent for _, sent, _ in loaded) / 1000),
        "kb_sent_without_pictures": round(sum(e[1] for e in loaded if e not in pictures) / 1000),
        "scripts_kb": round(sum(size for *_, size in scripts) / 1000),
        "scripts_kb_sent": round(sum(sent for _, sent, _ in scripts) / 1000),
        "layout_shift": round(shift, 4),
    }


def searches(browser, url: str, rounds: int = 4) -> list[float]:
    "Milliseconds from the last letter of a search until its results hang, the pause while typing included"
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(".card:not(.ghost)")
    field, times = page.get_by_role("searchbox"), []
    for n, words in product(range(rounds + 1), SEARCHES):
        before = page.locator(".room:not([hidden]) h1").text_content()
        begin = time.perf_counter()
        field.fill(words)
        page.wait_for_function(
            "before => { const room = document.querySelector('.room:not([hidden])');"
            " return room.querySelector('h1').textContent !== before && room.querySelector('.card:not(.ghost)'); }",
            arg=before,
        )
        if n:  # the first round waits for the text model
            times.append(1000 * (time.perf_counter() - begin))
        else:
            page.wait_for_timeout(2500)
    context.close()
    return times


def visit(browser, url: str) -> tuple[float, list[float], float]:
    "Seconds to the first card, milliseconds of each like, milliseconds to new recommendations"
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    begin = time.perf_counter()
    page.goto(url)
    page.wait_for_selector(".card:not(.ghost)")
    first = time.perf_counter() - begin
    page.wait_for_timeout(1500)
    likes = [page.evaluate(TIMED_CLICK, [".acts .heart", k, "data-saved"]) for k in range(LIKES)]
    page.wait_for_selector(".offer")
    change = page.evaluate(TIMED_CHANGE)
    context.close()
    return first, likes, change


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("visits", type=int, nargs="?", default=8)
    add_options(parser)
    asked = parser.parse_args()
    settings = load_settings(home=asked.home, default_section="smoke", server_port=0, gallery_port=0)
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    with start(settings) as models, start_gallery(settings, models.url) as gallery, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        time.sleep(8)  # the pool warms up
        firsts, likes, changes = [], [], []
        for _ in range(asked.visits):
            first, some, change = visit(browser, gallery.url)
            firsts.append(first)
            likes.extend(some)
            changes.append(change)
            time.sleep(5)  # the pool refills
        loads = {name: first_load(browser, gallery.url, *size) for name, size in SIZES.items()}
        found = searches(browser, gallery.url)
        browser.close()
        memory = kernels_mib()
    out = {
        "visits": asked.visits,
        "first_card_s": spread(firsts, 2),
        "like_acknowledged_ms": spread(likes),
        "new_page_ms": spread(changes),
        "search_ms": spread(found),
        "first_load": loads,
        "kernel_pss_mib": spread(memory),
    }
    print(json.dumps(out))
    keep(out, asked, None, asked.home)


if __name__ == "__main__":
    main()

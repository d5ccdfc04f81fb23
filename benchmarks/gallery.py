"""Waiting times of a gallery visitor: the first card, a like, new recommendations.

`python benchmarks/gallery.py HOME [visits]` prints JSON.

`art-recsys run` must have filled HOME. The benchmark starts the model server and the gallery on free ports. Every visit
is a new browser context (cold cache), while the pool of kernels is warm. The times are measured in headless Chromium on
this machine.
"""

import json
import os
import shutil
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from art_recsys.config import load_settings
from art_recsys.gallery.app import start_gallery
from art_recsys.serving import start

LIKES = 12  # per visit
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


def main(home: str, visits: int = 8):
    "Measure `visits` visits to the gallery of `home` and print JSON"
    settings = load_settings(home=home, default_section="smoke", server_port=0, gallery_port=0)
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    with start(settings) as models, start_gallery(settings, models.url) as gallery, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        time.sleep(8)  # the pool warms up
        firsts, likes, changes = [], [], []
        for _ in range(visits):
            first, some, change = visit(browser, gallery.url)
            firsts.append(first)
            likes.extend(some)
            changes.append(change)
            time.sleep(5)  # the pool refills
        browser.close()
        memory = kernels_mib()
    print(
        json.dumps(
            {
                "visits": visits,
                "cores": os.cpu_count(),
                "load_average": os.getloadavg()[0],
                "first_card_s": spread(firsts, 2),
                "like_acknowledged_ms": spread(likes),
                "new_page_ms": spread(changes),
                "kernel_pss_mib": spread(memory),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], *(int(n) for n in sys.argv[2:3]))

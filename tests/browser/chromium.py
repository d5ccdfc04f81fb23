"""A real browser for the tests: Debian's Chromium, headless. `tests/conftest.py` has the fixture `chromium`.

`Watch` records the problems of every page it opens: errors in the console, requests to another host, and HTTP errors.
They fail the test unless the test declares that it provokes one.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # With RenderDocument, Chromium says that it closes a page while a reload commits and does not: `close` waits for
    # ever (microsoft/playwright#42068, #42366). The last flag of this name counts: the rest is Playwright's.
    "--disable-features=RenderDocument,PaintHolding,HttpsUpgrades,AvoidUnnecessaryBeforeUnloadCheckSync,MediaRouter",
]
PATIENCE = 40_000  # Milliseconds; long, because the machine may be busy
expect.set_options(timeout=PATIENCE)
LATE = "widget model not found"  # Jupyter's words where a kernel answers late; the page then fetches itself once more


@contextmanager
def launched():
    "A running Chromium; if it is not installed, the test is skipped, or fails in CI"
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs a browser: apt-get install chromium")
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Watch:
    "Opens pages and records their errors in `wrong`"

    def __init__(self, chromium, url):
        self.chromium, self.url, self.contexts, self.wrong, self.forgiven = chromium, url, [], [], ()

    def context(self, **options):
        context = self.chromium.new_context(
            **{"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce", **options}
        )
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(3 * PATIENCE)  # loaded is a page whose kernel has run the notebook
        self.contexts.append(context)
        return context

    def open(self, context=None, path="", ready=".card:not(.ghost)", **options):
        page = (context or self.context(**options)).new_page()
        page.on(
            "console", lambda m: m.type == "error" and LATE not in m.text and self.wrong.append(f"console: {m.text}")
        )
        page.on("pageerror", lambda e: self.wrong.append(f"page: {e}"))
        page.on(
            "request",
            lambda r: r.url.startswith((self.url, "data:", "blob:")) or self.wrong.append(f"outside: {r.url}"),
        )
        page.on("response", lambda r: r.status < 400 or self.wrong.append(f"{r.status}: {r.url}"))
        page.goto(self.url + path)
        if ready:
            page.wait_for_selector(ready, timeout=2 * PATIENCE)  # where the widget does not come, it is fetched again
        return page

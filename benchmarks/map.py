"""The map: seconds and kept neighbours of the projection, bytes of the body, and milliseconds per frame while panning.

    python benchmarks/map.py project HOME...          # towers in service; one thread
    python benchmarks/map.py frames [WORKS...]        # 28281 and 100000 by default; Chromium paints in software

`project` compares with the first two principal components, and with a sample of which the others are neighbours.
`frames` draws the modules of the gallery in a bare page: clusters of works, a window of 1440 x 760 that moves 12 pixels
a frame, then enlarges and shrinks. A frame is on time if it comes 16.7 ms after the one before.
"""

import argparse
import functools
import http.server
import json
import os
import threading
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from about import add_options, keep
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from art_recsys.config import Settings, rng
from art_recsys.platform.login import login
from art_recsys.platform.neighbours import Neighbours
from art_recsys.serving.maps import map_body
from art_recsys.serving.plane import FITTED, joined_vectors, plane
from art_recsys.serving.release_file import read_release, released_pair

SOURCES = Path(__file__).parents[1] / "art_recsys/gallery/src"
ASKED, NEAREST = 2000, 10  # works that are asked for their nearest


def kept(vectors: np.ndarray, places: np.ndarray) -> float:
    "The share of the ten nearest works that are among the ten nearest on the map"
    asked = rng(1, "asked").permutation(len(vectors))[:ASKED]
    own = [[i] for i in asked]
    want, _ = Neighbours(vectors).search(vectors[asked], NEAREST, exclude=own)
    found, _ = Neighbours(places, "l2").search(places[asked], NEAREST, exclude=own)
    return float(np.mean([np.isin(w, f).mean() for w, f in zip(want, found, strict=True)]))


def project(homes: list[str], samples: list[int]) -> list[dict]:
    print(f"{'home':12} {'works':>7} {'laid out':>9} {'seconds':>8} {'CPU':>7} {'kept':>6} {'bytes':>8}")
    rows = []
    for home in homes:
        settings = Settings(home=home)
        query, _ = released_pair(login(settings).get_model_registry(), read_release(settings))
        with np.load(Path(query.download()) / "works.npz") as works:
            vectors = joined_vectors(works["text"], works["image"])
        n = len(vectors)
        flat = PCA(2, random_state=0).fit_transform(vectors)
        rows.append({"home": Path(home).name, "works": n, "laid out": "PCA", "kept": round(kept(vectors, flat), 3)})
        print(f"{Path(home).name:12} {n:7} {'PCA':>9} {'':8} {'':7} {rows[-1]['kept']:6.3f}", flush=True)
        for fitted in [*[s for s in samples if s < n], max(n, FITTED)]:
            start, cpu = time.perf_counter(), time.process_time()
            places = plane(vectors, 42, fitted)
            took, spent = time.perf_counter() - start, time.process_time() - cpu
            body = len(map_body(np.round(places * 65535).astype(np.uint16), colours(n)))
            row = {"home": Path(home).name, "works": n, "laid out": min(n, fitted), "seconds": round(took, 1)}
            row |= {"cpu_s": round(spent, 1), "kept": round(kept(vectors, places), 3), "kb": round(body / 1000, 1)}
            rows.append(row)
            text = f"{min(n, fitted):9} {took:8.1f} {spent:7.1f} {row['kept']:6.3f} {body:8}"
            print(f"{Path(home).name:12} {n:7} {text}", flush=True)
    return rows


def colours(n: int) -> list[str]:
    return [f"#{v:06x}" for v in rng(2, "colours").integers(0, 2**24, n)]


def clusters(n: int) -> np.ndarray:
    "Places such as t-SNE gives: many clouds of several sizes"
    r = rng(3, "clusters", n)
    middle, size = r.random((80, 2)), 0.004 + 0.03 * r.random(80) ** 2
    of = r.integers(0, 80, n)
    return np.clip(middle[of] + size[of, None] * r.normal(size=(n, 2)), 0, 1)


PAGE = """<!doctype html><body style="margin:0"><canvas width=1440 height=760></canvas><script type=module>
import { Dots } from "./mapdots.js";
import { drawLens, drawPath } from "./mapmarks.js";
import { Grid, readPlaces, View } from "./plane.js";
const body = await (await fetch("places.bin")).arrayBuffer(), t0 = performance.now();
const places = readPlaces(body), grid = new Grid(places), read = performance.now() - t0;
const view = Object.assign(new View(), { width: 1440, height: 760 }), dots = new Dots(places);
dots.dress(false, Array.from({ length: 100 }, (_, k) => k * 7));
const context = document.querySelector("canvas").getContext("2d");
const frame = () => new Promise(requestAnimationFrame);
const draw = () => {
  const start = performance.now();
  context.clearRect(0, 0, 1440, 760);
  const more = dots.draw(context, view, 1);
  drawPath(context, Array.from({ length: 20 }, (_, k) => view.toWindow(0.4 + k / 100, 0.5)), false);
  drawLens(context, [720, 380], 90, false);
  return [performance.now() - start, more];
};
const first = performance.now();
while (draw()[1]) await frame();
const complete = performance.now() - first;
const run = async (frames, move) => {
  const apart = [], spent = [];
  let before = await frame();
  for (let k = 0; k < frames; k++) {
    move(k);
    spent.push(draw()[0]);
    const now = await frame();
    apart.push(now - before);
    before = now;
  }
  return { apart, spent };
};
view.enlarge(3);
while (draw()[1]) await frame();
const pan = await run(360, (k) => view.pan(k % 120 < 60 ? -12 : 12, k % 60 < 30 ? -4 : 4));
const zoom = await run(180, (k) => view.enlarge(k % 90 < 45 ? 1.03 : 1 / 1.03));
const looks = performance.now();
for (let k = 0; k < 1000; k++) grid.nearest(Math.random(), Math.random(), 0.01);
window.found = { read, complete, hit: (performance.now() - looks) / 1000, pan, zoom };
</script>"""


def frames(numbers: list[int]) -> list[dict]:
    from playwright.sync_api import sync_playwright

    bodies: dict[str, bytes] = {}
    rows: list[dict] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path not in bodies:
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if self.path == "/" else "application/octet-stream")
            if self.path != "/":
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(bodies[self.path])
            return None

        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(SOURCES))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bodies["/"] = PAGE.encode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for n in numbers:
            body = map_body(np.round(clusters(n) * 65535).astype(np.uint16), colours(n))
            bodies["/places.bin"] = body
            page = browser.new_page(viewport={"width": 1440, "height": 760})
            page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
            page.wait_for_function("window.found", timeout=120_000)
            found = page.evaluate("window.found")
            page.close()
            out = {
                "works": n,
                "kb": round(len(body) / 1000, 1),
                **{k: round(found[k], 3) for k in ("read", "complete", "hit")},
            }
            for what in ("pan", "zoom"):
                for kind, values in found[what].items():
                    out[f"{what} {kind} p50, p95, p99"] = np.percentile(values, [50, 95, 99]).round(1).tolist()
                out[f"{what} late"] = round(float(np.mean(np.array(found[what]["apart"]) > 25)), 3)
            rows.append(out)
            print(json.dumps(out, indent=1), flush=True)
        browser.close()
    server.shutdown()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["project", "frames"])
    parser.add_argument("of", nargs="*")
    parser.add_argument("--samples", type=int, nargs="*", default=[], help="also lay out only so many works")
    add_options(parser)
    options = parser.parse_args()
    if options.what == "project":
        with threadpool_limits(1):
            found = project(options.of, options.samples)
    else:
        found = frames([int(n) for n in options.of] or [28_281, 100_000])
    keep(found, options, 42)


if __name__ == "__main__":
    main()

"""The live catalogue: seconds from a new work to its first page and search hit, batches, and requests a second.

    python benchmarks/live.py HOME [--works 20] [--batch 1000] [--events 10000] [--seconds 10]

HOME must have a release; work on a copy, for works and events are put into it and stay. Starts the server on a free
port and prints one JSON object. A new work has the facts of a work that is there, another title, and its picture turned
by a few degrees. Its visitor likes the five works that are most similar to it.
"""

import argparse
import io
import json
import threading
import time
import uuid
from pathlib import Path

import numpy as np
from about import add_options, keep
from PIL import Image

from art_recsys.config import load_settings, rng
from art_recsys.serving import start

FACTS = ("artist", "category", "medium", "culture", "tags", "year_start", "year_end", "text")


def spread(seconds: list[float]) -> dict:
    "Percentiles in seconds"
    return {"n": len(seconds), **{f"p{p}": round(float(np.percentile(seconds, p)), 2) for p in (50, 95, 100)}}


def until(condition, limit: float = 60) -> float:
    "Seconds until a condition holds; raises `TimeoutError`"
    begin = time.perf_counter()
    while not condition():
        if time.perf_counter() - begin > limit:
            raise TimeoutError(f"not within {limit} s")
        time.sleep(0.02)
    return time.perf_counter() - begin


def works_of(client, n: int, seed: int) -> list[dict]:
    "Works that are there, drawn at random"
    known, after = [], ""
    while after is not None:
        page = client.artworks_page(after, 1000)
        known, after = known + page["items"], page["next"]
    return [known[i] for i in rng(seed, "live").permutation(len(known))[:n]]


def copy_of(work: dict, name: str) -> dict:
    "A new work with the facts of one that is there"
    return {c: work[c] for c in FACTS if work.get(c) is not None} | {"artwork_id": name, "title": f"{name} anew"}


def turned(picture: bytes) -> bytes:
    "The picture, turned by seven degrees"
    out = io.BytesIO()
    Image.open(io.BytesIO(picture)).rotate(7).save(out, "JPEG")
    return out.getvalue()


def first_seen(client, n: int) -> dict:
    "One new work after the other: seconds to the first search hit, to the first page of 24, until its picture counts"
    found: dict[str, list] = {"search": [], "page": [], "picture": [], "rank": []}
    for work in works_of(client, n, 1):
        name = f"quaxel{uuid.uuid4().hex[:8]}"
        rows = client.similar(work["artwork_id"], 5)["rows"]
        liked = [i["artwork_id"] for row in rows for i in row["items"]][:5]
        begin = time.perf_counter()
        client.put_artworks([copy_of(work, name)])
        shown = lambda items: name in [i["artwork_id"] for i in items]  # noqa: B023, E731
        until(lambda: shown(client.search(name)["items"]))  # noqa: B023
        found["search"].append(time.perf_counter() - begin)
        try:
            until(lambda: shown(client.recommend_session(liked, 24)["items"]), 10)  # noqa: B023
            found["page"].append(time.perf_counter() - begin)
            page = [i["artwork_id"] for i in client.recommend_session(liked, 24)["items"]]
            found["rank"].append(page.index(name) + 1)
        except TimeoutError:
            found["rank"].append(None)
        if work["picture"] and work.get("width"):
            begin = time.perf_counter()
            client.put_picture(name, turned(client.picture(work["artwork_id"])))
            until(lambda: client.artwork(name)["picture"])  # noqa: B023
            found["picture"].append(time.perf_counter() - begin)
    return {k: spread(v) for k, v in found.items() if k != "rank" and v} | {"ranks on the page": found["rank"]}


def batches(client, works: int, events: int) -> dict:
    "Seconds until a batch is acknowledged and, of works, until all are visible"
    some, tag = works_of(client, 200, 2), uuid.uuid4().hex[:8]
    rows = [copy_of(some[n % len(some)], f"batch-{tag}-{n}") for n in range(works)]
    begin = time.perf_counter()
    client.put_artworks(rows)
    on_disk = time.perf_counter() - begin
    until(lambda: not client.catalogue_state()["waiting"], 600)
    visible = time.perf_counter() - begin
    log = [
        {
            "event_id": f"{tag}-{n}",
            "user_id": f"{tag}-{n % 500}",
            "artwork_id": some[n % 200]["artwork_id"],
            "event": "like",
        }
        for n in range(events)
    ]
    begin = time.perf_counter()
    answer = client.put_events(log)
    assert answer["accepted"] == events, answer
    took = time.perf_counter() - begin
    begin = time.perf_counter()
    assert client.put_events(log)["duplicates"] == events
    again = time.perf_counter() - begin
    begin = time.perf_counter()
    client.withdraw([r["artwork_id"] for r in rows])
    gone = time.perf_counter() - begin
    return {
        f"{works} works on disk": round(on_disk, 2),
        f"{works} works visible": round(visible, 2),
        f"{works} works withdrawn": round(gone, 2),
        f"{events} events": round(took, 2),
        f"{events} events again": round(again, 2),
    }


def throughput(server, seconds: float) -> list[dict]:
    "Pages of 24 for known users through the API, from 1, 2, 4, 8 clients that ask again as soon as they are answered"
    with server.client() as client:
        users = [u["user_id"] for u in client.users_page(limit=500)["items"]]
    out = []
    for n in (1, 2, 4, 8):
        times: list[float] = []
        end = time.perf_counter() + seconds

        def ask(seed: int, times=times, end=end) -> None:
            draw = rng(seed, "pages")
            with server.client() as client:
                while (begin := time.perf_counter()) < end:
                    client.recommend(str(draw.choice(users)), log=False)
                    times.append(time.perf_counter() - begin)

        threads = [threading.Thread(target=ask, args=(i,)) for i in range(n)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        p50, p95 = np.percentile(np.array(times) * 1000, [50, 95])
        out.append(
            {"clients": n, "pages_per_second": round(len(times) / seconds, 1), "p50": round(p50), "p95": round(p95)}
        )
    return out


def main() -> None:
    "Print the figures as JSON"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--works", type=int, default=20)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10)
    add_options(parser)
    a = parser.parse_args()
    settings = load_settings(home=a.home, server_port=0)
    with start(settings) as server, server.client() as client:
        begin = time.perf_counter()
        until(lambda: client.catalogue_state()["ready"], 120)
        out: dict = {"models that encode": round(time.perf_counter() - begin, 1)}
        out["works"] = client.catalogue_state()["artworks"]
        out["first seen, s"] = first_seen(client, a.works)
        out["pages"] = throughput(server, a.seconds)
        out["batches, s"] = batches(client, a.batch, a.events)
        print(json.dumps(out, indent=1))
        keep(out, a, settings.seed, a.home)


if __name__ == "__main__":
    main()

"""Latency of the model server: recommend and like, for one visitor and for many concurrent visitors.

    python benchmarks/serving.py [--home DIR] [--section smoke] [--requests 300] [--visitors 8] [--batching]

Runs the missing stages up to `deploy`, starts the server on a free port, and prints one JSON object. Times are
wall-clock milliseconds at the client. They include parsing the body; the HTTP connections stay open.
"""

import argparse
import json
import threading
import time
from itertools import chain
from pathlib import Path

import numpy as np
import psutil
from about import add_options, keep

from art_recsys.config import Home, load_settings, read_parquet, rng
from art_recsys.pipeline import run
from art_recsys.serving import start


def spread(seconds: list[float]) -> dict:
    "Percentiles in milliseconds"
    ms = np.array(seconds) * 1000
    return {"n": len(ms), **{f"p{p}": round(float(np.percentile(ms, p)), 1) for p in (50, 95, 99)}}


def timed(times: list, function, *args, **kwargs):
    "Call a function and append its seconds to `times`"
    begin = time.perf_counter()
    answer = function(*args, **kwargs)
    times.append(time.perf_counter() - begin)
    return answer


SEARCHES = [
    "calm sea at night",
    "portrait",
    "blue",
    "a storm",
    "trees in autumn",
    "still life with fruit",
    "lenormant",
    "xqzvkw",
    "drawing of a dancer",
    "nigh",
]


def one_visitor(server, n: int) -> dict:
    "Send one request after another: pages for known and new users, likes, similar works, searches"
    with server.client() as client:
        users = [u["user_id"] for u in client.users(200)]
        for u in users[:5]:
            client.recommend(u)
        while not client.search("sea")["meaning"]:  # the first search loads the text model
            time.sleep(0.2)
        out = {name: [] for name in ("recommend", "first_page", "like", "similar", "query_predict", "search")}
        for i in range(n):
            items = timed(out["recommend"], client.recommend, users[i % len(users)])["items"]
            timed(out["first_page"], client.recommend, f"nobody-{i}")
            timed(out["like"], client.like, f"bench-{i}", items[0]["artwork_id"])
            timed(out["similar"], client.similar, items[0]["artwork_id"])
            timed(out["query_predict"], client.predict, "query", [{"user_id": users[i % len(users)], "k": 100}])
            asked = f"{SEARCHES[i % len(SEARCHES)]} {i}"  # the number makes each text new, so that none is in a cache
            timed(out["search"], client.search, asked, user_id=users[i % len(users)])
    return {k: spread(v) for k, v in out.items()}


def visit(server, seed: int, seconds: float, pause: float, times: dict, errors: list):
    "Simulate a visitor who likes a work on each page and requests the next page"
    r, user = rng(seed, "visit"), f"visitor-{seed}"
    try:
        with server.client() as client:
            time.sleep(r.random() * pause)
            page, end = client.recommend(user), time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(pause)
                timed(times["like"], client.like, user, r.choice([i["artwork_id"] for i in page["items"]]))
                page = timed(times["recommend"], client.recommend, user)
    except Exception as e:
        errors.append(repr(e))


def many_visitors(server, visitors: int, seconds: float, pause: float) -> dict:
    "Latencies, errors and memory of the server under concurrent visitors"
    times, errors, threads = {"like": [], "recommend": []}, [], []
    memory = psutil.Process(server.process.pid).memory_info().rss
    for n in range(visitors):
        threads.append(threading.Thread(target=visit, args=(server, n, seconds, pause, times, errors)))
        threads[-1].start()
    for t in threads:
        t.join()
    grown = psutil.Process(server.process.pid).memory_info().rss - memory
    return {
        "visitors": visitors,
        "pause_s": pause,
        "seconds": seconds,
        "errors": errors,
        **{k: spread(v) for k, v in times.items()},
        "server_rss_mb": round((memory + grown) / 2**20),
        "grown_mb": round(grown / 2**20, 1),
    }


def left_out(request: dict, n: int = 8) -> list[dict]:
    "A request, and copies without each of its last likes: the queries behind the reasons of a page"
    h = request["history"]
    last = range(len(h) - 1, max(-1, len(h) - 1 - n), -1)
    return [request, *({**request, "history": h[:i] + h[i + 1 :]} for i in last)]


def batching(settings) -> dict:
    "Milliseconds per user in this process: a whole page, the towers alone, the towers for batches of several users"
    from art_recsys.serving.loading import load_service
    from art_recsys.serving.server import one_thread_per_request

    one_thread_per_request()
    service = load_service(settings)
    users = [u["user_id"] for u in service.users(40)]
    asked = [left_out(service.visitors.request(u)) for u in users]

    def best(function):
        function()
        return round(min(_seconds(function) for _ in range(3)) * 1000 / len(asked), 2)

    out = {"page_ms": best(lambda: [service.recommend(u) for u in users])}
    for n in (1, 4, 8):
        groups = [list(chain.from_iterable(asked[i : i + n])) for i in range(0, len(asked), n)]
        out[f"towers_ms_{n}_at_once"] = best(lambda groups=groups: [service.two_tower.query(g) for g in groups])
    service.close()
    return out


def _seconds(function) -> float:
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def main():
    arg = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arg.add_argument("--home")
    arg.add_argument("--section")
    arg.add_argument("--requests", type=int, default=300)
    arg.add_argument("--visitors", type=int, default=8)
    arg.add_argument("--seconds", type=float, default=20)
    arg.add_argument("--pause", type=float, default=1)
    arg.add_argument(
        "--batching", action="store_true", help="only measure how much time batches of requests would save"
    )
    add_options(arg)
    a = arg.parse_args()
    settings = load_settings(a.section, a.home, server_port=0)
    run(settings, upto="deploy")
    if a.batching:
        return print(json.dumps(batching(settings), indent=1))
    begin = time.perf_counter()
    with start(settings) as server:
        result = {
            "section": settings.section,
            "works": len(read_parquet(Home.of(settings).file("enriched.parquet"))),
            "page_size": settings.page_size,
            "ready_s": round(time.perf_counter() - begin, 1),
            "one_visitor": one_visitor(server, a.requests),
            "many_visitors": many_visitors(server, a.visitors, a.seconds, a.pause),
        }
    print(json.dumps(result, indent=1))
    keep(result, a, settings.seed, Path(settings.home))


if __name__ == "__main__":
    main()

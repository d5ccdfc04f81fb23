"""Load test with a hundred concurrent visitors, and a crash test: kill the server while clients write.

    python benchmarks/load.py HOME [--visitors 100] [--seconds 180] [--pause 5] [--writers 24] [--kernels 0]

`art-recsys run` must have filled HOME. The benchmark works on a copy, so HOME does not change. It prints one JSON
object with two parts. In `load`, every visitor likes a work, requests the next page and searches every `pause` seconds.
In `kill`, `writers` clients send likes as fast as they can until SIGKILL ends the server. After a restart, it
counts the acknowledged likes that are lost. `--kernels N` also opens N pages of the gallery and adds up the memory of
their kernels.
"""

import argparse
import json
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from about import add_options, keep

from art_recsys.config import load_settings, rng
from art_recsys.serving import Client, start
from art_recsys.serving.store import EventStore

SEARCHES = [
    "calm sea at night",
    "harbour",
    "still life with fruit",
    "portrait of a woman",
    "snow",
    "red and gold",
    "boats",
]


def spread(seconds: list[float]) -> dict:
    "Percentiles in milliseconds"
    ms = np.array(seconds or [0.0]) * 1000
    return {
        "n": len(seconds),
        **{f"p{p}": round(float(np.percentile(ms, p)), 1) for p in (50, 95, 99)},
        "max": round(float(ms.max()), 1),
    }


def visit(url: str, seed: int, end: float, pause: float, times: dict, errors: list):
    "Simulate a visitor who likes one work of each page, requests the next page and searches"
    r, user = rng(seed, "load"), f"load-{seed}"
    try:
        with Client(url, timeout=30) as client:
            time.sleep(r.random() * pause)
            items = client.recommend(user)["items"]
            while time.monotonic() < end:
                begin = time.perf_counter()
                client.like(user, str(r.choice([i["artwork_id"] for i in items])))
                liked = time.perf_counter()
                items = client.recommend(user)["items"]
                times["like"].append(liked - begin)
                times["recommend"].append(time.perf_counter() - liked)
                times["at"].append(time.monotonic())
                times["like_to_page"].append(time.perf_counter() - begin)
                begin = time.perf_counter()
                client.search(str(r.choice(SEARCHES)), user_id=user)
                times["search"].append(time.perf_counter() - begin)
                time.sleep(pause * (0.8 + 0.4 * r.random()))
    except Exception as e:
        errors.append(repr(e))


def load(server, visitors: int, seconds: float, pause: float) -> dict:
    "Latencies, errors, CPU and memory of the server under many visitors"
    process, times, errors = (
        psutil.Process(server.process.pid),
        {k: [] for k in ("like", "recommend", "like_to_page", "search", "at")},
        [],
    )
    with server.client() as client:  # the first search loads the text model, for some seconds
        begin = time.monotonic()
        while client.search(SEARCHES[0])["loading"]:
            time.sleep(0.2)
        warm = time.monotonic() - begin
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=visit, args=(server.url, n, end, pause, times, errors)) for n in range(visitors)]
    process.cpu_percent()
    psutil.cpu_percent()
    for t in threads:
        t.start()
    memory = []
    while any(t.is_alive() for t in threads):
        time.sleep(1)
        memory.append(process.memory_info().rss / 2**20)
    quarter = max(1, len(memory) // 4)
    part = ((np.array(times.pop("at")) - (end - seconds)) * 4 / seconds).astype(int).clip(0, 3)
    pages = 1000 * np.array(times["recommend"])
    return {
        "visitors": visitors,
        "seconds": seconds,
        "pause_s": pause,
        "text_model_loaded_s": round(warm, 1),
        "errors": errors,
        **{k: spread(v) for k, v in times.items()},
        "recommend_p95_by_quarter": [
            round(float(np.percentile(pages[part == q], 95)), 1) for q in range(4) if (part == q).any()
        ],
        "server_cpu_percent": process.cpu_percent(),
        "machine_cpu_percent": psutil.cpu_percent(),
        "rss_mib_by_quarter": [round(float(np.mean(memory[i : i + quarter]))) for i in range(0, quarter * 4, quarter)],
    }


def write(url: str, n: int, acknowledged: list, stop: threading.Event, works: list[str]):
    "Send likes as fast as the server acknowledges them, until the server is gone"
    try:
        with Client(url, timeout=10) as client:
            for i in range(10**6):
                if stop.is_set():
                    return
                event_id = f"kill-{n}-{i}"
                client.send_events(
                    [
                        {
                            "event_id": event_id,
                            "user_id": f"writer-{n}",
                            "artwork_id": works[i % len(works)],
                            "event": "like",
                        }
                    ]
                )
                acknowledged.append(event_id)
    except Exception:
        return  # expected: the server was killed


def kill(settings, writers: int, after: float = 3.0) -> dict:
    "SIGKILL the server while all clients write, and count the acknowledged likes that are lost"
    acknowledged, stop = [], threading.Event()
    server = start(settings)
    with server.client() as client:
        works = [i["artwork_id"] for i in client.recommend("writer", k=50)["items"]]
    threads = [threading.Thread(target=write, args=(server.url, n, acknowledged, stop, works)) for n in range(writers)]
    for t in threads:
        t.start()
    time.sleep(after)
    server.process.kill()
    stop.set()
    for t in threads:
        t.join()
    server.stop()
    with start(settings) as again, again.client() as client:
        back = client.ready()
    with EventStore(Path(settings.home) / "events.db") as store:
        there = {r["event_id"] for r in store.rows()}
    return {
        "writers": writers,
        "acknowledged": len(acknowledged),
        "per_second": round(len(acknowledged) / after),
        "lost": len(set(acknowledged) - there),
        "ready_again": back,
    }


def kernels(settings, server, n: int) -> dict:
    "Memory (PSS) of n gallery kernels after their pages were requested"
    import requests

    from art_recsys.gallery.app import start_gallery

    with start_gallery(settings, server.url) as gallery:
        for _ in range(n):
            requests.get(gallery.url, timeout=120).raise_for_status()
        pids = [
            p
            for p in psutil.Process(gallery.process.pid).children(recursive=True)
            if "ipykernel_launcher" in " ".join(p.cmdline())
        ]
        mib = sorted((p.memory_full_info().pss / 2**20 for p in pids), reverse=True)[:n]
    return {"kernels": len(mib), "total_mib": round(sum(mib)), "each_mib": round(float(np.median(mib)), 1)}


def main():
    arg = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arg.add_argument("home", type=Path)
    for name, kind, default in (
        ("visitors", int, 100),
        ("seconds", float, 180),
        ("pause", float, 5),
        ("writers", int, 24),
        ("kernels", int, 0),
    ):
        arg.add_argument(f"--{name}", type=kind, default=default)
    add_options(arg)
    a = arg.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(a.home, home := Path(folder) / "home")
        settings = load_settings(home=home, default_section="smoke", server_port=0, gallery_port=0)
        out = {"cores": len(os.sched_getaffinity(0)), "load_average_before": round(os.getloadavg()[0], 1)}
        with start(settings) as server:
            out["load"] = load(server, a.visitors, a.seconds, a.pause)
            if a.kernels:
                out["kernels"] = kernels(settings, server, a.kernels)
        out["kill"] = kill(settings, a.writers)
        keep(out, a, settings.seed, home)
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()

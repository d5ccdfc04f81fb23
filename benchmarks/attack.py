"""Attacks on both servers of a home, from this machine: how long others are kept out, and what it costs.

    python benchmarks/attack.py HOME [--held 1000] [--pages 65] [--minutes 4] [--bodies 8] [--only half_open bodies]

`art-recsys run` must have filled HOME; the benchmark works on a copy. It prints one JSON object with three parts.
`half_open`: so many connections to the model server, which may open 256 files, send half a request; how many of 20
newcomers are answered, what is still open after 40 s, and how the log grows. `pages`: so many pages of the gallery are
fetched, first by somebody who never opens a websocket, then by somebody who holds one on each page that they get; how
many looks of others get a page, and the memory of the kernels. `bodies`: so many bodies of 94 MB are sent to the
gallery together; the memory of its process before and at most.
"""

import argparse
import json
import re
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import requests
import websocket
from about import add_options, keep

from art_recsys.config import load_settings
from art_recsys.gallery.app import free_port, start_gallery
from art_recsys.serving import start

FILES = 256  # that the attacked model server may open
MIB = 2**20
LOOK_SECONDS = 15  # between two looks of a newcomer


def address_of(url: str) -> tuple[str, int]:
    "Host and port of a server"
    host, _, port = url.split("/")[2].partition(":")
    return host, int(port)


def log_size(home: Path) -> int:
    "Bytes of the server's logs"
    return sum(p.stat().st_size for p in home.glob("server.log*"))


def is_open(connection: socket.socket) -> bool:
    "Whether the other end has not closed the connection"
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@contextmanager
def fewer_files(folder: Path) -> Iterator[None]:
    "Processes that Python starts of itself may open `FILES` files; some libraries raise a limit that they can raise"
    script, usual = folder / "few", sys.executable
    script.write_text(f'#!/bin/sh\nulimit -n {FILES}\nexec "{usual}" "$@"\n')
    script.chmod(0o700)
    sys.executable = str(script)
    try:
        yield
    finally:
        sys.executable = usual


def half_open(settings, held: int) -> dict:
    "Connections that begin a request and never end it"
    with fewer_files(settings.home), start(settings) as server:
        before, begin = log_size(settings.home), time.monotonic()
        connections = []
        for _ in range(held):
            with suppress(OSError):
                c = socket.create_connection(address_of(server.url), timeout=2)
                c.sendall(b"POST /events HTTP/1.1\r\nhost: 127.0.0.1\r\n")
                connections.append(c)
        answered = 0
        for _ in range(20):
            with suppress(requests.RequestException):
                answered += requests.get(server.url + "/health", timeout=2).ok
            time.sleep(0.5)
        time.sleep(max(0, begin + 40 - time.monotonic()))
        seconds = time.monotonic() - begin
        grown = log_size(settings.home) - before
        still = sum(is_open(c) for c in connections)
        for c in connections:
            c.close()
    return {
        "connected": len(connections),
        "newcomers_answered_of_20": answered,
        "still_open": still,
        "log_kb_per_minute": round(grown / 1000 / seconds * 60, 1),
    }


def fetch(url: str) -> str | None:
    "The kernel of a page, where there is a page"
    with suppress(requests.RequestException):
        page = requests.get(url, timeout=60)
        found = re.search(r'"kernelId": *"([^"]+)"', page.text) if page.ok else None
        return found[1] if found else None
    return None


def kernels_of(pid: int) -> tuple[int, float]:
    "How many kernels a gallery has, and their memory in MiB"
    sizes = []
    for child in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.Error):
            if any("ipykernel" in part for part in child.cmdline()):
                sizes.append(child.memory_info().rss / MIB)
    return len(sizes), round(sum(sizes))


def looks(url: str, seconds: float) -> str:
    "How many looks of newcomers get a page, who close it again at once"
    got, tried, end = 0, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        tried += 1
        if kernel := fetch(url):
            got += 1
            with suppress(requests.RequestException):
                requests.post(f"{url}voila/api/shutdown/{kernel}", timeout=30)
        time.sleep(LOOK_SECONDS)
    return f"{got} of {tried}"


def pages(settings, n: int, minutes: float) -> dict:
    "Pages of the gallery, whose visitor never comes, or holds on to them"
    out = {}
    for kind in ("never_visited", "held"):
        with start(settings) as server, start_gallery(settings, server.url) as gallery:
            time.sleep(5)
            sockets, begin = [], time.monotonic()
            for _ in range(n):
                kernel = fetch(gallery.url)
                if kernel and kind == "held":
                    with suppress(OSError, websocket.WebSocketException):
                        address = f"ws{gallery.url[4:]}api/kernels/{kernel}/channels"
                        sockets.append(websocket.create_connection(address, origin=gallery.url[:-1], timeout=20))
            fetched, most = time.monotonic() - begin, kernels_of(gallery.process.pid)
            stop = threading.Event()
            threading.Thread(target=breathe, args=(sockets, stop), daemon=True).start()
            out[kind] = {
                "seconds_to_fetch": round(fetched),
                "kernels_and_mib_after_that": most,
                "looks_of_newcomers": looks(gallery.url, 60 * (1 if kind == "never_visited" else minutes)),
                "kernels_and_mib_at_the_end": kernels_of(gallery.process.pid),
            }
            stop.set()
            for s in sockets:
                s.close()
    return out


def breathe(sockets: list, stop: threading.Event) -> None:
    "Answer the pings of the server, so that the websockets stay open"
    for s in sockets:
        s.settimeout(0.01)
    while not stop.is_set():
        for s in sockets:
            with suppress(Exception):
                s.recv()
        time.sleep(0.5)


def bodies(settings, n: int) -> dict:
    "Bodies of 94 MB, all at once"
    with start(settings) as server, start_gallery(settings, server.url) as gallery:
        time.sleep(5)
        process, answers = psutil.Process(gallery.process.pid), []
        before = most = process.memory_info().rss

        def send() -> None:
            try:
                answers.append(requests.post(gallery.url, data=b"x" * 94_000_000, timeout=60).status_code)
            except requests.RequestException as e:
                answers.append(type(e).__name__)

        threads = [threading.Thread(target=send) for _ in range(n)]
        for t in threads:
            t.start()
        while any(t.is_alive() for t in threads):
            most = max(most, process.memory_info().rss)
            time.sleep(0.02)
    return {"mib_before": round(before / MIB), "mib_at_most": round(most / MIB), "answers": sorted(map(str, answers))}


def main() -> None:
    "Run the attacks and print what they did"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    for name, default in (("held", 1000), ("pages", 65), ("bodies", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--only", nargs="+", default=["half_open", "pages", "bodies"])
    add_options(parser)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="attack_") as folder:
        home = Path(shutil.copytree(asked.home, Path(folder) / "home"))
        settings = load_settings(home=home, server_port=0, gallery_port=free_port())
        out = {}
        if "half_open" in asked.only:
            out["half_open"] = half_open(settings, asked.held)
        if "bodies" in asked.only:
            out["bodies"] = bodies(settings, asked.bodies)
        if "pages" in asked.only:
            out["pages"] = pages(settings, asked.pages, asked.minutes)
        keep(out, asked, None, home)
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()

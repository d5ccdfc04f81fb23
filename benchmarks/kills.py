"""Kill the server again and again while 24 writers send likes, and count the acknowledged ones that are lost.

    python benchmarks/kills.py FOLDER --kills 1000

A server with models takes seconds to start, so the process that is killed has the real event store, routes and lock of
a home, and no models. It is forked from one that has imported everything and made the application, which opens the
store in its own process. The listening socket outlives it: requests wait for the next server, as behind systemd's
socket or a proxy that retries. `kill -9` is the end of a process, not of
the machine: what SQLite has handed to the kernel stays. That it also waits for the disk is `pragma synchronous=full`.
"""

import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from about import add_options, keep

FORKER = """
import gc, os, socket, sys
import uvicorn
from art_recsys.config import load_settings
from art_recsys.serving.server import create_app
from art_recsys.serving.server_lock import server_lock
from art_recsys.serving.store import EventStore

class StoreOnly:
    version, models, store = "none", (), None
    def submit(self, events): return self.store.submit(events)
    def close(self): self.store.close()

settings = load_settings(home=sys.argv[1], backup_hours=0)
sock, service = socket.socket(fileno=int(sys.argv[2])), StoreOnly()
app = create_app(settings, service)
gc.freeze()  # a collection in a child would copy every page of the parent
for line in sys.stdin:
    if not (pid := os.fork()):
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        with server_lock(settings.home):
            service.store = EventStore(settings.home / "events.db")
            config = uvicorn.Config(app, log_level="error", access_log=False)
            server = uvicorn.Server(config)
            server.run(sockets=[sock])
        os._exit(0)
    print(pid, flush=True)
    os.waitpid(pid, 0)
"""


class Writer(threading.Thread):
    "One visitor, who likes one work after another and sends each again until it is acknowledged"

    def __init__(self, name: str, port: int, stop: threading.Event):
        super().__init__(daemon=True)
        self.visitor, self.port, self.stop = name, port, stop
        self.acknowledged: list[str] = []
        self.broken = 0  # requests whose connection broke

    def run(self) -> None:
        connection, n = None, 0
        while not self.stop.is_set():
            event_id = f"{self.visitor}-{n}"
            like = {"event_id": event_id, "user_id": self.visitor, "artwork_id": f"a{n}", "event": "like"}
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request(
                    "POST", "/events", json.dumps({"events": [like]}), {"content-type": "application/json"}
                )
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.acknowledged.append(event_id)
                    n += 1
            except (OSError, http.client.HTTPException):
                self.broken += 1
                connection = None


def lost_of(home: Path, acknowledged: set[str]) -> set[str]:
    "Acknowledged events that are not in the file, which must be whole"
    from art_recsys.serving.store import EventStore

    with EventStore(home / "events.db") as store:
        assert store.read("pragma integrity_check") == [("ok",)]
        return acknowledged - {i for (i,) in store.read("select event_id from events")}


def run(
    home: Path, kills: int, writers: int = 24, seed: int = 42, longest: float = 0.3, tell=lambda text: None
) -> dict:
    "Kill `kills` times, each at a random moment within `longest` seconds; how many events were acknowledged and lost"
    home.mkdir(parents=True, exist_ok=True)
    r, begin, stop = random.Random(seed), time.monotonic(), threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=512) as sock:
        os.set_inheritable(sock.fileno(), True)
        forker = subprocess.Popen(
            [sys.executable, "-c", FORKER, str(home), str(sock.fileno())],
            pass_fds=[sock.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        port = sock.getsockname()[1]
        people = [Writer(f"v{n}", port, stop) for n in range(writers)]
        try:
            for n in range(kills):
                forker.stdin.write("go\n")
                forker.stdin.flush()
                pid = int(forker.stdout.readline())
                if n == 0:
                    for p in people:
                        p.start()
                served = sum(len(p.acknowledged) for p in people)
                patience = time.monotonic() + 60
                while sum(len(p.acknowledged) for p in people) == served:  # at least one event in each life
                    if time.monotonic() > patience:
                        raise TimeoutError("the server does not answer")
                    time.sleep(0.005)
                time.sleep(r.random() * longest)
                if n == kills - 1:
                    stop.set()  # nobody waits for a server that does not come
                os.kill(pid, signal.SIGKILL)
                if (n + 1) % 100 == 0:
                    tell(f"{n + 1} kills, {sum(len(p.acknowledged) for p in people):,} acknowledged")
        finally:
            stop.set()
            forker.stdin.close()
            forker.wait(30)
            forker.stdout.close()
    for p in people:
        p.join(30)
    acknowledged = {e for p in people for e in p.acknowledged}
    return {
        "kills": kills,
        "writers": writers,
        "acknowledged": len(acknowledged),
        "lost": len(lost_of(home, acknowledged)),
        "broken_connections": sum(p.broken for p in people),
        "seconds": round(time.monotonic() - begin, 1),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="an empty folder on the disk that is meant")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--writers", type=int, default=24)
    add_options(parser)
    args = parser.parse_args()
    found = run(args.folder, args.kills, args.writers, tell=print)
    print(json.dumps(found))
    keep(found, args, 42)

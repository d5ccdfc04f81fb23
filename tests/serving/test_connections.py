"Connections of the model server on a real socket: the half-open, the slow, and too many; and its log"

import contextlib
import logging
import resource
import socket
import threading
import time

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from art_recsys.config import load_settings
from art_recsys.serving.bodies import LimitBody
from art_recsys.serving.connections import Connections, guarded_protocol, room_for, server_config
from art_recsys.serving.logs import log_to


class Served:
    "A small application under our protocol"

    def __init__(self, connections):
        app = FastAPI()
        app.add_middleware(LimitBody)

        @app.get("/")
        async def home() -> str:
            return "here"

        @app.get("/large")
        async def large() -> Response:
            return Response(b"x" * 30_000_000)

        @app.post("/")
        async def size(request: Request) -> int:
            return len(await request.body())

        self.sock = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=guarded_protocol(connections), ws="none", log_config=None, backlog=128)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.sock]}, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def connect(self, send=b""):
        connection = socket.create_connection(self.sock.getsockname(), timeout=5)
        connection.sendall(send)
        return connection

    def get(self):
        with self.connect(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n") as c:
            return c.recv(1000).split(b"\r\n")[0]

    def stop(self):
        self.server.should_exit = True
        self.thread.join()
        self.sock.close()


@pytest.fixture
def serve():
    running = []

    def start(**limits):
        running.append(Served(Connections(**{"most": 100, "request_seconds": 0.4, **limits})))
        return running[-1]

    yield start
    for served in running:
        served.stop()


def closed_after(connection):
    begin = time.monotonic()
    try:
        while connection.recv(1000):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - begin


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc", b"GET / HTTP/1.1\r\na: b\r\n"],
)
def test_a_request_that_does_not_arrive_ends(serve, begun):
    with serve().connect(begun) as c:
        assert 0.2 < closed_after(c) < 2


def test_a_request_that_trickles_ends_too_and_so_does_a_second_one(serve):
    served, answer = serve(), b""
    with served.connect(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n") as c:
        while not answer.endswith(b'"here"'):
            answer += c.recv(1000)
        time.sleep(0.6)  # idle between two requests is no fault
        begin = time.monotonic()
        with pytest.raises(ConnectionError):
            for byte in b"GET / HTTP/1.1\r\n" + b"a" * 100:
                c.sendall(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - begin < 2


def test_an_answer_that_nobody_reads_ends(serve):
    served = serve()
    with served.connect(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n"):
        end = time.monotonic() + 5
        while not served.server.server_state.connections:
            assert time.monotonic() < end
        while served.server.server_state.connections:
            assert time.monotonic() < end
            time.sleep(0.05)
    with served.connect(b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n") as c:
        assert sum(iter(lambda: len(c.recv(1_000_000)), 0)) > 30_000_000


def test_newcomers_are_served_while_somebody_holds_all_connections_open(serve):
    served = serve(most=20, request_seconds=30)
    held = [served.connect() for _ in range(50)]
    assert [served.get() for _ in range(5)] == [b"HTTP/1.1 200 OK"] * 5
    assert len(served.server.server_state.connections) <= 20
    for c in held:
        c.close()


def test_one_address_has_a_limit_and_this_machine_and_proxies_have_none():
    connections = Connections(most=10, per_client=2, proxies=frozenset({"10.0.0.2"}))
    stays = lambda address, n: [connections.add(object(), address) for _ in range(n)]  # noqa: E731
    assert stays("203.0.113.9", 3) == [True, True, False] and all(stays("127.0.0.1", 3)) and all(stays("10.0.0.2", 3))


def test_there_is_room_for_files_beside_connections(monkeypatch):
    for soft, most in ((256, 28), (1024, 796), (100, 8), (1_000_000, 1000), (resource.RLIM_INFINITY, 1000)):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert room_for() == most


def test_a_chunked_body_is_refused_while_it_comes(serve):
    with serve(request_seconds=5).connect(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n") as c:
        sent, answer = 0, b""
        try:
            for _ in range(200):
                c.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
        except ConnectionError:
            pass
        with contextlib.suppress(ConnectionError):
            answer = c.recv(1000)
        assert sent < 200 * 65536 and (not answer or b" 413 " in answer)


def test_the_server_runs_behind_its_guard(tmp_path):
    config = server_config(FastAPI(), load_settings(home=tmp_path))
    assert type(config.app).__name__ == "Guard" and config.timeout_keep_alive == 75 and config.ws == "none"


def test_a_log_says_the_same_thing_a_few_times_and_is_rotated(tmp_path, monkeypatch):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    monkeypatch.setattr("art_recsys.serving.logs.BYTES", 2000)
    try:
        log_to(tmp_path / "server.log")
        for _ in range(10_000):
            logging.getLogger("asyncio").error("socket.accept() out of system resource")
        text = (tmp_path / "server.log").read_text()
        assert text.count("out of system") == 5 and "not said again" in text
        for n in range(200):
            logging.getLogger("x").error(f"another {n}")
        assert sum(p.stat().st_size for p in tmp_path.iterdir()) < 10_000 and len(list(tmp_path.iterdir())) == 3
    finally:
        root.handlers[:], root.level = before

"""The gallery's web server in front of Voilà: names, connections and bodies, before any handler sees a request."""

import resource
from collections import Counter
from typing import Any

from tornado import httputil
from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream

from art_recsys.serving.hosts import Hosts, host_name, is_loopback

__all__ = ["Front", "connections_for"]

MAX_BODY = 64_000  # bytes; what a page sends goes through the websocket
WAIT_SECONDS = 30.0  # for the headers of a request, also of the next one
BODY_SECONDS = 10.0
PER_CLIENT = 200  # connections of one address that is neither this machine nor a proxy
MOST = 1000  # connections


def connections_for() -> int:
    "How many connections the gallery may hold: half of its open files, because kernels need the others"
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST if soft < 0 else max(32, min(MOST, soft // 2))


class Front(HTTPServer):
    "tornado's server with a list of names, limits on connections, and small bodies"

    def initialize(  # type: ignore[override]  # tornado passes the arguments of the class on
        self,
        app: Any,  # tornado application
        hosts: Hosts,  # names under which it is served
        proxies: frozenset[str],  # their addresses stand for many clients
        most: int | None = None,  # connections; None: what the limit of open files allows
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        "Called by tornado with the arguments of the class"
        super().initialize(app, idle_connection_timeout=wait_seconds, body_timeout=BODY_SECONDS, max_body_size=MAX_BODY)
        self.hosts, self.proxies, self.most = hosts, proxies, most or connections_for()
        self.streams: dict[IOStream, str] = {}  # connection -> address; the one that has been open longest comes first
        self.waiting: set[IOStream] = set()  # connections on which nothing was asked yet, or nothing more

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        "Called by tornado for a new connection; nothing is logged where it is closed at once"
        self.streams = {s: a for s, a in self.streams.items() if not s.closed()}
        self.waiting.intersection_update(self.streams)
        client = str(address[0]) if isinstance(address, tuple) else ""
        alone = not (is_loopback(client) or client in self.proxies)
        if alone and Counter(self.streams.values())[client] >= PER_CLIENT:
            stream.close()
            return
        if len(self.streams) >= self.most:
            unread = (s for s in self.streams if s.writing())  # somebody does not read the answer
            longest = next((s for s in self.streams if s in self.waiting), None) or next(unread, None)
            (longest or stream).close()
            if longest is None:
                return
        self.streams[stream] = client
        self.waiting.add(stream)
        super().handle_stream(stream, address)

    def start_request(self, server_conn: object, request_conn: Any) -> httputil.HTTPMessageDelegate:
        "Called by tornado when it begins to wait for a request"
        self.waiting.add(request_conn.stream)
        return _Arriving(self, request_conn, super().start_request(server_conn, request_conn))

    def why_not(self, headers: httputil.HTTPHeaders) -> tuple[int, str] | None:
        "Status and sentence for a request that is refused by its headers alone"
        host, origin = headers.get("Host"), headers.get("Origin")
        if why := self.hosts.why_not(host, origin):
            return (403 if host_name(host or "") in self.hosts.names else 400), why
        length = headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return 413, f"The body is larger than {MAX_BODY // 1000} kB."
        return None


class _Arriving(httputil.HTTPMessageDelegate):
    "A request that arrives: refused by its headers, or passed on"

    def __init__(self, front: Front, connection: HTTP1Connection, then: httputil.HTTPMessageDelegate):
        self.front, self.connection, self.then, self.refused = front, connection, then, False

    def headers_received(self, start_line: Any, headers: httputil.HTTPHeaders) -> Any:
        "The headers are there"
        self.front.waiting.discard(self.connection.stream)
        if no := self.front.why_not(headers):
            self.refused = True
            return self._refuse(*no)
        return self.then.headers_received(start_line, headers)

    async def _refuse(self, status: int, why: str) -> None:
        text = why.encode()
        said = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(text)), "Connection": "close"}
        line = httputil.ResponseStartLine("HTTP/1.1", status, httputil.responses.get(status, "Refused"))
        await self.connection.write_headers(line, httputil.HTTPHeaders(said), text)
        self.connection.finish()
        self.connection.stream.close()

    def data_received(self, chunk: bytes) -> Any:
        "A part of the body is there"
        return None if self.refused else self.then.data_received(chunk)

    def finish(self) -> None:
        "The request is complete"
        if not self.refused:
            self.then.finish()

    def on_connection_close(self) -> None:
        "The client has gone"
        if not self.refused:
            self.then.on_connection_close()

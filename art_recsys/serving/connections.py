"""How long and how many connections may stay open, for the model server under uvicorn.

uvicorn waits for ever for the first request of a connection. Here a request must have arrived whole within
`REQUEST_SECONDS`, and an answer that nobody reads ends, too. There are never more connections than the process has
room for: when all are taken, the one that has waited longest for its next request gives way, first those that never
asked anything. Nothing of that is logged, because a log with a line for each refused connection fills the disk.
"""

import asyncio
import logging
import resource
from collections import Counter
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from art_recsys.config import Settings

from .access import Guard
from .hosts import is_loopback, listed
from .logs import log_to

__all__ = ["BACKLOG", "Connections", "guarded_protocol", "room_for", "server_config"]

REQUEST_SECONDS = 30.0  # for a whole request, from its first byte or from the opening of the connection
IDLE_SECONDS = 75  # between two requests
BACKLOG = 128  # connections that wait to be accepted; asyncio accepts so many in one go, before any of them is counted
PER_CLIENT = 128  # connections of one address that is neither this machine nor a proxy
MOST, FILES = 1000, 100  # connections at most; descriptors that stay free for files


def room_for() -> int:
    "How many connections this process may hold, within its limit of open files"
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MOST if soft < 0 else max(8, min(MOST, soft - BACKLOG - FILES))


class Connections:
    "The open connections of one server"

    def __init__(
        self,
        most: int,  # at the same time
        per_client: int = PER_CLIENT,
        request_seconds: float = REQUEST_SECONDS,
        proxies: frozenset[str] = frozenset(),  # their addresses stand for many clients
    ):
        self.most, self.per_client, self.request_seconds, self.proxies = most, per_client, request_seconds, proxies
        self.open: dict[Any, str] = {}  # connection -> address; the one that has been open longest comes first
        self.of: Counter[str] = Counter()

    def add(self, connection: "GuardedProtocol", address: str) -> bool:
        "Whether this new connection may stay; another one may be closed for it"
        self.open[connection] = address
        self.of[address] += 1
        if self.of[address] > self.per_client and not (is_loopback(address) or address in self.proxies):
            return False
        if len(self.open) <= self.most:
            return True
        waiting = [c for c in self.open if c is not connection and c.waits()]
        if not waiting:
            return False
        longest = min(
            waiting, key=lambda c: c.has_asked()
        )  # the first of those that never asked, else the first of all
        self.remove(longest)
        longest.end()
        return True

    def remove(self, connection: "GuardedProtocol") -> None:
        "Forget a connection that is closed"
        if (address := self.open.pop(connection, None)) is not None:
            self.of[address] -= 1
            if not self.of[address]:
                del self.of[address]


class GuardedProtocol(H11Protocol):
    "uvicorn's protocol with a limit on connections and on the time that a request may take to arrive"

    guard: Connections
    _late: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        "Called by asyncio"
        super().connection_made(transport)
        if not self.guard.add(self, self.client[0] if self.client else ""):
            self.guard.remove(self)
            self.end()
            return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        "Called by asyncio"
        self.guard.remove(self)
        self._stop()
        self._read_again()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        "Called by asyncio where the client does not read its answer; it has as long for that as for asking"
        super().pause_writing()
        self._unread = self.loop.call_later(self.guard.request_seconds, self.end)

    def resume_writing(self) -> None:
        "Called by asyncio when the client reads on"
        super().resume_writing()
        self._read_again()

    def _read_again(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def data_received(self, data: bytes) -> None:
        "Called by asyncio; the clock runs from the first byte of a request until it is there"
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        "Called by uvicorn; what has arrived of the next request already is under the clock, too"
        super().on_response_complete()
        self._watch()

    def _watch(self) -> None:
        begun = (
            self.cycle is None
            or self.conn.their_state is h11.SEND_BODY
            or (self.waits() and bool(self.conn.trailing_data[0]))
        )
        if self.transport.is_closing() or not begun:
            self._stop()
        elif self._late is None:
            self._late = self.loop.call_later(self.guard.request_seconds, self.end)

    def _stop(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def waits(self) -> bool:
        "Whether nothing is being answered on this connection"
        return self.cycle is None or self.cycle.response_complete

    def has_asked(self) -> bool:
        "Whether a request has ever come"
        return self.cycle is not None

    def end(self) -> None:
        "Close the connection"
        self.transport.abort()


def guarded_protocol(
    connections: Connections,  # of the server
) -> type[GuardedProtocol]:
    "The protocol's class for one server"
    return type("Guarded", (GuardedProtocol,), {"guard": connections})


def server_config(
    app: Any,  # ASGI application of the model server
    settings: Settings,  # Run settings
) -> uvicorn.Config:
    "What uvicorn runs: the application behind its guard, with limits on connections"
    if not logging.getLogger().hasHandlers():
        log_to()
    return uvicorn.Config(
        Guard(app, settings),
        http=guarded_protocol(Connections(room_for(), proxies=listed(settings.proxies))),
        ws="none",
        proxy_headers=False,  # the guard reads them, from the proxies of the settings only
        backlog=BACKLOG,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=5,
        server_header=False,
    )

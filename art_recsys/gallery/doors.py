"""Who is in the gallery: each visitor's page has a kernel of about 45 MiB, and there is room for a limited number.

A kernel whose page was fetched and whose visitor never came ends after seconds. Where all are taken, a newcomer gets
the place of a visitor who has left, or else of the one who has done nothing for longest. So nobody can keep others out
by holding on to pages. One address may have a part of the kernels only, unless it is this machine.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from art_recsys.serving.hosts import is_loopback, listed
from art_recsys.serving.limits import Buckets

__all__ = ["Door", "DoorSettings", "Visit"]

VISIT_SECONDS = 20  # from a page to its websocket
AWAY_SECONDS = 5  # without a websocket, until a newcomer may take the place
IDLE_SECONDS = 60  # without a word, until a newcomer may take the place
SHARE = 4  # kernels by which one address may exceed another before it gives way to it
PAGES_A_MINUTE = 30  # of one address
PING = b'"type":"ping"'  # the page says so while nobody does anything


class DoorSettings(NamedTuple):
    "What the gallery's server reads of the settings"

    allowed_hosts: str = ""
    proxies: str = "127.0.0.1, ::1"
    visitor_rate: float = 600
    kernels: int = 60
    kernels_per_client: int = 20

    @classmethod
    def of(cls, settings: Any) -> "DoorSettings":
        "Those of `settings`, and the defaults for what it does not have"
        read: dict[str, Any] = {name: getattr(settings, name, usual) for name, usual in cls._field_defaults.items()}
        return cls(**read)


@dataclass
class Visit:
    "A kernel that was given to a page"

    client: str  # address of who fetched the page; '' while it is not known
    since: float  # seconds on the door's clock: when the page was made, or the last websocket was closed
    active: float  # when the visitor last did something
    sockets: set[int] = field(default_factory=set)
    visited: bool = False  # whether there ever was a websocket


class Door:
    "The visits of one gallery"

    def __init__(self, settings: DoorSettings, now: Callable[[], float] = time.monotonic):
        self.settings, self.now, self.proxies = settings, now, listed(settings.proxies)
        self.pages = Buckets(PAGES_A_MINUTE, now=now)
        self.visits: dict[str, Visit] = {}  # by kernel
        self.coming: Counter[str] = Counter()  # pages that are being made, by client

    # ---- a page and its kernel -----------------------------------------------------------------------------------
    def wait(self, client: str) -> float:
        "Take one page of this client's share; the seconds to wait where it has none left"
        return 0.0 if is_loopback(client) else self.pages.wait(client)

    def held(self, client: str) -> int:
        "Kernels that a client has, with those of pages that are being made"
        return self.coming[client] + sum(visit.client == client for visit in self.visits.values())

    def crowded(self, client: str) -> bool:
        "Whether this client has as many kernels as one address may"
        return not is_loopback(client) and self.held(client) >= self.settings.kernels_per_client

    @contextmanager
    def entering(self, client: str) -> Iterator[None]:
        "A page is being made for this client"
        self.coming[client] += 1
        try:
            yield
        finally:
            self.coming[client] -= 1
            if not self.coming[client]:
                del self.coming[client]

    def hand_out(self, kernel_id: str, client: str) -> None:
        "A page with this kernel goes to this client"
        visit = self.visits.setdefault(kernel_id, Visit("", self.now(), self.now()))
        visit.client = client

    # ---- its websocket -------------------------------------------------------------------------------------------
    def arrive(self, kernel_id: str, socket: int) -> None:
        "A websocket to this kernel is open"
        visit = self.visits.setdefault(kernel_id, Visit("", self.now(), self.now()))
        visit.sockets.add(socket)
        visit.visited, visit.active = True, self.now()

    def leave(self, kernel_id: str, socket: int) -> None:
        "A websocket to this kernel is closed"
        if visit := self.visits.get(kernel_id):
            visit.sockets.discard(socket)
            visit.since = self.now()

    def hear(self, kernel_id: str, message: str | bytes) -> None:
        "A message for this kernel came; a page that only says that it is open does nothing"
        said = message.encode() if isinstance(message, str) else message
        if (visit := self.visits.get(kernel_id)) and PING not in said:
            visit.active = self.now()

    # ---- who goes ------------------------------------------------------------------------------------------------
    def look(
        self,
        running: Collection[str],  # all kernels
        pooled: Collection[str],  # those that wait for a page
    ) -> list[str]:  # kernels to end
        "Note which kernels there are; those whose visitor never came"
        self.visits = {k: v for k, v in self.visits.items() if k in running and k not in pooled}
        for kernel_id in running:
            if kernel_id not in pooled and kernel_id not in self.visits:
                self.visits[kernel_id] = Visit("", self.now(), self.now())
        late = self.now() - VISIT_SECONDS
        return [k for k, visit in self.visits.items() if not visit.visited and visit.since < late]

    def gives_way(self, client: str) -> str | None:
        "The kernel that ends so that this client can come in; None where everybody is busy"
        now = self.now()
        away = [(v.since, k) for k, v in self.visits.items() if not v.sockets and now - v.since > AWAY_SECONDS]
        idle = [(v.active, k) for k, v in self.visits.items() if v.sockets and now - v.active > IDLE_SECONDS]
        return min(away or idle or self._of_the_largest(client), default=(0.0, None))[1]

    def _of_the_largest(self, client: str) -> list[tuple[float, str]]:
        "The kernels of the address that has most, where that is many more than this client has"
        has = Counter(v.client for v in self.visits.values() if v.client and not is_loopback(v.client))
        largest, kernels = max(has.items(), key=lambda item: item[1], default=("", 0))
        if kernels < self.held(client) + SHARE:
            return []
        return [(v.active, k) for k, v in self.visits.items() if v.client == largest]

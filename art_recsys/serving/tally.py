"""Counts of an experiment, read from events.db in the order in which things were written there.

The order of the rows decides and no time is read, so a clock that goes back changes nothing. A visitor counts from the
first page of the experiment on: every work on these pages, each of these works that they like now, and each that they
hid. Everything is a sum over visitors (`measures.sequential.Sums`), kept up to date event by event, so the interval is
known after every event, and the path that it took is kept too.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from art_recsys.config import read_sqlite
from art_recsys.core import Event
from art_recsys.measures.sequential import Lift, Sums, lift

__all__ = ["Tally"]

KINDS = ("likes", "hides", "empty", "slow")  # the first two per impression, the others per page
PATH = 120  # points of the path at most


@dataclass
class _Visitor:
    arm: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("impressions", "pages", *KINDS), 0))
    shown: set[str] = field(default_factory=set)
    liked: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)


class Tally:
    "What the visitors of one experiment did; `read` adds what is new"

    def __init__(
        self,
        name: str,  # of the experiment
        slow_ms: float = 500.0,  # a page that took longer is slow
        alpha: float = 0.05,  # of the path
        plan: float = 2000.0,  # of the path
    ):
        self.name, self.slow_ms, self.alpha, self.plan = name, slow_ms, alpha, plan
        self.clear()

    def clear(self) -> None:
        "Begin again, for example after a visitor was forgotten"
        self._last, self._last_exposure, self._step = 0, 0, 1
        self._visitors: dict[str, _Visitor] = {}
        self._sums = {kind: {arm: np.zeros(6) for arm in "ab"} for kind in KINDS}
        self.path: list[tuple[int, float, float, float]] = []  # visitors, lift, low, high

    def sums(
        self,
        kind: str,  # one of `KINDS`
        arm: str,  # a or b
    ) -> Sums:
        "The sums of one arm"
        return Sums(*self._sums[kind][arm])

    def total(self, arm: str) -> dict[str, int]:  # visitors, impressions, pages, likes, hides, empty, slow
        "How much of each there was in arm `arm`"
        likes, empty = self.sums("likes", arm), self.sums("empty", arm)
        counted = {"visitors": likes.n, "impressions": likes.x, "pages": empty.x}
        counted |= {kind: self.sums(kind, arm).y for kind in KINDS}
        return {k: int(v) for k, v in counted.items()}

    def lift(self) -> Lift:
        "Likes per impression of arm b beside arm a"
        return lift(self.sums("likes", "a"), self.sums("likes", "b"), self.alpha, self.plan)

    def read(
        self,
        path: Path,  # events.db; only read
    ) -> "Tally":
        "Add what was written since the last call"
        if not path.is_file():
            return self
        with read_sqlite(path, timeout=5) as db:
            db.execute("begin")  # both reads see the same state, and pages come in one piece with their impressions
            if not db.execute("select 1 from sqlite_master where name = 'exposures'").fetchone():
                return self
            pages = list(self._pages(db))
            waiting: dict[str, list | None] = {request_id: rest for request_id, *rest in pages}
            sql = """select rowid, user_id, artwork_id, event, request_id from events
                where rowid > ? and (event != 'impression' or propensity is not null) order by rowid"""
            for row, user, work, event, request_id in db.execute(sql, (self._last,)):
                self._last = row
                if event == Event.impression and (page := waiting.get(request_id)):
                    self._page(*page)
                    waiting[request_id] = None
                if user in self._visitors:
                    self._event(self._visitors[user], work, event, request_id in waiting)
            for rest in waiting.values():
                if rest is not None:  # an empty page has no impressions
                    self._page(*rest)
        return self

    def _pages(self, db: sqlite3.Connection) -> Iterator[tuple]:
        sql = """select rowid, request_id, user_id, arm, shown, ms from exposures
        where rowid > ? and experiment = ? order by rowid"""
        for row, *page in db.execute(sql, (self._last_exposure, self.name)):
            self._last_exposure = row
            yield tuple(page)

    def _page(self, user: str, arm: str, shown: int, ms: float) -> None:
        if user not in self._visitors:
            self._visitors[user] = _Visitor(arm)
            for kind in KINDS:
                self._sums[kind][arm][0] += 1
            self._mark()
        v = self._visitors[user]
        self._add(v, pages=1, empty=int(not shown), slow=int(ms > self.slow_ms))

    def _event(self, v: _Visitor, work: str, event: str, of_a_page: bool) -> None:
        if event == Event.impression:
            if of_a_page:
                v.shown.add(work)
                self._add(v, impressions=1)
        elif work in v.shown and event in (Event.like, Event.unlike, Event.hide):
            likes, hides = event == Event.like, event == Event.hide and work not in v.hidden
            self._add(v, likes=likes - (work in v.liked), hides=int(hides))
            (v.liked.add if likes else v.liked.discard)(work)
            if hides:
                v.hidden.add(work)

    def _add(self, v: _Visitor, **more: int) -> None:
        "Change the counts of a visitor, and the sums that they are in"
        before = dict(v.counts)
        for key, n in more.items():
            v.counts[key] += n
        for kind in KINDS:
            of = "impressions" if kind in ("likes", "hides") else "pages"
            (x0, y0), (x, y) = ((c[of], c[kind]) for c in (before, v.counts))
            sums = self._sums[kind][v.arm]
            sums[1:] += (x - x0, y - y0, x * x - x0 * x0, x * y - x0 * y0, y * y - y0 * y0)

    def _mark(self) -> None:
        "Keep the interval at this number of visitors; of a long path every second point, again and again"
        n = len(self._visitors)
        if n % self._step:
            return
        found = self.lift()
        if np.isfinite(found.low):
            self.path.append((n, float(found.value), float(found.low), float(found.high)))
        if len(self.path) > PATH:
            self._step *= 2
            self.path = self.path[1::2]

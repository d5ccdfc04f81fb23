"""What the server says about its disk: in `/health`, in `/metrics`, and as an answer to a request."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry, Gauge

from art_recsys.config import Settings, UserError, disk_error

from .backups import Backups
from .refresh_record import watch_refresh
from .store_file import RECOVER

__all__ = ["add_disk", "store_problem"]


def store_problem(backups: Backups) -> dict[str, str] | None:  # `{why, remedy}`; None: all is well
    "What is wrong with the event store or its backups, and what to do"
    store = backups.store()
    if lost := getattr(store, "lost", lambda: None)():
        return {"why": lost, "remedy": RECOVER}
    if backups.problem:
        return {"why": backups.problem, "remedy": "free some space, or look into events.db.backups; see the log"}
    return None


def _free(home: Path) -> float:
    try:
        return float(shutil.disk_usage(home).free)
    except OSError:
        return float("nan")  # the home is gone


def add_disk(
    app: FastAPI,  # has `releases` and `metrics` in its state; gets `backups`
    settings: Settings,
    answer: Callable[[int, str], Any],  # of a status and a text
) -> None:
    "Add backups of the event store, metrics of the disk, answers to what it refuses, and traces"
    store = lambda: getattr(app.state.releases.service, "store", None)  # noqa: E731
    app.state.backups = Backups(store, settings.backup_hours, settings.backups)
    _run_with(app, app.state.backups)
    _watch(app.state.metrics.registry, settings.home, app.state.backups)
    _answer_disk_errors(app, answer)
    if settings.tracing:
        from .tracing import trace_requests  # costs nothing where it is off

        trace_requests(app)


def _run_with(app: FastAPI, backups: Backups) -> None:
    "Begin with the server, and end before it closes the store"
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with inner(app) as state:
            backups.start()
            try:
                yield state
            finally:
                backups.stop()

    app.router.lifespan_context = lifespan


def _watch(registry: CollectorRegistry, home: Path, backups: Backups) -> None:
    "Metrics of the disk, the event store, its backups and the last refresh"
    made: dict[str, Any] = {"registry": registry, "namespace": "art_recsys"}
    age = lambda: float("nan") if (seconds := backups.age()) is None else seconds  # noqa: E731
    Gauge("disk_free_bytes", "Free space on the disk of the home", **made).set_function(lambda: _free(home))
    Gauge("backup_age_seconds", "Seconds since the newest backup of the event store", **made).set_function(age)
    Gauge("store_problem", "1 while events.db is lost or its backups fail", **made).set_function(
        lambda: int(store_problem(backups) is not None)
    )
    watch_refresh(registry, home)


def _answer_disk_errors(app: FastAPI, answer: Callable[[int, str], Any]) -> None:
    "Answer 507 where the disk refuses something, and 503 where a person must do something first"

    @app.exception_handler(UserError)
    async def _(request: Request, e: UserError) -> Any:
        if isinstance(e, (LookupError, ValueError)):  # about what was asked
            return answer(404 if isinstance(e, LookupError) else 422, e.what)
        return answer(503, f"{e.what} {e.remedy}".strip())

    async def refused(request: Request, e: Exception) -> Any:
        if (said := disk_error(e)) is None:
            raise e
        return answer(507, f"{said.what} {said.remedy}")

    app.add_exception_handler(OSError, refused)
    app.add_exception_handler(sqlite3.Error, refused)

"""What is known about refreshes: one at a time, a log that is rotated, and the last result for the metrics."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily

from art_recsys.config import UserError, read_json, write_json

__all__ = ["BUSY", "LOG", "RECORD", "RefreshBusy", "recorded_refresh", "watch_refresh"]

RECORD, LOG = "refresh.json", "refresh.log"
BUSY = 75  # exit code of a refresh that found another one at work (EX_TEMPFAIL of sysexits.h)
LOG_BYTES, LOGS_KEPT = 1_000_000, 5
RESULTS = ("promoted", "kept", "failed")


class RefreshBusy(UserError):
    "Another refresh is at work in this home"

    code = BUSY


class _Rotated(RotatingFileHandler):
    "A log that keeps quiet on a full disk, which the refresh itself will report"

    def handleError(self, record: logging.LogRecord) -> None:  # as logging calls it
        "Nothing"


def _log(home: Path) -> tuple[logging.Logger, RotatingFileHandler]:
    handler = _Rotated(home / LOG, maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    logger = logging.getLogger(f"art_recsys.refresh.{home}")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    return logger, handler


def _last(home: Path) -> dict[str, Any]:
    try:
        found = read_json(home / RECORD)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def recorded_refresh(
    home: Path,
) -> Iterator[dict[str, Any]]:  # A dict that the block fills with what `refresh` returned
    """No other refresh runs in this home until the block ends. How it ended is written to `refresh.json` and the log.

    Raises `RefreshBusy` at once if another one is at work.
    """
    lock = FileLock(home / "refresh.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        since = _last(home).get("begun")
        raise RefreshBusy(
            f"Another refresh is at work in {home}{f', since {since}' if since else ''}.", "wait for it to end"
        ) from None
    try:
        yield from _recorded(home)
    finally:
        lock.release()


def _recorded(home: Path) -> Iterator[dict[str, Any]]:
    logger, handler = _log(home)
    begin, at, before = time.monotonic(), datetime.now(UTC), _last(home)
    success = before.get("last_success")
    write_json({**before, "begun": at.isoformat(timespec="seconds")}, home / RECORD)
    logger.info("begins")
    found: dict[str, Any] = {}
    try:
        yield found
        result, why = "promoted" if found.get("promoted") else "kept", str(found.get("why", ""))
        success = datetime.now(UTC).isoformat(timespec="seconds")
    except BaseException as e:
        result, why = "failed", str(getattr(e, "what", "")) or f"{type(e).__name__}: {e}"
        raise
    finally:
        seconds = round(time.monotonic() - begin, 1)
        logger.info("%s after %s s: %s", result, seconds, json.dumps(why, ensure_ascii=False))
        logger.removeHandler(handler)
        handler.close()
        record = {"begun": at.isoformat(timespec="seconds"), "seconds": seconds, "result": result, "why": why}
        write_json({**record, "version": found.get("version"), "last_success": success}, home / RECORD)


class _Refreshes:
    "Collector of Prometheus: reads the record when it is asked"

    def __init__(self, home: Path):
        self.home = home

    def collect(self) -> Iterator[GaugeMetricFamily]:
        "The metrics of the last refresh; none before the first"
        last, name = _last(self.home), "art_recsys_refresh"
        if last.get("result") in RESULTS:
            one = GaugeMetricFamily(f"{name}_result", "1 for how the last refresh ended", labels=["result"])
            for result in RESULTS:
                one.add_metric([result], int(result == last["result"]))
            yield one
            yield GaugeMetricFamily(f"{name}_seconds", "How long the last refresh took", float(last.get("seconds", 0)))
        if last.get("last_success"):
            at = datetime.fromisoformat(last["last_success"]).timestamp()
            yield GaugeMetricFamily(
                f"{name}_last_success_timestamp_seconds", "When a refresh last ended well, promoted or not", at
            )


def watch_refresh(registry: CollectorRegistry, home: Path) -> None:
    "Add metrics of the last refresh of a home"
    registry.register(_Refreshes(Path(home)))

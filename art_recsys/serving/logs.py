"""The log of a server in the background: bounded, whatever happens to the server.

A flood of connections makes libraries log the same sentence thousands of times a second. Each sentence is therefore
written a few times a minute at most, and the file is rotated.
"""

import logging
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

__all__ = ["Sparing", "log_to"]

BYTES, KEPT = 5_000_000, 2  # of a log file; older files that are kept
A_MINUTE = 5  # times that the same sentence is written in a minute


class Sparing(logging.Filter):
    "Lets the same sentence through a few times a minute, and then says how often it was left out"

    def __init__(self, a_minute: int = A_MINUTE):
        super().__init__()
        self.a_minute = a_minute
        self._minute, self._seen = -1, {}  # type: tuple[int, dict[tuple[str, str], int]]

    def filter(self, record: logging.LogRecord) -> bool:
        "Whether the record is written"
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._seen = minute, {}
        sentence = record.name, str(record.msg)[:200]
        self._seen[sentence] = times = self._seen.get(sentence, 0) + 1
        if times == self.a_minute:
            record.msg = f"{record.getMessage()} (not said again in this minute)"
            record.args = ()
        return times <= self.a_minute


def log_to(
    file: Path | None = None,  # rotated; None: standard error, which whoever started the process looks after
) -> None:
    "Send what libraries log to a file or to standard error, sparingly"
    handler: logging.Handler = logging.StreamHandler()
    if file is not None:
        handler = RotatingFileHandler(file, maxBytes=BYTES, backupCount=KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Sparing())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)

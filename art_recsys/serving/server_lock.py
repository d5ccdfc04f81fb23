"""One model server per home. The lock is the operating system's, so a server that was killed leaves none behind."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from art_recsys.config import UserError, read_json

from .process import SERVER_FILE, read_server_file

__all__ = ["remove_server_file", "server_lock"]


@contextmanager
def server_lock(
    home: Path,  # of the server; it must be there
    what: str = "start another one",  # what cannot be done beside a server, for the message
) -> Iterator[None]:
    "No server of this home runs until the block ends. `UserError` with its process and port if one does."
    lock = FileLock(Path(home) / "server.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        info = read_server_file(home)
        who = f"process {info['pid']}, port {info['port']}" if info else "it is starting or ending"
        stop = f"kill {info['pid']}" if info else "wait a moment"
        raise UserError(
            f"A model server is running in {home} ({who}).", f"to {what}, stop that one first: {stop}"
        ) from None
    try:
        yield
    finally:
        lock.release()


def remove_server_file(home: Path) -> None:
    "Remove `server.json`, if it names this process"
    path = Path(home) / SERVER_FILE
    with suppress(OSError, ValueError, KeyError, TypeError):
        if read_json(path)["pid"] == os.getpid():
            path.unlink()

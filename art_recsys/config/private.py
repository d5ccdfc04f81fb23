"""Files that only their owner may read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .files import write_atomic

__all__ = ["make_private", "write_private"]


def make_private(
    path: str | Path,  # made empty if it is not there
) -> None:
    "Let nobody but the owner read or write the file, from its first moment on"
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.stat(path).st_mode & 0o077:
        os.chmod(path, 0o600)


@contextmanager
def write_private(
    path: str | Path,  # replaced if it is there
) -> Iterator[Path]:  # A temporary file, already private
    "As `write_atomic`, for a file that nobody else may read"
    with write_atomic(path) as temp:
        make_private(temp)
        yield temp

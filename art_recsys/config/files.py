"""Atomic files: JSON, Parquet and folders that are either complete or not there, and SQLite for several processes.

A run can die at any time. What is written goes to a temporary name first and is renamed when it is complete. A rename
on one filesystem is atomic, so a reader sees the old file or the new one and never half of one. File and folder are
synced, so that this holds after a power cut, too.
"""

import json
import os
import shutil
import sqlite3
import stat
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from .errors import UserError

if TYPE_CHECKING:  # pandas takes a third of a second to import, and a gallery kernel does not need it
    import pandas as pd

__all__ = [
    "open_sqlite",
    "read_json",
    "read_parquet",
    "read_sqlite",
    "sync",
    "sync_one",
    "write_atomic",
    "write_json",
    "write_parquet",
]


def sync(path: str | Path) -> None:
    "Wait until a file, or a folder with all that is in it, is on disk (fsync)"
    path = Path(path)
    if path.is_dir():
        for inside in path.iterdir():
            sync(inside)
    sync_one(path)


def sync_one(path: Path) -> None:
    "Wait until one file, or the names in one folder, are on disk (fsync)"
    if not stat.S_ISREG(mode := path.lstat().st_mode) and not (stat.S_ISDIR(mode) and os.name == "posix"):
        return  # a link or a pipe; and only POSIX can open a folder
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def write_atomic(
    path: str | Path,  # The file or folder; missing parent folders are made
    durable: bool = True,  # False: do not wait for the disk; for thousands of files that can be made again
) -> Iterator[Path]:  # A temporary path in the same folder, to write to
    "Write a file or folder under a temporary name; sync and rename it if the block ends without an error"
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        yield temp
        if durable:
            sync(temp)
        if temp.is_dir() and path.exists():
            shutil.rmtree(path)
        os.replace(temp, path)
        if durable:
            sync_one(path.parent)  # the new name is on disk, too
    finally:
        if temp.is_dir():
            shutil.rmtree(temp, ignore_errors=True)
        else:
            temp.unlink(missing_ok=True)


def write_json(
    obj: Any,  # Values that are not JSON are written as `str` shows them
    path: str | Path,  # Replaced if it is there
) -> None:
    "Write `obj` as indented UTF-8 JSON, atomically"
    with write_atomic(path) as p:
        p.write_text(json.dumps(obj, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def read_json(path: str | Path) -> Any:
    "The content of the JSON file at `path`; raises `FileNotFoundError` or `json.JSONDecodeError`"
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_parquet(df: "pd.DataFrame", path: str | Path) -> None:
    "Write the frame `df` to `path` as Parquet without its index, atomically; another process reads the old or the new"
    with write_atomic(path) as p:
        df.to_parquet(p, index=False)


def read_parquet(
    path: str | Path,  # In a home; its name is in the error
) -> "pd.DataFrame":
    """A frame that a stage wrote.

    Raises `UserError` if the file is not there (the stage has not run yet) or cannot be read (delete it and run again).
    """
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise UserError(
            f"{Path(path).name} is not in this home yet.", "run the stages before this one: art-recsys run"
        ) from None
    except Exception as e:
        raise UserError(
            f"{path} cannot be read as Parquet ({type(e).__name__}).", "delete it and run the stage again"
        ) from e


def read_sqlite(
    path: str | Path,  # The database; it must be there
    timeout: float = 30,  # Seconds to wait for another process that changes its form
) -> closing[sqlite3.Connection]:  # For `with`, which closes it; raises `sqlite3.Error`
    "A connection that cannot write"
    return closing(sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True, timeout=timeout))


def open_sqlite(
    path: str | Path,  # The database; made if it is not there
    timeout: float = 60,  # Seconds to wait for another process that writes
    **kwargs: Any,  # For `sqlite3.connect`
) -> sqlite3.Connection:  # In WAL mode; raises `sqlite3.Error`
    """A database that several processes can open, read and write at the same time.

    In WAL mode (https://sqlite.org/wal.html) readers never wait and writers take turns. Only the switch to WAL mode
    does not wait for another process, so a lock file makes processes that open a new database take turns.
    """
    with FileLock(f"{path}.lock"):
        con = sqlite3.connect(path, timeout=timeout, **kwargs)
        con.execute("pragma journal_mode=wal")
    return con

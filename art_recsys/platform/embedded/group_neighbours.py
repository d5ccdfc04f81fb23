"""Neighbours of a vector in a feature group: its vector index, read again with every new version of the table."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
from hsfs.constructor.filter import Filter, Logic
from hsfs.feature import Feature

from art_recsys.platform.embedded.base import StoreError
from art_recsys.platform.embedded.sql import connect, filter_sql
from art_recsys.platform.embedded.vectors import VectorIndex


def nearest(
    group: Any,  # `FeatureGroup`
    embedding: Any,  # Query vector, as many finite numbers as the index has
    col: Any,  # Name or `Feature` of the embedding; needed where there are several
    k: int | None,  # Neighbours at most
    filter: Any,  # `Filter` or `Logic` that rows must pass before they are counted
) -> list:
    """The body of `FeatureGroup.find_neighbors`. Raises `StoreError` for a query vector of another size"""
    table, index = _vector_index(group, _embedding_of(group, col))
    query = np.asarray(embedding, dtype=np.float32).ravel()
    if query.shape != (index.dim,) or not np.isfinite(query).all():
        raise StoreError(
            f"The query vector has {query.size} numbers, {group.name} takes {index.dim} finite ones.",
            "embed the query with the model that the group was made for",
        )
    rows, scores = index.search(query, int(k or 10), _mask(group, table, filter))
    found = table.take(pa.array(rows, pa.int64())) if len(rows) else table.slice(0, 0)
    columns = [_values(found[name]) for name in group.column_names]
    return [
        (s, [_plain(v) for v in row]) for s, row in zip(map(float, scores), zip(*columns, strict=True), strict=False)
    ]


def _embedding_of(group: Any, col: Any) -> Any:
    embeddings = {} if group.embedding_index is None else {e.name: e for e in group.embedding_index.get_embeddings()}
    col = col.name if isinstance(col, Feature) else col
    if not embeddings:
        raise StoreError(f"The feature group {group.name} has no embedding index.", "create it with embedding_index=")
    if col is None and len(embeddings) > 1:
        raise ValueError("More than 1 embedding columns but col is not defined")
    if col is not None and col not in embeddings:
        raise ValueError(f"feature: {col} is not an embedding feature.")
    return embeddings[col] if col else next(iter(embeddings.values()))


def _vector_index(group: Any, embedding: Any) -> tuple[pa.Table, VectorIndex]:
    """The table and its index, read again when the table has a new version"""
    version = group._delta_version()
    kept = group._vectors.get(embedding.name)
    if kept is None or kept[0] != version:
        table = group.select_all()._arrow().combine_chunks()
        column = table[embedding.name].combine_chunks()
        rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)) if len(table) else np.arange(0)
        flat = column.flatten().to_numpy(zero_copy_only=False) if len(table) else np.empty(0, np.float32)
        file = group._folder / "neighbours" / f"{embedding.name}-{version}.faiss"
        for old in file.parent.glob(f"{embedding.name}-*.faiss"):
            if old != file:
                old.unlink(missing_ok=True)
        vectors = flat.reshape(-1, embedding.dimension)
        index = VectorIndex(vectors, rows, embedding.similarity_function_type, file)
        group._vectors[embedding.name] = kept = version, table, index
    return kept[1:]


def _mask(group: Any, table: pa.Table, condition: Any) -> np.ndarray | None:
    """Which rows a filter lets through"""
    if condition is None:
        return None
    _check_filter(condition, group)
    params: list = []
    con = connect()
    try:
        con.register(
            "rows",
            table.select([f.name for f in group.features if not f.is_complex()]).append_column(
                "row_number", pa.array(np.arange(len(table)))
            ),
        )
        where = filter_sql(condition, lambda f: "rows", params, wildcards=True)
        passed = con.sql(f"SELECT row_number FROM rows WHERE {where}", params=params).fetchnumpy()["row_number"]
    finally:
        con.close()
    mask = np.zeros(len(table), bool)
    mask[np.asarray(passed, dtype=np.int64)] = True
    return mask


def _values(column: pa.ChunkedArray) -> list:
    """A column as Python values; vectors by way of numpy, which is ten times as fast"""
    if pa.types.is_list(column.type) and pa.types.is_floating(column.type.value_type):
        return [None if v is None else v.tolist() for v in column.to_pandas()]
    return column.to_pylist()


def _plain(value: Any) -> Any:
    """A value of a neighbour as the SDK gives it: no NaN, naive UTC times"""
    if isinstance(value, float) and math.isnan(value):
        return None
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") and value.tzinfo is not None else value


def _check_filter(condition: Any, group: Any) -> None:
    if isinstance(condition, Logic):
        for side in (condition.get_left_filter_or_logic(), condition.get_right_filter_or_logic()):
            if side is not None:
                _check_filter(side, group)
    elif not isinstance(condition, Filter) or condition.feature.feature_group_id != group.id:
        raise StoreError(
            f"The filter's feature should be from feature group '{group.name}' version '{group.version}'.",
            f"write it as ({group.name}.some_feature == value)",
        )

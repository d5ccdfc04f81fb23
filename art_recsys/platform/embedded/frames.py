"""The input of a feature group: a pandas frame as Arrow, with the group's types, its keys and its vectors checked"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from hopsworks_common.util import _autofix_feature_name
from hsfs.core.type_systems import _convert_pandas_dtype_to_offline_type

from art_recsys.platform.embedded.base import FrameError, StoreError, Unsupported

_ARROW = {
    "bigint": pa.int64(),
    "int": pa.int32(),
    "smallint": pa.int16(),
    "tinyint": pa.int8(),
    "double": pa.float64(),
    "float": pa.float32(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "binary": pa.binary(),
}


def arrow_type(
    offline_type: str,  # Hopsworks type, for example `array<float>`
) -> pa.DataType:
    """The Arrow type of a Hopsworks type; raises `Unsupported`"""
    t = offline_type.lower().replace(" ", "")
    if t.startswith("array<"):
        return pa.list_(arrow_type(t[6:-1]))
    if t not in _ARROW:
        raise Unsupported(f"the feature type {offline_type}")
    return _ARROW[t]


def to_table(
    group: Any,  # `FeatureGroup`
    df: pd.DataFrame,  # Rows with the columns of the group
) -> pa.Table:
    """A frame as Arrow, its keys and vectors checked; raises `FrameError` or `StoreError`"""
    if not isinstance(df, pd.DataFrame):
        raise FrameError(f"A feature group takes a pandas DataFrame, not {type(df).__name__}.", "convert it first")
    df = df.copy(deep=False)
    df.columns = [_autofix_feature_name(str(c)) for c in df.columns]
    for key in group.primary_key + [group.event_time] * bool(group.event_time):
        if key not in df.columns:
            raise FrameError(
                f"Primary key column {key} is missing in input dataframe."
                if key in group.primary_key
                else f"The event time column {key} is missing in the frame.",
                f"feature group {group.name} needs it",
            )
        if n := int(df[key].isna().sum()):
            what = "Primary key" if key in group.primary_key else "Event time"
            raise FrameError(
                f"{what} column {key} contains null values ({n} of {len(df)} rows; feature group {group.name}).",
                "drop or fix these rows before inserting",
            )
    try:
        table = pa.Table.from_pandas(df, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as e:
        raise FrameError(
            f"The frame for feature group {group.name} mixes types in a column: {e}", "give the column one type"
        ) from None
    return _check_vectors(group, _retyped(table, {f.name: f.type for f in group.features}))


def _check_vectors(group: Any, table: pa.Table) -> pa.Table:
    for e in group.embedding_index.get_embeddings() if group.embedding_index else ():
        if e.name not in table.column_names:
            raise FrameError(
                f"The embedding column {e.name} is missing in the frame.", f"feature group {group.name} needs it"
            )
        column = table[e.name].combine_chunks()
        if not pa.types.is_list(column.type):
            raise StoreError(
                f"{e.name} of feature group {group.name} holds {column.type}, not vectors.",
                "give every row an array of floats",
            )
        sizes = np.diff(column.offsets.to_numpy())[column.is_valid().to_numpy(zero_copy_only=False)]
        if len(wrong := sizes[sizes != e.dimension]):
            raise StoreError(
                f"{e.name} of feature group {group.name} takes vectors of {e.dimension} numbers; "
                f"{len(wrong)} rows have another size (the first has {wrong[0]}).",
                "embed with the model that the group was made for, or raise feature_version",
            )
        if not np.isfinite(column.flatten().to_numpy(zero_copy_only=False)).all():
            raise StoreError(
                f"{e.name} of feature group {group.name} has numbers that are not finite.",
                "drop or fix these rows before inserting",
            )
    return table


def offline_type(
    name: str,  # Name of the column, for messages
    t: pa.DataType,  # Arrow type
) -> str:
    """The Hopsworks type of an Arrow type; raises `StoreError` where a group cannot hold it"""
    try:
        return _convert_pandas_dtype_to_offline_type(t)
    except ValueError:
        raise StoreError(
            f"Feature '{name}' has the type {t}, which a feature group cannot hold.",
            "give it values of one type; an empty list column needs a type, e.g. pd.ArrowDtype(pa.list_(pa.string()))",
        ) from None


def _retyped(table: pa.Table, known: dict[str, str]) -> pa.Table:
    """Columns that are all missing or all empty lists take the group's own type; times become UTC; views go"""
    for i, f in enumerate(table.schema):
        t = f.type
        if f.name in known and (pa.types.is_null(t) or (pa.types.is_list(t) and pa.types.is_null(t.value_type))):
            t = arrow_type(known[f.name])
        elif pa.types.is_timestamp(t):
            t = pa.timestamp("us", "UTC")
        elif pa.types.is_large_string(t) or pa.types.is_string_view(t) or pa.types.is_dictionary(t):
            t = pa.string()
        elif pa.types.is_fixed_size_list(t) or pa.types.is_large_list(t):
            t = pa.list_(t.value_type)
        if t != f.type:
            table = table.set_column(i, f.name, table[f.name].cast(t, safe=not pa.types.is_timestamp(t)))
    return table


def last_of_each(
    table: pa.Table,  # Arrow table
    keys: list[str],  # Names of the key columns
) -> pa.Table:
    """The last row of every key, in order"""
    keep = ~to_pandas(table.select(keys)).duplicated(keep="last").to_numpy()
    return table if keep.all() else table.filter(pa.array(keep))


def to_pandas(
    table: pa.Table,  # Arrow table
) -> pd.DataFrame:
    """Arrow to pandas as the SDK returns it: times in UTC, lists as numpy arrays"""
    return table.to_pandas()


def as_type(
    df: pd.DataFrame,  # A frame
    dataframe_type: str,  # `default` or `pandas`, `numpy`, `python`
) -> Any:
    """A frame in one of the SDK's forms; raises `Unsupported` for others"""
    kind = dataframe_type.lower()
    if kind in ("default", "pandas"):
        return df
    if kind == "numpy":
        return df.to_numpy()
    if kind == "python":
        return df.to_numpy().tolist()
    raise Unsupported(f"dataframe_type='{dataframe_type}'")

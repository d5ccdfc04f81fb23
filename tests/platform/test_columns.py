"""Columns of feature groups have a type even where they are empty."""

import numpy as np
import pandas as pd
import pyarrow as pa

from art_recsys.platform.columns import list_column, schema, typed_strings, vector_column


def test_vectors_and_empty_lists_have_their_type():
    assert [list(v) for v in vector_column(np.eye(2))] == [[1, 0], [0, 1]]
    assert str(vector_column(np.zeros((0, 3))).dtype) == "list<item: float>[pyarrow]"
    assert str(list_column([[], []], pa.string()).dtype) == "list<item: string>[pyarrow]"


def test_strings_of_a_frame_without_rows_are_declared():
    df = pd.DataFrame({"a": pd.Series([], dtype=object), "n": pd.Series([], dtype=float)})
    assert [str(t) for t in typed_strings(df).dtypes] == ["string[pyarrow]", "float64"]
    full = pd.DataFrame({"a": ["x"]})
    assert typed_strings(full) is full


def test_a_schema_has_every_column_and_texts_of_any_length():
    columns = schema({"artwork_id": "id", "title": "text", "year": "number", "tags": "list"}, "vector")
    assert [(f.name, f.type) for f in columns] == [
        ("artwork_id", "string"),
        ("title", "string"),
        ("year", "double"),
        ("tags", "array<string>"),
        ("vector", "array<float>"),
    ]
    assert [f.online_type for f in columns] == [None, "text", None, None, None]

"Sparse rows are the rows of the array, to the last bit"

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import Cols
from art_recsys.language.vectors import as_rows, frame_vectors
from art_recsys.models.sparse_rows import SparseRows
from art_recsys.models.vocabularies import Vocabularies


@pytest.fixture
def whole():
    r = np.random.default_rng(1)
    return np.where(r.random((40, 12)) < 0.2, r.random((40, 12)), 0).astype(np.float32)


@pytest.mark.parametrize("at", [3, slice(4, 9), slice(None), [5, 5, 0], np.array([39, 1]), np.arange(40) % 3 == 0])
def test_rows_are_those_of_the_array(whole, at):
    found = SparseRows(whole)[at]
    assert found.dtype == np.float32 and found.shape == whole[at].shape
    assert found.tobytes() == np.ascontiguousarray(whole[at]).tobytes()


def test_it_looks_like_the_array(whole):
    rows = SparseRows(whole)
    assert (rows.shape, len(rows), rows.dtype, rows.any()) == (whole.shape, 40, whole.dtype, True)
    assert np.asarray(rows).tobytes() == whole.tobytes() and rows.nbytes < whole.nbytes
    assert not SparseRows(np.zeros((3, 2))).any() and len(SparseRows(np.zeros((0, 2)))) == 0


def test_new_rows_come_last_and_changed_ones_are_replaced(whole):
    found = SparseRows(whole).grown(3, np.array([41, 2, 40]), SparseRows(whole[[7, 8, 9]]))
    want = np.concatenate([whole, np.zeros((3, 12), np.float32)])
    want[[41, 2, 40]] = whole[[7, 8, 9]]
    assert np.asarray(found).tobytes() == want.tobytes()


def test_tags_are_the_matrix_that_was_made_before():
    known = ["sea", "ship", "dog", "cat"]
    vocabs = Vocabularies(**{c: [] for c in ("artwork_id", "user_id", *Vocabularies.parts)}, periods=[], tags=known)
    r = np.random.default_rng(2)
    values = [[known[n] for n in r.integers(0, 4, r.integers(0, 5))] for _ in range(50)]
    want = np.zeros((50, 6), np.float32)
    for row, tags in zip(want, values, strict=True):
        row[[1 + known.index(t) for t in tags]] = 1
    want /= np.sqrt(np.maximum(want.sum(1, keepdims=True), 1))
    assert np.asarray(vocabs.tags(values)).tobytes() == want.tobytes()


def test_vectors_that_are_rows_of_one_matrix_are_not_copied():
    matrix = np.random.default_rng(3).random((9, 4)).astype(np.float32)
    frame = pd.DataFrame({"id": range(9), Cols.text_embedding: list(matrix)})
    found, has = frame_vectors(frame, Cols.text_embedding)
    assert np.shares_memory(found, matrix) and has.all() and not found.flags.writeable
    for other in (frame.iloc[::-1], frame.iloc[:5], frame.assign(**{Cols.text_embedding: [*matrix[:8], matrix[0]]})):
        copied = frame_vectors(other, Cols.text_embedding)[0]
        assert not np.shares_memory(copied, matrix)
        np.testing.assert_array_equal(copied, np.stack(list(other[Cols.text_embedding])))
    rows = as_rows([[1, 2], np.array([3.0, 4.0])])
    assert np.shares_memory(frame_vectors(pd.DataFrame({"v": rows}), "v")[0], rows[0])
    assert [len(v) for v in as_rows([[1], [2, 3]])] == [1, 2] and as_rows([]) == []
    matrix[2, 1] = np.nan
    found = frame_vectors(frame, Cols.text_embedding)[0]
    assert found[2, 1] == 0 and not np.shares_memory(found, matrix)

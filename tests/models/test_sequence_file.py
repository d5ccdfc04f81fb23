"Sequences in a file: the batches of those in memory; with a small buffer, every like once, and the same again"

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from art_recsys.core import Cols
from art_recsys.models.sequence_file import SequenceFile, write_sequences
from art_recsys.models.sequences import Sequences

USERS, WORKS = [f"u{n:03}" for n in range(120)], [f"w{n:03}" for n in range(90)]
ASK = (7, 64, np.arange(1, 91), np.arange(1, 121))  # width, batch size, rows of artworks and of users


@pytest.fixture
def liked():
    r = np.random.default_rng(4)
    rows = [(u, w) for u in USERS[3:] for w in r.choice(WORKS, r.integers(1, 40), False)]
    return pd.DataFrame(rows, columns=[Cols.user_id, Cols.artwork_id])


@pytest.fixture
def file(liked, tmp_path):
    user, work = (pd.Index(i).get_indexer(liked[c]) for i, c in ((USERS, Cols.user_id), (WORKS, Cols.artwork_id)))
    table = pa.table({"user": user, "work": work})
    write_sequences(table.to_batches(max_chunksize=37), tmp_path / "sequences.parquet", 200)
    return tmp_path / "sequences.parquet"


def labels_of(batch):
    "(user, artwork) of each step"
    return [
        (int(batch["users"][w]), int(batch["works"][at]))
        for w, at in zip(batch["windows"], batch["labels"], strict=False)
    ]


def test_a_row_group_ends_where_the_likes_of_a_user_end(liked, file):
    with pq.ParquetFile(file) as f:
        groups = [f.read_row_group(n)["user"].to_numpy() for n in range(f.num_row_groups)]
    assert len(groups) > 5 and all(200 <= len(g) < 240 for g in groups[:-1])
    assert all(a[-1] < b[0] for a, b in pairwise(groups))
    assert sum(map(len, groups)) == len(liked)


@pytest.mark.parametrize("shuffle", [False, True])
def test_where_all_fits_into_the_buffer_the_batches_are_those_of_memory(liked, file, shuffle):
    memory, disk = Sequences(liked, USERS, WORKS), SequenceFile(file, len(WORKS), 99)
    assert memory.steps(64, 7) == disk.steps(64, 7)
    for mine, its in zip(
        *(s.batches(5, *ASK, seed=3, shuffle=shuffle) for s in (memory, disk)),
        strict=True,
    ):
        assert mine.keys() == its.keys()
        for c in mine:
            np.testing.assert_array_equal(mine[c], its[c], c)


@pytest.mark.parametrize("buffer", [1, 3])
def test_with_a_small_buffer_every_like_is_a_label_once_and_the_users_other_likes_are_known(liked, file, buffer):
    seqs, orders = SequenceFile(file, len(WORKS), buffer), []
    user, work = (pd.Index(i).get_indexer(liked[c]) for i, c in ((USERS, Cols.user_id), (WORKS, Cols.artwork_id)))
    all_likes = sorted(zip(user.tolist(), work.tolist(), strict=True))
    likes = set(all_likes)
    for epoch in range(2):
        batches = list(seqs.batches(epoch, *ASK, seed=3))
        assert len(batches) == seqs.steps(64, 7) == Sequences(liked, USERS, WORKS).steps(64, 7)
        labels = [pair for b in batches for pair in labels_of(b)]
        assert sorted(labels) == all_likes
        for b in batches:
            known = [[(int(u), int(b["works"][at])) in likes for at in b["labels"]] for u in b["users"]]
            assert b["known"].tolist() == known
        orders.append(labels)
    assert orders[0] != orders[1]


def test_the_batches_of_an_epoch_depend_on_the_seed_and_the_epoch_alone(file):
    "A training that was interrupted goes on with the batches that it would have had"
    whole, again = SequenceFile(file, len(WORKS), 2), SequenceFile(file, len(WORKS), 2)
    for _ in whole.batches(0, *ASK, seed=3):
        pass
    for mine, its in zip(whole.batches(1, *ASK, seed=3), again.batches(1, *ASK, seed=3), strict=True):
        for c in mine:
            np.testing.assert_array_equal(mine[c], its[c], c)
    first = next(again.batches(1, *ASK, seed=4))
    assert labels_of(first) != labels_of(next(again.batches(1, *ASK, seed=3)))


def test_no_more_than_the_buffer_is_read_at_once(file, monkeypatch):
    seqs, sizes = SequenceFile(file, len(WORKS), 2), []
    read = SequenceFile.part
    monkeypatch.setattr(SequenceFile, "part", lambda self, groups: sizes.append(len(groups)) or read(self, groups))
    assert len(list(seqs.batches(0, *ASK, seed=1))) == seqs.steps(64, 7)
    assert max(sizes) == 2 and sum(sizes) == seqs.groups > 4

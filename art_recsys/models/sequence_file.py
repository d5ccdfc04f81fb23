"""Likes as sequences in a Parquet file, read in row groups: what a training does where there are too many for memory.

A row group holds all likes of some users, so a window never crosses its edge, and what a user likes at any time is
known where the user's windows are. In each epoch the row groups come in a random order. `BUFFER` of them are in memory
at once, and the windows of these are shuffled among each other. What a batch then still needs is carried over to the
next ones. Where all row groups fit into the buffer, the batches are those of `Sequences`, to the last number.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from art_recsys.config import write_atomic

from .sequences import Sequences

__all__ = ["BUFFER", "GROUP", "SequenceFile", "write_sequences"]

GROUP = 2**17  # likes in a row group, and those of its last user
BUFFER = 8  # row groups in memory at once: a million likes
SCHEMA = pa.schema({"user": pa.int32(), "work": pa.int32()})


def write_sequences(
    batches: Iterable[pa.RecordBatch],  # `user, work`, int32: by user, and the likes of each user oldest first
    file: Path,  # Parquet
    group: int = GROUP,  # likes in a row group, at least
) -> None:
    "Write row groups that end where the likes of a user end"
    left = pa.table({c: pa.array([], pa.int32()) for c in SCHEMA.names}, SCHEMA)
    with write_atomic(file) as p, pq.ParquetWriter(p, SCHEMA) as out:
        for batch in batches:
            left = pa.concat_tables([left, pa.Table.from_batches([batch]).cast(SCHEMA)]).combine_chunks()
            user = left["user"].to_numpy()
            ends = np.flatnonzero(np.diff(user)) + 1  # the last user may go on in the next batch
            while len(ends) and ends[-1] >= group:
                end = int(ends[np.searchsorted(ends, group)])
                out.write_table(left.slice(0, end), row_group_size=end)
                left, ends = left.slice(end), ends[ends > end] - end
        if len(left):
            out.write_table(left, row_group_size=len(left))


class SequenceFile(Sequences):
    """The likes of each user in order, from a file.

    In memory are counts per artwork (`share`, `live`), and the row groups of the buffer while batches are made.
    """

    def __init__(
        self,
        file: Path,  # from `write_sequences`
        works: int,  # how many artworks there are
        buffer: int = BUFFER,  # row groups in memory at once
    ):
        self.file, self.buffer, count = file, buffer, np.zeros(works, np.int64)
        with pq.ParquetFile(file) as f:
            self.groups, self.likes = f.num_row_groups, f.metadata.num_rows
            for n in range(self.groups):
                count += np.bincount(f.read_row_group(n, ["work"])["work"].to_numpy(), minlength=works)
        self.share = count / max(1, self.likes)
        self.live = np.flatnonzero(self.share)

    def part(
        self,
        groups: np.ndarray,  # numbers of row groups
    ) -> Sequences:
        "The likes of these row groups"
        with pq.ParquetFile(self.file) as f:
            rows = f.read_row_groups([int(n) for n in groups])
        user, works = (rows[c].to_numpy() for c in SCHEMA.names)
        ends = np.append(np.flatnonzero(np.diff(user)) + 1, len(user))
        first = np.append(0, ends[:-1])
        return self._of(user[first], ends - first, works)

    def _of(self, users: np.ndarray, length: np.ndarray, works: np.ndarray) -> Sequences:
        out = object.__new__(Sequences)
        out.users, out.length, out.works = users, length, works
        out.start, out.likes = np.cumsum(length) - length, len(works)
        out.share, out.live = self.share, self.live
        return out

    def _joined(
        self, old: Sequences, rest: np.ndarray, new: Sequences, windows: np.ndarray
    ) -> tuple[Sequences, np.ndarray]:
        "The users of `rest`, some windows of `old`, before those of `new`; and all windows of both"
        kept, user = np.unique(rest[:, 0], return_inverse=True)
        likes = [old.works[old.start[u] : old.start[u] + old.length[u]] for u in kept]
        both = self._of(
            np.concatenate([old.users[kept], new.users]),
            np.concatenate([old.length[kept], new.length]),
            np.concatenate([*likes, new.works]),
        )
        carried, fresh = rest.copy(), windows.copy()
        carried[:, 0], fresh[:, 0] = user, windows[:, 0] + len(kept)
        return both, np.concatenate([carried, fresh])

    def window_groups(
        self, size: int, width: int, r: np.random.Generator, shuffle: bool
    ) -> Iterator[tuple[Sequences, np.ndarray]]:
        "As `Sequences.window_groups`, from the row groups of the buffer"
        order = np.arange(self.groups) if self.groups <= self.buffer else r.permutation(self.groups)
        seqs, rest, step, before = None, np.zeros((0, 3), np.int64), 0, 0  # `before`: likes in the batches so far
        for a in range(0, self.groups, self.buffer):
            part = self.part(order[a : a + self.buffer])
            part = part.shuffled(r) if shuffle else part
            windows = part.windows(width, r)
            seqs, windows = (part, windows) if seqs is None else self._joined(seqs, rest, part, windows)
            ends = before + np.cumsum(windows[:, 2] - windows[:, 1])
            done, last = 0, a + self.buffer >= self.groups
            while step < int(np.ceil(self.likes / size)):
                at = int(np.searchsorted(ends, (step + 1) * size, "right"))
                if at == len(windows) and not last:  # the next row groups have more for this batch
                    break
                if at > done:
                    yield seqs, windows[done:at]
                done, step = at, step + 1
            rest = windows[done:]
            before = int(ends[done - 1]) if done else before

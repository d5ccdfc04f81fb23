"""Likes as sequences: cut into windows, packed into batches, and the last of them as examples for validation."""

import copy
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pandas as pd
import tensorflow as tf

from art_recsys.config import UserError, rng
from art_recsys.core import Cols, positives, split_by_time
from art_recsys.language.texts import counted

__all__ = [
    "ENOUGH",
    "Sequences",
    "as_dataset",
    "check_likes",
    "drawn_rows",
    "examples_of",
    "held_out_likes",
    "next_like_examples",
    "padded_histories",
]

STEPS = 40  # batches per epoch, where that leaves `LEAST` likes in each
LEAST = 32
ENOUGH = 20  # likes; of fewer, none are held out


def check_likes(
    events: pd.DataFrame,  # Normalised
) -> None:
    "Raise `UserError` for a log without likes that stand, or with all of them at one time"
    likes = positives(events)
    if likes.empty:
        kinds = ", ".join(f"{n} x {kind}" for kind, n in events[Cols.event].value_counts().items()) or "none at all"
        raise UserError(
            f"There is no like to learn from among the events: {kinds}.",
            "give events of the kind like (or click) that are not taken back (--events), and run again: art-recsys run",
        )
    if likes[Cols.ts].nunique() == 1:
        raise UserError(
            f"{counted(len(likes), 'like')} at one time, {likes[Cols.ts].iloc[0]:%Y-%m-%d %H:%M:%S} UTC: there is "
            "nothing earlier to learn from and nothing later to measure with.",
            "give events with the times at which they happened in ts (--events), and run again: art-recsys run",
        )


class Sequences:
    """The likes of each user in order, and batches of them.

    Every like is a label once per epoch. A history is cut into windows; each step of a window has to find the like
    that came next. Where the cuts fall is drawn anew every epoch. A window that begins in the middle of a history sees
    nothing before it, so the model also learns from short histories.
    """

    def __init__(
        self,
        liked: pd.DataFrame,  # `user_id, artwork_id`, oldest first
        users: list[str],  # all user ids; a user index is a position in it
        works: list[str] | np.ndarray,  # all artwork ids; an item index is a position in it
    ):
        n = len(works)
        pairs = (users, Cols.user_id), (works, Cols.artwork_id)
        u, i = (pd.Index(ids).get_indexer(liked[c]) for ids, c in pairs)
        order = np.argsort(u, kind="stable")
        self.users, self.start, self.length = np.unique(u[order], return_index=True, return_counts=True)
        self.works = i[order].astype(np.int32)
        self.likes = len(i)
        self.share = np.bincount(i, minlength=n) / max(1, len(i))
        self.live = np.flatnonzero(self.share)

    def size(
        self,
        batch_size: int,  # labels at most
        width: int,  # likes per window at most
    ) -> int:
        "Labels per batch: few likes make smaller batches, and no window is longer, so every epoch has as many batches"
        return max(width, min(batch_size, max(LEAST, self.likes // STEPS)))

    def steps(self, batch_size: int, width: int) -> int:
        "Batches per epoch, with `batch_size` and `width` as for `size`"
        return int(np.ceil(self.likes / self.size(batch_size, width)))

    def shuffled(self, r: np.random.Generator) -> Self:
        "The same likes, those of each user in a random order that `r` draws"
        out = copy.copy(self)
        user = np.repeat(np.arange(len(self.length)), self.length)
        out.works = self.works[np.lexsort((r.random(len(self.works)), user))]
        return out

    def windows(
        self,
        width: int,  # likes per window at most
        r: np.random.Generator,  # draws the cuts and the order
    ) -> np.ndarray:  # int64, one row per window: position in `users`, first like, end
        "All likes, each in one window; the cuts are random, and so is the order"
        long, first = self.length > width, np.full(len(self.length), width)
        first[long] = r.integers(0, width, long.sum())
        first[first == 0] = width  # where the first window of a user ends, if the history is that long
        first = np.minimum(first, self.length)
        count = 1 + -((first - self.length) // width)
        user = np.repeat(np.arange(len(count)), count)
        end = first[user] + width * (np.arange(len(user)) - np.repeat(np.cumsum(count) - count, count))
        begin = np.maximum(end - width, 0)
        begin[np.cumsum(count) - count] = 0
        out = np.stack([user, begin, np.minimum(end, self.length[user])], 1).astype(np.int64)
        return out[r.permutation(len(out))]

    def likes_of(
        self,
        users: np.ndarray,  # m positions in `users`
        works: np.ndarray,  # item indices, ascending, each once: those of a batch
    ) -> np.ndarray:  # bool, m x works
        "Which of these works these users like; costs as much as the users have likes, however large the catalogue is"
        size = self.length[users]
        row = np.repeat(np.arange(len(users)), size)
        item = self.works[np.arange(size.sum()) + np.repeat(self.start[users] - np.cumsum(size) + size, size)]
        at = np.minimum(np.searchsorted(works, item), len(works) - 1)
        out, here = np.zeros((len(users), len(works)), bool), works[at] == item
        out[row[here], at[here]] = True
        return out

    def pack(
        self,
        group: np.ndarray,  # some rows of `windows`
        id_rows: np.ndarray,  # row of each artwork in the table of artworks
        user_rows: np.ndarray,  # row of each user in the table of users
        extra: int,  # artworks drawn at random as further negatives
        drop: float,  # share of artworks whose own row is hidden
        r: np.random.Generator,  # draws the random artworks and what is hidden
    ) -> dict[str, np.ndarray]:
        """One batch: the windows of `group`, their labels, then the random artworks as further labels.

        `works`: item index of every artwork in the batch; `history` and `labels` are positions in it. `moments`: for
        each like among the labels, the position of its query among the flattened windows; `windows`: its window.
        `id_rows`, `user_rows`: rows of artworks and users in their tables, 0 where hidden. `known`: bool, windows x
        labels, whether the user of the window likes the label's artwork at any time. `share`: share of all likes of
        each label's artwork. `random`: probability that one draw gives a certain artwork.
        """
        size = group[:, 2] - group[:, 1]
        width = int(size.max())
        grid = self.start[group[:, 0]][:, None] + group[:, 1][:, None] + np.arange(width)
        inside = np.arange(width) < size[:, None]
        liked = self.works[np.minimum(grid, len(self.works) - 1)]
        labels = np.concatenate([liked[inside], self.live[r.integers(0, len(self.live), extra)]])
        works, at = np.unique(np.concatenate([labels, liked.ravel()]), return_inverse=True)
        u, moments = self.users[group[:, 0]], np.nonzero(inside.ravel())[0]
        whole = {
            "works": works,
            "id_rows": np.where(r.random(len(works)) < drop, 0, id_rows[works]),
            "users": u,
            "user_rows": np.where(r.random(len(u)) < 0.5, 0, user_rows[u]),
            "history": at[len(labels) :].reshape(liked.shape)[:, :-1],
            "moments": moments,
            "windows": moments // width,
            "labels": at[: len(labels)],
        }
        about = {
            "known": self.likes_of(group[:, 0], works)[:, at[: len(labels)]],
            "share": self.share[labels],
            "random": 1 / len(self.live),
        }
        return {k: v.astype(np.int32) for k, v in whole.items()} | about

    def window_groups(
        self,
        size: int,  # labels per batch, from `size`
        width: int,  # likes per window at most
        r: np.random.Generator,  # draws the windows and their order
        shuffle: bool,  # draw the order of each user's likes anew
    ) -> Iterator[tuple["Sequences", np.ndarray]]:  # the sequences, and some of their `windows`
        "The windows of an epoch, those of one batch after the other"
        seqs = self.shuffled(r) if shuffle else self
        windows = seqs.windows(width, r)
        ends = np.cumsum(windows[:, 2] - windows[:, 1])
        steps = np.arange(1 + int(np.ceil(ends[-1] / size)))
        for a, b in pairwise(np.searchsorted(ends, steps * size, "right")):
            if b > a:
                yield seqs, windows[a:b]

    def batches(
        self,
        epoch: int,  # its random numbers depend on it and on the seed alone
        width: int,  # likes per window at most
        batch_size: int,  # likes per batch at most, and as many random artworks
        id_rows: np.ndarray,  # as for `pack`
        user_rows: np.ndarray,  # as for `pack`
        seed: int,  # of the training
        drop: float = 0.1,  # as for `pack`
        shuffle: bool = False,  # draw the order of each user's likes anew: where the order has no meaning
    ) -> Iterator[dict[str, Any]]:
        "The batches of one epoch; every like is a label once"
        r = rng(seed, "epoch", epoch)
        for seqs, group in self.window_groups(self.size(batch_size, width), width, r, shuffle):
            yield seqs.pack(group, id_rows, user_rows, batch_size, drop, r)


def as_dataset(
    make: Callable[
        [], Iterator[dict[str, Any]]
    ],  # a function without arguments: an iterator over the batches of the next epoch
    steps: int,  # batches per epoch: Keras must know it, or it asks for one batch too many
    works: Mapping[str, Any],  # what the candidate tower reads: column -> rows of all artworks
    users: Mapping[str, Any],  # what the query tower reads of users: column -> rows of all users
) -> tf.data.Dataset:
    "Batches of `Sequences` as Keras reads them, with `mask`, `probability`, and their rows: `artworks` and `profiles`"
    flat, read = ("works", "moments", "labels"), {"artworks": works, "profiles": users}

    def with_rows(b: dict[str, Any]) -> dict[str, Any]:
        return b | {
            "artworks": {c: v[b["works"]] for c, v in works.items()} | {Cols.artwork_id: b["id_rows"]},
            "profiles": {c: v[b["users"]] for c, v in users.items()} | {Cols.user_id: b["user_rows"]},
        }

    def rows(v: Any) -> tf.TensorSpec:
        return tf.TensorSpec([None, *v.shape[1:]], v.dtype)

    spec: dict[str, Any] = dict.fromkeys(flat, tf.TensorSpec([None], tf.int32)) | {
        **{part: {c: rows(v) for c, v in columns.items()} for part, columns in read.items()},
        "history": tf.TensorSpec([None, None], tf.int32),
        "mask": tf.TensorSpec([None, None], tf.bool),
        "probability": tf.TensorSpec([None], tf.float32),
    }
    data = tf.data.Dataset.from_generator(
        lambda: ({k: b[k] for k in spec} for b in map(with_rows, make())), output_signature=spec
    )
    return data.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(2)


def held_out_likes(
    events: pd.DataFrame,  # normalised
    share: float,  # of the likes, the latest ones
) -> tuple[pd.DataFrame, pd.DataFrame]:  # the earlier events; the likes after them, none where the log is too short
    "Cut the log at one time: what a model learns from, and the likes that it is asked for"
    early, liked = split_by_time(events, share)[0], positives(events)
    enough = len(liked) >= ENOUGH and len(positives(early))
    return early, liked[liked[Cols.ts] > early[Cols.ts].max()] if enough else liked.iloc[:0]


def next_like_examples(
    early: pd.DataFrame,  # `user_id, artwork_id`, oldest first
    late: pd.DataFrame,  # the same, all later
    item_index: dict[str, int],  # artwork id -> row number
    seed: int,  # of the choice of `n`
    n: int = 2000,  # at most so many, drawn at random
) -> tuple[list[list[int]], np.ndarray, np.ndarray]:  # histories of item indices, item indices, rows of `late`
    "Examples for validation: each later like, and what its user liked before it"
    pick = drawn_rows(len(late), seed, n)
    asked = late[Cols.user_id].iloc[pick].unique()
    known, later = (df[df[Cols.user_id].isin(asked)] for df in (early, late.assign(row=np.arange(len(late)))))
    return *examples_of(known, later, item_index, pick), pick


def drawn_rows(
    rows: int,  # how many there are
    seed: int,  # of the choice
    n: int = 2000,  # at most so many are drawn
) -> np.ndarray:  # ascending
    "The later likes that become examples"
    return np.sort(rng(seed, "held out").permutation(rows)[:n])


def examples_of(
    known: pd.DataFrame,  # `user_id, artwork_id`, oldest first: the earlier likes of the users who are asked for
    later: pd.DataFrame,  # the same and `row`: their later likes
    item_index: dict[str, int],  # artwork id -> row number
    pick: np.ndarray,  # the `row` of those that are asked for, ascending
) -> tuple[list[list[int]], np.ndarray]:  # histories of item indices, item indices
    "Each later like that was picked, and what its user liked before it"
    past = known.groupby(Cols.user_id)[Cols.artwork_id].agg(lambda s: [item_index[a] for a in s]).to_dict()
    picked, history, items = set(pick.tolist()), [], []
    for user, artwork, row in zip(later[Cols.user_id], later[Cols.artwork_id], later["row"], strict=True):
        if row in picked:
            history.append(list(past.get(user, [])))
            items.append(item_index[artwork])
        past.setdefault(user, []).append(item_index[artwork])
    return history, np.array(items)


def padded_histories(
    histories: list[list[int]],  # item indices, oldest first
    width: int,  # the last so many are read
) -> tuple[np.ndarray, np.ndarray]:  # int64, n x width, zeros behind; and int32, n: how many are real
    "Histories of unlike length as one matrix"
    liked, length = (
        np.zeros((len(histories), width), np.int64),
        np.array([min(len(h), width) for h in histories], np.int32),
    )
    for row, h in enumerate(histories):
        liked[row, : length[row]] = h[len(h) - length[row] :]
    return liked, length

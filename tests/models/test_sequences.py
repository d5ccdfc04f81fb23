"Sequences: every like once, nothing of the future, as many batches in every epoch"

import tracemalloc

import numpy as np
import pandas as pd

from art_recsys.core import Cols, positives
from art_recsys.models.sequences import Sequences, held_out_likes, next_like_examples, padded_histories
from tests.two_tastes import museum


def test_no_step_sees_its_label_or_a_later_like():
    r = np.random.default_rng(1)
    liked = pd.DataFrame(
        [(f"u{u}", f"w{w}") for u in range(9) for w in r.choice(30, r.integers(1, 20), False)],
        columns=[Cols.user_id, Cols.artwork_id],
    )
    users, works = [f"u{n}" for n in range(9)], [f"w{n}" for n in range(30)]
    order, labels = liked.groupby(Cols.user_id)[Cols.artwork_id].agg(list), []
    for b in Sequences(liked, users, works).batches(3, 7, 16, np.arange(1, 31), np.arange(1, 10), seed=5):
        width = b["history"].shape[1] + 1
        for n, m in enumerate(b["moments"]):
            user, at = users[b["users"][m // width]], m % width
            label = works[b["works"][b["labels"][n]]]
            knows = [works[b["works"][h]] for h in b["history"][m // width][:at]]
            index = order[user].index(label)
            assert knows == order[user][index - at : index]  # exactly what came just before, never the label or later
            known = b["known"][b["windows"][n]]
            assert users[b["users"][b["windows"][n]]] == user and known[n]
            assert [works[b["works"][label]] in order[user] for label in b["labels"]] == known.tolist()
            labels.append((user, label))
    assert sorted(labels) == sorted(liked.itertuples(index=False, name=None))


def test_every_epoch_has_as_many_batches():
    "Keras takes the first epoch's number for all and would stop training at a shorter one"
    r = np.random.default_rng(2)
    liked = pd.DataFrame(
        [(f"u{u}", f"w{w}") for u in range(40) for w in r.choice(90, r.integers(1, 80), False)],
        columns=[Cols.user_id, Cols.artwork_id],
    )
    seqs = Sequences(liked, [f"u{n}" for n in range(40)], [f"w{n}" for n in range(90)])
    counts = {sum(1 for _ in seqs.batches(e, 51, 32, np.arange(1, 91), np.arange(1, 41), seed=3)) for e in range(12)}
    assert counts == {int(np.ceil(len(liked) / 51))}


def test_shuffling_keeps_every_like_of_every_user():
    works, users, events = museum()
    seqs = Sequences(events, users[Cols.user_id].tolist(), works[Cols.artwork_id].tolist())
    mixed = seqs.shuffled(np.random.default_rng(3))
    of = lambda s: [s.works[a : a + n].tolist() for a, n in zip(s.start, s.length, strict=False)]  # noqa: E731
    assert of(seqs) != of(mixed) and [sorted(w) for w in of(seqs)] == [sorted(w) for w in of(mixed)]
    assert of(mixed) == of(seqs.shuffled(np.random.default_rng(3)))


def test_examples_see_what_came_before_them_and_no_more():
    likes = pd.DataFrame({Cols.user_id: list("aabab"), Cols.artwork_id: list("vwxyz")})
    index = {a: n for n, a in enumerate("vwxyz")}
    history, item, rows = next_like_examples(likes.iloc[:2], likes.iloc[2:], index, seed=1)
    assert (history, item.tolist(), rows.tolist()) == ([[], [0, 1], [2]], [2, 3, 4], [0, 1, 2])
    assert len(next_like_examples(likes.iloc[:2], likes.iloc[2:], index, seed=1, n=2)[0]) == 2


def test_the_last_likes_of_a_long_history_are_kept():
    liked, length = padded_histories([[5, 6, 7], [], [8]], 2)
    assert liked.tolist() == [[6, 7], [0, 0], [8, 0]] and length.tolist() == [2, 0, 1]
    assert padded_histories([[5], []], 0)[0].shape == (2, 0)


def test_the_latest_likes_are_held_out_and_none_of_a_short_log():
    _, _, events = museum()
    early, late = held_out_likes(events, 0.1)
    likes = positives(events)
    assert 0 < len(late) < 0.2 * len(likes) and late[Cols.ts].min() > early[Cols.ts].max()
    parts = [set(zip(e[Cols.user_id], e[Cols.artwork_id], strict=True)) for e in (positives(early), late, likes)]
    assert parts[0] | parts[1] == parts[2] and not parts[0] & parts[1]
    short = events[events[Cols.ts] <= likes[Cols.ts].iloc[18]]
    assert len(positives(short)) == 19 and held_out_likes(short, 0.1)[1].empty


def test_a_batch_costs_what_is_in_it_and_not_what_is_in_the_catalogue():
    "A table of windows x artworks would have 60 million cells here, and these batches a few thousand"
    users, works = [f"u{n}" for n in range(60)], [f"w{n:07}" for n in range(10**6)]
    r = np.random.default_rng(6)
    liked = pd.DataFrame(
        [(u, works[w]) for u in users for w in r.integers(0, 10**6, 20)], columns=[Cols.user_id, Cols.artwork_id]
    )
    seqs = Sequences(liked, users, works)
    rows = np.arange(10**6), np.arange(60)
    tracemalloc.start()
    batch = next(seqs.batches(0, 51, 512, *rows, seed=1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5e6 and batch["known"].any()

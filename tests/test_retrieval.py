"The towers: what no notebook cell says on its own"

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from art_recsys.config import UserError
from art_recsys.core import Cols, as_artworks
from art_recsys.retrieval import (
    ARTWORK_FEATURES,
    BruteForceExcluding,
    Pool,
    Sequences,
    TwoTower,
    ValidationCallback,
    Vocabularies,
    top_k,
)

DAY = 86_400


def museum(n_users=60, n_works=40, likes=8, seed=0):
    "Two tastes: even users like works of the first half, odd ones of the second; vectors know nothing of it"
    r = np.random.default_rng(seed)
    works = pd.DataFrame(
        {
            Cols.artwork_id: [f"w{n}" for n in range(n_works)],
            Cols.title: [f"work {n}" for n in range(n_works)],
            Cols.artist: [f"artist {n % 7}" for n in range(n_works)],
            Cols.text_embedding: list(r.normal(size=(n_works, 8)).astype("float32")),
        }
    )
    users = pd.DataFrame(
        {Cols.user_id: [f"u{n}" for n in range(n_users)], Cols.age: [20 + n % 50 for n in range(n_users)]}
    )
    rows = [
        (f"u{u}", f"w{w + (u % 2) * n_works // 2}", int(t))
        for u in range(n_users)
        for w, t in zip(r.choice(n_works // 2, likes, False), sorted(r.integers(0, 100 * DAY, likes)))
    ]
    events = pd.DataFrame(rows, columns=[Cols.user_id, Cols.artwork_id, Cols.ts])
    return works, users, events.assign(**{Cols.event: "like", Cols.event_id: [str(n) for n in range(len(rows))]})


SMALL = dict(dim=16, history_length=6, epochs=8, batch_size=64, learning_rate=0.01, text_model=None)


@pytest.fixture(scope="module")
def fitted():
    return TwoTower(**SMALL).fit(*museum())


def half(ids):
    return np.array([int(a[1:]) >= 20 for a in ids])


def test_it_learns_two_tastes(fitted):
    for first in (True, False):
        history = [f"w{n + 20 * (not first)}" for n in range(4)]
        ids, scores = fitted.retrieve([{"history": history}], 10, [set(history)])
        assert (half(ids[0]) != first).mean() >= 0.9
        assert (np.diff(scores[0]) <= 0).all()


def test_recommend_has_the_common_form_and_leaves_out_what_was_seen(fitted):
    events = museum()[2]
    recs = fitted.recommend(["u0", "u1", "nobody"], 5)
    assert list(recs) == [Cols.user_id, Cols.artwork_id, Cols.score, Cols.rank]
    assert recs[Cols.rank].tolist() == [1, 2, 3, 4, 5] * 3
    liked = set(zip(events[Cols.user_id], events[Cols.artwork_id]))
    assert not liked & set(zip(recs[Cols.user_id], recs[Cols.artwork_id]))
    everything = fitted.recommend(["u0"], 1000)
    assert len(everything) == 40 - 8
    assert len(fitted.recommend(["u0"], 1000, exclude_seen=False)) == 40


def test_a_hidden_or_taken_back_work_does_not_come_back(fitted):
    works, users, events = museum()
    best = fitted.recommend(["u0"], 1)[Cols.artwork_id][0]
    more = pd.DataFrame(
        [{Cols.event_id: "x", Cols.user_id: "u0", Cols.artwork_id: best, Cols.event: "hide", Cols.ts: 200 * DAY}]
    )
    fitted.remember(users, pd.concat([events, more]))
    assert best not in set(fitted.recommend(["u0"], 40)[Cols.artwork_id])
    fitted.remember(users, events)


def test_same_seed_same_numbers(fitted):
    again = TwoTower(**SMALL).fit(*museum())
    pd.testing.assert_frame_equal(again.log, fitted.log)
    np.testing.assert_array_equal(again.candidates, fitted.candidates)


def test_a_fresh_process_gives_identical_scores(fitted, tmp_path):
    fitted.save(tmp_path / "query")
    asks = [{}, {"history": ["w3", "w1", "gone"]}, {"user_id": "u5", "age": 30, "gender": "F", "history": ["w2"]}]
    ids, scores = fitted.retrieve(asks, 7)
    code = (
        "import sys, json; from art_recsys.retrieval import TwoTower; m = TwoTower.load(sys.argv[1]);"
        "i, s = m.retrieve(json.loads(sys.argv[2]), 7); print(json.dumps([i.tolist(), s.tolist()]))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "query"), json.dumps(asks)],
        capture_output=True,
        text=True,
        check=True,
    )
    other_ids, other_scores = json.loads(out.stdout.strip().splitlines()[-1])
    assert other_ids == ids.tolist()
    assert other_scores == scores.tolist()


def test_after_loading_it_can_be_told_whom_to_recommend_to(fitted, tmp_path):
    works, users, events = museum()
    fitted.save(tmp_path / "query")
    loaded = TwoTower.load(tmp_path / "query", depth=1)
    pd.testing.assert_frame_equal(
        loaded.remember(users, events).recommend(["u0", "u1"], 5), fitted.recommend(["u0", "u1"], 5)
    )
    assert loaded.cut == fitted.cut == fitted.base.until and loaded.base.base is None
    np.testing.assert_array_equal(loaded.base.candidates, fitted.base.candidates)
    assert TwoTower.load(tmp_path / "query").base is None


def test_it_carries_on_over_new_works_users_and_likes(fitted, tmp_path):
    works, users, events = museum()
    works = pd.concat(
        [works.iloc[::-1], works.iloc[:1].assign(artwork_id="w99")], ignore_index=True
    )  # another order, one more
    more = pd.DataFrame(
        [
            {
                Cols.event_id: f"n{u}",
                Cols.user_id: f"new{u}",
                Cols.artwork_id: a,
                Cols.event: "like",
                Cols.ts: 110 * DAY + u,
            }
            for u in range(12)
            for a in ("w99", f"w{u}")
        ]
    ).assign(event_id=lambda d: d.index.astype(str) + "n")
    later = pd.concat([events, more])
    before = fitted.candidates.copy()
    fitted.save(tmp_path / "query")
    both = [m.fit_partial(works, users, later) for m in (fitted, TwoTower.load(tmp_path / "query"))]
    np.testing.assert_array_equal(both[0].candidates, both[1].candidates)  # from memory or from files
    np.testing.assert_array_equal(fitted.candidates, before)
    new = both[0]
    assert {"w99"} <= set(new.vocabs.kept[Cols.artwork_id]) and "new3" in new.vocabs.kept[Cols.user_id]
    assert list(new.base.candidate_ids) == list(new.candidate_ids) == works[Cols.artwork_id].tolist()
    kept = [new.base.item_index[a] for a in fitted.candidate_ids]
    np.testing.assert_allclose(new.base.candidates[kept], fitted.candidates, atol=1e-6)
    assert new.cut == fitted.until < new.until
    ids, _ = new.retrieve([{"history": ["w1", "w2"]}], 21, [{"w1", "w2"}])  # what it knew it still knows
    assert (half(ids[0][:10]) == 0).mean() >= 0.9 and "w99" in ids[0]


def test_an_answer_does_not_depend_on_who_else_asks(fitted):
    asks = [{"history": [f"w{n}"]} for n in range(20)]
    together, alone = fitted.query(asks), np.concatenate([fitted.query([a]) for a in asks])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_vectors_are_finite_and_of_unit_length(fitted):
    for v in (
        fitted.candidates,
        fitted.query([{}, {"history": ["w1"]}, {"age": float("nan"), "gender": None, "description": ""}]),
    ):
        assert v.dtype == np.float32 and np.isfinite(v).all()
        np.testing.assert_allclose(np.linalg.norm(v, axis=1), 1, atol=1e-5)


class PowerCut(Exception):
    pass


def cut_after(monkeypatch, epochs: int, part: str):
    "Every training of this part of `fit` ends in an error when it has done so many epochs"
    whole = ValidationCallback.on_epoch_end

    def on_epoch_end(self, epoch, logs=None):
        if epoch == epochs and part == ("held out" if self.measure else "all"):
            raise PowerCut
        whole(self, epoch, logs)

    monkeypatch.setattr(ValidationCallback, "on_epoch_end", on_epoch_end)


@pytest.mark.parametrize("part, epochs", [("held out", 2), ("all", 1)])
def test_a_training_that_was_cut_off_carries_on_to_the_same_numbers(fitted, tmp_path, monkeypatch, part, epochs):
    with monkeypatch.context() as m:
        cut_after(m, epochs, part)
        with pytest.raises(PowerCut):
            TwoTower(**SMALL).fit(*museum(), tmp_path)
    trained = []
    with monkeypatch.context() as m:
        ends = ValidationCallback.on_epoch_end
        m.setattr(
            ValidationCallback,
            "on_epoch_end",
            lambda self, epoch, logs=None: (trained.append(epoch), ends(self, epoch, logs)),
        )
        again = TwoTower(**SMALL).fit(*museum(), tmp_path)
    pd.testing.assert_frame_equal(again.log, fitted.log)
    np.testing.assert_array_equal(again.candidates, fitted.candidates)
    assert len(trained) == len(fitted.log) - (epochs if part == "held out" else fitted.base.log.shape[0] + epochs)


def test_other_settings_or_data_do_not_carry_on_from_a_checkpoint(fitted, tmp_path):
    works, users, events = museum()
    TwoTower(**{**SMALL, "learning_rate": 0.02}).fit(works, users, events, tmp_path)
    TwoTower(**SMALL).fit(works, users, events.iloc[:-40], tmp_path)
    np.testing.assert_array_equal(TwoTower(**SMALL).fit(works, users, events, tmp_path).candidates, fitted.candidates)


@pytest.mark.parametrize("garbage", [b"", b"no zip", b"PK\x03\x04 half of one"])
def test_a_damaged_checkpoint_is_said_and_passed_over(fitted, tmp_path, garbage):
    TwoTower(**SMALL).fit(*museum(), tmp_path)
    for f in tmp_path.iterdir():
        f.write_bytes(garbage)
    with pytest.warns(UserWarning, match="is damaged: the training begins anew"):
        again = TwoTower(**SMALL).fit(*museum(), tmp_path)
    np.testing.assert_array_equal(again.candidates, fitted.candidates)


def test_pooling_looks_back_only_and_learns_too():
    pool, r = Pool(6, 8, 0.0, 1), np.random.default_rng(0)
    x = r.normal(size=(1, 6, 8)).astype(np.float32)
    changed = x.copy()
    changed[0, 3] *= -1
    gap = abs(pool(tf.constant(x)) - pool(tf.constant(changed))).numpy().max(-1)[0]
    assert (gap[:3] == 0).all() and (gap[3:] > 1e-4).all()
    test_it_learns_two_tastes(TwoTower(**SMALL, blocks=0).fit(*museum()))


def test_hard_negatives_are_those_with_the_highest_scores():
    works, users, events = museum()
    model = TwoTower(**{**SMALL, "epochs": 1}, hard_negatives=3).fit(as_artworks(works), users, events)
    assert np.isfinite(model.log["loss"]).all()
    task = model._towers().task
    q, c = (
        tf.constant([[1.0, 0.0]]),
        tf.constant([[1.0, 0.0], [0.9, 0.0], [-1.0, 0.0], [0.8, 0.0], [0.7, 0.0], [-1.0, 0.5]]),
    )
    want = -np.log(np.exp(10) / np.exp(10 * np.array([1, 0.9, 0.8, 0.7])).sum())
    np.testing.assert_allclose(task(q, c, candidate_ids=tf.range(6), compute_metrics=False), want, rtol=1e-4)


def test_before_any_training_a_taste_lies_where_its_likes_lie():
    works, users, events = museum()
    model = TwoTower(**{**SMALL, "epochs": 1, "learning_rate": 1e-9}).fit(works, users, events)
    ids, _ = model.retrieve([{"history": [w]} for w in works[Cols.artwork_id]], 5)
    assert np.mean([w in row for w, row in zip(works[Cols.artwork_id], ids)]) >= 0.8


IDS = pd.DataFrame({Cols.artwork_id: list("abcde"), Cols.title: ["t"] * 5})
LIKE = dict(event="like", event_id="1", user_id="u", artwork_id="a", ts=1)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [LIKE],
        [{**LIKE, "event": "click"}],
        [{**LIKE, "event": "hide"}],
        [{**LIKE, "event_id": str(n), "user_id": str(n)} for n in range(40)],  # one work liked at one moment
        [
            {**LIKE, "event_id": str(n), "artwork_id": "abcde"[n % 5], "user_id": str(n // 5), "ts": n}
            for n in range(100)
        ],
    ],
)
def test_any_three_frames(events):
    events = pd.DataFrame(events, columns=list(LIKE))
    model = TwoTower(epochs=2, text_model=None).fit(IDS, pd.DataFrame({Cols.user_id: ["u", "v"]}), events)
    recs = model.recommend(["u", "v", "new"], 10)
    assert np.isfinite(recs[Cols.score]).all() and recs.groupby(Cols.user_id).size().reindex(["v", "new"]).ge(5).all()
    assert np.isfinite(model.query([{"history": ["a", "b"]}, {}])).all()


def test_a_catalogue_without_works_is_refused():
    with pytest.raises(UserError, match="not one work"):
        TwoTower(text_model=None).fit(IDS.iloc[:0], pd.DataFrame({Cols.user_id: ["u"]}), pd.DataFrame([LIKE]))


def test_no_batch_lets_a_label_be_seen_before_it_is_asked_for():
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
            place = order[user].index(label)
            assert knows == order[user][place - at : place]  # exactly what came just before, never the label or later
            masked = {works[b["works"][label]] for label in b["labels"][~b["mask"][n]]}
            assert masked <= set(order[user]) and b["mask"][n, n]
            labels.append((user, label))
    assert sorted(labels) == sorted(liked.itertuples(index=False, name=None))


def test_top_k_of_ties_and_gaps():
    places, scores = top_k(np.array([[1.0, 3.0, 3.0, -np.inf]]), 9)
    assert places[0, :3].tolist() == [1, 2, 0] and scores[0, 3] == -np.inf
    assert top_k(np.zeros((2, 3)), 0)[0].shape == (2, 0)


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


def test_what_somebody_has_is_left_out_of_the_measure():
    r = np.random.default_rng(0)
    c, q, gone = (
        r.normal(size=(30, 4)).astype("float32"),
        r.normal(size=(5, 4)).astype("float32"),
        [[], [0, 1, 2], [7], list(range(25)), []],
    )
    best = BruteForceExcluding(k=5).leave_out(gone).index(tf.constant(c), tf.range(30))(tf.constant(q), 5)[1].numpy()
    scores = q @ c.T
    for n, g in enumerate(gone):
        scores[n, g] = -np.inf
    np.testing.assert_array_equal(best, top_k(scores, 5)[0])


def test_shuffling_keeps_every_like_of_every_user():
    works, users, events = museum()
    seqs = Sequences(events, users[Cols.user_id].tolist(), works[Cols.artwork_id].tolist())
    mixed = seqs.shuffled(np.random.default_rng(3))
    of = lambda s: [s.works[a : a + n].tolist() for a, n in zip(s.start, s.length)]  # noqa: E731
    assert of(seqs) != of(mixed) and [sorted(w) for w in of(seqs)] == [sorted(w) for w in of(mixed)]
    assert of(mixed) == of(seqs.shuffled(np.random.default_rng(3)))


def test_tags_have_no_order_and_unknown_ones_say_nothing(fitted):
    known = fitted.vocabs.kept | {"tags": ["sea", "ship", "dog"]}
    rows = Vocabularies(**known).tags([["sea", "dog"], ["dog", "unheard", "sea", "sea"], [], ["unheard"]])
    np.testing.assert_allclose(rows, [[0, 0.5**0.5, 0, 0.5**0.5, 0]] * 2 + [[0] * 5] * 2)
    works, users, events = museum()
    works[Cols.tags] = [["first" if n < 20 else "second", "work"] for n in range(40)]
    model = TwoTower(**SMALL | {"features": ("tags",)}).fit(works, users, events)  # it knows nothing but tags
    assert len(np.unique(model.candidates.round(4), axis=0)) == 2
    again = model.with_catalogue(works.assign(**{Cols.tags: works[Cols.tags].str[::-1]}))
    np.testing.assert_allclose(again.candidates, model.candidates, atol=1e-5)
    ids, _ = model.retrieve([{"history": ["w1", "w2"]}], 10)
    assert not half(ids[0]).any()


@pytest.mark.parametrize("gone", ARTWORK_FEATURES)
def test_what_is_taken_from_the_towers_changes_nothing(gone):
    works, users, events = museum(20)
    works = works.assign(
        **{
            Cols.category: [f"c{n % 3}" for n in range(40)],
            Cols.medium: [f"m{n % 4}" for n in range(40)],
            Cols.year_start: np.arange(1850.0, 1890),
            Cols.tags: [[f"t{n % 5}"] for n in range(40)],
            Cols.palette: [["#ff0000", "#00ff00", "#0000ff"][n % 3 :] for n in range(40)],
        }
    )
    model = TwoTower(**SMALL | {"epochs": 1, "features": tuple(c for c in ARTWORK_FEATURES if c != gone)}).fit(
        works, users, events
    )
    other = {c: v.copy() for c, v in model.works.items()}
    other[gone] = other[gone][::-1].copy()
    np.testing.assert_array_equal(model._encode(other), model.vectors)

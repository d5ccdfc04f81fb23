"""The truth about a crowd: utilities on small numbers, tastes that can be learnt, the file."""

import numpy as np
import pytest

from art_recsys.config import Home, UserError
from art_recsys.core import split_by_time
from art_recsys.serving.forget import forget
from art_recsys.simulator.attributes import artwork_attributes
from art_recsys.simulator.kinds import KINDS
from art_recsys.simulator.truth import Truth, interest_utilities, true_utility, wanted_works
from tests.simulator.crowds import matrix, ndcg


@pytest.fixture
def tiny():
    "Four works by two artists in two colours; the user wants works like the first, and sometimes like the last"
    artist, colour = np.eye(2, dtype=np.float32)[[0, 0, 1, 1]], np.eye(2, dtype=np.float32)[[0, 1, 0, 1]]
    return Truth(
        user_ids=np.array(["u"]),
        artwork_ids=np.array(["ab", "ar", "ob", "or"]),
        vectors=np.hstack([artist, colour]),
        widths=np.array([2, 2]),
        fame=np.zeros(4, np.float32),
        kind_names=np.array(["hand"]),
        kinds=np.zeros(1, np.int8),
        interests=np.array([[[0, -1, -1, -1], [3, -1, -1, -1], [-1] * 4]]),
        weights=np.array([[0.75, 0.25]], np.float32),
        focus=np.array([[1, 0, 0]], np.float32),
    )


def test_utility_is_the_weighted_similarity_to_the_interest_in_focus(tiny):
    assert interest_utilities(tiny, np.array([0]))[0, :2] == pytest.approx(
        np.array([[1, 0.75, 0.25, 0], [0, 0.25, 0.75, 1]])
    )
    assert (interest_utilities(tiny, np.array([0]))[0, 2] == -9).all()
    assert true_utility(tiny, [0])[0] == pytest.approx([1, 0.75, 0.5, 0.75])  # the second interest loses 0.25
    tiny.focus[:] = [0.5, 0.5, 0]
    assert true_utility(tiny, [0])[0] == pytest.approx([0.875, 0.625, 0.625, 0.875])
    tiny.fame[:] = [0, 0, 0, 1]
    assert true_utility(tiny, [0])[0, 3] == pytest.approx(0.935)


def test_wanted_works_are_those_of_the_highest_utility(crowd):
    ids = crowd["truth"].artwork_ids[::-1]
    wanted = wanted_works(crowd["truth"], [3, 5], ids, share=0.2)
    utility = true_utility(crowd["truth"], [3, 5])[:, ::-1]
    assert wanted.shape == (2, 200) and (wanted.sum(1) == 40).all()
    assert all(u[w].min() >= u[~w].max() for u, w in zip(utility, wanted, strict=True))
    assert (wanted_works(crowd["truth"], [3], ids).sum(1) == 24).all()  # at least 24


def test_the_oracle_is_kept_whole(crowd):
    t = crowd["truth"]
    u = true_utility(t, [0, 7, 499])
    assert (
        u.shape == (3, 200)
        and np.isfinite(u).all()
        and np.allclose(t.weights.sum(1), 1, atol=0.01)
        and np.allclose(t.focus.sum(1), 1, atol=0.01)
    )
    rank = (-true_utility(t, np.arange(500))).argsort(1).argsort(1)
    assert np.median(np.take_along_axis(rank, t.interests[:, 0], 1)) < 20


def test_what_is_saved_is_read_again(tmp_path, tiny):
    tiny.save(tmp_path / "truth.npz")
    again = Truth.load(tmp_path / "truth.npz")
    assert vars(again).keys() == vars(tiny).keys() and again.kinds.dtype == np.int8
    assert true_utility(again, [0]) == pytest.approx(true_utility(tiny, [0]))
    assert again.kind_of.to_dict() == {"u": "hand"}


def test_a_truth_of_an_earlier_version_is_refused_with_the_command_that_makes_it_anew(tmp_path, tiny):
    old = {k: v for k, v in vars(tiny).items() if not k.startswith("kind")}
    np.savez(tmp_path / "users_truth.npz", **old)
    with pytest.raises(UserError, match=r"(?s)earlier version.*kind_names, kinds.*art-recsys users --force"):
        Truth.load(tmp_path / "users_truth.npz")


def test_forgetting_a_user_leaves_a_truth_that_can_be_read(crowd, tmp_path):
    t = crowd["truth"]
    settings = crowd["settings"].model_copy(update={"home": tmp_path / "home"})
    t.save(Home.of(settings).file("users_truth.npz"))
    assert forget(settings, t.user_ids[3])["rows"]["users_truth.npz"] == 1
    left = Truth.load(Home.of(settings).file("users_truth.npz"))
    assert left.kind_of.equals(t.kind_of.drop(t.user_ids[3]))


def test_a_missing_truth_names_the_remedy(tmp_path):
    with pytest.raises(UserError, match="only synthetic users have a known truth"):
        Truth.load(tmp_path / "users_truth.npz")


def test_the_log_is_learnable_and_not_trivial(crowd):
    earlier, later = split_by_time(crowd["events"], 0.2)
    train = matrix(earlier, crowd)
    test = matrix(later, crowd) & ~train
    known = train.any(1)
    train, test = train[known], test[known]
    V = np.hstack([v for k, v in artwork_attributes(crowd["works"]).items() if k != "hidden"])
    co = train.T.astype(float) @ train
    d = np.sqrt(np.diag(co)) + 1e-9
    np.fill_diagonal(co, 0)
    chance = ndcg(np.random.default_rng(0).random(train.shape), train, test)
    popular = ndcg(np.tile(train.sum(0), (len(train), 1)), train, test)
    content, knn = ndcg(train @ V @ V.T, train, test), ndcg(train @ (co / d / d[:, None]), train, test)
    oracle = ndcg(true_utility(crowd["truth"], np.flatnonzero(known)), train, test)
    assert popular > 1.3 * chance and content > 1.15 * popular and knn > 1.15 * popular
    assert max(content, knn) < oracle < 0.9


def test_the_oracle_is_the_best_for_every_kind_of_taste(crowd):
    earlier, later = split_by_time(crowd["events"], 0.2)
    train = matrix(earlier, crowd)
    test = matrix(later, crowd) & ~train
    V = np.hstack([v for k, v in artwork_attributes(crowd["works"]).items() if k != "hidden"])
    scores = {"content": train @ V @ V.T, "oracle": true_utility(crowd["truth"], np.arange(len(train)))}
    for kind in range(len(KINDS)):
        mine = (crowd["truth"].kinds == kind) & train.any(1)
        found = {n: ndcg(s[mine], train[mine], test[mine]) for n, s in scores.items()}
        assert found["oracle"] > 1.2 * found["content"], (KINDS[kind], found)

"""Kinds of taste: their shares, what their interests share, and what can be seen of them in the log."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import Cols, as_artworks, positives
from art_recsys.simulator.attributes import artwork_attributes
from art_recsys.simulator.behaviour import BEHAVIOUR
from art_recsys.simulator.kinds import ATTRIBUTE_WEIGHTS, KINDS, Traits, draw_kinds
from art_recsys.simulator.pairs import like_pairs, shared_traits
from art_recsys.users import companions, seed_works
from tests.simulator.crowds import catalogue


def test_every_kind_has_a_share_and_only_hand_and_mix_care_for_the_artist():
    assert len(BEHAVIOUR.kind_shares) == len(KINDS) and sum(BEHAVIOUR.kind_shares) == pytest.approx(1)
    share = {k: w["artist"] / sum(w.values()) for k, w in ATTRIBUTE_WEIGHTS.items()}
    assert all(share[k] < 0.01 for k in ("subject", "palette", "period")) and share["hand"] > 0.5 > 0.1 > share["mix"]
    assert ATTRIBUTE_WEIGHTS["mix"]["hidden"] == ATTRIBUTE_WEIGHTS["subject"]["hidden"] < 2


def test_users_are_of_the_kinds_that_behaviour_names(crowd):
    share = crowd["truth"].kind_of.value_counts(normalize=True)[list(KINDS)]
    assert share.to_numpy() == pytest.approx(BEHAVIOUR.kind_shares, abs=0.005)


def test_nobody_follows_what_the_first_work_cannot_carry():
    can = np.ones((1000, len(KINDS)), bool)
    can[:, KINDS.index("hand")] = np.arange(1000) < 50
    kinds = draw_kinds(np.random.default_rng(0), can)
    assert (np.bincount(kinds, minlength=5)[[0, 1, 3]] == [300, 200, 150]).all()
    assert (np.flatnonzero(kinds == KINDS.index("hand")) == np.arange(50)).all()
    nothing = draw_kinds(np.random.default_rng(0), np.eye(len(KINDS), dtype=bool)[[-1] * 10])
    assert (nothing == KINDS.index("mix")).all()


def test_traits_are_plain():
    works = pd.DataFrame(
        {
            "artwork_id": list("abcd"),
            "title": "T",
            "artist": ["Ines", "ines ", "", ""],
            "tags": [["sea", "night"], ["sea", "boat"], ["horse", "night", "cubism"], ["cubism"]],
            "palette": [["#2d45a0"], ["#9e1b32"], ["#3767b5"], []],
            "year_end": [1900, 1911, 1950, None],
        }
    )
    t = Traits(as_artworks(works))
    one, other = np.array([0, 0, 2, 0]), np.array([1, 2, 3, 0])
    assert t.share("subject", one, other).tolist() == [True, False, False, True]
    assert t.share("palette", one, other).tolist() == [False, True, False, True]  # two blues of the night
    assert t.share("hand", one, other).tolist() == [True, False, False, True]  # two unknown artists are not one
    assert t.share("period", one, other).tolist() == [False, False, True, True]  # eleven years; one movement
    assert t.share("mix", one[None], other[None]).tolist() == [[True] * 4]


@pytest.mark.parametrize("kind", KINDS[:-1])
def test_an_interest_shares_what_its_kind_follows(crowd, kind):
    truth, works = crowd["truth"], crowd["works"]
    traits, mine = Traits(works, crowd["settings"].seed), truth.interests[truth.kinds == KINDS.index(kind)]
    four = mine.reshape(-1, 4)[mine.reshape(-1, 4)[:, 0] >= 0]
    assert len(four) > len(mine)  # further interests too
    assert traits.share(kind, np.repeat(four[:, :1], 3, 1), four[:, 1:]).all()
    artists = works[Cols.artist].to_numpy()[four]
    different = np.mean([len(set(row)) for row in artists])
    assert different == 1 if kind == "hand" else (artists[:, 1:] != artists[:, :1]).all() and different > 2


def test_the_companions_of_a_subject_share_one_theme():
    works = catalogue()
    near, alike = companions(works, artwork_attributes(works), 1)
    kinds, seeds = seed_works(450, near, alike, 1)
    theme = Traits(works, 1).theme[seeds[:, 0]]
    has = Traits(works, 1).subjects.toarray().astype(bool)
    subject = kinds == KINDS.index("subject")
    assert subject.sum() == 135 and has[seeds[subject], theme[subject, None]].all()


def test_the_kinds_can_be_seen_in_the_likes(crowd):
    seen = shared_traits(
        Traits(crowd["works"]), crowd["truth"].kind_of, positives(crowd["events"]), crowd["works"][Cols.artwork_id]
    )
    chance = seen.loc["by chance"]
    for kind in KINDS[:-1]:
        assert seen.loc[kind, kind] == seen[kind].max() and seen.loc[kind, kind] > 1.8 * chance[kind]
    assert seen.loc["hand", "hand"] > 4 * chance["hand"] and seen.loc["subject", "hand"] < 2 * chance["hand"]


def test_pairs_are_two_likes_of_one_user():
    user, items = np.array([1, 0, 1, 2, 1]), np.array([5, 6, 7, 8, 9])
    who, one, two = like_pairs(user, items, pairs=50)
    assert set(who) == {1} and len(who) == 50 and (one != two).all() and set(one) | set(two) == {5, 7, 9}

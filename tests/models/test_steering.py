"More and less of something: candidates that are added, scores that are moved, and what likes have in common"

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import as_artworks
from art_recsys.models.requests import Requests
from art_recsys.models.steering import STRENGTH, SteeredCandidates, Steering, followed, summary
from art_recsys.models.traits import Traits

N = 40


@pytest.fixture
def traits():
    "Works 0 to 9 are seas, 5 to 14 are by Ann, the others share nothing"
    works = pd.DataFrame(
        {
            "artwork_id": [f"w{i}" for i in range(N)],
            "title": [f"Work {i}" for i in range(N)],
            "tags": [["Sea"] if i < 10 else [] for i in range(N)],
            "artist": ["Ann" if 5 <= i < 15 else f"Artist {i}" for i in range(N)],
        }
    )
    return Traits(as_artworks(works), works["artwork_id"])


def wish(direction, value="Sea", kind="tag"):
    return {"direction": direction, "kind": kind, "value": value}


def asking(*wishes, others=0, **more):
    "One request with wishes, and others without"
    index = {f"w{i}": i for i in range(N)}
    return Requests([{"steering": list(wishes), **more}, *[{}] * others], index)


ITEMS = np.array([[0, 6, 12, 30, -1], [0, 6, 12, 30, -1]])
SCORES = np.array([[0.4, 0.3, 0.2, 0.1, -np.inf]] * 2)


def test_scores_move_by_half_the_distance_from_best_to_worst(traits):
    step = 0.3 * STRENGTH
    out = Steering(traits)(asking(wish("more"), others=1), ITEMS, SCORES)
    assert out[0] == pytest.approx([0.4 + step, 0.3 + step, 0.2, 0.1, -np.inf])
    assert out[1].tolist() == SCORES[1].tolist()  # nobody else is concerned
    out = Steering(traits)(asking(wish("less"), wish("more", "ann", "artist"), others=1), ITEMS, SCORES)
    assert out[0] == pytest.approx([0.4 - step, 0.3, 0.2 + step, 0.1, -np.inf])  # one work has both
    twice = Steering(traits)(asking(wish("more"), wish("more", "Ann", "artist"), others=1), ITEMS, SCORES)
    assert twice[0][1] == pytest.approx(0.3 + step)


def test_what_is_followed_leaves_the_scores_to_the_rerank_step(traits):
    step, likes = Steering(traits, 0.2), {"history": ["w1", "w2", "w30"]}
    requests = asking(others=1, **likes)
    assert step(requests, ITEMS, SCORES) is SCORES
    mine, other = step.followed(requests, ITEMS)
    assert mine.has.tolist() == [[1, 1, 0, 0, 0]] and mine.shares == pytest.approx([2 / 3])
    assert mine.kinds.tolist() == [0] and other is None
    assert Steering(traits).followed(asking(**likes), ITEMS[:1]) == [None]  # not unless it is set
    assert step.followed(asking(history=["w1"]), ITEMS[:1]) == [None]  # one like is no habit
    assert step.followed(asking(history=["w5", "w6", "w7"]), ITEMS[:1])[0].kinds.tolist() == [0, 1]  # a tag, an artist


@pytest.mark.parametrize("direction", ["more", "less"])
def test_what_was_said_goes_before_what_is_followed(traits, direction):
    "Whoever likes seas by Ann and says less of the sea (or more) goes on following Ann only"
    step = Steering(traits, 0.2)
    requests = asking(wish(direction), history=["w5", "w6", "w7"])
    assert [t["value"] for t in step.habits(requests)[0]] == ["Ann"]
    assert step.followed(requests, ITEMS[:1])[0].has.tolist() == [[0, 1, 1, 0, 0]]
    assert (step(requests, ITEMS[:1], SCORES[:1]) > SCORES[:1]).any() == (direction == "more")


def test_a_catalogue_without_traits_follows_nothing():
    works = as_artworks(pd.DataFrame({"artwork_id": [f"w{i}" for i in range(N)], "title": ["Untitled"] * N}))
    step = Steering(Traits(works, works["artwork_id"]), 0.2)
    requests = asking(history=["w1", "w2", "w3"])
    assert step.habits(requests) == [[]] and step.followed(requests, ITEMS[:1]) == [None]


def test_nothing_asked_nothing_changed(traits):
    assert Steering(traits)(asking(others=1), ITEMS, SCORES) is SCORES
    gone = Steering(traits)(asking(wish("more", "no work has it now"), others=1), ITEMS, SCORES)
    assert gone.tolist() == SCORES.tolist()
    empty = Steering(traits)(asking(wish("more")), ITEMS[:1, 4:], SCORES[:1, 4:])
    assert empty.tolist() == [[-np.inf]]


def test_wishes_add_candidates_that_may_come(traits):
    r = np.random.default_rng(0)
    tower = SimpleNamespace(candidates=r.normal(size=(N, 4)), query=lambda requests: np.ones((len(requests), 4)))
    found = np.array([[30, 0, -1], [31, 32, 33]]), np.array([[0.9, 0.5, -np.inf], [0.3, 0.2, 0.1]])
    step = SteeredCandidates(lambda *_: found, Steering(traits), tower)
    mask = np.ones(N, bool)
    mask[3] = False
    items, scores = step(asking(wish("more"), others=1), (mask, [np.array([1]), np.zeros(0, int)]), 20)
    added = items[0][2:]
    assert items[0][:2].tolist() == [30, 0] and set(added) <= {2, *range(4, 10)} and len(added) == 20 // 4
    best = sorted([2, *range(4, 10)], key=lambda i: -tower.candidates[i].sum())[:5]
    assert added.tolist() == best and (scores[0][2:] == 0.0).all()
    assert items[1].tolist() == [31, 32, 33, -1, -1, -1, -1] and scores[1][3:].tolist() == [-np.inf] * 4
    for request in (asking(others=1), asking(wish("less"), others=1)):
        assert step(request, (None, [np.zeros(0, int)] * 2), 20)[0] is found[0]


def test_each_interest_adds_its_share_of_candidates(traits):
    "Two of three likes are seas, two are by Ann: of 20 candidates five more, shared by the two"
    tower = SimpleNamespace(candidates=np.eye(N), query=lambda requests: np.ones((len(requests), N)))
    step = SteeredCandidates(lambda *_: (np.array([[30]]), np.array([[0.9]])), Steering(traits, 0.2), tower)
    likes = {"history": ["w0", "w5", "w14"]}
    items, _ = step(asking(**likes), (None, [np.array([0, 5, 14])]), 20)
    assert sorted(items[0]) == [1, 2, 3, 6, 7, 8, 30]  # three seas and three by Ann, none twice
    items, _ = step(asking(wish("less"), **likes), (None, [np.array([0, 5, 14])]), 20)
    assert sorted(items[0]) == [6, 7, 8, 9, 10, 30]  # no seas are looked for, unless they are by Ann


def test_what_likes_have_in_common(traits):
    found = followed(traits, [0, 1, 2, 6, 30])
    assert found == [{"kind": "tag", "value": "Sea", "likes": 4, "share": 0.8}]  # one like by Ann is not enough
    assert followed(traits, [0, 1, *range(20, 27)]) == []  # two likes of nine are no quarter
    assert followed(traits, []) == [] and followed(traits, [30, 31]) == []
    assert followed(traits, list(range(N))) == []  # who likes everything follows nothing
    assert {t["value"] for t in followed(traits, [5, 6, 7])} == {"Sea", "Ann"}


def test_in_words():
    sea, night, pop = ({"value": v} for v in ("sea", "night", "pop art"))
    assert summary([sea, night], [pop]) == "You follow: sea, night; less: pop art"
    assert summary([sea], []) == "You follow: sea" and summary([], [pop]) == "Less: pop art" and summary([], []) == ""


def test_two_interests_are_both_named(traits):
    "Three likes share three tags, two others share one: it comes second, before the rest of the three"
    works = pd.DataFrame(
        {
            "artwork_id": [f"w{i}" for i in range(N)],
            "title": [f"Work {i}" for i in range(N)],
            "tags": [["sea", "waves", "boats"] if i < 5 else ["night"] if i < 10 else [] for i in range(N)],
        }
    )
    found = followed(Traits(as_artworks(works), works["artwork_id"]), [0, 1, 2, 5, 6])
    assert [t["value"] for t in found][1] == "night" and {t["value"] for t in found} == {
        "sea",
        "waves",
        "boats",
        "night",
    }

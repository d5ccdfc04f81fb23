"What two artworks share, and the sentences about it: true, telling, and not the same one on the whole page"

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import as_artworks
from art_recsys.models.traits import RARE, Traits, page_reasons, phrase, start_reasons

NAVY, SKY, ROSE = "#1f2f55", "#9cc3de", "#c97b84"


def catalogue(n=60):
    "Six seas at night by Ann in navy, six seas by day by Ben in sky blue, the rest portraits that share little"
    rows = []
    for i in range(n):
        night, day = i < 6, 6 <= i < 12
        rows.append(
            {
                "artwork_id": f"w{i}",
                "title": f"Work {i}",
                "artist": "Ann" if night else "Ben" if day else f"Artist {i}",
                "tags": ["Sea", "night"] if night else ["sea", "day"] if day else ["portrait", f"sitter {i}"],
                "palette": [NAVY] if night else [SKY] if day else [],
                "year_start": 1850 if night else 1900 if day else 1950 + 30 * (i - 12),
            }
        )
    return pd.DataFrame(rows)


def traits(works=None, **more):
    works = as_artworks(catalogue() if works is None else works)
    return Traits(works, works["artwork_id"], **more)


def even(liked, n):
    "Every like is worth the same for each of n artworks"
    return np.ones((len(liked), n))


def test_what_two_works_share():
    t = traits()
    found = {(s.kind, s.values) for s in t.shared(0, 1)}
    assert found == {
        ("tag", ("Sea", "night")),
        ("tag", ("Sea",)),
        ("tag", ("night",)),
        ("artist", ("Ann",)),
        ("palette", ("blue", "dark")),
        ("palette", ("blue",)),
        ("period", ("1850–1899",)),
    }
    assert {s.values for s in t.shared(0, 6)} == {("Sea",), ("blue",)}  # capitals do not matter
    assert t.shared(20, 30) == []  # both are portraits, as most works are
    shares = [s.share for s in t.shared(0, 1)[:-1]]
    assert shares == sorted(shares) and max(shares) <= RARE and t.shared(0, 1)[-1].kind == "period"
    assert {s.values: s.share for s in t.shared(0, 1)}[("Sea",)] == pytest.approx(12 / 60)


def test_missing_values_are_not_shared():
    blank = catalogue().assign(artist="", tags=[[]] * 60, palette=[[]] * 60, year_start=np.nan)
    assert all(not traits(blank).shared(a, b) for a in range(3) for b in range(3))
    anybody = catalogue().assign(
        artist=["Unknown artist"] * 3 + ["x"] * 57, tags=[[]] * 60, palette=[["red", "#12"]] * 60
    )
    assert {s.kind for s in traits(anybody).shared(0, 1)} == {"period"}
    gone = Traits(as_artworks(catalogue()), ["left the catalogue", *(f"w{i}" for i in range(60))])
    assert gone.shared(0, 1) == gone.shared(0, 0) == [] and gone.titles[0] == "" and gone.shared(1, 2)


def test_words():
    t = traits()
    words = {s.values: phrase(s) for s in t.shared(0, 1)}
    assert words["Sea", "night"] == "Sea and night"  # a capital may be a name: a school is not at night
    lower = traits(catalogue().assign(tags=[["sea", "night"]] * 6 + [["x"]] * 54))
    assert "sea at night" in {phrase(s) for s in lower.shared(0, 1)}
    assert words["blue", "dark"] == "dark blue tones" and words["Ann",] == "by Ann"


def has(t, item, trait):
    "Whether the catalogue says that an artwork has a trait"
    kind, value = trait["kind"], trait["value"]
    if kind == "tag":
        return value.casefold() in t.tags[item]
    if kind == "artist":
        return t.artists[item] == value
    return value in ((t.colours if kind == "palette" else t.light)[item], t_period(t, item))


def t_period(t, item):
    from art_recsys.models.facets import period

    return period(t.years[item])


def test_reasons_are_true_and_no_sentence_is_on_more_than_a_third_of_the_page():
    t = traits()
    liked, items = ["w0", "w7", "w20"], np.array([*range(1, 6), *range(8, 12), *range(30, 45)])
    lost = np.abs(np.random.default_rng(0).normal(size=(3, len(items))))
    reasons = page_reasons(t, liked, lost, items)
    assert len(reasons) == len(items)
    for j, (item, r) in enumerate(zip(items, reasons, strict=True)):
        if r["artwork_id"]:
            n = liked.index(r["artwork_id"])
            assert lost[n, j] >= 0.5 * lost[:, j].max()  # no like that hardly counts
            for trait in r["shared"]:
                assert has(t, item, trait) and (has(t, t.item_index[liked[n]], trait) or trait["kind"] == "period")
                assert trait["value"].casefold() in r["text"].casefold() or trait["kind"] == "period"
    assert sum(bool(r["shared"]) for r in reasons) >= 8
    said = Counter(r["text"] for r in reasons if r["text"])
    assert max(said.values()) <= len(items) // 3


def test_one_like_is_said_in_several_ways():
    t = traits()
    reasons = page_reasons(t, ["w0"], even(["w0"], 5), np.arange(1, 6))
    assert len({r["text"] for r in reasons}) == 5 and {r["artwork_id"] for r in reasons} == {"w0"}
    assert "By the hand of Ann, whom you liked" in {r["text"] for r in reasons}
    assert any(r["text"] == "Sea and night, like “Work 0”" for r in reasons)


def test_a_like_without_which_nothing_is_lost_is_no_reason():
    t = traits()
    reasons = page_reasons(t, ["w0", "w6"], np.array([[0.0], [-1.0]]), np.array([1]))
    assert reasons[0]["kind"] == "taste" and reasons[0]["artwork_id"] is None
    assert page_reasons(t, [], np.zeros((0, 2)), np.array([1, 2]))[0]["kind"] == "taste"
    unknown = page_reasons(t, ["not in the catalogue"], np.ones((1, 1)), np.array([1]))
    assert unknown[0]["kind"] == "taste"


def test_rather_nothing_than_the_same_sentence_again():
    blank = catalogue().assign(artist="", tags=[[]] * 60, palette=[[]] * 60, year_start=np.nan)
    reasons = page_reasons(traits(blank), ["w0"], even(["w0"], 24), np.arange(1, 25))
    said = Counter(r["text"] for r in reasons)
    assert said == {"Because you liked “Work 0”": 8, "Near to your taste as a whole": 8, "": 8}
    start = start_reasons(traits(blank), np.arange(24))
    assert Counter(r["text"] for r in start) == {"A starting point that others liked": 8, "": 16}


def test_new_works_are_called_new():
    likes = np.ones(60)
    likes[[1, 30]] = 0
    t = traits(likes=likes)
    one, known, other = page_reasons(t, ["w0"], even(["w0"], 3), np.array([1, 2, 30]))
    assert one["kind"] == "new" and one["text"].startswith("New here, and close to “Work 0”: ")
    assert {s["value"] for s in one["shared"]} == {"Sea", "night", "blue", "dark"}
    assert known["kind"] == "liked" and other["kind"] == "liked"  # new, but nothing is shared


def test_start_and_the_end_of_a_page():
    likes = np.ones(60)
    likes[7] = 0
    first, second = start_reasons(traits(likes=likes), np.array([0, 7, -1, -1]))
    assert first["text"].startswith("A starting point that others liked: ") and first["kind"] == "start"
    assert second["text"].startswith("A starting point: ")
    assert len(page_reasons(traits(), ["w0"], np.ones((1, 3)), np.array([1, -1, -1]))) == 1
    assert page_reasons(traits(), ["w0"], np.ones((1, 0)), np.array([], int)) == []


def test_what_was_asked_for_is_said_in_words():
    t = traits(catalogue().assign(tags=[["sea", "warm"]] * 6 + [["x"]] * 54))
    asked = [{"direction": "more", "kind": "tag", "value": v} for v in ("sea", "warm")]
    said = {r["text"] for n in range(2) for r in start_reasons(t, np.arange(3), asked[n:])}
    assert {"You asked for more: the sea", "You asked for more: warm light"} <= said

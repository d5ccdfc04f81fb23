"""The grammar of tags: whatever is put together reads as English, and what is said agrees with what was measured."""

import itertools
import random
import re
from pathlib import Path

import numpy as np
import pytest

from art_recsys.core import Cols
from art_recsys.enrichment import moods_of
from art_recsys.language.facts import kind_of
from art_recsys.language.grammar import label, parts_of, plural, scene, wants
from art_recsys.language.lexicon import LIGHTS, LIVELY, MOOD_ADJECTIVES, QUIET, STYLES, TIMES
from art_recsys.language.moods import in_harmony, may_feel, words_of
from art_recsys.language.offline import OfflineWriter
from art_recsys.language.phrases import LIVELY_MOODS, MOOD_LIMITS, MOODS, QUIET_MOODS
from art_recsys.language.pictures import Reading
from art_recsys.language.texts import counted, with_article
from art_recsys.sample_museum.works import work

_QUALITY = "|".join(sorted({*LIGHTS, *MOOD_ADJECTIVES, *STYLES} - {"rose", "still"}, key=len, reverse=True))
_AS_NOUN = (
    rf"\b(of|about|and|with|showing) ({_QUALITY})([.,;:]| and|$)(?! \w+ (paintings|prints|light|mood|look|streak))"
)
WRONG = {
    "a word twice": r"\b(\w+) \1\b",
    "a before a vowel": r"\b[Aa] (?!uni(?![nmd])|use|usu|uto|eu|ewe|one|ukr)[aeiou]",
    "an before a consonant": r"\b[Aa]n (?!hour|heir|honest|honour)[^aeiou\W]",
    "one of several": r"\b1 \w+s\b",
    "loose marks": r" [,.;:]|,,|;,|\.\.| {2}|[,;:]$",
    "a list of times and adjectives": r"\b(afternoon|morning|night|evening|winter|summer) and (warm|cool|serene)\b",
    "a time as a thing": r"\b(of|about|with) (afternoon|morning|evening|night|overcast|moonlit)([.,;]| and\b|$)",
}


def faults(text: str, extra: dict[str, str] | None = None) -> list[str]:
    "The rules that a text breaks"
    return [f"{why}: {text}" for why, rule in {**WRONG, **(extra or {})}.items() if re.search(rule, text)]


@pytest.fixture(scope="module")
def records():
    "What the catalogue says of 600 works of the sample museum"
    return [work(i, 42).record() for i in range(600)]


@pytest.fixture(scope="module")
def tags(records):
    return sorted({t for r in records for t in r["tags"]})


def test_every_pair_and_many_sets_of_the_museums_tags_read(tags):
    r = random.Random(1)
    some = [*itertools.combinations(tags, 2), *(r.sample(tags, r.randint(1, 9)) for _ in range(3_000))]
    kinds = (["paintings"], ["prints", "works on paper"])
    wrong = {"an adjective as a noun": _AS_NOUN}
    found = [f for s in some for f in faults(wants(s, r.choice(kinds)), wrong)]
    found += [f for s in some for f in faults(scene(s))]
    found += [f for s in some if len(s) < 3 for f in faults(label(s))]
    assert not found, found[:5]
    for s in some:
        p = parts_of(s)
        assert wants(s, ["prints"]) and bool(scene(s)) == bool(p.genres + p.things + p.themes + p.styles + p.others)


def test_nothing_that_a_tag_knows_is_lost(records):
    for r in records:
        p, said = parts_of(r["tags"]), wants(r["tags"], ["paintings"])
        for word in [*p.moods[:1], *(LIGHTS[t] for t in p.lights[:2]), *p.movements, *p.genres]:
            assert word in said or plural(word) in said, (word, said)


@pytest.mark.parametrize(
    "tags, said",
    [
        (["afternoon", "warm", "interior", "window"], "paintings of interiors and windows in warm afternoon light"),
        (["sea", "night", "mysterious", "still"], "mysterious, still paintings of the sea at night"),
        (["still", "restless", "city"], "still paintings of cities"),  # not quiet and lively at once
        (["abstract", "circles"], "abstract paintings of circles"),
        (["Vesper School"], "paintings, in the manner of the Vesper School"),
        (["quux", "London"], "paintings, catalogued under quux and London"),  # what is not known still reads
        ([], "paintings"),
    ],
)
def test_what_somebody_wants(tags, said):
    assert wants(tags, ["paintings"]) == said


@pytest.mark.parametrize(
    "tags, said",
    [
        (["river", "bridge", "landscape", "night", "moonlit"], "a landscape with a river and a bridge by moonlight"),
        (["abstract composition", "autumn"], "an abstract composition in the colours of autumn"),
        (["warm", "serene"], ""),  # nothing is seen
        (["boat - non-specific"], "a boat"),
        (["universal concepts"], "universal concepts"),
        (["harbour", "quux"], "a harbour, catalogued under quux"),
    ],
)
def test_what_one_work_shows(tags, said):
    assert scene(tags) == said


@pytest.mark.parametrize(
    "tags, said",
    [
        (["afternoon", "warm"], "warm afternoon light"),
        (["sea", "night"], "sea at night"),
        (["sea", "serene"], "sea in a serene mood"),
        (["Sea", "night"], "Sea and night"),  # a capital may be a name: a school is not at night
        (["mysterious"], "a mysterious mood"),
    ],
)
def test_what_two_works_share(tags, said):
    assert label(tags) == said


@pytest.mark.parametrize(
    "word, one",
    [("union organiser", "a"), ("hour", "an"), ("unhurried", "an"), ("uninhabited isle", "an"), ("European", "a")],
)
def test_articles_follow_the_sound(word, one):
    assert with_article(word) == f"{one} {word}"


def test_plurals_and_kinds():
    assert [plural(n) for n in ("city", "branch", "man", "work on paper", "boats", "glass")] == [
        "cities", "branches", "men", "works on paper", "boats", "glasses",
    ]  # fmt: skip
    assert counted(1, "work") == "1 work" and counted(1200, "work") == "1,200 works" and counted(0, "work") == "0 works"
    names = ("Photography", "Works on Paper", "Paintings", "Furniture", "Watercolour")
    assert [kind_of({Cols.category: n}) for n in names] == [
        "photograph", "work on paper", "painting", "piece of furniture", "watercolour",
    ]  # fmt: skip


def tones():
    "Light, contrast, colour, warmth, texture and symmetry all over their ranges"
    return itertools.product(
        (4, 30, 42, 55, 75, 95), (2, 11, 16, 22, 30), (2, 11, 20, 40), (-20, -4, 6, 25), (1, 4, 6, 9), (0, 0.5, 0.95)
    )


def test_moods_agree_with_every_measurement():
    for t in tones():
        moods = moods_of(t[:5], t[5])
        assert len(moods) == 2 and all(may_feel(m, t) for m in moods), t
        assert not (set(moods) & set(QUIET_MOODS) and set(moods) & set(LIVELY_MOODS)), (t, moods)
        light, contrast, _, warmth, _, symmetry = t
        if (light < 45 and contrast < 13 and warmth < 0) or symmetry > 0.75:
            assert "restless" not in moods, (t, moods)  # a quiet night, and a mirror image
        if light < 45:
            assert not {"joyful", "tender", "crisp"} & set(moods), (t, moods)


def test_a_dark_blue_night_of_low_contrast_is_quiet():
    assert set(moods_of((25, 8, 18, -14, 8), 0.9)) <= set(QUIET_MOODS) | {"mysterious"}
    assert in_harmony(["serene", "restless", "dreamy"]) == ["serene", "dreamy"]
    assert "sunny" not in words_of("joyful", ["night"]) and all(words_of(m, TIMES) for m in MOODS)
    assert set(MOOD_LIMITS) <= set(MOODS) and not set(QUIET) & set(LIVELY)


def test_every_description_reads_and_says_what_was_measured(records):
    r = np.random.default_rng(1)
    for n, t in enumerate(tones()):
        w = records[n % len(records)]
        x, y, shape = *r.uniform(-0.3, 0.3, 2), r.uniform(0.5, 2)
        palette = ["#1f2f55", "#c97b84", "#f0e3bd"][: 1 + n % 3]
        shares = [1 / len(palette)] * len(palette)
        accent = "#c41e1e" if n % 2 else ""
        seen = Reading(palette, shares, accent, *t[:5], x, y, t[5], shape, moods_of(t[:5], t[5]))
        text = OfflineWriter(n).describe(Path("p.png"), w, seen)
        assert not [f for line in text.splitlines() for f in faults(line)] and len(text.splitlines()) == 4
        assert ("close tones" in text) == (t[1] <= 12) and ("mirror" in text) == (t[5] > 0.75)
        low = text.lower()
        assert not ({"night", "moonlit"} & set(w["tags"]) and re.search("clear light|open light|sunny", low)), text
        assert any(word in low for word in MOODS[seen.moods[0]][1]) and kind_of(w) in low
        assert "navy" in low and ("scarlet" in low) == bool(accent)


def test_every_profile_reads(records):
    r = random.Random(2)
    for n in range(500):
        own = {Cols.description: " and ".join(r.sample(list(MOODS), 2)), Cols.palette: ["#1f2f55", "#c97b84"]}
        works = [x | own for x in r.sample(records, 4)]
        p = OfflineWriter().profile(works, key=str(n))
        assert not faults(p.description), p.description
        assert p.age >= 30 or "came to art late" not in p.description

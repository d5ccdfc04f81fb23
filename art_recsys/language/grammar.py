"""A small grammar for tags: any set of them becomes a phrase that reads, whatever parts of speech they are.

`scene` says what one work shows, `wants` what somebody looks for in many, `label` what two works share. The lexicon
knows what a tag is; a tag that it does not know is `catalogued under` its name, which reads whatever it means.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .lexicon import (
    COUNTED,
    FIXED,
    GENRES,
    IRREGULAR,
    LIGHTS,
    LIVELY,
    MOOD_ADJECTIVES,
    MOVEMENT,
    MOVEMENT_THE,
    PLACES,
    PLURALS,
    QUIET,
    STYLES,
    THEMES,
    TIMES,
    VAGUE,
)
from .texts import listed, with_article

__all__ = ["Parts", "agree", "is_manner", "label", "named", "parts_of", "plural", "scene", "wants"]


PARTS_OF_DAY = ("morning", "afternoon", "evening", "night")  # `the colours of the night`


def plural(noun: str) -> str:
    "`noun` in the plural: `boats`, `cities`, `works on paper`"
    for word in (" on ", " in ", " of "):
        if word in noun:
            head, tail = noun.split(word, 1)
            return f"{plural(head)}{word}{tail}"
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun if noun.endswith("s") and not noun.endswith("ss") else f"{noun}es"
    return f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"


def agree(a: str, b: str) -> bool:
    "Whether two adjectives of mood may stand side by side: not one quiet and one lively"
    return not ((a in QUIET and b in LIVELY) or (a in LIVELY and b in QUIET))


@dataclass
class Parts:
    "Tags by what they are in a sentence, each list in the order of the tags"

    genres: list[str] = field(default_factory=list)  # `still life`
    things: list[str] = field(default_factory=list)  # `harbour`, `boats`
    themes: list[str] = field(default_factory=list)  # `nature`
    styles: list[str] = field(default_factory=list)  # `abstract`
    lights: list[str] = field(default_factory=list)  # `warm`
    moods: list[str] = field(default_factory=list)  # `serene`
    times: list[str] = field(default_factory=list)  # `afternoon`
    movements: list[str] = field(default_factory=list)  # `Vesper School`, as written
    others: list[str] = field(default_factory=list)  # names, and what the lexicon does not know


def _role(tag: str) -> str:
    "The list of `Parts` that a tag in small letters belongs to"
    if re.search(MOVEMENT, tag):
        return "movements"
    for role, table in (
        ("times", TIMES),
        ("lights", LIGHTS),
        ("moods", MOOD_ADJECTIVES),
        ("styles", STYLES),
        ("genres", GENRES),
        ("themes", THEMES),
    ):
        if tag in table:
            return role
    several = re.fullmatch(r"[a-z][a-z' -]*[^sui]s", tag)  # not `glass`, `canvas` is a thing, `status` is none
    return "things" if tag in COUNTED or tag in PLURALS or tag in FIXED or several else "others"


def is_manner(tag: str) -> bool:
    "Whether a tag says how something is shown (light, mood, time), and not what"
    return tag[:1].islower() and _role(tag) in ("lights", "moods", "times")


def parts_of(tags: Iterable[str]) -> Parts:
    "Sort tags by their part of speech; one that stands inside an earlier one (`sea` in `moonlit sea`) is left out"
    out, said = Parts(), list[str]()
    for tag in tags:
        for vague in VAGUE:
            tag = tag.replace(vague, "")
        small = tag.strip().lower()
        role = _role(small)
        if role not in ("movements", "genres") and not tag[:1].islower():
            role = "others"
        end = "" if role == "styles" else r"\b"  # `abstract` is in `geometric abstraction`
        if not small or any(re.search(rf"\b{re.escape(small)}{end}", s) for s in said):
            continue
        said.append(small)
        getattr(out, role).append(tag.strip() if role in ("movements", "others") else small)
    return out


def _one(thing: str) -> str:
    "`a harbour`, `the sea`, `boats`"
    return FIXED.get(thing) or (with_article(thing) if thing in COUNTED or thing in GENRES else thing)


def _many(thing: str) -> str:
    "`harbours`, `the sea`, `boats`"
    return FIXED.get(thing) or (plural(thing) if thing in COUNTED or thing in GENRES else thing)


def _themes(themes: Sequence[str]) -> str:
    "`on the theme of nature`, `on the themes of movement and people`"
    return f"on the theme{'s' * (len(themes) > 1)} of {listed([THEMES[t] for t in themes])}" if themes else ""


def _first_times(times: Sequence[str]) -> list[str]:
    "One time of a day, one weather and one season: the most precise of each"
    best = {TIMES[t][0]: t for t in sorted(times, key=list(TIMES).index, reverse=True)}
    return [best[g] for g in ("weather", "day", "season") if g in best]


def _by_movement(movements: Sequence[str]) -> str:
    "`of Lumenism and the Vesper School`"
    return listed([f"the {m}" if re.search(MOVEMENT_THE, m.lower()) else m for m in movements[:2]])


def _under(others: Sequence[str]) -> str:
    return f"catalogued under {listed(others)}" if others else ""


def scene(
    tags: Iterable[str],  # of one work, the most important first
    most: int = 4,  # things, and other tags beside them
) -> str:  # empty where there is nothing to say
    "What one work shows: `a landscape with a river and a bridge by moonlight, on the theme of nature`"
    p = parts_of(tags)
    things = [_one(t) for t in p.things[:most]]
    head = ""
    if p.genres:
        head, beside = with_article(p.genres[0]), p.genres[1:2]
        head += f" with {listed(things)}" if things else ""
        if beside:
            head += f"{' in' if beside[0] in PLACES else ' and'} {with_article(beside[0])}"
    elif things:
        head = listed(things)
    elif p.styles:
        head = f"{listed(p.styles[:2])} forms"
    times = _first_times(p.times)
    if head and times:
        flat = "abstract" in p.styles or any("abstract" in g for g in p.genres)
        words = [TIMES[t][3 if flat else 1] for t in times]
        words = [f"the {w}" if flat and w in PARTS_OF_DAY else w for w in words]
        head += f" in the colours of {listed(words)}" if flat else f" {' '.join(words)}"
        head = head.replace("moonlit sea", "sea") if "by moonlight" in head else head
    others = p.others[: max(0, most - 1 - len(things) - len(p.genres))]
    return ", ".join(filter(None, [head, _themes(p.themes[:2]), _under(others)]))


def _light(p: Parts) -> str:
    "`in warm afternoon light`, `at night`, `in winter light and at dusk`; empty where no tag is of light or time"
    lights, times = [LIGHTS[t] for t in p.lights[:2]], _first_times(p.times)
    before = [TIMES[t][2] for t in times if TIMES[t][2]]
    phrases = [TIMES[t][1] for t in times if not TIMES[t][2]]
    inside = f"in {' '.join([', '.join(lights), ' and '.join(before)]).strip()} light" if lights or before else ""
    if inside and not before:
        return " ".join([inside, *phrases])
    return " and ".join(filter(None, [inside, *phrases]))


def wants(
    tags: Iterable[str],  # that some works have in common, the most common first
    kinds: Sequence[str],  # what the works are, in the plural: `paintings`, `prints`
    moods: Sequence[str] | None = None,  # adjectives that may be said; None: any
) -> str:
    "What somebody looks for: `serene paintings of interiors and windows in warm afternoon light`"
    p = parts_of(tags)
    fit = [m for m in p.moods if moods is None or m in moods]
    first = [m for n, m in enumerate(fit) if all(agree(m, other) for other in fit[:n])][:2]
    noun = " ".join(filter(None, [", ".join([*first, *p.styles[:2]]), listed(kinds)]))
    about = [*map(_many, [*p.genres, *p.things]), *(THEMES[t] for t in p.themes)]
    out = " ".join(filter(None, [noun, f"of {listed(about)}" if about else "", _light(p)]))
    movement = f"in the manner of {_by_movement(p.movements)}" if p.movements else ""
    return ", ".join(filter(None, [out, movement, _under(p.others)]))


def named(
    tag: str,  # as the catalogue writes it
) -> str:
    "What somebody likes who likes a tag: `portraits`, `the sea`, `warm light`, `a serene mood`"
    p = parts_of([tag])
    return next((_many(t) for t in [*p.genres, *p.things]), "") or next((THEMES[t] for t in p.themes), label([tag]))


def label(
    tags: Sequence[str],  # one or two, as the catalogue writes them
) -> str:  # without a capital of its own
    "What two works share, as a heading: `sea at night`, `warm afternoon light`, `a serene mood`"
    names = [t for t in tags if not t[:1].islower()]
    if names:
        return " and ".join(tags)
    p = parts_of(tags)
    light = _light_noun(p)
    things = [*p.genres, *p.things, *p.themes, *p.movements, *p.others, *(f"{s} forms" for s in p.styles)]
    mood = with_article(f"{', '.join(p.moods)} mood") if p.moods else ""
    if not things:
        return " and ".join(filter(None, [light, mood]))
    when = [TIMES[t][1] for t in _first_times(p.times)]
    inside = [f"in {light}"] if p.lights else when
    return " ".join([" and ".join(things), *inside, *([f"in {mood}"] if mood else [])])


def _light_noun(p: Parts) -> str:
    "Light and times as a noun: `warm afternoon light`, `night`, `moonlight`"
    lights, times = [LIGHTS[t] for t in p.lights], _first_times(p.times)
    if not lights:
        return " and ".join(TIMES[t][3] for t in times)
    before = [TIMES[t][2] for t in times if TIMES[t][2]]
    after = [TIMES[t][1] for t in times if not TIMES[t][2]]
    return " ".join([", ".join(lights), *before, "light", *after])

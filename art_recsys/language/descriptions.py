"""The offline description: three sentences from what was measured in a picture, one from the catalogue.

Thresholds decide whether something is said. The random generator only decides how it is worded.
"""

import random
import re

from art_recsys.core import Cols

from .colours import colour_names
from .facts import kind_of, period_of, subjects_of
from .grammar import parts_of, scene
from .moods import words_of
from .phrases import MEDIA, SUBJECT_MOODS
from .pictures import Reading
from .texts import clean, listed, pick, with_article

__all__ = ["lines_of_picture", "lines_without_picture"]

ALL = 12  # tags of a work that are looked at; `scene` says fewer


def _step(x: float, *steps: tuple[float, str], last: str) -> str:
    "The word of the first step whose limit is not passed"
    return next((word for upto, word in steps if x <= upto), last)


def _colour_line(r: random.Random, seen: Reading) -> str:
    names = list(dict.fromkeys(colour_names(seen.palette)))
    lead, beside = names[0], listed(names[1:4])
    depth = _step(seen.colour, (6, "nearly colourless"), (22, "muted"), (32, "rich"), last="vivid")
    warm = _step(seen.warmth, (-3, "cool"), (9, "balanced"), last="warm")
    whole = "neither warm nor cool" if warm == "balanced" else f"{warm} on the whole"
    share = _step(seen.shares[0], (0.5, "the largest part"), (0.75, "more than half of it"), last="almost all of it")
    if beside:
        line = pick(
            r,
            f"{lead} takes {share}, with {beside} beside it; the palette is {warm} and {depth}",
            f"{with_article(warm)}, {depth} palette of {listed(names[:4])}",
            f"{depth} colour, {whole}: {lead} above all, then {beside}",
            f"{lead} sets the key, answered by {beside}; the whole is {warm} and {depth}",
        )
    else:
        line = pick(r, f"{lead} and hardly anything else, {warm} and {depth}", f"a single {warm}, {depth} {lead}")
    accent = colour_names([seen.accent])[0] if seen.accent else ""
    if not accent or accent in names:
        return line
    return line + pick(r, f"; there is a small accent of {accent}", f"; a note of {accent} catches the eye")


def _light(light: float, night: bool) -> str:
    "The light in words; nobody calls the light of a night clear, however pale the paper is"
    if night and light > 50:
        return "light tones"
    return _step(light, (30, "deep shadow"), (50, "half-light"), (68, "clear light"), last="pale, open light")


def _mood_line(r: random.Random, seen: Reading, tags: list[str]) -> str:
    first, second = (*seen.moods, *seen.moods)[:2]
    a = r.choice(words_of(first, tags))
    b = r.choice([w for w in words_of(second, tags) if w != a] or [a])
    light = _light(seen.light, bool({"night", "moonlit"} & set(tags)))
    tones = _step(seen.contrast, (12, "close tones"), (24, "measured contrasts"), last="strong contrasts")
    return pick(
        r,
        f"the mood is {a} and {b}, in {light} with {tones}",
        f"{a} and somewhat {b}, in {light} with {tones}",
        f"it feels {a} and {b}; it is built on {light} and {tones}",
        f"{with_article(a)} picture with {with_article(b)} undertone, built on {light} and {tones}",
    )


def _surface(r: random.Random, texture: float) -> str:
    if texture < 3:
        return pick(r, "broad smooth areas", "flat, plain shapes", "smooth undisturbed planes")
    if texture > 6.5:
        return pick(r, "busy, broken marks", "dense, busy detail", "quick, crowded marks")
    return pick(r, "soft painterly passages", "even, worked passages", "gentle modelling")


def _aesthetic_line(r: random.Random, seen: Reading) -> str:
    surface = _surface(r, seen.texture)
    side = _step(seen.x, (-0.06, "to the left"), (0.06, ""), last="to the right")
    height = _step(seen.y, (-0.1, "high in the picture"), (0.1, ""), last="low in the picture")
    centred = pick(r, "held in the centre", "with its weight near the centre")
    weight = f"with its weight {' and '.join(filter(None, [height, side]))}" if side or height else centred
    order = _step(
        seen.symmetry,
        (0.1, "freely asymmetric"),
        (0.4, "loosely balanced"),
        (0.75, "balanced from side to side"),
        last="almost mirror-symmetric",
    )
    frame = _step(seen.shape, (0.67, "a tall format"), (1.5, ""), last="a wide format")
    line = pick(
        r,
        f"made of {surface}, the composition is {order}, {weight}",
        f"the composition is {order}, {weight}, and made of {surface}",
        f"the picture is {order}, {weight}; it is made of {surface}",
    )
    return line + (f", in {frame}" if frame else "")


def _what(work: dict) -> str:
    "What the work is: `an abstract print of the 1960s`"
    styles, when = parts_of(subjects_of(work, ALL)).styles[:2], period_of(work)
    return with_article(" ".join(filter(None, [", ".join(styles), kind_of(work), when and f"of {when}"])))


def _fact_line(r: random.Random, work: dict) -> str:
    what, shown = _what(work), scene(subjects_of(work, ALL))
    if shown:
        return pick(r, f"{what}: {shown}", f"{shown}; {what}", f"the work is {what}: {shown}")
    return what if period_of(work) else ""


def lines_of_picture(
    r: random.Random,  # chooses between wordings
    work: dict,  # a row of `artworks`
    seen: Reading,  # what was measured in its picture
) -> list[str]:  # four lines, some may be empty
    "A line each on colour, mood and aesthetic, and one on what the catalogue knows"
    tags = [t.lower() for t in subjects_of(work, ALL)]
    return [_colour_line(r, seen), _mood_line(r, seen, tags), _aesthetic_line(r, seen), _fact_line(r, work)]


_COLOUR_WORDS = re.compile(
    r"\b(black|white|gr[ea]y|red|blue|green|yellow|orange|purple|violet|pink|brown|gold|silver)\b", re.I
)


def lines_without_picture(
    r: random.Random,  # chooses between wordings
    work: dict,  # a row of `artworks`
) -> list[str]:  # four lines at most, some may be empty
    "Lines from title, tags, technique and date; a colour is named only if the catalogue names it"
    title, subjects = clean(work.get(Cols.title, ""), 90), subjects_of(work, ALL)
    words = " ".join([title, clean(work.get(Cols.medium, ""), 120), *subjects]).lower()
    mood = next((m for w, m in SUBJECT_MOODS.items() if w in words), "")
    made = f"{work.get(Cols.medium, '')} {work.get(Cols.category, '')}".lower()
    look = [p for w, p in MEDIA.items() if re.search(rf"\b{w}", made)][:2]
    colours = list(dict.fromkeys(c.lower() for c in _COLOUR_WORDS.findall(words)))
    what, shown = _what(work), scene(subjects)
    feel = r.choice(words_of(mood, [t.lower() for t in subjects])) if mood else ""
    lines = [
        pick(r, f"“{title}”, {what}", f"{what}, called “{title}”") + (f": {shown}" if shown else ""),
        f"its own words name {listed(colours)}" if colours else "",
    ]
    if feel:
        one = with_article(feel)
        lines.append(pick(r, f"the subject suggests {one} mood", f"one expects something {feel}", f"{one} theme"))
    if look:
        lines.append(pick(r, f"the medium gives it {listed(look)}", f"the look is that of {listed(look)}"))
    return lines

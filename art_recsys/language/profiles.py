"""The offline profile: what some works have in common, and an invented user who would like them.

Subjects, colours, technique, period and mood are named in plain words, because the profile is later searched as text.
Gender is drawn at random: nothing in a picture tells the gender of who likes it, and a model that is trained on
a rule for it learns a prejudice.
"""

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from art_recsys.core import Cols

from .biographies import GROWN_HABITS, HABITS, OTHER_PLACES, OTHER_TRADES, PLACES, STUDIES, TEMPERAMENTS, TRADES
from .colours import colour_names
from .facts import kind_of, list_of, period_of, subjects_of
from .grammar import is_manner, plural, wants
from .lexicon import LIVELY, MOOD_ADJECTIVES, QUIET
from .moods import in_harmony
from .phrases import LIVELY_MOODS, MOODS, QUIET_MOODS
from .replies import Profile
from .texts import clean, listed, pick, sentence, with_article

__all__ = ["Taste", "imagine", "moods_in", "taste_of"]

GROWN_UP = 30  # years; the habits of later life begin
_MOOD_OF = {word: mood for mood, (_, words, _) in MOODS.items() for word in words}
_WORDS = re.compile(r"[\w'-]+")


def moods_in(
    text: str,  # lower case
) -> list[str]:  # keys of `phrases.MOODS`, in the order of the text, repeated ones too
    "The moods whose words a text uses, for a text of any writer"
    return [mood for word in _WORDS.findall(text) if (mood := _MOOD_OF.get(word))]


@dataclass
class Taste:
    "What some works have in common; in each list the most common comes first"

    colours: list[str]  # names, of the palettes
    moods: list[str]  # that their descriptions name
    subjects: list[str]  # at most eight tags of each work
    kinds: list[str]  # what each work is, such as painting or vase
    artists: list[str]
    cultures: list[str]
    year: float  # median of their years, NaN where unknown
    texts: str  # all their words, lower case


def _common(items: Iterable[str | None]) -> list[str]:
    return [x for x, _ in Counter(x for x in items if x).most_common()]


def taste_of(
    works: Sequence[dict],  # rows of `artworks` with `description` and `palette`
) -> Taste:
    "Count what some works have in common"
    texts = " ".join(f"{w.get(Cols.description, '')} {w.get(Cols.title, '')}" for w in works).lower()
    years = [y for w in works for y in (w.get(Cols.year_end), w.get(Cols.year_start)) if y is not None and y == y]
    subjects = [s for w in works for s in subjects_of(w, 8)]
    media = " ".join(clean(w.get(Cols.medium, ""), 60) for w in works).lower()
    return Taste(
        colours=_common(c for w in works for c in colour_names(list_of(w, Cols.palette)[:3])),
        moods=_common(moods_in(texts)),
        subjects=_common(subjects),
        kinds=_common(kind_of(w) for w in works),
        artists=_common(clean(w.get(Cols.artist, ""), 60) for w in works),
        cultures=_common(clean(w.get(Cols.culture, ""), 60) for w in works),
        year=float(np.median(years)) if years else np.nan,
        texts=f"{texts} {' '.join(subjects).lower()} {media}",
    )


def _age(r: random.Random, t: Taste) -> int:
    "An age from the whole range; users who like older art are a little older on average"
    lean = 0 if t.year != t.year else np.clip((1950 - t.year) / 25, -3, 6)
    return int(np.clip(round(r.choice((24, 33, 45, 60)) + lean + r.gauss(0, 9)), 16, 94))


def _trade(r: random.Random, t: Taste, age: int) -> str:
    "An occupation near the subjects, three times in four"
    fits = [job for words, jobs in TRADES.items() if any(w in t.texts for w in words) for job in jobs]
    job = r.choice(fits) if fits and r.random() < 0.75 else r.choice(OTHER_TRADES)
    if age < 23:
        return f"student of {r.choice(STUDIES)}"
    return f"retired {job}" if age > 67 else job


def _place(r: random.Random, t: Taste) -> str:
    "A town near the culture of the works, two times in three"
    fits = [
        p
        for words, places in PLACES.items()
        if any(w in c.lower() for w in words.split("|") for c in t.cultures)
        for p in places
    ]
    return r.choice(fits) if fits and r.random() < 0.66 else r.choice(OTHER_PLACES + sum(PLACES.values(), ()))


def _moods_to_say(t: Taste) -> list[str]:
    "Adjectives of mood that do not contradict the moods of the works' descriptions"
    felt = in_harmony(t.moods)
    lively, quiet = any(m in LIVELY_MOODS for m in felt), any(m in QUIET_MOODS for m in felt)
    return [m for m in MOOD_ADJECTIVES if not ((lively and m in QUIET) or (quiet and m in LIVELY))]


def _looks_for(r: random.Random, t: Taste) -> str:
    "The clause about what the person likes to look at"
    kinds = [plural(k) for k in t.kinds[:2]] or ["pictures"]
    shown = [s for s in t.subjects if not is_manner(s)][: r.choice((2, 3))]
    seen = wants(shown + [s for s in t.subjects[:6] if is_manner(s)], kinds, _moods_to_say(t))
    when = period_of({Cols.year_end: t.year})
    when = pick(r, f", made in {when}", f", from {when}") if when else ""
    colours = listed(t.colours[: r.choice((2, 3))])
    hues = pick(r, f", best in {colours}", f", above all in {colours}") if colours else ""
    artist = t.artists[0] if t.artists and r.random() < 0.4 else ""
    by = pick(r, f", those by {artist} first", f", and knows {artist} by heart") if artist else ""
    verb = pick(
        r,
        "looks for",
        "is drawn to",
        "collects reproductions of",
        "lingers before",
        "lives with",
        "seeks out",
        "never tires of",
        "falls for",
        "saves up for",
        "keeps coming back to",
    )
    return f"{verb} {seen}{hues}{when}{by}"


def _feels(r: random.Random, t: Taste, age: int) -> str:
    "The clause about emotions"
    if not t.moods:
        return r.choice(_habits(age))
    a, b = (in_harmony(t.moods) * 2)[:2]
    one = r.choice([w for w in MOODS[a][1] if w not in MOODS[a][2]])  # not `a calm that lasts in calm pictures`
    words = one if a == b else f"{one} and {r.choice(MOODS[b][1])}"
    return pick(
        r,
        f"wants art to be {words}",
        f"finds {MOODS[a][2]} in {words} pictures",
        f"trusts what is {words}",
        f"answers to {words} moods",
        f"goes home with {MOODS[a][2]}",
        f"loves {with_article(words)} look",
        f"has {with_article(words)} streak",
    )


def _habits(age: int) -> list[str]:
    "The habits of somebody of an age, in years"
    return [h for h in HABITS if age >= GROWN_UP or h not in GROWN_HABITS]


def imagine(
    r: random.Random,  # makes every choice, so the same seed and works give the same user
    works: Sequence[dict],  # rows of `artworks` with `description` and `palette`
) -> Profile:
    "Draw an age, a gender, an occupation and a town that fit a taste, and put them into a sentence or two"
    t = taste_of(works)
    age = _age(r, t)
    gender = r.choices("FMN", (47, 46, 7))[0]
    trade, place, temper = _trade(r, t, age), _place(r, t), r.choice(TEMPERAMENTS)
    looks, feels = _looks_for(r, t), _feels(r, t, age)
    habit = r.choice([h for h in _habits(age) if h != feels and trade not in h])
    roots = clean(t.cultures[0], 40) if t.cultures and r.random() < 0.3 else ""
    culture = f" with {roots} roots" if re.fullmatch(r"[A-Z][\w-]+", roots) else ""
    person = pick(
        r,
        f"{with_article(temper)} {trade} from {place}{culture}",
        f"{with_article(trade)} in {place}{culture}, {temper} by nature",
        f"{with_article(temper)}, {place}-based {trade}{culture}",
        f"{with_article(trade)} who settled in {place}",
    )
    # What they look for comes early: the encoder of texts reads the first 64 tokens (`text_encoder.MAX_TOKENS`).
    text = pick(
        r,
        f"{person}. {sentence(looks)} {sentence(feels)}",
        f"{person}, who {looks}. {sentence(feels)} {sentence(habit)}",
        f"{person}, who {looks}. {sentence(habit)}",
        f"{person}: {looks}. {sentence(feels)}",
        f"{person}. {sentence(looks)} {sentence(habit)} {sentence(feels)}",
        f"{person}, who {feels}. {sentence(looks)}",
    )
    return Profile.model_validate({"age": age, "gender": gender, "description": sentence(clean(text, 599))})

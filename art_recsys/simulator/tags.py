"""Tags and words sorted by what they speak of: what is seen, its mood, or the movement."""

import re

import pandas as pd

from art_recsys.core import Cols
from art_recsys.language.lexicon import MOVEMENT
from art_recsys.language.phrases import MOODS
from art_recsys.language.profiles import moods_in
from art_recsys.sample_museum.moods import MOOD_WORDS
from art_recsys.sample_museum.movements import MOVEMENTS

__all__ = ["mood_words", "sorted_tags"]

_MOOD = {w for _, words, _ in MOODS.values() for w in words} | {w for _, _, tags in MOOD_WORDS.values() for w in tags}
_MOOD |= set(MOODS) | set(MOOD_WORDS)
_STYLE = re.compile(MOVEMENT)
_STYLES = {m.name.lower() for m in MOVEMENTS}


def _sort_of(tag: str) -> str:
    "`mood`, `style` or `subject`"
    if tag in _MOOD:
        return "mood"
    return "style" if tag in _STYLES or _STYLE.search(tag) else "subject"


def sorted_tags(
    works: pd.DataFrame,  # Normalised
) -> dict[str, list[list[str]]]:  # `subject`, `mood`, `style`: tags of each work, lower case
    "The tags of each work: what is seen, words of mood and light, and the names of movements"
    lists = [[t.strip().lower() for t in tags] for tags in works[Cols.tags]]
    sort_of = {t: _sort_of(t) for t in {t for tags in lists for t in tags}}
    return {s: [[t for t in tags if sort_of[t] == s] for tags in lists] for s in ("subject", "mood", "style")}


def mood_words(
    works: pd.DataFrame,  # Normalised and enriched
) -> list[list[str]]:  # Words of each work
    "Words of mood: those among the tags, and the moods that the description names"
    said = [[f"mood {m}" for m in dict.fromkeys(moods_in(text.lower()))] for text in works[Cols.description]]
    return [tags + more for tags, more in zip(sorted_tags(works)["mood"], said, strict=True)]

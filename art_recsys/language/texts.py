"""Small text tools: bounded printable text, lists and sentences in English."""

import random
import unicodedata
from collections.abc import Sequence

from .lexicon import ARTICLE

__all__ = ["clean", "counted", "listed", "pick", "sentence", "with_article"]


def clean(
    text: object,  # from anywhere; it is turned into a string
    limit: int = 600,  # characters kept
    lines: int = 1,  # lines kept; later ones are joined to the last
) -> str:  # without control characters, without empty lines
    "Printable text of a bounded length; what is cut off ends in `…`"
    rows = (
        "".join(c if unicodedata.category(c)[0] != "C" else " " for c in row)
        for row in str(text)[: 20 * limit].splitlines()
    )
    kept = [r for row in rows if (r := " ".join(row.split()))]
    if len(kept) > lines:
        kept = [*kept[: lines - 1], " ".join(kept[lines - 1 :])]
    out = "\n".join(kept)
    return out if len(out) <= limit else out[: limit - 1].rsplit(" ", 1)[0] + "…"


def pick(
    r: random.Random,  # draws the option
    *options: str,  # different wordings of the same fact
) -> str:
    "One of the options, drawn at random"
    return r.choice(options)


def listed(words: Sequence[str]) -> str:
    "`words` as `a, b and c`; one word stays as it is"
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def sentence(text: str) -> str:
    "`text` with a capital letter and a full stop, unless it ends with a mark of its own"
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")


def with_article(word: str) -> str:
    "`word` with the article that is spoken before it: `a lake`, `an island`, `a union`, `an hour`"
    small = word.lower()
    known = next((ARTICLE[s] for s in sorted(ARTICLE, key=len, reverse=True) if small.startswith(s)), "")
    return f"{known or ('an' if small[:1] in tuple('aeiouéáàíóöüø8') else 'a')} {word}"


def counted(n: int, one: str, many: str = "") -> str:
    "A number with its noun: `1 work`, `2 works`, `1,200 works`"
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"

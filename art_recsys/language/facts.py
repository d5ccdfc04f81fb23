"""What the catalogue knows of an artwork, in words that can stand in a sentence."""

import re

from art_recsys.core import Cols

from .lexicon import KIND_NAMES
from .texts import clean

__all__ = ["kind_of", "list_of", "period_of", "subjects_of"]


def list_of(
    work: dict,  # a row of `artworks`
    col: str,  # name of a list column
) -> list[str]:  # empty where nothing is known
    "The values of a list column, whether Parquet returned an array, a string or a missing value"
    v = work.get(col)
    if isinstance(v, str):
        return [v]
    return [] if v is None or isinstance(v, float) else list(v)


def kind_of(
    work: dict,  # a row of `artworks`
) -> str:
    "What sort of thing an artwork is: `painting`, `oil on canvas`, `print`"
    kind = clean(work.get(Cols.category) or work.get(Cols.medium) or "work", 60).lower()
    kind = kind.split(", ")[-1] if ", " in kind else kind
    if kind in KIND_NAMES:
        return KIND_NAMES[kind]
    return (
        kind[:-1] if kind.endswith(("ings", "prints", "sculptures", "tures", "vases", "photographs", "books")) else kind
    )


def subjects_of(
    work: dict,  # a row of `artworks`
    n: int = 3,  # how many at most
) -> list[str]:
    "The tags that read well in a sentence, common nouns before proper names"
    tags = [clean(t, 40) for t in list_of(work, Cols.tags)]
    good = [t for t in tags if len(t.split()) <= 3 and re.fullmatch(r"[^\d:,;()<>{}/]+", t)]
    return sorted(dict.fromkeys(good), key=lambda t: t[0].isupper())[:n]


def period_of(
    work: dict,  # a row of `artworks`
) -> str:
    "`the 1870s`, `the 4th century`, `antiquity`; empty where no year is known"
    years = (work.get(c) for c in (Cols.year_end, Cols.year_start))
    y = next((y for y in years if y is not None and y == y), None)
    if y is None:
        return ""
    if y > 1400:
        return f"the {int(y) // 10 * 10}s"
    return f"the {-int(-y // 100)}th century" if y > 300 else "antiquity"

"""What a visitor can filter by: a small integer per artwork and facet, so that a filter compares arrays once."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from art_recsys.core import Cols
from art_recsys.language.colours import colour_names

__all__ = ["FACETS", "Facets", "is_hex", "main_colours", "offered_values", "period"]

FACETS = ("category", "medium", "period", "colour")
_HEX = set("0123456789abcdef")


def period(year: float) -> str:
    "The half century of `year`, for example `1850–1899`; empty where it is unknown (NaN)"
    if not np.isfinite(year):
        return ""
    if year < 1400:
        return "before 1400"
    first = int(year) // 50 * 50
    return f"{first}–{first + 49}"


def is_hex(colour: str) -> bool:
    "Whether the text `colour` is a colour such as `#aa3300`"
    return len(colour) == 7 and colour[0] == "#" and set(colour[1:].lower()) <= _HEX


def main_colours(
    palettes: Iterable[Sequence[str]],  # Hex colours such as `#aa3300`, the largest share first
) -> tuple[
    list[str], list[str]
]:  # One hex colour per palette, and the name of its colour family; empty where there is none
    "The first usable colour of every palette"
    main = [next((c.lower() for c in palette if is_hex(c)), "") for palette in palettes]
    known = sorted(set(main) - {""})
    name = dict(zip(known, colour_names(known, family=True), strict=True)) | {"": ""}
    return main, [name[c] for c in main]


def offered_values(
    values: list[str],  # One per artwork; empty where unknown
    most: int = 200,  # Values that are offered
) -> list[str]:
    "The different values, those of the most artworks first; of several spellings the most frequent one"
    counts = pd.Series(values, dtype=object).value_counts().drop("", errors="ignore")
    plain = [v.casefold() for v in counts.index]
    total = counts.groupby(plain).sum()
    names = dict(zip(plain[::-1], counts.index[::-1], strict=True))  # the most frequent spelling is written last
    return [names[p] for p in sorted(names, key=lambda p: (-total[p], p))[:most]]


class Facets:
    """Facets and artist of every artwork as integers, in the order of the candidate index; computed on first use."""

    def __init__(
        self,
        artworks: pd.DataFrame,  # Normalised (`as_artworks`)
        candidate_ids: Iterable[
            str
        ],  # Artworks in the order of the index; those that left the catalogue are never allowed
    ):
        self._artworks = artworks
        self._rows = pd.Index(artworks[Cols.artwork_id]).get_indexer([str(a) for a in candidate_ids])
        self.available = self._rows >= 0  # bool, one per candidate
        self._coded: dict[str, tuple[np.ndarray, list[str]]] = {}

    def values(self, facet: str) -> list[str]:  # one per candidate, empty where unknown
        "What the catalogue says about a facet, or about the artist"
        a = self._artworks
        if facet == "period":
            column = a[Cols.year_start].map(period).to_numpy(object)
        elif facet == "colour":
            column = np.array(main_colours(a[Cols.palette])[1], object)
        else:
            column = a[facet].to_numpy(object)
        return [str(column[r]) if r >= 0 else "" for r in self._rows]

    def coded(self, facet: str) -> tuple[np.ndarray, list[str]]:  # int32, one code per candidate; the values by code
        "A facet as integers; values that differ in capitals only are one"
        if facet not in self._coded:
            values = self.values(facet)
            codes, _ = pd.factorize(np.array([v.casefold() for v in values], object))
            names = dict(zip(codes[::-1].tolist(), values[::-1], strict=True))
            self._coded[facet] = codes.astype(np.int32), [names[n] for n in range(len(names))]
        return self._coded[facet]

    def codes(self, facet: str) -> np.ndarray:  # int32, one per candidate
        "For each candidate the number of its value of `facet` (of `FACETS`, or the artist)"
        return self.coded(facet)[0]

    def code_of(self, facet: str, value: str) -> int:  # -1 where no artwork has it
        "The number of `value` of a `facet`; capitals do not matter"
        names = [v.casefold() for v in self.coded(facet)[1]]
        return names.index(value.casefold()) if value.casefold() in names else -1

    def offers(self) -> dict[str, list[str]]:
        "Facet -> values to filter by: those of the most artworks first, periods in order of time"
        here = self.available
        out = {f: offered_values([v for v, h in zip(self.values(f), here, strict=True) if h]) for f in FACETS}
        out["period"].sort(key=lambda v: (v[:1].isdigit(), v))
        return out

    def counts(
        self,
        items: np.ndarray,  # item indices, each once
    ) -> dict[str, dict[str, int]]:  # facet -> value -> works with it, the most frequent first
        "How many of some artworks have each value"
        return {facet: self._count(facet, items) for facet in FACETS}

    def choices(
        self,
        filters: dict[str, str | list[str]],  # as for `mask`
        exclude_artists: Iterable[str] = (),  # as for `mask`
    ) -> dict[str, dict[str, int]]:  # as `counts`
        "For each facet the values that may be chosen beside the filters of the other facets, so that something is left"
        out = {}
        for facet in FACETS:
            others = {f: v for f, v in filters.items() if f != facet}
            out[facet] = self._count(facet, np.flatnonzero(self.mask(others, exclude_artists)))
        return out

    def _count(self, facet: str, items: np.ndarray) -> dict[str, int]:
        codes, names = self.coded(facet)
        some = np.bincount(codes[items], minlength=len(names))
        best = np.argsort(-some, kind="stable")
        return {names[c]: int(some[c]) for c in best if some[c] and names[c]}

    def mask(
        self,
        filters: dict[str, str | list[str]],  # Facet -> a value or a list of values; capitals do not matter
        exclude_artists: Iterable[str] = (),  # capitals do not matter; '' is ignored
    ) -> np.ndarray:  # bool, one per candidate
        "Which candidates a filter leaves; raises ValueError for what is not a facet"
        mask = self.available.copy()
        if artists := [a for a in exclude_artists if a]:
            mask &= ~self._any(Cols.artist, artists)
        for facet, wanted in filters.items():
            if facet not in FACETS:
                raise ValueError(f"{facet} is not a filter; there are: {', '.join(FACETS)}.")
            mask &= self._any(facet, [wanted] if isinstance(wanted, str) else wanted)
        return mask

    def _any(self, facet: str, wanted: Iterable[str]) -> np.ndarray:
        return np.isin(self.codes(facet), [self.code_of(facet, v) for v in wanted])

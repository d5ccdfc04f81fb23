"""From columns to numbers: which row of an embedding table a string has, palettes as shares, years as periods."""

import colorsys
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import pandas as pd
import scipy.sparse as sp

from art_recsys.core import Cols

from .sparse_rows import SparseRows

__all__ = ["ARTWORK_FEATURES", "PALETTE_SIZE", "Vocabularies", "palette_vector", "vocabulary"]

PALETTE_SIZE = 20  # 12 hues, 4 steps of lightness, 4 of saturation
PERIODS = 16
MAX_TAGS = 500


def vocabulary(
    values: pd.Series,  # strings; empty ones get no row
    least: int = 1,  # rarer values share the row of the unknown
) -> list[str]:  # row 0 is kept for what is unknown, so entry n has row n + 1
    "The strings that get a row of their own, most frequent first"
    return _ranked(values[values != ""].value_counts(), least)


def _ranked(counts: pd.Series, least: int = 1) -> list[str]:
    counts = counts[counts >= least].sort_index(kind="stable")
    return list(counts.sort_values(ascending=False, kind="stable").index)


def palette_vector(
    colours: Iterable[str],  # hex colours such as '#aa3300'; anything else is ignored
) -> np.ndarray:  # float32, `PALETTE_SIZE`: 12 shares of hue, then 4 of lightness, then 4 of saturation
    "A palette as numbers: zeros where it has no colour"
    v = np.zeros(PALETTE_SIZE, np.float32)
    for c in colours:
        try:
            r, g, b = (int(c.lstrip("#")[i : i + 2], 16) / 255 for i in (0, 2, 4))
        except ValueError:
            continue
        hue, light, saturation = colorsys.rgb_to_hls(r, g, b)
        v[int(hue * 12) % 12] += saturation
        v[12 + min(3, int(light * 4))] += 1
        v[16 + min(3, int(saturation * 4))] += 1
    n = v[12:16].sum()
    return v / n if n else v


def period_edges(
    years: pd.Series,  # NaN where unknown
    n: int = PERIODS,
) -> list[float]:  # at most n - 1, ascending
    "The years that cut the known ones into `n` periods with equally many artworks"
    known = years.dropna()
    return sorted({float(q) for q in known.quantile(np.linspace(0, 1, n + 1)[1:-1])}) if len(known) else []


class Vocabularies:
    """The rows that both towers look up; made once, saved with the weights.

    An artist with a single artwork gets no row: it could learn nothing that the artwork's own row does not, and by
    sharing row 0 it trains the row that new artists will use. An artwork that nobody liked gets no row for the same
    reason.
    """

    parts = (Cols.category, Cols.medium, Cols.artist)

    def __init__(
        self,
        **kept: list,  # column -> its entries in order of their rows; `periods` -> the edges in years
    ):
        self.kept = kept
        self.row = {c: {v: n + 1 for n, v in enumerate(kept[c])} for c in kept if c != "periods"}
        self.row[Cols.gender] = {"F": 1, "M": 2, "N": 3}

    @classmethod
    def of(
        cls,
        artworks: pd.DataFrame,  # normalised (`as_artworks`)
        liked: pd.DataFrame,  # `user_id, artwork_id`
        periods: list[float] | None = None,  # edges in years, those of other towers; drawn from the artworks where None
    ) -> Self:
        "The rows that a catalogue and its likes need"
        counts = {c: liked.loc[liked[c] != "", c].value_counts() for c in (Cols.artwork_id, Cols.user_id)}
        return cls.of_counts(artworks, counts, periods)

    @classmethod
    def of_counts(
        cls,
        artworks: pd.DataFrame,  # normalised
        counts: dict[str, pd.Series],  # `artwork_id`, `user_id` -> likes by id
        periods: list[float] | None = None,  # as for `of`
    ) -> Self:
        "The same for likes that somebody else has counted"
        return cls(
            artwork_id=_ranked(counts[Cols.artwork_id]),
            user_id=_ranked(counts[Cols.user_id]),
            periods=period_edges(artworks[Cols.year_start]) if periods is None else periods,
            tags=vocabulary(artworks[Cols.tags].explode().dropna(), 3)[:MAX_TAGS],
            **{c: vocabulary(artworks[c], 2) for c in cls.parts},
        )

    def sizes(self) -> dict[str, int]:
        "Rows of each table: two more than entries"
        return {k: len(v) + 2 for k, v in self.kept.items()}

    def rows(self, c: str, values: Iterable) -> np.ndarray:  # int32, one per value
        "The rows of `values` in the table of column `c`; 0 where unknown"
        return np.array([self.row[c].get(v, 0) for v in values], np.int32)

    def rows_in(self, other: "Vocabularies", c: str) -> np.ndarray:  # int32, as long as the table of `c`
        "For each row of the table of `c`, the row of the same entry in `other`; 0 where it has none"
        return np.array([0, *other.rows(c, self.kept[c]), 0], np.int32)

    def tags(self, values: Iterable[Iterable[str]]) -> SparseRows:  # n x rows
        "Tags as a matrix: equal numbers where a tag is present; the squares of a row sum to one"
        known = self.row[Cols.tags]
        rows = [sorted({known[t] for t in tags if t in known}) for tags in values]
        count = np.array([len(row) for row in rows], np.int64)
        columns = np.array([c for row in rows for c in row], np.int32)
        each = np.repeat(1 / np.sqrt(np.maximum(count, 1).astype(np.float32)), count)
        ends = np.concatenate([[0], np.cumsum(count)])
        return SparseRows(sp.csr_matrix((each, columns, ends), shape=(len(rows), len(self.kept[Cols.tags]) + 2)))

    def artworks(
        self,
        df: pd.DataFrame,  # n artworks, normalised
        text: np.ndarray,  # float32, n x text dimension
        image: np.ndarray,  # float32, n x image dimension, rows of length 1, or zeros where there is no picture
    ) -> dict[str, Any]:  # for each of `ARTWORK_FEATURES` n rows: arrays, and `SparseRows` of tags
        "What the candidate tower reads of artworks"
        years = df[Cols.year_start].to_numpy()
        period = np.where(np.isnan(years), 0, 1 + np.searchsorted(self.kept["periods"], years))
        out: dict[str, Any] = {c: self.rows(c, df[c]) for c in (Cols.artwork_id, *self.parts)}
        palette = np.array([palette_vector(p) for p in df[Cols.palette]], np.float32).reshape(-1, PALETTE_SIZE)
        return out | {
            "period": period.astype(np.int32),
            Cols.tags: self.tags(df[Cols.tags]),
            "text": text,
            "palette": palette,
            "image": image,
        }

    def users(
        self,
        ids: Iterable,  # n user ids; one that is not in the vocabulary gets row 0
        ages: Iterable[float],  # years; NaN where unknown
        genders: Iterable,  # F, M or N; anything else is unknown
        text: np.ndarray,  # float32, n x text dimension
    ) -> dict[str, np.ndarray]:  # `user_id`, `gender`, `age` (decade + 1, 0 where unknown) and `text`, n rows each
        "What the query tower reads of users, except their history"
        age = np.array(ages, np.float64)
        decade = np.where(np.isnan(age), 0, 1 + np.clip(np.nan_to_num(age) // 10, 0, 9)).astype(np.int32)
        out = {c: self.rows(c, v) for c, v in ((Cols.user_id, ids), (Cols.gender, genders))}
        return out | {Cols.age: decade, "text": text}


ARTWORK_FEATURES = (Cols.artwork_id, *Vocabularies.parts, "period", Cols.tags, "text", "palette", "image")

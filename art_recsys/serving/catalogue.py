"""The catalogue as served: for each artwork the card sent to clients, and its picture file."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from art_recsys.config import Home, UserError
from art_recsys.core import ARTWORK_COLS, Cols
from art_recsys.models.facets import Facets, main_colours, period

__all__ = ["Catalogue", "UnknownArtwork", "make_cards", "picture_file", "plain"]

_ON_CARD = (
    Cols.artwork_id,
    Cols.title,
    Cols.artist,
    Cols.date_text,
    Cols.category,
    Cols.medium,
    Cols.culture,
    Cols.tags,
    Cols.description,
    Cols.credit,
    Cols.licence,
    Cols.source_url,
    Cols.image_url,
)
_GREY = "#8a8580"  # the placeholder of an artwork without a palette


class UnknownArtwork(UserError, LookupError):
    """The catalogue has no artwork with this id; the server answers 404."""


def picture_file(
    image_path: str,  # Relative to the home; empty if the artwork has no picture
    home: Home,  # Whose `pictures/` the file must be in
) -> tuple[
    Path | None, int | None, int | None
]:  # File, width and height in pixels; three times None if there is no picture
    "Find the picture file of an artwork; files outside the home's pictures, or that PIL cannot open, do not count"
    if not image_path:
        return None, None, None
    path = (home.path / image_path).resolve()
    if not path.is_relative_to(home.pictures.resolve()):
        return None, None, None
    try:
        with Image.open(path) as im:
            return path, *im.size
    except (OSError, Image.DecompressionBombError):
        return None, None, None


def make_cards(
    artworks: pd.DataFrame,  # Normalised (`as_artworks`)
    home: Home,  # Where the pictures are
) -> tuple[dict[str, dict], dict[str, Path]]:  # Cards and picture files, both by artwork id
    "Make the card of each artwork; with width and height the browser can lay out a page before it has the pictures"
    cards, files = {}, {}
    hexes, colours = main_colours(artworks[Cols.palette])
    columns = [*_ON_CARD, Cols.year_start, Cols.image_path]
    rows = artworks[columns].itertuples(index=False, name=None)
    for row, hex_, colour in zip(rows, hexes, colours, strict=True):
        work = dict(zip(columns, row, strict=True))
        path, width, height = picture_file(work[Cols.image_path], home)
        if path:
            files[work[Cols.artwork_id]] = path
        cards[work[Cols.artwork_id]] = {c: plain(work[c]) for c in _ON_CARD} | {
            "period": period(work[Cols.year_start]),
            "colour": colour,
            "dominant": hex_ or _GREY,
            "picture": path is not None,
            "width": width,
            "height": height,
        }
    return cards, files


def plain(value: Any) -> Any:
    "Convert a cell to a JSON value: a whole number to an integer, a missing number to None, an array to a list"
    if isinstance(value, float):
        return int(value) if value.is_integer() else value if np.isfinite(value) else None
    return list(value) if isinstance(value, list | np.ndarray) else value


class Catalogue:
    """Cards, picture files and all fields by artwork id; facets in the order of the candidate index."""

    def __init__(
        self,
        artworks: pd.DataFrame,  # Normalised (`as_artworks`)
        candidate_ids: np.ndarray,  # Artwork ids in the order of the candidate index, shape (n_candidates,)
        home: Home,  # Where the pictures are
        facets: Facets | None = None,  # Facets of the same artworks and ids; computed if None
    ):
        self.cards, self.files = make_cards(artworks, home)
        self._use(artworks, candidate_ids, Facets(artworks, map(str, candidate_ids)) if facets is None else facets)

    def _use(self, artworks: pd.DataFrame, candidate_ids: np.ndarray, facets: Facets) -> None:
        years = zip(artworks[Cols.artwork_id], artworks[Cols.year_start], strict=True)
        self.years: dict[str, float | None] = {a: plain(year) for a, year in years}  # of the beginning of each work
        self.ids = [str(a) for a in candidate_ids]
        self.item_index = {a: n for n, a in enumerate(self.ids) if a in self.cards}
        self.facets = facets
        self.offers = self.facets.offers()
        self._details = artworks[ARTWORK_COLS].set_index(Cols.artwork_id, drop=False)

    def changed(
        self,
        artworks: pd.DataFrame,  # The catalogue now, normalised
        candidate_ids: np.ndarray,  # As for the constructor
        facets: Facets,  # Of these artworks and ids
        rows: pd.DataFrame,  # Those of the artworks that are new or have changed
        home: Home,  # Where the pictures are
    ) -> "Catalogue":
        "The same catalogue after changes; only new and changed artworks get a new card"
        out, here = copy.copy(self), set(artworks[Cols.artwork_id])
        cards, files = make_cards(rows, home)
        old = {a: path for a, path in self.files.items() if a in here and a not in cards}
        out.cards, out.files = {a: c for a, c in self.cards.items() if a in here} | cards, old | files
        out._use(artworks, candidate_ids, facets)
        return out

    def card(self, artwork_id: str) -> dict:
        "The card of the artwork `artwork_id`. Raises `UnknownArtwork`."
        if artwork_id not in self.cards:
            raise UnknownArtwork(f"There is no work {artwork_id}.")
        return self.cards[artwork_id]

    def details(self, artwork_id: str) -> dict:
        "The card of `artwork_id` and all other fields except the picture file's path. Raises `UnknownArtwork`."
        card = self.card(artwork_id)
        row = self._details.loc[artwork_id].to_dict()
        return {c: plain(row[c]) for c in ARTWORK_COLS if c != Cols.image_path} | card

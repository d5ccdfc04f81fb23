"""The map of a release: a place in the plane for each work, what lies around a place, and a visitor's way over it.

`make_map` computes the places when a release is put into service and keeps them in the home, under a name that depends
on the vectors alone. A catalogue that has not changed is therefore never laid out twice, and going back to an earlier
release finds the map that it had.
"""

import gzip
import hashlib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from art_recsys.config import Home, Settings, UserError, write_atomic
from art_recsys.models.interests import all_scores
from art_recsys.platform.neighbours import top_k

from .plane import joined_vectors, plane

__all__ = ["CatalogueMap", "NoMap", "grown_places", "make_map", "map_body", "read_places"]

LAYOUT = 1  # number of the way in which maps are made; another number makes all maps anew
KEPT = 12  # maps of earlier catalogues that stay in the home
LAST = 20  # likes that the path shows
BETWEEN = 5  # works of the map between which a new one is placed
NEAREST = 12  # works between which a query vector lies
SPARE = 240  # works that are looked at beyond those that are wanted, so that the last ring has some choice
TOGETHER = 0.08  # works so near to each other are one neighbourhood; the map is 1 wide
UINT16 = 65535


class NoMap(UserError, LookupError):
    """There is no map, or another one; the server answers 404."""


def _map_file(home: Home, text: np.ndarray, image: np.ndarray) -> Path:
    digest = hashlib.sha256(f"{LAYOUT} {text.shape} {image.shape}".encode())
    for vectors in (text, image):
        digest.update(np.ascontiguousarray(vectors, np.float32).tobytes())
    return home.file("maps") / f"{digest.hexdigest()[:16]}.npy"


def make_map(
    settings: Settings,  # `home` and `seed` are read
    towers: str | Path,  # Folder of the towers that are put into service
) -> Path:  # The file of the map: uint16, n x 2, in the order of the candidates
    "Lay out the works of the towers, unless that was done before"
    with np.load(Path(towers) / "works.npz") as works:
        text, image = works["text"], works["image"]
    home = Home.of(settings)
    path = _map_file(home, text, image)
    if _places(path, len(text)) is not None:
        path.touch()
    else:
        places = plane(joined_vectors(text, image), settings.seed)
        with write_atomic(path) as p, p.open("wb") as f:
            np.save(f, np.round(places * UINT16).astype("<u2"))
    for old in sorted(path.parent.glob("*.npy"), key=lambda p: p.stat().st_mtime_ns)[:-KEPT]:
        old.unlink()
    return path


def read_places(
    settings: Settings,  # `home` is read
    features: dict[str, np.ndarray],  # `artwork_features` of the towers that are served
) -> np.ndarray | None:  # uint16, n x 2; None: this release was put into service without a map
    "The map of a release"
    text = features["text"]
    image = features.get("image", np.zeros((len(text), 1), np.float32))
    return _places(_map_file(Home(settings.home), text, image), len(text))


def _places(path: Path, n: int) -> np.ndarray | None:  # None: there is no such file, or it is damaged
    try:
        places = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return places if places.shape == (n, 2) and places.dtype == np.uint16 else None


def grown_places(
    places: np.ndarray,  # uint16, n x 2, of the works that were laid out
    vectors: np.ndarray,  # float32, m x dim, of unit length, m >= n; the new works come last
) -> np.ndarray:  # uint16, m x 2
    "Places for new works, too: between the nearest of the works that were laid out"
    n = len(places)
    if not n or len(vectors) == n:
        return np.concatenate([places, np.full((len(vectors) - n, 2), UINT16 // 2, np.uint16)])
    near, scores = top_k(vectors[n:] @ vectors[:n].T, BETWEEN)
    weights = 1 / np.maximum(1 - scores, 1e-3)  # a copy of a work lies on it
    new = (places[near] * weights[:, :, None]).sum(1) / weights.sum(1)[:, None]
    return np.concatenate([places, np.round(new).astype(np.uint16)])


def map_body(
    places: np.ndarray,  # uint16, n x 2
    colours: Iterable[str],  # n times `#rrggbb`
) -> bytes:  # compressed by gzip
    """The map as the browser draws it, all numbers little-endian.

    uint32 n, 256 times red, green, blue (uint8), then x (uint16), y (uint16) and the number of the colour (uint8) of
    each work.
    """
    n = len(places)
    rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], np.uint8).reshape(-1, 3)
    palette, codes = np.zeros(768, np.uint8), np.zeros(n, np.uint8)
    if n:
        few = Image.fromarray(rgb[None]).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        known = np.frombuffer(few.palette.tobytes() if few.palette else b"", np.uint8)[:768]
        palette[: len(known)] = known
        codes = np.asarray(few)[0]
    parts = [np.array([n], "<u4"), palette, places[:, 0].astype("<u2"), places[:, 1].astype("<u2"), codes]
    return gzip.compress(b"".join(p.tobytes() for p in parts), 6, mtime=0)


class CatalogueMap:
    """The works that are in the catalogue now, with their places. A work's number on the map is its row in `items`."""

    def __init__(
        self,
        places: np.ndarray,  # uint16, one row per candidate
        tower: Any,  # Has `query`, `candidates` and `item_index`
        catalogue: Any,  # Has `cards`, `ids` and `item_index`
        popularity: np.ndarray,  # Per candidate; the order where a visitor has no taste yet
        visitors: Any,  # Has `request`
    ):
        self.items = np.array(sorted(catalogue.item_index.values()), np.int64)
        self.stored = places[self.items]
        self.places = self.stored / UINT16  # float, from 0 to 1
        self.tower, self.catalogue, self.popularity, self.visitors = tower, catalogue, popularity, visitors
        self.numbers = {int(item): n for n, item in enumerate(self.items)}

    @cached_property
    def body(self) -> bytes:
        "As `map_body` describes it"
        cards, ids = self.catalogue.cards, self.catalogue.ids
        return map_body(self.stored, (cards[ids[i]]["dominant"] for i in self.items))

    @cached_property
    def name(self) -> str:
        "Of this very body: another map has another name"
        return hashlib.sha256(self.body).hexdigest()[:16]

    def check(self, name: str | None) -> None:
        "Raise `NoMap` unless `name` is None or the name of this map"
        if name is not None and name != self.name:
            raise NoMap("This is the map of another release.", "ask for the map again")

    def visitor(self, user_id: str) -> dict:  # `{name, works, likes: [numbers], path: [[x, y]]}`
        "Where a visitor's likes lie, and where their query lay after each of the last likes, oldest first"
        request = self.visitors.request(user_id)
        index = self.tower.item_index
        liked = [a for a in request.get("history") or () if a in index]
        likes = [self.numbers[index[a]] for a in liked if index[a] in self.numbers]
        ends = range(max(1, len(liked) - LAST + 1), len(liked) + 1)
        path = self._places_of([{**request, "history": liked[:end]} for end in ends])
        return {"name": self.name, "works": len(self.items), "likes": likes, "path": path.round(4).tolist()}

    def _places_of(self, requests: list[dict]) -> np.ndarray:
        """Where queries lie, one row each: the mean of those of the nearest works that lie together.

        The mean of all would often be a place between two groups, where nothing is.
        """
        if not requests or not len(self.items):
            return np.zeros((0, 2))
        near, scores = top_k(all_scores(self.tower.query(requests), self.tower.candidates[self.items]), NEAREST)
        out = np.empty((len(requests), 2))
        for n, (row, score) in enumerate(zip(near, scores, strict=True)):
            places, weights = self.places[row], score - score.min() + 0.01
            close = np.linalg.norm(places[:, None] - places[None], axis=2) <= TOGETHER
            group = close[np.argmax(close @ weights)]
            out[n] = np.average(places[group], axis=0, weights=weights[group])
        return out

    def around(
        self,
        x: float,  # Of the place in the middle, from 0 to 1
        y: float,
        radius: float,  # As `x`; a work exactly so far away counts
        k: int = 24,  # Works at most
        user_id: str | None = None,  # Their taste orders the works; None: the popular first
        beyond: bool = False,  # Go on with what lies further away, in rings of twice the radius each
        exclude: Iterable[str] = (),  # Ids of works that are shown already
        exclude_artists: Iterable[str] = (),  # Capitals do not matter
    ) -> dict:  # `{total, items: [{artwork_id, number, artwork}]}`; `total`: works within the radius, shown or not
        """Works around a place on the map, in the order of a visitor's taste.

        With `beyond` they are for a wall, so without those that the visitor likes or has hidden.
        """
        request = self.visitors.request(user_id) if user_id is not None else {}
        gone = {*(request.get("history") or ()), *(request.get("hidden") or ())} if beyond else set()
        artists, shown = {a.casefold() for a in exclude_artists if a}, set(exclude)
        far = np.linalg.norm(self.places - [x, y], axis=1)
        rings = np.ceil(np.log2(np.maximum(far / max(radius, 1e-4), 1)) - 1e-9).astype(int)
        enough = k + len(gone) + len(shown) + SPARE if beyond else 0
        near = np.argsort(far, kind="stable")[: max(enough, int((rings == 0).sum()))].tolist()
        kept = [n for n in near if self._id(n) not in gone and not (artists and self._artist(n) in artists)]
        new = [n for n in kept if self._id(n) not in shown]
        liking = self._liking(request, new)
        order = sorted(new, key=lambda n: (rings[n], -liking[n], n))
        return {"total": int((rings[kept] == 0).sum()), "items": [self._item(n) for n in order[:k]]}

    def _liking(self, request: dict, numbers: list[int]) -> dict[int, float]:
        "How much a visitor likes some works; their popularity where nothing is known of the visitor"
        items = self.items[np.array(numbers, np.int64)]
        if any(a in self.tower.item_index for a in request.get("history") or ()):
            scores = all_scores(self.tower.query([request]), self.tower.candidates[items])[0]
        else:
            scores = self.popularity[items]
        return dict(zip(numbers, map(float, scores), strict=True))

    def _artist(self, number: int) -> str:
        return self.catalogue.cards[self._id(number)]["artist"].casefold()

    def works(
        self,
        numbers: Iterable[int],  # On the map; those that it lacks are left out
    ) -> list[dict]:  # `[{artwork_id, number, artwork}]`
        "The cards of some works"
        return [self._item(n) for n in numbers if 0 <= n < len(self.items)]

    def _id(self, number: int) -> str:
        return self.catalogue.ids[self.items[number]]

    def _item(self, number: int) -> dict:
        artwork_id = self._id(number)
        return {"artwork_id": artwork_id, "number": int(number), "artwork": self.catalogue.cards[artwork_id]}

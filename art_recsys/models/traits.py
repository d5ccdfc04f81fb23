"""What two artworks have in common, and the sentences that say so: tags, the hand, the palette, the years.

A trait is only named if both artworks have it and if it is rare enough to say something. The rarest comes first. The
years come last, because nearly every artwork has neighbours in time.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from art_recsys.config import did_you_mean
from art_recsys.core import Cols
from art_recsys.language.colours import FAMILIES, colour_names, rgb_of
from art_recsys.language.grammar import label, named
from art_recsys.language.lexicon import TIMES

from .facets import is_hex, period

__all__ = ["KINDS", "TASTE", "Shared", "Traits", "page_reasons", "phrase", "reason", "start_reasons"]

KINDS = ("tag", "artist", "palette", "period")
RARE = 0.2  # a trait of a larger share of the catalogue says nothing
YEARS = 10  # two artworks are from the same years if no more lie between them
DARK, PALE = 0.4, 0.7  # lightness of a palette, from 0 to 1
CLOSE = 0.5  # a like may be named if it is worth this share of the like that is worth most
NAMED_LIKES = 3  # likes that are tried as the reason for one artwork
TASTE: dict = {"text": "Near to your taste as a whole", "artwork_id": None, "kind": "taste", "shared": []}
_ANYBODY = {"", "unknown", "unknown artist", "artist unknown", "anonymous", "unidentified", "unidentified artist"}


@dataclass(frozen=True)
class Shared:
    "A trait that two artworks share"

    kind: str  # `tag`, `artist`, `palette` (a colour family, perhaps with `dark` or `pale`) or `period`
    values: tuple[str, ...]
    share: float  # of the catalogue that has all of these values

    def as_list(self) -> list[dict[str, str]]:
        "`[{kind, value}]`, as answers of the server name traits; `dark` and `pale` are of the kind `light`"
        kinds = (self.kind, "light" if self.kind == "palette" else self.kind)
        return [{"kind": k, "value": v} for k, v in zip(kinds, self.values, strict=False)]


@lru_cache(maxsize=50_000)  # a page tries many sentences, and most of them on every page
def phrase(shared: Shared) -> str:
    "`shared` in words, without a capital: `sea at night`, `dark blue tones`, `by Berthe Morisot`, `from 1850–1899`"
    first, rest = shared.values[0], shared.values[1:]
    if shared.kind == "artist":
        return f"by {first}"
    if shared.kind == "period":
        return f"from {first}"
    if shared.kind == "palette":
        if (first, *rest) in (("white", "dark"), ("black", "pale")):
            return f"{first} tones in a {rest[0]} picture"
        return " ".join([*rest, first, "tones"])
    return label(shared.values)


def _sentence(shared: Shared, title: str) -> str:
    words = phrase(shared)
    if shared.kind == "artist":
        return f"By the hand of {shared.values[0]}, whom you liked"
    if shared.kind == "period":
        return f"From the same years as “{title}”"
    return f"{words[:1].upper()}{words[1:]}, like “{title}”"


class Traits:
    """The traits of every artwork, in the order of the candidate index."""

    def __init__(
        self,
        artworks: pd.DataFrame,  # Normalised (`as_artworks`)
        candidate_ids: Iterable[str],  # Artworks that left the catalogue have no title and no traits
        likes: np.ndarray | None = None,  # Likes per candidate; artworks with 0 are called new
    ):
        ids = [str(a) for a in candidate_ids]
        frame = artworks.set_index(Cols.artwork_id).reindex(ids)
        text = lambda c: frame[c].where(frame[c].notna(), "").tolist()  # noqa: E731
        lists = lambda c: [list(v) if isinstance(v, list | tuple | np.ndarray) else [] for v in frame[c]]  # noqa: E731
        self.ids, self.item_index = ids, {a: n for n, a in enumerate(ids)}
        self.titles, self.artists = text(Cols.title), [str(a).strip() for a in text(Cols.artist)]
        self.years = frame[Cols.year_start].to_numpy(float)
        self.tags = [{t.strip().casefold(): t.strip() for t in tags if t.strip()} for tags in lists(Cols.tags)]
        self.colours, self.light, self.families = _palettes(lists(Cols.palette))
        self.likes = np.ones(len(ids)) if likes is None else np.asarray(likes)
        self._known_years = np.sort(self.years[np.isfinite(self.years)])
        self._having: dict[str, dict[str, np.ndarray]] = {}
        self._works_of = self._items("tag")
        self._artists = Counter(a.casefold() for a in self.artists)
        self._palettes = Counter(self.colours) + Counter(zip(self.colours, self.light, strict=True))
        self._together: dict[tuple[str, str], float] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, item: int, kind: str) -> list[str]:
        "The values of `kind` (one of `KINDS`) that artwork `item` (its index) has, in small letters"
        if kind == "tag":
            return list(self.tags[item])
        artist = self.artists[item].casefold()
        one = {"artist": "" if artist in _ANYBODY else artist, "palette": self.colours[item]}
        value = one[kind] if kind in one else period(self.years[item])
        return [value] if value else []

    def _items(self, kind: str) -> dict[str, np.ndarray]:
        "Value in small letters -> item indices; computed on first use"
        if kind not in self._having:
            self._having[kind] = _items_by_value([self.of(n, kind) for n in range(len(self))])
        return self._having[kind]

    def having(
        self,
        kind: str,  # of `KINDS`
        value: str,  # capitals do not matter
    ) -> np.ndarray:  # int
        "Item indices of the artworks that have a trait; none where the catalogue does not know it any more"
        return self._items(kind).get(value.casefold(), np.zeros(0, np.int64))

    def name(
        self,
        kind: str,  # of `KINDS`; another raises `ValueError` too
        value: str,  # as a visitor wrote it; capitals and outer spaces do not matter
    ) -> str:
        "How the catalogue writes a value. Raises `ValueError` if no artwork has it."
        if kind not in KINDS:
            raise ValueError(f"{kind} is not a kind of trait; there are: {', '.join(KINDS)}.")
        key = value.strip().casefold()
        if not len(found := self.having(kind, key)):
            near = did_you_mean(key, self._items(kind))
            raise ValueError(f"No work in the catalogue has the {kind} {value.strip()!r}.{near}")
        return {"tag": lambda n: self.tags[n][key], "artist": lambda n: self.artists[n]}.get(kind, lambda n: key)(
            found[0]
        )

    def shared(self, a: int, b: int) -> list[Shared]:
        "What artworks `a` and `b` (item indices) share and few others have: the rarest first, the years last"
        found = [*self._shared_tags(a, b), *self._shared_artist(a, b), *self._shared_palette(a, b)]
        found = [s for s in found if s.share <= RARE]
        return sorted(found, key=lambda s: (s.share, -len(s.values))) + [
            s for s in self._shared_years(a, b) if s.share <= RARE
        ]

    def _shared_tags(self, a: int, b: int) -> list[Shared]:
        "The two rarest tags together, and each tag alone; of two, a time of day or year stands last"
        names, n = self.tags[a], len(self)
        both = sorted(names.keys() & self.tags[b].keys(), key=lambda t: (len(self._works_of[t]), t))
        out = [Shared("tag", (names[t],), len(self._works_of[t]) / n) for t in both]
        things, when = [t for t in both if t not in TIMES], [t for t in both if t in TIMES]
        if len(pair := (things[:1] + when[:1] if when else things[:2])) == 2:
            out.append(Shared("tag", tuple(names[t] for t in pair), self._share_of(pair[0], pair[1])))
        return out

    def _share_of(self, a: str, b: str) -> float:
        "Share of the catalogue with both tags"
        if (a, b) not in self._together:
            both = np.intersect1d(self._works_of[a], self._works_of[b], assume_unique=True)
            self._together[a, b] = len(both) / len(self)
        return self._together[a, b]

    def _shared_artist(self, a: int, b: int) -> list[Shared]:
        name = self.artists[a].casefold()
        if name in _ANYBODY or name != self.artists[b].casefold():
            return []
        return [Shared("artist", (self.artists[a],), self._artists[name] / len(self))]

    def _shared_palette(self, a: int, b: int) -> list[Shared]:
        "The colour family of the largest colour, with `dark` or `pale` where that is shared too"
        colour, light = self.colours[a], self.light[a]
        if not colour or colour != self.colours[b]:
            return []
        out = [Shared("palette", (colour,), self._palettes[colour] / len(self))]
        if light and light == self.light[b]:
            out.append(Shared("palette", (colour, light), self._palettes[colour, light] / len(self)))
        return out

    def _shared_years(self, a: int, b: int) -> list[Shared]:
        if not abs(self.years[a] - self.years[b]) <= YEARS:  # False where a year is unknown
            return []
        around = np.searchsorted(self._known_years, [self.years[b] - YEARS, self.years[b] + YEARS + 1e-6])
        return [Shared("period", (period(self.years[b]),), float(np.diff(around)[0]) / len(self))]


def _items_by_value(values: list[list[str]]) -> dict[str, np.ndarray]:
    out: dict[str, list[int]] = {}
    for n, mine in enumerate(values):
        for v in mine:
            out.setdefault(v, []).append(n)
    return {v: np.array(items) for v, items in out.items()}


def _palettes(palettes: list[list[str]]) -> tuple[list[str], list[str], np.ndarray]:
    """The family of the largest colour (empty where there is none), `dark`, `pale` or nothing, and all families.

    The families are rows of length 1 in the order of `FAMILIES`, zeros for an empty palette; the first colour counts
    1, the second 1/2 and so on, as in `language.colours.colour_families`, but each colour is named only once.
    """
    good = [[c.lower() for c in palette if is_hex(c)] for palette in palettes]
    known = sorted({c for palette in good for c in palette})
    family = dict(zip(known, colour_names(known, family=True), strict=True))
    rgb = rgb_of(known).astype(float) / 255
    lightness = dict(zip(known, (rgb.max(1) + rgb.min(1)) / 2, strict=True)) if known else {}
    families, light = np.zeros((len(good), len(FAMILIES)), np.float32), []
    for row, palette in zip(families, good, strict=True):
        weights = 1 / np.arange(1, len(palette) + 1)
        for c, w in zip(palette, weights, strict=True):
            row[FAMILIES.index(family[c])] += w
        mean = np.average([lightness[c] for c in palette], weights=weights) if palette else 0.5
        light.append("dark" if mean < DARK else "pale" if mean > PALE else "")
    lengths = np.linalg.norm(families, axis=1, keepdims=True)
    return [family[p[0]] if p else "" for p in good], light, families / np.where(lengths > 0, lengths, 1)


def reason(
    text: str,  # one sentence without a full stop
    kind: str,  # `liked`, `new`, `steered`, `start` or `taste`
    artwork_id: str | None = None,  # the like that it names, None where it names none
    shared: Iterable[Shared] = (),  # the traits that the sentence names
) -> dict:  # `{text, artwork_id, kind, shared}`
    "A reason as pages carry it; `shared` lists the traits that the sentence names"
    return {"text": text, "artwork_id": artwork_id, "kind": kind, "shared": [t for s in shared for t in s.as_list()]}


def _liked_options(traits: Traits, item: int, liked: list[int], wishes: list[dict]) -> list[dict]:
    "True sentences about one artwork, the best first; `liked`: the likes that count for it, the dearest first"
    out = []
    if not traits.likes[item]:
        out += _new_options(traits, item, liked)
    for like in liked:
        found = traits.shared(item, like)
        out += [reason(_sentence(s, traits.titles[like]), "liked", traits.ids[like], [s]) for s in found]
    out += _wish_options(traits, item, wishes)
    out += [reason(f"Because you liked “{traits.titles[n]}”", "liked", traits.ids[n]) for n in liked]
    return [*out, TASTE]


def _wish_options(traits: Traits, item: int, wishes: list[dict]) -> list[dict]:
    "What the artwork has and the visitor asked for"
    wanted = [w for w in wishes if w["direction"] == "more" and item in traits.having(w["kind"], w["value"])]
    shared = [Shared(w["kind"], (w["value"],), 0) for w in wanted]
    words = [named(s.values[0]) if s.kind == "tag" else s.values[0] for s in shared]
    return [reason(f"You asked for more: {w}", "steered", None, [s]) for w, s in zip(words, shared, strict=True)]


def _new_options(traits: Traits, item: int, liked: list[int]) -> list[dict]:
    "Sentences about an artwork that nobody has liked yet"
    out = []
    for like in liked:
        found = [s for s in traits.shared(item, like) if s.kind in ("tag", "palette")]
        best = [next((s for s in found if s.kind == kind), None) for kind in ("tag", "palette")]
        if named := [s for s in best if s]:
            words = ", ".join(map(phrase, named))
            text = f"New here, and close to “{traits.titles[like]}”: {words}"
            out.append(reason(text, "new", traits.ids[like], named))
    return out


def _spread(options: list[list[dict]], kind: str) -> list[dict]:
    "One reason per artwork; no sentence on more than a third of the page: rather none"
    n, said = len(options), Counter[str]()
    out = []
    for mine in options:
        for most in (n // 8, max(1, n // 3)):  # a sentence comes three times on a page of 24 before another is tried
            if pick := next((o for o in mine if said[o["text"]] < most), None):
                break
        out.append(pick or reason("", kind))
        said[out[-1]["text"]] += 1
    return out


def page_reasons(
    traits: Traits,  # of the catalogue of `items`
    liked: list[str],  # Ids of likes
    lost: np.ndarray,  # Likes x artworks: what an artwork loses without this like
    items: np.ndarray,  # Item indices of the artworks of one page; -1 where it ends
    wishes: list[dict] | None = None,  # What the visitor asked for: `{direction, kind, value}`
) -> list[dict]:  # `{text, artwork_id, kind, shared}`, one per artwork
    """The reasons of one page.

    A reason names a like without which the artwork would lose, and that is worth at least half as much as the like that
    is worth most. It says what the two share, if that is rare. No sentence stands on more than a third of the page.
    """
    known = [traits.item_index.get(a, -1) for a in liked]
    options = []
    for j, item in enumerate(items[items >= 0]):
        worth = lost[:, j]
        least = max(CLOSE * worth.max(initial=0), 1e-12)
        near = [known[n] for n in np.argsort(-worth, kind="stable") if worth[n] >= least]
        named = [n for n in near if n >= 0 and traits.titles[n]][:NAMED_LIKES]
        options.append(_liked_options(traits, int(item), named, wishes or []))
    return _spread(options, "taste")


def start_reasons(
    traits: Traits,  # of the catalogue of `items`
    items: np.ndarray,  # Item indices of the artworks of one page; -1 where it ends
    wishes: list[dict] | None = None,  # What the visitor asked for
) -> list[dict]:  # as `page_reasons`
    "Reasons for somebody of whom nothing is known: what an artwork shows, and whether others liked it"
    options = []
    for item in map(int, items[items >= 0]):
        text = "A starting point that others liked" if traits.likes[item] else "A starting point"
        own = [s for s in traits.shared(item, item) if s.kind in ("tag", "palette")]
        said = [reason(f"{text}: {phrase(s)}", "start", None, [s]) for s in own]
        options.append([*_wish_options(traits, item, wishes or []), *said, reason(text, "start")])
    return _spread(options, "start")

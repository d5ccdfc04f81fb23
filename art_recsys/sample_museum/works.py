"""A work: everything that its record says and its picture is painted from, drawn from the seed and its number."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .moods import MOOD_WORDS, MOODS
from .motifs import SUBJECTS, Subject
from .movements import MOVEMENTS, Movement
from .names import ACC_NAME, BIRDS, GLAZES, PLACES, PLACES_EAST, SITTERS, SITTERS_EAST, TONES
from .pixels import ROLES, chroma, colour
from .subjects import FLOWERS, FRUIT


def rng_for(
    seed: int,  # of the museum
    *key: int,  # what the stream is for
) -> np.random.Generator:
    "An independent random stream for each (`seed`, `key`)"
    return np.random.default_rng([int(seed) % 2**63, *key])


def _name_rng(name: str) -> np.random.Generator:
    return np.random.default_rng([ord(ch) for ch in name])


def tastes(
    movement: Movement,  # of the artist
    artist: str,  # name
) -> tuple[np.ndarray, np.ndarray, float]:  # [subjects] and [moods], each sums to one; 0.75 fine to 1.3 broad
    "Weights of the subjects, weights of the moods, and handling of an artist: the same in every museum"
    r = _name_rng(artist)
    w = np.array([3.0 if s.name in movement.likes else 1.0 for s in SUBJECTS])
    w[r.choice(len(SUBJECTS), 3, p=w / w.sum(), replace=False)] *= 8
    m = np.ones(len(movement.moods))
    m[r.choice(len(m), min(2, len(m)), replace=False)] *= 4
    return w / w.sum(), m / m.sum(), r.uniform(0.75, 1.3)


@dataclass(frozen=True)
class Work:
    "A work: what its record says and what its picture is painted from"

    index: int  # in the museum, counted from 0
    seed: int  # of the museum
    movement: Movement
    subject: Subject
    artist: tuple  # (name, culture, born, died)
    year: int  # of the beginning
    year_end: int  # of the end, often the same
    medium: str  # as the record says it
    category: str
    variant: str  # of the medium: which style paints it
    mood: str  # key of `MOODS`
    shape: float  # width / height
    hand: float  # the artist's handling: fine (< 1) or broad
    details: dict = field(hash=False)  # what the painter of the subject reads
    words: dict = field(hash=False)  # that fill the titles and sentences

    @property
    def artwork_id(self) -> str:
        "Its id in the catalogue"
        return f"sample-{self.index:05d}"

    @property
    def title(self) -> str:
        "Its title"
        r = rng_for(self.seed, self.index, 2)
        text = self.subject.titles[r.integers(len(self.subject.titles))].format(**self.words)
        return f"{text} ({self.words['k']} Version)" if r.random() < 0.03 else text

    @property
    def text(self) -> str:
        "One sentence on what is seen, and how"
        r = rng_for(self.seed, self.index, 3)
        name, m = self.artist[0], self.movement
        sight, light = (
            self.subject.sight.format(**{**self.words, "c": self.words["c"].lower()}),
            MOOD_WORDS[self.mood][1],
        )
        if "abstract" in self.subject.tags:
            light = f"the colours of {light}"
        forms = (
            "{Sight}, in {light}: {look}.",
            "{name} sets {sight} in {light}, with {look}.",
            "{Medium}: {sight}, in {light}; {look}.",
            "In {light}, {sight}; {name} works in {look}.",
        )
        return forms[r.integers(len(forms))].format(
            sight=sight,
            Sight=_upper(sight),
            light=light,
            look=m.look,
            Look=_upper(m.look),
            name=name,
            Medium=self.medium,
        )

    def palette(self) -> dict[str, np.ndarray]:
        "The colours of the mood as this movement mixes them: role to RGB, 0 to 1"
        base = np.stack([colour(code) for code in MOODS[self.mood].split()])
        r = rng_for(self.seed, self.index, 4)
        base = np.clip(base + r.normal(0, 0.02, base.shape) + r.normal(0, 0.018, 3), 0, 1)
        if self.movement.inks:
            base = _snap(base, np.stack([colour(code) for code in self.movement.inks]))
        else:
            base = chroma(base.astype(np.float32), self.movement.gain)
        return dict(zip(ROLES, base.astype(np.float32), strict=True))

    def record(self) -> dict:
        "Its row of the catalogue, with all of `ARTWORK_COLS`; no picture yet"
        ends = "" if self.year_end == self.year else f"–{self.year_end}"
        tags = [self.movement.name, *self.subject.tags, *MOOD_WORDS[self.mood][2], self.mood]
        if self.subject.name not in tags:
            tags.insert(1, self.subject.name)
        tags += [self.words[k] for k in ("f", "b") if k in self.words and "{" + k + "}" in self.subject.sight]
        return {
            "artwork_id": self.artwork_id,
            "source": "sample",
            "title": self.title,
            "artist": self.artist[0],
            "date_text": self.words["circa"] + str(self.year) + ends,
            "year_start": self.year,
            "year_end": self.year_end,
            "category": self.category,
            "medium": self.medium,
            "culture": self.artist[1],
            "tags": list(dict.fromkeys(t.lower() if t != self.movement.name else t for t in tags)),
            "text": self.text,
            "description": "",
            "palette": [],
            "image_url": "",
            "image_path": "",
            "licence": "CC0-1.0",
            "credit": "The art_recsys sample museum, painted by code",
            "source_url": "",
        }


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _snap(base: np.ndarray, inks: np.ndarray) -> np.ndarray:
    "Every role in its nearest ink, each ink used twice at most"
    used, out = np.zeros(len(inks)), np.empty_like(base)
    grey = np.array([0.299, 0.587, 0.114])
    for k in (0, 1, 8, 5, 2, 6, 9, 7, 3, 4):
        d = ((base[k] - inks) ** 2).sum(1) + 1.2 * (base[k] @ grey - inks @ grey) ** 2 + 0.16 * used
        best = int(np.argmin(d))
        used[best] += 1
        out[k] = inks[best]
    return out


def work(
    index: int,  # number of the work, from 0
    seed: int,  # of the museum
) -> Work:
    "Work number `index` of museum `seed`; it depends on no other work"
    r = rng_for(seed, index, 0)
    share = np.array([m.share for m in MOVEMENTS])
    m = MOVEMENTS[r.choice(len(MOVEMENTS), p=share / share.sum())]
    weight = 1 / (1.5 + np.arange(len(m.artists)))
    artist = m.artists[r.choice(len(m.artists), p=weight / weight.sum())]
    liked, moods, hand = tastes(m, artist[0])
    subject = SUBJECTS[r.choice(len(SUBJECTS), p=liked)]
    mood = str(r.choice(m.moods, p=moods))
    if subject.moods and mood not in subject.moods:
        fit = [x for x in m.moods if x in subject.moods] or subject.moods
        mood = str(r.choice(fit))
    medium, category, variant = m.media[
        r.choice(len(m.media), p=[0.6, 0.4] if len(m.media) == 2 else [0.64, 0.18, 0.18])
    ]
    _, _, born, died = artist
    first, last = max(m.start, born + 19), min(m.end, died or m.end)
    year = int(first + (last - first) * r.beta(1.6, 1.6))
    year_end = min(year + int(r.choice([0, 0, 0, 0, 1, 2, 3])), last)
    details = _details(r, subject, mood, m)
    return Work(
        index,
        int(seed),
        m,
        subject,
        artist,
        year,
        year_end,
        medium,
        category,
        variant,
        mood,
        float(r.choice(subject.shapes)),
        hand,
        details,
        _words(r, subject, mood, artist, year, details),
    )


def _details(r: np.random.Generator, subject: Subject, mood: str, m: Movement) -> dict[str, Any]:
    "The details that the painter of the subject reads"
    sex = "m" if r.random() < 0.42 else "f"
    east = m.name == "Tidewood School"
    glaze = str(r.choice(list(GLAZES)))
    return {
        "lit": {"moonlit": 0.8, "dusk": 0.7, "storm": 0.5, "rose": 0.45}.get(mood, 0.08),
        "night": mood == "moonlit",
        "snow": mood == "winter" or (subject.name == "mountains" and mood != "summer"),
        "lake": bool(r.random() < 0.45),
        "blossom": mood in ("spring", "dawn"),
        "autumn": mood in ("autumn", "golden"),
        "glaze": GLAZES[glaze],
        "glaze_name": glaze,
        "fruit": str(r.choice(list(FRUIT))),
        "flower": str(r.choice(list(FLOWERS))),
        "skin": int(r.integers(0, 2 if east else 5)),
        "hair": 4 if east else int(r.integers(0, 7)),
        "dress": str(r.choice(["acc", "acc2", "water", "near", "dark"])),
        "sex": sex,
        "long_hair": bool(sex == "f" and r.random() < 0.75),
        "hat_colour": str(r.choice(["acc2", "water", "acc", "near"])),
        "attire": str(r.choice(["hat", "scarf", "collar", "beads"] if sex == "f" else ["hat", "scarf", "collar"])),
        "striped": bool(r.random() < 0.5),
        "view": str(r.choice(["the sea", "the hills"])),
        "lightning": bool(mood in ("storm", "moonlit") and r.random() < 0.7),
        "bird": (b := str(r.choice(list(BIRDS)))),
        "plumage": BIRDS[b],
        "east": east,
    }


def _words(
    r: np.random.Generator, subject: Subject, mood: str, artist: tuple, year: int, d: dict[str, Any]
) -> dict[str, Any]:
    "The words for the title and the text, all of them true of the picture"
    flower = d["flower"] if subject.name == "flowers" else d["fruit"]
    c = (
        d["glaze_name"]
        if subject.name in ("still life", "flowers")
        else ACC_NAME[d["dress"]]
        if subject.name == "dancer"
        else str(r.choice(TONES))
    )
    sitter = str(r.choice((SITTERS_EAST if d["east"] else SITTERS)["f" if subject.name == "dancer" else d["sex"]]))
    place = str(r.choice(PLACES_EAST if d["east"] else PLACES))
    return {
        "p": place,
        "t": str(r.choice(MOOD_WORDS[mood][0])),
        "f": flower,
        "F": flower.capitalize(),
        "c": c,
        "k": str(r.choice([t for t in TONES if t != c])),
        "n": int(r.integers(1, 120)),
        "s": sitter,
        "w": "Woman" if d["sex"] == "f" else "Man",
        "g": str(r.integers(19, 71)),
        "A": {"hat": "Hat", "scarf": "Scarf", "collar": "White Collar", "beads": "Necklace"}[d["attire"]],
        "v": d["view"],
        "b": d["bird"].lower(),
        "B": d["bird"],
        "circa": "c. " if year < 1750 or r.random() < 0.12 else "",
    }

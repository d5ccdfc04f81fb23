"""The offline writer: it says what was measured and what the catalogue knows, and needs no network and no key."""

import random
from collections.abc import Sequence
from pathlib import Path

from art_recsys.core import Cols

from .descriptions import lines_of_picture, lines_without_picture
from .pictures import Reading
from .profiles import imagine
from .replies import Description, Profile
from .texts import sentence

__all__ = ["OfflineWriter"]


class OfflineWriter:
    """Composes descriptions and profiles from measurements and facts.

    Its random generator is seeded by `seed` and the id of the work, not by the order of the works: a work has the same
    description in a catalogue of ten and of ten thousand.
    """

    def __init__(
        self,
        seed: int = 42,  # of the run
    ):
        self.seed = seed

    def __repr__(self) -> str:
        return f"OfflineWriter(seed={self.seed})"

    def describe(
        self,
        picture: Path | None,  # not opened here: it comes with `seen`, what was measured in it
        work: dict,  # a row of `artworks`
        seen: Reading | None = None,  # from `art_recsys.enrichment.measure`; None where there is no picture
    ) -> str:  # at most four lines
        "Describe a work by colour, mood and aesthetic, or without a picture by its facts. `ValueError` without `seen`."
        if picture is not None and seen is None:
            raise ValueError("the offline writer needs what was measured in the picture: pass seen=measure(picture)")
        r = random.Random(f"{self.seed}|{work[Cols.artwork_id]}")
        lines = lines_without_picture(r, work) if seen is None else lines_of_picture(r, work, seen)
        return Description(text="\n".join(sentence(s) for s in lines if s)).text

    def profile(
        self,
        works: Sequence[dict],  # rows of `artworks` that the user likes, with `description` and `palette`
        pictures: Sequence[Path | None] = (),  # not opened: the descriptions say what was measured
        key: str = "",  # whose profile it is; another key gives another user with the same taste
    ) -> Profile:
        "The profile of an invented user who likes these works"
        return imagine(random.Random(f"{self.seed}|{key}|" + "|".join(w[Cols.artwork_id] for w in works)), works)

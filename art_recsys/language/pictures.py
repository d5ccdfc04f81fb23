"""Picture files: opening one safely, identifying it by its content, and the copy that is sent to a language model.

`Reading` holds what was measured in a picture. `art_recsys.enrichment.measure` fills it, the offline writer reads it.
"""

import base64
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps

from art_recsys.config import Home
from art_recsys.core import Cols

__all__ = ["UNREADABLE", "Reading", "data_url", "digests", "picture_of", "small_copy"]

UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)  # what Pillow raises on a broken file


@dataclass(frozen=True)
class Reading:
    "What was measured in one picture; lightness and chroma are in units of CIE Lab"

    palette: list[str]  # main colours as `#rrggbb`, largest first
    shares: list[float]  # how much of the picture each covers, 0 to 1
    accent: str  # a small strong colour as `#rrggbb`, or empty
    light: float  # mean lightness, 0 to 100
    contrast: float  # standard deviation of lightness
    colour: float  # mean chroma
    warmth: float  # above 0 warm, below 0 cool
    texture: float  # mean step of lightness between neighbouring pixels
    x: float  # centre of visual weight, -1 left to 1 right
    y: float  # -1 top to 1 bottom
    symmetry: float  # correlation of the picture with its mirror image; 1 is symmetric
    shape: float  # width over height
    moods: tuple[str, ...] = ()  # keys of `phrases.MOODS`, nearest first


def small_copy(
    picture: str | Path | IO[bytes],  # path or open file
    size: int,  # side of the copy in pixels
) -> tuple[Image.Image, float]:  # `size` x `size` pixels; above 1 is wide
    "A square RGB copy on white and the original's width over height; raises one of `UNREADABLE` on a broken file"
    with Image.open(picture) as im:
        im.draft("RGB", (2 * size, 2 * size))  # a JPEG is decoded near the size needed, which saves most of the time
        whole: Image.Image = ImageOps.exif_transpose(im)
        if whole.mode in ("RGBA", "LA", "P", "PA"):
            whole = whole.convert("RGBA")
            whole = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole)
        return whole.convert("RGB").resize((size, size), Image.Resampling.BOX), whole.width / whole.height


def picture_of(
    work: dict,  # a row of `artworks`
    home: Home,  # whose folder holds the pictures
) -> Path | None:  # None where there is no picture
    "The path of a work's picture; never a file outside the home, whatever the catalogue says"
    if not work.get(Cols.image_path):
        return None
    path = (home.path / work[Cols.image_path]).resolve()
    return path if path.is_relative_to(home.path.resolve()) and path.is_file() else None


def data_url(
    picture: Path,  # the file
    side: int = 512,  # longest side in pixels; OpenAI's low detail looks at 512
) -> str:  # `data:image/jpeg;base64,...`; empty if the file cannot be read
    "The picture as a JPEG inside a URL, so that no link has to be fetched"
    try:
        with Image.open(picture) as im:
            im.draft("RGB", (side, side))
            copy = ImageOps.exif_transpose(im).convert("RGB")
            copy.thumbnail((side, side))
            out = io.BytesIO()
            copy.save(out, "JPEG", quality=85)
    except UNREADABLE:
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


@cache
def _digest(picture: Path, *state: int) -> str:
    "SHA-256 of the file, 32 hex digits; empty if it is not a picture. `state` is its time and size"
    try:
        small_copy(picture, 16)
    except UNREADABLE:
        return ""
    return hashlib.sha256(picture.read_bytes()).hexdigest()[:32]


def digests(
    pictures: Sequence[Path | None],  # paths; None or what is no file is left out
) -> list[str]:
    "One digest per picture that can be read; a file is read again only after it has changed"
    there = [(Path(p), Path(p).stat()) for p in pictures if p and Path(p).is_file()]
    return [d for p, at in there if (d := _digest(p, at.st_mtime_ns, at.st_size))]

"""A museum painted by code: works of invented artists in invented movements, each with a picture made from its record.

`records` gives the catalogue, `paint` one picture, `paint_all` a folder of them. A work depends only on its number and
the seed, so a larger museum begins with the smaller one, record for record and byte for byte.
"""

import ctypes
import functools
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import cast

import numpy as np
from joblib import Parallel, delayed
from joblib.externals.loky import get_reusable_executor
from PIL import Image

from .canvas import Canvas
from .motifs import SUBJECTS
from .movements import MOVEMENTS
from .replay import Recorder, Replay
from .styles import finish
from .subjects import PAINT
from .works import Work, rng_for, work

__all__ = [
    "MOVEMENTS",
    "SUBJECTS",
    "Work",
    "enlarge",
    "paint",
    "paint_all",
    "painted_as",
    "picture_name",
    "records",
    "work",
]
Stream = np.random.Generator | Recorder | Replay
PAINTER = 3  # raise when pictures change, so that a home repaints what an older painter left


def records(
    n: int,  # how many
    seed: int = 42,  # of the museum
) -> list[dict]:
    "The first `n` works of a museum, as catalogue records"
    return [work(i, seed).record() for i in range(n)]


def paint(
    record: dict | Work | int,  # a record, a `Work`, or the number of a work
    seed: int = 42,  # of the museum
    size: int = 512,  # longest side, pixels
) -> Image.Image:
    "The picture of a work"
    w = _work(record, seed)
    return _painted(w, _sides(w, size), rng_for(w.seed, w.index, 5), rng_for(w.seed, w.index, 6))


def enlarge(
    record: dict | Work | int,  # a record, a `Work`, or the number of a work
    seed: int = 42,  # of the museum
    size: int = 512,  # longest side of the picture as it hangs, pixels
    large: int = 1600,  # longest side of the result, pixels, at least `size`
) -> Image.Image:
    "The picture that `paint` gives at `size`, painted again with more pixels: the same boats at the same places"
    w = _work(record, seed)
    subject, style = (Recorder(rng_for(w.seed, w.index, key)) for key in (5, 6))
    small = _painted(w, _sides(w, size), subject, style)
    zoom = large / max(small.size)
    sides = round(small.width * zoom), round(small.height * zoom)
    return _painted(w, sides, Replay(subject), Replay(style), small.size)


def _sides(w: Work, size: int) -> tuple[int, int]:
    "Width and height, pixels, of the picture of a work"
    height = size if w.shape <= 1 else round(size / w.shape)
    width = round(size * w.shape) if w.shape <= 1 else size
    return max(width, 16), max(height, 16)


def _painted(
    w: Work,
    sides: tuple[int, int],  # width and height, pixels
    subject: Stream,  # random stream of the subject
    style: Stream,  # random stream of the style
    base: tuple[int, int] | None = None,  # width and height, pixels, of the picture that this one enlarges
) -> Image.Image:
    canvas = Canvas(*sides, cast(np.random.Generator, subject), w.palette(), base)
    PAINT[w.subject.name](canvas, w.details)
    return finish(canvas, w, cast(np.random.Generator, style))


def picture_name(
    record: dict | Work | int,  # a record, a `Work`, or the number of a work
    seed: int = 42,  # of the museum
    size: int = 512,  # longest side, pixels
) -> str:
    "The file name of a picture: another seed, size or version of the painter gives another name"
    return f"{_work(record, seed).artwork_id}-{int(seed) % 2**63:x}-{size}-{PAINTER}.jpg"


def painted_as(
    name: str,  # of a picture file
) -> tuple[int, int, int] | None:  # number of the work, seed of the museum, longest side in pixels
    "What `picture_name` says of a picture; None where another painter, or nobody, has painted it"
    found = re.fullmatch(r"sample-(\d{1,9})-([0-9a-f]{1,16})-(\d{1,5})-(\d{1,4})\.jpg", name)
    if not found or int(found[4]) != PAINTER:
        return None
    return int(found[1]), int(found[2], 16), int(found[3])


def paint_all(
    records: Iterable[dict | Work | int],  # as for `paint`
    folder: str | Path,  # made if need be
    seed: int = 42,  # of the museum
    size: int = 512,  # longest side, pixels
    workers: int = 2,  # processes
    progress: Callable[[Iterable], Iterable] | None = None,  # wraps the iterator of finished pictures
) -> list[str]:
    "Paint what is missing in a folder. Returns the picture names, in order."
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    indices = [_work(r, seed).index for r in records]
    names = [f"{work(i, seed).artwork_id}-{int(seed) % 2**63:x}-{size}-{PAINTER}.jpg" for i in indices]
    todo = [
        (i, seed, size, str(folder / name)) for i, name in zip(indices, names, strict=True) if not _whole(folder / name)
    ]
    wrap = progress or (lambda it: it)
    if len(todo) < 8 or workers < 2:
        painted = map(_paint_one, todo)
    else:  # joblib's processes start from anywhere: a notebook, a thread, a script without a __main__ guard
        painted = Parallel(workers, return_as="generator", batch_size=4)(map(delayed(_paint_in_worker), todo))
    for _ in wrap(painted):
        pass
    if len(todo) >= 8 and workers >= 2:
        get_reusable_executor().shutdown()  # a forked process, such as nbdev-test's worker, waits for it at its end
    return names


def _work(record: dict | Work | int, seed: int) -> Work:
    if isinstance(record, Work):
        return record
    return work(record if isinstance(record, int) else int(record["artwork_id"].rsplit("-", 1)[1]), seed)


def _paint_in_worker(task: tuple[int, int, int, str]) -> str:
    _keep_memory()
    return _paint_one(task)


@functools.cache
def _keep_memory() -> None:
    "Where the C library can: a worker keeps the memory of one picture for the next, which saves a sixth of the time"
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(-3, 1 << 30)  # M_MMAP_THRESHOLD
        libc.mallopt(-1, 1 << 30)  # M_TRIM_THRESHOLD
    except (AttributeError, OSError, TypeError):
        pass


def _paint_one(task: tuple[int, int, int, str]) -> str:
    index, seed, size, path = task
    data = BytesIO()
    paint(index, seed, size).save(data, "JPEG", quality=86)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), suffix=".part")
    with os.fdopen(handle, "wb") as out:
        out.write(data.getvalue())
    os.replace(temporary, path)
    return path


def _whole(path: Path) -> bool:
    "Whether `path` holds a complete picture"
    try:
        data = path.read_bytes()
        with Image.open(BytesIO(data)) as image:
            return image.format == "JPEG" and data.endswith(b"\xff\xd9")
    except OSError:
        return False

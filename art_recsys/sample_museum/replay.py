"""Random draws that are recorded while a small picture is painted, and repeated for the large one.

How many numbers the painter draws depends on the size of the picture. With a fresh stream a larger picture would
therefore be another picture: its boats would lie elsewhere. `Recorder` keeps what the small one drew. `Replay` gives
the same numbers to the large one: places grow with the canvas, and a grid that is finer now repeats its cells.
"""

from typing import Any

import numpy as np

__all__ = ["Recorder", "Replay", "kept"]

_SIZE = {"uniform": 2, "normal": 2, "standard_normal": 0, "random": 0, "integers": 2, "choice": 1}  # where `size` is
_PLACED = ("uniform", "normal", "integers")  # whose first two arguments are an origin and an extent
CLOSE = 1.05  # two counts that differ by less are the same count, rounded


class Recorder:
    "A random stream that remembers what it gave"

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        self.draws: list[tuple[str, tuple, Any]] = []  # method, its arguments, its value

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.rng, name)

        def draw(*args: Any, **kw: Any) -> Any:
            value = method(*args, **kw)
            self.draws.append((name, args, value.copy() if isinstance(value, np.ndarray) else value))
            return value

        return draw


class Replay:
    "Gives what a `Recorder` remembers, in the same order, fitted to other sizes"

    def __init__(self, recorder: Recorder):
        self.draws = iter(recorder.draws)

    def __getattr__(self, name: str) -> Any:
        def draw(*args: Any, **kw: Any) -> Any:
            before, value = self._next(name)
            if name in _PLACED and len(args) > 1:
                value = _moved(value, name, before[:2], args[:2])
            size = kw.get("size", args[_SIZE[name]] if len(args) > _SIZE.get(name, 99) else None)
            shape = () if size is None else (size,) if isinstance(size, int | np.integer) else tuple(size)
            return _fitted(value, shape) if shape and isinstance(value, np.ndarray) else value

        return draw

    def as_recorded(self, *args: Any, **kw: Any) -> Any:
        "The next draw of `standard_normal` in its recorded shape, whatever shape is asked for"
        return self._next("standard_normal")[1]

    def kept(self) -> np.ndarray:
        "The choice that the small picture made here"
        return self._next("kept")[1]

    def _next(self, name: str) -> tuple[tuple, Any]:
        drawn, before, value = next(self.draws)
        if drawn != name:
            raise RuntimeError(f"the large picture draws {name} where the small one drew {drawn}")
        return before, value


def kept(
    rng: Any,  # a random stream
    choice: np.ndarray,  # that depends on mean colours, and so a little on the size of the picture
) -> np.ndarray:  # as `choice`
    "A choice that an enlarged picture takes over from the small one"
    if isinstance(rng, Recorder):
        rng.draws.append(("kept", (), choice))
    return rng.kept() if isinstance(rng, Replay) else choice


def _moved(value: Any, name: str, before: tuple, now: tuple) -> Any:
    "A value drawn between other bounds (or around another mean), at the same place between these"
    if all(np.array_equal(a, b) for a, b in zip(before, now, strict=True)):
        return value
    (low, high), (to, up) = before, now
    if name == "normal":
        return to + (value - low) * (np.asarray(up) / np.asarray(high))
    share = (value - low) / (np.asarray(high) - low)
    moved = to + share * (np.asarray(up) - to)
    return np.asarray(moved).astype(np.int64) if name == "integers" else moved


def _fitted(value: np.ndarray, shape: tuple) -> np.ndarray:
    "An array in another shape: counts that are nearly the same keep their order, finer grids repeat their cells"
    for axis, n in enumerate(shape):
        was = value.shape[axis]
        if n == was or not was:
            continue
        near = max(n, was) <= min(n, was) * CLOSE + 1
        index = np.minimum(np.arange(n), was - 1) if near else np.arange(n) * was // n
        value = np.take(value, index, axis)
    return value

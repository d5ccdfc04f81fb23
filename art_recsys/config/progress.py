"""A progress bar on a terminal, and silence in a log or a saved notebook, where timings would differ in every run."""

import sys
from collections.abc import Iterable

from tqdm.auto import tqdm

__all__ = ["progress"]


def progress(
    items: Iterable | None,  # What to iterate over; None for a bar that the caller updates
    desc: str,  # What is happening, in one or two words
    total: int | None = None,  # Number of items, if `items` has no length
    unit: str = "it",  # What one item is
) -> tqdm:
    "`items`, with a progress bar if stderr is a terminal"
    return tqdm(items, desc=desc, total=total, unit=unit, leave=False, disable=not sys.stderr.isatty())

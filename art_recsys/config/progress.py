"""A progress bar where a person is looking."""

import sys
from collections.abc import Iterable

from tqdm.auto import tqdm

__all__ = ["progress"]


def progress(
    items: Iterable,  # What to go through
    desc: str,  # What is happening, in a word or two
    total: int | None = None,  # How many there are, where `items` cannot say
    unit: str = "it",  # What one of them is
):
    "`items` with a progress bar where a person is looking"
    return tqdm(items, desc=desc, total=total, unit=unit, leave=False, disable=not sys.stderr.isatty())

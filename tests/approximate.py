"""Answers of two processes agree up to the last digits: equal sums may be added up in another order."""

from typing import Any

import pytest

__all__ = ["approximate"]


def approximate(answer: Any) -> Any:
    "The same lists and dicts, in which every float equals what is within 1e-5 of it"
    if isinstance(answer, dict):
        return {k: approximate(v) for k, v in answer.items()}
    if isinstance(answer, list | tuple):
        return type(answer)(map(approximate, answer))
    return pytest.approx(answer, rel=1e-5, abs=1e-5) if isinstance(answer, float) else answer

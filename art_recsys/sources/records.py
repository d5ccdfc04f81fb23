"""Values from raw records, whose format is not trusted, as text, number, list or time.

None of these functions raises. What is missing or has the wrong type becomes an empty value ('', [], NaN), so that one
odd record gets empty cells and does not stop a run.
"""

import ast
import re
from datetime import UTC, datetime
from typing import Any

import numpy as np

__all__ = ["as_list", "as_number", "as_year", "dicts_in", "dig", "distinct_texts", "first_text", "utc_time", "years_in"]


def dig(
    raw: Any,  # a nested record
    *path: str | int,  # keys and list indices, from the outside in
) -> Any:
    "What is at this path, or None"
    for p in path:
        if isinstance(raw, dict):
            raw = raw.get(p)
        elif isinstance(raw, list) and isinstance(p, int) and p < len(raw):
            raw = raw[p]
        else:
            return None
    return raw


def first_text(
    *values: Any,  # in order of preference
) -> str:
    "The first of these that is a text or a number, as text; '' where none is"
    for v in values:
        if isinstance(v, str | int | float) and not isinstance(v, bool) and str(v).strip():
            return str(v).strip()
    return ""


def distinct_texts(
    *values: Any,  # texts and lists of texts
) -> list[str]:
    "The distinct texts in all of these, in order; what is not text is dropped"
    flat = (x for v in values for x in (v if isinstance(v, list) else [v]))
    return list(dict.fromkeys(s for x in flat if isinstance(x, str) and (s := x.strip())))


def dicts_in(
    v: Any,  # a list, it is hoped
) -> list[dict]:
    "The objects in a list"
    return [x for x in v if isinstance(x, dict)] if isinstance(v, list) else []


def as_number(
    v: Any,  # a JSON value
) -> float:
    "A JSON number as a float; NaN for anything else"
    return float(v) if isinstance(v, int | float) and not isinstance(v, bool) else np.nan


def utc_time(
    text: Any,  # a timestamp in ISO 8601, with or without a zone
) -> str:
    "The same time in UTC to the second, in one format that sorts as text; '' for what is not a timestamp"
    try:
        when = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return ""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")


def as_list(
    v: Any,  # a list, or a text with `|`, `;` or `,` between its parts
) -> list[str]:
    "The distinct parts as texts"
    if isinstance(v, str):
        if v.startswith("["):
            try:
                return as_list(ast.literal_eval(v))
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                v = v.strip("[]")
        v = v.split(next((s for s in "|;," if s in v), ","))
    elif not isinstance(v, list | tuple | np.ndarray):
        v = [] if v is None or v != v else [v]
    return list(dict.fromkeys(t for x in v if x is not None and (t := str(x).strip())))


def years_in(
    *dates: Any,  # texts such as `c. 1871-1875`
) -> tuple[float, float]:
    "The first and the last year (1000 to 2099) that these name; NaN where they name none"
    found = [float(y) for d in dates for y in re.findall(r"(?<!\d)(?:1\d{3}|20\d{2})(?!\d)", str(d))]
    return (min(found), max(found)) if found else (np.nan, np.nan)


def as_year(
    v: Any,  # a number, or a text with a year in it
) -> float:
    "The year as a number; NaN where there is none"
    try:
        return float(v)
    except (TypeError, ValueError):
        return years_in(v)[0]

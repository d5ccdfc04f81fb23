"""Rows of a batch that came over HTTP: the good ones, and what is wrong with each of the others.

The types are those of `core`, the checks of works are those of the ingestion (`SCHEMA`, `clean_works`), and users are
tidied by `as_users`. Nothing is repaired in silence: what an ingestion would cut or empty is an error of the row here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pandas as pd
import pandera.errors
from pydantic import BaseModel, ValidationError

from art_recsys.config import did_you_mean
from art_recsys.core import USER_COLS, Cols, as_artworks, as_users
from art_recsys.ingestion import SCHEMA, clean_works
from art_recsys.platform.live_log import SOURCE
from art_recsys.sources.text import LENGTHS, clean_text

from .catalogue_bodies import ArtworkRow, EventRow, UserRow

__all__ = ["Checked", "RowError", "checked_artworks", "checked_events", "checked_users"]


@dataclass(frozen=True)
class RowError:
    "What is wrong with one row"

    index: int  # in the batch, from 0
    id: str | None  # of the row, as far as it has one; at most 100 characters
    field: str  # empty where the whole row is wrong
    message: str


class Checked(NamedTuple):
    "A batch after its checks"

    rows: list[dict]  # the good ones, with the fields that were sent
    errors: list[RowError]  # in the order of the batch, one per bad row


def _key(row: Any, key: str) -> str | None:
    return str(row[key])[:100] if isinstance(row, dict) and row.get(key) is not None else None


def _typed(raws: list, model: type[BaseModel], key: str) -> tuple[dict[int, Any], list[RowError]]:
    "Rows by index that have the right types and an id of their own, and the others"
    good: dict[int, Any] = {}
    errors: list[RowError] = []
    seen: set[str] = set()
    for n, raw in enumerate(raws):
        if not isinstance(raw, dict):
            errors.append(RowError(n, None, "", f"must be an object, not {type(raw).__name__}"))
            continue
        try:
            row = model.model_validate(raw)
        except ValidationError as e:
            errors.append(RowError(n, _key(raw, key), *_said(e, model)))
            continue
        if (mine := getattr(row, key)) in seen:
            errors.append(RowError(n, _key(raw, key), key, "another row of this batch has this id"))
            continue
        seen.add(mine)
        good[n] = row
    return good, errors


def _said(e: ValidationError, model: type[BaseModel]) -> tuple[str, str]:
    "Field and message of the first thing that pydantic refused"
    first = e.errors(include_url=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"]))[:100]
    if first["type"] == "extra_forbidden":
        return field, f"is not a field of this table.{did_you_mean(field, model.model_fields)}"
    return field, first["msg"].removeprefix("Value error, ")


def _sorted(rows: dict[int, dict], errors: list[RowError]) -> Checked:
    return Checked([rows[n] for n in sorted(rows)], sorted(errors, key=lambda e: e.index))


def checked_artworks(
    raws: list,  # as they were sent
    known: Callable[[str], bool],  # whether a work has a title already
) -> Checked:
    "Works that satisfy the schema of the ingestion, cleaned as there"
    typed, errors = _typed(raws, ArtworkRow, Cols.artwork_id)
    sent = {n: row.model_dump(exclude_unset=True) for n, row in typed.items()}
    for n, row in list(sent.items()):
        if row.get(Cols.title) is None and (Cols.title in row or not known(row[Cols.artwork_id])):
            errors.append(RowError(n, row[Cols.artwork_id], Cols.title, "is needed"))
            del sent[n]
    if not sent:
        return _sorted({}, errors)
    frame = as_artworks(pd.DataFrame([{Cols.title: "-", **row} for row in sent.values()]))
    for c, default in ((Cols.source, SOURCE), (Cols.licence, "-"), (Cols.credit, "-")):
        frame[c] = frame[c].where(frame[c] != "", default)
    numbers = list(sent)
    for at, (field, message) in _failures(frame).items():
        n = numbers[at]
        errors.append(RowError(n, sent.pop(n)[Cols.artwork_id], field, message))
    clean = clean_works(frame).to_dict("records")
    kept = {n: _cleaned(sent[n], clean[at]) for at, n in enumerate(numbers) if n in sent}
    return _sorted(kept, errors)


def _failures(frame: pd.DataFrame) -> dict[int, tuple[str, str]]:  # row -> column, message; the first of each row
    try:
        SCHEMA.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as e:
        first = e.failure_cases.drop_duplicates("index")
        cells = zip(first["index"], first["column"], first["check"], strict=True)
        return {int(i): (str(c), str(check)) for i, c, check in cells}
    return {}


def _cleaned(sent: dict, clean: dict) -> dict:
    "The fields that were sent, with their cleaned values; a field that was emptied stays empty"
    return {c: clean[c] if v not in (None, "", []) else v for c, v in sent.items()}


def checked_users(raws: list) -> Checked:
    "Users whose values `as_users` keeps"
    typed, errors = _typed(raws, UserRow, Cols.user_id)
    sent = {n: row.model_dump(exclude_unset=True) for n, row in typed.items()}
    frame = as_users(pd.DataFrame(list(sent.values()), columns=USER_COLS))
    rules = {Cols.age: "must be from 0 to 130", Cols.gender: "must be F, M, N or empty"}
    out = {}
    for (n, row), tidy in zip(sent.items(), frame.to_dict("records"), strict=True):
        bad = next((c for c in rules if row.get(c) not in (None, "") and _lost(tidy[c])), "")
        text, most = row.get(Cols.description) or "", LENGTHS[Cols.description]
        if bad:
            errors.append(RowError(n, row[Cols.user_id], bad, rules[bad]))
        elif len(text) > most:
            errors.append(RowError(n, row[Cols.user_id], Cols.description, f"has more than {most:,} characters"))
        else:
            tidy[Cols.description] = clean_text(text, most)
            out[n] = {c: tidy[c] if row[c] is not None else None for c in row}
    return _sorted(out, errors)


def _lost(value: Any) -> bool:
    "Whether a value did not stay: it is empty, or not a number"
    return value in ("", None) or value != value


def checked_events(
    raws: list,
    known: Callable[[str], bool],  # whether the catalogue has a work
) -> Checked:
    "Events of works that are in the catalogue, those with a time in order of time"
    typed, errors = _typed(raws, EventRow, Cols.event_id)
    for n, row in list(typed.items()):
        if not known(row.artwork_id):
            errors.append(RowError(n, row.event_id, Cols.artwork_id, "there is no such work in the catalogue"))
            del typed[n]
    rows: Iterable[EventRow] = [typed[n] for n in sorted(typed)]
    now = datetime.now(UTC)
    in_time = sorted(rows, key=lambda r: r.ts or now)
    return Checked([r.model_dump() for r in in_time], sorted(errors, key=lambda e: e.index))

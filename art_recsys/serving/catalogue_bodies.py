"""What the routes of the live catalogue read and answer.

A batch is checked row by row (`live_rows`), so that one bad row does not keep the others out. Here its rows are
therefore of any kind, and the document of the API says what they should look like.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model, field_validator

from art_recsys.core import ARTWORK_KINDS, Cols
from art_recsys.sources.text import clean_text

from .bodies import EventBody, Id

__all__ = [
    "MAX_ROWS",
    "ArtworkFields",
    "ArtworkRow",
    "ArtworksBody",
    "ErrorAnswer",
    "EventRow",
    "EventsAnswer",
    "EventsBatch",
    "IdsBody",
    "PutAnswer",
    "RowProblem",
    "UserFields",
    "UserRow",
    "UsersBody",
]

MAX_ROWS = 10_000  # of one batch
AHEAD = timedelta(minutes=5)  # clocks differ; an event that is later than that is an error
_Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Number = Annotated[float, Field(allow_inf_nan=False)] | None
_TYPES: dict[str, Any] = {"text": str | None, "number": _Number, "list": list[str] | None}


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _visible(value: str) -> str:
    if clean_text(value, len(value)) != value:
        raise ValueError("has characters that cannot be seen")
    return value


class _Titled(_Row):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = None


if TYPE_CHECKING:

    class ArtworkFields(_Titled):
        "Fields of one work; those that are not sent stay as they are, and a new one needs a `title`"
else:
    _KINDS = {c: kind for c, kind in ARTWORK_KINDS.items() if c not in (Cols.artwork_id, Cols.title, Cols.image_path)}
    ArtworkFields = create_model(  # without `image_path`, which names a file in the home
        "ArtworkFields", __base__=_Titled, **{c: (_TYPES[kind], None) for c, kind in _KINDS.items()}
    )
    ArtworkFields.__doc__ = "Fields of one work; those that are not sent stay as they are, a new one needs a `title`"


class ArtworkRow(ArtworkFields):
    "One work of a batch"

    artwork_id: _Key

    _id = field_validator("artwork_id")(_visible)


class UserFields(_Row):
    "Profile of one user; fields that are not sent stay as they are"

    age: _Number = None
    gender: str | None = None
    description: str | None = None


class UserRow(UserFields):
    "One user of a batch"

    user_id: _Key

    _id = field_validator("user_id")(_visible)


class EventRow(EventBody):
    "One event; the same `event_id` again is the same event"

    event_id: Id

    _ids = field_validator("event_id", "user_id", "artwork_id")(_visible)

    @field_validator("ts")
    @classmethod
    def _past(cls, ts: datetime | None) -> datetime | None:
        if ts and ts > datetime.now(UTC) + AHEAD:
            raise ValueError("must not be in the future")
        return ts


def _rows(model: type[BaseModel], example: dict) -> Any:
    "Rows of any kind, which the document of the API describes"
    return Field(json_schema_extra={"items": {**model.model_json_schema(), "examples": [example]}})


class ArtworksBody(_Row):
    "A batch of works, 10,000 at most: each has an `artwork_id` and fields of `ArtworkFields`"

    artworks: list[Any] = _rows(ArtworkRow, {"artwork_id": "loan-7", "title": "The Harbour", "tags": ["sea"]})


class UsersBody(_Row):
    "A batch of users, 10,000 at most: each has a `user_id` and fields of `UserFields`"

    users: list[Any] = _rows(UserRow, {"user_id": "u7", "age": 44, "gender": "F"})


class EventsBatch(_Row):
    "A batch of events, 10,000 at most: each as `EventBody`, but with an `event_id`, and no `ts` in the future"

    events: list[Any] = _rows(EventRow, {"event_id": "e1", "user_id": "u7", "artwork_id": "loan-7", "event": "like"})


class IdsBody(_Row):
    "Ids of works, 10,000 at most"

    artwork_ids: list[Id]


class RowProblem(BaseModel):
    "What is wrong with one row; `index`: its place in the batch, from 0"

    index: int
    id: str | None
    field: str
    message: str


class PutAnswer(BaseModel):
    "How many rows are new, were changed, said nothing new; and the rows that were not taken"

    inserted: int
    changed: int
    unchanged: int
    errors: list[RowProblem]


class EventsAnswer(BaseModel):
    "How many events are new, and how many were there; and the rows that were not taken"

    accepted: int
    duplicates: int
    errors: list[RowProblem]


class ErrorAnswer(BaseModel):
    "Every refusal; `error` says the same"

    detail: str
    error: str

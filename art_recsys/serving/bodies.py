"""The JSON bodies that the model server accepts, and the limit on their size."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import HTTPException, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator
from starlette.types import Message, Receive, Scope, Send

from art_recsys.core import Event
from art_recsys.models.facets import FACETS
from art_recsys.models.steering import DIRECTIONS
from art_recsys.models.traits import KINDS

from .similar import ROWS

__all__ = [
    "ID_CHARS",
    "MAX_BATCH",
    "MAX_BODY",
    "MAX_K",
    "Artists",
    "ChoicesBody",
    "EventsBody",
    "Id",
    "Ids",
    "LimitBody",
    "PredictBody",
    "RecommendBody",
    "SearchBody",
    "SessionBody",
    "SimilarBody",
    "SteerBody",
    "StrictBody",
    "UserPath",
]

MAX_BODY = 1_000_000  # bytes
MAX_BATCH = 32_000_000  # bytes of a batch, or of a picture
MAX_K = 500  # artworks per page
ID_CHARS = 200
Id = Annotated[str, Field(min_length=1, max_length=ID_CHARS)]
Ids = Annotated[list[Id], Field(max_length=20_000)]
UserPath = Annotated[str, Path(max_length=ID_CHARS)]  # in an address
Artists = Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=200)]
K = Annotated[int, Field(ge=1, le=MAX_K)]
Choice = (
    Annotated[str, Field(max_length=500)]
    | Annotated[list[Annotated[str, Field(max_length=500)]], Field(max_length=100)]
    | None
)


class StrictBody(BaseModel):
    "Refuses keys that it does not know"

    model_config = ConfigDict(extra="forbid")


if TYPE_CHECKING:

    class Filters(StrictBody):
        "For each facet a value, a list of values, or None for no filter"
else:
    Filters = create_model("Filters", __base__=StrictBody, **{facet: (Choice, None) for facet in FACETS})


class _Filtered(StrictBody):
    "What limits a choice of works"

    filters: Filters = Filters()
    exclude_artists: Artists = Field([])

    def chosen(self) -> dict:
        "The filters that are set"
        return {facet: value for facet, value in self.filters.model_dump().items() if value}


class RecommendBody(_Filtered):
    "Body of `POST /recommend`; `exclude`: works that are shown already, `log`: whether the page is recorded as shown"

    user_id: Id
    k: K | None = None
    exclude: Ids = Field([])
    log: bool = True


class SessionBody(_Filtered):
    "Body of `POST /api/recommend/session`: liked works, oldest first; nothing of it is kept"

    liked: list[Id] = Field(max_length=10_000)
    hidden: list[Id] = Field([], max_length=10_000)
    k: K | None = None
    exclude: Ids = Field([])


class ChoicesBody(_Filtered):
    "Body of `POST /filters`: the filters that are set"


class SimilarBody(StrictBody):
    "Body of `POST /similar`; `row`: only this row, `exclude`: works that are shown already"

    artwork_id: Id
    k: K = 12
    row: Literal[tuple(ROWS)] | None = None  # type: ignore[valid-type]  # pydantic reads the tuple
    exclude: Ids = Field([])


class SearchBody(_Filtered):
    "Body of `POST /search`; `skip`: works that are shown already"

    text: Annotated[str, Field(max_length=500)]
    k: K = 24
    skip: Annotated[int, Field(ge=0, le=20_000)] = 0
    user_id: Id | None = None


class EventBody(StrictBody):
    "One event; a `ts` without a time zone is read as UTC"

    user_id: Id
    artwork_id: Id
    event: Literal[Event.all]  # type: ignore[valid-type]  # pydantic reads the tuple
    event_id: Id | None = None
    ts: datetime | None = None
    position: Annotated[float, Field(ge=0, le=1e6)] | None = None
    request_id: Annotated[str, Field(max_length=200)] | None = None

    @field_validator("ts")
    @classmethod
    def _in_utc(cls, ts: datetime | None) -> datetime | None:
        if ts is None:
            return ts
        ts = ts if ts.tzinfo else ts.replace(tzinfo=UTC)
        if ts < datetime(1970, 1, 2, tzinfo=UTC):
            raise ValueError("must be after 1970")
        return ts


class EventsBody(StrictBody):
    "Body of `POST /events`: at most 1000 events"

    events: list[EventBody] = Field(max_length=1000)


class SteerBody(StrictBody):
    "Body of `POST /steer`; `neutral` takes back what was said before"

    user_id: Id
    direction: Literal[DIRECTIONS]  # type: ignore[valid-type]  # pydantic reads the tuple
    kind: Literal[KINDS]  # type: ignore[valid-type]
    value: Annotated[str, Field(min_length=1, max_length=500)]
    event_id: Id | None = None


class PredictBody(StrictBody):
    """Body of `POST /v1/models/{name}:predict`: 1 to 256 instances

    Each has `user_id` or `history` (liked ids, oldest first), and `k` for the model `query` or `artwork_ids` for
    `ranking`.
    """

    instances: list[dict] = Field(min_length=1, max_length=256)


class LimitBody:
    "ASGI middleware: answers 413 to a body over `limit` bytes, with or without a Content-Length header"

    def __init__(
        self,
        app: Any,  # ASGI application that is wrapped
        limit: int = MAX_BODY,  # bytes
    ):
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        "ASGI: `scope`, `receive` and `send` are those of one request"
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = MAX_BATCH if scope["path"].startswith("/api/") else self.limit
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > limit:
            return await self._refuse(scope, receive, send, limit)
        size, started = 0, False

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                raise _TooLarge(limit)
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            if size > limit and message["type"] == "http.response.start":  # the rest is not waited for
                message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except _TooLarge:
            if started:
                raise
            await self._refuse(scope, receive, send, limit)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        refused = _TooLarge(limit)
        await JSONResponse({"detail": refused.detail}, 413, {"connection": "close"})(scope, receive, send)


class _TooLarge(HTTPException):
    def __init__(self, limit: int) -> None:  # bytes
        super().__init__(413, f"The body is larger than {limit // 1_000_000} MB.")

"""HTTP routes of the live catalogue: works, users and events that come and go, and pages for another front end.

Every path begins with `/api/`. GET reads; POST, PUT and DELETE write, except those under `/api/recommend`, which read.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse

from art_recsys.config import Settings

from .bodies import MAX_K, EventBody, RecommendBody, SessionBody
from .catalogue_bodies import (
    MAX_ROWS,
    ArtworkFields,
    ArtworksBody,
    ErrorAnswer,
    EventsAnswer,
    EventsBatch,
    IdsBody,
    PutAnswer,
    UserFields,
    UsersBody,
)
from .catalogue_read import artwork, artworks, event, events, user, users

if TYPE_CHECKING:
    from .live import Live

__all__ = ["LiveHolder", "add_catalogue"]

Key = Annotated[str, Path(min_length=1, max_length=200)]
After = Annotated[str, Query(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=1000)]
REFUSED: dict[int | str, dict] = {
    code: {"model": ErrorAnswer, "description": text}
    for code, text in {413: "More than 10,000 rows", 422: "No row could be taken", 503: "Loading, or disk"}.items()
}


class LiveHolder:
    "Makes the `Live` of an application when it is first needed: its modules take seconds to import"

    def __init__(self, app: FastAPI, settings: Settings):
        self.app, self.settings = app, settings
        self._live: Live | None = None
        self._making, self._stopped = threading.Lock(), threading.Event()

    def get(self) -> "Live":
        "The one `Live`; its thread loads the models that encode"
        from .live import Live

        with self._making:
            if self._live is None:
                self._live = Live(self.settings, self.app.state.releases, self.app.state.compare.close)
        self._live.begin()
        return self._live

    def resume(self) -> None:
        "Go on with what an earlier server did not finish, once the models are loaded"
        threading.Thread(target=self._resume, daemon=True, name="resume").start()

    def _resume(self) -> None:
        from .live_catalogue import LiveRows

        releases = self.app.state.releases
        while releases.service is None:
            if self._stopped.wait(0.2) or releases.failure:
                return
        rows = LiveRows(releases.service.store)
        if rows.last() or rows.users():
            self.get()

    def stop(self) -> None:
        "End its thread"
        self._stopped.set()
        if self._live:
            self._live.stop()


def _counted(rows: list) -> list:
    if len(rows) > MAX_ROWS:
        text = f"A batch has at most {MAX_ROWS:,} rows, and this one has {len(rows):,}: send it in parts."
        raise HTTPException(413, text)
    return rows


def _batch(answer: dict) -> JSONResponse:
    "422 where no row could be taken"
    taken = sum(v for k, v in answer.items() if k != "errors")
    if answer["errors"] and not taken:
        first = answer["errors"][0]
        detail = f"No row could be taken; row {first['index']}: {first['field']} {first['message']}."
        return JSONResponse({**answer, "detail": detail, "error": detail}, 422)
    return JSONResponse(answer)


def _single(answer: dict) -> JSONResponse:
    "422 where the row could not be taken, with its field"
    for error in answer.pop("errors"):
        raise HTTPException(422, f"{error['field']}: {error['message']}.")
    return JSONResponse(answer)


def add_catalogue(
    app: FastAPI,
    service_of: Callable[[Request], Any],  # The service that answers a request; may raise 503
    crunch: Callable[..., Awaitable[Any]],  # `crunch(request, function, *args)`: run it in the small thread pool
) -> None:
    "Add the routes; `app.state` has `releases`, `compare` and `metrics`, and gets `live`"
    app.state.live = holder = LiveHolder(app, app.state.releases.settings)

    async def live(request: Request, method: str, *args: Any) -> Any:
        service_of(request)
        return await asyncio.to_thread(lambda: getattr(holder.get(), method)(*args))

    async def read(request: Request, function: Callable[..., Any], *args: Any) -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(function, service_of(request), *args))

    _add_artworks(app, live, read)
    _add_users(app, live, read)
    _add_events(app, live, read)
    _add_recommend(app, service_of, crunch)


def _add_artworks(app: FastAPI, live: Callable[..., Any], read: Callable[..., Any]) -> None:
    @app.get("/api/catalogue", summary="How many works there are, and how many changes wait", tags=["artworks"])
    async def state(request: Request) -> JSONResponse:
        return JSONResponse(await live(request, "state"))

    @app.get("/api/artworks", summary="Works in order of their ids, a page at a time", tags=["artworks"])
    async def many(request: Request, after: After = "", limit: Limit = 100) -> JSONResponse:
        return await read(request, artworks, after, limit)

    @app.post(
        "/api/artworks",
        summary="Insert or change works; answered when they are on disk",
        responses={200: {"model": PutAnswer}, **REFUSED},
        tags=["artworks"],
    )
    async def put_many(request: Request, body: ArtworksBody) -> JSONResponse:
        return _batch(await live(request, "put_artworks", _counted(body.artworks)))

    @app.post("/api/artworks/withdraw", summary="Withdraw works; no later answer shows them", tags=["artworks"])
    async def withdraw_many(request: Request, body: IdsBody) -> JSONResponse:
        return JSONResponse(await live(request, "withdraw", _counted(body.artwork_ids)))

    @app.get("/api/artworks/{artwork_id:path}", summary="One work", tags=["artworks"])
    async def one(request: Request, artwork_id: Key) -> JSONResponse:
        return await read(request, artwork, artwork_id)

    @app.put("/api/artworks/{artwork_id:path}", summary="Insert or change one work", tags=["artworks"])
    async def put_one(request: Request, artwork_id: Key, body: ArtworkFields) -> JSONResponse:
        row = {**body.model_dump(exclude_unset=True), "artwork_id": artwork_id}
        return _single(await live(request, "put_artworks", [row]))

    @app.delete("/api/artworks/{artwork_id:path}", summary="Withdraw one work", tags=["artworks"])
    async def withdraw_one(request: Request, artwork_id: Key) -> JSONResponse:
        return JSONResponse(await live(request, "withdraw", [artwork_id]))

    image = {"requestBody": {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}}}

    @app.put(
        "/api/pictures/{artwork_id:path}",
        summary="Set the picture of a work; the body is a JPEG, PNG, WEBP, GIF, TIFF or BMP file",
        openapi_extra=image,
        tags=["artworks"],
    )
    async def picture(request: Request, artwork_id: Key) -> JSONResponse:
        if why := await live(request, "put_picture", artwork_id, await request.body()):
            raise HTTPException(422, f"{why}.")
        return JSONResponse({"artwork_id": artwork_id})


def _add_users(app: FastAPI, live: Callable[..., Any], read: Callable[..., Any]) -> None:
    @app.get("/api/users", summary="Profiles in order of their ids, a page at a time", tags=["users"])
    async def many(request: Request, after: After = "", limit: Limit = 100) -> JSONResponse:
        return await read(request, users, after, limit)

    @app.post(
        "/api/users",
        summary="Insert or change profiles; answered when they are on disk",
        responses={200: {"model": PutAnswer}, **REFUSED},
        tags=["users"],
    )
    async def put_many(request: Request, body: UsersBody) -> JSONResponse:
        return _batch(await live(request, "put_users", _counted(body.users)))

    @app.get("/api/users/{user_id:path}", summary="A profile, and ids of the works liked and hidden", tags=["users"])
    async def one(request: Request, user_id: Key) -> JSONResponse:
        return await read(request, user, user_id)

    @app.put("/api/users/{user_id:path}", summary="Insert or change one profile", tags=["users"])
    async def put_one(request: Request, user_id: Key, body: UserFields) -> JSONResponse:
        row = {**body.model_dump(exclude_unset=True), "user_id": user_id}
        return _single(await live(request, "put_users", [row]))

    @app.delete("/api/users/{user_id:path}", summary="Forget a user: every row that the home keeps", tags=["users"])
    async def forget(request: Request, user_id: Key) -> JSONResponse:
        return JSONResponse(await live(request, "forget", user_id))


def _add_events(app: FastAPI, live: Callable[..., Any], read: Callable[..., Any]) -> None:
    @app.get("/api/events", summary="Events in order of arrival, a page at a time", tags=["events"])
    async def many(
        request: Request,
        after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the page before")] = 0,
        limit: Limit = 100,
        user_id: Annotated[str | None, Query(max_length=200, description="Only those of this user")] = None,
    ) -> JSONResponse:
        return await read(request, events, after, limit, user_id)

    @app.post(
        "/api/events",
        summary="Record events; answered when they are on disk, and they count for the next page",
        responses={200: {"model": EventsAnswer}, **REFUSED},
        tags=["events"],
    )
    async def put_many(request: Request, body: EventsBatch) -> JSONResponse:
        return _batch(await live(request, "put_events", _counted(body.events)))

    @app.get("/api/events/{event_id:path}", summary="One event", tags=["events"])
    async def one(request: Request, event_id: Key) -> JSONResponse:
        return await read(request, event, event_id)

    @app.put("/api/events/{event_id:path}", summary="Replace the event that has this id", tags=["events"])
    async def put_one(request: Request, event_id: Key, body: EventBody) -> JSONResponse:
        row = {**body.model_dump(mode="json", exclude_unset=True), "event_id": event_id}
        return _single(await live(request, "replace_event", row))

    @app.delete("/api/events/{event_id:path}", summary="Delete one event", tags=["events"])
    async def delete(request: Request, event_id: Key) -> JSONResponse:
        return JSONResponse(await live(request, "delete_event", event_id))


def _add_recommend(app: FastAPI, service_of: Callable[[Request], Any], crunch: Callable[..., Awaitable[Any]]) -> None:
    @app.post("/api/recommend/user", summary="The next page for a user, as /recommend", tags=["recommend"])
    async def of_user(request: Request, body: RecommendBody) -> JSONResponse:
        asked = body.user_id, body.k, body.exclude, body.chosen(), body.exclude_artists, body.log
        page = await crunch(request, service_of(request).recommend, *asked)
        request.app.state.metrics.page(page)
        return JSONResponse(page)

    @app.post("/api/recommend/session", summary="A page for a list of liked ids; nothing is kept", tags=["recommend"])
    async def of_session(request: Request, body: SessionBody) -> JSONResponse:
        asked = body.liked, body.hidden, body.k, body.exclude, body.chosen(), body.exclude_artists
        return JSONResponse(await crunch(request, service_of(request).session, *asked))

    @app.get("/api/recommend/artwork/{artwork_id:path}", summary="Works similar to one, in rows", tags=["recommend"])
    async def of_artwork(
        request: Request,
        artwork_id: Key,
        k: Annotated[int, Query(ge=1, le=MAX_K)] = 12,
        row: Annotated[str | None, Query(max_length=20, description="Only this one: subject, light or hand")] = None,
    ) -> JSONResponse:
        return JSONResponse(await crunch(request, service_of(request).similar, artwork_id, k, row))

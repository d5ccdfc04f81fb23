"""HTTP routes for what belongs to a visitor: likes, hidden works, rooms, and codes for another browser."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from .bodies import ID_CHARS, MAX_K, Artists, Id, Ids, StrictBody, UserPath
from .rooms import SORTINGS

__all__ = ["add_visits"]

Typed = Annotated[str, Field(max_length=50_000)]
UserId = Annotated[str, Query(min_length=1, max_length=ID_CHARS)]
K = Annotated[int, Query(ge=1, le=2 * MAX_K)]
Skip = Annotated[int, Query(ge=0, le=1_000_000)]


class _Body(StrictBody):
    user_id: Id


class NewRoomBody(_Body):
    "Body of `POST /rooms`"

    name: Typed
    artwork_ids: Ids = Field([])  # a room has limits of its own, and kinder messages


class RoomBody(_Body):
    "Body of `PATCH /room/{room_id}`; None: as it is"

    name: Typed | None = None
    text: Typed | None = None
    sorting: Literal[SORTINGS] | None = None  # type: ignore[valid-type]  # pydantic reads the tuple


class HangBody(_Body):
    "Body of `POST /room/{room_id}/works`; `position`: where the added work hung before"

    add: Ids = Field([])
    remove: Ids = Field([])
    position: Annotated[int, Field(ge=0, le=10**9)] | None = None


class ShareBody(_Body):
    "Body of `POST /room/{room_id}/share`"

    on: bool


class CodeBody(_Body):
    "Body of `POST /codes`: artists that the visitor's browser excludes"

    artists: Artists = Field([])


class RedeemBody(_Body):
    "Body of `POST /codes/redeem`"

    code: Annotated[str, Field(min_length=1, max_length=200)]


def add_visits(
    app: FastAPI,
    visits: Callable[[Request], Any],  # the `Visits` that answers a request; may raise 503
) -> None:
    "Add the routes; each of them waits for the disk in a thread"

    async def answer(function: Callable[..., Any], *args: Any, status: int = 200, **kwargs: Any) -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(function, *args, **kwargs), status)

    @app.get("/decisions/{user_id:path}", summary="Ids of the works that a visitor likes and hides")
    async def decisions(request: Request, user_id: UserPath) -> JSONResponse:
        return await answer(visits(request).decisions, user_id)

    @app.get("/visitors/{user_id}", summary="The visitor with a token that this server has made; 404 for any other id")
    async def visitor(request: Request, user_id: UserPath) -> JSONResponse:
        return await answer(visits(request).visitor, user_id)

    @app.delete("/visitors/{user_id}", summary="Forget the visitor with this token, at their own wish")
    async def forget_visitor(request: Request, user_id: UserPath) -> JSONResponse:
        await asyncio.to_thread(visits(request).visitor, user_id)  # raises for any other id
        return await answer(request.app.state.releases.forget, user_id)

    @app.get("/likes/{user_id:path}", summary="Works that a visitor likes, newest first")
    async def likes(request: Request, user_id: UserPath, k: K = 60, skip: Skip = 0) -> JSONResponse:
        return await answer(visits(request).likes, user_id, k, skip)

    @app.get("/hidden/{user_id:path}", summary="Works that a visitor hides, newest first")
    async def hidden(request: Request, user_id: UserPath, k: K = 60, skip: Skip = 0) -> JSONResponse:
        return await answer(visits(request).hidden, user_id, k, skip)

    @app.get("/rooms/{user_id:path}", summary="The rooms of a visitor")
    async def rooms(request: Request, user_id: UserPath) -> JSONResponse:
        return await answer(visits(request).rooms_of, user_id)

    @app.post("/rooms", summary="A new room")
    async def new_room(request: Request, body: NewRoomBody) -> JSONResponse:
        return await answer(visits(request).make_room, body.user_id, body.name, body.artwork_ids, status=201)

    @app.get("/room/{room_id}", summary="A room, for its owner")
    async def room(request: Request, room_id: str, user_id: UserId) -> JSONResponse:
        return await answer(visits(request).room, user_id, room_id)

    @app.patch("/room/{room_id}", summary="Change the name, the wall text or the order of a room")
    async def change(request: Request, room_id: str, body: RoomBody) -> JSONResponse:
        return await answer(visits(request).change_room, room_id=room_id, **body.model_dump())

    @app.delete("/room/{room_id}", summary="Take a room down, and close its link")
    async def delete(request: Request, room_id: str, user_id: UserId) -> JSONResponse:
        return await answer(visits(request).delete_room, user_id, room_id)

    @app.post("/room/{room_id}/works", summary="Hang works in a room, and take others out")
    async def hang(request: Request, room_id: str, body: HangBody) -> JSONResponse:
        return await answer(visits(request).hang, room_id=room_id, **body.model_dump())

    @app.post("/room/{room_id}/share", summary="Open or close the link to a room")
    async def share(request: Request, room_id: str, body: ShareBody) -> JSONResponse:
        return await answer(visits(request).share_room, body.user_id, room_id, body.on)

    @app.get("/shared/{share_id}", summary="A room, for whoever has its link; nothing about its owner")
    async def shared(request: Request, share_id: str) -> JSONResponse:
        found = await asyncio.to_thread(visits(request).shared_room, share_id)
        return JSONResponse(found, headers={"cache-control": "no-store"})

    @app.post("/codes", summary="A one-time code that carries likes to another browser")
    async def code(request: Request, body: CodeBody) -> JSONResponse:
        return await answer(visits(request).codes.make, body.user_id, body.artists, status=201)

    @app.post("/codes/redeem", summary="Copy what is behind a code to a visitor")
    async def redeem(request: Request, body: RedeemBody) -> JSONResponse:
        return await answer(visits(request).codes.redeem, body.user_id, body.code)

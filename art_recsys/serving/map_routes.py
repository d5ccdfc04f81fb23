"""The model server's routes for the map of the catalogue."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from .bodies import MAX_K, Artists, Id, Ids, StrictBody, UserPath
from .maps import CatalogueMap, NoMap

__all__ = ["AroundBody", "WorksBody", "add_map"]

Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Name = Annotated[str, Field(max_length=64)]


class AroundBody(StrictBody):
    "Body of `POST /map/around`; `beyond`: go on further away, `exclude`: works that are shown already"

    x: Part
    y: Part
    radius: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]
    k: Annotated[int, Field(ge=1, le=MAX_K)] = 24
    user_id: Id | None = None
    beyond: bool = False
    exclude: Ids = Field([])
    exclude_artists: Artists = Field([])
    name: Name | None = None


class WorksBody(StrictBody):
    "Body of `POST /map/works`: numbers of works on the map of this name"

    numbers: list[Annotated[int, Field(ge=0, le=2**31)]] = Field(max_length=MAX_K)
    name: Name | None = None


def add_map(
    app: FastAPI,
    service_of: Callable[[Request], Any],  # The service that answers a request
    crunch: Callable[..., Awaitable[Any]],  # `crunch(request, function, *args)`: run it in the small thread pool
) -> None:
    "Routes for the map: its picture, a visitor's way over it, the works around a place"

    def map_of(request: Request, name: str | None = None) -> CatalogueMap:
        found = service_of(request).map
        if found is None:
            raise NoMap("This release has no map.", "make it with: art-recsys deploy")
        found.check(name)
        return found

    @app.get("/map", summary="Place and colour of each work: numbers, compressed (see `serving/maps.py`)")
    async def body(request: Request, name: Annotated[str | None, Query(max_length=64)] = None) -> Response:
        found = map_of(request, name)
        keep = "public, max-age=31536000, immutable" if name else "no-cache"
        headers = {"content-encoding": "gzip", "cache-control": keep, "access-control-allow-origin": "*"}
        return Response(await crunch(request, lambda: found.body), 200, headers, "application/octet-stream")

    @app.get("/map/visitors/{user_id:path}", summary="Where a visitor's likes lie, and how their query moved")
    async def visitor(request: Request, user_id: UserPath) -> JSONResponse:
        return JSONResponse(await crunch(request, map_of(request).visitor, user_id))

    @app.post("/map/around", summary="Works around a place, in the order of a visitor's taste")
    async def around(request: Request, body: AroundBody) -> JSONResponse:
        found = map_of(request, body.name)
        asked = body.x, body.y, body.radius, body.k, body.user_id, body.beyond, body.exclude, body.exclude_artists
        return JSONResponse(await crunch(request, found.around, *asked))

    @app.post("/map/works", summary="The cards of works, by their numbers on the map")
    async def works(request: Request, body: WorksBody) -> JSONResponse:
        return JSONResponse({"items": map_of(request, body.name).works(body.numbers)})

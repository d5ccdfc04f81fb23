"""HTTP routes of `lookup`: what operators ask about one visitor, one work, and two releases."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from art_recsys.config import UserError

from .lookup import LIKERS, CompareReleases, releases_of, visitor, visitors, work

__all__ = ["add_lookup"]

Code = Annotated[str, Query(pattern="^[0-9a-f]{12}$")]
Version = Annotated[str, Query(min_length=1, max_length=200)]


def add_lookup(
    app: FastAPI,
    service_of: Callable[[Request], Any],  # The service that answers a request; may raise 503
    crunch: Callable[..., Awaitable[Any]],  # `crunch(request, function, *args)`: run it in the small thread pool
) -> None:
    "Add the routes; `app.state` has `releases`, and gets `compare`"
    compare = app.state.compare = CompareReleases(app.state.releases)

    async def answer(request: Request, function: Callable[..., Any], *args: Any) -> JSONResponse:
        return JSONResponse(await crunch(request, function, *args))

    @app.get("/lookup/visitors", summary="Codes of visitors: who came last, who did most in training")
    async def all_visitors(request: Request, limit: Annotated[int, Query(ge=1, le=200)] = LIKERS) -> JSONResponse:
        return await answer(request, visitors, service_of(request), limit)

    @app.get("/lookup/visitor", summary="A visitor's history beside the page they would get now")
    async def one_visitor(request: Request, code: Code) -> JSONResponse:
        return await answer(request, visitor, service_of(request), code)

    @app.get("/lookup/work", summary="A work's neighbours and who likes it")
    async def one_work(
        request: Request, artwork_id: Annotated[str, Query(min_length=1, max_length=500)]
    ) -> JSONResponse:
        return await answer(request, work, service_of(request), artwork_id)

    @app.get("/lookup/releases", summary="The releases that can be compared")
    async def all_releases(request: Request) -> JSONResponse:
        return await answer(request, releases_of, app.state.releases.settings, service_of(request).version)

    @app.get("/lookup/compare", summary="The pages of two releases for one visitor")
    async def two_releases(request: Request, first: Version, second: Version, code: Code) -> JSONResponse:
        service_of(request)
        try:  # loading takes seconds: a thread of its own, so that pages do not wait
            return JSONResponse(await asyncio.to_thread(compare.pages, first, second, code))
        except UserError as e:
            if isinstance(e, LookupError):
                raise
            raise HTTPException(409, f"{e.what} {e.remedy}".strip()) from None

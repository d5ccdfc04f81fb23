"""HTTP routes of `lookup`: what operators ask about one visitor, one work, and two releases."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from art_recsys.config import UserError

from .lookup import LIKERS, CompareReleases, releases_of, visitor, visitors, work

__all__ = ["add_lookup"]

Code = Annotated[str, Query(pattern="^[0-9a-f]{12}$")]
Version = Annotated[str, Query(min_length=1, max_length=200)]


def add_lookup(app: FastAPI) -> None:
    "Add the routes to the model server; `app.state` has `releases` and `cpu`"
    compare = app.state.compare = CompareReleases(app.state.releases)

    def service() -> Any:
        if (found := app.state.releases.service) is None:
            raise HTTPException(503, "The models are being loaded.")
        return found

    async def crunch(function: Callable[..., Any], *args: Any) -> JSONResponse:
        found = await asyncio.get_running_loop().run_in_executor(app.state.cpu, function, *args)
        return JSONResponse(found)

    @app.get("/lookup/visitors", summary="Codes of visitors: who came last, who did most in training")
    async def all_visitors(request: Request, limit: Annotated[int, Query(ge=1, le=200)] = LIKERS) -> JSONResponse:
        return await crunch(visitors, service(), limit)

    @app.get("/lookup/visitor", summary="A visitor's history beside the page they would get now")
    async def one_visitor(request: Request, code: Code) -> JSONResponse:
        return await crunch(visitor, service(), code)

    @app.get("/lookup/work", summary="A work's neighbours and who likes it")
    async def one_work(
        request: Request, artwork_id: Annotated[str, Query(min_length=1, max_length=500)]
    ) -> JSONResponse:
        return await crunch(work, service(), artwork_id)

    @app.get("/lookup/releases", summary="The releases that can be compared")
    async def all_releases(request: Request) -> JSONResponse:
        return await crunch(releases_of, app.state.releases.settings, service().version)

    @app.get("/lookup/compare", summary="The pages of two releases for one visitor")
    async def two_releases(request: Request, first: Version, second: Version, code: Code) -> JSONResponse:
        service()
        try:  # loading takes seconds: a thread of its own, so that pages do not wait
            return JSONResponse(await asyncio.to_thread(compare.pages, first, second, code))
        except UserError as e:
            if isinstance(e, LookupError):
                raise
            raise HTTPException(409, f"{e.what} {e.remedy}".strip()) from None

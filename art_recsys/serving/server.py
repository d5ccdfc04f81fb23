"""The model server: one FastAPI process that holds TensorFlow, the index, the models and the event store.

The models answer under KServe's V1 protocol; pages of recommendations and events have their own paths. The process
listens at once and reports that it is ready when its models are loaded and warm. Models run in a small thread pool.
Events go straight to the store's writing thread, so that a like never waits for a recommendation.

The server does not batch the requests of several visitors. The towers take less than half of the time of a page, and
batching eight visitors at best halves that part (`benchmarks/serving.py --batching`). With a hundred visitors the
server is mostly idle (`benchmarks/load.py`), so waiting for a batch to fill would only add latency.
"""

import asyncio
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from threadpoolctl import threadpool_limits

from art_recsys.config import Home, Settings, UserError, as_user_error, write_json

from .access import check_access, limit_visitors
from .apipage import api_page
from .bodies import (
    MAX_K,
    ChoicesBody,
    EventsBody,
    LimitBody,
    PredictBody,
    RecommendBody,
    SearchBody,
    SimilarBody,
    SteerBody,
    UserPath,
)
from .catalogue_routes import add_catalogue
from .client import renamed
from .connections import server_config
from .disk_watch import add_disk, store_problem
from .hosts import reachable_url
from .insight import insight
from .logs import log_to
from .lookup_routes import add_lookup
from .map_routes import add_map
from .metrics import CONTENT_TYPE, Measure, Metrics
from .process import LOG_FILE, SERVER_FILE, end_with_parent
from .release_file import read_release
from .releases import Releases
from .server_lock import remove_server_file, server_lock
from .store import StoreError
from .text_model import need_text_model
from .visit_routes import add_visits

__all__ = ["bind", "create_app", "serve"]


def _sentence(err: RequestValidationError) -> tuple[int, str]:
    "The HTTP status and a one-line message for an invalid request"
    first = err.errors()[0]
    if first["type"] == "json_invalid":
        return 400, f"The body is not JSON: {first.get('ctx', {}).get('error', first['msg'])}."
    if first["loc"] == ("body",):
        return 422, f"The body must be a JSON object sent as application/json: {first['msg']}."
    where = ".".join(str(p) for p in first["loc"][1:])
    if first["type"] == "extra_forbidden":
        return 422, renamed(where) or f"{where} is not a known key."
    return 422, f"{where}: {first['msg']}."


def _answer(status: int, text: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    text = text.encode(errors="backslashreplace").decode()  # JSON can write halves of characters, UTF-8 cannot
    return JSONResponse({"detail": text, "error": text}, status, headers)  # KServe's name for it is `error`


def _on_errors(app: FastAPI) -> None:
    "Answer every error with a one-line message"

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, e: RequestValidationError) -> JSONResponse:
        return _answer(*_sentence(e))

    @app.exception_handler(StarletteHTTPException)
    async def _(request: Request, e: StarletteHTTPException) -> JSONResponse:
        return _answer(e.status_code, str(e.detail), e.headers)

    @app.exception_handler(LookupError)
    async def _(request: Request, e: LookupError) -> JSONResponse:
        return _answer(404, str(e.args[0]) if e.args else "Not found.")

    @app.exception_handler(ValueError)
    async def _(request: Request, e: ValueError) -> JSONResponse:
        return _answer(422, str(e))

    @app.exception_handler(StoreError)
    async def _(request: Request, e: StoreError) -> JSONResponse:
        return _answer(503, f"Nothing was written, please send it again: {e.what}. To mend it: {e.remedy}.")


def create_app(
    settings: Settings,  # Run settings
    service: Any = None,  # `Service`; if None, the home's release is loaded in the background
    on_failure: Callable | None = None,  # Called if loading fails; the exception is `app.state.releases.failure`
) -> FastAPI:
    "Create the application; `app.state.releases` holds the service and replaces it after a release"
    releases = Releases(settings, service)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if service is None:
            releases.start(on_failure)
            app.state.live.resume()
        yield
        releases.stop()
        app.state.live.stop()
        app.state.compare.close()
        app.state.cpu.shutdown(wait=True, cancel_futures=True)
        if releases.service is not None:
            releases.service.close()
        remove_server_file(settings.home)

    app = FastAPI(
        title="art_recsys",
        description="Recommendations of artworks that learn from likes",
        lifespan=lifespan,
        dependencies=[Depends(limit_visitors)],
        docs_url=None,
        redoc_url=None,
    )  # FastAPI's own page loads its scripts from another host
    app.state.releases, app.state.metrics = releases, Metrics(releases)
    app.state.cpu = ThreadPoolExecutor(2, "recommend")
    app.add_middleware(Measure, metrics=app.state.metrics)
    app.add_middleware(LimitBody)
    _on_errors(app)
    add_disk(app, settings, _answer)
    _add_health(app)
    _add_docs(app)
    _add_kserve(app)
    _add_pages(app)
    add_visits(app, lambda request: _service(request).visits)
    add_map(app, _service, _crunch)
    add_lookup(app, _service, _crunch)
    add_catalogue(app, _service, _crunch)
    return app


def _service(request: Request) -> Any:
    if (service := request.app.state.releases.service) is None:
        raise HTTPException(503, "The models are being loaded.")
    return service


async def _crunch(request: Request, function: Callable[..., Any], *args: Any) -> Any:
    "Run a slow function in the small thread pool"
    run = copy_context().run  # the spans of a page belong to its request
    return await asyncio.get_running_loop().run_in_executor(request.app.state.cpu, lambda: run(function, *args))


def _add_health(app: FastAPI) -> None:
    @app.get("/health", summary="Alive")
    async def health(request: Request) -> JSONResponse:
        state = request.app.state.releases.state() | {"store": store_problem(request.app.state.backups)}
        status = "degraded" if state["refused"] or state["store"] else "ok"
        return JSONResponse({"status": status, "pid": os.getpid(), **state})

    @app.get("/ready", summary="Models loaded and warm")
    async def ready(request: Request) -> JSONResponse:
        return JSONResponse({"ready": True, "model_version": _service(request).version})

    @app.get("/insight", summary="What operators ask: activity, coverage, drift, models")
    async def insights(request: Request) -> JSONResponse:
        return JSONResponse(await asyncio.to_thread(insight, _service(request)))

    @app.get("/metrics", summary="Counters and latencies for Prometheus")
    async def metrics(request: Request) -> Response:
        return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE)


def _add_docs(app: FastAPI) -> None:
    "`/docs`: the OpenAPI document as a page that loads nothing from another host"

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(
            api_page(app.openapi()),
            headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )


def _add_kserve(app: FastAPI) -> None:
    "Routes of KServe's V1 protocol: list, state, predict"

    def known(request: Request, name: str) -> None:
        if name not in (models := _service(request).models):
            raise HTTPException(404, f"There is no model {name}; there are: {', '.join(models)}.")

    @app.get("/v1/models", summary="Names of the deployments")
    async def models(request: Request) -> JSONResponse:
        return JSONResponse({"models": list(_service(request).models)})

    @app.get("/v1/models/{name}", summary="State of one deployment")
    async def model(request: Request, name: str) -> JSONResponse:
        known(request, name)
        return JSONResponse({"name": name, "ready": True})

    @app.post("/v1/models/{name}:predict", summary="Predict")
    async def predict(request: Request, name: str, body: PredictBody) -> JSONResponse:
        known(request, name)
        need_text_model(_service(request), body.instances)
        return JSONResponse({"predictions": await _crunch(request, _service(request).predict, name, body.instances)})


def _add_pages(app: FastAPI) -> None:
    "Routes for recommendations, works, events and visitors"

    @app.post("/recommend", summary="The next page for a visitor")
    async def recommend(request: Request, body: RecommendBody) -> JSONResponse:
        asked = body.user_id, body.k, body.exclude, body.chosen(), body.exclude_artists, body.log
        page = await _crunch(request, _service(request).recommend, *asked)
        request.app.state.metrics.page(page)
        return JSONResponse(page)

    @app.post("/search", summary="Works that fit a line of text: by words, meaning and colours")
    async def search(request: Request, body: SearchBody) -> JSONResponse:
        asked = body.text, body.k, body.skip, body.user_id, body.chosen(), body.exclude_artists
        return JSONResponse(await _crunch(request, _service(request).search, *asked))

    @app.post("/similar", summary="Works similar to one, in rows: the same subject, palette and light, hand")
    async def similar(request: Request, body: SimilarBody) -> JSONResponse:
        asked = body.artwork_id, body.k, body.row, body.exclude
        return JSONResponse(await _crunch(request, _service(request).similar, *asked))

    @app.post("/events", summary="What visitors did; answered when it is on disk")
    async def events(request: Request, body: EventsBody) -> JSONResponse:
        written = _service(request).submit([e.model_dump() for e in body.events])
        answer = (await asyncio.wrap_future(written))._asdict()
        for e in body.events:
            request.app.state.metrics.events.labels(e.event).inc()
        return JSONResponse(answer)

    @app.post("/steer", summary="More or less of a tag, artist, palette or period; answered when it is on disk")
    async def steer(request: Request, body: SteerBody) -> JSONResponse:
        answer = await asyncio.to_thread(_service(request).steer, **body.model_dump())
        request.app.state.metrics.events.labels(body.direction).inc()
        return JSONResponse(answer)

    @app.get("/taste/{user_id:path}", summary="What a visitor follows, and what they want less of")
    async def taste(request: Request, user_id: UserPath) -> JSONResponse:
        return JSONResponse(await _crunch(request, _service(request).taste, user_id))

    @app.get("/artworks/{artwork_id:path}", summary="One work")
    async def artwork(request: Request, artwork_id: str) -> JSONResponse:
        return JSONResponse(_service(request).artwork(artwork_id))

    @app.get("/artists/{name:path}", summary="The works of an artist in order of time")
    async def artist(
        request: Request,
        name: str,
        k: Annotated[int, Query(ge=1, le=MAX_K)] = 60,
        skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> JSONResponse:
        if len(name) > 500:
            raise ValueError("name: at most 500 characters.")
        return JSONResponse(await _crunch(request, _service(request).artist, name, k, skip))

    @app.get("/filters", summary="Values to filter by")
    async def filters(request: Request) -> JSONResponse:
        return JSONResponse(_service(request).filters())

    @app.post("/filters", summary="Values to filter by beside those that are set, with the number of works each leaves")
    async def choices(request: Request, body: ChoicesBody) -> JSONResponse:
        return JSONResponse(await _crunch(request, _service(request).choices, body.chosen(), body.exclude_artists))

    @app.get("/users", summary="Profiles to choose from")
    async def users(request: Request, limit: Annotated[int, Query(ge=1, le=MAX_K)] = 24) -> JSONResponse:
        return JSONResponse(_service(request).users(limit))

    @app.post("/users", summary="A token for a new visitor")
    async def new_user(request: Request) -> JSONResponse:
        return JSONResponse({"user_id": _service(request).new_user()}, 201)

    @app.get("/users/{user_id:path}", summary="A visitor and what they like")
    async def user(request: Request, user_id: UserPath) -> JSONResponse:
        return JSONResponse(await _crunch(request, _service(request).user, user_id))

    @app.delete("/users/{user_id:path}", summary="Forget a visitor: every row that the home keeps of them")
    async def forget_user(request: Request, user_id: UserPath) -> JSONResponse:
        _service(request)  # answers 503 while the models are loading
        return JSONResponse(await asyncio.to_thread(request.app.state.releases.forget, user_id))

    @app.get("/pictures/{artwork_id:path}", summary="The picture of a work")
    async def picture(request: Request, artwork_id: str) -> FileResponse:
        if (path := _service(request).picture_path(artwork_id)) is None:
            raise HTTPException(404, f"There is no picture of {artwork_id}.")
        return FileResponse(
            path, headers={"cache-control": "public, max-age=86400", "x-content-type-options": "nosniff"}
        )


def bind(settings: Settings) -> socket.socket:
    "Listen on `server_host`:`server_port` of the `settings`. Raises `UserError` if the address cannot be used."
    host, port = settings.server_host.strip("[]"), settings.server_port
    # asyncio disables Nagle's algorithm only if the protocol is given; otherwise every answer waits 40 ms for an ACK.
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(512)
    except OSError as e:
        sock.close()
        if e.errno in (errno.EADDRINUSE, errno.EACCES):
            why = "is in use" if e.errno == errno.EADDRINUSE else "may not be used by you"
            raise UserError(
                f"server_port {port} on {host} {why}.",
                "stop the other program, or choose another port with ART_RECSYS_SERVER_PORT "
                "(or `server_port` in settings.ini); 0 takes a free one",
            ) from None
        raise UserError(
            f"server_host {host} is not an address of this machine ({e}).",
            "correct ART_RECSYS_SERVER_HOST, for example 127.0.0.1",
        ) from None
    return sock


def one_thread_per_request() -> None:
    """Limit numeric libraries to one thread per request; call this before TensorFlow is imported.

    The server answers two requests at a time, each in one thread. If the libraries also split their small matrix
    products over all cores, the threads mostly wait for each other.
    """
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, "1")
    threadpool_limits(1)
    sys.setswitchinterval(0.001)


def serve(
    settings: Settings,  # Run settings
    tell: Callable[[str], None] | None = None,  # Called with the URL once the server listens
) -> None:
    "Serve until SIGINT or SIGTERM. Raises `UserError` if nothing is deployed or the port is taken."
    one_thread_per_request()
    read_release(settings)  # raises before a port is bound
    check_access(settings)  # this one too
    home = Home.of(settings)
    with server_lock(home.path):
        _serve(settings, home, tell)


def _serve(settings: Settings, home: Home, tell: Callable[[str], None] | None) -> None:
    "`serve`, as the only server of this home"
    sock = bind(settings)
    port = sock.getsockname()[1]
    server: uvicorn.Server
    app = create_app(settings, on_failure=lambda: setattr(server, "should_exit", True))
    server = uvicorn.Server(server_config(app, settings))
    write_json({"host": settings.server_host, "port": port, "pid": os.getpid()}, home.file(SERVER_FILE))
    if tell:
        tell(reachable_url(settings.server_host, port))
    try:
        server.run(sockets=[sock])
    except KeyboardInterrupt:
        pass
    finally:
        sock.close()
        remove_server_file(settings.home)
    if app.state.releases.failure:
        raise app.state.releases.failure


def main() -> None:
    "Entry point of `python -m art_recsys.serving.server SETTINGS_JSON`, which `serving.start` runs"
    settings = Settings.model_validate_json(sys.argv[1])
    log_to(Home(settings.home).file(LOG_FILE))
    end_with_parent()
    try:
        serve(settings)
    except Exception as e:
        if (said := as_user_error(e)) is None:
            raise
        print(f"error: {said.what}\n  -> {said.remedy}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

"""Traces by OpenTelemetry, with the setting `tracing`: a span per request, and inside one per step of a page.

Where they go, and under which name, is said by OpenTelemetry's own variables (`OTEL_EXPORTER_OTLP_ENDPOINT`,
`OTEL_SERVICE_NAME`, `OTEL_TRACES_SAMPLER`), never by a home. No span has an id of a visitor; FastAPI's own telemetry
writes whole paths, so it is not used. With the setting off, this module is not imported and no step is wrapped.
(https://opentelemetry.io/docs/languages/python)
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from art_recsys.config import UserError

__all__ = ["STEPS", "provider", "trace_requests", "trace_steps"]

STEPS = ("candidates", "filter", "features", "score", "rerank", "explain")
NAME = "art_recsys"


@lru_cache(1)
def provider() -> Any:  # `opentelemetry.sdk.trace.TracerProvider`
    "What makes spans in this process and sends them in the background. Raises `UserError` if it is not installed."
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise UserError(
            "tracing = yes, and OpenTelemetry's SDK and exporter are not installed.",
            "pip install 'art_recsys[tracing]', or set tracing = no",
        ) from None
    name = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": NAME}
    made = TracerProvider(resource=Resource.create(name))
    made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return made


class TracedStep:
    "A step of a recommender in a span of its name; everything else of it is as it was"

    def __init__(self, step: Any, name: str, tracer: Any):
        self.step, self.name, self.tracer = step, name, tracer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.step, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        "What the step returns"
        with self.tracer.start_as_current_span(self.name):
            return self.step(*args, **kwargs)


def trace_steps(
    recommender: Any,  # serves already; its steps are wrapped in place
) -> None:
    "Put each step of a page into a span"
    tracer = provider().get_tracer(NAME)
    for steps in {id(s): s for s in (recommender.steps, recommender.start)}.values():
        for name in STEPS:
            if (step := getattr(steps, name)) is not None and not isinstance(step, TracedStep):
                setattr(steps, name, TracedStep(step, name, tracer))


class Traced:
    "ASGI middleware: a span for each request, named after its route; the trace of the caller goes on, if it sent one"

    def __init__(self, app: Any):
        self.app, self.tracer = app, provider().get_tracer(NAME)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        "ASGI: `scope`, `receive` and `send` are those of one request"
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind, StatusCode

        caller = extract({k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]})
        with self.tracer.start_as_current_span(scope["method"], caller, SpanKind.SERVER) as span:

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            span.set_attribute("http.request.method", scope["method"])
            try:
                await self.app(scope, receive, watched)
            finally:
                if path := getattr(scope.get("route"), "path", None):
                    span.update_name(f"{scope['method']} {path}")
                    span.set_attribute("http.route", path)


def trace_requests(app: FastAPI) -> None:
    "Put each request into a span; what is not sent yet is sent when the server ends"
    app.add_middleware(Traced)
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with inner(app) as state:
            yield state
        provider().force_flush(2000)

    app.router.lifespan_context = lifespan

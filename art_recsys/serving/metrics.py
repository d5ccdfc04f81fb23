"""Metrics of the server in Prometheus' text format: requests, latencies, events, scores and the release."""

import time
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.types import Message, Receive, Scope, Send

__all__ = ["CONTENT_TYPE", "Measure", "Metrics"]

CONTENT_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5)
TENTHS = tuple(n / 20 for n in range(1, 21))


class Metrics:
    "Metrics of one server, in a Prometheus registry of their own"

    def __init__(
        self,
        releases: Any,  # `Releases` of the same server
    ):
        self.registry, self.releases = CollectorRegistry(), releases
        made: dict[str, Any] = {"registry": self.registry, "namespace": "art_recsys"}
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.seconds = Histogram(
            "request_seconds", "Time from a request to its answer", ["method", "path"], buckets=SECONDS, **made
        )
        self.requests = Counter("requests", "Answers", ["method", "path", "status"], **made)
        self.refused = Counter("refused", "Requests refused for their name, key, role or rate", ["status"], **made)
        self.events = Counter("events", "Events on disk, sent again ones too", ["event"], **made)
        self.reasons = Counter("recommended", "Works shown, by kind of reason", ["reason"], **made)
        self.scores = Histogram("score", "Probability of a like of the works shown", buckets=TENTHS, **made)
        self.release = Gauge("release", "1 for the release that is served", ["version"], **made)
        Gauge("release_switches", "Releases taken over since the start", **made).set_function(lambda: releases.switches)
        Gauge("release_refused", "1 while release.json names what could not be loaded", **made).set_function(
            lambda: int(bool(releases.refused))
        )

    def page(self, page: dict) -> None:
        "Count the reasons and scores of `page`, an answer of `Service.recommend`"
        for item in page["items"]:
            self.reasons.labels(item["reason"]["kind"]).inc()
            self.scores.observe(item["score"])

    def text(self) -> bytes:
        "All metrics in Prometheus' text format, as UTF-8"
        self.release.clear()
        if (service := self.releases.service) is not None:
            self.release.labels(service.version).set(1)
        return generate_latest(self.registry)


class Measure:
    "ASGI middleware: counts and times each request, labelled with its route and not its URL, so that ids are no labels"

    def __init__(
        self,
        app: Any,  # ASGI application that is wrapped
        metrics: Metrics,  # where the counts and times go
    ):
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        "ASGI: `scope`, `receive` and `send` are those of one request"
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        begin, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            path = getattr(scope.get("route"), "path", "unknown")
            self.metrics.seconds.labels(scope["method"] if path != "unknown" else "", path).observe(
                time.perf_counter() - begin
            )
            self.metrics.requests.labels(scope["method"] if path != "unknown" else "", path, status).inc()

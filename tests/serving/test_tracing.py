"Traces: nothing of it where it is off; where it is on, a request's span holds those of its six steps"

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from art_recsys.config import UserError, load_settings
from art_recsys.serving import tracing
from art_recsys.serving.server import create_app
from tests.serving.test_http import FakeService
from tests.serving.test_service import make


@pytest.fixture
def spans(monkeypatch):
    "Where finished spans are, instead of a collector"
    exporter, made = InMemorySpanExporter(), TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "provider", lambda: made)
    return exporter


def test_the_steps_of_a_page_are_in_the_span_of_its_request(spans, tmp_path):
    service = make(tmp_path)
    tracing.trace_steps(service.recommender)
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with TestClient(create_app(load_settings(home=tmp_path, tracing=True), service)) as http:
        http.post("/events", json={"events": [{"user_id": "secret-visitor", "artwork_id": "a0", "event": "like"}]})
        spans.clear()
        asked = {"user_id": "secret-visitor", "k": 4}
        assert http.post("/recommend", json=asked, headers={"traceparent": caller}).status_code == 200
        found = {s.name: s for s in spans.get_finished_spans()}
        request = found["POST /recommend"]
        assert set(found) == {"POST /recommend", *tracing.STEPS}
        assert {s.parent.span_id for n, s in found.items() if n in tracing.STEPS} == {request.context.span_id}
        assert f"{request.context.trace_id:032x}" in caller and request.attributes["http.response.status_code"] == 200
        spans.clear()
        http.get("/artworks/secret-visitor")
        assert spans.get_finished_spans()[0].name == "GET /artworks/{artwork_id:path}"
        assert "secret-visitor" not in str([s.to_json() for s in spans.get_finished_spans()])


def test_a_changed_catalogue_is_traced_too_and_warming_up_is_not(spans, tmp_path):
    service = make(tmp_path, tracing=True).warm_up()
    assert not spans.get_finished_spans()
    for now in (service, service.changed(service.artworks.iloc[:0], ["w3"]).warm_up()):
        spans.clear()
        for _ in range(2):  # a service that is warmed up again is not traced twice
            now.warm_up()
        spans.clear()
        now.recommend("u0")
        assert sorted(s.name for s in spans.get_finished_spans()) == sorted(tracing.STEPS)


def test_off_means_not_even_imported(tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "art_recsys.serving.tracing")
    create_app(load_settings(home=tmp_path), FakeService(tmp_path))
    assert "art_recsys.serving.tracing" not in sys.modules


def test_without_the_packages_it_says_what_to_install(tmp_path, monkeypatch):
    tracing.provider.cache_clear()
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(UserError, match=r"art_recsys\[tracing\]"):
        tracing.provider()


def test_spans_reach_a_collector(tmp_path, monkeypatch):
    "By OTLP over HTTP, to the address of OpenTelemetry's own variable"
    got = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    tracing.provider.cache_clear()
    try:
        with TestClient(create_app(load_settings(home=tmp_path, tracing=True), FakeService(tmp_path))) as http:
            http.get("/filters")
        request = ExportTraceServiceRequest.FromString(got[0][1])
        span = request.resource_spans[0].scope_spans[0].spans[0]
        assert got[0][0] == "/v1/traces" and span.name == "GET /filters"
    finally:
        tracing.provider().shutdown()
        tracing.provider.cache_clear()
        server.shutdown()
        server.server_close()

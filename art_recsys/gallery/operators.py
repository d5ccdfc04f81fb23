"""The operators' page as one anywidget: figures from the model server every few seconds, and what is behind each."""

import math
import os
from itertools import pairwise
from typing import Any

import anywidget
import traitlets

from art_recsys.gallery.messages import MAX_NAME, BadMessage, text_of
from art_recsys.gallery.widget import DEFAULT_SERVER_URL, HERE, MAX_SEQ, SERVER_DOWN, ServerError, picture_base
from art_recsys.serving.client import Client

__all__ = ["Operators", "latencies", "served_scores"]

PREFIX = "art_recsys_"


def families(text: str) -> dict:
    "Parse `text` in Prometheus' format (https://prometheus.io/docs/instrumenting/exposition_formats/): name -> family"
    from prometheus_client.parser import text_string_to_metric_families

    return {family.name: family for family in text_string_to_metric_families(text)}


def quantile(
    buckets: list[tuple[float, float]],  # `inf` is the last bound; counts are cumulative; one at least
    share: float,  # 0 to 1
) -> float:
    "The quantile `share` (0 to 1) of a cumulative histogram `[(bound, count)]`, interpolated as Prometheus does"
    total, low, below = buckets[-1][1], 0.0, 0.0
    for bound, count in buckets:
        if count >= share * total:
            if math.isinf(bound) or count == below:
                return low if math.isinf(bound) else bound
            return low + (bound - low) * (share * total - below) / (count - below)
        low, below = bound, count
    return low


def latencies(text: str) -> list[dict]:  # `{method, path, n, errors, p50, p95}`
    "For each route in `text` (of `/metrics`): answers, errors, p50 and p95 in milliseconds; busiest first"
    found = families(text)
    buckets: dict[tuple[str, str], list[tuple[float, float]]] = {}
    errors: dict[tuple[str, str], int] = {}
    for s in found[PREFIX + "request_seconds"].samples:
        if s.name.endswith("_bucket"):
            buckets.setdefault((s.labels["method"], s.labels["path"]), []).append((float(s.labels["le"]), s.value))
    for s in found[PREFIX + "requests"].samples:
        # `/ready` answers 503 while the models are loading; that is not an error
        if s.name.endswith("_total") and int(s.labels["status"]) >= 500 and s.labels["path"] != "/ready":
            key = s.labels["method"], s.labels["path"]
            errors[key] = errors.get(key, 0) + int(s.value)
    rows = [
        {
            "method": method,
            "path": path,
            "n": int(b[-1][1]),
            "errors": errors.get((method, path), 0),
            "p50": round(quantile(b, 0.5) * 1000, 1),
            "p95": round(quantile(b, 0.95) * 1000, 1),
        }
        for (method, path), b in ((key, sorted(b)) for key, b in buckets.items())
        if b[-1][1]
    ]
    return sorted(rows, key=lambda row: -row["n"])


def served_scores(text: str) -> list[int]:
    "Works shown since the start of the server whose `/metrics` gave `text`, by score in 20 bins from 0 to 1"
    samples = families(text)[PREFIX + "score"].samples
    counts = [s.value for s in samples if s.name.endswith("_bucket") and s.labels["le"] != "+Inf"]
    return [int(b - a) for a, b in pairwise([0, *counts])]


def value_of(text: str, name: str) -> float:
    "The first sample of the metric `name` in `text` (of `/metrics`), 0 if there is none"
    return next((s.value for s in families(text)[name].samples), 0.0) if name in families(text) else 0.0


class Operators(anywidget.AnyWidget):
    "Shows recommendations, likes, drift and the latency of the server, and what is behind a number"

    _esm = HERE / "static" / "operators.js"
    _css = HERE / "operators.css"
    seconds = traitlets.Int(5, help="Seconds between two updates").tag(sync=True)
    pictures = traitlets.Unicode(help="Base URL of pictures, to which an artwork id is appended").tag(sync=True)

    def __init__(
        self,
        server_url: str | None = None,  # base URL; None: `ART_RECSYS_SERVER_URL`, or the default address
        client: Any = None,  # instead of a `Client` of `server_url`, for tests
    ):
        url = server_url or os.environ.get("ART_RECSYS_SERVER_URL", DEFAULT_SERVER_URL)
        self._client = client or Client(url, timeout=20, error=ServerError)
        super().__init__(pictures=picture_base(url))
        self._answers = {
            name: getattr(self, f"_on_{name}") for name in ("look", "visitors", "visitor", "work", "compare")
        }
        self.on_msg(self._on_message)

    def _on_message(self, _: Any, message: Any, buffers: Any) -> None:
        "Answer a message of the front end with the same `seq`; ignore all others"
        if not isinstance(message, dict):
            return
        handler = self._answers.get(kind) if isinstance(kind := message.get("type"), str) else None
        seq = message.get("seq")
        if handler is None or type(seq) is not int or not 0 <= seq < MAX_SEQ:
            return
        try:
            answer = handler(message)
        except BadMessage:
            return
        except ServerError as e:
            refused = self._client.ready(timeout=2)  # the server is up: it does not know what was asked for
            answer = {"type": "refused", "text": str(e.args[0])} if refused else {"type": "error", "text": SERVER_DOWN}
        self.send({**answer, "seq": seq})

    def _on_visitors(self, message: dict) -> dict:
        "Codes of visitors"
        return {"type": "visitors", "found": self._client.lookup_visitors()}

    def _on_visitor(self, message: dict) -> dict:
        "What a visitor did, beside the page that they would get now"
        return {"type": "visitor", "found": self._client.lookup_visitor(text_of(message, "visitor"))}

    def _on_work(self, message: dict) -> dict:
        "A work, who likes it, and its neighbours"
        return {"type": "work", "found": self._client.lookup_work(text_of(message, "work", MAX_NAME))}

    def _on_compare(self, message: dict) -> dict:
        "The releases there are and, where two and a visitor are named, the pages of both"
        asked = [text_of(message, key) for key in ("first", "second", "visitor")] if "first" in message else []
        pages = self._client.compare(*asked) if asked else None
        return {"type": "compare", "found": {"releases": self._client.releases(), "pages": pages}}

    def _on_look(self, message: dict) -> dict:
        "Get all figures from the server"
        health, text = self._client.health(), self._client.metrics()
        return {
            "type": "look",
            "health": health,
            "latency": latencies(text),
            "scores": served_scores(text),
            "memory_mib": round(value_of(text, "process_resident_memory_bytes") / 2**20),
            "insight": self._client.insight(),
        }

"""Vectors (`hsfs.core.vector_db_client`): the part of OpenSearch's `_search` that the SDK sends, exact, on port 9200

The score of squared Euclidean distance d is 1/(1+d), as OpenSearch's; the SDK gives `1/score - 1` back.
"""

import base64
import json
import math
import socket
from datetime import datetime

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

COMPARE = {"gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b}


def matches(q: dict, row: dict) -> bool:
    ((kind, of),) = q.items()
    if kind == "exists":
        return row.get(of["field"]) is not None
    if kind == "term":
        return all(row[c] == v for c, v in of.items())
    if kind == "match":
        return all(row[c] == v for c, v in of.items())
    if kind == "terms":
        return all(row[c] in v for c, v in of.items())
    if kind == "range":
        return all(row[c] is not None and COMPARE[w](row[c], v) for c, cut in of.items() for w, v in cut.items())
    if kind == "bool":
        return (
            all(matches(m, row) for m in of.get("must", []) + of.get("filter", []))
            and not any(matches(m, row) for m in of.get("must_not", []))
            and (not of.get("should") or any(matches(m, row) for m in of["should"]))
        )
    raise NotImplementedError(f"the contract server has no OpenSearch query {kind}")


def plain(v):
    if isinstance(v, bytes):
        return base64.b64encode(v).decode()
    if isinstance(v, float) and math.isnan(v):
        return None  # JSON has no NaN
    return int(v.timestamp() * 1000) if isinstance(v, datetime) else v


def search(rows: list[dict], body: dict) -> dict:
    query, score = body["query"], 1.0
    if "knn" in query:
        ((column, knn),) = query["knn"].items()
        rows = [r for r in rows if matches(knn.get("filter", {"bool": {}}), r)]
        d = (
            ((np.array([r[column] for r in rows]).reshape(len(rows), -1) - np.array(knn["vector"])) ** 2).sum(1)
            if rows
            else np.empty(0)
        )
        best = np.argsort(d, kind="stable")[: knn["k"]]
        found = [(1 / (1 + d[i]), rows[i]) for i in best]
    else:
        found = [(score, r) for r in rows if matches(query, r)]
    names = body.get("_source")
    hits = [
        {"_score": float(s), "_source": {c: plain(v) for c, v in r.items() if names is None or c in names}}
        for s, r in found[: body.get("size", 10)]
    ]
    return {"hits": {"hits": hits, "total": {"value": len(found)}}}


def make_app(online, token: str) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def only_with_the_token(request: Request, call_next):
        if request.headers.get("authorization", "").removeprefix("Bearer ") != token:
            return JSONResponse({"error": "no token"}, 401)
        return await call_next(request)

    @app.post("/_msearch")
    async def many(request: Request):
        lines = [json.loads(x) for x in (await request.body()).splitlines() if x.strip()]
        return {
            "responses": [search(online.rows(int(h["index"])), b) for h, b in zip(lines[::2], lines[1::2], strict=True)]
        }

    @app.post("/{index}/_search")
    async def one(index: str, request: Request):
        return search(online.rows(int(index)), await request.json())

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT"])
    def missing(path: str):
        return JSONResponse({"error": f"the contract server has no OpenSearch path /{path}", "status": 404}, 404)

    return app


def bind(port: int = 9200) -> socket.socket:
    "Ports 9200 and 4406 are fixed by the SDK"
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(("127.0.0.1", port))
    except OSError as e:
        raise RuntimeError(f"port {port} of 127.0.0.1 is taken: end the program that has it") from e
    return s

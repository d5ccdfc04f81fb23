"""The REST of the online store on port 4406: rows that Kafka brought

See `hsfs.core.online_store_rest_client_api`, the client of RonDB's REST server. A row holds one value for every feature
that is no label, in the view's order. A group with an embedding index is not in this store (the SDK asks OpenSearch for
it), so its values are null. A key that is not there is not an error: the values of its group are null and its
`httpStatus` is 404. Lists come as lists, times as text to the second.
"""

import math
from datetime import datetime

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

PORT, ROOT = 4406, "/0.1.0"


def plain(v):
    if isinstance(v, datetime):
        return v.strftime("%Y-%m-%d %H:%M:%S")
    return None if isinstance(v, float) and math.isnan(v) else v


def lookups(view: dict, entry: dict, online) -> list[tuple[dict, dict | None]]:
    "Group and row, or None, for every group of the view that is in this store"
    out = []
    for i, part in enumerate([view["query"], *(j["query"] for j in view["query"].get("joins") or [])]):
        group = part["leftFeatureGroup"]
        if group.get("embeddingIndex"):
            continue
        named = {
            k["featureName"]: k["prefix"] + k["featureName"] if k["required"] else k["joinOn"]
            for k in view["servingKeys"]
            if k["joinIndex"] == i
        }
        key = [entry.get(named[f["name"]]) for f in group["features"] if f.get("primary")]
        out.append((group, None if None in key else online.row(group["id"], tuple(key))))
    return out


def answer(view: dict, entry: dict, passed: dict, detailed: bool, online) -> dict:
    found = lookups(view, entry, online)
    rows = {group["id"]: row for group, row in found if row}
    values = [
        passed.get(f["name"], plain((rows.get(f["featuregroup"]["id"]) or {}).get(f["featureGroupFeatureName"])))
        for f in view["features"]
        if not f["label"]
    ]
    statuses = [{"featureGroupId": group["id"], "httpStatus": 200 if row else 404} for group, row in found]
    complete = all(row for _, row in found)
    return {
        "features": values,
        "status": "COMPLETE" if complete else "MISSING",
        "metadata": None,
        "detailedStatus": statuses if detailed else None,
    }


def make_app(views: dict, online, key: str) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def only_with_the_key(request: Request, call_next):
        if request.headers.get("x-api-key") != key:
            return JSONResponse({"code": 7, "reason": "Access denied", "message": "unknown API key"}, 401)
        return await call_next(request)

    async def asked(request: Request) -> tuple[dict, dict | None]:
        body = await request.json()
        return body, views.get((body["featureViewName"], body["featureViewVersion"])) if body[
            "featureStoreName"
        ] == "museum" else None

    missing = lambda: JSONResponse({"code": 2, "reason": "Feature view does not exist", "message": ""}, 400)  # noqa: E731

    @app.get(ROOT + "/ping")
    def ping():
        return {}

    @app.post(ROOT + "/feature_store")
    async def one(request: Request):
        body, view = await asked(request)
        if not view:
            return missing()
        return answer(
            view, body["entries"], body["passedFeatures"] or {}, body["options"]["includeDetailedStatus"], online
        )

    @app.post(ROOT + "/batch_feature_store")
    async def many(request: Request):
        body, view = await asked(request)
        if not view:
            return missing()
        passed = body["passedFeatures"] or [{}] * len(body["entries"])
        found = [
            answer(view, e, p or {}, body["options"]["includeDetailedStatus"], online)
            for e, p in zip(body["entries"], passed, strict=True)
        ]
        return {k: [f[k] for f in found] for k in ("features", "status", "metadata", "detailedStatus")}

    return app

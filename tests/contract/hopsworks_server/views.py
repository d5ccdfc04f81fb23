"""Feature views (`hsfs.core.feature_view_api`): kept as sent; what is answered is the query to run"""

import copy
import json
from pathlib import Path

from fastapi import APIRouter, Request

from . import training
from .feature_store import located


def flagged(view: dict, groups: dict) -> list[dict]:
    "`features` of the answer (`hsfs.training_dataset_feature`): where each comes from, and which are labels"
    labels = {f["name"] for f in view.get("features") or [] if f.get("label")}
    q, out = view["query"], []
    for i, (part, prefix) in enumerate([(q, "")] + [(j["query"], j.get("prefix") or "") for j in q.get("joins") or []]):
        group = groups[part["leftFeatureGroup"]["id"]]
        kinds = {f["name"]: f["type"] for f in group["features"]}
        out += [
            {
                "name": prefix + f["name"],
                "type": kinds[f["name"]],
                "featureGroupFeatureName": f["name"],
                "featuregroup": group,
                "label": not i and f["name"] in labels,
            }
            for f in part["leftFeatures"]
        ]
    return [f | {"index": i} for i, f in enumerate(out)]


def serving_keys(query: dict) -> list[dict]:
    "`hsfs.serving_key`: what a caller gives per group; a joined group takes the root's key where it is joined on it"
    root = [f["name"] for f in query["leftFeatureGroup"]["features"] if f.get("primary")]
    out = [
        {
            "featureName": k,
            "joinIndex": 0,
            "featureGroup": query["leftFeatureGroup"],
            "required": True,
            "prefix": "",
            "joinOn": None,
        }
        for k in root
    ]
    for i, join in enumerate(query.get("joins") or [], 1):
        group, sides = (
            join["query"]["leftFeatureGroup"],
            [join.get(side) or join.get("on") or [] for side in ("leftOn", "rightOn")],
        )
        left_of = {b["name"]: a["name"] for a, b in zip(*sides, strict=True) if a["name"] in root}
        out += [
            {
                "featureName": f["name"],
                "joinIndex": i,
                "featureGroup": group,
                "required": f["name"] not in left_of,
                "prefix": join.get("prefix") or "",
                "joinOn": left_of.get(f["name"]),
            }
            for f in group["features"]
            if f.get("primary")
        ]
    return out


def batch_query(
    view: dict,
    with_label=False,
    with_primary_keys=False,
    with_event_time=False,
    start_time=None,
    end_time=None,
    more=(),
) -> dict:
    "Without labels unless asked; from start to before end by the clock of the first group; `more` filters of the call"
    query, group = copy.deepcopy(view["query"]), view["query"]["leftFeatureGroup"]
    if not with_label:
        labels = {f["name"] for f in view["features"] if f["label"]}
        query["leftFeatures"] = [f for f in query["leftFeatures"] if f["name"] not in labels]
    wanted = [f["name"] for f in group["features"] if f.get("primary")] * with_primary_keys + [
        group.get("eventTime")
    ] * with_event_time
    selected = {f["name"] for f in query["leftFeatures"]}
    query["leftFeatures"] += [
        f | {"featureGroupId": group["id"], "useFullyQualifiedName": True}
        for f in group["features"]
        if f["name"] in wanted and f["name"] not in selected
    ]
    clock = {"name": group.get("eventTime"), "type": "timestamp", "featureGroupId": group["id"]}
    cuts = [
        {"feature": clock, "condition": word, "value": str(at)}
        for word, at in (("GREATER_THAN_OR_EQUAL", start_time), ("LESS_THAN", end_time))
        if at is not None
    ]
    for f in [*({"type": "SINGLE", "leftFilter": c} for c in cuts), *filter(None, more)]:
        query["filter"] = (
            f if not query.get("filter") else {"type": "AND", "leftLogic": query["filter"], "rightLogic": f}
        )
    return query


def routes(files: Path, groups: dict, views: dict, Missing) -> APIRouter:
    api, sets = APIRouter(), {}

    def of(name: str, version: int) -> dict:
        if (name, version) not in views:
            raise Missing(270181, f"no feature view {name} {version}")
        return views[name, version]

    @api.post("/1/featureview")
    async def create(request: Request):
        view = await request.json()
        view["version"] = view.get("version") or 1 + max((v for n, v in views if n == view["name"]), default=0)
        for part in (view["query"], *(j["query"] for j in view["query"].get("joins") or [])):
            part["leftFeatureGroup"] = groups[part["leftFeatureGroup"]["id"]]
            for f in part["leftFeatures"]:
                f["featureGroupId"] = part["leftFeatureGroup"]["id"]
        view |= {
            "id": len(views) + 1,
            "featurestoreId": 1,
            "featurestoreName": "museum_featurestore",
            "created": "2026-01-01T00:00:00Z",
            "features": flagged(view, groups),
            "servingKeys": serving_keys(view["query"]),
            "transformationFunctions": [],
        }
        views[view["name"], view["version"]] = view
        return view

    @api.get("/1/featureview/{name}/version/{version}")
    def get(name: str, version: int):
        return of(name, version)

    @api.get("/1/featureview/{name}")
    def all_versions(name: str):
        return {"items": [v for (n, _), v in views.items() if n == name]}

    @api.api_route("/1/featureview/{name}/version/{version}/query/batch", methods=["GET", "POST"])
    async def batch(
        name: str,
        version: int,
        request: Request,
        with_label: bool = False,
        with_primary_keys: bool = False,
        with_event_time: bool = False,
        start_time: int | None = None,
        end_time: int | None = None,
        td_version: int | None = None,
    ):
        "By POST with a filter of the call; a training dataset brings its own"
        more = [
            json.loads(await request.body() or "null"),
            sets.get((name, version, td_version), {}).get("extraFilter"),
        ]
        return batch_query(
            of(name, version), with_label, with_primary_keys, with_event_time, start_time, end_time, more
        )

    @api.get("/1/featureview/{name}/version/{version}/provenance/links")
    def parents(name: str, version: int):
        query = of(name, version)["query"]
        parts = [query, *(j["query"] for j in query.get("joins") or [])]
        return {
            "upstream": [
                {
                    "node": {
                        "artifactType": "FEATURE_GROUP",
                        "accessible": True,
                        "deleted": False,
                        "artifact": p["leftFeatureGroup"],
                    }
                }
                for p in parts
            ],
            "downstream": [],
        }

    @api.get("/1/featureview/{name}/version/{version}/transformation/functions")
    def no_transformations(name: str, version: int):
        return {"count": 0, "items": []}

    api.include_router(training.routes(files, sets, of, batch_query, lambda q: located(q, groups), Missing))
    return api

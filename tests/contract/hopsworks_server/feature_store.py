"""Feature groups (`hsfs.core.feature_group_api`): metadata is here; the SDK itself writes the rows as Delta tables

A group's connector is S3 and its `location` is a local path: then the SDK writes there with delta-rs, without HopsFS.
"""

import itertools
import json
import shutil
from pathlib import Path

from fastapi import APIRouter, Request

STORE = {
    "featurestoreId": 1,
    "featurestoreName": "museum_featurestore",
    "created": "2026-01-01T00:00:00Z",
    "projectName": "museum",
    "projectId": 1,
    "offlineFeaturestoreName": "museum_featurestore",
    "onlineEnabled": False,
}
CONNECTOR = {"id": 1, "name": "disk", "featurestoreId": 1, "storageConnectorType": "S3", "bucket": "disk", "path": ""}


def located(q: dict, groups: dict) -> dict:
    "A query, told where its tables are"
    group = groups[q["leftFeatureGroup"]["id"]]
    q["location"], q["eventTime"] = group["location"], group.get("eventTime")
    for join in q.get("joins") or []:
        located(join["query"], groups)
    return q


def routes(disk: Path, online, groups: dict, Missing) -> APIRouter:
    api, ids = APIRouter(), itertools.count(1)

    @api.get("/{name}")
    def store(name: str):
        if name not in ("1", "museum", "museum_featurestore"):
            raise Missing(270009, f"no feature store {name}")
        return STORE

    @api.get("/1/featuregroups/{name}")
    def get(name: str, version: int | None = None):
        found = [g for g in groups.values() if g["name"] == name and version in (None, g["version"])]
        if not found:
            raise Missing(270009, f"no feature group {name} {version}")
        return found

    @api.post("/1/featuregroups")
    async def create(request: Request):
        group = await request.json()
        n = next(ids)
        group |= {
            "id": n,
            "featurestoreName": STORE["featurestoreName"],
            "featurestoreId": 1,
            "created": STORE["created"],
            "location": str(disk / f"{group['name']}_{group['version']}"),
            "dataSource": {"storageConnector": CONNECTOR},
            "timeTravelFormat": "DELTA",
        }
        for f in group.get("features") or []:
            f["featureGroupId"] = n
        groups[n] = group
        if group.get("onlineEnabled"):
            group["onlineTopicName"] = group["topicName"] = f"museum_{n}_{group['name']}_onlinefs"
            if group.get("embeddingIndex"):
                group["embeddingIndex"] |= {"indexName": str(n), "colPrefix": ""}
            online.open(group)
        return group

    @api.put("/1/featuregroups/{n}")
    async def update(n: int, request: Request):
        groups[n] |= {k: v for k, v in (await request.json()).items() if k in ("features", "description")}
        for f in groups[n]["features"]:
            f["featureGroupId"] = n
        return groups[n]

    @api.delete("/1/featuregroups/{n}", status_code=204)
    def delete(n: int):
        groups.pop(n)

    @api.get("/1/featuregroups/{n}/expectationsuite")
    def no_expectations(n: int):
        return {"count": 0}

    @api.post("/1/featuregroups/{n}/clear", status_code=204)
    def clear(n: int):
        shutil.rmtree(groups[n]["location"], ignore_errors=True)  # not there where nothing was inserted yet
        if groups[n].get("onlineEnabled"):
            online.clear(n)

    @api.post("/1/featuregroups/{n}/commits")
    async def commit(n: int, request: Request):
        return await request.json() | {"href": ""}

    @api.post("/1/featuregroups/{n}/online_ingestion")
    async def ingestion(n: int, request: Request):
        asked = await request.json()
        return asked | {"id": online.expect(n, asked["numEntries"])}

    @api.get("/1/kafka/subjects/{topic}/versions/{version}")
    def subject(topic: str, version: str):
        return online.subject(next(n for n, g in groups.items() if topic == f"{g['name']}_{g['version']}"))

    @api.get("/1/storageconnectors/kafka_connector/byok")
    def kafka():
        return {
            "id": 2,
            "name": "kafka_connector",
            "featurestoreId": 1,
            "storageConnectorType": "KAFKA",
            "bootstrapServers": online.address,
            "securityProtocol": "PLAINTEXT",
            "options": [],
            "externalKafka": True,
            "sslEndpointIdentificationAlgorithm": "none",
        }

    @api.get("/1/storageconnectors/{name}")
    def connector(name: str):
        raise Missing(270042, f"no connector {name}")

    @api.put("/query")
    async def query(request: Request):
        "`hsfs.core.query_constructor_api`: the SDK sends our `hqsPayload` unchanged to the query service"
        asked = await request.json()
        return {
            "query": "",
            "queryOnline": "",
            "hqsPayload": json.dumps(located(asked, groups)),
            "hqsPayloadSignature": "signed",
            "onDemandFeatureGroups": [],
            "hudiCachedFeatureGroups": [],
        }

    return api

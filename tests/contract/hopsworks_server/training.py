"""Training datasets of a feature view (`hsfs.core.feature_view_api`, `hsfs.training_dataset`) and their statistics

One in memory is a plan: the SDK itself reads and cuts. The job behind `compute` writes a kept one as Parquet. Here that
job has ended when the answer comes, and the SDK reads the files through the query service.
"""

import random
from pathlib import Path

import numpy as np
import pandas as pd
from fastapi import APIRouter, Request

from . import flight

FOLDER, KEPT = "/Projects/museum/museum_Training_Datasets", "HOPSFS_TRAINING_DATASET"
CONNECTOR = {
    "id": 3,
    "name": "museum_Training_Datasets",
    "featurestoreId": 1,
    "storageConnectorType": "HOPSFS",
    "hopsfsPath": FOLDER,
}


def parts(made: dict, rows: pd.DataFrame, clock: str) -> dict[str, pd.DataFrame]:
    "The splits by name, as the job cuts them: by time, or by a draw from the seed over rows in a fixed order"
    splits = made["splits"]
    if not splits:
        return {made["name"]: rows}
    if splits[0]["splitType"] == "TIME_SERIES_SPLIT":
        ms = rows[clock].to_numpy("datetime64[ms]").astype(int)
        return {s["name"]: rows[(ms >= s["startTime"]) & (ms < s["endTime"])] for s in splits}
    rows = rows.iloc[rows.astype(str).sum(axis=1).argsort(kind="stable")]
    counts = [int(len(rows) * s["percentage"]) for s in splits]
    which = np.repeat(range(len(splits)), [*counts[:-1], len(rows) - sum(counts[:-1])]).tolist()
    random.Random(made["seed"]).shuffle(which)
    return {s["name"]: rows[np.array(which) == i] for i, s in enumerate(splits)}


def routes(files: Path, sets: dict, view_of, batch_query, located, Missing) -> APIRouter:
    api, statistics = APIRouter(prefix="/1/featureview/{name}/version/{version}/trainingdatasets"), {}

    def of(name: str, version: int, n: int) -> dict:
        if (name, version, n) not in sets:
            raise Missing(270012, f"no training dataset {name} {version} {n}")
        return sets[name, version, n]

    @api.post("")
    async def create(name: str, version: int, request: Request):
        made = await request.json()
        n = made.get("version") or 1 + max((k for fv, v, k in sets if (fv, v) == (name, version)), default=0)
        made |= {"version": n, "id": len(sets) + 1, "featurestoreId": 1, "created": 0}
        if made["trainingDatasetType"] == KEPT:
            made |= {"location": f"{FOLDER}/{name}_{version}_{n}", "dataSource": {"storageConnector": CONNECTOR}}
        sets[name, version, n] = made
        return made

    @api.get("")
    def all_of(name: str, version: int):
        items = [s for (fv, v, _), s in sets.items() if (fv, v) == (name, version)]
        return {"count": len(items), "items": items}

    @api.get("/version/{n}")
    def one(name: str, version: int, n: int):
        return of(name, version, n)

    @api.post("/version/{n}/compute")
    def compute(name: str, version: int, n: int):
        made, view = of(name, version, n), view_of(name, version)
        query = located(
            batch_query(
                view, with_label=True, with_primary_keys=True, with_event_time=True, more=[made.get("extraFilter")]
            )
        )
        clock = view["query"]["leftFeatureGroup"].get("eventTime")
        chosen = {f["name"] for f in view["query"]["leftFeatures"]}
        if clock and clock not in chosen:
            clock = flight.full_name(view["query"]["leftFeatureGroup"], clock)
        for split, rows in parts(made, flight.answer(query).to_pandas(), clock).items():
            folder = files / made["location"].removeprefix("/Projects/museum/") / split
            folder.mkdir(parents=True)
            rows.to_parquet(folder / "part-0.parquet", index=False)
        job = f"{name}_{version}_{n}_create_fv_td"
        return {
            "id": made["id"],
            "name": job,
            "creationTime": 0,
            "config": {},
            "jobType": "PYSPARK",
            "creator": "museum",
            "href": f"https://127.0.0.1/hopsworks-api/api/project/1/jobs/{job}",
        }

    @api.post("/version/{n}/statistics")
    async def describe(name: str, version: int, n: int, request: Request):
        statistics[name, version, n] = await request.json()
        return statistics[name, version, n]

    @api.get("/version/{n}/statistics")
    def described(name: str, version: int, n: int):
        found = [statistics[name, version, n]] if (name, version, n) in statistics else []
        return {"count": len(found), "items": found}

    return api

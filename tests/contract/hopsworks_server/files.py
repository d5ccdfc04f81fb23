"""Datasets (`hopsworks_common.core.dataset_api`) and the model registry (`hsml.core.model_api`) on disk"""

import email
import email.policy
import secrets
import shutil
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

HEAD = "/Projects/museum/"


def place(disk: Path, Missing):
    "What turns a path of the project into a file of `disk`, which gets the datasets that every project has"
    for name in ("Deployments", "Logs", "Models", "Resources"):
        (disk / name).mkdir(parents=True)

    def at(path: str) -> Path:
        "The file of a path of the project; nothing outside it"
        file = (disk / ("/" + path.removeprefix("hdfs:").lstrip("/")).removeprefix(HEAD).lstrip("/")).resolve()
        if not file.is_relative_to(disk.resolve()):
            raise Missing(110008, f"{path} is outside the project")
        return file

    return at


def routes(disk: Path, at, Missing) -> APIRouter:
    api, models = APIRouter(), {}

    def inode(file: Path) -> dict:
        return {
            "attributes": {
                "path": HEAD + str(file.relative_to(disk)),
                "name": file.name,
                "dir": file.is_dir(),
                "size": file.stat().st_size,
            }
        }

    @api.get("/dataset/download/with_auth/{path:path}")
    def download(path: str):
        return FileResponse(at(path))

    @api.post("/dataset/upload/{path:path}")
    async def upload(path: str, request: Request):
        "Chunks of flow.js: each is written at its own place; they may come in any order"
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        parts = email.message_from_bytes(head + await request.body(), policy=email.policy.HTTP).iter_parts()
        form = {p.get_param("name", header="content-disposition"): p.get_payload(decode=True) for p in parts}
        file = at(path) / form["flowFilename"].decode()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        with open(file, "r+b") as out:
            out.seek((int(form["flowChunkNumber"]) - 1) * int(form["flowChunkSize"]))
            out.write(form["file"])
        return {}

    @api.get("/dataset/{path:path}")
    def look(path: str, action: str = "stat", offset: int = 0, limit: int = 1000):
        file = at(path)
        if not file.exists():
            raise Missing(110011, f"no {path}")
        if action != "listing":
            return inode(file)
        items = sorted(file.iterdir(), reverse=True)
        return {"count": len(items), "items": [inode(f) for f in items[offset : offset + limit]]}

    @api.post("/dataset/{path:path}")
    def make(path: str):
        at(path).mkdir(parents=True, exist_ok=True)
        return inode(at(path))

    @api.delete("/dataset/{path:path}", status_code=204)
    def remove(path: str):
        shutil.rmtree(at(path)) if at(path).is_dir() else at(path).unlink(missing_ok=True)

    @api.get("/modelregistries/{name}")
    def registry(name: str):
        return {"id": 1, "name": "museum", "parentProject": {"id": 1, "name": "museum"}}

    @api.put("/modelregistries/1/models/{key}")
    async def save(key: str, request: Request):
        "Its id is unique for ever: the SDK keeps downloads in /tmp under it (`model_engine._model_cache_paths`)"
        models[key] = await request.json() | {
            "id": secrets.randbits(50),
            "created": 0,
            "creator": "museum",
            "modelRegistryId": 1,
            "projectName": "museum",
        }
        return models[key]

    @api.get("/modelregistries/1/models/{key}")
    def model(key: str):
        if key not in models:
            raise Missing(360000, f"no model {key}")
        return models[key]

    @api.get("/modelregistries/1/models")
    def find(filter_by: str, sort_by: str | None = None, limit: int = 1000):
        found = [m for m in models.values() if m["name"] == filter_by.removeprefix("name_eq:")]
        if sort_by:
            metric, way = sort_by.rsplit(":", 1)
            value = lambda m: float(m["metrics"][metric])  # noqa: E731
            found = sorted(found, key=value, reverse=way == "desc")
        return {"count": len(found), "items": found[:limit]}

    return api

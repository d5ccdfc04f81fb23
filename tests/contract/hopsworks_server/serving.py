"""Deployments (`hsml.core.serving_api`), each with its scripts in a process

The shapes are those of `hsml.predictor` and `hsml.predictor_state`. What a deployment was saved with stays until it is
saved again. A name that is taken is refused to a second deployment (error 240011). One that runs changes to what it is
given, and the old process answers until the new one is ready. Requests go through Hopsworks
(`P/inference/models/NAME:predict`); there is no Istio gateway here, and the SDK gets that answer.
"""

import itertools
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

VARIABLES = {
    "kube_kserve_installed": "true",
    "kube_serving_min_num_instances": "0",
    "kube_serving_max_num_instances": "-1",
    "kube_knative_domain_name": "",
}  # `ServingApi`, on first use
STATES = {
    "Created": "STOPPED",
    "Stopped": "STOPPED",
    "Starting": "INITIALIZED",
    "Updating": "INITIALIZED",
    "Running": "READY",
    "Failed": "STARTED",
}  # status to the type of its condition (`PREDICTOR_STATE`)


class Pod:
    "A process with the scripts of a deployment, in its environment (`jobs`)"

    def __init__(self, d: dict, at, environments: dict):
        self.folder = Path(tempfile.mkdtemp(prefix=f"{d['name']}-", dir=at("Logs")))
        variables = dict(v.split("=", 1) for v in d.get("predictorEnvVars") or [])
        env = (
            {k: v for k, v in os.environ.items() if not k.startswith("HOPSWORKS_")}
            | variables
            | {
                "MODEL_FILES_PATH": str(at(f"{d['modelPath']}/{d['modelVersion']}/Files")),
                "MODEL_NAME": d["modelName"],
                "MODEL_VERSION": str(d["modelVersion"]),
                "DEPLOYMENT_NAME": d["name"],
                "DEPLOYMENT_VERSION": str(d["version"]),
                "PYTHONPATH": str(environments[environment_of(d)].folder or ""),
            }
        )
        scripts = [str(at(d[s])) for s in ("predictor", "transformer") if d.get(s)]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__).with_name("pod.py")), str(self.folder / "port"), *scripts],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def ready(self):
        return (self.folder / "port").is_file() and self.alive

    @property
    def alive(self):
        return self.process.poll() is None

    @property
    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def ask(self, body: bytes) -> tuple[int, bytes]:
        request = urllib.request.Request(f"http://127.0.0.1:{(self.folder / 'port').read_text()}", body)
        try:
            with urllib.request.urlopen(request, timeout=120) as found:
                return found.status, found.read()
        except urllib.error.HTTPError as e:
            return e.code, e.read()

    def end(self):
        self.process.kill()
        self.process.wait()


class Deployed:
    "A deployment: what was saved, the pod that answers, and the one that will"

    def __init__(self, saved: dict):
        self.saved, self.pod, self.next, self.idle = saved, None, None, "Created"

    def start(self, *where):
        if self.next:
            self.next.end()
        self.next = Pod(self.saved, *where)

    def stop(self):
        for pod in (self.pod, self.next):
            if pod:
                pod.end()
        self.pod = self.next = None
        self.idle = "Stopped"

    @property
    def status(self) -> str:
        if self.next and self.next.ready:
            if self.pod:
                self.pod.end()
            self.pod, self.next = self.next, None
        newest = self.next or self.pod
        if newest is None:
            return self.idle
        return "Failed" if not newest.alive else "Running" if not self.next else "Updating" if self.pod else "Starting"

    def told(self) -> dict:
        "As a cluster answers: scripts by their bare name (`local_paths._resolve_serving_file`)"
        status = self.status
        last = (self.next or self.pod).log.strip().splitlines()[-1:] if status == "Failed" else []
        scripts = {s: Path(self.saved[s]).name for s in ("predictor", "transformer") if self.saved.get(s)}
        return (
            self.saved
            | scripts
            | {
                "status": status,
                "availableInstances": int(self.pod is not None),
                "deployed": self.pod is not None,
                "revision": self.saved["version"],
                "condition": {
                    "type": STATES[status],
                    "status": status == "Running",
                    "reason": " ".join(["the predictor has ended:", *last] if last else [status]),
                },
            }
        )


def environment_of(d: dict) -> str:
    return d.get("predictorEnvironment", {"name": "pandas-inference-pipeline"})["name"]


def routes(at, environments: dict, deployed: dict, Missing) -> APIRouter:
    "`at` turns a path of the project into a file; `environments` are those of `jobs`; `deployed` gets each by name"
    api, ids = APIRouter(), itertools.count(1)

    def of(key: str) -> Deployed:
        found = next((d for d in deployed.values() if key in (str(d.saved["id"]), d.saved["name"])), None)
        if not found:
            raise Missing(240000, f"no deployment {key}")
        return found

    @api.get("/inference/endpoints")
    def endpoints():
        return []

    @api.put("/serving")
    async def put(request: Request, newVersion: bool = False):
        "Create where there is no id, else change"
        asked = await request.json()
        if asked.get("transformer"):
            asked.setdefault("transformerScalingConfig", {"minInstances": 1})  # `Transformer.__init__`: ours to add
        if environment_of(asked) not in environments or not environments[environment_of(asked)].serves:
            raise Missing(300000, f"no environment {environment_of(asked)} for deployments")
        if asked.get("id") is None:
            if asked["name"] in deployed:
                what = f"Entry with name {asked['name']} already exists"
                return JSONResponse({"errorCode": 240011, "errorMsg": what, "usrMsg": what}, 400)
            asked |= {
                "id": next(ids),
                "version": 1,
                "created": "2026-01-01T00:00:00.000Z",
                "creator": "museum",
                "projectNamespace": "museum",
            }
            deployed[asked["name"]] = Deployed(asked)
            return deployed[asked["name"]].told()
        d = of(str(asked["id"]))
        for script in ("predictor", "transformer"):
            if asked.get(script) == Path(d.saved.get(script) or "").name:
                asked[script] = d.saved.get(script)  # the one it has
        if asked != d.saved:
            d.saved = asked | {"version": d.saved["version"] + newVersion}
            if d.status in ("Running", "Failed"):
                await run_in_threadpool(d.start, at, environments)
        return d.told()

    @api.get("/serving")
    def find(name: str | None = None):
        return of(name).told() if name else [d.told() for d in deployed.values()]

    @api.get("/serving/{key}")
    def one(key: str):
        return of(key).told()

    @api.post("/serving/{key}")
    def act(key: str, action: Literal["START", "STOP"]):
        of(key).start(at, environments) if action == "START" else of(key).stop()
        return of(key).told()

    @api.delete("/serving/{key}", status_code=204)
    def remove(key: str):
        of(key).stop()
        del deployed[of(key).saved["name"]]

    @api.get("/serving/{key}/logs")
    def logs(key: str, component: str, tail: int = 500):
        "`hsml.deployable_component_logs`, of the pod that answers or will"
        pod = of(key).pod or of(key).next
        return (
            [
                {
                    "instanceName": of(key).saved["name"],
                    "createdAt": 0,
                    "content": "\n".join(pod.log.splitlines()[-tail:]),
                }
            ]
            if pod
            else []
        )

    @api.post("/inference/models/{name}:predict")
    async def predict(name: str, request: Request):
        if name not in deployed or deployed[name].status not in ("Running", "Updating"):
            return JSONResponse({"errorCode": 250001, "errorMsg": f"{name} is not running"}, 400)
        status, body = await run_in_threadpool(deployed[name].pod.ask, await request.body())
        return Response(body, status, media_type="application/json")

    return api

"""Jobs and environments (`hopsworks_common.core.job_api`, `execution_api`, `environment_api`, `library_api`)

An execution is a process with the script of the job; its output is in the project's `Logs`. It finds this server by the
same variables as any client: a container of a cluster is logged in by files that only a cluster has. The `files` of its
configuration are in its working directory. An environment is a folder into which pip installs wheels; a job in a base
environment has none of them. What a requirements file names must be here already. Schedules are stored; nothing fires
them.
"""

import itertools
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

# There is no index here: instead of installing what a requirements file names, see whether this environment has it.
FULFILLED = """
import sys
from importlib.metadata import version
from packaging.requirements import Requirement
wanted = [Requirement(line.strip()) for line in open(sys.argv[1]) if line.strip()]
sys.exit("; ".join(str(r) for r in wanted if version(r.name) not in r.specifier) or (0 if wanted else "an empty file"))
"""


class Environment(NamedTuple):
    "Where pip installed its wheels (None: nowhere yet), and for whom it is: pods or jobs"

    folder: Path | None
    serves: bool


BASES = {
    name: Environment(None, name.endswith("-inference-pipeline"))
    for name in (
        "python-feature-pipeline",
        "spark-feature-pipeline",
        "pandas-training-pipeline",
        "tensorflow-training-pipeline",
        "pandas-inference-pipeline",
        "tensorflow-inference-pipeline",
    )
}
SPARK = {
    "type": "sparkJobConfiguration",
    "environmentName": "spark-feature-pipeline",
    "amMemory": 2048,
    "amVCores": 1.0,
    "spark.executor.instances": 1,
    "spark.executor.cores": 1,
    "spark.executor.memory": 2048,
    "spark.dynamicAllocation.enabled": True,
}
CONFIGURATIONS = {
    "python": {
        "type": "pythonJobConfiguration",
        "jobType": "PYTHON",
        "environmentName": "pandas-training-pipeline",
        "resourceConfig": {"cores": 1.0, "memory": 2048, "gpus": 0},
        "logRedirection": True,
    },
    "pyspark": SPARK | {"jobType": "PYSPARK"},
    "spark": SPARK | {"jobType": "SPARK"},
}


class Execution:
    "One run of a job, as `hopsworks_common.execution` reads it"

    def __init__(self, n: int, job: dict, args: str, variables: dict, at, environment: Environment):
        config, self.begin, self.stopped, self.end = job["config"], time.time(), False, None
        logs = f"/Projects/museum/Logs/Python/{job['name']}/{n}"
        at(logs).mkdir(parents=True)
        self.facts = {
            "id": n,
            "submissionTime": int(self.begin * 1000),
            "args": args,
            "stdoutPath": f"{logs}/stdout.log",
            "stderrPath": f"{logs}/stderr.log",
        }
        env = {k: v for k, v in os.environ.items() if not k.startswith("HOPSWORKS_")} | variables
        env["PYTHONPATH"] = str(environment.folder or "")
        folder = at(f"{logs}/working_directory")
        folder.mkdir()
        for path in filter(None, (config.get("files") or "").split(",")):
            shutil.copy(at(path), folder)
        with open(at(f"{logs}/stdout.log"), "wb") as out, open(at(f"{logs}/stderr.log"), "wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, str(at(config["appPath"])), *shlex.split(args)],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=folder,
                start_new_session=True,
            )  # its own group, for `stop`

    def stop(self):
        if self.process.poll() is None:
            self.stopped = True
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def told(self) -> dict:
        code = self.process.poll()
        if code is not None and self.end is None:
            self.end = time.time()
        state, final = (
            ("RUNNING", "UNDEFINED")
            if code is None
            else ("KILLED", "KILLED")
            if self.stopped
            else ("FINISHED", "SUCCEEDED")
            if code == 0
            else ("FAILED", "FAILED")
        )
        return self.facts | {
            "state": state,
            "finalStatus": final,
            "progress": float(code is not None),
            "duration": int(((self.end or time.time()) - self.begin) * 1000),
        }


def routes(at, environments: dict, variables: dict, started: list, Missing) -> APIRouter:
    "`environments` by name; `variables` by which a job finds this server; `started` gets every execution"
    api, jobs, runs, libraries = APIRouter(), {}, {}, {}
    ids = itertools.count(1)

    def of(name: str) -> dict:
        if name not in jobs:
            raise Missing(130009, f"no job {name}")
        return jobs[name]

    def run_of(name: str, n: int) -> Execution:
        found = next((e for e in runs[of(name)["name"]] if e.facts["id"] == n), None)
        if not found:
            raise Missing(130010, f"no execution {n} of {name}")
        return found

    @api.get("/jobs/{kind}/configuration")
    def configuration(kind: str):
        if kind not in CONFIGURATIONS:
            raise Missing(130002, f"the contract server has no jobs of type {kind}")
        return CONFIGURATIONS[kind]

    @api.get("/jobs")
    def all_jobs():
        return {"count": len(jobs), "items": list(jobs.values())}

    @api.put("/jobs/{name}", status_code=201)
    async def save(name: str, request: Request):
        config = await request.json()
        if not at(config["appPath"]).is_file():
            raise Missing(110011, f"no {config['appPath']}")
        if config["environmentName"] not in environments or environments[config["environmentName"]].serves:
            raise Missing(300000, f"no environment {config['environmentName']} for jobs")
        old = jobs.get(
            name, {"id": next(ids), "creationTime": int(time.time() * 1000), "creator": {"username": "museum"}}
        )
        jobs[name] = old | {"name": name, "config": config, "jobType": config["jobType"]}
        runs.setdefault(name, [])
        return jobs[name]

    @api.get("/jobs/{name}")
    def get(name: str):
        return of(name)

    @api.delete("/jobs/{name}", status_code=204)
    def delete(name: str):
        for e in runs.pop(of(name)["name"]):
            e.stop()
        del jobs[name]

    @api.post("/jobs/{name}/executions", status_code=201)
    async def start(name: str, request: Request):
        "Arguments as plain text, or as JSON beside `envVars` (`execution_api._start`)"
        job, body, more = of(name), (await request.body()).decode(), {}
        if job["jobType"] != "PYTHON":
            return JSONResponse({"errorCode": 130003, "errorMsg": "the contract server runs no Spark"}, 501)
        if request.headers["content-type"] == "application/json":
            asked = await request.json()
            body, more = asked.get("args", ""), asked.get("envVars", {})
        runs[name].append(
            Execution(
                next(ids),
                job,
                body or job["config"].get("defaultArgs", ""),
                variables | more,
                at,
                environments[job["config"]["environmentName"]],
            )
        )
        started.append(runs[name][-1])
        return runs[name][-1].told()

    @api.get("/jobs/{name}/executions")
    def executions(name: str, limit: int | None = None):
        found = runs[of(name)["name"]][::-1][:limit]
        return {"count": len(found), "items": [e.told() for e in found]}

    @api.get("/jobs/{name}/executions/{n}")
    def execution(name: str, n: int):
        return run_of(name, n).told()

    @api.put("/jobs/{name}/executions/{n}/status", status_code=202)
    def stop(name: str, n: int):
        run_of(name, n).stop()
        return run_of(name, n).told()

    @api.delete("/jobs/{name}/executions/{n}", status_code=204)
    def forget(name: str, n: int):
        runs[name].remove(run_of(name, n))

    @api.post("/jobs/{name}/schedule/v2")
    @api.put("/jobs/{name}/schedule/v2")
    async def schedule(name: str, request: Request):
        of(name)["jobSchedule"] = await request.json() | {"id": of(name)["id"]}
        return of(name)["jobSchedule"]

    @api.delete("/jobs/{name}/schedule/v2", status_code=204)
    def unschedule(name: str):
        of(name).pop("jobSchedule", None)

    # --- environments

    def described(name: str) -> dict:
        if name not in environments:
            raise Missing(300000, f"no environment {name}")
        return {"name": name, "pythonVersion": f"{sys.version_info.major}.{sys.version_info.minor}"}

    @api.get("/python/environments")
    def all_environments():
        return {"count": len(environments), "items": [described(n) for n in environments]}

    @api.get("/python/environments/{name}")
    def environment(name: str):
        return described(name)

    @api.post("/python/environments/{name}", status_code=201)
    async def clone(name: str, request: Request):
        base = described((await request.json())["baseImage"]["name"])["name"]
        if name in environments:
            return JSONResponse(
                {"errorCode": 300019, "errorMsg": f"environment {name} exists", "usrMsg": "exists"}, 409
            )
        environments[name] = environments[base]._replace(folder=at(f".environments/{name}"))
        environments[name].folder.mkdir(parents=True)
        return described(name)

    @api.post("/python/environments/{name}/libraries/{library}", status_code=201)
    async def install(name: str, library: str, request: Request):
        "A wheel or a requirements file of the project, in the background: the SDK asks how far it is"
        asked = await request.json()
        file, folder = at(asked["dependencyUrl"]), environments[described(name)["name"]].folder
        pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", str(folder), str(file)]
        commands = {"WHEEL": pip, "REQUIREMENTS_TXT": ["-c", FULFILLED, str(file)]}
        if asked["packageSource"] not in commands:
            return JSONResponse({"errorCode": 300005, "errorMsg": "the contract server has wheels and files only"}, 501)
        command = [sys.executable, *commands[asked["packageSource"]]]
        libraries[name, library] = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        return installed(name, library)

    @api.get("/python/environments/{name}/libraries/{library}")
    def installed(name: str, library: str):
        if (name, library) not in libraries:
            raise Missing(300003, f"no library {library} in {name}")
        pip = libraries[name, library]
        status = {None: "ONGOING", 0: "SUCCESS"}.get(pip.poll(), "FAILED")
        return {
            "channel": "wheel",
            "packageSource": "WHEEL",
            "library": library,
            "version": "",
            "commands": {
                "items": [
                    {
                        "op": "INSTALL",
                        "status": status,
                        "errorMessage": pip.stderr.read() if status == "FAILED" else None,
                    }
                ]
            },
        }

    @api.delete("/python/environments/{name}", status_code=204)
    def remove(name: str):
        environments.pop(described(name)["name"])

    return api

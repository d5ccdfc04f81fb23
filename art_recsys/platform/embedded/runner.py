"""Serve one deployment by its own scripts, as a KServe pod does

    python -m art_recsys.platform.embedded.runner HOME NAME

The predictor script holds `class Predict` with `predict(inputs)`; the transformer script, where there is one, holds
`class Transformer` with `preprocess(request)` and `postprocess(answer)`. The process writes into
`deployments/NAME.host.json` where it listens, and deletes the file when it ends. The deployments `query` and `ranking`
need none of this: `art-recsys serve` holds their classes, in one process with one TensorFlow.
"""

import argparse
import importlib.util
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from art_recsys.config import check_home, write_json
from art_recsys.platform.embedded.base import ServingError

LOOPBACK = ["127.0.0.1", "localhost"]  # no web page reaches a deployment under a name of its own


def load_class(
    script: Path,  # Python file
    name: str,  # Class in it, made without arguments
) -> Any:
    """An instance of a class of a Python file; raises `ServingError` where the file has no such class"""
    spec = importlib.util.spec_from_file_location(f"deployed_{script.stem}", script)
    if spec is None or spec.loader is None:
        raise ServingError(f"{script.name} is not a Python file.", "name a script that ends with .py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, name):
        raise ServingError(
            f"{script.name} has no class {name}.", f"write class {name} as KServe's custom scripts have it"
        )
    return getattr(module, name)()


class Pod:
    """The scripts of one deployment, loaded with the environment that Hopsworks gives them"""

    def __init__(
        self,
        deployment: Any,  # `Deployment`
    ) -> None:
        """Load the scripts; raises `ServingError` where model or script is gone"""
        model = deployment.get_model()
        if model is None:
            raise ServingError(
                f"The model of {deployment.name} is gone from the registry.", "deploy a version that is there"
            )
        os.environ.update(deployment.env_vars or {})
        os.environ.update(
            MODEL_FILES_PATH=model.download(),
            MODEL_NAME=model.name,
            MODEL_VERSION=str(model.version),
            DEPLOYMENT_NAME=deployment.name,
        )
        self.predictor = load_class(deployment._script(deployment.script_file), "Predict")
        transformer = deployment.transformer
        self.transformer = transformer and load_class(deployment._script(transformer.script_file), "Transformer")

    def answer(
        self,
        request: dict,  # KServe V1: `{"instances": [...]}`
    ) -> dict:
        """KServe V1's `{"instances": [...]}` to `{"predictions": [...]}`"""
        if self.transformer:
            request = self.transformer.preprocess(request)
        instances = request["instances"] if "instances" in request else request["inputs"]
        answer = {"predictions": self.predictor.predict(instances)}
        return self.transformer.postprocess(answer) if self.transformer else answer


class Current:
    """The pod of the deployment as it was last saved: a `save` while it runs replaces the pod"""

    def __init__(
        self,
        serving: Any,  # `ModelServing`
        name: str,  # Name
    ) -> None:
        """Nothing is loaded yet"""
        self._serving, self._name, self._lock = serving, name, threading.Lock()
        self._of: dict | None = None  # what the deployment was saved with
        self._pod: Pod | None = None

    def pod(self) -> Pod:
        """The pod, made anew where the deployment was saved with something else; raises `ServingError`"""
        with self._lock:
            deployment = self._serving.get_deployment(self._name)
            if deployment is None:
                raise ServingError(
                    f"There is no deployment {self._name} in this home.", "deploy a model under that name first"
                )
            saved = {k: v for k, v in deployment._saved().items() if k != "wanted"}
            if self._pod is None or saved != self._of:
                self._pod, self._of = Pod(deployment), saved
            return self._pod


def app_of(
    name: str,  # Name
    current: Any,  # `Current`
) -> FastAPI:
    """The HTTP of one deployment"""
    app = FastAPI(openapi_url=None)

    @app.get("/v1/models/{asked}", response_model=None)
    async def state(asked: str) -> dict[str, Any]:
        return {"name": name, "ready": asked == name}

    @app.post("/v1/models/{asked}:predict", response_model=None)
    async def predict(asked: str, request: Request) -> Any:
        if asked != name:
            return JSONResponse({"error": f"Model with name {asked} does not exist."}, 404)
        try:
            pod = await run_in_threadpool(current.pod)
            return await run_in_threadpool(pod.answer, await request.json())
        except (ValueError, LookupError, TypeError) as e:  # what a request can cause
            return JSONResponse({"error": f"{type(e).__name__}: {e}"}, 400)

    return app


def serve(
    home: Path,  # Folder of the embedded project
    name: str,  # Name
    port: int = 0,  # Port on 127.0.0.1; a free one where 0
) -> None:
    """Serve a deployment on 127.0.0.1 until the process is asked to end. Raises `ServingError` before anything is
    bound, and `UserError` for a home that came from elsewhere
    """
    from art_recsys.platform.embedded import Project

    check_home(home)  # its scripts run in this process
    serving = Project(home).get_model_serving()
    current = Current(serving, name)
    current.pod()  # raises for what is missing before anything is bound
    app, host_file = app_of(name, current), serving._folder / f"{name}.host.json"
    with socket.create_server(("127.0.0.1", port)) as sock:
        write_json({"host": "127.0.0.1", "port": sock.getsockname()[1], "pid": os.getpid()}, host_file)
        signal.signal(
            signal.SIGTERM, lambda *_: sys.exit(0)
        )  # uvicorn sends it again when it is done: then `finally` runs
        try:
            uvicorn.Server(uvicorn.Config(TrustedHostMiddleware(app, LOOPBACK), log_level="warning")).run(
                sockets=[sock]
            )
        finally:
            host_file.unlink(missing_ok=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("name")
    parser.add_argument("--port", type=int, default=0)
    serve(**vars(parser.parse_args()))

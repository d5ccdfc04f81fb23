"""Deployments: what to serve is stored on disk, a server process (art_recsys.serving, or `runner`) serves it"""

import json
import time
from pathlib import Path, PurePosixPath
from typing import Any

import requests
from hopsworks_common.constants import PREDICTOR_STATE
from hsml.predictor_state import PredictorState

from art_recsys.config import read_json, stable_hash, write_json
from art_recsys.platform.embedded.base import PROJECT_NAME, Embedded, ServingError
from art_recsys.platform.embedded.inference import as_json, detail, listening, no_server, payload_of

SECONDS = 60


class Transformer(Embedded):
    """The script that prepares a request for the predictor"""

    _sdk = "hsml.transformer.Transformer"

    def __init__(
        self,
        script_file: str | None = None,  # Python file with `class Transformer`
    ) -> None:
        """A script that is loaded beside the predictor"""
        self.script_file = script_file


class Predictor(Embedded):
    """A model and the script that serves it"""

    _sdk = "hsml.predictor.Predictor"

    def __init__(
        self,
        serving: Any,  # `ModelServing`
        name: str,  # Name
        model_name: str,  # Name in the registry
        model_version: int,  # Version in the registry
        script_file: str | None = None,  # Python file with `class Predict` or `class Transformer`
        transformer: Any = None,  # `Transformer`
        description: str | None = None,  # For people
        env_vars: dict[str, str] | None = None,  # Environment variables
    ) -> None:
        """A model of the registry and how it is served"""
        self._serving, self.name, self._model_name, self._model_version = serving, name, model_name, model_version
        self._script_file, self._transformer = script_file, transformer
        self._description, self._env_vars = description, env_vars

    model_name = property(lambda self: self._model_name)
    model_version = property(lambda self: self._model_version)
    model_path = property(lambda self: f"/Projects/{PROJECT_NAME}/Models/{self._model_name}")
    script_file = property(lambda self: self._script_file)
    transformer = property(lambda self: self._transformer)
    description = property(lambda self: self._description)
    env_vars = property(lambda self: self._env_vars)

    def deploy(self) -> "Deployment":
        """Keep it as a deployment; raises `ServingError` where the name serves another version"""
        deployment = Deployment(self._serving, self, description=self._description)
        deployment.save()
        return deployment


class Deployment(Embedded):
    """A predictor under a name; `start` and `stop` store the wanted state, and the server process follows it"""

    _sdk = "hsml.deployment.Deployment"

    def __init__(
        self,
        serving: Any,  # `ModelServing`
        predictor: Any,  # `Predictor`
        name: str | None = None,  # That of the predictor where None
        description: str | None = None,  # For people
    ) -> None:
        """A deployment that `save` will keep"""
        self._serving, self._predictor, self._new = serving, predictor, True
        if name is not None:
            predictor.name = name
        self._description = description or predictor.description

    name = property(lambda self: self._predictor.name)
    id = property(lambda self: stable_hash(self.name) % 2**31)
    description = property(lambda self: self._description)
    predictor = property(lambda self: self._predictor)
    transformer = property(lambda self: self._predictor.transformer)
    env_vars = property(lambda self: self._predictor.env_vars)
    project_name = property(lambda self: PROJECT_NAME)
    has_model = property(lambda self: True)
    created_at = property(lambda self: (self._saved() or {}).get("created"))
    creator = property(lambda self: None)

    # --- what `save` puts into service

    @property
    def model_name(self) -> str:
        """Name of the model that `save` puts into service"""
        return self._predictor.model_name

    @model_name.setter
    def model_name(
        self,
        model_name: str,  # Name in the registry
    ) -> None:
        """Name of the model that `save` puts into service"""
        self._predictor._model_name = model_name

    @property
    def model_version(self) -> int:
        """Version of the model that `save` puts into service"""
        return self._predictor.model_version

    @model_version.setter
    def model_version(
        self,
        model_version: int,  # Version in the registry
    ) -> None:
        """Version of the model that `save` puts into service"""
        self._predictor._model_version = model_version

    @property
    def model_path(self) -> str:
        """Path of the model in the project; setting it sets the name"""
        return self._predictor.model_path

    @model_path.setter
    def model_path(
        self,
        model_path: str,  # Path of the model in the project
    ) -> None:
        """Path of the model in the project; setting it sets the name"""
        self.model_name = PurePosixPath(model_path).name  # the path follows from the name

    @property
    def script_file(self) -> str | None:
        """Script of the predictor"""
        return self._predictor.script_file

    @script_file.setter
    def script_file(
        self,
        script_file: str | None,  # Python file with `class Predict` or `class Transformer`
    ) -> None:
        """Script of the predictor"""
        self._predictor._script_file = script_file

    def __repr__(self) -> str:
        return f"Deployment(name: {self.name!r})"

    def _path(self) -> Path:
        return self._serving._folder / f"{self.name}.json"

    def _saved(self) -> dict | None:
        try:
            return read_json(self._path())
        except (OSError, ValueError):  # a damaged one is as good as none; `get_deployment` says so
            return None

    def _keep(self, wanted: str) -> None:
        saved = self._saved() or {"created": int(time.time() * 1000)}
        transformer = self._predictor.transformer
        write_json(
            {
                **saved,
                "name": self.name,
                "model_name": self.model_name,
                "model_version": self.model_version,
                "description": self._description,
                "script_file": self.script_file,
                "env_vars": self.env_vars,
                "transformer_script": transformer and transformer.script_file,
                "wanted": wanted,
            },
            self._path(),
        )

    def save(
        self,
        await_update: int | None = 600,  # Accepted; nothing is waited for
        new_version: bool = False,  # Accepted for the SDK's sake
    ) -> None:
        """Keep the deployment; one that runs goes on running, with the new model. A second new deployment under a name
        is the first one where it serves the same version; otherwise it is refused with `ServingError`
        """
        saved = self._saved()
        if self._new and saved is not None:
            if (saved["model_name"], saved["model_version"]) != (self.model_name, self.model_version):
                raise ServingError(
                    f"A deployment {self.name} already exists, and it serves {saved['model_name']} "
                    f"{saved['model_version']}.",
                    "get it with get_deployment, set its model_version and save it; or choose another name",
                )
            self._predictor = self._serving._of(saved)._predictor
        self._new = False
        self._keep((saved or {}).get("wanted", "stopped"))

    def start(
        self,
        await_running: int | None = 600,  # Accepted; nothing is waited for
    ) -> None:
        """Request that it is served; the server follows when it starts or refreshes"""
        self._keep("running")

    def stop(
        self,
        await_stopped: int | None = 600,  # Accepted; nothing is waited for
    ) -> None:
        """Request that it is no longer served"""
        self._keep("stopped")

    def restart(
        self,
        await_stopped: int | None = 600,  # Accepted; nothing is waited for
        await_running: int | None = 600,  # Accepted; nothing is waited for
    ) -> None:
        """Request that it is served again"""
        self._keep("running")

    def delete(
        self,
        force: bool = False,  # Delete in any case
    ) -> None:
        """Forget it; raises `ServingError` while it runs"""
        if (self._saved() or {}).get("wanted") == "running" and not force:
            raise ServingError(f"The deployment {self.name} is running.", "stop it first, or pass force=True")
        self._path().unlink(missing_ok=True)

    def get_state(self) -> PredictorState:
        """Running: wanted, and the server answers. Idle: wanted, no server. Stopped. Creating: never saved"""
        saved = self._saved()
        if saved is None:
            status = PREDICTOR_STATE.STATUS_CREATING
        elif saved["wanted"] == "running":
            status = PREDICTOR_STATE.STATUS_RUNNING if self._server() else PREDICTOR_STATE.STATUS_IDLE
        else:
            status = PREDICTOR_STATE.STATUS_STOPPED
        running = int(status == PREDICTOR_STATE.STATUS_RUNNING)
        path = f"/v1/models/{self.name}:predict"
        return PredictorState(running, None, path, path, None, None, saved is not None, None, status)

    def is_created(self) -> bool:
        """Whether it was saved"""
        return self._saved() is not None

    def is_running(
        self,
        or_idle: bool = True,  # Count a deployment that no server holds now
        or_updating: bool = True,  # Accepted for the SDK's sake
    ) -> bool:
        """Whether it is wanted"""
        status = self.get_state().status
        return status == PREDICTOR_STATE.STATUS_RUNNING or (or_idle and status == PREDICTOR_STATE.STATUS_IDLE)

    def is_stopped(
        self,
        or_created: bool = True,  # Count one that was never started
    ) -> bool:
        """Whether it is not wanted"""
        status = self.get_state().status
        return status == PREDICTOR_STATE.STATUS_STOPPED or (or_created and status == PREDICTOR_STATE.STATUS_CREATING)

    def get_model(self) -> Any:
        """The model of the registry, or None"""
        return self._serving._project.get_model_registry().get_model(self.model_name, self.model_version)

    @property
    def _host_file(self) -> Path:
        """Where a process of `runner` says that it serves this deployment alone"""
        return self._serving._folder / f"{self.name}.host.json"

    def _server(self) -> dict | None:
        """`{host, port, pid}` of its own process, or else of the home's server, or None"""
        for file in (self._host_file, self._serving._server_file):
            if (server := listening(file)) is not None:
                return server
        return None

    def _script(self, path: str | None) -> Path:
        """Where a script is: an absolute path, a file of the project, or a file of the model"""
        places = (self._serving._project._home / "datasets", self.get_model()._folder / "Files")
        found = next((p / path for p in places if path and (p / path).is_file()), None)
        if found is None:
            raise ServingError(
                f"The deployment {self.name} has no script {path or 'at all'}.",
                "name it in script_file=: an absolute path, an uploaded file, or one of the model's files",
            )
        return found

    def get_endpoint_url(self) -> str:
        """Where it is served; raises `UserError` where no server runs"""
        server = self._server()
        if server is None:
            raise no_server()
        return f"http://{server['host']}:{server['port']}/v1/models/{self.name}"

    def get_inference_url(self) -> str:
        """Where it takes requests; raises `UserError` where no server runs"""
        return f"{self.get_endpoint_url()}:predict"

    def predict(
        self,
        data: dict | None = None,  # `{"instances": [...]}`
        inputs: Any = None,  # Instance or list of instances; instead of `data`
        validate: bool = True,  # Accepted; the request is always checked
    ) -> dict:
        """KServe V1: `{"instances": [...]}` in, `{"predictions": [...]}` out. Raises `ServingError`, or `UserError`
        where no server runs
        """
        payload = payload_of(data, inputs)
        if (self._saved() or {}).get("wanted") != "running":
            raise ServingError(
                "Deployment not created or running.", "start it by using .start(), or check .get_state()"
            )
        try:
            answer = requests.post(
                self.get_inference_url(),
                data=json.dumps(payload, default=as_json),
                headers={"Content-Type": "application/json"},
                timeout=SECONDS,
            )
        except requests.ConnectionError:
            raise no_server() from None
        except requests.Timeout:
            raise ServingError(
                f"The server did not answer {self.name} within {SECONDS} s.", "look at its log; try again"
            ) from None
        if answer.status_code == 404:
            raise ServingError(
                f"The server does not serve {self.name}.",
                "restart it, so that it picks the deployment up: art-recsys serve; a deployment with its own scripts: "
                f"python -m art_recsys.platform.embedded.runner HOME {self.name}",
            )
        if not answer.ok:
            raise ServingError(f"The server refused the request to {self.name}: {detail(answer)}", "fix the request")
        return answer.json()

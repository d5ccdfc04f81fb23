"""Deployments by name: `get_model_serving()` of the embedded project."""

from pathlib import Path
from typing import Any

from art_recsys.config import read_json
from art_recsys.platform.embedded.base import PROJECT_NAME, Embedded, ServingError
from art_recsys.platform.embedded.deployments import Deployment, Predictor, Transformer

_TUNING = (
    "artifact_version",
    "serving_tool",
    "config_file",
    "resources",
    "inference_logger",
    "inference_batcher",
    "api_protocol",
    "environment",
    "scaling_configuration",
    "tags",
    "tracing",
    "knative_mode",
)


class ModelServing(Embedded):
    """Deployments by name"""

    _sdk = "hsml.model_serving.ModelServing"

    def __init__(
        self,
        project: Any,  # `Project`
        folder: Path,  # `deployments/` in the home
        server_file: Path,  # Where `art-recsys serve` says that it listens
    ) -> None:
        """The deployments of a home"""
        self._project, self._folder, self._server_file = project, folder, server_file

    project_name = property(lambda self: PROJECT_NAME)
    project_path = property(lambda self: f"/Projects/{PROJECT_NAME}")
    project_id = property(lambda self: self._project.id)

    def __repr__(self) -> str:
        return f"ModelServing(project: {PROJECT_NAME!r})"

    def create_transformer(
        self,
        script_file: str | None = None,  # Python file with `class Predict` or `class Transformer`
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> Transformer:
        """A transformer; raises `ServingError` without a script"""
        self._refuse(
            "create_transformer", others, quiet=("resources", "scaling_configuration", "env_vars", "environment")
        )
        if not script_file:
            raise ServingError("A transformer needs its script.", "pass script_file=")
        return Transformer(script_file)

    def create_predictor(
        self,
        model: Any,  # `Model`
        name: str | None = None,  # Letters and digits; the model's name without others where None
        *,
        script_file: str | None = None,  # Python file with `class Predict` or `class Transformer`
        transformer: Any = None,  # `Transformer`
        env_vars: dict[str, str] | None = None,  # Environment variables
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> Predictor:
        """A predictor of a model; raises `ServingError` for a name or a script that Hopsworks would refuse"""
        self._refuse("create_predictor", others, quiet=_TUNING)
        name = name or model._get_default_serving_name()
        if not name.isalnum() or not name.isascii():
            raise ServingError(f"'{name}' is not a name for a deployment.", "use letters and digits only")
        if model.framework == "TENSORFLOW" and script_file:
            raise ServingError(
                "Predictor scripts are not supported in deployments for Tensorflow models.",
                "register the model with ModelRegistry.python.create_model",
            )
        return Predictor(self, name, model.name, model.version, script_file, transformer, env_vars=env_vars)

    def create_deployment(
        self,
        predictor: Any,  # `Predictor`
        name: str | None = None,  # That of the predictor where None
        environment: str | None = None,  # Accepted; this interpreter serves
        tags: Any = None,  # Accepted for the SDK's sake
    ) -> Deployment:
        """A deployment of a predictor, not yet saved"""
        return Deployment(self, predictor, name)

    def _of(self, saved: dict) -> Deployment:
        transformer = Transformer(saved["transformer_script"]) if saved.get("transformer_script") else None
        predictor = Predictor(
            self,
            saved["name"],
            saved["model_name"],
            saved["model_version"],
            saved["script_file"],
            transformer,
            saved["description"],
            saved.get("env_vars"),
        )
        deployment = Deployment(self, predictor)
        deployment._new = False
        return deployment

    def get_deployment(
        self,
        name: str | None = None,  # Name
    ) -> Deployment | None:
        """The deployment, or None; raises `ServingError` for a damaged one"""
        path = self._folder / f"{name}.json"
        try:
            return self._of(read_json(path)) if path.is_file() else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise ServingError(
                f"The deployment {name} is damaged: {path} cannot be read.",
                "put the models into service again: art-recsys deploy",
            ) from None

    def get_deployments(
        self,
        model: Any = None,  # `Model`
        status: str | None = None,  # Only those in this state, for example `Running`
    ) -> list[Deployment]:
        """All deployments, of a model or in a state where these are given"""
        names = [p.stem for p in sorted(self._folder.glob("*.json")) if not p.name.endswith(".host.json")]
        found = [self.get_deployment(n) for n in names]
        return [
            d
            for d in found
            if d is not None
            and (model is None or d.model_name == model.name)
            and (status is None or d.get_state().status.lower() == status.lower())
        ]

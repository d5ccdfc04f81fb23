"""Deployments on the platform: one deployment per name, to which model versions are assigned over time."""

from pathlib import Path
from typing import Any

from art_recsys.config import Settings, UserError

__all__ = ["move_deployment"]

SCRIPTS = Path(__file__).parent  # `query_predictor.py` and `ranking_predictor.py`, which Hopsworks runs


def move_deployment(
    settings: Settings,  # Only `serving_environment` is read
    serving: Any,  # `project.get_model_serving()`
    name: str,  # `query` or `ranking`
    model: Any,  # Model version from the registry
) -> None:
    "Make the deployment `name` serve this model with its predictor script; create and start it if necessary"
    script = str(SCRIPTS / f"{name}_predictor.py")
    try:
        deployment = serving.get_deployment(name)
    except UserError:  # damaged: it is written anew
        deployment = None
    if deployment is None:
        deployment = model.deploy(name=name, script_file=script, environment=settings.serving_environment)
    else:
        deployment.model_name, deployment.model_path = model.name, model.model_path
        deployment.model_version, deployment.script_file = model.version, script
        deployment.save()
    if not deployment.is_running():
        deployment.start()

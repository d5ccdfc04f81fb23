"""Deployments on the platform: one life under one name, many models."""

from pathlib import Path

from art_recsys.config import Settings

__all__ = ["move_deployment"]

SCRIPTS = Path(__file__).parent  # `query_predictor.py` and `ranking_predictor.py`, which Hopsworks runs


def move_deployment(
    settings: Settings,  # Its `serving_environment`
    serving,  # `project.get_model_serving()`
    name: str,  # `query` or `ranking`
    model,  # A model of the registry
) -> None:
    "Have the deployment `name` serve a model with the script of that name; it is made if need be, and started"
    script, deployment = str(SCRIPTS / f"{name}_predictor.py"), serving.get_deployment(name)
    if deployment is None:
        deployment = model.deploy(name=name, script_file=script, environment=settings.serving_environment)
    else:
        deployment.model_name, deployment.model_path = model.name, model.model_path
        deployment.model_version, deployment.script_file = model.version, script
        deployment.save()
    if not deployment.is_running():
        deployment.start()

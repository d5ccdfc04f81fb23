"""Models of the registry by their name."""

from typing import Any

from art_recsys.config import UserError

__all__ = ["newest"]


def newest(
    registry: Any,  # `project.get_model_registry()`
    name: str,  # of a model
    stage: str,  # the stage that trains it, for the message
) -> Any:  # the model's newest version
    "The newest version of a registered model; raises `UserError` where there is none"
    found = registry.get_models(name)
    if not found:
        raise UserError(f"The registry has no model {name}.", f"train it: art-recsys {stage}")
    return max(found, key=lambda m: m.version)

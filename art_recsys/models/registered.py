"""Models of the registry by their name."""

from typing import Any

from art_recsys.config import UserError

__all__ = ["newest", "versions"]


def versions(
    registry: Any,  # `project.get_model_registry()`
    name: str,  # of a model
) -> list:  # its complete versions, the newest first
    "The versions of a registered model"
    return sorted(registry.get_models(name), key=lambda m: -m.version)


def newest(
    registry: Any,  # `project.get_model_registry()`
    name: str,  # of a model
    stage: str,  # the stage that trains it, for the message
) -> Any:  # the model's newest version
    "The newest version of a registered model; raises `UserError` where there is none"
    found = versions(registry, name)
    if not found:
        raise UserError(
            f"The registry has no complete version of the model {name}.", f"train it: art-recsys {stage} --force"
        )
    return found[0]

"""Models in the registry, and the vectors of the newest one in the feature store."""

import tempfile
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from art_recsys.config import Settings, UserError
from art_recsys.core import Cols
from art_recsys.features import candidate_group
from art_recsys.platform.inserts import replace_rows

__all__ = ["newest", "publish_candidates", "register", "versions"]


class Saved(Protocol):
    "A model that writes itself into a folder"

    def save(self, path: Path) -> None: ...


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


def register(
    project: Any,  # from `login`
    name: str,  # of the model
    model: Saved,  # towers, or a ranking model
    metrics: dict[str, float],  # by name, shown beside the version
    description: str,  # one line
) -> Any:  # the version, as the registry returns it
    "Save a model as a new version in the registry"
    version = project.get_model_registry().python.create_model(name, metrics=metrics, description=description)
    with tempfile.TemporaryDirectory() as folder:
        model.save(Path(folder) / name)
        version.save(str(Path(folder) / name))
    return version


def publish_candidates(
    project: Any,  # from `login`
    model: Any,  # fitted towers: `dim`, `candidate_ids` and `candidates`
    settings: Settings,  # its `feature_version`
) -> None:
    "One vector per artwork into the feature group `candidate_embeddings`, in place of those before"
    vectors = {Cols.artwork_id: model.candidate_ids, Cols.candidate_embedding: list(model.candidates)}
    group = candidate_group(project.get_feature_store(), model.dim, settings)
    replace_rows(group, pd.DataFrame(vectors))

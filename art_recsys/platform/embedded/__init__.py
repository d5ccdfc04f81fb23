"""The embedded project: the part of the Hopsworks SDK that our stages use, in one folder, without a server

Delta tables (delta-rs) hold offline features, DuckDB joins them, SQLite in WAL mode is the online store, numpy finds
neighbours, versioned folders are the model registry, and jobs are processes of this machine. The process of
`art_recsys.serving` serves deployments, or `runner` where they have scripts of their own. Names, arguments, return
types and score conventions are those of the SDK 5.2.1 (https://docs.hopsworks.ai); a call or an argument that is not
supported raises `Unsupported` with its name. Within this package a leading underscore means "not a name of the SDK".
"""

from functools import cached_property
from pathlib import Path

from art_recsys.config import stable_hash
from art_recsys.platform.embedded.base import PROJECT_NAME, Embedded, StoreError, Unsupported
from art_recsys.platform.embedded.datasets import DatasetApi
from art_recsys.platform.embedded.jobs import JobApi
from art_recsys.platform.embedded.registry import ModelRegistry
from art_recsys.platform.embedded.serving import ModelServing
from art_recsys.platform.embedded.store import FeatureStore

__all__ = ["Project", "Unsupported"]


class Project(Embedded):
    """What `hopsworks.login()` would return (`hopsworks_common.project.Project`)"""

    _sdk = "hopsworks_common.project.Project"

    def __init__(
        self,
        home: str | Path,  # Folder of the embedded project
    ) -> None:
        """The embedded project of a home; nothing is written before the first insert, save or run"""
        self._home = Path(home)

    name = property(lambda self: PROJECT_NAME)
    id = property(lambda self: stable_hash(PROJECT_NAME) % 2**31)
    description = property(lambda self: "The embedded project: Hopsworks' calls on one folder")

    def __repr__(self) -> str:
        return f"Project({PROJECT_NAME!r}, embedded in {self._home.name})"

    @cached_property
    def _store(self) -> FeatureStore:
        return FeatureStore(self._home / "feature_store")

    @cached_property
    def _registry(self) -> ModelRegistry:
        return ModelRegistry(self, self._home / "registry")

    @cached_property
    def _serving(self) -> ModelServing:
        return ModelServing(self, self._home / "deployments", self._home / "server.json")

    def get_feature_store(
        self,
        name: str | None = None,  # The only one that there is; may be left out
    ) -> FeatureStore:
        """The feature store; raises `StoreError` for another name"""
        if name not in (None, PROJECT_NAME, self._store.name):
            raise StoreError(
                f"There is no feature store {name} in the embedded project.",
                f"leave the name out, or use {self._store.name}",
            )
        return self._store

    def get_job_api(self) -> JobApi:
        """Jobs: scripts with a name, run as processes of this machine"""
        return JobApi(self._home)

    def get_dataset_api(self) -> DatasetApi:
        """Files of the project"""
        return DatasetApi(self._home / "datasets")

    def get_model_registry(self) -> ModelRegistry:
        """Models by name and version"""
        return self._registry

    def get_model_serving(self) -> ModelServing:
        """Deployments by name"""
        return self._serving

"""The definition of a feature group: its names, its schema, its files, and the queries that select from it."""

from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa
from deltalake import DeltaTable
from hopsworks_common.util import _autofix_feature_name
from hsfs.embedding import EmbeddingFeature, EmbeddingIndex
from hsfs.feature import Feature

from art_recsys.config import stable_hash
from art_recsys.platform.embedded.base import Embedded, StoreError
from art_recsys.platform.embedded.frames import arrow_type
from art_recsys.platform.embedded.query import Query
from art_recsys.platform.embedded.sql import quoted


class StoredGroup(Embedded):
    """The definition of a feature group, its files on disk, and the queries that select from it"""

    _sdk = "hsfs.feature_group.FeatureGroup"

    def __init__(
        self,
        store: Any,  # `FeatureStore`
        name: str,  # Name
        version: int,  # Version
        description: str | None = "",  # For people
        primary_key: list | None = None,  # Names or `Feature`s that tell rows apart
        event_time: Any = None,  # Name or `Feature` with the time from which a row holds
        online_enabled: bool = False,  # Whether the newest row per key is kept in the online store
        embedding_index: Any = None,  # `hsfs.embedding.EmbeddingIndex`; without `online_enabled`: `StoreError`
        features: list | None = None,  # Declared `Feature`s; those of the first frame where None
        foreign_key: list | None = None,  # Names or `Feature`s of keys of other groups
        partition_key: list | None = None,  # Names or `Feature`s; kept, not used
    ) -> None:
        """Describe a group; it is on disk from the first insert on"""
        self._store, self._name, self._version, self._description = store, name, version, description or ""
        names = lambda keys: [k.name if isinstance(k, Feature) else _autofix_feature_name(k) for k in keys or []]  # noqa: E731
        self._primary_key, self._foreign_key, self._partition_key = map(
            names, (primary_key, foreign_key, partition_key)
        )
        self._event_time = event_time.name if isinstance(event_time, Feature) else event_time
        self._online_enabled = bool(online_enabled)
        self._features = [self._own(f) for f in features or []]
        self._embedding_index = embedding_index
        if embedding_index is not None:
            embedding_index.feature_group = self
            if not online_enabled:
                raise StoreError(
                    f"The feature group {name} has an embedding index but is not online enabled.",
                    "pass online_enabled=True with embedding_index=",
                )
        self._vectors: dict[str, tuple] = {}  # embedding -> version, table, index

    def _own(self, f: Feature) -> Feature:
        return Feature(f.name, f.type, f.description, primary=f.name in self._primary_key, feature_group_id=self.id)

    # --- names the SDK has

    name = property(lambda self: self._name)
    version = property(lambda self: self._version)
    description = property(lambda self: self._description)
    primary_key = property(lambda self: self._primary_key)
    foreign_key = property(lambda self: self._foreign_key)
    partition_key = property(lambda self: self._partition_key)
    event_time = property(lambda self: self._event_time)
    online_enabled = property(lambda self: self._online_enabled)
    embedding_index = property(lambda self: self._embedding_index)
    features = property(lambda self: self._features)
    columns = property(lambda self: self._features)
    schema = property(lambda self: self._features)
    column_names = property(lambda self: [f.name for f in self._features])
    feature_store = property(lambda self: self._store)
    feature_store_name = property(lambda self: self._store.name)
    id = property(lambda self: stable_hash(f"{self._name}_{self._version}") % 2**31)
    location = property(lambda self: str(self._folder / "data"))
    time_travel_format = property(lambda self: "DELTA")

    def __repr__(self) -> str:
        return f"FeatureGroup({self._name!r}, {self._version})"

    def __getitem__(self, name: Any) -> Feature:
        if not isinstance(name, str):
            raise TypeError(f"Expected type `str`, got `{type(name)}`. Features are accessible by name.")
        for f in self.__dict__.get("_features", ()):
            if f.name == name:
                return f
        raise KeyError(
            f"'FeatureGroup' {self._name} has no feature called '{name}'; it has: {', '.join(self.column_names)}."
        )

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            for f in self.__dict__.get("_features", ()):
                if f.name == name:
                    return f
        return super().__getattr__(name)

    def _qualified_name(self, name: str) -> str:
        """A column's name where it comes without being selected, as the SDK builds it"""
        return f"{self._store.project_name}_{self._name}_{self._version}_{name}"

    def get_feature(
        self,
        name: str,  # Name
    ) -> Any:
        """The feature of that name, or None"""
        return next((f for f in self._features if f.name == name), None)

    # --- on disk

    @property
    def _view(self) -> str:
        return f"{self._name}_{self._version}"

    @property
    def _folder(self) -> Path:
        return self._store._groups / self._view

    def _meta(self) -> dict:
        index = self._embedding_index
        return {
            "name": self._name,
            "version": self._version,
            "description": self._description,
            "primary_key": self._primary_key,
            "foreign_key": self._foreign_key,
            "partition_key": self._partition_key,
            "event_time": self._event_time,
            "online_enabled": self._online_enabled,
            "features": [{"name": f.name, "type": f.type, "description": f.description} for f in self._features],
            "embeddings": []
            if index is None
            else [
                {"name": e.name, "dimension": e.dimension, "similarity": e.similarity_function_type}
                for e in index.get_embeddings()
            ],
        }

    @classmethod
    def _of(cls, meta: dict, store: Any) -> Self:
        """The group that `_meta` describes"""
        embeddings = [EmbeddingFeature(e["name"], e["dimension"], e["similarity"]) for e in meta["embeddings"]]
        return cls(
            store,
            meta["name"],
            meta["version"],
            meta["description"],
            meta["primary_key"],
            meta["event_time"],
            meta["online_enabled"],
            EmbeddingIndex(features=embeddings) if embeddings else None,
            [Feature(**f) for f in meta["features"]],
            meta["foreign_key"],
            meta["partition_key"],
        )

    def _delta_version(self) -> int | None:
        """The last committed version of the table, or None"""
        try:
            commits = [
                int(p.stem)
                for p in (self._folder / "data" / "_delta_log").iterdir()
                if p.suffix == ".json" and p.stem.isdigit()
            ]
        except FileNotFoundError:
            return None
        return max(commits, default=None)

    def _arrow_schema(self) -> pa.Schema:
        return pa.schema([(f.name, arrow_type(f.type)) for f in self._features])

    def _register(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make this group's table a view of its own name in a DuckDB"""
        if not self._features:
            raise StoreError(
                f"The feature group {self._name} version {self._version} has no data yet.",
                "insert a frame first: art-recsys features",
            )
        files = [] if self._delta_version() is None else DeltaTable(self.location).file_uris()
        if files:
            listed = ", ".join("'" + f.removeprefix("file://").replace("'", "''") + "'" for f in files)
            con.execute(f"CREATE VIEW {quoted(self._view)} AS SELECT * FROM read_parquet([{listed}])")
        else:
            con.register(self._view, self._arrow_schema().empty_table())

    # --- selecting

    def select(
        self,
        features: list,  # Names or `Feature`s
    ) -> Query:
        """A query for some features"""
        return Query(self, features)

    def select_all(
        self,
        include_primary_key: bool = True,  # Whether the primary key is selected
        include_foreign_key: bool = True,  # Whether foreign keys are selected
        include_partition_key: bool = True,  # Whether partition keys are selected
        include_event_time: bool = True,  # Whether the event time is selected
    ) -> Query:
        """A query for all features"""
        without = [] if include_event_time else [self._event_time]
        without += [] if include_primary_key else self._primary_key
        without += [] if include_foreign_key else self._foreign_key
        without += [] if include_partition_key else self._partition_key
        return self.select_except(without) if without else Query(self, self._features)

    def select_except(
        self,
        features: list | None = None,  # Names or `Feature`s to leave out
    ) -> Query:
        """A query for all features but some"""
        names = {f.name if isinstance(f, Feature) else f for f in features or []}
        return Query(self, [f for f in self._features if f.name not in names])

    def select_features(self) -> Query:
        """A query for the features that are no key and no event time"""
        return self.select_except(self._primary_key + self._foreign_key + self._partition_key + [self._event_time])

    def filter(
        self,
        f: Any,  # `Filter` or `Logic`, for example `(group.year > 1900)`
    ) -> Query:
        """A query for all features of the rows that pass a filter"""
        return self.select_all().filter(f)

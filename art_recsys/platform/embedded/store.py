"""The feature store: feature groups and feature views by name and version"""

import shutil
from pathlib import Path
from typing import Any

from hopsworks_common.util import _autofix_feature_name

from art_recsys.config import read_json, stable_hash, write_json
from art_recsys.platform.embedded.base import PROJECT_NAME, Embedded, StoreError, damaged, locked
from art_recsys.platform.embedded.group import FeatureGroup
from art_recsys.platform.embedded.online import OnlineStore
from art_recsys.platform.embedded.view import FeatureView

# arguments that tune Hopsworks' own engines and change no answer
_TUNING = (
    "time_travel_format",
    "stream",
    "statistics_config",
    "expectation_suite",
    "parents",
    "topic_name",
    "notification_topic_name",
    "online_config",
    "offline_backfill_every_hr",
    "tags",
    "hudi_precombine_key",
    "online_disk",
    "zorder_by",
    "clustered_by",
    "bucket_index",
    "sort_order",
    "partitioned_by",
)
_PLAN = ("primary_key", "foreign_key", "partition_key", "event_time", "embedding_index", "features")
_VIEW_TUNING = ("tags",)


def _read(path: Path) -> Any:
    try:
        return read_json(path)
    except (OSError, ValueError):
        raise damaged(path) from None


class FeatureStore(Embedded):
    """Feature groups under `groups/`, feature views under `views/`, training data under `training/`, and `online.db`"""

    _sdk = "hsfs.feature_store.FeatureStore"

    def __init__(
        self,
        folder: Path,  # Folder on disk
    ) -> None:
        """The feature store in a folder"""
        self._folder, self._groups, self._views = folder, folder / "groups", folder / "views"
        self._online = OnlineStore(folder / "online.db")

    name = property(lambda self: f"{PROJECT_NAME}_featurestore")
    id = property(lambda self: stable_hash(PROJECT_NAME) % 2**31)
    project_name = property(lambda self: PROJECT_NAME)
    project_id = property(lambda self: self.id)
    online_enabled = property(lambda self: True)

    def __repr__(self) -> str:
        return f"FeatureStore({self.name!r})"

    # --- feature groups

    def _group_meta(self, name: str, version: int) -> Any:  # what `FeatureGroup._meta` gave, or None
        path = self._groups / f"{name}_{version}" / "group.json"
        return _read(path) if path.is_file() else None

    def get_feature_groups(
        self,
        name: str | None = None,  # All groups where None
    ) -> list[FeatureGroup]:
        """All groups, or all versions of one"""
        metas = [read_json(p) for p in sorted(self._groups.glob("*/group.json"))]
        found = [FeatureGroup._of(m, self) for m in metas if name is None or m["name"] == name]
        return sorted(found, key=lambda g: (g.name, g.version))

    def get_feature_group(
        self,
        name: str,  # Name
        version: int | None = None,  # Version; 1 where None, as the SDK does
    ) -> FeatureGroup | None:
        """The group, or None"""
        meta = self._group_meta(name, version or 1)
        return meta and FeatureGroup._of(meta, self)

    def create_feature_group(
        self,
        name: str,  # Name
        version: int | None = None,  # Version; the next free one where None
        description: str | None = "",  # For people
        online_enabled: bool = False,  # Whether the newest row per key is kept in the online store
        *,
        primary_key: list | None = None,  # Names or `Feature`s that tell rows apart
        foreign_key: list | None = None,  # Names or `Feature`s of keys of other groups
        partition_key: list | None = None,  # Names or `Feature`s; kept, not used
        event_time: Any = None,  # Name or `Feature` with the time from which a row holds
        embedding_index: Any = None,  # `hsfs.embedding.EmbeddingIndex`; it needs `online_enabled`
        features: Any = None,  # Names or `Feature`s
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> FeatureGroup:
        """A new group; it exists from the first insert on. Raises `StoreError` for a bad name or one that is taken"""
        self._refuse("create_feature_group", others, quiet=_TUNING)
        if name != _autofix_feature_name(name) or not name[:1].isalpha() or len(name) > 63:
            raise StoreError(
                f"'{name}' is not a name for a feature group.", "use up to 63 lower case letters, digits and _"
            )
        if version is None:
            version = max((g.version for g in self.get_feature_groups(name)), default=0) + 1
        elif self._group_meta(name, version):
            raise StoreError(
                f"The feature group {name} version {version} exists already.",
                "get it with get_or_create_feature_group, or leave out version for a new one",
            )
        return FeatureGroup(
            self,
            name,
            version,
            description,
            primary_key,
            event_time,
            online_enabled,
            embedding_index,
            features,
            foreign_key,
            partition_key,
        )

    def get_or_create_feature_group(
        self,
        name: str,  # Name
        version: int,  # Version
        description: str | None = "",  # For people
        online_enabled: bool = False,  # Whether the newest row per key is kept in the online store
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> FeatureGroup:
        """The group as it is kept, or a new one; `others` are those of `create_feature_group`"""
        self._refuse("get_or_create_feature_group", others, quiet=_TUNING + _PLAN)
        return self.get_feature_group(name, version) or self.create_feature_group(
            name, version, description, online_enabled, **others
        )

    # --- feature views

    def _views_of(self, group: FeatureGroup) -> list[str]:
        """Names of the views that read a group"""

        def groups(spec: dict) -> set[tuple[str, int]]:
            return {(spec["group"], spec["version"])}.union(*(groups(j["query"]) for j in spec["joins"]))

        return [
            p.stem
            for p in sorted(self._views.glob("*.json"))
            if (group.name, group.version) in groups(read_json(p)["query"])
        ]

    def _drop_view(self, stem: str) -> None:
        (self._views / f"{stem}.json").unlink(missing_ok=True)
        shutil.rmtree(self._folder / "training" / stem, ignore_errors=True)

    def get_feature_view(
        self,
        name: str,  # Name
        version: int | None = None,  # Version; 1 where None, as the SDK does
    ) -> FeatureView | None:
        """The view, or None"""
        path = self._views / f"{name}_{version or 1}.json"
        return FeatureView._of(_read(path), self) if path.is_file() else None

    def get_feature_views(
        self,
        name: str,  # Name
    ) -> list[FeatureView]:
        """All versions of a view"""
        metas = [read_json(p) for p in self._views.glob(f"{name}_*.json")]
        return [FeatureView._of(m, self) for m in sorted(metas, key=lambda m: m["version"]) if m["name"] == name]

    def create_feature_view(
        self,
        name: str,  # Name
        query: Any,  # `Query`
        version: int | None = None,  # Version; the next free one where None
        description: str | None = "",  # For people
        labels: list[str] | None = None,  # Columns to be predicted
        inference_helper_columns: list[str] | None = None,  # Columns for inference that are not features
        training_helper_columns: list[str] | None = None,  # Columns for training that are not features
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> FeatureView:
        """A new view of groups that have data; raises `StoreError`"""
        self._refuse("create_feature_view", others, quiet=_VIEW_TUNING)
        with locked(self._views):
            if version is None:
                version = max((v.version for v in self.get_feature_views(name)), default=0) + 1
            elif (self._views / f"{name}_{version}.json").exists():
                raise StoreError(
                    f"The feature view {name} version {version} exists already.",
                    "get it with get_or_create_feature_view, or leave out version for a new one",
                )
            for group in query.featuregroups:
                if self._group_meta(group.name, group.version) is None:
                    raise StoreError(
                        f"The feature group {group.name} version {group.version} has no data yet.",
                        "insert a frame before making a view of it",
                    )
            view = FeatureView(
                self, name, version, query, labels, description, inference_helper_columns, training_helper_columns
            )
            write_json(view._meta(), self._views / f"{name}_{version}.json")
        return view

    def get_or_create_feature_view(
        self,
        name: str,  # Name
        query: Any,  # `Query`
        version: int,  # Version
        description: str | None = "",  # For people
        labels: list[str] | None = None,  # Columns to be predicted
        inference_helper_columns: list[str] | None = None,  # Columns for inference that are not features
        training_helper_columns: list[str] | None = None,  # Columns for training that are not features
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> FeatureView:
        """The view as it is kept, or a new one"""
        if (view := self.get_feature_view(name, version)) is not None:
            return view
        return self.create_feature_view(
            name, query, version, description, labels, inference_helper_columns, training_helper_columns, **others
        )

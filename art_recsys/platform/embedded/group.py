"""Feature groups: a Delta table to read in bulk, SQLite to read one row, a vector index to find neighbours."""

import shutil
import sqlite3
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError
from hopsworks_common.client.exceptions import FeatureStoreException
from hopsworks_common.util import _validate_embedding_feature_type
from hsfs.core.feature_group_base_engine import FeatureGroupBaseEngine
from hsfs.feature import Feature

from art_recsys.config import write_json
from art_recsys.platform.embedded import group_neighbours
from art_recsys.platform.embedded.base import FrameError, StoreError, Unsupported, locked, unwritable
from art_recsys.platform.embedded.frames import last_of_each, offline_type, to_table
from art_recsys.platform.embedded.profile import statistics_of
from art_recsys.platform.embedded.sql import quoted
from art_recsys.platform.embedded.stored_group import StoredGroup

MANY_FILES, KEEP_HOURS = 24, 1  # compact above so many files; forget old ones after so many hours


class FeatureGroup(StoredGroup):
    """A table of features with a key; kept on disk from the first insert on"""

    _sdk = "hsfs.feature_group.FeatureGroup"

    # --- inserting

    def insert(
        self,
        features: pd.DataFrame,  # Rows with the columns of the group
        overwrite: bool = False,  # Whether what is there may be replaced
        operation: str | None = "upsert",  # `upsert` replaces rows of the same key, `insert` appends
        storage: str | None = None,  # `offline` leaves the online store as it is
        write_options: dict | None = None,  # Accepted for the SDK's sake
        validation_options: dict | None = None,  # Accepted for the SDK's sake
        wait: bool = False,  # Accepted; an insert here is always complete
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> tuple[None, None]:
        """Upsert by primary key (and event time); returns `(None, None)`, for there is no job and no validation
        report. Raises `FrameError` (a `ValueError`), `StoreError`, `UserError`, or `Unsupported` for `online` alone
        """
        self._refuse("insert", others, quiet=("transform", "n_processes"))
        if storage is not None and storage.lower() not in ("offline", "online"):
            raise StoreError(f"Invalid storage: {storage}.", "use 'offline', or leave it unset")
        if storage is not None and storage.lower() == "online":
            raise Unsupported("FeatureGroup.insert(storage='online')")
        if operation not in ("upsert", "insert"):
            raise StoreError(f"operation = '{operation}' is not possible.", "choose 'upsert' or 'insert'")
        table = to_table(self, features)
        with locked(self._folder):
            try:
                self._settle_schema(table)
                self._write(table.select(self.column_names).cast(self._arrow_schema()), overwrite, operation, storage)
            except (OSError, DeltaError, sqlite3.OperationalError) as e:
                raise unwritable(self._folder, e) from e
        return None, None

    def save(
        self,
        features: Any = None,  # A frame, a list of `Feature`s, or None for the declared ones
        write_options: dict | None = None,  # Accepted for the SDK's sake
        validation_options: dict | None = None,  # Accepted for the SDK's sake
        wait: bool = False,  # Accepted; an insert here is always complete
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> tuple[None, None]:
        """Insert a frame, or keep the group's features without rows"""
        self._refuse("save", others, quiet=("n_processes",))
        if features is None or (isinstance(features, list) and not len(features)):
            features = self._features
        if not isinstance(features, list):
            return self.insert(features)
        self._features = [self._own(f) for f in features]
        with locked(self._folder):
            self._settle_schema(self._arrow_schema().empty_table())
        return None, None

    def _settle_schema(self, table: pa.Table) -> None:
        """The first frame makes the schema; later ones must keep to it"""
        made = [Feature(n, offline_type(n, t)) for n, t in zip(table.schema.names, table.schema.types, strict=True)]
        if (saved := self._store._group_meta(self._name, self._version)) is not None:
            self._features = [self._own(Feature(**f)) for f in saved["features"]]
        elif not self._features:
            if missing := [k for k in self._primary_key if k not in table.column_names]:
                raise FrameError(
                    f"Primary key column {missing[0]} is missing in input dataframe.", f"{self._name} needs it"
                )
            self._features = [self._own(f) for f in made]
        try:
            FeatureGroupBaseEngine._verify_schema_compatibility(None, self._features, made)
            _validate_embedding_feature_type(self._embedding_index, self._features)
        except FeatureStoreException as e:
            raise StoreError(
                f"Feature group {self._name} version {self._version}: {e}",
                "raise feature_version for a new schema, or insert the columns that the group has",
            ) from None
        if saved is None:
            write_json(self._meta(), self._folder / "group.json")

    def _keys(self) -> list[str]:
        return self._primary_key + (
            [self._event_time] if self._event_time and self._event_time not in self._primary_key else []
        )

    def _write(self, table: pa.Table, overwrite: bool, operation: str | None, storage: str | None) -> None:
        """Delta first, then the online store; `_sync_online` repairs a crash between the two"""
        before, keys = self._delta_version(), self._keys()
        if keys and operation == "upsert":
            table = last_of_each(table, keys)
        if overwrite or before is None:
            write_deltalake(self.location, table, mode="overwrite" if before is not None else "append")
        elif keys and operation == "upsert" and len(table):
            same = " AND ".join(f"t.{quoted(k)} = s.{quoted(k)}" for k in keys)
            merge = DeltaTable(self.location).merge(table, same, source_alias="s", target_alias="t")
            merge.when_matched_update_all().when_not_matched_insert_all().execute()
        elif len(table):
            write_deltalake(self.location, table, mode="append")
        self._tidy()
        if self._online_enabled and storage is None:
            online = self._store._online
            if not overwrite and online.version(self._view) == before and before is not None:
                online.write(
                    self._view, last_of_each(table, self._primary_key), self._primary_key, self._delta_version()
                )
            else:
                self._sync_online()

    def _tidy(self) -> None:
        """Few, large files; old versions stay readable for an hour"""
        delta = DeltaTable(self.location)
        many = len(delta.file_uris()) > MANY_FILES
        if many:
            delta.optimize.compact()
        if many or delta.version() % MANY_FILES == 0:
            delta.vacuum(retention_hours=KEEP_HOURS, enforce_retention_duration=False, dry_run=False)

    def _sync_online(self) -> None:
        """Fill the online store from the Delta table: the last row of every key"""
        if not self._online_enabled:
            raise StoreError(
                f"The feature group {self._name} version {self._version} is not online enabled.",
                "create it with online_enabled=True",
            )
        version = self._delta_version()
        if version is None or self._store._online.version(self._view) == version:
            return
        table = self.select_all()._arrow()
        if self._event_time:
            table = table.sort_by(self._event_time)
        table = last_of_each(table, self._primary_key)
        self._store._online.write(self._view, table, self._primary_key, version, replace=True)

    # --- reading

    def read(
        self,
        wallclock_time: Any = None,  # Not supported
        online: bool = False,  # Read the online store
        dataframe_type: str = "default",  # `default` or `pandas`, `numpy`, `python`
        read_options: dict | None = None,  # Accepted for the SDK's sake
        start_time: Any = None,  # First event time, included: text, datetime, date or milliseconds
        end_time: Any = None,  # Last event time: text, datetime, date or milliseconds
    ) -> Any:
        """All rows of the group. Raises `Unsupported` for `wallclock_time`"""
        if wallclock_time is not None:
            raise Unsupported("FeatureGroup.read(wallclock_time=...)")
        query = self.select_all()
        if start_time is not None or end_time is not None:
            return query.read(online, dataframe_type, read_options, start_time, end_time)
        return query.read(online, dataframe_type, read_options)

    def _read_online(self, names: list[str]) -> pd.DataFrame:
        self._sync_online_once()
        schema = pa.schema([f for f in self._arrow_schema() if f.name in names])
        return pd.DataFrame(self._store._online.read_all(self._view, schema), columns=schema.names)

    def _sync_online_once(self) -> None:
        if self._online_enabled and self._store._online.version(self._view) == self._delta_version() is not None:
            return
        with locked(self._folder):
            self._sync_online()

    def _online_reader(self) -> Callable[[tuple], dict | None]:
        """From a tuple of primary key values to the row online, or None"""
        self._sync_online_once()
        if self._delta_version() is None:
            return lambda key: None
        return self._store._online.reader(self._view, self._arrow_schema(), self._primary_key)

    def show(
        self,
        n: int,  # Rows at most
        online: bool = False,  # Read the online store
    ) -> list:
        """The first rows as lists of values"""
        return self.select_all().show(n, online)

    # --- neighbours

    def find_neighbors(
        self,
        embedding: Any,  # Query vector, as many finite numbers as the index has
        col: Any = None,  # Name or `Feature` of the embedding; needed where there are several
        k: int | None = 10,  # Neighbours at most
        filter: Any = None,  # `Filter` or `Logic` that rows must pass before they are counted
        options: dict | None = None,  # Accepted for the SDK's sake
    ) -> list:
        """The k nearest rows as `[(score, [values in the order of features])]`, nearest first; a lower score is
        nearer. Raises `StoreError` for a query of another length
        """
        return group_neighbours.nearest(self, embedding, col, k, filter)

    # --- the rest

    def get_statistics(
        self,
        computation_time: Any = None,  # Not supported
        feature_names: list[str] | None = None,  # All features where None
    ) -> Any:
        """The SDK's `Statistics` of the last commit, or None without a row. `Unsupported` for `computation_time`"""
        if computation_time is not None:
            raise Unsupported("FeatureGroup.get_statistics(computation_time=...)")
        if feature_names:
            [self[name] for name in feature_names]  # refuses a feature that is not here
        return statistics_of(self, [f for f in self._features if not feature_names or f.name in feature_names])

    statistics = property(lambda self: self.get_statistics())

    def compute_statistics(
        self,
        wallclock_time: Any = None,  # Not supported
    ) -> None:
        """Nothing is left to compute: `get_statistics` reads the last commit. `Unsupported` for `wallclock_time`"""
        if wallclock_time is not None:
            raise Unsupported("FeatureGroup.compute_statistics(wallclock_time=...)")

    def commit_details(
        self,
        wallclock_time: Any = None,  # Not supported
        limit: int | None = None,  # Commits at most
    ) -> dict:
        """For the time of each commit (milliseconds), newest first, its version and operation"""
        if self._delta_version() is None:
            return {}
        history = DeltaTable(self.location).history(limit)
        return {
            h["timestamp"]: {"committedOn": h["timestamp"], "version": h["version"], "operation": h["operation"]}
            for h in history
        }

    def remove_rows(
        self,
        delete_df: pd.DataFrame,  # Keys of the rows to delete
        write_options: dict | None = None,  # Accepted for the SDK's sake
        storage: str | None = None,  # `offline` leaves the online store as it is
    ) -> None:
        """Delete the rows with the keys of `delete_df`. `FrameError` without a key column; `Unsupported`: `storage`"""
        if storage is not None:
            raise Unsupported("FeatureGroup.remove_rows(storage=...)")
        if missing := [k for k in self._keys() if k not in delete_df.columns]:
            raise FrameError(
                f"Primary key column {missing[0]} is missing in input dataframe.", "give the keys to delete"
            )
        with locked(self._folder):
            before = self._delta_version()
            schema = pa.schema([f for f in self._arrow_schema() if f.name in self._keys()])
            keys = pa.Table.from_pandas(delete_df[self._keys()], preserve_index=False).select(schema.names).cast(schema)
            if before is None or not len(keys):
                return
            same = " AND ".join(f"t.{quoted(k)} = s.{quoted(k)}" for k in self._keys())
            merge = DeltaTable(self.location).merge(keys, same, source_alias="s", target_alias="t")
            merge.when_matched_delete().execute()
            if self._online_enabled:
                self._sync_online()
                self._store._online.flush()

    def delta_vacuum(
        self,
        retention_hours: int | None = None,  # Age of files to be deleted, hours
    ) -> None:
        """Delete files that the table no longer refers to, those older than `retention_hours` (a week where None)"""
        with locked(self._folder):
            if self._delta_version() is not None:
                keep = 168 if retention_hours is None else retention_hours
                DeltaTable(self.location).vacuum(retention_hours=keep, enforce_retention_duration=False, dry_run=False)

    def delete(
        self,
        force: bool = False,  # Delete in any case
        delete_feature_views: bool = False,  # Delete the views that read the group too
    ) -> None:
        """Delete the group and its data; raises `StoreError` where views read it"""
        if users := self._store._views_of(self):
            if not (force or delete_feature_views):
                raise StoreError(
                    f"The feature group {self._name} is used by the feature views {', '.join(users)}.",
                    "delete these first, or pass delete_feature_views=True",
                )
            for name in users if delete_feature_views else ():
                self._store._drop_view(name)
        with locked(self._folder):
            (self._folder / "group.json").unlink(missing_ok=True)
            for part in ("data", "neighbours"):
                shutil.rmtree(self._folder / part, ignore_errors=True)
            self._store._online.drop(self._view)
        self._features, self._vectors = [], {}

"""Feature groups: a Delta table for reading much, SQLite for reading one, a vector index for reading what is near"""

import math
import shutil
import sqlite3

import numpy as np
import pandas as pd
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError
from hopsworks_common.client.exceptions import FeatureStoreException
from hopsworks_common.util import _autofix_feature_name, _validate_embedding_feature_type
from hsfs.constructor.filter import Filter, Logic
from hsfs.core.feature_group_base_engine import FeatureGroupBaseEngine
from hsfs.embedding import EmbeddingFeature, EmbeddingIndex
from hsfs.feature import Feature

from art_recsys.config import stable_hash, write_json
from art_recsys.platform.embedded.base import Embedded, FrameError, StoreError, Unsupported, locked, unwritable
from art_recsys.platform.embedded.frames import arrow_type, last_of_each, offline_type, to_table
from art_recsys.platform.embedded.profile import statistics_of
from art_recsys.platform.embedded.query import Query, connect, filter_sql, quoted
from art_recsys.platform.embedded.vectors import VectorIndex

MANY_FILES, KEEP_HOURS = 24, 1  # compact above so many files; forget old ones after so long


class FeatureGroup(Embedded):
    """A table of features with a key; kept on disk from the first insert on"""

    _sdk = "hsfs.feature_group.FeatureGroup"

    def __init__(
        self,
        store,
        name,
        version,
        description="",
        primary_key=None,
        event_time=None,
        online_enabled=False,
        embedding_index=None,
        features=None,
        foreign_key=None,
        partition_key=None,
    ):
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
        self._vectors = {}

    def _own(self, f):
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

    def __repr__(self):
        return f"FeatureGroup({self._name!r}, {self._version})"

    def __getitem__(self, name):
        if not isinstance(name, str):
            raise TypeError(f"Expected type `str`, got `{type(name)}`. Features are accessible by name.")
        for f in self.__dict__.get("_features", ()):
            if f.name == name:
                return f
        raise KeyError(
            f"'FeatureGroup' {self._name} has no feature called '{name}'; it has: {', '.join(self.column_names)}."
        )

    def __getattr__(self, name):
        if not name.startswith("_"):
            for f in self.__dict__.get("_features", ()):
                if f.name == name:
                    return f
        return super().__getattr__(name)

    def _qualified_name(self, name):
        """A column's name where it comes without being selected, as the SDK builds it"""
        return f"{self._store.project_name}_{self._name}_{self._version}_{name}"

    def get_feature(self, name):
        return next((f for f in self._features if f.name == name), None)

    # --- on disk

    @property
    def _view(self):
        return f"{self._name}_{self._version}"

    @property
    def _folder(self):
        return self._store._groups / self._view

    def _meta(self):
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
    def _of(cls, meta, store):
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

    def _delta_version(self):
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

    def _arrow_schema(self):
        return pa.schema([(f.name, arrow_type(f.type)) for f in self._features])

    def _register(self, con):
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

    # --- inserting

    def insert(
        self,
        features,
        overwrite=False,
        operation="upsert",
        storage=None,
        write_options=None,
        validation_options=None,
        wait=False,
        **others,
    ):
        """Upsert by primary key (and event time); returns `(None, None)`: there is no job and no validation report"""
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

    def save(self, features=None, write_options=None, validation_options=None, wait=False, **others):
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

    def _settle_schema(self, table):
        """The first frame makes the schema; later ones must keep to it"""
        made = [Feature(n, offline_type(n, t)) for n, t in zip(table.schema.names, table.schema.types)]
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

    def _keys(self):
        return self._primary_key + (
            [self._event_time] if self._event_time and self._event_time not in self._primary_key else []
        )

    def _write(self, table, overwrite, operation, storage):
        """Delta first, then the online store; a crash between the two is mended by `_sync_online`"""
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

    def _tidy(self):
        """Few, large files; old versions stay readable for an hour"""
        delta = DeltaTable(self.location)
        many = len(delta.file_uris()) > MANY_FILES
        if many:
            delta.optimize.compact()
        if many or delta.version() % MANY_FILES == 0:
            delta.vacuum(retention_hours=KEEP_HOURS, enforce_retention_duration=False, dry_run=False)

    def _sync_online(self):
        """Make the online store what the Delta table is: the last row of every key"""
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

    def select(self, features):
        return Query(self, features)

    def select_all(
        self, include_primary_key=True, include_foreign_key=True, include_partition_key=True, include_event_time=True
    ):
        without = [] if include_event_time else [self._event_time]
        without += [] if include_primary_key else self._primary_key
        without += [] if include_foreign_key else self._foreign_key
        without += [] if include_partition_key else self._partition_key
        return self.select_except(without) if without else Query(self, self._features)

    def select_except(self, features=None):
        names = {f.name if isinstance(f, Feature) else f for f in features or []}
        return Query(self, [f for f in self._features if f.name not in names])

    def select_features(self):
        return self.select_except(self._primary_key + self._foreign_key + self._partition_key + [self._event_time])

    def filter(self, f):
        return self.select_all().filter(f)

    def read(
        self,
        wallclock_time=None,
        online=False,
        dataframe_type="default",
        read_options=None,
        start_time=None,
        end_time=None,
    ):
        if wallclock_time is not None:
            raise Unsupported("FeatureGroup.read(wallclock_time=...)")
        query = self.select_all()
        if start_time is not None or end_time is not None:
            return query.read(online, dataframe_type, read_options, start_time, end_time)
        return query.read(online, dataframe_type, read_options)

    def _read_online(self, names):
        self._sync_online_once()
        schema = pa.schema([f for f in self._arrow_schema() if f.name in names])
        return pd.DataFrame(self._store._online.read_all(self._view, schema), columns=schema.names)

    def _sync_online_once(self):
        if self._online_enabled and self._store._online.version(self._view) == self._delta_version() is not None:
            return
        with locked(self._folder):
            self._sync_online()

    def _online_reader(self):
        """From a tuple of primary key values to the row online, or None"""
        self._sync_online_once()
        if self._delta_version() is None:
            return lambda key: None
        return self._store._online.reader(self._view, self._arrow_schema(), self._primary_key)

    def show(self, n, online=False):
        return self.select_all().show(n, online)

    # --- neighbours

    def find_neighbors(self, embedding, col=None, k=10, filter=None, options=None):
        """The k nearest rows as `[(score, [values in the order of features])]`, nearest first; lower is nearer"""
        table, index = self._vector_index(self._embedding_of(col))
        query = np.asarray(embedding, dtype=np.float32).ravel()
        if query.shape != (index.dim,) or not np.isfinite(query).all():
            raise StoreError(
                f"The query vector has {query.size} numbers, {self._name} takes {index.dim} finite ones.",
                "embed the query with the model that the group was made for",
            )
        rows, scores = index.search(query, int(k), self._mask(table, filter))
        found = table.take(pa.array(rows, pa.int64())) if len(rows) else table.slice(0, 0)
        columns = [_values(found[name]) for name in self.column_names]
        return [(s, [_plain(v) for v in row]) for s, row in zip(map(float, scores), zip(*columns))]

    def _embedding_of(self, col):
        embeddings = (
            {} if self._embedding_index is None else {e.name: e for e in self._embedding_index.get_embeddings()}
        )
        col = col.name if isinstance(col, Feature) else col
        if not embeddings:
            raise StoreError(
                f"The feature group {self._name} has no embedding index.", "create it with embedding_index="
            )
        if col is None and len(embeddings) > 1:
            raise ValueError("More than 1 embedding columns but col is not defined")
        if col is not None and col not in embeddings:
            raise ValueError(f"feature: {col} is not an embedding feature.")
        return embeddings[col] if col else next(iter(embeddings.values()))

    def _vector_index(self, embedding):
        """The table and its index, read again when the table has a new version"""
        version = self._delta_version()
        kept = self._vectors.get(embedding.name)
        if kept is None or kept[0] != version:
            table = self.select_all()._arrow().combine_chunks()
            column = table[embedding.name].combine_chunks()
            rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)) if len(table) else np.arange(0)
            flat = column.flatten().to_numpy(zero_copy_only=False) if len(table) else np.empty(0, np.float32)
            file = self._folder / "neighbours" / f"{embedding.name}-{version}.faiss"
            for old in file.parent.glob(f"{embedding.name}-*.faiss"):
                if old != file:
                    old.unlink(missing_ok=True)
            vectors = flat.reshape(-1, embedding.dimension)
            index = VectorIndex(vectors, rows, embedding.similarity_function_type, file)
            self._vectors[embedding.name] = kept = version, table, index
        return kept[1:]

    def _mask(self, table, condition):
        """Which rows a filter lets through"""
        if condition is None:
            return None
        _check_filter(condition, self)
        con, params = connect(), []
        try:
            con.register(
                "rows",
                table.select([f.name for f in self._features if not f.is_complex()]).append_column(
                    "row_number", pa.array(np.arange(len(table)))
                ),
            )
            where = filter_sql(condition, lambda f: "rows", params, wildcards=True)
            passed = con.sql(f"SELECT row_number FROM rows WHERE {where}", params=params).fetchnumpy()["row_number"]
        finally:
            con.close()
        mask = np.zeros(len(table), bool)
        mask[np.asarray(passed, dtype=np.int64)] = True
        return mask

    # --- the rest

    def get_statistics(self, computation_time=None, feature_names=None):
        """The SDK's `Statistics` of the last commit, or None where there is no row yet"""
        if computation_time is not None:
            raise Unsupported("FeatureGroup.get_statistics(computation_time=...)")
        if feature_names:
            [self[name] for name in feature_names]  # refuses a feature that is not here
        return statistics_of(self, [f for f in self._features if not feature_names or f.name in feature_names])

    statistics = property(lambda self: self.get_statistics())

    def compute_statistics(self, wallclock_time=None):
        """Nothing is left to compute: `get_statistics` reads the last commit"""
        if wallclock_time is not None:
            raise Unsupported("FeatureGroup.compute_statistics(wallclock_time=...)")

    def commit_details(self, wallclock_time=None, limit=None):
        """Milliseconds of each commit, newest first, to what it did"""
        if self._delta_version() is None:
            return {}
        history = DeltaTable(self.location).history(limit)
        return {
            h["timestamp"]: {"committedOn": h["timestamp"], "version": h["version"], "operation": h["operation"]}
            for h in history
        }

    def remove_rows(self, delete_df, write_options=None, storage=None):
        """Delete the rows with the keys of `delete_df`"""
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

    def delta_vacuum(self, retention_hours=None):
        """Delete files that no row lives in any more, those older than `retention_hours` (a week where None)"""
        with locked(self._folder):
            if self._delta_version() is not None:
                keep = 168 if retention_hours is None else retention_hours
                DeltaTable(self.location).vacuum(retention_hours=keep, enforce_retention_duration=False, dry_run=False)

    def delete(self, force=False, delete_feature_views=False):
        """Drop the group and its data"""
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


def _values(column):
    """A column as Python values; vectors by way of numpy, which is ten times as fast"""
    if pa.types.is_list(column.type) and pa.types.is_floating(column.type.value_type):
        return [None if v is None else v.tolist() for v in column.to_pandas()]
    return column.to_pylist()


def _plain(value):
    """A value of a neighbour as the SDK gives it: no NaN, naive UTC times"""
    if isinstance(value, float) and math.isnan(value):
        return None
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") and value.tzinfo is not None else value


def _check_filter(condition, group):
    if isinstance(condition, Logic):
        for side in (condition.get_left_filter_or_logic(), condition.get_right_filter_or_logic()):
            if side is not None:
                _check_filter(side, group)
    elif not isinstance(condition, Filter) or condition.feature.feature_group_id != group.id:
        raise StoreError(
            f"The filter's feature should be from feature group '{group.name}' version '{group.version}'.",
            f"write it as ({group.name}.some_feature == value)",
        )

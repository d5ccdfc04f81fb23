"""Feature views: a query kept under a name, read in batches for training and row by row for serving"""

import numpy as np
import pandas as pd
from hsfs.feature import Feature
from hsfs.util import _build_time_filter

from art_recsys.platform.embedded import training
from art_recsys.platform.embedded.base import Embedded, StoreError, Unsupported
from art_recsys.platform.embedded.query import Query, _filter_of, _filter_spec, as_type

_READ_ONLY = (
    "description",
    "statistics_config",
    "read_options",
    "tags",
    "n_processes",
    "transformation_context",
    "training_dataset_version",
)
_ASKED = ("primary_key", "event_time", "training_helper_columns", "dataframe_type")


class FeatureView(Embedded):
    """What a model is trained on and served with"""

    _sdk = "hsfs.feature_view.FeatureView"

    def __init__(
        self,
        store,
        name,
        version,
        query,
        labels=None,
        description="",
        inference_helper_columns=None,
        training_helper_columns=None,
    ):
        self._store, self._name, self._version, self._query = store, name, version, query
        self._labels, self._description = list(labels or []), description or ""
        self._inference_helpers, self._training_helpers = (
            list(inference_helper_columns or []),
            list(training_helper_columns or []),
        )
        self._readers, self._last_training = None, None
        for column in self._labels + self._inference_helpers + self._training_helpers:
            if column not in query._output:
                raise StoreError(
                    f"The feature view {name} has no column {column}.", f"its query has: {', '.join(query._output)}"
                )

    name = property(lambda self: self._name)
    version = property(lambda self: self._version)
    description = property(lambda self: self._description)
    query = property(lambda self: self._query)
    labels = property(lambda self: self._labels)
    inference_helper_columns = property(lambda self: self._inference_helpers)
    training_helper_columns = property(lambda self: self._training_helpers)
    features = property(lambda self: self._query.features)
    schema = property(lambda self: self._query.features)
    feature_store_name = property(lambda self: self._store.name)

    def __repr__(self):
        return f"FeatureView({self._name!r}, {self._version})"

    @property
    def primary_keys(self):
        return {key for keys in self._serving_keys() for key in keys}

    def get_feature(self, name):
        return self._query.get_feature(name)

    def get_parent_feature_groups(self):
        raise Unsupported("FeatureView.get_parent_feature_groups")

    def _meta(self):
        return {
            "name": self._name,
            "version": self._version,
            "description": self._description,
            "labels": self._labels,
            "inference_helper_columns": self._inference_helpers,
            "training_helper_columns": self._training_helpers,
            "query": self._query._spec(),
        }

    @classmethod
    def _of(cls, meta, store):
        return cls(
            store,
            meta["name"],
            meta["version"],
            Query._of(meta["query"], store),
            meta["labels"],
            meta["description"],
            meta["inference_helper_columns"],
            meta["training_helper_columns"],
        )

    def delete(self, force=False):
        self._store._drop_view(f"{self._name}_{self._version}")

    # --- in batches

    def _read(self, start_time, end_time, primary_key, event_time, extra_filter, without):
        query = self._query._copy()
        group = query._left_feature_group
        for name in group.primary_key * bool(primary_key) + [group.event_time] * bool(event_time and group.event_time):
            query.append_feature(_qualified(group[name]))
        if (start_time or end_time) and group.event_time is None:
            raise ValueError(
                "Cannot generate dataset(s) from the given start/end time because event time column is not "
                "available in the left feature groups. A start/end time should not be provided as parameters."
            )
        if start_time or end_time:
            query.filter(_build_time_filter(group[group.event_time], start_time or None, end_time or None))
        if extra_filter is not None:
            query.filter(extra_filter)
        df = query.read()
        return df.drop(columns=[c for c in without if c in df.columns])

    def get_batch_data(
        self,
        start_time=None,
        end_time=None,
        read_options=None,
        *,
        primary_key=None,
        event_time=None,
        inference_helper_columns=False,
        dataframe_type="default",
        transformed=True,
        extra_filter=None,
        **others,
    ):
        """The features without labels"""
        self._refuse("get_batch_data", others, quiet=_READ_ONLY)
        without = self._labels + self._training_helpers + self._inference_helpers * (not inference_helper_columns)
        return as_type(self._read(start_time, end_time, primary_key, event_time, extra_filter, without), dataframe_type)

    def get_batch_query(self, start_time=None, end_time=None, **others):
        self._refuse("get_batch_query", others)
        query = self._query._copy()
        group = query._left_feature_group
        if start_time or end_time:
            query.filter(_build_time_filter(group[group.event_time], start_time, end_time))
        return query.to_string()

    # --- for training, whole or in parts (training.py has the plans and the cuts)

    @property
    def _trainings(self):
        return self._store._folder / "training" / f"{self._name}_{self._version}"

    def _columns_of(self, names):
        """What columns of the left group are called in a frame of this view, selected or not"""
        group = self._query._left_feature_group
        selected = {f.name for f in self._query._left_features}
        return [n if n in selected else group._qualified_name(n) for n in names]

    def _cut(self, plan):
        """All rows of a plan by part, with every column that a caller may ask for"""
        group = self._query._left_feature_group
        if plan["times"] and group.event_time is None:
            raise ValueError(
                "Cannot split by time because event time column is not available in the left feature groups."
            )
        chosen = _filter_of(plan["filter"], self._query)
        df = self._read(None, None, True, True, chosen, self._inference_helpers)
        clock = self._columns_of([group.event_time] * bool(group.event_time))
        return training.cut(df, plan, *(clock or [None]), self._columns_of(group.primary_key) + clock)

    def _answer(
        self, parts, *, primary_key=False, event_time=False, training_helper_columns=False, dataframe_type="default"
    ):
        """The parts without what was not asked for, then their labels"""
        group = self._query._left_feature_group
        keys = self._columns_of(group.primary_key * (not primary_key))
        clock = self._columns_of([group.event_time] * bool(group.event_time and not event_time))
        without = {*keys, *clock} - {f.name for f in self._query._left_features}
        without |= {*self._training_helpers} if not training_helper_columns else set()
        both = [self._split_labels(df.drop(columns=list(without)), dataframe_type) for df in parts.values()]
        return [x for x, _ in both] + [y for _, y in both]

    def _split_labels(self, df, dataframe_type):
        if not self._labels:
            return as_type(df, dataframe_type), None
        return as_type(df.drop(columns=self._labels), dataframe_type), as_type(df[self._labels], dataframe_type)

    def _plan(self, get, times, shares, extra_filter, seed=None, description=""):
        groups = {g.id: g for g in self._query.featuregroups}
        names = training.SPLITS[get]
        return training.plan(names, times, shares, seed, _filter_spec(extra_filter, groups), description)

    def _train(self, call, plan, others):
        """Cut now, keep the plan only, answer"""
        asked = {k: others.pop(k) for k in _ASKED if k in others}
        self._refuse(call, others, quiet=_READ_ONLY)
        parts = self._cut(plan)
        self._last_training = training.keep(self._trainings, plan)
        return self._answer(parts, **asked)

    def _create(self, call, plan, others):
        """Cut now, keep plan and rows; returns the version, and no job: it is done"""
        self._refuse(call, others, quiet=_READ_ONLY + ("write_options", "data_format", "coalesce"))
        self._last_training = training.keep(self._trainings, plan, self._cut(plan))
        return self._last_training, None

    def _get(self, call, version, others):
        """A version again: its rows where they were kept, or cut again by its plan"""
        asked = {k: others.pop(k) for k in _ASKED if k in others}
        self._refuse(call, others, quiet=_READ_ONLY)
        plan, parts = training.load(self._trainings, version, training.SPLITS[call], self._name)
        self._last_training = version
        return self._answer(self._cut(plan) if parts is None else parts, **asked)

    def get_last_accessed_training_dataset(self):
        return self._last_training

    def training_data(self, start_time=None, end_time=None, description="", extra_filter=None, **others):
        """`features, labels`; labels are None where the view has none"""
        times = [(start_time, end_time)] if start_time or end_time else None
        plan = self._plan("get_training_data", times, None, extra_filter, description=description)
        return tuple(self._train("training_data", plan, others))

    def create_training_data(
        self, start_time="", end_time="", *, description="", extra_filter=None, seed=None, **others
    ):
        times = [(start_time, end_time)] if start_time or end_time else None
        plan = self._plan("get_training_data", times, None, extra_filter, seed, description)
        return self._create("create_training_data", plan, others)

    def get_training_data(self, training_dataset_version, read_options=None, **others):
        return tuple(self._get("get_training_data", training_dataset_version, others))

    def train_test_split(
        self,
        test_size=None,
        train_start="",
        train_end="",
        test_start="",
        test_end="",
        description="",
        extra_filter=None,
        **others,
    ):
        """`train, test, train labels, test labels`, by share or by time; `others` are those of `training_data`"""
        how = _two(test_size, train_start, train_end, test_start, test_end)
        plan = self._plan("get_train_test_split", *how, extra_filter, description=description)
        return self._train("train_test_split", plan, others)

    def create_train_test_split(
        self,
        test_size=None,
        train_start="",
        train_end="",
        test_start="",
        test_end="",
        *,
        description="",
        extra_filter=None,
        seed=None,
        **others,
    ):
        """Keep such a split with its rows; `version, None`"""
        how = _two(test_size, train_start, train_end, test_start, test_end)
        plan = self._plan("get_train_test_split", *how, extra_filter, seed, description)
        return self._create("create_train_test_split", plan, others)

    def get_train_test_split(self, training_dataset_version, read_options=None, **others):
        """A split again, by its version"""
        return self._get("get_train_test_split", training_dataset_version, others)

    def train_validation_test_split(
        self,
        validation_size=None,
        test_size=None,
        train_start="",
        train_end="",
        validation_start="",
        validation_end="",
        test_start="",
        test_end="",
        description="",
        extra_filter=None,
        **others,
    ):
        """Three frames, then their three labels, by share or by time; `others` are those of `training_data`"""
        times = train_start, train_end, validation_start, validation_end, test_start, test_end
        how = _three(validation_size, test_size, *times)
        plan = self._plan("get_train_validation_test_split", *how, extra_filter, description=description)
        return self._train("train_validation_test_split", plan, others)

    def create_train_validation_test_split(
        self,
        validation_size=None,
        test_size=None,
        train_start="",
        train_end="",
        validation_start="",
        validation_end="",
        test_start="",
        test_end="",
        *,
        description="",
        extra_filter=None,
        seed=None,
        **others,
    ):
        """Keep such a split with its rows; `version, None`"""
        times = train_start, train_end, validation_start, validation_end, test_start, test_end
        how = _three(validation_size, test_size, *times)
        plan = self._plan("get_train_validation_test_split", *how, extra_filter, seed, description)
        return self._create("create_train_validation_test_split", plan, others)

    def get_train_validation_test_split(self, training_dataset_version, read_options=None, **others):
        """A split again, by its version"""
        return self._get("get_train_validation_test_split", training_dataset_version, others)

    # --- row by row

    def _serving_keys(self):
        """For every group of the view, the names by which a caller gives its primary key"""
        keys = [list(self._query._left_feature_group.primary_key)]
        for join in self._query._joins:
            named = dict(zip(join.right_on, join.left_on))
            keys.append([named.get(k, (join.prefix or "") + k) for k in join.query._left_feature_group.primary_key])
        return keys

    def init_serving(self, training_dataset_version=None, **others):
        """Open the online store; without it the first `get_feature_vector` does"""
        self._refuse(
            "init_serving",
            others,
            quiet=(
                "external",
                "options",
                "init_sql_client",
                "init_rest_client",
                "reset_rest_client",
                "config_rest_client",
                "default_client",
                "n_processes",
            ),
        )
        query, keys, readers = self._query, self._serving_keys(), []
        for i, serving in enumerate(keys):
            part = query if i == 0 else query._joins[i - 1].query
            if i and part._joins:
                raise Unsupported("FeatureView.init_serving of a query with nested joins")
            group, prefix = part._left_feature_group, "" if i == 0 else query._joins[i - 1].prefix or ""
            named = [(f.name, prefix + f.name) for f in part._left_features if prefix + f.name in query._output]
            readers.append((serving, named, group._online_reader()))
        self._readers = readers
        hidden = {*self._labels, *self._inference_helpers, *self._training_helpers}
        self._vector_names = [n for n in query._output if n not in hidden]
        self._needed = {n for *_, named, _ in readers for _, n in named} & set(self._vector_names)

    def _vector(self, entry, passed, allow_missing):
        if not entry:
            raise StoreError(
                "The required argument `entries` is missing.", f"give the serving keys: {self._serving_keys()}"
            )
        known = {k for serving, *_ in self._readers for k in serving}
        if unknown := [k for k in entry if k not in known]:
            raise StoreError(
                f"Provided key {unknown[0]} is not a serving key.", f"required serving keys: {sorted(known)}"
            )
        for serving, *_ in self._readers:
            if any(k in entry for k in serving) and not all(k in entry for k in serving):
                raise StoreError(
                    f"Provide either all composite serving keys or none: {', '.join(serving)}.",
                    f"given were: {', '.join(entry)}",
                )
        row = {}
        for serving, named, read in self._readers:
            key = tuple(entry.get(k) for k in serving)
            found = None if None in key else read(key)
            if found is not None:
                row.update((name, found[feature]) for feature, name in named)
        row.update(passed or {})
        if not row and not allow_missing:
            return None  # as the SDK answers when nothing at all is known of the key
        row.update((k, v) for k, v in entry.items() if k in self._vector_names and row.get(k) is None)
        if not allow_missing and (missing := self._needed - row.keys()):
            raise StoreError(
                f"Feature(s) {missing} is missing from vector. Either there is no match in the given entry, or "
                f"required entries {sorted(self.primary_keys)} are not provided.",
                "pass allow_missing=True, or passed_features=",
            )
        return [row.get(n) for n in self._vector_names]

    def _vectors(self, entries, passed, allow_missing):
        if self._readers is None:
            self.init_serving()
        return [self._vector(e, p, allow_missing) for e, p in zip(entries, passed or [None] * len(entries))]

    def get_feature_vector(
        self, serving_keys=None, passed_features=None, *, return_type="list", allow_missing=False, **others
    ):
        """The values of one key from the online store, in the order of the view's features; None if it is nowhere

        A key that only some groups have is an error, or None in their places with `allow_missing`.
        """
        self._refuse("get_feature_vector", others, quiet=_SERVING)
        vectors = self._vectors([others.get("entry") or serving_keys], [passed_features], allow_missing)
        typed = self._typed(vectors, return_type)
        return typed if return_type == "pandas" else typed[0]

    def get_feature_vectors(
        self, serving_keys=None, passed_features=None, *, return_type="list", allow_missing=False, **others
    ):
        """The same of many keys; one of which nothing is known is left out"""
        self._refuse("get_feature_vectors", others, quiet=_SERVING)
        vectors = self._vectors(others.get("entry") or serving_keys, passed_features, allow_missing)
        return self._typed([v for v in vectors if v is not None], return_type)

    def _typed(self, vectors, return_type):
        if return_type == "pandas":
            return pd.DataFrame([v or [None] * len(self._vector_names) for v in vectors], columns=self._vector_names)
        if return_type == "numpy":
            return np.array(vectors, dtype=object)
        if return_type != "list":
            raise ValueError("Unknown return type. Supported return types are 'list', 'numpy' and 'pandas'")
        return vectors

    def find_neighbors(self, embedding, feature=None, k=10, filter=None, external=None, return_type="list"):
        """The feature vectors of the k nearest rows"""
        group = next((g for g in self._query.featuregroups if g.embedding_index is not None), None)
        if group is None:
            raise StoreError(
                f"The feature view {self._name} has no embedding.", "its feature group needs an embedding_index"
            )
        names = group.column_names
        found = [dict(zip(names, values)) for _, values in group.find_neighbors(embedding, feature, k, filter)]
        return (
            self.get_feature_vectors(
                [{p: r[p] for p in group.primary_key} for r in found], return_type=return_type, allow_missing=True
            )
            if found
            else []
        )


_SERVING = (
    "external",
    "force_rest_client",
    "force_sql_client",
    "transform",
    "on_demand_features",
    "n_processes",
    "timeout",
    "entry",
    "transformation_context",
)


def _qualified(feature):
    """The feature under its full name, as a column that a view does not select comes on Hopsworks"""
    return Feature(feature.name, feature.type, feature_group_id=feature.feature_group_id, use_fully_qualified_name=True)


def _two(test_size, train_start, train_end, test_start, test_end):
    """Times and shares of two parts, one of them None"""
    if train_end or test_start:
        return [(train_start, train_end or test_start), (test_start or train_end, test_end)], None
    if not (test_size and 0 < test_size < 1):
        raise ValueError(
            "Invalid split input. You should specify either `test_size` or (`train_end` or `test_start`). "
            "`test_size` should be between 0 and 1 if specified."
        )
    return None, [1 - test_size, test_size]


def _three(validation_size, test_size, train_start, train_end, validation_start, validation_end, test_start, test_end):
    """The same of three parts"""
    if (train_end or validation_start) and (validation_end or test_start):
        return [
            (train_start, train_end or validation_start),
            (validation_start or train_end, validation_end or test_start),
            (test_start or validation_end, test_end),
        ], None
    if not (
        validation_size and test_size and validation_size > 0 and test_size > 0 and validation_size + test_size < 1
    ):
        raise ValueError(
            "Invalid split input. You should specify either (`validation_size` and `test_size`) or ((`train_end` "
            "or `validation_start`) and (`validation_end` or `test_start`)).`validation_size`, `test_size` and sum "
            "of `validationSize` and `testSize` should be between 0 and 1 if specified."
        )
    return None, [1 - validation_size - test_size, validation_size, test_size]

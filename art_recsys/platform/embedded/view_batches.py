"""The definition of a feature view, and its rows in batches."""

from typing import Any, Self

import pandas as pd
from hsfs.feature import Feature
from hsfs.util import _build_time_filter

from art_recsys.platform.embedded.base import Embedded, StoreError, Unsupported
from art_recsys.platform.embedded.frames import as_type
from art_recsys.platform.embedded.query import Query

READ_ONLY = (
    "description",
    "statistics_config",
    "read_options",
    "tags",
    "n_processes",
    "transformation_context",
    "training_dataset_version",
)  # arguments that only tune the SDK's engines


class BatchView(Embedded):
    """A query under a name; this part stores it and reads all its rows"""

    _sdk = "hsfs.feature_view.FeatureView"

    def __init__(
        self,
        store: Any,  # `FeatureStore`
        name: str,  # Name
        version: int,  # Version
        query: Any,  # `Query`
        labels: list[str] | None = None,  # Columns to be predicted
        description: str | None = "",  # For people
        inference_helper_columns: list[str] | None = None,  # Columns for inference that are not features
        training_helper_columns: list[str] | None = None,  # Columns for training that are not features
    ) -> None:
        """A view of a query; raises `StoreError` for a column that the query lacks"""
        self._store, self._name, self._version, self._query = store, name, version, query
        self._labels, self._description = list(labels or []), description or ""
        self._inference_helpers, self._training_helpers = (
            list(inference_helper_columns or []),
            list(training_helper_columns or []),
        )
        self._readers: list[tuple] = []  # one per group, from `init_serving`
        self._last_training: int | None = None
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

    def __repr__(self) -> str:
        return f"FeatureView({self._name!r}, {self._version})"

    @property
    def primary_keys(self) -> set[str]:
        """Names by which a row is asked for"""
        return {key for keys in self._serving_keys() for key in keys}

    def get_feature(
        self,
        name: str,  # Name
    ) -> Feature:
        """A feature of the query by name"""
        return self._query.get_feature(name)

    def get_parent_feature_groups(self) -> Any:
        """Not supported; raises `Unsupported`"""
        raise Unsupported("FeatureView.get_parent_feature_groups")

    def _meta(self) -> dict:
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
    def _of(cls, meta: dict, store: Any) -> Self:
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

    def delete(
        self,
        force: bool = False,  # Delete in any case
    ) -> None:
        """Forget the view and its training data"""
        self._store._drop_view(f"{self._name}_{self._version}")

    # --- in batches

    def _read(
        self,
        start_time: Any,
        end_time: Any,
        primary_key: bool | None,
        event_time: bool | None,
        extra_filter: Any,
        without: list[str],
    ) -> pd.DataFrame:
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
        start_time: Any = None,  # First event time, included: text, datetime, date or milliseconds
        end_time: Any = None,  # Last event time: text, datetime, date or milliseconds
        read_options: dict | None = None,  # Accepted for the SDK's sake
        *,
        primary_key: bool | None = None,  # Add the primary key of the left group
        event_time: bool | None = None,  # Add the event time of the left group
        inference_helper_columns: bool | None = False,  # Keep these columns
        dataframe_type: str = "default",  # `default` or `pandas`, `numpy`, `python`
        transformed: bool | None = True,  # Accepted; there are no transformations
        extra_filter: Any = None,  # `Filter` or `Logic`, or its JSON
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> Any:
        """The features of all rows, without labels; raises `ValueError` for a time without an event time"""
        self._refuse("get_batch_data", others, quiet=READ_ONLY)
        without = self._labels + self._training_helpers + self._inference_helpers * (not inference_helper_columns)
        return as_type(self._read(start_time, end_time, primary_key, event_time, extra_filter, without), dataframe_type)

    def get_batch_query(
        self,
        start_time: Any = None,  # First event time, included: text, datetime, date or milliseconds
        end_time: Any = None,  # Last event time: text, datetime, date or milliseconds
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> str:
        """The SQL of `get_batch_data`"""
        self._refuse("get_batch_query", others)
        query = self._query._copy()
        group = query._left_feature_group
        if start_time or end_time:
            query.filter(_build_time_filter(group[group.event_time], start_time, end_time))
        return query.to_string()


def _qualified(feature: Feature) -> Feature:
    """The feature under its full name, as a column that a view does not select comes on Hopsworks"""
    return Feature(feature.name, feature.type, feature_group_id=feature.feature_group_id, use_fully_qualified_name=True)

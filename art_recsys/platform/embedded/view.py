"""Feature views: a query kept under a name, read in batches for training and row by row for serving."""

from typing import Any

import numpy as np
import pandas as pd

from art_recsys.platform.embedded.base import StoreError, Unsupported
from art_recsys.platform.embedded.view_training import TrainingView

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


class FeatureView(TrainingView):
    """The features of a model, for training and for serving"""

    _sdk = "hsfs.feature_view.FeatureView"

    def _serving_keys(self) -> list[list[str]]:
        """For every group of the view, the names by which a caller gives its primary key"""
        keys = [list(self._query._left_feature_group.primary_key)]
        for join in self._query._joins:
            named = dict(zip(join.right_on, join.left_on, strict=True))
            keys.append([named.get(k, (join.prefix or "") + k) for k in join.query._left_feature_group.primary_key])
        return keys

    def init_serving(
        self,
        training_dataset_version: int | None = None,  # Version of the training data
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> None:
        """Open the online store; without it the first `get_feature_vector` does. `Unsupported` for nested joins"""
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

    def _vector(self, entry: dict | None, passed: dict | None, allow_missing: bool) -> list | None:
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
        row: dict = {}
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

    def _vectors(self, entries: list, passed: list | None, allow_missing: bool) -> list[list | None]:
        if not self._readers:
            self.init_serving()
        return [
            self._vector(e, p, allow_missing) for e, p in zip(entries, passed or [None] * len(entries), strict=False)
        ]

    def get_feature_vector(
        self,
        serving_keys: Any = None,  # Key column to value, by the names of the view's `primary_keys`
        passed_features: Any = None,  # Feature to value, used instead of the stored one
        *,
        return_type: str | None = "list",  # `list`, `numpy` or `pandas`
        allow_missing: bool = False,  # None for what is not found, instead of an error
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> Any:
        """The values of one key from the online store, in the order of the view's features; None where no group has
        it. A key that only some groups have raises `StoreError`, or gives None in their places with `allow_missing`
        """
        self._refuse("get_feature_vector", others, quiet=_SERVING)
        vectors = self._vectors([others.get("entry") or serving_keys], [passed_features], allow_missing)
        typed = self._typed(vectors, return_type)
        return typed if return_type == "pandas" else typed[0]

    def get_feature_vectors(
        self,
        serving_keys: Any = None,  # One dictionary of keys per row
        passed_features: Any = None,  # One dictionary per row
        *,
        return_type: str | None = "list",  # `list`, `numpy` or `pandas`
        allow_missing: bool = False,  # None for what is not found, instead of an error
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> Any:
        """The same of many keys; a key of which nothing is known is left out"""
        self._refuse("get_feature_vectors", others, quiet=_SERVING)
        vectors = self._vectors(others.get("entry") or serving_keys, passed_features, allow_missing)
        return self._typed([v for v in vectors if v is not None], return_type)

    def _typed(self, vectors: list[list | None], return_type: str | None) -> Any:
        if return_type == "pandas":
            return pd.DataFrame([v or [None] * len(self._vector_names) for v in vectors], columns=self._vector_names)
        if return_type == "numpy":
            return np.array(vectors, dtype=object)
        if return_type != "list":
            raise ValueError("Unknown return type. Supported return types are 'list', 'numpy' and 'pandas'")
        return vectors

    def find_neighbors(
        self,
        embedding: Any,  # Query vector, as many finite numbers as the index has
        feature: Any = None,  # Embedding feature; needed where there are several
        k: int | None = 10,  # Neighbours at most
        filter: Any = None,  # `Filter` or `Logic` that rows must pass before they are counted
        external: bool | None = None,  # Accepted for the SDK's sake
        return_type: str | None = "list",  # `list`, `numpy` or `pandas`
    ) -> Any:
        """The feature vectors of the k nearest rows; raises `StoreError` where no group has an embedding"""
        group = next((g for g in self._query.featuregroups if g.embedding_index is not None), None)
        if group is None:
            raise StoreError(
                f"The feature view {self._name} has no embedding.", "its feature group needs an embedding_index"
            )
        names = group.column_names
        found = [
            dict(zip(names, values, strict=True)) for _, values in group.find_neighbors(embedding, feature, k, filter)
        ]
        return (
            self.get_feature_vectors(
                [{p: r[p] for p in group.primary_key} for r in found], return_type=return_type, allow_missing=True
            )
            if found
            else []
        )

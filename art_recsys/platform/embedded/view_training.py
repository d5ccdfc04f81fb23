"""Training data of a feature view, whole or in parts: `training.py` has the plans and the cuts."""

from pathlib import Path
from typing import Any

import pandas as pd

from art_recsys.platform.embedded import training
from art_recsys.platform.embedded.frames import as_type
from art_recsys.platform.embedded.sql import filter_of, filter_spec
from art_recsys.platform.embedded.view_batches import READ_ONLY, BatchView

_ASKED = ("primary_key", "event_time", "training_helper_columns", "dataframe_type")


class TrainingView(BatchView):
    """The part of a feature view that makes training data"""

    _sdk = "hsfs.feature_view.FeatureView"

    @property
    def _trainings(self) -> Path:
        return self._store._folder / "training" / f"{self._name}_{self._version}"

    def _columns_of(self, names: list[str]) -> list[str]:
        """What columns of the left group are called in a frame of this view, selected or not"""
        group = self._query._left_feature_group
        selected = {f.name for f in self._query._left_features}
        return [n if n in selected else group._qualified_name(n) for n in names]

    def _cut(self, plan: dict) -> dict[str, pd.DataFrame]:
        """All rows of a plan by part, with every column that a caller may ask for"""
        group = self._query._left_feature_group
        if plan["times"] and group.event_time is None:
            raise ValueError(
                "Cannot split by time because event time column is not available in the left feature groups."
            )
        chosen = filter_of(plan["filter"], self._query)
        df = self._read(None, None, True, True, chosen, self._inference_helpers)
        clock = self._columns_of([group.event_time] * bool(group.event_time))
        return training.cut(df, plan, clock[0] if clock else None, self._columns_of(group.primary_key) + clock)

    def _answer(
        self,
        parts: dict[str, pd.DataFrame],
        *,
        primary_key: bool = False,
        event_time: bool = False,
        training_helper_columns: bool = False,
        dataframe_type: str = "default",
    ) -> list:
        """The parts without what was not asked for, then their labels"""
        group = self._query._left_feature_group
        keys = self._columns_of(group.primary_key * (not primary_key))
        clock = self._columns_of([group.event_time] * bool(group.event_time and not event_time))
        without = {*keys, *clock} - {f.name for f in self._query._left_features}
        without |= {*self._training_helpers} if not training_helper_columns else set()
        both = [self._split_labels(df.drop(columns=list(without)), dataframe_type) for df in parts.values()]
        return [x for x, _ in both] + [y for _, y in both]

    def _split_labels(self, df: pd.DataFrame, dataframe_type: str) -> tuple[Any, Any]:
        if not self._labels:
            return as_type(df, dataframe_type), None
        return as_type(df.drop(columns=self._labels), dataframe_type), as_type(df[self._labels], dataframe_type)

    def _plan(
        self, get: str, how: tuple, extra_filter: Any, seed: int | None = None, description: str | None = ""
    ) -> dict:
        groups = {g.id: g for g in self._query.featuregroups}
        times, shares = how
        return training.plan(training.SPLITS[get], times, shares, seed, filter_spec(extra_filter, groups), description)

    def _train(self, call: str, plan: dict, others: dict[str, Any]) -> list:
        """Cut now, keep the plan only, answer"""
        asked = {k: others.pop(k) for k in _ASKED if k in others}
        self._refuse(call, others, quiet=READ_ONLY)
        parts = self._cut(plan)
        self._last_training = training.keep(self._trainings, plan)
        return self._answer(parts, **asked)

    def _create(self, call: str, plan: dict, others: dict[str, Any]) -> tuple[int, None]:
        """Cut now, keep plan and rows; returns the version, and no job: it is done"""
        self._refuse(call, others, quiet=(*READ_ONLY, "write_options", "data_format", "coalesce"))
        self._last_training = training.keep(self._trainings, plan, self._cut(plan))
        return self._last_training, None

    def _get(self, call: str, version: int | None, others: dict[str, Any]) -> list:
        """A version again: its rows where they were kept, or cut again by its plan"""
        asked = {k: others.pop(k) for k in _ASKED if k in others}
        self._refuse(call, others, quiet=READ_ONLY)
        plan, parts = training.load(self._trainings, version, training.SPLITS[call], self._name)
        self._last_training = version
        return self._answer(self._cut(plan) if parts is None else parts, **asked)

    def get_last_accessed_training_dataset(self) -> int | None:
        """The version of the last split that was made or read"""
        return self._last_training

    def training_data(
        self,
        start_time: Any = None,  # First event time, included: text, datetime, date or milliseconds
        end_time: Any = None,  # Last event time: text, datetime, date or milliseconds
        description: str | None = "",  # Kept with the plan
        extra_filter: Any = None,  # `Filter` or `Logic`, or its JSON
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> tuple:
        """`features, labels`; labels are None where the view has none"""
        times = [(start_time, end_time)] if start_time or end_time else None
        plan = self._plan("get_training_data", (times, None), extra_filter, description=description)
        return tuple(self._train("training_data", plan, others))

    def create_training_data(
        self,
        start_time: Any = "",  # First event time, included: text, datetime, date or milliseconds
        end_time: Any = "",  # Last event time: text, datetime, date or milliseconds
        *,
        description: str | None = "",  # Kept with the plan
        extra_filter: Any = None,  # `Filter` or `Logic`, or its JSON
        seed: int | None = None,  # Of the draw by share
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> tuple[int, None]:
        """Keep such data with its rows; `version, None`"""
        times = [(start_time, end_time)] if start_time or end_time else None
        plan = self._plan("get_training_data", (times, None), extra_filter, seed, description)
        return self._create("create_training_data", plan, others)

    def get_training_data(
        self,
        training_dataset_version: int | None,  # Version of the training data
        read_options: dict | None = None,  # Accepted for the SDK's sake
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> tuple:
        """Training data again, by its version; raises `StoreError` where there is none"""
        return tuple(self._get("get_training_data", training_dataset_version, others))

    def train_test_split(
        self,
        test_size: float | None = None,  # Share of the test part, between 0 and 1
        train_start: Any = "",  # Start of training, included
        train_end: Any = "",  # End of training, excluded
        test_start: Any = "",  # Start of test, included
        test_end: Any = "",  # End of test, excluded
        description: str | None = "",  # Kept with the plan
        extra_filter: Any = None,  # `Filter` or `Logic`, or its JSON
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> list:
        """`train, test, train labels, test labels`, by share or by time; `others` are those of `training_data`"""
        how = _two(test_size, train_start, train_end, test_start, test_end)
        plan = self._plan("get_train_test_split", how, extra_filter, description=description)
        return self._train("train_test_split", plan, others)

    def create_train_test_split(
        self,
        test_size: float | None = None,  # Share of the test part, between 0 and 1
        train_start: Any = "",  # Start of training, included
        train_end: Any = "",  # End of training, excluded
        test_start: Any = "",  # Start of test, included
        test_end: Any = "",  # End of test, excluded
        *,
        description: str | None = "",  # Kept with the plan
        extra_filter: Any = None,  # `Filter` or `Logic`, or its JSON
        seed: int | None = None,  # Of the draw by share
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> tuple[int, None]:
        """Keep such a split with its rows; `version, None`"""
        how = _two(test_size, train_start, train_end, test_start, test_end)
        plan = self._plan("get_train_test_split", how, extra_filter, seed, description)
        return self._create("create_train_test_split", plan, others)

    def get_train_test_split(
        self,
        training_dataset_version: int | None,  # Version of the training data
        read_options: dict | None = None,  # Accepted for the SDK's sake
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> list:
        """A split again, by its version; raises `StoreError` where there is none"""
        return self._get("get_train_test_split", training_dataset_version, others)

    def train_validation_test_split(
        self,
        validation_size: float | None = None,  # Share of the validation part, between 0 and 1
        test_size: float | None = None,  # Share of the test part, between 0 and 1
        train_start: Any = "",  # Start of training, included
        train_end: Any = "",  # End of training, excluded
        validation_start: Any = "",  # Start of validation, included
        validation_end: Any = "",  # End of validation, excluded
        test_start: Any = "",  # Start of test, included
        test_end: Any = "",  # End of test, excluded
        description: str | None = "",  # Kept with the plan
        extra_filter: Any = None,  # `Filter` or `Logic`, or its JSON
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> list:
        """Three frames, then their three labels, by share or by time; `others` are those of `training_data`"""
        times = train_start, train_end, validation_start, validation_end, test_start, test_end
        how = _three(validation_size, test_size, *times)
        plan = self._plan("get_train_validation_test_split", how, extra_filter, description=description)
        return self._train("train_validation_test_split", plan, others)

    def create_train_validation_test_split(
        self,
        validation_size: float | None = None,  # Share of the validation part, between 0 and 1
        test_size: float | None = None,  # Share of the test part, between 0 and 1
        train_start: Any = "",  # Start of training, included
        train_end: Any = "",  # End of training, excluded
        validation_start: Any = "",  # Start of validation, included
        validation_end: Any = "",  # End of validation, excluded
        test_start: Any = "",  # Start of test, included
        test_end: Any = "",  # End of test, excluded
        *,
        description: str | None = "",  # Kept with the plan
        extra_filter: Any = None,  # `Filter` or `Logic`, or its JSON
        seed: int | None = None,  # Of the draw by share
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> tuple[int, None]:
        """Keep such a split with its rows; `version, None`"""
        times = train_start, train_end, validation_start, validation_end, test_start, test_end
        how = _three(validation_size, test_size, *times)
        plan = self._plan("get_train_validation_test_split", how, extra_filter, seed, description)
        return self._create("create_train_validation_test_split", plan, others)

    def get_train_validation_test_split(
        self,
        training_dataset_version: int | None,  # Version of the training data
        read_options: dict | None = None,  # Accepted for the SDK's sake
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> list:
        """A split again, by its version; raises `StoreError` where there is none"""
        return self._get("get_train_validation_test_split", training_dataset_version, others)


def _two(
    test_size: float | None, train_start: Any, train_end: Any, test_start: Any, test_end: Any
) -> tuple[list[tuple] | None, list[float] | None]:
    """Times and shares of two parts, one of them None"""
    if train_end or test_start:
        return [(train_start, train_end or test_start), (test_start or train_end, test_end)], None
    if not (test_size and 0 < test_size < 1):
        raise ValueError(
            "Invalid split input. You should specify either `test_size` or (`train_end` or `test_start`). "
            "`test_size` should be between 0 and 1 if specified."
        )
    return None, [1 - test_size, test_size]


def _three(
    validation_size: float | None,
    test_size: float | None,
    train_start: Any,
    train_end: Any,
    validation_start: Any,
    validation_end: Any,
    test_start: Any,
    test_end: Any,
) -> tuple[list[tuple] | None, list[float] | None]:
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

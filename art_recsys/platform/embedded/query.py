"""Queries over feature groups: the SDK's `Query`, answered by DuckDB over the Delta tables' own files."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from deltalake.exceptions import DeltaError
from hsfs.constructor.filter import Filter, Logic
from hsfs.feature import Feature
from hsfs.util import _build_time_filter

from art_recsys.platform.embedded.base import Embedded, StoreError, Unsupported, damaged
from art_recsys.platform.embedded.frames import as_type, to_pandas
from art_recsys.platform.embedded.sql import connect, filter_of, filter_spec, filter_sql, quoted

JOIN_TYPES = {"inner": "JOIN", "left": "LEFT JOIN", "right": "RIGHT JOIN", "outer": "FULL JOIN", "full": "FULL JOIN"}


class Join(Embedded):
    """One join of a query"""

    _sdk = "hsfs.constructor.join.Join"

    def __init__(
        self,
        query: Any,  # `Query`
        left_on: list,  # Keys on the left side
        right_on: list,  # Keys on the right side, as many
        join_type: str,  # `inner`, `left`, `right`, `outer` or `full`
        prefix: str | None,  # Put before the names of the joined features
    ) -> None:
        """A joined query and its keys"""
        self.query, self.left_on, self.right_on = query, left_on, right_on
        self.join_type, self.prefix = join_type, prefix


class Query(Embedded):
    """A selection of features, perhaps joined and filtered; nothing is read before `read`"""

    _sdk = "hsfs.constructor.query.Query"

    def __init__(
        self,
        left_feature_group: Any,  # `FeatureGroup` from which the query starts
        left_features: list,  # Names or `Feature`s of that group
    ) -> None:
        """A selection from one group"""
        self._left_feature_group = left_feature_group
        self._left_features = [f if isinstance(f, Feature) else left_feature_group[f] for f in left_features]
        self._joins: list[Join] = []
        self._filter: Any = None
        self._limit: int | None = None

    def __repr__(self) -> str:
        joins = "".join(f" {j.join_type.lower()} join {j.query._left_feature_group.name}" for j in self._joins)
        return f"Query({self._left_feature_group.name}{joins}: {', '.join(self._output)})"

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and (found := self._find(name)):
            return found
        return super().__getattr__(name)

    def __getitem__(self, name: str) -> Feature:
        return self.get_feature(name)

    # --- what it is

    @property
    def features(self) -> list:
        """Features of the query and of all its joins"""
        return self._left_features + [f for j in self._joins for f in j.query.features]

    @property
    def featuregroups(self) -> list:
        """The groups that are read"""
        return [self._left_feature_group] + [g for j in self._joins for g in j.query.featuregroups]

    @property
    def joins(self) -> list[Join]:
        """The joins, in order"""
        return self._joins

    @property
    def filters(self) -> Any:
        """The filter, or None"""
        return self._filter

    @property
    def _output(self) -> dict[str, str]:
        """Names of the columns that a read returns, in order, with their SQL"""
        left = self._left_feature_group
        named = lambda f: left._qualified_name(f.name) if f.use_fully_qualified_name else f.name  # noqa: E731
        out = {named(f): f"fg0.{quoted(f.name)}" for f in self._left_features}
        for i, j in enumerate(self._joins, 1):
            shared = {b: a for a, b in zip(j.left_on, j.right_on, strict=True) if a == b and not j.prefix}
            for name in j.query._output:
                target = (j.prefix or "") + name
                if name in shared and target in out:  # one column for the key, as with SQL's USING
                    if j.join_type in ("RIGHT", "OUTER", "FULL"):
                        out[target] = f"coalesce({out[target]}, fg{i}.{quoted(name)})"
                    continue
                if target in out:
                    raise StoreError(
                        f"The feature {target} comes from more than one feature group ({left.name} and "
                        f"{j.query._left_feature_group.name}).",
                        "give the join a prefix=, or leave it out with select_except",
                    )
                out[target] = f"fg{i}.{quoted(name)}"
        return out

    def _find(self, name: str) -> Feature | None:
        for f in self._left_features:
            if f.name == name:
                return f
        for j in self._joins:
            if j.prefix and name.startswith(j.prefix) and (f := j.query._find(name[len(j.prefix) :])):
                return f
            if not j.prefix and (f := j.query._find(name)):
                return f
        return None

    def get_feature(
        self,
        feature_name: str,  # Name of a feature
    ) -> Feature:
        """A feature by name, selected or not; raises `StoreError` where no group has it"""
        found = self._find(feature_name) or next(
            (f for g in self.featuregroups for f in g.features if f.name == feature_name), None
        )
        if found is None:
            raise StoreError(
                f"Feature name '{feature_name}' could not be found in query.", f"it has: {', '.join(self._output)}"
            )
        return found

    # --- building it

    def join(
        self,
        sub_query: Any,  # `Query` to join
        on: list
        | None = None,  # Keys of the same name on both sides; the primary key of the right side where nothing is given
        left_on: list | None = None,  # Keys on the left side
        right_on: list | None = None,  # Keys on the right side, as many
        join_type: str = "left",  # `inner`, `left`, `right`, `outer` or `full`
        prefix: str | None = None,  # Put before the names of the joined features
    ) -> "Query":
        """Join another query, by point in time where both groups have an event time; raises `StoreError` where the
        keys are not clear
        """
        left, right = self._left_feature_group, sub_query._left_feature_group
        if join_type.lower() not in JOIN_TYPES:
            raise StoreError(f"join_type = '{join_type}' is not possible.", f"choose from {', '.join(JOIN_TYPES)}")
        names = lambda keys: [k.name if isinstance(k, Feature) else k for k in keys or []]  # noqa: E731
        left_on, right_on = names(on) or names(left_on), names(on) or names(right_on)
        if not left_on and not right_on:
            left_on = right_on = [k for k in right.primary_key if k in left.primary_key]
        if not left_on or len(left_on) != len(right_on):
            raise StoreError(
                f"It is not clear on what to join {left.name} and {right.name}.",
                "name the columns: on=['artwork_id'], or left_on= and right_on= of equal length",
            )
        for group, keys in ((left, left_on), (right, right_on)):
            for k in keys:
                group[k]  # raises a KeyError that names the features of the group
        self._joins.append(Join(sub_query, left_on, right_on, join_type.upper(), prefix))
        return self

    def filter(
        self,
        f: Any,  # `Filter` or `Logic`, for example `(group.year > 1900)`
    ) -> "Query":
        """Keep rows that pass, in addition to earlier filters; raises `StoreError` for a feature of another group"""
        self._alias(f)  # refuses features of groups that are not here
        self._filter = f if self._filter is None else self._filter & f
        return self

    def limit(
        self,
        n: int,  # Rows at most
    ) -> "Query":
        """Read no more rows than `n`"""
        self._limit = int(n)
        return self

    def append_feature(
        self,
        feature: Any,  # `Feature`
    ) -> "Query":
        """Select one more feature of the left group"""
        if all(f.name != feature.name for f in self._left_features):
            self._left_features = [*self._left_features, feature]
        return self

    def _copy(self) -> "Query":
        new = Query(self._left_feature_group, self._left_features)
        new._joins, new._filter, new._limit = list(self._joins), self._filter, self._limit
        return new

    # --- SQL

    def _alias(self, condition: Any) -> None:
        """The alias of every feature that a filter names"""
        if isinstance(condition, Logic):
            for side in (condition.get_left_filter_or_logic(), condition.get_right_filter_or_logic()):
                if side is not None:
                    self._alias(side)
            return
        if isinstance(condition, Filter):
            self._alias_of(condition.feature)

    def _alias_of(self, feature: Feature) -> str:
        groups = [self._left_feature_group] + [j.query._left_feature_group for j in self._joins]
        for i, g in enumerate(groups):
            if feature.feature_group_id == g.id:
                return f"fg{i}"
        raise StoreError(
            f"The filter's feature {feature.name} belongs to no feature group of this query.",
            f"filter on a feature of {', '.join(g.name for g in groups)}",
        )

    def _is_pit(self, join: Join) -> bool:
        return bool(self._left_feature_group.event_time and join.query._left_feature_group.event_time)

    def _source(self, params: list, needed: list[str]) -> str:
        """The SQL of this query as the right side of a join, with the columns that the join itself needs"""
        if self._joins:
            if missing := [n for n in needed if n not in self._output]:
                raise StoreError(
                    f"The joined query lacks {', '.join(missing)}, which the outer join needs.", "select it too"
                )
            return f"({self._sql(params)})"
        if self._filter is None and self._limit is None:
            return quoted(self._left_feature_group._view)
        columns = dict.fromkeys([f.name for f in self._left_features] + needed)
        where = "" if self._filter is None else " WHERE " + filter_sql(self._filter, self._alias_of, params)
        limit = "" if self._limit is None else f" LIMIT {self._limit}"
        return (
            f"(SELECT {', '.join(f'fg0.{quoted(c)}' for c in columns)} "
            f"FROM {quoted(self._left_feature_group._view)} fg0{where}{limit})"
        )

    def _join_sql(self, i: int, join: Join, params: list) -> str:
        left, right = self._left_feature_group, join.query._left_feature_group
        on = [f"fg0.{quoted(a)} = fg{i}.{quoted(b)}" for a, b in zip(join.left_on, join.right_on, strict=True)]
        needed, word = list(join.right_on), JOIN_TYPES[join.join_type.lower()]
        if self._is_pit(join):
            if join.join_type not in ("INNER", "LEFT"):
                raise Unsupported(f"Query.join(join_type='{join.join_type.lower()}') of two groups with an event time")
            on.append(f"fg0.{quoted(left.event_time)} >= fg{i}.{quoted(right.event_time)}")
            needed.append(right.event_time)
            word = "ASOF " + word
        source = join.query._source(params, needed)  # before the text: its values come first
        return f"\n{word} {source} fg{i} ON {' AND '.join(on)}"

    def _sql(self, params: list) -> str:
        select = ", ".join(
            sql if sql == f"fg0.{quoted(name)}" else f"{sql} AS {quoted(name)}" for name, sql in self._output.items()
        )
        joins = "".join(self._join_sql(i, j, params) for i, j in enumerate(self._joins, 1))
        where = "" if self._filter is None else "\nWHERE " + filter_sql(self._filter, self._alias_of, params)
        limit = "" if self._limit is None else f"\nLIMIT {self._limit}"
        return f"SELECT {select}\nFROM {quoted(self._left_feature_group._view)} fg0{joins}{where}{limit}"

    def to_string(
        self,
        online: bool = False,  # Read the online store
        arrow_flight: bool = False,  # Accepted for the SDK's sake
    ) -> str:
        """The SQL, with placeholders for the values of filters"""
        return self._sql([])

    def _arrow(self) -> pa.Table:
        params: list = []
        con = connect()
        try:
            for group in {g.id: g for g in self.featuregroups}.values():
                group._register(con)
            return con.sql(self._sql(params), params=params).to_arrow_table()
        except (duckdb.IOException, duckdb.InvalidInputException, DeltaError) as e:
            raise damaged(Path(self._left_feature_group.location).parent) from e
        finally:
            con.close()

    # --- reading it

    def read(
        self,
        online: bool = False,  # Read the online store
        dataframe_type: str = "default",  # `default` or `pandas`, `numpy`, `python`
        read_options: dict | None = None,  # Accepted for the SDK's sake
        start_time: Any = None,  # First event time, included: text, datetime, date or milliseconds
        end_time: Any = None,  # Last event time: text, datetime, date or milliseconds
    ) -> Any:
        """Run the query; raises `StoreError` for a time without an event time, `Unsupported` for a join online"""
        if start_time is not None or end_time is not None:
            group = self._left_feature_group
            if group.event_time is None:
                raise StoreError(
                    "Cannot filter by start_time/end_time: no event_time column is defined for the left feature group.",
                    "set event_time when creating the feature group",
                )
            query = self._copy().filter(_build_time_filter(group[group.event_time], start_time, end_time))
            return query.read(online, dataframe_type, read_options)
        if online:
            if self._joins or self._filter is not None:
                raise Unsupported("Query.read(online=True) of a join or a filter")
            df = self._left_feature_group._read_online([f.name for f in self._left_features])
        else:
            df = to_pandas(self._arrow())
        return as_type(df, dataframe_type)

    def show(
        self,
        n: int,  # Rows at most
        online: bool = False,  # Read the online store
    ) -> list:
        """The first rows as lists of values"""
        return self._copy().limit(n).read(online=online, dataframe_type="python")[:n]

    # --- keeping it in a feature view

    def _spec(self) -> dict:
        """This query as JSON"""
        group = self._left_feature_group
        return {
            "group": group.name,
            "version": group.version,
            "features": [f.name for f in self._left_features],
            "limit": self._limit,
            "filter": filter_spec(self._filter, {g.id: g for g in self.featuregroups}),
            "joins": [
                {
                    "query": j.query._spec(),
                    "left_on": j.left_on,
                    "right_on": j.right_on,
                    "join_type": j.join_type,
                    "prefix": j.prefix,
                }
                for j in self._joins
            ],
        }

    @classmethod
    def _of(cls, spec: dict, store: Any) -> "Query":
        """The query of `_spec`"""
        group = store.get_feature_group(spec["group"], spec["version"])
        if group is None:
            raise StoreError(
                f"The feature group {spec['group']} version {spec['version']} of this view is gone.",
                "run the features stage again: art-recsys features",
            )
        query = cls(group, spec["features"])
        query._limit = spec["limit"]
        for j in spec["joins"]:
            query._joins.append(
                Join(cls._of(j["query"], store), j["left_on"], j["right_on"], j["join_type"], j["prefix"])
            )
        query._filter = filter_of(spec["filter"], query)
        return query

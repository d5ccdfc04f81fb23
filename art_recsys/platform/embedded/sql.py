"""SQL of the embedded project's reads: names, times and filters, as DuckDB wants them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import duckdb
from hopsworks_common.util import _convert_event_time_to_timestamp
from hsfs.constructor.filter import Filter, Logic

from art_recsys.platform.embedded.base import StoreError

_SIGNS = {
    Filter.GE: ">=",
    Filter.GT: ">",
    Filter.LE: "<=",
    Filter.LT: "<",
    Filter.EQ: "IS NOT DISTINCT FROM",
    Filter.NE: "IS DISTINCT FROM",
}


def quoted(
    name: str,  # Name of a column or table
) -> str:
    """A name as SQL"""
    return '"' + name.replace('"', '""') + '"'


def connect() -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own for one read: nothing is shared, so nothing can be locked"""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    return con


def filter_sql(
    condition: Any,  # `Filter` or `Logic`
    alias_of: Callable[[Any], str],  # From a feature to the alias of its table
    params: list,  # Takes the values of the placeholders
    wildcards: bool = False,  # LIKE finds its value anywhere, as in the SDK's vector search
) -> str:
    """The SQL of a `Filter` or `Logic`; raises `StoreError` for anything else"""
    if isinstance(condition, Logic):
        sides = [
            s for s in (condition.get_left_filter_or_logic(), condition.get_right_filter_or_logic()) if s is not None
        ]
        words = [filter_sql(s, alias_of, params, wildcards) for s in sides]
        return "(" + f" {'OR' if condition.type == Logic.OR else 'AND'} ".join(words) + ")"
    if not isinstance(condition, Filter):
        raise StoreError(
            f"A filter is of type Filter or Logic, not {type(condition).__name__}.",
            "write it as (fg.year > 1900) & (fg.category == 'print')",
        )
    feature, value = condition.feature, condition.value
    name = f"{alias_of(feature)}.{quoted(feature.name)}"
    cast = "::TIMESTAMPTZ" if feature.type == "timestamp" else ""
    if condition.condition == Filter.IN:
        value = json.loads(value) if isinstance(value, str) else list(value)
        params.append([str(v) for v in value] if cast else list(value))
        return f"{name} IN (SELECT unnest(?){cast})"
    if condition.condition == Filter.LK:
        params.append(f"%{value}%" if wildcards else value)
        return f"{name} LIKE ?"
    params.append(value.item() if hasattr(value, "item") else value)
    return f"{name} {_SIGNS[condition.condition]} ?{cast}"


def sql_time(
    value: Any,  # Time in any form that the SDK takes
) -> datetime | None:
    """A time in any of the SDK's forms as aware UTC datetime; None stays None"""
    ms = _convert_event_time_to_timestamp(value)
    return None if ms is None else datetime.fromtimestamp(ms / 1000, tz=UTC)


def filter_spec(
    condition: Any,  # `Filter`, `Logic` or None
    groups: dict[int, Any],  # Feature groups by id
) -> dict | None:
    """A filter as JSON; None stays None"""
    if condition is None:
        return None
    if isinstance(condition, Filter):
        group = groups[condition.feature.feature_group_id]
        return {
            "group": group.name,
            "version": group.version,
            "feature": condition.feature.name,
            "condition": condition.condition,
            "value": condition.value,
        }
    sides = (condition.get_left_filter_or_logic(), condition.get_right_filter_or_logic())
    return {"type": condition.type, "sides": [filter_spec(s, groups) for s in sides if s is not None]}


def filter_of(
    spec: dict | None,  # From `filter_spec`
    query: Any,  # `Query` that has the groups
) -> Any:
    """The filter of a JSON; None stays None"""
    if spec is None:
        return None
    if "feature" in spec:
        group = next(g for g in query.featuregroups if (g.name, g.version) == (spec["group"], spec["version"]))
        return Filter(group[spec["feature"]], spec["condition"], spec["value"])
    sides = [filter_of(s, query) for s in spec["sides"]]
    if len(sides) == 1:
        return sides[0]
    return sides[0] | sides[1] if spec["type"] == Logic.OR else sides[0] & sides[1]

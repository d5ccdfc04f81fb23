"""Statistics of a feature group: the SDK's own classes, filled by one DuckDB query over the last commit"""

import time
from typing import Any

from hsfs.core.feature_descriptive_statistics import FeatureDescriptiveStatistics
from hsfs.feature import Feature
from hsfs.statistics import Statistics

from art_recsys.platform.embedded.sql import connect, quoted

_NUMBERS = ("bigint", "int", "smallint", "tinyint", "double", "float")
_HUNDREDTHS = [i / 100 for i in range(1, 101)]  # the SDK keeps the n-th percentile at index n - 1


def _columns(feature: Feature) -> dict[str, str]:
    """The SQL of each statistic of one feature; a NaN counts as missing, as it does in pandas"""
    x, number = quoted(feature.name), feature.type in _NUMBERS
    if feature.type in ("double", "float"):
        x = f"CASE WHEN isnan({x}) THEN NULL ELSE {x} END"
    out = {"count": "count(*)", "num_non_null_values": f"count({x})"}
    if not feature.is_complex():
        out |= {
            "approx_num_distinct_values": f"approx_count_distinct({x})",
            "exact_num_distinct_values": f"count(DISTINCT {x})",
        }
    if number:
        out |= {k: f"{f}({x})::DOUBLE" for k, f in (("min", "min"), ("max", "max"), ("sum", "sum"), ("mean", "avg"))}
        out |= {"std_dev": f"stddev_samp({x})", "percentiles": f"quantile_cont({x}, {_HUNDREDTHS})"}
    return out


def _of_feature(feature: Feature, values: dict[str, Any]) -> FeatureDescriptiveStatistics:
    """The SDK's statistics of one feature out of the query's answer"""
    count, there = values["count"], values["num_non_null_values"]
    distinct = values.get("exact_num_distinct_values")
    return FeatureDescriptiveStatistics(
        feature.name,
        feature_type={"string": "String", "boolean": "Boolean"}.get(feature.type, feature.type.capitalize()),
        completeness=there / count if count else None,
        num_null_values=count - there,
        distinctness=distinct / there if distinct is not None and there else None,
        **values,
    )


def statistics_of(
    group: Any,  # `FeatureGroup`
    features: list,  # `Feature`s of the group
) -> Any:
    """The SDK's `Statistics` of these features of a group, or None where it has no row"""
    plan = [(f, name, sql) for f in features for name, sql in _columns(f).items()]
    con = connect()
    try:
        group._register(con)
        row = con.sql(f"SELECT {', '.join(sql for *_, sql in plan)} FROM {quoted(group._view)}").fetchall()[0]
    finally:
        con.close()
    if not row[0]:
        return None
    answers: dict[str, dict] = {f.name: {} for f in features}
    for (feature, name, _), value in zip(plan, row, strict=True):
        answers[feature.name][name] = value
    commits = group.commit_details(limit=1)
    return Statistics(
        int(time.time() * 1000),
        feature_group_id=group.id,
        window_end_commit_time=next(iter(commits), None),
        feature_descriptive_statistics=[_of_feature(f, answers[f.name]) for f in features],
    )

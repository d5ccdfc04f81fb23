"The heavy tables on DuckDB have the rows that pandas and scipy make, and Spark makes the same ones"

import importlib.util
import os
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from art_recsys.core import Cols, Event, histories, positives
from art_recsys.features import ranking_rows
from art_recsys.models.examples import lookup_tables
from art_recsys.models.popularity import days
from art_recsys.models.sequences import Sequences
from art_recsys.tables import spark_job
from art_recsys.tables.engines import DuckEngine
from art_recsys.tables.expressions import TABLES, cooccurrence, events_table, likes, popularity, sequences
from tests.tables.a_log import a_log

PAIR = [Cols.user_id, Cols.artwork_id]


class Tower:
    "As much of a fitted tower as the tables need"

    def __init__(self, ids):
        self.candidate_ids, self.item_index = ids, {a: n for n, a in enumerate(ids)}


@pytest.fixture
def duck(tmp_path):
    with DuckEngine(tmp_path, threads=1) as engine:
        engine.add("events", pa.Table.from_pandas(a_log(), preserve_index=False))
        yield engine


def rows(engine, table):
    "All rows as a frame, sorted"
    found = pa.Table.from_batches(engine.batches(table)).to_pandas()
    return found.sort_values(list(found.columns), ignore_index=True)


def test_likes_and_ranking_rows_are_those_of_pandas(duck):
    for table, want in ((likes(events_table()), positives(a_log())), (TABLES["ranking"](events_table()), None)):
        want = ranking_rows(a_log()) if want is None else want
        found = rows(duck, table)[list(want.columns)]
        want = want.sort_values(list(want.columns), ignore_index=True)
        pd.testing.assert_frame_equal(
            found.sort_values(list(found.columns), ignore_index=True), want, check_dtype=False
        )


def test_clicks_count_where_nobody_likes(duck, tmp_path):
    clicks = a_log()
    clicks = clicks[clicks[Cols.event] != Event.like]
    duck.add("events", pa.Table.from_pandas(clicks, preserve_index=False))
    assert duck.count(likes(events_table(), Event.click)) == len(positives(clicks)) > 0


def test_histories_and_windows_are_those_of_pandas(duck):
    found = rows(duck, TABLES["histories"](events_table())).sort_values([Cols.user_id, "step"])
    assert found.groupby(Cols.user_id)[Cols.artwork_id].agg(list).to_dict() == histories(a_log(), 50)
    cut = rows(duck, sequences(likes(events_table()), 4)).sort_values([Cols.user_id, "window", "step"])
    assert cut["step"].max() == 3 and cut.groupby(PAIR[0])[Cols.artwork_id].agg(list).to_dict() == histories(
        a_log(), 99
    )
    liked = positives(a_log())
    seqs = Sequences(liked, sorted(liked[Cols.user_id].unique()), sorted(liked[Cols.artwork_id].unique()))
    assert cut.groupby([Cols.user_id, "window"]).ngroups == sum(-(-n // 4) for n in seqs.length)


def test_popularity_and_cooccurrence_are_those_of_the_models(duck):
    liked = positives(a_log())
    tower = Tower(sorted(a_log()[Cols.artwork_id].unique()))
    clock, table = lookup_tables(tower, liked)
    for row in rows(duck, popularity(likes(events_table()))).itertuples():
        after = days(pd.Series([row.ts]))[0] + 1e-9
        assert clock.before(np.array([tower.item_index[row.artwork_id]]), after)[0] == row.likes
    found = rows(duck, cooccurrence(likes(events_table()), keep=10**6))
    cosine = np.zeros((len(tower.candidate_ids),) * 2)
    at = [[tower.item_index[a] for a in found[c]] for c in (Cols.artwork_id, "other_id")]
    cosine[at[0], at[1]] = found["cosine"]
    np.testing.assert_allclose(cosine, np.asarray(table.cosine), atol=1e-6)


def test_candidates_are_new_to_their_user_and_the_best_by_cosine(duck):
    found, liked = rows(duck, TABLES["candidates"](events_table())), positives(a_log())
    assert not found.merge(liked, on=PAIR).size and len(found)
    near = rows(duck, cooccurrence(likes(events_table())))
    score = liked.merge(near, on=Cols.artwork_id).groupby([Cols.user_id, "other_id"])["cosine"].sum()
    for row in found.itertuples():
        assert row.score == pytest.approx(score[row.user_id, row.other_id if "other_id" in found else row.artwork_id])
    assert (found.sort_values([Cols.user_id, "rank"]).groupby(Cols.user_id)["score"].diff().fillna(0) <= 1e-9).all()


@pytest.fixture(scope="module")
def spark():
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: pip install -c constraints.txt -e '.[spark]'")
    if shutil.which("java") is None:
        absent = pytest.fail if os.environ.get("CI") else pytest.skip  # `.ci/run` installs one
        absent("no Java: apt-get install default-jre-headless")
    from pyspark.sql import SparkSession

    options = {"ui.enabled": "false", "sql.shuffle.partitions": "1", "default.parallelism": "1"}
    builder = SparkSession.builder.master("local[1]").appName("test")
    for name, value in options.items():
        builder = builder.config(f"spark.{name}", value)
    session = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    yield session
    session.stop()


def test_spark_makes_the_same_rows(duck, spark, tmp_path):
    "The program of the job writes every table; its files hold what DuckDB answers"
    log = tmp_path / "events.parquet"
    a_log().to_parquet(log, index=False)
    spark_job.main(["--events", str(log), "--out", str(tmp_path / "tables"), "-start_time", "2026-01-01"])
    for name, make in TABLES.items():
        here = rows(duck, make(events_table()))
        there = pd.read_parquet(tmp_path / "tables" / name)[list(here.columns)]
        there = there.assign(**{c: there[c].dt.tz_localize("UTC") for c in there if there[c].dtype.kind == "M"})
        order = [c for c in here.columns if c not in ("score", "cosine")]
        pair = (df.sort_values(order, ignore_index=True) for df in (here, there))
        pd.testing.assert_frame_equal(*pair, check_dtype=False, obj=name)

"A long log goes through DuckDB in batches, and the feature groups and frames are those of a short one"

import gc
from collections import Counter

import pandas as pd
import pytest

from art_recsys.config import Home
from art_recsys.core import EVENT_COLS, Cols, Event, as_events, positives
from art_recsys.features import ranking_rows
from art_recsys.platform.embedded import Project
from art_recsys.platform.inserts import replace_rows
from art_recsys.tables import long_log
from art_recsys.tables.log_on_disk import log_on_disk
from art_recsys.tables.long_log import Batches, is_long, long_tables, read_events
from tests.tables.a_log import a_log


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path)
    a_log().to_parquet(home.file("events.parquet"), index=False)
    return home


def alike(found, want):
    "The same rows in any order"
    found, want = (df[list(want.columns)].sort_values(list(want.columns), ignore_index=True) for df in (found, want))
    pd.testing.assert_frame_equal(found, want, check_dtype=False)


def test_only_a_log_of_many_events_is_long(home, monkeypatch):
    assert not is_long(home.file("nothing.parquet")) and not is_long(home.file("events.parquet"))
    monkeypatch.setattr(long_log, "LONG", 600)
    assert is_long(home.file("events.parquet"))


def test_the_tables_are_those_of_pandas_and_leave_nothing_behind(home):
    log, report = a_log(), Counter()
    visitors = log.iloc[:3].assign(
        **{Cols.event_id: ["v1", "v2", "v3"], Cols.user_id: "visitor", Cols.event: Event.like}
    )
    known = pd.Series(sorted(log[Cols.artwork_id].unique())[1:])  # one work is gone
    found = {name: pd.concat(list(part)) for name, part in long_tables(home, visitors, known, report).items()}
    kept = as_events(pd.concat([log, visitors]), known)
    alike(found["interactions"], kept[EVENT_COLS])
    alike(found["transactions"], positives(kept))
    alike(found["ranking"], ranking_rows(kept))
    assert report["event of an unknown work"] == len(log) + 3 - len(kept) > 0
    assert not list(home.path.glob("spill-*"))


def test_nothing_is_left_where_the_tables_are_not_read(home):
    tables = long_tables(home, a_log().iloc[:0], pd.Series(a_log()[Cols.artwork_id].unique()), Counter())
    assert list(home.path.glob("spill-*"))
    del tables
    gc.collect()
    assert not list(home.path.glob("spill-*"))


def test_a_home_whose_name_has_an_apostrophe(tmp_path):
    file = tmp_path / "Anna's home" / "events.parquet"
    file.parent.mkdir()
    a_log().to_parquet(file, index=False)
    with log_on_disk(file, a_log().iloc[:0], pd.Series(a_log()[Cols.artwork_id].unique())) as log:
        assert len(log) == len(positives(a_log()))


def test_batches_fill_a_group_like_one_frame_and_replace_what_was_there(tmp_path):
    group = (
        Project(tmp_path)
        .get_feature_store()
        .get_or_create_feature_group("log", 1, primary_key=[Cols.event_id], event_time=Cols.ts)
    )
    log = a_log()
    for _ in range(2):
        replace_rows(group, Batches(len(log), lambda: iter([log.iloc[:250], log.iloc[250:251], log.iloc[251:]])))
    alike(group.read(), log)


def test_of_many_decisions_only_the_latest_pages_are_read(tmp_path, monkeypatch):
    group = (
        Project(tmp_path)
        .get_feature_store()
        .get_or_create_feature_group("log", 1, primary_key=[Cols.event_id], event_time=Cols.ts)
    )
    group.insert(log := a_log())
    alike(read_events(group), log)
    monkeypatch.setattr(long_log, "MANY", 100)
    part = read_events(group)
    decided = log[log[Cols.event].isin(long_log.DECISIONS)]
    assert part[Cols.event_id].is_unique and set(decided[Cols.event_id]) <= set(part[Cols.event_id])
    shown = part[~part[Cols.event].isin(long_log.DECISIONS)]
    cut = decided[Cols.ts].iloc[int(0.75 * len(decided))].floor("s")
    assert 0 < len(shown) == (~log[Cols.event].isin(long_log.DECISIONS) & (log[Cols.ts] >= cut)).sum()

"""The promises of the event log."""

import pandas as pd
import pyarrow as pa
import pytest

from art_recsys.config import Home, load_settings, write_parquet
from art_recsys.core import Cols, Event
from art_recsys.simulator.attributes import artwork_attributes
from art_recsys.simulator.behaviour import Behaviour
from art_recsys.simulator.log import EVENT_SCHEMA, simulate_events
from art_recsys.simulator.truth import draw_truth
from art_recsys.users import companions, make_users, seed_works
from tests.simulator.crowds import catalogue


def test_the_numbers_of_the_log(crowd):
    n, s = crowd["events"][Cols.event].value_counts(), crowd["summary"]
    assert s["events"] == len(crowd["events"]) and s["likes"] == n["like"] and s["users"] == 500
    assert 10 < n["like"] / 500 < 22 and 4.5 < n["impression"] / n["like"] < 10
    assert set(n.index) == set(Event.all)
    assert not crowd["events"][Cols.event_id].duplicated().any()


def test_the_log_stays_inside_its_days(crowd):
    ts, s = crowd["events"][Cols.ts], crowd["settings"]
    end = pd.Timestamp(s.end_date, tz="UTC") + pd.Timedelta(days=1)
    assert end - pd.Timedelta(days=s.days) <= ts.min() and ts.max() < end
    assert (ts.max() - ts.min()).days > 0.9 * s.days


def test_first_likes_are_the_seed_works(crowd):
    likes = crowd["events"][crowd["events"][Cols.event] == Event.like]
    first = likes.groupby(Cols.user_id)[Cols.ts].min()
    ids = crowd["truth"].artwork_ids
    for i, user in enumerate(crowd["truth"].user_ids[:200]):
        mine = likes[likes[Cols.user_id] == user].head(12)
        own = set(ids[crowd["truth"].interests[i, 0]])
        assert (
            own <= set(mine[Cols.artwork_id])
            and (mine[mine[Cols.artwork_id].isin(own)][Cols.ts] - first[user] < pd.Timedelta(minutes=3)).all()
        )


def test_cause_comes_before_effect(crowd):
    at = crowd["events"].pivot_table(
        index=[Cols.user_id, Cols.artwork_id, Cols.request_id], columns=Cols.event, values=Cols.ts, aggfunc="min"
    )
    for cause, effect in [("impression", "click"), ("click", "like"), ("like", "unlike"), ("impression", "hide")]:
        both = at.dropna(subset=effect)
        assert len(both) and (both[cause] < both[effect]).all()


def test_what_is_decided_is_not_shown_again(crowd):
    e = crowd["events"]
    shown = e[e[Cols.event] == Event.impression].groupby([Cols.user_id, Cols.artwork_id])[Cols.ts].max()
    decided = e[e[Cols.event].isin([Event.like, Event.hide])].set_index([Cols.user_id, Cols.artwork_id])[Cols.ts]
    assert not decided.index.duplicated().any()
    assert (shown.reindex(decided.index) < decided).all()


def test_pages_hold_a_work_once_and_positions_are_counted(crowd):
    shown = crowd["events"][crowd["events"][Cols.event] == Event.impression]
    assert not shown.duplicated([Cols.request_id, Cols.artwork_id]).any()
    assert not shown.duplicated([Cols.request_id, Cols.position]).any()
    assert shown[Cols.position].between(1, Behaviour().page_size).all()


def test_propensities_are_probabilities_of_the_known_policy(crowd):
    shown = crowd["events"][crowd["events"][Cols.event] == Event.impression]
    p = shown[Cols.propensity].dropna()
    assert ((p > 0) & (p < 1)).all() and shown[Cols.propensity].isna().mean() < 0.2
    # the mean of 1/p over slots that were drawn estimates the number of works the policy can show
    assert 100 < (1 / p).mean() < 300


def test_activity_has_a_heavy_tail_and_lower_positions_are_clicked_less(crowd):
    e = crowd["events"][crowd["events"][Cols.propensity].notna()]
    likes = crowd["events"].query('event == "like"')[Cols.user_id].value_counts()
    assert likes.max() > 3 * likes.median()
    n = e.groupby([Cols.position, Cols.event]).size().unstack(fill_value=0)
    rate = n["click"] / n["impression"]
    assert rate.iloc[:4].mean() > 1.2 * rate.iloc[-4:].mean()


def test_same_seed_same_bytes_and_another_seed_another_log(crowd, tmp_path):
    def digest(s):
        return [Home.of(s).file(f).read_bytes() for f in ("users.parquet", "events.parquet", "users_truth.npz")]

    again = crowd["settings"].model_copy(update={"home": tmp_path / "again"})
    write_parquet(catalogue(), Home.of(again).file("enriched.parquet"))
    make_users(again)
    assert digest(again) == digest(crowd["settings"])
    make_users(again.model_copy(update={"seed": 7}))
    assert digest(again)[1] != digest(crowd["settings"])[1]


@pytest.mark.parametrize("days", [1, 3, 2000])
def test_any_number_of_days(days):
    works = catalogue(60)
    attributes = artwork_attributes(works)
    near, alike = companions(works, attributes, 1)
    ids = [f"u{i}" for i in range(80)]
    truth = draw_truth(works, attributes, *seed_works(80, near, alike, 1), near, alike, ids, 1)
    settings = load_settings("smoke", days=days)
    ts = pa.concat_tables(simulate_events(truth, settings)).to_pandas()[Cols.ts]
    end = pd.Timestamp(settings.end_date, tz="UTC") + pd.Timedelta(days=1)
    assert ts.max() < end and ts.min() >= end - pd.Timedelta(days=days)


def test_chunks_have_one_schema_and_users_in_order_of_time():
    works = catalogue(60)
    attributes = artwork_attributes(works)
    near, alike = companions(works, attributes, 1)
    ids = [f"u{i:04d}" for i in range(1200)]
    truth = draw_truth(works, attributes, *seed_works(1200, near, alike, 1), near, alike, ids, 1)
    chunks = list(simulate_events(truth, load_settings("smoke")))
    assert len(chunks) == 2 and all(c.schema == EVENT_SCHEMA for c in chunks)
    e = pa.concat_tables(chunks).to_pandas()
    assert e[Cols.user_id].is_monotonic_increasing and not e[Cols.event_id].duplicated().any()
    assert e.groupby(Cols.user_id)[Cols.ts].is_monotonic_increasing.all()

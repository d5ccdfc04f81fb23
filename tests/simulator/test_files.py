"""Users and events that are read from files."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import Home, UserError, load_settings, read_parquet, write_parquet
from art_recsys.core import Cols
from art_recsys.simulator.files import as_times
from art_recsys.simulator.truth import Truth
from art_recsys.users import make_users
from tests.simulator.crowds import catalogue


@pytest.fixture
def own(tmp_path):
    settings = load_settings("smoke", tmp_path / "home")
    write_parquet(catalogue(20), Home.of(settings).file("enriched.parquet"))
    events = pd.DataFrame(
        {
            "event_id": ["1", "2", "3", "4"],
            "user_id": ["007", "007", "bob", "bob"],
            "artwork_id": ["w0000", "nowhere", "w0001", "w0002"],
            "event": ["like", "like", "click", "adored"],
            "ts": ["2026-01-01T10:00:00Z", "2026-01-02", "2026-01-03", "2026-01-04"],
        }
    )
    return settings, events, tmp_path


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_events_from_a_file_replace_all_invention(own, kind):
    settings, events, folder = own
    path = folder / f"e.{kind}"
    {
        "csv": lambda: events.to_csv(path, index=False),
        "parquet": lambda: events.to_parquet(path),
        "jsonl": lambda: events.to_json(path, orient="records", lines=True),
    }[kind]()
    make_users(settings.model_copy(update={"n_users": 5}))
    summary = make_users(settings.model_copy(update={"events_file": path}))
    home = Home.of(settings)
    assert summary["source"] == "files" and summary["users"] == 2 and summary["events"] == 2
    assert summary["problems"] == {"event of an unknown work": 1, "unknown kind of event": 1}
    assert list(read_parquet(home.file("users.parquet"))[Cols.user_id]) == ["007", "bob"]
    with pytest.raises(UserError, match="only synthetic"):
        Truth.load(home.file("users_truth.npz"))


def test_events_without_ids_are_numbered_by_their_rows(own):
    settings, events, folder = own
    events.drop(columns="event_id").to_csv(folder / "e.csv", index=False)
    make_users(settings.model_copy(update={"events_file": folder / "e.csv"}))
    read = read_parquet(Home.of(settings).file("events.parquet"))
    assert dict(zip(read[Cols.event_id], read[Cols.artwork_id], strict=True)) == {"row-1": "w0000", "row-3": "w0001"}


def test_users_of_events_are_added_to_those_of_the_file(own):
    settings, events, folder = own
    events.to_parquet(folder / "e.parquet")
    pd.DataFrame({"user_id": ["bob", "bob", "eve"], "age": [41, 41, 999], "gender": ["male", "m", "F"]}).to_parquet(
        folder / "u.parquet"
    )
    summary = make_users(
        settings.model_copy(update={"events_file": folder / "e.parquet", "users_file": folder / "u.parquet"})
    )
    users = read_parquet(Home.of(settings).file("users.parquet")).set_index(Cols.user_id)
    assert set(users.index) == {"bob", "eve", "007"} and users.gender["bob"] == "M" and np.isnan(users.age["eve"])
    assert summary["problems"]["duplicate user id"] == 1 and summary["problems"]["user known from events only"] == 1


@pytest.mark.parametrize(
    "break_it, words",
    [
        (lambda e, p: e.drop(columns="ts").to_csv(p, index=False), "no column ts"),
        (lambda e, p: e.assign(artwork_id="x").to_csv(p, index=False), "No event of"),
        (lambda e, p: None, "no such file"),
    ],
)
def test_event_files_that_cannot_be_used_are_named(own, break_it, words):
    settings, events, folder = own
    break_it(events, folder / "e.csv")
    with pytest.raises(UserError, match=words):
        make_users(settings.model_copy(update={"events_file": folder / "e.csv"}))


NOON = pd.Timestamp("2026-01-01T12:00:00Z")


@pytest.mark.parametrize("unit, factor", [("seconds", 1), ("milli", 10**3), ("micro", 10**6), ("nano", 10**9)])
@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_numbers_since_1970_are_read_in_their_unit(own, unit, factor, kind):
    settings, events, folder = own
    events = events.assign(ts=int(NOON.timestamp()) * factor)
    path = folder / f"e.{kind}"
    if kind == "csv":
        events.to_csv(path, index=False)
    elif kind == "jsonl":
        events.to_json(path, orient="records", lines=True)
    else:
        events.to_parquet(path)
    make_users(settings.model_copy(update={"events_file": path}))
    assert set(read_parquet(Home.of(settings).file("events.parquet"))[Cols.ts]) == {NOON}


def test_numbers_as_text_are_times_too_and_other_texts_are_left_alone():
    assert as_times(pd.Series(["1767268800000", "1767268800000"])).tolist() == [NOON, NOON]
    texts = pd.Series(["2026-01-01", "soon", None])
    assert as_times(texts) is texts


@pytest.mark.parametrize(
    "change, words",
    [
        (dict(ts="last week"), "write ts as 2026"),
        (dict(event="adored"), "name the kinds impression"),
        (dict(artwork_id="x"), "the artwork_id that the catalogue has"),
        (dict(user_id=""), "give every row"),
    ],
)
def test_why_no_event_can_be_used_has_its_own_remedy(own, change, words):
    settings, events, folder = own
    events.assign(**change).to_csv(folder / "e.csv", index=False)
    with pytest.raises(UserError, match="No event of") as e:
        make_users(settings.model_copy(update={"events_file": folder / "e.csv"}))
    assert words in e.value.remedy


def test_columns_of_users_and_events_are_mapped(own):
    settings, events, folder = own
    events.rename(columns={"user_id": "who", "ts": "when"}).to_csv(folder / "e.csv", index=False)
    pd.DataFrame({"who": ["bob"], "years": [41]}).to_csv(folder / "u.csv", index=False)
    columns = "title=name,events.user_id=who,events.ts=when,users.user_id=who,users.age=years"
    files = {"events_file": folder / "e.csv", "users_file": folder / "u.csv", "columns": columns}
    make_users(settings.model_copy(update=files))
    users = read_parquet(Home.of(settings).file("users.parquet")).set_index(Cols.user_id)
    assert users.age["bob"] == 41 and set(users.index) == {"bob", "007"}


def test_users_without_events_are_refused(own):
    settings, _, folder = own
    with pytest.raises(UserError, match="events_file is not"):
        make_users(settings.model_copy(update={"users_file": folder / "u.csv"}))

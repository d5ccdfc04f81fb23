"""Users and events that are read from files."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import Home, UserError, load_settings, read_parquet, write_parquet
from art_recsys.core import Cols
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


def test_users_without_events_are_refused(own):
    settings, _, folder = own
    with pytest.raises(UserError, match="events_file is not"):
        make_users(settings.model_copy(update={"users_file": folder / "u.csv"}))

"""Settings, files and frames at their edges; what they are for is shown in nbs/00_core.ipynb."""

import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import (
    Home,
    UserError,
    load_settings,
    read_parquet,
    rng,
    secret,
    settings_file,
    write_atomic,
    write_parquet,
)
from art_recsys.core import (
    EVENT_COLS,
    Cols,
    Event,
    as_artworks,
    as_events,
    as_users,
    histories,
    positives,
    seen,
    split_by_time,
)


@pytest.fixture
def ini(tmp_path, monkeypatch):
    "A settings.ini of one's own, in an empty folder"
    monkeypatch.chdir(tmp_path)

    def write(text, **kw):
        (tmp_path / "settings.ini").write_text(text, **kw)
        return tmp_path

    return write


def test_sections_override_the_default(ini):
    ini("[DEFAULT]\nn_users = 5\nseed = 1\n[smoke]\nn_users = 3\n")
    assert (load_settings().n_users, load_settings("smoke").n_users, load_settings("smoke").seed) == (5, 3, 1)


def test_environment_beats_the_file_and_arguments_beat_both(ini, monkeypatch):
    ini("[DEFAULT]\nn_users = 5\n")
    monkeypatch.setenv("ART_RECSYS_N_USERS", "6")
    assert load_settings().n_users == 6
    assert load_settings(n_users=7).n_users == 7


def test_environment_picks_the_section(ini, monkeypatch):
    ini("[DEFAULT]\nn_users = 5\n[smoke]\nn_users = 3\n")
    monkeypatch.setenv("ART_RECSYS_SECTION", "smoke")
    assert load_settings().n_users == 3


@pytest.mark.parametrize(
    "text, named",
    [
        ("[DEFAULT]\nn_user = 5\n", "n_user is not a setting. Did you mean n_users"),
        ("[DEFAULT]\nn_users = lots\n", r"settings.ini \[DEFAULT\]: n_users"),
        ("[DEFAULT]\nn_users = 0\n", "n_users"),
        ("[DEFAULT]\ntemperature = nan\n", "temperature"),
        ("[DEFAULT]\nwriter = poet\n", "writer"),
        ("[DEFAULT]\nend_date = soon\n", "end_date"),
        ("n_users = 5\n", "settings.ini cannot be read"),
        ("[DEFAULT]\nsecret_key = x\n", "secret_key is not a setting"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(ini, text, named):
    ini(text)
    with pytest.raises(UserError, match=named):
        load_settings()


def test_a_file_that_is_not_text_is_said_to_be_so(ini, tmp_path):
    ini("")
    (tmp_path / "settings.ini").write_bytes(b"\xff\xfe\x00garbage")
    with pytest.raises(UserError, match="cannot be read"):
        load_settings()


def test_unknown_section_names_the_known_ones(ini):
    ini("[DEFAULT]\n[smoke]\n")
    with pytest.raises(UserError, match="DEFAULT, smoke"):
        load_settings("big")


def test_unknown_variable_is_an_error(ini, monkeypatch):
    ini("[DEFAULT]\n")
    monkeypatch.setenv("ART_RECSYS_N_USER", "3")
    with pytest.raises(UserError, match="ART_RECSYS_n_user"):
        load_settings()


def test_without_a_file_the_built_in_values_serve(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert settings_file(tmp_path) is None
    assert load_settings().n_artworks == 1000


def test_paths_in_the_file_are_relative_to_it(ini, monkeypatch):
    folder = ini("[DEFAULT]\nartworks_file = works.csv\n")
    (folder / "deep").mkdir()
    monkeypatch.chdir(folder / "deep")
    assert load_settings().artworks_file == folder / "works.csv"
    assert load_settings().home == folder / ".art_recsys/default"


def test_secrets_come_from_the_environment_or_dotenv(ini, monkeypatch):
    folder = ini("[DEFAULT]\n")
    assert secret("OPENAI_API_KEY") is None
    (folder / ".env").write_text("OPENAI_API_KEY=from-file\n")
    assert secret("OPENAI_API_KEY") == "from-file"
    monkeypatch.setenv("OPENAI_API_KEY", "from-env")
    assert secret("OPENAI_API_KEY") == "from-env"


def test_a_home_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="--home"):
        Home.of(load_settings(home=tmp_path / "file" / "home"))


def test_kill_9_in_the_middle_of_a_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "works.parquet"
    write_parquet(pd.DataFrame({"a": [1]}), target)
    code = (
        "import os, signal, sys; from art_recsys.core import write_atomic\n"
        'with write_atomic(sys.argv[1]) as p: p.write_text("half"); os.kill(os.getpid(), signal.SIGKILL)'
    )
    assert subprocess.run([sys.executable, "-c", code, str(target)]).returncode == -9
    assert read_parquet(target).a.tolist() == [1]


def test_a_folder_is_replaced_whole(tmp_path):
    for content in "old", "new":
        with write_atomic(tmp_path / "model") as p:
            p.mkdir()
            (p / "weights").write_text(content)
    assert (tmp_path / "model/weights").read_text() == "new"
    assert os.listdir(tmp_path) == ["model"]


def test_a_broken_parquet_is_named(tmp_path):
    (tmp_path / "events.parquet").write_bytes(b"garbage")
    with pytest.raises(UserError, match="events.parquet"):
        read_parquet(tmp_path / "events.parquet")
    with pytest.raises(UserError, match="users.parquet is not in this home"):
        read_parquet(tmp_path / "users.parquet")


def test_artworks_of_every_shape_come_into_house_form():
    works = as_artworks(
        pd.DataFrame(
            {
                "artwork_id": [1.0, 2.0],
                "title": ["A", "B"],
                "tags": [["x", None], "y"],
                "year_start": ["1900", "n.d."],
                "extra": [1, 2],
            }
        )
    )
    assert works.artwork_id.tolist() == ["1", "2"] and works.tags.tolist() == [["x"], ["y"]]
    assert works.year_start.tolist()[0] == 1900 and np.isnan(works.year_start[1])
    assert works.columns[-1] == "extra" and (works.artist == "").all() and works.palette.tolist() == [[], []]


def test_empty_frames_keep_their_columns():
    events = as_events(pd.DataFrame(columns=EVENT_COLS[:5]))
    assert list(events.columns) == EVENT_COLS and str(events.ts.dtype) == "datetime64[us, UTC]"
    assert positives(events).empty and seen(events).empty and histories(events, 3) == {}
    assert [len(f) for f in split_by_time(events, 0.1)] == [0, 0]


def test_users_are_cleaned_not_guessed():
    report = Counter()
    users = as_users(
        pd.DataFrame({"user_id": ["a", "a", "b", None], "age": [30, 31, -4, 5], "gender": ["female", "M", "x", "F"]}),
        report,
    )
    assert users.user_id.tolist() == ["a", "b"] and users.gender.tolist() == ["F", ""] and np.isnan(users.age[1])
    assert report == {"duplicate user id": 1, "user without an id": 1}


def _events(*rows):
    return as_events(pd.DataFrame([(str(i), *r) for i, r in enumerate(rows)], columns=EVENT_COLS[:5]))


def test_a_like_after_an_unlike_stands_again():
    events = _events(("u", "w", Event.like, 1), ("u", "w", Event.unlike, 2), ("u", "w", Event.like, 3))
    assert len(positives(events)) == 1 and positives(events).ts[0] == pd.Timestamp(3, unit="s", tz="UTC")


def test_clicks_count_only_where_nobody_likes():
    assert len(positives(_events(("u", "w", Event.click, 1)))) == 1
    assert positives(_events(("u", "w", Event.click, 1), ("u", "v", Event.like, 2))).artwork_id.tolist() == ["v"]


def test_no_user_moves_back_in_time_across_the_split():
    gen = rng(1, "split")
    events = _events(
        *((f"u{gen.integers(9)}", f"w{gen.integers(50)}", Event.like, int(gen.integers(10**6))) for _ in range(500))
    )
    early, late = split_by_time(events, 0.2)
    assert early.ts.max() < late.ts.min() and len(early) + len(late) == 500
    assert 0.1 < len(positives(late)) / len(positives(events)) < 0.3


def test_events_at_one_moment_stay_on_one_side():
    early, late = split_by_time(_events(*(("u", f"w{i}", Event.like, 7) for i in range(10))), 0.2)
    assert early.empty and len(late) == 10


def test_house_form_is_stable():
    events = _events(("u", "w", Event.like, 1), ("u", "v", Event.hide, 2))
    pd.testing.assert_frame_equal(as_events(events), events)
    works = as_artworks(pd.DataFrame({Cols.artwork_id: ["1"], Cols.title: ["A"], Cols.tags: [["x"]]}))
    pd.testing.assert_frame_equal(as_artworks(works), works)

"""Which homes a person made or trusts, and what a home may say."""

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from art_recsys.config import (
    Home,
    UserError,
    check_home,
    home_id,
    keep_options,
    kept_options,
    load_settings,
    not_taken,
    state_folder,
    trust_home,
    write_json,
)


@pytest.fixture
def person(tmp_path, monkeypatch):
    "Become another person: `person('eve')`"

    def become(name):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / name))

    become("ann")
    return become


def made(path, **options):
    "A home that the person of now has made and run"
    keep_options(load_settings(home=path, **options), options)
    return path


def test_a_home_of_ones_own_and_its_copies_are_taken(tmp_path, person):
    home = made(tmp_path / "home", seed=7)
    shutil.copytree(home, tmp_path / "copy")
    for path in (home, tmp_path / "copy"):
        check_home(path)
        assert Home.of(load_settings(home=path)).path == path
    assert home_id(home) == home_id(tmp_path / "copy")


def test_a_home_of_another_person_is_refused_until_it_is_trusted(tmp_path, person):
    person("eve")
    home = made(tmp_path / "home", seed=7)
    person("ann")
    with pytest.raises(UserError, match=r"options\.json") as e:
        Home.of(load_settings(home=home))
    assert e.value.remedy.endswith(f"art-recsys trust --home {home}") and "any code" in e.value.what
    trust_home(home)
    Home.of(load_settings(home=home))


@pytest.mark.parametrize("mark", [None, "", "[]", '{"home": "x", "seal": "y"}', '{"home": 1, "seal": null}'])
def test_a_mark_that_somebody_wrote_by_hand_is_none(tmp_path, person, mark):
    home = made(tmp_path / "home", seed=7)
    (home / ".trust.json").unlink()
    if mark is not None:
        (home / ".trust.json").write_text(mark)
    assert home_id(home) is None
    with pytest.raises(UserError, match="not marked as yours"):
        check_home(home)


@pytest.mark.parametrize("part", ["registry", "deployments", "jobs", "datasets", "feature_store", "stages"])
def test_each_part_that_can_act_is_refused_and_tables_are_data(tmp_path, person, part):
    home = tmp_path / "home"
    home.mkdir()
    (home / "events.parquet").write_bytes(b"")
    check_home(home)
    (home / part).mkdir()
    with pytest.raises(UserError, match=part):
        check_home(home)


def test_a_link_that_leads_out_of_an_unmarked_home_is_refused(tmp_path, person):
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "cache").symlink_to(tmp_path)
    with pytest.raises(UserError, match="cache"):
        Home.of(load_settings(home=tmp_path / "home"))


def test_the_secret_is_for_its_owner_only_and_damage_is_said(tmp_path, person):
    made(tmp_path / "home")
    secret = state_folder() / "secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600 and len(secret.read_bytes()) == 32
    secret.write_bytes(b"short")
    with pytest.raises(UserError, match="damaged") as e:
        check_home(tmp_path / "home")
    assert "delete it" in e.value.remedy
    secret.unlink()
    trust_home(tmp_path / "home")  # as the remedy says
    check_home(tmp_path / "home")


def test_without_a_state_folder_the_variable_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with pytest.raises(UserError, match="secret") as e:
        Home.of(load_settings(home=tmp_path / "home"))
    assert "XDG_STATE_HOME" in e.value.remedy
    monkeypatch.setenv("XDG_STATE_HOME", "not/absolute")
    assert state_folder() == Path.home() / ".local/state/art_recsys"


def test_what_spends_or_listens_is_remembered_outside_of_the_home(tmp_path, person):
    said = dict(seed=7, writer="openai", base_url="http://127.0.0.1:9/v1", host="0.0.0.0", budget=5.0)
    home = made(tmp_path / "home", **said)
    assert json.loads((home / "options.json").read_text()) == {"seed": 7, "section": "DEFAULT"}
    assert kept_options(home) == {**said, "section": "DEFAULT"} and not_taken(home) == {}
    made(home, seed=8)
    assert kept_options(home) == {"seed": 8, "section": "DEFAULT"}, "the options of the last run"


EVIL = dict(base_url="http://evil.test", host="0.0.0.0", writer="openai", openai_model="dear", budget=1e9, home="/etc")


def test_a_home_names_no_host_no_key_and_no_price(tmp_path, person):
    home = made(tmp_path / "home", seed=7)
    write_json({"seed": 9, "section": "full", "anything": 1, **EVIL}, home / "options.json")
    assert kept_options(home) == {"seed": 9}
    assert not_taken(home) == {"section": "full", "anything": 1, **EVIL}, "[full] has writer = openai"
    write_json({"seed": 9, "section": "smoke"}, home / "options.json")
    assert kept_options(home) == {"seed": 9, "section": "smoke"}, "[smoke] only makes it small"


@pytest.mark.parametrize("text", ["", '{"seed": ', "[]", "\x00\x01"])
def test_damaged_options_are_said_with_a_remedy_that_works(tmp_path, person, text):
    home = made(tmp_path / "home", seed=7)
    (home / "options.json").write_text(text)
    with pytest.raises(UserError, match=r"options\.json is damaged") as e:
        kept_options(home)
    command = e.value.remedy.partition("(rm ")[2].partition(")")[0]
    os.unlink(command)  # what the remedy says
    assert kept_options(home) == {} and kept_options(made(home, seed=7)) == {"seed": 7, "section": "DEFAULT"}

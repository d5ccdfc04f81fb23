"""Settings: which value wins, and how a wrong one is reported."""

import pytest
from pydantic import ValidationError

from art_recsys.config import UserError, load_settings, secret, settings_file
from art_recsys.config.settings import RENAMED


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


def test_a_wrong_argument_is_an_error_that_names_it(ini):
    ini("[DEFAULT]\n[smoke]\n")
    assert load_settings("smoke", n_artworks=12).n_artworks == 12
    for wrong, message in (
        ({"n_artwork": 5}, "n_artwork is not a setting. Did you mean n_artworks"),
        ({"n_artworks": "many"}, "n_artworks = 'many' is not possible"),
        ({"section": "huge"}, "no section \\[huge\\]"),
    ):
        with pytest.raises(UserError, match=message):
            load_settings(**wrong)


def test_an_argument_cannot_name_the_section_as_a_setting(ini):
    ini("[DEFAULT]\nsection = smoke\n")
    with pytest.raises(UserError, match="section is not a setting"):
        load_settings()


def test_settings_do_not_change_during_a_run(ini):
    ini("[DEFAULT]\n")
    with pytest.raises(ValidationError, match="frozen"):
        load_settings().seed = 3


@pytest.mark.parametrize("where", ["file", "environment", "argument"])
def test_a_renamed_setting_is_an_error_that_names_the_new_one(ini, monkeypatch, where):
    monkeypatch.setitem(RENAMED, "n_visitors", "n_users")
    ini("[DEFAULT]\nn_visitors = 5\n" if where == "file" else "[DEFAULT]\n")
    if where == "environment":
        monkeypatch.setenv("ART_RECSYS_N_VISITORS", "5")
    with pytest.raises(UserError, match=r"n_visitors is not a setting any more\. It is called n_users now") as e:
        load_settings(**({"n_visitors": 5} if where == "argument" else {}))
    assert e.value.remedy == "rename it to n_users"


def test_every_renamed_setting_has_a_name_that_exists():
    fields = set(type(load_settings()).model_fields)
    assert set(RENAMED.values()) <= fields and not set(RENAMED) & fields


def test_a_named_file_that_is_missing_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("ART_RECSYS_SETTINGS", str(tmp_path / "none.ini"))
    with pytest.raises(UserError, match="ART_RECSYS_SETTINGS names"):
        settings_file()

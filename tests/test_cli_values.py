"""Values on the command line that a person can get wrong, and settings in a folder without settings.ini."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from art_recsys.config import UserError, load_settings
from art_recsys.config.settings import PACKAGED
from tests.test_foreign_home import cli

ROOT = Path(__file__).resolve().parents[1]
BYTES = os.fsdecode(b"ann\xff")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["run", "--set", "section=smoke"], ["--set cannot change section", "--section smoke"]),
        (["run", "--set", "home=x"], ["--set cannot change home", "--home x"]),
        (["run", "--set", "default_section=smoke"], ["--set cannot change default_section", "--section smoke"]),
        (["run", "--set", "end_date=0001-01-01"], ["end_date = '0001-01-01'", "2000-01-01"]),
        (["run", "--set", "end_date=9999-12-31"], ["end_date = '9999-12-31'", "2100-12-31"]),
        (["run", "--set", "server_port=99999"], ["server_port = '99999'", "65535"]),
        (["run", "--set", f"where={BYTES}"], [r"where=ann\xff", "UTF-8"]),
        (["operators", "--port", "99999"], ["--port", "65535"]),
        (["operators", "--set", "gallery_port=65535"], ["gallery_port = 65535", "--port"]),
        (["recommend", BYTES], [r"The id ann\xff is not text in UTF-8"]),
        (["like", "ann", BYTES], ["is not text in UTF-8"]),
        (["forget", BYTES], ["is not text in UTF-8"]),
        (["forget", ""], ["1 to 200 characters, not 0"]),
        (["recommend", "x" * 201], ["not 201"]),
    ],
    ids=lambda v: " ".join(v).encode("utf-8", "backslashreplace").decode()[:40],
)
def test_a_value_that_is_not_possible_is_said_in_words(tmp_path, arguments, words):
    code, said = cli(*arguments, "--home", tmp_path / "home")
    assert code == 2
    for w in words:
        assert w in said


def test_bytes_that_are_no_text_do_not_break_the_message(tmp_path):
    said = subprocess.run(
        [sys.executable, "-m", "art_recsys.cli", "recommend", b"ann\xff", "--home", str(tmp_path)], capture_output=True
    )
    assert said.returncode == 2 and b"Traceback" not in said.stderr and rb"ann\xff" in said.stderr


# ---- settings.ini in the package


def test_the_file_in_the_package_is_the_one_that_people_edit():
    assert PACKAGED.is_symlink() and PACKAGED.resolve() == ROOT / "settings.ini"


def test_sections_are_there_in_a_folder_without_a_file(tmp_path, monkeypatch):
    in_the_clone = load_settings("smoke", home=tmp_path)
    monkeypatch.chdir(tmp_path)
    assert load_settings("smoke", home=tmp_path) == in_the_clone
    assert load_settings("smoke").home == tmp_path / ".art_recsys" / "smoke"
    with pytest.raises(UserError, match="huge"):
        load_settings("huge")


def test_an_installed_package_has_them(tmp_path, wheel):
    "The wheel holds a copy of the file to which the clone only has a link"
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = "from art_recsys import config; print(config.__file__, config.load_settings('smoke').n_users)"
    (tmp_path / "empty").mkdir()
    out = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "empty",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert out == [str(tmp_path / "site" / "art_recsys" / "config" / "__init__.py"), "400"]

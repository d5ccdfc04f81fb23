"""Files are complete or not there, and SQLite serves several processes."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from art_recsys.config import UserError, open_sqlite, read_json, read_parquet, write_atomic, write_json, write_parquet


def test_kill_9_in_the_middle_of_a_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "works.parquet"
    write_parquet(pd.DataFrame({"a": [1]}), target)
    code = (
        "import os, signal, sys; from art_recsys.config import write_atomic\n"
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
    with pytest.raises(UserError, match=r"events\.parquet"):
        read_parquet(tmp_path / "events.parquet")
    with pytest.raises(UserError, match=r"users\.parquet is not in this home"):
        read_parquet(tmp_path / "users.parquet")


def test_an_error_in_the_middle_of_a_write_leaves_the_old_file_and_no_other(tmp_path):
    target = tmp_path / "works.txt"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), write_atomic(target) as p:
        p.write_text("new")
        raise ZeroDivisionError
    assert target.read_text() == "old" and os.listdir(tmp_path) == ["works.txt"]


def test_json_comes_back_as_it_was_written(tmp_path):
    write_json({"title": "Été", "n": 2}, tmp_path / "deep" / "report.json")
    assert read_json(tmp_path / "deep" / "report.json") == {"title": "Été", "n": 2}
    assert "Été" in (tmp_path / "deep" / "report.json").read_text(encoding="utf-8")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(json.JSONDecodeError):
        read_json(tmp_path / "broken.json")


def test_two_connections_see_each_others_rows(tmp_path):
    one, two = (open_sqlite(tmp_path / "likes.db") for _ in range(2))
    with one:
        one.execute("create table likes (work text)")
        one.execute("insert into likes values ('a')")
    assert two.execute("select work from likes").fetchall() == [("a",)]
    assert one.execute("pragma journal_mode").fetchone() == ("wal",)
    one.close()
    two.close()


def test_importing_config_does_not_import_pandas():
    code = "import sys, art_recsys.config; assert not {'pandas', 'pyarrow', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

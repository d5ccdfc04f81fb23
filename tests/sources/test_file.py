"""Columns of a file: the setting `columns`, what it leaves open, and what a person can get wrong."""

import gzip
import subprocess
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from art_recsys.config import UserError
from art_recsys.sources.file import file_columns, file_reader, match_columns, parse_columns, query_file, read_table


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "cabinet.csv"
    path.write_text("object_no,title,kind,year\n007,The Ferry,Painting,1871\n", encoding="utf-8")
    return path


def test_the_setting_columns():
    assert parse_columns("category=kind, tags=subjects,") == {"category": "kind", "tags": "subjects"}
    with pytest.raises(UserError, match="Did you mean category"):
        parse_columns("categroy=kind")
    with pytest.raises(UserError, match="our_column=file_column"):
        parse_columns("category")


def test_columns_of_our_name_need_no_mention(csv):
    there = file_columns(csv)
    assert there == ["object_no", "title", "kind", "year"]
    found = match_columns(there, "artwork_id=object_no,category=kind,year_start=year", csv)
    assert found == {"artwork_id": "object_no", "title": "title", "year_start": "year", "category": "kind"}


@pytest.mark.parametrize(
    "columns, words", [("", "has no column artwork_id"), ("artwork_id=object_nr", "Did you mean object_no")]
)
def test_a_column_that_is_missing_is_named(csv, columns, words):
    with pytest.raises(UserError, match=words):
        match_columns(file_columns(csv), columns, csv)


def test_a_column_stays_text_where_asked(csv):
    def first(texts):
        return query_file(f"SELECT year FROM {file_reader(csv, texts)}", csv).fetchone()[0]

    assert first(["year"]) == "1871" and first([]) == 1871
    with pytest.raises(UserError, match="There is no file"):
        file_columns(csv.with_name("nothing.csv"))
    with pytest.raises(UserError, match=r"cabinet\.csv cannot be read"):
        query_file(f"SELECT nothing FROM {file_reader(csv)}", csv)


# ---- encodings, and ids of any length


@pytest.mark.parametrize(
    "encoding, name", [("latin-1", "WINDOWS-1252"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16LE")]
)
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "jsonl"])
def test_a_file_that_is_not_utf8_is_said_with_a_command_that_works(tmp_path, encoding, name, ending):
    text = "artwork_id,title\n7,Caf\xe9\n" if "csv" in ending else '{"artwork_id": 7, "title": "Caf\xe9"}\n'
    path, raw = tmp_path / f"the works.{ending}", text.encode(encoding)
    path.write_bytes(gzip.compress(raw) if ending.endswith("gz") else raw)
    with pytest.raises(UserError, match="is not in UTF-8") as e:
        query_file(f"SELECT * FROM {file_reader(path)}", path).fetchall()
    command = e.value.remedy.partition("that file: ")[2]
    assert f"iconv -f {name} " in command
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)
    new = tmp_path / ("the works-utf8.csv" if "csv" in ending else "the works-utf8.jsonl")
    assert query_file(f"SELECT title FROM {file_reader(new)}", new).fetchall() == [("Caf\xe9",)]


def test_the_line_that_is_not_utf8_is_named(tmp_path):
    path = tmp_path / "works.csv"
    path.write_bytes(b"artwork_id,title\n1,A\n2,Caf\xe9\n")
    with pytest.raises(UserError, match="line 3 has the byte 0xE9"):
        query_file(f"SELECT * FROM {file_reader(path)}", path).fetchall()


LONG = ["99999999999999999999999", "99999999999999999999998", "18446744073709551617"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_ids_above_64_bits_keep_all_their_digits(tmp_path, ending):
    path = tmp_path / f"users.{ending}"
    lines = [f'{{"user_id": {i}, "age": 30}}' for i in LONG]
    if ending == "parquet":
        ids = pa.array([Decimal(i) for i in LONG], pa.decimal128(38, 0))
        pq.write_table(pa.table({"user_id": ids, "age": [30] * 3}), path)
    else:
        path.write_text("\n".join(lines if ending == "jsonl" else ["user_id,age", *(f"{i},30" for i in LONG)]) + "\n")
    assert read_table(path, "users", "")["user_id"].tolist() == LONG


def test_numbers_of_json_are_the_same_ids_with_and_without_a_point(tmp_path):
    path = tmp_path / "users.jsonl"
    path.write_text('{"user_id": 7.0}\n{"user_id": 99999999999999999999999}\n{"user_id": 8}\n')
    assert read_table(path, "users", "")["user_id"].tolist() == ["7", LONG[0], "8"]


def test_floating_point_ids_that_have_lost_digits_are_refused(tmp_path):
    path = tmp_path / "users.parquet"
    pq.write_table(pa.table({"user_id": [1e22, 2.0]}), path)
    with pytest.raises(UserError, match="whose last digits are lost"):
        read_table(path, "users", "")


# ---- columns of users and events


def test_columns_of_users_and_events_have_the_name_of_their_table():
    columns = "title=name,users.age=years,events.ts=time,artworks.artist=by"
    assert parse_columns(columns) == {"title": "name", "artist": "by"}
    assert parse_columns(columns, "users") == {"age": "years"} and parse_columns(columns, "events") == {"ts": "time"}
    for wrong, words in (("event.ts=time", "Did you mean events"), ("events.time=ts", "left of = stands")):
        with pytest.raises(UserError) as e:
            parse_columns(wrong)
        assert words in str(e.value)


def test_a_missing_column_of_the_events_is_named_with_a_remedy_that_works(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("event_id,user,artwork_id,event,when,shop\n1,ann,w1,like,2026-01-01,x\n")
    columns, theirs = "", {"user_id": "user", "ts": "when"}
    for _ in theirs:
        with pytest.raises(UserError, match=r"log\.csv has no column") as e:
            read_table(path, "events", columns)
        option = e.value.remedy.partition("--columns ")[2].partition("=...")[0]
        columns = f"{columns},{option}={theirs[option.removeprefix('events.')]}"  # as the remedy says
    table = read_table(path, "events", columns)
    assert table.columns.tolist() == ["event_id", "user_id", "artwork_id", "event", "ts", "shop"]
    assert table.user_id.tolist() == ["ann"]

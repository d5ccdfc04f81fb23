"""Columns of a file: the setting `columns`, what it leaves open, and what a person can get wrong."""

import pytest

from art_recsys.config import UserError
from art_recsys.sources.file import file_columns, file_reader, match_columns, parse_columns, query_file


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

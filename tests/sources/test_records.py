"""Values out of raw records, texts without hidden characters."""

import numpy as np
import pytest

from art_recsys.sources.records import (
    as_list,
    as_number,
    as_year,
    dicts_in,
    dig,
    distinct_texts,
    first_text,
    utc_time,
    years_in,
)
from art_recsys.sources.text import clean_text

RECORD = {
    "title": "Ferry",
    "images": {"web": {"url": "https://museum.example/1.jpg"}},
    "subjects": ["boat", None, "boat"],
    "parts": [{"n": 1}, 2],
}


@pytest.mark.parametrize(
    "path, value",
    [
        (("images", "web", "url"), "https://museum.example/1.jpg"),
        (("title", "web", 0), None),
        (("parts", 0, "n"), 1),
        (("parts", 9), None),
        (("nothing",), None),
    ],
)
def test_dig_follows_a_path_and_ends_in_none(path, value):
    assert dig(RECORD, *path) == value


def test_texts_out_of_anything():
    assert first_text(None, {}, True, " ", 1871) == "1871" and first_text(None, []) == ""
    assert distinct_texts(RECORD["subjects"], "sea", 7) == ["boat", "sea"]
    assert dicts_in(RECORD["parts"]) == [{"n": 1}] and dicts_in("x") == []


def test_numbers_and_times_out_of_anything():
    assert as_number(7) == 7 and all(np.isnan(as_number(v)) for v in ("7", True, None))
    assert [utc_time(t) for t in ("2024-12-12T18:41:56-06:00", "2019-11-18 09:03:30.462000", "yesterday", None)] == [
        "2024-12-13T00:41:56+00:00",
        "2019-11-18T09:03:30+00:00",
        "",
        "",
    ]


@pytest.mark.parametrize(
    "value, parts",
    [
        ("boat; sea;boat", ["boat", "sea"]),
        ("boat|a;b", ["boat", "a;b"]),
        ("['boat', 'sea']", ["boat", "sea"]),
        ("[boat, sea", ["boat", "sea"]),
        (np.array(["boat", None]), ["boat"]),
        (None, []),
        (float("nan"), []),
        (7, ["7"]),
    ],
)
def test_lists_in_every_spelling(value, parts):
    assert as_list(value) == parts


def test_years_in_every_spelling():
    assert years_in("c. 1871 or 1873") == (1871, 1873) and np.isnan(years_in("undated, no. 18710")).all()
    assert as_year("about 1890") == as_year("1890") == as_year(1890.0) == 1890 and np.isnan(as_year("undated"))


def test_hidden_characters_go_and_html_stays():
    assert clean_text("The \x1b[31mFerry\u202e\x00\U000e0041", 40) == "The [31mFerry"
    html = "<b>bold</b> & <script>alert(1)</script>"
    assert clean_text(html, 60) == html
    assert clean_text("a" * 1000, 6) == "aaaaa…"
    assert clean_text(" one\r\ntwo\rthree ", 40) == "one\ntwo\nthree"

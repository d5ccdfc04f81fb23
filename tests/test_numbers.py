"""No figure in a lesson is typed by hand: a cell of the lesson prints it, or a lesson to which the paragraph links.

A figure is a number with a decimal point, or one with a per cent sign. It is quoted when a printed number, rounded as
the text has it, is the same; 0.858 and 85.8 % are one number. Numbers in code, formulas and addresses are none.
A figure of few digits may meet another number that happens to be printed: the test finds what is stale, not all of it.
"""

import json
import re
from functools import cache

import pytest

from tests.conftest import ROOT

TEXTS = [*(nb.stem for nb in sorted((ROOT / "nbs").glob("[0-9]*.ipynb"))), "index"]
CODE = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$|https?://\S+", re.S)
FIGURE = re.compile(r"(?<![\w./-])(\d[\d,]*\.\d+|\.\d+|\d[\d,]*(?= ?%))(?![\w.]*\.\w)")
NOT_MEASURED = {  # number -> what it is
    "05_retrieval": {"0.002": "the least gain of an epoch, a constant of the training"},
    "06_ranking": {"20": "a probability that explains what calibrated means"},
    "08_deployment": {".45": "made up for an exercise", ".405": "a tenth less than .45"},
    "index": {"3.11": "Python", "3.12": "Python", "3.13": "Python"},
}


@cache
def cells(name: str) -> list[dict]:
    return json.loads((ROOT / f"nbs/{name}.ipynb").read_text())["cells"]


@cache
def printed(name: str) -> list[float]:
    "All numbers in the outputs of a notebook"
    said = ""
    for out in (out for cell in cells(name) for out in cell.get("outputs", [])):
        shown = {kind: text for kind, text in out.get("data", {}).items() if kind.startswith("text/")}  # no picture
        said += "\n".join("".join(text) for text in (out.get("text", ""), *shown.values())) + "\n"
    said = re.sub(r"<style.*?</style>|<[^>]*>", " ", said, flags=re.S).replace(",", "")
    return [float(n) for n in re.findall(r"\d+\.?\d*(?:e-?\d+)?|\.\d+", said)]


def stands_in(figure: str, numbers: list[float]) -> bool:
    text = figure.replace(",", "")
    digits = len(text.partition(".")[2])
    half = 0.5 / 10**digits + 1e-9  # a number in the middle may be rounded to either side
    return any(abs(n * unit - float(text)) < half for n in numbers for unit in (1, 100))


def unquoted(text: str, names: list[str]) -> list[str]:
    "Figures of a text that none of these notebooks prints"
    numbers = [n for name in names for n in printed(name)]
    return [f for f in FIGURE.findall(CODE.sub("", text)) if not stands_in(f, numbers)]


@pytest.mark.parametrize("name", TEXTS)
def test_a_lesson_types_no_figure_by_hand(name):
    wrong = []
    for cell in cells(name):
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            linked = [n for n in re.findall(r"\]\((\w+)\.ipynb", text) if n in TEXTS]
            wrong += [f for f in unquoted(text, [name, *linked]) if f not in NOT_MEASURED.get(name, {})]
    assert not wrong, f"{name}.ipynb says {', '.join(wrong)}, and no cell prints it"


def test_a_figure_that_nobody_printed_is_found(monkeypatch):
    monkeypatch.setattr("tests.test_numbers.printed", {"a": [0.1234, 85.8, 1104.0]}.get)
    text = "It rose from .12 to 0.35, which is 86 % of 1,104 (`0.77`, [3.5](https://a.example/0.99.html))."
    assert unquoted(text, ["a"]) == ["0.35", "3.5"]


@pytest.mark.parametrize("name", NOT_MEASURED)
def test_what_is_not_measured_still_stands_there(name):
    "An exception that nobody needs is removed"
    found = {f for c in cells(name) if c["cell_type"] == "markdown" for f in FIGURE.findall("".join(c["source"]))}
    assert set(NOT_MEASURED[name]) <= found

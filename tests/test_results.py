"""No figure of a run is typed by hand: its section names a file of `benchmarks/results/` in which it stands.

A section names a file by a link: `[load.json](results/load.json)`. It may name some of its parts only, which makes the
check sharper: `[pipeline.json](results/pipeline.json#stage_cpu,evaluation.metrics.*.ndcg@10)`. A heading begins a
section; in the changelog a point is one, in a notebook a cell. A figure is a number with a decimal point, a per cent
sign or a unit of time or memory, and every number of a table's cell without words. It stands in a file when a number
there, rounded as the text has it, is the same; .858 and 85.8 % are one number. `benchmarks/HISTORY.md` is a notebook of
earlier states, and says of itself that nobody checks it.
"""

import argparse
import importlib
import json
import math
import re
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote

import pytest

from tests.conftest import ROOT
from tests.test_numbers import CODE, FIGURE, cells, printed, stands_in

RESULTS = ROOT / "benchmarks/results"
FILES = sorted(f.name for f in RESULTS.iterdir())
TEXTS = [
    "benchmarks/README.md",
    "benchmarks/peers/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "nbs/hopsworks.ipynb",
    "nbs/index.ipynb",
    "nbs/operate.ipynb",
]
LINK = re.compile(r"results/([\w.-]+\.json)(?:#([^\s)]+))?")
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?|\.\d+")
UNIT = re.compile(r"(?<![\w./,-])\d+(?:,\d{3})*(?= ?(?:ms|s|MB|MiB|kB|GB|seconds?|minutes?|CPU seconds?)\b)")
CITED = {"movielens_cited.json"}  # measured by others, and given to us as they stand
NOT_CHECKED = {  # text, heading of a section -> why its figures stand in no file
    ("nbs/operate.ipynb", "Scale"): "limits, which are constants of the code, and sizes by multiplication",
}
NOT_MEASURED = {  # text -> figure -> what it is
    "CHANGELOG.md": {"3.11": "Python", "3.13": "Python", "90": "minutes of a path through the lessons, by their heads"},
    "SECURITY.md": {"20": "seconds, a constant"},
    "benchmarks/README.md": {"95": "per cent of an interval"},
    "benchmarks/peers/README.md": {
        "95": "per cent of an interval",
        "0.19": "a release",
        "1.3": "GB of a download, about",
        ".05": "a setting",
    },
    "nbs/hopsworks.ipynb": {"3.13": "Python"},
    "nbs/index.ipynb": {
        **{version: "Python" for version in ("3.11", "3.12", "3.13")},
        **{minutes: "minutes of lessons, by their heads" for minutes in ("90", "30")},
        "154": "GB: 100 million vectors of 384 numbers",
        "26": "GB: 100 million vectors of 64 numbers",
    },
    "nbs/operate.ipynb": {
        "1": "MB of a log; states and a per cent of a table of limits",
        "32": "MB of a batch, a constant",
        "6000": "a default",
        "600": "a default",
        "60": "a default",
        "20": "a default; seconds",
        "5": "per cent, a default; MB of a log",
        ".001": "a limit",
        "0.1": "a default",
        "0.8": "a default",
        ".3": "seconds, an aim",
    },
}


@pytest.fixture
def about(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("about")


def sections(text: str) -> list[str]:
    "A text in parts: at its headings, or at the points of the current release of a changelog"
    text = re.sub(r"^```.*?^```|<!--.*?-->", "", text, flags=re.S | re.M)
    if text.startswith("# Changelog"):
        return re.split(r"^(?=- |#)", text.split("\n## [")[1], flags=re.M)
    return re.split(r"^(?=#{1,6} )", text, flags=re.M)


@cache
def parts(name: str) -> list[str]:
    if name.endswith(".ipynb"):
        stem = name.removeprefix("nbs/").removesuffix(".ipynb")
        return ["".join(c["source"]) for c in cells(stem) if c["cell_type"] == "markdown"]
    return sections((ROOT / name).read_text())


def figures(text: str) -> list[str]:
    "What a text says in numbers that may come from a run"
    text = re.sub(r"\]\([^)]*\)|\b\d{4}-\d\d-\d\d\b|<!--.*?-->", "", CODE.sub("", text), flags=re.S)
    text = re.sub(r"(?<![\w.])-(?=\.?\d)", "", text)  # a minus is no part of the number
    found = []
    for line in text.splitlines():
        for part in line.strip().strip("|").split("|") if line.lstrip().startswith("|") else [line]:
            in_cell = line.lstrip().startswith("|") and not re.search(r"[A-Za-z]", part)
            found += NUMBER.findall(part) if in_cell else [*FIGURE.findall(part), *UNIT.findall(part)]
    return found


def numbers(value: object) -> list[float]:
    "All numbers of a value of JSON, also those in the names of its parts"
    if isinstance(value, dict):
        names = [float(n.replace(",", "")) for key in value for n in NUMBER.findall(key)]
        return names + [n for v in value.values() for n in numbers(v)]
    if isinstance(value, list):
        return [n for v in value for n in numbers(v)]
    return [abs(value)] if type(value) in (int, float) and math.isfinite(value) else []


def part_of(value: Any, path: list[str]) -> Any:
    "A part of a value of JSON; `*` takes the part of each of its values"
    if not path:
        return value
    key, *rest = path
    if key == "*":
        return [part_of(v, rest) for v in (value.values() if isinstance(value, dict) else value)]
    return part_of(value[int(key) if isinstance(value, list) else key], rest)


@cache
def numbers_of(name: str, said: str = "") -> list[float]:
    "The numbers of a result, or of the parts of it that a link names, and those of the command that made it"
    kept = json.loads((RESULTS / name).read_text())
    paths = [path.split(".") for path in unquote(said).split(",")] if said else [[]]
    value = [part_of(kept["result"], path) for path in paths]
    about = kept.get("about", {})
    told = [float(n.replace(",", "")) for n in NUMBER.findall(about.get("command", ""))]
    return numbers(value) + told + numbers(about.get("machine", {}))


def unquoted(text: str, known: list[float] | None = None) -> list[str]:
    "Figures of a section that stand in none of the files it names"
    known = [n for link in links(text) for n in numbers_of(*link)] + (known or [])
    return [f for f in figures(text) if not stands_in(f, known)]


def links(text: str) -> list[tuple[str, str]]:
    "The files that a section names, and the parts of them"
    return LINK.findall(re.sub(r"`[^`]*`", "", text))


def heading(part: str) -> str:
    return part.lstrip("# ").split("\n")[0]


def checked(name: str) -> list[str]:
    "The sections of a text whose figures must stand in files"
    return [part for part in parts(name) if (name, heading(part)) not in NOT_CHECKED]


@pytest.mark.parametrize("name", TEXTS)
def test_figures_stand_in_the_file_that_their_section_names(name):
    wrong = {}
    for part in checked(name):
        notebooks = [n for n in (name, *re.findall(r"\]\((\w+\.ipynb)", part)) if n.endswith(".ipynb")]
        said = [n for notebook in notebooks for n in printed(notebook.removeprefix("nbs/").removesuffix(".ipynb"))]
        found = [f for f in unquoted(part, said) if f not in NOT_MEASURED.get(name, {})]
        wrong |= {heading(part)[:60]: found} if found else {}
    assert not wrong, f"{name} says what no file of benchmarks/results that it names has: {wrong}"


def test_a_figure_that_is_not_in_its_file_is_found(monkeypatch):
    kept = {("a.json", ""): [0.1234, 85.8, 1104.0, 0.014], ("a.json", "b"): [7.0]}
    monkeypatch.setattr("tests.test_results.numbers_of", lambda *link: kept[link])
    text = (
        "## Title\nSee [a](results/a.json): from .12 to 0.35, which is 86 % of 1,104 ms, -.014 and not 138 ms.\n\n"
        "| one | two |\n| --- | ---: |\n| 10 works | 1,104, .12 |\n| 5.5 of 10 | 17 [-.014, 3] |\n"
    )
    assert unquoted(text) == ["0.35", "138", "5.5", "17", "3"]
    assert unquoted("See [a](results/a.json#b): 7 s and 86 %.") == ["86"]
    assert unquoted("It takes 7 s.") == ["7"], "a section that names no file"


@pytest.mark.parametrize("name", ["benchmarks/README.md", "benchmarks/peers/README.md"])
def test_a_changed_figure_is_noticed(name):
    "The last digit of each figure of a section with a file is made another one: most of these changes must be seen"
    changed, seen = 0, 0
    for part in checked(name):
        if links(part):
            known = [n for link in links(part) for n in numbers_of(*link)]
            assert unquoted(f"{part}\nIt took 98765.4321 s."), heading(part)
            for f in figures(part):
                changed += 1
                seen += not stands_in(f[:-1] + str((int(f[-1]) + 5) % 10), known)
    assert seen > 0.6 * changed, f"only {seen} of {changed} changes would be noticed: name a part of the file"


@pytest.mark.parametrize("name", FILES)
def test_a_result_says_where_it_comes_from(name, about):
    kept = json.loads((RESULTS / name).read_text())
    if name in CITED:
        assert set(kept) == {"cited", "result"} and set(kept["cited"]) == {"source", "date"}
        return
    assert set(kept) == {"about", "result"} and kept["result"]
    said = kept["about"]
    assert {"command", "commit", "seed", "machine", "python", "date"} <= set(said)
    script = re.match(r"python (benchmarks/[\w/]+\.py)\b", said["command"])
    assert script and (ROOT / script[1]).is_file(), said["command"]
    assert about.without_folders(said["command"]) == said["command"], "a folder of one machine"
    assert re.fullmatch(r"[0-9a-f]{7,40}", said["commit"]), "commit the code, then measure"
    assert said["seed"] is None or type(said["seed"]) is int
    assert {"cores", "memory_gb", "cpu"} <= set(said["machine"])
    assert datetime.fromisoformat(said["date"]).tzinfo, "a time in UTC"


def test_every_result_is_quoted():
    named = {link[0] for text in TEXTS for part in parts(text) for link in links(part)}
    assert set(FILES) - named == set(), "these files are quoted by no text"


@pytest.mark.parametrize("name", NOT_MEASURED)
def test_what_is_not_measured_still_stands_there(name):
    "An exception that nobody needs is removed"
    assert set(NOT_MEASURED[name]) <= {f for part in parts(name) for f in figures(part)}


def test_sections_that_are_not_checked_still_stand_there():
    assert set(NOT_CHECKED) <= {(name, heading(part)) for name, _ in NOT_CHECKED for part in parts(name)}


def test_the_history_says_that_nobody_checks_it():
    assert "not checked" in "\n".join((ROOT / "benchmarks/HISTORY.md").read_text().splitlines()[:6])


def test_a_command_is_kept_without_folders_of_the_machine(about):
    said = [
        "/x/benchmarks/load.py",
        "/srv/art",
        "--set",
        "text_model=/a/b/c",
        "--json",
        "/a/f.json",
        "--note=busy",
        "../d/e",
        "http://a.example/b",
    ]
    assert about.command_line(said) == "python benchmarks/load.py art --set text_model=c ../d/e http://a.example/b"


def test_a_result_is_kept_with_what_made_it(tmp_path, monkeypatch, about):
    parser = argparse.ArgumentParser()
    about.add_options(parser)
    monkeypatch.setattr("sys.argv", ["benchmarks/load.py", "--visitors", "3"])
    about.keep({"p95": 1.5}, parser.parse_args([]), 42)
    assert not list(tmp_path.iterdir()), "no file without --json"
    about.keep({"p95": 1.5}, parser.parse_args(["--json", str(tmp_path / "load.json"), "--note", "busy machine"]), 42)
    kept = json.loads((tmp_path / "load.json").read_text())
    assert kept["result"] == {"p95": 1.5} and kept["about"]["note"] == "busy machine"
    assert kept["about"]["command"] == "python benchmarks/load.py --visitors 3" and kept["about"]["seed"] == 42

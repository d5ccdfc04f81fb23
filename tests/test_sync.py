"""The package is what the notebooks say it is, README is what the index says, and the lessons keep their limits."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from nbdev.config import get_config
from nbdev.doclinks import nbglob
from nbdev.export import nb_export
from smalldocs.markdown import pandoc_id

ROOT = Path(__file__).parents[1]
CFG = get_config(ROOT)
NOTEBOOKS = sorted(Path(p) for p in nbglob(CFG.nbs_path))
LESSONS = [
    "00_core",
    "01_ingestion",
    "02_enrichment",
    "03_users",
    "04_features",
    "05_retrieval",
    "06_ranking",
    "07_recommendation",
    "08_deployment",
    "09_evaluation",
]
MOST_CELLS = {"05_retrieval": 60}  # of any other lesson: 45
MOST_EXPORTED_LINES, MOST_LINES_OF_A_CELL, MOST_LINES_BEFORE_A_RUN = 250, 20, 40


# --- the package and the README ---


def _body(p):
    return re.sub(r"^(# %% )\S*?([\w.]+\.ipynb)", r"\1\2", p.read_text().split("# %% auto", 1)[1], flags=re.M)


@pytest.mark.parametrize("nb", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_package_is_exported(nb, tmp_path):
    nb_export(nb, lib_path=tmp_path / "art_recsys")
    for f in tmp_path.rglob("*.py"):
        if f.name[0] != "_":
            assert _body(f) == _body(CFG.lib_path / f.relative_to(tmp_path / "art_recsys"))


def test_readme_is_in_step_with_the_index():
    subprocess.run([sys.executable, "tools/readme.py", "--check"], cwd=ROOT, check=True)


def read(name: str) -> tuple[str, str]:
    "Markdown of a notebook, and what its cells print"
    cells = json.loads((CFG.nbs_path / f"{name}.ipynb").read_text())["cells"]
    printed = [
        "".join(out.get("text", out.get("data", {}).get("text/plain", "")))
        for c in cells
        for out in c.get("outputs", [])
    ]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown"), "\n".join(printed)


def test_the_self_test_quotes_what_the_lessons_print():
    "Each answer on the index page has a link to a heading that exists, and no number that is not printed there"
    answers = re.findall(r"<details>\s*<summary>(.+?)</summary>(.+?)</details>", read("index")[0], re.S)
    assert len(answers) >= 6
    for question, answer in answers:
        links = re.findall(r"\]\((\w+)\.ipynb#([^)]+)\)", answer)
        assert links, f"no lesson answers: {question}"
        for name, anchor in links:
            headings = re.findall(r"^#+ (.+)$", read(name)[0], re.M)
            assert anchor in map(pandoc_id, headings), f"{name}.ipynb has no heading for #{anchor}"
        printed = "\n".join(read(name)[1] for name, _ in links)
        missing = [n for n in re.findall(r"\d+\.\d+%?", answer) if not re.search(rf"(?<!\d){n}(?!\d)", printed)]
        assert not missing, f"{question}: no lesson that is linked prints {missing}"


def test_the_lessons_are_the_ten_of_the_design():
    assert [p.stem for p in NOTEBOOKS if p.name[0].isdigit()] == LESSONS


# --- every notebook ---


@pytest.mark.parametrize("nb", NOTEBOOKS + sorted((ROOT / "dashboards").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_is_saved_clean(nb):
    text = nb.read_text()
    assert not re.search(r"/(root|home|tmp|work)/[A-Za-z0-9_.-]+", text), "a path of somebody's machine"
    for c in json.loads(text)["cells"]:
        source = "".join(c["source"])
        for out in c.get("outputs", []):
            assert out["output_type"] != "error", f"a saved error:\n{source[:200]}"
            assert out.get("name") != "stderr", f"saved stderr: {''.join(out['text'])[:300]}"


# --- the limits of a lesson ---


class Cell:
    "A cell of a lesson as the limits see it"

    def __init__(self, raw: dict):
        self.source, self.outputs = "".join(raw["source"]), raw.get("outputs", [])
        self.is_code = raw["cell_type"] == "code"
        found = re.findall(r"^\s*#\|\s*(\w+)", self.source, re.M) if self.is_code else []
        self.exported = any(d in ("export", "exports", "exporti") for d in found)
        self.hidden = "hide" in found
        self.plumbing = self.hidden or "default_exp" in found
        options = [line.strip()[2:] for line in self.source.splitlines() if re.match(r"\s*#\|.+:", line)]
        options = yaml.safe_load("\n".join(line.strip() for line in options)) if self.is_code and options else {}
        self.folded = options.get("code-fold") is True and "code-summary" in options
        self.draws = any(mime.startswith("image/") for out in self.outputs for mime in out.get("data", {}))
        self.described = isinstance(options.get("fig-alt"), str)
        lines = [line for line in self.source.splitlines() if not line.strip().startswith("#|")]
        self.lines = [line for line in lines if line.strip()]

    @property
    def imports(self) -> bool:
        "Whether it holds imports and nothing else"
        if not self.is_code:
            return False
        try:
            body = ast.parse("\n".join(self.lines)).body
        except SyntaxError:  # a magic
            return False
        return bool(body) and all(isinstance(node, ast.Import | ast.ImportFrom) for node in body)

    @property
    def runs(self) -> bool:
        "Whether a reader sees it run and sees what came out"
        return self.is_code and not self.exported and not self.hidden and bool(self.outputs)

    def __repr__(self):
        return "\n".join(self.lines)[:200]


@pytest.fixture(params=LESSONS)
def lesson(request):
    "Name and cells of a lesson"
    nb = CFG.nbs_path / f"{request.param}.ipynb"
    assert nb.is_file(), f"{nb.name} is missing"
    return request.param, [Cell(c) for c in json.loads(nb.read_text())["cells"]]


def exercises(cells: list[Cell]) -> list[Cell]:
    "The section of exercises: from its heading to the last cell, which is not part of it"
    heading = [i for i, c in enumerate(cells) if not c.is_code and c.source.startswith("## Exercises")]
    return cells[heading[0] : -1] if heading else []


def test_a_lesson_has_at_most_45_cells(lesson):
    "Exercises do not count: one may leave them out"
    name, cells = lesson
    n, most = len(cells) - len(exercises(cells)), MOST_CELLS.get(name, 45)
    assert n <= most, f"{name} has {n} cells to read, {most} are allowed"


def test_a_lesson_has_three_exercises_with_folded_solutions(lesson):
    name, cells = lesson
    told, solutions = exercises(cells)[1::2], exercises(cells)[2::2]
    titles = [c.source.split("\n", 1)[0] for c in told]
    assert len(titles) == len(solutions) == 3, f"{name}: three pairs of a task and its solution, not {titles}"
    for n, (task, solution) in enumerate(zip(told, solutions, strict=True), 1):
        assert not task.is_code and task.source.startswith(f"### Exercise {n}: "), f"{name}: {task}"
        assert len(task.lines) > 1, f"{name}: exercise {n} has only a title"
        assert solution.is_code and solution.folded and not solution.exported, (
            f"{name}: no folded solution:\n{solution}"
        )
        assert solution.runs, f"{name}: the solution of exercise {n} shows nothing"
        assert len(solution.lines) <= 15, f"{name}: the solution of exercise {n} has {len(solution.lines)} lines"


@pytest.mark.parametrize("nb", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_figure_is_described_for_who_cannot_see_it(nb):
    mute = [c for c in map(Cell, json.loads(nb.read_text())["cells"]) if c.draws and not c.described]
    assert not mute, f"{nb.name}: {len(mute)} figures without fig-alt, the first:\n{mute[0]}"


def test_a_lesson_exports_at_most_250_lines(lesson):
    name, cells = lesson
    n = sum(len(c.lines) for c in cells if c.exported)
    assert n <= MOST_EXPORTED_LINES, f"{name} exports {n} lines"


def test_an_exported_cell_has_at_most_20_lines(lesson):
    name, cells = lesson
    long = [c for c in cells if c.exported and not c.imports and len(c.lines) > MOST_LINES_OF_A_CELL]
    assert not long, f"{name}: {len(long)} long cells, of {[len(c.lines) for c in long]} lines, the first:\n{long[0]}"


def test_a_lesson_runs_what_it_exports(lesson):
    name, cells = lesson
    waiting, worst, where = 0, 0, None
    for c in cells:
        if c.runs:
            waiting = 0
        elif c.exported and not c.imports:
            waiting += len(c.lines)
        if waiting > worst:
            worst, where = waiting, c
    assert worst <= MOST_LINES_BEFORE_A_RUN, f"{name}: {worst} exported lines before a cell shows one at work:\n{where}"


def test_a_lesson_opens_with_its_title_and_soon_shows_data(lesson):
    name, cells = lesson
    assert re.match(r"# .+\n+> .+", cells[0].source), f"{name} begins with\n{cells[0]}"
    told = [c for c in cells if not c.plumbing and not c.imports][:5]
    assert any(c.runs for c in told), f"{name}: no output in the first five cells (plumbing and imports do not count)"


def test_a_lesson_ends_with_what_we_now_know(lesson):
    name, cells = lesson
    assert not cells[-1].is_code and "what we now know" in cells[-1].source.lower(), f"{name} ends with\n{cells[-1]}"


def test_no_sentence_is_split_by_a_code_cell(lesson):
    name, cells = lesson
    prose = [c for c in cells if not c.is_code and c.lines]
    begun = [c for c in prose if re.match(r"[a-z…]", c.lines[0])]
    ended = [
        c for c in prose if re.search(r"[a-z,;…]$", c.lines[-1]) and not re.match(r"\s*([#|>*-]|\d+\.|<)", c.lines[-1])
    ]
    assert not begun, f"{name}: a cell continues a sentence:\n{begun[0]}"
    assert not ended, f"{name}: a cell stops within a sentence:\n{ended[0]}"


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_imports_only_what_it_uses(name):
    module, ruff = CFG.lib_path / f"{name[3:]}.py", Path(sys.executable).with_name("ruff")
    command = [ruff, "check", "--isolated", "--no-cache", "--select", "F401", "--output-format", "concise", module]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

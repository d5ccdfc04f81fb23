"""Architecture: imports point one way, nothing that serves imports the simulator, private names stay private."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("art_recsys", "tests", "benchmarks", "tools")


def test_imports_point_one_way():
    "The contracts under [tool.importlinter] in pyproject.toml, imports inside functions included"
    command = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def private(name: str) -> bool:
    "`_name`, but not `_` and not `__name__`"
    return name.startswith("_") and name != "_" and not name.startswith("__")


@cache
def python_files(folder: str) -> list[Path]:
    "Ours, without those that npm packages bring"
    return sorted(p for p in (ROOT / folder).rglob("*.py") if "node_modules" not in p.parts)


@cache
def module_names() -> set[str]:
    "Of all modules and packages"
    files = python_files("art_recsys")
    return {p.stem for p in files} | {p.parent.name for p in files}


def borrowed_names(path: Path) -> list[str]:
    "Private names that a module takes from another module of the project, by import or as `module._name`"
    tree, modules, found = ast.parse(path.read_text()), set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] in OURS):
            parts = [p for p in (node.module or "").split(".") if private(p) and p != "_modidx"]
            found += [f"{path.name}:{node.lineno} {name}" for name in parts]
            found += [f"{path.name}:{node.lineno} {a.name}" for a in node.names if private(a.name)]
            modules |= {a.asname or a.name for a in node.names if a.name.islower()}
        elif isinstance(node, ast.Import):
            modules |= {a.asname for a in node.names if a.asname and a.name.split(".")[0] in OURS}
    modules &= module_names()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and private(node.attr):
            found += [f"{path.name}:{node.lineno} {node.value.id}.{node.attr}"] * (node.value.id in modules)
    return found


def defined_names(tree: ast.AST) -> set[str]:
    "Names that a module defines: functions, classes, variables, and what it writes on `self`, `cls` or another object"
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            own = isinstance(node, ast.Name) or (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
            names |= {node.id if isinstance(node, ast.Name) else node.attr} if own else set()
    return names


PROTOCOLS = {"_asdict", "_fields", "_replace", "_repr_markdown_"}  # of namedtuples and of IPython
EMBEDDED = ROOT / "art_recsys" / "platform" / "embedded"


@cache
def embedded_names() -> set[str]:
    return {name for p in EMBEDDED.glob("*.py") for name in defined_names(ast.parse(p.read_text()))}


def borrowed_attributes(path: Path, text: str | None = None) -> list[str]:
    """Private attributes of objects of another module: `thing._name`, where this module defines no `_name`.

    The embedded project is one module in this sense. Its classes have the SDK's public names and no others
    (tests/contract/test_embedded_contract.py), so what they need from each other keeps its underscore.
    """
    tree = ast.parse(path.read_text() if text is None else text)
    known = defined_names(tree) | PROTOCOLS
    if path.is_relative_to(EMBEDDED):
        known |= embedded_names()
        known |= {"_verify_schema_compatibility"}  # the SDK's
    return [
        f"{path.name}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and private(node.attr)
        and node.attr not in known
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    ]


def test_private_attributes_are_found():
    text = "class A:\n    def f(self, other):\n        self._own = other._own\n        return other._secret, self._base"
    assert borrowed_attributes(ROOT / "a.py", text) == ["a.py:4 other._secret"]


@pytest.mark.parametrize("folder", [f for f in OURS if f != "tests"])
def test_private_attributes_stay_in_their_module(folder):
    found = [name for path in python_files(folder) for name in borrowed_attributes(path)]
    assert not found, "private attributes of another module's objects: " + ", ".join(found)


@pytest.mark.parametrize("folder", OURS)
def test_private_names_stay_in_their_module(folder):
    found = [name for path in python_files(folder) for name in borrowed_names(path)]
    assert not found, "private names of another module: " + ", ".join(found)


def test_private_names_stay_in_their_notebook():
    ruff = Path(sys.executable).with_name("ruff")
    command = [ruff, "check", "--preview", "--select", "PLC2701", "--output-format", "concise", "nbs", "dashboards"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


LESSONS = {p.stem[3:] for p in (ROOT / "nbs").glob("[0-9]*.ipynb")}


def test_a_plain_module_has_at_most_400_lines():
    plain = [p for p in python_files("art_recsys") if p.stem not in {*LESSONS, "_modidx"}]
    long = {str(p.relative_to(ROOT)): n for p in plain if (n := len(p.read_text().splitlines())) > 400}
    assert not long, f"two modules each: {long}"

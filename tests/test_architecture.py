"""Architecture: imports point one way, nothing that serves imports the simulator, private names stay private."""

import ast
import subprocess
import sys
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
    modules &= {p.stem for p in (ROOT / "art_recsys").rglob("*.py")} | {
        p.name for p in (ROOT / "art_recsys").rglob("*")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and private(node.attr):
            found += [f"{path.name}:{node.lineno} {node.value.id}.{node.attr}"] * (node.value.id in modules)
    return found


@pytest.mark.parametrize("folder", OURS)
def test_private_names_stay_in_their_module(folder):
    found = [name for path in sorted((ROOT / folder).rglob("*.py")) for name in borrowed_names(path)]
    assert not found, "private names of another module: " + ", ".join(found)


def test_private_names_stay_in_their_notebook():
    ruff = Path(sys.executable).with_name("ruff")
    command = [ruff, "check", "--preview", "--select", "PLC2701", "--output-format", "concise", "nbs", "dashboards"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


LESSONS = {p.stem[3:] for p in (ROOT / "nbs").glob("[0-9]*.ipynb")}


def test_a_plain_module_has_at_most_400_lines():
    plain = [p for p in sorted((ROOT / "art_recsys").rglob("*.py")) if p.stem not in {*LESSONS, "_modidx"}]
    long = {str(p.relative_to(ROOT)): n for p in plain if (n := len(p.read_text().splitlines())) > 400}
    assert not long, f"two modules each: {long}"

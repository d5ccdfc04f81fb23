"""Fixtures that several test files share: a clean environment, one whole tiny museum, and the shared real data."""

import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

from art_recsys.config import load_settings

os.environ["NUMBA_DISABLE_JIT"] = "1"  # ranx would compile for longer than it computes
os.environ["HF_HUB_OFFLINE"] = "1"  # read at import: an unknown model is refused at once

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
LONG = [  # half a minute and more each; these begin in this order
    "contract",
    "tests/browser/test_gallery.py",
    "tests/test_retrieval.py",
    "tests/test_refresh.py",
    "tests/test_cli.py",
    "tests/test_ranking.py",
    "tests/browser/test_rooms.py",
    "tests/models/test_interests.py",
    "tests/reports/test_thorough.py",
    "tests/serving/test_releases.py",
    "tests/models/test_choice.py",
    "tests/browser/test_operators.py",
    "tests/tables/test_expressions.py",  # with Spark
    "tests/test_benchmarks.py",
]
TINY = dict(
    n_artworks=80,
    n_users=120,
    picture_size=96,
    epochs=3,
    batch_size=64,
    embedding_dim=16,
    n_candidates=40,
    page_size=12,
)


def group_of(nodeid):
    "One process per file, and one for all of the contract: the SDK fixes the ports of the server behind it"
    file = nodeid.split("::")[0]
    return "contract" if file.startswith("tests/contract/") else file


class ByGroup(LoadScopeScheduling):
    "xdist's scheduler for whole groups (its own `loadgroup` does not work with pytest 9.2)"

    def _split_scope(self, nodeid):
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return ByGroup(config, log)


def pytest_configure(config):
    "The homes of the tests are marked with a secret of their own, which all processes of a run share"
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="art_recsys-tests-")
        config.add_cleanup(lambda: shutil.rmtree(os.environ["XDG_STATE_HOME"], ignore_errors=True))


@pytest.hookimpl(trylast=True)  # after pytest-randomly
def pytest_collection_modifyitems(items):
    "Long groups begin first, so that no process is still at one while the others have ended; the rest stays as it is"
    place = {group: n for n, group in enumerate(LONG)}
    items.sort(key=lambda item: place.get(group_of(item.nodeid), len(LONG)))


def pytest_collection_finish():
    "What the imports made stays: without it, each full collection of garbage would look through millions of objects"
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    "No setting or key of the person who runs the tests leaks into them"
    for name in [
        k
        for k in os.environ
        if k.startswith("ART_RECSYS_") or k in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HOPSWORKS_API_KEY")
    ]:
        monkeypatch.delenv(name)


@pytest.fixture
def api():
    "A fake server of OpenAI with its `url`; the test sets its `replies`"
    from tests.language.openai_standin import StandIn, serving

    server = StandIn()
    with serving(server) as url:
        server.url = url
        yield server


@pytest.fixture
def tiny(tmp_path):
    "Settings of a tiny museum in an empty home"
    return load_settings("smoke", tmp_path / "home", **TINY)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """Settings of a tiny museum through which the whole pipeline has run; read it, do not change it.

    The pipeline runs once for all workers of xdist. Each worker has a copy of the home, for servers of two workers
    in one home would take each other's place."""
    from art_recsys.pipeline import run

    ports = {"server_port": 0, "gallery_port": 0}
    home = tmp_path_factory.mktemp("museum") / "home"
    settings = load_settings("smoke", home, **ports, **TINY)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        run(settings)
        return settings
    shared = tmp_path_factory.getbasetemp().parent / "museum"
    with FileLock(f"{shared}.lock"):
        if not shared.is_dir():
            made = shared.with_name("museum-being-made")
            run(load_settings("smoke", made, **ports, **TINY))
            made.rename(shared)
    shutil.copytree(shared, home)
    return settings


@pytest.fixture(scope="module")
def chromium():
    "A running browser, for the tests of one module: its event loop would stop `asyncio.run` in others"
    from tests.browser.chromium import launched

    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def shared():
    "Folder of real data beside the project; absent on a machine that only has the clone"
    if not SHARED.is_dir():
        pytest.skip("real data (../shared/data) is not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def hopsworks_environment(tmp_path_factory):
    "Variables with which `login` reaches a contract server, in this process or in another one"
    from tests.contract.hopsworks_server import serve

    folder = tmp_path_factory.mktemp("hopsworks")
    with serve(folder) as environment:
        yield environment | {"HOPSWORKS_CERT_FOLDER": str(folder / "certs")}


@pytest.fixture(scope="session")
def hopsworks_project(hopsworks_environment, tmp_path_factory):
    "The real SDK, logged in to the contract server by our own `login`"
    from art_recsys.platform.login import login
    from tests.contract.impatient import impatient

    with pytest.MonkeyPatch.context() as patch:
        for name, value in hopsworks_environment.items():
            patch.setenv(name, value)
        project = login(load_settings("smoke", tmp_path_factory.mktemp("unused")))
    with pytest.MonkeyPatch.context() as patch:
        impatient(patch)
        yield project


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    "The package as `pip install` gets it; without an index, and without what setuptools keeps beside its sources"
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(
        ROOT / "art_recsys", source / "art_recsys", ignore=shutil.ignore_patterns("__pycache__", "node_modules")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE", "THIRD_PARTY_LICENSES"):
        shutil.copy(ROOT / name, source)
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "-w", "dist"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "."], cwd=source, check=True)
    return next(source.glob("dist/*.whl"))


@pytest.fixture(scope="session")
def hopsworks_environments(hopsworks_project, wheel):
    "Our wheel in an environment for jobs and in one for deployments, as the page on Hopsworks has it"
    metadata = zipfile.ZipFile(wheel).read(f"{'-'.join(wheel.name.split('-')[:2])}.dist-info/METADATA").decode()
    needs = wheel.with_name("requirements.txt")
    needs.write_text("\n".join(re.findall(r'^Requires-Dist: (.*?); extra == "all"', metadata, re.M)))
    files = [hopsworks_project.get_dataset_api().upload(str(path), "Resources") for path in (needs, wheel)]
    environments = hopsworks_project.get_environment_api()
    bases = {"art_recsys": "tensorflow-training-pipeline", "art_recsys_serving": "tensorflow-inference-pipeline"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "hopsworks_common.engine.environment_engine.EnvironmentEngine.POLL_INTERVAL", 0.1
        )  # not 5 seconds
        for name, base in bases.items():
            environment = environments.create_environment(name, base_environment_name=base)
            environment.install_requirements(files[0])
            environment.install_wheel(files[1])
    return environments

"""What `login` reports when a cluster refuses it; in its own process, since the SDK keeps one session per process"""

import json
import os
import subprocess
import sys

import pytest

from tests.contract.hopsworks_server import tls

SCRIPT = """
import sys
from art_recsys.config import UserError, load_settings
from art_recsys.platform.login import login
try: login(load_settings('smoke', sys.argv[1]))
except UserError as e: print('UserError', e)
"""


@pytest.mark.parametrize(
    "change, words",
    [
        ({"HOPSWORKS_API_KEY": "an-expired-key"}, ["401", "HOPSWORKS_API_KEY is still valid"]),
        ({"HOPSWORKS_PORT": "1"}, ["ConnectionError", "check HOPSWORKS_HOST"]),
        ({"HOPSWORKS_TRUST_STORE_PATH": "OTHER"}, ["SSLClientError", "HOPSWORKS_TRUST_STORE_PATH"]),
        ({"HOPSWORKS_HOST": ""}, ["HOPSWORKS_HOST is not"]),
    ],
    ids=["expired key", "wrong host", "TLS not trusted", "no host"],
)
def test_a_login_that_fails_names_the_setting_and_asks_nothing(hopsworks_environment, tmp_path, change, words):
    if "HOPSWORKS_TRUST_STORE_PATH" in change:
        change = {"HOPSWORKS_TRUST_STORE_PATH": str(tls.make(tmp_path / "other")[0])}
    env = (
        os.environ
        | hopsworks_environment
        | {"HOPSWORKS_CERT_FOLDER": str(tmp_path / "certs"), "PYTHONPATH": os.getcwd()}
        | change
    )
    out = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "home")],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert "UserError" in out.stdout and all(w in out.stdout for w in words), out.stdout + out.stderr


def test_status_names_host_and_project_and_what_went_wrong(hopsworks_environment, tmp_path):
    env = (
        os.environ
        | hopsworks_environment
        | {"HOPSWORKS_CERT_FOLDER": str(tmp_path / "certs"), "PYTHONPATH": os.getcwd()}
    )
    status = lambda **change: subprocess.run(  # noqa: E731
        [sys.executable, "-m", "art_recsys.cli", "status", "--json", "--home", str(tmp_path / "home")],
        env=env | change,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    there = {"name": "Hopsworks", "host": "127.0.0.1", "port": env["HOPSWORKS_PORT"], "project": "museum"}
    good, expired = status(), status(HOPSWORKS_API_KEY="an-expired-key")
    assert good.returncode == 0 and json.loads(good.stdout)["platform"] == there | {"error": None}, (
        good.stdout + good.stderr
    )
    told = json.loads(expired.stdout)["platform"]
    assert expired.returncode == 2 and "HOPSWORKS_API_KEY is still valid" in told.pop("error") and told == there
    assert "HOPSWORKS_API_KEY is still valid" in expired.stderr and "Traceback" not in expired.stderr
    for out in (good, expired):
        assert "expired-key" not in out.stdout + out.stderr and env["HOPSWORKS_API_KEY"] not in out.stdout + out.stderr


def test_in_a_container_of_the_cluster_no_key_is_asked_for(monkeypatch, tmp_path):
    import hopsworks

    from art_recsys.config import load_settings
    from art_recsys.platform.login import _hopsworks, login

    asked = []
    monkeypatch.setattr(hopsworks, "login", lambda **how: asked.append(how) or "the project")
    monkeypatch.setenv("REST_ENDPOINT", "https://hopsworks.here")
    _hopsworks.cache_clear()
    try:
        assert [login(load_settings("smoke", tmp_path)) for _ in range(2)] == ["the project"] * 2
    finally:
        _hopsworks.cache_clear()
    assert asked == [{"engine": "python"}]  # once, and with no key

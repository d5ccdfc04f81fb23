"""Logging in: never a question at the keyboard, and every cause has its message."""

import pytest

from art_recsys.config import UserError, load_settings
from art_recsys.platform import login as login_module
from art_recsys.platform.login import login


def test_login_never_asks(monkeypatch, tmp_path):
    settings = load_settings("smoke", tmp_path / "home")
    assert login(settings).name == "art_recsys"
    monkeypatch.setenv("HOPSWORKS_API_KEY", "k")
    for name in ("HOPSWORKS_HOST", "HOPSWORKS_PROJECT", "HOPSWORKS_PORT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UserError, match="HOPSWORKS_HOST and HOPSWORKS_PROJECT"):
        login(settings)
    monkeypatch.setenv("HOPSWORKS_HOST", "127.0.0.1")
    with pytest.raises(UserError, match="but HOPSWORKS_PROJECT is not"):
        login(settings)


def test_login_goes_where_it_is_told(monkeypatch, tmp_path):
    import hopsworks

    asked = {}
    monkeypatch.setattr(hopsworks, "login", lambda **kwargs: asked.update(kwargs) or "the project")
    for name, value in dict(API_KEY="k1", HOST="hops.test", PROJECT="art", PORT="8443").items():
        monkeypatch.setenv(f"HOPSWORKS_{name}", value)
    assert login(load_settings("smoke", tmp_path / "home")) == "the project"
    assert (asked["host"], asked["port"], asked["project"], asked["api_key_value"], asked["engine"]) == (
        "hops.test",
        8443,
        "art",
        "k1",
        "python",
    )
    login_module.hopsworks_session.cache_clear()
    monkeypatch.setattr(hopsworks, "login", lambda **kwargs: (_ for _ in ()).throw(ConnectionError("no route")))
    with pytest.raises(UserError, match=r"hops\.test refused the login"):
        login(load_settings("smoke", tmp_path / "home"))

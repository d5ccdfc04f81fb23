"""The home: one folder with all state of a run."""

import pytest

from art_recsys.config import Home, UserError, load_settings


def test_a_home_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="--home"):
        Home.of(load_settings(home=tmp_path / "file" / "home"))


def test_a_home_is_made_and_names_its_parts(tmp_path):
    home = Home.of(load_settings(home=tmp_path / "deep" / "home"))
    assert sorted(p.name for p in home.path.iterdir()) == [".trust.json", ".writable"]
    assert repr(home) == "Home(home)" and home.file("events.parquet") == home.path / "events.parquet"
    assert {p.parent for p in (home.pictures, home.cache, home.stages)} == {home.path}

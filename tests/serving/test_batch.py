"""Recommendations for all users in one file: the pages that the server would show, whole or not at all."""

import pandas as pd
import pytest

from art_recsys.config import Home
from art_recsys.core import Event
from art_recsys.serving import batch
from art_recsys.serving.loading import load_service
from art_recsys.serving.store import EventStore
from tests.test_cli import cli, said


@pytest.fixture
def service(tiny_run, tmp_path):
    settings = tiny_run.model_copy(update={"exploration": 0.0})
    with EventStore(tmp_path / "events.db") as store:
        yield load_service(settings, store)


def test_every_user_gets_the_page_of_the_server(service, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "CHUNK", 7)
    liked = service.catalogue.ids[0]
    service.store.append([{"user_id": "a visitor", "artwork_id": liked, "event": Event.like}])
    found = batch.write_pages(service, tmp_path / "new" / "pages.parquet", 5)
    df = pd.read_parquet(found["file"])
    assert list(df) == ["user_id", "artwork_id", "score", "rank"] and len(df) == found["rows"]
    assert set(df["user_id"]) == {*service.visitors.profiles, "a visitor"} and found["users"] == df["user_id"].nunique()
    for user in (*df["user_id"].unique()[:3], "a visitor"):
        shown = [i["artwork_id"] for i in service.recommend(user, 5)["items"]]
        assert df.loc[df["user_id"] == user, "artwork_id"].tolist() == shown
    assert (df.groupby("user_id")["rank"].agg(list).map(lambda r: r == [1, 2, 3, 4, 5])).all()
    assert liked not in df.loc[df["user_id"] == "a visitor", "artwork_id"].tolist()


def test_a_run_that_dies_leaves_the_file_of_before(service, tmp_path, monkeypatch):
    path = tmp_path / "pages.parquet"
    path.write_text("before")
    monkeypatch.setattr(service.recommender, "recommend", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        batch.write_pages(service, path)
    assert path.read_text() == "before" and [p.name for p in tmp_path.glob("*pages*")] == ["pages.parquet"]


def test_the_command(tiny_run, tmp_path):
    done = cli("recommend", "--all", "--out", tmp_path / "pages.parquet", "-k", 3, home=tiny_run.home)
    assert done.returncode == 0, done.stderr
    users = pd.read_parquet(Home(tiny_run.home).file("users.parquet"))["user_id"]
    assert set(users) <= set(pd.read_parquet(tmp_path / "pages.parquet")["user_id"])
    assert f"in {tmp_path / 'pages.parquet'}" in done.stdout


@pytest.mark.parametrize("arguments", [["--all"], ["--out", "x.parquet"], ["ann", "--all", "--out", "x.parquet"]])
def test_what_belongs_together(tmp_path, arguments):
    assert said(cli("recommend", *arguments, home=tmp_path), "--all", "--out")
    assert said(cli("recommend", home=tmp_path), "name one")

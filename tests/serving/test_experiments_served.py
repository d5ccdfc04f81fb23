"An experiment on real models: an arm of another release, a promotion that a rollback takes back. Loads models thrice"

import shutil

import pytest

pytest.importorskip("tensorflow")

from art_recsys.config import read_json, write_json
from art_recsys.deployment import rollback
from art_recsys.serving.experiment_file import arm_of
from art_recsys.serving.releases import Releases
from tests.serving.test_experiments import command


def test_arms_of_two_releases_are_served_and_the_promoted_setting_can_be_rolled_back(tiny_run, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(tiny_run.home, home, ignore=shutil.ignore_patterns("events.db*", ".lock"))
    settings = tiny_run.model_copy(update={"home": home, "exploration": 0.0})
    first = read_json(home / "release.json")
    version = first["version"]
    write_json(first | {"before": [first | {"version": "older"}]}, home / "release.json")
    assert command("start", "two releases", "--b", "older", home=home).exit_code == 0
    releases = Releases(settings)
    releases._begin()  # what `start` does in its thread
    service, running = releases.service, releases.experiments.running
    works = service.catalogue.ids[:3]
    pages = {}
    for n in range(12):
        likes = [{"user_id": f"v{n}", "artwork_id": a, "event": "like"} for a in works]
        assert service.send_events(likes)["accepted"] == 3
        page = service.recommend(f"v{n}", k=6)
        arm = arm_of(running, f"v{n}")
        assert page["model_version"] == {"a": version, "b": "older"}[arm]
        pages.setdefault(arm, set()).add(tuple(i["artwork_id"] for i in page["items"]))
    arms = releases.experiments.arms
    assert arms["a"].recommender is service.recommender is not arms["b"].recommender
    assert len(pages["a"]) == 1 and pages["a"] == pages["b"]  # the same models under another name
    assert command("stop", home=home).exit_code == 0
    assert command("start", "bold", "--b", "diversity=1", home=home).exit_code == 0
    releases.experiments.look(service)
    arms = releases.experiments.arms
    assert arms["b"].recommender.model is service.recommender.model  # a setting costs no second copy of the models
    gone = page["items"][0]["artwork_id"]
    smaller = service.changed(service.artworks.iloc[:0], [gone])  # a work is withdrawn over HTTP
    smaller.live_seq = service.live_seq + 1
    monkeypatch.setattr("art_recsys.serving.experiments.load_arms", None)  # nothing is read again for it
    for _ in range(2):  # before the arms know of it, and afterwards
        for n in range(12):
            assert gone not in {i["artwork_id"] for i in smaller.recommend(f"v{n}", k=60)["items"]}
        releases.experiments.look(smaller)
    monkeypatch.undo()
    arms = releases.experiments.arms
    assert arms["a"].recommender is smaller.recommender is not arms["b"].recommender
    assert len(arms["b"].recommender.steps.explain.traits.likes) == len(smaller.traits.likes)
    out = command("promote", "--force", home=home)
    assert out.exit_code == 0, out.exception
    assert releases.look() and releases.service.version == f"{version}+diversity=1.0"
    assert releases.service.settings.diversity == 1.0 and releases.service.store is service.store
    releases.experiments.look(releases.service)
    assert releases.experiments.running is None
    page = tuple(i["artwork_id"] for i in releases.service.recommend("v1", k=6)["items"])
    assert page not in pages["a"] and len(releases.service.user("v1")["likes"]) == 3
    assert rollback(settings)["version"] == version and releases.look()
    assert tuple(i["artwork_id"] for i in releases.service.recommend("v1", k=6)["items"]) in pages["a"]
    releases.service.close()

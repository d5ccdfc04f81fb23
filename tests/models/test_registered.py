"""Models of the registry: the newest one, and a new version."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from art_recsys.config import UserError, load_settings
from art_recsys.models.registered import newest, register, versions
from art_recsys.platform.login import login


def test_the_newest_version_or_a_message():
    models = {"query": [SimpleNamespace(version=v) for v in (2, 11, 9)]}
    registry = SimpleNamespace(get_models=lambda name: models.get(name, []))
    assert newest(registry, "query", "retrieval").version == 11
    assert [m.version for m in versions(registry, "query")] == [11, 9, 2] and versions(registry, "ranking") == []
    with pytest.raises(UserError, match="no complete version of the model ranking") as error:
        newest(registry, "ranking", "ranking")
    assert "art-recsys ranking --force" in str(error.value)


class Text:
    "A model that is one line"

    def save(self, path):
        path.mkdir(parents=True)
        (path / "line.txt").write_text("sea")


def test_a_model_becomes_a_new_version_that_can_be_downloaded(tmp_path):
    project = login(load_settings(home=tmp_path))
    first, second = (register(project, "query", Text(), {"top_10": n / 10}, "A line") for n in (1, 2))
    found = newest(project.get_model_registry(), "query", "retrieval")
    assert (first.version, second.version, found.version) == (1, 2, 2)
    assert found.training_metrics == {"top_10": 0.2} and found.description == "A line"
    assert (Path(found.download()) / "line.txt").read_text() == "sea"

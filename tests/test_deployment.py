"""Which pair of models is released, and what a damaged release file is answered with."""

import pytest

from art_recsys import deployment
from art_recsys.config import UserError, load_settings, write_json
from art_recsys.serving.release_file import read_release
from tests.serving.test_service import FakeRanker, FakeTower


def test_release_files(tmp_path):
    settings = load_settings(home=tmp_path)
    with pytest.raises(UserError, match="art-recsys run"):
        read_release(settings)
    for damaged in ([], {}, {"query": {}}):
        write_json(damaged, tmp_path / "release.json")
        with pytest.raises(UserError, match="art-recsys deploy"):
            read_release(settings)
    (tmp_path / "release.json").write_text('{"query"')
    with pytest.raises(UserError, match="art-recsys deploy"):
        read_release(settings)


class FakeModel:
    def __init__(self, name, version, tower, damaged=False):
        self.name, self.version, self.tower, self.damaged = name, version, tower, damaged

    def download(self):
        if self.damaged:
            raise UserError(f"Model {self.name} version {self.version} is damaged: the checksum does not match.")
        return self.tower


class FakeRegistry(list):
    def get_models(self, name):
        return [m for m in self if m.name == name]


def test_a_release_is_a_pair_that_was_trained_together(monkeypatch, tmp_path):
    "Not the latest of each: the query model whose vectors the ranking model carries"
    monkeypatch.setattr(deployment.TwoTower, "load", lambda tower: tower)
    monkeypatch.setattr(deployment.Ranker, "load", FakeRanker)
    settings, old, new = load_settings(home=tmp_path), FakeTower(seed=0), FakeTower(seed=1)

    def pair(*models):
        return [m.version for m in deployment.latest_pair(FakeRegistry(models), settings)[:2]]

    queries = FakeModel("query", 1, old), FakeModel("query", 2, new)
    assert pair(*queries, FakeModel("ranking", 1, old)) == [1, 1]
    assert pair(*queries, FakeModel("ranking", 1, old), FakeModel("ranking", 2, new)) == [2, 2]
    with pytest.raises(UserError, match="no version of query"):
        pair(*queries, FakeModel("ranking", 1, FakeTower(seed=2)))
    with pytest.raises(UserError, match="no complete version of the model ranking"):
        pair(*queries)
    with pytest.raises(UserError, match="ranking version 3 is damaged"):
        pair(*queries, FakeModel("ranking", 3, old, damaged=True))

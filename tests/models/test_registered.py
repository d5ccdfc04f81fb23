"""The newest version of a registered model."""

from types import SimpleNamespace

import pytest

from art_recsys.config import UserError
from art_recsys.models.registered import newest, versions


def test_the_newest_version_or_a_message():
    models = {"query": [SimpleNamespace(version=v) for v in (2, 11, 9)]}
    registry = SimpleNamespace(get_models=lambda name: models.get(name, []))
    assert newest(registry, "query", "retrieval").version == 11
    assert [m.version for m in versions(registry, "query")] == [11, 9, 2] and versions(registry, "ranking") == []
    with pytest.raises(UserError, match="no complete version of the model ranking") as error:
        newest(registry, "ranking", "ranking")
    assert "art-recsys ranking --force" in str(error.value)

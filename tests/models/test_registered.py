"""The newest version of a registered model."""

from types import SimpleNamespace

import pytest

from art_recsys.config import UserError
from art_recsys.models.registered import newest


def test_the_newest_version_or_a_message():
    models = {"query": [SimpleNamespace(version=v) for v in (2, 11, 9)]}
    registry = SimpleNamespace(get_models=lambda name: models.get(name, []))
    assert newest(registry, "query", "retrieval").version == 11
    with pytest.raises(UserError, match="no model ranking") as error:
        newest(registry, "ranking", "ranking")
    assert "art-recsys ranking" in str(error.value)

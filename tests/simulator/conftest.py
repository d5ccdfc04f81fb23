import pytest

from tests.simulator.crowds import make_crowd


@pytest.fixture(scope="session")
def crowd(tmp_path_factory):
    "A home with 200 works and 500 users; read it, do not change it"
    return make_crowd(tmp_path_factory.mktemp("crowd"))

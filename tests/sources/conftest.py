"""Fixtures of the tests of sources."""

import pytest

from .fake_catalogue import serve


@pytest.fixture
def catalogue():
    "A fake server on this machine that speaks like Cleveland, Chicago and Artsy"
    with serve() as m:
        yield m

"""Answers and bills on disk."""

import pytest

from art_recsys.config import UserError
from art_recsys.language.cache import ReplyCache
from art_recsys.language.replies import WriterError


def test_answers_and_refusals_are_there_in_the_next_run(tmp_path):
    cache = ReplyCache(tmp_path / "c.db")
    cache.put("k", '{"text":"A red square."}')
    cache.refuse("r", "no")
    cache.close()
    cache = ReplyCache(tmp_path / "c.db")
    assert cache.get("k") == '{"text":"A red square."}' and cache.get("other") is None and len(cache) == 1
    with pytest.raises(WriterError, match="refused: no"):
        cache.get("r")


def test_the_highest_price_is_booked_and_replaced_by_the_real_one(tmp_path):
    cache = ReplyCache(tmp_path / "c.db")
    cache.reserve("one", 0.6, budget=1)
    cache.settle("one", 0.1)
    cache.reserve("two", 0.6, budget=1)
    with pytest.raises(UserError, match=r"0\.70 are spent"):
        cache.reserve("three", 0.6, budget=1)
    assert cache.paid() == pytest.approx(0.7)
    cache.reserve("three", 0.6)

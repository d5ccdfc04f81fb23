"""What a model costs."""

import pytest

from art_recsys.config import UserError
from art_recsys.language.prices import PRICES, Price, price_of


def test_a_price_is_found_with_or_without_a_date():
    assert price_of("gpt-4o-mini-2024-07-18") == PRICES["gpt-4o-mini"] and price_of("nobody-knows") is None
    assert price_of("anything", own_server=True) == Price(0, 0, 2833)


def test_the_setting_comes_before_the_table():
    assert price_of("gpt-4o", "1,2") == Price(1, 2, 2833) and price_of("gpt-4o", "1,2,3") == Price(1, 2, 3)
    for bad in ("cheap", "1", "1,2,3,4"):
        with pytest.raises(UserError, match="token_prices"):
            price_of("gpt-4o", bad)


def test_a_batch_costs_half():
    assert Price(2, 10, 0).dollars(1e6, 1e5) == 3 and Price(2, 10, 0).dollars(1e6, 1e5, batch=True) == 1.5

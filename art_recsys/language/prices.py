"""What language models cost: dollars per million tokens, from https://openai.com/api/pricing as of `PRICES_OF`."""

import re
from dataclasses import dataclass

from art_recsys.config import UserError

__all__ = ["PRICES", "PRICES_OF", "Price", "price_of"]

PRICES_OF = "2025-08"  # month of the table; prices change, look them up before a large run


@dataclass(frozen=True)
class Price:
    "Dollars per million tokens, and what a picture counts"

    input: float  # dollars per million tokens sent
    output: float  # dollars per million tokens answered
    image: int  # tokens of a picture at low detail

    def dollars(
        self,
        tokens_in: float,  # tokens sent
        tokens_out: float,  # tokens answered
        batch: bool = False,  # the Batch API costs half
    ) -> float:
        "The price of so many tokens"
        return (tokens_in * self.input + tokens_out * self.output) / 1e6 * (0.5 if batch else 1)


PRICES = {
    "gpt-4o-mini": Price(0.15, 0.6, 2833),
    "gpt-4o": Price(2.5, 10, 85),
    "gpt-4.1": Price(2, 8, 85),
    "gpt-4.1-mini": Price(0.4, 1.6, 415),
    "gpt-4.1-nano": Price(0.1, 0.4, 630),
}


def price_of(
    model: str,  # as the API calls it, with or without a date
    override: str = "",  # the setting `token_prices`: `input,output` or `input,output,tokens of a picture`
    own_server: bool = False,  # it costs nothing unless `override` says so
) -> Price | None:  # None where the price is not known
    "What a model costs; `UserError` where `override` is not numbers"
    if override:
        try:
            return Price(*map(float, override.split(",")), *([2833] if override.count(",") == 1 else []))  # type: ignore[arg-type]
        except (ValueError, TypeError):
            raise UserError(
                f"token_prices = {override} is not two or three numbers.",
                "write token_prices = input,output in dollars for a million tokens",
            ) from None
    if own_server:
        return Price(0, 0, 2833)
    return PRICES.get(re.sub(r"-\d{4}-\d{2}-\d{2}$", "", model))

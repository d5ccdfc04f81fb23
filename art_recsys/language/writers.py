"""The interface of all writers, the choice of one by the settings, and the requests, tokens and dollars of a stage."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from art_recsys.config import Settings, UserError, secret

from .batches import Limits
from .cache import ReplyCache
from .offline import OfflineWriter
from .openai_writer import OpenAIWriter
from .pictures import Reading
from .prices import price_of
from .replies import Profile

__all__ = ["Writer", "make_writer", "usage"]


class Writer(Protocol):
    "Describes pictures and invents user profiles; the offline writer and a language model have the same methods"

    def describe(
        self,
        picture: Path | None,  # the file; None where there is none
        work: dict,  # a row of `artworks`
        seen: Reading
        | None = None,  # what was measured in the picture; the offline writer needs it, a language model does not
    ) -> str:
        "At most four lines about a row of `artworks`, its picture, and what was measured in it"

    def profile(
        self,
        works: Sequence[dict],  # rows of `artworks` with `description` and `palette`
        pictures: Sequence[Path | None] = (),  # one per work, None where there is none
        key: str = "",  # whose profile it is: another key may give another profile of the same works
    ) -> Profile:
        "The profile of a user who likes these rows of `artworks`"


def make_writer(
    settings: Settings,  # `writer`, `seed`, `openai_model`, `base_url`, `budget`, `token_prices`, `batch`...
    cache: ReplyCache | None = None,  # where paid answers are kept
) -> OfflineWriter | OpenAIWriter:
    "The writer that the settings name; `UserError` where OpenAI's key is missing"
    s = settings
    if s.writer == "offline":
        return OfflineWriter(s.seed)
    key = secret("OPENAI_API_KEY")
    if key is None and s.base_url is None:
        raise UserError(
            "writer = openai needs OPENAI_API_KEY, and it is not set.",
            "put it into the environment or .env, name your own server in base_url, or set writer = offline",
        )
    return OpenAIWriter(
        s.openai_model,
        s.base_url,
        key,
        cache,
        batch=s.batch,
        budget=s.budget,
        price=price_of(s.openai_model, s.token_prices, s.base_url is not None),
        limits=Limits(tokens=s.batch_tokens, poll=s.batch_poll),
    )


def usage(
    writer: Writer,  # after a stage
) -> dict[str, Any]:  # requests, tokens and dollars under `language_model`; empty for the offline writer
    "What a stage asked of a language model, for its summary"
    if not isinstance(writer, OpenAIWriter):
        return {}
    paid = writer.cache.paid() if writer.cache is not None else 0.0
    return {"language_model": dict(writer.counts) | {"dollars_of_this_home": round(paid, 4)}}

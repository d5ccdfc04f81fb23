"""Many requests at once: a bounded number of threads, and a stop when the server is gone."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from art_recsys.config import UserError, progress

from .openai_writer import OpenAIWriter
from .writers import Writer

__all__ = ["Unreachable", "in_pool"]

T = TypeVar("T")
R = TypeVar("R")


def in_pool(
    ask: Callable[[T], R],  # called with one item; may raise `UserError`, which stops everything
    items: Sequence[T],  # what to go through
    writer: Writer,  # decides the number of threads: eight that wait for a server, or two that compute
    desc: str,  # for the progress bar
) -> list[R]:  # answers in the order of `items`
    "Ask for every item with a bounded number of threads"
    with ThreadPoolExecutor(8 if isinstance(writer, OpenAIWriter) else 2) as pool:
        try:
            return list(progress(pool.map(ask, items), desc, total=len(items)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


class Unreachable:
    "Stops a run whose server is gone: so many failures in a row are not a coincidence"

    def __init__(
        self,
        writer: Writer,  # named in the error
        patience: int = 8,  # failures in a row that stop the run
    ):
        self.writer, self.patience, self.n = writer, patience, 0

    def __call__(
        self,
        kind: str,  # of the last `WriterError`, or empty after a good answer
    ) -> None:
        "Count a failure, or start counting anew; `UserError` after too many in a row"
        self.n = self.n + 1 if kind == "unreachable" else 0
        if self.n < self.patience:
            return
        where = self.writer.client.base_url if isinstance(self.writer, OpenAIWriter) else self.writer
        raise UserError(
            f"{where} did not answer {self.n} times in a row.",
            "look at the network or base_url and run again: what is paid is kept",
        )

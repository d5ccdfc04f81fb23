"""How many threads BLAS uses. Many small products are faster in one thread: several would only wait for each other."""

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController

__all__ = ["one_blas_thread"]


@cache
def _libraries() -> ThreadpoolController:
    "The libraries of this process; to look for them takes longer than most of what is computed with one thread"
    return ThreadpoolController()


def one_blas_thread() -> AbstractContextManager:
    "Within it, a product of matrices stays in its thread"
    return _libraries().limit(limits=1, user_api="blas")

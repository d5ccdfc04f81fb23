"""Rate limits: so many requests a minute for each name, be it a key, a visitor or an address."""

import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Buckets"]


class Buckets:
    """A token bucket for each name: a minute's worth may be taken at once, and it fills up evenly.

    A bucket that nobody has touched for longest is dropped where there are too many. It is nearly always full by then.
    """

    def __init__(
        self,
        per_minute: float,  # 0: no limit
        most: int = 10_000,  # names that are remembered
        now: Callable[[], float] = time.monotonic,  # seconds
    ):
        self.per_minute, self.most, self.now = per_minute, most, now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # name -> what was left, and when

    def wait(
        self,
        name: str,  # who asks
    ) -> float:
        "Take one request from the bucket of `name` and return 0; where it is empty, the seconds until it has one"
        if not self.per_minute:
            return 0.0
        now, full, each = self.now(), float(self.per_minute), self.per_minute / 60
        left, at = self._left.pop(name, (full, now))
        left = min(full, left + (now - at) * each)
        one = min(1, full)  # of a bucket that never holds one, all
        enough = left >= one
        self._left[name] = (left - one if enough else left, now)
        if len(self._left) > self.most:
            self._left.popitem(last=False)
        return 0.0 if enough else (one - left) / each

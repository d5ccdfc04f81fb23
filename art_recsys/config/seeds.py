"""Seeds: independent random streams by name, and hashes that are the same on every machine.

Every use of random numbers has its own stream, named after its purpose. One more draw in one place then changes nothing
in another. Python's `hash()` does not serve for that: it is salted in every process.
"""

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["fingerprint", "rng", "stable_hash"]


def stable_hash(
    text: str,  # Any text
) -> int:  # 64 bits, the same on every machine
    "The first 8 bytes of SHA-256: a hash that does not change between processes"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def rng(
    seed: int,  # The run's seed
    *names: object,  # What the stream is for: `rng(42, 'users', 17)`
) -> "np.random.Generator":
    "An independent random stream for one purpose"
    import numpy as np  # a client of a running server has none

    return np.random.default_rng([seed, *(stable_hash(str(n)) for n in names)])


def fingerprint(
    *parts: object,  # JSON values; others count as `str` shows them
) -> str:  # 16 hex digits
    "One short string that changes when any part does"
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]

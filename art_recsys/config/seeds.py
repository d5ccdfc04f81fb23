"""Seeds: independent random streams by name, and hashes that are the same on every machine."""

import hashlib
import json

import numpy as np

__all__ = ["fingerprint", "rng", "stable_hash"]


def stable_hash(
    text: str,  # Anything as text
) -> int:  # 64 bits, the same on every machine
    "A hash that does not change between processes"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def rng(
    seed: int,  # The run's seed
    *names,  # What the stream is for: `rng(42, 'users', 17)`
) -> np.random.Generator:
    "An independent stream of random numbers for one purpose"
    return np.random.default_rng([seed, *(stable_hash(str(n)) for n in names)])


def fingerprint(
    *parts,  # JSON-able values
) -> str:  # 16 hex digits
    "One short string that changes when any part does"
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]

"""Seeds and hashes are the same in every process."""

import subprocess
import sys

from art_recsys.config import fingerprint, rng, stable_hash


def test_a_stream_depends_on_the_seed_and_all_names():
    draw = lambda *a: rng(*a).integers(2**60)  # noqa: E731
    assert draw(42, "users", 1) == draw(42, "users", 1)
    assert len({draw(42, "users", 1), draw(42, "users", 2), draw(42, "works", 1), draw(43, "users", 1)}) == 4


def test_hashes_are_the_same_in_another_process():
    code = (
        "from art_recsys.config import fingerprint, stable_hash; print(stable_hash('ann'), fingerprint('a', {'b': 1}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(stable_hash("ann")), fingerprint("a", {"b": 1})]
    assert fingerprint("a", {"b": 1}) == "8b5348e0de4f9e59"


def test_a_fingerprint_changes_with_any_part_and_not_with_the_order_of_keys():
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert len({fingerprint("a", 1), fingerprint("a", 2), fingerprint(1, "a"), fingerprint("a")}) == 4

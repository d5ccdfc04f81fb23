"What a training process does with freed memory"

import platform
import subprocess
import sys

import pytest

CODE = """
import resource, sys
import numpy as np
from art_recsys.config.memory import keep_freed
if sys.argv[1] == 'keep': assert keep_freed()
parts = lambda: [np.ones(2**14) for _ in range(200)]    # 128 KB each, as the arrays of a step
parts()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20): parts()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the switch is glibc's")
def test_freed_pages_are_kept_for_the_next_step():
    faults = {
        how: int(subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, check=True).stdout)
        for how in ("keep", "leave")
    }
    assert faults["keep"] < faults["leave"] / 5, faults

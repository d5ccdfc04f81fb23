"""The SDK asks a cluster every 3 or 5 seconds how far it is. What the contract server starts is ready sooner."""

import sys
import time
from importlib import import_module

ENGINES = ("hsml.engine.model_engine", "hsml.engine.serving_engine", "hopsworks_common.engine.execution_engine")


class Clock:
    "`time` for one module of the SDK: the first sleeps of a wait are short, and each is longer than the one before"

    time, monotonic = staticmethod(time.time), staticmethod(time.monotonic)

    def __init__(self):
        self.waiting, self.next = None, 0.1

    def sleep(self, seconds: float):
        "As long as it was asked for at most, so that a wait of 120 times 5 seconds still ends after about as long"
        caller = sys._getframe(1)
        if caller is not self.waiting:
            self.waiting, self.next = caller, 0.1
        time.sleep(min(seconds, self.next))
        self.next *= 1.5


def impatient(patch):
    "`patch`: pytest's MonkeyPatch"
    for name in ENGINES:
        patch.setattr(import_module(name), "time", Clock())

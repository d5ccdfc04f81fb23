"""A running server follows `release.json` and switches to each new release.

`deploy`, `refresh` and a rollback write that file in one rename. The server reads it every second. When it names a new
release, the server loads and warms the new models while the old ones still answer. One assignment then replaces the
service. A request keeps the service it started with, so no request fails.

A release that cannot be loaded (wrong checksum, missing version, damaged file) is refused once and reported by
`/health`. The server keeps its current release until the file changes again. If a server starts on such a release, it
serves the latest earlier one that can be loaded and reports the same.
"""

import gc
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from art_recsys.config import Home, Settings

from .experiments import Experiments
from .release_file import read_release
from .store import EventStore
from .text_model import start_text_model

__all__ = ["Releases"]


class Releases:
    "Holds the current service, and the thread that replaces it after a release"

    def __init__(
        self,
        settings: Settings,  # Run settings
        service: Any = None,  # `Service`; if None, `start` loads the release in the background
        every: float = 1.0,  # Seconds between two reads of `release.json`
    ):
        self.settings, self.service, self.every = settings, service, every
        self.refused: dict | None = None
        self.loading: str | None = None
        self.failure: Exception | None = None
        self.switches, self.looks, self.experiments = 0, 0, Experiments(settings)
        self._seen: dict | str | None = None
        self._thread: threading.Thread | None = None
        self._stop, self._exchange = threading.Event(), threading.Lock()

    def start(
        self,
        on_failure: Callable | None = None,  # Called without arguments if no release can be loaded
    ) -> None:
        "Load the release of the home in a background thread, then follow `release.json`"
        self._thread = threading.Thread(target=self._follow, args=(on_failure,), daemon=True, name="releases")
        self._thread.start()

    def stop(self) -> None:
        "Stop following; waits up to 60 s for a release that is being loaded"
        self._stop.set()
        if self._thread:
            self._thread.join(60)

    def _follow(self, on_failure: Callable | None) -> None:
        try:
            if self.service is None:
                self._begin()
        except Exception as e:
            self.failure = e
            if on_failure:
                on_failure()
            return
        while not self._stop.wait(self.every):
            self.look()
            self.experiments.look(self.service, self.every)
            self.looks += 1

    def _begin(self) -> None:
        "Load the release in `release.json`, or the latest earlier one that loads; raises the first error if none does"
        from .loading import load_service  # TensorFlow is imported here, in the background

        self._seen = wanted = read_release(self.settings)
        store = EventStore(Home(self.settings.home).file("events.db"))  # every release needs it
        problem: Exception | None = None
        for release in [wanted, *wanted.get("before", [])]:
            try:
                service = load_service(self.settings, store, release)
            except Exception as e:
                problem = problem or e
            else:
                break
        else:
            store.close()
            assert problem is not None
            raise problem
        if problem:
            self._refuse(wanted["version"], problem, service.version)
        start_text_model(self.settings, service)
        self.experiments.look(service)
        service.experiments, self.service = self.experiments, service

    def look(self) -> bool:  # True if the service was replaced
        "Read `release.json` once and replace the service if the file has changed"
        from .loading import load_service

        wanted: dict | str
        try:
            wanted = read_release(self.settings)
        except Exception as e:
            wanted, problem = str(e), e
        if wanted == self._seen:
            return False
        self._seen = wanted
        if isinstance(wanted, str):
            return self._refuse(None, problem, self.service.version)
        self.loading = wanted["version"]
        try:
            with self._exchange:
                service = load_service(self.settings, self.service.store, wanted)
                self.refused = None  # first: who sees the new version must not see the refusal of the one before
                start_text_model(self.settings, service)
                service.experiments = self.experiments
                before, self.service = self.service, service  # the switch is this assignment
                service.take_over(before)
        except Exception as e:
            return self._refuse(wanted["version"], e, self.service.version)
        finally:
            self.loading = None
        self.switches += 1
        gc.collect()  # the old models contain reference cycles
        return True

    def update(
        self,
        change: Callable[[Any], Any],  # The service -> the one that answers from now on
    ) -> None:
        "Replace the service by one of the same release, but not while a new release is loading"
        with self._exchange:
            self.service = change(self.service)

    def forget(self, user_id: str) -> dict:
        "Call `service.forget(user_id)`, but not while a new service is loading, which could still read the rows"
        with self._exchange:
            self.experiments.forget()
            return self.service.forget(user_id)

    def _refuse(self, version: str | None, problem: Exception, served: str) -> bool:
        "Record and print which release is refused, why, and which one is served"
        what, remedy = getattr(problem, "what", f"{type(problem).__name__}: {problem}"), getattr(problem, "remedy", "")
        self.refused = {"version": version, "why": what, "remedy": remedy}
        with suppress(OSError):  # the log may be on a full disk
            print(f"release refused, {served} is served: {what}", file=sys.stderr, flush=True)
        return False

    def state(self) -> dict:
        "`{model_version, loading, refused, switches, looks}` for `/health`"
        return {
            "model_version": getattr(self.service, "version", None),
            "loading": self.loading,
            "refused": self.refused,
            "switches": self.switches,
            "looks": self.looks,
        }

"""Which release is served: a running server follows `release.json`.

Whoever releases (`deploy`, `refresh`, a rollback) writes that file in one rename and is done. The server looks at it
every second. When it says something new, the new models are loaded and warmed beside the old ones, which go on
answering, and then one assignment exchanges the two: a request that is being answered keeps the service that it began
with, and none fails. What cannot be loaded (a checksum that does not match, a version that is gone, a damaged file) is
refused once and named by `/health`; what was served is served on until the file changes again. A server that is started
on such a release serves the latest one before it that can be loaded, and says the same.
"""

import gc
import sys
import threading
from collections.abc import Callable

from art_recsys.config import Home

from .release_file import read_release
from .store import EventStore

__all__ = ["Releases"]


class Releases:
    "The service that answers, and the thread that exchanges it"

    def __init__(
        self,
        settings,  # Run settings
        service=None,  # What answers; loaded in the background where None
        every: float = 1.0,  # Seconds between two looks at `release.json`
    ):
        self.settings, self.service, self.every = settings, service, every
        self.refused: dict | None = None
        self.loading: str | None = None
        self.failure: Exception | None = None
        self.switches, self.looks = 0, 0
        self._seen: dict | str | None = None
        self._thread: threading.Thread | None = None
        self._stop, self._exchange = threading.Event(), threading.Lock()

    def start(
        self,
        on_failure: Callable | None = None,  # Called without arguments where not even the first release can be loaded
    ):
        "Load the release of the home in the background, then follow it"
        self._thread = threading.Thread(target=self._follow, args=(on_failure,), daemon=True, name="releases")
        self._thread.start()

    def stop(self):
        "Follow no longer; what is just being loaded is finished first"
        self._stop.set()
        if self._thread:
            self._thread.join(60)

    def _follow(self, on_failure):
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
            self.looks += 1

    def _begin(self):
        "Load what `release.json` names, or else the latest release before it that can be loaded"
        from .loading import load_service  # TensorFlow is imported here, in the background

        self._seen = wanted = read_release(self.settings)
        store = EventStore(Home(self.settings.home).file("events.db"))  # without it no release is any good
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
        self.service = service

    def look(self) -> bool:  # True where another release is served now
        "Exchange the service if `release.json` says something new"
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
                self.service = load_service(self.settings, self.service.store, wanted)  # here: one assignment
        except Exception as e:
            return self._refuse(wanted["version"], e, self.service.version)
        finally:
            self.loading = None
        self.refused, self.switches = None, self.switches + 1
        gc.collect()  # the old models hold cycles
        return True

    def forget(self, user_id: str) -> dict:
        "`service.forget`, never while a new service reads the tables, which would remember the person"
        with self._exchange:
            return self.service.forget(user_id)

    def _refuse(self, version, problem: Exception, served: str) -> bool:
        "Say what is not served, why, and what is"
        what, remedy = getattr(problem, "what", f"{type(problem).__name__}: {problem}"), getattr(problem, "remedy", "")
        self.refused = {"version": version, "why": what, "remedy": remedy}
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

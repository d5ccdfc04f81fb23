"""Find, start and stop the model server of a home. Loads no TensorFlow and no pandas."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any, Self

import requests

from .client import KEY_VARIABLE, Client, user_error
from .hosts import reachable_url

__all__ = ["SERVER_FILE", "Running", "api_key", "connect", "end_with_parent", "find_server", "local_service", "start"]

SERVER_FILE = "server.json"
LOG_FILE = "server.log"
ROOM = 1_000_000  # bytes: a server that finds less on its disk cannot even write why it ended


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def read_server_file(home: Path) -> dict | None:
    "Read `{host, port, pid}` of the server of `home`; None if there is no file or its process has ended"
    try:
        info = json.loads((Path(home) / SERVER_FILE).read_text(encoding="utf-8"))
        return info if _alive(int(info["pid"])) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_server(
    settings: Any,  # Run settings; only `home` is read
) -> str | None:  # Base URL, or None if no server answers
    "Find the running server of this home; the process that answers must be the one that server.json names"
    if not (info := read_server_file(settings.home)):
        return None
    url = reachable_url(info["host"], info["port"])
    try:
        with requests.Session() as http:
            http.trust_env = False
            return url if http.get(f"{url}/health", timeout=2).json().get("pid") == info["pid"] else None
    except (requests.RequestException, ValueError):
        return None


class Running:
    "A server that this process started; it stops with `stop`, at the end of a `with` block, or with this process"

    def __init__(
        self,
        url: str,  # Base URL of the server
        process: subprocess.Popen,  # Of the server; its standard input is a pipe: the server ends when that closes
    ):
        self.url, self.process = url, process

    def __repr__(self) -> str:
        return f"Running({self.url})"

    def client(self, **kwargs: Any) -> Client:
        "A new `Client` of this server; `kwargs` are its arguments `timeout`, `error` and `key`"
        return Client(self.url, **{"key": api_key(), **kwargs})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self, timeout: float = 15.0) -> None:
        "Stop the server: it finishes open requests and closes the store; after `timeout` seconds it is killed"
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()


def _failed(log: Path) -> Exception:
    "Make a `UserError` from the end of the server's log"
    text = log.read_text(encoding="utf-8", errors="replace").strip() if log.is_file() else ""
    what, arrow, remedy = text.rpartition("error: ")[2].partition("\n  -> ")
    if "error: " in text and arrow:
        return user_error(what.strip(), remedy.strip())
    if not text and shutil.disk_usage(log.parent).free < ROOM:
        return user_error(f"The disk is full: the model server could not write in {log.parent}.", "free some space")
    return user_error(
        "The model server ended before it was ready. " + (text.splitlines() or [""])[-1], f"see {log.name} in the home"
    )


def _open_log(log: Path) -> IO[bytes]:
    try:
        log.unlink(missing_ok=True)
        return open(log, "ab")
    except OSError as e:
        raise user_error(
            f"The home {log.parent} cannot be written to ({e.strerror}).",
            "the server keeps likes there: make it writable, or copy it and name the copy with --home",
        ) from None


def start(
    settings: Any,  # Run settings
    timeout: float = 180.0,  # Seconds to wait until it is ready
) -> Running:  # With `.url`, `.client()` and `.stop()`
    "Start the model server as a new process and wait until its models are warm. Raises `UserError` if it fails."
    from .release_file import read_release

    read_release(settings)  # says what to do in a home that is not there or has no models
    log = Path(settings.home) / LOG_FILE
    with _open_log(log) as out:  # the process itself writes into it, too
        process = subprocess.Popen(
            [sys.executable, "-m", "art_recsys.serving.server", settings.model_dump_json()],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env={"OPENBLAS_NUM_THREADS": "1", **os.environ, "OMP_NUM_THREADS": "1"},
        )
    handle, end = Running("", process), time.monotonic() + timeout
    try:
        while time.monotonic() < end:
            if process.poll() is not None:
                raise _failed(log)
            info = read_server_file(settings.home)
            if info and info["pid"] == process.pid:
                handle.url = reachable_url(info["host"], info["port"])
                with Client(handle.url, timeout=2) as client:
                    if client.ready():
                        return handle
            time.sleep(0.1)
        raise user_error(f"The model server was not ready after {timeout:.0f} s.", f"see {log.name} in the home")
    except BaseException:
        handle.stop()
        raise


def local_service(
    settings: Any,  # Of a home with a release
) -> Any:  # `Service`
    "Load the released service into this process, to answer without a server (loads TensorFlow). Raises `UserError`."
    from art_recsys.config import missing_part, quiet_loading

    try:
        with quiet_loading():
            from .loading import load_service
    except ModuleNotFoundError as e:
        if said := missing_part(e):
            raise said from None
        raise
    return load_service(settings)


def api_key() -> str | None:
    "The key that our own programs send: `ART_RECSYS_API_KEY` of the environment or of `.env`"
    from art_recsys.config import secret

    return secret(KEY_VARIABLE)


def connect(
    settings: Any,  # Run settings
    local: bool = True,  # If no server runs: True loads the service into this process, False raises
) -> Any:  # `Client` or `Service`, which have the same methods
    "Connect to the running server of this home, or load its service. Raises `UserError`."
    if url := find_server(settings):
        return Client(url, key=api_key())
    if local:
        return local_service(settings)
    raise user_error("No model server is running for this home.", "start it with: art-recsys serve")


def end_with_parent() -> None:
    "Send SIGTERM to this process when its parent closes our standard input or ends"

    def wait() -> None:
        while os.read(0, 1):
            pass  # not sys.stdin, whose lock would block the exit of this process
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="parent").start()

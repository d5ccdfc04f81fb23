"""Start the gallery: in the foreground with `serve_gallery`, in the background with `start_gallery`."""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.parse import urlsplit

from art_recsys.config import Settings, UserError
from art_recsys.serving.client import KEY_VARIABLE
from art_recsys.serving.hosts import reachable_url
from art_recsys.serving.logs import log_to
from art_recsys.serving.process import api_key, end_with_parent

from .doors import DoorSettings

__all__ = ["notebook_path", "serve", "serve_gallery", "serve_operators", "start_gallery"]

HERE = Path(__file__).parent
STARTUP_SECONDS = 60


WIDGETS = {"gallery": "Gallery", "operators": "Operators"}  # Widget of each page


def notebook_path(
    page: str,  # `gallery` or `operators`
    folder: Path,  # Where a missing notebook is written
    dashboards: Path = HERE.parents[1] / "dashboards",  # The repository's notebooks; an installed package has none
) -> Path:
    "The notebook of a page: the repository's, or a new one that shows the same widget"
    if (ours := dashboards / f"{page}.ipynb").is_file():
        return ours
    from nbformat import v4, write

    widget = WIDGETS[page]
    cell = v4.new_code_cell(f"from art_recsys.gallery import {widget}\n\n{widget}()")
    kernel = {"display_name": "python3", "language": "python", "name": "python3"}
    path = folder / f"{page}.ipynb"
    write(v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)
    return path


def _server_url(settings: Settings) -> str:
    "URL of the model server of this home; if none runs, the URL it will have"
    from art_recsys.serving import find_server

    return find_server(settings) or reachable_url(settings.server_host, settings.server_port)


def _check_port(host: str, port: int) -> None:
    "Raise `UserError` if the gallery's port cannot be used, before Voilà and its kernels start"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as e:
            raise UserError(
                f"gallery_port {port} on host {host!r} cannot be used ({e.strerror}).",
                "stop what uses it, or choose another: ART_RECSYS_GALLERY_PORT=8482",
            ) from None


def serve(
    home: str | Path,  # Has `pictures/` and the catalogue
    host: str,  # Address to listen on
    port: int,  # Must be free
    server_url: str,  # Base URL of the model server
    page_size: int,  # Works per page
    page: str = "gallery",  # `gallery` or `operators`
    door: DoorSettings = DoorSettings(),  # noqa: B008  # names, proxies and limits; it is frozen
) -> None:
    "Run Voilà in this process until it is interrupted"
    from art_recsys.gallery.server import GalleryApp, config_of

    log_to()

    # Voilà searches JUPYTER_PATH for templates. PYTHONPATH lets kernels import the package if it is not installed.
    os.environ["JUPYTER_PATH"] = _prepend(HERE / "jupyter", os.environ.get("JUPYTER_PATH"))
    os.environ["PYTHONPATH"] = _prepend(HERE.parents[1], os.environ.get("PYTHONPATH"))
    os.environ.update(ART_RECSYS_SERVER_URL=server_url, ART_RECSYS_PAGE_SIZE=str(page_size))
    os.environ["ART_RECSYS_VISITOR_RATE"] = str(door.visitor_rate)
    if key := api_key():
        os.environ[KEY_VARIABLE] = key  # for the kernels, which ask the model server
    with TemporaryDirectory(prefix="art_recsys_") as folder:
        config = config_of(host, port, notebook_path(page, Path(folder)), door.kernels)
        app = GalleryApp(config=config, home=str(home), door_settings=door)
        app.initialize([])
        name = "gallery" if page == "gallery" else "operators' page"
        print(f"The {name} is at {reachable_url(host, port)}/  (Ctrl-C stops it)", flush=True)
        app.start()


def _prepend(path: Path, rest: str | None) -> str:
    "A search path that begins with `path`"
    return os.pathsep.join([str(path), *([rest] if rest else [])])


def serve_gallery(
    settings: Settings,  # `home`, `host`, `gallery_port` and `page_size` are read
) -> None:
    "Serve the gallery on `host` and `gallery_port` until it is interrupted. Raises `UserError` if the port is taken."
    _check_port(settings.host, settings.gallery_port)
    url, door = _server_url(settings), DoorSettings.of(settings)
    serve(settings.home, settings.host, settings.gallery_port, url, settings.page_size, door=door)


def serve_operators(
    settings: Settings,  # `home`, `host` and `page_size` are read
    port: int,  # Must be free
) -> None:
    "Serve the operators' page on `host` and `port` until it is interrupted. Raises `UserError` if the port is taken."
    _check_port(settings.host, port)
    url, door = _server_url(settings), DoorSettings.of(settings)
    serve(settings.home, settings.host, port, url, settings.page_size, "operators", door)


@dataclass
class RunningGallery:
    "A gallery in its own process; it stops with `stop`, at the end of a `with` block, or with this process"

    url: str  # of the page, with a slash at the end
    process: subprocess.Popen

    def stop(self) -> None:
        "Stop the gallery and its kernels"
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_gallery(
    settings: Settings,  # As for `serve_gallery`; a `gallery_port` of 0 takes a free one
    server_url: str | None = None,  # Base URL of the model server; None: that of the home
    page: str = "gallery",  # `gallery` or `operators`
) -> RunningGallery:
    "Start the gallery (or the page `operators`) in the background and wait until it answers. Raises `UserError`."
    port = settings.gallery_port or free_port()
    _check_port(settings.host, port)
    options = {
        "home": settings.home,
        "host": settings.host,
        "port": port,
        "page-size": settings.page_size,
        "server-url": server_url or _server_url(settings),
        "page": page,
        "door": json.dumps(DoorSettings.of(settings)),
    }
    command = [sys.executable, "-m", "art_recsys.gallery.app"]
    environment = {**os.environ, "PYTHONPATH": _prepend(HERE.parents[1], os.environ.get("PYTHONPATH"))}
    process = subprocess.Popen(
        command + [f"--{name}={value}" for name, value in options.items()],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = reachable_url(settings.host, port)
    gallery = RunningGallery(f"{url}/", process)
    try:
        wait_for_port(str(urlsplit(url).hostname), port, process)
    except BaseException:
        gallery.stop()
        raise
    return gallery


def free_port() -> int:
    "A free TCP port on 127.0.0.1"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_for_port(
    host: str,  # Where it listens
    port: int,  # Where it listens
    process: subprocess.Popen,  # Of the gallery; if it ends, there is no more waiting
) -> None:
    "Wait until the gallery accepts connections. A request for its page would use up a kernel. Raises `UserError`."
    for _ in range(STARTUP_SECONDS * 10):
        if process.poll() is not None:
            raise UserError(
                f"The gallery ended at once (exit code {process.returncode}).", "run `art-recsys gallery` to see why"
            )
        try:
            socket.create_connection((host, port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise UserError(f"The gallery did not answer within {STARTUP_SECONDS} s.", "is the machine busy? try again")


def main() -> None:
    "Entry point that `start_gallery` runs"
    parser = argparse.ArgumentParser(prog="python -m art_recsys.gallery.app", description=main.__doc__)
    kinds = {"home": str, "host": str, "port": int, "page-size": int, "server-url": str, "page": str, "door": str}
    for name, kind in kinds.items():
        parser.add_argument(f"--{name}", type=kind, required=True)
    o = parser.parse_args()
    end_with_parent()
    serve(o.home, o.host, o.port, o.server_url, o.page_size, o.page, DoorSettings(*json.loads(o.door)))


if __name__ == "__main__":
    main()

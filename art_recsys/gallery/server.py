"""Voilà for the gallery: hardened, with preheated kernels and with pictures from the same origin."""

import asyncio
import math
import mimetypes
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.ioloop import IOLoop, PeriodicCallback
from traitlets import Any as AnyTrait
from traitlets import Int, Unicode
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

from art_recsys.serving.client import KEY_VARIABLE
from art_recsys.serving.hosts import Hosts, client_of

from .assets import ASSET_HANDLERS, asset_url
from .doors import Door, DoorSettings
from .front import Front
from .large import Crowded, LargeHandler, LargePictures, Pictures
from .map_handler import MapHandler
from .policy import PAGE_POLICY
from .remote import RemotePictures
from .shared import ROOM_HANDLERS

__all__ = ["GalleryApp", "PictureHandler", "config_of", "kernel_environment"]

HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
# Environment variables of a visitor's kernel: enough to run Python and to ask the model server. No other keys.
KERNEL_VARIABLES = {
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "TZ",
    "TMPDIR",
    "TEMP",
    "SYSTEMROOT",
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONHOME",
    "ART_RECSYS_SERVER_URL",
    "ART_RECSYS_PAGE_SIZE",
    "ART_RECSYS_VISITOR_RATE",
    KEY_VARIABLE,
    "JUPYTER_PATH",
    "IPYTHONDIR",
}
KERNEL_ID = re.compile(r'"kernelId": ?"([0-9a-f-]{36})"')  # as the page has it
HEARTBEAT = "<script>window.voila_heartbeat()</script>"  # of Voilà, while a kernel starts; our page has no use for it
SWEEP_MS = 2000  # between two looks for kernels whose visitor never came
KERNEL_PREFIXES = ("LC_", "VOILA_", "JPY_")


def kernel_environment(environment: Mapping[str, str]) -> dict[str, str]:
    "Keep only the variables of `environment` that a visitor's kernel may see"
    return {
        key: value for key, value in environment.items() if key in KERNEL_VARIABLES or key.startswith(KERNEL_PREFIXES)
    }


class NoDelayConnection(ZMQChannelsWebsocketConnection):
    "A kernel's websocket: known at the door, and without Nagle's algorithm, which delays a small reply by about 40 ms"

    async def connect(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # tornado accepts any awaitable
        "Switch the delay off, then connect as the base class does with `args` and `kwargs`"
        self.websocket_handler.set_nodelay(True)
        self._door.arrive(self.kernel_id, id(self))
        connected = super().connect(*args, **kwargs)
        return await connected if connected is not None else None

    @property
    def _door(self) -> Door:
        return self.websocket_handler.settings["door"]

    def disconnect(self) -> None:  # type: ignore[override]  # the base class is annotated as async
        "The visitor has gone"
        self._door.leave(self.kernel_id, id(self))
        super().disconnect()

    def handle_incoming_message(self, incoming_msg: str) -> None:
        "The visitor has done something"
        self._door.hear(self.kernel_id, incoming_msg)
        super().handle_incoming_message(incoming_msg)


class GalleryKernels(AsyncMappingKernelManager):
    "Kernel manager with a limit, a reduced environment and a pool that survives a failed start"

    max_kernels = Int(60, config=True, help="Limit of simultaneous visitors; others are asked to come back later")
    retry_seconds = 2
    _pools: ClassVar[dict] = {}  # Voilà's subclass stores the tasks of its preheated kernels here
    _starting = 0  # Number of kernels that are starting and not listed yet

    def _taken(self) -> int:
        return len(self.list_kernel_ids()) + self._starting

    def full(self) -> bool:
        "True if no kernel in the pool is ready and no more may be started; sorts ready kernels to the front"
        for tasks in self._pools.values():
            tasks.sort(key=lambda task: not task.done())
        ready = any(task.done() for tasks in self._pools.values() for task in tasks)
        return not ready and self._taken() >= self.max_kernels

    def pooled(self) -> set[str]:
        "Ids of the kernels that wait for a page"
        ready = (task for tasks in self._pools.values() for task in tasks if task.done() and not task.cancelled())
        return {task.result()["kernel_id"] for task in ready if task.exception() is None}

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]  # the base class is annotated as not async
        "Start a kernel for a page or for the pool; `kwargs`: of the base class. `HTTPError` 503 where all are taken."
        environment = kwargs.get("env") or os.environ
        preheating = environment.get("VOILA_PREHEAT") == "True"
        kwargs["env"] = kernel_environment(environment)
        # Every GET of the page uses a kernel. Refilling the pool may wait; a visitor gets a 503 at once (PageHandler).
        while self._taken() >= self.max_kernels:
            if not preheating:
                raise web.HTTPError(503, reason="The gallery is full just now")
            await asyncio.sleep(self.retry_seconds)
        self._starting += 1
        try:
            return await self._start(preheating, **kwargs)
        finally:
            self._starting -= 1

    async def _start(self, preheating: bool, **kwargs: Any) -> str:
        "Start a kernel. A kernel for the pool is retried, because an exception would leave the pool empty for good."
        while True:
            try:
                return await super().start_kernel(**kwargs)
            except Exception:
                if not preheating:
                    raise
                self.log.exception("A kernel of the pool did not start; trying again")
                await asyncio.sleep(self.retry_seconds)


class PictureHandler(web.StaticFileHandler):
    "`/pictures/<artwork_id>`: the picture of a work; serves only files from the home's pictures"

    def initialize(self, pictures: Pictures, remote: RemotePictures) -> None:  # type: ignore[override]  # tornado passes the arguments in `init_handlers`
        "Called by tornado for each request with the arguments in `init_handlers`"
        self.pictures, self.remote = pictures, remote
        self.fetched: Path | None = None
        super().initialize(path=str((pictures.home / "pictures").resolve()))

    async def get(self, path: str, include_body: bool = True) -> None:
        "The picture of the work `path`: of the home, else fetched by us from its museum. `HTTPError` 503."
        row = self.pictures.row(path)
        if row and not row.path and row.url:
            try:
                self.fetched = await self.remote.find(path)
            except Crowded:
                self.set_header("Retry-After", "5")
                raise web.HTTPError(503) from None
            if self.fetched:
                self.root = str(self.remote.folder.resolve())
        await super().get(path, include_body)

    def parse_url_path(
        self,
        url_path: str,  # what follows `/pictures/`: an artwork id
    ) -> str:  # path of the file
        "Find the picture of an artwork, in place of a path below a folder. `HTTPError` 404 where there is none."
        if self.fetched:
            return str(self.fetched.resolve())
        relative = self.pictures.path(url_path)
        if not relative:
            raise web.HTTPError(404)
        return str((self.pictures.home / relative).resolve())

    def get_absolute_path(self, root: str, path: str) -> str:  # type: ignore[override]  # a class method of tornado
        "The `path` that `parse_url_path` found, which is absolute already; `root` is not read"
        return path

    def validate_absolute_path(
        self,
        root: str,  # the pictures of the home
        absolute_path: str,  # from `parse_url_path`
    ) -> str | None:  # None: the answer has been sent
        "Refuse what is not an image, or lies outside `root`: `HTTPError` 403"
        if not (mimetypes.guess_type(absolute_path)[0] or "").startswith("image/"):
            raise web.HTTPError(403)
        return super().validate_absolute_path(root, absolute_path)  # 403 for files outside `root`

    def set_extra_headers(
        self,
        path: str,  # not read
    ) -> None:
        "Let browsers keep a picture for an hour"
        self.set_header("Cache-Control", "public, max-age=3600")


def page_config(
    config: dict[str, Any],  # Voilà's, mostly for JupyterLab's front end
    base_url: str,  # of the gallery
    **_: Any,  # Voilà's other arguments, which are not read
) -> dict[str, Any]:
    "What the template and its script read: the address of the server, of the script and of the typefaces"
    return {"baseUrl": base_url, "script": asset_url(base_url, "page.js"), "fonts": asset_url(base_url, "fonts.css")}


class PageHandler(TornadoVoilaHandler):
    "The page. A full gallery answers 503 at once; plain Voilà would wait for a kernel that never starts."

    retry_after = ""

    @web.authenticated
    async def get(self, path: str | None = None) -> None:
        "The page; `path` must be empty (404). `HTTPError` 503 where the gallery is full, 429 for one address."
        if path:
            raise web.HTTPError(404)
        self._only_for_people()
        door: Door = self.settings["door"]
        client = client_of(self.request.remote_ip or "", self.request.headers.get("X-Forwarded-For", ""), door.proxies)
        if seconds := door.wait(client):
            raise self._later(429, "You ask for pages faster than they can be hung", seconds)
        if door.crowded(client):
            raise self._later(429, "Too many pages of the gallery are open at your address", 60)
        with door.entering(client):
            if self.kernel_manager.full():
                if (gives_way := door.gives_way(client)) is None:
                    raise self._later(503, "The gallery is full just now", 30)
                door.visits.pop(gives_way)  # nobody else gets this place
                await self.kernel_manager.shutdown_kernel(gives_way, now=True)
            async for html in self.get_generator(path=path):
                if found := KERNEL_ID.search(html):
                    door.hand_out(found[1], client)
                self.write(html.replace(HEARTBEAT, ""))
                self.flush()

    def _only_for_people(self) -> None:
        "Refuse a page that nobody sees, as an image of another site or fetched in advance: each takes a kernel"
        if self.request.headers.get("Sec-Fetch-Dest", "document") != "document":
            raise web.HTTPError(403)
        if "prefetch" in self.request.headers.get("Sec-Purpose", ""):
            raise web.HTTPError(503)

    def _later(self, status: int, reason: str, seconds: float) -> web.HTTPError:
        self.retry_after = str(math.ceil(seconds))
        return web.HTTPError(status, reason=reason)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        "Voilà's page of an error, with when to come back"
        if self.retry_after:
            self.set_header("Retry-After", self.retry_after)
        super().write_error(status_code, **kwargs)


class GoodbyeHandler(VoilaShutdownKernelHandler):
    """Shuts a kernel down when its visitor leaves the page.

    Voilà's front end sends this request without an XSRF token, so plain Voilà answers 403 and keeps the kernel until it
    is culled. This handler checks the origin instead. Only the page knows the id of its kernel.
    """

    def check_xsrf_cookie(self) -> None:
        "Check the origin in place of the token. `HTTPError` 403 for another origin."
        if not self.check_origin():
            raise web.HTTPError(403)


class GalleryApp(Voila):
    "Voilà with one notebook, the gallery, and the pictures of one home"

    home = Unicode(help="Home folder with the pictures")
    door_settings = AnyTrait(DoorSettings(), help="Names, proxies and limits")

    def init_handlers(self) -> list[tuple]:
        "Voilà's handlers with our page, its assets, the pictures, small and large, and the shutdown of kernels"
        self.app.transforms.append(web.GZipContentEncoding)  # Voilà passes `compress_response` too late for tornado
        self.app.settings["door"] = self.door = Door(self.door_settings)
        pictures = Pictures(self.home)
        ours: list[tuple] = [
            (r"/pictures/(.+)", PictureHandler, {"pictures": pictures, "remote": RemotePictures(pictures)}),
            (r"/large/(.+)", LargeHandler, {"large": LargePictures(pictures)}),
            *ASSET_HANDLERS,
            (r"/voila/api/shutdown/(.+)", GoodbyeHandler),
            *ROOM_HANDLERS,
            (r"/map", MapHandler, {"server_url": os.environ.get("ART_RECSYS_SERVER_URL", "")}),
        ]
        theirs = [
            (path, PageHandler if handler is TornadoVoilaHandler else handler, *rest)
            for path, handler, *rest in super().init_handlers()
        ]
        return [(url_path_join(self.server_url, path), *rest) for path, *rest in ours] + theirs

    def listen(self) -> None:
        "Serve until it is interrupted, behind `Front`; kernels whose visitor never came end meanwhile"
        Front(self.app, Hosts(self.ip, self.door_settings.allowed_hosts), self.door.proxies).listen(self.port, self.ip)
        self.ioloop = IOLoop.current()
        PeriodicCallback(self._end_unvisited, SWEEP_MS).start()
        try:
            self.ioloop.start()
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    async def _end_unvisited(self) -> None:
        kernels = self.kernel_manager
        for kernel_id in self.door.look(kernels.list_kernel_ids(), kernels.pooled()):
            self.door.visits.pop(kernel_id)
            await kernels.shutdown_kernel(kernel_id, now=True)


def config_of(
    host: str,  # address to listen on
    port: int,  # must be free: Voilà does not try another
    notebook: Path,  # the one that is shown
    kernels: int = 60,  # at most
) -> Config:
    "Voilà's configuration for the gallery"
    return Config(
        {
            "Voila": {
                "ip": host,
                "port": port,
                "port_retries": 0,
                "open_browser": False,
                "log_level": "ERROR",
                "notebook_path": str(notebook),
                "config_file_paths": [],
                "kernel_websocket_connection_class": NoDelayConnection,
                "tornado_settings": {
                    "headers": HEADERS,
                    "websocket_ping_interval": 30,
                    "websocket_max_message_size": 1_000_000,
                },
            },
            "VoilaConfiguration": {
                "template": "art_recsys",
                "allow_template_override": "NO",
                "allow_theme_override": "NO",
                "strip_sources": True,
                "show_tracebacks": False,
                "file_allowlist": [],
                "extension_allowlist": [],
                "page_config_hook": page_config,
                "multi_kernel_manager_class": GalleryKernels,
                "preheat_kernel": True,
                "default_pool_size": 2,
            },
            "GalleryKernels": {"max_kernels": kernels},
            "MappingKernelManager": {"cull_idle_timeout": 300, "cull_interval": 30, "cull_connected": False},
            "KernelManager": {"transport": "ipc", "autorestart": False},
        }
    )

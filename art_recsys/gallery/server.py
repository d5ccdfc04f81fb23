"""Voilà for the gallery: hardened, with preheated kernels and with pictures from the same origin."""

import asyncio
import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import url_path_join
from tornado import web
from traitlets import Int, Unicode
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

from .assets import ASSET_HANDLERS, asset_url
from .large import LargeHandler, LargePictures, Pictures
from .map_handler import MapHandler
from .shared import ROOM_HANDLERS

__all__ = ["GalleryApp", "PictureHandler", "config_of", "kernel_environment"]

HERE = Path(__file__).parent
CSP = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: https:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "object-src 'none'",
    ]
)
HEADERS = {"Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
# Environment variables of a visitor's kernel: enough to run Python and find the model server. No keys.
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
    "JUPYTER_PATH",
    "IPYTHONDIR",
}
KERNEL_PREFIXES = ("LC_", "VOILA_", "JPY_")


def kernel_environment(environment: Mapping[str, str]) -> dict[str, str]:
    "Keep only the variables of `environment` that a visitor's kernel may see"
    return {
        key: value for key, value in environment.items() if key in KERNEL_VARIABLES or key.startswith(KERNEL_PREFIXES)
    }


class NoDelayConnection(ZMQChannelsWebsocketConnection):
    "A kernel's websocket without Nagle's algorithm, which would delay each small reply by about 40 ms"

    async def connect(self, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # tornado accepts any awaitable
        "Switch the delay off, then connect as the base class does with `args` and `kwargs`"
        self.websocket_handler.set_nodelay(True)
        connected = super().connect(*args, **kwargs)
        return await connected if connected is not None else None


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

    def initialize(self, pictures: Pictures) -> None:  # type: ignore[override]  # tornado passes the arguments in `init_handlers`
        "Called by tornado for each request with the arguments in `init_handlers`"
        self.pictures = pictures
        super().initialize(path=str((pictures.home / "pictures").resolve()))

    def parse_url_path(
        self,
        url_path: str,  # what follows `/pictures/`: an artwork id
    ) -> str:  # path of the file
        "Find the picture of an artwork, in place of a path below a folder. `HTTPError` 404 where there is none."
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

    async def get(self, path: str | None = None) -> None:
        "The page; `path` must be empty (404). `HTTPError` 503 where the gallery is full."
        if path:
            raise web.HTTPError(404)
        if self.kernel_manager.full():
            raise web.HTTPError(503, reason="The gallery is full just now")
        await super().get(path)


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

    def init_handlers(self) -> list[tuple]:
        "Voilà's handlers with our page, its assets, the pictures, small and large, and the shutdown of kernels"
        self.app.transforms.append(web.GZipContentEncoding)  # Voilà passes `compress_response` too late for tornado
        pictures = Pictures(self.home)
        ours: list[tuple] = [
            (r"/pictures/(.+)", PictureHandler, {"pictures": pictures}),
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


def config_of(
    host: str,  # address to listen on
    port: int,  # must be free: Voilà does not try another
    notebook: Path,  # the one that is shown
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
            "MappingKernelManager": {"cull_idle_timeout": 300, "cull_interval": 30, "cull_connected": False},
            "KernelManager": {"transport": "ipc", "autorestart": False},
        }
    )

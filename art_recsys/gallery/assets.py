"""Scripts, style sheets and typefaces of the gallery's pages. The address of a file has a digest of what is in it."""

import hashlib
from functools import lru_cache
from pathlib import Path

from jupyter_server.utils import url_path_join
from tornado import web

__all__ = ["ASSET_HANDLERS", "asset_url"]

HERE = Path(__file__).parent
STATIC = HERE / "static"
SHEETS = ("gallery.css", "rooms.css")  # JupyterLab gets them with the widget


def asset_url(
    base_url: str,  # of the gallery, or the way there; with a slash at the end
    name: str,  # of a file in `static`, or of a sheet
) -> str:
    "Address of an asset; another file has another address"
    path = (HERE if name in SHEETS else STATIC) / name
    return f"{url_path_join(base_url, 'assets', name)}?v={_digest(path, path.stat().st_mtime_ns)}"


@lru_cache
def _digest(path: Path, changed: int) -> str:
    "Of the file at `path`, read again only when it has changed"
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


class AssetHandler(web.StaticFileHandler):
    "`/assets/<name>?v=<digest>`: browsers keep the file"

    def set_extra_headers(
        self,
        path: str,  # not read
    ) -> None:
        "Let browsers keep a file for a year where its address has the digest, and for a week where a sheet names it"
        kept = "max-age=31536000, immutable" if self.get_argument("v", None) else "max-age=604800"
        self.set_header("Cache-Control", f"public, {kept}")
        self.set_header("X-Content-Type-Options", "nosniff")


ASSET_HANDLERS: list[tuple] = [
    (r"/assets/(gallery\.css|rooms\.css)", AssetHandler, {"path": str(HERE)}),
    (r"/assets/(.+)", AssetHandler, {"path": str(STATIC)}),
]

"""Where a museum keeps a larger file of a picture: Chicago's IIIF server, Cleveland's print file, Artsy's versions.

A catalogue keeps the address of the picture that hangs on the wall. What the same host has in a larger size is known
from the form of that address alone, so no record is asked for again.
"""

import re
from collections.abc import Callable
from pathlib import Path

from .api import ApiSource
from .base import Source
from .http import Client, WebError, user_agent
from .pictures import LARGEST_DOWNLOAD, save_thumbnail

__all__ = ["fetch_larger", "larger_addresses"]

_RULES: dict[str, Callable[[str], list[str]]] = {
    "artic": lambda url: [re.sub(r"/full/\d+,/0/", "/full/1686,/0/", url)],  # the largest that is open to all
    "cleveland": lambda url: [re.sub(r"_web\.jpg$", "_print.jpg", url)],  # the next is a TIFF of tens of megabytes
    "artsy": lambda url: [re.sub(r"/[a-z_]+\.jpg$", f"/{v}.jpg", url) for v in ("normalized", "larger")],
}


def larger_addresses(
    source: str,  # name of the source
    url: str,  # of the picture as the catalogue has it
) -> list[str]:
    "Addresses of a picture, the largest first; the last is `url` itself. Empty for a source that is not asked."
    if not url or source not in _RULES:
        return []
    return list(dict.fromkeys([*_RULES[source](url), url]))


def fetch_larger(
    source: str,  # name of the source
    url: str,  # of the picture as the catalogue has it
    size: int,  # longest side of the result, pixels, at most
    out: Path,  # the JPEG to write
) -> bool:
    "Download the largest picture that the source has, checked as every picture is. False where there is none."
    kind = Source.known.get(source)
    if kind is None or not issubclass(kind, ApiSource):
        return False
    headers = {"User-Agent": user_agent(), "Accept": "image/*"}
    pace = kind.pictures_per_second
    with Client(kind.picture_hosts, pace, headers, attempts=1, private_ok=kind.private_ok) as client:
        for address in larger_addresses(source, url):
            try:
                data = client.bytes(address, LARGEST_DOWNLOAD)
            except WebError:
                continue
            if not save_thumbnail(data, size, out):
                return True
    return False

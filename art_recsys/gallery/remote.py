"""Pictures that a catalogue only has an address of: fetched by us, checked, made small and kept.

A browser never asks the other host. A catalogue could else name a tracker, which would learn who looks at what. Only
addresses of the catalogue are fetched, and only from public hosts (`sources.http`).
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

from art_recsys.sources.http import Client, WebError, host_of, is_web_url
from art_recsys.sources.pictures import save_thumbnail

from .large import LargePictures, PictureRow, Pictures

__all__ = ["RemotePictures", "fetch_remote"]

LONGEST = 1024  # longest side of what is kept, pixels
MOST_BYTES = 15_000_000  # of a download
TOGETHER = 4  # downloads at the same time


def fetch_remote(
    url: str,  # of a picture, as the catalogue has it
    out: Path,  # the JPEG to write
    private_ok: frozenset[str] = frozenset(),  # hosts, as `name:port`, that may be on a private address: for tests
) -> bool:
    "Fetch one picture from a public host and write it as a JPEG. False where that is not possible."
    if not is_web_url(url):
        return False
    headers = {"User-Agent": "art_recsys", "Accept": "image/*"}  # no more: it is nobody's business who looks
    with Client([host_of(url)], 100, headers, attempts=1, private_ok=private_ok) as client:
        try:
            data = client.bytes(url, MOST_BYTES)
        except WebError:
            return False
    return not save_thumbnail(data, LONGEST, out)


class RemotePictures(LargePictures):
    "Fetches and keeps the pictures of other hosts, in `cache/remote` of the home, which is bounded"

    kept_in = "remote"
    queue = 200  # a wall asks for all of its pictures together

    def __init__(
        self,
        pictures: Pictures,  # of the home
        fetch: Callable[[str, Path], bool] = fetch_remote,
    ):
        super().__init__(pictures)
        self.fetch = fetch
        self._few = asyncio.Semaphore(TOGETHER)

    async def make(self, row: PictureRow, file: Path) -> bool:
        "Fetch the picture of `row` into `file`. False where that is not possible."
        async with self._few:
            return await asyncio.to_thread(self.fetch, row.url, file)

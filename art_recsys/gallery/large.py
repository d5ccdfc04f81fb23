"""Large pictures for the viewer: painted or downloaded when somebody looks closely, and kept.

A work of the sample museum is painted again with 1,600 pixels, in a process of its own, one at a time and behind
everything else. A work of a museum on the network comes from the largest file of that museum. Both are kept in
`cache/large` of the home, which is bounded. Where there is nothing larger, the viewer keeps the picture that it has.
"""

import asyncio
import logging
import os
import sqlite3
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
from joblib.externals.loky import get_reusable_executor
from tornado import web

from art_recsys.config import fingerprint, write_atomic
from art_recsys.platform.live_row import live_row

__all__ = ["Crowded", "LargeHandler", "LargePictures", "PictureRow", "Pictures"]

log = logging.getLogger(__name__)
PIXELS = 1600  # longest side of what is painted
LONGEST = 3200  # longest side of what is downloaded, pixels
KEPT_BYTES = 500_000_000  # of all large pictures; those that nobody looked at for longest go first
QUEUE = 16  # pictures that may wait; a visitor who steps through works asks for many
RETRY_SECONDS = 600.0  # until a picture that could not be had is asked for again
IDLE_SECONDS = 60  # until the painter's process ends


class PictureRow(NamedTuple):
    "What the catalogue says about the picture of a work"

    path: str  # relative to the home; empty where there is none
    source: str  # name of the source
    url: str  # at the source; may be empty


class Pictures:
    "Picture of each work, read from the home's catalogue and again whenever the catalogue changes"

    tables = ("enriched.parquet", "artworks.parquet")

    def __init__(
        self,
        home: str | Path,  # has one of `tables`; until it has, there are no pictures
    ):
        self.home = Path(home)
        self._read: tuple[Path, int] | None = None
        self._rows: dict[str, PictureRow] = {}

    def row(self, artwork_id: str) -> PictureRow | None:
        "The picture of the work `artwork_id`; None if the catalogue has no such work"
        table = next((self.home / name for name in self.tables if (self.home / name).is_file()), None)
        if table is None:
            return None
        version = (table, table.stat().st_mtime_ns)
        if version != self._read:
            there = pq.read_schema(table).names
            wanted = [name for name in ("artwork_id", "image_path", "source", "image_url") if name in there]
            columns = pq.read_table(table, columns=wanted).to_pydict()
            ids = columns["artwork_id"]
            nothing = [""] * len(ids)
            parts = [columns.get(name, nothing) for name in ("image_path", "source", "image_url")]
            self._rows = {i: PictureRow(*(part or "" for part in row)) for i, *row in zip(ids, *parts, strict=True)}
            self._read = version
        return self._changed(artwork_id, self._rows.get(artwork_id))

    def _changed(self, artwork_id: str, row: PictureRow | None) -> PictureRow | None:
        "The picture after changes over HTTP; None for a work that was withdrawn"
        try:
            found = live_row(self.home / "events.db", artwork_id)
        except sqlite3.Error:  # the file is being made, or is damaged: the model server says so
            return row
        if found is None:
            return row
        body, made, withdrawn = found
        if withdrawn:
            return None
        path, source, url = row or ("", "api", "")
        return PictureRow(made.get("image_path") or path, source, body.get("image_url") or url)

    def path(self, artwork_id: str) -> str | None:
        "Path of the picture of the work `artwork_id`, relative to the home; None if there is none"
        row = self.row(artwork_id)
        return row.path or None if row else None


class Crowded(Exception):
    "Too many large pictures are waiting"


class LargePictures:
    "Makes and keeps the large pictures of a home; every picture is made once, however many ask for it together"

    kept_in = "large"  # folder in the cache of the home
    queue: int | None = None  # pictures that may wait; None: `QUEUE`

    def __init__(
        self,
        pictures: Pictures,  # of the home
        executor: Executor | None = None,  # paints; None: a process that ends when it is idle
    ):
        self.pictures, self.executor = pictures, executor
        self.folder = pictures.home / "cache" / self.kept_in
        self._making: dict[Path, asyncio.Task[bool]] = {}
        self._failed: dict[Path, float] = {}  # file -> when it may be tried again
        self._one = asyncio.Semaphore(1)  # painter
        self._two = asyncio.Semaphore(2)  # downloads

    async def find(
        self,
        artwork_id: str,  # of a work in the catalogue
    ) -> Path | None:
        "The file of the large picture; None where nothing is larger. Raises `KeyError` (no such work), `Crowded`."
        row = self.pictures.row(artwork_id)
        if row is None:
            raise KeyError(artwork_id)
        file = self.folder / f"{fingerprint(artwork_id, *row)}.jpg"
        if file.is_file():
            os.utime(file)
            return file
        if self._failed.get(file, 0) > time.monotonic():
            return None
        if file not in self._making:
            if len(self._making) >= (self.queue or QUEUE):
                raise Crowded(artwork_id)
            task = self._making[file] = asyncio.ensure_future(self._make(row, file))
            task.add_done_callback(lambda _: self._making.pop(file, None))
        made = await asyncio.shield(self._making[file])  # a visitor who leaves does not end it for the others
        return file if made else None

    async def _make(self, row: PictureRow, file: Path) -> bool:
        "Paint or download one picture. False where that is not possible, and for a while nobody tries again."
        try:
            made = await self.make(row, file)
        except Exception:  # a broken picture, a full disk, a painter that was killed: the viewer keeps the small one
            log.exception("The large picture %s cannot be made", file.name)
            made = False
        if made:
            await asyncio.to_thread(forget_oldest, self.folder, file)
        else:
            if len(self._failed) > 1000:
                self._failed.clear()
            self._failed[file] = time.monotonic() + RETRY_SECONDS
        return made

    async def make(self, row: PictureRow, file: Path) -> bool:
        "Paint the picture of `row` into `file`, or download it. False where there is nothing larger."
        from art_recsys.sample_museum import painted_as

        if row.source == "sample" and (painted := painted_as(Path(row.path).name)):
            return painted[2] < PIXELS and await self._paint(painted, file)
        async with self._two:
            return await asyncio.to_thread(_download, row, file)

    async def _paint(self, painted: tuple[int, int, int], file: Path) -> bool:
        async with self._one:
            future = await asyncio.to_thread(self._submit, painted, file)  # a new process takes a moment
            await asyncio.wrap_future(future)
        return True

    def _submit(self, painted: tuple[int, int, int], file: Path) -> Future:
        executor = self.executor or get_reusable_executor(max_workers=1, timeout=IDLE_SECONDS, initializer=_stand_back)
        return executor.submit(paint_large, *painted, str(file))


def _stand_back() -> None:
    "Let everything else on this machine go first, where the system can"
    if hasattr(os, "nice"):
        os.nice(10)


def paint_large(
    index: int,  # number of the work
    seed: int,  # of the museum
    size: int,  # longest side of the picture on the wall, pixels
    file: str,  # the JPEG to write
) -> None:
    "Paint a work of the sample museum with `PIXELS`"
    from art_recsys.sample_museum import enlarge

    with write_atomic(file) as part:
        enlarge(index, seed, size, PIXELS).save(part, "JPEG", quality=88)


def _download(row: PictureRow, file: Path) -> bool:
    import art_recsys.ingestion  # noqa: F401  # registers the sources
    from art_recsys.sources.larger import fetch_larger, larger_addresses

    if not larger_addresses(row.source, row.url):
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    return fetch_larger(row.source, row.url, LONGEST, file)


def forget_oldest(
    folder: Path,  # of the large pictures
    keep: Path,  # the newest, which stays
    limit: int = KEPT_BYTES,
) -> None:
    "Delete the pictures that nobody looked at for longest until the others have at most `limit` bytes"
    files = [(p, p.stat()) for p in folder.glob("*.jpg")]
    total = sum(stat.st_size for _, stat in files)
    for path, stat in sorted(files, key=lambda f: f[1].st_mtime_ns):
        if total <= limit:
            return
        if path != keep:
            path.unlink(missing_ok=True)
            total -= stat.st_size


class LargeHandler(web.StaticFileHandler):
    "`/large/<artwork_id>`: the large picture of a work; 204 where only `/pictures/<artwork_id>` can be had"

    def initialize(self, large: LargePictures) -> None:  # type: ignore[override]  # tornado passes the arguments in `init_handlers`
        "Called by tornado for each request with the arguments in `init_handlers`"
        self.large = large
        super().initialize(path=str(large.folder.resolve()))

    async def get(self, path: str, include_body: bool = True) -> None:
        "The picture of the work `path`. `HTTPError` 404 for an unknown work, 503 where too many wait."
        try:
            file = await self.large.find(path)
        except KeyError:
            raise web.HTTPError(404) from None
        except Crowded:
            self.set_header("Retry-After", "5")
            raise web.HTTPError(503) from None
        if file is None:
            self.set_status(204)
            self.finish()
            return
        self.file = str(file.resolve())
        await super().get(path, include_body)

    def parse_url_path(self, url_path: str) -> str:
        "The file that was found, in place of a path below a folder; `url_path` is not read"
        return self.file

    def get_absolute_path(self, root: str, path: str) -> str:  # type: ignore[override]  # a class method of tornado
        "The `path` that `parse_url_path` found, which is absolute already; `root` is not read"
        return path

    def set_extra_headers(self, path: Any) -> None:
        "Let browsers keep a picture for an hour; `path` is not read"
        self.set_header("Cache-Control", "public, max-age=3600")

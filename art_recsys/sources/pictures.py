"""Pictures of a catalogue: checked, made small, and copied or downloaded into `pictures/` of the home.

A picture from outside can be broken, can be no picture at all, or can be small on disk and gigabytes in memory. It is
opened with a limit on its pixels and decoded completely before it counts. If a picture fails, the artwork stays,
without a picture. `pictures.jsonl`, the manifest, has one line per address: what came of it, and whether to try again.
"""

import hashlib
import io
import json
import warnings
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from PIL import Image, ImageOps

from art_recsys.config import Home, disk_error, fingerprint, progress, write_atomic
from art_recsys.core import Cols

from .http import Client, WebError

__all__ = ["copy_pictures", "fetch_picture", "fetch_pictures", "keep_picture", "read_manifest", "save_thumbnail"]

MAX_PIXELS = 100_000_000
MAX_BYTES = 100_000_000  # of a picture file on disk
LARGEST_DOWNLOAD = 30_000_000  # bytes
BATCH = 32  # downloads between two writes of the manifest
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"]  # not those that Pillow hands to another program


def save_thumbnail(
    data: bytes,  # a picture file, not trusted
    size: int,  # longest side of the thumbnail, pixels
    out: Path,  # the JPEG to write
) -> str:
    "Check a picture and write a small JPEG of it. Returns the reason why that is impossible, or ''."
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as im:
            if im.width * im.height > MAX_PIXELS:
                return "picture with too many pixels"
            im.verify()
        with Image.open(io.BytesIO(data), formats=FORMATS) as im, write_atomic(out, durable=False) as temp:
            _small(im, size).save(temp, "JPEG", quality=88)
    except Image.DecompressionBombError:
        return "picture with too many pixels"
    except Exception as e:  # Pillow raises whatever a broken file makes it raise
        if disk_error(e):
            raise
        return "picture that is not a picture"
    return ""


def _is_there(picture: Path) -> bool:
    "Whether it was made; a power cut soon after that may leave an empty file, which is made again"
    return picture.exists() and picture.stat().st_size > 0


def _small(im: Image.Image, size: int) -> Image.Image:
    "Upright, on white, in RGB, the longer side at most `size` pixels"
    im.draft("RGB", (size, size))
    im = ImageOps.exif_transpose(im)
    if im.mode in ("RGBA", "LA", "PA") or "transparency" in im.info:
        im = im.convert("RGBA")
        im = Image.alpha_composite(Image.new("RGBA", im.size, "white"), im)
    im = im.convert("RGB")
    im.thumbnail((size, size), Image.Resampling.LANCZOS)
    return im


# ---- from a folder


def copy_pictures(
    works: pd.DataFrame,  # normalised artworks; `image_path` is relative to `folder`
    folder: Path,  # where the pictures are; nothing outside of it is read
    home: Home,  # where they go
    size: int,  # longest side, pixels
    report: Counter,  # counts what failed, by reason
) -> pd.Series:
    "Copy local pictures into the home, except those already there. Paths relative to the home, or ''."

    def one(path: str) -> tuple[str, str]:  # (new path, reason why there is none)
        if not path:
            return "", ""
        full = (folder / path).resolve()
        if not full.is_relative_to(folder.resolve()):
            return "", "picture outside the folder of the file"
        if not full.is_file():
            return "", "picture not found"
        stat = full.stat()
        if stat.st_size > MAX_BYTES:
            return "", "picture file too large"
        out = home.pictures / f"{fingerprint(str(full), stat.st_size, stat.st_mtime_ns, size)}.jpg"
        why = "" if _is_there(out) else save_thumbnail(full.read_bytes(), size, out)
        return ("", why) if why else (f"{home.pictures.name}/{out.name}", "")

    paths = works[Cols.image_path]
    with warnings.catch_warnings(), ThreadPoolExecutor(2) as pool:
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        done = list(progress(pool.map(one, paths), "pictures", len(paths), "picture"))
    report.update(why for _, why in done if why)
    return pd.Series([p for p, _ in done], index=works.index, dtype=object)


def keep_picture(
    data: bytes,  # of an image file
    home: Home,  # where it goes
    size: int,  # longest side, pixels
) -> tuple[str, str]:  # the file relative to the home, or ''; the reason, or ''
    "Write a picture into `pictures/`, under the hash of its content"
    file = home.pictures / f"{hashlib.sha256(data).hexdigest()[:24]}-{size}.jpg"
    why = "" if _is_there(file) else save_thumbnail(data, size, file)
    return ("", why) if why else (f"{home.pictures.name}/{file.name}", "")


# ---- from the network


def fetch_picture(
    url: str,  # where the record says that it is
    client: Client,  # knows the hosts that may be asked
    home: Home,  # where it goes
    size: int,  # longest side, pixels
) -> dict:
    """Download one picture into `pictures/`.
    Returns its line of the manifest: `url`, `size`, `file` (relative to the home, or ''), `why` (the reason, or '') and
    `again` (whether a later try may succeed).
    """
    line = {"url": url, "size": size, "file": "", "why": "", "again": False}
    try:
        data = client.bytes(url, LARGEST_DOWNLOAD)
    except WebError as e:
        return line | {"why": f"picture: {e.why}", "again": e.passing}
    file, why = keep_picture(data, home, size)
    return line | {"file": file, "why": why}


def read_manifest(
    home: Home,  # of the catalogue
) -> dict[str, dict]:
    "Address -> its latest line in `pictures.jsonl`"
    path, out = home.file("pictures.jsonl"), {}
    for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            line = json.loads(text)
        except ValueError:  # the last line of a process that was killed
            continue
        if isinstance(line, dict) and "url" in line:
            out[line["url"]] = line
    return out


def fetch_pictures(
    works: pd.DataFrame,  # normalised artworks with `image_url`
    home: Home,  # where the pictures go
    size: int,  # longest side, pixels
    client: Client,  # knows the hosts that may be asked
    report: Counter,  # counts what failed, by reason
    workers: int = 4,  # downloads at a time
) -> pd.Series:
    """Download the pictures of a catalogue. Paths relative to the home, or ''.

    A run that was interrupted continues where it stopped. Where the first `BATCH` addresses all answer 403, the host
    refuses scripts: the others are counted and not requested. Pictures that no artwork shows any more are deleted.
    """
    urls = [u for u in dict.fromkeys(works[Cols.image_url]) if u]
    manifest = read_manifest(home)
    todo, tried = _to_fetch(urls, manifest, home, size), []
    with (
        ThreadPoolExecutor(workers) as pool,
        open(home.file("pictures.jsonl"), "a", encoding="utf-8") as manifest_file,
    ):
        for at in progress(range(0, len(todo), BATCH), "pictures", -(-len(todo) // BATCH), f"{BATCH} pictures"):
            lines = list(pool.map(lambda u: fetch_picture(u, client, home, size), todo[at : at + BATCH]))
            manifest_file.write(_as_jsonl(lines))
            manifest_file.flush()
            manifest.update((line["url"], line) for line in lines)
            tried += lines
            if len(tried) >= BATCH and all(line["why"] == "picture: answered 403" for line in tried):
                break
    why = "picture: not requested, the host refuses all"
    for u in todo[len(tried) :]:
        manifest[u] = {"url": u, "size": size, "file": "", "why": why, "again": True}
    return _settle(works, urls, manifest, home, report)


def _to_fetch(urls: list[str], manifest: dict, home: Home, size: int) -> list[str]:
    "The addresses that are worth a request"

    def settled(line: dict) -> bool:
        return line["size"] == size and not line["again"] and (line["why"] or home.file(line["file"]).is_file())

    return [u for u in urls if u not in manifest or not settled(manifest[u])]


def _settle(works: pd.DataFrame, urls: list[str], manifest: dict, home: Home, report: Counter) -> pd.Series:
    "Write the manifest of this catalogue, delete pictures that no artwork shows, return where each picture is"
    kept = {u: manifest[u] for u in urls}
    files = {line["file"] for line in kept.values()}
    for line in manifest.values():
        if line["file"] and line["file"] not in files and Path(line["file"]).parent.name == home.pictures.name:
            (home.pictures / Path(line["file"]).name).unlink(missing_ok=True)
    with write_atomic(home.file("pictures.jsonl")) as p:
        p.write_text(_as_jsonl(kept.values()), encoding="utf-8")
    report.update(kept[u]["why"] for u in works[Cols.image_url] if u and kept[u]["why"])
    return works[Cols.image_url].map(lambda u: kept[u]["file"] if u else "").astype(object)


def _as_jsonl(lines: Iterable) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)

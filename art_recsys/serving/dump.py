"""A whole home in one file, and back.

The file is a zip archive. `manifest.json` in it has the version of the format, the release that wrote it, and size and
SHA-256 of every file. Databases are copied in one transaction (`VACUUM INTO`), so a server may go on; runs of the
stages wait. A home appears under its name only when every file was read, checked and synced. It keeps its mark of trust
where the manifest has the seal of the person who restores it.
"""

import hashlib
import hmac
import json
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from filelock import FileLock, Timeout

import art_recsys
from art_recsys.config import UserError, disk_error, home_id, sync, sync_one
from art_recsys.config.trust import MARK, seal

from .server_lock import server_lock
from .store_file import BACKUPS

__all__ = ["FORMAT", "MANIFEST", "dump", "restore"]

FORMAT = 1
MANIFEST = "manifest.json"
WAIT = 60  # seconds to wait for a run in the same home
PIECE = 1 << 20
MAX_MANIFEST = 100_000_000  # bytes
PACKED = {".jpg", ".jpeg", ".png", ".parquet", ".webp", ".zip", ".npz"}  # compressed already
LEFT_OUT = re.compile(r"(\.lock|-wal|-shm|-journal|\.tmp)$|^(server\.json|server\.log.*|\.writable)$")
PASSING = ".recover-", "spill-"  # folders of work that is being done, or was killed
NO_DUMP = "name a file that was made by: art-recsys dump HOME FILE"


def _files(home: Path) -> Iterator[Path]:
    "The files that belong into a dump, in order: no locks, logs of a server, backups, links or half-written files"
    for folder, names, files in os.walk(home):
        names[:] = sorted(n for n in names if not n.endswith((".tmp", BACKUPS)) and not n.startswith(PASSING))
        for name in sorted(files):
            path = Path(folder) / name
            if not LEFT_OUT.search(name) and ".damaged-" not in name and path.is_file() and not path.is_symlink():
                yield path


def _digest(source: "IO[bytes] | _Limited", target: IO[bytes]) -> tuple[int, str]:
    "Copy a file; its size and SHA-256"
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        target.write(piece)
    return size, digest.hexdigest()


def _snapshot(database: Path, folder: Path) -> Path:
    "A copy of a database as of one moment, whoever writes to it"
    copy = folder / uuid.uuid4().hex
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=rw", uri=True, timeout=60)) as db:
        db.execute("vacuum into ?", (str(copy),))
    return copy


@contextmanager
def _words(what: str, where: Path) -> Iterator[None]:
    "Errors of the disk and of SQLite as messages"
    try:
        yield
    except (OSError, sqlite3.Error) as e:
        if isinstance(e, sqlite3.DatabaseError) and "malformed" in str(e):
            raise UserError(f"{what}: a database is damaged ({e}).", "mend it first: art-recsys recover") from None
        said = disk_error(e, where)
        raise UserError(
            f"{what}: {said.what if said else e} Nothing was left behind.",
            said.remedy if said else "look at what the message says, then repeat",
        ) from None


@contextmanager
def _run_lock(home: Path) -> Iterator[None]:
    "No run changes the home until the block ends"
    lock = FileLock(home / ".lock", timeout=WAIT)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(f"A run has been working in {home} for {WAIT} s.", "repeat when it has ended") from None
    try:
        yield
    finally:
        lock.release()


def dump(
    home: Path,  # A server may run in it
    file: Path,  # To write; only its owner may read it
    force: bool = False,  # Replace a file that is there
) -> dict:  # `{file, files, bytes}`
    "Write a home into one file, complete or not at all. Raises `UserError`."
    home, file = Path(home).resolve(), Path(file).resolve()
    if not home.is_dir() or not any(home.iterdir()):
        raise UserError(f"There is no home {home}.", "name the folder that --home names elsewhere")
    if file.is_relative_to(home):
        raise UserError(f"{file} is inside of the home.", "name a file outside of it")
    if file.exists() and not force:
        raise UserError(f"{file} is there already.", "name another file, or replace it with --force")
    if not file.parent.is_dir():
        raise UserError(f"There is no folder {file.parent}.", "make it, or name another file")
    temp = file.with_name(f".{file.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        with _words(f"{file} could not be written", file.parent), _run_lock(home):
            os.close(os.open(temp, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            entries = _write(home, temp)
            sync(temp)
            os.replace(temp, file)
            sync_one(file.parent)
    finally:
        temp.unlink(missing_ok=True)
    return {"file": str(file), "files": len(entries), "bytes": file.stat().st_size}


def _write(home: Path, file: Path) -> dict[str, dict]:
    "Write the archive; its manifest's `files`"
    entries: dict[str, dict] = {}
    with (
        tempfile.TemporaryDirectory(dir=file.parent, prefix=".dump-") as folder,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for path in _files(home):
            name = path.relative_to(home).as_posix()
            source = _snapshot(path, Path(folder)) if path.suffix == ".db" else path
            kind = zipfile.ZIP_STORED if path.suffix.lower() in PACKED else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
            info.compress_type, info.external_attr = kind, (stat.S_IFREG | 0o600) << 16
            try:
                with open(source, "rb") as read, archive.open(info, "w", force_zip64=True) as written:
                    size, digest = _digest(read, written)
            except FileNotFoundError:
                continue  # deleted meanwhile, by the server
            entries[name] = {"size": size, "sha256": digest}
            if source is not path:
                source.unlink()
        about: dict = {"format": FORMAT, "art_recsys": art_recsys.__version__, "at": datetime.now(UTC).isoformat()}
        about |= {"seal": _seal(entries)} if home_id(home) else {}
        archive.writestr(MANIFEST, json.dumps(about | {"files": entries}, indent=1))
    return entries


def _seal(files: dict[str, dict]) -> str:
    "The seal of this person for these names, sizes and digests"
    return seal("dump", json.dumps(files, sort_keys=True))


def _as_dumped(about: dict[str, Any]) -> bool:
    "Whether this person wrote what is in the archive, and nobody changed it"
    sealed = about.get("seal")
    return isinstance(sealed, str) and hmac.compare_digest(sealed.encode(), _seal(about["files"]).encode())


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    "The checked manifest. Raises `UserError` for a later format, and for names that lead out of the home."
    try:
        if archive.getinfo(MANIFEST).file_size > MAX_MANIFEST:
            raise ValueError
        about = json.loads(archive.read(MANIFEST))
        written, files = int(about["format"]), dict(about["files"])
        _ = [(str(e["sha256"]), int(e["size"])) for e in files.values()]
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, NotImplementedError):
        raise UserError(f"{file} is not a dump of a home.", NO_DUMP) from None
    if written > FORMAT:
        raise UserError(
            f"{file} was written by a later release ({about.get('art_recsys')}): its format is {written}, and this "
            f"release reads up to {FORMAT}.",
            f"install art_recsys {about.get('art_recsys')} or later",
        )
    for info in archive.infolist():
        mode = info.external_attr >> 16
        if not _inside(info.filename) or stat.S_IFMT(mode) not in (0, stat.S_IFREG):
            raise UserError(
                f"{file} is refused: {info.filename[:200]!r} leads out of the home or is no plain file.",
                "only restore what art-recsys dump has written",
            )
    if sorted(i.filename for i in archive.infolist()) != sorted([*files, MANIFEST]):
        raise UserError(f"{file} is damaged: its files are not those of its manifest.", NO_DUMP)
    return about


def _inside(name: str) -> bool:
    "Whether a name in an archive stays in the folder into which it is unpacked, on every system"
    parts = PurePosixPath(name).parts
    bad = not name or name.startswith("/") or any(c in name for c in "\\:\0") or name.endswith("/")
    return not bad and ".." not in parts and "." not in name.split("/") and "" not in name.split("/")


def restore(
    file: Path,  # From `dump`, of this release or an earlier one
    home: Path,  # To make; its parent folder is made, too
    force: bool = False,  # Replace a home that is there
) -> dict:  # `{home, files, made_by, at}`
    "Make a home from a dump, complete or not at all. Raises `UserError`."
    file, home = Path(file).resolve(), Path(home).resolve()
    if not file.is_file():
        raise UserError(f"There is no file {file}.", NO_DUMP)
    with _words(f"{home} could not be restored", home.parent):
        home.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home.with_name(f".{home.name}.restore.lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise UserError(f"Another restore is writing {home}.", "wait for it, or name another home") from None
        try:
            return _restore(file, home, force)
        finally:
            Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()


def _restore(file: Path, home: Path, force: bool) -> dict:
    there = home.exists() and (not home.is_dir() or any(home.iterdir()))
    if there and (not force or not home.is_dir()):
        raise UserError(f"{home} is there already.", "name another home, or replace this one with --force")
    temp = home.with_name(f".{home.name}.{uuid.uuid4().hex[:8]}.restoring")
    try:
        try:
            with zipfile.ZipFile(file) as archive:
                about = _manifest(archive, file)
                _unpack(archive, about["files"], temp, file)
                if not _as_dumped(about):  # whoever changed it would act in the name of the person who wrote it
                    (temp / MARK).unlink(missing_ok=True)
        except (zipfile.BadZipFile, EOFError):
            raise UserError(f"{file} is damaged, or not a dump of a home.", NO_DUMP) from None
        sync(temp)
        _put_in_place(temp, home, there)
    finally:
        shutil.rmtree(temp, ignore_errors=True)
    return {
        "home": str(home),
        "files": len(about["files"]),
        "made_by": str(about.get("art_recsys")),
        "at": str(about.get("at")),
    }


def _unpack(archive: zipfile.ZipFile, files: dict[str, dict], temp: Path, file: Path) -> None:
    "Unpack what the manifest names, and check size and digest of each file"
    need, free = sum(int(e["size"]) for e in files.values()), shutil.disk_usage(temp.parent).free
    if need > free:
        raise UserError(
            f"The disk of {temp.parent} has {free / 1e6:,.0f} MB free, and the home in {file.name} needs "
            f"{need / 1e6:,.0f} MB.",
            "free some space, or name a home on another disk",
        )
    temp.mkdir()
    for name, entry in files.items():
        path = temp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if path.suffix == ".db" else 0o666  # likes are nobody else's business; less the umask
        with archive.open(name) as read, open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode), "wb") as out:
            size, digest = _digest(_Limited(read, int(entry["size"]), name, file), out)
        if (size, digest) != (int(entry["size"]), entry["sha256"]):
            raise UserError(f"{file} is damaged: {name} is not what its checksum says.", "take another dump")


class _Limited:
    "A file that may not be longer than its manifest says, however little of it the archive has"

    def __init__(self, read: IO[bytes], most: int, name: str, file: Path):
        self.source, self.left, self.name, self.file = read, most, name, file

    def read(self, n: int) -> bytes:
        "At most `n` bytes"
        piece = self.source.read(n)
        self.left -= len(piece)
        if self.left < 0:
            raise UserError(f"{self.file} is damaged: {self.name} is longer than it says.", "take another dump")
        return piece


def _put_in_place(temp: Path, home: Path, there: bool) -> None:
    "Give the new home its name; one that was there is deleted after that"
    if not there:
        if home.exists():
            home.rmdir()  # it is empty
        os.rename(temp, home)
        return sync_one(home.parent)
    with server_lock(home, "replace its home"), _run_lock(home):
        old = home.with_name(f".{home.name}.{uuid.uuid4().hex[:8]}.old")
        os.rename(home, old)
        try:
            os.rename(temp, home)
        except OSError:
            os.rename(old, home)
            raise
        sync_one(home.parent)
        shutil.rmtree(old, ignore_errors=True)

"""Which encoding a text file is in, where it is not UTF-8, and the command that turns it into UTF-8."""

import codecs
import gzip
import shlex
from pathlib import Path

from art_recsys.config import UserError

__all__ = ["check_utf8", "first_bad_line"]

_MARKS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


def _open(path: Path) -> gzip.GzipFile:
    return gzip.open(path) if path.suffix == ".gz" else open(path, "rb")  # type: ignore[return-value]


def first_bad_line(path: Path) -> tuple[int, int] | None:
    "The number of the first line that is not UTF-8, counted from 1, and its first wrong byte; None where there is none"
    with _open(path) as lines:
        for n, line in enumerate(lines, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as e:
                return n, line[e.start]
    return None


def _not_utf8(path: Path, why: str, encoding: str) -> UserError:
    new = path.name.removesuffix(".gz").replace(".", "-utf8.", 1)
    read = "gunzip -c" if path.suffix == ".gz" else "cat"
    command = f"{read} {shlex.quote(str(path))} | iconv -f {encoding} -t UTF-8 > {shlex.quote(new)}"
    return UserError(f"{path.name} is not in UTF-8: {why}.", f"turn it into UTF-8, and give that file: {command}")


def check_utf8(
    path: Path,  # CSV or JSON, also with .gz
    whole: bool = False,  # Read all lines, not only the beginning
) -> None:
    "Raise `UserError` for a file in UTF-16, and, where `whole`, for one with bytes that are not UTF-8"
    try:
        with _open(path) as f:
            head = f.read(4096)
        if name := next((name for mark, name in _MARKS.items() if head.startswith(mark)), None):
            raise _not_utf8(path, f"it begins as {name} does", name)
        if b"\0" in head:
            raise _not_utf8(path, "it has zero bytes, as UTF-16 has", "UTF-16LE" if head[1:2] == b"\0" else "UTF-16BE")
        if whole and (bad := first_bad_line(path)):
            why = f"line {bad[0]} has the byte 0x{bad[1]:02X}, as Latin-1 and Windows-1252 have"
            raise _not_utf8(path, why, "WINDOWS-1252")
    except (OSError, EOFError, gzip.BadGzipFile):
        return  # the reader of the file says what is wrong with it

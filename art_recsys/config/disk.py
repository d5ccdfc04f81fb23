"""What a disk refuses, in words: full, read-only, not permitted, or a damaged database.

The libraries report it in many ways: `OSError` with a number, `sqlite3.OperationalError`, or an error of their own with
the operating system's words inside. A person needs the same message from all of them.
"""

import errno
import sqlite3
from pathlib import Path

from .errors import UserError, missing_part

__all__ = ["as_user_error", "disk_error", "is_damaged"]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
FULL_WORDS = ("no space left on device", "database or disk is full", "disk quota exceeded", "file too large")
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
READ_ONLY_WORDS = ("read-only file system", "attempt to write a readonly database", "unable to open database file")
DAMAGED_WORDS = ("malformed", "file is not a database", "database corruption")


def is_damaged(error: sqlite3.Error | str) -> bool:
    "Whether SQLite says that a file is no database or a damaged one"
    return any(words in str(error).lower() for words in DAMAGED_WORDS)


def _kind(error: BaseException) -> str | None:
    "`full`, `read-only` or `failing`, or None for an error that is about something else"
    number, text = getattr(error, "errno", None), str(error).lower()
    if number in FULL or any(words in text for words in FULL_WORDS):
        return "full"
    if number in READ_ONLY or any(words in text for words in READ_ONLY_WORDS):
        return "read-only"
    return "failing" if "disk i/o error" in text or number == errno.EIO else None


def disk_error(
    error: BaseException,  # What was raised; the errors that caused it are looked at, too
    where: str | Path = "",  # File or folder to name where the error does not
) -> UserError | None:  # None: the error is not about the disk
    "A message with a remedy for an error of a full disk, or of a disk or file that may not be written"
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        if isinstance(at, UserError):
            return None  # it was put into words already
        name = getattr(at, "filename2", None) or getattr(at, "filename", None) or where
        if (kind := _kind(at)) == "full":
            return UserError(
                f"The disk is full: {name or 'a file'} could not be written.",
                "free some space (df -h shows how much there is), then repeat; what was there before is whole",
            )
        if kind == "read-only":
            return UserError(
                f"{name or 'A file'} cannot be written: {getattr(at, 'strerror', None) or at}.",
                "make it writable for this user, or choose another home with --home or ART_RECSYS_HOME",
            )
        if kind == "failing":
            return UserError(
                f"The disk refuses to read or write{f' {name}' if name else ''} ({at}).",
                "look at whether it is full (df -h; then free some space) or failing (dmesg), then repeat",
            )
        at = at.__cause__ or at.__context__
    return None


def as_user_error(error: Exception) -> UserError | None:  # None: a bug, which deserves its stack trace
    "The error itself if it is for a person, or what it says about the disk or about a package that is not installed"
    return error if isinstance(error, UserError) else disk_error(error) or missing_part(error)

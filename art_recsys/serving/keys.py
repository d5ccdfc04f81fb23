"""API keys of the model server. The home's `keys.json` has a hash of each, and nobody sees a key twice.

A key has 256 random bits, so a fast hash is enough: there is nothing to guess. The file is read again when it changes,
so that a key that was revoked ends at once.
"""

import hashlib
import hmac
import json
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from art_recsys.config import Home, Settings, UserError
from art_recsys.config.private import make_private, write_private

__all__ = ["KEYS_FILE", "ROLES", "Key", "Keys"]

KEYS_FILE = "keys.json"
ROLES = ("read", "write", "admin")  # each may do what those before it may
FORM = re.compile(r"ar_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")


class Key(NamedTuple):
    "One key, as the file has it"

    key_id: str  # the eight digits in the key, which are no secret
    name: str  # whose it is, for people
    role: str  # one of `ROLES`
    digest: str  # SHA-256 of the whole key, hexadecimal
    made: str  # ISO 8601 in UTC

    def may(self, role: str) -> bool:
        "Whether the role of this key includes `role`"
        return ROLES.index(self.role) >= ROLES.index(role)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class Keys:
    "The keys of one home"

    def __init__(
        self,
        path: Path,  # `keys.json`; need not be there
    ):
        self.path = Path(path)
        self._read: tuple[int, int] | None = None  # time and size of the file that was read
        self._keys: dict[str, Key] = {}

    @classmethod
    def of(cls, settings: Settings) -> "Keys":
        "The keys of the home of `settings`"
        return cls(Home(settings.home).file(KEYS_FILE))

    def all(self) -> dict[str, Key]:
        "The keys by id, the oldest first. Raises `UserError` where the file cannot be read."
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            self._read, self._keys = None, {}
            return {}
        version = (stat.st_mtime_ns, stat.st_size)
        if version != self._read:
            try:
                rows = [Key(**row) for row in json.loads(self.path.read_text(encoding="utf-8"))["keys"]]
                if any(key.role not in ROLES for key in rows):
                    raise ValueError("a role that there is not")
            except (OSError, ValueError, KeyError, TypeError) as e:
                raise UserError(
                    f"{self.path} cannot be read as keys ({e}).",
                    "move it away and make new keys: art-recsys keys new --role write --name NAME",
                ) from None
            self._keys, self._read = {key.key_id: key for key in rows}, version
        return self._keys

    def find(
        self,
        key: str,  # as a request brings it
    ) -> Key | None:
        "The key, if the home has it. It is compared in constant time."
        form = FORM.fullmatch(key)
        known = self.all().get(form[1]) if form else None
        there = hmac.compare_digest(_digest(key), known.digest if known else _digest(""))
        return known if there else None

    def new(
        self,
        name: str,  # whose it is
        role: str,  # one of `ROLES`
    ) -> tuple[Key, str]:
        "Make a key: what the file has of it, and the key itself, which is kept nowhere. Raises `UserError`."
        if role not in ROLES:
            raise UserError(f"{role} is not a role.", f"--role is one of: {', '.join(ROLES)}")
        if not re.fullmatch(r"[\w .@-]{1,60}", name):
            raise UserError("--name has 1 to 60 letters, digits, spaces, or . @ - _.", "say whose key it is")
        secret = f"ar_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
        key = Key(secret[3:11], name, role, _digest(secret), datetime.now(UTC).isoformat(timespec="seconds"))
        with self._locked():
            keys = self.all()
            if any(other.name == name for other in keys.values()):
                raise UserError(
                    f"There is a key called {name} already.", f"art-recsys keys revoke {name}, or another name"
                )
            self._write([*keys.values(), key])
        return key, secret

    def revoke(
        self,
        which: str,  # name or id
    ) -> Key:
        "Delete a key; it ends at once, also in a running server. Raises `UserError` where there is none."
        with self._locked():
            keys = self.all()
            gone = next((key for key in keys.values() if which in (key.key_id, key.name)), None)
            if gone is None:
                raise UserError(f"There is no key {which}.", "see: art-recsys keys list")
            self._write([key for key in keys.values() if key != gone])
        return gone

    def _locked(self) -> FileLock:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(f"{self.path}.lock")

    def _write(self, keys: list[Key]) -> None:
        with write_private(self.path) as temp:
            temp.write_text(json.dumps({"keys": [key._asdict() for key in keys]}, indent=1) + "\n", encoding="utf-8")
        self._read = None

    def tighten(self) -> None:
        "Let nobody else read the file, where there is one"
        if self.path.is_file():
            make_private(self.path)

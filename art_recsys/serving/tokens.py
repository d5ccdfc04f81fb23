"""Tokens of visitors: made by this server and by nobody else, so that no imported user's id is one.

A token is a random part and its signature. The secret that signs is made once and lies in events.db, so a token works
after a restart, and nothing has to be written when a page is opened. Tokens of earlier releases had no signature. Those
that the file knows when it is first opened by this release are remembered by their hashes and go on working. An id of
the same form that somebody sends later is none.
"""

import hashlib
import hmac
import re
import secrets
import sqlite3
from base64 import urlsafe_b64encode
from collections.abc import Container

from .store import EventStore

__all__ = ["Tokens", "forget_token"]

FORM = re.compile(r"v1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})")
EARLIER = re.compile(r"[A-Za-z0-9_-]{22}")  # secrets.token_urlsafe(16)
TABLES = (
    "create table if not exists token_secret(one integer primary key check(one = 1), secret blob not null)",
    "create table if not exists earlier_tokens(digest blob primary key)",
)
WHO = " union ".join(
    f"select user_id from {table} where length(user_id) = 22" for table in ("events", "steering", "rooms")
)


class Tokens:
    "The tokens of one event store"

    def __init__(
        self,
        store: EventStore,
        users: Container[str] = (),  # ids of the training data, which are nobody's tokens
    ):
        self.store, self.users = store, users
        self._secret: bytes = store.write(self._begin)

    def _begin(self, db: sqlite3.Connection) -> bytes:
        "The secret of this file; where there is none yet, make it and remember the tokens of earlier releases"
        for sql in TABLES:
            db.execute(sql)
        if found := db.execute("select secret from token_secret").fetchone():
            return found[0]
        earlier = [u for (u,) in db.execute(WHO) if EARLIER.fullmatch(u) and u not in self.users]
        db.executemany("insert or ignore into earlier_tokens values(?)", [(_digest(u),) for u in earlier])
        secret = secrets.token_bytes(32)
        db.execute("insert into token_secret values(1, ?)", (secret,))
        return secret

    def _signed(self, random: str) -> str:
        "The signature of a random part: 128 bits"
        mac = hmac.new(self._secret, random.encode(), hashlib.sha256).digest()[:16]
        return urlsafe_b64encode(mac).decode().rstrip("=")

    def make(self) -> str:
        "A new token"
        random = secrets.token_urlsafe(16)
        return f"v1.{random}.{self._signed(random)}"

    def made(
        self,
        token: str,  # as a browser sends it
    ) -> bool:
        "Whether this server has made the token, now or as an earlier release"
        if form := FORM.fullmatch(token):
            return hmac.compare_digest(self._signed(form[1]), form[2]) and token not in self.users
        if not EARLIER.fullmatch(token) or token in self.users:
            return False
        return bool(self.store.read("select 1 from earlier_tokens where digest = ?", (_digest(token),)))


def forget_token(
    store: EventStore,
    token: str,  # of a visitor, or any other id
) -> None:
    "Forget that an earlier release made this token, where it did"

    def job(db: sqlite3.Connection) -> None:
        for sql in TABLES:
            db.execute(sql)
        db.execute("delete from earlier_tokens where digest = ?", (_digest(token),))

    store.write(job)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

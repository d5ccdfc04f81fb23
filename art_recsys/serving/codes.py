"""One-time codes that carry what a visitor likes to another browser.

A code is short, works once, and ends after ten minutes. The file has only a slow hash of it. Who enters it gets a copy
of the likes, the hidden works, what was asked for, and the rooms. The other browser keeps its own, and each goes its
own way from then on. What the visitor had decided already stays as it is.
"""

import hashlib
import json
import secrets
import sqlite3
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from art_recsys.core import Cols, Event

from .rooms import MAX_ROOMS, Rooms
from .store import EventStore, as_ts

__all__ = ["LIFE", "MAX_TRIES", "Codes"]

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without those that are mistaken for each other
LENGTH = 8
LIFE = timedelta(minutes=10)
MAX_TRIES, MAX_TRIES_OF_ALL = 5, 100  # wrong codes in ten minutes, of one visitor and of all; 30^8 codes exist
WRONG = (
    "This code does not work. Perhaps it was mistyped, was used already, or is older than ten minutes. "
    "Ask the other browser for a new one."
)


def _digest(code: str) -> bytes:
    "A hash of a code, however it is written; slow, because a code is short"
    letters = "".join(c for c in code.upper() if c.isalnum()).encode()
    return hashlib.scrypt(letters, salt=b"art_recsys code", n=2**13, r=8, p=1, dklen=32)


class Codes:
    "The codes in the file of an event store"

    def __init__(
        self,
        store: EventStore,
        rooms: Rooms,  # of the same store
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self.store, self.rooms, self.now = store, rooms, now
        self._wrong: deque[tuple[datetime, str]] = deque()

    def make(
        self,
        user_id: str,
        artists: list[str] = [],  # noqa: B006  # that the visitor's browser excludes; it alone knows them
    ) -> dict:  # `{code, seconds}`
        "A new code for what this visitor likes; an earlier one ends"
        letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        row = (_digest(letters), user_id, json.dumps(artists), as_ts(self.now() + LIFE))

        def job(db: sqlite3.Connection) -> None:
            db.execute("delete from codes where user_id = ? or expires < ?", (user_id, as_ts(self.now())))
            db.execute("insert into codes values(?, ?, ?, ?)", row)

        self.store.write(job)
        return {"code": f"{letters[:4]}-{letters[4:]}", "seconds": int(LIFE.total_seconds())}

    def redeem(self, user_id: str, code: str) -> dict:  # `{likes, hidden, follows, rooms, artists}`: what came
        "Copy what the visitor of this code likes to `user_id`. Raises `ValueError` for a code that does not work."
        self._check_tries(user_id)
        digest = _digest(code[:100])
        sql = "select user_id, artists from codes where digest = ? and expires between ? and ?"
        latest = self.now() + LIFE  # one that ends later was made while the clock was wrong
        if not (found := self.store.read(sql, (digest, as_ts(self.now()), as_ts(latest)))):
            self._wrong.append((self.now(), user_id))
            raise ValueError(WRONG)
        giver, artists = found[0]
        if giver == user_id:
            raise ValueError("This code is from this very browser. Enter it in the other one.")
        decisions, wishes = self._decisions(giver, user_id), self._wishes(giver, user_id)
        rooms = self._new_rooms(giver, user_id)

        def job(db: sqlite3.Connection) -> None:
            if not db.execute("delete from codes where digest = ?", (digest,)).rowcount:
                raise ValueError(WRONG)  # somebody was faster
            self.store.insert(db, decisions + wishes)
            for room in rooms:
                copy = room._replace(room_id=secrets.token_urlsafe(12), share_id=None)
                self.rooms.insert(db, user_id, copy, room.works)

        self.store.write(job)
        kinds = [e[Cols.event] for e in decisions]
        return {
            "likes": kinds.count(Event.like),
            "hidden": kinds.count(Event.hide),
            "follows": len(wishes),
            "rooms": len(rooms),
            "artists": json.loads(artists),
        }

    def _check_tries(self, user_id: str) -> None:
        while self._wrong and self._wrong[0][0] < self.now() - LIFE:
            self._wrong.popleft()
        mine = sum(who == user_id for _, who in self._wrong)
        if mine >= MAX_TRIES or len(self._wrong) >= MAX_TRIES_OF_ALL:
            raise ValueError("Too many wrong codes. Try again in ten minutes.")

    def _decisions(self, giver: str, taker: str) -> list[dict]:
        "Events that give the taker what the giver decided and they did not, oldest first"
        has = {a for a, event in self.store.decisions(taker).items() if event != Event.unlike}
        return [
            {Cols.user_id: taker, Cols.artwork_id: artwork_id, Cols.event: event}
            for artwork_id, event in self.store.decisions(giver).items()
            if event != Event.unlike and artwork_id not in has
        ]

    def _wishes(self, giver: str, taker: str) -> list[dict]:
        has = {(w["kind"], w["value"]) for w in self.store.steering(taker)}
        return [
            {Cols.user_id: taker, **wish}
            for wish in self.store.steering(giver)
            if (wish["kind"], wish["value"]) not in has
        ]

    def _new_rooms(self, giver: str, taker: str) -> list:
        "Rooms of the giver that the taker does not have in the same form, oldest first, as many as there is place for"
        mine = self.rooms.of(taker)
        has = [(room.name, room.text, list(room.works)) for room in mine]
        new = [room for room in self.rooms.of(giver) if (room.name, room.text, list(room.works)) not in has]
        return new[: MAX_ROOMS - len(mine)][::-1]

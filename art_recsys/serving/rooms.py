"""Rooms: a visitor hangs works in a room of their own, names it, and may share it by a link.

A shared link has an id of its own, which nobody can guess. Who has it sees the room and nothing about its owner, and
can change nothing. Closing the link deletes that id; a room that is shared again gets another one.
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from .store import EventStore

__all__ = ["MAX_NAME", "MAX_ROOMS", "MAX_TEXT", "MAX_WORKS", "SORTINGS", "HungRoom", "Rooms", "tidy"]

MAX_ROOMS, MAX_WORKS = 100, 300  # rooms of a visitor, works in a room
MAX_NAME, MAX_TEXT = 80, 2000  # characters
SORTINGS = ("hung", "colour", "time")  # as the works were hung, by the hue of their main colour, by year

_COLS = "room_id, name, text, sorting, share_id"


class HungRoom(NamedTuple):
    "A room as it is on disk"

    room_id: str
    name: str
    text: str  # on the wall, empty for none
    sorting: str  # one of `SORTINGS`
    share_id: str | None  # of the link; None: not shared
    works: dict[str, int]  # artwork id -> position, in the order in which they were hung


def tidy(
    text: str,  # as it was typed
    most: int,  # characters
    what: str,  # begins the message of the error: "The name of a room"
) -> str:
    "The text without control characters and outer blanks; lines stay. Raises `ValueError` where it is too long."
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = "".join(c for c in text if c == "\n" or c.isprintable() or ord(c) > 0x9F).strip()
    if len(text) > most:
        raise ValueError(f"{what} has at most {most:,} characters; this one has {len(text):,}.")
    return text


def _name_of(name: str) -> str:
    if not (name := " ".join(tidy(name.replace("\n", " "), MAX_NAME, "The name of a room").split())):
        raise ValueError("A room needs a name.")
    return name


class Rooms:
    "The rooms in the file of an event store; each change is on disk when its method returns"

    def __init__(self, store: EventStore):
        self.store = store

    # ---- reading -------------------------------------------------------------------------------------------------
    def of(self, user_id: str) -> list[HungRoom]:
        "The rooms of a visitor, the newest first"
        return self._read("user_id = ?", (user_id,))

    def room(self, user_id: str, room_id: str) -> HungRoom:
        "One room of a visitor. Raises `LookupError` if they have no such room."
        for room in self._read("user_id = ? and room_id = ?", (user_id, room_id)):
            return room
        raise LookupError("There is no such room.")

    def shared(self, share_id: str) -> HungRoom:
        "The room behind a shared link. Raises `LookupError` if the link was closed, or never was."
        for room in self._read("share_id = ?", (share_id,)):
            return room
        raise LookupError("This room is closed.")

    def _read(self, where: str, args: tuple) -> list[HungRoom]:
        rows = self.store.read(f"select {_COLS} from rooms where {where} order by rowid desc", args)
        works = "select artwork_id, position from room_works where room_id = ? order by position, rowid"
        return [
            HungRoom(room_id, name, text, sorting, share_id, dict(self.store.read(works, (room_id,))))
            for room_id, name, text, sorting, share_id in rows
        ]

    # ---- changing ------------------------------------------------------------------------------------------------
    def make(self, user_id: str, name: str, artwork_ids: Iterable[str] = ()) -> str:
        "Make a room and hang works in it; the id of the room. Raises `ValueError` beyond the limits."
        name, works = _name_of(name), list(artwork_ids)

        def job(db: sqlite3.Connection) -> str:
            return self.insert(db, user_id, HungRoom(secrets.token_urlsafe(12), name, "", "hung", None, {}), works)

        return self.store.write(job)

    def insert(
        self,
        db: sqlite3.Connection,  # of the writing thread
        user_id: str,
        room: HungRoom,  # its works are not read
        works: Iterable[str],  # artwork ids in the order in which they hang
    ) -> str:
        "Insert a room in the transaction of a job; the id of the room. Raises `ValueError` beyond the limits."
        if db.execute("select count(*) from rooms where user_id = ?", (user_id,)).fetchone()[0] >= MAX_ROOMS:
            raise ValueError(f"You have {MAX_ROOMS} rooms, which is the most. Take one down first.")
        db.execute(f"insert into rooms(user_id, {_COLS}) values(?, ?, ?, ?, ?, ?)", (user_id, *room[:5]))
        self._hang(db, room.room_id, works)
        return room.room_id

    def change(
        self,
        user_id: str,
        room_id: str,
        name: str | None = None,  # None: as it is
        text: str | None = None,  # on the wall; None: as it is
        sorting: str | None = None,  # one of `SORTINGS`; None: as it is
    ) -> None:
        "Change what is said of a room. Raises `ValueError` beyond the limits, `LookupError` for no such room."
        if sorting is not None and sorting not in SORTINGS:
            raise ValueError(f"{sorting} is not an order; there are: {', '.join(SORTINGS)}.")
        new = {
            "name": None if name is None else _name_of(name),
            "text": None if text is None else tidy(text, MAX_TEXT, "The wall text of a room"),
            "sorting": sorting,
        }
        values = {key: value for key, value in new.items() if value is not None}
        self._owned(user_id, room_id, lambda db: self._set(db, room_id, values))

    def _set(self, db: sqlite3.Connection, room_id: str, values: Mapping[str, str | None]) -> None:
        for key, value in values.items():
            db.execute(f"update rooms set {key} = ? where room_id = ?", (value, room_id))

    def add(
        self,
        user_id: str,
        room_id: str,
        artwork_ids: Iterable[str],  # those that hang there already stay where they are
        position: int | None = None,  # where the first one hung before; None: after the others
    ) -> None:
        "Hang works in a room. Raises `ValueError` where it is full, `LookupError` for no such room."
        works = list(artwork_ids)
        self._owned(user_id, room_id, lambda db: self._hang(db, room_id, works, position))

    def _hang(self, db: sqlite3.Connection, room_id: str, works: Iterable[str], position: int | None = None) -> None:
        if position is None:
            position = db.execute(
                "select coalesce(max(position) + 1, 0) from room_works where room_id = ?", (room_id,)
            ).fetchone()[0]
        for n, artwork_id in enumerate(works):
            db.execute("insert or ignore into room_works values(?, ?, ?)", (room_id, artwork_id, position + n))
        if db.execute("select count(*) from room_works where room_id = ?", (room_id,)).fetchone()[0] > MAX_WORKS:
            raise ValueError(f"A room has place for {MAX_WORKS} works.")

    def remove(self, user_id: str, room_id: str, artwork_ids: Iterable[str]) -> None:
        "Take works out of a room. Raises `LookupError` for no such room."
        gone = [(room_id, artwork_id) for artwork_id in artwork_ids]
        sql = "delete from room_works where room_id = ? and artwork_id = ?"
        self._owned(user_id, room_id, lambda db: db.executemany(sql, gone))

    def delete(self, user_id: str, room_id: str) -> None:
        "Take a room down; its link is closed, too. Raises `LookupError` for no such room."

        def job(db: sqlite3.Connection) -> None:
            db.execute("delete from room_works where room_id = ?", (room_id,))
            db.execute("delete from rooms where room_id = ?", (room_id,))

        self._owned(user_id, room_id, job)

    def share(self, user_id: str, room_id: str, on: bool) -> None:
        "Open a link to a room, or close it. Raises `LookupError` for no such room."

        def job(db: sqlite3.Connection) -> None:
            opened = db.execute("select share_id from rooms where room_id = ?", (room_id,)).fetchone()[0]
            self._set(db, room_id, {"share_id": (opened or secrets.token_urlsafe(16)) if on else None})

        self._owned(user_id, room_id, job)

    def _owned(self, user_id: str, room_id: str, job: Callable[[sqlite3.Connection], Any]) -> None:
        "Run a job on a room of this visitor. Raises `LookupError` if they have no such room."

        def checked(db: sqlite3.Connection) -> None:
            mine = "select 1 from rooms where room_id = ? and user_id = ?"
            if not db.execute(mine, (room_id, user_id)).fetchone():
                raise LookupError("There is no such room.")
            job(db)

        self.store.write(checked)

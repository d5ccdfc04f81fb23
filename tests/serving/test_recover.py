"What a damaged or deleted event store still holds comes back, by following the remedy of each message"

import os
import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

from art_recsys.cli import app
from art_recsys.config import UserError, load_settings
from art_recsys.platform.visitor_log import visitor_events
from art_recsys.serving.backups import Backups
from art_recsys.serving.recover import is_sound, recover
from art_recsys.serving.server_lock import server_lock
from art_recsys.serving.store import EventStore, StoreError
from art_recsys.serving.store_file import backups_of

PAGE = 4096


def event(user="u", work="a", kind="like", **more):
    return {"user_id": user, "artwork_id": work, "event": kind, **more}


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path)


@pytest.fixture
def path(settings):
    return settings.home / "events.db"


def follow(error, settings):
    "Do what the message of an error says"
    assert "art-recsys recover" in str(error)
    found = CliRunner().invoke(app, ["recover", "--home", str(settings.home)])
    assert found.exit_code == 0, found
    return found.output


def filled(path, n=2000):
    "A closed store with many events, so that its log is in the database itself"
    with EventStore(path) as store:
        store.append([event(f"u{i % 20}", f"w{i}", event_id=f"e{i}") for i in range(n)])
        store.append([{"user_id": "u1", "direction": "more", "kind": "tag", "value": "sea"}])
        store.write(lambda db: db.execute("create table of_a_later_release(a blob, b text unique)"))
        store.write(lambda db: db.execute("insert into of_a_later_release values(x'00ff', 'b')"))


def leaves(path, table):
    "Numbers of the pages at the bottom of a table's tree, in order"
    with closing(sqlite3.connect(path)) as db:
        root = db.execute("select rootpage from sqlite_master where name = ?", (table,)).fetchone()[0]
    data, out = path.read_bytes(), []

    def walk(number):
        at = (number - 1) * PAGE + (100 if number == 1 else 0)
        if data[at] != 5:  # no inner page of a table
            return out.append(number)
        cells = int.from_bytes(data[at + 3 : at + 5], "big")
        pointers = [int.from_bytes(data[at + 12 + 2 * c : at + 14 + 2 * c], "big") for c in range(cells)]
        page = (number - 1) * PAGE
        for child in [*(page + p for p in pointers), at + 8]:
            walk(int.from_bytes(data[child : child + 4], "big"))

    walk(root)
    return out


def damage(path, *pages):
    with open(path, "r+b") as f:
        for page in pages:
            f.seek((page - 1) * PAGE)
            f.write(os.urandom(PAGE))


def test_rows_beside_a_damaged_page_come_back(path, settings):
    filled(path)
    pages = leaves(path, "events")
    damage(path, pages[2], pages[len(pages) // 2], pages[-1])
    with pytest.raises(UserError) as error:
        visitor_events(path)
    assert "read from the old file" in follow(error.value, settings)
    with EventStore(path) as store:
        rows = [int(r["event_id"][1:]) for r in store.rows()]
        lost = 2000 - len(rows)
        assert rows == sorted(rows) and 0 < lost < 3 * 60, lost  # a page has 20 to 50 rows
        assert len(store.steering("u1")) == 1 and store.append([event()]) == (1, 0)
        assert store.read("select * from of_a_later_release") == [(b"\x00\xff", "b")]
    assert len(visitor_events(path)) == len(rows) + 1 and is_sound(path)
    assert len(list(path.parent.glob("events.db.damaged-*"))) == 1 and path.stat().st_mode & 0o077 == 0


def test_a_backup_fills_what_cannot_be_read(path, settings):
    filled(path)
    with EventStore(path) as store:
        Backups(lambda: store, hours=1, keep=2).look()
        store.append([event("late", "after the backup", event_id="late")])
    damage(path, *leaves(path, "events")[2:9])
    assert "added from 00000001-" in follow("art-recsys recover", settings)
    with EventStore(path) as store:
        assert [r["event_id"] for r in store.rows()] == [*(f"e{i}" for i in range(2000)), "late"]
        assert len(store.steering("u1")) == 1


def test_a_file_of_which_nothing_can_be_read(path, settings):
    filled(path, 50)
    with EventStore(path) as store:
        Backups(lambda: store, hours=1, keep=2).look()
    path.write_bytes(b"this is not a database, it is a text of some length" * 100)
    with pytest.raises(UserError) as error:
        EventStore(path)
    follow(error.value, settings)
    with EventStore(path) as store:
        assert len(store) == 50
    path.write_bytes(b"again, this is not a database, it is a text of some length" * 100)
    backups_of(path)[0].write_bytes(b"nor is this")
    with pytest.raises(UserError, match="Nothing could be read") as error:
        recover(settings)
    assert "move events.db* " in error.value.remedy
    for file in path.parent.glob("events.db*"):
        file.rename(file.with_name(f"away-{file.name}"))
    with EventStore(path) as store:
        assert len(store) == 0


def test_a_store_deleted_under_a_server_comes_back_with_everything_acknowledged(path, settings):
    with EventStore(path) as store:
        for i in range(30):
            store.append([event(work=f"w{i}")])
        path.unlink()
        with pytest.raises(StoreError) as error:
            store.append([event(work="refused")])
    with pytest.raises(UserError):
        EventStore(path)
    follow(error.value, settings)
    with EventStore(path) as store:
        assert store.likes("u") == [f"w{i}" for i in range(30)][::-1]


def test_nothing_is_changed_where_nothing_is_damaged(path, settings):
    filled(path, 10)
    before = path.read_bytes()
    assert recover(settings)["sound"] and path.read_bytes() == before
    with server_lock(settings.home), pytest.raises(UserError, match="recover"):
        recover(settings)


def test_a_named_backup_is_added_to_a_whole_store(path, settings, tmp_path):
    filled(path, 10)
    with EventStore(path) as store:
        kept = Backups(lambda: store, hours=1, keep=2).look().rename(tmp_path / "kept.db")
    path.unlink()
    with EventStore(path) as store:
        store.append([event("new", event_id="new")])
    assert recover(settings, kept)["events"] == 11
    with EventStore(path) as store:
        assert [r["event_id"] for r in store.rows()] == [*(f"e{i}" for i in range(10)), "new"]
    with pytest.raises(UserError, match="no whole backup"):
        recover(settings, tmp_path / "missing.db")


def test_of_a_row_that_changes_the_newer_one_counts(path, settings, tmp_path):
    "A work that was withdrawn after the backup stays withdrawn, and a link that was closed stays closed"
    with EventStore(path) as store:
        store.append([event(event_id="e1")])
        store.write(lambda db: db.execute("insert into live_artworks values('x', '{}', null, 0, 1)"))
        kept = Backups(lambda: store, hours=1, keep=2).look().rename(tmp_path / "kept.db")
        store.write(lambda db: db.execute("update live_artworks set withdrawn = 1, seq = 2"))
        store.write(lambda db: db.execute("insert into live_artworks values('y', '{}', null, 0, 3)"))
    recover(settings, kept)
    with EventStore(path) as store:
        rows = store.read("select artwork_id, withdrawn from live_artworks order by artwork_id", ())
        assert [tuple(r) for r in rows] == [("x", 1), ("y", 0)] and len(store.rows()) == 1

"Acknowledged means on disk: a store that was deleted or replaced, backups, a full disk, a wrong clock, a second server"

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest
from fastapi.testclient import TestClient

from art_recsys.config import UserError, disk_error, load_settings, write_atomic, write_json
from art_recsys.core import positives
from art_recsys.platform.embedded.online import OnlineStore
from art_recsys.platform.visitor_log import in_sequence, visitor_events
from art_recsys.serving import process, start
from art_recsys.serving.backups import Backups, make_backup
from art_recsys.serving.codes import Codes
from art_recsys.serving.forget import forget, without_rows
from art_recsys.serving.rooms import Rooms
from art_recsys.serving.server import create_app
from art_recsys.serving.server_lock import server_lock
from art_recsys.serving.store import EventStore, StoreError
from art_recsys.serving.store_file import backups_of
from tests.serving.small_disk import no_file_above
from tests.serving.test_http import FakeService


def event(user="u", work="a", kind="like", **more):
    return {"user_id": user, "artwork_id": work, "event": kind, **more}


@pytest.fixture
def settings(tmp_path):
    return load_settings(home=tmp_path / "home", server_port=0)


@pytest.fixture
def path(settings):
    settings.home.mkdir()
    return settings.home / "events.db"


# ---- the file is not where it was ------------------------------------------------------------------------------------


def delete(path):
    path.unlink()


def delete_the_log(path):
    path.with_name("events.db-wal").unlink()


def replace(path):
    shutil.copy(path, path.with_name("copy"))
    os.replace(path.with_name("copy"), path)


def move_the_home(path):
    path.parent.rename(path.parent.with_name("elsewhere"))


@pytest.mark.parametrize("what", [delete, delete_the_log, replace, move_the_home])
def test_nothing_is_acknowledged_into_a_file_that_nobody_finds_again(path, what):
    with EventStore(path) as store:
        store.append([event()])
        assert store.likes("u") == ["a"]
        what(path)
        with pytest.raises(StoreError, match=r"events\.db.* was (deleted or moved|replaced)"):
            store.append([event(work="b")])
        assert store.lost() and store.likes("u") == ["a"]
        kept = backups_of(path)
        assert len(kept) == (what is not move_the_home)  # what was acknowledged is rescued, once
        with pytest.raises(StoreError):
            store.append([event(work="c")])
        assert backups_of(path) == kept
        with ThreadPoolExecutor(1) as other, pytest.raises(StoreError):
            other.submit(store.likes, "u").result()
        assert path.exists() == (what in (replace, delete_the_log))  # no new file is made by a look


def test_the_server_says_so(path, settings):
    with TestClient(create_app(settings, FakeService(settings.home))) as http:
        assert http.post("/events", json={"events": [event()]}).status_code == 200
        assert http.get("/health").json()["status"] == "ok"
        path.unlink()
        answer = http.post("/events", json={"events": [event(work="a", kind="hide")]})
        assert answer.status_code == 503 and "art-recsys recover" in answer.json()["detail"]
        health = http.get("/health").json()
        assert health["status"] == "degraded" and "deleted" in health["store"]["why"]
        assert "art_recsys_store_problem 1.0" in http.get("/metrics").text


def test_a_store_whose_backups_are_there_does_not_begin_empty(path):
    with EventStore(path) as store:
        store.append([event()])
        path.unlink()
        with pytest.raises(StoreError):
            store.append([event(work="b")])
    with pytest.raises(UserError, match="art-recsys recover"):
        EventStore(path)
    assert not path.exists()


# ---- backups ---------------------------------------------------------------------------------------------------------


def test_backups_are_whole_numbered_and_few(path):
    with EventStore(path) as store:
        backups = Backups(lambda: store, hours=1, keep=2)
        assert backups.look() is None  # nothing to lose yet
        for n in range(4):
            store.append([event(work=str(n))])
            assert backups.look() is not None and backups.look() is None  # not before its time
            for old in backups_of(path):
                os.utime(old, (0, 0))
        newest, before = backups_of(path)
        assert newest.name.startswith("00000004-") and before.name.startswith("00000003-")
        assert newest.stat().st_mode & 0o077 == 0
        with closing(sqlite3.connect(newest)) as db:
            assert db.execute("select count(*) from events").fetchone() == (4,)
            assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        os.utime(newest, (2**31, 2**31))  # made while the clock was wrong
        assert backups.look() is not None
        with no_file_above(1000):
            os.utime(backups_of(path)[0], (0, 0))
            assert backups.look() is None and "last backup failed" in backups.problem
        assert len(backups_of(path)) == 2 and not list(newest.parent.glob("*.tmp"))


def test_who_is_forgotten_is_in_no_backup(path, settings):
    with EventStore(path) as store:
        store.append([event("somebody-to-forget"), event("v")])
        made = Backups(lambda: store, hours=1, keep=2).look()
        path.with_name("events.db.damaged-2026").write_bytes(b"x")
        answer = forget(settings, "somebody-to-forget", store)
    assert answer["rows"] == {"events": 1, "backups of events.db": 1} and "events.db.damaged-2026" in str(
        answer["left"]
    )
    assert b"somebody-to-forget" not in made.read_bytes()


# ---- a full disk -----------------------------------------------------------------------------------------------------


def test_a_full_disk_is_said_in_words():
    for e in (OSError(28, "No space left on device", "x.json"), sqlite3.OperationalError("database or disk is full")):
        assert "disk is full" in disk_error(e).what and "free some space" in disk_error(e).remedy
    try:
        try:
            raise OSError(28, "No space left on device")
        except OSError as e:
            raise RuntimeError("arrow") from e
    except RuntimeError as e:
        assert "disk is full" in disk_error(e).what
    assert disk_error(ValueError("no")) is None and disk_error(sqlite3.IntegrityError("not null")) is None


def test_the_online_store_says_that_the_disk_is_full(tmp_path):
    store = OnlineStore(tmp_path / "online.db")
    rows = pa.table({"id": [str(i) for i in range(3000)], "text": ["x" * 200] * 3000})
    store.write("t_1", rows.slice(0, 1), ["id"], 1)
    store._connect().execute("pragma max_page_count=10")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.write("t_1", rows, ["id"], 2)
    assert store.version("t_1") == 1


def test_requests_on_a_full_disk_are_answered(path, settings):
    service = FakeService(settings.home)

    def no_room(user_id):
        raise OSError(28, "No space left on device", "events.parquet")

    service.forget = no_room
    with TestClient(create_app(settings, service)) as http:
        answer = http.delete("/users/u")
    assert answer.status_code == 507 and "free some space" in answer.json()["detail"]


CLI = "import sys, resource; from art_recsys.cli import main; sys.argv[0] = 'art-recsys'; {limit}; main()"


def cli(*args, limit=""):
    code = CLI.format(limit=limit and f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))")
    return subprocess.run([sys.executable, "-c", code, *map(str, args)], capture_output=True, text=True)


def test_forget_on_a_full_disk_has_a_message(path, settings):
    with EventStore(path) as store:
        store.append([event()])
    found = cli("forget", "u", "--home", settings.home, limit=1000)
    assert found.returncode == 2 and "Traceback" not in found.stderr, found.stderr
    assert "free some space" in found.stderr


def test_forgetting_on_a_full_disk_is_refused_and_the_store_goes_on(path):
    with EventStore(path) as store:
        store.append([event(f"u{n % 50}", f"w{n}") for n in range(5000)])
    with EventStore(path) as store:
        with no_file_above(path.stat().st_size // 4):  # the log has room, and the file has none
            store.append([event("v")])
            with pytest.raises(StoreError, match="could not write"):
                store.forget("v")
        assert store.append([event("v", "b")]) == (1, 0) and store.forget("v") == 1


def test_a_home_that_is_not_there_or_cannot_be_written(settings, monkeypatch):
    with pytest.raises(UserError, match="art-recsys run"):
        start(settings)
    assert not settings.home.exists()
    settings.home.mkdir()
    pair = {m: {"name": m, "version": 1} for m in ("query", "ranking")}
    write_json({"version": "q1-r1", **pair}, settings.home / "release.json")
    (settings.home / "server.log").mkdir()  # as unwritable as on a read-only disk, for root as well
    with pytest.raises(UserError, match="cannot be written"):
        start(settings)


def test_a_server_that_could_not_even_write_its_log_ended_on_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(process.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    pair = {m: {"name": m, "version": 1} for m in ("query", "ranking")}
    write_json({"version": "q1-r1", **pair}, tmp_path / "release.json")
    monkeypatch.setattr(process.sys, "executable", "/bin/false")
    with pytest.raises(UserError, match="disk is full") as error:
        start(load_settings(home=tmp_path))
    assert "free some space" in error.value.remedy


def test_what_was_written_is_synced_with_its_folder(tmp_path, monkeypatch):
    synced, fsync = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(os.readlink(f"/proc/self/fd/{fd}")) or fsync(fd))
    with write_atomic(tmp_path / "model") as p:
        p.mkdir()
        (p / "weights").write_text("w")
    names = [s.removeprefix(str(tmp_path)) for s in synced]
    assert names[0].endswith(".tmp/weights") and names[1].endswith(".tmp") and names[2] == ""


# ---- a wrong clock ---------------------------------------------------------------------------------------------------


class Clock(datetime):
    "A clock that can be set"

    at = datetime(2036, 5, 1, tzinfo=UTC)

    @classmethod
    def now(cls, tz=None):
        return cls.at


def test_one_event_of_2036_does_not_date_the_others(path, monkeypatch):
    monkeypatch.setattr("art_recsys.serving.store.datetime", Clock)
    with EventStore(path) as store:
        store.append([event(), event(work="b")])
    monkeypatch.undo()
    with EventStore(path) as store:
        store.append([event(kind="unlike"), event(work="c")])
        store.append([event(work="b", kind="hide", ts=datetime.now(UTC) - timedelta(hours=1))])
        assert {r["ts"][:4] for r in store.rows()[2:]} == {str(datetime.now(UTC).year)}
        assert store.likes("u") == ["c"] and store.hidden("u") == ["b"]  # in the order of arrival
        for log in (store.frame(), visitor_events(path).sort_values("ts", kind="stable")):
            assert log.ts.max() <= datetime.now(UTC)
            assert list(positives(log).artwork_id) == ["c"]


def test_times_that_agree_with_the_sequence_stay():
    now = datetime(2026, 11, 30, tzinfo=UTC)
    rows = [("u", "a", "like", 5), ("u", "a", "click", 3), ("u", "a", "unlike", 9), ("v", "a", "like", 1)]
    log = pd.DataFrame(rows, columns=["user_id", "artwork_id", "event", "ago"])
    log["ts"] = [(now - timedelta(hours=24 - h)).isoformat(timespec="microseconds") for h in log.ago]
    assert list(in_sequence(log, now).ts) == list(pd.to_datetime(log.ts, utc=True))
    log.loc[0, "ts"] = "2036-01-01T00:00:00.000000+00:00"
    mended = in_sequence(log, now).ts
    assert mended[0] == mended[1] < mended[2] and in_sequence(log[:0], now).empty


def test_a_code_made_by_a_wrong_clock_is_not_valid_for_years(path):
    with EventStore(path) as store:
        store.append([event()])
        rooms = Rooms(store)
        code = Codes(store, rooms, lambda: datetime(2036, 1, 1, tzinfo=UTC)).make("u")["code"]
        with pytest.raises(ValueError, match="does not work"):
            Codes(store, rooms).redeem("v", code)


# ---- two servers -----------------------------------------------------------------------------------------------------

HOLDER = """
import os, sys, time
from pathlib import Path
from art_recsys.config import write_json
from art_recsys.serving.server_lock import server_lock
with server_lock(Path(sys.argv[1])):
    write_json({"host": "127.0.0.1", "port": 8999, "pid": os.getpid()}, Path(sys.argv[1]) / "server.json")
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_server_is_refused_with_process_and_port_and_a_kill_leaves_no_lock(settings):
    settings.home.mkdir()
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, settings.home], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(UserError) as refused, server_lock(settings.home):
        pass
    assert f"process {holder.pid}, port 8999" in refused.value.what
    os.kill(holder.pid, 9)
    holder.wait()
    holder.stdout.close()
    with server_lock(settings.home):
        pass


def test_a_file_of_somebody_else_among_the_backups_changes_nothing(path):
    with EventStore(path) as store:
        store.append([event()])
        backups = Backups(lambda: store, hours=1, keep=2)
        backups.look()
        own = path.with_name(f"{path.name}.backups") / "before-upgrade.db"
        own.write_bytes(b"mine")
        assert len(backups_of(path)) == 1 and make_backup(store._connect(), path).name.startswith("00000002-")
        assert backups.age() is not None and own.read_bytes() == b"mine"


def test_a_person_leaves_a_long_table_part_by_part(tmp_path):
    "Row groups are read one after the other; kinds, order and all others stay, and pandas reads the file as before"
    users = pd.DataFrame({"user_id": [f"u{i % 7}" for i in range(100)], "age": range(100), "tags": [["a"]] * 100})
    users.to_parquet(tmp_path / "users.parquet", index=False, row_group_size=30)
    assert without_rows(tmp_path / "users.parquet", "u3") == 14
    assert without_rows(tmp_path / "users.parquet", "u3") == without_rows(tmp_path / "missing.parquet", "u3") == 0
    left = pd.read_parquet(tmp_path / "users.parquet")
    want = users[users["user_id"] != "u3"].reset_index(drop=True)
    assert left[["user_id", "age"]].equals(want[["user_id", "age"]]) and [list(t) for t in left["tags"]] == [["a"]] * 86
    assert list(left.index) == list(range(86))

"A home in one file: complete or not at all, checked, and nothing in it leads outside"

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from art_recsys.config import UserError, check_home, home_id, trust_home
from art_recsys.serving.dump import FORMAT, MANIFEST, dump, restore
from art_recsys.serving.server_lock import server_lock
from art_recsys.serving.store import EventStore
from tests.serving.small_disk import no_file_above

EARLIER = Path(__file__).with_name("dump-format-1.zip")


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    (home / "pictures").mkdir(parents=True)
    (home / "pictures" / "é.jpg").write_bytes(os.urandom(5000))
    (home / "release.json").write_text("{}")
    (home / "empty").write_text("")
    for name in ("server.json", "server.log", ".lock", "x.tmp"):
        (home / name).write_text("not for others")
    with EventStore(home / "events.db") as store:
        store.append([{"user_id": "u", "artwork_id": "a", "event": "like"}])
    return home


def tree(home):
    return {
        p.relative_to(home).as_posix(): p.read_bytes()
        for p in home.rglob("*")
        if p.is_file() and p.suffix != ".db" and not p.name.endswith(".lock")
    }


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_there_and_back_while_a_server_writes(home, tmp_path):
    stop = threading.Event()
    with EventStore(home / "events.db") as store:

        def write():
            n = 0
            while not stop.is_set():
                store.append([{"user_id": "u", "artwork_id": str(n := n + 1), "event": "like"}])

        writer = threading.Thread(target=write)
        writer.start()
        made = dump(home, tmp_path / "home.zip")
        stop.set()
        writer.join()
        written = len(store)
    assert made["files"] == 4 and (tmp_path / "home.zip").stat().st_mode & 0o077 == 0
    found = restore(tmp_path / "home.zip", tmp_path / "again")
    assert found["files"] == 4 and found["home"] == str(tmp_path / "again")
    assert set(tree(tmp_path / "again")) == {"pictures/é.jpg", "release.json", "empty"}
    assert tree(tmp_path / "again")["pictures/é.jpg"] == (home / "pictures/é.jpg").read_bytes()
    with EventStore(tmp_path / "again" / "events.db") as store:
        assert 1 <= len(store) <= written and store.likes("u")
    assert (tmp_path / "again" / "events.db").stat().st_mode & 0o077 == 0
    assert names(tmp_path) == ["again", "home", "home.zip"]


def test_what_is_there_is_not_replaced_by_accident(home, tmp_path):
    file = tmp_path / "home.zip"
    dump(home, file)
    for call, words in (
        (lambda: dump(home, file), "--force"),
        (lambda: restore(file, home), "--force"),
        (lambda: dump(home, home / "inside.zip"), "inside"),
        (lambda: dump(tmp_path / "nothing", file), "no home"),
        (lambda: restore(tmp_path / "nothing", home), "no file"),
    ):
        with pytest.raises(UserError, match=words):
            call()
    (home / "release.json").write_text("changed")
    with server_lock(home), pytest.raises(UserError, match="server is running"):
        restore(file, home, force=True)
    assert (home / "release.json").read_text() == "changed"
    restore(file, home, force=True)
    assert (home / "release.json").read_text() == "{}" and not (home / "server.log").exists()
    dump(home, file, force=True)
    assert names(tmp_path) == ["home", "home.zip"]


def test_a_full_disk_in_the_middle_leaves_nothing_behind(home, tmp_path):
    with no_file_above(3000), pytest.raises(UserError, match="could not be written") as error:
        dump(home, tmp_path / "home.zip")
    assert "full" in str(error.value) and names(tmp_path) == ["home"]
    dump(home, tmp_path / "home.zip")
    with no_file_above(3000), pytest.raises(UserError, match="could not be restored"):
        restore(tmp_path / "home.zip", tmp_path / "again")
    assert names(tmp_path) == ["home", "home.zip"]


def test_more_than_the_disk_has_is_said_before_it_is_written(home, tmp_path, monkeypatch):
    dump(home, tmp_path / "home.zip")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 5, 5))
    with pytest.raises(UserError, match="MB free"):
        restore(tmp_path / "home.zip", tmp_path / "again")
    assert names(tmp_path) == ["home", "home.zip"]


def test_of_two_restores_at_once_one_is_refused(home, tmp_path):
    dump(home, tmp_path / "home.zip")
    with FileLock(tmp_path / ".again.restore.lock"), pytest.raises(UserError, match="Another restore"):
        restore(tmp_path / "home.zip", tmp_path / "again")
    script = "import sys; from art_recsys.serving.dump import restore; restore(*sys.argv[1:])"
    both = [
        subprocess.Popen(
            [sys.executable, "-c", script, tmp_path / "home.zip", tmp_path / "again"], stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate()[1] for process in both]
    assert sorted(p.returncode for p in both) == [0, 1]
    assert "UserError" in "".join(said) and ("is there already" in "".join(said) or "Another" in "".join(said))
    assert (tmp_path / "again" / "release.json").read_text() == "{}"


def archive(file, files, about=None, mode=stat.S_IFREG | 0o600, listed=None):
    "A file that could be a dump"
    with zipfile.ZipFile(file, "w") as z:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            z.writestr(info, content)
        entries = {n: {"size": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in files.items()}
        about = {"format": FORMAT, "art_recsys": "9.9", "files": entries} | (about or {}) | (listed or {})
        z.writestr(MANIFEST, json.dumps(about))
    return file


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out", "a\\..\\out", "c:out", "./out", "a//out", "out/"])
def test_names_that_lead_outside_are_refused(tmp_path, name):
    with pytest.raises(UserError, match="refused"):
        restore(archive(tmp_path / "d.zip", {name: b"x"}), tmp_path / "sub" / "home")
    assert not (tmp_path / "out").exists() and names(tmp_path / "sub") == []


def test_links_are_refused(tmp_path):
    with pytest.raises(UserError, match="plain file"):
        restore(archive(tmp_path / "d.zip", {"link": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777), tmp_path / "home")


def test_a_dump_of_a_later_release_says_what_to_install(tmp_path):
    with pytest.raises(UserError, match="later release") as error:
        restore(archive(tmp_path / "d.zip", {"a": b"x"}, {"format": FORMAT + 1}), tmp_path / "home")
    assert "install art_recsys 9.9" in error.value.remedy and not (tmp_path / "home").exists()


def test_a_dump_of_format_1_is_read_for_ever(tmp_path):
    "The file was written by the release that introduced dumps"
    restore(EARLIER, tmp_path / "home")
    with EventStore(tmp_path / "home" / "events.db") as store:
        assert store.likes("visitor") == ["work"]
    assert (tmp_path / "home" / "deep" / "note.txt").read_text() == "Été\n"


def test_a_dump_stays_trusted_until_somebody_changes_it(home, tmp_path):
    trust_home(home)
    dump(home, tmp_path / "mine.zip")
    restore(tmp_path / "mine.zip", tmp_path / "again")
    assert home_id(tmp_path / "again") == home_id(home)
    with zipfile.ZipFile(tmp_path / "mine.zip") as z:
        files = {i.filename: z.read(i) for i in z.infolist()}
    about = json.loads(files.pop(MANIFEST))
    for name, changes, sealed in (
        ("changed.zip", {"release.json": b"{'evil': 1}"}, {"seal": about["seal"]}),
        ("earlier.zip", {}, {}),
        ("odd.zip", {}, {"seal": 7}),
    ):
        restore(archive(tmp_path / name, files | changes, sealed), tmp_path / name[:-4])
        with pytest.raises(UserError, match="not marked as yours"):
            check_home(tmp_path / name[:-4])


def test_damage_is_found(home, tmp_path):
    dump(home, tmp_path / "home.zip")
    good = (tmp_path / "home.zip").read_bytes()
    bad = {
        "short": good[: len(good) // 2],
        "empty": b"",
        "text": b"no archive at all",
        "flipped": good.replace(good[2000:2010], b"0123456789"),
    }
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=r"damaged|not a dump"):
            restore(tmp_path / name, tmp_path / "again")
    wrong = {"files": {"a": {"size": 1, "sha256": "0" * 64}}}
    with pytest.raises(UserError, match="checksum"):
        restore(archive(tmp_path / "d.zip", {"a": b"x"}, listed=wrong), tmp_path / "again")
    bomb = {"files": {"a": {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}}}
    with pytest.raises(UserError, match="longer than it says"):
        restore(archive(tmp_path / "d.zip", {"a": b"x" * 5_000_000}, listed=bomb), tmp_path / "again")
    for listed in ({"files": {}}, {"files": []}, {"format": "x"}, {"files": {"a": {"size": -1}}}):
        with pytest.raises(UserError):
            restore(archive(tmp_path / "d.zip", {"a": b"x"}, listed=listed), tmp_path / "again")
    assert not (tmp_path / "again").exists() and not list(tmp_path.glob(".again*"))


def test_a_damaged_database_is_named(home, tmp_path):
    with closing(sqlite3.connect(home / "events.db")) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    content = bytearray((home / "events.db").read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    (home / "events.db").write_bytes(content)
    with pytest.raises(UserError, match="damaged") as error:
        dump(home, tmp_path / "home.zip")
    assert "art-recsys recover" in error.value.remedy and names(tmp_path) == ["home"]

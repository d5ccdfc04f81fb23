"The event store is idempotent and ordered by arrival; acknowledged events survive kill -9"

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from art_recsys.config import UserError
from art_recsys.core import positives
from art_recsys.serving.store import EventStore, StoreError


def event(user="u", work="a", kind="like", **more):
    return {"user_id": user, "artwork_id": work, "event": kind, **more}


@pytest.fixture
def store(tmp_path):
    with EventStore(tmp_path / "events.db") as s:
        yield s


def test_like_unlike_hide(store):
    for work in "abc":
        store.append([event(work=work)])
    assert store.likes("u") == ["c", "b", "a"]
    store.append([event(work="b", kind="unlike")])
    assert store.likes("u") == ["c", "a"] and store.hidden("u") == []
    store.append([event(work="a", kind="hide")])
    assert store.likes("u") == ["c"] and store.hidden("u") == ["a"]
    store.append([event(work="a", kind="unlike"), event(work="b")])
    assert store.likes("u") == ["b", "c"] and store.hidden("u") == []
    assert store.likes("somebody else") == []
    assert len(store) == 7  # no event is removed from the log


def wish(direction, value="sea", user="u", kind="tag", **more):
    return {"user_id": user, "direction": direction, "kind": kind, "value": value, **more}


def test_steering_the_last_word_counts_and_nothing_is_removed(store):
    store.append([wish("more"), wish("less", "pop art"), wish("more", "Ann", kind="artist"), wish("more", user="v")])
    store.append([wish("less")])
    assert store.steering("u") == [
        {"direction": "less", "kind": "tag", "value": "pop art"},
        {"direction": "more", "kind": "artist", "value": "Ann"},
        {"direction": "less", "kind": "tag", "value": "sea"},
    ]
    store.append([wish("neutral"), wish("neutral", "Ann", kind="artist")])
    assert [w["value"] for w in store.steering("u")] == ["pop art"] and len(store.steering("v")) == 1
    assert store.append([wish("more", event_id="e1"), wish("more", event_id="e1")]) == (1, 1)
    db = sqlite3.connect(store.path)
    assert db.execute("select count(*) from steering").fetchone() == (8,)
    db.close()
    assert len(store) == 0 and store.rows() == [] and store.decisions("u") == {}  # they are about no artwork


def test_steering_is_in_one_transaction_with_events_and_is_forgotten_with_them(store):
    with pytest.raises(StoreError):
        store.append([event(), wish("more"), {"user_id": "u", "direction": "more", "kind": "tag", "value": None}])
    assert len(store) == 0 and store.steering("u") == []
    store.append([event(), wish("more"), wish("more", user="v")])
    assert store.forget("u") == 2
    assert store.steering("u") == [] and store.likes("u") == [] and len(store.steering("v")) == 1


def test_a_store_of_an_earlier_release_gets_the_table(tmp_path):
    with EventStore(tmp_path / "old.db") as old:
        old.append([event()])
    db = sqlite3.connect(tmp_path / "old.db")
    db.execute("drop table steering")
    db.commit()
    db.close()
    with EventStore(tmp_path / "old.db") as again:
        again.append([wish("more")])
        assert again.likes("u") == ["a"] and len(again.steering("u")) == 1


def test_clicks_and_impressions_decide_nothing(store):
    store.append([event(), event(kind="impression"), event(kind="click")])
    assert store.likes("u") == ["a"]


def test_idempotent_by_event_id(store):
    batch = [event(event_id="e1"), event(work="b", event_id="e2")]
    assert store.append(batch) == (2, 0)
    assert store.append([*batch, event(work="c", event_id="e3")]) == (1, 2)
    assert [r["event_id"] for r in store.rows()] == ["e1", "e2", "e3"]


def test_the_same_id_twice_in_one_batch(store):
    assert store.append([event(event_id="e"), event(event_id="e")]) == (1, 1)


def test_clocks_that_go_backwards(store):
    "A visitor's last decision counts even if the clock goes backwards, and the log sorted by time agrees"
    now = datetime.now(UTC)
    store.append([event(ts=now - timedelta(hours=1))])
    store.append([event(kind="unlike", ts=now - timedelta(hours=5))])
    store.append([event(work="b", ts=now + timedelta(days=400))])
    assert store.likes("u") == ["b"]
    frame = store.frame()
    assert list(positives(frame).artwork_id) == ["b"]
    assert frame.ts.max() <= datetime.now(UTC)
    assert (frame.ts.diff().dropna() >= timedelta(0)).all() and list(frame.event) == ["like", "unlike", "like"]


def test_times_of_the_server_never_repeat_or_go_back(store):
    store.append([event(work=str(i)) for i in range(200)])
    ts = [r["ts"] for r in store.rows()]
    assert ts == sorted(set(ts))


def test_frame_has_the_house_form(store):
    store.append([event(position=3, request_id="r", propensity=0.98, model_version="q1-r1")])
    row = store.frame().iloc[0]
    assert (row.position, row.request_id, row.propensity, row.model_version) == (3, "r", 0.98, "q1-r1")
    assert str(store.frame().ts.dtype) == "datetime64[us, UTC]"


def test_a_bad_event_takes_its_batch_back_but_not_the_store(store):
    with pytest.raises(StoreError):
        store.append([event(), {"user_id": "u", "artwork_id": None, "event": "like"}])
    assert len(store) == 0
    assert store.append([event()]) == (1, 0)


def test_survives_a_restart(tmp_path):
    with EventStore(tmp_path / "e.db") as s:
        s.append([event(), event(work="b", kind="hide")])
    with EventStore(tmp_path / "e.db") as s:
        assert (s.likes("u"), s.hidden("u")) == (["a"], ["b"])


def test_closing_writes_what_waits(tmp_path):
    s = EventStore(tmp_path / "e.db")
    waiting = [s.submit([event(work=str(i))]) for i in range(500)]
    s.close()
    assert all(w.result() == (1, 0) for w in waiting)
    with pytest.raises(StoreError):
        s.submit([event()])
    with EventStore(tmp_path / "e.db") as again:
        assert len(again) == 500


def test_forgetting_leaves_no_trace_in_the_file(store):
    store.append([event("somebody-to-forget", str(i)) for i in range(300)] + [event("other")])
    assert store.forget("somebody-to-forget") == 300 and store.forget("somebody-to-forget") == 0
    assert store.likes("somebody-to-forget") == [] and store.likes("other") == ["a"]
    for file in store.path.parent.iterdir():
        assert b"somebody-to-forget" not in file.read_bytes(), file.name
    assert store.append([event("somebody-to-forget")]) == (1, 0)  # a forgotten user may come back


def test_a_full_disk_says_so_and_recovers(tmp_path, monkeypatch):
    "SQLite raises the same error at its page limit as on a full disk"
    opened, connect = [], EventStore._connect
    monkeypatch.setattr(EventStore, "_connect", lambda self: opened.append(connect(self)) or opened[-1])
    with EventStore(tmp_path / "e.db") as s:
        s.append([event()])
        writer = opened[1]
        writer.execute("pragma max_page_count=1")  # the file cannot grow
        with pytest.raises(StoreError, match="full"):
            s.append([event(work=str(i) * 200) for i in range(2000)])
        assert len(s) == 1
        writer.execute("pragma max_page_count=1000000")
        assert s.append([event(work="b")]) == (1, 0) and s.likes("u") == ["b", "a"]


def test_many_threads(store):
    def visit(user):
        for i in range(25):
            store.append([event(user, str(i))])

    threads = [threading.Thread(target=visit, args=(f"u{n}",)) for n in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(store.likes(f"u{n}") == [str(i) for i in range(25)][::-1] for n in range(24))


def test_two_processes_may_write(tmp_path):
    with EventStore(tmp_path / "e.db") as a, EventStore(tmp_path / "e.db") as b:
        a.append([event()])
        b.append([event(kind="unlike")])
        assert a.likes("u") == b.likes("u") == []


def test_a_locked_database_says_so_and_recovers(tmp_path):
    with EventStore(tmp_path / "e.db", timeout=0.2) as s:
        other = sqlite3.connect(tmp_path / "e.db", isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(StoreError, match="locked"):
            s.append([event()])
        other.execute("rollback")
        other.close()
        assert s.append([event()]) == (1, 0) and len(s) == 1


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "e.db").write_bytes(b"this is not a database, it is a text of some length" * 100)
    with pytest.raises(UserError, match=r"e\.db"):
        EventStore(tmp_path / "e.db")


WRITER = """
import sys, threading
from art_recsys.serving.store import EventStore
store = EventStore(sys.argv[1])
say = threading.Lock()
def visit(user):
    for i in range(10_000):
        store.append([{'event_id': f'{user}-{i}', 'user_id': user, 'artwork_id': str(i), 'event': 'like'}])
        with say: print(f'{user}-{i}', flush=True)
for n in range(8): threading.Thread(target=visit, args=(f'u{n}',), daemon=True).start()
threading.Event().wait()
"""


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / "e.db"], stdout=subprocess.PIPE, text=True)
    acknowledged = [writer.stdout.readline().strip() for _ in range(400)]
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged += writer.stdout.read().split("\n")[:-1]  # acknowledged between the last read and the kill
    writer.wait()
    writer.stdout.close()
    with EventStore(tmp_path / "e.db") as store:
        there = {r["event_id"] for r in store.rows()}
        assert len(acknowledged) >= 400 and not set(acknowledged) - there
        db = sqlite3.connect(store.path)
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        db.close()
        assert store.append([event()]) == (1, 0)


STEERER = """
import sys, time
from art_recsys.serving.store import EventStore
store = EventStore(sys.argv[1])
store.append([{"user_id": "u", "direction": "more", "kind": "tag", "value": "sea"}])
print("written", flush=True)
time.sleep(60)
"""


def test_kill_9_keeps_what_was_asked_for(tmp_path):
    writer = subprocess.Popen([sys.executable, "-c", STEERER, tmp_path / "e.db"], stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline().strip() == "written"
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    with EventStore(tmp_path / "e.db") as store:
        assert store.steering("u") == [{"direction": "more", "kind": "tag", "value": "sea"}]


def test_who_waits_may_give_up_and_the_store_goes_on(store):
    "A request that is cancelled when the server ends must not end the thread that writes"
    waiting = store.submit([event(event_id="a")])
    assert not waiting.cancel()
    store.append([event(event_id="b")])
    assert {r["event_id"] for r in store.rows()} == {"a", "b"}

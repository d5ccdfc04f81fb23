"Batches of the live catalogue: each bad row is named, what is good is on disk, and sent twice it changes nothing"

import os
import signal
import subprocess
import sys
import threading

import pandas as pd
import pytest

from art_recsys.core import as_artworks, as_users
from art_recsys.platform.live_log import with_live_artworks, with_live_users
from art_recsys.platform.live_row import live_row
from art_recsys.serving.live_catalogue import LiveRows
from art_recsys.serving.live_rows import checked_artworks, checked_events, checked_users
from art_recsys.serving.store import EventStore


@pytest.fixture
def live(tmp_path):
    with EventStore(tmp_path / "events.db") as store:
        yield LiveRows(store)


def known(artwork_id):
    return artwork_id == "here"


BAD_WORKS = {
    "artwork_id": [{"title": "T"}, {"artwork_id": "x" * 10_000, "title": "T"}, {"artwork_id": 7, "title": "T"}],
    "title": [{"artwork_id": "new"}, {"artwork_id": "b", "title": " "}, {"artwork_id": "b", "title": "t" * 10_000}],
    "titel": [{"artwork_id": "b", "title": "T", "titel": "T"}],
    "image_path": [{"artwork_id": "b", "title": "T", "image_path": "/etc/passwd"}],
    "image_url": [{"artwork_id": "b", "title": "T", "image_url": "javascript:alert(1)"}],
    "year_start": [{"artwork_id": "b", "title": "T", "year_start": 99_999}],
    "tags": [{"artwork_id": "b", "title": "T", "tags": "sea"}],
    "": [5, None, ["b"]],
}


@pytest.mark.parametrize("field", BAD_WORKS)
def test_a_bad_work_is_named_and_the_others_are_taken(field):
    for bad in BAD_WORKS[field]:
        rows, errors = checked_artworks([{"artwork_id": "a", "title": "A"}, bad, {"artwork_id": "here"}], known)
        assert [r["artwork_id"] for r in rows] == ["a", "here"]
        assert [(e.index, e.field.split(".")[0]) for e in errors] == [(1, field)] and len(errors[0].message) < 200
        assert len(errors[0].id or "") <= 100


def test_works_are_cleaned_as_in_the_ingestion_and_an_id_counts_once():
    rows, errors = checked_artworks(
        [{"artwork_id": "a", "title": "A\u200b B", "palette": ["#AA0000"]}, {"artwork_id": "a", "title": "C"}], known
    )
    assert rows == [{"artwork_id": "a", "title": "A B", "palette": ["#aa0000"]}]
    assert [(e.index, e.field) for e in errors] == [(1, "artwork_id")]
    assert "cannot be seen" in checked_artworks([{"artwork_id": "a\u202e", "title": "A"}], known).errors[0].message


def test_bad_users_and_events_are_named():
    rows, errors = checked_users(
        [{"user_id": "u", "age": 131}, {"user_id": "v", "gender": "x"}, {"user_id": "w", "age": 30, "gender": "f"}]
    )
    assert rows == [{"user_id": "w", "age": 30.0, "gender": "F"}]
    assert [(e.index, e.field) for e in errors] == [(0, "age"), (1, "gender")]
    event = {"event_id": "1", "user_id": "u", "artwork_id": "here", "event": "like"}
    late, early = {**event, "ts": "2026-01-02T00:00"}, {**event, "event_id": "2", "ts": "2026-01-01T23:30:00-01:00"}
    bad = [{**event, "event_id": None}, {**event, "artwork_id": "gone"}, {**event, "event": "love"}]
    bad = [{**b, "event_id": b["event_id"] and f"b{n}"} for n, b in enumerate(bad)]
    future = {**event, "event_id": "3", "ts": "2099-01-01T00:00:00Z"}
    rows, errors = checked_events([late, early, *bad, future], known)
    assert [r["event_id"] for r in rows] == ["1", "2"] and rows[1]["ts"].utcoffset().total_seconds() == -3600
    assert [(e.index, e.field) for e in errors] == [(2, "event_id"), (3, "artwork_id"), (4, "event"), (5, "ts")]


def test_the_same_batch_twice_changes_nothing(live):
    rows = [{"artwork_id": f"w{n}", "title": f"T{n}"} for n in range(50)]
    assert live.put(rows) == {"inserted": 50, "changed": 0, "unchanged": 0}
    before = live.last()
    assert live.put(rows) == {"inserted": 0, "changed": 0, "unchanged": 50} and live.last() == before
    assert live.put([{"artwork_id": "w1", "artist": "A"}])["changed"] == 1
    assert live.change("w1").body == {"artwork_id": "w1", "title": "T1", "artist": "A"}
    assert live.withdraw(["w1", "never seen"]) == 2 and live.withdraw(["w1"]) == 0
    assert live.put_users([{"user_id": "u", "age": 3}]) == {"inserted": 1, "changed": 0, "unchanged": 0}
    assert live.put_users([{"user_id": "u", "age": 3}]) == {"inserted": 0, "changed": 0, "unchanged": 1}
    live.store.forget("u")
    assert live.users() == []


def test_what_was_made_of_a_work_that_has_changed_since_is_not_kept(live):
    live.put([{"artwork_id": "w", "title": "T", "image_url": "https://a.example/1.jpg"}])
    old = live.change("w")
    live.put([{"artwork_id": "w", "image_url": "https://a.example/2.jpg"}])
    live.made([(old, {"image_path": "pictures/1.jpg"})])
    assert live.change("w").made is None


def test_two_batches_at_once(live):
    parts = [[{"artwork_id": f"{p}-{n}", "title": "T"} for n in range(200)] for p in range(4)]
    threads = [threading.Thread(target=live.put, args=(part,)) for part in parts]
    [t.start() for t in threads]
    [t.join() for t in threads]
    changes = live.changes()
    assert len(changes) == 800 and [c.seq for c in changes] == list(range(1, 801))


def test_a_catalogue_with_the_changes_on_top(live, tmp_path):
    works = as_artworks(pd.DataFrame({"artwork_id": ["a", "b"], "title": ["A", "B"], "artist": ["X", "Y"]}))
    path = tmp_path / "events.db"
    live.put([{"artwork_id": "a", "title": "Another"}, {"artwork_id": "c", "title": "C", "tags": ["sea"]}])
    live.withdraw(["b"])
    live.made([(live.change("c"), {"image_path": "pictures/c.jpg", "description": "Blue."})])
    for _ in range(2):  # a source that brings all of them again makes no difference
        works = with_live_artworks(works, path)
        assert works[["artwork_id", "title", "artist"]].values.tolist() == [["a", "Another", "X"], ["c", "C", ""]]
    assert works.iloc[1][["image_path", "description", "source"]].tolist() == ["pictures/c.jpg", "Blue.", "api"]
    live.put_users([{"user_id": "u", "age": 40}, {"user_id": "n", "gender": "F"}])
    users = with_live_users(as_users(pd.DataFrame({"user_id": ["u"], "description": ["Sails."]})), path)
    assert users[["user_id", "gender", "description"]].values.tolist() == [["u", "", "Sails."], ["n", "F", ""]]
    assert users["age"].tolist()[0] == 40
    assert live_row(path, "b")[2] and live_row(path, "c")[1]["image_path"] and live_row(path, "z") is None
    assert with_live_artworks(works, tmp_path / "none.db") is works


KILLED = """
import sys, itertools
from pathlib import Path
from art_recsys.serving.live_catalogue import LiveRows
from art_recsys.serving.store import EventStore
live = LiveRows(EventStore(Path(sys.argv[1])))
for batch in itertools.count():
    live.put([{"artwork_id": f"{batch}-{n}", "title": "T"} for n in range(100)])
    print(batch, flush=True)
"""


def test_killed_in_the_middle_no_batch_is_half_and_what_was_acknowledged_is_there(tmp_path):
    path = tmp_path / "events.db"
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    last = [int(child.stdout.readline()) for _ in range(5)][-1]
    os.kill(child.pid, signal.SIGKILL)
    last = max([last, *(int(line) for line in child.stdout.read().split())])
    child.wait()
    with EventStore(path) as store:
        ids = [c.artwork_id for c in LiveRows(store).changes()]
    counts = pd.Series(ids).str.split("-").str[0].astype(int).value_counts()
    assert set(counts) == {100} and set(counts.index) >= set(range(last + 1))


def test_what_was_made_of_a_work_that_changed_meanwhile_is_not_kept(live):
    live.put([{"artwork_id": "a", "title": "A"}])
    change = live.change("a")
    live.put([{"artwork_id": "a", "title": "B"}])
    assert live.made([(change, {"palette": []})]) == 0 and live.change("a").made is None
    assert live.made([(live.change("a"), {"palette": []})]) == 1

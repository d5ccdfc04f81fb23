"Tokens of visitors, and the mode of the file that they lie in"

import os
import secrets
import sqlite3
import stat

import pytest

from art_recsys.serving.store import EventStore
from art_recsys.serving.tokens import Tokens, forget_token


def like(user_id):
    return {"user_id": user_id, "artwork_id": "a", "event": "like"}


def test_a_token_is_made_here_and_works_after_a_restart(tmp_path):
    with EventStore(tmp_path / "events.db") as store:
        token = Tokens(store).make()
    with EventStore(tmp_path / "events.db") as store:
        tokens = Tokens(store)
        assert tokens.made(token) and tokens.make() != token and len(token) == 48
        other = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
        for bad in (other, token + "A", token[3:], "v1..", "", "x" * 200, "ann-of-the-catalogue-0123456789", "é" * 48):
            assert not tokens.made(bad)
    with EventStore(tmp_path / "other.db") as store:
        assert not Tokens(store).made(token)


def test_a_user_of_the_catalogue_is_no_token_whatever_the_id(tmp_path):
    imported = secrets.token_urlsafe(16)
    with EventStore(tmp_path / "events.db") as store:
        store.append([like(imported), like("u" * 22)])
        tokens = Tokens(store, users={imported, "u" * 22})
        assert not tokens.made(imported) and not tokens.made("u" * 22)
        signed = tokens.make()
        assert not Tokens(store, users={signed}).made(signed)


def test_browsers_of_an_earlier_release_go_on_and_later_ids_of_that_form_are_none(tmp_path):
    earlier, later = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    with EventStore(tmp_path / "events.db") as store:
        store.append([like(earlier)])
        assert Tokens(store).made(earlier)
    with EventStore(tmp_path / "events.db") as store:
        store.append([like(later)])  # through the API
        tokens = Tokens(store)
        assert tokens.made(earlier) and not tokens.made(later)
        forget_token(store, later)
        assert tokens.made(earlier)
    assert (
        earlier.encode()
        not in sqlite3.connect(tmp_path / "events.db")
        .execute("select group_concat(hex(digest)) from earlier_tokens")
        .fetchone()[0]
        .encode()
    )


@pytest.mark.parametrize("there", [False, True])
def test_the_file_of_events_is_its_owner_s_alone(tmp_path, there):
    file, before = tmp_path / "events.db", os.umask(0o022)
    try:
        if there:
            sqlite3.connect(file).execute("create table t(a)")
            file.chmod(0o644)
        with EventStore(file) as store:
            store.append([like("ann")])
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.glob("events.db*") if p.suffix != ".lock"}
        assert set(modes.values()) == {0o600} and "events.db-wal" in modes
    finally:
        os.umask(before)

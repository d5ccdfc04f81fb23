"The real server on the tiny museum: it switches releases under load, refuses a damaged one, and forgets a user"

import shutil
import threading
import time

import pandas as pd
import pytest

pytest.importorskip("tensorflow")

from art_recsys.config import UserError, load_settings, read_json, write_json
from art_recsys.core import Cols
from art_recsys.gallery.app import start_gallery
from art_recsys.platform.login import login
from art_recsys.serving import Client, start
from tests.browser.chromium import Watch, expect
from tests.conftest import TINY
from tests.test_cli import cli


def live_rows(home, settings, user_id) -> dict:
    "Number of rows of a user in every live table of a home"
    fs, out = login(settings).get_feature_store(), {}
    for group in fs.get_feature_groups():
        if Cols.user_id not in group.column_names:
            continue
        out[group.name] = int((group.read()[Cols.user_id] == user_id).sum())
        if group.online_enabled:
            out[f"{group.name} online"] = int((group.read(online=True)[Cols.user_id] == user_id).sum())
    for path in home.glob("*.parquet"):
        df = pd.read_parquet(path)
        if Cols.user_id in df:
            out[path.name] = int((df[Cols.user_id] == user_id).sum())
    for path in [
        *(path for path in home.glob("*.db*") if path.is_file()),
        *home.glob("events.db.backups/*"),
        *home.glob("cache/*.db*"),
        *home.glob("feature_store/*.db*"),
        *home.glob("stages/*"),
    ]:
        out[path.name] = path.read_bytes().count(user_id.encode())  # SQLite as bytes: free pages and logs as well
    for path in home.glob("feature_store/groups/*/data/*.parquet"):
        df = pd.read_parquet(path)
        if Cols.user_id in df:
            out[str(path)] = int((df[Cols.user_id] == user_id).sum())  # includes old versions
    return out


def damaged_copy(home, name, version):
    "Copy a model version and change one byte in the copy"
    folder = home / "registry/Models" / name
    shutil.copytree(folder / str(version), folder / "99")
    write_json({**read_json(folder / "99/manifest.json"), "version": 99}, folder / "99/manifest.json")
    victim = max((folder / "99/Files").rglob("*"), key=lambda p: p.stat().st_size if p.is_file() else -1)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)


def test_release_switch_refusal_rollback_and_forget_while_visitors_come(tiny_run, tmp_path, chromium):
    home = tmp_path / "home"
    shutil.copytree(tiny_run.home, home)
    settings = load_settings("smoke", home, server_port=0, gallery_port=0, **TINY)
    first = read_json(home / "release.json")
    again = {**first, "version": first["version"] + "-again"}
    damaged_copy(home, "query", first["query"]["version"])
    damaged = {**first, "version": "damaged", "query": {**first["query"], "version": 99}}
    seen, wrong, liked, done = set(), [], {}, threading.Event()

    def visit(url, user):
        with Client(url, timeout=60) as client:
            try:
                while not done.is_set():
                    page = client.recommend(user, k=6)
                    seen.add(page["model_version"])
                    item = page["items"][0]
                    sent = {"request_id": page["request_id"], "position": item["rank"]}
                    liked.setdefault(user, []).append(
                        (item["artwork_id"], client.like(user, item["artwork_id"], **sent))
                    )
                    time.sleep(0.2)
            except Exception as e:
                wrong.append(repr(e))

    with start(settings) as server, server.client(timeout=60) as client:
        threads = [threading.Thread(target=visit, args=(server.url, f"visitor-{n}")) for n in range(3)]
        for t in threads:
            t.start()
        write_json(again, home / "release.json")
        assert client.wait_for_release(again["version"])["status"] == "ok"
        write_json(damaged, home / "release.json")
        with pytest.raises(UserError, match="query version 99 is damaged"):
            client.wait_for_release("damaged")
        state = client.health()
        assert (state["status"], state["model_version"], state["refused"]["version"]) == (
            "degraded",
            again["version"],
            "damaged",
        )
        (home / "release.json").write_text("{")
        with pytest.raises(UserError, match=r"release\.json is damaged"):
            client.wait_for_release(again["version"] + "?")
        write_json(first, home / "release.json")  # a rollback
        assert client.wait_for_release(first["version"])["refused"] is None
        time.sleep(0.5)
        done.set()
        for t in threads:
            t.join()
        assert wrong == [] and seen == {first["version"], again["version"]}
        for user, likes in liked.items():
            assert {w["artwork_id"] for w in client.user(user)["likes"]} == {a for a, _ in likes}

        rows = pd.read_parquet(home / "events.parquet")
        user = rows[Cols.user_id].value_counts().index[0]
        client.like(user, liked["visitor-0"][0][0])
        before = live_rows(home, settings, user)
        assert all(
            before[k] for k in ("users", "users online", "interactions", "users.parquet", "events.parquet", "online.db")
        )
        answer = client.forget(user)
        assert sum(live_rows(home, settings, user).values()) == 0, live_rows(home, settings, user)
        assert answer["rows"]["events"] >= 1 and answer["rows"]["users.parquet"] == 1 and "models" in answer["left"][0]
        assert client.user(user) == {
            "user_id": user,
            "age": None,
            "gender": "",
            "description": "",
            "likes": [],
            "hidden": [],
        }
        assert {i["reason"]["kind"] for i in client.recommend(user)["items"]} <= {"start", "surprise"}
        assert client.user("visitor-0")["likes"] and user not in [u["user_id"] for u in client.users(500)]
        # a server that starts on a damaged release serves the previous one and reports it
        write_json({**damaged, "before": [first]}, home / "release.json")
        server.stop()
    with start(settings) as server, server.client(timeout=60) as client:
        state = client.health()
        assert (state["status"], state["model_version"], state["refused"]["version"]) == (
            "degraded",
            first["version"],
            "damaged",
        )
        assert (
            client.recommend("visitor-0", k=6)["model_version"] == first["version"]
            and client.user("visitor-0")["likes"]
        )
        assert (
            "art_recsys_release_refused 1.0" in client.metrics()
            and f"release refused, {first['version']} is served" in (home / "server.log").read_text()
        )
        out = cli("status", home=home)
        assert (
            f"damaged is not served, {first['version']} is" in out.stderr
            and "query version 99 is damaged" in out.stderr
        )
        with start_gallery(settings, server.url, page="operators") as running:
            watching = Watch(chromium, running.url)
            page = watching.open(ready=".operators .alert")
            expect(page.get_by_role("alert")).to_contain_text("query version 99 is damaged")
            expect(page.get_by_role("alert")).to_contain_text(f"{first['version']} is served instead")
            expect(page.get_by_role("status")).to_contain_text("Needs attention")
            page.context.close()
            assert watching.wrong == []
        # the position that the gallery sends with a like equals the position of the impression
        store = pd.DataFrame(log(home))
        pairs = store[store.event == "like"].merge(store[store.event == "impression"], on=["request_id", "artwork_id"])
        assert len(pairs) >= 3 and (pairs.position_x == pairs.position_y).all()


def log(home):
    from art_recsys.serving.store import EventStore

    with EventStore(home / "events.db") as store:
        return store.rows()

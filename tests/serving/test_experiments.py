"Experiments on small fake models: who is in which arm, what is logged and counted, what stops one, what is refused"

import copy
import json
import sqlite3
import subprocess
import sys
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from art_recsys import cli
from art_recsys.config import UserError, read_json, trust_home, write_json
from art_recsys.core import Event
from art_recsys.measures.sequential import sums_of
from art_recsys.models.candidate_sources import candidate_sources
from art_recsys.models.cooccurrence import ItemCooccurrence
from art_recsys.platform.neighbours import Neighbours
from art_recsys.serving import arms, experiment_file
from art_recsys.serving.experiment_file import (
    arm_of,
    end_experiment,
    latest,
    read_experiments,
    start_experiment,
)
from art_recsys.serving.experiments import Experiments, figures, tally_of
from art_recsys.serving.release_file import with_settings
from art_recsys.serving.store import EventStore
from art_recsys.serving.tally import PATH, Tally

from .test_service import FakeRanker, FakeTower, artworks, events, ids, make, say, service_users

RELEASE = {"version": "q1-r1", "query": {"name": "query", "version": 1}, "ranking": {"name": "ranking", "version": 1}}


@pytest.fixture
def home(tmp_path, monkeypatch):
    "A home with a release and the one before it; `gone` are the versions that the registry has no more"
    gone = set()
    model_of = lambda name, version: SimpleNamespace(download=lambda: f"{name}/{version}")  # noqa: E731
    registry = SimpleNamespace(get_model=lambda name, version: None if version in gone else model_of(name, version))
    project = SimpleNamespace(get_model_registry=lambda: registry)
    monkeypatch.setattr(experiment_file, "login", lambda settings: project)
    monkeypatch.setattr(arms, "login", lambda settings: project)
    monkeypatch.setattr("art_recsys.features.load_frames", lambda *a: (artworks(tmp_path), service_users(), events()))
    old = RELEASE | {"version": "q0-r0", "query": {"name": "query", "version": 0}}
    trust_home(tmp_path)
    write_json(RELEASE | {"before": [old]}, tmp_path / "release.json")
    return SimpleNamespace(path=tmp_path, gone=gone)


@pytest.fixture
def service(home):
    s = make(home.path)
    s.experiments = Experiments(s.settings)
    yield s
    s.close()


def run(service, name="try", b="diversity=1", share=0.5):
    start_experiment(service.settings, name, "current", b, share)
    service.experiments.look(service)
    return service.experiments.running


def exposures(service):
    service.store.append([])  # what was submitted before is on disk then
    sql = "select request_id, user_id, experiment, arm, odds, exploration, always, drawn, fresh, shown from exposures"
    return service.store.read(sql)


def test_a_visitor_stays_in_an_arm_and_experiments_are_independent():
    users = [f"visitor-{n}" for n in range(4000)]
    arms = {n: [arm_of({"name": n, "share": 0.3}, u) for u in users] for n in ("one", "two")}
    assert arms["one"] == [arm_of({"name": "one", "share": 0.3}, u) for u in users]
    b = {n: np.array(a) == "b" for n, a in arms.items()}
    assert all(abs(v.mean() - 0.3) < 0.025 for v in b.values())
    assert abs((b["one"] & b["two"]).mean() - 0.09) < 0.02
    more = [arm_of({"name": "one", "share": 0.6}, u) for u in users]
    assert all(m == "b" for m, was in zip(more, arms["one"], strict=True) if was == "b")


@pytest.mark.parametrize("share", [0, 1, -0.1, 1.5, float("nan")])
def test_a_share_that_leaves_an_arm_empty_is_refused(service, share):
    with pytest.raises(UserError, match="without visitors"):
        run(service, share=share)


@pytest.mark.parametrize("name", ["<b>bold</b>", "", "  ", "x" * 65, "a\nb" * 30, "../up", "'; drop table events"])
def test_a_name_that_is_no_name_is_refused(service, name):
    with pytest.raises(UserError, match="cannot be the name"):
        run(service, name=name)


def test_what_cannot_be_compared_is_refused(service, home):
    for b, words in (
        ("q9-r9", "no release q9-r9"),
        ("current", "Both arms are the same"),
        ("divercity=.3", "Did you mean diversity"),
        ("home=/tmp", "not a setting that a page reads"),
        ("diversity=7", "diversity = '7' is not possible"),
        ("diversity=", "is not possible"),
    ):
        with pytest.raises(UserError, match=words):
            run(service, b=b)
    with pytest.raises(UserError, match=r"--a diversity=.3 is not a release"):
        start_experiment(service.settings, "try", "diversity=.3", "current", 0.5)
    home.gone.add(0)
    with pytest.raises(UserError, match=r"no longer has the models of the release q0-r0"):
        run(service, b="q0-r0")
    with pytest.raises(UserError, match="No experiment is running"):
        end_experiment(service.settings)
    run(service, "first", "recommendation.diversity=.3, follow=.5")
    assert read_json(home.path / "experiments.json")["running"]["b"]["settings"] == {"diversity": 0.3, "follow": 0.5}
    with pytest.raises(UserError, match="first is running"):
        run(service, "second")
    end_experiment(service.settings)
    with pytest.raises(UserError, match="was an experiment first already"):
        run(service, "first")
    (home.path / "experiments.json").write_text('{"running": {"name": 1}, "past": []}')
    with pytest.raises(UserError, match="damaged"):
        latest(service.settings)
    service.experiments.look(service)  # and the server goes on
    assert len(service.recommend("u0")["items"]) == 12 and service.experiments.running is None


def test_each_visitor_gets_the_pages_of_their_arm_and_the_log_says_which(service):
    alone = {d: [i for i in ids(make_page(service, d))] for d in (0.2, 1.0)}
    assert alone[0.2] != alone[1.0]
    running = run(service)
    arms = {}
    for n in range(40):
        visitor = f"v{n}"
        for work in ("w0", "w6", "w12"):
            say(service, visitor, work, "like")
        page = service.recommend(visitor)
        arms[page["request_id"]] = arm = arm_of(running, visitor)
        assert ids(page) == ids(service.recommend(visitor)) == alone[1.0 if arm == "b" else 0.2]
        assert page["model_version"] == ("q1-r1+diversity=1.0" if arm == "b" else "q1-r1")
    assert set(arms.values()) == {"a", "b"}
    rows = {r[0]: r[2:] for r in exposures(service)}
    assert len(rows) == 80 and all(rows[k] == ("try", a, 0.5, 0.0, None, "", 1, 12) for k, a in arms.items())
    service.recommend("v1", log=False)  # an operator looks
    service.recommend("v1", exclude=["w30"])
    last = exposures(service)[-1]
    assert len(exposures(service)) == 81 and last[8] == 0  # not fresh
    end_experiment(service.settings)
    service.experiments.look(service)
    assert all(ids(service.recommend(f"v{n}")) == alone[0.2] for n in range(40))
    assert exposures(service)[-1][2:5] == (None, None, 1.0)
    service.store.forget("v1")
    assert "v1" not in {r[1] for r in exposures(service)}


def make_page(service, diversity):
    from art_recsys.recommendation import page_recommender

    chosen = with_settings(service.settings, {"diversity": diversity})
    recommender = page_recommender(service.recommender.model, chosen)
    recommender.serve(artworks(service.settings.home), service_users(), events())
    page = recommender.pages([{"user_id": "v", "history": ["w0", "w6", "w12"]}], 12)[0]
    return {"items": [{"artwork_id": recommender.candidate_ids[i]} for i in page.items[0]]}


def test_an_arm_that_cannot_be_loaded_ends_the_experiment_and_nobody_notices(service, home):
    start_experiment(service.settings, "old", "current", "q0-r0", 0.5)
    home.gone.add(0)  # removed while nobody served
    service.experiments.look(service)
    done = read_experiments(service.settings)
    assert done["running"] is None and "q0-r0" in done["past"][0]["why"]
    assert len(service.recommend("u0")["items"]) == 12


class GrowingTower(FakeTower):
    "Takes new works, each near to w0"

    def with_works(self, rows):
        out, new = copy.copy(self), [a for a in rows["artwork_id"] if a not in self.item_index]
        out.candidates = np.concatenate(
            [self.candidates, np.tile(self.candidates[self.item_index["w0"]], (len(new), 1))]
        )
        out.candidate_ids = np.concatenate([self.candidate_ids, np.array(new, object)])
        out.neighbours, out.artwork_features = Neighbours(out.candidates), {"text": out.candidates}
        out.item_index = {a: i for i, a in enumerate(out.candidate_ids)}
        return out


class GrowingRanker(FakeRanker):
    def __init__(self, tower):
        super().__init__(tower)
        self.cooccurrence = ItemCooccurrence([], len(tower.candidates))

    def sources(self):
        return candidate_sources(self.two_tower, self.popularity_clock, self.cooccurrence)


@pytest.fixture
def rankers(monkeypatch):
    "The folders of the models that were loaded: towers that know the first 100 works only, in another order each"

    def load(folder):
        loaded.append(folder)
        tower = GrowingTower(100, seed=len(loaded))
        tower.candidate_ids = np.roll(tower.candidate_ids, len(loaded))
        tower.item_index = {a: i for i, a in enumerate(tower.candidate_ids)}
        return GrowingRanker(tower)

    loaded = []
    monkeypatch.setattr("art_recsys.ranking.Ranker.load", load)
    monkeypatch.setattr("tests.serving.test_service.FakeTower", GrowingTower)
    monkeypatch.setattr("tests.serving.test_service.FakeRanker", GrowingRanker)
    return loaded


def shown_in(service, arm, k=110):
    "The works on a page of a visitor in an arm, each with the card of just this work"
    running = service.experiments.running
    visitor = next(f"v{n}" for n in range(99) if arm_of(running, f"v{n}") == arm)
    say(service, visitor, "w6", "like")
    items = service.recommend(visitor, k=k)["items"]
    assert all(i["artwork"]["artwork_id"] == i["artwork_id"] for i in items)
    return {i["artwork_id"] for i in items}


def test_an_arm_of_another_release_follows_the_catalogue(rankers, service, monkeypatch):
    run(service, b="q0-r0")
    before = service.experiments.arms["b"].recommender
    assert list(before.candidate_ids[:2]) == ["w99", "w0"], "the order of the other release"
    assert {"w3", "w110"} <= shown_in(service, "a") & shown_in(service, "b"), (
        "a work that is newer than its towers, too"
    )
    monkeypatch.setattr("art_recsys.serving.experiments.load_arms", None)  # nothing is read again for what follows
    new = service.artworks.iloc[[9]].assign(artwork_id="new", title="New")
    for rows, gone in ((service.artworks.iloc[:0], ["w3"]), (new, []), (service.artworks.iloc[:0], ["new", "w110"])):
        now = service.changed(rows, gone)
        now.live_seq = service.live_seq + 1
        assert not {*gone} & (shown_in(now, "a") | shown_in(now, "b")), "withdrawn before the arms know of it"
        now.experiments.look(now)
        arms = now.experiments.arms
        assert arms["a"].recommender is now.recommender and arms["b"].recommender.known is before.known
        for shown in (shown_in(now, "a"), shown_in(now, "b")):
            assert {*rows["artwork_id"]} <= shown and not {*gone} & shown
        service = now
    assert rankers == ["ranking/1"] and list(arms["b"].recommender.candidate_ids[:2]) == ["w99", "w0"]
    assert arms["b"].version == "q0-r0" and len(arms["b"].recommender.candidate_ids) == 121


def test_each_release_has_its_own_models_and_its_arms_share_them(rankers, service, home):
    others = [RELEASE | {"version": f"q0-r{n}", "ranking": {"name": "ranking", "version": n}} for n in (10, 11)]
    write_json(RELEASE | {"before": [*others, RELEASE | {"version": "q0-r1"}]}, home.path / "release.json")
    start_experiment(service.settings, "names", "q0-r10", "q0-r1", 0.5)  # one name begins like the other
    service.experiments.look(service)
    a, b = (service.experiments.arms[n].recommender for n in "ab")
    assert rankers == ["ranking/10", "ranking/1"] and a.candidate_ids[0] != b.candidate_ids[0]
    end_experiment(service.settings)
    start_experiment(service.settings, "one release", "q0-r11", "diversity=.9", 0.5)
    service.experiments.look(service)
    a, b = (service.experiments.arms[n] for n in "ab")
    assert rankers[2:] == ["ranking/11"] and (a.version, b.version) == ("q0-r11", "q0-r11+diversity=0.9")
    assert list(a.recommender.candidate_ids) == list(b.recommender.candidate_ids)


def log_of(path, r, n=2500, name="try"):
    "A store with a log in which likes, unlikes and hides of 60 visitors come in any order, dated by a clock that jumps"
    store, requests, rows = EventStore(path), 0, []
    for _ in range(n):
        user, kind = f"v{r.integers(60)}", r.random()
        work, ts = f"w{r.integers(30)}", f"20{r.integers(10, 26)}-01-01T00:00:00+00:00"
        shared = {"user_id": user, "artwork_id": work, "ts": ts}
        if kind < 0.3:
            requests += 1
            shown = [] if r.random() < 0.1 else [f"w{w}" for w in r.choice(30, 4, replace=False)]
            experiment = name if r.random() < 0.8 else None
            arm = arm_of({"name": name, "share": 0.4}, user)
            how = {"request_id": f"r{requests}", "user_id": user, "experiment": experiment, "arm": arm, "odds": 0.4}
            how |= {"exploration": 0, "drawn": "", "fresh": 1, "shown": len(shown), "ms": float(r.integers(1000))}
            seen = {**shared, "event": "impression", "request_id": f"r{requests}"}
            page = [{**seen, "artwork_id": w, "propensity": 1.0} for w in shown]
            told = [{**seen, "artwork_id": w} for w in shown[:1]]  # by a front end of its own, which counts for nothing
            store.submit([how, *page, *told])
            rows.append(("page", user, experiment, shown, how["ms"]))
        else:
            event = Event.like if kind < 0.7 else Event.unlike if kind < 0.85 else Event.hide
            store.submit([{**shared, "event": event}])
            rows.append((event, user, work))
    store.append([])
    return store, rows


def counted(rows, slow_ms, name="try"):
    "The same by hand: every visitor on their own, from the whole log"
    out = {}
    for user in dict.fromkeys(r[1] for r in rows):
        x = pages = empty = slow = 0
        shown, state, hidden, inside = set(), {}, set(), False
        for kind, who, what, *rest in rows:
            if who != user:
                continue
            if kind == "page":
                if what != name:
                    continue
                inside, pages = True, pages + 1
                empty, slow = empty + (not rest[0]), slow + (rest[1] > slow_ms)
                x, shown = x + len(rest[0]), shown | set(rest[0])
            elif what in shown:
                state[what] = kind
                hidden |= {what} if kind == Event.hide else set()
        if inside:
            liked = sum(v == Event.like for v in state.values())
            out[user] = {"impressions": x, "pages": pages, "likes": liked, "hides": len(hidden)}
            out[user] |= {"empty": empty, "slow": slow}
    return out


def test_the_counts_are_those_of_every_visitor_in_the_order_of_the_log(tmp_path):
    store, rows = log_of(tmp_path / "events.db", np.random.default_rng(5))
    tally, truth = Tally("try", 500).read(store.path), counted(rows, 500)
    for arm in "ab":
        mine = [v for u, v in truth.items() if arm_of({"name": "try", "share": 0.4}, u) == arm]
        for kind, of in (("likes", "impressions"), ("hides", "impressions"), ("empty", "pages"), ("slow", "pages")):
            expected = sums_of([v[of] for v in mine], [v[kind] for v in mine])
            assert np.allclose(tally.sums(kind, arm), expected), (arm, kind)
        assert tally.total(arm)["likes"] == sum(v["likes"] for v in mine) > 0
    before = [tally.total(a) for a in "ab"]
    assert [tally.read(store.path).total(a) for a in "ab"] == before  # nothing new, nothing counted twice
    store.append(
        [{"user_id": "v1", "artwork_id": "w1", "event": "like"}, {"user_id": "v1", "artwork_id": "w1", "event": "like"}]
    )
    once = Tally("try", 500).read(store.path)
    assert [tally.read(store.path).total(a) for a in "ab"] == [once.total(a) for a in "ab"]
    store.forget("v2")
    tally.clear()
    assert sum(tally.read(store.path).total(a)["visitors"] for a in "ab") == len(truth) - 1
    assert Tally("another").read(store.path).total("a")["visitors"] == 0
    assert Tally("try").read(tmp_path / "nothing.db").total("a")["visitors"] == 0
    store.close()


def fill(path, rates, visitors=300, works=24, empty=(0, 0), ms=(20, 20), seed=1, name="try"):
    "Visitors of both arms, straight into the tables"
    r = np.random.default_rng(seed)
    EventStore(path).close()
    exposures, shown = [], []
    for n in range(visitors * 2):
        user, arm = f"v{n}", n % 2
        none = r.random() < empty[arm]
        exposures.append((f"r{n}", user, name, "ab"[arm], 0.5, 0, "", 1, 0 if none else works, ms[arm]))
        if none:
            continue
        shown += [(f"r{n}-{w}", user, f"w{w}", "impression", "2026-01-01", f"r{n}", 1.0) for w in range(works)]
        for kind in ("like", "hide"):
            hit = np.flatnonzero(r.random(works) < rates[arm].get(kind, 0))
            shown += [(f"{kind}{n}-{w}", user, f"w{w}", kind, "2026-01-01", None, None) for w in hit]
    with sqlite3.connect(path) as db:
        columns = "request_id, user_id, experiment, arm, odds, exploration, drawn, fresh, shown, ms"
        db.executemany(f"insert into exposures({columns}) values(?,?,?,?,?,?,?,?,?,?)", exposures)
        columns = "event_id, user_id, artwork_id, event, ts, request_id, propensity"
        db.executemany(f"insert into events({columns}) values(?,?,?,?,?,?,?)", shown)
    db.close()


def test_the_figures_say_what_is_known(home, service):
    run(service)
    found = service.experiments.figures()
    assert found["lift"] is None and found["text"] == "Nobody has come yet." and found["path"] == []
    fill(home.path / "events.db", ({"like": 0.1}, {"like": 0.16}), visitors=400)
    found = service.experiments.figures()
    assert found["lift"]["low"] > 0 and "more likes" in found["text"] and "more than chance" in found["text"]
    assert [a["visitors"] for a in found["arms"]] == [400, 400] and not found["uneven"]
    assert 20 < len(found["path"]) <= PATH and found["path"][-1][0] > 700
    assert all(low < value < high for _, value, low, high in found["path"])
    assert [g["state"] for g in found["guardrails"]] == ["ok"] * 3
    assert json.loads(json.dumps(found)) == found  # it goes over HTTP
    assert 0 < found["detectable"] < 0.5 and found["needed"] > 1000
    here = figures(service.settings, latest(service.settings), tally_of(service.settings, latest(service.settings)))
    assert here["text"] == "Nobody has come yet."


@pytest.mark.parametrize(
    ("name", "rates", "more"),
    [
        ("hides", ({"hide": 0.02}, {"hide": 0.08}), {}),
        ("empty pages", ({}, {}), {"empty": (0, 0.2)}),
        ("over 500 ms", ({}, {}), {"ms": (20, 900)}),
    ],
)
def test_a_guardrail_stops_the_experiment(home, service, name, rates, more):
    run(service)
    fill(home.path / "events.db", rates, **more)
    service.experiments.look(service, passed=1)
    assert service.experiments.running  # it looks every ten seconds
    service.experiments.look(service, passed=10)
    service.experiments.look(service)
    done = latest(service.settings)
    assert done["state"] == "stopped" and name in done["why"] and service.experiments.running is None
    assert len(service.recommend("v1")["items"]) == 12


def test_a_guardrail_may_only_warn_and_equal_arms_cross_none(home, service):
    service.settings = service.experiments.settings = service.settings.model_copy(update={"guardrails": "warn"})
    run(service)
    fill(home.path / "events.db", ({"hide": 0.02}, {"hide": 0.08}))
    service.experiments.look(service, passed=20)
    service.experiments.look(service)
    states = {g["name"]: g["state"] for g in service.experiments.figures()["guardrails"]}
    assert states == {"hides": "crossed", "empty": "ok", "slow": "ok"}
    end_experiment(service.settings)
    run(service, "again")
    fill_again = {"name": "again", "seed": 3, "ms": (900, 900)}  # a slow machine is slow in both arms
    home.path.joinpath("other").mkdir()
    fill(home.path / "other/events.db", ({"hide": 0.02}, {"hide": 0.02}), **fill_again)
    tally = tally_of(service.settings, latest(service.settings)).read(home.path / "other/events.db")
    assert all(
        g["state"] != "crossed" for g in figures(service.settings, latest(service.settings), tally)["guardrails"]
    )


def test_a_page_that_fails_is_an_empty_page_of_its_arm(service):
    running = run(service)
    visitor = next(f"v{n}" for n in range(99) if arm_of(running, f"v{n}") == "b")
    service.experiments.arms["b"].recommender.pages = lambda *a, **k: 1 / 0
    with pytest.raises(ZeroDivisionError):
        service.recommend(visitor)
    assert exposures(service)[-1][3] == "b" and exposures(service)[-1][-1] == 0


def test_no_acknowledged_like_is_lost_while_experiments_come_and_go_and_a_release_changes(service, home):
    "Eight writers; meanwhile an experiment starts and stops again and again, and another release takes over the store"
    box, done, acknowledged, wrong = {"service": service}, threading.Event(), [], []

    def visit(n):
        k = 0
        while not done.is_set():
            now = box["service"]
            try:
                if k % 5 == 0:
                    now.recommend(f"v{n}", k=4)
                event = {"user_id": f"v{n}", "artwork_id": f"w{k % 120}", "event": "like", "event_id": f"{n}-{k}"}
                assert now.send_events([event])["accepted"] == 1
                acknowledged.append(f"{n}-{k}")
            except Exception as e:
                wrong.append(e)
            k += 1

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    try:
        for n in range(6):
            run(box["service"], f"try {n}", f"diversity={0.1 * n + 0.3:.1f}")
            end_experiment(service.settings, "promoted" if n % 2 else "stopped")
            box["service"].experiments.look(box["service"])
            new = make(home.path)  # as `Releases.look` does after a promotion: another service on the same store
            new.store.close()
            new.store = new.visitors.store = service.store
            new.experiments = service.experiments
            box["service"] = new
    finally:
        done.set()
        for t in threads:
            t.join()
    with sqlite3.connect(home.path / "events.db") as db:
        on_disk = {i for (i,) in db.execute("select event_id from events where event = 'like'")}
    db.close()
    assert not wrong and len(acknowledged) > 100 and on_disk == set(acknowledged)


def command(*args, home):
    return CliRunner().invoke(cli.app, ["experiment", *args, "--home", str(home)], catch_exceptions=True)


def test_the_commands(home, monkeypatch):
    "start, status, stop; promote without data, without a difference, and with one"
    brought = []
    monkeypatch.setattr("art_recsys.deployment.bring_back", lambda s, release: brought.append(release) or release)
    out = command("promote", home=home.path)
    assert "There was no experiment" in str(out.exception)
    out = command("start", "bold", "--b", "diversity=.9", home=home.path)
    assert out.exit_code == 0 and "50 % of the visitors get q1-r1+diversity=0.9" in out.output
    assert "Nobody has come yet" in command("status", home=home.path).output
    out = command("promote", home=home.path)
    assert isinstance(out.exception, UserError) and "Nobody has come yet" in str(out.exception) and not brought
    fill(home.path / "events.db", ({"like": 0.1}, {"like": 0.1}), name="bold")
    assert "No difference is shown yet" in str(command("promote", home=home.path).exception)
    said = command("status", home=home.path).output
    assert "bold: running" in said and "300 visitors, 7,200 works shown" in said and "guardrail ok" in said
    assert command("stop", "--why", "a test", home=home.path).exit_code == 0
    assert "a test" in command("status", home=home.path).output
    out = command("promote", "--force", home=home.path)
    assert out.exit_code == 0 and brought[-1]["page"] == {"diversity": 0.9}
    assert latest_of(home)["state"] == "promoted"
    assert "promoted already" in str(command("promote", "--force", home=home.path).exception)
    command("start", "next", "--b", "follow=.9", home=home.path)
    (home.path / "events.db").unlink()
    fill(home.path / "events.db", ({"like": 0.1}, {"like": 0.2}), name="next")
    assert command("promote", home=home.path).exit_code == 0 and brought[-1]["page"] == {"follow": 0.9}


def latest_of(home):
    return read_json(home.path / "experiments.json")["past"][0]


def test_neither_a_starting_server_nor_the_command_line_loads_tensorflow():
    code = """import sys
import art_recsys.serving.server, art_recsys.cli_experiments, art_recsys.serving.experiments
assert "tensorflow" not in sys.modules"""
    subprocess.run([sys.executable, "-c", code], check=True)

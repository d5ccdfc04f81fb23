"""The command line as a person meets it: real subprocesses, exit codes, messages on stderr, JSON on stdout."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from art_recsys import pipeline
from art_recsys.cli import main
from art_recsys.config import UserError, file_state, load_settings, read_json
from art_recsys.pipeline import STAGES, is_current, run, status
from art_recsys.serving import process
from tests.conftest import TINY


def cli(*args, home=None, env=None, cwd=None):
    "Run art-recsys in a process of its own"
    extra = ["--home", str(home)] if home else []
    return subprocess.run(
        [sys.executable, "-m", "art_recsys.cli", *map(str, args), *extra],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=600,
    )


def here(*args, home=None, env=None):
    "The same in this process, for commands whose own process another line of the test tries: it costs two seconds"
    out, err, code, services, load = StringIO(), StringIO(), 0, [], process.local_service
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(process, "local_service", lambda settings: services.append(load(settings)) or services[-1])
        patch.setattr(sys, "argv", ["art-recsys", *map(str, args), *(["--home", str(home)] if home else [])])
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as e:
            code = e.code or 0
        for service in services:  # what the end of a process would close
            service.close()
    return subprocess.CompletedProcess(sys.argv, code, out.getvalue(), err.getvalue())


def said(result, *words):
    "A message for a person: exit code 2, the words, and no stack trace"
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    for w in words:
        assert w in result.stderr
    return True


def test_help_names_every_stage():
    out = cli("--help").stdout
    assert all(
        f"\n  {name} " in out
        for name in [
            *STAGES,
            "run",
            "serve",
            "gallery",
            "operators",
            "recommend",
            "like",
            "forget",
            "status",
            "refresh",
            "rollback",
        ]
    )


def test_help_and_status_do_not_load_tensorflow():
    code = 'import sys; import art_recsys.cli; assert not {"tensorflow", "torch", "hopsworks"} & set(sys.modules)'
    subprocess.run([sys.executable, "-c", code], check=True)


def test_loading_is_quiet_and_failures_are_not():
    code = (
        "import os, sys; from art_recsys.config.quiet import quiet_loading\n"
        'with quiet_loading(): os.write(2, b"chatter")\n'
        'os.write(2, b"after ")\n'
        'with quiet_loading(): os.write(2, b"the cause"); 1/0'
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr
    assert said.startswith("after the cause") and "ZeroDivisionError" in said and "chatter" not in said


def test_status_of_an_empty_home(tmp_path):
    rows = json.loads(cli("status", "--json", home=tmp_path / "home").stdout)["stages"]
    assert [r["stage"] for r in rows] == list(STAGES) and {r["state"] for r in rows} == {"missing"}


def test_status_names_the_platform_and_does_not_load_it(tmp_path):
    home = tmp_path / "home"
    assert f"platform embedded project in {home}\n" in cli("status", home=home).stdout
    assert json.loads(cli("status", "--json", home=home).stdout)["platform"] == {
        "name": "embedded project",
        "home": str(home),
        "error": None,
    }
    code = f"""
import sys
from art_recsys.config import load_settings
from art_recsys.pipeline import check_platform
check_platform(load_settings(None, {str(home)!r}))
assert not {{"tensorflow", "hopsworks"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_status_says_what_a_key_alone_lacks(tmp_path):
    env = {"HOPSWORKS_API_KEY": "a-secret", "HOPSWORKS_HOST": "", "HOPSWORKS_PROJECT": "museum"}
    out = cli("status", home=tmp_path / "home", env=env)
    assert (
        said(out, "HOPSWORKS_API_KEY is set, but HOPSWORKS_HOST is not", "->")
        and "a-secret" not in out.stdout + out.stderr
    )
    assert (
        "platform Hopsworks at ?:443, project museum, which refused the login\n" in out.stdout
        and "ingest     missing" in out.stdout
    )
    told = cli("status", "--json", home=tmp_path / "home", env=env)
    assert told.returncode == 2 and "HOPSWORKS_HOST is not" in json.loads(told.stdout)["platform"]["error"]


def test_what_was_made_on_one_platform_is_not_there_on_another(tmp_path, monkeypatch):
    settings = load_settings("smoke", tmp_path / "home", **TINY)
    here = {name: pipeline.stage_fingerprint(settings, name) for name in STAGES}
    for name, value in dict(API_KEY="k", HOST="hops.test", PROJECT="museum").items():
        monkeypatch.setenv(f"HOPSWORKS_{name}", value)
    there = {name: pipeline.stage_fingerprint(settings, name) for name in STAGES}
    assert [n for n in STAGES if here[n] == there[n]] == ["ingest", "enrich", "users"], "these are files of the home"
    monkeypatch.setenv("HOPSWORKS_API_KEY", "another")
    assert {name: pipeline.stage_fingerprint(settings, name) for name in STAGES} == there, (
        "a new key opens the same project"
    )


def test_a_catalogue_counts_by_what_is_in_it_and_not_by_where_or_when(tmp_path, monkeypatch):
    def fingerprint(file):
        settings = load_settings("smoke", tmp_path / "home", artworks_file=file, **TINY)
        return pipeline.stage_fingerprint(settings, "enrich")

    digested = []
    monkeypatch.setattr("art_recsys.config.products.file_state", lambda path: digested.append(path) or file_state(path))
    works = tmp_path / "works.csv"
    works.write_text("artwork_id,title\na,One\n")
    before = fingerprint(works)
    assert fingerprint(works) == before and digested == [works], "a file that nobody touched is digested once"
    os.utime(works, (1, 1))
    assert fingerprint(works) == before and len(digested) == 2
    (tmp_path / "moved").mkdir()
    assert fingerprint(Path(shutil.copy(works, tmp_path / "moved" / "works.csv"))) == before
    works.write_text("artwork_id,title\na,Two\n")
    assert fingerprint(works) != before
    works.unlink()
    assert fingerprint(works) not in (before, fingerprint(None)), "one that is missing is not one that is not named"


def test_mistakes_are_said_in_words(tmp_path):
    (tmp_path / "file").write_text("x")
    assert said(cli("run", "--set", "n_artwork=3", home=tmp_path / "h"), "n_artwork is not a setting", "n_artworks")
    assert said(here("run", "--set", "n_artworks", home=tmp_path / "h"), "KEY=VALUE")
    assert said(here("run", "--section", "huge", home=tmp_path / "h"), "huge", "smoke")
    assert said(here("run", "--source", "louvre", "--upto", "ingest", home=tmp_path / "h"), "louvre", "sample")
    assert said(here("run", "--artworks", tmp_path / "none.csv", home=tmp_path / "h"), "none.csv")
    assert said(here("run", "--upto", "enric", home=tmp_path / "h"), "enrich")
    assert said(here("run", "--upto", "ingest", home=tmp_path / "file" / "home"), "--home")
    assert said(cli("recommend", "ann", home=tmp_path / "h"), "art-recsys run")
    assert said(here("status", home=tmp_path / "h", env={"ART_RECSYS_SEEDS": "1"}), "ART_RECSYS_seeds")


def test_a_catalogue_of_ones_own_and_the_options_are_remembered(tmp_path):
    pd.DataFrame({"nr": [1, 2, 2, 4], "name": ["Dawn", "Noon", "Noon", ""], "class": "Print"}).to_csv(
        tmp_path / "works.csv", index=False
    )
    home = tmp_path / "home"
    wrong = cli("ingest", "--artworks", tmp_path / "works.csv", home=home)
    assert said(wrong, "artwork_id", "columns")
    right = cli(
        "ingest",
        "--artworks",
        tmp_path / "works.csv",
        "--columns",
        "artwork_id=nr,title=name,category=class",
        "--json",
        home=home,
    )
    assert right.returncode == 0, right.stderr
    assert json.loads(right.stdout)["works"] == 2
    report = read_json(home / "ingest_report.json")
    assert report["skipped"] == {"duplicate artwork id": 1, "work without a title": 1}
    rows = json.loads(cli("status", "--json", home=home).stdout)
    assert rows["source"] == "file" and rows["stages"][0]["state"] == "current"


def test_stages_run_once_and_again_when_something_changed(tmp_path):
    settings = load_settings("smoke", tmp_path / "home", **TINY)
    told = []
    run(settings, "enrich", report=lambda name, summary: told.append(name) if summary is None else None)
    run(settings, "enrich", report=lambda name, summary: told.append(name) if summary is None else None)
    assert told == ["ingest", "enrich"]
    changed = load_settings("smoke", tmp_path / "home", **{**TINY, "seed": 7})
    assert not is_current(changed, "ingest")
    (settings.home / "enriched.parquet").unlink()
    assert [r["state"] for r in status(settings)[:2]] == ["current", "stale"]


def test_a_torn_record_of_a_stage_means_that_it_runs_again(tmp_path):
    settings = load_settings("smoke", tmp_path / "home", **TINY)
    run(settings, "ingest")
    (settings.home / "stages/ingest.json").write_text('{"stage": "ing')
    assert not is_current(settings, "ingest")
    assert run(settings, "ingest")["ingest"]["works"] == TINY["n_artworks"]


def test_two_runs_in_one_home_wait_for_each_other(tmp_path):
    from filelock import FileLock

    settings = load_settings("smoke", tmp_path / "home", **TINY)
    settings.home.mkdir()
    with FileLock(settings.home / ".lock"), pytest.raises(UserError, match="Another run"):
        run(settings, "ingest", wait=0.2)


def test_forget_without_a_server(tmp_path):
    from art_recsys.serving.store import EventStore

    with EventStore(tmp_path / "events.db") as store:
        store.append([{"user_id": u, "artwork_id": "a", "event": "like"} for u in ("ann", "ann", "bea")])
    pd.DataFrame({"user_id": ["ann", "bea"], "description": ["A sailor.", "A poet."]}).to_parquet(
        tmp_path / "users.parquet"
    )
    answer = json.loads(cli("forget", "ann", "--json", home=tmp_path).stdout)
    assert answer == {"user_id": "ann", "rows": {"events": 2, "users.parquet": 1}, "left": []}
    assert "nothing was kept" in cli("forget", "ann", home=tmp_path).stdout
    with EventStore(tmp_path / "events.db") as store:
        assert store.likes("ann") == [] and store.likes("bea") == ["a"]
    assert list(pd.read_parquet(tmp_path / "users.parquet").user_id) == ["bea"]


def test_recommend_and_like_without_a_server(tiny_run):
    users = pd.read_parquet(tiny_run.home / "users.parquet").user_id
    pairs = [x for k, v in TINY.items() for x in ("--set", f"{k}={v}")]
    env = {"ART_RECSYS_SECTION": "smoke"}
    first = cli("recommend", users[0], "-k", 5, "--json", *pairs, home=tiny_run.home, env=env)
    assert first.returncode == 0, first.stderr
    items = json.loads(first.stdout)["items"]
    assert [i["rank"] for i in items] == [1, 2, 3, 4, 5] and len({i["artwork_id"] for i in items}) == 5
    assert said(here("like", "visitor-of-this-test", "no-such-work", home=tiny_run.home, env=env), "no-such-work")
    liked = items[0]["artwork_id"]
    assert cli("like", "visitor-of-this-test", liked, home=tiny_run.home, env=env).returncode == 0
    again = json.loads(
        here("recommend", "visitor-of-this-test", "-k", 20, "--json", home=tiny_run.home, env=env).stdout
    )["items"]
    assert liked not in [i["artwork_id"] for i in again]


def test_a_dry_run_says_rows_and_price_and_sends_nothing(tmp_path):
    home = tmp_path / "h"
    key = {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}  # nobody listens there
    model = ["--section", "smoke", "--set", "writer=openai", "--set", "n_users=7"]
    assert said(here("enrich", "--dry-run", *model, home=home, env=key), "art-recsys ingest")
    assert (
        here("ingest", "--section", "smoke", "--set", "n_artworks=12", "--set", "picture_size=64", home=home).returncode
        == 0
    )
    out = cli("run", "--dry-run", *model, home=home, env=key)
    assert out.returncode == 0, out.stderr
    assert (
        "12 rows, 0 answered before, 12 to ask of gpt-4o-mini" in out.stdout
        and "7 to ask" in out.stdout
        and "Nothing was sent" in out.stdout
    )
    told = json.loads(here("enrich", "--dry-run", "--json", *model, home=home, env=key).stdout)["enrich"]
    assert told["rows"] == 12 and 0 < told["dollars"] < told["dollars_at_most"]
    assert not (home / "enriched.parquet").exists() and "writer" not in read_json(home / "options.json")
    assert said(cli("enrich", *model, "--budget", "0", home=home, env=key), "budget = 0 dollars", "raise budget")

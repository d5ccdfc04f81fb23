"Scheduled refreshes: one at a time, a record for the metrics, a log that is rotated, and the files that start them"

import shutil
import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from typer.testing import CliRunner

from art_recsys import cli
from art_recsys.config import UserError, disk_error, load_settings, read_json
from art_recsys.platform.embedded import Project
from art_recsys.serving import refresh_record
from art_recsys.serving.refresh_record import BUSY, RefreshBusy, recorded_refresh, watch_refresh
from art_recsys.serving.schedule import cron_line, make_job, write_units
from tests.serving.small_disk import no_file_above


def metrics(home):
    registry = CollectorRegistry()
    watch_refresh(registry, home)
    return generate_latest(registry).decode()


def test_how_it_ended_is_kept_and_measured(tmp_path):
    assert "art_recsys_refresh" not in metrics(tmp_path)
    with recorded_refresh(tmp_path) as record:
        record.update(promoted=True, why="not worse", version="q2-r2")
    kept = read_json(tmp_path / "refresh.json")
    assert (kept["result"], kept["version"]) == ("promoted", "q2-r2") and kept["last_success"] >= kept["begun"]
    with pytest.raises(UserError), recorded_refresh(tmp_path):
        raise UserError("There are no features of version 1 yet.", "build them")
    failed = read_json(tmp_path / "refresh.json")
    assert failed["why"] == "There are no features of version 1 yet." and failed["last_success"] == kept["last_success"]
    text = metrics(tmp_path)
    assert 'art_recsys_refresh_result{result="failed"} 1.0' in text
    assert 'art_recsys_refresh_result{result="promoted"} 0.0' in text
    assert "art_recsys_refresh_last_success_timestamp_seconds " in text and "art_recsys_refresh_seconds " in text
    log = (tmp_path / "refresh.log").read_text()
    assert log.count("begins") == 2 and "promoted after" in log and "failed after" in log
    (tmp_path / "refresh.json").write_text("{")
    assert "art_recsys_refresh" not in metrics(tmp_path)


def test_the_log_is_rotated(tmp_path, monkeypatch):
    monkeypatch.setattr(refresh_record, "LOG_BYTES", 300)
    for _ in range(20):
        with recorded_refresh(tmp_path) as record:
            record.update(promoted=False, why="too few likes\n" * 5)
    logs = sorted(p.name for p in tmp_path.glob("refresh.log*"))
    assert logs == ["refresh.log", *(f"refresh.log.{n}" for n in range(1, 6))]
    assert max(p.stat().st_size for p in tmp_path.glob("refresh.log*")) < 600


def test_the_second_of_two_says_so_and_ends_with_a_code_of_its_own(tmp_path, monkeypatch, capsys):
    busy = pytest.raises(RefreshBusy, match="Another refresh is at work")
    with recorded_refresh(tmp_path), busy, recorded_refresh(tmp_path):
        raise AssertionError("it should not begin")
    with recorded_refresh(tmp_path):
        monkeypatch.setattr(sys, "argv", ["art-recsys", "refresh", "--home", str(tmp_path)])
        with pytest.raises(SystemExit) as end:
            cli.main()
    assert end.value.code == BUSY and "Another refresh is at work" in capsys.readouterr().err
    with recorded_refresh(tmp_path):
        pass  # the lock is free again


def test_on_a_full_disk_the_error_is_the_disk_and_not_the_log(tmp_path, capfd):
    with no_file_above(5), pytest.raises(OSError) as error, recorded_refresh(tmp_path):
        raise AssertionError("it should not begin")
    assert "disk is full" in disk_error(error.value).what and "Logging error" not in capfd.readouterr().err


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "a home").mkdir()
    return load_settings(home=tmp_path / "a home")


def test_a_line_for_cron(settings):
    line = cron_line(settings, "3:05")
    assert line.startswith("5 3 * * * cd ") and line.endswith(" >/dev/null")
    found = subprocess.run(["sh", "-nc", line.split("* * * ")[1]], capture_output=True)
    assert found.returncode == 0 and f"--home '{settings.home}'" in line
    with pytest.raises(UserError, match="not a time of day"):
        cron_line(settings, "25:00")


def test_units_for_systemd(settings, tmp_path):
    paths = write_units(settings, "03:05", tmp_path / "units")
    server, refresh, timer = (p.read_text() for p in paths)
    assert f'serve --home "{settings.home}" --section DEFAULT' in server and "Restart=on-failure" in server
    assert f"SuccessExitStatus={BUSY}" in refresh and "OnCalendar=*-*-* 03:05:00 UTC" in timer
    if shutil.which("systemd-analyze"):
        found = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True)
        assert not [x for x in found.stderr.splitlines() if "art-recsys" in x], found.stderr


def test_a_job_with_a_schedule_on_the_platform(settings):
    assert "every day at 03:05 UTC" in make_job(settings, "03:05")
    job = Project(settings.home).get_job_api().get_job("art_recsys_refresh")
    assert job.job_schedule.cron_expression == "0 5 3 ? * * *"
    assert job.config["defaultArgs"] == f"refresh --home '{settings.home}' --section DEFAULT"


def test_the_command_line_writes_them(settings, tmp_path):
    call = CliRunner().invoke
    assert "* * *" in call(cli.app, ["schedule", "cron", "--home", str(settings.home)]).output
    made = call(cli.app, ["schedule", "systemd", "--into", str(tmp_path / "u"), "--home", str(settings.home)])
    assert made.exit_code == 0 and len(list((tmp_path / "u").iterdir())) == 3
    assert call(cli.app, ["schedule", "windows", "--home", str(settings.home)]).exit_code == 2

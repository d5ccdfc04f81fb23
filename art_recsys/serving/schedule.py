"""Refresh every day: a line for cron, units for systemd, or a job on the platform."""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

import art_recsys
from art_recsys.config import Settings, UserError, settings_file, write_atomic
from art_recsys.platform.login import login

from .refresh_record import BUSY

__all__ = ["cron_line", "make_job", "write_units"]

JOB = "art_recsys_refresh"
ENVIRONMENT = "art_recsys"  # the Python environment with this package; the page on Hopsworks makes it
SERVICE = """# The model server. Install: sudo cp {name}*.service {name}*.timer /etc/systemd/system/
# then: sudo systemctl daemon-reload && sudo systemctl enable --now {name}.service {name}-refresh.timer
[Unit]
Description=art_recsys model server of {home}
After=network.target

[Service]
User={user}
{env}WorkingDirectory={folder}
ExecStart={serve}
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=2
TimeoutStopSec=90
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths={writes}

[Install]
WantedBy=multi-user.target
"""
REFRESH = """# Trains on the likes since the last training; {name}-refresh.timer starts it.
[Unit]
Description=art_recsys refresh of {home}

[Service]
Type=oneshot
User={user}
{env}WorkingDirectory={folder}
ExecStart={refresh}
SuccessExitStatus={busy}
TimeoutStartSec=6h
Nice=10
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ReadWritePaths={writes}
"""
TIMER = """# When {name}-refresh.service runs.
[Unit]
Description=art_recsys refresh every day

[Timer]
OnCalendar=*-*-* {at}:00 UTC
Persistent=true
RandomizedDelaySec=5min

[Install]
WantedBy=timers.target
"""


def _clock(at: str) -> tuple[int, int]:
    "Hour and minute"
    if not (found := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", at)):
        raise UserError(f"--at {at} is not a time of day.", "write it as HH:MM, for example 03:00")
    return int(found[1]), int(found[2])


def _command(settings: Settings, *words: str) -> list[str]:
    program = shutil.which("art-recsys", path=str(Path(sys.executable).parent)) or shutil.which("art-recsys")
    start = [program] if program else [sys.executable, "-m", "art_recsys.cli"]
    return [*start, *words, "--home", str(settings.home.resolve()), "--section", settings.section]


def _folder() -> Path:
    "Where settings.ini is"
    return path.parent.resolve() if (path := settings_file()) else Path.cwd()


def cron_line(
    settings: Settings,
    at: str,  # Time of day, as HH:MM
) -> str:
    "A line for crontab; what it prints goes to refresh.log anyway, so cron sends mail for failures only"
    hour, minute = _clock(at)
    command = shlex.join(_command(settings, "refresh")).replace("%", r"\%")
    return f"{minute} {hour} * * * cd {shlex.quote(str(_folder()))} && {command} >/dev/null"


def _quoted(words: list[str]) -> str:
    "A command as systemd reads it"
    safe = re.compile(r"[\w@%+=:,./-]+")
    escaped = (w.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$") for w in words)
    return " ".join(w if safe.fullmatch(w) else f'"{w}"' for w in escaped)


def write_units(
    settings: Settings,
    at: str,  # Time of day of the refresh, UTC, as HH:MM
    folder: Path,  # Where the three files go
) -> list[Path]:
    "Units for systemd: the server, the refresh, and the timer of the refresh"
    hour, minute = _clock(at)
    name = "art-recsys"
    words = {
        "name": name,
        "home": str(settings.home.resolve()),
        "writes": _quoted([str(settings.home.resolve())]),
        "user": os.environ.get("SUDO_USER") or os.environ.get("USER") or "root",
        "env": f'Environment="ART_RECSYS_SETTINGS={path.resolve()}"\n' if (path := settings_file()) else "",
        "folder": str(_folder()),
        "serve": _quoted(_command(settings, "serve")),
        "refresh": _quoted(_command(settings, "refresh")),
        "busy": BUSY,
        "at": f"{hour:02}:{minute:02}",
    }
    texts = {f"{name}.service": SERVICE, f"{name}-refresh.service": REFRESH, f"{name}-refresh.timer": TIMER}
    for file, text in texts.items():
        with write_atomic(folder / file) as temp:
            temp.write_text(text.format(**words), encoding="utf-8")
    return [folder / file for file in texts]


def make_job(
    settings: Settings,  # Of a home that the job's container can reach, for example a mounted volume
    at: str,  # Time of day, UTC, as HH:MM
) -> str:  # What was made, in words
    "A job with a schedule on the platform: on Hopsworks it fires it, the embedded project says how"
    hour, minute = _clock(at)
    project = login(settings)
    upload, jobs = project.get_dataset_api().upload, project.get_job_api()
    app = upload(str(Path(art_recsys.__file__).with_name("job.py")), "Resources", overwrite=True)
    config = jobs.get_configuration("PYTHON") | {
        "appPath": app,
        "environmentName": ENVIRONMENT,
        "defaultArgs": shlex.join(["refresh", "--home", str(settings.home.resolve()), "--section", settings.section]),
    }
    if path := settings_file():
        ini = upload(str(path), "Resources", overwrite=True)
        config["files"] = f"hdfs:///Projects/{project.name}/{ini}"
    cron = f"0 {minute} {hour} ? * * *"
    jobs.create_job(JOB, config).schedule(cron)
    return f"The job {JOB} runs every day at {hour:02}:{minute:02} UTC ({cron})."

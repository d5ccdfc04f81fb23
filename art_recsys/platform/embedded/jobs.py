"""Jobs: a script kept under a name; each execution is a process of this machine

Hopsworks runs a job in a container. Here it is a process with this interpreter, so a job has this environment's
packages and this machine's memory. There is no scheduler in the embedded project: `schedule` keeps the cron
expression, and cron or systemd fires it with `python -m art_recsys.platform.embedded.jobs HOME NAME`.
"""

import os
import shlex
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hopsworks_common.job_schedule import JobSchedule

from art_recsys.config import check_home, read_json, stable_hash, write_json
from art_recsys.platform.embedded import job_process
from art_recsys.platform.embedded.base import PROJECT_NAME, Embedded, JobError, Unsupported, locked
from art_recsys.platform.embedded.executions import Execution

WHO_FIRES = (
    "The embedded project keeps this schedule and cannot fire it: let cron or systemd run\n"
    "  python -m art_recsys.platform.embedded.jobs HOME {name}"
)
_CONFIGURATION: dict[str, Any] = {
    "type": "pythonJobConfiguration",
    "jobType": "PYTHON",
    "environmentName": "pandas-training-pipeline",
    "resourceConfig": {"cores": 1.0, "memory": 2048, "gpus": 0},
    "logRedirection": True,
}  # as Hopsworks answers; environment and resources are those of this machine


class Job(Embedded):
    """A script with a name, a configuration, executions and perhaps a schedule"""

    _sdk = "hopsworks_common.job.Job"

    def __init__(
        self,
        api: Any,  # `JobApi`
        name: str,  # Name
        config: dict,  # Configuration with `appPath`, from `JobApi.get_configuration`
        creation_time: int,  # Milliseconds since 1970
        schedule: dict | None = None,  # A kept `JobSchedule` as a dictionary
    ) -> None:
        """A job as it is kept"""
        self._api, self._name, self.config, self._created = api, name, config, creation_time
        self._schedule: Any = schedule and JobSchedule.from_response_json(schedule)

    name = property(lambda self: self._name)
    id = property(lambda self: stable_hash(self._name) % 2**31)
    creation_time = property(lambda self: self._created)
    description = property(lambda self: self.config.get("description"))
    job_type = property(lambda self: "PYTHON")
    job_schedule = property(lambda self: self._schedule)
    executions = property(lambda self: self.get_executions())

    def __repr__(self) -> str:
        return f"Job({self._name!r}, {self.job_type!r})"

    @property
    def _folder(self) -> Path:
        return self._api._folder / self._name

    def _keep(self) -> None:
        schedule = self._schedule and self._schedule.to_dict()
        facts = {"name": self._name, "config": self.config, "creation_time": self._created, "schedule": schedule}
        write_json(facts, self._folder / "job.json")

    def save(self) -> "Job":
        """Keep a changed configuration"""
        return self._api._create(self._name, self.config, self._schedule)

    def delete(self) -> None:
        """Forget the job and all its executions; raises `JobError` while one runs"""
        if any(e.success is None for e in self.get_executions()):
            raise JobError(f"The job {self._name} is running.", "stop its execution first")
        shutil.rmtree(self._folder)

    # --- running it

    def run(
        self,
        args: str | None = None,  # Command-line arguments; those of the configuration where None
        await_termination: bool = True,  # Wait for the end, and raise if it failed
        *,
        start_time: Any = None,  # Datetime, passed on as `HOPS_START_TIME`
        end_time: Any = None,  # Datetime, passed on as `HOPS_END_TIME`
        logical_date: Any = None,  # Passed on as `HOPS_LOGICAL_DATE`
        env_vars: dict[str, str] | None = None,  # Environment variables
    ) -> Execution:
        """Start a process; `args` are split as a shell does and never seen by a shell"""
        script = self._api._script(self.config)
        times = {"HOPS_START_TIME": start_time, "HOPS_END_TIME": end_time, "HOPS_LOGICAL_DATE": logical_date}
        given = {k: v.isoformat() for k, v in times.items() if v is not None} | (env_vars or {})
        args = args if args is not None else self.config.get("defaultArgs", "")
        with locked(self._folder):
            number = max((e.id for e in self.get_executions()), default=0) + 1
            folder = self._folder / "executions" / str(number)
            facts = {"state": "INITIALIZING", "args": args, "submission_time": int(time.time() * 1000)}
            write_json(facts | {"end_time": end_time and end_time.isoformat()}, folder / "execution.json")
        execution = Execution(self, folder)
        command = [sys.executable, job_process.__file__, str(folder), sys.executable, str(script), *shlex.split(args)]
        execution._process = subprocess.Popen(
            command,
            env=os.environ | {"ART_RECSYS_HOME": str(self._api._home)} | given,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it outlives us, and `stop` reaches all its children
        )
        if await_termination:
            execution.await_termination()
        return execution

    def get_executions(self) -> list[Execution]:
        """All executions, the latest first"""
        found = [p for p in (self._folder / "executions").glob("*") if p.name.isdigit()]
        return [Execution(self, p) for p in sorted(found, key=lambda p: -int(p.name))]

    def _last(self) -> Execution:
        found = self.get_executions()
        if not found:
            raise JobError("No executions found for job", f"run {self._name} first")
        return found[0]

    def get_state(self) -> str:
        """State of the latest execution; raises `JobError` where there is none"""
        return self._last().state

    def get_final_state(self) -> str:
        """Final status of the latest execution; raises `JobError` where there is none"""
        return self._last().final_status

    # --- its schedule

    def schedule(
        self,
        cron_expression: str,  # Quartz cron with six or seven fields, seconds first
        start_time: Any = None,  # First time, a datetime; now where None
        end_time: Any = None,  # Last time, a datetime
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> JobSchedule:
        """Store a quartz cron expression and print the command to schedule: the embedded project fires nothing. Raises
        `JobError`
        """
        self._refuse("schedule", others, quiet=("max_active_runs",))
        if len(cron_expression.split()) not in (6, 7):
            raise JobError(
                f"'{cron_expression}' is not a quartz cron expression.", "write six or seven fields: 0 0 3 ? * * *"
            )
        start = start_time or datetime.now(UTC)
        self._set_schedule(JobSchedule(start, True, cron_expression, id=self.id, end_date_time=end_time))
        print(WHO_FIRES.format(name=self._name))
        return self._schedule

    def _set_schedule(self, schedule: JobSchedule | None) -> None:
        self._schedule = schedule
        self._keep()

    def unschedule(self) -> None:
        """Forget the schedule"""
        self._set_schedule(None)

    def _switch(self, enabled: bool) -> JobSchedule:
        if self._schedule is None:
            raise JobError("No schedule found for job", f"schedule {self._name} first")
        self._set_schedule(JobSchedule.from_response_json({**self._schedule.to_dict(), "enabled": enabled}))
        return self._schedule

    def pause_schedule(self) -> JobSchedule:
        """Keep the schedule and stop firing; raises `JobError` where there is none"""
        return self._switch(False)

    def resume_schedule(self) -> JobSchedule:
        """Fire again; raises `JobError` where there is no schedule"""
        return self._switch(True)


class JobApi(Embedded):
    """Jobs by name"""

    _sdk = "hopsworks_common.core.job_api.JobApi"

    def __init__(
        self,
        home: Path,  # Folder of the embedded project
    ) -> None:
        """The jobs of a home"""
        self._home, self._folder = home, home / "jobs"

    def get_configuration(
        self,
        type: str,  # Only `PYTHON`
    ) -> dict:
        """A configuration to fill in: `appPath` is the script, absolute or as `get_dataset_api().upload` returned it.

        Raises `Unsupported` for another type than `PYTHON`.
        """
        if type.upper() != "PYTHON":
            raise Unsupported(f"JobApi.get_configuration('{type}')")
        return {**_CONFIGURATION, "resourceConfig": dict(_CONFIGURATION["resourceConfig"])}

    def _script(self, config: dict) -> Path:
        """Where the script of a configuration is on this machine"""
        app = config["appPath"].removeprefix("hdfs://").removeprefix(f"/Projects/{PROJECT_NAME}/")
        script = self._home / "datasets" / app  # an absolute path stays what it is
        if not script.is_file():
            raise JobError(
                f"There is no script {config['appPath']}.", "upload it with project.get_dataset_api().upload"
            )
        return script

    def create_job(
        self,
        name: str,  # Name
        config: dict,  # Configuration with `appPath`, from `JobApi.get_configuration`
    ) -> Job:
        """A new job, or an old one with a new configuration; raises `JobError` or `Unsupported`"""
        kept = self.get_job(name)
        return self._create(name, config, kept and kept._schedule)

    def _create(self, name: str, config: dict, schedule: JobSchedule | None) -> Job:
        if not name or name[0] == "." or not all(c.isalnum() or c in "_-." for c in name):
            raise JobError(f"'{name}' is not a name for a job.", "use letters, digits, '_', '-' and '.'")
        if "appPath" not in config:
            raise JobError("'appPath' not set in job configuration", "set config['appPath'] to the script")
        if config.get("type") != _CONFIGURATION["type"]:
            raise Unsupported(f"JobApi.create_job of type {config.get('type')}")
        self._script(config)
        kept = self.get_job(name)
        job = Job(self, name, dict(config), kept.creation_time if kept else int(time.time() * 1000))
        job._schedule = schedule
        with locked(job._folder):
            job._keep()
        return job

    def get_job(
        self,
        name: str,  # Name
    ) -> Job | None:
        """The job, or None"""
        path = self._folder / name / "job.json"
        return Job(self, **read_json(path)) if path.is_file() else None

    def get_jobs(self) -> list[Job]:
        """All jobs, by name"""
        return [Job(self, **read_json(p)) for p in sorted(self._folder.glob("*/job.json"))]

    def exists(
        self,
        name: str,  # Name
    ) -> bool:
        """Whether there is a job of that name"""
        return self.get_job(name) is not None


def fire(
    home: str | Path,  # Folder of the embedded project
    name: str,  # Name
) -> Execution | None:
    """Run a job as its schedule would, for the time since the end of the last such run; for cron and systemd.

    Returns None where the schedule is paused. Raises `JobError` where there is no such job, and `UserError` for a home
    that came from elsewhere: a job is code.
    """
    check_home(home)
    job = JobApi(Path(home)).get_job(name)
    if job is None:
        raise JobError(f"There is no job {name} in this home.", "create it with project.get_job_api().create_job")
    if job.job_schedule is not None and not job.job_schedule.enabled:
        return None
    before = next((end for e in job.get_executions() if (end := e._facts().get("end_time"))), None)
    return job.run(start_time=before and datetime.fromisoformat(before), end_time=datetime.now(UTC))


if __name__ == "__main__":
    fire(*sys.argv[1:])

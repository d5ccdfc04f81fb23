"""One run of a job: its state, its logs and its exit code."""

import os
import shutil
import signal
import time
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from hopsworks_common.constants import JOBS

from art_recsys.config import read_json
from art_recsys.platform.embedded.base import Embedded, ExecutionError, JobError

START_SECONDS = 30  # a process that has not begun by then never will


class Execution(Embedded):
    """One run of a job"""

    _sdk = "hopsworks_common.execution.Execution"

    def __init__(
        self,
        job: Any,  # `Job`
        folder: Path,  # `jobs/NAME/executions/NUMBER`
    ) -> None:
        """An execution that is kept in a folder"""
        self._job, self._folder = job, folder
        self._process: Any = None  # of the execution that this process started

    id = property(lambda self: int(self._folder.name))
    job_name = property(lambda self: self._job.name)
    job_type = property(lambda self: self._job.job_type)
    args = property(lambda self: self._facts()["args"])
    submission_time = property(lambda self: self._facts()["submission_time"])
    duration = property(lambda self: self._facts().get("duration"))
    stdout_path = property(lambda self: str(self._folder / "stdout.log"))
    stderr_path = property(lambda self: str(self._folder / "stderr.log"))

    def __repr__(self) -> str:
        return f"Execution({self.state!r}, {self.submission_time!r}, {self.args!r})"

    def _facts(self) -> dict:
        return read_json(self._folder / "execution.json")

    def _ended(self) -> bool:
        """True if no process of this execution is there any more"""
        try:
            with FileLock(self._folder / ".lock", timeout=0):
                return True
        except Timeout:
            return False

    @property
    def state(self) -> str:
        """INITIALIZING, RUNNING, FINISHED, FAILED, or KILLED if its process ended without writing a result"""
        facts = self._facts()
        if facts["state"] == "INITIALIZING" and time.time() - facts["submission_time"] / 1000 < START_SECONDS:
            return "INITIALIZING"
        if facts["state"] in ("INITIALIZING", "RUNNING") and self._ended():
            facts = self._facts()  # it may have ended in between
            return "KILLED" if facts["state"] in ("INITIALIZING", "RUNNING") else facts["state"]
        return facts["state"]

    @property
    def success(self) -> bool | None:
        """True or False, None while it runs"""
        state = self.state
        return True if state in JOBS.SUCCESS_STATES else False if state in JOBS.ERROR_STATES else None

    @property
    def final_status(self) -> str:
        """SUCCEEDED, FAILED, KILLED, or UNDEFINED while it runs"""
        return {True: "SUCCEEDED", None: "UNDEFINED"}.get(self.success) or self.state

    def await_termination(
        self,
        timeout: float | None = None,  # Seconds; no limit where None
    ) -> None:
        """Wait for the end; raises `ExecutionError` for a run that failed, as on Hopsworks"""
        begin, pause = time.monotonic(), 0.02
        while self.success is None:
            if timeout and time.monotonic() - begin > timeout:
                return
            time.sleep(pause)
            pause = min(pause * 1.5, 1)
        if not self.success:
            raise ExecutionError(
                f"The job {self.job_name} ended as {self.state}: {self._last_words()}",
                f"read {Path(*self._folder.parts[-4:]) / 'stderr.log'} in the home, fix the script and run it again",
            )

    def _last_words(self) -> str:
        """The last two lines on stderr: an error of ours has its remedy on a line of its own"""
        path = Path(self.stderr_path)
        lines = [line.strip() for line in path.read_text(errors="replace").splitlines()] if path.exists() else []
        return " ".join([line for line in lines if line][-2:])[-400:] or "it printed nothing on stderr."

    def stop(self) -> None:
        """End the processes of this execution"""
        if not self._ended():
            os.killpg(self._facts()["pid"], signal.SIGTERM)

    def delete(self) -> None:
        """Forget an execution that has ended; raises `JobError` while it runs"""
        if self.success is None:
            raise JobError(f"The job {self.job_name} is running.", "stop the execution first")
        shutil.rmtree(self._folder)

    def download_logs(
        self,
        path: str | None = None,  # Folder that is there; the working directory where None
    ) -> tuple[str | None, ...]:
        """Copy the logs into a folder; returns the paths of stdout and stderr. `ExecutionError` without the folder"""
        target = Path(path or ".") / f"logs-job-{self.job_name}-exec-{self.id}"
        if path is not None and not Path(path).exists():
            raise ExecutionError(f"Path {path} does not exist", "make the folder first")
        target.mkdir(exist_ok=True)
        logs = [Path(p) for p in (self.stdout_path, self.stderr_path)]
        return tuple(str(shutil.copy(p, target / p.name)) if p.exists() else None for p in logs)

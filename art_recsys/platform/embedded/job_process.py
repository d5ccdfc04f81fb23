"""The process of one execution of a job: it runs the script, keeps its output and writes down how it ended

`jobs.Job.run` starts it by its path, not as a module, so that it begins without loading the package. It holds a lock
as long as the script runs: who can take the lock knows that the execution is over, however it ended.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock


def keep(
    facts: dict,  # What is to be written as JSON
    path: Path,  # JSON file
) -> None:
    """Write `facts` as JSON, as a whole or not at all"""
    temp = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temp.write_text(json.dumps(facts))
    os.replace(temp, path)


def main(
    folder: Path,  # Folder of the execution
    command: list[str],  # Program and arguments
) -> None:
    """Run `command` and keep its state in `folder/execution.json`"""
    path = folder / "execution.json"
    with FileLock(folder / ".lock", timeout=0):
        facts = json.loads(path.read_text()) | {"state": "RUNNING", "pid": os.getpid()}
        # `stop` ends the whole group; this process stays to write it down
        signal.signal(signal.SIGTERM, lambda *_: None)
        with open(folder / "stdout.log", "wb") as out, open(folder / "stderr.log", "wb") as err:
            keep(facts, path)  # who sees it running finds its logs
            begin = time.monotonic()
            code = subprocess.run(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL).returncode
        state = "FINISHED" if code == 0 else "KILLED" if code < 0 else "FAILED"
        keep(facts | {"state": state, "duration": int((time.monotonic() - begin) * 1000), "exit_code": code}, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

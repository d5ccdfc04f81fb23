"""A result is kept as JSON that says where it comes from: `results/NAME.json`, which the texts quote.

    {"about": {"command": "python benchmarks/load.py m10 --visitors 100", "commit": "0123abc", "seed": 42,
               "machine": {"cores": 2, "memory_gb": 23, "cpu": "..."}, "load": 0.4, "python": "3.11.2",
               "date": "2026-11-30T10:00:00Z", "home": {"section": "DEFAULT"}, "note": "nothing else ran"},
     "result": {...}}

`seed` is null where nothing is drawn, `load` is how many processes wanted a core in the last five minutes, `home` and
`note` may be missing. No host name and no absolute path is in it. `--json FILE` of a benchmark writes it; `--note` adds
what a reader must know, such as "busy machine". A file whose code was not committed has `+changes` in `commit`, and
tests/test_results.py refuses it: commit, then measure. A value that a text quotes stands in `result` in the unit of the
text (MB, not bytes): the test compares numbers as they stand there, rounded to the digits of the text, or times 100 for
per cent. A number that a text works out (a difference, a ratio) is worked out by the benchmark.

`scale.py` keeps one file for the whole curve, `results/scale.json`: `result` is
`{"curve": [{"size": [works, users, events], "steps": {...}}, ...], "slopes": {...}}`, where `steps` is what a line of
the curve has now, in MB and CPU seconds or CPU ms. Its sizes were measured one after the other, so `about.command` is
the one that writes the file from those lines, and each line has its own `date`.
"""

import argparse
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from art_recsys.config import kept_options, write_json

ROOT = Path(__file__).resolve().parent.parent
CODE = ["art_recsys", "benchmarks", "settings.ini", ":(exclude)benchmarks/results", ":(exclude)benchmarks/*.md"]


def without_folders(text: str) -> str:
    "A text in which only the last part of every absolute path is left"
    return re.sub(r"(?<![\w.~:/-])~?/(?:[^\s/=,'\"]+/)*([^\s/=,'\"]*)", r"\1", text)


def git(*command: str) -> str:
    done = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def commit() -> str:
    "The commit of the code, with `+changes` if files were changed since; `unknown` outside of a clone"
    found = git("rev-parse", "--short", "HEAD") or "unknown"
    return found + "+changes" * bool(git("status", "--porcelain", "--untracked-files=no", "--", *CODE))


COMMIT = commit()  # when the benchmark begins: the tree may be another one when it ends


def machine() -> dict[str, Any]:
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    names = re.findall(r"model name\s*:\s*(.+)", info)
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "cpu": names[0] if names else platform.machine(),
    }


def command_line(argv: Sequence[str]) -> str:
    "The command, without folders of this machine, and without the options that say where and how to keep the result"
    kept, words = [], iter(argv[1:])
    for word in words:
        if word in ("--json", "--note"):
            next(words, None)
        elif not word.startswith(("--json=", "--note=")):
            kept.append(without_folders(word))
    return f"python benchmarks/{Path(argv[0]).name} {shlex.join(kept)}".strip()


def about(seed: int | None, home: Path | None = None, note: str = "") -> dict[str, Any]:
    "Where a result comes from, see above"
    said = {
        "command": command_line(sys.argv),
        "commit": COMMIT,
        "seed": seed,
        "machine": machine(),
        "load": round(os.getloadavg()[1], 1),
        "python": platform.python_version(),
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if home:
        said["home"] = {name: without_folders(str(value)) for name, value in kept_options(home).items()}
    return said | ({"note": note} if note else {})


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", type=Path, help="also keep the figures in this file, with what made them")
    parser.add_argument("--note", default="", help="what a reader of that file must know, such as: busy machine")


def keep(
    result: Any,  # Values of JSON
    asked: argparse.Namespace,  # With `json` and `note`
    seed: int | None,  # None where nothing is drawn
    home: Path | None = None,  # Whose options are told
) -> None:
    "Write `result` to the file of `--json`, if one is asked for"
    if asked.json:
        write_json({"about": about(seed, home, asked.note), "result": result}, asked.json)

"""What a stage wrote and read, by size and digest: a file that is truncated or overwritten does not count as done."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from .files import read_json, write_json
from .home import Home

__all__ = ["file_state", "input_state", "same_files", "states_of", "update_states"]


def file_state(path: Path) -> list | None:
    "`[size, SHA-256]` of a file; None where it is not there"
    try:
        with open(path, "rb") as f:
            return [path.stat().st_size, hashlib.file_digest(f, "sha256").hexdigest()]
    except OSError:
        return None


@lru_cache(maxsize=64)
def _state_as_of(path: Path, _size: int, _changed_ns: int) -> list | None:
    "`file_state` of a file that has this size and time: a large catalogue is not digested for each stage"
    return file_state(path)


def input_state(path: Path) -> list:
    "Name, size and digest of an input file: a changed catalogue is read again, a copy of it or a touched one is not"
    try:
        stat = path.stat()
    except OSError:
        return [path.name, None]
    return [path.name, _state_as_of(path, stat.st_size, stat.st_mtime_ns)]


def states_of(home: Home, names: Iterable[str]) -> dict[str, list]:
    "The state of each of these files that is there, by its name in the home"
    return {n: state for n in names if (state := file_state(home.file(n))) is not None}


def same_files(home: Home, states: dict[str, list]) -> bool:
    "Whether these files are as they were when their states were taken; the sizes are looked at first"
    try:
        sizes = all(home.file(n).stat().st_size == state[0] for n, state in states.items())
    except OSError:
        return False
    return sizes and all(file_state(home.file(n)) == state for n, state in states.items())


def update_states(
    home: Home,
    names: Iterable[str],  # Files that were changed on purpose, after the stages that wrote them
) -> None:
    "Take the states of these files anew in the records of all stages, so that the stages stay up to date"
    names = set(names)
    for path in sorted(home.stages.glob("*.json")):
        try:
            record = read_json(path)
            states = record["files"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if changed := states_of(home, names & set(states)):
            write_json({**record, "files": {**states, **changed}}, path)

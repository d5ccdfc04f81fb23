"""Experiments of a home: `experiments.json` says which one runs and which ones ran. Importing this loads no TensorFlow.

The command line writes the file, and a running server follows it as it follows `release.json`. An arm is a release of
this home, or one with other settings of its pages. A visitor's arm is a hash of the experiment's name and their id:
nothing is stored for it, it is the same on every visit and every server, and it is independent between experiments.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from filelock import FileLock

from art_recsys.config import Home, Settings, UserError, read_json, write_json
from art_recsys.platform.login import login

from .release_file import known_releases, read_release, released_pair, with_settings

__all__ = [
    "arm_of",
    "end_experiment",
    "latest",
    "read_experiments",
    "start_experiment",
]

FILE = "experiments.json"
MOST_NAME = 64


def arm_of(experiment: dict, user_id: str) -> str:  # a or b
    "The arm of a visitor: the same at every visit"
    digest = hashlib.sha256(f"{experiment['name']}\0{user_id}".encode()).digest()
    return "b" if int.from_bytes(digest[:8], "big") / 2**64 < experiment["share"] else "a"


def read_experiments(
    settings: Settings,  # only `home` is read
) -> dict:  # `{running: an experiment or None, past: [the latest first]}`
    "What `experiments.json` says. Raises `UserError` where it is damaged."
    path = Home(settings.home).file(FILE)
    try:
        found = read_json(path)
        for e in [*([found["running"]] if found["running"] else []), *found["past"]]:
            _ = e["name"], e["share"], e["a"]["release"], e["b"]["release"], e["a"]["settings"], e["b"]["settings"]
    except FileNotFoundError:
        return {"running": None, "past": []}
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{path} is damaged.", "move it away; that ends the experiment, and its events stay") from None
    return found


@contextmanager
def _changing(settings: Settings) -> Iterator[dict]:
    "Read the file, and write what the block made of it; no other process changes it meanwhile"
    home = Home.of(settings)
    with FileLock(home.path / ".experiments.lock", timeout=30):
        found = read_experiments(settings)
        yield found
        write_json(found, home.file(FILE))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _checked_name(name: str) -> str:
    "The name without spaces around it; letters, digits, spaces and - _ . only, so that it can stand anywhere"
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME or not all(c.isalnum() or c in " -_." for c in name):
        raise UserError(
            f"{name[:80]!r} cannot be the name of an experiment.",
            f"use up to {MOST_NAME} letters, digits, spaces, hyphens, dots and underscores",
        )
    return name


def _arm(settings: Settings, said: str, beside: str | None = None) -> dict:  # `{release, settings}`
    "An arm as it was typed: a version, `current`, or NAME=VALUE,NAME=VALUE on top of the release `beside`"
    releases, changes = known_releases(settings), {}
    version = said
    if "=" in said and said not in releases:
        if beside is None:
            raise UserError(f"--a {said} is not a release.", "name a release, or current, as --a; settings go into --b")
        pairs = [p.partition("=") for p in said.split(",") if p.strip()]
        typed = {k.strip().removeprefix("recommendation."): v.strip() for k, _, v in pairs}
        other = with_settings(settings, typed)
        version, changes = beside, {k: getattr(other, k) for k in typed}
    elif said == "current":
        version = read_release(settings)["version"]
    if version not in releases:
        raise UserError(f"There is no release {version}.", f"there are: {', '.join(releases)}; or name a setting")
    released_pair(login(settings).get_model_registry(), releases[version])  # raises where its models were removed
    return {"release": version, "settings": changes}


def start_experiment(
    settings: Settings,  # of a home with a release
    name: str,  # no earlier experiment of this home has it
    a: str,  # a version as in `release.json`, or `current`
    b: str,  # a version, or settings of the pages: diversity=.3
    share: float,  # of the visitors, who get arm b: more than 0, less than 1
) -> dict:  # the experiment
    "Begin an experiment; a running server follows within a second or so. Raises `UserError`."
    name = _checked_name(name)
    if not 0 < share < 1:
        raise UserError(
            f"A share of {share:g} leaves one arm without visitors.", "choose a share between 0 and 1, for example 0.5"
        )
    with _changing(settings) as found:
        if found["running"]:
            on = found["running"]["name"]
            raise UserError(f"The experiment {on} is running.", "end it first: art-recsys experiment stop")
        if name in (e["name"] for e in found["past"]):
            raise UserError(
                f"There was an experiment {name} already.", "choose another name: its visitors would be mixed"
            )
        first = _arm(settings, a)
        arms = {"a": first, "b": _arm(settings, b, first["release"])}
        if arms["a"] == arms["b"]:
            raise UserError("Both arms are the same.", "name another release or another setting as --b")
        new = {"name": name, **arms, "share": share, "at": _now(), "state": "running", "why": ""}
        found["running"] = new
    return new


def end_experiment(
    settings: Settings,  # of the home
    state: str = "stopped",  # or `promoted`
    why: str = "",  # a sentence
    name: str | None = None,  # only if this one runs; None: whichever runs
) -> dict:  # the experiment
    "End the running experiment, or mark the latest one as promoted. Raises `UserError` where there is none."
    with _changing(settings) as found:
        running = found["running"]
        if running and name in (None, running["name"]):
            found["running"] = None
            found["past"] = [running, *found["past"]]
        elif not (state == "promoted" and found["past"] and name == found["past"][0]["name"]):
            raise UserError("No experiment is running.", "start one: art-recsys experiment start NAME --b diversity=.3")
        done = found["past"][0]
        done |= {"state": state, "why": why or done.get("why", ""), "ended": done.get("ended") or _now()}
    return done


def latest(settings: Settings) -> dict:
    "The experiment that runs, or else the one that ended last. Raises `UserError` where there was none."
    found = read_experiments(settings)
    if not (one := found["running"] or next(iter(found["past"]), None)):
        raise UserError("There was no experiment yet.", "start one: art-recsys experiment start NAME --b diversity=.3")
    return one

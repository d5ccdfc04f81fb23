"""The stages in order: run what is missing or out of date, under a lock, and keep the summary of each.

A stage is out of date when its settings, its code or anything it was made from has changed. All three go into one
fingerprint that is stored with the stage's summary in `home/stages/NAME.json`; the next stage's fingerprint contains
it, so a change runs through to the end by itself.
"""

import hashlib
import importlib
import os
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from art_recsys.config import (
    TOWER_SETTINGS,
    Home,
    Settings,
    UserError,
    did_you_mean,
    fingerprint,
    input_state,
    quiet_loading,
    read_json,
    same_files,
    secret,
    states_of,
    write_json,
)
from art_recsys.platform.intact import broken_parts, whole_candidates, whole_features, whole_model
from art_recsys.serving.release_file import release_is_readable, whole_release

__all__ = [
    "STAGES",
    "Stage",
    "check_platform",
    "cost_quotes",
    "home_lock",
    "is_current",
    "platform",
    "run",
    "run_stage",
    "status",
    "upto_stages",
]


@dataclass(frozen=True)
class Stage:
    "One step of the pipeline"

    name: str  # as the command line calls it
    module: str  # module of art_recsys that holds it
    function: str  # function(settings) -> summary
    settings: tuple  # names of the settings that its result depends on
    products: tuple = ()  # files in the home that must be as the stage left them for it to count as done
    parts: tuple = ()  # more modules and packages whose code makes the result
    quote: str = ""  # function(settings) -> what it would ask of a language model, and cost
    models: bool = False  # it makes another model each time it runs, so the stages after it run again

    def _function(self, name: str) -> Callable[[Settings], dict]:
        with quiet_loading():
            return getattr(importlib.import_module(f"art_recsys.{self.module}"), name)

    @property
    def call(self) -> Callable[[Settings], dict]:
        "The stage's function; its module is imported now"
        return self._function(self.function)

    @property
    def code(self) -> str:
        "Digest of the source, so that a change of code runs the stage again"
        here = Path(__file__).parent
        files = [
            f
            for part in (self.module, *self.parts)
            for f in (here / f"{part}.py", *sorted((here / part).rglob("*.py")))
            if f.is_file()
        ]
        return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


STAGES = {
    s.name: s
    for s in (
        Stage(
            "ingest",
            "ingestion",
            "ingest",
            (
                "source",
                "seed",
                "n_artworks",
                "picture_size",
                "artworks_file",
                "columns",
                "where",
                "categories",
                "artsy_details",
                "pictures",
            ),
            ("artworks.parquet",),
            ("sources", "sample_museum"),
        ),
        Stage(
            "enrich",
            "enrichment",
            "enrich",
            ("writer", "openai_model", "base_url", "seed"),
            ("enriched.parquet",),
            ("language",),
            "quote_enrich",
        ),
        Stage(
            "users",
            "users",
            "make_users",
            (
                "users_file",
                "events_file",
                "columns",
                "n_users",
                "days",
                "end_date",
                "writer",
                "openai_model",
                "base_url",
                "seed",
            ),
            ("users.parquet", "events.parquet", "users_truth.npz"),
            ("language", "simulator"),
            "quote_users",
        ),
        Stage(
            "features",
            "features",
            "build_features",
            ("text_model", "image_model", "feature_version"),
            parts=("tables",),
        ),
        Stage(
            "retrieval",
            "retrieval",
            "train_retrieval",
            (*TOWER_SETTINGS, "query_model"),
            parts=("models",),
            models=True,
        ),
        Stage(
            "ranking",
            "ranking",
            "train_ranking",
            (*TOWER_SETTINGS, "ranking_model", "n_candidates"),
            parts=("models",),
            models=True,
        ),
        Stage(
            "deploy", "deployment", "deploy", ("query_model", "ranking_model"), parts=("serving/plane", "serving/maps")
        ),
        Stage(
            "evaluate",
            "evaluation",
            "evaluate",
            (*TOWER_SETTINGS, "n_candidates", "page_size", "diversity", "new_share", "new_days", "follow"),
            ("evaluation.json",),
            ("recommendation", "reports", "measures"),
        ),
    )
}


def platform(
    settings: Settings,  # `home` is read; keys come from the environment
) -> dict:  # `name`, and `home` or `host, port, project`
    "The platform that the settings choose: the embedded project, or Hopsworks; without the key"
    if at := os.environ.get("REST_ENDPOINT"):  # we are in a container of the cluster, as `login` sees it
        url = urlsplit(at)
        return {
            "name": "Hopsworks",
            "host": url.hostname,
            "port": str(url.port or 443),
            "project": os.environ.get("HOPSWORKS_PROJECT_NAME"),
        }
    if not secret("HOPSWORKS_API_KEY"):
        return {"name": "embedded project", "home": str(settings.home)}
    return {
        "name": "Hopsworks",
        "host": secret("HOPSWORKS_HOST"),
        "port": secret("HOPSWORKS_PORT") or "443",
        "project": secret("HOPSWORKS_PROJECT"),
    }


def check_platform(
    settings: Settings,  # `home`, where the embedded project is; keys come from the environment
) -> dict:  # as `platform`, and `error`
    "The platform, and under `error` why the login failed, or None; the embedded project never fails"
    found = platform(settings)
    if found["name"] != "Hopsworks":
        return found | {"error": None}
    try:
        with quiet_loading():
            from art_recsys.platform.login import login

            with redirect_stdout(sys.stderr):
                login(settings)
    except UserError as e:
        return found | {"error": str(e)}
    return found | {"error": None}


def stage_fingerprint(
    settings: Settings,  # of the home; the fingerprint holds those that a stage names in `Stage.settings`
    name: str,  # of the stage; another raises `UserError`
) -> str:
    "The fingerprint that stage `name` would have now: its settings, code and input files, and those of all before it"
    parts: list = []
    for stage in map(STAGES.__getitem__, upto_stages(name)):
        values = {k: getattr(settings, k) for k in stage.settings}
        parts.append([stage.code, {k: input_state(v) if isinstance(v, Path) else v for k, v in values.items()}])
        if stage.name == "features" and (where := platform(settings))["name"] == "Hopsworks":
            parts.append(where)  # another has none of it
    return fingerprint(parts)


def _record(settings: Settings, stage: Stage) -> dict | None:
    "The summary of the stage when it last ran to its end"
    path = Home(settings.home).stages / f"{stage.name}.json"
    try:
        return read_json(path) if path.is_file() else None
    except ValueError:
        return None  # torn by something other than us: as good as absent, the stage runs again


def is_current(
    settings: Settings,  # of the home that is looked at
    name: str,
) -> bool:
    """True if stage `name` has run with these settings, this code and these inputs, and what it made is whole.

    Files must have the size and the digest that they had, a model all its files, a release both its models.
    """
    stage, record = STAGES[name], _record(settings, STAGES[name])
    return (
        record is not None
        and record.get("fingerprint") == stage_fingerprint(settings, name)
        and record.get("after", {}) == _model_runs(settings, name)
        and _whole_files(Home(settings.home), stage, record)
        and _whole_elsewhere(settings, name)
    )


def _model_runs(settings: Settings, name: str) -> dict[str, str]:
    "Which run of each stage before `name` that makes models was the last; a record of an earlier release has none"
    before = [STAGES[n] for n in upto_stages(name)[:-1] if STAGES[n].models]
    return {s.name: run for s in before if (run := (_record(settings, s) or {}).get("run"))}


def _whole_files(home: Home, stage: Stage, record: dict) -> bool:
    if (states := record.get("files")) is None:  # of an earlier release, which kept no digests
        return all(home.file(p).is_file() for p in stage.products if not p.endswith("truth.npz"))
    return same_files(home, states)


def _whole_elsewhere(settings: Settings, name: str) -> bool:
    "Whether what this stage keeps in the project is whole; of Hopsworks only the release is looked at, which is ours"
    home, version = settings.home, settings.feature_version
    if platform(settings)["name"] == "Hopsworks":
        return name != "deploy" or release_is_readable(settings)
    if name == "features":
        return whole_features(home, version)
    if name == "retrieval":
        return whole_candidates(home, version) and whole_model(home, settings.query_model)
    if name == "ranking":
        return whole_model(home, settings.ranking_model)
    return name != "deploy" or whole_release(settings)


def upto_stages(upto: str) -> list[str]:
    "Names of the stages up to and with `upto`. Raises `UserError` for a name that is not a stage."
    if upto not in STAGES:
        raise UserError(
            f"There is no stage {upto}.{did_you_mean(upto, STAGES)}", f"the stages are: {', '.join(STAGES)}"
        )
    names = list(STAGES)
    return names[: names.index(upto) + 1]


def cost_quotes(
    settings: Settings,  # of a home with `artworks.parquet`; without it: `UserError`
    names: list[str],  # of stages; one that asks no language model is left out
) -> dict[str, dict]:  # by stage; those that ask nothing of a language model are absent
    "What these stages would ask of a language model, and cost; sends nothing. `UserError` without `artworks.parquet`."
    if not Home(settings.home).file("artworks.parquet").is_file():
        raise UserError(
            "There is no artworks.parquet in this home yet, so there is nothing to count.",
            "run art-recsys ingest first",
        )
    return {n: STAGES[n]._function(STAGES[n].quote)(settings) for n in names if STAGES[n].quote}


def run_stage(
    settings: Settings,  # of the home in which it runs
    name: str,  # of the stage; another raises `UserError`
) -> dict:  # the summary, JSON-able
    "Run one stage now, whatever was there, and keep its summary"
    stage, home = STAGES[upto_stages(name)[-1]], Home.of(settings)
    made_from, start = stage_fingerprint(settings, name), time.perf_counter()
    if name in ("features", "retrieval") and platform(settings)["name"] != "Hopsworks":
        _set_aside(home)
    with redirect_stdout(sys.stderr):
        summary = stage.call(settings)  # the Hopsworks SDK prints; stdout is for answers
    kept = {"fingerprint": made_from, "after": _model_runs(settings, name), "files": states_of(home, stage.products)}
    kept |= {"run": uuid.uuid4().hex[:12]} if stage.models else {}
    seconds = round(time.perf_counter() - start, 2)
    write_json({"stage": name, **kept, "seconds": seconds, "summary": summary}, home.stages / f"{name}.json")
    return summary


def _set_aside(home: Home) -> None:
    "Move damaged parts of the feature store aside, which could not be filled again; the stages make them anew"
    aside = home.file(f"feature_store.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
    for part in broken_parts(home.path):
        new = aside / part.relative_to(home.file("feature_store"))
        new.parent.mkdir(parents=True, exist_ok=True)
        part.rename(new)
        print(f"{part} was damaged. It is now {new}, and is made again.", file=sys.stderr, flush=True)


def run(
    settings: Settings,  # of the home in which the stages run
    upto: str = "evaluate",  # last stage to bring up to date
    force: bool = False,  # run them even if they are up to date
    report: Callable[[str, dict | None], None]
    | None = None,  # called with (stage, None) before and (stage, summary) after
    only: str | None = None,  # run no stage but this one
    wait: float = 1800,  # seconds to wait for another run in the same home
) -> dict[str, dict]:  # stage -> summary
    "Run every stage up to `upto` that is not up to date"
    names = [only] if only else upto_stages(upto)
    with home_lock(settings, wait):
        return dict(_run_all(settings, names, force, report or (lambda *_: None)))


@contextmanager
def home_lock(
    settings: Settings,  # `home` is locked
    wait: float = 1800,  # seconds to wait for another run in the same home
) -> Iterator[None]:
    "No other process makes features or models in this home until the block ends. `UserError` after `wait` seconds."
    lock_file = Home.of(settings).path / ".lock"
    lock = FileLock(lock_file, timeout=wait)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(
            f"Another run has been working in {settings.home} for {wait:.0f} s.",
            "wait for it, or choose another home with --home",
        ) from None
    try:
        for folder in lock_file.parent.glob("spill-*"):  # of a run that was killed, more than a day ago
            if time.time() - folder.stat().st_mtime > 86_400:
                shutil.rmtree(folder, ignore_errors=True)
        yield
    finally:
        lock.release()


def _run_all(
    settings: Settings, names: list[str], force: bool, report: Callable[[str, dict | None], None]
) -> Iterator[tuple[str, dict]]:
    for name in names:
        if not force and is_current(settings, name):
            yield name, (_record(settings, STAGES[name]) or {})["summary"]
            continue
        report(name, None)
        summary = run_stage(settings, name)
        report(name, summary)
        yield name, summary


def status(
    settings: Settings,  # of the home that is looked at
) -> list[dict]:  # `{stage, state, seconds, summary}`; state: missing, current or stale
    "One row per stage: is it done, up to date, its summary, how long it took"
    rows = []
    for name, stage in STAGES.items():
        record = _record(settings, stage) or {}
        state = "missing" if not record else "current" if is_current(settings, name) else "stale"
        rows.append({"stage": name, "state": state, "seconds": record.get("seconds"), "summary": record.get("summary")})
    return rows

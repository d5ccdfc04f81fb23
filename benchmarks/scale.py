"""The curve: CPU seconds, peak memory and bytes on disk of what could grow with the catalogue or the log.

    python benchmarks/scale.py --lines curve.jsonl                                # 10k, 100k and 1M works
    python benchmarks/scale.py --sizes 1000000,1000000,10000000 --steps log whole --lines curve.jsonl
    python benchmarks/scale.py --curve curve.jsonl --json benchmarks/results/scale.json    # the lines and their slopes

A size is `works,users,events`. Nothing is painted, no text is encoded: vectors are drawn as in `index.py`, the log by
DuckDB with unequal popularity (likes are 11 % of it). Every step runs in a process of its own. `cpu` is the CPU time
of that process, which other work on the machine hardly changes; `peak_mb` is its peak resident memory.

Steps: `log` writes the log. `tables` makes the tables of `art_recsys.tables` with DuckDB (`--memory`, 2 GB). `stream`
makes the batches of one epoch, from a file and from a frame. `cooccurrence` counts and fits EASE. `whole` reads the
frames, trains the package's own towers for one epoch (from files where the log is long), encodes and indexes the
catalogue, and makes pages for known users with all sources of candidates and all pair features; the ranking model is
not trained, so they are in the order of retrieval. It tells the memory of each part. `pages` is the same without the
training. `fit`, which is not among the default steps, trains to the end as the stage does: up to the test part, with as
many epochs as the later likes want, then on all.
"""

import argparse
import gc
import json
import multiprocessing
import os
import resource
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from about import COMMIT, add_options, keep
from index import catalogue

from art_recsys.config import rng

STEPS = ["log", "tables", "stream", "cooccurrence", "whole", "pages"]
SIZES = ["10000,10000,1000000", "100000,100000,1000000", "100000,100000,10000000", "1000000,1000000,10000000"]
TABLES = ["likes", "ranking", "popularity", "histories", "sequences", "cooccurrence", "candidates"]
DAYS = 180
COSTS = ("cpu", "cpu_ms", "peak_mb", "mb_on_disk")  # figures that have a slope


def _mb(file: Path) -> float:
    return round(file.stat().st_size / 1e6, 1)


def log(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "Events of the given number, in order of time"
    import duckdb

    con = duckdb.connect()
    con.execute("SET memory_limit = '2GB'; SET threads = 2; SET TimeZone = 'UTC'")
    con.execute(f"SET temp_directory = '{folder}'; SELECT setseed(.42)")
    con.execute(f"""COPY (
        SELECT 'e' || lpad(i::varchar, 10, '0') event_id,
        'u' || lpad((random() * ({users} - 1))::int::varchar, 8, '0') user_id,
        'w' || lpad((({works} - 1) * pow(random(), 1.5))::int::varchar, 8, '0') artwork_id,
        CASE WHEN k < .70 THEN 'impression' WHEN k < .88 THEN 'click' WHEN k < .99 THEN 'like'
             WHEN k < .997 THEN 'hide' ELSE 'unlike' END event,
        TIMESTAMPTZ '2026-01-01' + to_microseconds((i * {DAYS * 86_400e6 / events})::bigint) ts,
        (i % 24)::double "position", 'r' || (i // 24)::varchar request_id,
        'drawn' model_version, .001::double propensity
        FROM (SELECT range i, random() k FROM range({events}))) TO '{folder / "events.parquet"}' (FORMAT parquet)""")
    return {"mb_on_disk": _mb(folder / "events.parquet")}


def tables(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "Each of the heavy tables"
    from art_recsys.tables.engines import DuckEngine
    from art_recsys.tables.expressions import TABLES as ALL
    from art_recsys.tables.expressions import events_table

    out = {}
    for name in args.tables:
        with DuckEngine(folder, args.memory, 2) as engine:
            engine.add("events", folder / "events.parquet")
            start, cpu, file = time.perf_counter(), time.process_time(), folder / f"{name}.parquet"
            try:
                engine.write(ALL[name](events_table()), file)
            except Exception as e:  # what breaks first is what we want to know
                out[name] = {"broke": f"{type(e).__name__}: {str(e)[:200]}"}
                continue
            out[name] = {"seconds": round(time.perf_counter() - start, 1), "cpu": round(time.process_time() - cpu, 1)}
            out[name] |= {"rows": engine.con.sql(f"SELECT count(*) FROM '{file}'").fetchall()[0][0]}
            out[name] |= {"mb_on_disk": _mb(file)}
            file.unlink()
    return out


def events_of(folder: Path) -> pd.DataFrame:
    "The events as `read_events` would return them"
    from art_recsys.core import as_events
    from art_recsys.tables.engines import DuckEngine
    from art_recsys.tables.long_log import DECISIONS, LATEST, MANY

    with DuckEngine(folder, "2GB", 2) as engine:
        engine.add("events", folder / "events.parquet")
        kinds = ", ".join(f"'{k}'" for k in DECISIONS)
        n = engine.con.sql(f"SELECT count(*) FROM events WHERE event IN ({kinds})").fetchall()[0][0]
        part = f"event IN ({kinds}) OR ts >= TIMESTAMPTZ '2026-01-01' + INTERVAL '{LATEST * DAYS} days'"
        query = f"SELECT * FROM events WHERE {part if n > MANY else 'true'}"
        return as_events(engine.con.sql(query).to_arrow_table().to_pandas())


def frames(works: int, users: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    "The catalogue with vectors, and the users"
    from art_recsys.core import as_artworks, as_users

    r = rng(1, "scale")
    vectors = np.ascontiguousarray(catalogue(works, DIM), np.float32)
    artist = r.integers(0, max(1, works // 8), works)
    tags = np.array([f"tag{i}" for i in range(500)], object)[r.integers(0, 500, (works, 3))]
    artworks = pd.DataFrame(
        {
            "artwork_id": _ids("w", works),
            "title": "Study",
            "artist": [f"artist {a}" for a in artist],
            "category": np.array(["painting", "print", "photograph"], object)[r.integers(0, 3, works)],
            "year_start": r.integers(1400, 2026, works).astype(float),
            "tags": list(tags),
            "text_embedding": list(vectors),
        }
    )
    people = pd.DataFrame({"user_id": _ids("u", users), "age": r.integers(18, 90, users)})
    profiles = r.standard_normal((users, DIM), np.float32) / DIM**0.5
    return as_artworks(artworks), as_users(people.assign(text_embedding=list(profiles)))


DIM = 64  # numbers of a text vector; the package's text model has 384


def stream(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "The likes of an epoch as batches: from a file in row groups, and from a frame of the log"
    from art_recsys.core import EVENT_COLS, positives
    from art_recsys.models.sequence_file import SequenceFile, write_sequences
    from art_recsys.models.sequences import Sequences
    from art_recsys.tables.log_on_disk import log_on_disk

    parts, file, ids = Parts(), folder / "sequences.parquet", {c: _ids(c, n) for c, n in (("w", works), ("u", users))}
    ask = 51, 512, np.arange(1, works + 1), np.arange(1, users + 1)
    with log_on_disk(folder / "events.parquet", pd.DataFrame(columns=EVENT_COLS), pd.Series(ids["w"])) as log:
        parts.end("likes", likes=len(log))
        write_sequences(log.sequences(ids["u"], ids["w"]), file)
    parts.end("file", mb_on_disk=_mb(file))
    seqs = SequenceFile(file, works)
    steps = sum(1 for _ in seqs.batches(0, *ask, seed=1))
    parts.end("batches of the file", steps=steps, row_groups=seqs.groups)
    liked = positives(events_of(folder))
    parts.end("frame")
    steps = sum(1 for _ in Sequences(liked, ids["u"], ids["w"]).batches(0, *ask, seed=1))
    parts.end("batches of the frame", steps=steps)
    return parts.found


def _ids(letter: str, n: int) -> list[str]:
    return [f"{letter}{i:08}" for i in range(n)]


def cooccurrence(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "The tables of `ItemCooccurrence`, and the regression"
    from art_recsys.core import positives
    from art_recsys.models.cooccurrence import ItemCooccurrence

    liked = positives(events_of(folder)).sort_values("user_id", kind="stable")
    items = liked["artwork_id"].str[1:].astype(int).to_numpy()
    ends = np.flatnonzero(np.diff(pd.factorize(liked["user_id"])[0])) + 1
    start = time.process_time()
    table = ItemCooccurrence(np.split(items, ends), works)
    counted, start = time.process_time() - start, time.process_time()
    weights = table.ease
    kept = weights.nnz if hasattr(weights, "nnz") else weights.size
    return {"count_cpu": round(counted, 1), "ease_cpu": round(time.process_time() - start, 1), "weights": int(kept)}


def _searches(tower: Any, works: int) -> dict:
    "The index, which is made by the first search, and 200 searches by one thread"
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        start, ms = time.process_time(), []
        queries = tower.candidates[rng(2, "queries").integers(0, works, (200, 3))].mean(1)
        tower.neighbours.search(queries[:1], 100)
        built = time.process_time() - start
        for q in queries:
            begin = time.process_time()
            tower.neighbours.search(q[None], 100)
            ms.append(1000 * (time.process_time() - begin))
    exact = tower.neighbours.is_exact
    index = {} if exact else {"cells": tower.neighbours.index.nlist, "searched": tower.neighbours.index.nprobe}
    return {"build_cpu": round(built, 1)} | index | _percentiles(ms)


def _percentiles(ms: list[float]) -> dict:
    return {f"p{p}_cpu_ms": round(float(np.percentile(ms, p)), 1) for p in (50, 95)}


def _pages(tower: Any, artworks: pd.DataFrame, people: pd.DataFrame, log: pd.DataFrame, liked: pd.DataFrame) -> dict:
    "A recommender that serves these frames, and 120 pages by one thread; the first 20 do not count"
    from threadpoolctl import threadpool_limits

    from art_recsys.config import Settings
    from art_recsys.core import positives
    from art_recsys.models.examples import lookup_tables
    from art_recsys.models.two_stage import TwoStage
    from art_recsys.ranking import Ranker
    from art_recsys.recommendation import page_recommender

    ranker = Ranker()
    ranker.two_tower = tower
    start = time.process_time()
    ranker.popularity_clock, ranker.cooccurrence = lookup_tables(tower, positives(log), artists=artworks["artist"])
    both = TwoStage(tower, ranker, tower.fitted_on)
    recommender = page_recommender(both, Settings()).serve(artworks, people, log)
    served = time.process_time() - start
    ask = [recommender.known.request(u) for u in liked["user_id"].drop_duplicates().iloc[:120]]
    start, ms = time.process_time(), []
    with threadpool_limits(1):
        recommender.pages(ask[:1])
        first = time.process_time() - start
        for n, q in enumerate(ask):
            begin = time.process_time()
            recommender.pages([q])
            if n >= 20:
                ms.append(1000 * (time.process_time() - begin))
        again = []
        for q in ask[20:]:  # the neighbours of these likes are known now, as on the next page of a visitor
            begin = time.process_time()
            recommender.pages([q])
            again.append(1000 * (time.process_time() - begin))
    found = {"serve_cpu": round(served, 1), "first_page_cpu": round(first, 1)} | _percentiles(ms)
    return found | {f"next_{k}": v for k, v in _percentiles(again).items()}


class Parts:
    "CPU seconds and peak memory of the parts of one process"

    def __init__(self) -> None:
        self.found: dict[str, dict] = {}
        self.start()

    def start(self) -> None:
        "Forget the peak so far, as Linux can"
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        self.cpu = time.process_time()

    def end(self, name: str, **more: Any) -> None:
        "The part that ends here"
        sizes = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
        mb = {k: int(sizes[v].split()[0]) // 1024 for k, v in (("peak_mb", "VmHWM"), ("mb", "VmRSS"))}
        self.found[name] = {"cpu": round(time.process_time() - self.cpu, 1)} | mb | more
        print(name, json.dumps(self.found[name]), flush=True)
        self.start()


def pages(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "As `whole`, with the weights at the beginning"
    return whole(folder, works, users, events, args, False)


def whole(folder: Path, works: int, users: int, events: int, args: Any, train: bool = True) -> dict:
    "One process: read, train one epoch, encode and index the catalogue, make pages"
    from art_recsys.core import Cols, positives
    from art_recsys.models.checkpoints import ValidationCallback
    from art_recsys.models.fingerprints import frames_fingerprint
    from art_recsys.retrieval import TwoTower
    from art_recsys.tables.long_log import is_long

    parts, tower = Parts(), TwoTower(text_model=None)
    artworks, people = frames(works, users)
    parts.end("frames", rows=[len(artworks), len(people)])
    tower.rows, long = [], is_long(folder / "events.parquet")
    if long:  # as `models.long_training`
        liked = _from_files(tower, artworks, people, folder)
        log = None
    else:
        people, log, liked = tower.read_frames(artworks, people, events_of(folder))
    model = tower.build()
    parts.end("towers", from_files=long)
    if train:
        tower.train(model, liked, people[Cols.user_id].tolist(), 1, ValidationCallback(None, 0, tower.rows))
        n = liked.likes if long else len(liked)
        steps = -(-n // tower.batch_size)
        cpu = time.process_time() - parts.cpu
        parts.end("epoch", likes=n, steps=steps, step_cpu_ms=round(1000 * cpu / steps, 1), loss=tower.rows[0]["loss"])
    tower.keep([model.candidate, model.query], tower.rows)
    parts.end("encode")
    parts.end("index", **_searches(tower, works))
    log = events_of(folder) if log is None else log
    parts.end("events", rows=len(log))
    tower.remember(people, log)
    tower.fitted_on = frames_fingerprint(artworks, log)
    parts.end("page", **_pages(tower, artworks, people, log, positives(log)))
    return parts.found


def fit(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "The stage's training from its beginning to its end, from files; without vectors of pictures, and not registered"
    from art_recsys.config import load_settings
    from art_recsys.models.long_training import fit_from_files
    from art_recsys.retrieval import TwoTower

    parts = Parts()
    artworks, people = frames(works, users)
    parts.end("frames", rows=[len(artworks), len(people)])
    settings = load_settings(home=folder, default_section="smoke")
    tower = fit_from_files(TwoTower(text_model=None), settings, artworks, people, folder / "checkpoints")
    first = tower.base.base or tower.base  # where the later likes chose
    epochs = first.log.drop(columns="part").round(4).to_dict("records")
    parts.end("fit", epochs=epochs, chosen=tower.chosen, epochs_in_all=[len(t.log) for t in (tower.base, tower)])
    return parts.found


def _from_files(tower: Any, artworks: pd.DataFrame, people: pd.DataFrame, folder: Path) -> Any:
    "The likes as sequences in a file, and the tables of towers that are to learn from them"
    from art_recsys.core import EVENT_COLS, Cols
    from art_recsys.models.sequence_file import SequenceFile, write_sequences
    from art_recsys.models.vocabularies import Vocabularies
    from art_recsys.tables.log_on_disk import log_on_disk

    nobody, file = pd.DataFrame(columns=EVENT_COLS), folder / "sequences.parquet"
    with log_on_disk(folder / "events.parquet", nobody, artworks[Cols.artwork_id]) as log:
        counts = {c: log.counts(c) for c in (Cols.artwork_id, Cols.user_id)}
        tower.read_tables(artworks, people, Vocabularies.of_counts(artworks, counts))
        write_sequences(log.sequences(people[Cols.user_id].tolist(), list(tower.candidate_ids)), file)
    return SequenceFile(file, len(artworks))


def _child(pipe: Any, name: str, folder: str, size: tuple, args: Any) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    try:
        found = globals()[name](Path(folder), *size, args)
    except BaseException as e:  # the step that breaks is a result
        found = {"broke": f"{type(e).__name__}: {str(e)[:300]}"}
    usage = {"seconds": round(time.perf_counter() - start, 1), "cpu": round(time.process_time() - cpu, 1)}
    peaks = [p["peak_mb"] for p in found.values() if isinstance(p, dict) and "peak_mb" in p]
    peak = max([round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), *peaks])
    pipe.send(found | usage | {"peak_mb": peak})


def alone(name: str, folder: Path, size: tuple, args: Any) -> dict:
    "Run a step in a process of its own"
    here, there = multiprocessing.get_context("spawn").Pipe()
    worker = multiprocessing.get_context("spawn").Process(target=_child, args=(there, name, str(folder), size, args))
    worker.start()
    there.close()
    try:
        return here.recv()
    except EOFError:  # killed, for want of memory for example
        worker.join()
        return {"broke": f"ended with exit code {worker.exitcode}"}
    finally:
        worker.join()


def lines_of(file: Path | None) -> list[dict]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file else []


def curve(lines: list[dict]) -> list[dict]:
    "One entry per size: steps that were measured one after the other are together, each with its commit and date"
    out: dict[tuple, dict] = {}
    for line in lines:
        kept = out.setdefault(tuple(line["size"]), {"size": line["size"], "steps": {}})["steps"]
        for step, found in line["steps"].items():
            kept[step] = found | {"commit": line["commit"], "date": line["date"]}
    return list(out.values())


def _figures(value: Any, name: str = "") -> dict[str, float]:
    if isinstance(value, dict):
        return {k: v for part, x in value.items() for k, v in _figures(x, f"{name} {part}".strip()).items()}
    return {name: value} if isinstance(value, int | float) and not isinstance(value, bool) else {}


def slopes(found: list[dict]) -> pd.DataFrame:
    "Log-log slope of every figure between two sizes that follow each other: 1 is linear, 2 is quadratic"
    flat = [(f["size"][0], f["size"][2], *one) for f in found for one in _figures(f["steps"]).items()]
    flat = [row for row in flat if row[2].endswith(COSTS)]
    out = []
    for figure, g in pd.DataFrame(flat, columns=["works", "events", "figure", "value"]).groupby("figure", sort=False):
        g = g.sort_values(["works", "events"])
        for a, b in zip(g.iloc[:-1].itertuples(), g.iloc[1:].itertuples(), strict=True):
            by = max(b.works / a.works, b.events / a.events)
            if by > 1 and min(a.value, b.value) > 0:
                at = {"figure": figure, "from": f"{a.works}/{a.events}", "to": f"{b.works}/{b.events}"}
                out.append(at | {"slope": round(float(np.log(b.value / a.value) / np.log(by)), 2)})
    return pd.DataFrame(out)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--sizes", nargs="+", default=SIZES, help="works,users,events")
    p.add_argument("--steps", nargs="+", default=STEPS, choices=[*STEPS, "fit"])
    p.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    p.add_argument("--memory", default="2GB", help="of DuckDB, for the tables")
    p.add_argument("--lines", type=Path, help="one line per size is appended to this file")
    p.add_argument("--curve", type=Path, help="print the slopes of such a file, keep both with --json, and end")
    p.add_argument("--folder", type=Path, help="where the logs are written, and kept; default: a temporary folder")
    p.add_argument("--before", type=Path, help="such a file of an earlier state, which --curve keeps beside the lines")
    add_options(p)
    args = p.parse_args()
    if args.curve:
        found, before = (curve(lines_of(file)) for file in (args.curve, args.before))
        print((table := slopes(found)).to_string(index=False))
        size = {str(n): round(4e6 * n / 1e9, 2) for n in (64, 384, 512)}
        result = {"curve": found, "slopes": table.to_dict("records"), "before": before}
        keep(result | {"gb_of_a_million_vectors": size}, args, 42)
        return
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    for text in args.sizes:
        size = tuple(map(int, text.split(",")))
        folder = args.folder / text.replace(",", "-") if args.folder else Path(tempfile.mkdtemp())
        folder.mkdir(parents=True, exist_ok=True)
        date = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        out: dict = {"size": size, "commit": COMMIT, "date": date, "steps": {}}
        for name in args.steps:
            if name == "log" and (folder / "events.parquet").is_file():
                continue
            out["steps"][name] = alone(name, folder, size, args)
            print(text, name, json.dumps(out["steps"][name]), flush=True)
        if args.lines:
            with open(args.lines, "a") as f:
                f.write(json.dumps(out) + "\n")
        if not args.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()

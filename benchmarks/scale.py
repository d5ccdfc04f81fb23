"""The curve: seconds, peak memory and bytes on disk of the parts whose cost could grow with the catalogue or the log.

    python benchmarks/scale.py                                                   # 10k, 100k and 1M works
    python benchmarks/scale.py --sizes 10000,10000,1000000 100000,100000,10000000 --steps log tables train
    python benchmarks/scale.py --slopes FILE                                      # log-log slopes of a kept run

A size is `works,users,events`. Nothing is painted and no text is encoded: vectors are drawn at random, the log is drawn
by DuckDB with unequal popularity (likes are 11 % of it). Every step runs in a process of its own. `cpu` is the CPU time
of that process, which other work on the machine hardly changes; `seconds` is the clock. Towers and ranking model are
the package's own, but not trained to the end: `train` measures steps, `page` answers with the weights at the beginning.

Steps: `log` writes the log. `tables` makes the tables of `art_recsys.tables` with DuckDB (2 GB). `read` reads what a
training reads into frames. `train` makes the towers and trains 20 batches. `cooccurrence` counts and fits EASE. `index`
encodes the catalogue, makes the index of neighbours and asks it. `page` makes pages for known users.
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
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from art_recsys.config import rng

STEPS = ["log", "tables", "read", "train", "cooccurrence", "index", "page", "whole"]
SIZES = ["10000,10000,1000000", "100000,100000,1000000", "100000,100000,10000000", "1000000,1000000,10000000"]
TABLES = ["likes", "ranking", "popularity", "histories", "sequences", "cooccurrence", "candidates"]
DAYS = 180


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
    return {"bytes": (folder / "events.parquet").stat().st_size}


def tables(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "Each of the heavy tables"
    from art_recsys.tables.engines import DuckEngine
    from art_recsys.tables.expressions import TABLES as ALL
    from art_recsys.tables.expressions import events_table

    out = {}
    for name in args.tables:
        with DuckEngine(folder, "2GB", 2) as engine:
            engine.add("events", folder / "events.parquet")
            start, cpu, file = time.perf_counter(), time.process_time(), folder / f"{name}.parquet"
            try:
                engine.write(ALL[name](events_table()), file)
            except Exception as e:  # what breaks first is what we want to know
                out[name] = {"broke": f"{type(e).__name__}: {str(e)[:200]}"}
                continue
            out[name] = {"seconds": round(time.perf_counter() - start, 1), "cpu": round(time.process_time() - cpu, 1)}
            out[name] |= {"rows": engine.con.sql(f"SELECT count(*) FROM '{file}'").fetchall()[0][0]}
            out[name] |= {"bytes": file.stat().st_size}
            file.unlink()
    return out


def frames(folder: Path, works: int, users: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    "What a training reads: the catalogue with vectors, the users, and the events as `read_events` would return them"
    from art_recsys.core import as_artworks, as_events, as_users
    from art_recsys.tables.engines import DuckEngine
    from art_recsys.tables.long_log import DECISIONS, LATEST, MANY

    with DuckEngine(folder, "2GB", 2) as engine:
        engine.add("events", folder / "events.parquet")
        kinds = ", ".join(f"'{k}'" for k in DECISIONS)
        n = engine.con.sql(f"SELECT count(*) FROM events WHERE event IN ({kinds})").fetchall()[0][0]
        part = f"event IN ({kinds}) OR ts >= TIMESTAMPTZ '2026-01-01' + INTERVAL '{LATEST * DAYS} days'"
        events = as_events(engine.con.sql(f"SELECT * FROM events WHERE {part if n > MANY else 'true'}").df())
    r = rng(1, "scale")
    vectors = r.standard_normal((works, DIM), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    artist = r.integers(0, max(1, works // 8), works)
    tags = np.array([f"tag{i}" for i in range(500)], object)[r.integers(0, 500, (works, 3))]
    artworks = pd.DataFrame(
        {
            "artwork_id": [f"w{i:08}" for i in range(works)],
            "title": "Study",
            "artist": [f"artist {a}" for a in artist],
            "category": np.array(["painting", "print", "photograph"], object)[r.integers(0, 3, works)],
            "year_start": r.integers(1400, 2026, works).astype(float),
            "tags": list(tags),
            "text_embedding": list(vectors),
        }
    )
    people = pd.DataFrame({"user_id": [f"u{i:08}" for i in range(users)], "age": r.integers(18, 90, users)})
    profiles = r.standard_normal((users, DIM), np.float32) / DIM**0.5
    return as_artworks(artworks), as_users(people.assign(text_embedding=list(profiles))), events


DIM = 64  # numbers of a text vector; the package's text model has 384


def read(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "The frames"
    a, u, e = frames(folder, works, users)
    return {"rows": [len(a), len(u), len(e)]}


def towers(folder: Path, works: int, users: int) -> tuple:
    "Towers that are ready to train, and their frames"
    from art_recsys.retrieval import TwoTower

    tower, (artworks, people, events) = TwoTower(text_model=None), frames(folder, works, users)
    people, events, liked = tower.read_frames(artworks, people, events)
    return tower, tower.build(), artworks, people, events, liked


def train(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "Seconds of the sequences, and of a step of training: the median of 20 after the first"
    import tensorflow as tf

    from art_recsys.models.layers import compile_with_adam
    from art_recsys.models.sequences import Sequences
    from art_recsys.retrieval import training_data

    tower, model, _, people, _, liked = towers(folder, works, users)
    start = time.process_time()
    seqs = Sequences(liked, people["user_id"].tolist(), tower.candidate_ids)
    windows = len(seqs.windows(51, rng(1, "w")))
    made = time.process_time() - start
    compile_with_adam(model, 0.003, None)
    rows = tower.artwork_features, tower.users
    step = tf.function(model.train_step, reduce_retracing=True)
    data, cpu, wall = iter(training_data(seqs, iter([0]), 51, 512, *rows, seed=1)), [], []
    for _ in range(21):
        begin, clock = time.process_time(), time.perf_counter()
        step(next(data))
        cpu.append(time.process_time() - begin)
        wall.append(time.perf_counter() - clock)
    return {
        "likes": len(liked),
        "windows": windows,
        "sequences_cpu": round(made, 2),
        "step_ms": round(1000 * float(np.median(wall[1:])), 1),
        "step_cpu_ms": round(1000 * float(np.median(cpu[1:])), 1),
        "steps_per_epoch": seqs.steps(512, 51),
    }


def cooccurrence(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "The tables of `ItemCooccurrence`, and the regression"
    from art_recsys.core import positives
    from art_recsys.models.cooccurrence import ItemCooccurrence

    _, _, log = frames(folder, works, users)
    liked = positives(log).sort_values("user_id", kind="stable")
    items = liked["artwork_id"].str[1:].astype(int).to_numpy()
    ends = np.flatnonzero(np.diff(pd.factorize(liked["user_id"])[0])) + 1
    start = time.process_time()
    table = ItemCooccurrence(np.split(items, ends), works)
    counted, start = time.process_time() - start, time.process_time()
    weights = table.ease
    kept = weights.nnz if hasattr(weights, "nnz") else weights.size
    return {"count_cpu": round(counted, 1), "ease_cpu": round(time.process_time() - start, 1), "weights": int(kept)}


def index(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "The catalogue as vectors, the index over them, 200 searches"
    tower, *_ = towers(folder, works, users)
    start = time.process_time()
    tower.index_catalogue()
    encoded = time.process_time() - start
    return {"encode_cpu": round(encoded, 1), "vector_bytes": tower.candidates.nbytes} | _searches(tower, works)


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
    return {"build_cpu": round(built, 1)} | _percentiles(ms)


def _percentiles(ms: list[float]) -> dict:
    return {f"p{p}_cpu_ms": round(float(np.percentile(ms, p)), 1) for p in (50, 95)}


def page(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "A page of 24 for known users, one after the other: all sources of candidates and all pair features"
    tower, model, artworks, people, log, liked = towers(folder, works, users)
    tower.finish([model.candidate, model.query], artworks, people, log, [])
    return _pages(tower, artworks, people, log, liked)


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
    return {"serve_cpu": round(served, 1), "first_page_cpu": round(first, 1)} | _percentiles(ms)


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


def whole(folder: Path, works: int, users: int, events: int, args: Any) -> dict:
    "One process: read, train one epoch, encode and index the catalogue, make pages; memory of each part"
    from art_recsys.models.checkpoints import ValidationCallback
    from art_recsys.retrieval import TwoTower

    parts = Parts()
    tower, (artworks, people, log) = TwoTower(text_model=None, history_length=50), frames(folder, works, users)
    parts.end("frames", rows=[len(artworks), len(people), len(log)])
    people, log, liked = tower.read_frames(artworks, people, log)
    model, tower.rows = tower.build(), []
    parts.end("towers")
    tower.train(model, liked, people["user_id"].tolist(), 1, ValidationCallback(None, 0, tower.rows))
    parts.end("epoch", likes=len(liked), loss=tower.rows[0]["loss"])
    tower.finish([model.candidate, model.query], artworks, people, log, tower.rows)
    parts.end("encode")
    ms = _searches(tower, works)
    parts.end("index", **ms)
    ms = _pages(tower, artworks, people, log, liked)
    parts.end("page", **ms)
    return parts.found


def _child(pipe: Any, name: str, folder: str, size: tuple, args: Any) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    try:
        found = globals()[name](Path(folder), *size, args)
    except BaseException as e:  # the step that breaks is a result
        found = {"broke": f"{type(e).__name__}: {str(e)[:300]}"}
    usage = {"seconds": round(time.perf_counter() - start, 1), "cpu": round(time.process_time() - cpu, 1)}
    pipe.send(found | usage | {"peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)})


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


def slopes(found: list[dict], column: str = "works") -> pd.DataFrame:
    "Log-log slopes of every figure between two sizes that follow each other: 1 is linear, 2 is quadratic"
    flat = []
    for f in found:
        w, _, e = f["size"]
        for step, figures in f["steps"].items():
            parts = figures.items() if step == "tables" else [("", figures)]
            for part, values in parts:
                if isinstance(values, dict):
                    rows = {k: v for k, v in values.items() if isinstance(v, int | float)}
                    flat += [
                        {"works": w, "events": e, "figure": f"{step} {part} {k}", "value": v} for k, v in rows.items()
                    ]
    df = pd.DataFrame(flat)
    df["figure"] = df["figure"].str.replace("  ", " ")
    out = []
    for figure, g in df.groupby("figure", sort=False):
        g = g.sort_values([column, "events"])
        for a, b in zip(g.iloc[:-1].itertuples(), g.iloc[1:].itertuples(), strict=True):
            grown = np.log(b.works * b.events) - np.log(a.works * a.events)
            if grown > 0 and min(a.value, b.value) > 0:
                by = max(b.works / a.works, b.events / a.events)
                slope = round(float(np.log(b.value / a.value) / np.log(by)), 2)
                out.append(
                    {"figure": figure, "from": f"{a.works}/{a.events}", "to": f"{b.works}/{b.events}", "slope": slope}
                )
    return pd.DataFrame(out)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--sizes", nargs="+", default=SIZES, help="works,users,events")
    p.add_argument("--steps", nargs="+", default=STEPS, choices=STEPS)
    p.add_argument("--tables", nargs="+", default=TABLES, choices=TABLES)
    p.add_argument("--json", type=Path, help="one line per size is appended to this file")
    p.add_argument("--slopes", type=Path, help="print the slopes of such a file and end")
    p.add_argument("--folder", type=Path, help="where the logs are written, and kept; default: a temporary folder")
    args = p.parse_args()
    if args.slopes:
        found = [json.loads(line) for line in args.slopes.read_text().splitlines()]
        print(slopes(found).to_string(index=False))
        return
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
    for text in args.sizes:
        size = tuple(map(int, text.split(",")))
        folder = args.folder / text.replace(",", "-") if args.folder else Path(tempfile.mkdtemp())
        folder.mkdir(parents=True, exist_ok=True)
        out: dict = {"size": size, "steps": {}}
        for name in args.steps:
            if name == "log" and (folder / "events.parquet").is_file():
                continue
            out["steps"][name] = alone(name, folder, size, args)
            print(text, name, json.dumps(out["steps"][name]), flush=True)
        if args.json:
            with open(args.json, "a") as f:
                f.write(json.dumps(out) + "\n")
        if not args.folder:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()

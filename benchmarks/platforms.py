"""The embedded project against plain Parquet and pandas, with the same artworks, events and queries in one run.

    python benchmarks/platforms.py [--works 100000] [--events 1000000] [--dim 384] [--reads 2000] [--json FILE]

Every step of both sides runs in its own process, so the peak memory (resident set) is that of the step. The joins and
the neighbours of the two sides must agree. From 200,000 artworks on the embedded project uses FAISS, and 97 % of the
neighbours must agree. Times are wall-clock times; latencies are in milliseconds. "Plain" means: one Parquet file per
table, which every change rewrites completely; `merge_asof` for the point-in-time join; a Parquet read with a filter for
one row; one matrix product for neighbours.
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from about import add_options, keep

from art_recsys.config import rng

START = pd.Timestamp(2026, 1, 1, tz="UTC")
SPAN = 180 * 24 * 3600  # seconds over which events and popularity are spread


# --- the data: the same on both sides, because it depends on the seed only


def make_works(n: int, dim: int) -> pd.DataFrame:
    "Artworks with vectors of unit length"
    r = rng(1, "platform works")
    vectors = r.normal(size=(n, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return pd.DataFrame(
        {
            "artwork_id": [f"work-{i:07}" for i in range(n)],
            "title": [f"Study no. {i} in blue" for i in range(n)],
            "year": r.integers(1400, 2026, n),
            "category": r.choice(["painting", "print", "photograph"], n),
            "text_embedding": list(vectors),
        }
    )


def make_events(n: int, works: int) -> pd.DataFrame:
    "Events of 50,000 users, sorted by time"
    r = rng(2, "platform events")
    return pd.DataFrame(
        {
            "event_id": [f"e{i:08}" for i in range(n)],
            "user_id": pd.Series(r.integers(0, 50_000, n)).map("user-{:05}".format),
            "artwork_id": pd.Series((works * r.random(n) ** 2).astype(int)).map("work-{:07}".format),
            "ts": START + pd.to_timedelta(np.sort(r.integers(0, SPAN, n)), unit="s"),
            "event": r.choice(["impression", "click", "like"], n, p=[0.8, 0.15, 0.05]),
        }
    )


def make_fame(works: int) -> pd.DataFrame:
    "Number of likes of every artwork at ten timestamps each"
    r, n = rng(3, "platform fame"), works * 10
    return pd.DataFrame(
        {
            "artwork_id": pd.Series(np.repeat(np.arange(works), 10)).map("work-{:07}".format),
            "ts": START + pd.to_timedelta(r.integers(0, SPAN, n), unit="s"),
            "likes": r.integers(0, 10_000, n),
        }
    ).drop_duplicates(["artwork_id", "ts"], ignore_index=True)


# --- measuring


def spread(seconds: list[float]) -> dict:
    "Median and 95th percentile in milliseconds"
    ms = np.array(seconds) * 1000
    return {"p50_ms": round(float(np.percentile(ms, 50)), 3), "p95_ms": round(float(np.percentile(ms, 95)), 3)}


def timed(function, *args):
    "Seconds of a call, and its result"
    begin = time.perf_counter()
    out = function(*args)
    return time.perf_counter() - begin, out


def _child(pipe, step, folder, args):
    try:
        pipe.send(
            step(Path(folder), args) | {"peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}
        )
    except BaseException as e:
        pipe.send(e)
        raise


def alone(step, folder: Path, args) -> dict:
    "Run a step in its own process"
    ctx = multiprocessing.get_context("spawn")
    here, there = ctx.Pipe()
    worker = ctx.Process(target=_child, args=(there, step, str(folder), args))
    worker.start()
    answer = here.recv()
    worker.join()
    if worker.exitcode:
        print(f"{step.__name__} ended with exit code {worker.exitcode}", flush=True)
    if isinstance(answer, BaseException):
        raise answer
    return answer


def digest(df: pd.DataFrame) -> list:
    "Row counts, sums and a hash of a join, which must be equal on both sides"
    return [
        len(df),
        int(df["likes"].notna().sum()),
        int(df["likes"].sum()),
        int(
            pd.util.hash_pandas_object(
                df.sort_values("event_id")[["event_id", "likes"]].astype({"likes": "float64"}), index=False
            ).sum()
            % 2**53
        ),
    ]


def rates(tables: dict, insert) -> dict:
    "Rows per second of the insert of every table"
    out = {}
    for name, df in tables.items():
        seconds, _ = timed(insert, name, df)
        out[f"{name}_rows_per_s"] = round(len(df) / seconds)
    return out


def tables(args) -> dict:
    "All tables by name"
    return {
        "works": make_works(args.works, args.dim),
        "events": make_events(args.events, args.works),
        "fame": make_fame(args.works),
    }


def change(works: pd.DataFrame) -> pd.DataFrame:
    "A thousand works with a new title"
    return works.iloc[:: max(1, len(works) // 1000)].assign(title="renamed")


def make_queries(args) -> tuple:
    "Ids of artworks to read, and query vectors of unit length"
    r = rng(4, "platform questions")
    queries = r.normal(size=(args.reads, args.dim)).astype(np.float32)
    return [f"work-{i:07}" for i in r.integers(0, args.works, args.reads)], queries / np.linalg.norm(
        queries, axis=1, keepdims=True
    )


# --- the embedded project


def groups(folder: Path, dim: int) -> dict:
    "The feature groups of the embedded project by name"
    from hsfs.embedding import EmbeddingIndex

    from art_recsys.platform.embedded import Project

    index, fs = EmbeddingIndex(), Project(folder).get_feature_store()
    index.add_embedding("text_embedding", dim)
    return {
        "works": fs.get_or_create_feature_group(
            "works", 1, primary_key=["artwork_id"], online_enabled=True, embedding_index=index
        ),
        "events": fs.get_or_create_feature_group("events", 1, primary_key=["event_id"], event_time="ts"),
        "fame": fs.get_or_create_feature_group("fame", 1, primary_key=["artwork_id"], event_time="ts"),
    }


def embedded_insert(folder, args):
    made, data = groups(folder, args.dim), tables(args)
    out = rates(data, lambda name, df: made[name].insert(df))
    rows = change(data["works"])
    return out | {"upsert_1000_s": round(timed(made["works"].insert, rows)[0], 2)}


def embedded_join(folder, args):
    made = groups(folder, args.dim)
    seconds, df = timed(
        lambda: made["events"].select_all().join(made["fame"].select(["likes"]), on=["artwork_id"]).read()
    )
    return {"seconds": round(seconds, 2), "digest": digest(df)}


def embedded_vectors(folder, args):
    from art_recsys.platform.embedded import Project

    fs = Project(folder).get_feature_store()
    view = fs.get_or_create_feature_view("works", fs.get_feature_group("works", 1).select_all(), 1)
    first, _ = timed(view.init_serving)
    ids, _ = make_queries(args)
    answers = [timed(view.get_feature_vector, {"artwork_id": a}) for a in ids]
    assert all(v[0] == a and len(v[4]) == args.dim for (_, v), a in zip(answers, ids, strict=True))
    return spread([s for s, _ in answers]) | {"first_s": round(first, 3)}


def embedded_neighbours(folder, args):
    group = groups(folder, args.dim)["works"]
    _, queries = make_queries(args)
    first, _ = timed(group.find_neighbors, queries[0], None, 100)
    answers = [timed(group.find_neighbors, q, None, 100) for q in queries[:200]]
    return spread([s for s, _ in answers]) | {
        "first_s": round(first, 2),
        "digest": [[row[0] for _, row in found] for _, found in answers],
    }


# --- plain Parquet and pandas


def plain_insert(folder, args):
    data = tables(args)
    out = rates(data, lambda name, df: df.to_parquet(folder / f"{name}.parquet", index=False))

    def upsert(rows):
        kept = pd.read_parquet(folder / "works.parquet")
        pd.concat([kept[~kept["artwork_id"].isin(rows["artwork_id"])], rows]).to_parquet(
            folder / "works.parquet", index=False
        )

    return out | {"upsert_1000_s": round(timed(upsert, change(data["works"]))[0], 2)}


def plain_join(folder, args):
    def join():
        events, fame = pd.read_parquet(folder / "events.parquet"), pd.read_parquet(folder / "fame.parquet")
        return pd.merge_asof(events.sort_values("ts"), fame.sort_values("ts"), on="ts", by="artwork_id")

    seconds, df = timed(join)
    return {"seconds": round(seconds, 2), "digest": digest(df)}


def plain_vectors(folder, args):
    ids, _ = make_queries(args)
    read = lambda a: pd.read_parquet(folder / "works.parquet", filters=[("artwork_id", "==", a)]).iloc[0].tolist()  # noqa: E731
    answers = [timed(read, a) for a in ids[:30]]
    return spread([s for s, _ in answers]) | {"reads": 30}


def plain_neighbours(folder, args):
    _, queries = make_queries(args)

    def load():
        df = pd.read_parquet(folder / "works.parquet", columns=["artwork_id", "text_embedding"])
        matrix = np.stack(df["text_embedding"])
        return df["artwork_id"].to_numpy(), matrix, (matrix * matrix).sum(1)

    def search(query):
        d = squares - 2 * (matrix @ query)
        best = np.argpartition(d, 100)[:100]
        return ids[best[np.argsort(d[best])]].tolist()

    first, (ids, matrix, squares) = timed(load)
    answers = [timed(search, q) for q in queries[:200]]
    return spread([s for s, _ in answers]) | {"first_s": round(first, 2), "digest": [found for _, found in answers]}


STEPS = {
    "insert": (embedded_insert, plain_insert),
    "point_in_time_join": (embedded_join, plain_join),
    "online_vector": (embedded_vectors, plain_vectors),
    "neighbours": (embedded_neighbours, plain_neighbours),
}


def alike(a, b) -> bool:
    "True if both are equal, or if more than 97 % of the neighbours are (ties may be in another order)"
    if a == b:
        return True
    return isinstance(a[0], list) and np.mean([len(set(x) & set(y)) / len(y) for x, y in zip(a, b, strict=True)]) > 0.97


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, default=100_000, help="number of artworks")
    parser.add_argument("--events", type=int, default=1_000_000, help="number of events")
    parser.add_argument("--dim", type=int, default=384, help="dimension of the vectors")
    parser.add_argument("--reads", type=int, default=2_000, help="number of online reads")
    add_options(parser)
    args = parser.parse_args()
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        for side in ("embedded", "plain"):
            (Path(folder) / side).mkdir()
        for name, steps in STEPS.items():
            out[name] = {
                side: alone(step, Path(folder) / side, args)
                for side, step in zip(("embedded", "plain"), steps, strict=True)
            }
            digests = [answer.pop("digest", None) for answer in out[name].values()]
            assert alike(*digests), f"{name}: the two sides do not agree"
            print(name, json.dumps(out[name], indent=1), flush=True)
    keep({"options": {k: v for k, v in vars(args).items() if k not in ("json", "note")}, **out}, args, None)


if __name__ == "__main__":
    main()

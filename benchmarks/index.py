"""Nearest vectors with numpy, with FAISS's own indices, and with `Neighbours`: recall@100, latency, build time, memory.

    python benchmarks/index.py [--works 28000 100000 1000000] [--dims 64 384] [--queries 300] [--hnsw 200000]
    python benchmarks/index.py --vectors FILE.npy

The vectors have the clusters of a catalogue: a few styles, and in them about √n artists with unequal numbers of works.
Every vector has a spread of its own and unit length. `--vectors` reads a matrix of real vectors instead (n x dim). A
query is the mean of three vectors plus noise. Every size runs in its own process. Every query goes to all indices in
turn, one at a time and on one thread, because the model server answers requests this way. Latency is the CPU time of
that thread, which other work on the machine hardly changes. The build and the batch of 1,000 queries use all cores and
are measured in wall-clock time. HNSW is left out above `--hnsw` vectors, because it takes minutes there. Recall is
measured against the exact answer. The filter of the `filtered` figures allows 30 % of the rows. Memory is the growth of
the resident set. It does not include the vectors themselves, which the exact search reads.
"""

import argparse
import json
import multiprocessing
import os
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from about import add_options, keep
from threadpoolctl import threadpool_limits

from art_recsys.config import rng
from art_recsys.platform.neighbours import Neighbours

K = 100


def unit(v: np.ndarray) -> np.ndarray:
    "Rows scaled to unit length"
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def catalogue(n: int, dim: int) -> np.ndarray:
    "Clustered vectors of unit length (n x dim)"
    r, artists = rng(1, "index", n, dim), int(n**0.5)
    centres = r.normal(size=(40, dim))[r.integers(0, 40, artists)] + 0.8 * r.normal(size=(artists, dim))
    works = 1 / np.arange(1, artists + 1) ** 0.7
    of, out = r.choice(artists, n, p=works / works.sum()), np.empty((n, dim), np.float32)
    for a in range(0, n, 50_000):
        m = len(of[a : a + 50_000])
        spread = 0.9 * r.gamma(4, 0.25, (m, 1)).astype(np.float32)
        out[a : a + m] = unit(centres[of[a : a + m]] + spread * r.standard_normal((m, dim), np.float32))
    return out


def queries_for(vectors: np.ndarray, n: int) -> np.ndarray:
    "n query vectors: means of three vectors plus noise"
    r, dim = rng(2, "queries"), vectors.shape[1]
    return unit(vectors[r.integers(0, len(vectors), (n, 3))].mean(1) + 0.3 / dim**0.5 * r.normal(size=(n, dim))).astype(
        np.float32
    )


def exact(vectors):
    return Neighbours(vectors, exact_below=len(vectors) + 1)


def flat(vectors):
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return Faiss(index)


def hnsw(vectors):
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 80, 512
    index.add(vectors)
    return Faiss(index)


def ours(vectors):
    near = Neighbours(vectors, exact_below=1)
    _ = near.index  # build the index now instead of at the first query
    return near


class Faiss:
    "A FAISS index with the `search` of `Neighbours`"

    def __init__(self, index):
        self.index = index

    def search(self, q, k):
        return self.index.search(q, k)[::-1]


SIDES = {"numpy exact": exact, "FAISS flat": flat, "FAISS HNSW": hnsw, "Neighbours": ours}


def seconds(function, clock=time.perf_counter) -> float:
    "Seconds that a call takes on `clock`"
    begin = clock()
    function()
    return clock() - begin


@contextmanager
def one_thread():
    "Limit FAISS and BLAS to one thread"
    import faiss

    many = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    with threadpool_limits(1):
        yield
    faiss.omp_set_num_threads(many)


def built(make, vectors) -> tuple:
    "An index, and the seconds and MB of its build"
    before, begin = psutil.Process().memory_info().rss, time.perf_counter()
    index = make(vectors)
    return index, {
        "build_s": round(time.perf_counter() - begin, 1),
        "mb": round((psutil.Process().memory_info().rss - before) / 2**20),
    }


def spread(times: list[float]) -> dict:
    "Median and 95th percentile in milliseconds"
    return {f"p{p}_ms": round(float(np.percentile(times, p)) * 1000, 2) for p in (50, 95)}


def recall(found: np.ndarray, want: np.ndarray) -> float:
    "Mean share of the exact neighbours that were found"
    return round(float(np.mean([len(np.intersect1d(a, b)) / len(b) for a, b in zip(found, want, strict=True)])), 4)


def measure(n: int, dim: int, queries: int, file: Path | None, most: int) -> dict:
    "All figures of one size; HNSW only up to `most` vectors"
    vectors = np.ascontiguousarray(np.load(file), np.float32) if file else catalogue(n, dim)
    q = queries_for(vectors, queries)
    made = {name: built(make, vectors) for name, make in SIDES.items() if make is not hnsw or len(vectors) <= most}
    times, found = {name: [] for name in made}, {name: [] for name in made}
    with one_thread():
        for one in [q[0]] * 5 + list(q):
            for name, (index, _) in made.items():
                begin = time.thread_time()
                rows = index.search(one[None], K)[0][0]
                times[name].append(time.thread_time() - begin)
                found[name].append(rows)
    out = {
        name: about | {"recall": recall(found[name][5:], found["numpy exact"][5:])} | spread(times[name][5:])
        for name, (_, about) in made.items()
    }
    batch, mask = np.resize(q, (1000, q.shape[1])), rng(3, "filter").random(len(vectors)) < 0.3
    for name in ("numpy exact", "Neighbours"):
        index = made[name][0]
        out[name]["batch_1000_s"] = round(np.median([seconds(partial(index.search, batch, K)) for _ in range(3)]), 2)
        with one_thread():
            times = [seconds(partial(index.search, one[None], K, mask), time.thread_time) for one in q]
        out[name] |= {f"filtered_{k}": v for k, v in spread(times).items()}
    want, near = (made[name][0].search(q, K, mask)[0] for name in ("numpy exact", "Neighbours"))
    out["Neighbours"]["filtered_recall"] = recall(near, want)
    return {"works": len(vectors), "dim": vectors.shape[1], "load_average": round(os.getloadavg()[0], 1), **out}


def _child(pipe, *args):
    pipe.send(measure(*args))


def alone(*args) -> dict:
    "Measure one size in its own process"
    ctx = multiprocessing.get_context("spawn")
    here, there = ctx.Pipe(duplex=False)
    worker = ctx.Process(target=_child, args=(there, *args))
    worker.start()
    there.close()
    try:
        return here.recv()
    finally:
        worker.join()


def as_markdown(all_found: list[dict]) -> str:
    "The figures of all sizes as one table"
    head = [
        "works",
        "dim",
        "index",
        "build s",
        "MB",
        "recall@100",
        "p50 ms",
        "p95 ms",
        "filtered: recall",
        "p50 ms",
        "batch of 1,000 s",
    ]
    keys = ["build_s", "mb", "recall", "p50_ms", "p95_ms", "filtered_recall", "filtered_p50_ms", "batch_1000_s"]
    lines = ["| " + " | ".join(head) + " |", "| ---: | ---: | --- |" + " ---: |" * 8]
    for f in all_found:
        lines += [
            "| " + " | ".join([f"{f['works']:,}", str(f["dim"]), name, *(str(f[name].get(k, "")) for k in keys)]) + " |"
            for name in SIDES
            if name in f
        ]
    return "\n".join(lines)


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("--works", type=int, nargs="+", default=[28_000, 100_000, 1_000_000], help="numbers of vectors")
    arg.add_argument("--dims", type=int, nargs="+", default=[64, 384], help="dimensions of the vectors")
    arg.add_argument("--queries", type=int, default=300, help="number of queries")
    arg.add_argument("--vectors", type=Path, help="a .npy file of real vectors to use instead of generated ones")
    arg.add_argument("--hnsw", type=int, default=200_000, help="most vectors to build HNSW for")
    add_options(arg)
    a = arg.parse_args()
    sizes = [(0, 0)] if a.vectors else [(n, d) for n in a.works for d in a.dims]
    found = []
    for n, dim in sizes:
        found.append(alone(n, dim, a.queries, a.vectors, a.hnsw))
        print(json.dumps(found[-1]), flush=True)
    print("\n" + as_markdown(found))
    keep(found, a, None)


if __name__ == "__main__":
    main()

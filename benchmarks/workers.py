"""Train the towers in several processes by TensorFlow's own strategy: seconds per epoch, and one model in all of them.

    python benchmarks/workers.py [--workers 2] [--size 2000,2000,100000] [--epochs 2]

The workers are processes of this machine that find each other by `TF_CONFIG`, as on several machines
(`tf.distribute.MultiWorkerMirroredStrategy`). Each has the users whose number fits it, and draws its batches from them;
gradients are summed over the workers after each step, so all have the same weights at any time. Negatives are those of
a worker's own batch. The log is drawn as in `scale.py`.
"""

import argparse
import json
import multiprocessing
import os
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scale import events_of, frames, log


def work(pipe: Any, number: int, ports: list[int], folder: str, size: tuple, epochs: int) -> None:
    "One worker"
    addresses = [f"127.0.0.1:{p}" for p in ports]
    if len(ports) > 1:
        task = {"type": "worker", "index": number}
        os.environ["TF_CONFIG"] = json.dumps({"cluster": {"worker": addresses}, "task": task})
    from art_recsys.models.layers import compile_with_adam
    from art_recsys.models.sequences import Sequences
    from art_recsys.retrieval import TwoTower, training_data

    import tensorflow as tf  # isort: skip

    many = len(ports) > 1
    strategy = tf.distribute.MultiWorkerMirroredStrategy() if many else tf.distribute.get_strategy()
    tower = TwoTower(text_model=None)
    people, _, liked = tower.read_frames(*frames(*size[:2]), events_of(Path(folder)))
    ids = people["user_id"].tolist()
    mine = liked[liked["user_id"].isin(ids[number :: len(ports)])]
    seqs = Sequences(mine, ids, tower.candidate_ids)
    rows = tower.artwork_features, tower.users
    steps = len(liked) // len(ports) // 512
    with strategy.scope():
        towers = tower.build()
        compile_with_adam(towers, 0.003, None)
    data = training_data(seqs, iter(range(10**6)), 51, 512, *rows, seed=number).repeat()
    if many:  # a dataset that Keras distributes by itself would have its batches cut in two
        data = strategy.distribute_datasets_from_function(lambda _, own=data: own)
    start, cpu = time.perf_counter(), time.process_time()
    kept = towers.fit(data, epochs=epochs, steps_per_epoch=steps, verbose=0)
    total = float(sum(np.abs(w).sum() for w in towers.get_weights()))
    pipe.send(
        {
            "worker": number,
            "likes": len(mine),
            "steps_per_epoch": steps,
            "seconds_per_epoch": round((time.perf_counter() - start) / epochs, 1),
            "cpu_per_epoch": round((time.process_time() - cpu) / epochs, 1),
            "loss": [round(float(v), 4) for v in kept.history["mean_loss"]],
            "sum_of_weights": round(total, 3),
        }
    )


def free_port() -> int:
    "A port that nobody listens on"
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--size", default="2000,2000,100000", help="works,users,events")
    p.add_argument("--epochs", type=int, default=2)
    args = p.parse_args()
    size, context = tuple(map(int, args.size.split(","))), multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        log(Path(folder), *size, args)
        for n in sorted({1, args.workers}):
            ports, started = [free_port() for _ in range(n)], []
            for number in range(n):
                here, there = context.Pipe()
                process = context.Process(target=work, args=(there, number, ports, folder, size, args.epochs))
                process.start()
                there.close()
                started.append((process, here))
            found = [here.recv() for _, here in started]
            for process, _ in started:
                process.join()
            same = len({f["sum_of_weights"] for f in found}) == 1
            print(json.dumps({"workers": n, "same_weights": same, "each": found}), flush=True)
            assert same, "the workers' models differ"


if __name__ == "__main__":
    main()

"Time to paint the sample museum. `python benchmarks/museum.py [works] [workers]` prints JSON."

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from art_recsys import sample_museum


def main(n: int = 1000, workers: int = 2) -> None:
    "Paint `n` works with `workers` processes twice, and print time, CPU time and size"
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        records = sample_museum.records(n)
        listed = time.perf_counter() - start
        names = sample_museum.paint_all(records, folder, workers=workers)
        seconds = time.perf_counter() - start
        size = sum((Path(folder) / name).stat().st_size for name in names)
        again = time.perf_counter()
        sample_museum.paint_all(records, folder, workers=workers)
        again = time.perf_counter() - again
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        json.dumps(
            {
                "works": n,
                "workers": workers,
                "cores": os.cpu_count(),
                "records_s": round(listed, 2),
                "seconds": round(seconds, 1),
                "cpu_ms_a_picture": round(1000 * (children.ru_utime + children.ru_stime) / n, 1),
                "bytes_a_picture": size // n,
                "second_run_s": round(again, 2),
                "load_average": os.getloadavg()[0],
                "target_s_per_1000": 60,
            }
        )
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

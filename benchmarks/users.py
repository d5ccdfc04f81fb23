"""Simulate 54,000 users on 28,000 real artworks with the offline writer: seconds, CPU seconds and peak memory.

    python benchmarks/users.py ../shared/data/tate/tate_artworks.parquet
    python benchmarks/users.py CATALOGUE --n-users 5000 --columns category=type --where 'year > 1800'

First the source `file` reads the catalogue and the offline writer describes it. Then the measured stage, `make_users`,
runs in its own process. So start-up and imports count, and the memory is the peak of that process. `--home` keeps the
catalogue, so that a second run starts with the measured stage.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from about import add_options, keep
from pipeline import TATE

from art_recsys.config import Home, load_settings, read_parquet
from art_recsys.pipeline import run

_STAGE = "import sys; from art_recsys.cli import main; main()"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("catalogue", type=Path, help="Parquet, CSV or JSONL, such as the catalogue of the Tate")
    p.add_argument("--n-users", type=int, default=54_000, help="number of users to simulate")
    p.add_argument("--columns", default=TATE[1], help="OURS=THEIRS,...: our column names and the names in the file")
    p.add_argument("--where", default=TATE[3], help="SQL condition on the rows of the file")
    p.add_argument("--home", type=Path, help="folder that is kept; default: a temporary one")
    add_options(p)
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as temp:
        home = args.home or Path(temp) / "home"
        given = dict(source="file", artworks_file=args.catalogue.resolve(), columns=args.columns, where=args.where)
        settings = load_settings("DEFAULT", home, n_users=args.n_users, writer="offline", **given)
        run(settings, upto="enrich")
        env = os.environ | {
            f"ART_RECSYS_{k.upper()}": str(v)
            for k, v in (given | {"n_users": args.n_users, "writer": "offline"}).items()
        }
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", _STAGE, "users", "--force", "--home", str(home)], env=env, check=True)
        wall, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        works = len(read_parquet(Home(home).file("enriched.parquet")))
        summary = json.loads((Home(home).stages / "users.json").read_text())["summary"]
        cpu, peak = round(used.ru_utime + used.ru_stime), round(used.ru_maxrss / 1024)
        print(f"| artworks | users | events | likes | wall s | CPU s | peak MB |\n|{' ---: |' * 7}")
        print(
            f"| {works:,} | {summary['users']:,} | {summary['events']:,} | {summary['likes']:,} | {wall:.0f} "
            f"| {cpu} | {peak:,} |"
        )
        keep(
            {"works": works, **summary, "seconds": round(wall), "cpu_s": cpu, "peak_mb": peak},
            args,
            settings.seed,
            home,
        )


if __name__ == "__main__":
    main()

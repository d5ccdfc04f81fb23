"""54,000 synthetic users of 28,000 real artworks, with the offline writer: seconds, CPU seconds and peak memory.

    python benchmarks/users.py ../shared/data/tate/tate_artworks.parquet
    python benchmarks/users.py CATALOGUE --n-users 5000 --columns category=type --where 'year > 1800'

The catalogue is read by source `file` and described by the offline writer first. The stage that is measured,
`make_users`, then runs in a process of its own. So start-up and imports count, and the memory is the peak of that
process. With --home the catalogue is kept, and a second run measures the stage alone.
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

from pipeline import TATE

from art_recsys.config import Home, load_settings, read_parquet
from art_recsys.pipeline import run

_STAGE = "import sys; from art_recsys.cli import main; main()"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("catalogue", type=Path, help="Parquet, CSV or JSONL, such as the catalogue of the Tate")
    p.add_argument("--n-users", type=int, default=54_000)
    p.add_argument("--columns", default=TATE[1], help="our column names = those of the file")
    p.add_argument("--where", default=TATE[3], help="SQL condition on its rows")
    p.add_argument("--home", type=Path, help="a folder to keep; a temporary one by default")
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
        print(f"| artworks | users | events | likes | wall s | CPU s | peak MB |\n|{' ---: |' * 7}")
        print(
            f"| {works:,} | {summary['users']:,} | {summary['events']:,} | {summary['likes']:,} | {wall:.0f} "
            f"| {used.ru_utime + used.ru_stime:.0f} | {used.ru_maxrss / 1024:,.0f} |"
        )


if __name__ == "__main__":
    main()

"""Run the whole pipeline in an empty home with `art-recsys run`: seconds and peak memory per stage, of all processes.

    python benchmarks/pipeline.py                                                          # the sample museum
    python benchmarks/pipeline.py --tate ../shared/data/tate/tate_artworks.parquet         # 28,281 works, 5,000 users
    python benchmarks/pipeline.py --tate TATE.parquet --set n_users=54000 --home HOME --resume
    python benchmarks/pipeline.py --artworks my.csv --columns category=type --set n_users=500

Unknown options are passed to `art-recsys run`. The benchmark measures a new process of that command, so imports and
start-up count. Memory is the sum of the resident sizes over the process tree, sampled ten times per second. Pages that
two processes share are counted twice, so this sum overestimates the memory in use. The peak of a stage is that of the
time until its file in `stages/` appears. With `--resume` the home may hold stages already, which count as they were.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path

import psutil
from about import add_options, keep, without_folders
from homes import settings_of

TATE = [
    "--columns",
    "category=classification,tags=subjects,credit=credit_line,source_url=web_url",
    "--where",
    "balanced_300",
    "--set",
    "n_users=5000",
]


KEPT = ("test_users", "test_likes", "artworks", "metrics", "steps", "better", "share_of_oracle")
KEPT += ("share_of_oracle_by_taste", "order", "timings")  # of the evaluation


def tree_rss(process: psutil.Process) -> int:
    "Resident bytes of a process and all its descendants"
    total = 0
    for p in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):  # the process may have ended after it was listed
            total += p.memory_info().rss
    return total


def tree_cpu(process: psutil.Process) -> float:
    "Seconds of CPU of a process and all its descendants, also of those that have ended"
    total = 0.0
    for p in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += sum(p.cpu_times())
    return total


def measure(options: list[str], home: Path) -> dict:
    "Run the command in `home`; seconds, peak memory, evaluation"
    command = [sys.executable, "-m", "art_recsys.cli", "run", "--home", str(home), *options]
    start, peaks, cpu, used = time.perf_counter(), {}, {}, 0.0
    child = psutil.Popen(command)

    def written() -> dict[str, float]:
        return {p.stem: p.stat().st_mtime for p in home.glob("stages/*.json")}

    before, peak = written(), 0
    while child.poll() is None:
        with contextlib.suppress(psutil.Error):
            peak = max(peak, tree_rss(child))
        if new := [n for n, t in written().items() if before.get(n) != t]:
            with contextlib.suppress(psutil.Error):
                cpu |= dict.fromkeys(new, round(tree_cpu(child) - used, 1))
                used = tree_cpu(child)
            peaks |= dict.fromkeys(new, round(peak / 2**20))
            print(f"{', '.join(new)}: {cpu.get(new[0])} s of CPU, {peak / 2**20:,.0f} MB", file=sys.stderr, flush=True)
            before, peak = written(), 0
        time.sleep(0.1)
    if child.returncode:
        sys.exit(f"art-recsys run ended with code {child.returncode}")
    stages = [json.loads(p.read_text()) for p in sorted(home.glob("stages/*.json"), key=lambda p: p.stat().st_mtime)]
    report = home / "evaluation.json"
    evaluation = json.loads(report.read_text()) if report.is_file() else None
    return {
        "options": [without_folders(option) for option in options],
        "seconds": round(time.perf_counter() - start, 1),
        "peak_mb": max(peaks.values(), default=0),
        "stage_peak_mb": peaks,
        "stage_cpu": cpu,
        "stages": {s["stage"]: s["seconds"] for s in stages},
        "evaluation": evaluation and {k: v for k, v in evaluation.items() if k in KEPT},
    }


def as_markdown(found: dict) -> str:
    "The figures as tables"
    lines = [
        "| stage | seconds | CPU seconds | peak MB |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {n} | {s:.1f} | {found['stage_cpu'].get(n, '')} | {found['stage_peak_mb'].get(n, '')} |"
            for n, s in found["stages"].items()
        ),
        f"| **whole command** | **{found['seconds']:.1f}** | | **{found['peak_mb']}** |",
    ]
    if e := found["evaluation"]:
        names = list(next(iter(e["metrics"].values())))
        counts = f"{e['test_users']:,} users, {e['test_likes']:,} test positives, {e['artworks']:,} works ranked"
        lines += ["", counts, "", f"| | {' | '.join(names)} | fit s |", "| --- |" + " ---: |" * (len(names) + 1)]
        for n, m in e["metrics"].items():

            def span(v):
                return f" [{v['low']:.3f}, {v['high']:.3f}]" if "low" in v else ""

            cells = [f"{v['mean']:.3f}{span(v)}" for v in m.values()]
            lines.append(f"| {n} | {' | '.join(cells)} | {e['timings'][n]['fit_seconds']:.1f} |")
    return "\n".join(lines)


def main():
    raw = argparse.RawDescriptionHelpFormatter
    p = argparse.ArgumentParser(description=__doc__, formatter_class=raw, allow_abbrev=False)
    p.add_argument(
        "--tate", type=Path, help="file of the Tate's catalogue: measure 28,281 balanced works and 5,000 users"
    )
    p.add_argument("--home", type=Path, help="empty folder that is kept; default: a temporary one")
    p.add_argument("--resume", action="store_true", help="the home may hold stages, which are not run again")
    add_options(p)
    args, options = p.parse_known_args()
    if args.tate:
        options = ["--source", "file", "--artworks", str(args.tate.resolve()), *TATE, *options]
    with tempfile.TemporaryDirectory() as temp:
        home = args.home or Path(temp) / "home"
        if home.exists() and any(home.iterdir()) and not args.resume:
            p.error(f"{home} is not empty: name an empty folder, the benchmark measures a run from the start")
        found = measure(options, home)
        print(as_markdown(found))
        keep(found, args, settings_of(home).seed, home)


if __name__ == "__main__":
    main()

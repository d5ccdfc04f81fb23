"""The taste curve: does a visitor who likes one kind of work get more of it with every like?

    python benchmarks/taste.py HOME [--json FILE] [--scroll]                        # a home with a release
    python benchmarks/taste.py --tate ../shared/data/tate/tate_artworks.parquet     # makes one; a tag is a subject

Simulated visitors ask the service of the home for 7 pages of 24, with exploration as served and a fixed seed. Each
wants one tag, one palette (colour family), one artist, one period, or two tags at once, and likes the first two works
of each page that match; with two tags the first of each. For each page the benchmark counts the works that match, on
the page and among the first eight. The wants are chosen by a rule: the 14 most frequent values of each kind, without
those of more than a fifth of the catalogue and those of fewer works than the visitor likes. Pairs are made of the 14
tags, each with the tag that shares the fewest works with it. Two more kinds steer. One visitor asks for more of the
wanted tag after the first page. Another asks after the fourth page for less of a tag: that of the 14 which most works
on the page have that are not wanted.

By default a visitor asks for a new page after each two likes, as the gallery does when it reloads, so that works that
were shown and not liked may come again. With `--scroll` the visitor scrolls on, and no work comes twice. The events go
to a temporary store: the home stays as it is.
"""

import argparse
import itertools
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from about import add_options, keep
from homes import settings_of
from pipeline import TATE

from art_recsys.core import Cols, Event
from art_recsys.serving.loading import load_service
from art_recsys.serving.store import EventStore

PAGES, SIZE, FIRST, LIKES, WANTS = 7, 24, 8, 2, 14
MORE, LESS, LESS_AFTER = "tag, asks for more", "tag, asks for less of another", 4
PARTS = {
    "fewer": "of these, of the tag with fewer works",
    "more": "of these, of the tag with more works",
    "unwanted": f"works of the other tag; the visitor asks after page {LESS_AFTER}",
}


@dataclass
class Want:
    "What a visitor looks for: one set of artwork ids, or two"

    kind: str
    name: str
    works: list[set[str]]
    others: dict[str, set[str]] = field(default_factory=dict)  # other tags, for a visitor who asks for less of one

    def matches(self, artwork_id: str) -> bool:
        return any(artwork_id in w for w in self.works)


def traits(service) -> dict[str, dict[str, set[str]]]:
    "Kind of want -> value -> the works that have it"
    out: dict[str, dict[str, set[str]]] = {"tag": {}, "palette": {}, "artist": {}, "period": {}}
    for artwork_id in service.catalogue.ids:
        work = service.catalogue.details(artwork_id)
        values = {"tag": work[Cols.tags], "palette": [work["colour"]], "artist": [work[Cols.artist]]}
        for kind, found in (values | {"period": [work["period"]]}).items():
            for value in filter(None, found):
                out[kind].setdefault(value, set()).add(artwork_id)
    return out


def wants(service) -> list[Want]:
    "The wants of all visitors, by the rule in the text above"
    n, chosen = len(service.catalogue.ids), {}
    for kind, values in traits(service).items():
        names = [v for v, works in values.items() if LIKES * PAGES <= len(works) <= n / 5]
        chosen[kind] = {v: values[v] for v in sorted(names, key=lambda v: (-len(values[v]), v))[:WANTS]}
    out = [Want(kind, v, [works]) for kind, values in chosen.items() for v, works in values.items()]
    left = dict(chosen["tag"])
    while len(left) > 1:
        a = next(iter(left))
        b = min((t for t in left if t != a), key=lambda t: (len(left[a] & left[t]), list(left).index(t)))
        out.append(Want("two tags", f"{a} + {b}", [left.pop(a), left.pop(b)]))
    tags = chosen["tag"]
    return out + [Want(kind, v, [works], tags) for kind in (MORE, LESS) for v, works in tags.items()]


def visit(service, want: Want, scroll: bool) -> list[dict]:
    "One visitor's pages: `{likes, matching, first, each}`, before the likes of that page; `unwanted` where steered"
    user, rows, shown = f"taste benchmark: {want.kind} {want.name}", [], []
    likes, pages, unwanted = 0, [], set()
    for n in range(PAGES):
        ids = [i["artwork_id"] for i in service.recommend(user, SIZE, exclude=shown)["items"]]
        hits = [want.matches(a) for a in ids]
        each = [sum(a in works for a in ids) for works in want.works]
        rows.append({"likes": likes, "matching": sum(hits), "first": sum(hits[:FIRST]), "each": each})
        pages.append(ids)
        found = [a for a, hit in zip(ids, hits, strict=True) if hit][:LIKES]
        if len(want.works) == LIKES:
            found = list(dict.fromkeys(next((a for a in ids if a in w), None) for w in want.works))
        events = [{Cols.user_id: user, Cols.artwork_id: a, Cols.event: Event.like} for a in found if a]
        likes += len(events)
        service.send_events(events)
        if want.kind == MORE and n == 0:
            service.steer(user, "more", "tag", want.name)
        if want.kind == LESS and n == LESS_AFTER - 1:
            rest = {t: works for t, works in want.others.items() if t != want.name}
            tag = max(rest, key=lambda t: (len(rest[t].intersection(ids) - want.works[0]), t))
            service.steer(user, "less", "tag", tag)
            unwanted = rest[tag] - want.works[0]
        shown = shown + ids if scroll else []
    return [row | {"unwanted": len(unwanted.intersection(ids))} for row, ids in zip(rows, pages, strict=True)]


def summary(kind: str, pages: list[list[dict]], chance: float) -> dict:
    "Means over the wants of one kind, page by page"
    mean = lambda key: np.mean([[row[key] for row in rows] for rows in pages], axis=0)  # noqa: E731
    fall = lambda values: float(max(0, -np.diff(values).min()))  # noqa: E731
    out = {"kind": kind, "wants": len(pages), "chance": round(chance, 2)}
    out["chance_of_first"] = round(chance * FIRST / SIZE, 2)
    out |= {key: mean(key).round(2).tolist() for key in ("likes", "matching", "first")}
    out["largest_fall"] = round(fall(mean("matching")), 2)
    out["largest_fall_of_first"] = round(fall(mean("first")), 2)
    if kind == LESS:
        out["unwanted"] = mean("unwanted").round(2).tolist()
    if len(pages[0][0]["each"]) > 1:
        each = np.array([[row["each"] for row in rows] for rows in pages])  # wants x pages x 2
        out["fewer"], out["more"] = (f(axis=2).mean(0).round(2).tolist() for f in (each.min, each.max))
    return out


def measure(service, scroll: bool) -> dict:
    "All visitors: `{works, kinds: [summary], visitors: [...]}`"
    every, n = wants(service), len(service.catalogue.ids)
    visits = [(w, visit(service, w, scroll)) for w in every]
    kinds = []
    for kind in dict.fromkeys(w.kind for w in every):
        mine = [(w, rows) for w, rows in visits if w.kind == kind]
        chance = float(np.mean([SIZE * len(set().union(*w.works)) / n for w, _ in mine]))
        kinds.append(summary(kind, [rows for _, rows in mine], chance))
    one = [{"kind": w.kind, "want": w.name, "works": [len(x) for x in w.works], "pages": rows} for w, rows in visits]
    return {"works": n, "release": service.version, "scroll": scroll, "kinds": kinds, "visitors": one}


def served(home: Path, scroll: bool = False) -> dict:
    "Measure the release of a home, with a temporary event store and request ids that depend on nothing but their order"
    with tempfile.TemporaryDirectory() as folder:
        service = load_service(settings_of(home), EventStore(Path(folder) / "events.db"))
        count = itertools.count()
        service.new_request_id = lambda: f"taste-{next(count)}"
        try:
            return measure(service, scroll)
        finally:
            service.close()


def as_markdown(found: dict) -> str:
    "The figures as tables: matching works per page of 24, and among the first eight"
    head = " | ".join(f"page {n}" for n in range(1, PAGES + 1))
    lines = [f"{found['works']:,} works, release {found['release']}" + (", scrolling" if found["scroll"] else "")]
    for key, title, fall in (
        ("matching", f"of {SIZE}", "largest_fall"),
        ("first", f"first {FIRST}", "largest_fall_of_first"),
    ):
        lines += ["", f"| {title} | wants | chance | {head} | largest fall |", "| --- |" + " ---: |" * (PAGES + 3)]
        for k in found["kinds"]:
            chance = k["chance" if key == "matching" else "chance_of_first"]
            row = " | ".join(f"{v:.1f}" for v in k[key])
            lines.append(f"| {k['kind']} | {k['wants']} | {chance:.1f} | {row} | {k[fall]:.1f} |")
            for part, words in PARTS.items() if key == "matching" else ():
                if part in k:
                    lines.append(f"| {words} | | | {' | '.join(f'{v:.1f}' for v in k[part])} | |")
    lines += ["", "Likes before each page: " + "; ".join(f"{k['kind']} {k['likes'][-1]:.1f}" for k in found["kinds"])]
    return "\n".join(lines)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument(
        "home", type=Path, nargs="?", help="a home with a release; with --tate an empty folder to make it in"
    )
    p.add_argument("--tate", type=Path, help="file of the Tate's catalogue: first make a home of 28,281 works from it")
    p.add_argument("--scroll", action="store_true", help="no work comes twice")
    add_options(p)
    args = p.parse_args()
    if not (args.home or args.tate):
        p.error("name a home, or a file of the Tate's catalogue with --tate")
    with tempfile.TemporaryDirectory() as temp:
        home = args.home or Path(temp) / "home"
        if args.tate:
            options = ["--home", str(home), "--source", "file", "--artworks", str(args.tate.resolve()), *TATE]
            subprocess.run([sys.executable, "-m", "art_recsys.cli", "run", *options], check=True)
        found = served(home, args.scroll)
        print(as_markdown(found))
        keep({k: v for k, v in found.items() if k != "visitors"}, args, settings_of(home).seed, home)


if __name__ == "__main__":
    main()

"""Figures for the operators' page: works shown and liked, coverage of the catalogue, and drift."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from art_recsys.config import read_sqlite, rng
from art_recsys.core import Event
from art_recsys.measures.shares import gini
from art_recsys.models.facets import FACETS
from art_recsys.models.registered import versions
from art_recsys.platform.login import login

from .drift_words import DAYS, lean
from .store import as_ts

__all__ = ["distance", "insight", "reference_scores"]

HOURS, TOP, SAMPLE, BINS = 48, 8, 60, 20


def distance(
    a: np.ndarray,  # Counts per bin, shape (n_bins,)
    b: np.ndarray,  # Counts in the same bins
) -> float | None:  # 0 (equal) to 1 (disjoint); None if one has no counts
    "Jensen–Shannon distance of two histograms, with logarithms to base 2 (Endres and Schindelin, 2003)"
    if not np.sum(a) or not np.sum(b):
        return None
    p, q = np.asarray(a, float) / np.sum(a), np.asarray(b, float) / np.sum(b)
    m = (p + q) / 2

    def bits(x: np.ndarray) -> float:
        return float((x[x > 0] * np.log2(x[x > 0] / m[x > 0])).sum())

    return float(np.sqrt(max(0.0, (bits(p) + bits(q)) / 2)))


def reference_scores(
    service: Any,  # `Service`; keeps what was computed
) -> list[int]:
    "Histogram of the scores on the pages of 60 training users, in 20 bins from 0 to 1; computed once per release"
    if not hasattr(service, "reference_scores"):
        r = rng(service.settings.seed, "reference scores")
        scores = service.page_scores([str(u) for u in r.permutation(sorted(service.visitors.logged))[:SAMPLE]])
        service.reference_scores = np.histogram(scores, BINS, (0, 1))[0].tolist()
    return service.reference_scores


def drift(
    service: Any,  # `Service`
    likes: list[str],  # Artwork ids; those that are not in the catalogue now are left out
) -> list[dict]:  # `{facet, distance, mix: [{name, before, now}]}`; distance 0 to 1, None without likes
    "Compare the visitors' likes with the training likes: for each facet the distance and the shares of its top values"
    items = [service.catalogue.item_index[a] for a in likes if a in service.catalogue.item_index]
    out = []
    for facet in FACETS:
        codes, names = service.catalogue.facets.coded(facet)
        before = np.bincount(codes, service.popularity, minlength=len(names))
        now = np.bincount(codes[items], minlength=len(names)) if items else np.zeros(len(names))
        order = sorted(range(len(names)), key=lambda c: -before[c] - now[c])[:TOP]
        mix = [
            {
                "name": names[c] or "unknown",
                "before": float(before[c] / max(1, before.sum())),
                "now": float(now[c] / max(1, now.sum())),
            }
            for c in order
        ]
        out.append({"facet": facet, "distance": distance(before, now), "mix": mix})
    return out


def _works(service: Any, counts: list[tuple]) -> list[dict]:
    "Cards of the works with the highest counts, and the counts"
    return [{"work": service.catalogue.cards[a], "n": n} for a, n in counts if a in service.catalogue.cards][:TOP]


def _models(service: Any) -> list[dict]:
    "The last five versions of each model in the registry with their training metrics, newest first"
    registry, s = login(service.settings).get_model_registry(), service.settings
    return [
        {
            "name": m.name,
            "version": m.version,
            "metrics": {k: round(float(v), 4) for k, v in (m.training_metrics or {}).items()},
        }
        for name in (s.query_model, s.ranking_model)
        for m in versions(registry, name)[:5]
    ]


def insight(
    service: Any,  # `serving.service.Service`
) -> dict:  # version, at, visitors, totals, models, activity, shown, liked, coverage, taste, lean, experiment, ...
    "Compute the figures of the operators' page from the event store, the catalogue and the registry; activity per hour"
    now = datetime.now(UTC)
    since = as_ts(now - timedelta(hours=HOURS))
    with read_sqlite(service.store.path, timeout=5) as db:
        hours = db.execute(
            "select substr(ts, 1, 13), event, count(*) from events where ts >= ? group by 1, 2", (since,)
        ).fetchall()
        counted = {
            kind: db.execute(
                "select artwork_id, count(*) from events where event = ? group by 1 order by 2 desc", (kind,)
            ).fetchall()
            for kind in (Event.impression, Event.like)
        }
        totals = dict(db.execute("select event, count(*) from events group by 1").fetchall())
        visitors = db.execute("select count(distinct user_id) from events").fetchone()[0]
        likes = [
            a
            for (a,) in db.execute(
                "select artwork_id from events where event = ? order by rowid desc limit 20000", (Event.like,)
            )
        ]
        recent = db.execute(
            "select user_id, artwork_id from events where event = ? and ts between ? and ?",
            (Event.like, as_ts(now - timedelta(days=DAYS)), as_ts(now)),
        ).fetchall()
    shown = np.zeros(len(service.catalogue.ids))
    for a, n in counted[Event.impression]:
        if a in service.catalogue.item_index:
            shown[service.catalogue.item_index[a]] = n
    slots = [(now - timedelta(hours=h)).strftime("%Y-%m-%dT%H") for h in range(HOURS - 1, -1, -1)]
    by_hour = {(h, e): n for h, e, n in hours}
    return {
        "version": service.version,
        "at": as_ts(now),
        "visitors": visitors,
        "totals": totals,
        "models": _models(service),
        "activity": [{"hour": h, **{e: by_hour.get((h, e), 0) for e in Event.all}} for h in slots],
        "shown": _works(service, counted[Event.impression]),
        "liked": _works(service, counted[Event.like]),
        "coverage": {"works": len(shown), "shown": int((shown > 0).sum()), "gini": gini(shown)},
        "taste": drift(service, likes),
        "lean": lean(service, recent),
        "reference_scores": reference_scores(service),
        "experiment": service.experiments.shown() if service.experiments else None,
    }

"""What is behind a number: a visitor beside their page, a work beside who liked it, two releases for one visitor.

Everything here reads. A page is computed without exploration and is nobody's impression. The id of a visitor is also
their key, so operators see a code in its place: the first digits of its SHA-256.
"""

import gc
import hashlib
import threading
from collections.abc import Sequence
from itertools import islice
from typing import Any

from art_recsys.config import read_sqlite
from art_recsys.core import Cols, Event

from .catalogue import plain
from .release_file import known_releases

__all__ = ["CompareReleases", "code_of", "difference", "page_behind", "releases_of", "visitor", "visitors", "work"]

CODE = 12  # hex digits of a visitor's code
SHOWN, HISTORY, LIKERS = 24, 200, 40  # rows of a page, of a history, of a list of visitors
IDLE = 300.0  # seconds after which another release is let go


def code_of(user_id: str) -> str:
    "The code of a visitor: it names them to operators and opens nothing"
    return hashlib.sha256(user_id.encode()).hexdigest()[:CODE]


def _rows(service: Any, sql: str, *args: Any) -> list[tuple]:
    "Rows of the event store, through a connection that cannot write"
    with read_sqlite(service.store.path, timeout=5) as db:
        return db.execute(sql, args).fetchall()


def _user_of(service: Any, code: str) -> str:
    "The user id behind a code. `LookupError` where nobody has it, or nobody any more."
    here = {u for (u,) in _rows(service, "select distinct user_id from events")}
    here |= {u for (u,) in _rows(service, "select distinct user_id from steering")}
    known = service.visitors
    for user_id in (*here, *known.logged, *known.profiles):
        if code_of(user_id) == code:
            return user_id
    raise LookupError(f"There is no visitor {code}.")


def _counted(decided: dict[str, str]) -> dict[str, int]:
    standing = list(decided.values())
    return {"likes": standing.count(Event.like), "hides": standing.count(Event.hide)}


def visitors(
    service: Any,  # `serving.service.Service`
    limit: int = LIKERS,  # of each of the two lists
) -> dict:  # `{gallery, training}`: lists of `{visitor, likes, hides, shown, last}`
    "Who came to the gallery last, and who did most in the training data"
    sql = """select user_id, sum(event = 'impression'), ts, max(rowid) from events group by 1 order by 4 desc limit ?"""
    gallery = [
        {"visitor": code_of(u), **_counted(service.visitors.decisions(u)), "shown": shown, "last": last}
        for u, shown, last, _ in _rows(service, sql, limit)
    ]
    busy = sorted(service.visitors.logged.items(), key=lambda kv: (-len(kv[1]), kv[0]))[:limit]
    training = [{"visitor": code_of(u), **_counted(d), "shown": None, "last": None} for u, d in busy]
    return {"gallery": gallery, "training": training}


def page_behind(
    service: Any,  # of any release
    user_id: str,  # an unknown one is a new visitor
    k: int = SHOWN,  # works on the page
) -> list[dict]:  # `{rank, work, score, sources, reason, features: [[name, value]]}`
    "The page that a visitor would get now, and of each work what the steps knew: who proposed it, features, score"
    from art_recsys.models.candidate_sources import SOURCES
    from art_recsys.models.requests import Requests
    from art_recsys.ranking import FEATURES  # TensorFlow: not before the server listens

    recommender, request = service.recommender, service.visitors.request(user_id)
    steps = recommender.steps if recommender.has_history(request) else recommender.start
    requests = Requests([request], recommender.item_index)
    page = recommender.run(steps, requests, k, explain=True).one(0)
    bits, features = requests.bits(page.items)[0], steps.features(requests, page.items, page.scores)[0]
    out = []
    for rank, (item, score, b, f, reason) in enumerate(
        zip(page.items[0], page.scores[0], bits, features, page.reasons[0], strict=True), 1
    ):
        found = [name for n, name in enumerate(SOURCES) if int(b) >> n & 1]
        card = service.catalogue.cards[service.catalogue.ids[item]]
        named = [[name, round(float(v), 4)] for name, v in zip(FEATURES, f, strict=True) if v]
        sources = found or (["start" if steps is not recommender.steps else "steered"])
        out.append(
            {"rank": rank, "work": card, "score": float(score), "sources": sources, "reason": reason, "features": named}
        )
    return out


def visitor(
    service: Any,  # `serving.service.Service`
    code: str,  # from `code_of`
    k: int = SHOWN,  # works on the page
) -> dict:  # `{visitor, profile, likes, hides, shown, history, page, version}`
    "What a visitor did, newest first, beside the page that they would get now. `LookupError` for an unknown code."
    user_id, cards = _user_of(service, code), service.catalogue.cards
    sql = """select artwork_id, event, ts from events where user_id = ? and event != 'impression'
    order by rowid desc limit ?"""
    history = [
        {"work": cards[a], "event": e, "ts": ts} for a, e, ts in _rows(service, sql, user_id, HISTORY) if a in cards
    ]
    said = {(row["work"][Cols.artwork_id], row["event"]) for row in history}  # a refresh trains on these, too
    before = reversed(service.visitors.logged.get(user_id, {}).items())
    history += [{"work": cards[a], "event": e, "ts": None} for a, e in before if a in cards and (a, e) not in said]
    shown = _rows(service, "select count(*) from events where user_id = ? and event = 'impression'", user_id)
    profile = service.visitors.profiles.get(user_id, {})
    return {
        "visitor": code,
        "profile": {c: plain(profile.get(c)) for c in (Cols.age, Cols.gender, Cols.description)},
        **_counted(service.visitors.decisions(user_id)),
        "shown": shown[0][0],
        "asked": service.visitors.request(user_id).get("steering") or [],
        "history": history[:HISTORY],
        "page": page_behind(service, user_id, k),
        "version": service.version,
    }


def work(
    service: Any,  # `serving.service.Service`
    artwork_id: str,
    k: int = 8,  # works in each row of neighbours
) -> dict:  # `{work, gallery, training, likers, rows}`
    "A work, how often it was shown and liked, who likes it, and its neighbours. Raises `UnknownArtwork`."
    details = service.catalogue.details(artwork_id)
    counts = dict(_rows(service, "select event, count(*) from events where artwork_id = ? group by 1", artwork_id))
    sql = "select distinct user_id from events where artwork_id = ? and event = 'like' order by rowid desc limit ?"
    recent = [u for (u,) in _rows(service, sql, artwork_id, LIKERS)]
    logged = [u for u, decided in service.visitors.logged.items() if decided.get(artwork_id) == Event.like]
    decisions = ((u, service.visitors.decisions(u)) for u in dict.fromkeys([*recent, *logged]))
    standing = islice(((u, d) for u, d in decisions if d.get(artwork_id) == Event.like), LIKERS)
    return {
        "work": details,
        "gallery": {e: int(counts.get(e, 0)) for e in Event.all},
        "training": len(logged),
        "likers": [{"visitor": code_of(u), **_counted(d)} for u, d in standing],
        "rows": service.similar(artwork_id, k)["rows"],
    }


def releases_of(
    settings: Any,  # of the home that is served
    served: str,  # version of the release that is served
) -> list[dict]:  # `{version, at, served}`, the newest first
    "The releases that can be compared: the one in `release.json` and those before it"
    return [{"version": v, "at": r.get("at"), "served": v == served} for v, r in known_releases(settings).items()]


def difference(
    first: Sequence[str],  # artwork ids of one page
    second: Sequence[str],  # of another
) -> list[dict]:  # `{artwork_id, first, second, change}`: ranks from 1, or None; in the order of the second page
    "What became of each work: `same`, `up`, `down`, `new`, or `gone`, which come last"
    before = {a: n for n, a in enumerate(first, 1)}
    rows = []
    for n, a in enumerate(second, 1):
        was = before.get(a)
        change = "new" if was is None else "same" if was == n else "up" if n < was else "down"
        rows.append({"artwork_id": a, "first": was, "second": n, "change": change})
    gone = [a for a in first if a not in set(second)]
    return rows + [{"artwork_id": a, "first": before[a], "second": None, "change": "gone"} for a in gone]


class CompareReleases:
    """Two releases side by side for one visitor; what is served is never changed.

    A release that is not served is loaded when it is asked for. One at a time is kept, for five minutes after its last
    use, so that memory is bounded and a visitor who was forgotten leaves it too.
    """

    def __init__(
        self,
        releases: Any,  # `serving.releases.Releases`
    ):
        self.releases, self._lock = releases, threading.Lock()
        self._kept: tuple[str, Any] | None = None
        self._timer: threading.Timer | None = None

    def _service(self, version: str) -> Any:
        "The service of a release; call it with the lock. `LookupError` for an unknown one, `UserError` if broken."
        if (served := self.releases.service).version == version:
            return served
        if self._kept and self._kept[0] == version:
            return self._kept[1]
        from .loading import load_service

        release = known_releases(self.releases.settings).get(version)
        if release is None:
            raise LookupError(f"There is no release {version}.")
        self._let_go()
        self._kept = version, load_service(self.releases.settings, served.store, release)
        return self._kept[1]

    def _let_go(self) -> None:
        self._kept = None
        gc.collect()  # the models contain reference cycles

    def _idle(self) -> None:
        with self._lock:
            self._let_go()

    def close(self) -> None:
        "Let go of the other release"
        if self._timer:
            self._timer.cancel()
        self._idle()

    def pages(
        self,
        first: str,  # versions, as in `release.json`
        second: str,
        code: str,  # of the visitor
        k: int = SHOWN,  # works on each page
    ) -> dict:  # `{visitor, first, second, rows, kept, of}`: `kept` of the `of` works of the second page are on both
        "The pages that a visitor would get from two releases, and what became of each work"
        user_id = _user_of(self.releases.service, code)
        with self._lock:
            if self._timer:
                self._timer.cancel()
            try:
                found = {v: page_behind(self._service(v), user_id, k) for v in (first, second)}
            finally:
                self._timer = threading.Timer(IDLE, self._idle)
                self._timer.daemon = True
                self._timer.start()
        one, two = ([row["work"][Cols.artwork_id] for row in found[v]] for v in (first, second))
        known = {row["work"][Cols.artwork_id]: row["work"] for v in (first, second) for row in found[v]}
        rows = difference(one, two)
        scores = [{r["work"][Cols.artwork_id]: r["score"] for r in found[v]} for v in (first, second)]
        for row in rows:
            a = row["artwork_id"]
            row |= {"work": known[a], "first_score": scores[0].get(a), "second_score": scores[1].get(a)}
        same = len(set(one) & set(two))
        return {"visitor": code, "first": first, "second": second, "rows": rows, "kept": same, "of": len(two)}

"""A fake model server on loopback: the same JSON, a small invented collection, no models.

With it the browser tests start in a second, can provoke failures (hostile texts, a server that stops) and can read the
events it received. `tests/browser/test_gallery.py` also runs the gallery against the real server once.
"""

import json
import secrets
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from tests.gallery import map_standin

from .visits_standin import StandInVisits

HOSTILE = '<img src=x onerror="window.__pwned=1"><b>bold</b>'
COLOURS = {"red": "#a63a34", "blue": "#36557f", "green": "#4f7353", "ochre": "#b98a3e", "grey": "#77736d"}
MEDIA = ["Oil on canvas", "Watercolour on paper", "Woodblock print"]
PERIODS = ["19th century", "Modern", "Contemporary"]
CATEGORIES = ["Painting", "Print", "Drawing"]
RATIOS = [1.33, 0.75, 1.0, 1.6, 0.5, 1.25, 0.8, 3.2]


def works(n: int = 90) -> list[dict]:
    "Cards of an invented collection; every ninth has no picture, one has a hostile title"
    cards = []
    for i in range(n):
        colour = list(COLOURS)[i % 5]
        height = 300
        cards.append(
            {
                "artwork_id": f"w:{i}",
                "title": f"{colour.title()} Harbour, No. {i}",
                "artist": f"Artist {i % 7}",
                "date_text": str(1850 + i),
                "category": CATEGORIES[i % 3],
                "medium": MEDIA[i % 3],
                "culture": "Invented",
                "period": PERIODS[i % 3],
                "colour": colour,
                "description": f"A {colour} harbour in calm light.",
                "tags": ["harbour", "calm sea"],
                "credit": "Made for the tests",
                "licence": "CC0",
                "source_url": f"https://museum.example/works/{i}",
                "image_url": "",
                "picture": i % 9 != 4,
                "width": int(height * RATIOS[i % 8]),
                "height": height,
                "dominant": COLOURS[colour],
            }
        )
    cards[1] |= {
        "title": HOSTILE,
        "artist": HOSTILE,
        "description": HOSTILE,
        "source_url": "javascript:window.__pwned=2",
    }
    return cards


def profiles() -> list[dict]:
    "Profiles that a visitor can choose"
    return [
        {
            "user_id": f"u{i}",
            "age": 20 + 7 * i,
            "gender": "FMN"[i % 3],
            "likes": 2,
            "description": HOSTILE if i == 3 else "A calm collector from a harbour town who loves early light.",
        }
        for i in range(6)
    ]


def furnish(home: Path, cards: list[dict]):
    "Write the pictures of these cards and the table with their paths into a home"
    (home / "pictures").mkdir(parents=True, exist_ok=True)
    paths = []
    for k, card in enumerate(cards):
        if card["picture"]:
            rng = np.random.default_rng(k)
            base = np.array([int(card["dominant"][j : j + 2], 16) for j in (1, 3, 5)])
            noise = rng.normal(0, 26, (6, 8, 3)) + base
            picture = Image.fromarray(np.clip(noise, 0, 255).astype("uint8"))
            picture.resize((card["width"], card["height"]), Image.Resampling.BICUBIC).save(
                home / "pictures" / f"{k}.jpg"
            )
        paths.append(f"pictures/{k}.jpg" if card["picture"] else "")
    pd.DataFrame({"artwork_id": [c["artwork_id"] for c in cards], "image_path": paths}).to_parquet(
        home / "enriched.parquet"
    )


class StandIn:
    "Serves the model server's JSON over HTTP; after a restart it has the same port"

    def __init__(self, cards: list[dict] | None = None, people: list[dict] | None = None):
        self.cards = {card["artwork_id"]: card for card in (works() if cards is None else cards)}
        self.people = {user["user_id"]: user for user in (profiles() if people is None else people)}
        self.events, self.wishes, self.asked, self.lock, self.server = [], [], [], threading.Lock(), None
        for user_id in self.people:
            for artwork_id in list(self.cards)[20:22]:
                self.events.append({"user_id": user_id, "artwork_id": artwork_id, "event": "like"})
        self.folder = tempfile.TemporaryDirectory(prefix="standin_", ignore_cleanup_errors=True)
        self.visits = StandInVisits(self, Path(self.folder.name))
        self.has_map = True
        self.visitors, self.delay = set(), 0  # seconds of delay for a page of recommendations
        self.port = 0
        self.up()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def up(self):
        handler = type("Handler", (_Handler,), {"standin": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self):
        self.server.shutdown()
        self.server.server_close()

    def forget(self, user_id):
        with self.lock:
            self.events = [e for e in self.events if e["user_id"] != user_id]
            self.wishes = [w for w in self.wishes if w["user_id"] != user_id]

    # --- state of the model server ---

    def standing(self, user_id: str, kind: str) -> list[str]:
        "Works that this user likes (or hides) now, newest first"
        decided = self.visits.store.decisions(user_id)
        return [i for i, event in reversed(decided.items()) if event == kind]

    def user(self, user_id):
        if user_id not in self.people and user_id not in self.visitors:
            return None
        who = self.people.get(user_id, {"user_id": user_id, "age": None, "gender": None, "description": ""})
        return {
            **who,
            "likes": [self.cards[i] for i in self.standing(user_id, "like")],
            "hidden": self.standing(user_id, "hide"),
        }

    def recommend(self, q):
        time.sleep(self.delay)
        likes = [self.cards[i] for i in self.standing(q["user_id"], "like")]
        out = (
            {card["artwork_id"] for card in likes}
            | set(self.standing(q["user_id"], "hide"))
            | set(q.get("exclude", []))
        )
        wanted = q.get("filters") or {}
        pool = [
            c
            for c in self.cards.values()
            if c["artwork_id"] not in out
            and all(c[f] == v for f, v in wanted.items())
            and c["artist"] not in q.get("exclude_artists", [])
        ]
        score = {
            c["artwork_id"]: sum((c["colour"] == o["colour"]) + (c["artist"] == o["artist"]) for o in likes)
            for c in pool
        }
        pool.sort(key=lambda c: -score[c["artwork_id"]])
        items = []
        for rank, card in enumerate(pool[: q.get("k", 24)], 1):
            because = next((o for o in likes if o["colour"] == card["colour"]), None)
            reason = {
                "text": f"Because you liked “{because['title']}”" if because else "Loved by many visitors",
                "artwork_id": because and because["artwork_id"],
                "kind": "liked" if because else "start",
            }
            items.append(
                {
                    "artwork_id": card["artwork_id"],
                    "score": 0.42,
                    "rank": rank,
                    "reason": reason,
                    "propensity": 1.0,
                    "artwork": card,
                }
            )
        return {"request_id": secrets.token_hex(8), "model_version": 1, "items": items}

    def similar(self, q):
        one, shown, rows = self.cards.get(q["artwork_id"]), {q["artwork_id"], *q["exclude"]}, []
        for name, title, field in (
            ("subject", "The same subject", "medium"),
            ("light", "Palette and light", "colour"),
            ("hand", "The same hand, or one near to it", "artist"),
        ):
            if q["row"] in (None, name):
                near = [c for c in self.cards.values() if c["artwork_id"] not in shown and c[field] == one[field]]
                near = near[: q["k"]]
                shown |= {c["artwork_id"] for c in near}
                reason = {
                    "text": f"Also {one[field]}",
                    "artwork_id": one["artwork_id"],
                    "kind": "similar",
                    "shared": [],
                }
                items = [{"artwork_id": c["artwork_id"], "score": 0.9, "reason": reason, "artwork": c} for c in near]
                rows += [{"name": name, "title": title, "items": items}] if items else []
        return {"rows": rows}

    def search(self, q):
        words = q["text"].casefold().split()
        fits = lambda c: all(w in f"{c['title']} {c['artist']} {c['description']}".casefold() for w in words)  # noqa: E731
        found = [c for c in self.cards.values() if words and fits(c) and c["artist"] not in q["exclude_artists"]]
        artists = sorted({c["artist"] for c in found if any(w in c["artist"].casefold() for w in words)})
        works = found[q["skip"] : q["skip"] + q["k"]]
        return {
            "items": [{"artwork_id": c["artwork_id"], "score": 1.0, "found": ["words"], "artwork": c} for c in works],
            "total": len(found),
            "artists": [{"artist": a, "works": sum(c["artist"] == a for c in found)} for a in artists[:5]],
            "corrected": "harbour" if words == ["habour"] else None,
            "meaning": True,
            "loading": False,
            "counts": {},
        }

    def answer(self, method: str, path: str, q: dict):
        "Answer one request with `(status, body)`"
        parts = [urllib.parse.unquote(p) for p in path.strip("/").split("/")]
        if (said := self.visits.answer(method, parts, q)) is not None:
            return said
        match method, parts:
            case "GET", ["health" | "ready"]:
                return 200, {"status": "ok"}
            case "GET", ["filters"]:
                return 200, {
                    f: sorted({c[f] for c in self.cards.values()}) for f in ("category", "medium", "period", "colour")
                }
            case "POST", ["filters"]:
                out = {}
                for f in ("category", "medium", "period", "colour"):
                    others = {g: v for g, v in q["filters"].items() if g != f}
                    left = [c[f] for c in self.cards.values() if all(c[g] == v for g, v in others.items())]
                    out[f] = {v: left.count(v) for v in set(left)}
                return 200, out
            case "GET", ["users"]:
                return 200, list(self.people.values())
            case "POST", ["users"]:
                token = self.visits.visits.tokens.make()
                self.visitors.add(token)
                return 200, {"user_id": token}
            case "GET", ["users", user_id]:
                user = self.user(user_id)
                return (200, user) if user else (404, {"detail": "no such user"})
            case "GET", ["artworks", artwork_id]:
                card = self.cards.get(artwork_id)
                return (200, card) if card else (404, {"detail": "no such work"})
            case "POST", ["recommend"]:
                self.asked.append({"log": True, **q})
                return 200, self.recommend(q)
            case "POST", ["similar"]:
                return 200, self.similar(q)
            case "POST", ["search"]:
                return 200, self.search(q)
            case "GET", ["artists", name]:
                mine = [c for c in self.cards.values() if c["artist"] == name]
                mine = sorted(mine, key=lambda c: c["date_text"])[int(q.get("skip", 0)) :][: int(q.get("k", 60))]
                total = sum(c["artist"] == name for c in self.cards.values())
                items = [{"artwork_id": c["artwork_id"], "artwork": c} for c in mine]
                return 200, {"artist": name, "total": total, "items": items}
            case "POST", ["steer"]:
                self.wishes.append(q)
                self.visits.store.append([q])
                return 200, {"accepted": 1, "duplicates": 0}
            case "GET", ["taste", user_id]:
                said = {(w["kind"], w["value"]): w for w in self.wishes if w["user_id"] == user_id}
                asked = {way: [w for w in said.values() if w["direction"] == way] for way in ("more", "less")}
                follows = [{"kind": w["kind"], "value": w["value"], "asked": True, "likes": 0} for w in asked["more"]]
                less = [{"kind": w["kind"], "value": w["value"]} for w in asked["less"]]
                colours = [self.cards[i]["colour"] for i in self.standing(user_id, "like")]
                for colour in dict.fromkeys(colours):
                    about = said.get(("palette", colour), {"direction": "neutral"})["direction"]
                    if colours.count(colour) > 1 and about == "neutral":
                        seen = colours.count(colour)
                        follows.append({"kind": "palette", "value": colour, "asked": False, "likes": seen})
                return 200, {"user_id": user_id, "follows": follows, "less": less, "text": ""}
            case _, ["map", *rest]:
                return map_standin.answer(self, method, rest, q)
            case "POST", ["events"]:
                with self.lock:
                    self.events += q["events"]
                    self.visits.store.append(q["events"])
                return 200, {"accepted": len(q["events"]), "duplicates": 0}
        return 404, {"detail": "no such page"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin: StandIn
    timeout = 1  # a kept connection must not outlive a stopped server

    def reply(self, method):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        path, _, query = self.path.partition("?")
        status, answer = self.standin.answer(method, path, dict(urllib.parse.parse_qsl(query)) | body)
        data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if data is not answer else "application/octet-stream")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def do_GET(self):
        self.reply("GET")

    def do_POST(self):
        self.reply("POST")

    def do_PATCH(self):
        self.reply("PATCH")

    def do_DELETE(self):
        self.reply("DELETE")

    def log_message(self, *_):
        pass

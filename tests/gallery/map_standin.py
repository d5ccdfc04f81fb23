"The map of the fake model server: the works of each colour lie together, and a taste is the mean of the liked works"

import gzip
from types import SimpleNamespace

import numpy as np

from art_recsys.serving.maps import CatalogueMap, NoMap
from art_recsys.serving.plane import spiral


class FakeTower:
    "A vector per work: its colour, and a little of its artist"

    def __init__(self, cards):
        colours, artists = (sorted({c[f] for c in cards}) for f in ("colour", "artist"))
        rows = [np.eye(8)[colours.index(c["colour"]) % 8] + 0.1 * artists.index(c["artist"]) / 10 for c in cards]
        self.candidates = np.array(rows).reshape(-1, 8)
        self.item_index = {c["artwork_id"]: n for n, c in enumerate(cards)}

    def query(self, requests):
        return np.stack([self.candidates[[self.item_index[a] for a in r["history"]]].mean(0) for r in requests])


def make_map(standin) -> CatalogueMap:
    "The map of the stand-in's cards"
    cards = list(standin.cards.values())
    colours = sorted({c["colour"] for c in cards})
    middle = 0.2 + 0.6 * spiral(len(colours))
    member = [sum(d["colour"] == c["colour"] for d in cards[:n]) for n, c in enumerate(cards)]
    around = 0.16 * (spiral(1 + max(member, default=0)) - 0.5)
    places = [middle[colours.index(c["colour"])] + around[m] for c, m in zip(cards, member, strict=True)]
    tower = FakeTower(cards)
    catalogue = SimpleNamespace(cards=standin.cards, ids=list(standin.cards), item_index=tower.item_index)
    taste = lambda user_id: {  # noqa: E731
        "history": standin.standing(user_id, "like")[::-1],
        "hidden": standin.standing(user_id, "hide"),
    }
    stored = np.round(np.reshape(places, (-1, 2)).clip(0, 1) * 65535).astype(np.uint16)
    return CatalogueMap(stored, tower, catalogue, np.zeros(len(cards)), SimpleNamespace(request=taste))


def answer(standin, method: str, rest: list[str], q: dict):
    "Answer a request below `/map` with `(status, body)`"
    if not standin.has_map:
        return 404, {"detail": "This release has no map."}
    found = make_map(standin)
    name = q.pop("name", None)
    try:
        found.check(name)
    except NoMap as e:
        return 404, {"detail": str(e)}
    match method, rest:
        case "GET", []:
            return 200, gzip.decompress(found.body)
        case "GET", ["visitors", user_id]:
            return 200, found.visitor(user_id)
        case "POST", ["around"]:
            return 200, found.around(**q)
        case "POST", ["works"]:
            return 200, {"items": found.works(q["numbers"])}
    return 404, {"detail": "no such page"}

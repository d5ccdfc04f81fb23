"The map of a release: made once, read back by the service, and what lies around a place on it"

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from art_recsys.config import load_settings
from art_recsys.platform.login import login
from art_recsys.serving import maps
from art_recsys.serving.maps import CatalogueMap, NoMap, make_map, map_body, read_places
from art_recsys.serving.release_file import read_release, released_pair
from art_recsys.serving.server import create_app
from tests.serving.test_service import FakeTower, make


def towers(folder, features):
    "A folder as the towers leave it"
    folder.mkdir()
    np.savez(folder / "works.npz", vectors=features["text"], **features)
    return folder


@pytest.fixture
def service(tmp_path):
    settings = load_settings(home=tmp_path)
    features = FakeTower().artwork_features
    make_map(settings, towers(tmp_path / "towers", {**features, "image": np.zeros((120, 1), np.float32)}))
    s = make(tmp_path)
    yield s
    s.close()


@pytest.fixture
def http(service):
    with TestClient(create_app(service.settings, service)) as client:
        yield client


def read(body):
    "As the browser reads the body"
    raw = gzip.decompress(body)
    n = int.from_bytes(raw[:4], "little")
    assert len(raw) == 772 + 5 * n
    x, y = (np.frombuffer(raw, "<u2", n, 772 + 2 * n * k) for k in (0, 1))
    palette, colour = np.frombuffer(raw, np.uint8, 768, 4), np.frombuffer(raw, np.uint8, n, 772 + 4 * n)
    return palette.reshape(256, 3), np.stack([x, y], 1), colour


def test_an_unchanged_catalogue_is_laid_out_once(tmp_path, monkeypatch):
    settings, text = load_settings(home=tmp_path), FakeTower().candidates
    features = {"text": text, "image": np.zeros((120, 1), np.float32)}
    made = make_map(settings, towers(tmp_path / "a", features))
    places = read_places(settings, features)
    assert places.shape == (120, 2) and places.dtype == np.uint16 and places.max() == 65535
    monkeypatch.setattr(maps, "plane", lambda *a: 1 / 0)
    assert make_map(settings, towers(tmp_path / "b", features)) == made
    assert read_places(settings, {"text": text[::-1], "image": features["image"]}) is None
    with pytest.raises(ZeroDivisionError):
        make_map(settings, towers(tmp_path / "c", {"text": text[::-1], "image": features["image"]}))
    assert sorted(p.name for p in made.parent.iterdir()) == [made.name]


def test_maps_of_old_catalogues_are_cleared_away(tmp_path, monkeypatch):
    settings, text = load_settings(home=tmp_path), FakeTower().candidates
    monkeypatch.setattr(maps, "plane", lambda v, seed: np.zeros((len(v), 2), np.float32))
    made = []
    for n in range(maps.KEPT + 3):
        made.append(make_map(settings, towers(tmp_path / f"{n}", {"text": text[: n + 6], "image": text[: n + 6]})))
        os.utime(made[-1], (n, n))
    left = set(made[0].parent.iterdir())
    assert made[-1] in left and made[0] not in left and maps.KEPT <= len(left) <= maps.KEPT + 1


def test_a_damaged_map_is_none(tmp_path):
    settings, text = load_settings(home=tmp_path), FakeTower().candidates
    features = {"text": text, "image": np.zeros((120, 1), np.float32)}
    path = make_map(settings, towers(tmp_path / "a", features))
    path.write_bytes(path.read_bytes()[:200])
    assert read_places(settings, features) is None
    path.write_bytes(b"")
    assert read_places(settings, features) is None


def test_the_body_has_the_places_and_colours_of_all_works(service):
    palette, places, colour = read(service.map.body)
    assert np.array_equal(places, service.map.stored) and len(places) == 120
    shown = [service.catalogue.cards[service.map._id(n)]["dominant"] for n in range(120)]
    assert ["#" + bytes(palette[c]).hex() for c in colour] == shown


@pytest.mark.parametrize("n", [0, 1, 2, 1000])
def test_the_body_of_any_number_of_works(n):
    hexes = [f"#{k * 4099 % 2**24:06x}" for k in range(n)]
    palette, places, colour = read(map_body(np.full((n, 2), 7, np.uint16), hexes))
    assert len(places) == len(colour) == n and (places == 7).all()
    wanted = np.array([[int(h[i : i + 2], 16) for i in (1, 3, 5)] for h in hexes]).reshape(-1, 3)
    assert n == 0 or np.abs(palette[colour].astype(int) - wanted).mean() < (1 if n < 256 else 16)


def test_around_a_place_in_the_order_of_the_taste(service):
    everything = service.map.around(0.5, 0.5, 1, 500)
    assert everything["total"] == len(everything["items"]) == 120
    popular = [service.popularity[service.catalogue.item_index[i["artwork_id"]]] for i in everything["items"]]
    assert popular == sorted(popular, reverse=True)
    mine = service.map.around(0.5, 0.5, 1, 12, "u0")["items"]
    assert {i["artwork"]["category"] for i in mine} == {"Portrait"}  # u0 likes portraits
    assert {"w0", "w6", "w12"} & {i["artwork_id"] for i in service.map.around(0.5, 0.5, 1, 40, "u0")["items"]}
    fresh = service.map.around(0.5, 0.5, 1, 500, "u0", True)
    ids = [i["artwork_id"] for i in fresh["items"]]
    assert fresh["total"] == len(ids) == 116 and not {"w0", "w6", "w12", "w24"} & set(
        ids
    )  # three likes and a hidden one
    after = service.map.around(0.5, 0.5, 1, 3, "u0", True, ids[:5])
    assert [i["artwork_id"] for i in after["items"]] == ids[5:8] and after["total"] == 116


def test_a_wall_goes_on_beyond_the_lens_in_rings(service):
    x, y = service.map.places[5]
    wall = service.map.around(x, y, 0.06, 40, "u0", True)
    far = [float(np.linalg.norm(service.map.places[i["number"]] - [x, y])) for i in wall["items"]]
    rings = [0 if f <= 0.06 else 1 if f <= 0.12 else 2 if f <= 0.24 else 3 for f in far]
    assert rings == sorted(rings) and len(rings) == 40 and rings.count(0) == wall["total"] < 40
    for ring in set(rings):
        liking = service.map._liking(service.visitors.request("u0"), [i["number"] for i in wall["items"]])
        part = [liking[i["number"]] for i, r in zip(wall["items"], rings, strict=True) if r == ring]
        assert part == sorted(part, reverse=True)


def test_only_what_is_within_the_radius(service):
    x, y = service.map.places[5]
    assert [i["number"] for i in service.map.around(x, y, 0, 5)["items"]] == [5]
    near = service.map.around(x, y, 0.1, 500)["items"]
    away = np.linalg.norm(service.map.places - [x, y], axis=1)
    assert {i["number"] for i in near} == set(np.flatnonzero(away <= 0.1))
    assert service.map.around(0, 0, 0) == {"total": 0, "items": []}


def test_the_path_goes_where_the_likes_are(service):
    for n, work in enumerate(["w1", "w7", "w13", "w2", "w8", "w14", "w20", "w26", "w32"]):
        service.send_events([{"user_id": "new", "artwork_id": work, "event": "like", "event_id": f"p{n}"}])
    found = service.map.visitor("new")
    assert found["likes"] == [1, 7, 13, 2, 8, 14, 20, 26, 32] and len(found["path"]) == 9
    group = lambda k: service.map.places[np.arange(120) % 6 == k]  # noqa: E731
    nearer = lambda place, a, b: (  # noqa: E731
        np.linalg.norm(group(a) - place, axis=1).min() < np.linalg.norm(group(b) - place, axis=1).min()
    )
    assert nearer(found["path"][0], 1, 2) and nearer(found["path"][-1], 2, 1)
    for n in range(30):
        service.send_events([{"user_id": "new", "artwork_id": f"w{40 + n}", "event": "like", "event_id": f"q{n}"}])
    assert len(service.map.visitor("new")["path"]) == maps.LAST and len(service.map.visitor("new")["likes"]) == 39
    assert service.map.visitor("nobody") == {"name": service.map.name, "works": 120, "likes": [], "path": []}


def test_over_http(http, service):
    name = service.map.name
    plain, named = http.get("/map"), http.get("/map", params={"name": name})
    assert plain.content == named.content == gzip.decompress(service.map.body)
    assert "immutable" in named.headers["cache-control"] and plain.headers["cache-control"] == "no-cache"
    assert http.get("/map", params={"name": "another"}).status_code == 404
    assert http.get("/map/visitors/u0").json()["likes"] == [0, 6, 12]
    body = {"x": 0.5, "y": 0.5, "radius": 1, "k": 3, "user_id": "u0", "name": name}
    assert len(http.post("/map/around", json=body).json()["items"]) == 3
    assert http.post("/map/around", json={**body, "name": "another"}).status_code == 404
    for wrong in ({"x": 1.5}, {"x": "nan"}, {"radius": -1}, {"k": 0}, {"more": 1}):
        assert http.post("/map/around", json={**body, **wrong}).status_code == 422
    works = http.post("/map/works", json={"numbers": [3, 119, 120], "name": name}).json()["items"]
    assert [w["artwork_id"] for w in works] == ["w3", "w119"]
    assert http.post("/map/works", json={"numbers": list(range(501))}).status_code == 422


def test_a_release_without_a_map_says_how_to_get_one(tmp_path):
    service = make(tmp_path)
    with TestClient(create_app(service.settings, service)) as http:
        for answer in (http.get("/map"), http.get("/map/visitors/u0"), http.post("/map/works", json={"numbers": [1]})):
            assert answer.status_code == 404 and "no map" in answer.json()["detail"]
    service.close()


def test_one_work(tmp_path):
    class One(FakeTower):
        def __init__(self):
            super().__init__(1)

    tower = One()
    settings = load_settings(home=tmp_path)
    features = {"text": tower.candidates, "image": np.zeros((1, 1), np.float32)}
    make_map(settings, towers(tmp_path / "towers", features))
    catalogue = type(
        "C", (), {"item_index": {"w0": 0}, "ids": ["w0"], "cards": {"w0": {"dominant": "#aabbcc", "artist": ""}}}
    )
    visitors = type("V", (), {"request": staticmethod(lambda u: {"history": ["w0"], "hidden": []})})
    one = CatalogueMap(read_places(settings, features), tower, catalogue, np.zeros(1), visitors)
    assert one.visitor("u")["path"] == [[0.5, 0.5]] and one.around(0.5, 0.5, 0.1)["total"] == 1
    assert one.around(0.5, 0.5, 0.1, user_id="u", beyond=True)["total"] == 0
    with pytest.raises(NoMap):
        one.check("another")


def test_a_run_puts_a_map_into_service(tiny_run):
    query, _ = released_pair(login(tiny_run).get_model_registry(), read_release(tiny_run))
    with np.load(Path(query.download()) / "works.npz") as works:
        places = read_places(tiny_run, {name: works[name] for name in ("text", "image")})
    assert len(np.unique(places, axis=0)) > 0.9 * len(places)

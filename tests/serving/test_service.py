"Pages from small fake models: which works they contain and leave out, the reasons, and the effect of a like"

import threading

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from art_recsys.config import Home, UserError, load_settings
from art_recsys.core import Event, as_artworks, as_events, as_users
from art_recsys.models.candidate_sources import candidate_sources
from art_recsys.models.cooccurrence import ItemCooccurrence
from art_recsys.models.popularity import PopularityClock
from art_recsys.models.two_stage import TwoStage
from art_recsys.platform.neighbours import Neighbours
from art_recsys.serving.catalogue import Catalogue, make_cards
from art_recsys.serving.service import Service
from art_recsys.serving.store import EventStore
from art_recsys.serving.visitors import Visitors

N, DIM = 120, 8
CATEGORIES = ["Portrait", "Landscape", "Still life", "Seascape", "Animal", "Abstract"]


class FakeTower:
    "A user's vector is the mean of the liked works; works of one category have similar vectors"

    text_model = None

    def __init__(self, n=N, seed=0):
        r = np.random.default_rng(seed)
        v = np.eye(DIM)[np.arange(n) % len(CATEGORIES)] + 0.4 * r.normal(size=(n, DIM))
        self.candidates = (v / np.linalg.norm(v, axis=1, keepdims=True)).astype(np.float32)
        self.neighbours, self.artwork_features = Neighbours(self.candidates), {"text": self.candidates}
        self.candidate_ids = np.array([f"w{i}" for i in range(n)])
        self.item_index = {a: i for i, a in enumerate(self.candidate_ids)}

    def query(self, requests):
        rows = [[self.item_index[a] for a in q.get("history") or [] if a in self.item_index] for q in requests]
        q = np.stack([self.candidates[row].mean(0) if row else np.full(DIM, 0.1, np.float32) for row in rows])
        return (q / np.maximum(np.linalg.norm(q, axis=1, keepdims=True), 1e-9)).astype(np.float32)

    def retrieve(self, requests, k, exclude=None):
        scores = self.query(requests) @ self.candidates.T
        for row, gone in enumerate(exclude or []):
            scores[row, [self.item_index[a] for a in gone if a in self.item_index]] = -np.inf
        order = np.argsort(-scores, axis=1)[:, :k]
        best = np.take_along_axis(scores, order, 1)
        return np.where(np.isfinite(best), self.candidate_ids[order].astype(object), None), best


class FakeRanker:
    def __init__(self, tower):
        n = len(tower.candidates)
        self.two_tower, self.popularity_clock = tower, PopularityClock(np.zeros(0, int), np.zeros(0), n)
        self.quotas = None
        self.made = candidate_sources(tower, self.popularity_clock, ItemCooccurrence([], n))

    def sources(self):
        return self.made

    def features(self, histories, q, items, bits=None):
        return np.stack([self.two_tower.candidates[row] @ v for v, row in zip(q, items, strict=True)])

    def probability(self, features):
        return 1 / (1 + np.exp(-4 * features))

    def score(self, requests, ids):
        items = [[self.two_tower.item_index[a] for a in row] for row in ids]
        return self.probability(self.features(None, self.two_tower.query(requests), items))


def artworks(home):
    (home / "pictures").mkdir(exist_ok=True)
    for i in range(3):
        Image.new("RGB", (30 + i, 20)).save(home / f"pictures/w{i}.png")
    (home / "pictures/w3.png").write_bytes(b"this is not a picture")
    Image.new("RGB", (9, 9)).save(home / "outside.png")
    paths = [
        f"pictures/w{i}.png" if i < 5 else "pictures/../outside.png" if i == 5 else "/etc/passwd" if i == 6 else ""
        for i in range(N)
    ]
    return as_artworks(
        pd.DataFrame(
            {
                "artwork_id": [f"w{i}" for i in range(N)],
                "title": [f"Work {i}" for i in range(N)],
                "category": [CATEGORIES[i % 6] for i in range(N)],
                "medium": np.where(np.arange(N) % 2, "Oil", "Etching"),
                "year_start": [np.nan if i == 0 else 1700 + i * 2 for i in range(N)],
                "palette": [[] if i == 0 else ["#CC2211", "#ffffff"] if i % 3 else ["#1133cc"] for i in range(N)],
                "image_path": paths,
            }
        )
    )


def events():
    "u0 likes three portraits, unliked one and hid another; the other users like works at random"
    r = np.random.default_rng(1)
    rows = [
        ("u0", "w0", "like"),
        ("u0", "w6", "like"),
        ("u0", "w12", "like"),
        ("u0", "w18", "like"),
        ("u0", "w18", "unlike"),
        ("u0", "w24", "hide"),
    ]
    rows += [(f"u{n}", f"w{i}", "like") for n in range(1, 30) for i in r.choice(N, 6, replace=False)]
    return as_events(
        pd.DataFrame(rows, columns=["user_id", "artwork_id", "event"]).assign(
            event_id=[f"e{i}" for i in range(len(rows))],
            ts=pd.date_range("2026-01-01", periods=len(rows), freq="h", tz="UTC"),
        )
    )


def service_users():
    "30 users with the same profile text"
    return as_users(
        pd.DataFrame(
            {
                "user_id": [f"u{n}" for n in range(30)],
                "age": [30.0] * 29 + [np.nan],
                "description": "A friend of portraits.",
            }
        )
    )


def make(home, **settings):
    settings = load_settings(home=home, **{"exploration": 0, "n_candidates": 40, "page_size": 12, **settings})
    people = service_users()
    tower = FakeTower()
    return Service(
        settings,
        "q1-r1",
        TwoStage(tower, FakeRanker(tower)),
        artworks(home),
        people,
        events(),
        EventStore(home / "events.db"),
    )


@pytest.fixture
def service(tmp_path):
    s = make(tmp_path)
    yield s
    s.close()


def ids(page):
    return [i["artwork_id"] for i in page["items"]]


def say(service, user, work, event, **more):
    return service.send_events([{"user_id": user, "artwork_id": work, "event": event, **more}])


def test_a_page(service):
    page = service.recommend("u0")
    assert len(page["items"]) == 12 == len(set(ids(page)))
    assert [i["rank"] for i in page["items"]] == list(range(1, 13)) and page["model_version"] == "q1-r1"
    assert not set(ids(page)) & {"w0", "w6", "w12", "w24"}  # liked, liked, liked, hidden
    assert all(0 <= i["score"] <= 1 and i["propensity"] == 1 for i in page["items"])
    shares = [i["artwork"]["category"] for i in page["items"]].count("Portrait") / 12
    assert shares > 0.5


def test_a_page_that_somebody_else_looks_at_leaves_no_impressions(service):
    service.recommend("u1", log=False)
    service.recommend("u2")
    say(service, "u3", "w1", "like")  # written after both
    shown = [e["user_id"] for e in service.store.rows() if e["event"] == "impression"]
    assert set(shown) == {"u2"}


def test_choices_beside_a_filter_always_leave_something(service):
    every = service.choices()
    assert every["medium"] == {"Etching": 60, "Oil": 60} and sum(every["category"].values()) == N
    beside = service.choices({"category": "Portrait"})
    assert beside["medium"] == {"Etching": 20} and beside["category"] == every["category"]
    for facet, values in beside.items():
        for value, n in values.items():
            wanted = {"category": "Portrait", facet: value}
            assert len(service.recommend("nobody", k=200, filters=wanted)["items"]) == n > 0


def test_search(service):
    found = service.search("portrait", k=5, user_id="u0")
    assert found["total"] == 20 and len(found["items"]) == 5 and not found["meaning"] and found["artists"] == []
    assert found["counts"]["category"] == {"Portrait": 20} and sum(found["counts"]["medium"].values()) == 20
    after = service.search("portrait", k=50, skip=5, user_id="u0")["items"]
    assert [i["rank"] for i in after] == list(range(6, 21))
    assert len({i["artwork_id"] for i in found["items"] + after}) == 20
    oil = service.search("portrait", filters={"medium": "Oil"})
    assert oil["total"] == found["counts"]["medium"].get("Oil", 0)
    with pytest.raises(ValueError, match="not a filter"):
        service.search("portrait", filters={"size": "L"})


def test_the_works_of_an_artist_in_order_of_time(tmp_path):
    works = artworks(tmp_path)
    works.loc[works.index[:30], "artist"] = "Ada Ström"
    works.loc[works.index[:3], "year_start"] = [1990.0, np.nan, 1600.0]
    tower, people = FakeTower(), service_users()
    settings = load_settings(home=tmp_path)
    model = TwoStage(tower, FakeRanker(tower))
    service = Service(settings, "1", model, works.iloc[:-1], people, events(), EventStore(tmp_path / "events.db"))
    found = service.artist("ada STRÖM", k=100)
    ids = [i["artwork_id"] for i in found["items"]]
    assert found["artist"] == "Ada Ström" and found["total"] == 30
    assert ids[0] == "w2" and ids[-2:] == ["w0", "w1"] and ids[1:-2] == [f"w{n}" for n in range(3, 30)]
    assert [i["artwork_id"] for i in service.artist("Ada Ström", k=2, skip=1)["items"]] == ids[1:3]
    assert service.artist("Nobody") == {"artist": "Nobody", "total": 0, "items": []}
    assert service.artist("")["total"] == 0
    service.close()


def test_taste_orders_equal_results(service):
    ranks = {}
    for user in ("u0", "nobody"):
        items = service.search("work", k=120, user_id=user)["items"]
        cards = [i["artwork"]["category"] for i in items[:10]]
        ranks[user] = cards.count("Portrait")
    assert ranks["u0"] > ranks["nobody"]


def test_a_like_changes_the_next_page_without_training(service):
    before = service.recommend("u0")
    liked = ["w1", "w7", "w13", "w19"]  # landscapes
    service.send_events([{"user_id": "u0", "artwork_id": w, "event": "like"} for w in liked])
    after = service.recommend("u0")
    assert ids(before) != ids(after) and not set(liked) & set(ids(after))

    def count(page):
        return sum(i["artwork"]["category"] == "Landscape" for i in page["items"])

    assert count(after) > count(before)
    service.send_events([{"user_id": "u0", "artwork_id": w, "event": "unlike"} for w in liked])
    assert ids(service.recommend("u0")) == ids(before)


def test_visitors_do_not_see_each_other(service):
    before = [ids(service.recommend(u)) for u in ("u1", "a new one", "another new one")]
    for w in ("w1", "w7"):
        say(service, "u0", w, "like")
    say(service, "a new one", "w2", "like")
    assert ids(service.recommend("u1")) == before[0] and ids(service.recommend("another new one")) == before[2]
    assert service.user("another new one")["likes"] == []


def test_reasons_are_true(service):
    "Without the liked work that the reason names, the lead falls, by at least half as much as without any other"
    say(service, "u0", "w1", "like")
    tower, request = service.two_tower, service.visitors.request("u0")
    gone = [tower.item_index[a] for a in request["history"] + request["hidden"]]
    average = np.delete(tower.candidates, gone, axis=0).mean(0)
    told = [i for i in service.recommend("u0")["items"] if i["reason"]["kind"] == "liked"]
    assert len(told) >= 6 and len({i["reason"]["artwork_id"] for i in told}) > 1
    traits = service.recommender.steps.explain.traits
    for i in told:
        a, b = (traits.item_index[x] for x in (i["artwork_id"], i["reason"]["artwork_id"]))
        assert i["reason"]["shared"] in [[], *(s.as_list() for s in traits.shared(a, b))]  # and the trait is shared
        lead = tower.candidates[tower.item_index[i["artwork_id"]]] - average

        def score(gone, lead=lead):
            return float(tower.query([{"history": [a for a in request["history"] if a != gone]}])[0] @ lead)

        lost = {a: score(None) - score(a) for a in request["history"]}
        assert lost[i["reason"]["artwork_id"]] >= 0.49 * max(lost.values()) > 0
    texts = pd.Series([i["reason"]["text"] for i in service.recommend("u0")["items"] if i["reason"]["text"]])
    assert texts.value_counts().max() <= 4  # a third of the page


def test_a_new_visitor(service):
    page = service.recommend("who is this?")
    assert {i["reason"]["kind"] for i in page["items"]} == {"start"} and all(
        i["reason"]["artwork_id"] is None for i in page["items"]
    )
    categories = pd.Series([i["artwork"]["category"] for i in page["items"]]).value_counts()
    assert len(categories) == 6 and categories.max() == 2
    say(service, "who is this?", ids(page)[0], "like")
    then = service.recommend("who is this?")
    assert {i["reason"]["artwork_id"] for i in then["items"] if i["reason"]["kind"] == "liked"} == {ids(page)[0]}
    assert ids(page)[0] not in ids(then)
    say(service, "who is this?", ids(page)[0], "unlike")
    assert ids(service.recommend("who is this?")) == ids(page)


def test_a_profile_without_likes_is_a_start_too(service):
    service.visitors.logged.pop("u5")
    assert {i["reason"]["kind"] for i in service.recommend("u5")["items"]} == {"start"}


def test_filters_come_before_the_cut(tmp_path):
    "With two candidates, a filter applied after retrieval would leave nothing"
    service = make(tmp_path, n_candidates=2)
    for user in ("u0", "nobody"):
        page = service.recommend(user, k=12, filters={"category": "Seascape", "medium": ["Oil", "Etching"]})
        assert len(page["items"]) == 12 and {i["artwork"]["category"] for i in page["items"]} == {"Seascape"}
        two = service.recommend(user, k=50, filters={"category": ["seascape", "ANIMAL"], "period": "1850–1899"})
        assert {i["artwork"]["category"] for i in two["items"]} == {"Seascape", "Animal"} and {
            i["artwork"]["period"] for i in two["items"]
        } == {"1850–1899"}
        assert service.recommend(user, filters={"category": "Nothing like it"})["items"] == []
    with pytest.raises(ValueError, match="price"):
        service.recommend("u0", filters={"price": "1"})
    service.close()


def test_paging_walks_through_everything_once(service):
    for user, gone in (("u0", {"w0", "w6", "w12", "w24"}), ("nobody", set())):
        seen = []
        while page := ids(service.recommend(user, k=25, exclude=seen)):
            seen += page
        assert len(seen) == len(set(seen)) and set(seen) == {f"w{i}" for i in range(N)} - gone


def test_k(service):
    assert len(service.recommend("u0", k=1)["items"]) == 1
    assert len(service.recommend("u0", k=500)["items"]) == N - 4
    assert len(service.recommend("nobody", k=500)["items"]) == N


def test_no_more_by_an_artist(tmp_path):
    service = make(tmp_path)
    works = artworks(tmp_path).assign(artist=["Ann" if i % 2 else "Bea" for i in range(N)])
    service.recommender.serve(works, service_users(), events())
    service.catalogue = Catalogue(works, service.two_tower.candidate_ids, Home(tmp_path))
    for user in ("u0", "nobody"):
        assert {
            i["artwork"]["artist"]
            for i in service.recommend(user, k=40, exclude_artists=["ann", "Nobody", ""])["items"]
        } == {"Bea"}
    service.close()


def test_hide_and_take_back(service):
    first = ids(service.recommend("u0"))[0]
    say(service, "u0", first, "hide")
    assert first not in ids(service.recommend("u0", k=500)) and service.user("u0")["hidden"][0] == first
    say(service, "u0", first, "unlike")
    assert first in ids(service.recommend("u0", k=500)) and first not in service.user("u0")["hidden"]
    say(service, "u0", "w24", "unlike")  # hidden in the training events
    assert service.user("u0")["hidden"] == []


def colours(page):
    return [i["artwork"]["colour"] for i in page["items"]]


def test_more_and_less_of_something(tmp_path):
    service = make(tmp_path, follow=0)  # what the likes have in common does not fill the page
    before = service.recommend("u0")
    text, shown = service.taste("u0")["text"], pd.Series(colours(before)).value_counts()
    colour = next(c for c in shown.index if shown[c] < 12 and c not in text)
    n = shown[colour]
    assert service.steer("u0", "more", "palette", f" {colour.title()} ") == {"accepted": 1, "duplicates": 0}
    more = service.recommend("u0")
    assert colours(more).count(colour) > n and all(0 <= i["score"] <= 1 for i in more["items"])
    assert service.taste("u0")["text"] == text.replace("You follow: ", f"You follow: {colour}, ")
    service.steer("u0", "less", "palette", colour)  # the last word counts
    less = service.recommend("u0")
    assert colours(less).count(colour) < n
    assert service.taste("u0")["text"] == f"{text}; less: {colour}"
    service.steer("u0", "neutral", "palette", colour)
    assert ids(service.recommend("u0")) == ids(before) and service.taste("u0")["text"] == text
    assert service.taste("somebody else") == {"user_id": "somebody else", "follows": [], "less": [], "text": ""}
    service.close()


def test_a_page_follows_what_the_likes_have_in_common(tmp_path):
    "Two of three likes are from 1700–1749: with `follow` the page has more of these years, without it hardly any"

    def of_these_years(follow):
        (home := tmp_path / f"{follow}").mkdir()
        service = make(home, follow=follow)
        assert ("period", "1700–1749") in {(t["kind"], t["value"]) for t in service.taste("u0")["follows"]}
        periods = [i["artwork"]["period"] for i in service.recommend("u0")["items"]]
        service.close()
        return periods.count("1700–1749")

    few, some, most = map(of_these_years, (0, 0.3, 0.6))
    assert few < some < most <= 8  # a page has 12


def test_steering_works_without_likes_and_for_nobody_else(service):
    before = service.recommend("new")
    service.steer("new", "more", "period", "1900–1949")
    page, other = service.recommend("new"), service.recommend("another")

    def count(page):
        return sum(i["artwork"]["period"] == "1900–1949" for i in page["items"])

    assert count(page) > count(before) and ids(other) == ids(before)
    assert "You asked for more: 1900–1949" in {i["reason"]["text"] for i in page["items"]}
    service.store.forget("new")
    assert ids(service.recommend("new")) == ids(before)


def test_a_wish_survives_a_restart_and_is_refused_if_no_work_can_meet_it(tmp_path):
    first = make(tmp_path)
    first.steer("u", "more", "palette", "blue")
    page = ids(first.recommend("u"))
    for kind, value, words in (("tag", "sea", "No work"), ("palette", "blu", "blue"), ("price", "1", "tag, artist")):
        with pytest.raises(ValueError, match=words):
            first.steer("u", "more", kind, value)
    with pytest.raises(ValueError, match="neutral"):
        first.steer("u", "never", "palette", "blue")
    first.close()
    again = make(tmp_path)
    assert ids(again.recommend("u")) == page
    again.store.append([{"user_id": "u", "direction": "more", "kind": "tag", "value": "gone"}])  # no work has it now
    assert ids(again.recommend("u")) == page
    again.steer("u", "neutral", "tag", "gone")
    assert [t["value"] for t in again.taste("u")["follows"]] == ["blue"]
    again.close()


def test_steering_keeps_filters_and_hidden_works_out(service):
    service.steer("u0", "more", "palette", "blue")
    blue = [a for a, c in service.catalogue.cards.items() if c["colour"] == "blue"]
    hidden = [a for a in ids(service.recommend("u0", k=60)) if a in blue][:5]
    for a in hidden:
        say(service, "u0", a, "hide")
    assert not set(hidden) & set(ids(service.recommend("u0", k=N)))
    page = service.recommend("u0", filters={"colour": "red"})
    assert set(colours(page)) == {"red"}


def test_taste_is_what_the_likes_have_in_common(service):
    for w in ("w3", "w9", "w15", "w21"):
        say(service, "new", w, "like")
    taste = service.taste("new")
    found = {(t["kind"], t["value"], t["asked"], t["likes"]) for t in taste["follows"]}
    assert found == {("palette", "blue", False, 4), ("period", "1700–1749", False, 4)}
    service.steer("new", "less", "palette", "blue")
    assert service.taste("new")["text"] == "You follow: 1700–1749; less: blue"


def test_user(service):
    say(service, "u0", "w50", "like")
    user = service.user("u0")
    assert [w["artwork_id"] for w in user["likes"]] == ["w50", "w12", "w6", "w0"] and user["hidden"] == ["w24"]
    assert user["age"] == 30 and service.user("u29")["age"] is None
    assert service.user("nobody") == {
        "user_id": "nobody",
        "age": None,
        "gender": "",
        "description": "",
        "likes": [],
        "hidden": [],
    }
    assert [u["likes"] for u in service.users(2)] == [4, 6] and len(service.users(500)) == 30
    tokens = {service.new_user() for _ in range(100)}
    assert len(tokens) == 100 and min(map(len, tokens)) >= 20


def test_restart(tmp_path):
    first = make(tmp_path)
    say(first, "new", "w1", "like")
    page = ids(first.recommend("new"))
    first.close()
    again = make(tmp_path)
    assert [w["artwork_id"] for w in again.user("new")["likes"]] == ["w1"] and ids(again.recommend("new")) == page
    again.close()


def test_impressions_are_logged_with_their_propensity(tmp_path):
    service = make(tmp_path, exploration=0.5)
    service.new_request_id = lambda: "a-request"  # it is the seed of the exploration
    page = service.recommend("u0", k=20)
    service.store.append([])  # returns after all earlier writes
    shown = service.store.frame()
    assert (
        list(shown.artwork_id) == ids(page)
        and set(shown.event) == {Event.impression}
        and set(shown.request_id) == {page["request_id"]}
    )
    assert list(shown.position) == list(range(1, 21)) and list(shown.propensity) == [
        i["propensity"] for i in page["items"]
    ]
    chance = [i for i in page["items"] if i["reason"]["kind"] == "surprise"]
    slot, others = page["items"][5], [i for i in chance if i is not page["items"][5]]
    assert slot in chance and 0 < len(others) < 19  # this position is always drawn at random
    sizes = {0.5 / slot["propensity"]} | {0.25 / i["propensity"] for i in others}  # the other candidates, and the rest
    assert len(sizes) == 2 and sum(sizes) == pytest.approx(N - 4 - 20 + 1)  # and what left the page for position 6
    assert {i["propensity"] for i in page["items"] if i not in chance} == {0.5}
    service.close()


def test_events_about_unknown_works_are_refused_whole(service):
    with pytest.raises(LookupError, match="nope"):
        service.send_events(
            [
                {"user_id": "u0", "artwork_id": "w1", "event": "like"},
                {"user_id": "u0", "artwork_id": "nope", "event": "like"},
            ]
        )
    with pytest.raises(ValueError, match="love"):
        say(service, "u0", "w1", "love")
    assert len(service.store) == 0
    with pytest.raises(UserError, match="nope"):
        service.similar("nope")
    with pytest.raises(UserError, match="nope"):
        service.artwork("nope")


def test_similar(service):
    rows = {row["name"]: row for row in service.similar("w1", k=5)["rows"]}
    assert list(rows) == ["subject", "light", "hand"] and rows["light"]["title"] == "Palette and light"
    shown = [i["artwork_id"] for row in rows.values() for i in row["items"]]
    assert len(shown) == len(set(shown)) == 15 and "w1" not in shown
    for row in rows.values():
        assert [i["rank"] for i in row["items"]] == [1, 2, 3, 4, 5]
        assert [i["score"] for i in row["items"]] == sorted((i["score"] for i in row["items"]), reverse=True)
        assert all(i["reason"]["artwork_id"] == "w1" and i["reason"]["text"] for i in row["items"])
    assert sum(i["artwork"]["category"] == "Landscape" for i in rows["subject"]["items"]) >= 3
    assert {i["artwork"]["colour"] for i in rows["light"]["items"]} == {"red"}
    (more,) = service.similar("w1", 5, "subject", [*shown, "not a work"])["rows"]
    assert more["name"] == "subject" and not set(shown) & {i["artwork_id"] for i in more["items"]}
    assert service.similar("w1", exclude=[f"w{i}" for i in range(N)])["rows"] == []
    with pytest.raises(ValueError, match="price"):
        service.similar("w1", row="price")
    assert [r["name"] for r in service.similar("w0")["rows"]] == ["subject", "hand"]  # w0 has no palette


def test_cards(tmp_path):
    deck, files = make_cards(artworks(tmp_path), Home(tmp_path))
    assert (deck["w1"]["width"], deck["w1"]["height"], deck["w1"]["picture"]) == (31, 20, True)
    assert sorted(files) == [
        "w0",
        "w1",
        "w2",
    ]  # the rest: not a picture, no file, outside the pictures, outside the home
    assert (deck["w1"]["period"], deck["w1"]["dominant"], deck["w1"]["colour"]) == ("1700–1749", "#cc2211", "red")
    assert (deck["w0"]["period"], deck["w0"]["colour"], deck["w5"]["picture"]) == ("", "", False)
    assert len({frozenset(c) for c in deck.values()}) == 1


def test_artwork_and_filters(service):
    work = service.artwork("w0")
    assert work["year_start"] is None and work["tags"] == [] and work["title"] == "Work 0" and "image_path" not in work
    assert service.artwork("w2")["year_start"] == 1704
    offered = service.filters()
    assert (
        set(offered["category"]) == set(CATEGORIES)
        and offered["period"]
        == ["1700–1749", "1750–1799", "1800–1849", "1850–1899", "1900–1949"][: len(offered["period"])]
    )
    assert set(offered["colour"]) == {"red", "blue"} and set(offered["medium"]) == {"Oil", "Etching"}


def test_spellings_of_one_value_are_one(tmp_path):
    from art_recsys.serving.insight import drift

    (tmp_path / "one").mkdir()
    works = artworks(tmp_path / "one")
    works.loc[:5, "category"] = works.loc[:5, "category"].str.upper()
    catalogue = Catalogue(works, FakeTower().candidate_ids, Home(tmp_path / "one"))
    assert sorted(catalogue.offers["category"]) == sorted(CATEGORIES) and max(catalogue.facets.codes("category")) == 5
    assert catalogue.facets.mask({"category": "portrait"}).sum() == N // 6
    service = make(tmp_path)
    service.catalogue = catalogue
    mix = next(d for d in drift(service, ["w0", "w6", "w1"]) if d["facet"] == "category")["mix"]
    assert (
        len(mix) == 6
        and sum(m["now"] for m in mix) == pytest.approx(1)
        and max(m["now"] for m in mix) == pytest.approx(2 / 3)
    )
    service.close()


def test_predict(service):
    got = service.predict("query", [{"user_id": "u0", "k": 5}, {"history": ["w1"], "k": 3}, {"user_id": "nobody"}])
    assert [len(p["artwork_ids"]) for p in got] == [5, 3, 100] and not set(got[0]["artwork_ids"]) & {
        "w0",
        "w6",
        "w12",
        "w24",
    }
    assert got[1]["scores"] == sorted(got[1]["scores"], reverse=True)
    ranked = service.predict(
        "ranking", [{"user_id": "u0", "artwork_ids": ["w1", "w18"]}, {"history": [], "artwork_ids": []}]
    )
    assert len(ranked[0]["scores"]) == 2 and ranked[1]["scores"] == []
    page = service.recommend("u0")
    again = service.predict("ranking", [{"user_id": "u0", "artwork_ids": ids(page)}])[0]["scores"]
    assert np.allclose(again, [i["score"] for i in page["items"]])
    for bad in (
        {"k": 0},
        {"k": "x"},
        {"k": True},
        {"history": "w1"},
        {"user_id": 3},
        {"age": "old"},
        {"text_embedding": [1, 2]},
    ):
        with pytest.raises(ValueError):
            service.predict("query", [bad])
    with pytest.raises(LookupError, match="nope"):
        service.predict("ranking", [{"history": [], "artwork_ids": ["nope"]}])
    with pytest.raises(ValueError):
        service.predict("ranking", [{"history": []}])


def test_a_liked_work_that_left_the_catalogue(service):
    service.visitors.logged["u0"] = {"gone": "like", **service.visitors.logged["u0"]}
    assert len(service.recommend("u0")["items"]) == 12 and "gone" not in [
        w["artwork_id"] for w in service.user("u0")["likes"]
    ]
    service.visitors.logged["u1"] = {"gone": "like"}
    assert {i["reason"]["kind"] for i in service.recommend("u1")["items"]} == {"start"}


def test_many_visitors_at_once(service):
    wrong = []

    def visit(user):
        try:
            for n in range(6):
                page = ids(service.recommend(user))
                say(service, user, page[n], "like")
                assert page[n] not in ids(service.recommend(user))
            assert len(service.user(user)["likes"]) == 6
        except BaseException as e:
            wrong.append(e)

    threads = [threading.Thread(target=visit, args=(f"v{n}",)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong


def test_the_store_has_the_last_word(tmp_path):
    with EventStore(tmp_path / "e.db") as store:
        v = Visitors(as_users(pd.DataFrame({"user_id": ["u0"]})), events(), store)
        assert v.decisions("u0") == {"w0": "like", "w6": "like", "w12": "like", "w24": "hide"}
        store.append(
            [
                {"user_id": "u0", "artwork_id": a, "event": e}
                for a, e in (("w24", "like"), ("w0", "hide"), ("w6", "unlike"))
            ]
        )
        assert v.request("u0")["history"] == ["w12", "w24"] and v.request("u0")["hidden"] == ["w0"]

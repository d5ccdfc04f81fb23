"What a ranking would have got, from a log that a real service of fake models wrote"

import numpy as np
import pandas as pd
import pytest

from art_recsys.models.requests import KnownUsers
from art_recsys.platform.visitor_log import fresh_pages
from art_recsys.recommendation import page_recommender
from art_recsys.reports.off_policy import off_policy, requests_then
from tests.serving.test_service import artworks, events, make, service_users

BEGIN = pd.Timestamp("2000-01-01", tz="UTC")


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    "25 visitors turn pages with a good share of exploration, and like portraits more often; read it, do not change it"
    service, r = make(tmp_path_factory.mktemp("home"), exploration=0.3), np.random.default_rng(1)
    seeds = iter(range(10_000))
    service.new_request_id = lambda: f"request-{next(seeds)}"
    for turn in range(3):
        for n in range(25):
            page = service.recommend(f"v{n}", k=12)
            liked = [i for i in page["items"] if r.random() < (0.4 if int(i["artwork_id"][1:]) % 6 == 0 else 0.05)]
            said = [(i, "like") for i in liked] + [(i, "unlike") for i in liked[:1] if turn == 1]
            service.send_events([{"user_id": f"v{n}", "artwork_id": i["artwork_id"], "event": e} for i, e in said])
    yield service
    service.close()


def test_a_request_is_what_was_asked_at_the_time(lived):
    shown, decided = fresh_pages(lived.store.path, "2000")
    known = KnownUsers(service_users(), events())
    requests, liked = requests_then(shown, decided, known)
    assert len(requests) == 75 and len(shown) == 75 * 12 and liked.sum() > 40
    assert all(r["history"] == [] for r in requests[:25])  # nobody had liked anything
    now = {f"v{n}": lived.visitors.request(f"v{n}")["history"] for n in range(25)}
    third = {r["user_id"]: r["history"] for r in requests[50:]}
    after = shown.assign(liked=liked).query("liked").groupby("user_id")["artwork_id"].agg(set)
    for user, history in third.items():
        assert set(history) <= set(now[user]) and set(now[user]) - set(history) <= after.get(user, set())
    assert sum(map(len, now.values())) == len(
        set(zip(shown["user_id"][liked], shown["artwork_id"][liked], strict=True))
    )


def test_filters_visitors_who_steer_and_earlier_pages_are_left_out(tmp_path):
    service = make(tmp_path)
    for visitor in ("v1", "v2", "v3"):
        service.recommend(visitor, k=4)
    service.recommend("v1", k=4, filters={"medium": "Oil"})
    service.recommend("v1", k=4, exclude=["w1"])
    service.steer("v2", "more", "period", "1700–1749")
    pages = {most: fresh_pages(service.store.path, "2000", most)[0] for most in (9, 1)}
    assert pages[9]["user_id"].tolist() == ["v1"] * 4 + ["v3"] * 4 and set(pages[1]["user_id"]) == {"v3"}
    page = service.recommend("v3", k=4)  # a front end of somebody else tells what it has shown
    told = {"user_id": "v3", "event": "impression", "request_id": page["request_id"]}
    service.send_events([{**told, "artwork_id": i["artwork_id"]} for i in page["items"]])
    assert len(fresh_pages(service.store.path, "2000", 1)[0]) == 4
    assert fresh_pages(service.store.path, "2999")[0].empty
    assert fresh_pages(tmp_path / "nothing.db", "2000")[0].empty
    service.close()


def test_the_estimate_of_the_same_pages_is_what_they_got_and_another_page_is_judged(lived):
    "The recommender that made the pages, without exploration, is close to the log; it says how little it knows"
    model, settings = lived.recommender.model, lived.settings.model_copy(update={"exploration": 0})
    found = {}
    for diversity in (0.2, 1.0):
        chosen = page_recommender(model, settings.model_copy(update={"diversity": diversity}))
        chosen.serve(artworks(settings.home), service_users(), events())
        found[diversity] = off_policy(chosen, lived.store.path, BEGIN)
    same, other = found[0.2], found[1.0]
    assert same["pages"] == 75 and same["impressions"] == 900 and same["explored"] > 180
    assert same["snips"][1] < same["snips"][0] < same["snips"][2] and same["snips"][0] > same["shown"]
    assert other["snips"][0] < same["snips"][0] and other["carried"] > 3 * same["carried"]  # fewer portraits
    few = off_policy(chosen, lived.store.path, BEGIN, most=6)
    assert few["pages"] == 6 and few["n_eff"] < 50 and few["note"].startswith("too few explored impressions")
    assert "too few explored" in few["text"]
    nobody = off_policy(lived.recommender, lived.store.path, pd.Timestamp("2999-01-01", tz="UTC"))
    assert nobody["pages"] == 0 and "too few" in nobody["text"]


def test_new_pages_with_nothing_in_common_are_no_number(lived):
    "A ranking that shows only what nobody was shown"
    shown = set(fresh_pages(lived.store.path, "2000")[0]["artwork_id"])
    chosen = page_recommender(lived.recommender.model, lived.settings).serve(
        artworks(lived.settings.home), service_users(), events()
    )
    real = chosen.pages

    def others(requests, k):
        return real(requests, k, exclude=tuple(shown))

    chosen.pages = others
    found = off_policy(chosen, lived.store.path, BEGIN)
    assert found["snips"] is None and "nothing that visitors were shown" in found["text"] and found["note"]

"""Enrichment: what is measured in pictures, and the stage with the offline writer and with a fake server of OpenAI."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps

from art_recsys.config import Home, UserError, load_settings, read_parquet, write_parquet
from art_recsys.core import Cols, as_artworks
from art_recsys.enrichment import (
    accent_of,
    describe_one,
    enrich,
    layout_of,
    measure,
    moods_of,
    palette_of,
    quote_enrich,
    tone_of,
)
from art_recsys.language.cache import ReplyCache
from art_recsys.language.colours import colour_names, lab
from art_recsys.language.offline import OfflineWriter
from art_recsys.language.pictures import picture_of
from art_recsys.language.pool import Unreachable
from art_recsys.language.prices import PRICES
from art_recsys.language.writers import make_writer
from tests.language.openai_standin import Slow, question
from tests.language.works import ORDER, WORK, picture

# ---- measuring


def test_a_picture_of_one_colour_is_called_by_it(tmp_path):
    seen = measure(picture(tmp_path / "p.png", (196, 30, 30)))
    assert colour_names(seen.palette[:1]) == ["scarlet"] and seen.contrast < 1 and seen.symmetry == 1


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "LA", "I;16"])
def test_pictures_of_every_mode_are_measured(tmp_path, mode):
    path = tmp_path / ("p.jpg" if mode == "CMYK" else "p.png")
    Image.fromarray((np.arange(4096, dtype="u2") * 16).reshape(64, 64)).save(path) if mode == "I;16" else Image.new(
        mode, (40, 30)
    ).save(path)
    seen = measure(path)
    assert sum(seen.shares) == pytest.approx(1) and 0 <= seen.light <= 100.5


def test_a_bright_warm_picture_and_a_dark_cool_one_read_differently(tmp_path):
    day = measure(picture(tmp_path / "d.png", (250, 220, 150)))
    night = measure(picture(tmp_path / "n.png", (10, 16, 40)))
    assert day.light > night.light and day.warmth > 0 > night.warmth


def test_the_weight_lies_where_the_spot_is(tmp_path):
    seen = measure(picture(tmp_path / "p.png", (230, 230, 230), spot=(20, 20, 20)))
    assert seen.x < -0.1 and colour_names(seen.palette[:1], family=True) == ["white"]


def test_what_is_measured_agrees_with_what_was_painted(tmp_path):
    sea = Image.new("RGB", (50, 50), (120, 130, 140))
    assert accent_of(sea) == ""
    sea.paste((220, 60, 30), (22, 30, 29, 37))
    assert colour_names([accent_of(sea)]) == ["vermilion"] and sum(palette_of(sea)[1]) == pytest.approx(1)
    x, y, symmetry = layout_of(lab(sea))
    assert y > 0 and symmetry > 0.8 and layout_of(lab(ImageOps.mirror(sea)))[0] == pytest.approx(-x, abs=0.02)
    assert moods_of(tone_of(lab(Image.new("RGB", (9, 9), "#16130f")))) == ("brooding", "melancholic")


# ---- the stage


@pytest.fixture
def home(tmp_path):
    "Three works: a whole picture, a broken one, none"
    settings = load_settings("smoke", tmp_path / "home")
    home = Home.of(settings)
    home.pictures.mkdir()
    picture(home.pictures / "a1.jpg")
    (home.pictures / "a2.jpg").write_bytes(b"this is not a picture")
    works = pd.DataFrame(
        [
            WORK | {Cols.image_path: "pictures/a1.jpg", Cols.text: "Bought at a fair."},
            {
                Cols.artwork_id: "a2",
                Cols.title: "Broken",
                Cols.image_path: "pictures/a2.jpg",
                Cols.description: "The source says so.",
            },
            {
                Cols.artwork_id: "a3",
                Cols.title: "Ruins in Rain",
                Cols.medium: "Etching on paper",
                Cols.category: "on paper, print",
            },
        ]
    )
    write_parquet(as_artworks(works), home.file("artworks.parquet"))
    return settings


def test_enrich_fills_every_row_and_counts_what_is_broken(home):
    summary = enrich(home)
    out = read_parquet(Home(home.home).file("enriched.parquet")).set_index(Cols.artwork_id)
    assert (out[Cols.description] != "").all() and summary["problems"] == {"picture cannot be read": 1}
    assert len(out.palette["a1"]) >= 1 and len(out.palette["a2"]) == len(out.palette["a3"]) == 0
    assert out.text["a1"] == "Bought at a fair." and out.text["a2"] == "The source says so."
    assert "Broken" in out.description["a2"]


def test_the_key_is_asked_for_before_anything_else(home):
    settings = home.model_copy(update={"writer": "openai"})
    with pytest.raises(UserError, match="OPENAI_API_KEY") as e:
        enrich(settings)
    assert "writer = offline" in str(e.value)


def test_an_enrichment_run_with_failures_is_whole_and_takes_up_where_it_stopped(home, api, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    settings = home.model_copy(update={"writer": "openai", "base_url": api.url})
    api.replies = ["nonsense"]
    summary = enrich(settings)
    assert sum(summary["problems"].values()) == 3
    api.replies, api.asked = [{"text": "Blue and calm."}], []
    assert enrich(settings)["problems"] == {"picture cannot be read": 1} and len(api.asked) == 3
    out = read_parquet(Home(settings.home).file("enriched.parquet"))
    assert set(out[Cols.description]) == {"Blue and calm."} and len(out[Cols.palette][0]) >= 1
    api.asked = []
    enrich(settings)
    assert api.asked == []


def test_a_server_that_is_not_there_stops_the_run_with_a_remedy(home, monkeypatch):
    settings = home.model_copy(update={"writer": "openai", "base_url": "http://127.0.0.1:9/v1"})
    works = pd.DataFrame({Cols.artwork_id: range(20), Cols.title: "T"})
    write_parquet(as_artworks(works), Home(settings.home).file("artworks.parquet"))
    monkeypatch.setattr("openai._base_client.BaseClient._calculate_retry_timeout", lambda *a, **k: 0)
    with pytest.raises(UserError, match="did not answer"):
        enrich(settings)


def test_settings_choose_the_writer(home, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert isinstance(make_writer(home), OfflineWriter)
    assert make_writer(home.model_copy(update={"writer": "openai"})).responses
    assert not make_writer(home.model_copy(update={"writer": "openai", "base_url": "http://127.0.0.1:1/v1"})).responses


def test_a_picture_outside_the_home_is_not_opened(home, tmp_path):
    picture(tmp_path / "secret.png")
    assert picture_of({Cols.image_path: "../secret.png"}, Home(home.home)) is None
    assert picture_of({Cols.image_path: "pictures/a1.jpg"}, Home(home.home)) is not None


def test_the_same_seed_writes_the_same_table(home):
    enrich(home)
    before = read_parquet(Home(home.home).file("enriched.parquet"))
    enrich(home)
    assert read_parquet(Home(home.home).file("enriched.parquet")).equals(before)


def test_a_missing_picture_is_reported(home):
    writer, work = OfflineWriter(), WORK | {Cols.image_path: "pictures/nothing.jpg"}
    text, palette, problem = describe_one(work, Home(home.home), writer, writer, Unreachable(writer))
    assert "oats" in text and palette == [] and problem == "picture is missing"


# ---- money


@pytest.fixture
def many(tmp_path, api, monkeypatch):
    "Settings of a home with n works that OpenAI (the fake server) is to describe through the Responses API"
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_BASE_URL", api.url)
    api.replies = [{"text": "Blue and calm."}]

    def make(n, ORDER="", **over):
        settings = load_settings(
            "smoke", tmp_path / "home", **{"writer": "openai", "batch": "off", "batch_poll": 0.05} | over
        )
        works = pd.DataFrame(
            {Cols.artwork_id: [f"w{i}" for i in range(n)], Cols.title: [f"marker-{i} {ORDER}" for i in range(n)]}
        )
        write_parquet(as_artworks(works), Home.of(settings).file("artworks.parquet"))
        return settings

    return make


@pytest.mark.parametrize("batch", ["off", "on"])
def test_no_request_holds_anything_of_another_row(many, api, batch):
    enrich(many(12, batch=batch, ORDER=ORDER))
    bodies = [json.dumps(b) for _, b in api.asked] + [
        x for f in api.files.values() for x in f.split("\n") if '"POST"' in x
    ]
    assert len(bodies) == 12
    for body in bodies:
        assert len(set(re.findall("marker-[0-9]+", body))) == 1


def test_the_quote_sends_nothing_and_is_no_less_than_the_bill(many, api):
    settings = many(10)
    told = quote_enrich(settings)
    assert api.asked == [] and told["rows"] == told["to_ask"] == 10 and 0 < told["dollars"] < told["dollars_at_most"]
    paid = enrich(settings)["language_model"]
    assert (
        paid["dollars_of_this_home"] == pytest.approx(10 * PRICES["gpt-4o-mini"].dollars(100, 20), abs=1e-4)
        and paid["asked"] == 10
    )
    assert quote_enrich(settings)["to_ask"] == 0


@pytest.mark.parametrize("batch", ["off", "on"])
def test_the_budget_is_never_passed_and_what_is_paid_is_kept(many, api, batch):
    price = "1000,1000"  # a question that uses 100 + 20 tokens costs 12 cents, 6 in a batch
    with pytest.raises(UserError, match="budget = 2 dollars") as e:
        enrich(many(40, budget=2.0, token_prices=price, batch=batch))
    assert "what is paid is kept" in str(e.value)
    cost = sum(api.paid.values()) * (0.06 if batch == "on" else 0.12)
    assert 0 < cost <= 2 and 0 < sum(api.paid.values()) < 40
    before = dict(api.paid)
    summary = enrich(many(40, budget=100.0, token_prices=price, batch=batch))
    assert not summary["problems"] and len(api.paid) == 40 and all(api.paid[q] == 1 for q in before)


def test_a_budget_and_a_quote_need_a_price(many):
    with pytest.raises(UserError, match="token_prices"):
        quote_enrich(many(2, openai_model="nobody-knows"))
    with pytest.raises(UserError, match="token_prices"):
        enrich(many(2, openai_model="nobody-knows", budget=1.0))


def test_prices_that_are_no_numbers_are_named(many):
    with pytest.raises(UserError, match="token_prices"):
        enrich(many(2, token_prices="cheap"))


def test_a_batch_answers_in_any_order_and_leaves_nothing_to_ask(many, api):
    settings = many(25, batch="on")
    api.replies = lambda body: {"text": f"Told of {re.search('marker-[0-9]+', question(body))[0]}.\u2028Calm."}
    summary = enrich(settings)
    out = read_parquet(Home(settings.home).file("enriched.parquet")).set_index(Cols.artwork_id)
    assert all(f"marker-{i}." in out.description[f"w{i}"] for i in range(25))
    assert api.asked == [] and len(api.batches) == 1 and summary["language_model"]["batch_answered"] == 25
    assert summary["language_model"]["dollars_of_this_home"] == pytest.approx(
        25 * PRICES["gpt-4o-mini"].dollars(100, 20, batch=True), abs=1e-4
    )
    assert not list((Home(settings.home).cache / "batches").glob("*.json*"))


@pytest.mark.parametrize(
    "fate, batches, direct", [("expired", 2, 0), ("errors", 2, 0), ("rejected", 1, 1), ("token_limit_exceeded", 3, 0)]
)
def test_what_a_batch_did_not_answer_is_asked_again(many, api, fate, batches, direct):
    settings = many(20, batch="on")
    api.plan = [fate]
    assert not enrich(settings)["problems"] and len(api.batches) == batches and len(api.asked) == direct
    assert len(api.paid) == 20 and set(api.paid.values()) == {1}


def test_a_batch_that_is_never_answered_is_given_up(many, api):
    api.plan = ["errors"] * 3
    summary = enrich(many(1, batch="on"))
    assert len(api.batches) == 3 and summary["language_model"]["batch_given_up"] == 1 and len(api.asked) == 1


def test_a_batch_that_somebody_cancelled_stops_the_run_and_keeps_what_it_brought(many, api):
    api.plan = ["cancelled"]
    with pytest.raises(UserError, match="was cancelled with 10 rows"):
        enrich(many(20, batch="on"))
    assert sum(api.paid.values()) == 10 and api.asked == []
    enrich(many(20, batch="on"))
    assert len(api.paid) == 20 and set(api.paid.values()) == {1}


def test_a_batch_that_is_not_accepted_is_explained(many, api):
    api.plan = ["invalid_json_line"]
    with pytest.raises(UserError, match="invalid_json_line"):
        enrich(many(3, batch="on"))


def test_bad_answers_in_a_batch_have_their_kinds(many, api):
    api.replies = lambda body: (
        {"refusal": "no"}
        if re.search(r"marker-1\b", question(body))
        else "nonsense"
        if re.search(r"marker-2\b", question(body))
        else {"text": "Blue."}
    )
    summary = enrich(many(5, batch="on"))
    assert summary["language_model"]["batch_refused"] == summary["language_model"]["batch_invalid"] == 1
    assert (
        sum(summary["problems"].values()) == 2 and len(api.asked) == 2
    )  # nonsense is asked for directly, twice; the refusal is kept


def test_few_questions_are_not_worth_a_batch(many, api):
    enrich(many(5, batch="auto"))
    assert not api.batches and len(api.asked) == 5


# ---- killed, and started again


RUN = """
import sys
from art_recsys.config import Settings
from art_recsys.enrichment import enrich
enrich(Settings.model_validate_json(sys.argv[1]))
"""


def start(settings):
    return subprocess.Popen(
        [sys.executable, "-c", RUN, settings.model_dump_json()], env=dict(os.environ), stderr=subprocess.DEVNULL
    )


def kill_when(child, ready, seconds=60):
    until = time.monotonic() + seconds
    while not ready():
        assert child.poll() is None and time.monotonic() < until, "the run ended before it could be killed"
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait(10)


def test_a_run_that_is_killed_pays_for_nothing_twice(many, api):
    settings = many(60)
    api.replies = [Slow(0.15, {"text": "Blue."})]
    kill_when(start(settings), lambda: sum(api.paid.values()) >= 20)
    time.sleep(0.4)  # what was on its way has been answered, to nobody
    cache = ReplyCache(Home(settings.home).cache / "writer.db")
    kept, paid = len(cache), sum(api.paid.values())
    assert kept >= 12 and paid - kept <= 8  # only what eight threads had under way is lost
    api.asked = []
    enrich(settings)
    assert len(api.asked) == 60 - kept and len(api.paid) == 60 and max(api.paid.values()) <= 2


def test_two_processes_at_once_pay_once(many, api):
    settings = many(30)
    api.replies = [Slow(0.1, {"text": "Blue."})]
    child = start(settings)
    enrich(settings)
    assert child.wait(60) == 0 and len(api.paid) == 30 and set(api.paid.values()) == {1}


@pytest.mark.parametrize("hold", [0.0, 30.0], ids=["while it works", "between making and noting it"])
def test_a_batch_run_that_is_killed_takes_the_batch_up_again(many, api, hold):
    settings = many(20, batch="on")
    api.polls, api.hold_create = 10**9, hold
    kill_when(start(settings), lambda: api.created.is_set() and (hold or any(b["seen"] for b in api.batches.values())))
    api.polls, api.hold_create = 0, 0.0
    assert not enrich(settings)["problems"]
    assert len(api.batches) == 1 and api.asked == [] and set(api.paid.values()) == {1} and len(api.paid) == 20

"""Bad predictions over HTTP, and a text model that is never loaded on the thread of a request."""

import threading
import time

import numpy as np
import pytest
from fastapi.testclient import TestClient

from art_recsys.config import load_settings
from art_recsys.serving.predictors import QueryPredictor, RankingPredictor
from art_recsys.serving.search import Meaning
from art_recsys.serving.server import create_app
from art_recsys.serving.text_model import start_text_model
from tests.serving.test_predictors import BAD, FakeRanker, FakeTowers


class FakeService:
    "Both predictors, and a text model that is loaded when the test lets it"

    version, models = "query-1+ranking-1", ("query", "ranking")

    def __init__(self, settings):
        self.settings, self.may_load, self.search_index = settings, threading.Event(), self
        self.predictors = {"query": QueryPredictor(FakeTowers(8)), "ranking": RankingPredictor(FakeRanker(8))}
        self.meaning = Meaning(np.zeros((1, 8), np.float32), self.encode)

    def encode(self, texts):
        assert threading.current_thread().name == "search by meaning", "never on the thread of a request"
        assert self.may_load.wait(20)
        return np.zeros((len(texts), 8), np.float32)

    def predict(self, name, instances):
        return self.predictors[name].predict(instances)

    def close(self):
        self.may_load.set()


@pytest.fixture
def served(tmp_path):
    settings = load_settings("smoke", tmp_path / "home")
    service = FakeService(settings)
    with TestClient(
        create_app(settings, service), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as client:
        yield client, service


def ask(client, **instance):
    return client.post("/v1/models/query:predict", json={"instances": [{"history": [], **instance}]})


def post(client, name, body):
    return client.post(f"/v1/models/{name}:predict", content=body, headers={"content-type": "application/json"})


def test_bad_instances_are_422_with_the_name_of_the_key(served):
    client, _ = served
    for key, value in BAD:
        if value == float("inf") or value == "\ud800":
            continue  # the client cannot write these; see below
        answer = ask(client, **{key: value})
        assert answer.status_code == 422 and key in answer.json()["detail"], (key, value, answer.text)
    for raw, key in (('{"age": 1e999}', "age"), ('{"user_id": "\\ud800"}', "user_id")):
        answer = post(client, "query", f'{{"instances": [{raw}]}}')
        assert answer.status_code == 422 and key in answer.text


def test_half_a_character_in_an_unknown_id_is_404_and_not_500(served):
    client, service = served
    service.predictors["ranking"].known = lambda a: False
    answer = client.post(
        "/v1/models/ranking:predict", json={"instances": [{"history": [], "artwork_ids": ["\U0001f600"]}]}
    )
    assert answer.status_code == 404
    raw = '{"instances": [{"history": [], "artwork_ids": ["\\ud83d"]}]}'
    assert post(client, "ranking", raw).status_code == 422


def test_a_description_waits_for_nobody_and_is_answered_when_the_model_is_there(served):
    client, service = served
    first = ask(client, description="A friend of the sea.")
    assert first.status_code == 503 and "being loaded" in first.json()["detail"]
    assert ask(client, user_id="ann").status_code == 200, "others are answered meanwhile"
    assert ask(client, description="A sailor.", text_embedding=[0.0] * 8).status_code == 200, "it needs no model"
    service.may_load.set()
    end = time.monotonic() + 20
    while not service.meaning.ready and time.monotonic() < end:
        time.sleep(0.01)
    assert ask(client, description="A friend of the sea.").status_code == 200


def test_a_model_that_cannot_be_loaded_is_said(served, monkeypatch):
    client, service = served
    monkeypatch.setattr(service.meaning, "failed", True)
    assert "cannot be loaded" in ask(client, description="A sailor.").json()["detail"]


@pytest.mark.parametrize("at_start", [True, False])
def test_the_setting_says_whether_the_model_is_loaded_at_start(tmp_path, at_start):
    service = FakeService(load_settings("smoke", tmp_path / "home", load_text_model=at_start))
    service.may_load.set()
    start_text_model(service.settings, service)
    end = time.monotonic() + (20 if at_start else 0.2)
    while not service.meaning.ready and time.monotonic() < end:
        time.sleep(0.01)
    assert service.meaning.ready is at_start
    assert load_settings().load_text_model and not load_settings("smoke").load_text_model

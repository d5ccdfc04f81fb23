"""The whole pipeline with the real SDK and the contract server reports, serves and recommends the same as embedded"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from art_recsys.config import load_settings, read_json
from art_recsys.core import Cols
from art_recsys.pipeline import STAGES, run
from art_recsys.platform.login import login
from art_recsys.serving.loading import load_service
from art_recsys.serving.predictors import QueryPredictor, RankingPredictor
from tests.approximate import approximate
from tests.conftest import ROOT, TINY
from tests.contract.impatient import impatient


def search(settings, two_tower, request) -> list[str]:
    "Artworks near to the query vector of a request, by the vector index of `candidate_embeddings`"
    group = login(settings).get_feature_store().get_feature_group("candidate_embeddings", settings.feature_version)
    near = group.find_neighbors(two_tower.query([request])[0].tolist(), k=request["k"] + len(request["history"]))
    return [values[0] for _, values in near if values[0] not in request["history"]][: request["k"]]


def answers(settings) -> dict:
    "What a home serves: pages of three users, and what the two deployments and the vector index are to answer"
    service = load_service(settings.model_copy(update={"exploration": 0.0}))
    try:
        users = pd.read_parquet(settings.home / "users.parquet")[Cols.user_id].iloc[:3]
        pages = {
            u: [(i["artwork_id"], i["score"], i["reason"]["text"]) for i in service.recommend(u, 12)["items"]]
            for u in users
        }
        asked = {"history": [items[0][0] for items in pages.values()], "k": 20}
        found = QueryPredictor(service.two_tower).predict([asked])
        ranking = RankingPredictor(service.predictors["ranking"].ranker)
        scored = {**asked, "artwork_ids": found[0]["artwork_ids"]}
        return {
            "pages": pages,
            "asked": {"query": asked, "ranking": scored},
            "said": {"query": found, "ranking": ranking.predict([scored])},
            "searched": search(settings, service.two_tower, asked),
        }
    finally:
        service.close()


def main(home: str, out: str):
    "The process on Hopsworks: all stages, what they said, and the answers of the deployments"
    impatient(pytest.MonkeyPatch())
    settings = load_settings("smoke", home, server_port=0, gallery_port=0, **TINY)
    summaries = run(
        settings, report=lambda name, summary: print(name, "begins" if summary is None else "is done", flush=True)
    )
    found, serving = answers(settings), login(settings).get_model_serving()
    found["deployed"] = {
        n: serving.get_deployment(n).predict(inputs=[i])["predictions"] for n, i in found["asked"].items()
    }
    Path(out).write_text(json.dumps({"summaries": summaries, **found}))


@pytest.fixture(scope="module")
def on_hopsworks(hopsworks_environment, hopsworks_environments, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    env = os.environ | hopsworks_environment | {"HOPSWORKS_CERT_FOLDER": str(folder / "certs"), "PYTHONPATH": str(ROOT)}
    with open(folder / "log", "w") as log:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.contract.test_hopsworks_pipeline",
                str(folder / "home"),
                str(folder / "out.json"),
            ],
            env=env,
            stdout=log,
            stderr=log,
            timeout=1200,
        )
    assert done.returncode == 0, (folder / "log").read_text()[-4000:]
    return json.loads((folder / "out.json").read_text())


@pytest.fixture(scope="module")
def embedded(tiny_run, tmp_path_factory):
    home = tmp_path_factory.mktemp("embedded") / "home"
    shutil.copytree(tiny_run.home, home, ignore=shutil.ignore_patterns("events.db*", ".lock"))
    said = {name: read_json(home / "stages" / f"{name}.json")["summary"] for name in STAGES}
    return json.loads(json.dumps({"summaries": said, **answers(tiny_run.model_copy(update={"home": home}))}))


def without_times(said):
    return (
        {k: without_times(v) for k, v in said.items() if not k.endswith("seconds")} if isinstance(said, dict) else said
    )


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_says_the_same_on_both(on_hopsworks, embedded, stage):
    assert without_times(on_hopsworks["summaries"][stage]) == approximate(without_times(embedded["summaries"][stage]))


def test_the_deployments_answer_what_the_models_say(on_hopsworks):
    for name in ("query", "ranking"):
        assert on_hopsworks["deployed"][name] == approximate(on_hopsworks["said"][name])


def test_the_published_candidates_are_those_that_the_query_deployment_finds(on_hopsworks, embedded):
    "The vector index holds the vectors of the registered towers, so a client with a query vector may search it"
    for answers_of in (on_hopsworks, embedded):
        assert answers_of["searched"] == answers_of["said"]["query"][0]["artwork_ids"]


def test_the_same_user_is_recommended_the_same_works(on_hopsworks, embedded):
    assert on_hopsworks["pages"] == approximate(embedded["pages"])
    assert on_hopsworks["said"] == approximate(embedded["said"])


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A home that is damaged in each way: `run` notices it, and the remedy that a message names helps."""

import shutil

import pytest

from art_recsys import pipeline
from art_recsys.config import UserError, load_settings, read_json, update_states
from art_recsys.pipeline import STAGES, Stage, is_current, run, status
from art_recsys.platform.intact import STAGE_GROUPS
from art_recsys.serving.release_file import read_release
from tests.conftest import TINY
from tests.test_foreign_home import cli


@pytest.fixture
def museum(tiny_run, tmp_path):
    "A copy of the tiny museum, to be damaged"
    shutil.copytree(tiny_run.home, tmp_path / "home")
    return load_settings("smoke", tmp_path / "home", server_port=0, gallery_port=0, **TINY)


@pytest.fixture
def ran(tiny_run, museum, monkeypatch):
    "The stages that have run; each brings back what it made in the undamaged museum, for training takes too long"
    names = []

    def made_again(stage):
        def call(settings):
            names.append(stage.name)
            for part in PARTS[stage.name]:
                source, target = tiny_run.home / part, settings.home / part
                if source.is_dir():
                    shutil.rmtree(target, ignore_errors=True)
                    shutil.copytree(source, target)
                elif source.is_file():
                    shutil.copy(source, target)
            return read_json(tiny_run.home / "stages" / f"{stage.name}.json")["summary"]

        return call

    monkeypatch.setattr(Stage, "call", property(made_again))
    fingerprints = {name: pipeline.stage_fingerprint(museum, name) for name in STAGES}  # of the code, read once
    monkeypatch.setattr(pipeline, "stage_fingerprint", lambda settings, name: fingerprints[name])
    return names


PARTS = {name: stage.products for name, stage in STAGES.items()} | {
    "features": ["feature_store/views", "feature_store/online.db"]
    + [f"feature_store/groups/{g}_1" for g in STAGE_GROUPS],
    "retrieval": ["registry/Models/query", "feature_store/groups/candidate_embeddings_1"],
    "ranking": ["registry/Models/ranking"],
    "deploy": ["release.json", "deployments", "maps"],
}


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def garble(path):
    path.write_bytes(b"\0" * path.stat().st_size)  # of the same size


def delete(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


MODELS = ["retrieval", "ranking", "deploy", "evaluate"]
FILES = {
    "artworks.parquet": ["ingest"],
    "enriched.parquet": ["enrich"],
    "users.parquet": ["users"],
    "events.parquet": ["users"],
    "users_truth.npz": ["users"],
    "stages/features.json": ["features"],
    "feature_store/online.db": ["features"],
    "feature_store/views/users_1.json": ["features"],
    "feature_store/groups/interactions_1/group.json": ["features"],
    "feature_store/groups/interactions_1/data/*.parquet": ["features"],
    "feature_store/groups/interactions_1/data/_delta_log/*.json": ["features"],
    "feature_store/groups/candidate_embeddings_1/data/*.parquet": MODELS,
    "registry/Models/query/1/manifest.json": MODELS,
    "registry/Models/query/1/Files/works.npz": MODELS,
    "registry/Models/ranking/1/manifest.json": MODELS[1:],
    "registry/Models/ranking/1/Files/ranking.json": MODELS[1:],
    "release.json": ["deploy"],
    "deployments/query.json": ["deploy"],
    "deployments/ranking.json": ["deploy"],
    "maps/*.npy": ["deploy"],
    "evaluation.json": ["evaluate"],
}
FOLDERS = {
    "feature_store": ["features", *MODELS],
    "registry/Models/ranking": MODELS[1:],
    "registry": MODELS,
    "deployments": ["deploy"],
    "maps": ["deploy"],
    "stages": list(STAGES),
}


@pytest.mark.parametrize("file", FILES)
def test_run_makes_again_what_is_damaged_and_nothing_else(museum, ran, file):
    for damage in (truncate, garble, delete):
        damage(next(museum.home.glob(file)))
        stale = [r["stage"] for r in status(museum) if r["state"] != "current"]
        assert stale and set(stale) <= set(FILES[file]), (file, damage.__name__)
        ran.clear()
        run(museum)
        assert ran == FILES[file], (file, damage.__name__)
        assert {r["state"] for r in status(museum)} == {"current"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_run_makes_a_folder_again_that_is_gone(museum, ran, folder):
    delete(museum.home / folder)
    run(museum)
    assert ran == FOLDERS[folder] and {r["state"] for r in status(museum)} == {"current"}
    ran.clear()
    run(museum)
    assert ran == [], "once is enough"


def test_a_damaged_feature_store_is_kept_aside(museum, ran, capsys):
    garble(museum.home / "feature_store" / "online.db")
    run(museum)
    aside = next(museum.home.glob("feature_store.damaged-*"))
    assert [p.name for p in aside.iterdir()] == ["online.db"] and str(aside) in capsys.readouterr().err


def test_a_file_that_was_changed_on_purpose_counts_as_done_when_that_is_said(museum, ran):
    import pandas as pd

    from art_recsys.config import Home

    path = museum.home / "users.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path)
    assert not is_current(museum, "users")
    update_states(Home(museum.home), ["users.parquet"])
    assert is_current(museum, "users")
    run(museum)
    assert ran == []


def test_models_that_were_made_alone_make_the_stages_after_them_stale(museum, ran):
    run(museum, force=True, only="retrieval")
    assert [r["stage"] for r in status(museum) if r["state"] == "stale"] == MODELS[1:]


def test_records_of_an_earlier_release_count(museum, ran):
    for path in (museum.home / "stages").glob("*.json"):
        record = read_json(path)
        kept = {k: v for k, v in record.items() if k in ("stage", "fingerprint", "seconds", "summary")}
        pipeline.write_json(kept, path)
    run(museum)
    assert ran == []
    (museum.home / "events.parquet").unlink()
    run(museum)
    assert ran == ["users"]


# ---- the release: its remedies are followed as a person would


def test_a_damaged_release_is_put_right_by_the_command_that_the_message_names(museum):
    options = ["--section", "smoke", "--home", museum.home]
    options += [x for k, v in TINY.items() for x in ("--set", f"{k}={v}")]
    for force in ([], ["--force"]):
        truncate(museum.home / "release.json")
        truncate(museum.home / "deployments" / "query.json")
        garble(next(museum.home.glob("maps/*.npy")))
        with pytest.raises(UserError, match=r"release\.json is damaged") as e:
            read_release(museum)
        assert e.value.remedy.endswith("art-recsys deploy")
        code, said = cli("deploy", *force, *options)
        assert code == 0, said
        assert read_release(museum)["version"] == "query-1+ranking-1"
        assert {r["state"] for r in status(museum)} == {"current"}
    code, said = cli("recommend", "ann", "-k", "3", *options)
    assert code == 0 and len(said.strip().splitlines()) == 3


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": "v", "query": {}, "ranking": {}}', '{"version": 1'])
def test_a_release_that_lacks_something_is_damaged(museum, text):
    (museum.home / "release.json").write_text(text)
    with pytest.raises(UserError, match="is damaged"):
        read_release(museum)
    assert not is_current(museum, "deploy")


def test_a_damaged_deployment_is_said_by_the_platform(museum):
    from art_recsys.platform.login import login

    truncate(museum.home / "deployments" / "query.json")
    with pytest.raises(UserError, match="deployment query is damaged") as e:
        login(museum).get_model_serving().get_deployment("query")
    assert e.value.remedy.endswith("art-recsys deploy")


@pytest.mark.parametrize(
    "file", ["views/users_1.json", "groups/users_1/group.json", "groups/users_1/data/*.parquet", "online.db"]
)
@pytest.mark.parametrize("damage", [truncate, garble, delete])
def test_a_damaged_feature_store_is_said_in_words(museum, file, damage):
    from art_recsys.features import load_frames
    from art_recsys.platform.login import login

    damage(next((museum.home / "feature_store").glob(file)))
    try:
        load_frames(login(museum), museum)  # the online store is not read here
    except UserError as e:
        assert "art-recsys run" in e.remedy or "art-recsys features" in e.remedy
    else:
        assert file == "online.db"

"""A stage as a Hopsworks job: our wheel in an environment, the job's script, its settings, its schedule"""

from pathlib import Path

import pytest
from hopsworks_common.client.exceptions import RestAPIError

from art_recsys import job
from art_recsys.config import load_settings
from art_recsys.platform.embedded import Project
from art_recsys.serving.schedule import make_job
from tests.conftest import ROOT

ARGS = "run --section smoke --upto features --set n_artworks=12 --set n_users=8 --set picture_size=64 "
ARGS += "--set feature_version=7"


@pytest.fixture(scope="module")
def made(hopsworks_project, hopsworks_environments):
    "The job, as the page on Hopsworks makes it"
    upload, jobs = hopsworks_project.get_dataset_api().upload, hopsworks_project.get_job_api()
    files = [upload(str(path), "Resources", overwrite=True) for path in (job.__file__, ROOT / "settings.ini")]
    return jobs.create_job(
        "art_recsys_features",
        jobs.get_configuration("PYTHON")
        | {
            "appPath": files[0],
            "files": f"hdfs:///Projects/museum/{files[1]}",
            "environmentName": "art_recsys",
            "defaultArgs": ARGS,
        },
    )


def test_a_stage_runs_as_a_job_and_its_features_are_there(hopsworks_project, made, tmp_path):
    execution = made.run()
    assert execution.success
    _, err = execution.download_logs(str(tmp_path))
    assert "features" in Path(err).read_text()  # where the command line says which stage it is at
    assert len(hopsworks_project.get_feature_store().get_feature_group("artworks", 7).read()) == 12


def test_it_is_scheduled_and_fired_as_a_scheduler_does(made, hopsworks_project):
    made.schedule("0 0 3 ? * * *")
    kept = hopsworks_project.get_job_api().get_job("art_recsys_features").job_schedule
    assert kept.cron_expression == "0 0 3 ? * * *" and kept.enabled
    assert made.run("status --section smoke -start_time 2026-01-01T03:00:00Z").success
    assert job.arguments(["run", "-start_time", "x", "--force", "-end_time", "y"]) == ["run", "--force"]


def test_a_job_has_the_package_of_its_environment(hopsworks_project, hopsworks_environments, tmp_path):
    (tmp_path / "where.py").write_text("import art_recsys\nprint(art_recsys.__file__)\n")
    jobs = hopsworks_project.get_job_api()
    config = jobs.get_configuration("PYTHON") | {
        "appPath": hopsworks_project.get_dataset_api().upload(str(tmp_path / "where.py"), "Resources")
    }
    out, _ = jobs.create_job("where", config | {"environmentName": "art_recsys"}).run().download_logs(str(tmp_path))
    assert ".environments/art_recsys/art_recsys/__init__.py" in Path(out).read_text()
    with pytest.raises(RestAPIError, match="no environment art_recsys_serving for jobs"):
        jobs.create_job("where", config | {"environmentName": "art_recsys_serving"})


def test_environments_are_listed_and_found(hopsworks_environments):
    names = [e.name for e in hopsworks_environments.get_environments()]
    assert {"art_recsys", "art_recsys_serving", "tensorflow-inference-pipeline"} <= set(names)
    assert hopsworks_environments.get_environment("nothing") is None
    with pytest.raises(AttributeError, match="get_environment_api"):
        Project("unused").get_environment_api()


def test_a_spark_job_is_kept_as_it_was_asked_for(hopsworks_project, tmp_path):
    (tmp_path / "spark.py").write_text("")
    jobs = hopsworks_project.get_job_api()
    config = jobs.get_configuration("PYSPARK") | {
        "appPath": hopsworks_project.get_dataset_api().upload(str(tmp_path / "spark.py"), "Resources"),
        "spark.executor.memory": 4096,
    }
    jobs.create_job("spark", config)
    kept = jobs.get_job("spark")
    assert (kept.job_type, kept.config["spark.executor.memory"], kept.config["mainClass"]) == (
        "PYSPARK",
        4096,
        "org.apache.spark.deploy.PythonRunner",
    )
    with pytest.raises(RestAPIError, match="runs no Spark"):
        kept.run()


def test_the_command_line_makes_a_scheduled_refresh(hopsworks_project, hopsworks_environments, monkeypatch, tmp_path):
    monkeypatch.setattr("art_recsys.serving.schedule.login", lambda settings: hopsworks_project)
    make_job(load_settings(home=tmp_path), "03:05")
    kept = hopsworks_project.get_job_api().get_job("art_recsys_refresh")
    assert kept.job_schedule.cron_expression == "0 5 3 ? * * *" and kept.config["environmentName"] == "art_recsys"
    assert kept.config["defaultArgs"].startswith("refresh --home ") and kept.config["files"].endswith("settings.ini")

"""Jobs, files and script deployments of the embedded project: processes of this machine, with their states and logs"""

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hopsworks_common.client.exceptions import (
    DatasetException,
    JobException,
    JobExecutionException,
    ModelServingException,
)

from art_recsys.config import UserError, read_json, trust_home
from art_recsys.platform.embedded import Project, Unsupported
from art_recsys.platform.embedded.jobs import fire


@pytest.fixture
def project(tmp_path):
    trust_home(tmp_path / "home")
    return Project(tmp_path / "home")


@pytest.fixture
def job_of(project, tmp_path):
    "Make a job of a few lines of Python"

    def make(source, name="report"):
        script = tmp_path / f"{name}.py"
        script.write_text(textwrap.dedent(source))
        api = project.get_job_api()
        config = api.get_configuration("PYTHON")
        config["appPath"] = project.get_dataset_api().upload(str(script), "Resources/jobs", overwrite=True)
        return api.create_job(name, config)

    return make


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def test_a_job_runs_and_says_how_it_went(project, job_of):
    job = job_of("""
        import os, sys
        env = os.environ
        print(sys.argv[1:], env['ART_RECSYS_HOME'].endswith('home'), env['HOPS_START_TIME'], env['MOOD'])
        print('a warning', file=sys.stderr)""")
    execution = job.run(
        "--k 3 'two words' ; $HOME", start_time=datetime(2026, 1, 2, tzinfo=UTC), env_vars={"MOOD": "calm"}
    )
    assert (execution.id, execution.state, execution.final_status, execution.success) == (
        1,
        "FINISHED",
        "SUCCEEDED",
        True,
    )
    assert execution.duration > 0 and execution.args.startswith("--k 3")
    out, err = execution.download_logs(project._home)
    assert Path(out).read_text() == "['--k', '3', 'two words', ';', '$HOME'] True 2026-01-02T00:00:00+00:00 calm\n"
    assert Path(err).read_text() == "a warning\n"
    again = Project(project._home).get_job_api().get_job("report")
    assert (
        [e.id for e in again.get_executions()] == [1]
        and again.get_state() == "FINISHED"
        and again.get_final_state() == "SUCCEEDED"
    )


def test_a_failing_job_raises_with_its_last_words(job_of):
    job = job_of('raise SystemExit("the catalogue is empty\\n  -> look at it")')
    with pytest.raises(JobExecutionException, match="ended as FAILED: the catalogue is empty -> look at it") as e:
        job.run()
    assert isinstance(e.value, UserError) and "report/executions/1/stderr.log" in str(e.value)
    assert job.get_state() == job.get_final_state() == "FAILED" and job.get_executions()[0].success is False


def test_a_running_job_can_be_stopped_and_a_killed_one_does_not_count_as_running(job_of):
    job = job_of('import time; print("here", flush=True); time.sleep(600)')
    first = job.run(await_termination=False)
    wait_for(lambda: first.state == "RUNNING" and Path(first.stdout_path).read_text() == "here\n")
    assert first.success is None and first.final_status == "UNDEFINED"
    with pytest.raises(JobException, match="is running"):
        job.delete()
    first.stop()
    with pytest.raises(JobExecutionException, match="KILLED"):
        first.await_termination(20)
    second = job.run(await_termination=False)
    wait_for(lambda: second.state == "RUNNING")
    os.killpg(second._facts()["pid"], signal.SIGKILL)  # as the machine's out-of-memory killer does: no last word
    wait_for(lambda: second.state == "KILLED")
    second._process.wait()
    assert [e.id for e in job.get_executions()] == [2, 1]
    second.delete()
    job.delete()
    assert job._api.get_job("report") is None and not job._api.exists("report")


def test_a_job_outlives_the_process_that_started_it(project, job_of):
    job_of('import time; time.sleep(1); print("done")')
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys\nfrom art_recsys.platform.embedded import Project\n"
            'Project(sys.argv[1]).get_job_api().get_job("report").run(await_termination=False)',
            str(project._home),
        ],
        check=True,
    )
    (execution,) = project.get_job_api().get_job("report").get_executions()
    execution.await_termination(20)
    assert execution.state == "FINISHED" and Path(execution.stdout_path).read_text() == "done\n"


def test_a_stage_runs_as_a_job_in_this_home(project, job_of):
    job = job_of("from art_recsys.cli import main\nmain()", "stage")
    job.run("ingest --section smoke --set n_artworks=6 --set picture_size=64")
    assert (
        read_json(project._home / "stages" / "ingest.json")["summary"]
        and (project._home / "artworks.parquet").is_file()
    )


def test_a_schedule_is_kept_and_says_who_fires_it(project, job_of, capsys):
    job = job_of('import os; print(os.environ.get("HOPS_START_TIME"), os.environ["HOPS_END_TIME"])')
    schedule = job.schedule("0 0 3 ? * * *", start_time=datetime(2026, 1, 1, tzinfo=UTC))
    assert "python -m art_recsys.platform.embedded.jobs HOME report" in capsys.readouterr().out
    kept = Project(project._home).get_job_api().get_job("report").job_schedule
    assert (
        kept.cron_expression == schedule.cron_expression == "0 0 3 ? * * *"
        and kept.enabled
        and kept.start_date_time.year == 2026
    )
    for _ in range(2):
        fire(project._home, "report")
    (start, end), (none, first_end) = (Path(e.stdout_path).read_text().split() for e in job.get_executions())
    assert none == "None" and start == first_end < end  # no moment is left out and none comes twice
    job.pause_schedule()
    assert fire(project._home, "report") is None and not job.job_schedule.enabled
    assert job.resume_schedule().enabled
    job.unschedule()
    assert project.get_job_api().get_job("report").job_schedule is None
    with pytest.raises(JobException, match="quartz"):
        job.schedule("0 3 * * *")
    with pytest.raises(Unsupported, match=r"catchup= of Job.schedule"):
        job.schedule("0 0 3 ? * * *", catchup=True)
    with pytest.raises(JobException, match="There is no job nothing"):
        fire(project._home, "nothing")


def test_what_a_job_cannot_be_is_said(project, job_of):
    api = project.get_job_api()
    with pytest.raises(Unsupported, match="get_configuration\\('PYSPARK'\\)"):
        api.get_configuration("PYSPARK")
    config = api.get_configuration("PYTHON")
    with pytest.raises(JobException, match="appPath"):
        api.create_job("a", config)
    with pytest.raises(JobException, match=r"There is no script nowhere.py"):
        api.create_job("a", config | {"appPath": "nowhere.py"})
    with pytest.raises(JobException, match="not a name for a job"):
        api.create_job("../a", config | {"appPath": "nowhere.py"})
    assert api.get_jobs() == [] and api.get_job("a") is None
    with pytest.raises(JobException, match="No executions"):
        job_of("pass").get_state()


def test_files_go_in_and_out_and_never_beside_the_project(project, tmp_path):
    api, note = project.get_dataset_api(), tmp_path / "note.txt"
    note.write_text("one")
    path = api.upload(str(note), "Resources")
    assert path == "Resources/note.txt" and api.exists(path) and api.exists("/Projects/art_recsys/Resources/note.txt")
    with pytest.raises(DatasetException, match="exists already"):
        api.upload(str(note), "Resources")
    note.write_text("two")
    api.upload(str(note), "Resources", overwrite=True)
    note.unlink()
    assert Path(api.download(path, str(tmp_path))).read_text() == "two"
    for hostile in ("../server.json", "/etc/passwd", "Resources/../../x"):
        with pytest.raises(DatasetException, match="outside the project"):
            api.exists(hostile)
    api.remove(path)
    assert not api.exists(path)


# --- deployments with scripts of their own

PREDICTOR = """
import json, os, pathlib
class Predict:
    def __init__(self):
        self.weight = json.loads((pathlib.Path(os.environ['MODEL_FILES_PATH'])/'weights.json').read_text())
    def predict(self, inputs):
        return [self.weight*i['x'] for i in inputs]
"""
TRANSFORMER = """
import os
class Transformer:
    def preprocess(self, request): return {'instances': [{'x': i['x'] + 1} for i in request['instances']]}
    def postprocess(self, answer): return {'predictions': [[p, os.environ['UNIT']] for p in answer['predictions']]}
"""


def test_a_deployment_serves_its_own_scripts(project, tmp_path):
    files = tmp_path / "model"
    files.mkdir()
    (files / "weights.json").write_text("3")
    (files / "predictor.py").write_text(PREDICTOR)  # among the model's files
    (tmp_path / "transformer.py").write_text(TRANSFORMER)  # a file of its own
    model, ms = project.get_model_registry().python.create_model("times").save(files), project.get_model_serving()
    deployment = model.deploy(
        name="times",
        script_file="predictor.py",
        env_vars={"UNIT": "cm"},
        transformer=ms.create_transformer(str(tmp_path / "transformer.py")),
    )
    deployment.start()
    assert deployment.get_state().status == "Idle"
    pod = subprocess.Popen([sys.executable, "-m", "art_recsys.platform.embedded.runner", str(project._home), "times"])
    try:
        wait_for(lambda: deployment.is_running(or_idle=False), 60)
        assert deployment.predict(inputs=[{"x": 1}, {"x": 2}]) == {"predictions": [[6, "cm"], [9, "cm"]]}
        with pytest.raises(ModelServingException, match="KeyError: 'x'"):
            deployment.predict(inputs=[{"y": 1}])
        assert deployment.predict(inputs=[{"x": 0}]) == {"predictions": [[3, "cm"]]}
        assert [d.name for d in ms.get_deployments()] == ["times"]
        deployment.stop()
        with pytest.raises(ModelServingException, match="not created or running"):
            deployment.predict(inputs=[{"x": 1}])
    finally:
        pod.terminate()
        pod.wait(20)
    deployment.start()
    assert deployment.get_state().status == "Idle" and not deployment._host_file.exists()
    with pytest.raises(ModelServingException, match=r"has no script gone.py"):
        deployment._script("gone.py")


def test_the_command_of_an_earlier_release_names_the_new_one():
    command = [sys.executable, "-m", "art_recsys.embedded.jobs", "/srv/home", "nightly"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "python -m art_recsys.platform.embedded.jobs /srv/home nightly" in done.stderr

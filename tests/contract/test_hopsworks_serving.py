"""What only a platform with pods can get wrong: a predictor that does not start, an environment that is not there"""

import pytest
from hopsworks_common.client.exceptions import ModelServingException, RestAPIError
from hsml.scaling_config import PredictorScalingConfig


@pytest.fixture(scope="module")
def model(hopsworks_project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    (folder / "weights.json").write_text("[]")
    model = hopsworks_project.get_model_registry().python.create_model("broken")
    model.save(str(folder))
    return model


def test_a_predictor_that_does_not_start_fails_with_its_last_words(hopsworks_project, model, tmp_path, capsys):
    (tmp_path / "broken_predictor.py").write_text(
        'class Predict:\n    def __init__(self): raise OSError("no such weights")\n'
    )
    deployment = model.deploy(name="broken", script_file=str(tmp_path / "broken_predictor.py"))
    with pytest.raises(ModelServingException, match="OSError: no such weights"):
        deployment.start()
    with pytest.raises(ModelServingException, match="not created or running"):
        deployment.predict(inputs=[{"x": 1}])
    deployment.get_logs()
    assert "raise OSError" in capsys.readouterr().out
    deployment.delete(force=True)
    assert hopsworks_project.get_model_serving().get_deployment("broken") is None


def test_a_deployment_needs_an_environment_made_for_deployments(model, tmp_path):
    (tmp_path / "predictor.py").write_text("")
    for name in ("nowhere", "tensorflow-training-pipeline"):
        with pytest.raises(RestAPIError, match=f"no environment {name} for deployments"):
            model.deploy(name="elsewhere", script_file=str(tmp_path / "predictor.py"), environment=name)


def test_scaling_is_set_on_a_deployment_that_is_there_and_stays(hopsworks_project, model, tmp_path):
    (tmp_path / "predictor.py").write_text("")
    model.deploy(name="scaled", script_file=str(tmp_path / "predictor.py"))
    serving = hopsworks_project.get_model_serving()
    found = serving.get_deployment("scaled")
    found.scaling_configuration = PredictorScalingConfig(
        min_instances=1, max_instances=4, scale_metric="CONCURRENCY", target=8
    )
    found.save()
    again = serving.get_deployment("scaled")
    again.env_vars = {"SEA": "north"}
    again.save()
    kept = serving.get_deployment("scaled")
    assert (
        kept.env_vars,
        kept.predictor.scaling_configuration.max_instances,
        kept.predictor.scaling_configuration.target,
    ) == ({"SEA": "north"}, 4, 8)

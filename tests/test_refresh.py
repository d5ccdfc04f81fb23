"Refresh and rollback on a copy of the tiny museum: what is promoted, what is not, and what is left when it goes wrong"

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from art_recsys import deployment
from art_recsys.config import Home, Settings, UserError
from art_recsys.core import Event
from art_recsys.deployment import compare, new_likes, refresh, rollback, verdict
from art_recsys.evaluation import hold_out
from art_recsys.features import load_frames
from art_recsys.measures.hits import per_user
from art_recsys.measures.statistics import paired_power, sign_flip_p, users_for
from art_recsys.models.two_stage import TwoStage
from art_recsys.platform.embedded.jobs import fire
from art_recsys.platform.login import login
from art_recsys.ranking import load_ranker
from art_recsys.recommendation import page_recommender
from art_recsys.serving.loading import load_service
from art_recsys.serving.release_file import read_release
from art_recsys.serving.store import EventStore
from art_recsys.simulator.truth import Truth, wanted_works
from art_recsys.simulator.visits import simulate_visits
from tests.test_cli import cli


@pytest.fixture
def lived(tiny_run, tmp_path):
    "A home of its own, in which 8 new visitors have liked what they want on three pages"
    shutil.copytree(tiny_run.home, tmp_path / "home", ignore=shutil.ignore_patterns("events.db*", ".lock"))
    few = {"smallest_loss": 1.0, "refresh_users": 4}  # eight visitors can show only that everything was lost
    settings = tiny_run.model_copy(update={"home": tmp_path / "home", "exploration": 0.0, **few})
    service = load_service(settings)
    wants = wanted_works(Truth.load(Home(settings.home).file("users_truth.npz")), np.arange(8), service.catalogue.ids)
    simulate_visits(service, wants, pages=4, k=8)
    service.close()
    return settings


def versions(settings):
    return [m.version for m in login(settings).get_model_registry().get_models(settings.query_model)]


def test_a_challenger_that_is_not_worse_is_promoted_and_can_be_rolled_back(lived):
    first = read_release(lived)["version"]
    found = refresh(lived)
    assert found["test_positives"] > 0 and found["visitor_events"] > 100 and 4 <= found["test_users"] <= 8
    assert found[f"challenger_ndcg_{lived.n_candidates}"] > 0 and found[f"champion_ndcg_{lived.n_candidates}"] > 0
    assert found["promoted"] == found["why"].startswith("not worse") == (found["version"] != first)
    assert read_release(lived)["version"] == found["version"]
    if not found["promoted"]:
        pytest.fail(f"this museum was chosen so that likes help: {found}")
    service = load_service(lived)  # it serves, and it knows the visitors of the store by name
    assert len(service.recommend("simulated-0", 5)["items"]) == 5
    assert "simulated-0" in service.two_tower.vocabs.kept["user_id"]
    service.close()
    assert "Kept" not in (out := cli("rollback", home=lived.home)).stdout and out.returncode == 0, out.stderr
    assert read_release(lived)["version"] == first
    with pytest.raises(UserError, match="no release before"):
        rollback(lived)


def test_a_worse_challenger_is_not_promoted(lived, monkeypatch):
    first, before = read_release(lived), versions(lived)
    real = deployment.train_challenger

    def turned_round(*args):
        "Trained, and then its best become its worst"
        ranker = real(*args)
        probability = ranker.probability
        ranker.probability = lambda features: 1 - probability(features)
        return ranker

    monkeypatch.setattr(deployment, "train_challenger", turned_round)
    found = refresh(lived)
    assert not found["promoted"] and found["why"].startswith("the challenger is worse (p = 0.0")
    assert read_release(lived) == first and versions(lived) == before


def test_champion_and_challenger_are_compared_by_the_pages_of_a_visitor(tiny_run):
    frames, ranker = load_frames(login(tiny_run), tiny_run), load_ranker(tiny_run)
    train, test = hold_out(frames[2])

    def score(diversity):
        settings = tiny_run.model_copy(update={"diversity": diversity})
        return compare({"champion": ranker}, *frames[:2], train, test, settings, 8)["champion"]

    page = page_recommender(TwoStage(ranker.two_tower, ranker), tiny_run).serve(*frames[:2], train)
    shown = per_user(page.recommend(test["user_id"].unique(), 8), test, ["ndcg@8"])["ndcg@8"]
    assert score(tiny_run.diversity).tolist() == shown.tolist() != score(1.0).tolist()


def test_without_new_likes_nothing_is_trained(tiny_run, tmp_path):
    shutil.copytree(tiny_run.home, tmp_path / "home", ignore=shutil.ignore_patterns("events.db*", ".lock"))
    settings = tiny_run.model_copy(update={"home": tmp_path / "home"})
    store = EventStore(settings.home / "events.db")
    work = str(
        login(settings).get_feature_store().get_feature_view("artworks", 1).get_batch_data()["artwork_id"].iloc[0]
    )
    store.submit([{"user_id": "ann", "artwork_id": work, "event": Event.like}]).result()
    store.close()
    before = versions(settings)
    execution = scheduled_refresh(settings)
    assert (
        execution.success
        and "Kept what is in service: fewer than 20 new likes" in Path(execution.stdout_path).read_text()
    )
    assert versions(settings) == before


def scheduled_refresh(settings):
    "What a scheduler starts at night: the command as a job of the project"
    script = settings.home / "job.py"
    script.write_text("from art_recsys.cli import main\nmain()\n")
    project = login(settings)
    app, jobs = project.get_dataset_api().upload(str(script), "Resources", overwrite=True), project.get_job_api()
    jobs.create_job("refresh", jobs.get_configuration("PYTHON") | {"appPath": app, "defaultArgs": "refresh"}).schedule(
        "0 15 4 ? * * *"
    )
    return fire(settings.home, "refresh")


def test_a_crash_between_training_and_release_leaves_the_old_pair_in_service(lived, monkeypatch):
    first = read_release(lived)
    monkeypatch.setattr(deployment, "put_in_service", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        refresh(lived)
    assert read_release(lived) == first
    load_service(lived).close()


def scores(lead):
    return pd.DataFrame({"champion": 0.4, "challenger": 0.4 + np.asarray(lead)})


def test_the_verdict_is_right_about_luck_and_about_harm():
    "Over many nights: an equal challenger is refused one time in ten, a harmful one nearly always, a helpful one never"
    r = np.random.default_rng(0)

    def nights(shift, n):
        return np.mean([verdict(scores(r.normal(shift, 0.1, n)), Settings(smallest_loss=0.25))[0] for _ in range(60)])

    assert nights(0, 20) == pytest.approx(0.9, abs=0.11)
    assert nights(-0.08, 20) < 0.1 and nights(0.08, 20) == 1


@pytest.mark.parametrize("lead", [0.3, 0.0])
@pytest.mark.parametrize("n", [0, 1, 6, 19])
def test_a_handful_of_users_promotes_nothing(n, lead):
    "Six people with better pages, or with the same ones, are no reason to give everybody other models"
    promote, why = verdict(scores([lead] * n), Settings())
    assert not promote and f"{n} user" in why and "takes 20 users at least (refresh_users)" in why


def test_the_verdict_says_what_the_comparison_can_show():
    "A loss of a tenth of .4 is .04: users whose pages differ by .3 cannot show it, and the number that can is named"
    r = np.random.default_rng(1)
    wide, calm = r.normal(0.05, 0.3, 60), r.normal(0.01, 0.05, 60)
    promote, why = verdict(scores(wide), Settings())
    assert not promote and "60 users would show a loss of 10% with a probability of 0." in why
    need = int(why.split("takes about ")[1].split()[0])
    assert 200 < need < 600
    assert verdict(scores(calm), Settings())[0] and "60 users would show" in verdict(scores(calm), Settings())[1]
    assert verdict(scores(wide), Settings(smallest_loss=0.5))[0]  # who accepts a larger loss says so
    promote, why = verdict(scores(calm - 0.2), Settings())
    assert not promote and why.startswith("the challenger is worse (p = 0.0")


def test_the_power_is_the_share_of_comparisons_that_show_the_loss():
    r, loss = np.random.default_rng(2), 0.04
    d = r.normal(0, 0.12, 60)
    shown = np.mean([sign_flip_p(r.normal(-loss, 0.12, 60), "less", draws=500) < 0.1 for _ in range(400)])
    assert shown - 0.12 < paired_power(d, loss) < shown + 0.03  # a little less: the spread is its upper limit
    assert paired_power(r.normal(0, 0.12, users_for(d, loss)), loss) == pytest.approx(0.8, abs=0.1)
    assert paired_power([0.1], 1) == 0 and users_for([0.1], 1) is users_for(d, 0) is None


def test_the_cut_of_new_likes():
    from art_recsys.core import as_events

    def day(n):
        return n * 86_400

    rows = [(f"{n}", f"u{n % 3}", f"w{n}", "like", day(n)) for n in range(40)] + [
        ("again", "u0", "w0", "like", day(39.5))
    ]
    events = as_events(pd.DataFrame(rows, columns=["event_id", "user_id", "artwork_id", "event", "ts"]))
    train, test = new_likes(events, pd.Timestamp(day(9), unit="s", tz="UTC"))
    assert train["ts"].max() < test["ts"].min() and len(test) == 10  # a third of the 30 new ones; w0 was known
    assert new_likes(events, pd.Timestamp(day(30), unit="s", tz="UTC"))[1].empty

"""The lesson on users: seed works, profiles and the stage."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import bootstrap

from art_recsys.config import Home, UserError, load_settings, read_parquet, rng, write_parquet
from art_recsys.core import Cols, as_artworks, as_users
from art_recsys.language.offline import OfflineWriter
from art_recsys.language.replies import WriterError
from art_recsys.simulator.attributes import artwork_attributes
from art_recsys.simulator.truth import Truth
from art_recsys.users import companions, make_users, profile_ranks, quote_users, seed_works, write_profiles
from tests.language.openai_standin import StandIn, question, serving
from tests.simulator.crowds import catalogue, make_crowd, matrix


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    "A home with 200 works and 500 users; read it, do not change it"
    return make_crowd(tmp_path_factory.mktemp("users"))


def mean_interval(x):
    "Mean and its 95 % interval"
    ci = bootstrap((x,), np.mean, n_resamples=1000, method="percentile", rng=rng(42, "bootstrap")).confidence_interval
    return x.mean(), ci.low, ci.high


def test_every_work_is_a_seed_and_seeds_are_distinct():
    works = catalogue()
    near, alike = companions(works, artwork_attributes(works))
    kinds, seeds = seed_works(450, near, alike, 1)
    first = np.bincount(seeds[:, 0], minlength=200)
    assert first.min() >= 2 and first.max() <= 3 and all(len(set(s)) == 4 for s in seeds)
    again, other = seed_works(450, near, alike, 1), seed_works(450, near, alike, 2)
    assert (again[0] == kinds).all() and (again[1] == seeds).all() and (other[1] != seeds).any()
    assert (seed_works(90, near, alike, 1)[1][:, 0] == seeds[:90, 0]).all()  # fewer users have the same first works


def test_a_profile_finds_its_owners_likes_and_a_random_one_does_not(crowd):
    liked = crowd["truth"].interests[:, 0]
    own, other = (
        mean_interval(profile_ranks(crowd["works"], crowd["users"], liked)[k].to_numpy()) for k in ("own", "random")
    )
    assert own[0] < 0.6 * other[0] and own[2] < other[1]
    all_likes = matrix(crowd["events"], crowd)  # the later ones too, which nobody wrote into the profile
    most = all_likes.sum(1).max()
    rows = np.array([np.pad(at := np.flatnonzero(m), (0, most - len(at)), constant_values=-1) for m in all_likes])
    own, other = (
        mean_interval(profile_ranks(crowd["works"], crowd["users"], rows)[k].to_numpy()) for k in ("own", "random")
    )
    assert own[2] < other[1]


def test_ranks_are_measured_right():
    works = as_artworks(
        pd.DataFrame(
            {"artwork_id": list("abc"), "title": "T", "description": ["blue boats", "red horses", "green hills"]}
        )
    )
    users = as_users(pd.DataFrame({"user_id": ["1", "2"], "description": ["loves boats", "loves horses"]}))
    ranks = profile_ranks(works, users, np.array([[0, -1], [1, -1]]))
    assert list(ranks["own"]) == [0, 0] and list(ranks["random"]) == [
        0.75,
        0.75,
    ]  # tied with one other for the last two places


def test_profiles_are_of_many_people(crowd):
    users = crowd["users"]
    assert (
        users[Cols.description].nunique() == 500
        and users[Cols.age].std() > 12
        and users[Cols.age].between(10, 110).all()
    )
    assert set(users[Cols.gender]) == {"F", "M", "N"} and users[Cols.gender].value_counts(normalize=True).max() < 0.6


@pytest.mark.parametrize("n", [2, 3, 5, 30])
def test_small_bare_catalogues_get_users(n, tmp_path):
    settings = load_settings("smoke", tmp_path / "home", n_users=20)
    write_parquet(catalogue(n, bare=True), Home.of(settings).file("enriched.parquet"))
    summary = make_users(settings)
    assert summary["users"] == 20 and summary["likes"] >= 20 * min(n, 4)


def test_one_work_is_too_few(tmp_path):
    settings = load_settings("smoke", tmp_path / "home")
    write_parquet(catalogue(1), Home.of(settings).file("enriched.parquet"))
    with pytest.raises(UserError, match="too few"):
        make_users(settings)


def test_a_language_model_that_refuses_is_counted_and_replaced(tmp_path):
    class Refusing:
        model = "m"

        def profile(self, works, pictures=(), key=""):
            raise WriterError("refused", "no")

    works = catalogue(20)
    _, seeds = seed_works(5, *companions(works, artwork_attributes(works)), 1)
    users, problems = write_profiles(works, seeds, Refusing(), Home(tmp_path))
    expected, none = write_profiles(works, seeds, OfflineWriter(42), Home(tmp_path))
    assert sum(problems.values()) == 5 and not none and users.equals(expected)


@pytest.mark.parametrize("batch", ["off", "on"])
def test_a_language_model_writes_each_profile_once(tmp_path, monkeypatch, batch):
    stand_in = StandIn()
    stand_in.replies = lambda body: {
        "age": 30,
        "gender": "N",
        "description": f"Likes {re.search('Work [0-9]+', question(body))[0]}.",
    }
    with serving(stand_in) as url:
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        settings = load_settings("smoke", tmp_path / "home", writer="openai", batch=batch, batch_poll=0.05, n_users=30)
        write_parquet(catalogue(40), Home.of(settings).file("enriched.parquet"))
        assert quote_users(settings)["to_ask"] == 30 and not stand_in.paid
        summary = make_users(settings)
        assert (
            not summary["problems"] and sum(stand_in.paid.values()) == 30 and len(stand_in.batches) == (batch == "on")
        )
        assert quote_users(settings)["to_ask"] == 0
        make_users(settings)
    users, truth = (
        read_parquet(Home.of(settings).file("users.parquet")),
        Truth.load(Home.of(settings).file("users_truth.npz")),
    )
    assert sum(stand_in.paid.values()) == 30
    assert all(
        f"Work {int(truth.interests[i, 0, 0])}." in d for i, d in enumerate(users[Cols.description])
    )  # each got its own answer

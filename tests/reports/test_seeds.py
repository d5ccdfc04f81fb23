"""Seed variance beside user variance, on values whose variances are known."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.config import UserError
from art_recsys.core import Cols, as_artworks, as_events, as_users
from art_recsys.evaluation import evaluate_split, hold_out
from art_recsys.recommendation import make_recommenders
from art_recsys.reports.seeds import SeedStudy, seed_study, seeds_from
from tests.small_frames import frames

USERS = pd.Index([f"u{i}" for i in range(400)])


def study(seed_sd, user_sd, n=5):
    "`two_stage` with a spread over seeds and over users, and a fixed `ease`"
    r = np.random.default_rng(1)
    taste = r.normal(0, user_sd, len(USERS))
    shifts = np.linspace(-1, 1, n) * seed_sd / np.linspace(-1, 1, n).std(ddof=1)
    of = lambda v: pd.DataFrame({"ndcg@10": v}, index=USERS)  # noqa: E731
    return SeedStudy(list(range(n)), {"ease": [of(0.2 + taste)], "two_stage": [of(0.25 + taste + s) for s in shifts]})


def test_each_variance_is_found():
    found = study(0.03, 0.2).spread("two_stage").loc["ndcg@10"]
    assert found["seed_sd"] == pytest.approx(0.03) and found["seed_sd_low"] < 0.03 < found["seed_sd_high"]
    assert found["seed_sd_high"] == pytest.approx(0.03 * (4 / 0.4844) ** 0.5, rel=1e-3)  # chi-squared, 4 degrees
    assert found["user_se"] == pytest.approx(0.2 / 20, rel=0.1)
    assert found["both_se"] == pytest.approx((found["user_se"] ** 2 + 0.03**2) ** 0.5)
    still = study(0.0, 0.2).spread("two_stage").loc["ndcg@10"]
    assert still["seed_sd"] == pytest.approx(0) and still["both_se"] == pytest.approx(still["user_se"])


def test_differences_are_paired_by_user_and_by_seed():
    row = study(0.06, 0.2).differences("two_stage", "ndcg@10").loc["ease"]
    gap = 0.25 - 0.2
    assert row["difference"] == pytest.approx(gap) and row["user_se"] == pytest.approx(0, abs=1e-9)
    assert row["seed_sd"] == pytest.approx(0.06) and row["both_se"] == pytest.approx(0.06 / 5**0.5)
    assert row["seeds"] == 5 and row["wins"] == sum(gap + s > 0 for s in np.linspace(-1, 1, 5) * 0.06 / 0.79057)
    found = study(0.06, 0.2).as_dict()
    assert list(found["metrics"]) == ["two_stage"] and set(found["differences"]) == {"two_stage"}


def test_only_what_has_a_seed_is_fitted_again():
    works, users, events = frames(40, 30, 1500)
    works, users, events = as_artworks(works), as_users(users), as_events(events)
    train, test = hold_out(events, 0.2)
    names, asked = ("random", "popularity", "als", "ease"), []

    def make(seed):
        asked.append(seed)
        fresh = make_recommenders()
        for n in ("random", "als"):
            model = fresh[n].model
            if n == "als":
                model.params["random_state"] = seed
            else:
                model.seed = seed
        return {n: fresh[n] for n in names}

    result = evaluate_split(works, users, train, test, make(42))
    found = seed_study(works, users, train, test, make, [42, 43, 44], result.values)
    assert asked == [42, 43, 44]
    assert {n: len(v) for n, v in found.values.items()} == {"random": 3, "popularity": 1, "als": 3, "ease": 1}
    first, again = (found.values["random"][i]["ndcg@10"] for i in (0, 1))
    assert list(first.index) == list(again.index) == list(result.users.index) and not first.equals(again)
    spread = found.spread("random")
    assert spread.loc["ndcg@10", "seed_sd"] > 0 and "novelty@10" not in spread.index
    assert "ndcg_ips@10" not in spread.index  # of the lists that only the first seed has
    assert set(found.as_dict()["metrics"]) == {"random", "als"} and found.as_dict()["differences"] == {}
    assert Cols.user_id == first.index.name


def test_one_seed_has_no_spread():
    assert seeds_from(42, 3) == [42, 1042, 2042]
    with pytest.raises(UserError, match="2 seeds or more"):
        seeds_from(42, 1)

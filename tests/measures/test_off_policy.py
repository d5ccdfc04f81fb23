"Off-policy estimates on pages whose every possibility can be counted, with likes of visitors who look at ranks"

import numpy as np
import pytest

from art_recsys.measures.off_policy import estimates, examination_of, explored_log, weights
from art_recsys.recommendation import explore

RANKS, WORKS, PAGES = 4, 16, 9000
THETA = 1 / (1 + 0.5 * np.arange(RANKS))
TASTE = np.linspace(0.5, 0.05, WORKS)
OLD, NEW = np.array([3, 0, 7, 2]), np.array([0, 1, 2, 9])  # 1 and 9 are not on the old page
NEAR, FAR = np.array([1, 4, 5, 6]), np.array([8, 9, 10, 11, 12, 13, 14, 15])
TRUTH = (THETA * TASTE[NEW]).mean()


def explored(pages, share, always):
    r = np.random.default_rng(0)
    return [np.array(x) for x in zip(*(explore(OLD, NEAR, FAR, share, r, always) for _ in range(pages)), strict=True)]


@pytest.fixture(scope="module")
def shown_pages():
    "Pages as `explore` makes them: artworks, propensities, what was drawn"
    return explored(PAGES, 0.3, 1)


def logged(pages, share=0.3, always=1, seed=1, theta=THETA):
    "The log of such pages, and of each impression its artwork and the rank that this has in the new ranking"
    shown, propensity, drawn = pages
    liked = np.random.default_rng(seed).random(shown.shape) < theta * TASTE[shown]
    page, rank = np.divmod(np.arange(shown.size), RANKS)
    at = np.full(WORKS, -1)
    at[NEW] = np.arange(RANKS)
    flat = [x.ravel() for x in (liked, propensity, drawn)]
    log = explored_log(page, rank, *flat, np.full(shown.size, share), np.full(shown.size, always))
    return log, at[shown.ravel()], shown.ravel()


def test_the_weights_are_those_of_all_possibilities(shown_pages):
    """Counted over many pages, every artwork of the new ranking is seen as often as its weight says; the weights' mean
    is 1, and the weighted likes are those of the new ranking."""
    log, new_rank, shown = logged(shown_pages)
    w, counts = weights(log, new_rank, THETA), np.zeros((RANKS, WORKS))
    np.add.at(counts, (log.rank, shown), 1 / PAGES)
    for p, a in enumerate(NEW):
        assert np.allclose(w[shown == a], THETA[p] / (THETA @ counts[:, a]), rtol=0.12), a
    assert (w > 0).sum() == np.isin(shown, NEW).sum()
    assert (w * (THETA / THETA.mean())[log.rank]).mean() == pytest.approx(1, abs=0.03)
    assert (w * THETA[log.rank] * TASTE[shown]).mean() == pytest.approx(TRUTH, rel=0.03)


def test_the_estimates_are_right_on_average_and_their_intervals_hold(shown_pages):
    "45 logs: each mean is the truth, about 95 of 100 intervals hold it, and the wrong model of `dr` is corrected"
    found = {"ips": [], "snips": [], "dr": []}
    for n in range(45):
        log, new_rank, shown = logged([x[n * 200 : n * 200 + 200] for x in shown_pages], seed=n)
        model, new = 0.5 * THETA[log.rank] * TASTE[shown], np.full(200, 0.5 * TRUTH)
        each = estimates(log, weights(log, new_rank, THETA), THETA, predicted=model, predicted_new=new)
        for name, rows in found.items():
            rows.append(each[name])
    for name, rows in found.items():
        value, low, high = np.array(rows).T
        assert value.mean() == pytest.approx(TRUTH, abs=3.5 * value.std() / np.sqrt(45)), name
        assert value.mean() == pytest.approx(TRUTH, rel=0.08), name
        assert ((low <= TRUTH) & (high >= TRUTH)).mean() > 0.84, name
    assert np.std([e.value for e in found["dr"]]) < np.std([e.value for e in found["ips"]])


def test_pages_of_one_visitor_are_not_so_many_visitors(shown_pages):
    log, new_rank, _ = logged(shown_pages)
    log = log._replace(liked=np.repeat(np.arange(PAGES) % 10 < 3, RANKS).astype(float))  # three of ten like everything
    w = weights(log, new_rank, THETA)
    few, alone = (estimates(log, w, THETA, v)["snips"] for v in (np.arange(PAGES) % 10, None))
    assert few.value == alone.value and few.high - few.low > 10 * (alone.high - alone.low)


def test_the_same_page_is_itself_and_nothing_in_common_is_no_number():
    log, _, shown = logged(explored(100, 0.0, None), share=0.0, always=-1)
    same = estimates(log, weights(log, log.rank, THETA), THETA)
    assert same["ips"].value == pytest.approx(log.liked.mean()) and same["n_eff"] == 0
    assert same["snips"].value == pytest.approx(log.liked.mean())
    nothing = estimates(log, weights(log, np.full(len(shown), -1), THETA), THETA)
    assert nothing["ips"].value == 0 and np.isnan(nothing["snips"].value) and nothing["n_eff"] == 0


def test_examination_is_found_beside_a_taste_that_is_better_above(shown_pages):
    log, _, shown = logged(shown_pages)
    assert np.allclose(examination_of(log, 0.3 * TASTE[shown], RANKS), THETA, atol=0.06)
    flat, _, shown = logged(shown_pages, theta=np.full(RANKS, 0.8))
    assert np.allclose(examination_of(flat, TASTE[shown], RANKS), 1, atol=0.08)

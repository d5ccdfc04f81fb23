"""The baselines compute what their papers say."""

import numpy as np
import pytest

from art_recsys.config import UserError
from art_recsys.models.baselines import ALS, EASE, Baseline, ItemKNN, VisualKNN
from art_recsys.models.requests import Requests
from tests.small_frames import frames


def everybody(model) -> Requests:
    "A request for every user of the training, in the order of `model.likes`, and one of somebody who likes nothing"
    rows = [model.candidate_ids[model.likes[u].indices].tolist() for u in range(model.likes.shape[0])]
    return Requests([{"history": h} for h in (*rows, [])], model.item_index)


@pytest.mark.parametrize("n_works,n_users", [(30, 20), (15, 60)])
def test_ease_is_the_formula_on_either_side(n_works, n_users):
    data = frames(n_works, n_users, 500)
    base = Baseline().fit(*data)
    x = base.likes.toarray().astype(float)
    p = np.linalg.inv(x.T @ x + 10 * np.eye(n_works))
    b = -p / np.diag(p)
    np.fill_diagonal(b, 0)
    everyone = everybody(base)
    want = np.vstack([x @ b, np.zeros(n_works)])
    for dual in (True, False, None):
        assert np.allclose(EASE(10, dual).fit(*data).scores(everyone), want, atol=1e-5)


def test_ease_says_when_it_cannot():
    class Small(EASE):
        largest = 3

    with pytest.raises(UserError, match="invert a matrix of"):
        Small().fit(*frames())


def test_item_knn_is_the_formula():
    base = Baseline().fit(*frames())
    x = base.likes.toarray().astype(float)
    n = x.sum(axis=0)
    s = (x.T @ x) / (np.sqrt(np.outer(n, n)) + 3)
    np.fill_diagonal(s, 0)
    assert np.allclose(ItemKNN(100, 3).fit(*frames()).similar.toarray(), s, atol=1e-6)
    few = ItemKNN(4, 3).fit(*frames()).similar.toarray()
    assert np.allclose(few.sum(axis=1), -np.sort(-s, axis=1)[:, :4].sum(axis=1), atol=1e-5)


def test_als_is_quiet_and_repeats(recwarn):
    a, b = (ALS(4, seed=3).fit(*frames()) for _ in range(2))
    assert (a.model.item_factors == b.model.item_factors).all()
    everyone = everybody(a)
    assert (a.scores(everyone) == b.scores(everyone)).all()
    assert not [w for w in recwarn if "BLAS" in str(w.message)]


def test_visual_knn_is_the_mean_of_the_highest_cosines():
    works, users, events = frames()
    v = np.stack(works["image_embedding"]).astype(float)
    model = VisualKNN(2).fit(works, users, events)
    asked = [[], [3], [0], [1, 2, 3], [5, 0, 9, 11]]  # artworks 0, 7, 14, ... have no picture
    scores = model.scores(Requests([{"history": model.candidate_ids[h].tolist()} for h in asked], model.item_index))
    for row, h in zip(scores, asked, strict=True):
        want = np.sort(v @ v[h].T, axis=1)[:, -2:].mean(1) if h else np.zeros(len(v))
        np.testing.assert_allclose(row, want, atol=1e-6)
    assert not scores[0].any() and not scores[2].any() and not scores[1:, [0, 7, 14]].max() > 0


def test_visual_knn_says_when_nobody_has_a_picture():
    works, users, events = frames()
    for blind in (works.drop(columns="image_embedding"), works.assign(image_embedding=[np.zeros(4)] * len(works))):
        with pytest.raises(UserError, match="No artwork has an image vector"):
            VisualKNN().fit(blind, users, events)

"The catalogue in the plane: neighbours stay neighbours, same seed same map, and inputs without neighbourhoods"

import numpy as np
import pytest

from art_recsys.config import rng
from art_recsys.serving.plane import joined_vectors, plane, spiral


def groups(n=60, each=3, dim=12):
    "Three groups of vectors, and the group of each"
    r = rng(5, "groups")
    group = np.arange(n) % each
    vectors = np.eye(dim)[group] + 0.15 * r.normal(size=(n, dim))
    return vectors.astype(np.float32), group


def test_works_of_a_group_lie_together_and_the_seed_decides_the_rest():
    vectors, group = groups()
    x = joined_vectors(vectors, np.zeros((60, 1), np.float32))
    places = plane(x, seed=3)
    away = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(60)
    assert (group[away.argmin(1)] == group).all()
    assert (
        places.dtype == np.float32 and places.min() >= 0 and places.max() <= 1 and np.ptp(places, axis=0).max() > 0.99
    )
    assert np.array_equal(places, plane(x, seed=3)) and not np.array_equal(places, plane(x, seed=4))


def test_of_many_works_a_sample_is_laid_out_and_the_others_come_to_their_neighbours():
    vectors, group = groups(240)
    vectors[239] = vectors[0]  # one work twice
    places = plane(joined_vectors(vectors, np.zeros((240, 1), np.float32)), seed=3, fitted=120)
    away = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(240)
    assert (group[away.argmin(1)] == group).mean() > 0.95
    assert np.linalg.norm(places[0] - places[239]) < 0.05 and np.isfinite(places).all()


def test_text_and_picture_count_the_same_and_either_may_be_missing():
    r = rng(1, "both")
    text, image = r.normal(size=(50, 6)), 1000 * r.normal(size=(50, 4))
    text[7], image[9] = 0, 0
    joined = joined_vectors(text, image)
    assert joined.shape == (50, 10) and np.allclose(np.linalg.norm(joined, axis=1), 1, atol=1e-5)
    rest = np.delete(np.arange(50), [7, 9])
    assert np.allclose((joined[rest, :6] ** 2).sum(1), 0.5, atol=1e-5)
    assert not joined[7, :6].any() and not joined[9, 6:].any()
    assert np.isfinite(plane(joined)).all()


@pytest.mark.parametrize("n", [0, 1, 2, 4, 5, 6, 40])
@pytest.mark.parametrize("equal", [True, False])
def test_few_works_and_equal_works_have_places_of_their_own(n, equal):
    vectors = np.ones((n, 8), np.float32) if equal else rng(2, n).normal(size=(n, 8))
    places = plane(joined_vectors(vectors, np.zeros((n, 1), np.float32)))
    assert places.shape == (n, 2) and np.isfinite(places).all()
    assert n == 0 or (places.min() >= 0 and places.max() <= 1)
    assert len(np.unique(places.round(4), axis=0)) == n


def test_two_kinds_of_equal_works_are_two_groups():
    vectors = np.repeat(np.eye(2, 8, dtype=np.float32), 30, axis=0)
    places = plane(joined_vectors(vectors, np.zeros((60, 1), np.float32)))
    middle = places[:30].mean(0), places[30:].mean(0)
    apart = np.linalg.norm(middle[0] - middle[1])
    wide = max(np.linalg.norm(p - m, axis=1).mean() for p, m in zip((places[:30], places[30:]), middle, strict=True))
    assert np.isfinite(places).all() and apart > 2 * wide


def test_the_spiral_is_a_round_field():
    places = spiral(200)
    assert np.allclose(places[0], 0.5) and np.linalg.norm(places - 0.5, axis=1).max() == pytest.approx(0.5)

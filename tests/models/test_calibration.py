"""Calibration error and its bins."""

import numpy as np
import pytest

from art_recsys.models.calibration import ece, reliability


def test_bins_are_of_equal_size_and_hold_everything():
    p = np.linspace(0, 1, 100)
    r = reliability(p, (p > 0.5).astype(float))
    assert r["n"].tolist() == [10] * 10 and r["predicted"].is_monotonic_increasing
    assert r["observed"].tolist() == [0] * 5 + [1] * 5


def test_the_error_is_the_mean_gap():
    assert ece(np.full(10, 0.3), np.repeat([0.0, 1.0], 5), bins=1) == pytest.approx(0.2)
    assert ece(np.full(10, 0.5), np.repeat([0.0, 1.0], 5), bins=1) == 0
    assert ece(np.zeros(0), np.zeros(0)) == 0

"""The Gini coefficient on counts that can be checked by eye."""

import numpy as np
import pytest

from art_recsys.measures.shares import gini


def test_gini():
    assert gini(np.array([3, 3, 3])) == 0 and gini(np.zeros(3)) == 0 and gini(np.array([])) == 0
    assert gini(np.array([0, 0, 0, 8])) == gini(np.array([0, 8, 0, 0])) == pytest.approx(0.75)

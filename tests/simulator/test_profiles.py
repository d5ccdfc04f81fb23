"""How diverse texts are."""

import pytest

from art_recsys.simulator.profiles import nearest_wording


def test_wording_is_measured_right():
    assert nearest_wording(["one two three", "one two four", "five six"])[2] == 0
    assert nearest_wording(["a red boat", "a red boat", "two old men"])[:2] == pytest.approx([1, 1], abs=1e-3)


def test_no_profile_is_a_copy_of_another(crowd):
    alike = nearest_wording(crowd["users"]["description"].tolist())
    assert alike.max() < 0.98

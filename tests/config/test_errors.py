"""Errors that a person can fix."""

from art_recsys.config import UserError, did_you_mean


def test_an_error_says_what_is_wrong_and_what_to_do():
    error = UserError("settings.ini: n_artwork is not a setting.", "correct or remove it")
    assert str(error) == "settings.ini: n_artwork is not a setting.\n  -> correct or remove it"
    assert (error.what, error.remedy) == error.args
    assert str(UserError("The disk is full.")) == "The disk is full."


def test_a_misspelt_word_gets_the_nearest_known_ones():
    assert did_you_mean("n_artwork", ["n_artworks", "seed"]) == " Did you mean n_artworks?"
    assert did_you_mean("epoch", ["epochs", "epoch_s"]).count(" or ") == 1
    assert did_you_mean("zzz", ["n_artworks", "seed"]) == ""

"""A progress bar on a terminal only."""

import io
import sys

from art_recsys.config import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_stays_empty(monkeypatch):
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    assert sum(progress(range(4), "adding")) == 6
    assert log.getvalue() == ""


def test_a_terminal_shows_what_is_happening(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert sum(progress(range(4), "adding")) == 6
    assert "adding" in terminal.getvalue()

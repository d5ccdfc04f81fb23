"""The offline writer: it says what is known, whatever a catalogue holds, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import Cols, as_artworks
from art_recsys.enrichment import measure
from art_recsys.language.offline import OfflineWriter
from art_recsys.language.texts import clean

from .works import WORK, picture


def test_no_colour_is_invented_for_a_work_without_a_picture():
    text = " ".join(OfflineWriter(s).describe(None, WORK) for s in range(50)).lower()
    assert "boats" in text and not any(c in text for c in ("palette", "blue", "navy", "cobalt", "crimson"))


def test_every_description_of_real_works_has_at_most_four_lines(shared):
    t = pd.read_parquet(shared / "tate" / "tate_artworks.parquet").query("balanced_300").sample(2000, random_state=1)
    works = as_artworks(
        t[["artwork_id", "title", "artist", "date_text", "year_start", "year_end", "medium"]].assign(
            category=t.classification, tags=t.subjects
        )
    )
    texts = [OfflineWriter().describe(None, w) for w in works.to_dict("records")]
    assert max(t.count("\n") for t in texts) <= 3 and max(map(len, texts)) <= 800 and all(texts)


@pytest.mark.parametrize(
    "work",
    [
        {Cols.artwork_id: "x", Cols.title: "T"},
        {
            Cols.artwork_id: "x",
            Cols.title: "<script>alert(1)</script>\x00\x1b[31m",
            Cols.tags: None,
            Cols.year_end: float("nan"),
        },
        {
            Cols.artwork_id: "x",
            Cols.title: "T" * 100_000,
            Cols.medium: "M" * 100_000,
            Cols.tags: ["t" * 9999] * 500,
            Cols.year_start: -500.0,
        },
    ],
)
def test_bare_hostile_and_absurd_works_are_described_and_liked(work):
    text = OfflineWriter().describe(None, work)
    assert 0 < len(text) <= 800 and text.count("\n") <= 3 and all(c.isprintable() or c == "\n" for c in text)
    profile = OfflineWriter().profile([work])
    assert 10 <= profile.age <= 110 and 0 < len(profile.description) <= 600 and profile.description.isprintable()


def test_clean_cuts_and_joins():
    assert clean("a\tb\u202e\n\n c", lines=1) == "a b c"
    assert clean("x", 1) == "x" and len(clean("x" * 500, 100)) <= 100


def test_profiles_tell_the_taste_and_differ_by_key():
    works = [WORK | {Cols.palette: ["#2d45a0"], Cols.description: "A serene picture."}] * 4
    profiles = [OfflineWriter().profile(works, key=str(i)) for i in range(300)]
    assert len({p.description for p in profiles}) > 280
    assert np.mean(["sea" in p.description or "boats" in p.description for p in profiles]) > 0.95
    assert np.mean(["ultramarine" in p.description for p in profiles]) > 0.9
    assert {p.gender for p in profiles} == {"F", "M", "N"} and np.std([p.age for p in profiles]) > 12


def test_a_description_needs_what_was_measured(tmp_path):
    path = picture(tmp_path / "p.png", (196, 30, 30))
    with pytest.raises(ValueError, match="seen=measure"):
        OfflineWriter().describe(path, WORK)
    assert "carlet" in OfflineWriter().describe(path, WORK, measure(path))


def test_a_description_depends_on_seed_and_work_only(tmp_path):
    path = picture(tmp_path / "p.png", spot=(200, 60, 20))
    seen = measure(path)
    one = OfflineWriter(1).describe(path, WORK, seen)
    OfflineWriter(1).describe(path, WORK | {Cols.artwork_id: "other"}, seen)
    assert OfflineWriter(1).describe(path, WORK, seen) == one
    assert len({OfflineWriter(s).describe(path, WORK, seen) for s in range(20)}) > 10

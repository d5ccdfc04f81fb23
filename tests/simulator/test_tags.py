"""Tags sorted by what they speak of."""

import pandas as pd

from art_recsys.core import as_artworks
from art_recsys.simulator.tags import mood_words, sorted_tags


def test_tags_are_taken_apart():
    works = as_artworks(
        pd.DataFrame(
            {
                "artwork_id": ["1", "2"],
                "title": "T",
                "tags": [["Lumenism", "harbour", "Night", "still"], ["Vesper School", "still life", "Impressionism"]],
                "description": ["The mood is serene and hushed.", ""],
            }
        )
    )
    found = sorted_tags(works)
    assert found["subject"] == [["harbour"], ["still life"]]
    assert found["mood"] == [["night", "still"], []]
    assert found["style"] == [["lumenism"], ["vesper school", "impressionism"]]
    assert mood_words(works) == [["night", "still", "mood serene", "mood intimate"], []]

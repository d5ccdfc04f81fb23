"Search: words, spelling, meaning, colours, taste, and text that is not a query"

import threading
import time

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import as_artworks
from art_recsys.language.text_encoder import BUNDLED_MODEL, text_encoder
from art_recsys.models.facets import Facets
from art_recsys.models.traits import Traits
from art_recsys.serving.search import Meaning, Search, folded, words_of

WORKS = [  # title, artist, tags, description, palette
    ("Nocturne", "Paul Cézanne", ["harbour"], "Still water under the moon, boats asleep.", ["#161b33", "#1f2f55"]),
    ("Portrait of a Woman", "Berthe Morisot", ["portrait"], "She reads by a window.", ["#b98a3a"]),
    ("Apples", "Paul Cézanne", ["still life"], "Fruit on a table.", ["#c41e1e", "#57683a"]),
    ("The Sea", "Ingrid Sjöberg", ["sea", "storm"], "Waves break on the rocks.", ["#2a7079"]),
    ("The Sea", "Ingrid Sjöberg", ["sea", "calm"], "A calm sea at noon.", ["#9cc3de"]),
    ("A Dog", "Berthe Morisot", ["animal"], "It sleeps.", ["#6b4a2f"]),
]
ALL = np.ones(len(WORKS), bool)


def catalogue():
    columns = zip(*WORKS, strict=True)
    frame = dict(zip(("title", "artist", "tags", "description", "palette"), map(list, columns), strict=True))
    return as_artworks(pd.DataFrame({"artwork_id": [f"w{n}" for n in range(len(WORKS))], **frame}))


def of_words(texts):
    "A made-up model: one direction per meaning, and nothing for other words"
    meanings = {"sea": 0, "waves": 0, "water": 0, "moon": 1, "night": 1, "fruit": 2, "apples": 2}
    out = np.zeros((len(texts), 4), np.float32)
    for row, text in zip(out, texts, strict=True):
        for w in words_of(text):
            if w in meanings:
                row[meanings[w]] = 1
    return out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1)


@pytest.fixture(scope="module")
def search():
    works = catalogue()
    meaning = Meaning(of_words([f"{w[0]} {w[3]}" for w in WORKS]), of_words)
    meaning.load()
    return Search(works, Traits(works, works["artwork_id"], np.arange(len(WORKS))), meaning)


def titles(found):
    return [WORKS[i][0] for i in found.items]


def test_words_are_found_in_all_columns_without_accents_and_capitals(search):
    assert folded("CÉZANNE") == "cezanne" and words_of("Sea-side, 1880!") == ["sea", "side", "1880"]
    assert {0, 2} == set(search.find("cezanne", ALL).items)
    assert titles(search.find("window ", ALL)) == ["Portrait of a Woman"]  # in the description
    assert search.find("portrait of a woman ", ALL).items[0] == 1  # small words do not count


def test_a_word_in_the_title_is_worth_more_than_one_in_the_text(search):
    found = search.find("sea ", ALL)
    assert set(found.items[:2]) == {3, 4} and found.ways[0] == ["words", "meaning"]


def test_while_typing_the_last_word_may_go_on(search):
    assert titles(search.find("port", ALL)) == ["Portrait of a Woman"]
    assert search.find("port ", ALL).items.size == 0  # a blank ends the word


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [("cezane", "cezanne"), ("berte morisot", "berthe morisot"), ("sjoberg", None), ("sea", None), ("zzzzzz", None)],
)
def test_a_misspelt_word_becomes_the_nearest_that_is_known(search, typed, corrected):
    assert search.find(typed + " ", ALL).corrected == corrected


def test_artists_whose_names_the_words_fit(search):
    assert search.find("cezane", ALL).artists == [("Paul Cézanne", 2)]
    assert search.find("ber", ALL).artists == [("Berthe Morisot", 2)]
    assert search.find("sea", ALL).artists == []


def test_meaning_finds_what_says_none_of_the_words(search):
    found = search.find("night ", ALL)
    assert titles(found) == ["Nocturne"] and found.ways == [["meaning"]] and found.meaning


def test_colours_are_those_that_are_seen(search):
    found = search.find("blue ", ALL)
    assert set(found.items) == {0, 3, 4} and all(way == ["colour"] for way in found.ways)
    assert search.find("red ", ALL).items.tolist() == [2]


def test_taste_orders_what_is_equally_relevant_and_nothing_else(search):
    taste = np.zeros(len(WORKS))
    for first, other in ((3, 4), (4, 3)):
        taste[[first, other, 5]] = 1, 0, 9
        assert search.find("ingrid ", ALL, taste).items.tolist() == [first, other]


def test_only_what_is_allowed_is_found_and_counted(search):
    allowed = ALL.copy()
    allowed[[0, 3]] = False
    assert search.find("sea ", allowed).items.tolist() == [4]
    assert search.find("cezanne", allowed).artists == [("Paul Cézanne", 1)]


@pytest.mark.parametrize(
    "text", ["", " ", '"', "NEAR(", "title:", "*", "-", "\x00", "a" * 500, "😀", "'; DROP TABLE works"]
)
def test_text_that_is_no_query_finds_nothing_and_breaks_nothing(search, text):
    search.find(text, ALL)
    assert search.find("apples ", ALL).items[0] == 2


def test_an_artwork_that_left_the_catalogue_is_never_found():
    works = catalogue()
    ids = ["gone", *works["artwork_id"]]
    search = Search(works.iloc[1:], Traits(works.iloc[1:], ids), None)
    here = Facets(works.iloc[1:], ids).available
    found = search.find("cezanne", here)
    assert found.items.tolist() == [3] and not found.meaning and search.find("moon ", here).items.size == 0


def test_before_the_model_is_loaded_words_alone_are_searched():
    go, works = threading.Event(), catalogue()

    def slow(texts):
        assert go.wait(20)
        return of_words(texts)

    search = Search(works, Traits(works, works["artwork_id"]), Meaning(of_words([w[3] for w in WORKS]), slow))
    assert search.find("apples ", ALL).items[0] == 2 and not search.find("night ", ALL).meaning
    go.set()
    end = time.monotonic() + 20
    while not (found := search.find("night ", ALL)).meaning:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert titles(found) == ["Nocturne"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_model_that_cannot_be_loaded_leaves_the_words():
    def broken(texts):
        raise OSError("no weights")

    works = catalogue()
    search = Search(works, Traits(works, works["artwork_id"]), Meaning(of_words([w[3] for w in WORKS]), broken))
    assert search.meaning.loading and search.find("apples ", ALL).items[0] == 2
    end = time.monotonic() + 20
    while search.meaning.loading:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert search.meaning.failed and search.find("apples ", ALL).items[0] == 2  # and nobody is told to ask again


def test_the_bundled_model_finds_a_calm_sea_at_night():
    encoder, works = text_encoder(BUNDLED_MODEL), catalogue()
    before = repr(encoder)
    texts = [f"{title} by {artist}. {', '.join(tags)}. {told}" for title, artist, tags, told, _ in WORKS]
    meaning = Meaning(encoder.encode_once(texts), encoder.encode_once)
    meaning.load()
    found = Search(works, Traits(works, works["artwork_id"]), meaning).find("quiet ocean after dark ", ALL)
    assert "meaning" in found.ways[0] and {"Nocturne", "The Sea"} >= set(titles(found)[:2])
    assert meaning.search("xqzvkw pfft") == []
    assert repr(encoder) == before  # nothing that a visitor types is kept

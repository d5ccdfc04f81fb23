"""Search: artworks by their words, by what they mean and by the colours that are seen, for one line of text.

Several lists are made, each ordered by one kind of evidence, and fused by their ranks (reciprocal rank fusion; Cormack,
Clarke and Büttcher 2009, https://dl.acm.org/doi/10.1145/1571941.1572114). In a list, works with about the same score
share a rank, and of works that are equally relevant in all lists the taste of the visitor decides. A word that the
catalogue does not know is taken for the nearest one that it knows.
"""

import copy
import re
import sqlite3
import threading
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from art_recsys.config import rng
from art_recsys.core import Cols
from art_recsys.language.colours import FAMILIES
from art_recsys.models.traits import Traits

__all__ = ["Found", "Meaning", "Search", "WordIndex", "folded", "words_of"]

MOST_WORDS = 12  # of a query; the others are not read
DEPTH = 400  # works of each list
ENOUGH = 24  # works with all words; where there are fewer, those with some of the words count too
FUSION = 60  # as in the paper: how slowly a rank loses its weight
WEIGHTS = {"all words": 2.0, "some words": 1.0, "meaning": 1.0, "colour": 2.0}
STEPS = 10  # scores of a list are rounded to so many parts of its best one, so that taste has something to decide
COLUMNS = {"title": 10.0, "artist": 8.0, "tags": 6.0, "facts": 3.0, "told": 1.0}  # worth of a hit in a column (BM25)
NEAR = 82.0  # of 100: how similar a known word must be to stand in for an unknown one
SHORT = 4  # letters; shorter unknown words are left alone
SEEN = 0.5  # length of the share of a colour in the palette, from which on a picture counts as of that colour
SMALL = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"])


def folded(text: str) -> str:
    "Small letters without accents: `Cézanne` -> `cezanne`"
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    "The words of a text, folded, in order"
    return re.findall(r"\w+", folded(text))


class Found(NamedTuple):
    "What a search found, the best first"

    items: np.ndarray  # item indices
    scores: np.ndarray  # fused, positive
    ways: list[list[str]]  # for each item the lists that it is in: `words`, `meaning`, `colour`
    artists: list[tuple[str, int]]  # names that the words fit, and how many works they have
    corrected: str | None  # the query with known words in place of unknown ones; None where all are known
    meaning: bool  # whether the search by meaning took part; it does not while its model is being loaded


class WordIndex:
    "Full text of a catalogue in SQLite (FTS5), in memory; safe with several threads"

    def __init__(
        self,
        rows: Iterable[tuple[str, ...]],  # one per artwork, in the order of the index: texts as in `COLUMNS`
    ):
        self._lock = threading.Lock()
        self._con = sqlite3.connect(":memory:", check_same_thread=False)
        columns = ", ".join(COLUMNS)
        self._con.execute(
            f"CREATE VIRTUAL TABLE works USING fts5({columns}, content='', prefix='2 3', "
            "tokenize='porter unicode61 remove_diacritics 2')"
        )
        known: set[str] = set()

        def counted() -> Iterable[tuple]:
            for n, row in enumerate(rows):
                known.update(w for text in row[:-1] for w in words_of(text))
                yield n, *row

        marks = ", ".join("?" * (len(COLUMNS) + 1))
        self._con.executemany(f"INSERT INTO works(rowid, {columns}) VALUES ({marks})", counted())
        self._con.commit()
        self.known = sorted(known)  # the words of all columns but the last, which is prose

    def change(
        self,
        before: Iterable[tuple[int, tuple[str, ...]]],  # item index and texts of works, as they were put in
        after: Iterable[tuple[int, tuple[str, ...]]],  # of the same works and of new ones, as they are now
    ) -> None:
        "Replace the texts of some works, in one step for those who search"
        columns, marks = ", ".join(COLUMNS), ", ".join("?" * (len(COLUMNS) + 1))
        after = list(after)
        with self._lock:
            delete = f"INSERT INTO works(works, rowid, {columns}) VALUES ('delete', {marks})"
            self._con.executemany(delete, [(n, *row) for n, row in before])
            self._con.executemany(
                f"INSERT INTO works(rowid, {columns}) VALUES ({marks})", [(n, *row) for n, row in after]
            )
            self._con.commit()
            self.known = sorted({*self.known, *(w for _, row in after for text in row[:-1] for w in words_of(text))})

    def knows(
        self,
        word: str,  # folded
        begun: bool = False,  # more letters may follow
    ) -> bool:
        "Whether any work has a word in its full text"
        return bool(self.search([word], every=True, begun=begun, limit=1)) or (begun and self._begins(word))

    def _begins(self, word: str) -> bool:
        at = bisect_left(self.known, word)
        return at < len(self.known) and self.known[at].startswith(word)

    def nearest(self, word: str) -> str | None:
        "The known word with the same first letter that is most similar to an unknown one; None where none is near"
        first = slice(*(bisect_left(self.known, end) for end in (word[0], chr(ord(word[0]) + 1))))
        found = process.extractOne(word, self.known[first], scorer=fuzz.ratio, score_cutoff=NEAR)
        return found[0] if found else None

    def search(
        self,
        words: list[str],  # folded
        every: bool,  # all words must be there; otherwise one is enough
        begun: bool,  # the last word may go on
        limit: int = DEPTH,  # rows at most
        column: str | None = None,  # only this one
    ) -> list[tuple[int, float]]:  # item index and score, higher is better
        "The works that have these words, the best first (BM25)"
        if not words:
            return []
        terms = [f'"{w}"' for w in words]
        if begun:
            terms[-1] = f"({terms[-1]} OR {terms[-1]}*)"
        match = (" AND " if every else " OR ").join(terms)
        match = f"{column} : ({match})" if column else match
        weights = ", ".join(map(str, COLUMNS.values()))
        columns = f"rowid, -bm25(works, {weights}) AS score"
        sql = f"SELECT {columns} FROM works WHERE works MATCH ? ORDER BY score DESC, rowid LIMIT ?"
        with self._lock:
            return self._con.execute(sql, (match, limit)).fetchall()


class Meaning:
    """Search by the vectors of texts. Loads its model in the background at the first question.

    Vectors say of everything that it is a little similar. What counts as found is more similar than any work is to
    a word without meaning, so the least similarity is measured with the model that is used.
    """

    def __init__(
        self,
        vectors: np.ndarray,  # n x dim, unit length; rows of zeros where an artwork has no text
        encode: Callable[[list[str]], np.ndarray],  # texts -> vectors of the same model; slow at its first call
    ):
        self.vectors, self.encode = vectors, encode
        self._encode = lru_cache(1000)(lambda text: encode([text])[0])
        self._start, self._ready, self.least = threading.Lock(), threading.Event(), 1.0
        self.failed = False  # the model cannot be loaded; the log of the server says why

    @property
    def ready(self) -> bool:
        "Whether the model is loaded"
        return self._ready.is_set()

    @property
    def loading(self) -> bool:
        "Whether it makes sense to ask again later"
        return not (self.ready or self.failed)

    def start(self) -> None:
        "Load the model in a thread of its own, unless that has begun"
        if self._start.acquire(blocking=False):
            threading.Thread(target=self._load, daemon=True, name="search by meaning").start()

    def _load(self) -> None:
        try:
            self.load()
        except Exception:
            self.failed = True
            raise

    def load(self) -> None:
        "Load the model, and measure how similar works are to words without meaning"
        draw = rng(0, "nonsense")
        words = ["".join(draw.choice(list("bcdfghjklmnpqrstvwxz"), 6)) for _ in range(12)]
        self.least = max(float((self.vectors @ self._encode(w)).max(initial=0.0)) for w in words)
        self._ready.set()

    def over(
        self,
        vectors: np.ndarray,  # as for the constructor
    ) -> "Meaning":
        "The same model for a catalogue that has changed"
        if not self.ready:
            return Meaning(vectors, self.encode)
        out = copy.copy(self)
        out.vectors = vectors
        return out

    def search(
        self, text: str
    ) -> list[tuple[int, float]] | None:  # item index and cosine; None while the model is loaded
        "The works whose texts are near to this one"
        if not self.ready:
            self.start()
            return None
        scores = self.vectors @ self._encode(text)
        order = np.argsort(-scores, kind="stable")[:DEPTH]
        return [(int(i), float(scores[i])) for i in order if scores[i] > self.least]


class Search:
    """Search in a catalogue; artworks are item indices."""

    def __init__(
        self,
        artworks: pd.DataFrame,  # normalised
        traits: Traits,  # of the candidates: their ids, and the colours of their pictures
        meaning: Meaning | None,  # None: by words and colours only
    ):
        self.traits, self.meaning = traits, meaning
        self._artworks, self._made = artworks, threading.Lock()
        self._words: WordIndex | None = None

    @property
    def words(self) -> WordIndex:
        "The full text, made at the first search"
        with self._made:
            if self._words is None:
                self._words = WordIndex(_texts(self._artworks, self.traits.ids))
            return self._words

    def changed(
        self,
        artworks: pd.DataFrame,  # the catalogue now
        traits: Traits,  # of the candidates now: item indices stay, and new works come last
        meaning: Meaning | None,
        ids: list[str],  # of works that are new or have changed
    ) -> "Search":
        """Search in the same catalogue after changes.

        The full text is shared with the search before the changes, which is about to be replaced.
        """
        out = Search(artworks, traits, meaning)
        with self._made:
            if self._words is not None:
                old = [a for a in ids if a in self.traits.item_index]
                before = zip((self.traits.item_index[a] for a in old), _texts(self._artworks, old), strict=True)
                after = zip((traits.item_index[a] for a in ids), _texts(artworks, ids), strict=True)
                self._words.change(before, after)
                out._words = self._words
        return out

    def find(
        self,
        text: str,  # what the visitor typed so far
        allowed: np.ndarray,  # bool, one per artwork: what may be found
        taste: np.ndarray | None = None,  # one per artwork, higher is nearer to the visitor; None: how many like it
    ) -> Found:
        "All works that fit, up to some hundred for each kind of evidence"
        typed, begun = words_of(text)[:MOST_WORDS], bool(re.search(r"\w$", text))
        words, corrected = self._known(typed, begun)
        begun = begun and bool(words) and words[-1] == typed[-1]  # a corrected word is complete
        telling = [w for w in words if w not in SMALL] or words
        lists = {
            "all words": self.words.search(telling, True, begun),
            "some words": [],
            "colour": self._seen(words),
        }
        if len(lists["all words"]) < ENOUGH and len(telling) > 1:
            lists["some words"] = self.words.search(telling, False, begun)
        near = self.meaning.search(" ".join(words)) if self.meaning and words else None
        lists["meaning"] = near or []
        items, scores, ways = self._fuse(lists, allowed, self.traits.likes if taste is None else taste)
        artists = self._artists(telling, begun, allowed)
        return Found(items, scores, ways, artists, corrected, near is not None)

    def _known(self, typed: list[str], begun: bool) -> tuple[list[str], str | None]:
        "The words with known ones in place of unknown ones; and that as a text, None where all are known"
        out = []
        for n, word in enumerate(typed):
            last = begun and n == len(typed) - 1
            unknown = len(word) >= SHORT and word not in FAMILIES and not self.words.knows(word, last)
            out.append((self.words.nearest(word) or word) if unknown else word)
        return out, None if out == typed else " ".join(out)

    def _seen(self, words: list[str]) -> list[tuple[int, float]]:
        "The works whose pictures show the colours that are named, those that show most of them first"
        wanted = [FAMILIES.index(w) for w in words if w in FAMILIES]
        if not wanted:
            return []
        share = self.traits.families[:, wanted].min(1)
        order = np.argsort(-share, kind="stable")[:DEPTH]
        return [(int(i), float(share[i])) for i in order if share[i] >= SEEN / len(wanted)]

    def _fuse(
        self, lists: dict[str, list[tuple[int, float]]], allowed: np.ndarray, taste: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, list[list[str]]]:
        scores: defaultdict[int, float] = defaultdict(float)
        ways: dict[int, list[str]] = {}
        for name, rows in lists.items():
            rows = [(item, score) for item, score in rows if item < len(allowed) and allowed[item]]
            best, way, rank, before = max((s for _, s in rows), default=0.0), name.split()[-1], 0, None
            for n, (item, score) in enumerate(rows, 1):
                step = round(STEPS * score / best)
                rank, before = (rank if step == before else n), step
                scores[item] += WEIGHTS[name] / (FUSION + rank)
                if way not in ways.setdefault(item, []):
                    ways[item].append(way)
        found = np.array(list(scores), np.int64)
        fused = np.array(list(scores.values()), float)
        order = np.lexsort((found, -taste[found], -fused.round(9)))
        return found[order], fused[order], [ways[int(i)] for i in found[order]]

    def _artists(self, words: list[str], begun: bool, allowed: np.ndarray) -> list[tuple[str, int]]:
        "Artists in whose names all words are, those with the most works first"
        works = [i for i, _ in self.words.search(words, True, begun, -1, "artist") if i < len(allowed) and allowed[i]]
        return Counter(self.traits.artists[i] for i in works).most_common(5)


def _texts(artworks: pd.DataFrame, ids: list[str]) -> Iterable[tuple[str, ...]]:
    "The texts of each artwork as in `COLUMNS`, in the order of `ids`; empty for those that left the catalogue"
    frame = artworks.set_index(Cols.artwork_id)
    facts = [Cols.category, Cols.medium, Cols.culture, Cols.date_text]
    about = [Cols.text, Cols.description]
    columns = [frame[c].to_numpy(object) for c in (Cols.title, Cols.artist, Cols.tags, *facts, *about)]
    for row in frame.index.get_indexer(ids):
        if row < 0:
            yield ("",) * len(COLUMNS)
            continue
        title, artist, tags, *rest = (c[row] for c in columns)
        yield title, artist, ", ".join(tags), ". ".join(rest[: len(facts)]), "\n".join(rest[len(facts) :])

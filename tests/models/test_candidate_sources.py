"""Sources of candidates: what each proposes, what none may propose, and what becomes of their lists."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from art_recsys.models.artist_ties import ArtistTies
from art_recsys.models.candidate_sources import (
    QUOTAS,
    SOURCES,
    ArrivalSource,
    ArtistSource,
    CooccurrenceSource,
    NeighbourSource,
    PopularSource,
    Queries,
    RelatedArtistSource,
    SubjectSource,
    candidate_sources,
    merged,
    source_bits,
    source_flags,
)
from art_recsys.models.cooccurrence import ItemCooccurrence
from art_recsys.models.popularity import PopularityClock
from art_recsys.platform.neighbours import Neighbours

N, DIM = 60, 6


def unit(v):
    return (v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-9)).astype(np.float32)


def tower(n=N, **features):
    v = unit(np.random.default_rng(0).normal(size=(n, DIM)))
    return SimpleNamespace(candidates=v, neighbours=Neighbours(v), artwork_features={"text": v, **features})


def full(n=N):
    "A tower with everything: ten artists of six works, three tags, pictures for all but the first work"
    r = np.random.default_rng(1)
    image = unit(r.normal(size=(n, 9)))
    image[0] = 0
    return tower(n, artist=np.arange(n) // 6 + 1, tags=unit((r.random((n, 3)) < 0.3).astype(float)), image=image)


def log(n=N, users=20, likes=6, seed=0):
    "Sequences of likes, and the clock of the same likes; works from 50 on are liked by nobody"
    r = np.random.default_rng(seed)
    sequences = [r.choice(min(50, n), likes, replace=False) for _ in range(users)]
    days = np.sort(r.random((users, likes)) * 100, axis=1)
    return sequences, PopularityClock(np.concatenate(sequences), days.ravel(), n)


def counted(sequences, t, users=None):
    "The tables of likes"
    users = [f"user {n}" for n in range(len(sequences))] if users is None else users
    artist = t.artwork_features.get("artist", np.zeros(len(t.candidates), int))
    ties = ArtistTies(sequences, [f"artist {a}" if a else "" for a in artist], users)
    return ItemCooccurrence(sequences, len(t.candidates), ties=ties)


def everything(t=None):
    t = full() if t is None else t
    sequences, clock = log()
    return candidate_sources(t, clock, counted(sequences, t)), t, clock


def queries(histories, t, mask=None, seen=None, when=200.0):
    v = unit(np.array([t.candidates[h].sum(0) if len(h) else np.ones(DIM) for h in histories]))
    seen = [np.asarray(h, np.int64) for h in histories] if seen is None else seen
    return Queries(histories, v, mask, seen, [when] * len(histories))


def test_every_source_has_a_bit_and_a_quota():
    sources, _, _ = everything()
    assert [s.name for s in sources] == list(SOURCES) == list(QUOTAS) and abs(sum(QUOTAS.values()) - 1) < 1e-9


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("mask", [None, np.arange(N) % 2 == 0, np.zeros(N, bool)], ids=["all", "half", "nothing"])
def test_no_source_proposes_what_is_not_allowed(name, mask):
    sources, t, _ = everything()
    source = next(s for s in sources if s.name == name)
    for history in ([], [3], [3, 9, 12, 51], list(range(50))):
        for n in (1, 7, 1000):
            (found,) = source(queries([history], t, mask), n)
            assert len(found) <= n and len(set(found.tolist())) == len(found)
            assert not set(found.tolist()) & set(history) and (mask is None or mask[found].all())


def test_neighbours_come_in_turns_from_the_latest_like_on():
    t = tower(6)
    v = unit(np.array([[1, 0], [1, 0.1], [1, 0.2], [0, 1], [0.1, 1], [0.2, 1]]))
    near = NeighbourSource("neighbours", Neighbours(v))
    assert near(queries([[0, 3]], t), 3)[0].tolist() == [4, 1, 5]  # of 3, of 0, of 3
    v[5] = 0  # a work without a picture is near to nothing
    assert 5 not in NeighbourSource("image", Neighbours(v))(queries([[0, 3]], t), 9)[0]
    assert len(NeighbourSource("image", Neighbours(v))(queries([[5]], t), 9)[0]) == 0


def test_artists_get_places_in_proportion_to_their_likes():
    t = tower(12)
    artist = np.array([1] * 6 + [2] * 5 + [0])
    found = ArtistSource(artist, t.candidates)(queries([[0, 1, 6]], t), 4)[0]
    assert sorted(artist[found].tolist()) == [1, 1, 2, 2] or sorted(artist[found].tolist()) == [1, 1, 1, 2]
    assert 11 not in ArtistSource(artist, t.candidates)(queries([[11]], t), 9)[0]  # nobody knows who made it
    added = np.arange(12.0)
    added[4] = np.nan
    assert ArtistSource(artist, t.candidates, added)(queries([[0]], t), 9)[0].tolist() == [5, 3, 2, 1, 4]


def related(sequences, t, clock, added=None):
    return RelatedArtistSource(counted(sequences, t).ties, t.candidates, clock, added)


def test_related_artists_are_liked_by_the_same_users():
    t = tower(6, artist=np.array([1, 1, 2, 2, 3, 3]))
    quiet = PopularityClock(np.zeros(0, int), np.zeros(0), 6)
    found = related([np.array([0, 2]), np.array([1, 3]), np.array([4])], t, quiet)(queries([[0]], t), 9)[0]
    assert sorted(found.tolist()) == [2, 3]


def test_of_very_many_artists_the_same_ones_are_found(monkeypatch):
    "No sum over all artists is made then; the artists and their weights are the same"
    _, t, clock = everything()
    users = [f"artist {n}" if n < 9 else f"user {n}" for n in range(20)]
    ties = counted(log()[0], t, users).ties
    for most in (200, 3):
        monkeypatch.setattr("art_recsys.models.artist_sources.MOST", most)
        for history, when in (([0, 7, 30], 200.0), ([], 95.0), ([55], 50.0), ([3, 3, 58], 100.0)):
            asked = queries([history], t, when=when)
            asked.users = ["artist 4"]
            found = []
            for wide in (10**9, 1):
                monkeypatch.setattr("art_recsys.models.artist_sources.WIDE", wide)
                found.append(RelatedArtistSource(ties, t.candidates, clock).wanted(asked, 0))
            assert found[0][0].tolist() == found[1][0].tolist() != []
            np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-9)


def test_artists_of_now_come_after_the_related_ones_and_are_all_there_is_without_a_like():
    t = tower(8, artist=np.array([1, 1, 2, 2, 3, 3, 4, 4]))
    clock = PopularityClock(np.array([6, 6, 6, 4, 4]), np.array([1.0, 2, 3, 99, 100]), 8)  # 4 was liked long ago
    source = related([np.array([0, 2]), np.array([4])], t, clock, np.arange(8.0))
    assert source(queries([[0]], t, when=100.1), 9)[0].tolist() == [3, 2, 5, 4]  # related, then of now, newest first
    assert source(queries([[], [4]], t, when=100.1), 9)[0].tolist() == [5, 4]
    assert source(queries([[]], t, when=4.0), 9)[0].tolist() == [7, 6]  # a later like is not known
    assert source(queries([[]], t, when=50.0), 9)[0].tolist() == []


def test_artists_who_are_users_are_near_to_those_whose_works_they_like():
    t = tower(12, artist=np.arange(12) // 2 + 1)
    users = ["artist 1", "artist 2", "artist 3", "visitor"]
    likes = [np.array([2]), np.array([6]), np.array([2, 8]), np.array([10])]
    quiet = PopularityClock(np.zeros(0, int), np.zeros(0), 12)
    source = RelatedArtistSource(counted(likes, t, users).ties, t.candidates, quiet)

    def artists(history, *user):
        q = queries([history], t)
        q.users = user
        return t.artwork_features["artist"][source(q, 99)[0]].tolist()

    assert set(artists([2])) == {1, 3, 4, 5}  # 2 likes 4; 1 and 3 like 2; 3 likes 2 and 5
    assert set(artists([], "artist 2")) == {1, 3, 4, 5}  # the user is artist 2
    assert 2 not in artists([6], "artist 2") and 4 not in artists([6], "artist 2")  # nobody gets their own works
    assert artists([], "visitor") == artists([], "") == artists([]) == []


def test_a_rare_tag_counts_more_than_a_common_one():
    t = tower(6)
    tags = unit(np.array([[1, 1], [1, 0], [1, 0], [1, 0], [0, 1], [0, 0]]))
    found = SubjectSource(tags, t.candidates)(queries([[0]], t), 9)[0]
    assert found[0] == 4 and sorted(found[1:].tolist()) == [1, 2, 3]


def test_popular_and_new_are_as_of_the_time_of_the_query():
    t = tower(4)
    clock = PopularityClock(np.array([0, 1, 1, 2]), np.array([1.0, 9, 9.5, 10]), 4)
    popular, new = PopularSource(clock, 4, share=0.3), ArrivalSource(clock, t.candidates)
    assert popular(queries([[]], t, when=10.0), 9)[0].tolist() == [1]  # the like of this very moment does not count
    assert popular(queries([[]], t, when=10.1), 9)[0].tolist() == [1, 2]
    assert sorted(new(queries([[]], t, when=9.0), 9)[0].tolist()) == [1, 2, 3]
    assert new(queries([[]], t, when=11.0), 9)[0].tolist() == [3]
    dated = ArrivalSource(clock, t.candidates, np.array([0.0, np.nan, 0, 0]), days=5)
    assert sorted(dated(queries([[]], t, when=9.0), 9)[0].tolist()) == [1]  # 2 and 3 have been here for nine days


def test_a_large_catalogue_gets_the_same_proposals_from_sparse_rows_and_from_the_index():
    sequences, clock = log()
    t, r = full(), np.random.default_rng(4)
    table = np.where(r.random((N, N)) < 0.3, r.normal(size=(N, N)), 0).astype(np.float32)
    asked = Queries(
        sequences[:8], t.candidates[:8], None, [np.array([3, 7, *s[:2]]) for s in sequences[:8]], [200.0] * 8
    )
    dense, sparse = (CooccurrenceSource(x)(asked, 12) for x in (table, sp.csr_matrix(table)))
    assert [x.tolist() for x in dense] == [x.tolist() for x in sparse] and any(map(len, dense))
    index = Neighbours(t.candidates, exact_below=5)
    usual, found = (ArrivalSource(clock, t.candidates, neighbours=x)(asked, 6) for x in (None, index))
    assert [x.tolist() for x in usual] == [x.tolist() for x in found] and any(map(len, usual))


def test_merged_candidates_are_different_and_know_who_proposed_them():
    sources, t, _ = everything()
    q = queries([[3, 9, 12], [], [51]], t)
    items, bits = merged(sources, q, 20)
    alone = {s.name: s(q, 20) for s in sources}
    for row, (found, b) in enumerate(zip(items, bits, strict=True)):
        assert len(found) == 20 == len(set(found.tolist())) and (b > 0).all()
        flags = source_flags(b)
        for n, name in enumerate(SOURCES):
            proposed = found[flags[:, n] > 0]
            assert set(proposed.tolist()) == set(alone[name][row][: len(proposed)].tolist()), name  # its first ones


def test_places_are_dealt_in_proportion_and_an_empty_source_leaves_its_own_to_the_others():
    t = full()
    sources = [s for s in everything(t)[0] if s.name in ("towers", "artist", "related_artists")]
    q = queries([[3], [9]], t)
    _, bits = merged(sources, q, 20, {"towers": 0.25, "artist": 0.25, "related_artists": 0.5})
    flags = source_flags(bits[0])
    assert flags[:, SOURCES.index("artist")].sum() == 5  # all that the artist has
    towers, related_ = (flags[:, SOURCES.index(s)].sum() for s in ("towers", "related_artists"))
    assert towers + related_ >= 15 and abs(related_ - 2 * towers) <= 2
    all_of = merged(sources, q, 20, {"artist": 1.0})[0][0]
    assert all_of[:5].tolist() == sources[1](q, 9)[0].tolist()
    assert all_of[5:].tolist() == [i for i in sources[0](q, 20)[0] if i not in all_of[:5]][:15]  # the towers fill


def test_without_quotas_the_candidates_are_the_towers():
    sources, t, _ = everything()
    q = queries([[3, 9, 12]], t)
    items, bits = merged(sources, q, 15, {})
    assert items[0].tolist() == sources[0](q, 15)[0].tolist() and set(bits[0]) == {1}


def test_one_query_is_answered_as_many_are():
    sources, t, _ = everything()
    histories = [[3, 9, 12], [], [51], [0, 8]]
    together = merged(sources, queries(histories, t), 20)
    for row, h in enumerate(histories):
        alone = merged(everything(t)[0], queries([h], t), 20)
        assert alone[0][0].tolist() == together[0][row].tolist() and alone[1][0].tolist() == together[1][row].tolist()


@pytest.mark.parametrize(
    "t,absent",
    [
        (tower(), {"artist", "related_artists", "subject", "image"}),
        (
            tower(artist=np.zeros(N, int), tags=np.zeros((N, 2)), image=np.zeros((N, 1), np.float32)),
            {"artist", "related_artists", "subject", "image"},
        ),
        (tower(artist=np.arange(N) // 6 + 1), {"subject", "image"}),
    ],
    ids=["no columns", "empty columns", "artists only"],
)
def test_a_source_without_data_is_left_out_and_the_towers_take_its_places(t, absent):
    sources, t, _ = everything(t)
    assert {s.name for s in sources} == set(SOURCES) - absent
    assert len(merged(sources, queries([[3, 4]], t), 20)[0][0]) == 20


def test_all_works_new_no_history_and_more_wanted_than_there_is():
    t = full()
    sources = candidate_sources(t, PopularityClock(np.zeros(0, int), np.zeros(0), N), counted([], t))
    items, bits = merged(sources, queries([[], [5]], t), 1000)
    assert sorted(items[0].tolist()) == list(range(N)) and len(items[1]) == N - 1
    assert (bits[0] >> SOURCES.index("arrivals") & 1).all()


def test_filters_that_leave_nothing_and_nobody_who_asks():
    sources, t, _ = everything()
    items, _ = merged(sources, queries([[3]], t, np.zeros(N, bool)), 20)
    assert len(items[0]) == 0
    one = np.zeros(N, bool)
    one[7] = True
    assert merged(sources, queries([[3]], t, one), 20)[0][0].tolist() == [7]
    assert merged(sources, queries([], t), 20) == ([], [])


def test_bits_of_any_artworks():
    items = np.array([[5, 1, -1], [2, 2, 0]])
    bits = source_bits(
        items, [np.array([1, 5]), np.array([0])], [np.array([3, 4], np.uint16), np.array([9], np.uint16)], 8
    )
    assert bits.tolist() == [[4, 3, 0], [0, 0, 9]]
    assert source_flags(np.array([0, 1, 5], np.uint16))[:, :3].tolist() == [[0, 0, 0], [1, 0, 0], [1, 0, 1]]

"""The uniform interface of all recommenders, the page of the two-stage one, and the page that the server gives."""

import numpy as np
import pandas as pd
import pytest

from art_recsys.core import Cols, as_events, as_users, positives
from art_recsys.features import load_frames
from art_recsys.models import recommender as base
from art_recsys.models.baselines import ItemKNN, Popularity
from art_recsys.models.requests import KnownUsers
from art_recsys.models.steering import lacking
from art_recsys.models.two_stage import TwoStage
from art_recsys.platform.login import login
from art_recsys.recommendation import (
    Recommender,
    catalogue_steps,
    explore,
    fill_page,
    make_recommenders,
    mmr,
    page_recommender,
    page_steps,
    ranking_steps,
)
from art_recsys.serving import start
from art_recsys.serving.loading import load_service
from tests.small_frames import BASELINES, OURS, PAIR, frames, quick


@pytest.fixture(scope="module")
def fitted():
    "name -> fitted on `frames()`, each once; ours share their models"
    fresh, made = quick(), {}

    def get(name):
        if name not in made:
            made[name] = fresh[name].fit(*frames())
        return made[name]

    return get


def test_all_names_are_there():
    assert list(make_recommenders()) == BASELINES + OURS
    fresh = make_recommenders()
    assert (
        fresh["two_stage"].model is fresh["page"].model and fresh["two_stage"].model.tower is fresh["two_tower"].model
    )


@pytest.mark.parametrize("name", BASELINES + OURS)
def test_answers_in_the_common_form(fitted, name):
    works, _users, _events = frames()
    asked = ["0", "5", "21", "a stranger", 7]  # no events; known; known from events only; unknown; a whole number
    recs = fitted(name).recommend(asked, 10)
    assert list(recs.columns) == [Cols.user_id, Cols.artwork_id, Cols.score, Cols.rank]
    assert list(recs[Cols.user_id].unique()) == [str(u) for u in asked]
    assert np.isfinite(recs[Cols.score]).all()
    assert set(recs[Cols.artwork_id]) <= set(works[Cols.artwork_id].astype(str))
    for _, mine in recs.groupby(Cols.user_id):
        assert mine[Cols.rank].tolist() == list(range(1, 11)) and mine[Cols.artwork_id].is_unique
        if name != "page":  # diversity and the artist quota change the order on purpose
            assert mine[Cols.score].is_monotonic_decreasing


@pytest.mark.parametrize("name", BASELINES + OURS)
def test_seen_works_are_left_out_and_k_may_exceed_the_catalogue(fitted, name):
    works, users, events = frames()
    known = KnownUsers(as_users(users), as_events(events)).logged  # likes and hides that stand
    known = pd.DataFrame([(u, a) for u, decided in known.items() for a in decided], columns=PAIR)
    asked = [str(u) for u in range(23)]
    recs = fitted(name).recommend(asked, 1000)

    def pairs(df):
        return set(map(tuple, df[PAIR].to_numpy()))

    assert not pairs(recs) & pairs(known)
    assert len(recs) == len(asked) * len(works) - len(known)


@pytest.mark.parametrize("name", BASELINES)
def test_same_data_same_answer_whoever_else_is_asked(fitted, name):
    again = quick()[name].fit(*frames())
    asked = [str(u) for u in range(20)] + ["a stranger"]
    all_at_once, one = fitted(name).recommend(asked, 5), again.recommend(["9"], 5)
    pd.testing.assert_frame_equal(all_at_once, again.recommend(asked, 5))
    assert all_at_once.query('user_id == "9"')[Cols.artwork_id].tolist() == one[Cols.artwork_id].tolist()


@pytest.mark.parametrize("name", ["popularity", "content_knn", "item_knn", "als", "ease"])
def test_a_stranger_gets_what_is_popular(fitted, name):
    _works, _users, events = frames()
    recs = fitted(name).recommend(["a stranger"], 5)[Cols.artwork_id]
    counts = positives(as_events(events))[Cols.artwork_id].value_counts()
    assert counts.reindex(recs).tolist() == sorted(counts, reverse=True)[:5]


@pytest.mark.parametrize("name", BASELINES)
def test_works_without_any_event(name):
    works, users, events = frames()
    recs = quick()[name].fit(works, users, events.iloc[:0]).recommend(["3", "nobody"], 4)
    assert len(recs) == 8 and np.isfinite(recs[Cols.score]).all()


@pytest.mark.parametrize("name", BASELINES)
def test_nobody_asked_or_nothing_wanted_is_an_empty_answer(fitted, name):
    for recs in (fitted(name).recommend([], 5), fitted(name).recommend(["3"], 0)):
        assert recs.empty and list(recs.columns) == [Cols.user_id, Cols.artwork_id, Cols.score, Cols.rank]


def test_only_clicks_are_good_enough():
    works, users, events = frames()
    model = Popularity().fit(works, users, events[events[Cols.event] == "click"])
    assert model.popularity.sum() > 0


def test_an_event_of_an_artwork_that_is_not_in_the_catalogue_is_passed_over():
    works, users, events = frames()
    recs = Recommender(ItemKNN(), catalogue_steps).fit(works.iloc[:5], users, events).recommend(["a stranger"], 100)
    assert set(recs[Cols.artwork_id]) == {"100", "101", "102", "103", "104"}


@pytest.mark.parametrize("name", BASELINES + OURS)
def test_chunks_do_not_show_in_the_answer(monkeypatch, fitted, name):
    asked = [str(u) for u in range(20)]
    want = fitted(name).recommend(asked, 7)
    monkeypatch.setattr(base, "CHUNK", 3)
    pd.testing.assert_frame_equal(fitted(name).recommend(asked, 7), want, atol=1e-5)


@pytest.mark.parametrize("name", BASELINES)
def test_who_is_remembered_is_answered_like_who_was_there_from_the_start(name):
    works, users, events = frames()
    model = quick()[name].fit(works, users, events)
    asked = [str(u) for u in range(20)]
    want = model.recommend(asked, 6)
    events = as_events(events)
    model.remember(users, events[events[Cols.user_id] == "7"])

    def mine(recs):
        return recs.loc[recs[Cols.user_id] == "7", Cols.artwork_id].tolist()

    assert mine(model.recommend(asked, 6)) == mine(want)
    if name not in ("random", "popularity"):  # somebody who was not there, with the likes of somebody who was
        model.remember(users, events[events[Cols.user_id] == "7"].assign(**{Cols.user_id: "new"}))
        assert model.recommend(["new"], 6)[Cols.artwork_id].tolist() == mine(want)


# ---- the page --------------------------------------------------------------------------------------------------------


def test_what_was_fitted_is_not_fitted_again(fitted):
    works, users, events = frames()
    model, before = fitted("page").model, fitted("page").model.tower.candidates
    again = page_recommender(model, quick_settings()).fit(works, users, events)
    assert again.model.tower.candidates is before
    assert model.fitted_on == model.tower.fitted_on != TwoStage(model.tower, model.ranker).fitted_on


def quick_settings():
    from art_recsys.config import load_settings

    return load_settings(epochs=1, embedding_dim=8, batch_size=64, history_length=5, page_size=6)


def test_the_first_page_of_a_longer_list_is_the_page(fitted):
    page = page_recommender(fitted("page").model, quick_settings()).serve(*frames())
    users = [str(u) for u in range(2, 20)]
    short, long = (page.recommend(users, k).groupby(Cols.user_id)[Cols.artwork_id].agg(list) for k in (6, 20))
    assert all(short[u] == long[u][:6] for u in users)


def test_without_diversity_and_quota_the_page_is_the_order_of_the_ranking(fitted):
    model = fitted("page").model
    plain = Recommender(model, lambda *a: page_steps(*a, diversity=0, artist_share=0, new_share=0)).serve(*frames())
    ranked = Recommender(model, ranking_steps).serve(*frames())
    users = [u for u in (str(n) for n in range(23)) if plain.has_history(plain.known.request(u))]
    pd.testing.assert_frame_equal(plain.recommend(users, 8), ranked.recommend(users, 8))


def test_mmr_keeps_everything_once_and_the_best_first():
    r = np.random.default_rng(0)
    s, v = r.random(30), r.normal(size=(30, 8))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    assert sorted(mmr(s, v, 0.5)) == list(range(30)) and mmr(s, v, 0.9)[0] == s.argmax()
    assert mmr(s, v, 0).tolist() == np.argsort(-s).tolist() and len(mmr(s, v, 0.2, 7)) == 7
    assert len(mmr(s[:0], v[:0])) == 0
    groups = np.arange(30) % 5
    assert sorted(groups[mmr(s, v, 0.5, 5, groups)]) == [0, 1, 2, 3, 4]


# ---- what the likes have in common, in proportion ----


def followed(*traits, shares):
    "`has, shares, kinds` of traits of one kind; each trait is a list of columns of 60"
    has = np.array([np.isin(np.arange(60), columns) for columns in traits], float)
    return has, np.array(shares, float), np.array([0])


def plain(n=60):
    "Scores that fall by column, and vectors that are all different"
    return np.linspace(1, 0, n), np.eye(n)


def test_two_interests_share_the_page_though_one_has_the_better_scores():
    a, b = range(0, 30), range(30, 60)
    without = mmr(*plain(), 0.2, 24)
    assert np.isin(without, b).sum() == 0
    page = mmr(*plain(), 0.2, 24, None, 0.7, followed(a, b, shares=(0.5, 0.5)))
    assert 10 <= np.isin(page, b).sum() <= 12 and page[0] == 0
    page = mmr(*plain(), 0.2, 24, None, 0.9, followed(a, b, shares=(0.75, 0.25)))
    assert 4 <= np.isin(page, b).sum() <= 6  # three likes of four are of the other kind


def test_one_interest_is_not_diluted():
    sea = range(1, 60, 2)
    page = mmr(*plain(), 0.2, 24, None, 0.7, followed(sea, [0, 2, 4], shares=(1.0, 0.25)))
    assert np.isin(page[:18], sea).all() and np.isin(page, sea).sum() >= 21  # the other trait comes late and seldom
    alone = mmr(*plain(), 0.2, 24, None, 0.7, followed(sea, shares=[1.0]))
    assert np.isin(alone, sea).all()
    twice = mmr(*plain(), 0.2, 24, None, 0.7, followed(sea, sea, shares=(1.0, 1.0)))
    assert twice.tolist() == alone.tolist()  # two names for the same works count once


def test_what_is_followed_gives_way_where_nothing_is_left():
    few = followed([50, 51], shares=[1.0])
    page = mmr(*plain(), 0, None, None, 0.9, few)
    assert sorted(page) == list(range(60)) and set(page[:2]) == {50, 51}
    assert page[2:].tolist() == [n for n in range(60) if n not in (50, 51)]  # the rest in order
    nobody = followed([], shares=[1.0])
    assert mmr(*plain(), 0.2, 24, None, 0.9, nobody).tolist() == mmr(*plain(), 0.2, 24).tolist()
    assert mmr(*plain(), 0.2, 24, None, 0.0, few).tolist() == mmr(*plain(), 0.2, 24).tolist()
    empty = np.zeros((1, 0)), np.ones(1), np.array([0])
    assert len(mmr(np.zeros(0), np.zeros((0, 4)), 0.2, 24, None, 0.9, empty)) == 0


def test_what_a_page_lacks_is_counted_for_each_kind():
    "Two tags and an artist: of the tags the one that is missed most counts, the artist is added"
    has = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0]], float)
    shares, kinds = np.array([0.5, 0.25, 1.0]), np.array([0, 2])
    assert lacking(has, shares, kinds, 0.0, 0) == pytest.approx([0.25, 1.25, 0.0625, 0])
    assert lacking(has, shares, kinds, has[:, 0], 1) == pytest.approx([0, 1, 0, 0])  # both tags have their share of two
    assert lacking(has, shares, kinds, 4 * has[:, 3], 4) == pytest.approx([0.5, 1.5, 0.25, 0])  # one work at most


def test_a_page_is_drawn_to_what_was_liked(fitted):
    "With `follow`, the tag of all likes has more works on the page, and a wish for less of it is heard"
    works, users, events = frames()
    model, tag = fitted("page").model, "rare"
    ids = [str(a) for a in model.candidate_ids]
    marked = set(ids[::4])
    works = works.assign(tags=[[tag] if str(a) in marked else [] for a in works[Cols.artwork_id]])

    def count(follow, **request):
        page = Recommender(model, lambda *a: page_steps(*a, page_size=8, follow=follow)).serve(works, users, events)
        items = page.pages([{"history": sorted(marked)[:3], **request}], 8)[0].items[0]
        return sum(page.candidate_ids[i] in marked for i in items[items >= 0])

    less = [{"direction": "less", "kind": "tag", "value": tag}]
    assert count(0.9) > count(0) >= count(0.9, steering=less)


def test_the_quota_keeps_all_and_gives_way_where_nobody_else_is_there():
    artists = np.array([1, 1, 1, 1, 2, 3])
    assert fill_page(artists, 4, 2).tolist() == [0, 1, 4, 5, 2, 3]
    assert fill_page(artists, 6, 1).tolist() == [0, 4, 5, 1, 2, 3]
    assert sorted(fill_page(artists, 3, 1)) == list(range(6))


def test_a_page_has_its_share_of_new_works_at_even_distances():
    artists, new = np.arange(40), np.arange(40) >= 30
    page = fill_page(artists, 12, 12, new=new, least=3)
    assert np.flatnonzero(new[page[:12]]).tolist() == [3, 7, 11] and sorted(page) == list(range(40))
    assert page[[3, 7, 11]].tolist() == [30, 31, 32] and page[:3].tolist() == [0, 1, 2]  # the best of each kind
    natural = np.arange(40) < 5  # enough of them are there: nothing changes
    assert fill_page(artists, 12, 12, new=natural, least=3).tolist() == list(range(40))
    assert fill_page(artists, 12, 12, new=np.zeros(40, bool), least=12).tolist() == list(range(40))  # there are none
    assert fill_page(artists, 100, 100, new=np.ones(40, bool), least=100).tolist() == list(range(40))
    assert fill_page(artists[:0], 12, 2, new=new[:0], least=3).tolist() == []


def test_the_share_of_new_works_keeps_the_artist_quota():
    artists, new = np.array([1, 1, 2, 3, 1, 1, 4]), np.array([0, 0, 0, 0, 1, 1, 1], bool)
    page = fill_page(artists, 4, 2, new=new, least=2)
    assert (artists[page[:4]] == 1).sum() <= 2 and new[page[:4]].sum() == 2 and 6 in page[:4]


def test_propensity_is_the_frequency():
    "At every rank: what is logged is how often it happens; what the rank that always is drawn displaces keeps a chance"
    page, near, far, runs = np.arange(10), np.arange(10, 25), np.arange(25, 60), 6000
    for always in (None, 3):
        hits, said = np.zeros((10, 60)), np.full((10, 60), np.nan)
        for s in range(runs):
            shown, propensity, drawn = explore(page, near, far, 0.3, np.random.default_rng(s), always)
            assert len(set(shown)) == 10 and drawn[3] >= (always is not None)
            hits[np.arange(10), shown] += 1
            before = said[np.arange(10), shown]
            assert np.allclose(before[np.isfinite(before)], propensity[np.isfinite(before)])  # one number for each
            said[np.arange(10), shown] = propensity
        assert np.allclose(hits / runs, np.nan_to_num(said), atol=0.025)
        assert np.nansum(said, axis=1) == pytest.approx(1, abs=0.02)  # nearly all that can happen has happened
        assert (hits.sum(0) > 0).all()  # and nothing that may be shown is never shown
    for few in (near[:4], far[:0]):  # too few for two halves: all have the same chance
        _, propensity, drawn = explore(page, few, far, 1.0, np.random.default_rng(1))
        assert drawn.all() and np.allclose(propensity, 1 / (len(few) + len(far)))
    assert not explore(page, near[:4], far[:4], 1.0, np.random.default_rng(1))[2].any()  # nothing to draw from


def test_the_running_server_gives_the_page_that_the_evaluation_measures(tiny_run):
    """Same user, log and settings: the page over HTTP, the page of the service, and the list that the evaluation
    measures"""
    settings = tiny_run.model_copy(update={"exploration": 0.0, "server_port": 0})
    artworks, users, events = load_frames(login(settings), settings)
    service = load_service(settings)
    service.close()
    model = service.recommender.model
    measured = make_recommenders(settings, model.tower)["page"]  # as `evaluate` makes it; only the fit is left out
    measured.model.ranker = model.ranker
    measured.serve(artworks, users, events)
    liked = positives(events)[Cols.user_id].unique()
    asked = [*liked[:8], users[Cols.user_id].iloc[-1], "a new visitor"]
    expected = measured.recommend(asked, settings.page_size).groupby(Cols.user_id, sort=False)
    with start(settings) as server, server.client() as client:
        for user, page in expected:
            items = client.recommend(user)["items"]
            assert [i["artwork_id"] for i in items] == page[Cols.artwork_id].tolist(), user
            assert [i["score"] for i in items] == pytest.approx(page[Cols.score].tolist(), abs=1e-5)
            assert all(i["reason"]["kind"] for i in items)
            said = pd.Series([i["reason"]["text"] for i in items])
            assert (said[said != ""].value_counts() <= max(1, len(items) // 3)).all()  # a sentence on a third at most

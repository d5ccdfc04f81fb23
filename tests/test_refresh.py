"Refresh and rollback on a copy of the tiny museum: what is promoted, what is not, and what is left when it goes wrong"
import shutil

import numpy as np
import pytest

from art_recsys import deployment
from art_recsys.core import Event, Home, UserError
from art_recsys.deployment import load_service, new_likes, read_release, refresh, rollback, visit, wanted
from art_recsys.features import login
from art_recsys.serving.store import EventStore
from art_recsys.users import Truth

from .test_cli import cli


@pytest.fixture
def lived(tiny_run, tmp_path):
    "A home of its own, in which 8 new visitors have liked what they want on three pages"
    shutil.copytree(tiny_run.home, tmp_path/'home', ignore=shutil.ignore_patterns('events.db*', '.lock'))
    settings = tiny_run.model_copy(update={'home': tmp_path/'home', 'exploration': 0.})
    service = load_service(settings)
    wants = wanted(Truth.load(Home(settings.home).file('users_truth.npz')), np.arange(8), service.shelf.ids)
    visit(service, wants, pages=4, k=8)
    service.close()
    return settings


def versions(settings): return [m.version for m in login(settings).get_model_registry().get_models(settings.query_model)]


def test_a_challenger_that_is_not_worse_is_promoted_and_can_be_rolled_back(lived):
    first = read_release(lived)['version']
    found = refresh(lived)
    assert found['held_out_likes'] > 0 and found['visitor_events'] > 100
    assert found['promoted'] == (found['challenger_ndcg_10'] >= found['champion_ndcg_10']) == (found['version'] != first)
    assert read_release(lived)['version'] == found['version']
    if not found['promoted']: pytest.fail(f'this museum was chosen so that likes help: {found}')
    service = load_service(lived)                       # it serves, and it knows the visitors of the store by name
    assert len(service.recommend('simulated-0', 5)['items']) == 5
    assert 'simulated-0' in service.two_tower.vocabs.kept['user_id']
    service.close()
    assert 'Kept' not in (out := cli('rollback', home=lived.home)).stdout and out.returncode == 0, out.stderr
    assert read_release(lived)['version'] == first
    with pytest.raises(UserError, match='no release before'): rollback(lived)


def test_a_worse_challenger_is_not_promoted(lived, monkeypatch):
    first, before = read_release(lived), versions(lived)
    real = deployment.compare
    swapped = lambda rankers, *rest: real(dict(zip(['challenger', 'champion'], rankers.values())), *rest)
    monkeypatch.setattr(deployment, 'compare', swapped)   # the better one is called champion
    found = refresh(lived)
    assert not found['promoted'] and found['why'] == 'the challenger is worse'
    assert read_release(lived) == first and versions(lived) == before


def test_without_new_likes_nothing_is_trained(tiny_run, tmp_path):
    shutil.copytree(tiny_run.home, tmp_path/'home', ignore=shutil.ignore_patterns('events.db*', '.lock'))
    settings = tiny_run.model_copy(update={'home': tmp_path/'home'})
    store = EventStore(settings.home/'events.db')
    work = str(login(settings).get_feature_store().get_feature_view('artworks', 1).get_batch_data()['artwork_id'].iloc[0])
    store.submit([{'user_id': 'ann', 'artwork_id': work, 'event': Event.like}]).result(); store.close()
    before = versions(settings)
    out = cli('refresh', home=settings.home)
    assert out.returncode == 0 and 'Kept what is in service: fewer than 20 new likes' in out.stdout, out.stderr
    assert versions(settings) == before


def test_a_crash_between_training_and_release_leaves_the_old_pair_in_service(lived, monkeypatch):
    first = read_release(lived)
    monkeypatch.setattr(deployment, 'put_in_service', lambda *a: 1/0)
    with pytest.raises(ZeroDivisionError): refresh(lived)
    assert read_release(lived) == first
    load_service(lived).close()


def test_the_cut_of_new_likes():
    import pandas as pd
    from art_recsys.core import as_events
    day = lambda n: n*86_400
    rows = [(f'{n}', f'u{n % 3}', f'w{n}', 'like', day(n)) for n in range(40)] + [('again', 'u0', 'w0', 'like', day(39.5))]
    events = as_events(pd.DataFrame(rows, columns=['event_id', 'user_id', 'artwork_id', 'event', 'ts']))
    train, test = new_likes(events, pd.Timestamp(day(9), unit='s', tz='UTC'))
    assert train['ts'].max() < test['ts'].min() and len(test) == 10   # a third of the 30 new ones; w0 was known
    assert new_likes(events, pd.Timestamp(day(30), unit='s', tz='UTC'))[1].empty

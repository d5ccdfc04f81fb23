"""MovieLens-100K: our recommenders on the yardstick's fixed splits, one protocol for all.

    python benchmarks/movielens.py ../shared/data/ml-100k --split loo
    python benchmarks/movielens.py ../shared/data/ml-100k --split random --models popularity ease

Fits on train + val, ranks all films, leaves out those that a user has rated before, compares with test. `--on val` fits
on train and measures on val: that is where hyper-parameters are chosen. The baselines' are those of the yardstick's table.
"""
import argparse
import json
from functools import partial
from pathlib import Path

import pandas as pd

from art_recsys.core import Cols, Event, as_artworks, as_events, as_users
from art_recsys.evaluation import EASE, Evaluation, evaluate_split, recommenders, report

LAMBDA = {'loo': 100, 'random': 400}   # of EASE, chosen on each split's validation part


def load(folder: Path, split: str, on: str = 'test') -> tuple[pd.DataFrame, ...]:
    "`artworks, users, train, test` in house form: a film is a work, a rating is a like, genres are tags"
    read = {p: pd.read_csv(folder/split/f'{p}.csv') for p in ('train', 'val', 'test')}
    rows = pd.concat([read['train'], read['val']] if on == 'test' else [read['train']], ignore_index=True)
    film, user = (pd.Series((folder/f'{n}.txt').read_text().split()) for n in ('items', 'users'))
    likes = lambda d: pd.DataFrame({Cols.user_id: d['u'].map(user), Cols.artwork_id: d['i'].map(film), Cols.ts: d['t']})
    item = pd.read_csv(folder/'u.item', sep='|', header=None, encoding='latin-1', dtype={0: str})
    item = item.set_index(0).loc[film].reset_index()
    genres = pd.read_csv(folder/'u.genre', sep='|', header=None)[0]
    tags = [[g for g, yes in zip(genres, flags) if yes] for flags in item.iloc[:, 5:].to_numpy()]
    artworks = as_artworks(pd.DataFrame({Cols.artwork_id: item[0], Cols.title: item[1], Cols.tags: tags}))
    facts = [Cols.user_id, Cols.age, Cols.gender, Cols.description, 'zip']
    people = pd.read_csv(folder/'u.user', sep='|', header=None, names=facts)
    events = likes(rows).assign(**{Cols.event: Event.like, Cols.event_id: [f'e{i}' for i in range(len(rows))]})
    return artworks, as_users(people.drop(columns='zip')), as_events(events), as_events(
        likes(read[on]).assign(**{Cols.event: Event.like, Cols.event_id: [f't{i}' for i in range(len(read[on]))]}))


def measure(folder: Path, split: str = 'loo', names: list[str] | None = None, on: str = 'test') -> Evaluation:
    models = recommenders() | {'ease': partial(EASE, LAMBDA[split])}
    return evaluate_split(*load(folder, split, on), {n: models[n] for n in names or models}, (10, 50, 100))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', type=Path, help='folder with loo/, random/, u.item, u.user')
    p.add_argument('--split', choices=list(LAMBDA), default='loo')
    p.add_argument('--on', choices=['val', 'test'], default='test')
    p.add_argument('--models', nargs='*', help='names of recommenders; all by default')
    p.add_argument('--json', type=Path, help='write the report here as well')
    args = p.parse_args()
    result = measure(args.folder, args.split, args.models, args.on)
    print(result._repr_markdown_())
    print('\nseconds:', json.dumps(result.timings))
    if args.json: args.json.write_text(json.dumps(report(result), indent=1))


if __name__ == '__main__': main()

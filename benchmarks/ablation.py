"""Which of the things that a work is made of help the towers: the same towers, each time with some of them taken away.

    python benchmarks/ablation.py .art_recsys/default

HOME must have run up to `features`. The latest `test_share` of its likes is set aside and not looked at; of the likes before it the
latest are foreseen (so this may be used to choose). NDCG@10 over the whole catalogue with a 95 % bootstrap interval, and the
difference to the towers with everything, paired by user.
"""
import argparse
from pathlib import Path

from homes import settings_of
from scipy.stats import ttest_rel

from art_recsys.core import Cols
from art_recsys.evaluation import hold_out, intervals, per_user
from art_recsys.features import load_frames, login
from art_recsys.retrieval import WORK_FEATURES, TwoTower, of_settings

WITHOUT = {'nothing': (), 'its own vector': ('artwork_id',), 'text': ('text',), 'tags': ('tags',), 'palette': ('palette',), 'artist': ('artist',),
    'category, medium, period': ('category', 'medium', 'period'), 'all but its own vector': tuple(c for c in WORK_FEATURES if c != 'artwork_id')}


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument('home', type=Path)
    arg.add_argument('--section', help='of settings.ini; by default what the home was last run with')
    a = arg.parse_args()
    settings = settings_of(a.home, a.section)
    works, users, events = load_frames(login(settings), settings)
    train, test = hold_out(hold_out(events, settings.test_share)[0], settings.test_share)
    asked, found = test[Cols.user_id].unique().tolist(), {}
    for name, gone in WITHOUT.items():
        towers = TwoTower(**of_settings(settings).config | {'features': tuple(c for c in WORK_FEATURES if c not in gone)})
        found[name] = per_user(towers.fit(works, users, train).recommend(asked, 10), test, ['ndcg@10'])['ndcg@10']
        if name == 'nothing': print(f'{len(works):,} works, {len(asked):,} users\n\n| without | NDCG@10 | difference (p) |\n| --- | ---: | ---: |')
        row, gap = (intervals(v.to_frame('v'), settings.seed).loc['v'] for v in (found[name], found[name] - found['nothing']))
        beside = f'{gap["mean"]:+.4f} [{gap["low"]:+.4f}, {gap["high"]:+.4f}] ({ttest_rel(found[name], found["nothing"]).pvalue:.2g})' if gone else ''
        print(f'| {name} | {row["mean"]:.4f} [{row["low"]:.4f}, {row["high"]:.4f}] | {beside} |', flush=True)


if __name__ == '__main__': main()

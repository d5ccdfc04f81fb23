"""Two ways to hold out likes, side by side: one time for all users, and the last like of each user.

The last-like split (also called leave-one-out) is common in papers, because every user is asked and the histories are
long. It leaks the future of others: a user who left in March is asked about March, by a model that has learned from
everybody's likes of September, and from what was popular then (Ji and others, A critical study on data leakage in
recommender system offline evaluation, 2023, https://arxiv.org/abs/2010.11060). No running system has that. So the time
split is what the evaluation reports, and this one is shown beside it to compare with papers, and to see whether the
recommenders come in the same order (Meng and others, 2020, https://arxiv.org/abs/2007.13237).

Likes at one instant have no order, so no split divides them. In the last-like split, all likes of a user's last instant
are test positives. To draw one of them by seed would put the others, given in the same second, into the history.
"""

import pandas as pd

from art_recsys.config import UserError
from art_recsys.core import Cols, positives, test_positives
from art_recsys.measures.statistics import kendall_interval

from .result import Evaluation

__all__ = ["last_like_split", "not_enough", "same_order", "side_by_side"]


def not_enough(
    events: pd.DataFrame,  # normalised
    share: float,  # of the likes that should be held out
) -> UserError:
    "Why a log cannot be cut at one time, and what to do about it"
    times = positives(events)[Cols.ts]
    if len(times) > 1 and times.nunique() == 1:
        what = f"All {len(times):,} likes have the same time ({times.iloc[0]:%Y-%m-%d %H:%M:%S}), so none came before."
        return UserError(what, f"give every event its own time in the column {Cols.ts}")
    return UserError(f"There are not enough likes to hold out {100 * share:.0f} % of them.", "give more likes")


def last_like_split(
    events: pd.DataFrame,  # normalised
) -> tuple[pd.DataFrame, pd.DataFrame]:  # `train` events, `test` positives: `user_id, artwork_id, ts`
    """Each user's last like, and everything of that user before it; events of others after that instant stay.

    All likes of the user's last instant are test positives. A user whose likes all have one time (one like, for
    example) is not asked, and all events of that user stay in the training. What an asked user did with the test
    positives before (a click, an impression of the same page) is left out of the training. Raises `UserError` where
    nobody is left to ask.
    """
    likes = positives(events)
    first, last = (likes.groupby(Cols.user_id)[Cols.ts].transform(f) for f in ("min", "max"))
    asked = likes[(likes[Cols.ts] == last) & (first < last)]
    cut = events[Cols.user_id].map(asked.drop_duplicates(Cols.user_id).set_index(Cols.user_id)[Cols.ts])
    train = events[cut.isna() | (events[Cols.ts] < cut)]
    test = test_positives(asked, train)
    if test.empty:
        what = "No user has likes at two different times" if len(likes) else "There are no likes"
        raise UserError(f"{what}, so there is no last like to hold out.", f"give the likes their times ({Cols.ts})")
    pair = [Cols.user_id, Cols.artwork_id]
    shown = pd.MultiIndex.from_frame(train[pair]).isin(pd.MultiIndex.from_frame(test[pair]))
    return train[~shown].reset_index(drop=True), test


def same_order(
    one: Evaluation,
    other: Evaluation,  # of the same recommenders on another split
    without: tuple[str, ...] = ("oracle",),  # who does not count; the oracle is not a recommender
    seed: int = 42,  # of the bootstrap
) -> dict[str, float]:  # `methods, tau, low, high, p`
    "Kendall's tau between the orders of the recommenders by the first metric"
    values = [e.by_user().drop(columns=[*without], errors="ignore") for e in (one, other)]
    both = [n for n in values[0] if n in values[1]]
    return kendall_interval(values[0][both], values[1][both], seed)


def side_by_side(
    splits: dict[str, Evaluation],  # name of a split -> its evaluation
) -> pd.DataFrame:  # one row per recommender: the first metric, its interval and the rank in each split
    "The same recommenders in several splits, the best in the first one at the top; the oracle has no rank"
    parts = []
    for name, e in splits.items():
        found = pd.DataFrame({n: m.loc[e.ndcg, ["mean", "low", "high"]] for n, m in e.metrics.items()}).T
        found["rank"] = found["mean"].drop(index="oracle", errors="ignore").rank(ascending=False, method="min")
        parts.append(found.add_prefix(f"{name} "))
    table = pd.concat(parts, axis=1)
    return table.sort_values(table.columns[0], ascending=False).astype(float)

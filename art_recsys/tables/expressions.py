"""What the heavy tables hold, as Ibis expressions over a log of events; nothing is read here.

Each function takes and returns a table expression. `art_recsys.tables.engines` turns an expression into the SQL of
DuckDB or of Spark. Two events of one pair at one time are ordered by their id, as `load_frames` does. On the small
museum the rows are those of pandas and scipy in `core`, `features` and `models` (tests/tables).
"""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
from ibis import _

from art_recsys.core import EVENT_KINDS, Cols, Event

__all__ = [
    "TABLES",
    "candidate_lists",
    "cooccurrence",
    "events_table",
    "histories",
    "likes",
    "likes_with_ids",
    "popularity",
    "ranking_rows",
    "sequences",
]

_TYPES = {"id": "string", "text": "string", "number": "float64", "time": "timestamp('UTC')"}
PAIR = [Cols.user_id, Cols.artwork_id]
SHRINK = 10  # as in `ItemCooccurrence`: one like is weak evidence


def events_table() -> ir.Table:
    "The log, normalised: the table `events` of the engine, with `EVENT_COLS`"
    return ibis.table({c: _TYPES[k] for c, k in EVENT_KINDS.items()}, name="events")


def likes(
    events: ir.Table,  # as `events_table`
    kind: str = Event.like,  # what counts as a like; `click` for a log without likes
) -> ir.Table:  # `user_id, artwork_id, ts`, one row per pair
    "The likes that stand: not taken back, not hidden (`core.positives`)"
    return likes_with_ids(events, kind).drop(Cols.event_id)


def likes_with_ids(
    events: ir.Table,  # as `events_table`
    kind: str = Event.like,  # as for `likes`
) -> ir.Table:  # `user_id, artwork_id, ts, event_id`, one row per pair
    "The same with the event of each: likes of one time are in the order of these ids"
    said = events.filter(events[Cols.event].isin([kind, Event.unlike, Event.hide]))
    latest = ibis.window(group_by=PAIR, order_by=[_[Cols.ts].desc(), _[Cols.event_id].desc()])
    last = said.mutate(turn=ibis.row_number().over(latest)).filter(_.turn == 0)
    return last.filter(last[Cols.event] == kind).select(*PAIR, Cols.ts, Cols.event_id)


def ranking_rows(
    events: ir.Table,  # as `events_table`
    kind: str = Event.like,  # as for `likes`
) -> ir.Table:  # `user_id, artwork_id, ts, label, request_id, position`, one row per pair and time
    "Every impression, and every like without one; label 1 if the like still stands (`features.ranking_rows`)"
    liked = likes(events, kind)
    shown = events.filter(events[Cols.event] == Event.impression)
    shown = shown.left_join(liked.rename(liked=Cols.ts), PAIR)
    label = (shown["liked"] >= shown[Cols.ts]).fill_null(False).cast("int64")
    columns = [*PAIR, Cols.ts, Cols.label, Cols.request_id, Cols.position, Cols.event_id]
    shown = shown.mutate(**{Cols.label: label}).select(*columns)
    unseen = liked.anti_join(shown.filter(shown[Cols.label] == 1), PAIR).mutate(
        **{
            Cols.label: ibis.literal(1, "int64"),
            Cols.request_id: ibis.literal(""),
            Cols.position: ibis.null("float64"),
            Cols.event_id: ibis.literal("~"),  # after every other: such a row comes last
        }
    )
    both = shown.union(unseen.select(*columns))
    last = ibis.window(group_by=[*PAIR, Cols.ts], order_by=_[Cols.event_id].desc())
    return both.mutate(turn=ibis.row_number().over(last)).filter(_.turn == 0).drop("turn", Cols.event_id)


def popularity(
    liked: ir.Table,  # as from `likes`
) -> ir.Table:  # `artwork_id, ts, likes`
    "How many likes each artwork has from each time on, for a join by point in time (`PopularityClock.before`)"
    counts = liked.group_by(Cols.artwork_id, Cols.ts).agg(new=_.count())
    so_far = ibis.window(group_by=Cols.artwork_id, order_by=Cols.ts, preceding=None, following=0)
    return counts.mutate(likes=counts["new"].sum().over(so_far)).drop("new")


def histories(
    liked: ir.Table,  # as from `likes`
    n: int,  # at most the last n likes
) -> ir.Table:  # `user_id, artwork_id, ts, step`; step 0 is the first of all likes of the user
    "What each user likes, oldest first (`core.histories`)"
    first = ibis.window(group_by=Cols.user_id, order_by=[Cols.ts, Cols.artwork_id])
    last = ibis.window(group_by=Cols.user_id, order_by=[_[Cols.ts].desc(), _[Cols.artwork_id].desc()])
    numbered = liked.mutate(step=ibis.row_number().over(first), left=ibis.row_number().over(last))
    return numbered.filter(_.left < n).drop("left")


def sequences(
    liked: ir.Table,  # as from `likes`
    width: int,  # likes per window
) -> ir.Table:  # `user_id, artwork_id, ts, window, step`; `step` counts within the window
    "Histories cut into windows: what the towers train on. Training draws other cuts in every epoch"
    numbered = histories(liked, 2**31 - 1)
    return numbered.mutate(window=numbered["step"] // width, step=numbered["step"] % width)


def cooccurrence(
    liked: ir.Table,  # as from `likes`
    most: int = 300,  # only so many of the latest likes of each user: a user costs at most the square of it
    keep: int = 200,  # only so many of the nearest artworks of each artwork
) -> ir.Table:  # `artwork_id, other_id, users, cosine`
    "How many users like both of two artworks, and their cosine (`ItemCooccurrence.cosine`)"
    one = histories(liked, most).select(*PAIR)
    counts = one.group_by(Cols.artwork_id).agg(likes=_.count())
    other = one.view().rename(other_id=Cols.artwork_id)
    pairs = one.join(other, Cols.user_id).filter(_[Cols.artwork_id] != _["other_id"])
    both = pairs.group_by(Cols.artwork_id, "other_id").agg(users=_.count())
    both = both.join(counts, Cols.artwork_id).rename(mine="likes")
    both = both.join(counts.view().rename(other_id=Cols.artwork_id, theirs="likes"), "other_id")
    cosine = both["users"] / ((both["mine"] + SHRINK) * (both["theirs"] + SHRINK)).cast("float64").sqrt()
    near = ibis.window(group_by=Cols.artwork_id, order_by=[_["cosine"].desc(), _["other_id"]])
    scored = both.mutate(cosine=cosine).select(Cols.artwork_id, "other_id", "users", "cosine")
    return scored.mutate(turn=ibis.row_number().over(near)).filter(_.turn < keep).drop("turn")


def candidate_lists(
    liked: ir.Table,  # as from `likes`
    near: ir.Table,  # as from `cooccurrence`
    n: int = 100,  # candidates of each user
    last: int = 50,  # likes that are asked
) -> ir.Table:  # `user_id, artwork_id, score, rank`, rank from 1
    "The artworks with the greatest sum of cosines to the latest likes of each user, without what the user likes"
    asked = histories(liked, last).select(*PAIR)
    found = asked.join(near, Cols.artwork_id).group_by(Cols.user_id, "other_id").agg(score=_["cosine"].sum())
    found = found.rename(artwork_id="other_id").anti_join(liked, PAIR)
    best = ibis.window(group_by=Cols.user_id, order_by=[_["score"].round(9).desc(), _[Cols.artwork_id]])
    return found.mutate(rank=ibis.row_number().over(best) + 1).filter(_["rank"] <= n)


def _of_likes(make: Callable[[ir.Table], ir.Table]) -> Callable[[ir.Table], ir.Table]:
    return lambda events: make(likes(events))


TABLES: dict[str, Callable[[ir.Table], ir.Table]] = {  # name -> events -> the table, with default sizes
    "likes": likes,
    "ranking": ranking_rows,
    "popularity": _of_likes(popularity),
    "histories": _of_likes(lambda liked: histories(liked, 50)),
    "sequences": _of_likes(lambda liked: sequences(liked, 51)),
    "cooccurrence": _of_likes(cooccurrence),
    "candidates": _of_likes(lambda liked: candidate_lists(liked, cooccurrence(liked))),
}

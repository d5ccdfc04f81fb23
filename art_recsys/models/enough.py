"""Whether a log holds enough likes to train on: said before a training starts, not by a stack trace within it."""

import pandas as pd

from art_recsys.config import UserError
from art_recsys.core import Cols, positives
from art_recsys.language.texts import counted

__all__ = ["check_likes"]


def check_likes(
    events: pd.DataFrame,  # Normalised
) -> None:
    "Raise `UserError` for a log without likes that stand, or with all of them at one time"
    likes = positives(events)
    if likes.empty:
        kinds = ", ".join(f"{n} x {kind}" for kind, n in events[Cols.event].value_counts().items()) or "none at all"
        raise UserError(
            f"There is no like to learn from among the events: {kinds}.",
            "give events of the kind like (or click) that are not taken back (--events), and run again: art-recsys run",
        )
    if likes[Cols.ts].nunique() == 1:
        raise UserError(
            f"{counted(len(likes), 'like')} at one time, {likes[Cols.ts].iloc[0]:%Y-%m-%d %H:%M:%S} UTC: there is "
            "nothing earlier to learn from and nothing later to measure with.",
            "give events with the times at which they happened in ts (--events), and run again: art-recsys run",
        )

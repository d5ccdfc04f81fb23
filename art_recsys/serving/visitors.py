"""Who asks: the users of the training data, and over them what the event store knows."""

import pandas as pd

from art_recsys.models.requests import KnownUsers

from .store import EventStore

__all__ = ["Visitors"]


class Visitors(KnownUsers):
    """Known users whose likes go on in the event store; the last event on each artwork counts, wherever it is."""

    def __init__(self, users: pd.DataFrame, events: pd.DataFrame, store: EventStore):
        super().__init__(users, events)
        self.store = store

    def decisions(self, user_id: str) -> dict[str, str]:
        "Artwork id -> the last of `like`, `unlike` and `hide`, oldest first"
        decided = super().decisions(user_id)
        for artwork_id, event in self.store.decisions(user_id).items():
            decided.pop(artwork_id, None)
            decided[artwork_id] = event
        return decided

    def forget(self, user_id: str) -> None:
        "Drop what is in memory; the store forgets by itself"
        self.profiles.pop(user_id, None)
        self.logged.pop(user_id, None)

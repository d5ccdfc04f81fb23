"""Visitors: the users of the training data, updated with the events in the event store."""

import pandas as pd

from art_recsys.models.requests import KnownUsers

from .store import EventStore

__all__ = ["Visitors"]


class Visitors(KnownUsers):
    """Users of the training data plus their events in the store; the last event on each artwork counts."""

    def __init__(
        self,
        users: pd.DataFrame,  # of the training data
        events: pd.DataFrame,  # of the training data
        store: EventStore,  # read at each request, so that a like counts at once
    ):
        super().__init__(users, events)
        self.store = store

    def decisions(self, user_id: str) -> dict[str, str]:
        "Artwork id -> last decision (`like`, `unlike` or `hide`) of `user_id`, oldest first"
        decided = super().decisions(user_id)
        for artwork_id, event in self.store.decisions(user_id).items():
            decided.pop(artwork_id, None)
            decided[artwork_id] = event
        return decided

    def request(self, user_id: str) -> dict:
        "The request of the user `user_id`, with what they asked for more or less of"
        return super().request(user_id) | {"steering": self.store.steering(user_id)}

    def forget(self, user_id: str) -> None:
        "Remove the user `user_id` from memory; `EventStore.forget` deletes the events on disk"
        self.profiles.pop(user_id, None)
        self.logged.pop(user_id, None)

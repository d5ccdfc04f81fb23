"""A service out of a release: both models, the frames and the event store, loaded and warm."""

from art_recsys.config import Home, Settings
from art_recsys.features import load_frames
from art_recsys.models.two_stage import TwoStage
from art_recsys.platform.login import login
from art_recsys.ranking import Ranker

from .release_file import read_release, released_pair
from .service import Service
from .store import EventStore

__all__ = ["load_service"]


def load_service(
    settings: Settings,
    store: EventStore | None = None,  # The home's `events.db` by default
    release: dict | None = None,  # What `release.json` names by default, or one of those before it
) -> Service:
    "A release, loaded and warm: TensorFlow has traced its graphs before the first visitor comes"
    release, project, home = release or read_release(settings), login(settings), Home.of(settings)
    query, ranking = released_pair(project.get_model_registry(), release)
    query.download()  # verifies its checksums; the towers in memory are those inside `ranking`, as `deploy` made sure
    ranker = Ranker.load(ranking.download())
    store = EventStore(home.file("events.db")) if store is None else store
    model = TwoStage(ranker.two_tower, ranker)
    return Service(settings, release["version"], model, *load_frames(project, settings), store).warm_up()

"""Load a release as a service: both models, the data frames and the event store, warmed up."""

from art_recsys.config import Home, Settings
from art_recsys.features import load_frames
from art_recsys.models.two_stage import TwoStage
from art_recsys.platform.login import login
from art_recsys.ranking import Ranker

from .live_catalogue import with_live
from .release_file import read_release, released_pair, settings_of_release
from .service import Service
from .store import EventStore

__all__ = ["load_service"]


def load_service(
    settings: Settings,  # `home` and where the project is
    store: EventStore | None = None,  # If None, the home's `events.db` is opened
    release: dict | None = None,  # If None, the release in `release.json`
) -> Service:
    """Load a release and warm it up, so that TensorFlow has traced its graphs before the first request.

    Raises `UserError` if there is no release or the registry lacks a model. An error of the registry passes through,
    for example for a wrong checksum.
    """
    release, project, home = release or read_release(settings), login(settings), Home.of(settings)
    query, ranking = released_pair(project.get_model_registry(), release)
    query.download()  # verifies the checksums; the towers in use are the copy inside `ranking`, which `deploy` compared
    ranker = Ranker.load(ranking.download())
    store = EventStore(home.file("events.db")) if store is None else store
    model = TwoStage(ranker.two_tower, ranker)
    pages = settings_of_release(settings, release)
    service = Service(pages, release["version"], model, *load_frames(project, settings), store)
    return with_live(service).warm_up()

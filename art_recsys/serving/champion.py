"""Load the released pair of models (the champion) for further training, and register a new pair."""

from typing import Any

from art_recsys.config import Settings
from art_recsys.models.registered import register
from art_recsys.ranking import Ranker
from art_recsys.retrieval import TwoTower

from .release_file import read_release, released_pair

__all__ = ["load_champion", "register_pair"]


def load_champion(
    settings: Settings,  # Of a home with a release
    registry: Any,  # From `project.get_model_registry()`
) -> Ranker:  # Its towers have their base models
    "Load the released ranking model and towers. Raises `UserError` if there is no release or a model is missing."
    query, ranking = released_pair(registry, read_release(settings))
    ranker = Ranker.load(ranking.download())
    ranker.two_tower = TwoTower.load(query.download(), 2)
    return ranker


def register_pair(
    settings: Settings,  # `query_model` and `ranking_model` are the names in the registry
    project: Any,  # From `login`
    ranker: Ranker,  # Has the towers in `two_tower`
    metrics: dict[str, float],  # By name, stored with both models
) -> tuple:  # Query model and ranking model, as the registry returns them
    "Save the towers and the ranking model as new versions in the registry"
    both = (settings.query_model, ranker.two_tower), (settings.ranking_model, ranker)
    return tuple(register(project, name, part, metrics, "From a refresh") for name, part in both)

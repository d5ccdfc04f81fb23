"""What is in service as something to learn from, and a new pair of models in the registry."""

import tempfile
from pathlib import Path

from art_recsys.config import Settings
from art_recsys.ranking import Ranker
from art_recsys.retrieval import TwoTower

from .release_file import read_release, released_pair

__all__ = ["load_champion", "register_pair"]


def load_champion(settings: Settings, registry) -> Ranker:  # its towers have their base models
    "The ranking model and the towers that are in service"
    query, ranking = released_pair(registry, read_release(settings))
    ranker = Ranker.load(ranking.download())
    ranker.two_tower = TwoTower.load(query.download(), 2)
    return ranker


def register_pair(
    settings: Settings,  # Its `query_model` and `ranking_model`
    project,  # From `login`
    ranker: Ranker,  # With its towers
    metrics: dict[str, float],
) -> tuple:  # query and ranking model as the registry knows them
    "Keep the towers and the ranking model in the registry"
    registry, pair = project.get_model_registry(), []
    with tempfile.TemporaryDirectory() as folder:
        for name, part in ((settings.query_model, ranker.two_tower), (settings.ranking_model, ranker)):
            part.save(Path(folder) / name)
            pair.append(registry.python.create_model(name, metrics=metrics, description="From a refresh"))
            pair[-1].save(str(Path(folder) / name))
    return tuple(pair)

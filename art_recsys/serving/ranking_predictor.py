"""Predictor script of the deployment `ranking` on Hopsworks, whose pod creates a `Predict` and calls `predict`."""

import os

from art_recsys.ranking import Ranker
from art_recsys.serving.predictors import RankingPredictor, load_text_model


class Predict(RankingPredictor):
    "Ranking with the model files in `MODEL_FILES_PATH`"

    def __init__(self) -> None:
        super().__init__(Ranker.load(os.environ["MODEL_FILES_PATH"]))
        load_text_model(self.ranker.two_tower)

"""Predictor script of the deployment `query` on Hopsworks, whose pod creates a `Predict` and calls `predict`."""

import os

from art_recsys.retrieval import TwoTower
from art_recsys.serving.predictors import QueryPredictor, load_text_model


class Predict(QueryPredictor):
    "Candidate retrieval with the model files in `MODEL_FILES_PATH`"

    def __init__(self) -> None:
        super().__init__(TwoTower.load(os.environ["MODEL_FILES_PATH"]))
        load_text_model(self.two_tower)

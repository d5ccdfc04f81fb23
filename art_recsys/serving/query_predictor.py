"""Predictor script of the deployment `query` on Hopsworks: its pod makes one `Predict` and calls `predict(inputs)`."""

import os

from art_recsys.retrieval import TwoTower
from art_recsys.serving.predictors import QueryPredictor


class Predict(QueryPredictor):
    "Candidates out of the model files that the pod was given"

    def __init__(self):
        super().__init__(TwoTower.load(os.environ["MODEL_FILES_PATH"]))

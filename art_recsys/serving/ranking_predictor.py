"""Predictor script of the deployment `ranking` on Hopsworks: its pod makes a `Predict` and calls `predict(inputs)`."""

import os

from art_recsys.ranking import Ranker
from art_recsys.serving.predictors import RankingPredictor


class Predict(RankingPredictor):
    "Probabilities of a like out of the model files that the pod was given"

    def __init__(self):
        super().__init__(Ranker.load(os.environ["MODEL_FILES_PATH"]))

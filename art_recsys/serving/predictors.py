"""The classes behind the two deployments. The Hopsworks predictor scripts subclass them, and the server uses both.

Inputs are KServe instances. An instance describes a user by `history` (liked ids, oldest first) and optionally a
profile (`age`, `gender`, `description` or `text_embedding`). If the predictor has a `request_of`, the instance may name
only a `user_id`, and history and profile are looked up. A `text_embedding` has as many numbers as the vectors of the
text model that the towers were trained with.
"""

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from art_recsys.language.text_encoder import text_encoder

__all__ = ["QueryPredictor", "RankingPredictor", "load_text_model"]

MAX_AGE = 130  # as in the table of users


def _text_length(two_tower: Any) -> int:
    "Length of the text vectors of the loaded towers"
    return two_tower.artwork_features["text"].shape[1]


def load_text_model(
    two_tower: Any,  # `TrainedTowers`; those that were trained without a text model read no descriptions
) -> None:
    "Load what reads a `description`: a pod does so at its start, which takes up to 20 s that no request should take"
    if two_tower.text_model is not None:
        text_encoder(two_tower.text_model).load()


def _is_text(value: Any) -> bool:
    "Whether this is a string that can be stored: JSON can also write halves of characters"
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _check_texts(instance: dict) -> None:
    for key in ("user_id", "description", "gender"):
        if instance.get(key) is not None and not _is_text(instance[key]):
            raise ValueError(f"{key} must be a string")
    for key in ("history", "hidden", "artwork_ids"):
        ids = instance.get(key)
        if ids is not None and not (isinstance(ids, list) and all(map(_is_text, ids))):
            raise ValueError(f"{key} must be a list of strings")


def _check_age(age: Any) -> None:
    "None and NaN are no age"
    number = isinstance(age, (int, float)) and not isinstance(age, bool)
    if age is not None and not (number and (age != age or 0 <= age <= MAX_AGE)):
        raise ValueError(f"age must be a number from 0 to {MAX_AGE}")


def _vector(numbers: Any, length: int) -> np.ndarray:  # float32
    try:
        with np.errstate(over="ignore"):
            vector = np.asarray(numbers, np.float32)
    except (TypeError, ValueError, OverflowError):
        vector = np.zeros(0, np.float32)
    if vector.shape != (length,) or not np.isfinite(vector).all():
        raise ValueError(f"text_embedding must be {length} numbers")
    return vector


def _known(instance: dict, request_of: Callable[[str], dict] | None, two_tower: Any) -> dict:
    "Validate an instance and look up profile and history if it only names a user. Raises `ValueError`."
    if not isinstance(instance, dict):
        raise ValueError(f"an instance must be an object, not {type(instance).__name__}")
    _check_texts(instance)
    _check_age(instance.get("age"))
    if (numbers := instance.get("text_embedding")) is not None:
        instance = {**instance, "text_embedding": _vector(numbers, _text_length(two_tower))}
    found = (
        request_of(instance["user_id"]) if request_of and instance.get("user_id") and "history" not in instance else {}
    )
    return {**found, **instance}


def _count(instance: dict) -> int:
    k = instance.get("k", 100)
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= 10_000:
        raise ValueError("k must be a whole number from 1 to 10000")
    return k


class QueryPredictor:
    """Candidate retrieval: `{user_id or history …, k}` -> `{artwork_ids, scores}`, best first.

    `k` is 1 to 10,000 (100 if absent). Works in `history` or `hidden` are left out, so a list may be shorter than `k`.
    """

    def __init__(
        self,
        two_tower: Any,  # `TrainedTowers`
        request_of: Callable[[str], dict] | None = None,  # user id -> request; None: no user is known
        withdrawn: Collection[str] = (),  # ids of works that must not be found any more
    ):
        self.two_tower, self.request_of, self.withdrawn = two_tower, request_of, set(withdrawn)

    def predict(
        self,
        inputs: list[dict],  # instances as the class describes them
    ) -> list[dict]:  # `{artwork_ids, scores}`
        "One prediction per instance. Raises `ValueError` for an invalid instance."
        ks = [_count(i) for i in inputs]
        requests = [_known(i, self.request_of, self.two_tower) for i in inputs]
        exclude = [self.withdrawn | set(r.get("history") or ()) | set(r.get("hidden") or ()) for r in requests]
        ids, scores = self.two_tower.retrieve(requests, max(ks, default=1), exclude=exclude)
        return [
            {
                "artwork_ids": [a for a in row[:k] if a is not None],
                "scores": [float(s) for a, s in zip(row[:k], value[:k], strict=True) if a is not None],
            }
            for row, value, k in zip(ids, scores, ks, strict=True)
        ]


class RankingPredictor:
    "Ranking: `{user_id or history …, artwork_ids}` -> `{scores}`, the probability of a like for each id in order"

    def __init__(
        self,
        ranker: Any,  # `Ranker`; has the towers in `two_tower`
        request_of: Callable[[str], dict] | None = None,  # user id -> request; None: no user is known
        known: Callable[[str], bool] = lambda _: True,  # whether an artwork id is in the catalogue
    ):
        self.ranker, self.request_of, self.known = ranker, request_of, known

    def predict(
        self,
        inputs: list[dict],  # instances as the class describes them
    ) -> list[dict]:  # `{scores}`, each 0 to 1
        "One prediction per instance. Raises `ValueError` for an invalid instance, `LookupError` for an unknown work."
        out = []
        for instance in inputs:
            request, ids = _known(instance, self.request_of, self.ranker.two_tower), instance.get("artwork_ids")
            if ids is None:
                raise ValueError("artwork_ids must be a list of strings")
            if unknown := [a for a in ids if not self.known(a)]:
                raise LookupError(f"There is no work {unknown[0]}.")
            scores = self.ranker.score([request], np.array([ids], dtype=object))[0] if ids else []
            out.append({"scores": [float(s) for s in scores]})
        return out

"""The text model of a running server: loaded in a thread of its own, never on the thread of a request.

It takes up to 20 seconds and is needed for a `description` in a prediction, and for the search by meaning.
"""

from typing import Any

from fastapi import HTTPException

from art_recsys.config import Settings

__all__ = ["need_text_model", "start_text_model"]


def _meaning(service: Any) -> Any:
    "What holds the text model of a service; None where it has none"
    return getattr(getattr(service, "search_index", None), "meaning", None)


def start_text_model(
    settings: Settings,  # `load_text_model` decides
    service: Any,  # `Service`
) -> None:
    "Begin to load the text model of a service that a server has just taken over"
    if settings.load_text_model and (meaning := _meaning(service)):
        meaning.start()


def need_text_model(
    service: Any,  # `Service`
    instances: list[dict],  # of a prediction
) -> None:
    "Raise `HTTPException` 503 where an instance has a `description` and the model is not loaded yet; begin to load it"
    given = (i.get("description") for i in instances if i.get("text_embedding") is None)
    if not any(isinstance(d, str) and d for d in given):  # what is no text is refused by the predictor
        return
    if (meaning := _meaning(service)) is None or meaning.ready:
        return
    meaning.start()
    if meaning.failed:
        raise HTTPException(503, "description: the text model cannot be loaded; the log of the server says why.")
    raise HTTPException(503, "description: the text model is being loaded; send the request again in some seconds.")

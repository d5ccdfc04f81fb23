"""How the gallery's own web server asks the model server."""

import os

from art_recsys.serving.client import KEY_VARIABLE

__all__ = ["key_header"]


def key_header() -> dict[str, str]:
    "The header with the API key, where there is one"
    key = os.environ.get(KEY_VARIABLE)
    return {"Authorization": f"Bearer {key}"} if key else {}

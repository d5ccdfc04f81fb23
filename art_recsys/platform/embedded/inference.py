"""Requests to a deployment: where a server listens, what is sent, and what a refusal says."""

import socket
from pathlib import Path
from typing import Any

import requests

from art_recsys.config import UserError, read_json
from art_recsys.platform.embedded.base import ServingError


def listening(
    file: Path,  # JSON with `host`, `port` and `pid`
) -> dict | None:
    """The content of a server's file if a process listens there; None otherwise"""
    try:
        server = read_json(file)
        with socket.create_connection((server["host"], server["port"]), timeout=1):
            return server
    except (OSError, ValueError):
        return None


def no_server() -> UserError:
    """The error of a home without a server"""
    return UserError("No server is running for this home.", "start it: art-recsys serve")


def payload_of(
    data: dict | None,  # `{"instances": [...]}`
    inputs: Any,  # Instance or list of instances; instead of `data`
) -> dict:
    """The request's body, as the SDK builds it; raises `ServingError`"""
    if data is not None and inputs is not None:
        raise ServingError("Inference data and inputs parameters cannot be provided together.", "pass one of them")
    if data is not None:
        if not isinstance(data, dict) or not ({"instances", "inputs"} & data.keys()):
            raise ServingError(
                "Inference data is missing 'instances' key.", "pass {'instances': [...]}, or use inputs="
            )
        return data
    if isinstance(inputs, dict):
        return {"instances": [inputs]}
    if not isinstance(inputs, list) or not inputs:
        raise ServingError("Inference inputs type is not valid.", "pass a dictionary or a list that is not empty")
    return {"instances": inputs if all(isinstance(i, (list, dict)) for i in inputs) else [inputs]}


def as_json(
    value: Any,  # What JSON cannot say
) -> Any:
    """numpy's numbers and arrays as JSON"""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def detail(
    answer: requests.Response,  # What the server sent
) -> str:
    """The server's reason for refusing"""
    try:
        body = answer.json()
        return str(body.get("detail") or body.get("error") or body)[:500]
    except ValueError:
        return f"HTTP {answer.status_code}"

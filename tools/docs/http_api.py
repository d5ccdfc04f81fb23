"""The reference page of the HTTP API, made from the OpenAPI document of the server."""

import json
import re
import tempfile

from art_recsys.config import load_settings
from art_recsys.serving.access import OPEN, role_for
from art_recsys.serving.apipage import type_in_words
from art_recsys.serving.server import create_app

from .reference import code, page, table

__all__ = ["http_page", "openapi"]


def openapi() -> dict:  # The OpenAPI document of the model server
    "What the server answers at /openapi.json"
    with tempfile.TemporaryDirectory() as home:
        return create_app(load_settings(home=home), service=object()).openapi()


def _type(schema: dict) -> str:
    return type_in_words(schema, lambda name: f"[{name}](#{name.lower()})", code)


def _bounds(schema: dict) -> str:
    names = {
        "minimum": "≥ {}",
        "maximum": "≤ {}",
        "maxLength": "at most {:,} characters",
        "maxItems": "at most {:,} entries",
    }
    parts = [schema, *schema.get("anyOf", [])]
    return ", ".join(told.format(p[key]) for p in parts for key, told in names.items() if key in p)


def _fields(schema: dict) -> list[list[str]]:
    needed = schema.get("required", [])
    return [
        [
            code(name),
            _type(f),
            "required" if name in needed else code(json.dumps(f["default"])) if "default" in f else "",
            _bounds(f),
        ]
        for name, f in schema.get("properties", {}).items()
    ]


def _operation(method: str, path: str, op: dict) -> str:
    role = role_for(method.upper(), path)
    parts = [
        f"### {method.upper()} {path}",
        f"{op.get('summary', '')}. *Needs {'no key' if role == OPEN else f'the role {role}'}.*",
    ]
    if told := op.get("description"):
        parts.append(told)
    rows = [
        [
            code(p["name"]),
            f"in the {p['in']}",
            _type(p["schema"]),
            "required" if p.get("required") else code(json.dumps(p["schema"].get("default"))),
            _bounds(p["schema"]),
        ]
        for p in op.get("parameters", [])
    ]
    if rows:
        parts.append(table(["parameter", "where", "type", "default", "limits"], rows))
    for kind, content in op.get("requestBody", {}).get("content", {}).items():
        parts.append(f"Body, `{kind}`: {_type(content['schema'])}")
    errors = [
        f"{status}: {r['description']}" for status, r in op["responses"].items() if not status.startswith(("2", "422"))
    ]
    if errors:
        parts.append(f"May also answer {'; '.join(errors)}.")
    return "\n\n".join(parts)


def _object(name: str, schema: dict) -> str:
    parts = [f"### {name} {{#{name.lower()}}}", schema.get("description", "")]
    rows = _fields(schema)
    return "\n\n".join([*filter(None, parts), *([table(["field", "type", "default", "limits"], rows)] if rows else [])])


def http_page(
    spec: dict,  # An OpenAPI document
) -> str:
    "Every path with its role, parameters and body, then every object with its fields"
    groups: dict[str, list[str]] = {
        "Pages and visitors": [],
        "Manage the catalogue": [],
        "Operators": [],
        "Models (KServe V1)": [],
    }
    for path, operations in spec["paths"].items():
        for method, op in operations.items():
            group = (
                "Manage the catalogue" if path.startswith("/api/")
                else "Models (KServe V1)" if path.startswith("/v1/")
                else "Operators" if re.match(r"/(health|ready|insight|metrics|lookup)", path)
                else "Pages and visitors"
            )  # fmt: skip
            groups[group].append(_operation(method, path, op))
    bodies = [_object(name, schema) for name, schema in spec.get("components", {}).get("schemas", {}).items()]
    intro = (
        "Made from the server's own OpenAPI document, which is [here as a file](openapi.json) and at `/openapi.json` "
        "of a running server. `art-recsys serve` starts it, by default on `http://127.0.0.1:8471`, and `GET /ready` "
        "answers 200 once the models are loaded. A page of five works for `ann`: `curl -s localhost:8471/recommend "
        """-H 'content-type: application/json' -d '{"user_id": "ann", "k": 5}'`. The answer is `{request_id, """
        "model_version, items}`, and an item has `artwork_id`, `score`, `rank`, `reason`, `propensity` and "
        "`artwork`.\n\nAs long as the server listens on this machine only, as it does by default, no key is needed. "
        "Otherwise (another `server_host`, `server_keys = always`, a proxy) everybody needs one, in the header "
        '`Authorization: Bearer KEY`. An error is one sentence, `{"detail": "..."}`: 400 for a body that is not JSON '
        "or a host name that is not allowed, 401 for a key that is missing or unknown, 403 for one whose role does "
        "not suffice, 404 for something that does not exist, 413 for a body of more than 1 MB (32 MB under `/api/`), "
        "422 for a body or a parameter that is not as described here, 429 for too many requests, 503 while the "
        "models are being loaded, 507 when the disk is full."
    )
    sections = [part for name, ops in groups.items() if ops for part in (f"## {name}", *ops)]
    return page(
        "HTTP API",
        "Every path of the model server, the role it needs, its parameters and bodies",
        intro,
        *sections,
        "## Objects",
        *bodies,
    )

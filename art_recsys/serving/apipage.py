"""Render an OpenAPI document as one plain HTML page, without scripts or files from another host."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

__all__ = ["api_page", "type_in_words"]

STYLE = """:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
code{font-size:.95em}summary{cursor:pointer;padding:.5rem 0}details{border-top:1px solid #8884}
table{border-collapse:collapse;margin:.3rem 0 1rem}
td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}
.method{display:inline-block;min-width:4.5rem;font-weight:600}"""


def type_in_words(
    schema: dict,  # A JSON schema
    link: Callable[[str], str] = str,  # How the name of another object is written
    code: Callable[[Any], str] = str,  # How a value is written
) -> str:
    "The type of a JSON schema in a few words, for example `list of string`"
    inner = partial(type_in_words, link=link, code=code)
    if "$ref" in schema:
        return link(schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(map(inner, schema["anyOf"])))
    if "enum" in schema:
        return " or ".join(map(code, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {inner(schema.get('items', {}))}"
    if schema.get("type") == "null":
        return "nothing"
    return schema.get("format") or schema.get("type", "anything")


def _table(rows: list[tuple]) -> str:
    cells = "".join("<tr>" + "".join(f"<td>{escape(str(c))}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table>{cells}</table>" if rows else ""


def _fields(schema: dict) -> list[tuple]:
    needed = schema.get("required", [])
    return [
        (name, type_in_words(field), "required" if name in needed else "")
        for name, field in schema.get("properties", {}).items()
    ]


def _operation(method: str, path: str, op: dict, schemas: dict) -> str:
    rows = [(p["name"], type_in_words(p.get("schema", {})), f"in the {p['in']}") for p in op.get("parameters", [])]
    for kind in op.get("requestBody", {}).get("content", {}).values():
        if "$ref" in kind["schema"]:
            rows += _fields(schemas[kind["schema"]["$ref"].rsplit("/", 1)[1]])
    title = f"<span class=method>{method.upper()}</span> <code>{escape(path)}</code> {escape(op.get('summary', ''))}"
    return f"<details><summary>{title}</summary>{_table(rows)}</details>"


def api_page(
    spec: dict,  # An OpenAPI document
) -> str:  # HTML
    "Render an OpenAPI document: every path with its parameters, then every schema with its fields"
    schemas = spec.get("components", {}).get("schemas", {})
    paths = "".join(_operation(m, path, op, schemas) for path, ops in spec["paths"].items() for m, op in ops.items())
    bodies = "".join(
        f"<details><summary><code>{escape(n)}</code></summary>{_table(_fields(s))}</details>"
        for n, s in schemas.items()
    )
    info = spec["info"]
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style><h1>{escape(info['title'])}</h1>"
        f"<p>{escape(info.get('description', ''))}. The same as a document: "
        f"<a href='openapi.json'>openapi.json</a>.</p>{paths}<h2>Objects</h2>{bodies}</html>"
    )

"""Reference pages, made from the code that they describe: settings, command line, events and columns, documents."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import typer
from nbdev.config import get_config

from art_recsys import cli, core
from art_recsys.config import Settings, UserError

__all__ = ["cli_page", "code", "document_page", "events_page", "page", "settings_page", "table"]


def page(
    title: str,
    description: str,
    *parts: str,  # Markdown
) -> str:  # The source of a page
    "Front matter and body"
    return (
        f"---\ntitle: {json.dumps(title)}\ndescription: {json.dumps(description)}\n---\n\n" + "\n\n".join(parts) + "\n"
    )


def table(
    head: list[str],
    rows: list[list[Any]],
) -> str:
    "A Markdown table"
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in row) + " |" for row in lines
    )


def code(text: Any) -> str:  # Markdown
    "A text as code; nothing for an empty one"
    return f"`{text}`" if str(text) != "" else ""


# --- settings ---


def _blocks(text: str) -> dict[str, list[list[str]]]:
    "Sections of settings.ini, each as its paragraphs of lines"
    sections: dict[str, list[list[str]]] = {}
    for part in re.split(r"^\[", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("]\n")
        sections[name] = [b.splitlines() for b in re.split(r"\n\s*\n", body.strip()) if b.strip()]
    return sections


def _values(lines: list[str]) -> dict[str, str]:
    return {m[1]: m[2] for line in lines if (m := re.match(r"(\w+)\s*=\s*(.*)$", line))}


def _limits(name: str) -> str:
    "What pydantic accepts: the type, and the bounds where there are some"
    schema = Settings.model_json_schema()["properties"][name]
    options = schema.get("anyOf", [schema])
    said = [" or ".join(map(str, o["enum"])) if "enum" in o else o.get("format") or o.get("type", "") for o in options]
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {o[key]:,}" for o in options for key, sign in bounds.items() if key in o]
    kinds = ["none" if s == "null" else "yes or no" if s == "boolean" else s for s in said]
    return ", ".join([" or ".join(kinds), *limits])


def settings_page(
    ini: Path,  # settings.ini
) -> str:
    "Every setting with what settings.ini says of it, its type and limits, and its value in each section"
    sections = _blocks(ini.read_text())
    others = {
        name: _values([line for b in blocks for line in b]) for name, blocks in sections.items() if name != "DEFAULT"
    }

    def row(name: str, default: str) -> list[str]:
        elsewhere = ", ".join(f"{s}: `{v[name]}`" for s, v in others.items() if name in v)
        return [f'<span id="{name}"></span>`{name}`', _limits(name), code(default), elsewhere]

    def default(name: str) -> str:
        value = Settings.model_fields[name].default
        return "" if value is None else {"True": "yes", "False": "no"}.get(str(value), str(value))

    def key(line: str) -> str:
        "The setting of a line: `name = value`, or in a comment the example of one that has no value"
        m = re.match(r"(#?)\s*(\w+) =", line)
        return m[2] if m and m[2] in Settings.model_fields and (not m[1] or m[2] not in valued) else ""

    every = [line for lines in sections["DEFAULT"] for line in lines]
    valued = _values(every)
    told_only = set(Settings.model_fields) - {key(line) for line in every}
    seen: set[str] = set()
    parts = []
    for lines in sections["DEFAULT"]:
        comments = [line.lstrip("# ") for line in lines if line.startswith("#") and not key(line)]
        keys = [k for line in lines if (k := key(line))]
        alone = [w for c in comments if (w := c.partition(" ")[0].rstrip(":")) in told_only]
        keys += [w for w in dict.fromkeys(alone) if w not in keys]
        told = ""
        for c in comments:  # an example at the end of a line has no full stop
            stop = "." if c.startswith(tuple(f"{w} " for w in alone)) and told[-1:] not in ".:;" else ""
            told += f"{stop} {_told(c, keys)}"
        rows = [row(k, _values(lines).get(k, default(k))) for k in keys]
        seen |= set(keys)
        parts += [
            p for p in (told.strip(), rows and table(["setting", "type", "default", "other sections"], rows)) if p
        ]
    left = [k for k in Settings.model_fields if k not in seen]
    if left:
        rows = [row(k, default(k)) for k in left]
        parts += ["Not in the file:", table(["setting", "type", "default", "other sections"], rows)]
    index = ", ".join(f"[`{k}`](#{k})" for k in sorted(Settings.model_fields))
    intro = (
        "Made from `settings.ini` and the class `Settings`. The nearest value wins: an argument, then an environment "
        "variable (`ART_RECSYS_` and the name in capitals), then the options that this home was last run with, then "
        "the section of `settings.ini`, then its `[DEFAULT]`, then the default below. `settings.ini` is the file that "
        "`ART_RECSYS_SETTINGS` names, else the nearest in this folder and those above it, else the one in the package; "
        "only a section that it has can be chosen. A name that is not a setting is an error."
    )
    return page(
        "Settings",
        "Every setting, what it does, its type, limits and default",
        intro,
        "## All names",
        index,
        "## What they do",
        *parts,
    )


def _told(line: str, keys: list[str]) -> str:
    "A line of a comment, with the settings that it is about as code: `name:`, `name =`, or the first word of a line"

    def word(m: re.Match) -> str:
        named = m[1] in keys and (not m.start() or "_" in m[1] or re.match(r"\s*[:=]", line[m.end() :]))
        return (
            f"`{m[1]}`"
            if named or (m[1] in Settings.model_fields and "_" in m[1])
            else re.sub(r"([_*<>`])", r"\\\1", m[1])
        )

    return re.sub(r"([\w*<>`]+)", word, line)


# --- the command line ---


def _help(command: Any, name: str, parent: Any = None) -> list[str]:
    ctx = command.make_context(name, [], parent=parent, resilient_parsing=True, terminal_width=100)
    parts = [f"## {ctx.command_path}" if parent else "", f"```text\n{command.get_help(ctx).strip()}\n```"]
    for sub in getattr(command, "commands", {}):
        parts += _help(command.commands[sub], sub, ctx)
    return [p for p in parts if p]


def cli_page() -> str:
    "The help of every command, as the command prints it"
    intro = "Made from the commands themselves: each text is what `art-recsys COMMAND --help` prints."
    return page(
        "Command line",
        "Every command of art-recsys with its options",
        intro,
        *_help(typer.main.get_command(cli.app), "art-recsys"),
    )


# --- events and columns ---

KINDS = {
    "id": "a string; the numbers `7` and `7.0` are the id `'7'`",
    "text": "a string; missing ones are empty",
    "number": "a float; missing ones are NaN",
    "list": "a list of strings",
    "time": "a UTC time; one without a zone is taken as UTC",
}


def _required(normalise: Any, columns: list[str]) -> set[str]:
    "The columns without which a table is refused"
    needed = set()
    for name in columns:
        try:
            normalise(pd.DataFrame({c: pd.Series(dtype=object) for c in columns if c != name}))
        except UserError:
            needed.add(name)
    return needed


def events_page() -> str:
    "The columns of the three tables and the kinds of events, from `core`"
    parts = [
        "Made from the module [core](core.ipynb). Only the required columns must be there. Further columns of a "
        "catalogue file are left out; those of users and events are kept. "
        "[Core](core.ipynb) says what each of them means, and why. Columns of other names are named by the setting "
        "[`columns`](settings.qmd#columns); the rows of an events file without `event_id` are numbered.",
        "In a CSV an id is its exact text (`007` and `7.0` are not `7`), and a list is split at `|`, else `;`, else "
        "`,`. `palette` holds colours as `#rrggbb`. `image_path` is relative to the folder of the catalogue file and "
        "must stay inside it; pictures that have only an `image_url` are not downloaded from a file, so the models "
        "do without them. `gender` is F, M, N or empty, `age` from 0 to 130.",
    ]
    tables = (
        ("artworks", core.as_artworks, core.ARTWORK_KINDS),
        ("users", core.as_users, core.USER_KINDS),
        ("events", core.as_events, core.EVENT_KINDS),
    )
    for name, normalise, kinds in tables:
        needed = _required(normalise, list(kinds))
        rows = [[code(c), KINDS[kind], "required" if c in needed else ""] for c, kind in kinds.items()]
        parts += [f"## {name}", table(["column", "what it holds", ""], rows)]
    listed = {*core.ARTWORK_KINDS, *core.USER_KINDS, *core.EVENT_KINDS}
    more = [v for k, v in vars(core.Cols).items() if not k.startswith("_") and isinstance(v, str) and v not in listed]
    parts += [
        "## Kinds of events",
        ", ".join(map(code, core.Event.all))
        + ". Rows with another word are dropped, and `columns` renames columns, not values: translate your words "
        "first. In a log without a `like`, each `click` counts as one. A change of mind is a new event, and what a "
        "user likes now is derived from the log; only a correction over `/api/events` or `forget` removes an "
        "event.",
        "## What the models add",
        ", ".join(map(code, more)) + ".",
    ]
    return page("Events and columns", "The columns of artworks, users and events, and the kinds of events", *parts)


# --- documents of the repository ---


def document_page(
    path: Path,  # `SECURITY.md`, with a title in its first line
    description: str,
) -> str:
    "A document of the repository as a page; its links to files lead to the repository"
    title, _, body = path.read_text().partition("\n")
    cfg = get_config()
    files = f"{cfg.git_url}/blob/{cfg.branch}/"
    body = re.sub(r"\]\((?!https?:|#|mailto:)", f"]({files}", body)
    return page(title.lstrip("# "), description, body.strip())

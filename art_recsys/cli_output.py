"""What the command line prints: summaries, costs, the platform, JSON."""

import json
import sys
from typing import Any

import typer

from art_recsys.config import Settings
from art_recsys.language.texts import counted

from .pipeline import cost_quotes

__all__ = ["brief", "platform_words", "print_costs", "print_json", "report_stage"]


def brief(summary: dict | None) -> str:
    "The numbers and texts of `summary` on one line; '' for None"
    flat = {k: v for k, v in (summary or {}).items() if isinstance(v, int | float | str) and not isinstance(v, bool)}
    return ", ".join(
        f"{k} {v:.3g}" if isinstance(v, float) else f"{k} {v:,}" if isinstance(v, int) else f"{k} {v}"
        for k, v in flat.items()
    )


def report_stage(
    stage: str,  # name of the stage
    summary: dict | None,  # what the stage returned; None: it begins
) -> None:
    "One line when a stage begins and one when it ends, on stderr, so that --json stays clean"
    typer.echo(f"{stage:<10} …" if summary is None else f"{stage:<10} {brief(summary)}", err=True)
    sys.stderr.flush()


def platform_words(where: dict) -> str:
    "The platform `where` (from `check_platform`) in words"
    if where["name"] != "Hopsworks":
        return f"{where['name']} in {where['home']}"
    said = f"{where['name']} at {where['host'] or '?'}:{where['port']}, project {where['project'] or '?'}"
    return said + (", which refused the login" if where["error"] else "")


def print_json(obj: Any) -> None:
    "Print `obj` as indented JSON; values that are not JSON as `str` shows them"
    typer.echo(json.dumps(obj, indent=1, ensure_ascii=False, default=str))


def print_costs(
    settings: Settings,  # of a home with `artworks.parquet`
    names: list[str],  # of the stages that would run
    as_json: bool,  # print `cost_quotes` as it is
) -> None:
    "Print a dry run: one line per stage, and the sum"
    found = cost_quotes(settings, names)
    if as_json:
        return print_json(found)
    for name, q in found.items():
        if not q["to_ask"]:
            typer.echo(f"{name:<10} {counted(q['rows'], 'row')}, nothing to ask of a language model")
            continue
        typer.echo(
            f"{name:<10} {counted(q['rows'], 'row')}, {q['answered_before']:,} answered before, "
            f"{q['to_ask']:,} to ask of {q['model']}: "
            f"about {q['input_tokens']:,} tokens in, {q['output_tokens']:,} out, ${q['dollars']:,.2f}, "
            f"at most ${q['dollars_at_most']:,.2f}{' by batch' if q['batch'] else ''} (prices of {q['prices_of']})"
        )
    typer.echo(f"Nothing was sent. In all: ${sum(q['dollars'] for q in found.values()):,.2f}")

"""Options of the command line, and the settings that they make."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from art_recsys.config import (
    Settings,
    UserError,
    check_home,
    keep_options,
    kept_options,
    load_settings,
    not_taken,
    trust_home,
)

__all__ = [
    "ArtworksOpt",
    "BudgetOpt",
    "ColumnsOpt",
    "DryRunOpt",
    "EventsOpt",
    "ForceOpt",
    "HomeOpt",
    "IdArgument",
    "JsonOpt",
    "SectionOpt",
    "SetOpt",
    "SourceOpt",
    "ThoroughOpt",
    "TrustOpt",
    "UsersOpt",
    "WhereOpt",
    "as_text",
    "run_options",
    "settings_of",
]

HomeOpt = Annotated[Path | None, typer.Option("--home", help="Folder that holds all state (ART_RECSYS_HOME).")]
SectionOpt = Annotated[
    str | None, typer.Option("--section", help="Section of settings.ini: smoke, full (ART_RECSYS_SECTION).")
]
SetOpt = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a setting; may be repeated.")
]
JsonOpt = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
SourceOpt = Annotated[
    str | None, typer.Option("--source", help="Where artworks come from: sample, file, cleveland, artic, artsy.")
]
ArtworksOpt = Annotated[
    Path | None, typer.Option("--artworks", help="Your catalogue: Parquet, CSV or JSONL (means --source file).")
]
UsersOpt = Annotated[
    Path | None, typer.Option("--users", help="Your users, instead of synthetic ones; needs --events.")
]
EventsOpt = Annotated[Path | None, typer.Option("--events", help="Your interactions, instead of synthetic ones.")]
ColumnsOpt = Annotated[
    str | None, typer.Option("--columns", help="Column map of your files: artwork_id=nr,users.age=years,events.ts=time")
]
WhereOpt = Annotated[
    str | None, typer.Option("--where", help="SQL condition on the rows of the catalogue: year > 1800")
]
BudgetOpt = Annotated[
    float | None, typer.Option("--budget", help="Limit in dollars on all that this home pays a language model.")
]
DryRunOpt = Annotated[
    bool,
    typer.Option("--dry-run", help="Only print what would be sent to a language model, and its price; needs ingest."),
]
TrustOpt = Annotated[
    bool, typer.Option("--trust", help="Trust a home that came from elsewhere: its models may run any code.")
]
ForceOpt = Annotated[bool, typer.Option("--force", help="Run stages that are up to date, too.")]
ThoroughOpt = Annotated[
    bool,
    typer.Option(
        "--thorough", help="evaluate: fit the models again for newcomers, tuned baselines, seeds, another split."
    ),
]


def _overrides(pairs: list[str] | None, options: dict[str, Any]) -> dict[str, Any]:
    "Options and KEY=VALUE pairs as settings; files must exist and become absolute"
    out = {k: v for k, v in options.items() if v is not None}
    for pair in pairs or []:
        key, eq, value = pair.partition("=")
        if not eq:
            raise UserError(f"--set {as_text(pair)} has no value.", "write --set KEY=VALUE")
        if key.strip() in ("section", "home", "default_section"):
            name = key.strip().removeprefix("default_")
            raise UserError(f"--set cannot change {key.strip()}.", f"write: --{name} {as_text(value.strip())}")
        if as_text(pair) != pair:
            raise UserError(f"--set {as_text(pair)} is not text in UTF-8.", "type it in a terminal that uses UTF-8")
        out[key.strip()] = value.strip()
    for key in (k for k in out if k.endswith("_file")):
        path = Path(out[key]).expanduser().resolve()
        if not path.is_file():
            raise UserError(f"{out[key]} ({key}): there is no such file.", "check the path")
        out[key] = str(path)
    if "artworks_file" in out:
        out.setdefault("source", "file")
    return out


def IdArgument(help: str) -> Any:  # stands where `typer.Argument` does
    "An argument that is an id: text in UTF-8 of at most 200 characters, as the server takes it"
    return typer.Argument(help=help, callback=_checked_id)


def _checked_id(value: str | None) -> str | None:
    if value is not None and as_text(value) != value:
        raise UserError(f"The id {as_text(value)} is not text in UTF-8.", "type it in a terminal that uses UTF-8")
    if value is not None and not 1 <= len(value) <= 200:
        raise UserError(f"An id has 1 to 200 characters, not {len(value)}.", "correct the id")
    return value


def run_options(ctx: typer.Context) -> dict[str, Any]:
    "The options of the call `ctx` of `run` that are settings, by the names of the settings"
    files = {name: f"{name}_file" for name in ("artworks", "users", "events")}
    return {files.get(k, k): ctx.params[k] for k in ("source", *files, "columns", "where", "budget")}


def _kept(place: Path) -> dict[str, Any]:
    "The options that this home was last run with; says which of its options are not taken from a home"
    if ignored := not_taken(place):
        said = ", ".join(f"{k}={v}" for k, v in ignored.items())
        typer.echo(
            f"options.json of {place} is ignored in this: {as_text(said)}. Such settings come from you alone: "
            "from settings.ini, ART_RECSYS_..., --section or --set.",
            err=True,
        )
    kept = kept_options(place)
    try:
        load_settings(home=place, **{k: v for k, v in kept.items() if k != "section"})
    except UserError as e:
        raise UserError(
            f"options.json of {place}: {e.what}", f"delete it (rm {place / 'options.json'}) and give the options again"
        ) from None
    return kept


def as_text(value: str) -> str:
    "Text that can be printed and stored: bytes of the command line that are not UTF-8 become visible escapes"
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def settings_of(
    ctx: typer.Context,  # has `home` and `section` of the main command in `obj`
    home: Path | None,  # of this command; None: as the main command says
    section: str | None,  # of settings.ini; None: as the main command says
    pairs: list[str] | None = None,  # `NAME=VALUE`, from --set
    remember: bool = False,  # keep the options in `options.json` of the home
    **options: Any,  # further settings by name; None: not given
) -> Settings:
    "Settings: options now, then the environment, then the options that this home was last run with, then settings.ini"
    home, section = home or ctx.obj["home"], section or ctx.obj["section"]
    given = _overrides(pairs, options)
    place = load_settings(section, home).home
    if ctx.obj.get("trust") and place.is_dir():
        trust_home(place)
    check_home(place)  # before anything that it says is read
    kept = _kept(place)
    if "source" in given and given["source"] != kept.get("source"):  # another catalogue: the old one's options go
        kept = {
            k: v
            for k, v in kept.items()
            if k not in ("source", "artworks_file", "columns", "where", "categories", "users_file", "events_file")
        }
    section = section or os.environ.get("ART_RECSYS_SECTION") or kept.pop("section", None)
    merged = {k: v for k, v in kept.items() if f"ART_RECSYS_{k.upper()}" not in os.environ and k != "section"} | given
    settings = load_settings(section, home, **merged)
    if remember:
        keep_options(settings, merged)
    return settings

"""Commands for the one who runs it: dump, restore, recover, schedule, forget."""

from pathlib import Path
from typing import Annotated, Any

import typer

from art_recsys.language.texts import counted

from .cli_options import HomeOpt, IdArgument, JsonOpt, SectionOpt, SetOpt, settings_of
from .cli_output import print_json

__all__ = ["add_upkeep"]

Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]


def add_upkeep(app: typer.Typer) -> None:
    "Add the commands to the command line"
    app.command("dump")(dump_command)
    app.command("restore")(restore_command)
    app.command("recover")(recover_command)
    app.command("schedule")(schedule_command)
    app.command("forget")(forget_command)


def dump_command(
    home: Annotated[Path, typer.Argument(help="The home to write.")],
    file: Annotated[Path, typer.Argument(help="The file to make.")],
    force: Force = False,
    as_json: JsonOpt = False,
) -> None:
    "Write a home into one file with checksums; a server may run."
    from .serving.dump import dump

    made = dump(home, file, force)
    if as_json:
        return print_json(made)
    typer.echo(f"{counted(made['files'], 'file')}, {made['bytes'] / 1e6:,.1f} MB in {made['file']}")


def restore_command(
    file: Annotated[Path, typer.Argument(help="A file of art-recsys dump.")],
    home: Annotated[Path, typer.Argument(help="The home to make.")],
    force: Force = False,
    as_json: JsonOpt = False,
) -> None:
    "Make a home from a dump."
    from .serving.dump import restore

    made = restore(file, home, force)
    if as_json:
        return print_json(made)
    typer.echo(
        f"{counted(made['files'], 'file')} in {made['home']}, as of {made['at']}. Next: art-recsys status --home {home}"
    )


def recover_command(
    ctx: typer.Context,
    source: Annotated[Path | None, typer.Option("--from", help="A backup whose rows are added.")] = None,
    home: HomeOpt = None,
    section: SectionOpt = None,
    as_json: JsonOpt = False,
) -> None:
    "Bring back a damaged or deleted event store, from what can still be read of it and from the newest backup."
    from .serving.recover import recover

    found = recover(settings_of(ctx, home, section), source)
    if as_json:
        return print_json(found)
    typer.echo(_recovered(found))


def _recovered(found: dict[str, Any]) -> str:
    if found["sound"]:
        return "The event store is whole; nothing was changed."
    parts = [f"{counted(found['salvaged'], 'row')} read from the old file"]
    if found["backup"]:
        parts.append(f"{counted(found['from_backup'], 'row')} added from {found['backup']}")
    kept = f" The old file is kept as {found['kept']}." if found["kept"] else ""
    return f"The event store has {counted(found['events'], 'event')}: {', '.join(parts)}.{kept}"


def schedule_command(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(help="cron, systemd or hopsworks.")],
    at: Annotated[
        str, typer.Option("--at", help="Time of day as HH:MM: UTC, for cron in the machine's zone.")
    ] = "03:00",
    into: Annotated[Path | None, typer.Option("--into", help="Folder for the systemd units.")] = None,
    home: HomeOpt = None,
    section: SectionOpt = None,
) -> None:
    "Refresh every day: print a line for cron, write systemd units, or make a job on the platform."
    from .serving.schedule import cron_line, make_job, write_units

    settings = settings_of(ctx, home, section)
    if what == "cron":
        return typer.echo(cron_line(settings, at))
    if what == "systemd":
        for path in write_units(settings, at, into or Path(".")):
            typer.echo(path)
        return typer.echo("Next: see the comment at the top of each file.", err=True)
    if what == "hopsworks":
        return typer.echo(make_job(settings, at))
    raise typer.BadParameter(f"{what} is none of cron, systemd and hopsworks.")


def forget_command(
    ctx: typer.Context,
    user: Annotated[str, IdArgument("A user id or the token of a visitor.")],
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
    as_json: JsonOpt = False,
) -> None:
    "Delete every row that the home keeps of a user."
    from .serving import Client, find_server
    from .serving.process import api_key

    settings = settings_of(ctx, home, section, set)
    if url := find_server(settings):
        answer = Client(url, key=api_key()).forget(user)
    else:
        from .serving.forget import forget as forget_here

        answer = forget_here(settings, user)
    if as_json:
        return print_json(answer)
    typer.echo(f"{user}: {', '.join(f'{k} {n}' for k, n in answer['rows'].items()) or 'nothing was kept'}")
    for words in answer["left"]:
        typer.echo(f"  -> {words}")

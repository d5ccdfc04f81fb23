"""`art-recsys trust`, and `--trust` anywhere in a command: a home that came from elsewhere is refused without."""

import typer

from art_recsys.config import UserError

from .cli_options import HomeOpt, SectionOpt, settings_of

__all__ = ["add_trust", "trust_first"]


def trust_first(arguments: list[str]) -> list[str]:
    "Move `--trust` before the command, where it is an option of `art-recsys`"
    end = arguments.index("--") if "--" in arguments else len(arguments)
    options = [a for a in arguments[:end] if a != "--trust"]
    return ["--trust"] * (len(options) < end) + options + arguments[end:]


def add_trust(app: typer.Typer) -> None:
    "Add the command to the command line"

    @app.command()
    def trust(ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None) -> None:
        "Trust a home that came from elsewhere, once: its models and scripts may run any code in your name."
        ctx.obj["trust"] = True
        settings = settings_of(ctx, home, section)
        if not settings.home.is_dir():
            raise UserError(f"There is no home {settings.home}.", "name it with --home, or make one: art-recsys run")
        typer.echo(f"Trusted: {settings.home}. Every command takes it from now on, and copies of it.")

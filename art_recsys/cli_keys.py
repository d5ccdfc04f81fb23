"""`art-recsys keys`: make, list and revoke the API keys of a home."""

from typing import Annotated

import typer

from .cli_options import HomeOpt, JsonOpt, SectionOpt, SetOpt, settings_of
from .cli_output import print_json

__all__ = ["keys_app"]

keys_app = typer.Typer(no_args_is_help=True, help="API keys of the model server: new, list, revoke.")


@keys_app.command()
def new(
    ctx: typer.Context,
    role: Annotated[
        str, typer.Option("--role", help="read: pages and works; write: likes and artworks, too; admin: everything.")
    ],
    name: Annotated[str, typer.Option("--name", help="Whose key it is.")],
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
) -> None:
    "Make a key and print it, this once: the home keeps only its hash."
    from .serving.keys import Keys

    key, secret = Keys.of(settings_of(ctx, home, section, set)).new(name, role)
    typer.echo(f"Key {key.key_id} of {key.name}, who may {key.role}. It is not shown again.", err=True)
    typer.echo(secret)


@keys_app.command("list")
def list_keys(
    ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None, set: SetOpt = None, as_json: JsonOpt = False
) -> None:
    "Show the keys of this home: id, role, name, when it was made. Never the keys themselves."
    from .serving.keys import Keys

    keys = Keys.of(settings_of(ctx, home, section, set)).all().values()
    if as_json:
        return print_json([{"key_id": k.key_id, "role": k.role, "name": k.name, "made": k.made} for k in keys])
    for k in keys:
        typer.echo(f"{k.key_id}  {k.role:<5}  {k.made}  {k.name}")
    if not keys:
        typer.echo("There are no keys.", err=True)


@keys_app.command()
def revoke(
    ctx: typer.Context,
    which: Annotated[str, typer.Argument(metavar="NAME|ID", help="Name or id of the key.")],
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
) -> None:
    "Delete a key. It ends at once, also in a running server."
    from .serving.keys import Keys

    key = Keys.of(settings_of(ctx, home, section, set)).revoke(which)
    typer.echo(f"The key {key.key_id} of {key.name} has ended.")

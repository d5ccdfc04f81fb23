"""The command `art-recsys`: run the stages, serve what they made, ask for recommendations.

It only parses, calls and prints; heavy imports (TensorFlow, PyTorch) happen inside the commands that need them, so that
`--help` and `status` answer at once. The options of a run are remembered in its home (`options.json`): after
`art-recsys run --home H --artworks F`, the command `art-recsys recommend ann --home H` needs no `--artworks`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from art_recsys.config import Home, Settings, UserError, as_user_error
from art_recsys.language.texts import counted

from .cli_experiments import app as experiments
from .cli_keys import keys_app
from .cli_options import (
    ArtworksOpt,
    BudgetOpt,
    ColumnsOpt,
    DryRunOpt,
    EventsOpt,
    ForceOpt,
    HomeOpt,
    IdArgument,
    JsonOpt,
    SectionOpt,
    SetOpt,
    SourceOpt,
    ThoroughOpt,
    TrustOpt,
    UsersOpt,
    WhereOpt,
    as_text,
    run_options,
    settings_of,
)
from .cli_output import brief, platform_words, print_costs, print_json, report_stage
from .cli_trust import add_trust, trust_first
from .cli_upkeep import add_upkeep
from .pipeline import STAGES, check_platform, home_lock, run, upto_stages
from .pipeline import status as stage_status

__all__ = ["app", "main"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="An art recommender: from a catalogue to served recommendations.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(keys_app, name="keys")
app.add_typer(experiments, name="experiment")


@app.callback()
def _before_the_command(
    ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None, trust: TrustOpt = False
) -> None:
    "--home, --section and --trust may stand before the command as well as after it"
    ctx.obj = {"home": home, "section": section, "trust": trust}


add_trust(app)


# ---- the pipeline ----------------------------------------------------------------------------------------------------


@app.command("run")
def run_command(
    ctx: typer.Context,
    source: SourceOpt = None,
    artworks: ArtworksOpt = None,
    users: UsersOpt = None,
    events: EventsOpt = None,
    columns: ColumnsOpt = None,
    where: WhereOpt = None,
    upto: Annotated[str, typer.Option("--upto", help="Last stage to run.")] = "evaluate",
    force: ForceOpt = False,
    budget: BudgetOpt = None,
    dry_run: DryRunOpt = False,
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
    as_json: JsonOpt = False,
) -> None:
    "Run every stage that is missing or out of date."
    settings = settings_of(ctx, home, section, set, not dry_run, **run_options(ctx))
    if dry_run:
        return print_costs(settings, upto_stages(upto), as_json)
    summaries = run(settings, upto, force, report_stage)
    if as_json:
        print_json(summaries)
    else:
        typer.echo(f"Done: {', '.join(summaries)}. Next: art-recsys gallery, or art-recsys recommend USER.", err=True)


def _add_stage_command(name: str) -> None:
    @app.command(name, help=f"Run the stage {name} (and what it needs, if that is missing or out of date).")
    def _command(
        ctx: typer.Context,
        source: SourceOpt = None,
        artworks: ArtworksOpt = None,
        users: UsersOpt = None,
        events: EventsOpt = None,
        columns: ColumnsOpt = None,
        where: WhereOpt = None,
        force: ForceOpt = False,
        budget: BudgetOpt = None,
        dry_run: DryRunOpt = False,
        thorough: ThoroughOpt = False,
        home: HomeOpt = None,
        section: SectionOpt = None,
        set: SetOpt = None,
        as_json: JsonOpt = False,
    ) -> None:
        settings = settings_of(ctx, home, section, set, not dry_run, **run_options(ctx))
        if dry_run:
            return print_costs(settings, [name], as_json)
        if thorough:
            if name != "evaluate":
                raise UserError("--thorough is an option of evaluate.", "write: art-recsys evaluate --thorough")
            settings, force = settings.model_copy(update={"thorough": True}), True
        before = upto_stages(name)[:-1]
        if before:
            run(settings, before[-1], report=report_stage)
        summary = run(settings, name, force, report_stage, only=name)[name]
        if as_json:
            print_json(summary)
        else:
            typer.echo(brief(summary))


for _name in STAGES:
    _add_stage_command(_name)


@app.command()
def status(ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None, as_json: JsonOpt = False) -> None:
    "Show the platform, what is done, what is out of date, and whether the server is up."
    from .serving import find_server

    settings = settings_of(ctx, home, section)
    url, rows, where = find_server(settings), stage_status(settings), check_platform(settings)
    if as_json:
        print_json(
            {
                "home": str(settings.home),
                "section": settings.section,
                "source": settings.source,
                "platform": where,
                "server": url,
                "stages": rows,
            }
        )
    else:
        typer.echo(
            f"home {settings.home}   section {settings.section}   source {settings.source}   "
            f"server {url or 'not running'}"
        )
        typer.echo(f"platform {platform_words(where)}")
        if url:
            _say_refused(url)
        for r in rows:
            took = f"{r['seconds']:7.1f} s" if r["seconds"] is not None else " " * 9
            typer.echo(f"{r['stage']:<10} {r['state']:<8} {took}  {brief(r['summary'])}".rstrip())
    if where["error"]:
        typer.echo(where["error"], err=True)
        raise typer.Exit(2)


# ---- serving ---------------------------------------------------------------------------------------------------------


@app.command()
def serve(ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None, set: SetOpt = None) -> None:
    "Start the model server and stay in the foreground."
    from .serving.server import serve as serve_models

    serve_models(settings_of(ctx, home, section, set))


def _say_refused(url: str) -> None:
    "Print a warning where the server serves another release than it should"
    from .serving import Client
    from .serving.process import api_key

    with Client(url, key=api_key()) as client:
        state = client.health()
    if no := state["refused"]:
        typer.echo(
            f"{no['version'] or 'release.json'} is not served, {state['model_version']} is: {no['why']}\n"
            f"  -> {no['remedy']}",
            err=True,
        )
    if problem := state.get("store"):
        typer.echo(f"{problem['why']}\n  -> {problem['remedy']}", err=True)


@contextmanager
def _model_server(settings: Settings) -> Iterator[None]:
    "A model server of this home for a page: one that runs already, or a new one that stops with the page"
    from .serving import find_server, start

    server = None if find_server(settings) else start(settings)
    try:
        if server:
            _say_refused(server.url)
        yield
    finally:
        if server:
            server.stop()


@app.command()
def gallery(ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None, set: SetOpt = None) -> None:
    "Start the model server, if it is not running, and the gallery; stay in the foreground."
    from .gallery.app import serve_gallery

    settings = settings_of(ctx, home, section, set)
    with _model_server(settings):
        serve_gallery(settings)


def _change_models(settings: Settings, how: str) -> tuple[dict, str]:
    "The result of `refresh` or `rollback`, and whether a running server serves the release yet"
    from art_recsys.config import quiet_loading

    with quiet_loading():
        from . import deployment
    from .serving import connect, find_server

    with home_lock(settings):
        found = getattr(deployment, how)(settings)
    if not found.get("promoted", True) or not find_server(settings):
        return found, ""
    connect(settings).wait_for_release(found["version"])
    return found, " The running server has changed over."


@app.command()
def refresh(
    ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None, set: SetOpt = None, as_json: JsonOpt = False
) -> None:
    "Train on the likes since the last training; the new models serve if enough users show that they are not worse."
    from .serving.refresh_record import recorded_refresh

    settings = settings_of(ctx, home, section, set)
    with recorded_refresh(Home.of(settings).path) as record:
        found, over = _change_models(settings, "refresh")
        record.update(found)
    if as_json:
        return print_json(found)
    said = "Promoted" if found["promoted"] else "Kept what is in service"
    typer.echo(f"{said}: {found['why']}. {brief({k: v for k, v in found.items() if k != 'why'})}{over}")
    if "off_policy" in found:
        typer.echo(found["off_policy"]["text"])


@app.command()
def rollback(
    ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None, set: SetOpt = None, as_json: JsonOpt = False
) -> None:
    "Bring back the models that were in service before. A running server switches to them."
    found, over = _change_models(settings_of(ctx, home, section, set), "rollback")
    if as_json:
        return print_json(found)
    typer.echo(f"In service: {found['version']}.{over}")


@app.command()
def operators(
    ctx: typer.Context,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="The gallery's port and one by default.")
    ] = None,
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
) -> None:
    "Start the operators' page: what is shown and liked, drift, versions, latency; stay in the foreground."
    from .gallery.app import serve_operators

    settings = settings_of(ctx, home, section, set)
    port = settings.gallery_port + 1 if port is None else port
    if port > 65535:
        raise UserError("gallery_port = 65535 leaves no port after it for the operators.", "name one with --port")
    with _model_server(settings):
        serve_operators(settings, port)


def _recommend_to_all(
    settings: Settings, user: str | None, everyone: bool, out: Path | None, k: int, as_json: bool
) -> None:
    "Write a page for each user, with the models in service"
    if user is not None or not everyone or out is None:
        raise UserError(
            "--all and --out go together, without a user.", "write: art-recsys recommend --all --out FILE.parquet"
        )
    if out.is_dir():
        raise UserError(f"{out} is a folder.", "name a file in --out")
    from art_recsys.config import quiet_loading

    with quiet_loading():
        from .serving.batch import write_pages
        from .serving.loading import load_service
    service = load_service(settings)
    try:
        found = write_pages(service, out, k)
    finally:
        service.close()
    if as_json:
        return print_json(found)
    typer.echo(f"{counted(found['rows'], 'recommendation')} for {counted(found['users'], 'user')} in {found['file']}")


@app.command()
def recommend(
    ctx: typer.Context,
    user: Annotated[str | None, IdArgument("A user id; an unknown one is a new visitor.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="How many works.")] = 10,
    everyone: Annotated[bool, typer.Option("--all", help="For all users; needs --out.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Parquet file to write, with --all.")] = None,
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
    as_json: JsonOpt = False,
) -> None:
    "Recommend artworks to a user, or write the recommendations for all users into a file."
    if everyone or out:
        return _recommend_to_all(settings_of(ctx, home, section, set), user, everyone, out, k, as_json)
    if user is None:
        raise UserError("recommend needs a user.", "name one, or write: art-recsys recommend --all --out FILE.parquet")
    from .serving import connect

    answer = connect(settings_of(ctx, home, section, set)).recommend(user, k=k)
    if as_json:
        return print_json(answer)
    for item in answer["items"]:
        work = item["artwork"]
        typer.echo(
            f"{item['rank']:>3}  {item['score']:.3f}  {item['artwork_id']:<16} {work['title']}, "
            f"{work['artist'] or 'unknown artist'}  "
            f"({item['reason']['text']})"
        )


@app.command()
def like(
    ctx: typer.Context,
    user: Annotated[str, IdArgument("A user id.")],
    work: Annotated[str, IdArgument("An artwork id.")],
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
) -> None:
    "Record that a user likes an artwork; the next recommendation uses it."
    from .serving import connect

    service = connect(settings_of(ctx, home, section, set))
    service.send_events([{"user_id": user, "artwork_id": work, "event": "like"}])
    typer.echo(f"{user} likes {service.artwork(work)['title']}.")


def main() -> None:
    "Run the command; a `UserError`, and what the disk refuses, is printed as a message, with exit code 2"
    try:
        app(args=trust_first(sys.argv[1:]))
    except Exception as e:
        if (said := as_user_error(e)) is None:
            raise
        typer.echo(as_text(str(said)), err=True)
        sys.exit(getattr(said, "code", 2))


add_upkeep(app)


if __name__ == "__main__":
    main()

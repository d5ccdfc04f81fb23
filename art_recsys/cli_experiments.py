"""The commands `art-recsys experiment start, status, stop, promote`: try a change on some visitors."""

from typing import Annotated

import typer

from art_recsys.config import Settings, UserError

from .cli_options import HomeOpt, JsonOpt, SectionOpt, SetOpt, settings_of
from .cli_output import print_json

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Try another release or setting on some visitors.")


@app.command()
def start(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A new name; it decides who is in which arm.")],
    b: Annotated[str, typer.Option("--b", help="A release, or settings of a page: diversity=.3,follow=.5")],
    a: Annotated[str, typer.Option("--a", help="The release to compare with.")] = "current",
    share: Annotated[float, typer.Option("--share", help="Share of the visitors who get b.")] = 0.5,
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
    as_json: JsonOpt = False,
) -> None:
    "Begin an experiment. A running server follows; every visitor stays in the same arm."
    from .serving import find_server
    from .serving.experiment_file import start_experiment

    settings = settings_of(ctx, home, section, set)
    new = start_experiment(settings, name, a, b, share)
    if as_json:
        return print_json(new)
    typer.echo(f"{new['name']} is running: {100 * share:g} % of the visitors get {_said(new['b'])}.")
    if not find_server(settings):
        typer.echo("No server is running; the next one takes it over.", err=True)


@app.command()
def status(
    ctx: typer.Context, home: HomeOpt = None, section: SectionOpt = None, set: SetOpt = None, as_json: JsonOpt = False
) -> None:
    "What the running experiment, or the last one, has shown so far. Look as often as you like."
    found = _figures(settings_of(ctx, home, section, set))
    if as_json:
        return print_json(found)
    typer.echo(f"{found['name']}: {found['state']} since {found['ended'] or found['at']}")
    if found["why"]:
        typer.echo(f"  {found['why']}")
    for arm in found["arms"]:
        per = f"{100 * arm['rate']:.2f} likes per 100 works shown"
        counts = f"{arm['visitors']:,} visitors, {arm['impressions']:,} works shown, {arm['likes']:,} likes"
        typer.echo(f"  {arm['arm']}  {arm['label']}: {counts}, {per}")
    for guard in found["guardrails"]:
        typer.echo(f"  guardrail {guard['state']:<7} {guard['words']}")
    if found["uneven"]:
        typer.echo("  The arms are not split as asked: do not trust the comparison.", err=True)
    typer.echo(found["text"])


@app.command()
def stop(
    ctx: typer.Context,
    why: Annotated[str, typer.Option("--why", help="Kept with the experiment.")] = "",
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
    as_json: JsonOpt = False,
) -> None:
    "End the experiment: all visitors get the release in service. What they did stays in the log."
    from .serving.experiment_file import end_experiment

    done = end_experiment(settings_of(ctx, home, section, set), why=why[:500])
    if as_json:
        return print_json(done)
    typer.echo(f"{done['name']} has ended; everybody gets the release in service.")


@app.command()
def promote(
    ctx: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="Even if b is not shown to be better.")] = False,
    home: HomeOpt = None,
    section: SectionOpt = None,
    set: SetOpt = None,
    as_json: JsonOpt = False,
) -> None:
    "Put arm b into service for everybody, and end the experiment. A running server switches to it."
    from art_recsys.config import quiet_loading

    from .pipeline import home_lock
    from .serving import connect, find_server
    from .serving.experiment_file import end_experiment, latest
    from .serving.release_file import known_releases

    settings = settings_of(ctx, home, section, set)
    one = latest(settings)
    if one["state"] == "promoted":
        raise UserError(f"{one['name']} is promoted already.", "start another experiment")
    if not force:
        _check_better(_figures(settings))
    arm, releases = one["b"], known_releases(settings)
    if arm["release"] not in releases:
        raise UserError(f"There is no release {arm['release']} any more.", "train and deploy it again")
    release = releases[arm["release"]]
    with quiet_loading():
        from . import deployment
    with home_lock(settings):
        new = deployment.bring_back(settings, release | {"page": (release.get("page") or {}) | arm["settings"]})
    end_experiment(settings, "promoted", "", one["name"])
    if find_server(settings):
        connect(settings).wait_for_release(new["version"])
    if as_json:
        return print_json(new)
    typer.echo(f"In service for everybody: {new['version']}. To take it back: art-recsys rollback")


def _said(arm: dict) -> str:
    from .serving.arms import label_of

    return label_of(arm)


def _figures(settings: Settings) -> dict:
    "What events.db says about the running experiment, or the last one"
    from .serving.experiment_file import latest
    from .serving.experiments import figures, tally_of

    one = latest(settings)
    return figures(settings, one, tally_of(settings, one).read(settings.home / "events.db"))


def _check_better(found: dict) -> None:
    "Raise `UserError` unless arm b is shown to be better and harmless"
    remedy = "wait for more visitors, or promote it all the same with --force"
    if found["uneven"]:
        raise UserError(f"The arms of {found['name']} are not split as asked.", remedy)
    crossed = [g["words"] for g in found["guardrails"] if g["state"] == "crossed"]
    if crossed:
        raise UserError(f"A guardrail of {found['name']} is crossed: {'; '.join(crossed)}.", "--force does it anyway")
    if not found["lift"] or found["lift"]["low"] <= 0:
        raise UserError(f"{found['name']} has not shown that b is better. {found['text']}", remedy)

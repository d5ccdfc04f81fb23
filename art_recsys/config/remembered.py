"""The options that a home was last run with: what describes it in `options.json`, the rest in the person's own folder.

A home may be copied, shared and unpacked from an archive, so it may only say what it is made of. What spends money,
sends a key, names a host or a port, and every setting that is not in `HOME_SETTINGS`, is remembered outside of it.
"""

from pathlib import Path
from typing import Any

from .errors import UserError
from .files import read_json, write_json
from .home import Home
from .settings import Settings, load_settings
from .trust import home_id, state_folder

__all__ = ["HOME_SETTINGS", "keep_options", "kept_options", "not_taken"]

OPTIONS = "options.json"
HOME_SETTINGS = frozenset(
    (
        *("source", "seed", "n_artworks", "picture_size", "artworks_file", "users_file", "events_file", "columns"),
        *("where", "categories", "artsy_details", "pictures", "refresh_hours", "n_users", "days", "end_date"),
        *("text_model", "image_model", "feature_version", "query_model", "ranking_model", "embedding_dim"),
        *("history_length", "interests", "epochs", "batch_size", "learning_rate", "temperature", "choice_budget"),
        *("valid_share", "test_share", "n_candidates", "page_size", "diversity", "exploration", "new_share"),
        *("new_days", "follow", "thorough", "load_text_model"),
    )
)


def _read(path: Path) -> dict[str, Any]:
    "A file of options; `UserError` for a damaged one"
    try:
        options = read_json(path)
        if isinstance(options, dict):
            return options
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as e:
        raise UserError(f"{path} cannot be read ({e.strerror}).", "correct its owner and mode") from None
    except ValueError:
        pass
    raise UserError(
        f"{path} is damaged: it does not hold the options of a run.",
        f"delete it (rm {path}) and give the options of this home again",
    )


def _own_file(home: Path) -> Path | None:
    "Where this person's options of a home are, outside of it; None for a home without their mark"
    name = home_id(home)
    return state_folder() / "homes" / f"{name}.json" if name else None


def _spends_nothing(section: Any) -> bool:
    "Whether a section of settings.ini only changes what a home may say itself"
    if not isinstance(section, str):
        return False
    try:
        own = [load_settings(s).model_dump(exclude={*HOME_SETTINGS, "section", "home"}) for s in (section, "DEFAULT")]
    except UserError:
        return False
    return own[0] == own[1]


def _said_by(home: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    "What `options.json` says: what may be taken from a home, and what may not"
    said = _read(home / OPTIONS)
    taken = {k: v for k, v in said.items() if k in HOME_SETTINGS or (k == "section" and _spends_nothing(v))}
    return taken, {k: v for k, v in said.items() if k not in taken}


def kept_options(home: str | Path) -> dict[str, Any]:
    "The options that a home was last run with, and `section`. Raises `UserError` where their file is damaged."
    home = Path(home)
    own = _own_file(home)
    return _said_by(home)[0] | (_read(own) if own else {})


def not_taken(home: str | Path) -> dict[str, Any]:
    "What `options.json` says and a home may not: it is ignored unless this person gave the same option themselves"
    home = Path(home)
    own = _own_file(home)
    mine = _read(own) if own else {}
    return {k: v for k, v in _said_by(home)[1].items() if k not in mine}


def keep_options(
    settings: Settings,  # Of the run; its home is made if it is not there
    options: dict[str, Any],  # That it was run with, without `home`
) -> None:
    "Remember the options of a run: in the home what a home may say, the rest outside of it"
    home = Home.of(settings).path
    said = {**options, "section": settings.section}
    own = _own_file(home)
    assert own is not None  # `Home.of` has marked it
    write_json({k: v for k, v in said.items() if k in HOME_SETTINGS or k == "section"}, home / OPTIONS)
    mine = {k: v for k, v in said.items() if k not in HOME_SETTINGS}
    if mine != {"section": "DEFAULT"}:
        write_json(mine, own)
    else:
        own.unlink(missing_ok=True)

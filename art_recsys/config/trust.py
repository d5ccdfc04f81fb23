"""Which homes a person made or trusts: a mark in each home, sealed with a secret that only this person has.

A home acts for whoever runs it: its models and scripts can execute code, and its options choose files to read. So a
home that came from elsewhere, in an archive say, is refused until the person trusts it once. The mark is a random id
with an HMAC. The secret of the HMAC is outside every home, in `$XDG_STATE_HOME/art_recsys` (without that variable
`~/.local/state/art_recsys`). A copy of a home has the same mark, so it stays trusted. In a dump the mark counts only as
long as nothing in the dump was changed: its list of digests has such a seal, too.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from filelock import FileLock

from .errors import UserError
from .files import read_json, write_atomic, write_json

__all__ = ["MARK", "check_home", "claim_home", "home_id", "seal", "state_folder", "trust_home"]

MARK = ".trust.json"
# What of a home can run code, choose files or stand for work that was done. Tables, pictures and caches are data.
ACTING = (
    "options.json",
    "registry",
    "deployments",
    "jobs",
    "datasets",
    "feature_store",
    "checkpoints",
    "stages",
    "release.json",
    "server.json",
)


def state_folder() -> Path:
    "The folder of this person for what must not be in a home: the secret, and what they said about their homes"
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state") / "art_recsys"


def _secret() -> bytes:
    "The secret that seals marks; made at the first use. `UserError` where it cannot be read or written"
    path = state_folder() / "secret"
    try:
        if not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with FileLock(f"{path}.lock"):
                if not path.is_file():
                    with write_atomic(path) as p:
                        p.touch(mode=0o600)
                        p.write_bytes(secrets.token_bytes(32))
        secret = path.read_bytes()
    except OSError as e:
        raise UserError(
            f"{path}, the secret that marks your homes, cannot be read or written ({e.strerror}).",
            "correct its owner and mode, or name a folder of your own in XDG_STATE_HOME",
        ) from None
    if len(secret) != 32:
        raise UserError(
            f"{path}, the secret that marks your homes, is damaged.",
            "delete it, and trust your homes again: art-recsys trust --home HOME",
        )
    return secret


def seal(
    kind: str,  # of thing that is sealed, such as `home`: a seal of one kind is none of another
    text: str,  # what is sealed
) -> str:  # hexadecimal digits
    "What only this person can compute for a text. Raises `UserError` where the secret cannot be read or made."
    return hmac.new(_secret(), f"art_recsys {kind} {text}".encode(), hashlib.sha256).hexdigest()


def home_id(
    home: str | Path,  # Folder of a home
) -> str | None:  # 32 hexadecimal digits, the same for a copy; None: this person neither made nor trusts it
    "The id of a home that this person made or trusts"
    try:
        mark = read_json(Path(home) / MARK)
        name = mark["home"]
        return name if hmac.compare_digest(mark["seal"], seal("home", name)) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def trust_home(home: str | Path) -> None:
    "Mark the folder `home` as trusted by this person, whatever is in it; its models may run code from now on"
    if home_id(home):
        return
    name = secrets.token_hex(16)
    write_json({"home": name, "seal": seal("home", name)}, Path(home) / MARK)


def _acting(home: Path) -> list[str]:
    "What in this folder could act, by name; a link could lead anything out of the home"
    if not home.is_dir():
        return []
    return sorted(p.name for p in home.iterdir() if p.name in ACTING or p.is_symlink())


def check_home(home: str | Path) -> None:
    "Raise `UserError` if this home came from elsewhere. A folder that is missing, or has nothing that acts, passes."
    if (found := _acting(Path(home))) and not home_id(home):
        some = ", ".join(found[:3]) + (" and more" if len(found) > 3 else "")
        raise UserError(
            f"The home {home} is not marked as yours: another person or an earlier release of art_recsys made it. "
            f"What is in it ({some}) acts in your name: models and scripts can run any code.",
            f"if you know where it comes from, trust it once: art-recsys trust --home {home}",
        )


def claim_home(home: str | Path) -> None:
    "Mark a folder that is new, or has nothing that acts, as made by this person. `UserError` as from `check_home`"
    check_home(home)
    trust_home(home)

"""The folder that holds all state of a run."""

from pathlib import Path

from .errors import UserError
from .files import write_atomic
from .settings import Settings

__all__ = ["Home"]


class Home:
    "The folder that holds all state of a run"

    def __init__(self, path: str | Path):
        self.path = Path(path)

    def __repr__(self):
        return f"Home({self.path.name})"

    @classmethod
    def of(cls, settings: Settings) -> "Home":
        "The home of these settings, made if need be"
        home = cls(settings.home)
        try:
            home.path.mkdir(parents=True, exist_ok=True)
            with write_atomic(home.path / ".writable") as p:
                p.touch()
        except OSError as e:
            raise UserError(
                f"The home {settings.home} cannot be written to ({e.strerror}).",
                "choose another folder with --home or ART_RECSYS_HOME",
            ) from None
        return home

    def file(self, name: str) -> Path:
        return self.path / name  # one of the run's files

    @property
    def pictures(self) -> Path:
        return self.path / "pictures"

    @property
    def cache(self) -> Path:
        return self.path / "cache"

    @property
    def stages(self) -> Path:
        return self.path / "stages"

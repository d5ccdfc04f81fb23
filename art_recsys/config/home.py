"""The folder that holds all state of a run."""

from pathlib import Path

from .errors import UserError
from .files import write_atomic
from .settings import Settings
from .trust import claim_home

__all__ = ["Home"]


class Home:
    "The folder that holds all state of a run; deleting it deletes everything"

    def __init__(
        self,
        path: str | Path,  # need not be there: `of` makes it; `~` is not expanded
    ) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"Home({self.path.name})"

    @classmethod
    def of(cls, settings: Settings) -> "Home":
        """The home of `settings`, made if it is not there.

        Raises `UserError` if it cannot be written to, or if it came from elsewhere and is not trusted (see `trust`).
        """
        home = cls(settings.home)
        try:
            home.path.mkdir(parents=True, exist_ok=True)
            claim_home(home.path)
            with write_atomic(home.path / ".writable", durable=False) as p:
                p.touch()
        except OSError as e:
            raise UserError(
                f"The home {settings.home} cannot be written to ({e.strerror}).",
                "choose another folder with --home or ART_RECSYS_HOME",
            ) from None
        return home

    def file(
        self,
        name: str,  # relative to the home
    ) -> Path:
        "The path of one of the run's files, for example `artworks.parquet`"
        return self.path / name

    @property
    def pictures(self) -> Path:
        "The pictures of the artworks, one file per artwork"
        return self.path / "pictures"

    @property
    def cache(self) -> Path:
        "Answers of paid or slow services, kept so that nothing is paid for or computed twice"
        return self.path / "cache"

    @property
    def stages(self) -> Path:
        "One JSON file per stage that has run: its fingerprint and its summary"
        return self.path / "stages"

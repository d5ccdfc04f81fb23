"Helper for the benchmarks that read a home"

from pathlib import Path

from art_recsys.config import Settings, check_home, kept_options, load_settings


def settings_of(home: Path, section: str | None = None) -> Settings:
    "The settings of the last run of a home, or those of `section`"
    check_home(home)
    kept = kept_options(home)
    return load_settings(
        section or kept.pop("section", None), home, **{k: v for k, v in kept.items() if k != "section"}
    )

"Helper for the benchmarks that read a home"

from pathlib import Path

from art_recsys.config import Settings, load_settings, read_json


def settings_of(home: Path, section: str | None = None) -> Settings:
    "The settings of the last run of a home, or those of `section`"
    kept = read_json(home / "options.json") if (home / "options.json").is_file() else {}
    return load_settings(
        section or kept.pop("section", None), home, **{k: v for k, v in kept.items() if k != "section"}
    )

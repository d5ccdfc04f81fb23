"""Settings, the home folder, files, seeds, errors and progress: what every other part of the package imports.

This package imports neither pandas nor TensorFlow, so that a process that only reads settings starts fast.
"""

from .disk import as_user_error, disk_error, is_damaged
from .errors import UserError, did_you_mean
from .files import open_sqlite, read_json, read_parquet, sync, sync_one, write_atomic, write_json, write_parquet
from .home import Home
from .memory import keep_freed
from .progress import progress
from .quiet import quiet_loading
from .seeds import fingerprint, rng, stable_hash
from .settings import TOWER_SETTINGS, CatalogueSettings, ModelSettings, Settings, load_settings, secret, settings_file

__all__ = [
    "TOWER_SETTINGS",
    "CatalogueSettings",
    "Home",
    "ModelSettings",
    "Settings",
    "UserError",
    "as_user_error",
    "did_you_mean",
    "disk_error",
    "fingerprint",
    "is_damaged",
    "keep_freed",
    "load_settings",
    "open_sqlite",
    "progress",
    "quiet_loading",
    "read_json",
    "read_parquet",
    "rng",
    "secret",
    "settings_file",
    "stable_hash",
    "sync",
    "sync_one",
    "write_atomic",
    "write_json",
    "write_parquet",
]

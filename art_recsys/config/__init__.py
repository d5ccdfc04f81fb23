"""Settings, the home folder, files, seeds, errors and progress: what every other part of the package imports.

This package imports neither numpy, pandas nor TensorFlow, so that a process that only reads settings starts fast.
"""

from .disk import as_user_error, disk_error, is_damaged
from .errors import UserError, did_you_mean, missing_part
from .files import (
    open_sqlite,
    read_json,
    read_parquet,
    read_sqlite,
    sync,
    sync_one,
    write_atomic,
    write_json,
    write_parquet,
)
from .home import Home
from .memory import keep_freed
from .products import file_state, input_state, same_files, states_of, update_states
from .progress import progress
from .quiet import quiet_loading
from .remembered import HOME_SETTINGS, keep_options, kept_options, not_taken
from .seeds import fingerprint, rng, stable_hash
from .settings import TOWER_SETTINGS, CatalogueSettings, ModelSettings, Settings, load_settings, secret, settings_file
from .trust import check_home, claim_home, home_id, state_folder, trust_home

__all__ = [
    "HOME_SETTINGS",
    "TOWER_SETTINGS",
    "CatalogueSettings",
    "Home",
    "ModelSettings",
    "Settings",
    "UserError",
    "as_user_error",
    "check_home",
    "claim_home",
    "did_you_mean",
    "disk_error",
    "file_state",
    "fingerprint",
    "home_id",
    "input_state",
    "is_damaged",
    "keep_freed",
    "keep_options",
    "kept_options",
    "load_settings",
    "missing_part",
    "not_taken",
    "open_sqlite",
    "progress",
    "quiet_loading",
    "read_json",
    "read_parquet",
    "read_sqlite",
    "rng",
    "same_files",
    "secret",
    "settings_file",
    "stable_hash",
    "state_folder",
    "states_of",
    "sync",
    "sync_one",
    "trust_home",
    "update_states",
    "write_atomic",
    "write_json",
    "write_parquet",
]

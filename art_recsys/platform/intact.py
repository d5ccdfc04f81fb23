"""Whether what the stages keep in an embedded project is whole: feature groups, models, and the release of two of them.

These change after the stages that made them (a refresh, a rollback, a user who is forgotten), so they are not compared
with an earlier state: each says itself which files it has, of what size and, for models, with which digest.
"""

import struct
from pathlib import Path
from typing import Any

from art_recsys.config import file_state, read_json

__all__ = [
    "broken_parts",
    "whole_candidates",
    "whole_deployment",
    "whole_features",
    "whole_map",
    "whole_model",
]

STAGE_GROUPS = ("artworks", "users", "interactions", "transactions", "ranking")
STAGE_VIEWS = ("artworks", "users", "retrieval", "ranking")


def _json(path: Path) -> Any:  # None where it cannot be read
    try:
        return read_json(path)
    except (OSError, ValueError):
        return None


def _is_parquet(path: Path, size: int) -> bool:
    try:
        with open(path, "rb") as f:
            first = f.read(4)
            f.seek(-4, 2)
            return first == f.read(4) == b"PAR1" and path.stat().st_size == size
    except OSError:
        return False


def _whole_group(folder: Path) -> bool:
    from deltalake import DeltaTable

    if not isinstance(_json(folder / "group.json"), dict):
        return False
    try:
        files = DeltaTable(str(folder / "data")).get_add_actions(flatten=True)
        sizes = zip(files.column("path").to_pylist(), files.column("size_bytes").to_pylist(), strict=True)
    except Exception:  # of delta-rs, which has many
        return False
    return all(_is_parquet(folder / "data" / name, size) for name, size in sizes)


def _whole_sqlite(path: Path) -> bool:
    "Whether the file begins as SQLite does and has all the pages that it says; a log beside it may have more"
    try:
        with open(path, "rb") as f:
            head = f.read(100)
    except OSError:
        return False
    if len(head) < 100 or not head.startswith(b"SQLite format 3\0"):
        return False
    page, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
    return path.stat().st_size >= (65536 if page == 1 else page) * pages


def whole_features(
    home: Path,  # Folder of the home
    version: int,  # Setting `feature_version`
) -> bool:
    "Whether the groups and views of the stage `features` are there, with all files of the right size"
    store = home / "feature_store"
    return (
        _whole_sqlite(store / "online.db")
        and all(isinstance(_json(store / "views" / f"{v}_{version}.json"), dict) for v in STAGE_VIEWS)
        and all(_whole_group(store / "groups" / f"{g}_{version}") for g in STAGE_GROUPS)
    )


def whole_candidates(
    home: Path,  # Folder of the home
    version: int,  # Setting `feature_version`
) -> bool:
    "Whether the group of the candidates' vectors is there, which the stage `retrieval` fills"
    return _whole_group(home / "feature_store" / "groups" / f"candidate_embeddings_{version}")


def broken_parts(home: Path) -> list[Path]:
    "The parts of a feature store that are there and damaged, so that they cannot be filled again"
    store = home / "feature_store"
    broken = [p for p in store.glob("views/*.json") if not isinstance(_json(p), dict)]
    broken += [p for p in store.glob("groups/*") if p.is_dir() and not _whole_group(p)]
    if (store / "online.db").exists() and not _whole_sqlite(store / "online.db"):
        logs = [store / "online.db-wal", store / "online.db-shm"]
        broken += [store / "online.db", *(p for p in logs if p.exists())]  # it is filled again from the groups
    return broken


def _whole_version(folder: Path) -> bool:
    manifest = _json(folder / "manifest.json")
    try:
        files = {n: [f["bytes"], f["sha256"]] for n, f in manifest["files"].items()}
    except (TypeError, KeyError, AttributeError):
        return False
    return bool(files) and all(file_state(folder / "Files" / n) == state for n, state in files.items())


def whole_model(
    home: Path,  # Folder of the home
    name: str,  # Of the model
    version: int | None = None,  # The newest where None
) -> bool:
    "Whether a version of a registered model has all its files, with their digests"
    folder = home / "registry" / "Models" / name
    if version is None and folder.is_dir():
        version = max((int(p.name) for p in folder.iterdir() if p.name.isdigit()), default=None)
    return version is not None and _whole_version(folder / str(version))


def whole_deployment(
    home: Path,  # Folder of the home
    name: str,  # Of the deployment
) -> bool:
    "Whether a deployment can be read"
    kept = _json(home / "deployments" / f"{name}.json")
    return isinstance(kept, dict) and {"name", "model_name", "model_version", "script_file", "wanted"} <= set(kept)


def whole_map(home: Path) -> bool:  # `home`: folder of the home
    "Whether the map of the works that was used last can be read"
    import numpy as np  # the command line starts without it

    maps = sorted((home / "maps").glob("*.npy"), key=lambda p: p.stat().st_mtime_ns)
    try:
        return bool(maps) and np.load(maps[-1], mmap_mode="r", allow_pickle=False).dtype == np.uint16
    except (OSError, ValueError, EOFError):
        return False

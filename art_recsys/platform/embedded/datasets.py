"""Files of the project: what `get_dataset_api()` uploads is a copy under `datasets/` in the home"""

import os
import shutil
import uuid
from pathlib import Path
from typing import Any

from hopsworks_common.client.exceptions import DatasetException

from art_recsys.config import UserError
from art_recsys.platform.embedded.base import PROJECT_NAME, Embedded, unwritable


class DatasetError(UserError, DatasetException):
    """What the SDK would answer with DatasetException, with a remedy"""


class DatasetApi(Embedded):
    """Files by their path in the project, such as `Resources/job.py`"""

    _sdk = "hopsworks_common.core.dataset_api.DatasetApi"

    def __init__(
        self,
        folder: Path,  # Folder on disk
    ) -> None:
        """The files under `datasets/` of a home"""
        self._root = folder

    def _path(self, path: str | Path) -> Path:
        """Where a path of the project is on disk; never outside the project"""
        name = str(path).removeprefix("hdfs://").removeprefix(f"/Projects/{PROJECT_NAME}/")
        found = (self._root / name).resolve()
        if not found.is_relative_to(self._root.resolve()):
            raise DatasetError(f"{path} lies outside the project.", "give a path such as Resources/job.py")
        return found

    def exists(
        self,
        path: str,  # Path in the project, for example `Resources/job.py`
    ) -> bool:
        """Whether there is a file or folder"""
        return self._path(path).exists()

    def mkdir(
        self,
        path: str,  # Path in the project, for example `Resources/job.py`
    ) -> str:
        """Make a folder; returns its path in the project"""
        self._path(path).mkdir(parents=True, exist_ok=True)
        return f"/Projects/{PROJECT_NAME}/{path}"

    def upload(
        self,
        local_path: str,  # File or folder on this machine
        upload_path: str,  # Folder in the project
        overwrite: bool = False,  # Whether what is there may be replaced
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> str:
        """Copy a file or folder into a folder of the project; returns its path there. Raises `DatasetError`"""
        self._refuse("upload", others, quiet=_TUNING)
        source, folder = Path(local_path), self._path(upload_path)
        if not source.exists():
            raise DatasetError(f"There is no {source.name} to upload.", "check the path")
        target = folder / source.name
        if target.exists() and not overwrite:
            raise DatasetError(
                f"{upload_path}/{source.name} exists already.", "pass overwrite=True, or remove it first"
            )
        temp = folder / f".{source.name}.{uuid.uuid4().hex[:8]}.tmp"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, temp)
            if target.is_dir():
                shutil.rmtree(target)
            os.replace(temp, target)
        except OSError as e:
            raise unwritable(target, e) from e
        finally:
            shutil.rmtree(temp, ignore_errors=True) if temp.is_dir() else temp.unlink(missing_ok=True)
        return f"{upload_path}/{source.name}"

    def download(
        self,
        path: str,  # Path in the project, for example `Resources/job.py`
        local_path: str | None = None,  # Folder on this machine; the working directory where None
        overwrite: bool = False,  # Whether what is there may be replaced
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> str:
        """Copy a file out of the project; returns where it is now. Raises `DatasetError`"""
        self._refuse("download", others, quiet=_TUNING)
        source = self._path(path)
        if not source.exists():
            raise DatasetError(f"There is no {path} in the project.", "upload it first")
        target = Path(local_path or ".") / source.name
        if target.exists() and not overwrite:
            raise DatasetError(f"{target.name} is there already.", "pass overwrite=True")
        if source.is_dir():
            return str(shutil.copytree(source, target, dirs_exist_ok=True))
        return str(shutil.copy2(source, target))

    def remove(
        self,
        path: str,  # Path in the project, for example `Resources/job.py`
    ) -> None:
        """Delete a file or folder"""
        found = self._path(path)
        shutil.rmtree(found) if found.is_dir() else found.unlink()


_TUNING = (
    "chunk_size",
    "simultaneous_uploads",
    "simultaneous_chunks",
    "max_chunk_retries",
    "chunk_retry_interval",
)

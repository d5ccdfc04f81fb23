"""Neighbours: exact where there are few vectors, and through FAISS nearly so, under filters and exclusions too"""

import subprocess
import sys
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hsfs.embedding import EmbeddingIndex, SimilarityFunctionType

from art_recsys.platform.embedded import Project
from art_recsys.platform.neighbours import Neighbours, top_k

N, DIM, K = 3000, 16, 20


def clustered(n=N, seed=0):
    "Works of 40 artists of unlike size: unit vectors around 40 centres"
    r = np.random.default_rng(seed)
    of = r.choice(40, n, p=1 / np.arange(1, 41) / sum(1 / np.arange(1, 41)))
    v = r.normal(size=(40, DIM))[of] + 0.4 * r.normal(size=(n, DIM))
    return (v / np.linalg.norm(v, axis=1, keepdims=True)).astype(np.float32)


VECTORS = clustered()
QUERIES = VECTORS[::60] + 0.1 * np.random.default_rng(1).normal(size=(50, DIM)).astype(np.float32)


def plain(query, metric, allowed):
    "Places of the nearest, in float64 and by a full sort"
    v = VECTORS.astype(float)
    far = -(v @ query) if metric == "dot" else ((v - query) ** 2).sum(1)
    return [i for i in np.argsort(far, kind="stable") if i in allowed][:K]


def small(metric="dot", **kwargs):
    return Neighbours(VECTORS, metric, exact_below=1, **kwargs)


def recall(found, want):
    return np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found.tolist(), want, strict=False)])


@pytest.mark.parametrize("metric", ["dot", "l2"])
def test_few_vectors_are_searched_exactly_with_mask_and_exclusions(metric):
    near = Neighbours(VECTORS, metric)
    mask = np.arange(N) % 3 > 0
    gone = [np.arange(n, N, 7) for n in range(len(QUERIES))]
    found, score = near.search(QUERIES, K, mask, gone)
    want = [plain(q, metric, set(np.flatnonzero(mask)) - set(g)) for q, g in zip(QUERIES, gone, strict=False)]
    assert near.is_exact and near._faiss is None and found.tolist() == want
    v = VECTORS[found].astype(float)
    expected = (v * QUERIES[:, None]).sum(2) if metric == "dot" else ((v - QUERIES[:, None]) ** 2).sum(2)
    np.testing.assert_allclose(score, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("metric", ["dot", "l2"])
def test_faiss_finds_nearly_all_and_scores_come_from_the_vectors(metric):
    exact, near = Neighbours(VECTORS, metric), small(metric)
    found, score = near.search(QUERIES, K)
    items, right = exact.search(QUERIES, K)
    assert recall(found, items.tolist()) > 0.97
    same = found == items
    assert same.mean() > 0.5 and (score[same] == right[same]).all()  # to the last digit
    near.index.nprobe = near.index.nlist
    assert (near.search(QUERIES, K)[0] == items).all()


def test_the_index_looks_as_far_as_the_vectors_demand():
    noise = np.random.default_rng(3).normal(size=(N, 64)).astype(np.float32)
    hard = Neighbours(noise, exact_below=1)
    assert small().index.nprobe <= small().index.nlist / 2 < hard.index.nprobe
    queries = np.random.default_rng(4).normal(size=(50, 64)).astype(np.float32)
    assert recall(hard.search(queries, 100)[0], Neighbours(noise).search(queries, 100)[0].tolist()) > 0.97


@pytest.mark.parametrize("open_share", [0.5, 0.05, 0.004])
def test_a_filter_is_obeyed_and_fills_the_answer(open_share):
    near, mask = small(), np.random.default_rng(2).random(N) < open_share
    found, score = near.search(QUERIES, K, mask)
    left = min(K, mask.sum())
    assert ((found >= 0).sum(1) == left).all() and mask[found[:, :left]].all()
    assert (found[:, left:] == -1).all() and np.isneginf(score[:, left:]).all()
    want = Neighbours(VECTORS).search(QUERIES, K, mask)[0]
    assert recall(found[:, :left], want[:, :left].tolist()) > 0.95


def test_a_narrow_filter_on_many_vectors_is_answered_exactly():
    near, mask = Neighbours(VECTORS, exact_below=500), np.arange(N) < 400
    assert (near.search(QUERIES, K, mask)[0] == Neighbours(VECTORS[:400]).search(QUERIES, K)[0]).all()
    assert not near.is_exact and near._faiss is None


def test_exclusions_are_made_up_for():
    near, exact = small(), Neighbours(VECTORS)
    near.index.nprobe = near.index.nlist
    gone = list(exact.search(QUERIES, 300)[0])
    found = near.search(QUERIES, K, exclude=gone)[0]
    assert (found == exact.search(QUERIES, 300 + K)[0][:, 300:]).all()


def test_nothing_left_and_nothing_asked():
    for near in (small(), Neighbours(VECTORS)):
        found, score = near.search(QUERIES[:1], 3, np.zeros(N, bool))
        assert found.tolist() == [[-1] * 3] and np.isneginf(score).all()
        assert near.search(QUERIES[:1], 0)[0].shape == (1, 0) and near.search(QUERIES[:0], 3)[0].shape == (0, 3)
    found, score = Neighbours(np.zeros((0, DIM))).search(QUERIES[:2], 3)
    assert found.shape == score.shape == (2, 0)
    assert np.isposinf(small("l2").search(QUERIES[:1], 3, np.zeros(N, bool))[1]).all()
    with pytest.raises(ValueError, match="manhattan"):
        Neighbours(VECTORS, "manhattan")


def test_of_equals_the_first_comes_first():
    assert top_k(np.array([[1.0, 3, 3, 2, 3]]), 2)[0].tolist() == [[1, 2]]
    doubles = np.repeat(VECTORS[:30], 3, axis=0)
    found = Neighbours(doubles).search(VECTORS[:1], 3)[0]
    assert found.tolist() == [[0, 1, 2]]


def test_the_same_vectors_make_the_same_index_in_another_process(tmp_path):
    import faiss

    np.save(tmp_path / "v.npy", VECTORS)
    code = (
        "import sys, numpy as np, faiss; faiss.omp_set_num_threads(1); "
        "from art_recsys.platform.neighbours import Neighbours; "
        "Neighbours(np.load(sys.argv[1]), exact_below=1, file=sys.argv[2]).index"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "v.npy", tmp_path / "there.faiss"], check=True)
    assert (faiss.serialize_index(small().index) == np.fromfile(tmp_path / "there.faiss", np.uint8)).all()


def test_a_kept_index_is_read_and_a_broken_or_foreign_one_made_again(tmp_path):
    import faiss

    file = tmp_path / "deep" / "vectors.faiss"
    first = small(file=file)
    want = first.search(QUERIES, K)[0]
    kept = file.read_bytes()
    assert [p.name for p in file.parent.iterdir()] == ["vectors.faiss"]
    again = small(file=file)
    again._build = lambda: pytest.fail("made although it is there")
    assert (again.search(QUERIES, K)[0] == want).all()
    for other in (kept[:1000], faiss.serialize_index(Neighbours(VECTORS[:2000], exact_below=1).index).tobytes()):
        file.write_bytes(other)
        assert (small(file=file).search(QUERIES, K)[0] == want).all() and file.read_bytes() == kept


def test_a_large_feature_group_answers_like_a_small_one(tmp_path, monkeypatch):
    def group_at(folder):
        index = EmbeddingIndex()
        index.add_embedding("vector", DIM, SimilarityFunctionType.COSINE)
        fs = Project(folder).get_feature_store()
        return fs.get_or_create_feature_group(
            "works", 1, primary_key=["artwork_id"], online_enabled=True, embedding_index=index
        )

    works = pd.DataFrame({"artwork_id": [f"w{i:04}" for i in range(N)], "n": np.arange(N), "vector": list(VECTORS)})
    group = group_at(tmp_path)
    group.insert(works)
    want = group.find_neighbors(QUERIES[0], k=K)
    assert not list(tmp_path.rglob("*.faiss"))
    monkeypatch.setattr("art_recsys.platform.embedded.vectors.Neighbours", partial(Neighbours, exact_below=1000))
    large = group_at(tmp_path)
    found = large.find_neighbors(QUERIES[0], k=K)
    scores = {row[0]: s for s, row in want}
    both = [row[0] for _, row in found if row[0] in scores]
    assert len(both) >= 0.8 * K and all(s == scores[row[0]] for s, row in found if row[0] in scores)
    assert all(row[1] > 2000 for _, row in large.find_neighbors(QUERIES[0], k=K, filter=large.n > 2000))
    (first,) = tmp_path.rglob("*.faiss")
    large.insert(works.iloc[:1].assign(artwork_id="new", vector=[QUERIES[0]]))
    assert large.find_neighbors(QUERIES[0], k=1)[0][1][0] == "new"
    (second,) = tmp_path.rglob("*.faiss")  # the older one has gone with the vectors that it was made of
    assert second != first
    large.delete()
    assert not list(tmp_path.rglob("*.faiss"))


def test_best_is_a_stable_sort():
    r = np.random.default_rng(1)
    for columns in (1, 5, 40):
        scores = r.integers(0, 6, (50, columns)).astype(float)
        for k in (1, 3, 40):
            assert (top_k(scores, k)[0] == np.argsort(-scores, axis=1, kind="stable")[:, :k]).all()


def test_top_k_of_ties_and_gaps():
    items, scores = top_k(np.array([[1.0, 3.0, 3.0, -np.inf]]), 9)
    assert items[0, :3].tolist() == [1, 2, 0] and scores[0, 3] == -np.inf
    assert top_k(np.zeros((2, 3)), 0)[0].shape == (2, 0)

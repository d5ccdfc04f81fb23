"""The vector index: exact neighbours by one matrix product, scores in the SDK's convention"""

import numpy as np


def sdk_score(similarity, query, matrix):
    """The SDK's score, `1/s - 1` of OpenSearch's score `s`, of every row; lower is nearer

    l2_norm: s = 1/(1 + d2), so the score is the squared distance.
    cosine: s = (1 + cos)/2. dot_product: s = 1 + dot where dot >= 0, otherwise 1/(1 - dot).
    """
    dot = matrix @ query
    if similarity == "dot_product":
        return np.where(dot >= 0, -dot / (1 + np.abs(dot)), -dot)
    if similarity == "cosine":
        norm = np.linalg.norm(matrix, axis=1) * np.linalg.norm(query)
        cos = np.clip(dot / np.maximum(norm, 1e-12), -1, 1)
        with np.errstate(divide="ignore"):
            return 2 / (1 + cos) - 1
    return np.maximum((matrix * matrix).sum(1) + query @ query - 2 * dot, 0)


class VectorIndex:
    """The vectors of one embedding feature, in the order of the table's rows"""

    def __init__(self, vectors, rows, similarity):
        self.matrix = np.ascontiguousarray(vectors, dtype=np.float32)
        self.rows = rows  # row numbers in the table; rows without a vector are not here
        self.similarity = similarity
        self.squares = np.einsum("ij,ij->i", self.matrix, self.matrix)

    def search(self, query, k, mask=None):
        """Row numbers and scores of the k nearest, nearest first; `mask` says which rows of the table may answer"""
        query = np.asarray(query, dtype=np.float32)
        keep = np.arange(len(self.rows)) if mask is None else np.flatnonzero(mask[self.rows])
        if not len(keep) or k < 1:
            return [], []
        matrix = self.matrix if mask is None else self.matrix[keep]
        if self.similarity == "l2_norm":
            # squares are kept: a third of the work of computing them anew
            score = np.maximum(self.squares[keep] + query @ query - 2 * (matrix @ query), 0)
        else:
            score = sdk_score(self.similarity, query, matrix)
        best = np.argpartition(score, k - 1)[:k] if k < len(score) else np.arange(len(score))
        best = best[np.lexsort((best, score[best]))]
        if self.similarity == "l2_norm":  # the difference of squares loses digits: exact for those we return
            score[best] = ((matrix[best] - query) ** 2).sum(1)
            best = best[np.lexsort((best, score[best]))]
        return self.rows[keep[best]], score[best].astype(float)

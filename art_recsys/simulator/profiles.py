"""How diverse the written profiles are."""

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

__all__ = ["nearest_wording"]


def nearest_wording(
    texts: list[str],  # At most a few thousand
) -> np.ndarray:  # float [texts]: 0 shares nothing with any other text, 1 has a copy
    "Share of word pairs (cosine) that each text has in common with the most similar other text"
    pairs = TfidfVectorizer(ngram_range=(2, 2), use_idf=False, binary=True, dtype=np.float32).fit_transform(texts)
    s = (pairs @ pairs.T).toarray()
    np.fill_diagonal(s, 0)
    return s.max(1)

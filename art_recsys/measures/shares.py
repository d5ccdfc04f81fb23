"""How evenly something is shared out."""

import numpy as np

__all__ = ["gini"]


def gini(
    counts: np.ndarray,  # how often each artwork was shown, shape (n_artworks,); zero for one never shown
) -> float:  # 0 if all are shown equally often, near 1 if a few are shown all the time; 0 where nothing is shown
    "Gini coefficient of these counts"
    x = np.sort(np.asarray(counts, float))
    return float((2 * np.arange(1, len(x) + 1) - len(x) - 1) @ x / (len(x) * x.sum())) if x.sum() else 0.0

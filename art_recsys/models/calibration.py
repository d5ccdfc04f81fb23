"""Calibration: how well predicted probabilities agree with the observed shares of likes."""

import numpy as np
import pandas as pd

__all__ = ["ece", "reliability"]


def reliability(
    p: np.ndarray,  # n predicted probabilities
    label: np.ndarray,  # n, 0 or 1
    bins: int = 10,  # of equal size, by predicted probability
) -> pd.DataFrame:  # `predicted, observed, n`: mean probability, share of ones and size of each bin
    "Predicted probability beside the observed share, bin by bin"
    parts = [b for b in np.array_split(np.argsort(p, kind="stable"), bins) if len(b)]
    rows = [(p[b].mean(), label[b].mean(), len(b)) for b in parts]
    return pd.DataFrame(rows, columns=["predicted", "observed", "n"])


def ece(
    p: np.ndarray,  # n predicted probabilities
    label: np.ndarray,  # n, 0 or 1
    bins: int = 10,  # of equal size
) -> float:  # from 0 to 1; 0 for no labels
    """Expected calibration error: the mean gap of `reliability`, weighted by the size of the bins.

    Naeini, Cooper and Hauskrecht, 2015; Guo and others, 2017 (https://arxiv.org/abs/1706.04599).
    """
    r = reliability(p, label, bins)
    return float((abs(r["predicted"] - r["observed"]) * r["n"]).sum() / max(1, r["n"].sum()))

"""temporary"""

import numpy as np
import pandas as pd

from art_recsys.users import Truth, true_utility  # noqa: F401


def wanted_works(truth, rows, ids, share=0.03):
    utility = true_utility(truth, rows)[:, pd.Index(truth.artwork_ids).get_indexer(ids)]
    n = min(len(ids), max(24, int(share * len(ids))))
    return utility >= np.sort(utility, axis=1)[:, [-n]]

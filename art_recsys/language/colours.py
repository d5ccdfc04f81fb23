"""temporary"""

import numpy as np
from sklearn.preprocessing import normalize

from art_recsys.enrichment import colour_names

_FAMILIES = ("black", "grey", "white", "brown", "red", "orange", "yellow", "green", "blue", "purple", "pink")


def colour_families(palettes: list[list[str]]) -> np.ndarray:
    "Colour families, weighted 1, 1/2, 1/3 … by their rank in the palette"
    out = np.zeros((len(palettes), len(_FAMILIES)), np.float32)
    for row, palette in zip(out, palettes):
        for i, f in enumerate(colour_names(palette, family=True)):
            row[_FAMILIES.index(f)] += 1 / (i + 1)
    return normalize(out)

"""Colours: their place in CIE Lab, the names a painter would use, and eleven plain families.

The conversion to CIE Lab (D50 white) is that of littleCMS, which Pillow brings along. In Lab the distance between two
colours is roughly the difference that a person sees: https://en.wikipedia.org/wiki/CIELAB_color_space
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageCms

__all__ = ["COLOURS", "FAMILIES", "colour_families", "colour_names", "lab", "rgb_of"]

# name: (hex, family). A visitor filters by family, a description uses the name.
COLOURS = {
    "ink black": ("16130f", "black"),
    "soft black": ("2b2724", "black"),
    "charcoal": ("43403d", "grey"),
    "slate": ("5b646c", "grey"),
    "stone grey": ("8c8880", "grey"),
    "dove grey": ("b3afa8", "grey"),
    "silver grey": ("c8c9c9", "grey"),
    "chalk white": ("f6f4ee", "white"),
    "ivory": ("efe6d2", "white"),
    "pearl": ("e2ddd3", "white"),
    "cream": ("f0e3bd", "white"),
    "umber": ("4a3524", "brown"),
    "sepia": ("6b4a2f", "brown"),
    "chestnut": ("7d4428", "brown"),
    "walnut": ("5d4732", "brown"),
    "bronze": ("8a6a3b", "brown"),
    "tan": ("b8946a", "brown"),
    "sand": ("d2b88f", "brown"),
    "fawn": ("a88868", "brown"),
    "taupe": ("8a7766", "brown"),
    "oxblood": ("5a1a1c", "red"),
    "crimson": ("9e1b32", "red"),
    "scarlet": ("c41e1e", "red"),
    "vermilion": ("dc4326", "red"),
    "brick red": ("9c4a38", "red"),
    "rust": ("a5512a", "orange"),
    "terracotta": ("c26a4a", "orange"),
    "burnt orange": ("cc6a1c", "orange"),
    "amber": ("d9902f", "orange"),
    "apricot": ("e6a368", "orange"),
    "coral": ("e57f65", "orange"),
    "ochre": ("b98a3a", "yellow"),
    "old gold": ("cfa53a", "yellow"),
    "saffron": ("ebb62a", "yellow"),
    "straw": ("dfc98a", "yellow"),
    "lemon": ("f2df52", "yellow"),
    "olive": ("6b6a35", "green"),
    "moss green": ("57683a", "green"),
    "sage": ("98a583", "green"),
    "pistachio": ("b4c48c", "green"),
    "forest green": ("274a33", "green"),
    "bottle green": ("1e3b30", "green"),
    "emerald": ("2b8457", "green"),
    "viridian": ("3f7f6d", "green"),
    "spring green": ("7fb24a", "green"),
    "teal": ("2a7079", "blue"),
    "turquoise": ("4fb0ad", "blue"),
    "midnight blue": ("161b33", "blue"),
    "navy": ("1f2f55", "blue"),
    "Prussian blue": ("23425f", "blue"),
    "ultramarine": ("2d45a0", "blue"),
    "cobalt blue": ("3767b5", "blue"),
    "cerulean": ("4b93c4", "blue"),
    "sky blue": ("9cc3de", "blue"),
    "powder blue": ("bccfd9", "blue"),
    "steel blue": ("6a8299", "blue"),
    "aubergine": ("3d2338", "purple"),
    "plum": ("6d3b5e", "purple"),
    "violet": ("6b4b9b", "purple"),
    "lilac": ("b49cc4", "purple"),
    "mauve": ("94798f", "purple"),
    "rose": ("c97b84", "pink"),
    "blush": ("e9c4bb", "pink"),
    "dusty pink": ("c49a94", "pink"),
    "magenta": ("b5307c", "pink"),
    "hot pink": ("ea5fa0", "pink"),
}
FAMILIES = ("black", "grey", "white", "brown", "red", "orange", "yellow", "green", "blue", "purple", "pink")

_TO_LAB = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")


def lab(
    picture: Image.Image,  # RGB
) -> np.ndarray:  # float32 [height, width, 3]: L 0 to 100, a and b about -128 to 127
    "Lightness, green-red and blue-yellow of every pixel"
    v = np.asarray(ImageCms.applyTransform(picture, _TO_LAB))
    return np.concatenate([v[..., :1] * np.float32(100 / 255), v[..., 1:].view(np.int8).astype(np.float32)], axis=-1)


def rgb_of(
    colours: Sequence[str],  # `#rrggbb`, with or without `#`
) -> np.ndarray:  # uint8 [n, 3]
    "Red, green and blue of colours in hex"
    return np.array([tuple(bytes.fromhex(c.lstrip("#"))) for c in colours], dtype=np.uint8).reshape(-1, 3)


def _lab_of(colours: Sequence[str]) -> np.ndarray:  # float32 [n, 3]
    return lab(Image.fromarray(rgb_of(colours)[None]))[0]


_NAMES = list(COLOURS)
_FAMILY_OF = [family for _, family in COLOURS.values()]
_ANCHORS = _lab_of([colour for colour, _ in COLOURS.values()])


def colour_names(
    colours: Sequence[str],  # `#rrggbb`, as in the column `palette`
    family: bool = False,  # one of the eleven `FAMILIES` instead of a painter's name
) -> list[str]:  # one name per colour
    "The name of each colour: that of the nearest entry of `COLOURS` in CIE Lab"
    if not len(colours):
        return []
    names = _FAMILY_OF if family else _NAMES
    nearest = ((_lab_of(colours)[:, None] - _ANCHORS[None]) ** 2).sum(-1).argmin(1)
    return [names[i] for i in nearest]


def colour_families(
    palettes: Sequence[Sequence[str]],  # `#rrggbb`, the largest colour first
) -> np.ndarray:  # float32 [n, 11], rows of length 1 in the order of `FAMILIES`; zeros for an empty palette
    "The colour families of each palette, weighted 1, 1/2, 1/3 ... by their position in it"
    out = np.zeros((len(palettes), len(FAMILIES)), np.float32)
    for row, palette in zip(out, palettes, strict=True):
        for i, family in enumerate(colour_names(palette, family=True)):
            row[FAMILIES.index(family)] += 1 / (i + 1)
    length = np.sqrt(np.einsum("ij,ij->i", out, out))[:, None]
    return out / np.where(length == 0, np.float32(1), length)

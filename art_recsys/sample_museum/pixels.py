"""Colours, noise, curves and arrays of pixels: the tools that subjects and styles share."""

import math

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageFilter

Values = float | np.ndarray  # one number, or one per pixel
ROLES = ("top", "low", "light", "far", "mid", "near", "dark", "water", "acc", "acc2")
TAU = 2 * math.pi


def colour(
    code: str,  # such as `#3d6fa5`
) -> np.ndarray:
    "The colour of a hex code: float32 [3], 0 to 1"
    code = code.lstrip("#")
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255


def mix(
    a: ArrayLike,  # RGB, 0 to 1
    b: ArrayLike,  # RGB, 0 to 1
    t: ArrayLike,  # 0 gives `a`, 1 gives `b`; broadcasts
) -> np.ndarray:  # float32, the shapes broadcast
    "The colour `t` of the way from `a` to `b`"
    a, t = np.asarray(a, np.float32), np.asarray(t, np.float32)
    d = (np.asarray(b, np.float32) - a) * t
    return a + d


def luminance(
    rgb: np.ndarray,  # [..., 3], 0 to 1
) -> np.ndarray:  # the shape without the last axis
    "Perceived lightness, 0 to 1, over the last axis"
    return rgb @ np.array([0.299, 0.587, 0.114], np.float32)


def chroma(
    rgb: np.ndarray,  # [..., 3], 0 to 1
    gain: float,  # above 1 is more colourful, below 1 is greyer
) -> np.ndarray:  # [..., 3], 0 to 1
    "Colours moved away from their own grey, or towards it"
    grey = luminance(rgb)[..., None]
    return np.clip(grey + (rgb - grey) * gain, 0, 1)


def smoothstep(
    lo: Values,  # lower edge
    hi: Values,  # upper edge
    x: Values,  # any shape
) -> np.ndarray:  # the shapes broadcast
    "0 below `lo`, 1 above `hi`, a smooth curve between them"
    t = np.clip((x - lo) / (hi - lo), 0, 1)
    return t * t * (3 - 2 * t)


def to_image(
    rgb: np.ndarray,  # [h, w] or [h, w, 3], 0 to 1
) -> Image.Image:
    "An array as an 8-bit image"
    a = np.clip(rgb, 0, 1)
    a *= 255
    a += 0.5
    return Image.fromarray(a.astype(np.uint8))


def to_array(
    image: Image.Image,  # grey or RGB
) -> np.ndarray:  # [h, w] or [h, w, 3]
    "An 8-bit image as float32, 0 to 1"
    a = np.array(image, np.float32)
    a *= np.float32(1 / 255)
    return a


def blur(
    a: np.ndarray,  # [h, w] or [h, w, 3], 0 to 1
    radius: float,  # pixels
) -> np.ndarray:  # shape of `a`
    "The array, blurred"
    image = to_image(a)
    f = int(radius / 1.4)
    if f < 2:
        return to_array(image.filter(ImageFilter.BoxBlur(radius)))
    small = image.reduce(f).filter(ImageFilter.GaussianBlur(radius / f))  # as smooth, and much less work
    return to_array(small.resize(image.size, Image.Resampling.BILINEAR))


def noise(
    rng: np.random.Generator,  # the random stream
    h: int,  # height, pixels
    w: int,  # width, pixels
    scale: float,  # size of the features, pixels
    stretch: tuple[float, float] = (1, 1),  # of the features, in y and x
) -> np.ndarray:
    "Smooth noise [h, w] of mean 0 and standard deviation about 1"
    gh, gw = (max(2, int(n / (scale * s)) + 3) for n, s in zip((h, w), stretch, strict=True))
    draw = getattr(rng, "as_recorded", rng.standard_normal)  # an enlarged picture has the grid of the small one
    grid = Image.fromarray(draw((gh, gw), np.float32))
    fine = scale * min(stretch) < 4
    return np.asarray(grid.resize((w, h), Image.Resampling.BILINEAR if fine else Image.Resampling.BICUBIC)) * 1.4


def clouds(
    rng: np.random.Generator,  # the random stream
    h: int,  # height, pixels
    w: int,  # width, pixels
    scale: float,  # size of the largest features, pixels
    octaves: int = 3,  # how many layers, each half as large
    stretch: tuple[float, float] = (1, 1),  # of the features, in y and x
) -> np.ndarray:
    "Noise added to finer noise [h, w]: clouds, washes and stains"
    return sum(noise(rng, h, w, max(scale / 2**k, 1.5), stretch) / 2**k for k in range(octaves)) / 1.4


def shift(
    a: np.ndarray,  # [h, w, ...]
    dx: float,  # pixels to the right
    dy: float,  # pixels down
) -> np.ndarray:  # shape of the input
    "The array moved by whole pixels, its edge repeated"
    h, w = a.shape[:2]
    ys, xs = np.clip(np.arange(h) - int(dy), 0, h - 1), np.clip(np.arange(w) - int(dx), 0, w - 1)
    return a[ys][:, xs]


def warp(
    a: np.ndarray,  # [h, w, ...]
    dx: Values,  # pixels, broadcasts to [h, w]
    dy: Values,  # pixels, broadcasts to [h, w]
) -> np.ndarray:
    "The array looked up at each pixel moved by (`dx`, `dy`)"
    h, w = a.shape[:2]
    ys = np.clip(np.arange(h)[:, None] + dy, 0, h - 1).astype(np.int32)
    xs = np.clip(np.arange(w)[None, :] + dx, 0, w - 1).astype(np.int32)
    return a[ys, xs]


def edges(
    ids: np.ndarray,  # region of each pixel, [h, w]
    width: int = 1,  # of the edge, pixels
) -> np.ndarray:
    "Where one region meets another: 0 or 1, [h, w]"
    e = np.zeros(ids.shape, bool)
    e[:, 1:] |= ids[:, 1:] != ids[:, :-1]
    e[1:] |= ids[1:] != ids[:-1]
    grown = Image.fromarray(e.astype(np.uint8) * 255)
    return to_array(grown.filter(ImageFilter.MaxFilter(width | 1))) if width > 1 else to_array(grown)


def region_means(
    rgb: np.ndarray,  # [h, w, 3]
    ids: np.ndarray,  # region of each pixel, [h, w]
) -> np.ndarray:
    "Every region in its mean colour, [h, w, 3]"
    flat, n = ids.ravel(), 256
    count = np.maximum(np.bincount(flat, minlength=n), 1)
    means = np.stack([np.bincount(flat, rgb[..., k].ravel(), n) / count for k in range(3)], 1)
    return means.astype(np.float32)[ids]


def spline(
    points: ArrayLike,  # [n, 2], x and y
    closed: bool = True,  # whether the last point is joined to the first
    n: int = 8,  # steps per segment
) -> np.ndarray:
    "A smooth curve through points (Catmull-Rom), [m, 2]"
    p = np.asarray(points, np.float64)
    a = np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0)
    if not closed:
        ext = np.vstack([p[:1], p, p[-1:]])
        a = ext[:-3], ext[1:-2], ext[2:-1], ext[3:]
    t = np.linspace(0, 1, n, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (q[:, None] for q in a)
    out = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
    out = out.reshape(-1, 2)
    return out if closed else np.vstack([out, p[-1:]])


def ridge(
    rng: np.random.Generator,  # the random stream
    width: float,  # of the picture, in picture heights
    base: float,  # y of the foot
    height: float,  # of the highest hill
    rough: float = 0.5,  # weight of the finer waves, 0 to 1
    n: int = 160,  # points
) -> np.ndarray:
    "The outline of hills, [n, 2]"
    x = np.linspace(-0.02, width + 0.02, n)
    y, f = np.zeros(n), rng.uniform(0.6, 1.1)
    for k in range(6):
        y += rough**k * np.sin(x / width * TAU * f + rng.uniform(0, TAU))
        f *= rng.uniform(1.7, 2.3)
    y = (y - y.min()) / max(np.ptp(y), 1e-6)
    return np.stack([x, base - height * y], 1)

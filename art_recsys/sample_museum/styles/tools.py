"""Tools of the styles: grounds, surfaces, tones, brushes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..pixels import TAU, blur, edges, luminance, mix, noise, region_means, shift, smoothstep
from ..replay import kept

WHITE = np.ones(3, np.float32)


@dataclass
class Painting:
    "A painted canvas as a style reads it"

    rgb: np.ndarray  # [h, w, 3], 0 to 1
    ids: np.ndarray  # region of each pixel, [h, w]
    dep: np.ndarray  # depth, [h, w], 0 near to 1 far
    ang: np.ndarray  # direction of the brush, [h, w], radians
    h: int  # pixels
    w: int  # pixels
    base: float  # scale of the picture, or of the one that it enlarges: 1 for 512 pixels
    zoom: float  # pixels for one pixel of the picture that it enlarges
    pal: dict[str, np.ndarray]  # role to RGB
    variant: str  # of the medium
    hand: float  # the artist's handling: fine (below 1) or broad
    subject: str  # its name
    inks: list[np.ndarray]  # of printed and cut work
    rng: np.random.Generator  # of the style

    @property
    def k(self) -> float:
        "Scale: 1 for a picture of 512 pixels"
        return self.base * self.zoom

    def small(self) -> tuple[int, int]:
        "Height and width, pixels, of the picture that this one enlarges"
        return round(self.h / self.zoom), round(self.w / self.zoom)

    def px(self, n: int) -> int:
        "`n` whole pixels of the picture that this one enlarges"
        return round(n * self.zoom)

    def lines(self, ids: np.ndarray, width: int = 1) -> np.ndarray:
        "The edges of regions `ids` [h, w] as lines of `width` pixels of the picture that this one enlarges: 0 to 1"
        return edges(ids, width if self.zoom == 1 else round((width | 1) * self.zoom))


def weave(
    m: Painting,  # the painted canvas, with its random stream
    pitch: float = 3.2,  # distance of the threads, pixels of a 512-pixel picture
    depth: float = 0.03,  # strength
) -> np.ndarray:
    "The threads of a canvas, as a multiplier [h, w, 1]"
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    f = TAU / (max(pitch * m.base, 2.0) * m.zoom)
    return (
        1
        + depth * (np.sin(x * f) * np.sin(y * f))[..., None]
        + 0.012 * m.rng.standard_normal((m.h, m.w, 1), np.float32)
    )


def paper(
    m: Painting,  # the painted canvas, with its random stream
    tone: ArrayLike,  # RGB, 0 to 1
    rough: float = 0.03,  # strength of the grain
) -> np.ndarray:
    "A sheet of paper with its grain, [h, w, 3]"
    grain = noise(m.rng, m.h, m.w, 2.2 * m.k) * 0.6 + noise(m.rng, m.h, m.w, 60 * m.k) * 0.5
    return np.asarray(tone, np.float32) * (1 + rough * grain[..., None])


def vignette(
    m: Painting,  # the painted canvas, with its random stream
    strength: float = 0.25,  # 0 to 1
) -> np.ndarray:
    "Darker towards the corners, as a multiplier [h, w, 1]"
    y, x = np.linspace(-1, 1, m.h, dtype=np.float32)[:, None], np.linspace(-1, 1, m.w, dtype=np.float32)[None]
    return (1 - strength * smoothstep(0.5, 1.9, x * x + y * y))[..., None]


def relief(
    out: np.ndarray,  # [h, w, 3]
    height: np.ndarray,  # of the paint, [h, w]
    strength: float = 0.12,  # of light and shade
    step: int = 1,  # pixels over which the height is compared
) -> np.ndarray:  # [h, w, 3]
    "Thick paint, lit from the upper left"
    slope = (height - shift(height, step, step))[..., None]
    return out * (1 + strength * np.clip(slope, -1.5, 1.5)) + 0.04 * np.clip(slope, 0, 1)


def margin(
    m: Painting,  # the painted canvas, with its random stream
    size: float = 0.03,  # of the margin, as a share of the shorter side
    wobble: float = 0.0,  # unevenness of its edge, pixels
) -> np.ndarray:
    "Distance in pixels from a margin around the picture, negative on the margin, [h, w]"
    b = size * min(m.h, m.w)
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    d = np.minimum(np.minimum(x, m.w - 1 - x), np.minimum(y, m.h - 1 - y)) - b
    return d + (wobble * noise(m.rng, m.h, m.w, 24 * m.k) if wobble else 0)


def planes(
    m: Painting,  # the painted canvas, with its random stream
    bands: int = 3,  # tones of a region, at most
    soft: float = 3.0,  # blur before, pixels of a 512-pixel picture
    step: float = 0.16,  # difference of lightness between two tones
) -> tuple[np.ndarray, np.ndarray]:
    "The picture in flat planes: the plane of each pixel [h, w] and the colour of each plane [n, 3]"
    lum = luminance(blur(m.rgb, soft * m.k))
    n = np.maximum(np.bincount(m.ids.ravel(), minlength=256), 1)
    mean = (np.bincount(m.ids.ravel(), lum.ravel(), 256) / n).astype(np.float32)[m.ids]
    band = np.clip(np.round((lum - mean) / step), -(bands // 2), bands // 2).astype(np.int32) + bands // 2
    key = m.ids.astype(np.int32) * bands + band
    count = np.maximum(np.bincount(key.ravel(), minlength=256 * bands), 1)
    return key, np.stack(
        [np.bincount(key.ravel(), m.rgb[..., c].ravel(), 256 * bands) / count for c in range(3)], 1
    ).astype(np.float32)


def drawn(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:
    "Lightness relative to the surroundings [h, w], so that a dark face keeps its features"
    lum = luminance(mix(m.rgb, region_means(m.rgb, m.ids), 0.2))
    around = blur(lum, 26 * m.k)
    return np.clip(lum + 0.55 * (lum - around) + 0.3 * (0.45 - around), 0, 1)


def spread(
    lum: np.ndarray,  # lightness, [h, w]
    cut: float,  # percent
) -> Iterator[float]:
    "The lightness that `cut` percent lie below, and the one that `cut` percent lie above"
    return (float(x) for x in np.percentile(lum[::3, ::3], (cut, 100 - cut)))


def nearest(
    m: Painting,  # with its inks
    colours: np.ndarray,  # [n, 3]
    pull: float = 0.8,  # 1 moves it all the way
) -> np.ndarray:
    "Each colour moved towards its nearest ink, [n, 3]"
    ink = np.stack(m.inks)
    d = ((colours[:, None] - ink[None]) ** 2).sum(2) + 1.5 * (luminance(colours)[:, None] - luminance(ink)[None]) ** 2
    return mix(colours, ink[kept(m.rng, d.argmin(1))], pull)


def dabs(
    m: Painting,  # the painted canvas, with its random stream
    out: np.ndarray,  # [h, w, 3], changed
    height: np.ndarray | None,  # of the paint, [h, w], changed
    at: np.ndarray,  # centres, [n, 2]
    theta: np.ndarray,  # directions, [n], radians
    length: float,  # pixels
    width: float,  # pixels
    fills: np.ndarray,  # [n, 3]
    bend: float = 0.0,  # curvature
    bristle: float = 0.05,  # unevenness across the stroke
    round_tip: bool = False,  # an ellipse where a stroke has square ends
) -> None:
    "Lay many strokes, later ones over earlier ones"
    n = len(at)
    nu, nv = max(2, math.ceil(length * 1.12)), max(2, math.ceil(width * 1.25))
    u, v = (
        np.linspace(-0.5, 0.5, nu, dtype=np.float32)[None, :, None],
        np.linspace(-0.5, 0.5, nv, dtype=np.float32)[None, None],
    )
    hairs = m.rng.standard_normal((n, 1, nv), np.float32)
    c, s = (f(theta).astype(np.float32)[:, None, None] for f in (np.cos, np.sin))
    side = v * width + bend * length * (u * u - 0.08)
    x = (at[:, 0, None, None] + u * length * c - side * s).astype(np.int32)
    y = (at[:, 1, None, None] + u * length * s + side * c).astype(np.int32)
    keep = (x >= 0) & (x < m.w) & (y >= 0) & (y < m.h)
    keep &= (u * u + v * v <= 0.25) if round_tip else (np.abs(u) < 0.5 - 0.1 * np.abs(hairs) - 0.12 * (2 * v) ** 4)
    y *= m.w
    y += x
    index = y[keep]
    which = np.repeat(np.arange(n), keep.sum((1, 2)))
    laid = fills[which]
    if bristle:
        laid *= np.broadcast_to(1 + bristle * hairs * (1 + u), keep.shape)[keep][:, None]
    out.reshape(-1, 3)[index] = laid
    if height is not None:
        ridge = np.broadcast_to(
            0.45 * hairs + 0.9 * np.abs(2 * v) + 0.4 * m.rng.random((n, 1, 1), np.float32), keep.shape
        )
        height.reshape(-1)[index] = ridge[keep]


def scatter(
    m: Painting,  # the painted canvas, with its random stream
    cover: float,  # how many times the strokes cover the canvas
    length: float,  # of a stroke, pixels
    width: float,  # of a stroke, pixels
    where: np.ndarray | None = None,  # more strokes where this is high, [h, w], 0 to 1
) -> np.ndarray:
    "Centres for strokes, [n, 2] as x and y"
    h, w = m.small()
    n = int(cover * h * w / ((length / m.zoom) * (width / m.zoom)))
    if where is None:
        return _anywhere(m, n)
    at = _anywhere(m, 3 * n)
    return at[m.rng.random(3 * n) < pick(m, where, at)][:n]


def _anywhere(m: Painting, n: int) -> np.ndarray:
    "`n` points inside the canvas, x and y; in single precision the last double below `m.w` would round up to it"
    at = np.stack([m.rng.uniform(0, m.w, n), m.rng.uniform(0, m.h, n)], 1).astype(np.float32)
    return np.minimum(at, np.nextafter(np.array([m.w, m.h], np.float32), np.float32(0)))


def pick(
    m: Painting,  # the painted canvas, with its random stream
    field: np.ndarray,  # [h, w, ...]
    at: np.ndarray,  # [n, 2], x and y
) -> np.ndarray:
    "The values of a field at points, [n, ...]"
    return field[at[:, 1].astype(int), at[:, 0].astype(int)]


def detail(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:
    "Where small things are, 0 to 1, [h, w]"
    lum = luminance(m.rgb)
    return np.clip(blur(np.clip(np.abs(lum - blur(lum, 4 * m.k)) * 9, 0, 1), 2 * m.k) * 1.6, 0.02, 1)


def broken(
    m: Painting,  # the painted canvas, with its random stream
    fills: np.ndarray,  # [n, 3]
    hue: float = 0.05,  # standard deviation per channel
    light: float = 0.05,  # standard deviation of the lightness
) -> np.ndarray:
    "Colours that differ a little from each other, as a loaded brush leaves them, [n, 3]"
    n = len(fills)
    return np.clip(fills + m.rng.normal(0, hue, (n, 3)) + m.rng.normal(0, light, (n, 1)), 0, 1).astype(np.float32)


def blur01(
    a: np.ndarray,  # [h, w]
) -> np.ndarray:  # [h, w], 0 to 1
    "A blur for a field that is not within 0 and 1"
    lo, hi = a.min(), a.max()
    return blur((a - lo) / (hi - lo), 6)

"""Styles made of pieces: gold ground, facets, mosaic, cut paper."""

import math

import numpy as np

from ..pixels import (
    TAU,
    blur,
    chroma,
    clouds,
    colour,
    luminance,
    mix,
    noise,
    region_means,
    shift,
    smoothstep,
    warp,
)
from .tools import WHITE, Painting, broken, margin, nearest, paper, planes, weave


def aureate(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Aureate School: tempera and gold ground on panel"
    key, tones = planes(m, 5, 3, 0.09)
    flat = mix(tones[key], m.rgb, 0.45)
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    hatch = np.sin((x + y + 3 * noise(m.rng, m.h, m.w, 20 * m.k)) * TAU / (2.9 * max(m.base, 0.8) * m.zoom))
    out = chroma(flat, 1.12) * (1 + 0.05 * hatch[..., None])
    back = m.dep > 0.93
    lines = np.clip(blur(m.lines(m.ids, 2), 0.6 * m.zoom), 0, 1)[..., None]
    out = mix(out, colour("#3a2015"), lines * 0.7)
    pitch = 15 * m.k
    i, j = (x / pitch) % 1 - 0.5, ((y / pitch + 0.5 * np.floor(x / pitch)) % 1) - 0.5
    r = np.hypot(i, j)
    punch = smoothstep(0.13, 0.09, r) + 0.7 * (smoothstep(0.27, 0.3, r) - smoothstep(0.33, 0.36, r))
    leaf = gold(m, 0.09)
    if m.variant == "gold":
        field = leaf * (1 - 0.3 * punch[..., None]) + 0.1 * shift(punch, m.px(1), m.px(1))[..., None]
        cover = blur(back.astype(np.float32), 0.8 * m.zoom)[..., None]
        out = mix(out, field, cover * 0.96)
        out = mix(out, leaf * 1.05, 0.75 * (punch * (m.ids % 7 == 3) * ~back)[..., None])
    crackle = np.abs(noise(m.rng, m.h, m.w, 17 * m.k)) < 0.035
    crackle |= np.abs(noise(m.rng, m.h, m.w, 30 * m.k)) < 0.02
    out = mix(out, out * 0.62, 0.5 * blur(crackle.astype(np.float32), 0.5 * m.zoom)[..., None])
    return _arch(m, out, leaf)


def gold(
    m: Painting,  # the painted canvas, with its random stream
    rub: float = 0.1,  # how much of it is worn
) -> np.ndarray:
    "Leaf gold on red bole, a little rubbed, [h, w, 3]"
    a = clouds(m.rng, m.h, m.w, 60 * m.k, 3)
    t = 0.55 + 0.22 * a + 0.12 * noise(m.rng, m.h, m.w, 120 * m.k, (1, 0.6))
    g = mix(colour("#8a5a1c"), colour("#f0cf74"), np.clip(t, 0, 1)[..., None])
    sheet = (np.arange(m.w)[None] % m.px(int(95 * m.base)) < 1.5 * m.zoom) | (
        np.arange(m.h)[:, None] % m.px(int(95 * m.base)) < 1.5 * m.zoom
    )
    g = mix(g, colour("#9c4a2c"), (np.clip(smoothstep(0.9, 1.6, a) + 0.4 * sheet, 0, 1) * rub * 4)[..., None])
    return g.astype(np.float32)


def _arch(m: Painting, out: np.ndarray, leaf: np.ndarray) -> np.ndarray:
    "A panel with an arched top in a gilt frame"
    b = 0.045 * min(m.h, m.w)
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    d = np.minimum(np.minimum(x, m.w - 1 - x) - b, m.h - 1 - y - b)
    half, rise = m.w / 2 - b, min(m.w / 2 - b, m.h * 0.3)
    e = np.hypot((x - m.w / 2) / half, (b + rise - y) / rise)
    d = np.minimum(d, np.where(y < b + rise, (1 - e) * rise, d))
    frame = leaf * (0.78 + 0.22 * np.sin(np.clip(-d / b, 0, 1) * math.pi))[..., None]
    dots = smoothstep(0.22, 0.16, np.hypot((x / (9 * m.k)) % 1 - 0.5, (y / (9 * m.k)) % 1 - 0.5)) * (d < -b * 0.9)
    frame = frame * (1 - 0.3 * dots[..., None])
    out = np.where((d > 0)[..., None], out, frame)
    out = mix(
        out,
        colour("#3b1d12"),
        (smoothstep(-2.4 * m.k, -0.6 * m.k, d) * (1 - smoothstep(0.2 * m.k, 2 * m.k, d)))[..., None] * 0.85,
    )
    return out * (1 - 0.3 * np.exp(-np.clip(d, 0, None) / (7 * m.k)) * (d > 0))[..., None]


def facettism(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Facettism: the picture cut into lit facets"
    y, x = np.arange(m.h, dtype=np.float32)[:, None] / m.h, np.arange(m.w, dtype=np.float32)[None] / m.h
    main = m.rng.uniform(0, math.pi)
    h, w = m.small()
    cuts = []
    for _ in range(14):
        t = main + m.rng.choice([0, 1.1, 1.75, 2.5]) + m.rng.normal(0, 0.12)
        cuts.append((t, m.rng.uniform(0.12, 0.88) * w / h, m.rng.uniform(0.12, 0.88)))
    cell, dist = _cells(cuts, m.h, m.w)
    there = np.unique(cell if m.zoom == 1 else _cells(cuts, h, w)[0])  # without the slivers that only a large one has
    n = len(there)
    cell = np.minimum(np.searchsorted(there, cell), n - 1)
    move = m.rng.normal(0, 0.034 * m.h, (n, 2)).astype(np.float32)
    zoom = m.rng.normal(1, 0.07, n).astype(np.float32)[cell]
    px = (x * m.h - m.w / 2) * (zoom - 1) + move[cell, 0]
    py = (y * m.h - m.h / 2) * (zoom - 1) + move[cell, 1]
    rgb, ids = warp(m.rgb, px, py), warp(m.ids, px, py)
    rgb = mix(rgb, region_means(rgb, ids), 0.3)
    grey = luminance(rgb)[..., None]
    ochre, slate = colour("#b08b55"), colour("#67757f")
    tint = np.where(m.rng.random(n)[cell][..., None] < 0.5, ochre, slate)
    rgb = mix(rgb, tint * (grey + 0.25) * 1.35, 0.17)
    which = m.rng.integers(0, 14, n)[cell]
    d = np.take_along_axis(np.stack(dist), which[None], 0)[0]
    span = np.clip(d * m.rng.choice([-1, 1], n).astype(np.float32)[cell] / 0.16, -1, 1)
    out = rgb * (1 + 0.34 * span[..., None]) + 0.09 * np.clip(span, 0, 1)[..., None]
    edge = m.lines(cell)
    lit = shift(edge, m.px(int(1.6 * m.base) + 1), m.px(int(1.6 * m.base) + 1))
    out = mix(out, colour("#efe6d2"), 0.22 * blur(lit, 0.7 * m.zoom)[..., None])
    strength = smoothstep(-0.7, 0.9, noise(m.rng, m.h, m.w, 70 * m.k))[..., None]
    out = mix(out, colour("#1f1b1a"), np.clip(blur(edge, 0.6 * m.zoom) * 1.2, 0, 1)[..., None] * (0.3 + 0.5 * strength))
    out = mix(out, colour("#221d1c"), np.clip(blur(m.lines(ids), 0.6 * m.zoom), 0, 1)[..., None] * 0.45)
    streak = noise(m.rng, m.h, m.w, 3 * m.k, (1, 3))[..., None]
    if m.variant == "sand":
        return (
            np.clip(out, 0, 1)
            * (1 + 0.07 * m.rng.standard_normal((m.h, m.w, 1), np.float32) + 0.03 * streak)
            * weave(m, depth=0.02)
        )
    if m.variant == "paper":
        return mix(
            np.clip(out, 0, 1),
            paper(m, colour("#e6d9bd"), 0.03),
            0.16 + 0.14 * smoothstep(0.2, 1.4, noise(m.rng, m.h, m.w, 45 * m.k))[..., None],
        )
    return np.clip(out, 0, 1) * (1 + 0.035 * streak) * weave(m, depth=0.028)


def _cells(cuts: list[tuple], h: int, w: int) -> tuple[np.ndarray, list[np.ndarray]]:
    "The cell of each pixel [h, w], and the distance of each pixel from each cut (direction, x, y)"
    y, x = np.arange(h, dtype=np.float32)[:, None] / h, np.arange(w, dtype=np.float32)[None] / h
    cell: np.ndarray = np.zeros((h, w), np.int32)
    dist = []
    for k, (t, cx, cy) in enumerate(cuts):
        d = (x - cx) * math.cos(t) + (y - cy) * math.sin(t)
        cell |= (d > 0).astype(np.int32) << k
        dist.append(d)
    return cell, dist


def tessera(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Tessera Revival: a mosaic"
    p = 8.2 * m.k * m.hand**0.4
    gh, gw = (int(n / (p / m.zoom)) + 9 for n in m.small())
    jit = m.rng.uniform(-0.24, 0.24, (gh, gw, 2)).astype(np.float32)
    # courses bend with the drawing: the grid is laid on a gently warped plane
    bx, by = noise(m.rng, m.h, m.w, 110 * m.k) * 7 * m.k, noise(m.rng, m.h, m.w, 110 * m.k) * 7 * m.k
    fx = (np.arange(m.w, dtype=np.float32)[None] + bx) / p + 4
    fy = (np.arange(m.h, dtype=np.float32)[:, None] + by) / p + 4
    ix, iy = np.floor(fx - 0.5).astype(np.int32), np.floor(fy - 0.5).astype(np.int32)
    first, second = np.full((m.h, m.w), 9.0, np.float32), np.full((m.h, m.w), 9.0, np.float32)
    cell = np.zeros((m.h, m.w), np.int32)
    for dj in (0, 1):
        for di in (0, 1):
            i, j = np.clip(ix + di, 0, gw - 1), np.clip(iy + dj, 0, gh - 1)
            o = jit[j, i]
            d = np.maximum(
                np.abs(fx - (i + o[..., 0] + 0.5).astype(np.float32)),
                np.abs(fy - (j + o[..., 1] + 0.5).astype(np.float32)),
            )
            closer = d < first
            second = np.where(closer, first, np.minimum(second, d))
            cell = np.where(closer, j * gw + i, cell)
            first = np.where(closer, d, first)
    n = gh * gw
    count = np.maximum(np.bincount(cell.ravel(), minlength=n), 1)
    mean = np.stack([np.bincount(cell.ravel(), m.rgb[..., c].ravel(), n) / count for c in range(3)], 1)
    far = np.bincount(cell.ravel(), m.dep.ravel(), n) / count
    fills = broken(m, chroma(mean.astype(np.float32), 1.25 if m.variant != "marble" else 0.7), 0.03, 0.06)
    if m.variant == "marble":
        fills = mix(fills, colour("#d8ccb6"), 0.22)
    if m.variant == "gold":
        leaf = gold(m, 0.1).reshape(-1, 3)[m.rng.integers(0, m.h * m.w, n)]
        fills = np.where((far > 0.93)[:, None], leaf * m.rng.uniform(0.75, 1.15, (n, 1)), fills)
    tilt = m.rng.standard_normal((n, 2), np.float32)[cell]
    shine = tilt[..., 0] * (fx - (cell % gw + 0.5).astype(np.float32)) + tilt[..., 1] * (
        fy - (cell // gw + 0.5).astype(np.float32)
    )
    out = fills[cell] * (1 + (0.16 if m.variant != "marble" else 0.07) * shine[..., None])
    gap = smoothstep(0.01, 0.13, second - first)[..., None]
    grout = paper(m, colour("#5d5449") if m.variant != "marble" else colour("#a3998a"), 0.08)
    lit = np.clip((second - first) - shift(second - first, m.px(1), m.px(1)), -1, 1)[..., None]
    return mix(grout, np.clip(out + 0.16 * lit, 0, 1), gap)


def scissorism(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Scissorism: cut paper"
    wob = 1.7 * m.k
    dx, dy = noise(m.rng, m.h, m.w, 30 * m.k) * wob, noise(m.rng, m.h, m.w, 30 * m.k) * wob
    key, tones = planes(m, 3, 7, 0.2)
    tones = nearest(m, chroma(tones, 1.35), 0.92)
    key, dep = warp(key, dx, dy), warp(m.dep, dx, dy)
    sheet_of = m.rng.normal(0, 0.02, (len(tones), 1))
    out = (tones + sheet_of).astype(np.float32)[key]
    brush = noise(m.rng, m.h, m.w, 2.2 * m.k, (1, 7)) + 0.5 * noise(m.rng, m.h, m.w, 70 * m.k)
    out = out * (1 + 0.025 * brush[..., None])
    o = m.px(max(2, int(3 * m.base)))
    above = shift(dep, o, o) < dep - 0.008
    shade = blur(above.astype(np.float32), 1.4 * m.k)[..., None]
    out = out * (1 - (0.42 if m.variant == "layers" else 0.28) * shade)
    p = m.px(1)
    rim = (shift(key, -p, -p) != key)[..., None] & (shift(dep, -p, -p) > dep + 0.008)[..., None]
    out = mix(out, WHITE, 0.45 * rim)
    d = margin(m, 0.022, 2.2 * m.k)
    white = paper(m, colour("#f8f3e6"), 0.02)
    edge = blur((d > 0).astype(np.float32), 0.7 * m.zoom)[..., None]
    drop = blur((shift(d, o, o) > 0).astype(np.float32), 2 * m.zoom)[..., None]
    return mix(white * (1 - 0.22 * drop), out, edge)

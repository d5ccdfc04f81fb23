"""The movements: each turns a painted `Canvas` into a picture in its own manner and medium.

A manner reads the four maps of the canvas (colour, region, depth, brush direction) and gives an RGB array. Lengths are
in pixels of a 512-pixel picture times `m.k`, so that a small picture is the large one seen from further away.
"""

import math
from types import SimpleNamespace

import numpy as np

from art_recsys.sample_museum.canvas import (
    TAU,
    blur,
    chroma,
    clouds,
    colour,
    edges,
    luminance,
    mix,
    noise,
    region_means,
    shift,
    smoothstep,
    to_image,
    warp,
)

WHITE = np.ones(3, np.float32)


def finish(canvas, work, rng):
    "The picture of a `canvas` in the manner of its `work`'s movement"
    rgb, ids, dep, ang = canvas.maps()
    m = SimpleNamespace(
        rgb=rgb,
        ids=ids,
        dep=dep,
        ang=ang,
        h=canvas.h,
        w=canvas.w,
        k=max(canvas.w, canvas.h) / 512,
        pal=canvas.pal,
        variant=work.variant,
        hand=work.hand,
        subject=work.subject.name,
        inks=[colour(c) for c in work.movement.inks],
        rng=rng,
    )
    return to_image(MANNERS[work.movement.name](m))


# ---- grounds and surfaces -------------------------------------------------------------------------------------------


def weave(m, pitch=3.2, depth=0.03):
    "Canvas: threads over and under, a multiplier"
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    f = TAU / max(pitch * m.k, 2.0)
    return (
        1
        + depth * (np.sin(x * f) * np.sin(y * f))[..., None]
        + 0.012 * m.rng.standard_normal((m.h, m.w, 1), np.float32)
    )


def paper(m, tone, rough=0.03):
    "A sheet of paper of a `tone`, with its tooth"
    grain = noise(m.rng, m.h, m.w, 2.2 * m.k) * 0.6 + noise(m.rng, m.h, m.w, 60 * m.k) * 0.5
    return np.asarray(tone, np.float32) * (1 + rough * grain[..., None])


def vignette(m, strength=0.25):
    y, x = np.linspace(-1, 1, m.h, dtype=np.float32)[:, None], np.linspace(-1, 1, m.w, dtype=np.float32)[None]
    return (1 - strength * smoothstep(0.5, 1.9, x * x + y * y))[..., None]


def relief(out, height, strength=0.12):
    "Thick paint lit from the upper left"
    slope = (height - shift(height, 1, 1))[..., None]
    return out * (1 + strength * np.clip(slope, -1.5, 1.5)) + 0.04 * np.clip(slope, 0, 1)


def margin(m, size=0.03, wobble=0.0):
    "Distance in pixels inside a margin of `size`, negative on the margin"
    b = size * min(m.h, m.w)
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    d = np.minimum(np.minimum(x, m.w - 1 - x), np.minimum(y, m.h - 1 - y)) - b
    return d + (wobble * noise(m.rng, m.h, m.w, 24 * m.k) if wobble else 0)


def planes(m, bands=3, soft=3.0, step=0.16):
    "The picture in flat planes: each region in up to `bands` tones. (plane number of each pixel, colour of each plane)"
    lum = luminance(blur(m.rgb, soft * m.k))
    n = np.maximum(np.bincount(m.ids.ravel(), minlength=256), 1)
    mean = (np.bincount(m.ids.ravel(), lum.ravel(), 256) / n).astype(np.float32)[m.ids]
    band = np.clip(np.round((lum - mean) / step), -(bands // 2), bands // 2).astype(np.int32) + bands // 2
    key = m.ids.astype(np.int32) * bands + band
    count = np.maximum(np.bincount(key.ravel(), minlength=256 * bands), 1)
    return key, np.stack(
        [np.bincount(key.ravel(), m.rgb[..., c].ravel(), 256 * bands) / count for c in range(3)], 1
    ).astype(np.float32)


def drawn(m):
    "Lightness as a draughtsman sees it: next to what surrounds it, so that a dark face keeps its features"
    lum = luminance(mix(m.rgb, region_means(m.rgb, m.ids), 0.2))
    around = blur(lum, 26 * m.k)
    return np.clip(lum + 0.55 * (lum - around) + 0.3 * (0.45 - around), 0, 1)


def spread(lum, cut):
    "The lightness that `cut` percent lie below, and the one that `cut` percent lie above"
    return (float(x) for x in np.percentile(lum[::3, ::3], (cut, 100 - cut)))


def nearest(colours, inks, pull=0.8):
    "Each colour moved to its nearest ink (wholly where `pull` is 1)"
    inks = np.stack(inks)
    d = ((colours[:, None] - inks[None]) ** 2).sum(2) + 1.5 * (luminance(colours)[:, None] - luminance(inks)[None]) ** 2
    return mix(colours, inks[d.argmin(1)], pull)


# ---- brushes --------------------------------------------------------------------------------------------------------


def dabs(m, out, height, at, theta, length, width, fills, bend=0.0, bristle=0.05, round_tip=False):
    "Lay many strokes, later ones over earlier ones: `at` [n, 2] (x, y), `theta` [n], `fills` [n, 3]"
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


def scatter(m, cover, length, width, where=None):
    "Centres for strokes of a size so that they cover the canvas `cover` times (more often where `where` is high)"
    n = int(cover * m.h * m.w / (length * width))
    if where is None:
        return _anywhere(m, n)
    at = _anywhere(m, 3 * n)
    return at[m.rng.random(3 * n) < pick(m, where, at)][:n]


def _anywhere(m, n):
    "`n` points inside the canvas, x and y; in single precision the last double below `m.w` would round up to it"
    at = np.stack([m.rng.uniform(0, m.w, n), m.rng.uniform(0, m.h, n)], 1).astype(np.float32)
    return np.minimum(at, np.nextafter(np.float32([m.w, m.h]), np.float32(0)))


def pick(m, field, at):
    return field[at[:, 1].astype(int), at[:, 0].astype(int)]


def detail(m):
    "Where small things are, 0 to 1"
    lum = luminance(m.rgb)
    return np.clip(blur(np.clip(np.abs(lum - blur(lum, 4 * m.k)) * 9, 0, 1), 2 * m.k) * 1.6, 0.02, 1)


def broken(m, fills, hue=0.05, light=0.05):
    "Colours that no longer agree exactly: what a loaded brush leaves"
    n = len(fills)
    return np.clip(fills + m.rng.normal(0, hue, (n, 3)) + m.rng.normal(0, light, (n, 1)), 0, 1).astype(np.float32)


# ---- the manners ----------------------------------------------------------------------------------------------------


def lumenism(m):
    ground = colour("#d8c6a6" if m.variant != "pastel" else "#b9b3ab")
    out = mix(blur(m.rgb, 5 * m.k), ground, 0.2).astype(np.float32)
    height = np.zeros((m.h, m.w), np.float32)
    turn = m.ang + 0.35 * noise(m.rng, m.h, m.w, 50 * m.k)
    violet = np.array([0.30, 0.26, 0.48], np.float32)
    for cover, ln, wd, where in ((1.1, 24, 7.5, None), (1.0, 14, 4.6, None), (0.7, 9, 3.2, detail(m))):
        ln, wd = ln * m.k * m.hand, wd * m.k * m.hand
        at = scatter(m, cover, ln, wd, where)
        fills = broken(m, pick(m, m.rgb, at), 0.045, 0.035)
        dark = np.clip(0.42 - luminance(fills), 0, 1)[:, None]
        fills = chroma(mix(fills, violet, dark * 0.9), 1.18)
        warm = m.rng.random(len(at)) < 0.07
        fills[warm] = np.clip(mix(fills[warm], m.pal["acc2"] if m.rng.random() < 0.5 else m.pal["acc"], 0.4), 0, 1)
        dabs(
            m,
            out,
            height,
            at,
            pick(m, turn, at) + m.rng.normal(0, 0.22, len(at)),
            ln,
            wd,
            fills,
            m.rng.normal(0, 0.06),
            0.05,
        )
    if m.variant == "pastel":
        tooth = smoothstep(-0.9, 0.5, noise(m.rng, m.h, m.w, 1.7) + 0.9)[..., None]
        return mix(ground, out, 0.25 + 0.75 * tooth) * paper(m, WHITE, 0.02)
    return relief(out, height, 0.13) * (weave(m, depth=0.025) if m.variant == "oil" else 1)


def whorlism(m):
    eddy = noise(m.rng, m.h, m.w, 90 * m.k)
    gy, gx = np.gradient(blur01(eddy))
    turn = np.arctan2(gx, -gy)
    turn = np.where(m.dep > 0.75, turn, m.ang + 1.1 * noise(m.rng, m.h, m.w, 60 * m.k))
    rgb = m.rgb * (1 - 0.5 * blur(edges(m.ids, 3), 1.2 * m.k)[..., None])
    out = mix(blur(m.rgb, 6 * m.k), m.pal["dark"], 0.35).astype(np.float32)
    height = np.zeros((m.h, m.w), np.float32)
    rgb = mix(rgb, np.sqrt(rgb), 0.45 * float(np.clip(1 - 2 * luminance(rgb).mean(), 0, 1)))
    for cover, ln, wd, where in ((1.1, 32, 7, None), (1.1, 22, 4.6, None), (0.8, 10, 3.0, detail(m))):
        ln, wd = ln * m.k * m.hand, wd * m.k * m.hand
        at = scatter(m, cover, ln, wd, where)
        fills = chroma(broken(m, pick(m, rgb, at), 0.045, 0.055), 1.25)
        t = pick(m, turn, at) + m.rng.normal(0, 0.1, len(at))
        dabs(m, out, height, at, t, ln, wd, fills, 0.12 * m.rng.choice([-1, 1]), 0.09)
    strength = {"oil": 0.2, "jute": 0.22, "gouache": 0.06}[m.variant]
    return relief(out, height, strength) * (weave(m, 5, 0.07) if m.variant == "jute" else 1)


def blur01(a):
    "A blur for a field that is not within 0 and 1"
    lo, hi = a.min(), a.max()
    return blur((a - lo) / (hi - lo), 6)


def granulism(m):
    ground = colour("#efe4cc")
    out = mix(blur(m.rgb, 3 * m.k), ground, 0.45).astype(np.float32)
    rgb = m.rgb
    for cover, r, where in ((1.1, 5.6, None), (1.3, 4.4, None), (0.8, 3.0, detail(m))):
        r = r * m.k * m.hand**0.5
        at = scatter(m, cover, r, r, where)
        fills = broken(m, pick(m, rgb, at), 0.075, 0.05)
        odd = m.rng.random(len(at))
        other = np.clip(1.15 * luminance(fills)[:, None] + (luminance(fills)[:, None] - fills) * 0.9, 0, 1)
        fills = np.where((odd < 0.1)[:, None], mix(fills, other, 0.75), chroma(fills, 1.25)).astype(np.float32)
        fills = np.where((odd > 0.95)[:, None], mix(fills, ground, 0.6), fills).astype(np.float32)
        dabs(m, out, None, at, np.zeros(len(at)), r * 1.08, r * 1.08, fills, 0, 0.0, True)
    return out * (weave(m, depth=0.02) if m.variant == "oil" else paper(m, WHITE, 0.015))


def vesper(m):
    tone = mix(m.pal["dark"], m.pal["far"], 0.35)
    soft = 0.55 * blur(m.rgb, 5 * m.k) + 0.45 * blur(m.rgb, 2 * m.k)
    lum = luminance(soft)[..., None]
    base = mix(soft, tone + (lum - 0.3) * np.array([0.95, 0.9, 0.8], np.float32), 0.38)
    base = mix(base, tone, 0.22 * (1 - lum))
    bloom = blur(np.clip((m.rgb - 0.6) * 2.2, 0, 1), 9 * m.k) + 0.6 * np.clip((blur(m.rgb, 1.5 * m.k) - 0.62) * 2, 0, 1)
    out = (base + (1 - base) * bloom * 0.7).astype(np.float32)
    veil = clouds(m.rng, m.h, m.w, 90 * m.k, 3, (0.5, 2))[..., None]
    out = mix(out, mix(tone, m.pal["low"], 0.5), np.clip(0.1 + 0.07 * veil, 0, 1))
    at = scatter(m, 0.55, 60 * m.k, 6 * m.k)
    stroke = out.copy()
    dabs(
        m,
        stroke,
        None,
        at,
        m.rng.normal(0, 0.06, len(at)),
        60 * m.k,
        6 * m.k,
        broken(m, pick(m, out, at), 0.006, 0.012),
        0,
        0.03,
    )
    out = mix(out, stroke, 0.22) * vignette(m, 0.45)
    if m.variant == "pastel":
        tooth = smoothstep(-1.6, 0.6, noise(m.rng, m.h, m.w, 1.6) + 1.5 * luminance(out))[..., None]
        return mix(colour("#2b292e"), out * 1.1, 0.5 + 0.5 * tooth)
    return out * (weave(m, 3.4, 0.04) if m.variant == "oil" else 1)


def rainwater(m):
    sway = 3.2 * m.k
    dx, dy = noise(m.rng, m.h, m.w, 26 * m.k) * sway, noise(m.rng, m.h, m.w, 26 * m.k) * sway
    rgb, ids = warp(m.rgb, dx, dy), warp(m.ids, dx, dy)
    line = edges(ids, 1)
    wet = smoothstep(-0.3, 0.9, clouds(m.rng, m.h, m.w, 120 * m.k, 2))[..., None]
    rgb = mix(mix(rgb, region_means(rgb, ids), 0.35), blur(rgb, 9 * m.k), 0.15 + 0.4 * wet)
    density = 0.8 + 0.16 * clouds(m.rng, m.h, m.w, 70 * m.k, 4)[..., None]
    density = density + 0.5 * blur(line, 1.2 * m.k)[..., None] * (1 - wet * 0.7) + 0.12 * blur(line, 5 * m.k)[..., None]
    bloom = noise(m.rng, m.h, m.w, 75 * m.k)
    density = (
        density
        - 0.1 * smoothstep(1.4, 1.8, bloom)[..., None]
        + 0.13 * (smoothstep(1.36, 1.43, bloom) - smoothstep(1.43, 1.6, bloom))[..., None]
    )
    grain = noise(m.rng, m.h, m.w, 1.8 * m.k)[..., None]
    density = density + 0.05 * grain * (1.4 - luminance(rgb)[..., None])
    inside = margin(m, 0.035, 2.5 * m.k) + 1.6 * m.k * noise(m.rng, m.h, m.w, 7 * m.k)
    fade = smoothstep(0, 5 * m.k, inside)[..., None]
    rim = (smoothstep(0, 3 * m.k, inside) - smoothstep(3 * m.k, 10 * m.k, inside))[..., None]
    density = np.clip(density + 0.18 * rim, 0, 1.25) * fade
    sheet = paper(m, colour("#fbf7ec"), 0.018)
    out = sheet * np.clip(1 - (1 - np.clip(chroma(rgb, 1.25) ** 1.15, 0.03, 1)) * density, 0.02, 1)
    if m.variant == "ink":
        pen = edges(warp(m.ids, 0.5 * dx, 0.5 * dy), 1) * (noise(m.rng, m.h, m.w, 18 * m.k) > -0.75)
        out = mix(out, colour("#3a2a22"), np.clip(blur(pen, 0.6) * 1.3, 0, 1)[..., None] * 0.85 * fade)
    return out


def tidewood(m):
    key, tones = planes(m, 5, 4, 0.085)
    tones = chroma(tones, 1.4)
    flat = mix((tones + 0.07 * (1 - tones))[key], m.rgb, 0.18)
    if m.variant == "blue":
        t = luminance(flat)[..., None]
        flat = np.where(
            t < 0.5,
            mix(colour("#14264f"), colour("#3f6d9f"), t * 2),
            mix(colour("#3f6d9f"), colour("#eee6d0"), t * 2 - 1),
        )
    grain = noise(m.rng, m.h, m.w, 2.4 * m.k, (0.8, 18)) + 0.6 * noise(m.rng, m.h, m.w, 6 * m.k, (0.8, 14))
    out = flat * (1 + 0.028 * grain[..., None]) * (1 + 0.02 * m.rng.standard_normal((m.h, m.w, 1), np.float32))
    band = (
        np.clip(1 - np.linspace(0, 5.5, m.h, dtype=np.float32), 0, 1)[:, None, None] ** 1.4 * (m.dep > 0.9)[..., None]
    )
    out = mix(out, mix(colour("#1c3766"), out, 0.25), band * 0.8)
    lines = np.clip(blur(edges(m.ids, 2 if m.k < 0.9 else 3), 0.55) * 1.15, 0, 1)[..., None]
    out = mix(out, colour("#1d2238") if m.variant != "blue" else colour("#0f1d42"), lines * 0.88)
    if m.variant == "mica":
        spark = (m.rng.random((m.h, m.w)) > 0.965) & (m.dep > 0.8)
        out = mix(out, WHITE, 0.55 * blur(spark.astype(np.float32), 0.6)[..., None] * 2)
    sheet = paper(m, colour("#eee2c6"), 0.022)
    d = margin(m, 0.035)[..., None]
    out = np.where(d > 0, mix(out, sheet, 0.1) * sheet / colour("#eee2c6"), sheet)
    out = mix(out, colour("#22243a"), smoothstep(-2.2 * m.k, -1 * m.k, d) * (1 - smoothstep(-0.2, 0.8 * m.k, d)) * 0.9)
    return _seal(m, out)


def _seal(m, out):
    "A red seal and a title slip in a quiet corner"
    s = int(0.055 * min(m.h, m.w)) + 6
    inset = int(0.035 * min(m.h, m.w)) + int(7 * m.k)
    x0 = m.w - inset - s if m.rng.random() < 0.5 else inset
    y0 = inset
    red, slip = colour("#b8352b"), colour("#f3e8cc")
    slip_h = int(s * 2.6)
    if m.h > slip_h + s + 3 * inset:
        out[y0 : y0 + slip_h, x0 : x0 + s] = slip
        out[y0 : y0 + slip_h, [x0, x0 + s - 1]] = out[[y0, y0 + slip_h - 1], x0 : x0 + s] = colour("#2a2a38")
        strokes = m.rng.random((slip_h // 3, s // 3))
        mark = np.kron(strokes > 0.56, np.ones((3, 3), bool))[: slip_h - 8, : s - 8]
        area = out[y0 + 4 : y0 + 4 + mark.shape[0], x0 + 4 : x0 + 4 + mark.shape[1]]
        gaps = (np.arange(area.shape[0]) % max(s - 3, 4) < 3)[:, None]
        area[mark[: area.shape[0], : area.shape[1]] & ~gaps] = colour("#2a2a38")
        y0 += slip_h + int(4 * m.k)
    out[y0 : y0 + s, x0 : x0 + s] = red
    cut = np.kron(m.rng.random((4, 4)) > 0.5, np.ones((max(s // 6, 1),) * 2, bool))
    a = out[y0 + s // 6 : y0 + s // 6 + cut.shape[0], x0 + s // 6 : x0 + s // 6 + cut.shape[1]]
    a[cut[: a.shape[0], : a.shape[1]]] = slip
    return out


def burin(m):
    lum = drawn(m)
    lo, hi = spread(lum, 2)
    tone = blur(np.clip((lum - lo) / max(hi - lo, 0.05), 0, 1), 1.2 * m.k)
    rank = np.searchsorted(np.sort(tone[::4, ::4].ravel()), tone.ravel()).reshape(tone.shape) / max(
        tone[::4, ::4].size, 1
    )
    dark = 0.93 * (1 - 0.6 * tone - 0.4 * rank.astype(np.float32))
    bend = blur(tone, 9 * m.k) * 15 * m.k + noise(m.rng, m.h, m.w, 60 * m.k) * 2 * m.k
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    pitch, ink = 3.3 * max(m.k, 0.75) * m.hand**0.4, np.zeros((m.h, m.w), np.float32)
    way = np.round(m.ang / (math.pi / 4)) * (math.pi / 4)
    for start, turn in ((0.10, 0.0), (0.45, 0.9), (0.72, -0.75)):
        t = way * (start < 0.3) + turn + (0.15 if start > 0.3 else 0)
        phase = (-x * np.sin(t) + y * np.cos(t) + bend) / pitch
        line = np.abs(phase - np.floor(phase) - 0.5) * 2
        weight = np.clip((dark - start) / 0.62, 0, 1) * 0.95
        ink = np.maximum(ink, smoothstep(-0.22, 0.22, weight - line) * (weight > 0.015))
    ink = np.maximum(ink, np.clip(blur(edges(m.ids, 1), 0.5) * 1.1, 0, 1))
    ink *= 0.93 + 0.07 * noise(m.rng, m.h, m.w, 3)
    sheet = paper(m, colour("#f0e6cf"), 0.025)
    if m.variant == "coloured":
        sheet = sheet * mix(WHITE, chroma(np.clip(blur(m.rgb, 4 * m.k) * 1.25, 0, 1), 1.35), 0.62)
    d = margin(m, 0.05)[..., None]
    film = 0.93 + 0.02 * clouds(m.rng, m.h, m.w, 120 * m.k, 2)[..., None]
    black = colour("#231f20") if m.variant != "brown" else colour("#4d2a17")
    out = mix(sheet * film, black, ink[..., None] * 0.92)
    out = np.where(d > 0, out, paper(m, colour("#f0e6cf"), 0.02))
    plate = smoothstep(-5 * m.k, -3.4 * m.k, d) * (1 - smoothstep(-3.2 * m.k, -1.2 * m.k, d))
    rule = (d > 0) & (d < 1.3 * m.k)
    return mix(mix(out, colour("#8f846c"), plate * 0.35), black, rule * 0.8)


def aureate(m):
    key, tones = planes(m, 5, 3, 0.09)
    flat = mix(tones[key], m.rgb, 0.45)
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    hatch = np.sin((x + y + 3 * noise(m.rng, m.h, m.w, 20 * m.k)) * TAU / (2.9 * max(m.k, 0.8)))
    out = chroma(flat, 1.12) * (1 + 0.05 * hatch[..., None])
    back = m.dep > 0.93
    lines = np.clip(blur(edges(m.ids, 2), 0.6), 0, 1)[..., None]
    out = mix(out, colour("#3a2015"), lines * 0.7)
    pitch = 15 * m.k
    i, j = (x / pitch) % 1 - 0.5, ((y / pitch + 0.5 * np.floor(x / pitch)) % 1) - 0.5
    r = np.hypot(i, j)
    punch = smoothstep(0.13, 0.09, r) + 0.7 * (smoothstep(0.27, 0.3, r) - smoothstep(0.33, 0.36, r))
    leaf = gold(m, 0.09)
    if m.variant == "gold":
        field = leaf * (1 - 0.3 * punch[..., None]) + 0.1 * shift(punch, 1, 1)[..., None]
        cover = blur(back.astype(np.float32), 0.8)[..., None]
        out = mix(out, field, cover * 0.96)
        out = mix(out, leaf * 1.05, 0.75 * (punch * (m.ids % 7 == 3) * ~back)[..., None])
    crackle = np.abs(noise(m.rng, m.h, m.w, 17 * m.k)) < 0.035
    crackle |= np.abs(noise(m.rng, m.h, m.w, 30 * m.k)) < 0.02
    out = mix(out, out * 0.62, 0.5 * blur(crackle.astype(np.float32), 0.5)[..., None])
    return _arch(m, out, leaf)


def gold(m, rub=0.1):
    "Leaf gold on red bole, a little rubbed"
    a = clouds(m.rng, m.h, m.w, 60 * m.k, 3)
    t = 0.55 + 0.22 * a + 0.12 * noise(m.rng, m.h, m.w, 120 * m.k, (1, 0.6))
    g = mix(colour("#8a5a1c"), colour("#f0cf74"), np.clip(t, 0, 1)[..., None])
    sheet = (np.arange(m.w)[None] % int(95 * m.k) < 1.5) | (np.arange(m.h)[:, None] % int(95 * m.k) < 1.5)
    g = mix(g, colour("#9c4a2c"), (np.clip(smoothstep(0.9, 1.6, a) + 0.4 * sheet, 0, 1) * rub * 4)[..., None])
    return g.astype(np.float32)


def _arch(m, out, leaf):
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


def facettism(m):
    y, x = np.arange(m.h, dtype=np.float32)[:, None] / m.h, np.arange(m.w, dtype=np.float32)[None] / m.h
    a, cell = m.w / m.h, np.zeros((m.h, m.w), np.int32)
    main = m.rng.uniform(0, math.pi)
    dist = []
    for k in range(14):
        t = main + m.rng.choice([0, 1.1, 1.75, 2.5]) + m.rng.normal(0, 0.12)
        cx, cy = m.rng.uniform(0.12, 0.88) * a, m.rng.uniform(0.12, 0.88)
        d = (x - cx) * math.cos(t) + (y - cy) * math.sin(t)
        cell |= (d > 0).astype(np.int32) << k
        dist.append(d)
    _, cell = np.unique(cell, return_inverse=True)
    cell = cell.reshape(m.h, m.w)
    n = cell.max() + 1
    strength = 0.034 * m.h
    move = m.rng.normal(0, strength, (n, 2)).astype(np.float32)
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
    edge = edges(cell, 1)
    lit = shift(edge, int(1.6 * m.k) + 1, int(1.6 * m.k) + 1)
    out = mix(out, colour("#efe6d2"), 0.22 * blur(lit, 0.7)[..., None])
    strength = smoothstep(-0.7, 0.9, noise(m.rng, m.h, m.w, 70 * m.k))[..., None]
    out = mix(out, colour("#1f1b1a"), np.clip(blur(edge, 0.6) * 1.2, 0, 1)[..., None] * (0.3 + 0.5 * strength))
    out = mix(out, colour("#221d1c"), np.clip(blur(edges(ids, 1), 0.6), 0, 1)[..., None] * 0.45)
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


def tessera(m):
    p = 8.2 * m.k * m.hand**0.4
    gh, gw = int(m.h / p) + 9, int(m.w / p) + 9
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
    lit = np.clip((second - first) - shift(second - first, 1, 1), -1, 1)[..., None]
    return mix(grout, np.clip(out + 0.16 * lit, 0, 1), gap)


def smoke(m):
    lum = drawn(m)
    lo, hi = spread(lum, 1)
    tone = np.clip((lum - lo) / max(hi - lo, 0.05), 0, 1)
    soft = mix(tone, blur(tone, 8 * m.k), 0.35 + 0.3 * smoothstep(-0.5, 1, noise(m.rng, m.h, m.w, 80 * m.k)))
    tooth = noise(m.rng, m.h, m.w, 1.3) * 0.8 + noise(m.rng, m.h, m.w, 2.6 * m.k, (0.7, 1.8)) * 0.35
    sweep = noise(m.rng, m.h, m.w, 3 * m.k, (5, 0.7))
    dark = (1 - soft) ** 1.05
    mark = smoothstep(0.12, 0.95, dark + 0.11 * tooth + 0.05 * sweep * (dark > 0.12))
    rub = dark**0.9 * 0.8
    contour = np.clip(blur(edges(m.ids, 3), 1.0 * m.k) * 1.25, 0, 1) * smoothstep(
        -1.2, 0.8, noise(m.rng, m.h, m.w, 30 * m.k) + 0.4
    )
    ink = np.clip(np.maximum(0.5 * mark + 0.5 * rub, contour * (0.66 + 0.12 * tooth)), 0, 1)
    inside = smoothstep(-2 * m.k, 16 * m.k, margin(m, 0.03, 3 * m.k) + 3 * m.k * tooth + 3 * m.k * sweep)
    ink = (ink * inside)[..., None]
    ground = {"black": "#efe9dc", "toned": "#b5a48a", "red": "#f0e4cd"}[m.variant]
    stick = {"black": "#1c1a1b", "toned": "#221d1b", "red": "#8c3420"}[m.variant]
    out = mix(paper(m, colour(ground), 0.035), colour(stick), ink * 0.94)
    if m.variant == "toned":
        chalk = smoothstep(0.72, 0.96, soft + 0.12 * tooth) * inside
        out = mix(out, colour("#f7f1e4"), chalk[..., None] * 0.85)
    return out


def scissorism(m):
    wob = 1.7 * m.k
    dx, dy = noise(m.rng, m.h, m.w, 30 * m.k) * wob, noise(m.rng, m.h, m.w, 30 * m.k) * wob
    key, tones = planes(m, 3, 7, 0.2)
    tones = nearest(chroma(tones, 1.35), m.inks, 0.92)
    key, dep = warp(key, dx, dy), warp(m.dep, dx, dy)
    sheet_of = m.rng.normal(0, 0.02, (len(tones), 1))
    out = (tones + sheet_of).astype(np.float32)[key]
    brush = noise(m.rng, m.h, m.w, 2.2 * m.k, (1, 7)) + 0.5 * noise(m.rng, m.h, m.w, 70 * m.k)
    out = out * (1 + 0.025 * brush[..., None])
    o = max(2, int(3 * m.k))
    above = shift(dep, o, o) < dep - 0.008
    shade = blur(above.astype(np.float32), 1.4 * m.k)[..., None]
    out = out * (1 - (0.42 if m.variant == "layers" else 0.28) * shade)
    rim = (shift(key, -1, -1) != key)[..., None] & (shift(dep, -1, -1) > dep + 0.008)[..., None]
    out = mix(out, WHITE, 0.45 * rim)
    d = margin(m, 0.022, 2.2 * m.k)
    white = paper(m, colour("#f8f3e6"), 0.02)
    edge = blur((d > 0).astype(np.float32), 0.7)[..., None]
    drop = blur((shift(d, o, o) > 0).astype(np.float32), 2)[..., None]
    return mix(white * (1 - 0.22 * drop), out, edge)


def signalism(m):
    if m.variant == "four":
        half = SimpleNamespace(**{**vars(m), "variant": "plain"})
        h, w = m.h // 2, m.w // 2
        for name in ("rgb", "ids", "dep", "ang"):
            setattr(half, name, getattr(m, name)[::2, ::2][:h, :w])
        half.h, half.w, half.k = h, w, m.k * 0.62
        out = np.empty((m.h, m.w, 3), np.float32)
        out[:] = colour("#101018")
        for k in range(4):
            y0, x0 = (k // 2) * (m.h - h), (k % 2) * (m.w - w)
            out[y0 : y0 + h, x0 : x0 + w] = _screen(
                half, np.roll(np.arange(len(m.inks)), 3 * k) if k else None, frame=0.0
            )
        g = max(2, int(2.5 * m.k))
        out[m.h // 2 - g : m.h // 2 + g] = out[:, m.w // 2 - g : m.w // 2 + g] = colour("#fbf7ee")
        return out
    return _screen(m)


def _screen(m, order=None, frame=0.028):
    "One pull of the screen; `order` swaps the inks"
    key, tones = planes(m, 3, 4, 0.13)
    inks = np.stack(m.inks)
    bright = chroma(tones, 1.7)
    d = ((bright[:, None] - inks[None]) ** 2).sum(2) + 2.2 * (luminance(bright)[:, None] - luminance(inks)[None]) ** 2
    best = d.argmin(1)
    if order is not None:
        keep = (luminance(inks) < 0.12)[best]
        best = np.where(keep, best, np.asarray(order)[best])
    flat = inks[best].astype(np.float32)[key]
    if m.variant == "silver":
        sheen = (
            0.72
            + 0.12 * noise(m.rng, m.h, m.w, 130 * m.k, (2, 0.5))
            + 0.03 * m.rng.standard_normal((m.h, m.w), np.float32)
        )
        flat = np.where((m.dep > 0.9)[..., None], (sheen[..., None] * np.array([0.97, 0.99, 1.03], np.float32)), flat)
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    pitch = 6.4 * m.k if m.k > 0.5 else 4.2
    c, s = math.cos(0.45), math.sin(0.45)
    u, v = (x * c + y * s) / pitch % 1 - 0.5, (-x * s + y * c) / pitch % 1 - 0.5
    lum = luminance(blur(m.rgb, 2.5 * m.k))
    lo, hi = spread(lum, 3)
    t = np.clip((lum - lo) / max(hi - lo, 0.05), 0, 1)
    radius = 0.62 * np.sqrt(np.clip(0.78 - t, 0, 0.8))
    dots = smoothstep(radius + 0.09, radius - 0.09, np.hypot(u, v)) * (radius > 0.14)
    black = colour("#101018")
    second = mix(flat, black, 0.62) if m.rng.random() < 0.5 else mix(flat, inks[int(m.rng.integers(0, 6))] * 0.8, 0.85)
    off = int(1.5 * m.k) + 1
    out = mix(flat, second, 0.8 * dots[..., None])
    lines = np.clip(blur(edges(m.ids, 3 if m.k > 0.5 else 1), 0.6) * 1.25, 0, 1)[..., None]
    out = mix(shift(out, off, -off), black, lines * 0.95)
    out = out * (1 + 0.012 * noise(m.rng, m.h, m.w, 3)[..., None])
    return np.where((margin(m, frame) > 0)[..., None], out, colour("#fbf7ee")) if frame else out


def stillfield(m):
    n = int(m.rng.integers(2, 5))
    rows = blur(m.rgb, 12 * m.k)
    cut = np.sort(m.rng.uniform(0.2, 0.8, n - 1)) if n > 2 else m.rng.uniform(0.38, 0.66, 1)
    cut = np.r_[0, cut, 1]
    while np.diff(cut).min() < 0.12:
        cut = np.r_[0, np.sort(m.rng.uniform(0.14, 0.86, n - 1)), 1]
    ground = mix(
        m.pal["dark"], m.pal[str(m.rng.choice(["acc", "near", "far", "low", "water"]))], m.rng.uniform(0.35, 0.8)
    )
    y = (
        np.linspace(0, 1, m.h, dtype=np.float32)[:, None]
        + 0.0035 * noise(m.rng, m.h, m.w, 55 * m.k)
        + 0.0012 * noise(m.rng, m.h, m.w, 5 * m.k)
    )
    x = (
        np.linspace(0, 1, m.w, dtype=np.float32)[None]
        + 0.0035 * noise(m.rng, m.h, m.w, 55 * m.k)
        + 0.0012 * noise(m.rng, m.h, m.w, 5 * m.k)
    )
    wash = clouds(m.rng, m.h, m.w, 110 * m.k, 5)[..., None]
    out = np.clip(ground * (1 + 0.09 * wash), 0, 1)
    bx, by, gap = m.rng.uniform(0.05, 0.1), m.rng.uniform(0.04, 0.07), m.rng.uniform(0.012, 0.03)
    feather = {"oil": 0.022, "acrylic": 0.011, "linen": 0.034}[m.variant]
    strong = m.rng.permutation(["acc", "acc2", "water", "low", "near", "light", "dark", "mid"])
    for k, (a, b) in enumerate(zip(cut[:-1], cut[1:])):
        a, b = float(a), float(b)
        top, bottom = by + a * (1 - 2 * by) + gap / 2, by + b * (1 - 2 * by) - gap / 2
        part = rows[int(a * m.h) : max(int(b * m.h), int(a * m.h) + 1)].reshape(-1, 3).mean(0)
        hue = chroma(mix(part, m.pal[str(strong[k])], 0.68).astype(np.float32), 1.15)
        if luminance(np.abs(hue - ground)) < 0.09:
            hue = mix(hue, m.pal["light"], 0.4)
        edge = (
            smoothstep(-feather, feather, x - bx)
            * smoothstep(-feather, feather, 1 - bx - x)
            * smoothstep(-feather, feather, y - top)
            * smoothstep(-feather, feather, bottom - y)
        )[..., None]
        inner = clouds(m.rng, m.h, m.w, 85 * m.k, 4, (0.8, 1.3))[..., None]
        memory = (rows - part)[..., :] * 0.62
        body = np.clip(hue * (1 + 0.075 * inner) + memory, 0, 1)
        glow = blur(edge[..., 0], 22 * m.k)[..., None]
        out = mix(out, body, edge * (0.86 + 0.12 * glow))
    brush = noise(m.rng, m.h, m.w, 3 * m.k, (0.7, 9))[..., None]
    return np.clip(out * (1 + 0.018 * brush), 0, 1) * weave(
        m, 3.2 if m.variant != "linen" else 4.5, 0.03 if m.variant != "acrylic" else 0.012
    )


MANNERS = {
    "Lumenism": lumenism,
    "Whorlism": whorlism,
    "Granulism": granulism,
    "Vesper School": vesper,
    "Rainwater School": rainwater,
    "Tidewood School": tidewood,
    "Burin Circle": burin,
    "Aureate School": aureate,
    "Facettism": facettism,
    "Tessera Revival": tessera,
    "Smoke Circle": smoke,
    "Scissorism": scissorism,
    "Signalism": signalism,
    "Stillfield": stillfield,
}

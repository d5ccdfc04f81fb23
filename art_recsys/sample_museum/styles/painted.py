"""Styles with a brush: Lumenism, Whorlism, Granulism, Vesper, Rainwater, Stillfield."""

import itertools

import numpy as np

from ..pixels import blur, chroma, clouds, colour, luminance, mix, noise, region_means, smoothstep, warp
from .tools import WHITE, Painting, blur01, broken, dabs, detail, margin, paper, pick, relief, scatter, vignette, weave


def lumenism(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Lumenism: broken touches of bright colour"
    ground = colour("#d8c6a6" if m.variant != "pastel" else "#b9b3ab")
    out = mix(blur(m.rgb, 5 * m.k), ground, 0.2).astype(np.float32)
    height = np.zeros((m.h, m.w), np.float32)
    turn = m.ang + 0.35 * noise(m.rng, m.h, m.w, 50 * m.k)
    violet = np.array([0.30, 0.26, 0.48], np.float32)
    for cover, long, wide, where in ((1.1, 24, 7.5, None), (1.0, 14, 4.6, None), (0.7, 9, 3.2, detail(m))):
        ln, wd = long * m.k * m.hand, wide * m.k * m.hand
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
    return relief(out, height, 0.13, m.px(1)) * (weave(m, depth=0.025) if m.variant == "oil" else 1)


def whorlism(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Whorlism: long strokes that follow eddies"
    eddy = noise(m.rng, m.h, m.w, 90 * m.k)
    gy, gx = np.gradient(blur01(eddy))
    turn = np.arctan2(gx, -gy)
    turn = np.where(m.dep > 0.75, turn, m.ang + 1.1 * noise(m.rng, m.h, m.w, 60 * m.k))
    rgb = m.rgb * (1 - 0.5 * blur(m.lines(m.ids, 3), 1.2 * m.k)[..., None])
    out = mix(blur(m.rgb, 6 * m.k), m.pal["dark"], 0.35).astype(np.float32)
    height = np.zeros((m.h, m.w), np.float32)
    rgb = mix(rgb, np.sqrt(rgb), 0.45 * float(np.clip(1 - 2 * luminance(rgb).mean(), 0, 1)))
    for cover, long, wide, where in ((1.1, 32, 7, None), (1.1, 22, 4.6, None), (0.8, 10, 3.0, detail(m))):
        ln, wd = long * m.k * m.hand, wide * m.k * m.hand
        at = scatter(m, cover, ln, wd, where)
        fills = chroma(broken(m, pick(m, rgb, at), 0.045, 0.055), 1.25)
        t = pick(m, turn, at) + m.rng.normal(0, 0.1, len(at))
        dabs(m, out, height, at, t, ln, wd, fills, 0.12 * m.rng.choice([-1, 1]), 0.09)
    strength = {"oil": 0.2, "jute": 0.22, "gouache": 0.06}[m.variant]
    return relief(out, height, strength, m.px(1)) * (weave(m, 5, 0.07) if m.variant == "jute" else 1)


def granulism(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Granulism: dots of pure colour"
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


def vesper(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Vesper School: dark glazes and soft light"
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


def rainwater(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Rainwater School: watercolour washes"
    sway = 3.2 * m.k
    dx, dy = noise(m.rng, m.h, m.w, 26 * m.k) * sway, noise(m.rng, m.h, m.w, 26 * m.k) * sway
    rgb, ids = warp(m.rgb, dx, dy), warp(m.ids, dx, dy)
    line = m.lines(ids)
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
        pen = m.lines(warp(m.ids, 0.5 * dx, 0.5 * dy)) * (noise(m.rng, m.h, m.w, 18 * m.k) > -0.75)
        out = mix(out, colour("#3a2a22"), np.clip(blur(pen, 0.6 * m.zoom) * 1.3, 0, 1)[..., None] * 0.85 * fade)
    return out


def stillfield(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Stillfield: large quiet fields of colour"
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
    for k, (a, b) in enumerate(itertools.pairwise(cut)):
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

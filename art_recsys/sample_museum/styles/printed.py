"""Styles printed or drawn: Tidewood, Burin, Signalism, Smoke."""

import math
from dataclasses import replace

import numpy as np

from ..pixels import blur, chroma, clouds, colour, luminance, mix, noise, shift, smoothstep
from ..replay import kept
from .tools import WHITE, Painting, drawn, margin, paper, planes, spread


def tidewood(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Tidewood School: woodblock print"
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
    lines = np.clip(blur(m.lines(m.ids, 2 if m.base < 0.9 else 3), 0.55 * m.zoom) * 1.15, 0, 1)[..., None]
    out = mix(out, colour("#1d2238") if m.variant != "blue" else colour("#0f1d42"), lines * 0.88)
    if m.variant == "mica":
        spark = (m.rng.random((m.h, m.w)) > 0.965) & (m.dep > 0.8)
        out = mix(out, WHITE, 0.55 * blur(spark.astype(np.float32), 0.6 * m.zoom)[..., None] * 2)
    sheet = paper(m, colour("#eee2c6"), 0.022)
    d = margin(m, 0.035)[..., None]
    out = np.where(d > 0, mix(out, sheet, 0.1) * sheet / colour("#eee2c6"), sheet)
    out = mix(out, colour("#22243a"), smoothstep(-2.2 * m.k, -1 * m.k, d) * (1 - smoothstep(-0.2, 0.8 * m.k, d)) * 0.9)
    return _seal(m, out)


def _seal(m: Painting, out: np.ndarray) -> np.ndarray:
    "A red seal and a title slip in a quiet corner; an enlarged picture has those of the small one, pixel by pixel"
    h, w = m.small()
    stamp = _stamp(m, np.full((h, w, 3), np.nan, np.float32), h, w)
    if m.zoom != 1:
        stamp = stamp[np.arange(m.h) * h // m.h][:, np.arange(m.w) * w // m.w]
    return np.where(np.isnan(stamp), out, stamp)


def _stamp(m: Painting, out: np.ndarray, h: int, w: int) -> np.ndarray:
    "Seal and slip on an empty sheet `out` of `h` by `w` pixels"
    s = int(0.055 * min(h, w)) + 6
    inset = int(0.035 * min(h, w)) + int(7 * m.base)
    x0 = w - inset - s if m.rng.random() < 0.5 else inset
    y0 = inset
    red, slip = colour("#b8352b"), colour("#f3e8cc")
    slip_h = int(s * 2.6)
    if h > slip_h + s + 3 * inset:
        out[y0 : y0 + slip_h, x0 : x0 + s] = slip
        out[y0 : y0 + slip_h, [x0, x0 + s - 1]] = out[[y0, y0 + slip_h - 1], x0 : x0 + s] = colour("#2a2a38")
        strokes = m.rng.random((slip_h // 3, s // 3))
        mark = np.kron(strokes > 0.56, np.ones((3, 3), bool))[: slip_h - 8, : s - 8]
        area = out[y0 + 4 : y0 + 4 + mark.shape[0], x0 + 4 : x0 + 4 + mark.shape[1]]
        gaps = (np.arange(area.shape[0]) % max(s - 3, 4) < 3)[:, None]
        area[mark[: area.shape[0], : area.shape[1]] & ~gaps] = colour("#2a2a38")
        y0 += slip_h + int(4 * m.base)
    out[y0 : y0 + s, x0 : x0 + s] = red
    cut = np.kron(m.rng.random((4, 4)) > 0.5, np.ones((max(s // 6, 1),) * 2, bool))
    a = out[y0 + s // 6 : y0 + s // 6 + cut.shape[0], x0 + s // 6 : x0 + s // 6 + cut.shape[1]]
    a[cut[: a.shape[0], : a.shape[1]]] = slip
    return out


def burin(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Burin Circle: engraved lines"
    lum = drawn(m)
    lo, hi = spread(lum, 2)
    tone = blur(np.clip((lum - lo) / max(hi - lo, 0.05), 0, 1), 1.2 * m.k)
    rank = np.searchsorted(np.sort(tone[::4, ::4].ravel()), tone.ravel()).reshape(tone.shape) / max(
        tone[::4, ::4].size, 1
    )
    dark = 0.93 * (1 - 0.6 * tone - 0.4 * rank.astype(np.float32))
    bend = blur(tone, 9 * m.k) * 15 * m.k + noise(m.rng, m.h, m.w, 60 * m.k) * 2 * m.k
    y, x = np.arange(m.h, dtype=np.float32)[:, None], np.arange(m.w, dtype=np.float32)[None]
    pitch, ink = 3.3 * max(m.base, 0.75) * m.zoom * m.hand**0.4, np.zeros((m.h, m.w), np.float32)
    way = np.round(m.ang / (math.pi / 4)) * (math.pi / 4)
    for start, turn in ((0.10, 0.0), (0.45, 0.9), (0.72, -0.75)):
        t = way * (start < 0.3) + turn + (0.15 if start > 0.3 else 0)
        phase = (-x * np.sin(t) + y * np.cos(t) + bend) / pitch
        line = np.abs(phase - np.floor(phase) - 0.5) * 2
        weight = np.clip((dark - start) / 0.62, 0, 1) * 0.95
        ink = np.maximum(ink, smoothstep(-0.22, 0.22, weight - line) * (weight > 0.015))
    ink = np.maximum(ink, np.clip(blur(m.lines(m.ids), 0.5 * m.zoom) * 1.1, 0, 1))
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


def smoke(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Smoke Circle: charcoal"
    lum = drawn(m)
    lo, hi = spread(lum, 1)
    tone = np.clip((lum - lo) / max(hi - lo, 0.05), 0, 1)
    soft = mix(tone, blur(tone, 8 * m.k), 0.35 + 0.3 * smoothstep(-0.5, 1, noise(m.rng, m.h, m.w, 80 * m.k)))
    tooth = noise(m.rng, m.h, m.w, 1.3) * 0.8 + noise(m.rng, m.h, m.w, 2.6 * m.k, (0.7, 1.8)) * 0.35
    sweep = noise(m.rng, m.h, m.w, 3 * m.k, (5, 0.7))
    dark = (1 - soft) ** 1.05
    mark = smoothstep(0.12, 0.95, dark + 0.11 * tooth + 0.05 * sweep * (dark > 0.12))
    rub = dark**0.9 * 0.8
    contour = np.clip(blur(m.lines(m.ids, 3), 1.0 * m.k) * 1.25, 0, 1) * smoothstep(
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


def signalism(
    m: Painting,  # the painted canvas, with its random stream
) -> np.ndarray:  # RGB, [h, w, 3]
    "Signalism: screen print, one pull or four"
    if m.variant == "four":
        half = replace(m, variant="plain")
        h, w = m.h // 2, m.w // 2
        for name in ("rgb", "ids", "dep", "ang"):
            setattr(half, name, getattr(m, name)[::2, ::2][:h, :w])
        half.h, half.w, half.base = h, w, m.base * 0.62
        out = np.empty((m.h, m.w, 3), np.float32)
        out[:] = colour("#101018")
        for k in range(4):
            y0, x0 = (k // 2) * (m.h - h), (k % 2) * (m.w - w)
            out[y0 : y0 + h, x0 : x0 + w] = _screen(
                half, np.roll(np.arange(len(m.inks)), 3 * k) if k else None, frame=0.0
            )
        g = m.px(max(2, int(2.5 * m.base)))
        out[m.h // 2 - g : m.h // 2 + g] = out[:, m.w // 2 - g : m.w // 2 + g] = colour("#fbf7ee")
        return out
    return _screen(m)


def _screen(m: Painting, order: np.ndarray | None = None, frame: float = 0.028) -> np.ndarray:
    "One pull of the screen; `order` swaps the inks"
    key, tones = planes(m, 3, 4, 0.13)
    inks = np.stack(m.inks)
    bright = chroma(tones, 1.7)
    d = ((bright[:, None] - inks[None]) ** 2).sum(2) + 2.2 * (luminance(bright)[:, None] - luminance(inks)[None]) ** 2
    best = kept(m.rng, d.argmin(1))
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
    pitch = 6.4 * m.k if m.base > 0.5 else 4.2 * m.zoom
    c, s = math.cos(0.45), math.sin(0.45)
    u, v = (x * c + y * s) / pitch % 1 - 0.5, (-x * s + y * c) / pitch % 1 - 0.5
    lum = luminance(blur(m.rgb, 2.5 * m.k))
    lo, hi = spread(lum, 3)
    t = np.clip((lum - lo) / max(hi - lo, 0.05), 0, 1)
    radius = 0.62 * np.sqrt(np.clip(0.78 - t, 0, 0.8))
    dots = smoothstep(radius + 0.09, radius - 0.09, np.hypot(u, v)) * (radius > 0.14)
    black = colour("#101018")
    second = mix(flat, black, 0.62) if m.rng.random() < 0.5 else mix(flat, inks[int(m.rng.integers(0, 6))] * 0.8, 0.85)
    off = m.px(int(1.5 * m.base) + 1)
    out = mix(flat, second, 0.8 * dots[..., None])
    lines = np.clip(blur(m.lines(m.ids, 3 if m.base > 0.5 else 1), 0.6 * m.zoom) * 1.25, 0, 1)[..., None]
    out = mix(shift(out, off, -off), black, lines * 0.95)
    out = out * (1 + 0.012 * noise(m.rng, m.h, m.w, 3)[..., None])
    return np.where((margin(m, frame) > 0)[..., None], out, colour("#fbf7ee")) if frame else out

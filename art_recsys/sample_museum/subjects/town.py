"""Towns: a city at night, a bridge, a village."""

import math

import numpy as np

from ..canvas import Canvas
from ..pixels import mix, ridge, spline
from .shared import BLACK, WHITE, boat, crown, firs


def night_city(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "Lit windows and lamps along the water"
    p, r, y = c.pal, c.rng, c.rng.uniform(0.66, 0.74)
    c.sky(y, 0.35)
    if f["night"]:
        n = 40
        c.dots(
            np.stack([r.uniform(0, c.a, n), r.uniform(0, 0.4, n)], 1),
            r.uniform(0.001, 0.0035, n),
            p["light"],
            depth=0.97,
        )
        mx = r.uniform(0.15, 0.85) * c.a
        c.glow(mx, 0.16, 0.25, p["light"], 0.5)
        c.ellipse(mx, 0.16, 0.035, 0.035, p["light"], depth=0.96)
    for layer in range(3):
        x = -0.05
        while x < c.a:
            w, top = r.uniform(0.07, 0.17), r.uniform(0.16, 0.34 + 0.12 * (2 - layer))
            wall = mix(mix(p["far"], p["near"], layer / 2), p["dark"], 0.25 + 0.2 * layer)
            t = y + 0.01 - top * (1.15 - 0.15 * layer)
            c.rect(x, t, x + w, y + 0.02, wall, mix(wall, p["low"], 0.22), depth=0.8 - 0.2 * layer, angle=1.5)
            kind = r.integers(0, 4)
            if kind == 0:
                c.poly([(x, t), (x + w / 2, t - 0.05), (x + w, t)], mix(wall, p["dark"], 0.4), depth=0.8 - 0.2 * layer)
            elif kind == 1:
                c.line([(x + w / 2, t), (x + w / 2, t - 0.08)], wall, 0.006, depth=0.8 - 0.2 * layer)
            elif kind == 2:
                c.ellipse(x + w / 2, t, w * 0.3, 0.04, mix(wall, p["acc"], 0.25), depth=0.8 - 0.2 * layer)
            cols, lit = max(2, int(w / 0.026)), []
            for i in range(cols):
                for wy in np.arange(t + 0.025, y - 0.01, 0.034):
                    if r.random() < 0.2 + 0.22 * layer:
                        lit.append((x + w * (i + 0.5) / cols, wy))
            reg = None
            for wx, wy in lit:
                tone = mix(p["acc2"], p["light"] if r.random() < 0.6 else p["acc"], r.uniform(0, 0.6))
                reg = c.rect(wx - 0.0055, wy, wx + 0.0055, wy + 0.017, tone, depth=0.78 - 0.2 * layer, region=reg)
            x += w + r.uniform(-0.01, 0.015)
    c.glow(c.a * 0.5, y, 0.55, p["acc2"], 0.3)
    c.rect(-0.01, y, c.a + 0.01, 1.01, mix(p["dark"], p["water"], 0.4), p["dark"], depth=0.4)
    c.water(y + 0.012, strength=0.85, ripple=1.1)
    for k in range(int(c.a * 5)):
        lx = (k + 0.5) / 5 + r.uniform(-0.02, 0.02)
        c.line([(lx, y + 0.02), (lx, y - 0.075)], mix(p["dark"], BLACK, 0.3), 0.005, depth=0.2)
        c.glow(lx, y - 0.08, 0.075, p["acc2"], 0.85)
        c.ellipse(lx, y - 0.08, 0.009, 0.009, mix(p["light"], WHITE, 0.3), depth=0.2)
        c.glow(lx, y + 0.12, 0.07, p["acc2"], 0.35)


def river_bridge(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A bridge of several arches over a river"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.4, 0.48)
    c.sky(hz + 0.02, 0.6, (c.a * r.uniform(0.15, 0.85), 0.17, 0.035))
    for k in range(2):
        tone = mix(p["far"], p["mid"], 0.45 * k)
        c.below(
            ridge(r, c.a, hz + 0.03 * k, 0.14 - 0.04 * k),
            tone,
            mix(tone, p["low"], 0.35),
            bottom=hz + 0.1,
            depth=0.85 - 0.1 * k,
        )
    for _k in range(9):
        crown(
            c,
            r.uniform(0, c.a),
            hz + r.uniform(-0.01, 0.04),
            r.uniform(0.03, 0.06),
            (p["near"], mix(p["mid"], p["light"], 0.3)),
            26,
            depth=0.7,
        )
    c.rect(
        -0.01, hz + 0.06, c.a + 0.01, 1.01, mix(p["water"], p["low"], 0.3), mix(p["water"], p["near"], 0.35), depth=0.68
    )
    c.below(
        ridge(r, c.a, hz + 0.13, 0.035),
        mix(p["mid"], p["near"], 0.4),
        mix(p["near"], p["dark"], 0.25),
        bottom=hz + 0.15,
        depth=0.67,
    )
    deck, n = hz + 0.015, int(r.integers(2, 5))
    stone = mix(p["acc2"], p["far"], 0.55) if r.random() < 0.7 else mix(p["acc"], p["far"], 0.4)
    span, x, low = c.a / n, np.linspace(0, c.a, 120), hz + 0.17
    arch = low - np.sqrt(np.clip(1 - ((x % span - span / 2) / (span * 0.41)) ** 2, 0, 1)) * 0.13
    top = deck - 0.035 * np.sin(x / c.a * math.pi)
    c.poly(
        np.vstack([np.stack([x, top], 1), np.stack([x, arch], 1)[::-1]]),
        mix(stone, p["light"], 0.3),
        mix(stone, p["dark"], 0.42),
        depth=0.5,
    )
    for dy, tone in ((0, mix(stone, p["light"], 0.55)), (0.014, mix(stone, p["dark"], 0.3))):
        c.line(np.stack([x, top + dy], 1), tone, 0.009, depth=0.49)
    for _k in range(r.integers(2, 6)):
        fx = r.uniform(0.1, 0.9) * c.a
        fy = deck - 0.035 * math.sin(fx / c.a * math.pi)
        c.line([(fx, fy), (fx, fy - 0.03)], p[r.choice(["acc", "dark", "near"])], 0.011, depth=0.48)
        c.ellipse(fx, fy - 0.036, 0.006, 0.008, p["dark"], depth=0.48)
    c.water(low - 0.005, strength=0.72)
    side = r.choice([-1, 1])
    bank = [(0, 0.74), (c.a * 0.3, 0.84), (c.a * 0.48, 1.02), (0, 1.02)]
    bank = bank if side < 0 else [(c.a - bx, by) for bx, by in bank]
    c.poly(spline(bank, n=6), mix(p["mid"], p["near"], 0.5), mix(p["near"], p["dark"], 0.3), depth=0.2, angle=0.3)
    bx = 0.1 if side < 0 else c.a - 0.1
    c.line([(bx, 0.9), (bx + 0.015, 0.55)], mix(p["dark"], p["acc2"], 0.2), 0.028, depth=0.15)
    for k in range(3):
        crown(
            c,
            bx + r.normal(0, 0.06),
            0.42 - 0.07 * k,
            0.15 - 0.02 * k,
            (mix(p["near"], p["dark"], 0.3), mix(p["mid"], p["acc2"], 0.35)),
            80,
            depth=0.12,
        )
    if r.random() < 0.7:
        boat(c, c.a * (0.62 if side < 0 else 0.36), 0.82, 0.085, False)


def village(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A village on a slope, in summer or in snow"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.4, 0.5)
    snow = f["snow"]
    white = mix(p["light"], WHITE, 0.3)
    c.sky(hz, 0.5)
    for k in range(2):
        o = ridge(r, c.a, hz + 0.04, 0.26 - 0.12 * k)
        tone = mix(p["far"], p["mid"], 0.4 * k)
        c.below(o, mix(tone, white, 0.5 * snow), mix(tone, p["low"], 0.3), depth=0.9 - 0.1 * k, bottom=hz + 0.15)
    for k in range(3):
        o = ridge(r, c.a, hz + 0.1 + 0.17 * k, 0.09)
        tone = mix(white, p["far"], 0.12 + 0.08 * k) if snow else mix(p["mid"], p["near"], 0.4 * k)
        c.below(o, tone, mix(tone, p["far"] if snow else p["dark"], 0.3), depth=0.7 - 0.2 * k, angle=0.2)
        for x in np.sort(r.uniform(0.04, 0.96, 5 - k)) * c.a:
            y, s = float(np.interp(x, o[:, 0], o[:, 1])) + 0.012, 0.05 + 0.035 * k
            wall = mix(p[r.choice(["acc", "acc2", "low", "near"])], p["light"], r.uniform(0.05, 0.5))
            if k == 1 and abs(x - c.a / 2) < 0.14 * c.a:
                c.rect(
                    x - 0.03,
                    y - 0.2,
                    x + 0.03,
                    y,
                    mix(p["light"], p["far"], 0.2),
                    mix(p["light"], p["far"], 0.5),
                    depth=0.5,
                    angle=1.5,
                )
                c.poly(
                    [(x - 0.036, y - 0.2), (x, y - 0.36), (x + 0.036, y - 0.2)],
                    mix(p["acc"], p["dark"], 0.35),
                    depth=0.5,
                )
            c.rect(x - s, y - s, x + s, y + 0.01, wall, mix(wall, p["dark"], 0.25), depth=0.55 - 0.2 * k)
            c.poly(
                [
                    (x + s * 0.45, y - s * 1.2),
                    (x + s * 0.45, y - s * 1.8),
                    (x + s * 0.65, y - s * 1.8),
                    (x + s * 0.65, y - s * 1.2),
                ],
                mix(wall, p["dark"], 0.4),
                depth=0.5,
            )
            roof = white if snow else mix(p["acc"], p["dark"], r.uniform(0.1, 0.4))
            c.poly(
                [
                    (x - s * 1.25, y - s * 0.9),
                    (x - s * 0.55, y - s * 1.6),
                    (x + s * 0.55, y - s * 1.6),
                    (x + s * 1.25, y - s * 0.9),
                ],
                roof,
                mix(roof, p["far"], 0.35),
                depth=0.5 - 0.2 * k,
            )
            for wx in (-0.5, 0.5):
                glow = r.random() < f["lit"] + 0.3
                tone = mix(p["acc2"], p["light"], 0.4) if glow else mix(p["dark"], p["water"], 0.4)
                if glow:
                    c.glow(x + wx * s, y - s * 0.45, s * 1.1, p["acc2"], 0.35)
                c.rect(x + (wx - 0.15) * s, y - s * 0.65, x + (wx + 0.15) * s, y - s * 0.28, tone, depth=0.5 - 0.2 * k)
        firs(c, hz + 0.12 + 0.17 * k, 0.09 + 0.05 * k, 5) if snow else None
        for _t in range(3):
            x = r.uniform(0, c.a)
            y = float(np.interp(x, o[:, 0], o[:, 1])) + 0.02
            if not snow:
                crown(
                    c,
                    x,
                    y - 0.05,
                    0.04 + 0.02 * k,
                    (mix(p["near"], p["dark"], 0.3), mix(p["mid"], p["light"], 0.3)),
                    40,
                    depth=0.5 - 0.2 * k,
                )
    if snow:
        n = int(130 * c.a)
        c.dots(np.stack([r.uniform(0, c.a, n), r.uniform(0, 1, n)], 1), r.uniform(0.0015, 0.0045, n), white, depth=0.1)

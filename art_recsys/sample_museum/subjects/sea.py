"""Subjects by the sea: harbour, storm, moonlight, lighthouse."""

import math

import numpy as np

from ..canvas import Canvas
from ..pixels import TAU, mix, ridge, spline
from .shared import WHITE, boat


def harbour(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A harbour: gabled houses, quay and boats"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.4, 0.52)
    c.sky(hz + 0.02, 0.6, (c.a * r.uniform(0.2, 0.8), hz * r.uniform(0.35, 0.7), 0.035))
    c.below(ridge(r, c.a, hz + 0.01, 0.12), p["far"], mix(p["far"], p["low"], 0.4), bottom=hz + 0.02, depth=0.85)
    left = r.random() < 0.5
    x = 0.0
    while x < c.a * 0.55:
        w, top = r.uniform(0.06, 0.13), r.uniform(0.09, 0.2)
        x0 = x if left else c.a - x - w
        wall = mix(p[r.choice(["low", "acc2", "mid", "acc", "light"])], p["far"], r.uniform(0.1, 0.45))
        c.rect(x0, hz - top, x0 + w, hz + 0.02, wall, mix(wall, p["dark"], 0.25), depth=0.6, angle=math.pi / 2)
        roof = mix(p["acc"], p["dark"], r.uniform(0.2, 0.5))
        peak = r.uniform(0.03, 0.07)
        c.poly([(x0 - 0.005, hz - top), (x0 + w / 2, hz - top - peak), (x0 + w + 0.005, hz - top)], roof, depth=0.6)
        n = max(1, int(w / 0.035))
        for i in range(n):
            for y in np.arange(hz - top + 0.03, hz - 0.025, 0.05):
                wx = x0 + w * (i + 0.5) / n
                c.rect(
                    wx - 0.007,
                    y,
                    wx + 0.007,
                    y + 0.02,
                    mix(p["dark"], p["acc2"], 0.9 * (r.random() < f["lit"])),
                    depth=0.58,
                )
        x += w + (0.01 if r.random() < 0.7 else 0.05)
    c.water(hz + 0.015, strength=0.62)
    for _k, y in enumerate(np.sort(r.uniform(hz + 0.1, 0.88, r.integers(3, 6)))):
        boat(c, r.uniform(0.1, 0.9) * c.a, y, 0.06 + 0.2 * (y - hz), r.random() < 0.75)


def storm_sea(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A ship in a storm"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.42, 0.52)
    c.sky(hz + 0.04, 0.9)
    for k in range(3):
        o = ridge(r, c.a, 0.12 + 0.1 * k, 0.1)
        c.poly(
            np.vstack([[(-0.02, -0.02)], o, [(c.a + 0.02, -0.02)]]),
            mix(p["top"], p["dark"], 0.5 - 0.15 * k),
            depth=0.97,
        )
        c.haze(0.02 + 0.1 * k, 0.2 + 0.1 * k, mix(p["far"], p["low"], 0.5), 0.4)
    gx = c.a * r.uniform(0.2, 0.8)
    c.glow(gx, hz - 0.05, 0.45, p["light"], 0.55)
    if f["lightning"]:
        x, y, pts = gx, 0.04, []
        while y < hz:
            pts.append((x, y))
            x, y = x + r.normal(0, 0.035), y + r.uniform(0.025, 0.06)
        c.glow(gx, 0.2, 0.35, p["light"], 0.5)
        c.line(pts, mix(p["light"], WHITE, 0.6), 0.006, depth=0.9)
    c.rect(-0.01, hz - 0.01, c.a + 0.01, 1.01, mix(p["water"], p["low"], 0.4), p["water"], depth=0.8)
    sx = c.a * r.uniform(0.3, 0.7)
    for k in range(6):
        base, t = hz + 0.05 + 0.105 * k, k / 5
        if k == 2:
            _ship(c, sx, base - 0.02, 0.15)
        n, xs = 140, np.linspace(-0.03, c.a + 0.03, 140)
        f0, ph = r.uniform(2.2, 3.6) / (1 + 0.55 * t), r.uniform(0, TAU)
        s = np.sin(xs * f0 * 3 + ph)
        ys = base - (0.028 + 0.06 * t) * (np.abs(s) ** 0.7 * np.sign(s) + 0.5 * np.sin(xs * f0 * 7.3 + ph * 2))
        tone = mix(mix(p["water"], p["low"], 0.3 * (1 - t)), p["dark"], 0.1 + 0.3 * t)
        o = np.stack([xs, ys], 1)
        c.below(
            o,
            mix(tone, p["acc2"] * 0.4 + p["low"] * 0.6, 0.25),
            mix(tone, p["dark"], 0.35),
            bottom=base + 0.3,
            depth=0.7 - 0.1 * k,
            angle=2.8 if k % 2 else 0.3,
        )
        foam = mix(p["light"], tone, 0.15)
        crest = s > 0.45
        starts = np.flatnonzero(np.diff(np.r_[0, crest.astype(int)]) == 1)
        for a in starts:
            b = a
            while b < n - 1 and crest[b]:
                b += 1
            seg = o[a : b + 1]
            if len(seg) < 4:
                continue
            thick = 0.008 + 0.03 * t
            under = seg[::-1] + np.stack(
                [
                    r.normal(0, 0.004, len(seg)),
                    thick * np.sin(np.linspace(0, math.pi, len(seg))) * r.uniform(0.5, 1.3, len(seg)),
                ],
                1,
            )
            c.poly(np.vstack([seg, under]), foam, mix(foam, tone, 0.5), depth=0.68 - 0.1 * k, angle=0.2)
            m = int(10 + 14 * t)
            q = seg[r.integers(0, len(seg), m)] + np.stack(
                [r.normal(0, 0.015, m), -np.abs(r.normal(0, 0.012 + 0.02 * t, m))], 1
            )
            c.dots(q, r.uniform(0.001, 0.003 + 0.003 * t, m), foam, depth=0.6 - 0.1 * k)


def _ship(c: Canvas, x: float, y: float, s: float) -> None:
    p = c.pal
    tilt = c.rng.uniform(-0.25, 0.25)

    def at(points: list) -> np.ndarray:
        q = np.asarray(points, float) * s
        cs, sn = math.cos(tilt), math.sin(tilt)
        return np.stack([x + q[:, 0] * cs - q[:, 1] * sn, y + q[:, 0] * sn + q[:, 1] * cs], 1)

    c.poly(
        spline(at([(-0.9, -0.25), (-0.5, -0.12), (0.5, -0.12), (1.05, -0.35), (0.75, 0.2), (-0.7, 0.2)]), n=4),
        mix(p["dark"], p["acc"], 0.25),
        p["dark"],
        depth=0.5,
    )
    for mx, h in ((-0.45, 1.1), (0.05, 1.4), (0.5, 1.05)):
        c.line(at([(mx, -0.1), (mx, -h)]), p["dark"], 0.005, depth=0.5)
        for k in range(2):
            a, b = -h + 0.12 + 0.42 * k, -h + 0.48 + 0.42 * k
            sail = mix(p["light"], p["far"], 0.25 * k)
            c.poly(
                at(
                    [
                        (mx - 0.16, a),
                        (mx + 0.16, a),
                        (mx + 0.24, (a + b) / 2),
                        (mx + 0.25, b),
                        (mx, b - 0.05),
                        (mx - 0.2, b),
                        (mx - 0.12, (a + b) / 2),
                    ]
                ),
                sail,
                mix(sail, p["far"], 0.5),
                depth=0.48,
            )


def moonlit_sea(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "The sea under the moon"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.48, 0.58)
    mx, my, mr = c.a * r.uniform(0.3, 0.7), hz * r.uniform(0.3, 0.55), r.uniform(0.035, 0.06)
    c.sky(hz, 0.45)
    c.glow(mx, my, 0.55, p["light"], 0.45)
    n = 25 if f["night"] else 0
    c.dots(
        np.stack([r.uniform(0, c.a, n), r.uniform(0, hz * 0.8, n)], 1),
        r.uniform(0.001, 0.003, n),
        p["light"],
        depth=0.97,
    )
    c.ellipse(mx, my, mr, mr, mix(p["light"], WHITE, 0.3), depth=0.96)
    c.glow(mx, my, mr * 2.5, p["light"], 0.6)
    if r.random() < 0.7:
        s = r.choice([-1, 1])
        o = ridge(r, c.a * 0.55, hz + 0.005, 0.15)
        o[:, 1] = hz + 0.005 - (hz + 0.005 - o[:, 1]) * np.linspace(1, 0, len(o)) ** 0.7
        o = o if s < 0 else np.stack([c.a - o[::-1, 0], o[::-1, 1]], 1)
        c.below(o, mix(p["far"], p["dark"], 0.2), mix(p["far"], p["low"], 0.2), bottom=hz + 0.01, depth=0.85)
    c.water(hz, strength=0.5, glitter=mx)
    for _k in range(r.integers(1, 4)):
        y = r.uniform(hz + 0.06, 0.8)
        boat(c, c.a * r.uniform(0.12, 0.88), y, 0.035 + 0.14 * (y - hz))
    if r.random() < 0.6:
        o = ridge(r, c.a, 1.0, 0.12)
        c.below(o, mix(p["dark"], p["near"], 0.4), p["dark"], depth=0.1)
        for _k in range(12):
            q = o[r.integers(0, len(o))]
            c.line([q, (q[0] + r.normal(0, 0.02), q[1] - r.uniform(0.04, 0.1))], p["dark"], 0.003, depth=0.1)


def lighthouse(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A striped lighthouse on its cliff"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.5, 0.58)
    c.sky(hz, 0.65, None if f["night"] else (c.a * r.uniform(0.1, 0.9), hz * 0.5, 0.035))
    c.water(hz, strength=0.35, ripple=1.1)
    side = r.choice([-1, 1])
    x = c.a * (0.68 if side > 0 else 0.32)

    def fx(points: list) -> list[tuple[float, float]]:
        return [(x + side * px, py) for px, py in points]

    rock = mix(p["near"], p["acc2"], 0.3)
    cliff = spline(
        fx(
            [
                (-0.32, 0.86),
                (-0.24, 0.7),
                (-0.13, 0.6),
                (0, 0.555),
                (0.16, 0.55),
                (0.34, 0.5),
                (0.8, 0.46),
                (0.8, 1.1),
                (-0.3, 1.1),
            ]
        ),
        n=6,
    )
    c.poly(cliff, mix(rock, p["light"], 0.25), mix(rock, p["dark"], 0.6), depth=0.4, angle=1.1)
    for k in range(7):
        a = -0.22 + 0.12 * k + r.normal(0, 0.02)
        c.poly(
            spline(
                fx([(a, 0.7 - 0.08 * k * 0.5), (a + 0.05, 0.66), (a + 0.07, 0.86), (a + 0.02, 1.05), (a - 0.04, 0.9)]),
                n=4,
            ),
            mix(rock, p["dark"], r.uniform(0.35, 0.6)),
            mix(rock, p["dark"], 0.7),
            depth=0.38,
            angle=1.4,
        )
    c.poly(
        spline(
            fx(
                [
                    (-0.14, 0.605),
                    (0, 0.55),
                    (0.16, 0.543),
                    (0.34, 0.49),
                    (0.8, 0.44),
                    (0.8, 0.56),
                    (0.3, 0.585),
                    (0, 0.6),
                ]
            ),
            n=6,
        ),
        mix(p["mid"], p["light"], 0.15),
        p["near"],
        depth=0.35,
        angle=0.2,
    )
    top, base, w = 0.16, 0.57, 0.042
    tone, band = mix(p["light"], WHITE, 0.4), p["acc"]
    for k in range(5):
        t0, t1 = k / 5, (k + 1) / 5
        w0, w1 = w * (0.68 + 0.32 * t0), w * (0.68 + 0.32 * t1)
        y0, y1 = top + (base - top) * t0, top + (base - top) * t1
        fill = band if k % 2 else tone
        c.poly(
            [(x - w0, y0), (x + w0, y0), (x + w1, y1), (x - w1, y1)],
            mix(fill, WHITE, 0.2),
            mix(fill, p["dark"], 0.4),
            side=True,
            depth=0.3,
            angle=1.5,
        )
    c.rect(x - 0.04, top - 0.012, x + 0.04, top, p["dark"], depth=0.28)
    c.rect(x - 0.022, top - 0.055, x + 0.022, top - 0.012, mix(p["acc2"], p["light"], 0.5), depth=0.28)
    c.poly(
        [(x - 0.03, top - 0.055), (x, top - 0.095), (x + 0.03, top - 0.055)], mix(p["acc"], p["dark"], 0.3), depth=0.28
    )
    if f["lit"] > 0.4:
        c.glow(x, top - 0.035, 0.5, p["acc2"], 0.7)
        c.glow(x, top - 0.035, 0.12, p["light"], 0.9)
    hx = x + side * 0.13
    c.rect(hx - 0.06, 0.49, hx + 0.06, 0.56, tone, mix(tone, p["far"], 0.5), depth=0.29)
    c.poly(
        [(hx - 0.075, 0.49), (hx - 0.03, 0.445), (hx + 0.03, 0.445), (hx + 0.075, 0.49)],
        mix(band, p["dark"], 0.3),
        depth=0.29,
    )
    for _k in range(3):
        y = r.uniform(hz + 0.08, 0.9)
        boat(c, x - side * r.uniform(0.35, 0.7), y, 0.03 + 0.1 * (y - hz))
    n = 90
    t = r.random(n)
    q = np.stack([x + side * (-0.33 + 0.1 * t + r.normal(0, 0.03, n)), 0.86 + 0.13 * r.random(n)], 1)
    c.dots(q, r.uniform(0.003, 0.012, n), mix(p["light"], WHITE, 0.3), depth=0.2, flat=0.6)
    for _k in range(4):
        bx, by = x - side * r.uniform(0.1, 0.6), r.uniform(0.1, 0.4)
        c.line(
            spline(
                [
                    (bx - 0.022, by - 0.008),
                    (bx - 0.01, by - 0.014),
                    (bx, by),
                    (bx + 0.01, by - 0.014),
                    (bx + 0.022, by - 0.008),
                ],
                closed=False,
                n=4,
            ),
            p["dark"],
            0.004,
            depth=0.3,
        )

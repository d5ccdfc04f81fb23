"""Abstract subjects: a composition of arcs and bars, a grid of quarter turns."""

import math

import numpy as np

from ..canvas import Canvas
from ..pixels import TAU, mix


def composition(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "Arcs, discs and bars in balance"
    p, r = c.pal, c.rng
    ground = mix(p["light"], p["low"], r.uniform(0.2, 0.7))
    c.rect(-0.01, -0.01, c.a + 0.01, 1.01, ground, mix(ground, p["far"], 0.25), depth=1, angle=0.8)
    cx, cy, big = c.a * r.uniform(0.35, 0.65), r.uniform(0.35, 0.6), c.u * r.uniform(0.26, 0.34)
    tilt = r.uniform(-0.6, 0.6)
    hues = [p[k] for k in ("acc", "acc2", "water", "near", "far", "dark", "mid")]
    for k in range(3):
        t, w = tilt + r.choice([0, math.pi / 2]) + r.normal(0, 0.06), r.uniform(0.03, 0.1)
        ox, oy = cx + r.normal(0, 0.18), cy + r.normal(0, 0.18)
        d, n = np.array([math.cos(t), math.sin(t)]), np.array([-math.sin(t), math.cos(t)])
        o = np.array([ox, oy])
        ln = r.uniform(0.3, 0.6)
        tone = hues[(k + 3) % 7]
        c.poly(
            [o - d * ln - n * w, o + d * ln - n * w, o + d * ln + n * w, o - d * ln + n * w],
            tone,
            mix(tone, p["light"], 0.35),
            depth=0.8,
            angle=t % math.pi,
        )
    for k, rr in enumerate([1, 0.8, 0.58, 0.38, 0.2][: r.integers(3, 6)]):
        tone = hues[(k * 2) % 7]
        c.ellipse(cx, cy, big * rr, big * rr, tone, mix(tone, p["dark"], 0.25), depth=0.7 - 0.05 * k)
    half = r.uniform(0, TAU)
    t = np.linspace(half, half + math.pi, 40)
    c.poly(
        np.stack([cx + big * np.cos(t), cy + big * np.sin(t)], 1),
        mix(p["dark"], p["water"], 0.4),
        mix(p["water"], p["light"], 0.2),
        depth=0.5,
    )
    for k in range(r.integers(4, 8)):
        q, s, tone = (r.uniform(0.1, 0.9) * c.a, r.uniform(0.1, 0.9)), r.uniform(0.02, 0.085), hues[k % 7]
        kind = r.integers(0, 3)
        if kind == 0:
            c.ellipse(*q, s, s, tone, mix(tone, p["light"], 0.3), depth=0.4)
        elif kind == 1:
            t = tilt + TAU * np.arange(3) / 3 + r.uniform(0, 2)
            c.poly(np.stack([q[0] + 1.4 * s * np.cos(t), q[1] + 1.4 * s * np.sin(t)], 1), tone, depth=0.4)
        else:
            c.rect(q[0] - s, q[1] - s * 0.6, q[0] + s, q[1] + s * 0.6, tone, mix(tone, p["dark"], 0.2), depth=0.4)
    for _k in range(r.integers(3, 6)):
        t = tilt + r.normal(0, 0.4)
        o, d = np.array([cx, cy]) + r.normal(0, 0.15, 2), np.array([math.cos(t), math.sin(t)])
        c.line([o - d * 0.45, o + d * 0.45], p["dark"], r.choice([0.004, 0.006, 0.012]), depth=0.3)
    t = np.linspace(0, math.pi * r.uniform(0.6, 1.1), 30) + r.uniform(0, TAU)
    c.line(np.stack([cx + big * 1.35 * np.cos(t), cy + big * 1.35 * np.sin(t)], 1), p["dark"], 0.01, depth=0.3)


def geometry(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A grid of quarter turns"
    p, r = c.pal, c.rng
    n = int(r.choice([3, 4, 5]))
    m = max(2, round(n * c.a))
    tw, th = c.a / m, 1 / n
    hues = [p[k] for k in ("acc", "acc2", "water", "near", "dark", "light", "low", "far")]
    last = None
    for i in range(m):
        for j in range(n):
            x, y = i * tw, j * th
            a, b = r.permutation(8)[:2]
            if a == last:
                a, b = b, a
            last = a
            c.rect(x - 0.002, y - 0.002, x + tw + 0.002, y + th + 0.002, hues[a], depth=0.9, angle=0.0)
            kind, turn = r.integers(0, 6), r.integers(0, 4)
            ox, oy = x + tw * (turn % 2), y + th * (turn // 2)
            t = math.pi / 2 * [0, 1, 3, 2][turn] + np.linspace(0, math.pi / 2, 14)
            if kind in (0, 1):
                for k, s in enumerate([1, 0.66, 0.33][: 1 + 2 * kind]):
                    arc = np.stack([ox + tw * s * np.cos(t), oy + th * s * np.sin(t)], 1)
                    c.poly(
                        np.vstack([[(ox, oy)], arc]),
                        hues[b if k % 2 == 0 else a],
                        mix(hues[b if k % 2 == 0 else a], p["dark"], 0.15),
                        depth=0.7,
                    )
            elif kind == 2:
                c.ellipse(
                    x + tw / 2, y + th / 2, tw * 0.38, th * 0.38, hues[b], mix(hues[b], p["dark"], 0.2), depth=0.7
                )
            elif kind == 3:
                c.poly(
                    [(ox, oy), (x + tw - tw * (turn % 2), oy), (ox, y + th - th * (turn // 2))],
                    hues[b],
                    mix(hues[b], p["dark"], 0.15),
                    depth=0.7,
                )
            elif kind == 4:
                for k in range(3):
                    c.rect(x, y + th * (2 * k + 0.5) / 6, x + tw, y + th * (2 * k + 1.5) / 6, hues[b], depth=0.7)

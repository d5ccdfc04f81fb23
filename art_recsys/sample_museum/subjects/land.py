"""Landscapes: mountains, orchard, forest, fields, garden."""

import itertools
import math

import numpy as np

from ..canvas import Canvas
from ..pixels import TAU, mix, ridge, spline
from .shared import WHITE, crown, firs


def mountains(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A peak, its foothills, firs and perhaps a lake"
    p, r = c.pal, c.rng
    hz = r.uniform(0.62, 0.78)
    c.sky(hz, 0.55, (c.a * r.uniform(0.15, 0.85), r.uniform(0.12, 0.25), 0.04))
    peak = c.a * r.uniform(0.3, 0.7)
    for k, (base, tall) in enumerate([(hz, 0.32), (hz + 0.02, 0.5), (hz + 0.04, 0.26), (hz + 0.06, 0.15)]):
        o = ridge(r, c.a, base, tall * (0.35 if k == 1 else 1) * r.uniform(0.8, 1.1), 0.52)
        if k == 1:
            cone = np.clip(1 - np.abs(o[:, 0] - peak) / r.uniform(0.32, 0.5), 0, 1) ** 1.1
            o[:, 1] -= cone * 0.36
            lit = mix(p["far"], p["mid"], 0.35)
            c.below(o, mix(lit, p["dark"], 0.1), mix(p["far"], p["low"], 0.35), bottom=hz + 0.1, depth=0.8, angle=0.9)
            side = o[:, 0] > peak + 0.01 * np.sin(np.arange(len(o)))
            if side.sum() > 3:
                c.below(
                    o[side],
                    mix(p["far"], p["dark"], 0.32),
                    mix(p["far"], p["low"], 0.2),
                    bottom=hz + 0.1,
                    depth=0.8,
                    angle=2.2,
                )
            if f["snow"]:
                cap = o[(np.abs(o[:, 0] - peak) < 0.2)]
                n = len(cap)
                under = cap[::-1] + np.stack(
                    [
                        np.zeros(n),
                        0.02
                        + 0.12 * np.clip(1 - np.abs(cap[::-1, 0] - peak) / 0.2, 0, 1)
                        + 0.045 * r.random(n) * (np.arange(n) % 3 == 0),
                    ],
                    1,
                )
                c.poly(
                    np.vstack([cap, under]),
                    mix(p["light"], WHITE, 0.4),
                    mix(p["light"], p["far"], 0.5),
                    depth=0.78,
                    angle=1.2,
                )
        else:
            tone = mix(p["far"], p["mid"], k / 3)
            c.below(o, tone, mix(tone, p["low"], 0.45), bottom=hz + 0.1, depth=0.9 - 0.12 * k, angle=0.4)
            c.haze(base - 0.1, base + 0.06, p["low"], 0.4)
    if f["lake"]:
        c.water(hz + 0.05, strength=0.7, ripple=0.6)
        c.below(ridge(r, c.a, 0.99, 0.1), p["near"], p["dark"], depth=0.2)
        firs(c, 0.96, 0.16, 9)
    else:
        for k, b in enumerate([hz + 0.1, hz + 0.2]):
            tone = mix(p["mid"], p["near"], 0.35 + 0.5 * k)
            c.below(ridge(r, c.a, b, 0.08), tone, mix(tone, p["dark"], 0.2), depth=0.4 - 0.15 * k, angle=0.3)
            firs(c, b + 0.01, 0.07 + 0.09 * k, 16 - 5 * k)


def orchard(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "Rows of fruit trees, in blossom or in fruit"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.36, 0.46)
    c.sky(hz + 0.02, 0.5)
    c.below(ridge(r, c.a, hz + 0.02, 0.1), p["far"], mix(p["far"], p["low"], 0.3), bottom=hz + 0.08, depth=0.85)
    c.rect(
        -0.01,
        hz + 0.01,
        c.a + 0.01,
        1.01,
        mix(p["mid"], p["low"], 0.35),
        mix(p["mid"], p["near"], 0.7),
        depth=0.5,
        angle=0.1,
    )
    vx = c.a * r.uniform(0.35, 0.65)
    for k in range(7):
        x0, x1 = vx + (k - 3) * 0.05, vx + (k - 3.2) * 0.55
        c.poly(
            [(x0, hz + 0.02), (x0 + 0.012, hz + 0.02), (x1 + 0.16, 1.02), (x1, 1.02)],
            mix(p["mid"], p["light"], 0.35),
            mix(p["mid"], p["acc2"], 0.3),
            depth=0.48,
            angle=1.3,
        )
    leaf = (mix(p["near"], p["dark"], 0.35), mix(p["mid"], p["light"], 0.35))
    if f["blossom"]:
        leaf = mix(p["acc"], p["far"], 0.45), mix(p["light"], p["acc"], 0.18)
    for row, y in enumerate([hz + 0.1, hz + 0.22, hz + 0.42]):
        s = 0.075 + 0.075 * row
        for k in range(5 - row):
            x = c.a * (k + 0.5 + r.uniform(-0.2, 0.2)) / (5 - row)
            c.ellipse(x + s * 0.5, y + 0.01, s * 1.25, s * 0.22, mix(p["near"], p["dark"], 0.45), depth=0.4)
            c.poly(
                [(x - s * 0.1, y), (x - s * 0.06, y - s * 0.8), (x + s * 0.06, y - s * 0.8), (x + s * 0.12, y)],
                mix(p["dark"], p["acc2"], 0.15),
                depth=0.33,
                angle=math.pi / 2,
            )
            for sx in (-0.35, 0.4):
                c.line([(x, y - s * 0.7), (x + s * sx, y - s * 1.15)], p["dark"], s * 0.09, depth=0.33)
            crown(c, x, y - s * 1.35, s, leaf, 60 + 50 * row)
            if not f["blossom"]:
                n = 8 + 8 * row
                t, d = r.uniform(0, TAU, n), np.sqrt(r.random(n)) * 0.85
                q = np.stack([x + s * d * np.cos(t), y - s * 1.35 + s * 0.8 * d * np.sin(t)], 1)
                c.dots(q, s * 0.075, p["acc"], depth=0.3)
                c.dots(q - s * 0.025, s * 0.025, mix(p["acc"], WHITE, 0.5), depth=0.3)
    n = int(60 * c.a)
    q = np.stack([r.uniform(0, c.a, n), r.uniform(hz + 0.3, 1, n)], 1)
    c.dots(q, 0.004 + 0.008 * (q[:, 1] - hz), mix(p["acc"], p["light"], 0.4) if f["blossom"] else p["acc2"], depth=0.2)


def forest(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A clearing among tall trunks"
    p, r = c.pal, c.rng
    c.rect(
        -0.01, -0.01, c.a + 0.01, 1.01, mix(p["low"], p["light"], 0.4), mix(p["mid"], p["low"], 0.5), depth=1, angle=1.5
    )
    gx = c.a * r.uniform(0.35, 0.65)
    c.glow(gx, 0.38, 0.6, p["light"], 0.8)
    c.below(ridge(r, c.a, 0.7, 0.05), mix(p["mid"], p["low"], 0.3), p["near"], depth=0.7)
    for layer in range(4):
        t = layer / 3
        tone = mix(mix(p["far"], p["low"], 0.35), p["dark"], t**0.8)
        ground = 0.68 + 0.09 * layer
        if layer:
            g = mix(p["mid"], p["near"], t)
            c.below(
                ridge(r, c.a, ground, 0.04),
                mix(g, p["light"], 0.2 * (1 - t)),
                mix(g, p["dark"], 0.3),
                depth=0.6 - 0.15 * layer,
                angle=0.1,
            )
        for x in np.sort(r.uniform(-0.02, c.a + 0.02, int((13 - 3 * layer) * max(c.a, 0.8)))):
            if layer == 3 and abs(x - gx) < 0.2:
                continue
            w, lean = 0.008 + 0.016 * layer * r.uniform(0.7, 1.3), r.normal(0, 0.025)
            base = ground + r.uniform(-0.01, 0.05)
            lit = mix(tone, p["light"], 0.32 * (1 - t) + 0.14)
            c.poly(
                [(x - w, base), (x + lean - w * 0.7, -0.02), (x + lean + w * 0.7, -0.02), (x + w * 1.15, base)],
                lit if x > gx else tone,
                tone if x > gx else lit,
                depth=0.65 - 0.17 * layer,
                angle=1.55,
                side=True,
            )
            for _k in range(3):
                by = r.uniform(0.02, 0.42)
                d = r.choice([-1, 1]) * r.uniform(0.06, 0.16)
                c.line([(x + lean * 0.5, by + 0.08), (x + d, by)], tone, max(w * 0.3, 0.003), depth=0.65 - 0.17 * layer)
        if layer < 3:
            for _k in range(int(7 * max(c.a, 1))):
                at = r.uniform(-0.02, c.a), r.uniform(-0.03, 0.28 - 0.03 * layer)
                leaf = mix(p["mid"], p["acc2"], 0.55 * f["autumn"])
                crown(
                    c,
                    *at,
                    r.uniform(0.05, 0.1),
                    (mix(tone, leaf, 0.5), mix(leaf, p["light"], 0.45 - 0.1 * layer)),
                    26,
                    depth=0.6 - 0.15 * layer,
                )
            c.haze(0.3, 0.75, mix(p["low"], p["light"], 0.5), 0.28)
    path = spline(
        [(gx - 0.02, 0.69), (gx + 0.03, 0.69), (gx + 0.02, 0.8), (gx + 0.2, 1.03), (gx - 0.22, 1.03), (gx - 0.08, 0.8)],
        n=6,
    )
    c.poly(path, mix(p["light"], p["acc2"], 0.25), mix(p["acc2"], p["near"], 0.5), depth=0.35, angle=1.4)
    n = int(70 * c.a)
    q = np.stack([r.uniform(0, c.a, n), r.uniform(0.74, 1, n)], 1)
    c.dots(q, 0.003 + 0.02 * (q[:, 1] - 0.7), mix(p["acc2"], p["acc"], r.random((n, 1))), depth=0.15, flat=0.5)


def garden(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A garden with beds of flowers and a path to the house"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.3, 0.4)
    c.sky(hz + 0.03, 0.5)
    c.below(ridge(r, c.a, hz + 0.03, 0.1), p["far"], mix(p["far"], p["low"], 0.3), bottom=hz + 0.08, depth=0.85)
    hx = c.a * r.choice([0.2, 0.75])
    wall = mix(p["light"], p["acc2"], 0.25)
    c.rect(hx - 0.14, hz - 0.1, hx + 0.14, hz + 0.07, wall, mix(wall, p["far"], 0.35), depth=0.7)
    c.poly(
        [(hx - 0.17, hz - 0.1), (hx, hz - 0.21), (hx + 0.17, hz - 0.1)],
        mix(p["acc"], p["dark"], 0.2),
        mix(p["acc"], p["dark"], 0.4),
        depth=0.7,
    )
    for wx in (-0.08, 0.08):
        c.rect(hx + wx - 0.02, hz - 0.06, hx + wx + 0.02, hz - 0.005, mix(p["dark"], p["water"], 0.5), depth=0.69)
    c.rect(hx - 0.02, hz + 0.0, hx + 0.02, hz + 0.07, mix(p["acc"], p["dark"], 0.4), depth=0.69)
    c.rect(-0.01, hz + 0.06, c.a + 0.01, 1.01, mix(p["mid"], p["light"], 0.25), p["near"], depth=0.5)
    leaf = (mix(p["near"], p["dark"], 0.4), mix(p["mid"], p["light"], 0.25))
    for _k in range(int(9 * c.a)):
        x = r.uniform(0, c.a)
        if abs(x - hx) > 0.2:
            crown(c, x, hz + 0.04, r.uniform(0.05, 0.09), leaf, 30, depth=0.65)
    px = c.a * 0.5
    path = [
        (hx - 0.02, hz + 0.07),
        (hx + 0.03, hz + 0.07),
        (px + 0.08, 0.62),
        (px + 0.3, 1.03),
        (px - 0.25, 1.03),
        (px - 0.06, 0.62),
    ]
    c.poly(spline(path, n=6), mix(p["light"], p["acc2"], 0.3), mix(p["low"], p["acc2"], 0.4), depth=0.45, angle=1.3)
    for x in c.a * np.array([0.06, 0.94, 0.36, 0.63])[: r.integers(2, 5)]:
        tall = r.uniform(0.28, 0.4)
        b = hz + 0.16
        c.poly(
            spline(
                [(x, b - tall), (x + 0.035, b - tall * 0.5), (x + 0.03, b), (x - 0.03, b), (x - 0.035, b - tall * 0.5)],
                n=5,
            ),
            mix(p["near"], p["mid"], 0.3),
            mix(p["near"], p["dark"], 0.6),
            side=True,
            depth=0.4,
            angle=1.5,
        )
    hues = [p["acc"], p["acc2"], p["light"], mix(p["acc"], p["light"], 0.5), mix(p["water"], p["acc"], 0.4)]
    for row in range(5):
        y, n = hz + 0.2 + 0.115 * row, int((26 + 6 * row) * c.a)
        xs = r.uniform(-0.02, c.a + 0.02, n)
        mid = px + (hx - px) * np.clip((0.62 - y) / 0.3, 0, 1)
        xs = xs[np.abs(xs - mid) > 0.07 + 0.42 * (y - hz - 0.1)]
        q = np.stack([xs, y + r.normal(0, 0.025, len(xs))], 1)
        c.dots(
            np.add(q, (0, 0.02)),
            0.022 + 0.006 * row,
            mix(leaf[0], leaf[1], r.random((len(q), 1))),
            depth=0.3 - 0.04 * row,
        )
        fills = np.stack([hues[(k // 7 + row) % 5] for k in range(len(q))]) if len(q) else np.zeros((0, 3))
        c.dots(
            q[np.argsort(q[:, 0])],
            (0.009 + 0.006 * row) * r.uniform(0.7, 1.3, len(q)),
            fills + r.normal(0, 0.03, fills.shape),
            depth=0.25 - 0.04 * row,
        )


def fields(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "Fields in strips, trees and haystacks"
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.34, 0.46)
    c.sky(hz + 0.02, 0.7, (c.a * r.uniform(0.15, 0.85), hz * r.uniform(0.3, 0.6), 0.045))
    c.below(ridge(r, c.a, hz + 0.02, 0.09), p["far"], mix(p["far"], p["low"], 0.3), bottom=hz + 0.07, depth=0.88)
    c.rect(-0.01, hz + 0.03, c.a + 0.01, 1.01, mix(p["mid"], p["acc2"], 0.3), p["near"], depth=0.85, angle=0.1)
    tones = [
        p["mid"],
        mix(p["acc2"], p["light"], 0.25),
        p["near"],
        mix(p["mid"], p["acc2"], 0.5),
        mix(p["near"], p["acc"], 0.22),
        mix(p["mid"], p["light"], 0.35),
    ]
    edge = [ridge(r, c.a, hz + 0.05 + 0.14 * k * (1 + 0.15 * k), 0.06 + 0.02 * k, 0.35) for k in range(4)]
    for k, o in enumerate(edge):
        cuts, x = [-0.03], 0.0
        while x < c.a:
            x += r.uniform(0.2, 0.5) * (1 + 0.3 * k)
            cuts.append(x)
        for i, (a, b) in enumerate(itertools.pairwise(cuts)):
            seg = o[(o[:, 0] >= a - 0.02) & (o[:, 0] <= b + 0.02)]
            if len(seg) < 2:
                continue
            lean = (seg.mean(0)[0] - c.a / 2) * 0.6
            tone = tones[(i + 2 * k + int(r.integers(0, 2))) % 6]
            q = np.vstack([seg, [(seg[-1, 0] + lean, 1.02), (seg[0, 0] + lean, 1.02)]])
            c.poly(
                q,
                mix(tone, p["light"], 0.12),
                mix(tone, p["dark"], 0.18),
                depth=0.75 - 0.16 * k,
                angle=(1.57 + lean) % math.pi,
            )
            if (i + k) % 2 == 0:
                reg = None
                for t in np.linspace(0.08, 0.92, 7):
                    s = seg[int(t * (len(seg) - 1))]
                    reg = c.line(
                        [(s[0], s[1] + 0.004), (s[0] + lean * 1.1, 1.02)],
                        mix(tone, p["dark"], 0.22),
                        0.003 + 0.002 * k,
                        depth=0.74 - 0.16 * k,
                        region=reg,
                    )
        for _t in range(r.integers(2, 6)):
            q = o[r.integers(0, len(o))]
            crown(
                c,
                q[0],
                q[1] - 0.01,
                0.018 + 0.012 * k,
                (mix(p["near"], p["dark"], 0.4), p["mid"]),
                16,
                depth=0.7 - 0.16 * k,
            )
    for _k in range(r.integers(2, 6)):
        y = r.uniform(hz + 0.3, 0.92)
        s, x = 0.035 + 0.12 * (y - hz), r.uniform(0.1, 0.9) * c.a
        hay = mix(p["acc2"], p["light"], 0.2)
        c.ellipse(x + s * 0.8, y + 0.005, s * 1.2, s * 0.2, mix(p["near"], p["dark"], 0.4), depth=0.3)
        c.poly(
            spline(
                [(x - s, y), (x - s * 0.85, y - s * 0.7), (x, y - s * 1.5), (x + s * 0.85, y - s * 0.7), (x + s, y)],
                n=5,
            ),
            mix(hay, p["light"], 0.3),
            mix(hay, p["dark"], 0.45),
            side=True,
            depth=0.25,
            angle=1.2,
        )

"""The subjects: each paints its planes on a `Canvas` from the facts of the work (`f`), with the palette's roles.

Far things come first. Positions are in picture heights: x from 0 to `c.a`, y from 0 (top) to 1.
"""

import math

import numpy as np

from art_recsys.sample_museum.canvas import TAU, Canvas, colour, mix, ridge, spline

WHITE, BLACK = np.ones(3, np.float32), np.zeros(3, np.float32)
FLESH = ["#f0c9a8", "#e2ae86", "#c98d62", "#a5704a", "#865639"]
HAIR = ["#2a1d18", "#5a3a22", "#8a5a2b", "#b98a45", "#1b1a20", "#7d7468", "#8c3b22"]
FRUIT = {
    "lemons": "#f2cc3c",
    "oranges": "#ee8a2c",
    "apples": "#c83a30",
    "pears": "#b9bd4f",
    "plums": "#5d3b73",
    "quinces": "#dcb545",
    "peaches": "#f0a070",
    "pomegranates": "#a8343c",
}
FLOWERS = {
    "tulips": "#d8433f",
    "irises": "#5c57b4",
    "sunflowers": "#f2b92f",
    "poppies": "#df4a32",
    "roses": "#e38aa0",
    "daisies": "#f6f1e2",
    "peonies": "#e9a3b5",
    "cornflowers": "#4c72c4",
}


def harbour(c: Canvas, f):
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
    for k, y in enumerate(np.sort(r.uniform(hz + 0.1, 0.88, r.integers(3, 6)))):
        _boat(c, r.uniform(0.1, 0.9) * c.a, y, 0.06 + 0.2 * (y - hz), r.random() < 0.75)


def _boat(c, x, y, s, sail=True):
    p, r = c.pal, c.rng
    hull = mix(p[r.choice(["dark", "acc", "near", "acc2"])], p["dark"], r.uniform(0, 0.35))
    flip = r.choice([-1, 1])

    def at(points):
        return [(x + flip * px * s, y + py * s) for px, py in points]

    c.poly(at([(-1, 0.06), (1.05, 0.06), (0.8, 0.34), (-0.75, 0.34)]), mix(p["dark"], p["water"], 0.45), depth=0.35)
    c.poly(
        at([(-1.1, -0.16), (-0.6, -0.06), (0.5, -0.06), (1.25, -0.22), (0.82, 0.12), (-0.8, 0.12)]),
        hull,
        mix(hull, p["dark"], 0.5),
        depth=0.3,
    )
    c.line(at([(-0.9, -0.1), (-0.5, -0.04), (0.5, -0.04), (1.1, -0.16)]), mix(hull, p["light"], 0.6), 0.004, depth=0.3)
    c.line(at([(0, 0), (0.02, -1.5)]), p["dark"], 0.006, depth=0.3)
    if sail:
        cloth = mix(p[r.choice(["light", "acc", "acc2", "low"])], p["light"], 0.3)
        c.poly(
            spline(at([(0.06, -1.45), (0.5, -0.7), (0.95, -0.24), (0.06, -0.22)]), n=4),
            cloth,
            mix(cloth, p["far"], 0.45),
            depth=0.28,
            angle=1.2,
        )
        c.poly(
            at([(-0.04, -1.35), (-0.7, -0.26), (-0.04, -0.22)]),
            mix(cloth, p["far"], 0.25),
            mix(cloth, p["far"], 0.6),
            depth=0.28,
            angle=2,
        )
    else:
        c.line(at([(0.02, -1.4), (1.1, -0.2)]), p["dark"], 0.003, depth=0.3)
        c.line(at([(0.02, -1.4), (-0.9, -0.14)]), p["dark"], 0.003, depth=0.3)


def mountains(c: Canvas, f):
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
        _firs(c, 0.96, 0.16, 9)
    else:
        for k, b in enumerate([hz + 0.1, hz + 0.2]):
            tone = mix(p["mid"], p["near"], 0.35 + 0.5 * k)
            c.below(ridge(r, c.a, b, 0.08), tone, mix(tone, p["dark"], 0.2), depth=0.4 - 0.15 * k, angle=0.3)
            _firs(c, b + 0.01, 0.07 + 0.09 * k, 16 - 5 * k)


def _firs(c, base, tall, n):
    p, r = c.pal, c.rng
    region = None
    for x in np.sort(r.uniform(0, c.a, n)):
        h, b = tall * r.uniform(0.6, 1.2), base + r.uniform(-0.02, 0.02)
        pts = [(x, b - h)]
        for k in range(1, 5):
            pts += [(x + h * 0.055 * k, b - h + h * 0.22 * k), (x + h * 0.03 * k, b - h + h * 0.2 * k)]
        pts += [(2 * x - px, py) for px, py in pts[::-1]]
        tone = mix(p["near"], p["dark"], r.uniform(0.3, 0.9))
        region = c.poly(pts, tone, depth=0.25, angle=math.pi / 2, region=region)


def _crown(c, x, y, s, tones, n=90, depth=0.35, region=None, flat=0.8):
    "A tree's leaves: dark below, light where the light comes from"
    r = c.rng
    t, d = r.uniform(0, TAU, n), np.sqrt(r.random(n))
    px, py = x + s * d * np.cos(t), y + s * flat * d * np.sin(t)
    order = np.argsort(-py + r.normal(0, s * 0.3, n))
    lit = np.clip(0.5 - 0.45 * (py - y) / (s * flat) - 0.3 * (px - x) / s + r.normal(0, 0.15, n), 0, 1)
    fills = mix(tones[0], tones[1], lit[:, None])
    return c.dots(
        np.stack([px, py], 1)[order], s * r.uniform(0.1, 0.26, n), fills[order], depth=depth, angle=0.8, region=region
    )


def orchard(c: Canvas, f):
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
            _crown(c, x, y - s * 1.35, s, leaf, 60 + 50 * row)
            if not f["blossom"]:
                n = 8 + 8 * row
                t, d = r.uniform(0, TAU, n), np.sqrt(r.random(n)) * 0.85
                q = np.stack([x + s * d * np.cos(t), y - s * 1.35 + s * 0.8 * d * np.sin(t)], 1)
                c.dots(q, s * 0.075, p["acc"], depth=0.3)
                c.dots(q - s * 0.025, s * 0.025, mix(p["acc"], WHITE, 0.5), depth=0.3)
    n = int(60 * c.a)
    q = np.stack([r.uniform(0, c.a, n), r.uniform(hz + 0.3, 1, n)], 1)
    c.dots(q, 0.004 + 0.008 * (q[:, 1] - hz), mix(p["acc"], p["light"], 0.4) if f["blossom"] else p["acc2"], depth=0.2)


def _table(c, y):
    "A wall, a table with a cloth; returns nothing, sets the room for things on it"
    p, r = c.pal, c.rng
    wall = mix(p["far"], p["dark"], r.uniform(0.15, 0.5))
    c.rect(-0.01, -0.01, c.a + 0.01, y + 0.02, wall, mix(wall, p["dark"], 0.45), depth=0.95, angle=0.7)
    c.glow(c.a * 0.25, 0.2, 0.75, mix(p["light"], p["acc2"], 0.3), 0.35)
    for k in range(r.integers(0, 3)):
        x = r.uniform(0.1, 0.9) * c.a
        fold = mix(wall, p[r.choice(["acc", "water", "near"])], 0.5)
        c.poly(
            spline(
                [
                    (x, -0.05),
                    (x + 0.25, -0.05),
                    (x + 0.2, 0.3),
                    (x + 0.3, y + 0.02),
                    (x - 0.05, y + 0.02),
                    (x + 0.06, 0.3),
                ],
                n=5,
            ),
            fold,
            mix(fold, p["dark"], 0.5),
            depth=0.9,
            angle=1.5,
            side=True,
        )
    wood = mix(p["acc2"], p["near"], 0.55)
    c.rect(-0.01, y, c.a + 0.01, 1.01, mix(wood, p["light"], 0.25), mix(wood, p["dark"], 0.5), depth=0.7, angle=0)
    x0 = r.uniform(0.05, 0.35) * c.a
    w = r.uniform(0.4, 0.65) * c.a
    cloth = mix(p["light"], p["low"], 0.4)
    c.poly(
        spline(
            [
                (x0, y + 0.05),
                (x0 + w * 0.5, y + 0.03),
                (x0 + w, y + 0.07),
                (x0 + w * 1.05, 0.86),
                (x0 + w * 0.8, 1.05),
                (x0 + w * 0.3, 1.03),
                (x0 - 0.06, 0.9),
            ],
            n=5,
        ),
        cloth,
        mix(cloth, p["far"], 0.55),
        depth=0.65,
        angle=0.4,
    )
    for k in range(4):
        x = x0 + w * (k + 0.6) / 4.4
        c.poly(
            [(x, y + 0.1), (x + 0.012, y + 0.1), (x + 0.05 + 0.02 * k, 1.02), (x + 0.005, 1.02)],
            mix(cloth, p["far"], 0.65),
            depth=0.64,
            angle=1.4,
        )


def _jug(c, x, y, s, fill, kind="jug"):
    p = c.pal
    prof = {
        "jug": [(0.2, -1.25), (0.16, -1.1), (0.17, -0.95), (0.38, -0.62), (0.4, -0.3), (0.26, 0)],
        "bottle": [(0.09, -1.8), (0.08, -1.25), (0.12, -1.05), (0.27, -0.85), (0.27, -0.3), (0.25, 0)],
        "vase": [(0.26, -1.1), (0.17, -0.98), (0.2, -0.8), (0.38, -0.5), (0.33, -0.18), (0.2, 0)],
    }[kind]
    side = spline([(x + px * s, y + py * s) for px, py in prof], closed=False, n=6)
    other = np.stack([2 * x - side[:, 0], side[:, 1]], 1)[::-1]
    c.ellipse(x + s * 0.35, y + 0.005, s * 0.55, s * 0.1, mix(p["dark"], p["near"], 0.3), depth=0.6)
    c.poly(np.vstack([side, other]), mix(fill, WHITE, 0.3), mix(fill, p["dark"], 0.6), depth=0.4, angle=1.5, side=True)
    top = prof[0]
    c.ellipse(x, y + top[1] * s, top[0] * s, 0.05 * s, mix(fill, p["dark"], 0.6), depth=0.4)
    if kind == "jug":
        h = spline(
            [
                (x + 0.17 * s, y - 1.1 * s),
                (x + 0.5 * s, y - 1.05 * s),
                (x + 0.52 * s, y - 0.7 * s),
                (x + 0.36 * s, y - 0.5 * s),
            ],
            closed=False,
        )
        c.line(h, mix(fill, p["dark"], 0.35), 0.07 * s, depth=0.4)
    c.ellipse(x - 0.16 * s, y - 0.5 * s, 0.04 * s, 0.2 * s, mix(fill, WHITE, 0.75), depth=0.39, turn=0.1)


def still_life(c: Canvas, f):
    p, r, y = c.pal, c.rng, c.rng.uniform(0.5, 0.6)
    _table(c, y)
    s = 0.34 * min(1, c.a / 0.9)
    xs = c.a * r.uniform(0.22, 0.34)
    glaze = colour(f["glaze"])
    if r.random() < 0.6:
        _jug(c, c.a * 0.68, y + 0.1, s * 0.85, mix(p["near"], p["dark"], 0.3), "bottle")
    _jug(c, xs, y + 0.16, s, glaze, "jug")
    fruit = mix(colour(FRUIT[f["fruit"]]), p["acc2"], 0.12)
    bx, by, br = c.a * r.uniform(0.52, 0.62), y + 0.22, 0.2 * min(1, c.a / 0.9)
    c.ellipse(bx + 0.05, by + 0.09, br * 1.25, 0.045, mix(p["dark"], p["near"], 0.25), depth=0.6)
    tall = 1.35 if f["fruit"] in ("pears", "quinces", "lemons") else 1.0
    for k, (dx, dy) in enumerate([(-0.55, -0.16), (0.5, -0.15), (0, -0.2), (-0.22, -0.42), (0.28, -0.4)]):
        fr = br * 0.36
        c.ball(bx + dx * br, by + dy * br - 0.02, fr, fr * (tall if k % 2 else 1), chroma_jitter(r, fruit), depth=0.4)
    bowl = mix(glaze, p["light"], 0.55)
    t = np.linspace(0, math.pi, 24)
    c.poly(
        np.stack([bx + br * np.cos(t), by - 0.04 + br * 0.62 * np.sin(t)], 1),
        mix(bowl, WHITE, 0.4),
        mix(bowl, p["dark"], 0.5),
        depth=0.35,
        side=True,
    )
    c.line([(bx - br, by - 0.04), (bx + br, by - 0.04)], mix(bowl, WHITE, 0.6), 0.008, depth=0.35)
    for k in range(r.integers(3, 6)):
        fr = r.uniform(0.05, 0.065) * min(1, c.a / 0.9)
        fx, fy = c.a * r.uniform(0.16, 0.88), r.uniform(y + 0.28, 0.9)
        c.ellipse(fx + fr * 0.5, fy + fr * 0.85, fr * 1.3, fr * 0.3, mix(p["dark"], p["near"], 0.3), depth=0.5)
        c.ball(fx, fy, fr * (tall if tall > 1 else 1), fr, chroma_jitter(r, fruit), depth=0.2)
        if f["fruit"] in ("apples", "pears", "plums", "pomegranates"):
            c.line([(fx, fy - fr * 0.8), (fx + fr * 0.2, fy - fr * 1.35)], p["dark"], 0.005, depth=0.2)


def chroma_jitter(r, fill, by=0.07):
    return np.clip(np.asarray(fill) + r.normal(0, by, 3) * 0.6 + r.normal(0, by) * 0.6, 0, 1)


def _blossom(c, x, y, s, kind, fill, turn=0.0, depth=0.3):
    "One flower seen from the front (or the side, for tulips)"
    p, r = c.pal, c.rng
    if kind == "tulips":
        for dx, k in ((-0.3, -0.25), (0.3, 0.2), (0, 0)):
            c.ellipse(
                x + dx * s,
                y,
                s * 0.42,
                s * 0.8,
                mix(fill, p["dark"] if k < 0 else WHITE, abs(k)),
                mix(fill, p["dark"], 0.3),
                turn=turn + dx * 0.6,
                depth=depth,
            )
        return
    if kind in ("peonies", "roses"):
        for k in range(4):
            rr, tone = s * (1 - 0.22 * k), mix(fill, p["dark"] if k % 2 else WHITE, 0.12 + 0.05 * k)
            t = np.linspace(0, TAU, 9, endpoint=False) + r.uniform(0, 1)
            wob = rr * (1 + r.normal(0, 0.09, 9))
            c.poly(
                spline(np.stack([x + wob * np.cos(t), y + 0.85 * wob * np.sin(t)], 1), n=4),
                tone,
                mix(tone, p["dark"], 0.18),
                depth=depth,
            )
        return
    n = {"sunflowers": 16, "daisies": 12, "poppies": 5, "irises": 6, "cornflowers": 9}[kind]
    wide = {"poppies": 0.55, "irises": 0.36}.get(kind, 0.2)
    for k in range(n):
        t = turn + TAU * k / n
        tone = mix(fill, p["dark"] if k % 2 else WHITE, 0.16)
        c.ellipse(
            x + 0.55 * s * math.cos(t),
            y + 0.55 * s * math.sin(t),
            s * 0.5,
            s * wide,
            tone,
            turn=t,
            depth=depth,
            angle=t % math.pi,
        )
    core = {
        "sunflowers": (0.42, "#4a2c17"),
        "daisies": (0.28, "#f0b429"),
        "poppies": (0.2, "#231a1c"),
        "irises": (0.16, "#f0c33c"),
    }.get(kind, (0.2, "#2c2f6b"))
    c.ball(x, y, s * core[0], s * core[0], colour(core[1]), depth=depth)


def flowers(c: Canvas, f):
    p, r = c.pal, c.rng
    y = r.uniform(0.74, 0.8)
    _table(c, y)
    x, s = c.a * r.uniform(0.45, 0.55), 0.3 * min(1, c.a / 0.8)
    fill = mix(colour(FLOWERS[f["flower"]]), p["acc"], 0.1)
    green = mix(p["near"], colour("#4f7d3f"), 0.6)
    ry, rx = 0.3, min(0.36, c.a * 0.4)
    top = y - 0.28
    n = r.integers(11, 16)
    t, d = np.linspace(0, TAU, n, endpoint=False) * 2.4, np.sqrt((np.arange(n) + 0.5) / n)
    pos = np.stack([x + rx * d * np.cos(t), top - 0.16 + ry * 0.8 * d * np.sin(t)], 1)
    pos[:, 1] = np.minimum(pos[:, 1], top + 0.05)
    for px, py in pos:
        bend = spline(
            [(x, top + 0.12), ((x + px) / 2 + r.normal(0, 0.02), (top + py) / 2 + 0.03), (px, py)], closed=False
        )
        c.line(bend, mix(green, p["dark"], 0.25), 0.007, depth=0.5)
    for k in range(16):
        a = r.uniform(-math.pi, 0.25) if k % 2 else r.uniform(-math.pi - 0.25, 0)
        q = x + rx * 0.62 * math.cos(a), top - 0.1 + ry * 0.62 * math.sin(a)
        c.ellipse(
            *q,
            r.uniform(0.07, 0.12),
            r.uniform(0.018, 0.032),
            mix(green, p["light"] if k % 3 else p["dark"], r.uniform(0.05, 0.3)),
            turn=a + r.normal(0, 0.3),
            depth=0.45,
            angle=a % math.pi,
        )
    order = np.argsort(-d)
    for k in order:
        tone = mix(chroma_jitter(r, fill, 0.05), p["dark"], 0.25 * d[k] * r.random())
        _blossom(c, *pos[k], r.uniform(0.062, 0.085) * min(1.15, c.a / 0.75), f["flower"], tone, r.uniform(-0.4, 0.4))
    _jug(c, x, y + 0.12, s, colour(f["glaze"]), "vase")
    for k in range(r.integers(1, 4)):
        c.ellipse(
            x + r.uniform(-0.3, 0.3), y + r.uniform(0.12, 0.18), 0.022, 0.01, fill, turn=r.uniform(0, 3), depth=0.3
        )


def portrait(c: Canvas, f):
    p, r = c.pal, c.rng
    wall = mix(p["far"], p["near"], r.uniform(0.1, 0.7))
    c.rect(
        -0.01, -0.01, c.a + 0.01, 1.01, mix(wall, p["light"], 0.22), mix(wall, p["dark"], 0.4), depth=0.95, angle=0.8
    )
    if r.random() < 0.55:
        x0 = r.choice([0, c.a * 0.72])
        drape = mix(p["acc"], p["dark"], 0.45)
        for k in range(4):
            c.poly(
                spline(
                    [
                        (x0 + 0.1 * k - 0.06, -0.1),
                        (x0 + 0.1 * k + 0.07, -0.1),
                        (x0 + 0.1 * k + 0.05, 0.5),
                        (x0 + 0.1 * k + 0.09, 1.1),
                        (x0 + 0.1 * k - 0.04, 1.1),
                    ],
                    n=4,
                ),
                mix(drape, p["light"], 0.18),
                mix(drape, p["dark"], 0.4),
                side=True,
                depth=0.9,
                angle=1.5,
            )
    else:
        c.rect(-0.01, 0.68, c.a + 0.01, 1.01, mix(p["acc2"], wall, 0.6), mix(wall, p["dark"], 0.5), depth=0.9)
    c.glow(c.a * 0.5, 0.36, 0.6, p["light"], 0.3)
    x, s, lean = c.a * r.uniform(0.46, 0.54), min(1, c.a / 0.72), r.uniform(-0.12, 0.12)
    skin, hair, dress = colour(FLESH[f["skin"]]), colour(HAIR[f["hair"]]), p[f["dress"]]
    shade = mix(skin, p["dark"], 0.3)
    hx, hy, fh = x, 0.36, 0.168 * s

    def at(points):
        q = np.asarray(points, float) * s
        cs, sn = math.cos(lean), math.sin(lean)
        return np.stack([hx + q[:, 0] * cs - q[:, 1] * sn, hy + q[:, 0] * sn + q[:, 1] * cs], 1)

    if f["long_hair"]:
        c.poly(
            spline(
                at(
                    [
                        (-0.03, -0.21),
                        (0.1, -0.17),
                        (0.16, 0),
                        (0.17, 0.2),
                        (0.2, 0.4),
                        (-0.2, 0.4),
                        (-0.17, 0.2),
                        (-0.16, 0),
                        (-0.1, -0.17),
                    ]
                ),
                n=6,
            ),
            mix(hair, p["light"], 0.12),
            mix(hair, BLACK, 0.35),
            depth=0.6,
            angle=1.5,
            side=True,
        )
    cloth = c.poly(
        spline(
            [
                (x - 0.05 * s, 0.56),
                (x - 0.17 * s, 0.64),
                (x - 0.34 * s, 0.74),
                (x - 0.42 * s, 1.1),
                (x + 0.42 * s, 1.1),
                (x + 0.34 * s, 0.74),
                (x + 0.17 * s, 0.64),
                (x + 0.05 * s, 0.56),
            ],
            n=6,
        ),
        mix(dress, p["light"], 0.2),
        mix(dress, p["dark"], 0.5),
        depth=0.4,
        angle=1.2,
    )
    c.poly(
        spline(
            [(x + 0.1 * s, 0.66), (x + 0.3 * s, 0.76), (x + 0.4 * s, 1.1), (x + 0.2 * s, 1.1), (x + 0.16 * s, 0.84)],
            n=5,
        ),
        mix(dress, p["dark"], 0.4),
        mix(dress, p["dark"], 0.62),
        depth=0.4,
        angle=1.2,
        region=cloth,
    )
    c.poly(
        spline(
            [
                (x - 0.066 * s, 0.46),
                (x + 0.066 * s, 0.46),
                (x + 0.07 * s, 0.6),
                (x + 0.13 * s, 0.66),
                (x, 0.74),
                (x - 0.13 * s, 0.66),
                (x - 0.07 * s, 0.6),
            ],
            n=6,
        ),
        mix(skin, shade, 0.4),
        mix(skin, shade, 0.7),
        depth=0.38,
        angle=1.5,
    )
    c.poly(
        spline(at([(-0.06, 0.1), (0.065, 0.1), (0.05, 0.19), (0, 0.22), (-0.05, 0.17)]), n=5),
        mix(shade, p["dark"], 0.1),
        depth=0.37,
    )
    if not f["long_hair"]:
        c.poly(
            spline(
                at(
                    [
                        (0, -0.205),
                        (0.11, -0.16),
                        (0.142, -0.02),
                        (0.12, 0.06),
                        (-0.12, 0.06),
                        (-0.142, -0.02),
                        (-0.11, -0.16),
                    ]
                ),
                n=6,
            ),
            mix(hair, p["light"], 0.1),
            mix(hair, BLACK, 0.3),
            depth=0.35,
        )
    face = c.poly(
        spline(
            at(
                [
                    (0, -fh / s),
                    (0.085, -0.13),
                    (0.112, -0.02),
                    (0.1, 0.09),
                    (0.045, 0.17),
                    (0, 0.185),
                    (-0.045, 0.17),
                    (-0.1, 0.09),
                    (-0.112, -0.02),
                    (-0.085, -0.13),
                ]
            ),
            n=7,
        ),
        mix(skin, WHITE, 0.12),
        mix(shade, skin, 0.25),
        side=True,
        depth=0.3,
        angle=1.4,
    )
    c.poly(
        spline(at([(0.03, -0.05), (0.1, -0.06), (0.108, 0.03), (0.06, 0.14), (0.03, 0.17), (0.05, 0.06)]), n=5),
        mix(skin, shade, 0.65),
        depth=0.3,
        region=face,
    )
    for k in (-1, 1):
        c.ellipse(*at([(0.07 * k, 0.055)])[0], 0.028 * s, 0.02 * s, mix(skin, p["acc"], 0.28), depth=0.3, region=face)
        ex = 0.046 * k
        c.poly(
            spline(at([(ex - 0.027, -0.012), (ex, -0.026), (ex + 0.027, -0.012), (ex, -0.002)]), n=5),
            mix(p["light"], skin, 0.25),
            depth=0.28,
        )
        c.ellipse(*at([(ex + 0.003, -0.014)])[0], 0.011 * s, 0.012 * s, mix(p["dark"], BLACK, 0.4), depth=0.27)
        c.line(
            spline(at([(ex - 0.03, -0.012), (ex, -0.03), (ex + 0.03, -0.011)]), closed=False),
            mix(hair, BLACK, 0.5),
            0.006 * s,
            depth=0.27,
        )
        c.line(
            spline(at([(ex - 0.034, -0.048), (ex, -0.062), (ex + 0.034, -0.05)]), closed=False),
            mix(hair, shade, 0.2),
            0.008 * s,
            depth=0.27,
        )
    c.line(
        spline(at([(0.008, -0.03), (0.016, 0.03), (0.022, 0.062), (0.002, 0.07), (-0.012, 0.064)]), closed=False),
        mix(shade, p["dark"], 0.25),
        0.006 * s,
        depth=0.27,
    )
    lip = mix(skin, colour("#a8323a"), 0.65)
    c.poly(
        spline(at([(-0.034, 0.108), (-0.01, 0.1), (0, 0.104), (0.01, 0.1), (0.034, 0.108), (0, 0.126)]), n=5),
        lip,
        mix(lip, p["dark"], 0.2),
        depth=0.27,
    )
    c.line(at([(-0.03, 0.109), (0, 0.112), (0.03, 0.109)]), mix(lip, p["dark"], 0.5), 0.003, depth=0.27)
    sweep = 0.05 * r.choice([-1, 1])
    c.poly(
        spline(
            at(
                [
                    (-0.122, 0.0),
                    (-0.13, -0.1),
                    (-0.06, -0.2),
                    (0.06, -0.2),
                    (0.13, -0.1),
                    (0.122, 0.0),
                    (0.095, -0.09),
                    (sweep, -0.135),
                    (-0.095, -0.09),
                ]
            ),
            n=6,
        ),
        mix(hair, p["light"], 0.25),
        mix(hair, BLACK, 0.2),
        depth=0.26,
        angle=0.3,
    )
    _attire(c, f, at, s, x, dress)


def _attire(c, f, at, s, x, dress):
    "Hat, scarf, collar or beads"
    p, fill = c.pal, c.pal[f["hat_colour"]]
    if f["attire"] == "hat":
        c.poly(
            spline(
                at([(-0.235, -0.105), (0, -0.165), (0.235, -0.105), (0.12, -0.085), (0, -0.1), (-0.12, -0.085)]), n=6
            ),
            fill,
            mix(fill, p["dark"], 0.4),
            depth=0.2,
        )
        c.poly(
            spline(at([(-0.12, -0.13), (-0.1, -0.24), (0, -0.275), (0.1, -0.24), (0.12, -0.13), (0, -0.155)]), n=6),
            mix(fill, p["light"], 0.3),
            mix(fill, p["dark"], 0.3),
            depth=0.2,
            side=True,
        )
        c.line(
            spline(at([(-0.12, -0.135), (0, -0.165), (0.12, -0.135)]), closed=False),
            mix(dress, p["dark"], 0.4),
            0.022 * s,
            depth=0.2,
        )
    elif f["attire"] == "scarf":
        c.poly(
            spline(
                [
                    (x - 0.13 * s, 0.61),
                    (x, 0.66),
                    (x + 0.13 * s, 0.61),
                    (x + 0.15 * s, 0.68),
                    (x, 0.75),
                    (x - 0.15 * s, 0.68),
                ],
                n=5,
            ),
            mix(fill, p["light"], 0.2),
            mix(fill, p["dark"], 0.3),
            depth=0.2,
        )
        c.poly(
            spline([(x + 0.03 * s, 0.7), (x + 0.11 * s, 0.69), (x + 0.15 * s, 0.92), (x + 0.06 * s, 0.94)], n=5),
            fill,
            mix(fill, p["dark"], 0.4),
            depth=0.2,
            angle=1.5,
        )
    elif f["attire"] == "collar":
        c.poly(
            [(x - 0.13 * s, 0.64), (x, 0.78), (x - 0.17 * s, 0.8), (x - 0.22 * s, 0.69)],
            mix(p["light"], WHITE, 0.4),
            mix(p["light"], p["far"], 0.4),
            depth=0.2,
        )
        c.poly(
            [(x + 0.13 * s, 0.64), (x, 0.78), (x + 0.17 * s, 0.8), (x + 0.22 * s, 0.69)],
            mix(p["light"], p["far"], 0.25),
            mix(p["light"], p["far"], 0.55),
            depth=0.2,
        )
    else:
        t = np.linspace(0.35, math.pi - 0.35, 13)
        q = np.stack([x + 0.125 * s * np.cos(t), 0.64 + 0.1 * s * np.sin(t)], 1)
        c.dots(q, 0.012 * s, mix(fill, WHITE, 0.2), depth=0.2)
        c.dots(q - 0.003, 0.004 * s, WHITE, depth=0.2)


def interior(c: Canvas, f):
    p, r = c.pal, c.rng
    wall = mix(p["acc2"], p["far"], r.uniform(0.45, 0.8))
    c.rect(-0.01, -0.01, c.a + 0.01, 0.8, mix(wall, p["light"], 0.2), mix(wall, p["dark"], 0.25), depth=0.8, angle=1.5)
    for k in range(int(c.a / 0.07)):
        if f["striped"]:
            c.rect(
                0.07 * k,
                0,
                0.07 * k + 0.03,
                0.78,
                mix(wall, p["light"], 0.32),
                mix(wall, p["dark"], 0.12),
                depth=0.8,
                region=200,
                angle=1.5,
            )
    floor = mix(p["near"], p["acc"], 0.35)
    c.rect(-0.01, 0.78, c.a + 0.01, 1.01, mix(floor, p["light"], 0.2), mix(floor, p["dark"], 0.4), depth=0.6)
    for k in range(-8, 9):
        c.line([(c.a / 2 + k * 0.09, 0.78), (c.a / 2 + k * 0.22, 1.02)], mix(floor, p["dark"], 0.5), 0.003, depth=0.6)
    w, x = min(0.42, c.a * 0.44), c.a * r.uniform(0.25, 0.5)
    y0, y1 = 0.1, 0.6
    c.rect(
        x - 0.025,
        y0 - 0.025,
        x + w + 0.025,
        y1 + 0.025,
        mix(p["light"], p["low"], 0.3),
        mix(p["light"], p["far"], 0.4),
        depth=0.75,
    )
    v = Canvas(max(int(w * c.h), 8), max(int((y1 - y0) * c.h), 8), r, p)
    (_sea_view if f["view"] == "the sea" else _hill_view)(v)
    c.image.paste(v.image, (int(x * c.h), int(y0 * c.h)))
    c._note(lambda d, q: d.rectangle([x * c.h, y0 * c.h, (x + w) * c.h, y1 * c.h], fill=q), 0.99, 0, None)
    bar = mix(p["light"], p["low"], 0.2)
    c.rect(x + w / 2 - 0.007, y0, x + w / 2 + 0.007, y1, bar, depth=0.7)
    c.rect(x, y0 + 0.2, x + w, y0 + 0.213, bar, depth=0.7)
    c.rect(x - 0.05, y1 + 0.02, x + w + 0.05, y1 + 0.045, mix(bar, p["far"], 0.3), depth=0.68)
    cur = mix(p["acc"], p["light"], r.uniform(0.1, 0.45))
    for side in (-1, 1):
        cx = x - 0.05 if side < 0 else x + w + 0.05
        for k in range(3):
            a = cx - side * 0.035 * k
            c.poly(
                spline(
                    [
                        (a - 0.03, 0.04),
                        (a + 0.03, 0.04),
                        (a + 0.02, 0.4),
                        (a + 0.035 + side * 0.02, 0.77),
                        (a - 0.035 + side * 0.02, 0.77),
                        (a - 0.02, 0.4),
                    ],
                    n=4,
                ),
                mix(cur, WHITE, 0.25),
                mix(cur, p["dark"], 0.35),
                side=True,
                depth=0.5,
                angle=1.5,
            )
    c.rect(x - 0.14, 0.03, x + w + 0.14, 0.05, mix(p["dark"], p["acc2"], 0.3), depth=0.5)
    c.poly(
        [(x + 0.05, 0.83), (x + w * 0.9, 0.83), (x + w * 1.2, 1.01), (x + 0.2, 1.01)],
        mix(p["light"], floor, 0.45),
        mix(p["light"], floor, 0.7),
        depth=0.58,
    )
    tx, ty, tr = c.a * r.choice([0.22, 0.78]), 0.76, min(0.24, c.a * 0.26)
    wood = mix(p["acc2"], p["dark"], 0.45)
    for k in (-0.6, 0.6):
        c.line([(tx + k * tr, ty), (tx + k * tr * 0.8, 1.0)], mix(wood, p["dark"], 0.4), 0.018, depth=0.3)
    c.ellipse(tx, ty, tr, 0.055, mix(wood, p["light"], 0.4), mix(wood, p["light"], 0.1), depth=0.3)
    _jug(c, tx - 0.06, ty, 0.17, p["water"], "vase")
    for k in range(6):
        a = -math.pi / 2 + (k - 2.5) * 0.28
        q = tx - 0.06 + 0.17 * math.cos(a), ty - 0.2 + 0.15 * math.sin(a)
        c.line([(tx - 0.06, ty - 0.17), q], p["near"], 0.005, depth=0.3)
        _blossom(c, *q, 0.03, r.choice(["daisies", "poppies", "peonies"]), p["acc"], k)
    c.ball(tx + 0.08, ty - 0.03, 0.034, 0.034, p["acc2"], depth=0.25)
    c.ball(tx + 0.14, ty - 0.02, 0.03, 0.03, p["acc"], depth=0.25)


def _sea_view(c):
    p = c.pal
    c.sky(0.5, 0.6)
    c.water(0.48, strength=0.3)
    _boat(c, c.a * 0.65, 0.58, 0.1)
    c.below(ridge(c.rng, c.a, 0.97, 0.12), p["mid"], p["near"])


def _hill_view(c):
    p, r = c.pal, c.rng
    c.sky(0.6, 0.6)
    for k in range(4):
        tone = mix(p["far"], p["near"], k / 3.5)
        c.below(ridge(r, c.a, 0.62 + 0.13 * k, 0.16), mix(tone, p["light"], 0.15), tone)
    for k in range(4):
        _crown(c, r.uniform(0, c.a), r.uniform(0.75, 0.95), 0.09, (p["near"], mix(p["mid"], p["light"], 0.3)), 40)


def night_city(c: Canvas, f):
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


def river_bridge(c: Canvas, f):
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
    for k in range(9):
        _crown(
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
    for k in range(r.integers(2, 6)):
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
        _crown(
            c,
            bx + r.normal(0, 0.06),
            0.42 - 0.07 * k,
            0.15 - 0.02 * k,
            (mix(p["near"], p["dark"], 0.3), mix(p["mid"], p["acc2"], 0.35)),
            80,
            depth=0.12,
        )
    if r.random() < 0.7:
        _boat(c, c.a * (0.62 if side < 0 else 0.36), 0.82, 0.085, False)


def forest(c: Canvas, f):
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
            for k in range(3):
                by = r.uniform(0.02, 0.42)
                d = r.choice([-1, 1]) * r.uniform(0.06, 0.16)
                c.line([(x + lean * 0.5, by + 0.08), (x + d, by)], tone, max(w * 0.3, 0.003), depth=0.65 - 0.17 * layer)
        if layer < 3:
            for k in range(int(7 * max(c.a, 1))):
                q = r.uniform(-0.02, c.a), r.uniform(-0.03, 0.28 - 0.03 * layer)
                leaf = mix(p["mid"], p["acc2"], 0.55 * f["autumn"])
                _crown(
                    c,
                    *q,
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


def storm_sea(c: Canvas, f):
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
        n, x = 140, np.linspace(-0.03, c.a + 0.03, 140)
        f0, ph = r.uniform(2.2, 3.6) / (1 + 0.55 * t), r.uniform(0, TAU)
        s = np.sin(x * f0 * 3 + ph)
        y = base - (0.028 + 0.06 * t) * (np.abs(s) ** 0.7 * np.sign(s) + 0.5 * np.sin(x * f0 * 7.3 + ph * 2))
        tone = mix(mix(p["water"], p["low"], 0.3 * (1 - t)), p["dark"], 0.1 + 0.3 * t)
        o = np.stack([x, y], 1)
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


def _ship(c, x, y, s):
    p = c.pal
    tilt = c.rng.uniform(-0.25, 0.25)

    def at(points):
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


def moonlit_sea(c: Canvas, f):
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
    for k in range(r.integers(1, 4)):
        y = r.uniform(hz + 0.06, 0.8)
        _boat(c, c.a * r.uniform(0.12, 0.88), y, 0.035 + 0.14 * (y - hz))
    if r.random() < 0.6:
        o = ridge(r, c.a, 1.0, 0.12)
        c.below(o, mix(p["dark"], p["near"], 0.4), p["dark"], depth=0.1)
        for k in range(12):
            q = o[r.integers(0, len(o))]
            c.line([q, (q[0] + r.normal(0, 0.02), q[1] - r.uniform(0.04, 0.1))], p["dark"], 0.003, depth=0.1)


def garden(c: Canvas, f):
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
    for k in range(int(9 * c.a)):
        x = r.uniform(0, c.a)
        if abs(x - hx) > 0.2:
            _crown(c, x, hz + 0.04, r.uniform(0.05, 0.09), leaf, 30, depth=0.65)
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
        x = r.uniform(-0.02, c.a + 0.02, n)
        mid = px + (hx - px) * np.clip((0.62 - y) / 0.3, 0, 1)
        x = x[np.abs(x - mid) > 0.07 + 0.42 * (y - hz - 0.1)]
        q = np.stack([x, y + r.normal(0, 0.025, len(x))], 1)
        c.dots(q + (0, 0.02), 0.022 + 0.006 * row, mix(leaf[0], leaf[1], r.random((len(q), 1))), depth=0.3 - 0.04 * row)
        fills = np.stack([hues[(k // 7 + row) % 5] for k in range(len(q))]) if len(q) else np.zeros((0, 3))
        c.dots(
            q[np.argsort(q[:, 0])],
            (0.009 + 0.006 * row) * r.uniform(0.7, 1.3, len(q)),
            fills + r.normal(0, 0.03, fills.shape),
            depth=0.25 - 0.04 * row,
        )


def composition(c: Canvas, f):
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
    for k in range(r.integers(3, 6)):
        t = tilt + r.normal(0, 0.4)
        o, d = np.array([cx, cy]) + r.normal(0, 0.15, 2), np.array([math.cos(t), math.sin(t)])
        c.line([o - d * 0.45, o + d * 0.45], p["dark"], r.choice([0.004, 0.006, 0.012]), depth=0.3)
    t = np.linspace(0, math.pi * r.uniform(0.6, 1.1), 30) + r.uniform(0, TAU)
    c.line(np.stack([cx + big * 1.35 * np.cos(t), cy + big * 1.35 * np.sin(t)], 1), p["dark"], 0.01, depth=0.3)


def geometry(c: Canvas, f):
    "A grid of quarter turns, each tile one idea"
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


def dancer(c: Canvas, f):
    p, r = c.pal, c.rng
    wall = mix(p["far"], p["near"], r.uniform(0, 0.6))
    c.rect(-0.01, -0.01, c.a + 0.01, 0.8, mix(wall, p["dark"], 0.25), mix(wall, p["low"], 0.35), depth=0.95, angle=1.4)
    for k in range(r.integers(3, 6)):
        x = c.a * r.uniform(0, 1)
        c.poly(
            spline(
                [(x, -0.05), (x + 0.1, -0.05), (x + 0.06, 0.4), (x + 0.1, 0.8), (x - 0.03, 0.8), (x + 0.02, 0.4)], n=4
            ),
            mix(wall, p["acc2"], 0.3),
            mix(wall, p["dark"], 0.4),
            side=True,
            depth=0.9,
            angle=1.5,
        )
    c.rect(-0.01, 0.78, c.a + 0.01, 1.01, mix(p["acc2"], p["far"], 0.5), mix(p["near"], p["acc2"], 0.3), depth=0.7)
    c.glow(c.a * 0.5, 0.5, 0.62, p["light"], 0.55)
    x, flip = c.a * 0.5, r.choice([-1, 1])
    s = min(1, c.a / 0.7)
    skin, hair, dress = colour(FLESH[f["skin"]]), colour(HAIR[f["hair"]]), p[f["dress"]]
    up = r.uniform(0, 0.1)

    def at(points):
        return [(x + flip * px * s, 0.5 + (py - 0.5) * s) for px, py in points]

    def limb(points, w0, w1, fill, depth=0.3):
        q = spline(at(points), closed=False, n=8)
        d = np.gradient(q, axis=0)
        nrm = np.stack([-d[:, 1], d[:, 0]], 1) / np.maximum(np.linalg.norm(d, axis=1), 1e-6)[:, None]
        w = np.linspace(w0, w1, len(q))[:, None] * s
        c.poly(
            np.vstack([q + nrm * w, (q - nrm * w)[::-1]]),
            mix(fill, p["light"], 0.25),
            mix(fill, p["dark"], 0.25),
            depth=depth,
            angle=1.4,
        )

    c.ellipse(x, 0.93, 0.22 * s, 0.025, mix(p["near"], p["dark"], 0.5), depth=0.6)
    limb([(-0.02, 0.56), (-0.05, 0.72), (-0.02, 0.92), (0.02, 0.945)], 0.034, 0.012, skin)
    limb([(0.03, 0.56), (0.16, 0.66), (0.28, 0.64 - up), (0.36, 0.6 - up)], 0.036, 0.011, skin)
    limb([(-0.05, 0.3), (-0.16, 0.24), (-0.2, 0.1), (-0.17, 0.03)], 0.02, 0.011, mix(skin, p["dark"], 0.12), 0.35)
    swirl = r.uniform(0.22, 0.3)
    for k in range(6):
        t = k / 5
        tone = mix(mix(dress, p["light"], 0.55 - 0.3 * t), p["dark"], 0.06 * k)
        hem = [
            (-0.04, 0.44),
            (0.05, 0.44),
            (swirl * (1.1 - 0.5 * t) + 0.03, 0.56 + 0.1 * t),
            (swirl * (0.6 - 0.4 * t), 0.7 + 0.02 * k),
            (-0.05 - 0.1 * t, 0.69 + 0.015 * k),
            (-swirl * (1.2 - 0.5 * t), 0.62 + 0.06 * t + r.uniform(-0.02, 0.02)),
            (-swirl * 0.6, 0.53),
        ]
        c.poly(spline(at(hem), n=7), tone, mix(tone, p["dark"], 0.22), depth=0.28 - 0.01 * k, angle=2.2 - 0.3 * k)
    c.poly(
        spline(at([(-0.055, 0.29), (0.055, 0.29), (0.06, 0.36), (0.04, 0.46), (-0.04, 0.46), (-0.06, 0.36)]), n=6),
        mix(dress, p["light"], 0.15),
        mix(dress, p["dark"], 0.35),
        depth=0.22,
        angle=1.4,
    )
    c.poly(
        spline(
            at([(-0.06, 0.29), (0, 0.31), (0.06, 0.29), (0.025, 0.25), (0.02, 0.21), (-0.02, 0.21), (-0.025, 0.25)]),
            n=5,
        ),
        mix(skin, p["light"], 0.12),
        mix(skin, p["dark"], 0.12),
        depth=0.21,
    )
    limb([(0.05, 0.3), (0.16, 0.29), (0.27, 0.2), (0.33, 0.19)], 0.021, 0.01, skin, 0.2)
    c.ellipse(
        *at([(0.006, 0.165)])[0], 0.04 * s, 0.053 * s, skin, mix(skin, p["dark"], 0.15), turn=0.25 * flip, depth=0.2
    )
    c.poly(
        spline(
            at(
                [
                    (-0.045, 0.18),
                    (-0.05, 0.13),
                    (0, 0.098),
                    (0.045, 0.125),
                    (0.03, 0.135),
                    (-0.005, 0.14),
                    (-0.025, 0.19),
                ]
            ),
            n=5,
        ),
        hair,
        mix(hair, BLACK, 0.3),
        depth=0.18,
    )
    c.ellipse(*at([(-0.035, 0.108)])[0], 0.024 * s, 0.022 * s, hair, mix(hair, BLACK, 0.3), depth=0.18)
    sash = spline(at([(-0.045, 0.455), (-0.16, 0.5), (-0.27, 0.44), (-0.38, 0.5)]), closed=False)
    c.line(sash, p["acc2"] if f["dress"] != "acc2" else p["acc"], 0.018 * s, depth=0.18)


def bird(c: Canvas, f):
    p, r = c.pal, c.rng
    ground = mix(p["low"], p["light"], r.uniform(0.1, 0.6))
    c.rect(-0.01, -0.01, c.a + 0.01, 1.01, mix(p["top"], ground, 0.55), ground, depth=1, angle=0.3)
    mx, my = c.a * r.uniform(0.25, 0.75), r.uniform(0.22, 0.36)
    disc = mix(p["light"], p["acc2"], 0.35)
    c.glow(mx, my, 0.5, p["light"], 0.5)
    c.ellipse(mx, my, 0.17 * c.u, 0.17 * c.u, disc, mix(disc, p["acc"], 0.25), depth=0.95)
    for k in range(2):
        c.below(
            ridge(r, c.a, 0.98 + 0.02 * k, 0.12 - 0.04 * k), mix(p["far"], ground, 0.5 - 0.3 * k), ground, depth=0.85
        )
    side = r.choice([-1, 1])
    x0, s = (-0.03 if side > 0 else c.a + 0.03), min(1, c.a / 0.75)
    bx, by = c.a * 0.5, r.uniform(0.6, 0.68)
    branch = spline(
        [
            (x0, by + 0.16),
            (bx - side * 0.2, by + 0.1),
            (bx, by + 0.09),
            (bx + side * 0.28 * s, by - 0.0),
            (bx + side * 0.45 * s, by - 0.12),
        ],
        closed=False,
    )
    bark = mix(p["dark"], p["acc2"], 0.18)
    n = len(branch)
    w = np.linspace(0.022, 0.004, n)[:, None] * s
    d = np.gradient(branch, axis=0)
    nrm = np.stack([-d[:, 1], d[:, 0]], 1) / np.linalg.norm(d, axis=1)[:, None]
    c.poly(np.vstack([branch + nrm * w, (branch - nrm * w)[::-1]]), bark, mix(bark, BLACK, 0.3), depth=0.5, angle=0.3)
    for k in range(8):
        q = branch[r.integers(2, n - 1)]
        e = q + np.array([side * r.uniform(0.02, 0.14), r.uniform(-0.2, 0.09)]) * s
        c.line(spline([q, (q + e) / 2 + r.normal(0, 0.015, 2), e], closed=False), bark, 0.006 * s, depth=0.5)
        for t in np.linspace(0.4, 1, 3):
            o = q + (e - q) * t + r.normal(0, 0.012, 2)
            if f["blossom"]:
                tone = mix(p["light"], p["acc"], r.uniform(0.15, 0.6))
                for m in range(5):
                    a = TAU * m / 5 + t
                    c.ellipse(
                        o[0] + 0.016 * s * math.cos(a),
                        o[1] + 0.016 * s * math.sin(a),
                        0.015 * s,
                        0.011 * s,
                        tone,
                        turn=a,
                        depth=0.45,
                        region=210,
                    )
                c.ellipse(*o, 0.006, 0.006, p["acc2"], depth=0.44, region=211)
            else:
                c.ellipse(
                    *o,
                    0.04 * s,
                    0.014 * s,
                    mix(p["near"], p["mid"], r.random()),
                    turn=r.uniform(-1, 1),
                    depth=0.45,
                    region=212,
                )
    body = colour(f["plumage"])
    belly = mix(body, p["light"], 0.65)
    k = 0.27 * s

    def at(points):
        return [(bx + side * px * k, by + 0.075 + (py) * k) for px, py in points]

    c.poly(
        at([(-0.62, -0.02), (-1.3, 0.5), (-1.12, 0.58), (-0.45, 0.14)]),
        mix(body, p["dark"], 0.45),
        depth=0.3,
        angle=0.8,
    )
    c.poly(
        spline(
            at(
                [
                    (0.28, -1.2),
                    (0.5, -1.1),
                    (0.56, -0.86),
                    (0.6, -0.5),
                    (0.4, -0.12),
                    (0.0, 0.0),
                    (-0.4, -0.02),
                    (-0.72, 0.06),
                    (-0.5, -0.32),
                    (-0.16, -0.66),
                    (0.02, -1.02),
                ]
            ),
            n=7,
        ),
        body,
        mix(body, p["dark"], 0.25),
        depth=0.25,
        angle=0.8,
    )
    c.poly(
        spline(at([(0.54, -0.84), (0.62, -0.5), (0.42, -0.12), (0.05, -0.02), (0.16, -0.36), (0.34, -0.62)]), n=6),
        belly,
        mix(belly, body, 0.4),
        depth=0.25,
        angle=1,
    )
    c.poly(
        spline(at([(0.12, -0.66), (0.2, -0.42), (-0.1, -0.16), (-0.9, 0.16), (-0.5, -0.26), (-0.2, -0.58)]), n=6),
        mix(body, p["dark"], 0.3),
        mix(body, p["dark"], 0.6),
        depth=0.22,
        angle=0.6,
    )
    for m in range(3):
        c.line(
            at([(0.06 - 0.1 * m, -0.5 + 0.1 * m), (-0.62 - 0.06 * m, 0.02 + 0.05 * m)]),
            mix(body, p["light"], 0.4),
            0.004,
            depth=0.22,
        )
    c.poly(at([(0.52, -1.04), (0.86, -0.94), (0.53, -0.9)]), mix(p["acc2"], p["dark"], 0.2), depth=0.22)
    c.ellipse(*at([(0.36, -1.0)])[0], 0.05 * k, 0.05 * k, mix(p["light"], WHITE, 0.5), depth=0.2)
    c.ellipse(*at([(0.375, -1.0)])[0], 0.034 * k, 0.034 * k, BLACK, depth=0.2)
    for m in (0.08, -0.12):
        c.line(at([(m, -0.04), (m + 0.03, 0.1)]), mix(p["acc2"], p["dark"], 0.5), 0.006, depth=0.2)


def fields(c: Canvas, f):
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
        for i, (a, b) in enumerate(zip(cuts, cuts[1:])):
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
        for t in range(r.integers(2, 6)):
            q = o[r.integers(0, len(o))]
            _crown(
                c,
                q[0],
                q[1] - 0.01,
                0.018 + 0.012 * k,
                (mix(p["near"], p["dark"], 0.4), p["mid"]),
                16,
                depth=0.7 - 0.16 * k,
            )
    for k in range(r.integers(2, 6)):
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


def village(c: Canvas, f):
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
        _firs(c, hz + 0.12 + 0.17 * k, 0.09 + 0.05 * k, 5) if snow else None
        for t in range(3):
            x = r.uniform(0, c.a)
            y = float(np.interp(x, o[:, 0], o[:, 1])) + 0.02
            if not snow:
                _crown(
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


def lighthouse(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(0.5, 0.58)
    c.sky(hz, 0.65, None if f["night"] else (c.a * r.uniform(0.1, 0.9), hz * 0.5, 0.035))
    c.water(hz, strength=0.35, ripple=1.1)
    side = r.choice([-1, 1])
    x = c.a * (0.68 if side > 0 else 0.32)

    def fx(points):
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
    for k in range(3):
        y = r.uniform(hz + 0.08, 0.9)
        _boat(c, x - side * r.uniform(0.35, 0.7), y, 0.03 + 0.1 * (y - hz))
    n = 90
    t = r.random(n)
    q = np.stack([x + side * (-0.33 + 0.1 * t + r.normal(0, 0.03, n)), 0.86 + 0.13 * r.random(n)], 1)
    c.dots(q, r.uniform(0.003, 0.012, n), mix(p["light"], WHITE, 0.3), depth=0.2, flat=0.6)
    for k in range(4):
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


PAINT = {
    "harbour": harbour,
    "mountains": mountains,
    "orchard": orchard,
    "still life": still_life,
    "flowers": flowers,
    "portrait": portrait,
    "interior": interior,
    "city": night_city,
    "bridge": river_bridge,
    "forest": forest,
    "storm": storm_sea,
    "moonlit sea": moonlit_sea,
    "garden": garden,
    "abstract composition": composition,
    "geometric abstraction": geometry,
    "dancer": dancer,
    "bird": bird,
    "fields": fields,
    "village": village,
    "lighthouse": lighthouse,
}

"""Single figures: a dancer, a bird on a branch."""

import math

import numpy as np

from ..canvas import Canvas
from ..pixels import TAU, colour, mix, ridge, spline
from .portraits import FLESH, HAIR
from .shared import BLACK, WHITE


def dancer(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A dancer on a stage"
    p, r = c.pal, c.rng
    wall = mix(p["far"], p["near"], r.uniform(0, 0.6))
    c.rect(-0.01, -0.01, c.a + 0.01, 0.8, mix(wall, p["dark"], 0.25), mix(wall, p["low"], 0.35), depth=0.95, angle=1.4)
    for _k in range(r.integers(3, 6)):
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

    def at(points: list) -> list[tuple[float, float]]:
        return [(x + flip * px * s, 0.5 + (py - 0.5) * s) for px, py in points]

    def limb(points: list, w0: float, w1: float, fill: np.ndarray, depth: float = 0.3) -> None:
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


def bird(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A bird on a branch"
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
    for _k in range(8):
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
                c.ellipse(o[0], o[1], 0.006, 0.006, p["acc2"], depth=0.44, region=211)
            else:
                c.ellipse(
                    o[0],
                    o[1],
                    0.04 * s,
                    0.014 * s,
                    mix(p["near"], p["mid"], r.random()),
                    turn=r.uniform(-1, 1),
                    depth=0.45,
                    region=212,
                )
    body = colour(f["plumage"])
    belly = mix(body, p["light"], 0.65)
    size = 0.27 * s

    def at(points: list) -> list[tuple[float, float]]:
        return [(bx + side * px * size, by + 0.075 + (py) * size) for px, py in points]

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
    c.ellipse(*at([(0.36, -1.0)])[0], 0.05 * size, 0.05 * size, mix(p["light"], WHITE, 0.5), depth=0.2)
    c.ellipse(*at([(0.375, -1.0)])[0], 0.034 * size, 0.034 * size, BLACK, depth=0.2)
    for foot in (0.08, -0.12):
        c.line(at([(foot, -0.04), (foot + 0.03, 0.1)]), mix(p["acc2"], p["dark"], 0.5), 0.006, depth=0.2)

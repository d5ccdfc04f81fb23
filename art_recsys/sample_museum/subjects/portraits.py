"""The portrait: head, hair, dress and what the sitter wears."""

import math
from collections.abc import Callable

import numpy as np

from ..canvas import Canvas
from ..pixels import colour, mix, spline
from .shared import BLACK, WHITE

FLESH = ["#f0c9a8", "#e2ae86", "#c98d62", "#a5704a", "#865639"]


HAIR = ["#2a1d18", "#5a3a22", "#8a5a2b", "#b98a45", "#1b1a20", "#7d7468", "#8c3b22"]


def portrait(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "Head and shoulders of a sitter"
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

    def at(points: list) -> np.ndarray:
        q = np.asarray(points, float) * s
        cs, sn = math.cos(lean), math.sin(lean)
        return np.stack([hx + q[:, 0] * cs - q[:, 1] * sn, hy + q[:, 0] * sn + q[:, 1] * cs], 1)

    def spot(px: float, py: float) -> tuple[float, float]:
        x, y = at([(px, py)])[0]
        return x, y

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
        c.ellipse(*spot(0.07 * k, 0.055), 0.028 * s, 0.02 * s, mix(skin, p["acc"], 0.28), depth=0.3, region=face)
        ex = 0.046 * k
        c.poly(
            spline(at([(ex - 0.027, -0.012), (ex, -0.026), (ex + 0.027, -0.012), (ex, -0.002)]), n=5),
            mix(p["light"], skin, 0.25),
            depth=0.28,
        )
        c.ellipse(*spot(ex + 0.003, -0.014), 0.011 * s, 0.012 * s, mix(p["dark"], BLACK, 0.4), depth=0.27)
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


def _attire(c: Canvas, f: dict, at: Callable[[list], np.ndarray], s: float, x: float, dress: np.ndarray) -> None:
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

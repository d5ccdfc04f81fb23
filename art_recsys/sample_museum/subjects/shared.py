"""Colours and things that several subjects share: boats, trees, tables, vessels, views."""

import math

import numpy as np
from numpy.typing import ArrayLike

from ..canvas import Canvas
from ..pixels import TAU, colour, mix, ridge, spline

WHITE, BLACK = np.ones(3, np.float32), np.zeros(3, np.float32)


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


def boat(
    c: Canvas,  # to paint on
    x: float,  # middle
    y: float,  # waterline
    s: float,  # half its length
    sail: bool = True,  # with sails set
) -> None:
    "A boat with a mast, at its waterline"
    p, r = c.pal, c.rng
    hull = mix(p[r.choice(["dark", "acc", "near", "acc2"])], p["dark"], r.uniform(0, 0.35))
    flip = r.choice([-1, 1])

    def at(points: list) -> list[tuple[float, float]]:
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


def firs(
    c: Canvas,  # to paint on
    base: float,  # y of their feet
    tall: float,  # height of a middling one
    n: int,  # how many
) -> None:
    "A row of firs"
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


def crown(
    c: Canvas,  # to paint on
    x: float,  # centre
    y: float,  # centre
    s: float,  # radius
    tones: tuple[ArrayLike, ArrayLike],  # the dark and the light colour
    n: int = 90,  # leaves
    depth: float = 0.35,  # 0 near to 1 far
    region: int | None = None,  # number of the region; None is a new one
    flat: float = 0.8,  # height over width
) -> int:
    "A tree's leaves: dark below, light where the light comes from. Returns their region."
    r = c.rng
    t, d = r.uniform(0, TAU, n), np.sqrt(r.random(n))
    px, py = x + s * d * np.cos(t), y + s * flat * d * np.sin(t)
    order = np.argsort(-py + r.normal(0, s * 0.3, n))
    lit = np.clip(0.5 - 0.45 * (py - y) / (s * flat) - 0.3 * (px - x) / s + r.normal(0, 0.15, n), 0, 1)
    fills = mix(tones[0], tones[1], lit[:, None])
    return c.dots(
        np.stack([px, py], 1)[order], s * r.uniform(0.1, 0.26, n), fills[order], depth=depth, angle=0.8, region=region
    )


def table(
    c: Canvas,  # to paint on
    y: float,  # far edge of the table
) -> None:
    "A wall, and a table with a cloth for things to stand on"
    p, r = c.pal, c.rng
    wall = mix(p["far"], p["dark"], r.uniform(0.15, 0.5))
    c.rect(-0.01, -0.01, c.a + 0.01, y + 0.02, wall, mix(wall, p["dark"], 0.45), depth=0.95, angle=0.7)
    c.glow(c.a * 0.25, 0.2, 0.75, mix(p["light"], p["acc2"], 0.3), 0.35)
    for _k in range(r.integers(0, 3)):
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


def vessel(
    c: Canvas,  # to paint on
    x: float,  # middle
    y: float,  # foot
    s: float,  # size
    fill: ArrayLike,  # RGB, 0 to 1
    kind: str = "jug",  # `jug`, `bottle` or `vase`
) -> None:
    "A jug, a bottle or a vase"
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


def chroma_jitter(
    r: np.random.Generator,  # the random stream
    fill: ArrayLike,  # RGB, 0 to 1
    by: float = 0.07,  # standard deviation
) -> np.ndarray:  # RGB, 0 to 1
    "The colour, varied a little at random"
    return np.clip(np.asarray(fill) + r.normal(0, by, 3) * 0.6 + r.normal(0, by) * 0.6, 0, 1)


def blossom(
    c: Canvas,  # to paint on
    x: float,  # centre
    y: float,  # centre
    s: float,  # radius
    kind: str,  # a key of `FLOWERS`
    fill: ArrayLike,  # RGB, 0 to 1
    turn: float = 0.0,  # radians
    depth: float = 0.3,  # 0 near to 1 far
) -> None:
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
        lean = turn + TAU * k / n
        tone = mix(fill, p["dark"] if k % 2 else WHITE, 0.16)
        c.ellipse(
            x + 0.55 * s * math.cos(lean),
            y + 0.55 * s * math.sin(lean),
            s * 0.5,
            s * wide,
            tone,
            turn=lean,
            depth=depth,
            angle=lean % math.pi,
        )
    core = {
        "sunflowers": (0.42, "#4a2c17"),
        "daisies": (0.28, "#f0b429"),
        "poppies": (0.2, "#231a1c"),
        "irises": (0.16, "#f0c33c"),
    }.get(kind, (0.2, "#2c2f6b"))
    c.ball(x, y, s * core[0], s * core[0], colour(core[1]), depth=depth)


def sea_view(
    c: Canvas,  # to paint on
) -> None:
    "A view of the sea, for a window"
    p = c.pal
    c.sky(0.5, 0.6)
    c.water(0.48, strength=0.3)
    boat(c, c.a * 0.65, 0.58, 0.1)
    c.below(ridge(c.rng, c.a, 0.97, 0.12), p["mid"], p["near"])


def hill_view(
    c: Canvas,  # to paint on
) -> None:
    "A view of hills, for a window"
    p, r = c.pal, c.rng
    c.sky(0.6, 0.6)
    for k in range(4):
        tone = mix(p["far"], p["near"], k / 3.5)
        c.below(ridge(r, c.a, 0.62 + 0.13 * k, 0.16), mix(tone, p["light"], 0.15), tone)
    for _k in range(4):
        crown(c, r.uniform(0, c.a), r.uniform(0.75, 0.95), 0.09, (p["near"], mix(p["mid"], p["light"], 0.3)), 40)

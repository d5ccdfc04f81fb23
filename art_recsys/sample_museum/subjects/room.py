"""Subjects indoors: still life, flowers, interior."""

import math

import numpy as np

from ..canvas import Canvas
from ..pixels import TAU, colour, mix, spline
from .shared import FLOWERS, FRUIT, WHITE, blossom, chroma_jitter, hill_view, sea_view, table, vessel


def still_life(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A bowl of fruit and a jug on a table"
    p, r, y = c.pal, c.rng, c.rng.uniform(0.5, 0.6)
    table(c, y)
    s = 0.34 * min(1, c.a / 0.9)
    xs = c.a * r.uniform(0.22, 0.34)
    glaze = colour(f["glaze"])
    if r.random() < 0.6:
        vessel(c, c.a * 0.68, y + 0.1, s * 0.85, mix(p["near"], p["dark"], 0.3), "bottle")
    vessel(c, xs, y + 0.16, s, glaze, "jug")
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
    for _k in range(r.integers(3, 6)):
        fr = r.uniform(0.05, 0.065) * min(1, c.a / 0.9)
        fx, fy = c.a * r.uniform(0.16, 0.88), r.uniform(y + 0.28, 0.9)
        c.ellipse(fx + fr * 0.5, fy + fr * 0.85, fr * 1.3, fr * 0.3, mix(p["dark"], p["near"], 0.3), depth=0.5)
        c.ball(fx, fy, fr * (tall if tall > 1 else 1), fr, chroma_jitter(r, fruit), depth=0.2)
        if f["fruit"] in ("apples", "pears", "plums", "pomegranates"):
            c.line([(fx, fy - fr * 0.8), (fx + fr * 0.2, fy - fr * 1.35)], p["dark"], 0.005, depth=0.2)


def flowers(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "Flowers in a vase"
    p, r = c.pal, c.rng
    y = r.uniform(0.74, 0.8)
    table(c, y)
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
        size = r.uniform(0.062, 0.085) * min(1.15, c.a / 0.75)
        blossom(c, pos[k][0], pos[k][1], size, f["flower"], tone, r.uniform(-0.4, 0.4))
    vessel(c, x, y + 0.12, s, colour(f["glaze"]), "vase")
    for _k in range(r.integers(1, 4)):
        c.ellipse(
            x + r.uniform(-0.3, 0.3), y + r.uniform(0.12, 0.18), 0.022, 0.01, fill, turn=r.uniform(0, 3), depth=0.3
        )


def interior(
    c: Canvas,  # to paint on
    f: dict,  # the work's details (`works.Work.details`)
) -> None:
    "A room with a window"
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
    base = max(int(w * c.h0), 8), max(int((y1 - y0) * c.h0), 8)
    v = Canvas(max(int(w * c.h), 8), max(int((y1 - y0) * c.h), 8), r, p, base)
    (sea_view if f["view"] == "the sea" else hill_view)(v)
    c.image.paste(v.image, (int(x * c.h), int(y0 * c.h)))
    c.note(lambda d, q: d.rectangle([x * c.h, y0 * c.h, (x + w) * c.h, y1 * c.h], fill=q), 0.99, 0, None)
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
    for leg in (-0.6, 0.6):
        c.line([(tx + leg * tr, ty), (tx + leg * tr * 0.8, 1.0)], mix(wood, p["dark"], 0.4), 0.018, depth=0.3)
    c.ellipse(tx, ty, tr, 0.055, mix(wood, p["light"], 0.4), mix(wood, p["light"], 0.1), depth=0.3)
    vessel(c, tx - 0.06, ty, 0.17, p["water"], "vase")
    for k in range(6):
        a = -math.pi / 2 + (k - 2.5) * 0.28
        q = tx - 0.06 + 0.17 * math.cos(a), ty - 0.2 + 0.15 * math.sin(a)
        c.line([(tx - 0.06, ty - 0.17), q], p["near"], 0.005, depth=0.3)
        blossom(c, *q, 0.03, r.choice(["daisies", "poppies", "peonies"]), p["acc"], k)
    c.ball(tx + 0.08, ty - 0.03, 0.034, 0.034, p["acc2"], depth=0.25)
    c.ball(tx + 0.14, ty - 0.02, 0.03, 0.03, p["acc"], depth=0.25)

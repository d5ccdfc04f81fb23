"""The subjects: each paints its planes on a `Canvas` from the facts of the work (`f`), with the palette's roles.

Far things come first. Positions are in picture heights: x from 0 to `c.a`, y from 0 (top) to 1.
"""
import math

import numpy as np

from .canvas import TAU, Canvas, colour, mix, ridge, spline

WHITE, BLACK = np.ones(3, np.float32), np.zeros(3, np.float32)
FLESH = ["#f0c9a8", "#e2ae86", "#c98d62", "#9a6544", "#6f4630"]
HAIR = ["#2a1d18", "#5a3a22", "#8a5a2b", "#b98a45", "#1b1a20", "#7d7468", "#8c3b22"]
FRUIT = {"lemons": "#f2cc3c", "oranges": "#ee8a2c", "apples": "#c83a30", "pears": "#b9bd4f", "plums": "#5d3b73",
         "quinces": "#dcb545", "peaches": "#f0a070", "pomegranates": "#a8343c"}
FLOWERS = {"tulips": "#d8433f", "irises": "#5c57b4", "sunflowers": "#f2b92f", "poppies": "#df4a32", "roses": "#e38aa0",
           "daisies": "#f6f1e2", "peonies": "#e9a3b5", "cornflowers": "#4c72c4"}


def harbour(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.4, .52)
    c.sky(hz + .02, .6, (c.a * r.uniform(.2, .8), hz * r.uniform(.35, .7), .035))
    c.below(ridge(r, c.a, hz + .01, .12), p["far"], mix(p["far"], p["low"], .4), bottom=hz + .02, depth=.85)
    left = r.random() < .5
    x = 0.
    while x < c.a * .55:
        w, top = r.uniform(.06, .13), r.uniform(.09, .2)
        x0 = x if left else c.a - x - w
        wall = mix(p[r.choice(["low", "acc2", "mid", "acc", "light"])], p["far"], r.uniform(.1, .45))
        c.rect(x0, hz - top, x0 + w, hz + .02, wall, mix(wall, p["dark"], .25), depth=.6, angle=math.pi / 2)
        roof = mix(p["acc"], p["dark"], r.uniform(.2, .5))
        peak = r.uniform(.03, .07)
        c.poly([(x0 - .005, hz - top), (x0 + w / 2, hz - top - peak), (x0 + w + .005, hz - top)], roof, depth=.6)
        n = max(1, int(w / .035))
        for i in range(n):
            for y in np.arange(hz - top + .03, hz - .025, .05):
                wx = x0 + w * (i + .5) / n
                c.rect(wx - .007, y, wx + .007, y + .02, mix(p["dark"], p["acc2"], .9 * (r.random() < f["lit"])), depth=.58)
        x += w + (.01 if r.random() < .7 else .05)
    c.water(hz + .015, strength=.62)
    for k, y in enumerate(np.sort(r.uniform(hz + .1, .88, r.integers(3, 6)))):
        _boat(c, r.uniform(.1, .9) * c.a, y, .06 + .2 * (y - hz), r.random() < .75)


def _boat(c, x, y, s, sail=True):
    p, r = c.pal, c.rng
    hull = mix(p[r.choice(["dark", "acc", "near", "acc2"])], p["dark"], r.uniform(0, .35))
    flip = r.choice([-1, 1])

    def at(points):
        return [(x + flip * px * s, y + py * s) for px, py in points]
    c.poly(at([(-1, .06), (1.05, .06), (.8, .34), (-.75, .34)]), mix(p["dark"], p["water"], .45), depth=.35)
    c.poly(at([(-1.1, -.16), (-.6, -.06), (.5, -.06), (1.25, -.22), (.82, .12), (-.8, .12)]), hull, mix(hull, p["dark"], .5), depth=.3)
    c.line(at([(-.9, -.1), (-.5, -.04), (.5, -.04), (1.1, -.16)]), mix(hull, p["light"], .6), .004, depth=.3)
    c.line(at([(0, 0), (.02, -1.5)]), p["dark"], .006, depth=.3)
    if sail:
        cloth = mix(p[r.choice(["light", "acc", "acc2", "low"])], p["light"], .3)
        c.poly(spline(at([(.06, -1.45), (.5, -.7), (.95, -.24), (.06, -.22)]), n=4), cloth, mix(cloth, p["far"], .45), depth=.28, angle=1.2)
        c.poly(at([(-.04, -1.35), (-.7, -.26), (-.04, -.22)]), mix(cloth, p["far"], .25), mix(cloth, p["far"], .6), depth=.28, angle=2)
    else:
        c.line(at([(.02, -1.4), (1.1, -.2)]), p["dark"], .003, depth=.3)
        c.line(at([(.02, -1.4), (-.9, -.14)]), p["dark"], .003, depth=.3)


def mountains(c: Canvas, f):
    p, r = c.pal, c.rng
    hz = r.uniform(.62, .78)
    c.sky(hz, .55, (c.a * r.uniform(.15, .85), r.uniform(.12, .25), .04))
    peak = c.a * r.uniform(.3, .7)
    for k, (base, tall) in enumerate([(hz, .32), (hz + .02, .5), (hz + .04, .26), (hz + .06, .15)]):
        o = ridge(r, c.a, base, tall * (.35 if k == 1 else 1) * r.uniform(.8, 1.1), .52)
        if k == 1:
            cone = np.clip(1 - np.abs(o[:, 0] - peak) / r.uniform(.32, .5), 0, 1) ** 1.1
            o[:, 1] -= cone * .36
            lit = mix(p["far"], p["mid"], .35)
            c.below(o, mix(lit, p["dark"], .1), mix(p["far"], p["low"], .35), bottom=hz + .1, depth=.8, angle=.9)
            side = o[:, 0] > peak + .01 * np.sin(np.arange(len(o)))
            if side.sum() > 3:
                c.below(o[side], mix(p["far"], p["dark"], .32), mix(p["far"], p["low"], .2), bottom=hz + .1, depth=.8, angle=2.2)
            if f["snow"]:
                cap = o[(np.abs(o[:, 0] - peak) < .2)]
                n = len(cap)
                under = cap[::-1] + np.stack([np.zeros(n), .02 + .12 * np.clip(1 - np.abs(cap[::-1, 0] - peak) / .2, 0, 1)
                                              + .045 * r.random(n) * (np.arange(n) % 3 == 0)], 1)
                c.poly(np.vstack([cap, under]), mix(p["light"], WHITE, .4), mix(p["light"], p["far"], .5), depth=.78, angle=1.2)
        else:
            tone = mix(p["far"], p["mid"], k / 3)
            c.below(o, tone, mix(tone, p["low"], .45), bottom=hz + .1, depth=.9 - .12 * k, angle=.4)
            c.haze(base - .1, base + .06, p["low"], .4)
    if f["lake"]:
        c.water(hz + .05, strength=.7, ripple=.6)
        c.below(ridge(r, c.a, .99, .1), p["near"], p["dark"], depth=.2)
        _firs(c, .96, .16, 9)
    else:
        for k, b in enumerate([hz + .1, hz + .2]):
            tone = mix(p["mid"], p["near"], .35 + .5 * k)
            c.below(ridge(r, c.a, b, .08), tone, mix(tone, p["dark"], .2), depth=.4 - .15 * k, angle=.3)
            _firs(c, b + .01, .07 + .09 * k, 16 - 5 * k)


def _firs(c, base, tall, n):
    p, r = c.pal, c.rng
    region = None
    for x in np.sort(r.uniform(0, c.a, n)):
        h, b = tall * r.uniform(.6, 1.2), base + r.uniform(-.02, .02)
        pts = [(x, b - h)]
        for k in range(1, 5):
            pts += [(x + h * .055 * k, b - h + h * .22 * k), (x + h * .03 * k, b - h + h * .2 * k)]
        pts += [(2 * x - px, py) for px, py in pts[::-1]]
        tone = mix(p["near"], p["dark"], r.uniform(.3, .9))
        region = c.poly(pts, tone, depth=.25, angle=math.pi / 2, region=region)


def _crown(c, x, y, s, tones, n=90, depth=.35, region=None, flat=.8):
    "A tree's leaves: dark below, light where the light comes from"
    r = c.rng
    t, d = r.uniform(0, TAU, n), np.sqrt(r.random(n))
    px, py = x + s * d * np.cos(t), y + s * flat * d * np.sin(t)
    order = np.argsort(-py + r.normal(0, s * .3, n))
    lit = np.clip(.5 - .45 * (py - y) / (s * flat) - .3 * (px - x) / s + r.normal(0, .15, n), 0, 1)
    fills = mix(tones[0], tones[1], lit[:, None])
    return c.dots(np.stack([px, py], 1)[order], s * r.uniform(.1, .26, n), fills[order], depth=depth, angle=.8, region=region)


def orchard(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.36, .46)
    c.sky(hz + .02, .5)
    c.below(ridge(r, c.a, hz + .02, .1), p["far"], mix(p["far"], p["low"], .3), bottom=hz + .08, depth=.85)
    c.rect(-.01, hz + .01, c.a + .01, 1.01, mix(p["mid"], p["low"], .35), mix(p["mid"], p["near"], .7), depth=.5, angle=.1)
    vx = c.a * r.uniform(.35, .65)
    for k in range(7):
        x0, x1 = vx + (k - 3) * .05, vx + (k - 3.2) * .55
        c.poly([(x0, hz + .02), (x0 + .012, hz + .02), (x1 + .16, 1.02), (x1, 1.02)], mix(p["mid"], p["light"], .35),
               mix(p["mid"], p["acc2"], .3), depth=.48, angle=1.3)
    leaf = (mix(p["near"], p["dark"], .35), mix(p["mid"], p["light"], .35))
    if f["blossom"]:
        leaf = mix(p["acc"], p["far"], .45), mix(p["light"], p["acc"], .18)
    for row, y in enumerate([hz + .1, hz + .22, hz + .42]):
        s = .075 + .075 * row
        for k in range(5 - row):
            x = c.a * (k + .5 + r.uniform(-.2, .2)) / (5 - row)
            c.ellipse(x + s * .5, y + .01, s * 1.25, s * .22, mix(p["near"], p["dark"], .45), depth=.4)
            c.poly([(x - s * .1, y), (x - s * .06, y - s * .8), (x + s * .06, y - s * .8), (x + s * .12, y)],
                   mix(p["dark"], p["acc2"], .15), depth=.33, angle=math.pi / 2)
            for sx in (-.35, .4):
                c.line([(x, y - s * .7), (x + s * sx, y - s * 1.15)], p["dark"], s * .09, depth=.33)
            _crown(c, x, y - s * 1.35, s, leaf, 60 + 50 * row)
            if not f["blossom"]:
                n = 8 + 8 * row
                t, d = r.uniform(0, TAU, n), np.sqrt(r.random(n)) * .85
                q = np.stack([x + s * d * np.cos(t), y - s * 1.35 + s * .8 * d * np.sin(t)], 1)
                c.dots(q, s * .075, p["acc"], depth=.3)
                c.dots(q - s * .025, s * .025, mix(p["acc"], WHITE, .5), depth=.3)
    n = int(60 * c.a)
    q = np.stack([r.uniform(0, c.a, n), r.uniform(hz + .3, 1, n)], 1)
    c.dots(q, .004 + .008 * (q[:, 1] - hz), mix(p["acc"], p["light"], .4) if f["blossom"] else p["acc2"], depth=.2)


def _table(c, y):
    "A wall, a table with a cloth; returns nothing, sets the room for things on it"
    p, r = c.pal, c.rng
    wall = mix(p["far"], p["dark"], r.uniform(.15, .5))
    c.rect(-.01, -.01, c.a + .01, y + .02, wall, mix(wall, p["dark"], .45), depth=.95, angle=.7)
    c.glow(c.a * .25, .2, .75, mix(p["light"], p["acc2"], .3), .35)
    for k in range(r.integers(0, 3)):
        x = r.uniform(.1, .9) * c.a
        fold = mix(wall, p[r.choice(["acc", "water", "near"])], .5)
        c.poly(spline([(x, -.05), (x + .25, -.05), (x + .2, .3), (x + .3, y + .02), (x - .05, y + .02), (x + .06, .3)], n=5),
               fold, mix(fold, p["dark"], .5), depth=.9, angle=1.5, side=True)
    wood = mix(p["acc2"], p["near"], .55)
    c.rect(-.01, y, c.a + .01, 1.01, mix(wood, p["light"], .25), mix(wood, p["dark"], .5), depth=.7, angle=0)
    x0 = r.uniform(.05, .35) * c.a
    w = r.uniform(.4, .65) * c.a
    cloth = mix(p["light"], p["low"], .4)
    c.poly(spline([(x0, y + .05), (x0 + w * .5, y + .03), (x0 + w, y + .07), (x0 + w * 1.05, .86), (x0 + w * .8, 1.05), (x0 + w * .3, 1.03), (x0 - .06, .9)], n=5),
           cloth, mix(cloth, p["far"], .55), depth=.65, angle=.4)
    for k in range(4):
        x = x0 + w * (k + .6) / 4.4
        c.poly([(x, y + .1), (x + .012, y + .1), (x + .05 + .02 * k, 1.02), (x + .005, 1.02)], mix(cloth, p["far"], .65), depth=.64, angle=1.4)


def _jug(c, x, y, s, fill, kind="jug"):
    p = c.pal
    prof = {"jug": [(.2, -1.25), (.16, -1.1), (.17, -.95), (.38, -.62), (.4, -.3), (.26, 0)],
            "bottle": [(.09, -1.8), (.08, -1.25), (.12, -1.05), (.27, -.85), (.27, -.3), (.25, 0)],
            "vase": [(.26, -1.1), (.17, -.98), (.2, -.8), (.38, -.5), (.33, -.18), (.2, 0)]}[kind]
    side = spline([(x + px * s, y + py * s) for px, py in prof], closed=False, n=6)
    other = np.stack([2 * x - side[:, 0], side[:, 1]], 1)[::-1]
    c.ellipse(x + s * .35, y + .005, s * .55, s * .1, mix(p["dark"], p["near"], .3), depth=.6)
    c.poly(np.vstack([side, other]), mix(fill, WHITE, .3), mix(fill, p["dark"], .6), depth=.4, angle=1.5, side=True)
    top = prof[0]
    c.ellipse(x, y + top[1] * s, top[0] * s, .05 * s, mix(fill, p["dark"], .6), depth=.4)
    if kind == "jug":
        h = spline([(x + .17 * s, y - 1.1 * s), (x + .5 * s, y - 1.05 * s), (x + .52 * s, y - .7 * s), (x + .36 * s, y - .5 * s)], closed=False)
        c.line(h, mix(fill, p["dark"], .35), .07 * s, depth=.4)
    c.ellipse(x - .16 * s, y - .5 * s, .04 * s, .2 * s, mix(fill, WHITE, .75), depth=.39, turn=.1)


def still_life(c: Canvas, f):
    p, r, y = c.pal, c.rng, c.rng.uniform(.5, .6)
    _table(c, y)
    s = .34 * min(1, c.a / .9)
    xs = c.a * r.uniform(.22, .34)
    glaze = colour(f["glaze"])
    if r.random() < .6:
        _jug(c, c.a * .68, y + .1, s * .85, mix(p["near"], p["dark"], .3), "bottle")
    _jug(c, xs, y + .16, s, glaze, "jug")
    fruit = mix(colour(FRUIT[f["fruit"]]), p["acc2"], .12)
    bx, by, br = c.a * r.uniform(.52, .62), y + .22, .2 * min(1, c.a / .9)
    c.ellipse(bx + .05, by + .09, br * 1.25, .045, mix(p["dark"], p["near"], .25), depth=.6)
    tall = 1.35 if f["fruit"] in ("pears", "quinces", "lemons") else 1.
    for k, (dx, dy) in enumerate([(-.55, -.16), (.5, -.15), (0, -.2), (-.22, -.42), (.28, -.4)]):
        fr = br * .36
        c.ball(bx + dx * br, by + dy * br - .02, fr, fr * (tall if k % 2 else 1), chroma_jitter(r, fruit), depth=.4)
    bowl = mix(glaze, p["light"], .55)
    t = np.linspace(0, math.pi, 24)
    c.poly(np.stack([bx + br * np.cos(t), by - .04 + br * .62 * np.sin(t)], 1), mix(bowl, WHITE, .4), mix(bowl, p["dark"], .5), depth=.35, side=True)
    c.line([(bx - br, by - .04), (bx + br, by - .04)], mix(bowl, WHITE, .6), .008, depth=.35)
    for k in range(r.integers(3, 6)):
        fr = r.uniform(.05, .065) * min(1, c.a / .9)
        fx, fy = c.a * r.uniform(.16, .88), r.uniform(y + .28, .9)
        c.ellipse(fx + fr * .5, fy + fr * .85, fr * 1.3, fr * .3, mix(p["dark"], p["near"], .3), depth=.5)
        c.ball(fx, fy, fr * (tall if tall > 1 else 1), fr, chroma_jitter(r, fruit), depth=.2)
        if f["fruit"] in ("apples", "pears", "plums", "pomegranates"):
            c.line([(fx, fy - fr * .8), (fx + fr * .2, fy - fr * 1.35)], p["dark"], .005, depth=.2)


def chroma_jitter(r, fill, by=.07):
    return np.clip(np.asarray(fill) + r.normal(0, by, 3) * .6 + r.normal(0, by) * .6, 0, 1)


def _blossom(c, x, y, s, kind, fill, turn=0., depth=.3):
    "One flower seen from the front (or the side, for tulips)"
    p, r = c.pal, c.rng
    if kind == "tulips":
        for dx, k in ((-.3, -.25), (.3, .2), (0, 0)):
            c.ellipse(x + dx * s, y, s * .42, s * .8, mix(fill, p["dark"] if k < 0 else WHITE, abs(k)), mix(fill, p["dark"], .3), turn=turn + dx * .6, depth=depth)
        return
    if kind in ("peonies", "roses"):
        for k in range(4):
            rr, tone = s * (1 - .22 * k), mix(fill, p["dark"] if k % 2 else WHITE, .12 + .05 * k)
            t = np.linspace(0, TAU, 9, endpoint=False) + r.uniform(0, 1)
            wob = rr * (1 + r.normal(0, .09, 9))
            c.poly(spline(np.stack([x + wob * np.cos(t), y + .85 * wob * np.sin(t)], 1), n=4), tone, mix(tone, p["dark"], .18), depth=depth)
        return
    n = {"sunflowers": 16, "daisies": 12, "poppies": 5, "irises": 6, "cornflowers": 9}[kind]
    wide = {"poppies": .55, "irises": .36}.get(kind, .2)
    for k in range(n):
        t = turn + TAU * k / n
        tone = mix(fill, p["dark"] if k % 2 else WHITE, .16)
        c.ellipse(x + .55 * s * math.cos(t), y + .55 * s * math.sin(t), s * .5, s * wide, tone, turn=t, depth=depth, angle=t % math.pi)
    core = {"sunflowers": (.42, "#4a2c17"), "daisies": (.28, "#f0b429"), "poppies": (.2, "#231a1c"), "irises": (.16, "#f0c33c")}.get(kind, (.2, "#2c2f6b"))
    c.ball(x, y, s * core[0], s * core[0], colour(core[1]), depth=depth)


def flowers(c: Canvas, f):
    p, r = c.pal, c.rng
    y = r.uniform(.74, .8)
    _table(c, y)
    x, s = c.a * r.uniform(.45, .55), .3 * min(1, c.a / .8)
    fill = mix(colour(FLOWERS[f["flower"]]), p["acc"], .1)
    green = mix(p["near"], colour("#4f7d3f"), .6)
    ry, rx = .3, min(.36, c.a * .4)
    top = y - .28
    n = r.integers(11, 16)
    t, d = np.linspace(0, TAU, n, endpoint=False) * 2.4, np.sqrt((np.arange(n) + .5) / n)
    pos = np.stack([x + rx * d * np.cos(t), top - .16 + ry * .8 * d * np.sin(t)], 1)
    pos[:, 1] = np.minimum(pos[:, 1], top + .05)
    for px, py in pos:
        bend = spline([(x, top + .12), ((x + px) / 2 + r.normal(0, .02), (top + py) / 2 + .03), (px, py)], closed=False)
        c.line(bend, mix(green, p["dark"], .25), .007, depth=.5)
    for k in range(16):
        a = r.uniform(-math.pi, .25) if k % 2 else r.uniform(-math.pi - .25, 0)
        q = x + rx * .62 * math.cos(a), top - .1 + ry * .62 * math.sin(a)
        c.ellipse(*q, r.uniform(.07, .12), r.uniform(.018, .032), mix(green, p["light"] if k % 3 else p["dark"], r.uniform(.05, .3)), turn=a + r.normal(0, .3), depth=.45, angle=a % math.pi)
    order = np.argsort(-d)
    for k in order:
        tone = mix(chroma_jitter(r, fill, .05), p["dark"], .25 * d[k] * r.random())
        _blossom(c, *pos[k], r.uniform(.062, .085) * min(1.15, c.a / .75), f["flower"], tone, r.uniform(-.4, .4))
    _jug(c, x, y + .12, s, colour(f["glaze"]), "vase")
    for k in range(r.integers(1, 4)):
        c.ellipse(x + r.uniform(-.3, .3), y + r.uniform(.12, .18), .022, .01, fill, turn=r.uniform(0, 3), depth=.3)


def portrait(c: Canvas, f):
    p, r = c.pal, c.rng
    wall = mix(p["far"], p["near"], r.uniform(.1, .7))
    c.rect(-.01, -.01, c.a + .01, 1.01, mix(wall, p["light"], .22), mix(wall, p["dark"], .4), depth=.95, angle=.8)
    if r.random() < .55:
        x0 = r.choice([0, c.a * .72])
        drape = mix(p["acc"], p["dark"], .45)
        for k in range(4):
            c.poly(spline([(x0 + .1 * k - .06, -.1), (x0 + .1 * k + .07, -.1), (x0 + .1 * k + .05, .5), (x0 + .1 * k + .09, 1.1), (x0 + .1 * k - .04, 1.1)], n=4),
                   mix(drape, p["light"], .18), mix(drape, p["dark"], .4), side=True, depth=.9, angle=1.5)
    else:
        c.rect(-.01, .68, c.a + .01, 1.01, mix(p["acc2"], wall, .6), mix(wall, p["dark"], .5), depth=.9)
    c.glow(c.a * .5, .36, .6, p["light"], .3)
    x, s, lean = c.a * r.uniform(.46, .54), min(1, c.a / .72), r.uniform(-.12, .12)
    skin, hair, dress = colour(FLESH[f["skin"]]), colour(HAIR[f["hair"]]), p[f["dress"]]
    shade = mix(skin, p["dark"], .3)
    hx, hy, fw, fh = x, .36, .115 * s, .168 * s

    def at(points):
        q = np.asarray(points, float) * s
        cs, sn = math.cos(lean), math.sin(lean)
        return np.stack([hx + q[:, 0] * cs - q[:, 1] * sn, hy + q[:, 0] * sn + q[:, 1] * cs], 1)
    if f["long_hair"]:
        c.poly(spline(at([(-.03, -.21), (.1, -.17), (.16, 0), (.17, .2), (.2, .4), (-.2, .4), (-.17, .2), (-.16, 0), (-.1, -.17)]), n=6),
               mix(hair, p["light"], .12), mix(hair, BLACK, .35), depth=.6, angle=1.5, side=True)
    c.poly(spline([(x - .05 * s, .56), (x - .17 * s, .64), (x - .34 * s, .74), (x - .42 * s, 1.1), (x + .42 * s, 1.1), (x + .34 * s, .74), (x + .17 * s, .64), (x + .05 * s, .56)], n=6),
           mix(dress, p["light"], .2), mix(dress, p["dark"], .5), depth=.4, angle=1.2)
    c.poly(spline([(x + .1 * s, .66), (x + .3 * s, .76), (x + .4 * s, 1.1), (x + .2 * s, 1.1), (x + .16 * s, .84)], n=5), mix(dress, p["dark"], .4), mix(dress, p["dark"], .62), depth=.4, angle=1.2)
    c.poly(spline([(x - .066 * s, .46), (x + .066 * s, .46), (x + .07 * s, .6), (x + .13 * s, .66), (x, .74), (x - .13 * s, .66), (x - .07 * s, .6)], n=6),
           mix(skin, shade, .4), mix(skin, shade, .7), depth=.38, angle=1.5)
    c.poly(spline(at([(-.06, .1), (.065, .1), (.05, .19), (0, .22), (-.05, .17)]), n=5), mix(shade, p["dark"], .1), depth=.37)
    if not f["long_hair"]:
        c.poly(spline(at([(0, -.205), (.11, -.16), (.142, -.02), (.12, .06), (-.12, .06), (-.142, -.02), (-.11, -.16)]), n=6), mix(hair, p["light"], .1), mix(hair, BLACK, .3), depth=.35)
    c.poly(spline(at([(0, -fh / s), (.085, -.13), (.112, -.02), (.1, .09), (.045, .17), (0, .185), (-.045, .17), (-.1, .09), (-.112, -.02), (-.085, -.13)]), n=7),
           mix(skin, WHITE, .12), mix(shade, skin, .25), side=True, depth=.3, angle=1.4)
    c.poly(spline(at([(.03, -.05), (.1, -.06), (.108, .03), (.06, .14), (.03, .17), (.05, .06)]), n=5), mix(skin, shade, .65), depth=.3)
    for k in (-1, 1):
        c.ellipse(*at([(.07 * k, .055)])[0], .028 * s, .02 * s, mix(skin, p["acc"], .28), depth=.3)
        ex = .046 * k
        c.poly(spline(at([(ex - .027, -.012), (ex, -.026), (ex + .027, -.012), (ex, -.002)]), n=5), mix(p["light"], skin, .25), depth=.28)
        c.ellipse(*at([(ex + .003, -.014)])[0], .011 * s, .012 * s, mix(p["dark"], BLACK, .4), depth=.27)
        c.line(spline(at([(ex - .03, -.012), (ex, -.03), (ex + .03, -.011)]), closed=False), mix(hair, BLACK, .5), .006 * s, depth=.27)
        c.line(spline(at([(ex - .034, -.048), (ex, -.062), (ex + .034, -.05)]), closed=False), mix(hair, shade, .2), .008 * s, depth=.27)
    c.line(spline(at([(.008, -.03), (.016, .03), (.022, .062), (.002, .07), (-.012, .064)]), closed=False), mix(shade, p["dark"], .25), .006 * s, depth=.27)
    lip = mix(skin, colour("#a8323a"), .65)
    c.poly(spline(at([(-.034, .108), (-.01, .1), (0, .104), (.01, .1), (.034, .108), (0, .126)]), n=5), lip, mix(lip, p["dark"], .2), depth=.27)
    c.line(at([(-.03, .109), (0, .112), (.03, .109)]), mix(lip, p["dark"], .5), .003, depth=.27)
    sweep = .05 * r.choice([-1, 1])
    c.poly(spline(at([(-.122, .0), (-.13, -.1), (-.06, -.2), (.06, -.2), (.13, -.1), (.122, .0), (.095, -.09), (sweep, -.135), (-.095, -.09)]), n=6),
           mix(hair, p["light"], .25), mix(hair, BLACK, .2), depth=.26, angle=.3)
    _attire(c, f, at, s, x, dress)


def _attire(c, f, at, s, x, dress):
    "Hat, scarf, collar or beads"
    p, fill = c.pal, c.pal[f["hat_colour"]]
    if f["attire"] == "hat":
        c.poly(spline(at([(-.235, -.105), (0, -.165), (.235, -.105), (.12, -.085), (0, -.1), (-.12, -.085)]), n=6), fill, mix(fill, p["dark"], .4), depth=.2)
        c.poly(spline(at([(-.12, -.13), (-.1, -.24), (0, -.275), (.1, -.24), (.12, -.13), (0, -.155)]), n=6), mix(fill, p["light"], .3), mix(fill, p["dark"], .3), depth=.2, side=True)
        c.line(spline(at([(-.12, -.135), (0, -.165), (.12, -.135)]), closed=False), mix(dress, p["dark"], .4), .022 * s, depth=.2)
    elif f["attire"] == "scarf":
        c.poly(spline([(x - .13 * s, .61), (x, .66), (x + .13 * s, .61), (x + .15 * s, .68), (x, .75), (x - .15 * s, .68)], n=5), mix(fill, p["light"], .2), mix(fill, p["dark"], .3), depth=.2)
        c.poly(spline([(x + .03 * s, .7), (x + .11 * s, .69), (x + .15 * s, .92), (x + .06 * s, .94)], n=5), fill, mix(fill, p["dark"], .4), depth=.2, angle=1.5)
    elif f["attire"] == "collar":
        c.poly([(x - .13 * s, .64), (x, .78), (x - .17 * s, .8), (x - .22 * s, .69)], mix(p["light"], WHITE, .4), mix(p["light"], p["far"], .4), depth=.2)
        c.poly([(x + .13 * s, .64), (x, .78), (x + .17 * s, .8), (x + .22 * s, .69)], mix(p["light"], p["far"], .25), mix(p["light"], p["far"], .55), depth=.2)
    else:
        t = np.linspace(.35, math.pi - .35, 13)
        q = np.stack([x + .125 * s * np.cos(t), .64 + .1 * s * np.sin(t)], 1)
        c.dots(q, .012 * s, mix(fill, WHITE, .2), depth=.2)
        c.dots(q - .003, .004 * s, WHITE, depth=.2)


def interior(c: Canvas, f):
    p, r = c.pal, c.rng
    wall = mix(p["acc2"], p["far"], r.uniform(.45, .8))
    c.rect(-.01, -.01, c.a + .01, .8, mix(wall, p["light"], .2), mix(wall, p["dark"], .25), depth=.8, angle=1.5)
    for k in range(int(c.a / .07)):
        if f["striped"]:
            c.rect(.07 * k, 0, .07 * k + .03, .78, mix(wall, p["light"], .32), mix(wall, p["dark"], .12), depth=.8, region=200, angle=1.5)
    floor = mix(p["near"], p["acc"], .35)
    c.rect(-.01, .78, c.a + .01, 1.01, mix(floor, p["light"], .2), mix(floor, p["dark"], .4), depth=.6)
    for k in range(-8, 9):
        c.line([(c.a / 2 + k * .09, .78), (c.a / 2 + k * .22, 1.02)], mix(floor, p["dark"], .5), .003, depth=.6)
    w, x = min(.42, c.a * .44), c.a * r.uniform(.25, .5)
    y0, y1 = .1, .6
    c.rect(x - .025, y0 - .025, x + w + .025, y1 + .025, mix(p["light"], p["low"], .3), mix(p["light"], p["far"], .4), depth=.75)
    v = Canvas(max(int(w * c.h), 8), max(int((y1 - y0) * c.h), 8), r, p)
    (_sea_view if f["view"] == "the sea" else _hill_view)(v)
    c.image.paste(v.image, (int(x * c.h), int(y0 * c.h)))
    c._note(lambda d, q: d.rectangle([x * c.h, y0 * c.h, (x + w) * c.h, y1 * c.h], fill=q), .99, 0, None)
    bar = mix(p["light"], p["low"], .2)
    c.rect(x + w / 2 - .007, y0, x + w / 2 + .007, y1, bar, depth=.7)
    c.rect(x, y0 + .2, x + w, y0 + .213, bar, depth=.7)
    c.rect(x - .05, y1 + .02, x + w + .05, y1 + .045, mix(bar, p["far"], .3), depth=.68)
    cur = mix(p["acc"], p["light"], r.uniform(.1, .45))
    for side in (-1, 1):
        cx = x - .05 if side < 0 else x + w + .05
        for k in range(3):
            a = cx - side * .035 * k
            c.poly(spline([(a - .03, .04), (a + .03, .04), (a + .02, .4), (a + .035 + side * .02, .77), (a - .035 + side * .02, .77), (a - .02, .4)], n=4),
                   mix(cur, WHITE, .25), mix(cur, p["dark"], .35), side=True, depth=.5, angle=1.5)
    c.rect(x - .14, .03, x + w + .14, .05, mix(p["dark"], p["acc2"], .3), depth=.5)
    c.poly([(x + .05, .83), (x + w * .9, .83), (x + w * 1.2, 1.01), (x + .2, 1.01)], mix(p["light"], floor, .45), mix(p["light"], floor, .7), depth=.58)
    tx, ty, tr = c.a * r.choice([.22, .78]), .76, min(.24, c.a * .26)
    wood = mix(p["acc2"], p["dark"], .45)
    for k in (-.6, .6):
        c.line([(tx + k * tr, ty), (tx + k * tr * .8, 1.)], mix(wood, p["dark"], .4), .018, depth=.3)
    c.ellipse(tx, ty, tr, .055, mix(wood, p["light"], .4), mix(wood, p["light"], .1), depth=.3)
    _jug(c, tx - .06, ty, .17, p["water"], "vase")
    for k in range(6):
        a = -math.pi / 2 + (k - 2.5) * .28
        q = tx - .06 + .17 * math.cos(a), ty - .2 + .15 * math.sin(a)
        c.line([(tx - .06, ty - .17), q], p["near"], .005, depth=.3)
        _blossom(c, *q, .03, r.choice(["daisies", "poppies", "peonies"]), p["acc"], k)
    c.ball(tx + .08, ty - .03, .034, .034, p["acc2"], depth=.25)
    c.ball(tx + .14, ty - .02, .03, .03, p["acc"], depth=.25)


def _sea_view(c):
    p = c.pal
    c.sky(.5, .6)
    c.water(.48, strength=.3)
    _boat(c, c.a * .65, .58, .1)
    c.below(ridge(c.rng, c.a, .97, .12), p["mid"], p["near"])


def _hill_view(c):
    p, r = c.pal, c.rng
    c.sky(.6, .6)
    for k in range(4):
        tone = mix(p["far"], p["near"], k / 3.5)
        c.below(ridge(r, c.a, .62 + .13 * k, .16), mix(tone, p["light"], .15), tone)
    for k in range(4):
        _crown(c, r.uniform(0, c.a), r.uniform(.75, .95), .09, (p["near"], mix(p["mid"], p["light"], .3)), 40)


def night_city(c: Canvas, f):
    p, r, y = c.pal, c.rng, c.rng.uniform(.66, .74)
    c.sky(y, .35)
    if f["night"]:
        n = 40
        c.dots(np.stack([r.uniform(0, c.a, n), r.uniform(0, .4, n)], 1), r.uniform(.001, .0035, n), p["light"], depth=.97)
        mx = r.uniform(.15, .85) * c.a
        c.glow(mx, .16, .25, p["light"], .5)
        c.ellipse(mx, .16, .035, .035, p["light"], depth=.96)
    for layer in range(3):
        x = -.05
        while x < c.a:
            w, top = r.uniform(.07, .17), r.uniform(.16, .34 + .12 * (2 - layer))
            wall = mix(mix(p["far"], p["near"], layer / 2), p["dark"], .25 + .2 * layer)
            t = y + .01 - top * (1.15 - .15 * layer)
            c.rect(x, t, x + w, y + .02, wall, mix(wall, p["low"], .22), depth=.8 - .2 * layer, angle=1.5)
            kind = r.integers(0, 4)
            if kind == 0:
                c.poly([(x, t), (x + w / 2, t - .05), (x + w, t)], mix(wall, p["dark"], .4), depth=.8 - .2 * layer)
            elif kind == 1:
                c.line([(x + w / 2, t), (x + w / 2, t - .08)], wall, .006, depth=.8 - .2 * layer)
            elif kind == 2:
                c.ellipse(x + w / 2, t, w * .3, .04, mix(wall, p["acc"], .25), depth=.8 - .2 * layer)
            cols, lit = max(2, int(w / .026)), []
            for i in range(cols):
                for wy in np.arange(t + .025, y - .01, .034):
                    if r.random() < .2 + .22 * layer:
                        lit.append((x + w * (i + .5) / cols, wy))
            reg = None
            for wx, wy in lit:
                tone = mix(p["acc2"], p["light"] if r.random() < .6 else p["acc"], r.uniform(0, .6))
                reg = c.rect(wx - .0055, wy, wx + .0055, wy + .017, tone, depth=.78 - .2 * layer, region=reg)
            x += w + r.uniform(-.01, .015)
    c.glow(c.a * .5, y, .55, p["acc2"], .3)
    c.rect(-.01, y, c.a + .01, 1.01, mix(p["dark"], p["water"], .4), p["dark"], depth=.4)
    c.water(y + .012, strength=.85, ripple=1.1)
    for k in range(int(c.a * 5)):
        lx = (k + .5) / 5 + r.uniform(-.02, .02)
        c.line([(lx, y + .02), (lx, y - .075)], mix(p["dark"], BLACK, .3), .005, depth=.2)
        c.glow(lx, y - .08, .075, p["acc2"], .85)
        c.ellipse(lx, y - .08, .009, .009, mix(p["light"], WHITE, .3), depth=.2)
        c.glow(lx, y + .12, .07, p["acc2"], .35)


def river_bridge(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.4, .48)
    c.sky(hz + .02, .6, (c.a * r.uniform(.15, .85), .17, .035))
    for k in range(2):
        tone = mix(p["far"], p["mid"], .45 * k)
        c.below(ridge(r, c.a, hz + .03 * k, .14 - .04 * k), tone, mix(tone, p["low"], .35), bottom=hz + .1, depth=.85 - .1 * k)
    for k in range(9):
        _crown(c, r.uniform(0, c.a), hz + r.uniform(-.01, .04), r.uniform(.03, .06), (p["near"], mix(p["mid"], p["light"], .3)), 26, depth=.7)
    c.rect(-.01, hz + .06, c.a + .01, 1.01, mix(p["water"], p["low"], .3), mix(p["water"], p["near"], .35), depth=.68)
    c.below(ridge(r, c.a, hz + .13, .035), mix(p["mid"], p["near"], .4), mix(p["near"], p["dark"], .25), bottom=hz + .15, depth=.67)
    deck, n = hz + .015, int(r.integers(2, 5))
    stone = mix(p["acc2"], p["far"], .55) if r.random() < .7 else mix(p["acc"], p["far"], .4)
    span, x, low = c.a / n, np.linspace(0, c.a, 120), hz + .17
    arch = low - np.sqrt(np.clip(1 - ((x % span - span / 2) / (span * .41)) ** 2, 0, 1)) * .13
    top = deck - .035 * np.sin(x / c.a * math.pi)
    c.poly(np.vstack([np.stack([x, top], 1), np.stack([x, arch], 1)[::-1]]), mix(stone, p["light"], .3), mix(stone, p["dark"], .42), depth=.5)
    for dy, tone in ((0, mix(stone, p["light"], .55)), (.014, mix(stone, p["dark"], .3))):
        c.line(np.stack([x, top + dy], 1), tone, .009, depth=.49)
    for k in range(r.integers(2, 6)):
        fx = r.uniform(.1, .9) * c.a
        fy = deck - .035 * math.sin(fx / c.a * math.pi)
        c.line([(fx, fy), (fx, fy - .03)], p[r.choice(["acc", "dark", "near"])], .011, depth=.48)
        c.ellipse(fx, fy - .036, .006, .008, p["dark"], depth=.48)
    c.water(low - .005, strength=.72)
    side = r.choice([-1, 1])
    bank = [(0, .74), (c.a * .3, .84), (c.a * .48, 1.02), (0, 1.02)]
    bank = bank if side < 0 else [(c.a - bx, by) for bx, by in bank]
    c.poly(spline(bank, n=6), mix(p["mid"], p["near"], .5), mix(p["near"], p["dark"], .3), depth=.2, angle=.3)
    bx = .1 if side < 0 else c.a - .1
    c.line([(bx, .9), (bx + .015, .55)], mix(p["dark"], p["acc2"], .2), .028, depth=.15)
    for k in range(3):
        _crown(c, bx + r.normal(0, .06), .42 - .07 * k, .15 - .02 * k, (mix(p["near"], p["dark"], .3), mix(p["mid"], p["acc2"], .35)), 80, depth=.12)
    if r.random() < .7:
        _boat(c, c.a * (.62 if side < 0 else .36), .82, .085, False)


def forest(c: Canvas, f):
    p, r = c.pal, c.rng
    c.rect(-.01, -.01, c.a + .01, 1.01, mix(p["low"], p["light"], .4), mix(p["mid"], p["low"], .5), depth=1, angle=1.5)
    gx = c.a * r.uniform(.35, .65)
    c.glow(gx, .38, .6, p["light"], .8)
    c.below(ridge(r, c.a, .7, .05), mix(p["mid"], p["low"], .3), p["near"], depth=.7)
    for layer in range(4):
        t = layer / 3
        tone = mix(mix(p["far"], p["low"], .35), p["dark"], t ** .8)
        ground = .68 + .09 * layer
        if layer:
            g = mix(p["mid"], p["near"], t)
            c.below(ridge(r, c.a, ground, .04), mix(g, p["light"], .2 * (1 - t)), mix(g, p["dark"], .3), depth=.6 - .15 * layer, angle=.1)
        for x in np.sort(r.uniform(-.02, c.a + .02, int((13 - 3 * layer) * max(c.a, .8)))):
            if layer == 3 and abs(x - gx) < .2:
                continue
            w, lean = .008 + .016 * layer * r.uniform(.7, 1.3), r.normal(0, .025)
            base = ground + r.uniform(-.01, .05)
            lit = mix(tone, p["light"], .32 * (1 - t) + .14)
            c.poly([(x - w, base), (x + lean - w * .7, -.02), (x + lean + w * .7, -.02), (x + w * 1.15, base)],
                   lit if x > gx else tone, tone if x > gx else lit, depth=.65 - .17 * layer, angle=1.55, side=True)
            for k in range(3):
                by = r.uniform(.02, .42)
                d = r.choice([-1, 1]) * r.uniform(.06, .16)
                c.line([(x + lean * .5, by + .08), (x + d, by)], tone, max(w * .3, .003), depth=.65 - .17 * layer)
        if layer < 3:
            for k in range(int(7 * max(c.a, 1))):
                q = r.uniform(-.02, c.a), r.uniform(-.03, .28 - .03 * layer)
                leaf = mix(p["mid"], p["acc2"], .55 * f["autumn"])
                _crown(c, *q, r.uniform(.05, .1), (mix(tone, leaf, .5), mix(leaf, p["light"], .45 - .1 * layer)), 26, depth=.6 - .15 * layer)
            c.haze(.3, .75, mix(p["low"], p["light"], .5), .28)
    path = spline([(gx - .02, .69), (gx + .03, .69), (gx + .02, .8), (gx + .2, 1.03), (gx - .22, 1.03), (gx - .08, .8)], n=6)
    c.poly(path, mix(p["light"], p["acc2"], .25), mix(p["acc2"], p["near"], .5), depth=.35, angle=1.4)
    n = int(70 * c.a)
    q = np.stack([r.uniform(0, c.a, n), r.uniform(.74, 1, n)], 1)
    c.dots(q, .003 + .02 * (q[:, 1] - .7), mix(p["acc2"], p["acc"], r.random((n, 1))), depth=.15, flat=.5)


def storm_sea(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.42, .52)
    c.sky(hz + .04, .9)
    for k in range(3):
        o = ridge(r, c.a, .12 + .1 * k, .1)
        c.poly(np.vstack([[(-.02, -.02)], o, [(c.a + .02, -.02)]]), mix(p["top"], p["dark"], .5 - .15 * k), depth=.97)
        c.haze(.02 + .1 * k, .2 + .1 * k, mix(p["far"], p["low"], .5), .4)
    gx = c.a * r.uniform(.2, .8)
    c.glow(gx, hz - .05, .45, p["light"], .55)
    if f["lightning"]:
        x, y, pts = gx, .04, []
        while y < hz:
            pts.append((x, y))
            x, y = x + r.normal(0, .035), y + r.uniform(.025, .06)
        c.glow(gx, .2, .35, p["light"], .5)
        c.line(pts, mix(p["light"], WHITE, .6), .006, depth=.9)
    c.rect(-.01, hz - .01, c.a + .01, 1.01, mix(p["water"], p["low"], .4), p["water"], depth=.8)
    sx = c.a * r.uniform(.3, .7)
    for k in range(6):
        base, t = hz + .05 + .105 * k, k / 5
        if k == 2:
            _ship(c, sx, base - .02, .15)
        n, x = 140, np.linspace(-.03, c.a + .03, 140)
        f0, ph = r.uniform(2.2, 3.6) / (1 + .55 * t), r.uniform(0, TAU)
        s = np.sin(x * f0 * 3 + ph)
        y = base - (.028 + .06 * t) * (np.abs(s) ** .7 * np.sign(s) + .5 * np.sin(x * f0 * 7.3 + ph * 2))
        tone = mix(mix(p["water"], p["low"], .3 * (1 - t)), p["dark"], .1 + .3 * t)
        o = np.stack([x, y], 1)
        c.below(o, mix(tone, p["acc2"] * .4 + p["low"] * .6, .25), mix(tone, p["dark"], .35), bottom=base + .3, depth=.7 - .1 * k, angle=2.8 if k % 2 else .3)
        foam = mix(p["light"], tone, .15)
        crest = s > .45
        starts = np.flatnonzero(np.diff(np.r_[0, crest.astype(int)]) == 1)
        for a in starts:
            b = a
            while b < n - 1 and crest[b]:
                b += 1
            seg = o[a:b + 1]
            if len(seg) < 4:
                continue
            thick = .008 + .03 * t
            under = seg[::-1] + np.stack([r.normal(0, .004, len(seg)), thick * np.sin(np.linspace(0, math.pi, len(seg))) * r.uniform(.5, 1.3, len(seg))], 1)
            c.poly(np.vstack([seg, under]), foam, mix(foam, tone, .5), depth=.68 - .1 * k, angle=.2)
            m = int(10 + 14 * t)
            q = seg[r.integers(0, len(seg), m)] + np.stack([r.normal(0, .015, m), -np.abs(r.normal(0, .012 + .02 * t, m))], 1)
            c.dots(q, r.uniform(.001, .003 + .003 * t, m), foam, depth=.6 - .1 * k)


def _ship(c, x, y, s):
    p = c.pal
    tilt = c.rng.uniform(-.25, .25)

    def at(points):
        q = np.asarray(points, float) * s
        cs, sn = math.cos(tilt), math.sin(tilt)
        return np.stack([x + q[:, 0] * cs - q[:, 1] * sn, y + q[:, 0] * sn + q[:, 1] * cs], 1)
    c.poly(spline(at([(-.9, -.25), (-.5, -.12), (.5, -.12), (1.05, -.35), (.75, .2), (-.7, .2)]), n=4), mix(p["dark"], p["acc"], .25), p["dark"], depth=.5)
    for mx, h in ((-.45, 1.1), (.05, 1.4), (.5, 1.05)):
        c.line(at([(mx, -.1), (mx, -h)]), p["dark"], .005, depth=.5)
        for k in range(2):
            a, b = -h + .12 + .42 * k, -h + .48 + .42 * k
            sail = mix(p["light"], p["far"], .25 * k)
            c.poly(spline(at([(mx - .17, a), (mx + .17, a), (mx + .28, b), (mx - .2, b)]), n=4), sail, mix(sail, p["far"], .5), depth=.48)


def moonlit_sea(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.48, .58)
    mx, my, mr = c.a * r.uniform(.3, .7), hz * r.uniform(.3, .55), r.uniform(.035, .06)
    c.sky(hz, .45)
    c.glow(mx, my, .55, p["light"], .45)
    n = 25 if f["night"] else 0
    c.dots(np.stack([r.uniform(0, c.a, n), r.uniform(0, hz * .8, n)], 1), r.uniform(.001, .003, n), p["light"], depth=.97)
    c.ellipse(mx, my, mr, mr, mix(p["light"], WHITE, .3), depth=.96)
    c.glow(mx, my, mr * 2.5, p["light"], .6)
    if r.random() < .7:
        s = r.choice([-1, 1])
        o = ridge(r, c.a * .55, hz + .005, .15)
        o[:, 1] = hz + .005 - (hz + .005 - o[:, 1]) * np.linspace(1, 0, len(o)) ** .7
        o = o if s < 0 else np.stack([c.a - o[::-1, 0], o[::-1, 1]], 1)
        c.below(o, mix(p["far"], p["dark"], .2), mix(p["far"], p["low"], .2), bottom=hz + .01, depth=.85)
    c.water(hz, strength=.5, glitter=mx)
    for k in range(r.integers(1, 4)):
        y = r.uniform(hz + .06, .8)
        _boat(c, c.a * r.uniform(.12, .88), y, .035 + .14 * (y - hz))
    if r.random() < .6:
        o = ridge(r, c.a, 1., .12)
        c.below(o, mix(p["dark"], p["near"], .4), p["dark"], depth=.1)
        for k in range(12):
            q = o[r.integers(0, len(o))]
            c.line([q, (q[0] + r.normal(0, .02), q[1] - r.uniform(.04, .1))], p["dark"], .003, depth=.1)


def garden(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.3, .4)
    c.sky(hz + .03, .5)
    c.below(ridge(r, c.a, hz + .03, .1), p["far"], mix(p["far"], p["low"], .3), bottom=hz + .08, depth=.85)
    hx = c.a * r.choice([.2, .75])
    wall = mix(p["light"], p["acc2"], .25)
    c.rect(hx - .14, hz - .1, hx + .14, hz + .07, wall, mix(wall, p["far"], .35), depth=.7)
    c.poly([(hx - .17, hz - .1), (hx, hz - .21), (hx + .17, hz - .1)], mix(p["acc"], p["dark"], .2), mix(p["acc"], p["dark"], .4), depth=.7)
    for wx in (-.08, .08):
        c.rect(hx + wx - .02, hz - .06, hx + wx + .02, hz - .005, mix(p["dark"], p["water"], .5), depth=.69)
    c.rect(hx - .02, hz + .0, hx + .02, hz + .07, mix(p["acc"], p["dark"], .4), depth=.69)
    c.rect(-.01, hz + .06, c.a + .01, 1.01, mix(p["mid"], p["light"], .25), p["near"], depth=.5)
    leaf = (mix(p["near"], p["dark"], .4), mix(p["mid"], p["light"], .25))
    for k in range(int(9 * c.a)):
        x = r.uniform(0, c.a)
        if abs(x - hx) > .2:
            _crown(c, x, hz + .04, r.uniform(.05, .09), leaf, 30, depth=.65)
    px = c.a * .5
    path = [(hx - .02, hz + .07), (hx + .03, hz + .07), (px + .08, .62), (px + .3, 1.03), (px - .25, 1.03), (px - .06, .62)]
    c.poly(spline(path, n=6), mix(p["light"], p["acc2"], .3), mix(p["low"], p["acc2"], .4), depth=.45, angle=1.3)
    for x in c.a * np.array([.06, .94, .36, .63])[:r.integers(2, 5)]:
        tall = r.uniform(.28, .4)
        b = hz + .16
        c.poly(spline([(x, b - tall), (x + .035, b - tall * .5), (x + .03, b), (x - .03, b), (x - .035, b - tall * .5)], n=5),
               mix(p["near"], p["mid"], .3), mix(p["near"], p["dark"], .6), side=True, depth=.4, angle=1.5)
    hues = [p["acc"], p["acc2"], p["light"], mix(p["acc"], p["light"], .5), mix(p["water"], p["acc"], .4)]
    for row in range(5):
        y, n = hz + .2 + .115 * row, int((26 + 6 * row) * c.a)
        x = r.uniform(-.02, c.a + .02, n)
        mid = px + (hx - px) * np.clip((.62 - y) / .3, 0, 1)
        x = x[np.abs(x - mid) > .07 + .42 * (y - hz - .1)]
        q = np.stack([x, y + r.normal(0, .025, len(x))], 1)
        c.dots(q + (0, .02), .022 + .006 * row, mix(leaf[0], leaf[1], r.random((len(q), 1))), depth=.3 - .04 * row)
        fills = np.stack([hues[(k // 7 + row) % 5] for k in range(len(q))]) if len(q) else np.zeros((0, 3))
        c.dots(q[np.argsort(q[:, 0])], (.009 + .006 * row) * r.uniform(.7, 1.3, len(q)), fills + r.normal(0, .03, fills.shape), depth=.25 - .04 * row)


def composition(c: Canvas, f):
    "Arcs, discs and bars in balance"
    p, r = c.pal, c.rng
    ground = mix(p["light"], p["low"], r.uniform(.2, .7))
    c.rect(-.01, -.01, c.a + .01, 1.01, ground, mix(ground, p["far"], .25), depth=1, angle=.8)
    cx, cy, big = c.a * r.uniform(.35, .65), r.uniform(.35, .6), c.u * r.uniform(.26, .34)
    tilt = r.uniform(-.6, .6)
    hues = [p[k] for k in ("acc", "acc2", "water", "near", "far", "dark", "mid")]
    for k in range(3):
        t, w = tilt + r.choice([0, math.pi / 2]) + r.normal(0, .06), r.uniform(.03, .1)
        ox, oy = cx + r.normal(0, .18), cy + r.normal(0, .18)
        d, n = np.array([math.cos(t), math.sin(t)]), np.array([-math.sin(t), math.cos(t)])
        o = np.array([ox, oy])
        ln = r.uniform(.3, .6)
        tone = hues[(k + 3) % 7]
        c.poly([o - d * ln - n * w, o + d * ln - n * w, o + d * ln + n * w, o - d * ln + n * w], tone, mix(tone, p["light"], .35), depth=.8, angle=t % math.pi)
    for k, rr in enumerate([1, .8, .58, .38, .2][:r.integers(3, 6)]):
        tone = hues[(k * 2) % 7]
        c.ellipse(cx, cy, big * rr, big * rr, tone, mix(tone, p["dark"], .25), depth=.7 - .05 * k)
    half = r.uniform(0, TAU)
    t = np.linspace(half, half + math.pi, 40)
    c.poly(np.stack([cx + big * np.cos(t), cy + big * np.sin(t)], 1), mix(p["dark"], p["water"], .4), mix(p["water"], p["light"], .2), depth=.5)
    for k in range(r.integers(4, 8)):
        q, s, tone = (r.uniform(.1, .9) * c.a, r.uniform(.1, .9)), r.uniform(.02, .085), hues[k % 7]
        kind = r.integers(0, 3)
        if kind == 0:
            c.ellipse(*q, s, s, tone, mix(tone, p["light"], .3), depth=.4)
        elif kind == 1:
            t = tilt + TAU * np.arange(3) / 3 + r.uniform(0, 2)
            c.poly(np.stack([q[0] + 1.4 * s * np.cos(t), q[1] + 1.4 * s * np.sin(t)], 1), tone, depth=.4)
        else:
            c.rect(q[0] - s, q[1] - s * .6, q[0] + s, q[1] + s * .6, tone, mix(tone, p["dark"], .2), depth=.4)
    for k in range(r.integers(3, 6)):
        t = tilt + r.normal(0, .4)
        o, d = np.array([cx, cy]) + r.normal(0, .15, 2), np.array([math.cos(t), math.sin(t)])
        c.line([o - d * .45, o + d * .45], p["dark"], r.choice([.004, .006, .012]), depth=.3)
    t = np.linspace(0, math.pi * r.uniform(.6, 1.1), 30) + r.uniform(0, TAU)
    c.line(np.stack([cx + big * 1.35 * np.cos(t), cy + big * 1.35 * np.sin(t)], 1), p["dark"], .01, depth=.3)


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
            c.rect(x - .002, y - .002, x + tw + .002, y + th + .002, hues[a], depth=.9, angle=.0)
            kind, turn = r.integers(0, 6), r.integers(0, 4)
            ox, oy = x + tw * (turn % 2), y + th * (turn // 2)
            t = math.pi / 2 * [0, 1, 3, 2][turn] + np.linspace(0, math.pi / 2, 14)
            if kind in (0, 1):
                for k, s in enumerate([1, .66, .33][:1 + 2 * kind]):
                    arc = np.stack([ox + tw * s * np.cos(t), oy + th * s * np.sin(t)], 1)
                    c.poly(np.vstack([[(ox, oy)], arc]), hues[b if k % 2 == 0 else a], mix(hues[b if k % 2 == 0 else a], p["dark"], .15), depth=.7)
            elif kind == 2:
                c.ellipse(x + tw / 2, y + th / 2, tw * .38, th * .38, hues[b], mix(hues[b], p["dark"], .2), depth=.7)
            elif kind == 3:
                c.poly([(ox, oy), (x + tw - tw * (turn % 2), oy), (ox, y + th - th * (turn // 2))], hues[b], mix(hues[b], p["dark"], .15), depth=.7)
            elif kind == 4:
                for k in range(3):
                    c.rect(x, y + th * (2 * k + .5) / 6, x + tw, y + th * (2 * k + 1.5) / 6, hues[b], depth=.7)


def dancer(c: Canvas, f):
    p, r = c.pal, c.rng
    wall = mix(p["far"], p["near"], r.uniform(0, .6))
    c.rect(-.01, -.01, c.a + .01, .8, mix(wall, p["dark"], .25), mix(wall, p["low"], .35), depth=.95, angle=1.4)
    for k in range(r.integers(3, 6)):
        x = c.a * r.uniform(0, 1)
        c.poly(spline([(x, -.05), (x + .1, -.05), (x + .06, .4), (x + .1, .8), (x - .03, .8), (x + .02, .4)], n=4), mix(wall, p["acc2"], .3), mix(wall, p["dark"], .4), side=True, depth=.9, angle=1.5)
    c.rect(-.01, .78, c.a + .01, 1.01, mix(p["acc2"], p["far"], .5), mix(p["near"], p["acc2"], .3), depth=.7)
    c.glow(c.a * .5, .5, .62, p["light"], .55)
    x, flip = c.a * .5, r.choice([-1, 1])
    s = min(1, c.a / .7)
    skin, hair, dress = colour(FLESH[f["skin"]]), colour(HAIR[f["hair"]]), p[f["dress"]]
    up = r.uniform(0, .1)

    def at(points):
        return [(x + flip * px * s, .5 + (py - .5) * s) for px, py in points]

    def limb(points, w0, w1, fill, depth=.3):
        q = spline(at(points), closed=False, n=8)
        d = np.gradient(q, axis=0)
        nrm = np.stack([-d[:, 1], d[:, 0]], 1) / np.maximum(np.linalg.norm(d, axis=1), 1e-6)[:, None]
        w = np.linspace(w0, w1, len(q))[:, None] * s
        c.poly(np.vstack([q + nrm * w, (q - nrm * w)[::-1]]), mix(fill, p["light"], .25), mix(fill, p["dark"], .25), depth=depth, angle=1.4)
    c.ellipse(x, .93, .22 * s, .025, mix(p["near"], p["dark"], .5), depth=.6)
    limb([(-.02, .56), (-.05, .72), (-.02, .92), (.02, .945)], .034, .012, skin)
    limb([(.03, .56), (.16, .66), (.28, .64 - up), (.36, .6 - up)], .036, .011, skin)
    limb([(-.05, .3), (-.16, .24), (-.2, .1), (-.17, .03)], .02, .011, mix(skin, p["dark"], .12), .35)
    swirl = r.uniform(.22, .3)
    for k in range(6):
        t = k / 5
        tone = mix(mix(dress, p["light"], .55 - .3 * t), p["dark"], .06 * k)
        hem = [(-.04, .44), (.05, .44), (swirl * (1.1 - .5 * t) + .03, .56 + .1 * t), (swirl * (.6 - .4 * t), .7 + .02 * k),
               (-.05 - .1 * t, .69 + .015 * k), (-swirl * (1.2 - .5 * t), .62 + .06 * t + r.uniform(-.02, .02)), (-swirl * .6, .53)]
        c.poly(spline(at(hem), n=7), tone, mix(tone, p["dark"], .22), depth=.28 - .01 * k, angle=2.2 - .3 * k)
    c.poly(spline(at([(-.055, .29), (.055, .29), (.06, .36), (.04, .46), (-.04, .46), (-.06, .36)]), n=6), mix(dress, p["light"], .15), mix(dress, p["dark"], .35), depth=.22, angle=1.4)
    c.poly(spline(at([(-.06, .29), (0, .31), (.06, .29), (.025, .25), (.02, .21), (-.02, .21), (-.025, .25)]), n=5), mix(skin, p["light"], .12), mix(skin, p["dark"], .12), depth=.21)
    limb([(.05, .3), (.16, .29), (.27, .2), (.33, .19)], .021, .01, skin, .2)
    c.ellipse(*at([(.006, .165)])[0], .04 * s, .053 * s, skin, mix(skin, p["dark"], .15), turn=.25 * flip, depth=.2)
    c.poly(spline(at([(-.045, .18), (-.05, .13), (0, .098), (.045, .125), (.03, .135), (-.005, .14), (-.025, .19)]), n=5), hair, mix(hair, BLACK, .3), depth=.18)
    c.ellipse(*at([(-.035, .108)])[0], .024 * s, .022 * s, hair, mix(hair, BLACK, .3), depth=.18)
    sash = spline(at([(-.045, .455), (-.16, .5), (-.27, .44), (-.38, .5)]), closed=False)
    c.line(sash, p["acc2"] if f["dress"] != "acc2" else p["acc"], .018 * s, depth=.18)


def bird(c: Canvas, f):
    p, r = c.pal, c.rng
    ground = mix(p["low"], p["light"], r.uniform(.1, .6))
    c.rect(-.01, -.01, c.a + .01, 1.01, mix(p["top"], ground, .55), ground, depth=1, angle=.3)
    mx, my = c.a * r.uniform(.25, .75), r.uniform(.22, .36)
    disc = mix(p["light"], p["acc2"], .35)
    c.glow(mx, my, .5, p["light"], .5)
    c.ellipse(mx, my, .17 * c.u, .17 * c.u, disc, mix(disc, p["acc"], .25), depth=.95)
    for k in range(2):
        c.below(ridge(r, c.a, .98 + .02 * k, .12 - .04 * k), mix(p["far"], ground, .5 - .3 * k), ground, depth=.85)
    side = r.choice([-1, 1])
    x0, s = (-.03 if side > 0 else c.a + .03), min(1, c.a / .75)
    bx, by = c.a * .5, r.uniform(.6, .68)
    branch = spline([(x0, by + .16), (bx - side * .2, by + .1), (bx, by + .09), (bx + side * .28 * s, by - .0), (bx + side * .45 * s, by - .12)], closed=False)
    bark = mix(p["dark"], p["acc2"], .18)
    n = len(branch)
    w = np.linspace(.022, .004, n)[:, None] * s
    d = np.gradient(branch, axis=0)
    nrm = np.stack([-d[:, 1], d[:, 0]], 1) / np.linalg.norm(d, axis=1)[:, None]
    c.poly(np.vstack([branch + nrm * w, (branch - nrm * w)[::-1]]), bark, mix(bark, BLACK, .3), depth=.5, angle=.3)
    for k in range(8):
        q = branch[r.integers(2, n - 1)]
        e = q + np.array([side * r.uniform(.02, .14), r.uniform(-.2, .09)]) * s
        c.line(spline([q, (q + e) / 2 + r.normal(0, .015, 2), e], closed=False), bark, .006 * s, depth=.5)
        for t in np.linspace(.4, 1, 3):
            o = q + (e - q) * t + r.normal(0, .012, 2)
            if f["blossom"]:
                tone = mix(p["light"], p["acc"], r.uniform(.15, .6))
                for m in range(5):
                    a = TAU * m / 5 + t
                    c.ellipse(o[0] + .016 * s * math.cos(a), o[1] + .016 * s * math.sin(a), .015 * s, .011 * s, tone, turn=a, depth=.45, region=210)
                c.ellipse(*o, .006, .006, p["acc2"], depth=.44, region=211)
            else:
                c.ellipse(*o, .04 * s, .014 * s, mix(p["near"], p["mid"], r.random()), turn=r.uniform(-1, 1), depth=.45, region=212)
    body = colour(f["plumage"])
    belly = mix(body, p["light"], .65)
    k = .27 * s

    def at(points):
        return [(bx + side * px * k, by + .075 + (py) * k) for px, py in points]
    c.poly(at([(-.62, -.02), (-1.3, .5), (-1.12, .58), (-.45, .14)]), mix(body, p["dark"], .45), depth=.3, angle=.8)
    c.poly(spline(at([(.28, -1.2), (.5, -1.1), (.56, -.86), (.6, -.5), (.4, -.12), (.0, .0), (-.4, -.02), (-.72, .06), (-.5, -.32), (-.16, -.66), (.02, -1.02)]), n=7),
           body, mix(body, p["dark"], .25), depth=.25, angle=.8)
    c.poly(spline(at([(.54, -.84), (.62, -.5), (.42, -.12), (.05, -.02), (.16, -.36), (.34, -.62)]), n=6), belly, mix(belly, body, .4), depth=.25, angle=1)
    c.poly(spline(at([(.12, -.66), (.2, -.42), (-.1, -.16), (-.9, .16), (-.5, -.26), (-.2, -.58)]), n=6), mix(body, p["dark"], .3), mix(body, p["dark"], .6), depth=.22, angle=.6)
    for m in range(3):
        c.line(at([(.06 - .1 * m, -.5 + .1 * m), (-.62 - .06 * m, .02 + .05 * m)]), mix(body, p["light"], .4), .004, depth=.22)
    c.poly(at([(.52, -1.04), (.86, -.94), (.53, -.9)]), mix(p["acc2"], p["dark"], .2), depth=.22)
    c.ellipse(*at([(.36, -1.0)])[0], .05 * k, .05 * k, mix(p["light"], WHITE, .5), depth=.2)
    c.ellipse(*at([(.375, -1.0)])[0], .034 * k, .034 * k, BLACK, depth=.2)
    for m in (.08, -.12):
        c.line(at([(m, -.04), (m + .03, .1)]), mix(p["acc2"], p["dark"], .5), .006, depth=.2)


def fields(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.34, .46)
    c.sky(hz + .02, .7, (c.a * r.uniform(.15, .85), hz * r.uniform(.3, .6), .045))
    c.below(ridge(r, c.a, hz + .02, .09), p["far"], mix(p["far"], p["low"], .3), bottom=hz + .07, depth=.88)
    c.rect(-.01, hz + .03, c.a + .01, 1.01, mix(p["mid"], p["acc2"], .3), p["near"], depth=.85, angle=.1)
    tones = [p["mid"], mix(p["acc2"], p["light"], .25), p["near"], mix(p["mid"], p["acc2"], .5), mix(p["near"], p["acc"], .22), mix(p["mid"], p["light"], .35)]
    edge = [ridge(r, c.a, hz + .05 + .14 * k * (1 + .15 * k), .06 + .02 * k, .35) for k in range(4)]
    for k, o in enumerate(edge):
        cuts, x = [-.03], 0.
        while x < c.a:
            x += r.uniform(.2, .5) * (1 + .3 * k)
            cuts.append(x)
        for i, (a, b) in enumerate(zip(cuts, cuts[1:])):
            seg = o[(o[:, 0] >= a - .02) & (o[:, 0] <= b + .02)]
            if len(seg) < 2:
                continue
            lean = (seg.mean(0)[0] - c.a / 2) * .6
            tone = tones[(i + 2 * k + int(r.integers(0, 2))) % 6]
            q = np.vstack([seg, [(seg[-1, 0] + lean, 1.02), (seg[0, 0] + lean, 1.02)]])
            c.poly(q, mix(tone, p["light"], .12), mix(tone, p["dark"], .18), depth=.75 - .16 * k, angle=(1.57 + lean) % math.pi)
            if (i + k) % 2 == 0:
                reg = None
                for t in np.linspace(.08, .92, 7):
                    s = seg[int(t * (len(seg) - 1))]
                    reg = c.line([(s[0], s[1] + .004), (s[0] + lean * 1.1, 1.02)], mix(tone, p["dark"], .22), .003 + .002 * k, depth=.74 - .16 * k, region=reg)
        for t in range(r.integers(2, 6)):
            q = o[r.integers(0, len(o))]
            _crown(c, q[0], q[1] - .01, .018 + .012 * k, (mix(p["near"], p["dark"], .4), p["mid"]), 16, depth=.7 - .16 * k)
    for k in range(r.integers(2, 6)):
        y = r.uniform(hz + .3, .92)
        s, x = .035 + .12 * (y - hz), r.uniform(.1, .9) * c.a
        hay = mix(p["acc2"], p["light"], .2)
        c.ellipse(x + s * .8, y + .005, s * 1.2, s * .2, mix(p["near"], p["dark"], .4), depth=.3)
        c.poly(spline([(x - s, y), (x - s * .85, y - s * .7), (x, y - s * 1.5), (x + s * .85, y - s * .7), (x + s, y)], n=5), mix(hay, p["light"], .3), mix(hay, p["dark"], .45), side=True, depth=.25, angle=1.2)


def village(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.4, .5)
    snow = f["snow"]
    white = mix(p["light"], WHITE, .3)
    c.sky(hz, .5)
    for k in range(2):
        o = ridge(r, c.a, hz + .04, .26 - .12 * k)
        tone = mix(p["far"], p["mid"], .4 * k)
        c.below(o, mix(tone, white, .5 * snow), mix(tone, p["low"], .3), depth=.9 - .1 * k, bottom=hz + .15)
    for k in range(3):
        o = ridge(r, c.a, hz + .1 + .17 * k, .09)
        tone = mix(white, p["far"], .12 + .08 * k) if snow else mix(p["mid"], p["near"], .4 * k)
        c.below(o, tone, mix(tone, p["far"] if snow else p["dark"], .3), depth=.7 - .2 * k, angle=.2)
        for x in np.sort(r.uniform(.04, .96, 5 - k)) * c.a:
            y, s = float(np.interp(x, o[:, 0], o[:, 1])) + .012, .05 + .035 * k
            wall = mix(p[r.choice(["acc", "acc2", "low", "near"])], p["light"], r.uniform(.05, .5))
            if k == 1 and abs(x - c.a / 2) < .14 * c.a:
                c.rect(x - .03, y - .2, x + .03, y, mix(p["light"], p["far"], .2), mix(p["light"], p["far"], .5), depth=.5, angle=1.5)
                c.poly([(x - .036, y - .2), (x, y - .36), (x + .036, y - .2)], mix(p["acc"], p["dark"], .35), depth=.5)
            c.rect(x - s, y - s, x + s, y + .01, wall, mix(wall, p["dark"], .25), depth=.55 - .2 * k)
            c.poly([(x + s * .45, y - s * 1.2), (x + s * .45, y - s * 1.8), (x + s * .65, y - s * 1.8), (x + s * .65, y - s * 1.2)], mix(wall, p["dark"], .4), depth=.5)
            roof = white if snow else mix(p["acc"], p["dark"], r.uniform(.1, .4))
            c.poly([(x - s * 1.25, y - s * .9), (x - s * .55, y - s * 1.6), (x + s * .55, y - s * 1.6), (x + s * 1.25, y - s * .9)], roof, mix(roof, p["far"], .35), depth=.5 - .2 * k)
            for wx in (-.5, .5):
                glow = r.random() < f["lit"] + .3
                tone = mix(p["acc2"], p["light"], .4) if glow else mix(p["dark"], p["water"], .4)
                if glow:
                    c.glow(x + wx * s, y - s * .45, s * 1.1, p["acc2"], .35)
                c.rect(x + (wx - .15) * s, y - s * .65, x + (wx + .15) * s, y - s * .28, tone, depth=.5 - .2 * k)
        _firs(c, hz + .12 + .17 * k, .09 + .05 * k, 5) if snow else None
        for t in range(3):
            x = r.uniform(0, c.a)
            y = float(np.interp(x, o[:, 0], o[:, 1])) + .02
            if not snow:
                _crown(c, x, y - .05, .04 + .02 * k, (mix(p["near"], p["dark"], .3), mix(p["mid"], p["light"], .3)), 40, depth=.5 - .2 * k)
    if snow:
        n = int(130 * c.a)
        c.dots(np.stack([r.uniform(0, c.a, n), r.uniform(0, 1, n)], 1), r.uniform(.0015, .0045, n), white, depth=.1)


def lighthouse(c: Canvas, f):
    p, r, hz = c.pal, c.rng, c.rng.uniform(.5, .58)
    c.sky(hz, .65, None if f["night"] else (c.a * r.uniform(.1, .9), hz * .5, .035))
    c.water(hz, strength=.35, ripple=1.1)
    side = r.choice([-1, 1])
    x = c.a * (.68 if side > 0 else .32)

    def fx(points):
        return [(x + side * px, py) for px, py in points]
    rock = mix(p["near"], p["acc2"], .3)
    cliff = spline(fx([(-.32, .86), (-.24, .7), (-.13, .6), (0, .555), (.16, .55), (.34, .5), (.8, .46), (.8, 1.1), (-.3, 1.1)]), n=6)
    c.poly(cliff, mix(rock, p["light"], .25), mix(rock, p["dark"], .6), depth=.4, angle=1.1)
    for k in range(7):
        a = -.22 + .12 * k + r.normal(0, .02)
        c.poly(spline(fx([(a, .7 - .08 * k * .5), (a + .05, .66), (a + .07, .86), (a + .02, 1.05), (a - .04, .9)]), n=4), mix(rock, p["dark"], r.uniform(.35, .6)), mix(rock, p["dark"], .7), depth=.38, angle=1.4)
    c.poly(spline(fx([(-.14, .605), (0, .55), (.16, .543), (.34, .49), (.8, .44), (.8, .56), (.3, .585), (0, .6)]), n=6), mix(p["mid"], p["light"], .15), p["near"], depth=.35, angle=.2)
    top, base, w = .16, .57, .042
    tone, band = mix(p["light"], WHITE, .4), p["acc"]
    for k in range(5):
        t0, t1 = k / 5, (k + 1) / 5
        w0, w1 = w * (.68 + .32 * t0), w * (.68 + .32 * t1)
        y0, y1 = top + (base - top) * t0, top + (base - top) * t1
        fill = band if k % 2 else tone
        c.poly([(x - w0, y0), (x + w0, y0), (x + w1, y1), (x - w1, y1)], mix(fill, WHITE, .2), mix(fill, p["dark"], .4), side=True, depth=.3, angle=1.5)
    c.rect(x - .04, top - .012, x + .04, top, p["dark"], depth=.28)
    c.rect(x - .022, top - .055, x + .022, top - .012, mix(p["acc2"], p["light"], .5), depth=.28)
    c.poly([(x - .03, top - .055), (x, top - .095), (x + .03, top - .055)], mix(p["acc"], p["dark"], .3), depth=.28)
    if f["lit"] > .4:
        c.glow(x, top - .035, .5, p["acc2"], .7)
        c.glow(x, top - .035, .12, p["light"], .9)
    hx = x + side * .13
    c.rect(hx - .06, .49, hx + .06, .56, tone, mix(tone, p["far"], .5), depth=.29)
    c.poly([(hx - .075, .49), (hx - .03, .445), (hx + .03, .445), (hx + .075, .49)], mix(band, p["dark"], .3), depth=.29)
    for k in range(3):
        y = r.uniform(hz + .08, .9)
        _boat(c, x - side * r.uniform(.35, .7), y, .03 + .1 * (y - hz))
    n = 90
    t = r.random(n)
    q = np.stack([x + side * (-.33 + .1 * t + r.normal(0, .03, n)), .86 + .13 * r.random(n)], 1)
    c.dots(q, r.uniform(.003, .012, n), mix(p["light"], WHITE, .3), depth=.2, flat=.6)
    for k in range(4):
        bx, by = x - side * r.uniform(.1, .6), r.uniform(.1, .4)
        c.line(spline([(bx - .022, by - .008), (bx - .01, by - .014), (bx, by), (bx + .01, by - .014), (bx + .022, by - .008)], closed=False, n=4), p["dark"], .004, depth=.3)


PAINT = {"harbour": harbour, "mountains": mountains, "orchard": orchard, "still life": still_life, "flowers": flowers,
         "portrait": portrait, "interior": interior, "city": night_city, "bridge": river_bridge, "forest": forest,
         "storm": storm_sea, "moonlit sea": moonlit_sea, "garden": garden, "abstract composition": composition,
         "geometric abstraction": geometry, "dancer": dancer, "bird": bird, "fields": fields, "village": village,
         "lighthouse": lighthouse}

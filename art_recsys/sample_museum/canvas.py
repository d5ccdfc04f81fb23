"""The canvas on which the subjects are painted.

A subject paints planes on a `Canvas`. Besides the colours the canvas keeps three maps of the same size: the region that
a pixel belongs to, how far away it is, and in which direction a brush would run there. The style of the movement then
reads all four.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from .pixels import TAU, clouds, mix, noise, shift, smoothstep, to_array, to_image, warp


class Canvas:
    "Planes of colour with region, depth and brush direction. The height is 1, the width `a`; y runs down."

    def __init__(
        self,
        width: int,  # pixels
        height: int,  # pixels
        rng: np.random.Generator,  # the random stream
        pal: dict[str, np.ndarray],  # role (`ROLES`) to RGB, 0 to 1
        base: tuple[int, int] | None = None,  # width and height, pixels, of the picture that this one enlarges
    ):
        self.w, self.h, self.rng, self.pal = width, height, rng, pal
        self.w0, self.h0 = base or (width, height)
        self.zoom = max(width, height) / max(self.w0, self.h0)  # pixels for one pixel of the picture that is enlarged
        self.a, self.u = self.w0 / self.h0, min(1, self.w0 / self.h0)
        self.image = Image.new("RGB", (width, height))
        self.ids, self.deps, self.dirs = (Image.new("L", (width, height)) for _ in range(3))
        self._pens = [ImageDraw.Draw(image) for image in (self.ids, self.deps, self.dirs)]
        self._brush = ImageDraw.Draw(self.image)
        self.n = 0

    def note(
        self,
        draw: Callable,  # draws the shape
        depth: float,  # 0 near to 1 far
        angle: float,  # direction of the brush, radians
        region: int | None,  # number of the region that the shape belongs to; None: a new one
    ) -> int:  # the region, 1 to 254
        "Record a shape on the three maps: `draw` is called with (draw object, fill)"
        if region is None:
            region = self.n = self.n % 254 + 1
        fills = region, int(np.clip(depth, 0, 1) * 255), int(angle / math.pi * 255) % 256
        for pen, fill in zip(self._pens, fills, strict=True):
            draw(pen, fill)
        return region

    def poly(
        self,
        points: ArrayLike,  # [n, 2], in picture heights
        fill: ArrayLike,  # RGB, 0 to 1
        to: ArrayLike | None = None,  # colour at the lower end (or right end: `side`)
        depth: float = 0.5,  # 0 near to 1 far
        angle: float = 0.0,  # direction of the brush, radians
        region: int | None = None,  # number of the region; None is a new one
        side: bool = False,  # shade to the right
    ) -> int:
        "A plane of colour. Returns its region."
        p = np.asarray(points) * self.h
        flat = p.ravel().tolist()
        if to is None:
            self._brush.polygon(flat, fill=_rgb8(fill))
        else:
            x0, y0 = np.maximum(np.floor(p.min(0)), 0).astype(int)
            x1, y1 = np.minimum(np.ceil(p.max(0)) + 1, (self.w, self.h)).astype(int)
            if x1 > x0 and y1 > y0:
                n = x1 - x0 if side else y1 - y0
                t = np.linspace(0, 1, n)[:, None]
                strip = to_image(mix(fill, to, t)[None] if side else mix(fill, to, t)[:, None])
                mask = Image.new("L", (int(x1 - x0), int(y1 - y0)))
                ImageDraw.Draw(mask).polygon((p - (x0, y0)).ravel().tolist(), fill=255)
                self.image.paste(strip.resize(mask.size), (int(x0), int(y0)), mask)
        return self.note(lambda d, f: d.polygon(flat, fill=f), depth, angle, region)

    def rect(
        self,
        x0: float,  # left
        y0: float,  # top
        x1: float,  # right
        y1: float,  # bottom
        fill: ArrayLike,  # RGB, 0 to 1
        to: ArrayLike | None = None,  # colour at the other end of the shade
        **kw: Any,  # for `poly`
    ) -> int:
        "An upright rectangle. Returns its region."
        return self.poly([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill, to, **kw)

    def below(
        self,
        outline: ArrayLike,  # [n, 2]
        fill: ArrayLike,  # RGB, 0 to 1
        to: ArrayLike | None = None,  # colour at the other end of the shade
        bottom: float = 1.02,  # y where it ends
        **kw: Any,  # for `poly`
    ) -> int:
        "Everything under an outline (hills, a shore). Returns its region."
        o = np.asarray(outline)
        return self.poly(np.vstack([o, [(o[-1, 0], bottom), (o[0, 0], bottom)]]), fill, to, **kw)

    def line(
        self,
        points: ArrayLike,  # [n, 2], in picture heights
        fill: ArrayLike,  # RGB, 0 to 1
        width: float = 0.004,  # in picture heights
        depth: float = 0.3,  # 0 near to 1 far
        angle: float | None = None,  # direction of the brush, radians; None is that of the line
        region: int | None = None,  # number of the region; None is a new one
    ) -> int:
        "A line through points. Returns its region."
        p = np.asarray(points) * self.h
        if angle is None:
            dx, dy = p[-1] - p[0]
            angle = math.atan2(dy, dx) % math.pi
        flat, wide = p.ravel().tolist(), round(max(1, round(width * self.h0)) * self.zoom)
        self._brush.line(flat, fill=_rgb8(fill), width=wide, joint="curve")
        return self.note(lambda d, f: d.line(flat, fill=f, width=wide, joint="curve"), depth, angle, region)

    def dots(
        self,
        points: ArrayLike,  # [n, 2], centres
        radius: ArrayLike,  # in picture heights, one or [n]
        fills: ArrayLike,  # RGB, one or [n, 3]
        depth: float = 0.3,  # 0 near to 1 far
        angle: float = 0.0,  # direction of the brush, radians
        region: int | None = None,  # number of the region; None is a new one
        flat: float = 1.0,  # height of a disc over its width
    ) -> int:
        "Many small discs (leaves, blossoms, lights) in one region at one depth. Returns the region."
        p = np.asarray(points) * self.h
        r = np.broadcast_to(np.asarray(radius) * self.h, len(p))
        if self.zoom > 1:
            r = np.maximum(r, 0.5 * self.zoom)  # in the picture that is enlarged no dot is smaller than a pixel
        boxes = np.stack([p[:, 0] - r, p[:, 1] - r * flat, p[:, 0] + r, p[:, 1] + r * flat], 1).tolist()
        colours = (np.clip(np.broadcast_to(fills, (len(p), 3)), 0, 1) * 255).astype(int).tolist()
        for box, f in zip(boxes, colours, strict=True):
            self._brush.ellipse(box, fill=tuple(f))

        def draw(d: ImageDraw.ImageDraw, f: int) -> None:
            for box in boxes:
                d.ellipse(box, fill=f)

        return self.note(draw, depth, angle, region)

    def ellipse(
        self,
        cx: float,  # centre
        cy: float,  # centre
        rx: float,  # half width
        ry: float,  # half height
        fill: ArrayLike,  # RGB, 0 to 1
        to: ArrayLike | None = None,  # colour at the other end of the shade
        turn: float = 0.0,  # radians
        **kw: Any,  # for `poly`
    ) -> int:
        "An ellipse. Returns its region."
        t = np.linspace(0, TAU, 48, endpoint=False)
        x, y = rx * np.cos(t), ry * np.sin(t)
        c, s = math.cos(turn), math.sin(turn)
        return self.poly(np.stack([cx + x * c - y * s, cy + x * s + y * c], 1), fill, to, **kw)

    def ball(
        self,
        cx: float,  # centre
        cy: float,  # centre
        rx: float,  # half width
        ry: float,  # half height
        fill: ArrayLike,  # RGB, 0 to 1
        light: tuple[float, float] = (-0.4, -0.5),  # where the light is, in radii from the centre
        shade: float = 0.55,  # how dark the dark side is, 0 to 1
        shine: float = 0.35,  # strength of the highlight, 0 to 1
        **kw: Any,  # for `poly`
    ) -> None:
        "A round thing with a lit and a dark side"
        self.ellipse(cx, cy, rx, ry, fill, **kw)
        x0, x1 = max(int((cx - rx) * self.h), 0), min(int((cx + rx) * self.h) + 1, self.w)
        y0, y1 = max(int((cy - ry) * self.h), 0), min(int((cy + ry) * self.h) + 1, self.h)
        if x1 <= x0 or y1 <= y0:
            return
        u = (np.arange(x0, x1)[None] / self.h - cx) / rx
        v = (np.arange(y0, y1)[:, None] / self.h - cy) / ry
        inside = u * u + v * v < 1
        lit = np.clip(1 - np.hypot(u - light[0], v - light[1]) / 1.65, 0, 1)[..., None]
        body = np.asarray(fill) * (1 - shade + (shade + 0.18) * lit)
        body = mix(body, np.ones(3, np.float32), shine * np.clip(lit * 2.2 - 1.25, 0, 1))
        self.image.paste(to_image(body), (x0, y0), Image.fromarray(inside.astype(np.uint8) * 255))

    def glow(
        self,
        cx: float,  # centre
        cy: float,  # centre
        radius: float,  # in picture heights
        fill: ArrayLike,  # RGB, 0 to 1
        strength: float = 0.6,  # 0 to 1
    ) -> None:
        "Light that spreads from a point, added to what is there"
        r = max(int(radius * self.h), 2)
        x, y = int(cx * self.h), int(cy * self.h)
        box = max(x - r, 0), max(y - r, 0), min(x + r, self.w), min(y + r, self.h)
        if box[2] <= box[0] or box[3] <= box[1]:
            return
        part = to_array(self.image.crop(box))
        dx, dy = ((np.arange(a, b, dtype=np.float32) - o) / r for a, b, o in ((box[0], box[2], x), (box[1], box[3], y)))
        f = np.clip(1 - dx[None] ** 2 - dy[:, None] ** 2, 0, 1)
        f *= f * f * strength
        part += (1 - part) * f[..., None] * np.asarray(fill, np.float32)
        self.image.paste(to_image(part), box[:2])

    def sky(
        self,
        horizon: float,  # y
        cloud: float = 0.5,  # strength of the clouds, 0 to 1
        sun: tuple[float, float, float] | None = None,  # x, y and radius
    ) -> None:
        "Air from the top to the horizon, with clouds and perhaps a sun"
        p, h = self.pal, max(int(horizon * self.h), 2)
        t = np.linspace(0, 1, h, dtype=np.float32)[:, None, None] ** 0.85
        air = np.broadcast_to(mix(p["top"], p["low"], t), (h, self.w, 3)).copy()
        if cloud:
            c = clouds(self.rng, h, self.w, self.h * 0.16, 4, (0.55, 1.7)) + 0.35 * (t[..., 0] - 0.5)
            lit = smoothstep(0.1, 1.3, c)[..., None] * cloud
            air += (mix(p["light"], p["low"], 0.35) - air) * lit
            under = smoothstep(0.5, 1.6, shift(c, 0, self.h * 0.03))[..., None] * cloud * 0.4
            air += (mix(p["top"], p["far"], 0.6) - air) * under
        self.image.paste(to_image(air), (0, 0))
        self.note(lambda d, f: d.rectangle([0, 0, self.w, h], fill=f), 1, 0.12, None)
        if sun:
            x, y, r = sun
            self.glow(x, y, r * 7, p["light"], 0.55)
            self.ellipse(x, y, r, r, mix(p["light"], p["acc2"], 0.12), depth=0.98)
            self.glow(x, y, r * 2.2, p["light"], 0.5)

    def water(
        self,
        top: float,  # y of the far shore
        bottom: float = 1.01,  # y of the near end
        strength: float = 0.6,  # of the reflection, 0 to 1
        ripple: float = 1.0,  # height of the waves, about 1
        glitter: float | None = None,  # x of a streak of light
    ) -> None:
        "Water that mirrors what stands above it"
        p = self.pal
        y0, y1 = int(top * self.h), min(int(bottom * self.h), self.h)
        n = y1 - y0
        if n < 2:
            return
        above = to_array(self.image)[:y0][::-1]
        t = np.linspace(0, 1, n, dtype=np.float32)
        rows = np.clip(
            (np.arange(n) * (0.9 + 0.25 * t) + noise(self.rng, n, 1, 4)[:, 0] * ripple * 6 * self.zoom * t), 0, y0 - 1
        )
        mirror = above[rows.astype(int)]
        sway = (noise(self.rng, n, self.w, 9, (0.35, 3)) * ripple * self.zoom * (2 + 9 * t[:, None])).astype(int)
        mirror = warp(mirror, sway, 0)
        body = mix(mix(p["water"], p["low"], 0.35), mix(p["water"], p["dark"], 0.3), t[:, None, None])
        out = mix(body, mirror, strength * (1 - 0.45 * t[:, None, None]))
        wave = noise(self.rng, n, self.w, 7, (0.3, 3.2)) + 0.6 * noise(self.rng, n, self.w, 16, (0.3, 3))
        out *= 1 + 0.07 * ripple * wave[..., None]
        if glitter is not None:
            dist = np.abs(np.arange(self.w)[None] / self.h - glitter) / (0.03 + 0.16 * t[:, None])
            spark = np.clip(1 - dist, 0, 1) * smoothstep(-0.2, 0.9, wave) * 0.85
            out += (p["light"] - out) * spark[..., None]
        self.image.paste(to_image(out), (0, y0))
        self.note(lambda d, f: d.rectangle([0, y0, self.w, y1], fill=f), 0.6, 0.0, None)

    def haze(
        self,
        top: float,  # y
        bottom: float,  # y
        fill: ArrayLike,  # RGB, 0 to 1
        strength: float = 0.5,  # 0 to 1
    ) -> None:
        "Mist between two heights, thickest in the middle"
        y0, y1 = max(int(top * self.h), 0), min(int(bottom * self.h), self.h)
        if y1 - y0 < 2:
            return
        part = to_array(self.image.crop((0, y0, self.w, y1)))
        f = strength * np.sin(np.linspace(0, math.pi, y1 - y0, dtype=np.float32))[:, None]
        f = f * (1 + 0.3 * noise(self.rng, y1 - y0, self.w, self.h * 0.12, (0.6, 2)))
        self.image.paste(to_image(mix(part, fill, np.clip(f, 0, 1)[..., None])), (0, y0))

    def maps(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        "RGB [h, w, 3] 0 to 1, region ids [h, w], depth [h, w] 0 near to 1 far, brush direction [h, w] in radians"
        return (
            to_array(self.image),
            np.asarray(self.ids),
            to_array(self.deps),
            np.asarray(self.dirs, np.float32) * (math.pi / 255),
        )


def _rgb8(fill: ArrayLike) -> tuple[int, ...]:
    return tuple((np.clip(fill, 0, 1) * 255 + 0.5).astype(int).tolist())

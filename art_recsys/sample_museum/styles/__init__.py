"""The styles of the movements: each turns a painted `Canvas` into a picture.

A style reads the four maps of the canvas (colour, region, depth, brush direction) and gives an RGB array. Lengths are
in pixels of a 512-pixel picture times `m.k`, so that a small picture looks like the large one seen from further away.
Lengths that a small picture has in whole pixels are times `m.zoom`, which is 1 unless a picture is enlarged.
"""

import numpy as np
from PIL import Image

from ..canvas import Canvas
from ..pixels import colour, to_image
from ..works import Work
from .built import aureate, facettism, scissorism, tessera
from .painted import granulism, lumenism, rainwater, stillfield, vesper, whorlism
from .printed import burin, signalism, smoke, tidewood
from .tools import Painting


def finish(
    canvas: Canvas,  # with the subject painted
    work: Work,  # its facts
    rng: np.random.Generator,  # the random stream
) -> Image.Image:
    "The picture of a canvas in the style of its work's movement"
    rgb, ids, dep, ang = canvas.maps()
    m = Painting(
        rgb=rgb,
        ids=ids,
        dep=dep,
        ang=ang,
        h=canvas.h,
        w=canvas.w,
        base=max(canvas.w0, canvas.h0) / 512,
        zoom=canvas.zoom,
        pal=canvas.pal,
        variant=work.variant,
        hand=work.hand,
        subject=work.subject.name,
        inks=[colour(c) for c in work.movement.inks],
        rng=rng,
    )
    return to_image(STYLES[work.movement.name](m))


STYLES = {
    "Lumenism": lumenism,
    "Whorlism": whorlism,
    "Granulism": granulism,
    "Vesper School": vesper,
    "Rainwater School": rainwater,
    "Tidewood School": tidewood,
    "Burin Circle": burin,
    "Aureate School": aureate,
    "Facettism": facettism,
    "Tessera Revival": tessera,
    "Smoke Circle": smoke,
    "Scissorism": scissorism,
    "Signalism": signalism,
    "Stillfield": stillfield,
}

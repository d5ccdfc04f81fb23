"""The movements: each turns a painted `Canvas` into a picture in its own manner and medium."""
from .canvas import to_image


def finish(canvas, work, rng):
    return to_image(canvas.maps()[0])

"""The subjects: each painter paints planes of colour on a `Canvas` from the details of the work.

Far things come first. Positions are in picture heights: x from 0 (left) to `c.a` (right), y from 0 (top) to 1. Colours
are the palette's, by their role (`pixels.ROLES`).
"""

from .abstract import composition, geometry
from .figures import bird, dancer
from .land import fields, forest, garden, mountains, orchard
from .portraits import portrait
from .room import flowers, interior, still_life
from .sea import harbour, lighthouse, moonlit_sea, storm_sea
from .shared import FLOWERS, FRUIT
from .town import night_city, river_bridge, village

__all__ = ["FLOWERS", "FRUIT", "PAINT"]

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

"""temporary"""

from art_recsys.enrichment import colour_names  # noqa: F401


def colour_families(p):
    from art_recsys.users import _by_colour

    return _by_colour(p)

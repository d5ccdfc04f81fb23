"""The gallery: a thin widget for visitors, and the Voilà server that serves it.

Each visitor's kernel imports `Gallery`, so this package must stay light. `serve_gallery` and `start_gallery` are
imported on first use.
"""

from typing import Any

__all__ = ["Gallery", "Operators", "serve_gallery", "start_gallery"]


def __getattr__(name: str) -> Any:
    if name == "Gallery":
        from art_recsys.gallery.widget import Gallery

        return Gallery
    if name == "Operators":
        from art_recsys.gallery.operators import Operators

        return Operators
    if name in ("serve_gallery", "start_gallery"):
        from art_recsys.gallery import app

        return getattr(app, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

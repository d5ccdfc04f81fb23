"""The gallery that visitors see: a thin widget, and the Voilà server that shows it.

`Gallery` is what a visitor's kernel imports, so nothing heavy may come in with it; the server's half
(`serve_gallery`, `start_gallery`) is imported when it is asked for.
"""

__all__ = ["Gallery", "Operators", "serve_gallery", "start_gallery"]


def __getattr__(name: str):
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

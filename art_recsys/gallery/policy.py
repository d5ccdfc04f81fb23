"""What a page may load (Content-Security-Policy): only what comes from this origin, and no script that is not ours.

Pictures of other hosts come through `/pictures`, so that no catalogue can make a visitor's browser call somebody else.
Scripts and style sheets that stand in a template are allowed by their hashes.
"""

import hashlib
import re
from base64 import b64encode
from pathlib import Path

from .assets import SHEETS

__all__ = ["MESSAGE_POLICY", "PAGE_POLICY", "ROOM_POLICY", "hashes"]

HERE = Path(__file__).parent
TEMPLATES = HERE / "jupyter" / "voila" / "templates" / "art_recsys"
NOTHING_ELSE = ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "object-src 'none'")


def hashes(
    *texts: str,  # what stands between the tags, to the letter
) -> str:
    "The sources that allow exactly these scripts or style sheets"
    return " ".join(f"'sha256-{b64encode(hashlib.sha256(t.encode()).digest()).decode()}'" for t in texts)


def _inside(tag: str, file: Path) -> str:
    "The sources that allow what stands in `<tag>` in this template; it has no Jinja in it"
    return hashes(*re.findall(rf"<{tag}>(.*?)</{tag}>", file.read_text("utf-8"), re.S))


def _widgets() -> str:
    "The sources that allow the style sheets of the widgets, which anywidget puts into the page"
    gallery = "".join((HERE / name).read_text(encoding="utf-8") for name in SHEETS)
    return hashes(gallery, (HERE / "operators.css").read_text(encoding="utf-8"))


_PAGE = TEMPLATES / "index.html.j2"
PAGE_POLICY = "; ".join(
    [
        "default-src 'self'",
        f"script-src 'self' blob: {_inside('script', _PAGE)}",  # a widget's module comes through its kernel, as a blob
        f"style-src 'self' {_inside('style', _PAGE)} {_widgets()}",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        *NOTHING_ELSE,
    ]
)
ROOM_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        *NOTHING_ELSE,
    ]
)
MESSAGE_POLICY = "; ".join(
    ["default-src 'none'", "style-src 'self'", "font-src 'self'", "img-src data:", *NOTHING_ELSE]
)

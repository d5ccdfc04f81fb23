"""The Art Institute of Chicago (https://api.artic.edu/docs/): metadata, a colour and an alt text.

The museum asks for one request a second and for a header that says who asks. For more than 10,000 artworks it asks to
take its nightly dump instead, which is a case for `--source file`. Metadata is CC0 except `description` (CC-BY), which
is left out. The list begins with what changed last, so an update is short. Since December 2025 the host of the pictures
answers every script with 403; a few are requested all the same, and the rest is counted.
"""

import colorsys
from typing import Any
from urllib.parse import urlencode

from art_recsys.core import Cols

from .api import ApiSource
from .crawl import Page
from .records import as_number, dicts_in, dig, distinct_texts, first_text

__all__ = ["ArticSource"]


class ArticSource(ApiSource):
    "The Art Institute of Chicago: artworks in the public domain; metadata, colour and alt text"

    name, base, per_second, newest_first = "artic", "https://api.artic.edu/api/v1", 1, True
    picture_hosts = frozenset({"www.artic.edu"})
    fields = (
        "id,title,artist_title,date_start,date_end,date_display,place_of_origin,medium_display,artwork_type_title,"
        "department_title,style_titles,subject_titles,classification_titles,theme_titles,technique_titles,"
        "is_public_domain,color,image_id,thumbnail,short_description,credit_line,updated_at"
    )

    def headers(self) -> dict[str, str]:
        "The museum reads a header of its own name"
        h = super().headers()
        return h | {"AIC-User-Agent": h["User-Agent"]}

    def first_url(self) -> str:
        "The first hundred, with the fields that we use"
        return f"{self.base}/artworks?" + urlencode({"page": 1, "limit": 100, "fields": self.fields}, safe=",")

    def read(self, answer: dict, url: str) -> Page:
        "The records of `answer` (from `url`), each with the addresses that the answer gives once for all"
        where = {"_" + k: first_text(dig(answer, "config", k)) for k in ("iiif_url", "website_url")}
        data = dicts_in(answer.get("data"))
        after = first_text(dig(answer, "pagination", "next_url")) or None
        return Page([r | where for r in data], after if data else None)

    def url_of(self, id: str) -> str:
        "Where a single artwork is; its id alone is enough to know that it is there"
        return f"{self.base}/artworks/{id}?fields=id"

    def unwanted(self, raw: dict) -> str:
        "'' if `raw` is in the public domain and of a wanted category, otherwise why not"
        if raw.get("is_public_domain") is not True:
            return "not in the public domain"
        return "" if not self.wanted or raw.get("artwork_type_title") in self.wanted else "category not asked for"

    def normalise(self, raw: dict) -> dict:
        "The record `raw` of Chicago as our row; an alt text becomes the text, unless a program made it"
        id = first_text(raw.get("id"))
        alt = first_text(dig(raw, "thumbnail", "alt_text"))
        if alt.startswith("A work made of "):
            alt = ""  # a program filled it in from the medium
        kinds = ("subject", "style", "classification", "theme", "technique")
        tags = distinct_texts(*(raw.get(f"{k}_titles") for k in kinds))
        return {
            Cols.artwork_id: f"artic:{id}" if id else "",
            Cols.source: "artic",
            Cols.title: first_text(raw.get("title")),
            Cols.artist: first_text(raw.get("artist_title")),
            Cols.date_text: first_text(raw.get("date_display")),
            Cols.year_start: as_number(raw.get("date_start")),
            Cols.year_end: as_number(raw.get("date_end")),
            Cols.category: first_text(raw.get("artwork_type_title")),
            Cols.medium: first_text(raw.get("medium_display")),
            Cols.culture: first_text(raw.get("place_of_origin")),
            Cols.tags: distinct_texts(tags, raw.get("department_title")),
            Cols.text: "\n".join(distinct_texts(alt, raw.get("short_description"))),
            Cols.palette: _hex(raw.get("color")),
            Cols.image_url: _picture(raw),
            Cols.licence: "CC0 1.0",
            Cols.credit: ", ".join(distinct_texts("The Art Institute of Chicago", raw.get("credit_line"))),
            Cols.source_url: f"{first_text(raw.get('_website_url')) or 'https://www.artic.edu'}/artworks/{id}",
        }


def _picture(raw: dict) -> str:
    "The museum's IIIF address of a picture 843 pixels wide, or ''"
    image = first_text(raw.get("image_id"))
    if not (image and raw.get("_iiif_url")):
        return ""
    return f"{first_text(raw.get('_iiif_url'))}/{image}/full/843,/0/default.jpg"


def _hex(color: Any) -> list[str]:
    "Chicago's colour (hue in degrees, saturation and lightness in percent) as `#rrggbb`"
    h, s, light = (as_number(dig(color, k)) for k in "hsl")
    if not (0 <= h <= 360 and 0 <= s <= 100 and 0 <= light <= 100):
        return []
    return ["#" + "".join(f"{round(255 * c):02x}" for c in colorsys.hls_to_rgb(h / 360, light / 100, s / 100))]

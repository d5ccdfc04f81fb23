"""The Cleveland Museum of Art's API (https://openaccess-api.clevelandart.org): paging and licences.

The lesson shows how a record becomes a row (`ingestion.ClevelandSource`). About 41,000 artworks are CC0 with a
picture, and no key is needed. There are three traps. With a choice of `fields` the licence may come back empty, so
complete records are requested and the bulky parts dropped here. The largest picture is a TIFF of tens of megabytes, so
the web size is taken. The list cannot be asked for changes only, so an update reads all of it again.
"""

from urllib.parse import parse_qs, urlencode, urlsplit

from .api import ApiSource
from .crawl import Page
from .records import as_number, dicts_in, dig

__all__ = ["ClevelandApi"]


class ClevelandApi(ApiSource):
    "The list of Cleveland's CC0 artworks with a picture"

    base, per_second = "https://openaccess-api.clevelandart.org/api", 2
    picture_hosts = frozenset({"openaccess-cdn.clevelandart.org"})
    bulky = ("exhibitions", "citations", "provenance", "related_works", "inscriptions", "tombstone")

    def first_url(
        self,
        skip: int = 0,  # artworks before the page
    ) -> str:
        "The page that begins after `skip` artworks; one wanted category is asked for, several are sorted out here"
        one = {"type": self.wanted[0]} if len(self.wanted) == 1 else {}
        return f"{self.base}/artworks/?" + urlencode({"cc0": 1, "has_image": 1, "limit": 100, "skip": skip} | one)

    def read(self, answer: dict, url: str) -> Page:
        "The records of `answer` without their bulky parts; the next page begins after those of `url`"
        data = dicts_in(answer.get("data"))
        at = int(parse_qs(urlsplit(url).query)["skip"][0]) + len(data)
        more = data and at < (as_number(dig(answer, "info", "total")) or 0)
        slim = [{k: v for k, v in r.items() if k not in self.bulky} for r in data]
        return Page(slim, self.first_url(at) if more else None)

    def url_of(self, id: str) -> str:
        "Where the single artwork `id` (the museum's own) is"
        return f"{self.base}/artworks/{id}"

    def unwanted(self, raw: dict) -> str:
        "'' if `raw` is CC0 and of a wanted category, otherwise why not"
        if raw.get("share_license_status") != "CC0":
            return "licence is not CC0"
        return "" if not self.wanted or raw.get("type") in self.wanted else "category not asked for"

"""Artsy's public API (https://developers.artsy.net/v2/): public-domain artworks, artists, genes, similar works.

Artsy is closing this API and says that it may be taken down at any time without notice; every refusal here says so and
names the remedy. Its terms allow no business and no changes to what it sends, and give 24 hours to drop what it drops;
credit and licence go with every row. The list names neither artists nor genes (Artsy's tags) nor similar works: each is
one request per artwork, so each answer is kept, and the setting `artsy_details` says which of them are wanted.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import requests

from art_recsys.config import Settings, UserError, did_you_mean, progress, secret
from art_recsys.core import Cols

from .api import ApiSource
from .crawl import Page, Store
from .http import Client, WebError, host_of
from .records import dicts_in, dig, distinct_texts, first_text, utc_time, years_in
from .text import TAG_LENGTH, clean_text

__all__ = ["ArtsySource", "XappToken"]

_VERSIONS = ("large", "larger", "normalized", "medium")  # of a picture, the best first


class XappToken(requests.auth.AuthBase):
    "Puts Artsy's token on each request; a token is requested with the keys and renewed a minute before it expires"

    def __init__(
        self,
        request_token: Callable[[], dict],  # Artsy's answer: `token` and `expires_at`
        now: Callable[[], datetime] = lambda: datetime.now(UTC),  # the clock
    ):
        self.request_token, self.now, self.lock = request_token, now, threading.Lock()
        self.token = ""
        self.until: datetime | None = None

    def forget(self) -> None:
        "Request a new token for the next request"
        self.until = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        "Called by `requests`: sign `request`, with a new token where there is none or it ends within a minute"
        with self.lock:
            if self.until is None or self.now() > self.until - timedelta(minutes=1):
                got = self.request_token()
                self.token, until = first_text(dig(got, "token")), utc_time(dig(got, "expires_at"))
                self.until = datetime.fromisoformat(until) if until else self.now() + timedelta(hours=1)
        request.headers["X-Xapp-Token"] = self.token
        return request


class ArtsySource(ApiSource):
    "Artsy's artworks in the public domain; Artsy is closing this API"

    name, base, per_second = "artsy", "https://api.artsy.net/api", 5
    picture_hosts = frozenset({"d32dm0rphc51dk.cloudfront.net"})
    categories = ("Painting", "Print", "Photography", "Sculpture", "Drawing, Collage or other Work on Paper")
    # our name of a detail -> Artsy's link to it
    kinds: ClassVar[dict[str, str]] = {"artists": "artists", "genes": "genes", "similar": "similar_artworks"}

    def __init__(
        self,
        settings: Settings,  # raises `UserError` without the two keys, and for an unknown word in `artsy_details`
    ):
        super().__init__(settings)
        self.keys = {k: secret(f"ARTSY_{k.upper()}") for k in ("client_id", "client_secret")}
        if not all(self.keys.values()):
            raise UserError(
                "The source artsy needs ARTSY_CLIENT_ID and ARTSY_CLIENT_SECRET.",
                "put them into .env, or choose --source cleveland, which needs no key",
            )
        self.token = XappToken(self._request_token)
        self.details_of: dict[str, dict[str, list[dict]]] = {}  # kind -> artwork -> what is known
        self.wanted_kinds = [k.strip() for k in settings.artsy_details.split(",") if k.strip() != "none"]
        if wrong := [k for k in self.wanted_kinds if k not in self.kinds]:
            raise UserError(
                f"artsy_details: there is no {wrong[0]}.{did_you_mean(wrong[0], self.kinds)}",
                f"choose among {', '.join(self.kinds)}, or none",
            )

    # ---- the token

    def auth(self) -> requests.auth.AuthBase:
        "The token"
        return self.token

    def _request_token(self) -> dict:
        "Ask with a client of its own, which has no token to send"
        with Client({host_of(self.base)}, self.per_second, self.headers(), private_ok=self.private_ok) as client:
            try:
                return client.post(f"{self.base}/tokens/xapp_token", self.keys)
            except WebError as e:
                raise self.explain(e) from None

    def ask(self, url: str) -> dict:
        "The JSON object at `url`; where the token is refused, once more with a new one. Raises as `explain` has it."
        try:
            return self.client.json(url)
        except WebError as e:
            if e.status != 401:
                raise self.explain(e) from None
        self.token.forget()
        return super().ask(url)

    def explain(self, e: WebError) -> UserError:
        "The refusal `e` as an error that says that Artsy is closing this API, and names the remedy"
        if e.status not in (401, 403, 404, 410):
            return super().explain(e)
        what = f"Artsy refused the request ({e}). Artsy is closing this API, and a refusal can be for good."
        if e.url.endswith("xapp_token"):
            what += " It may also be that ARTSY_CLIENT_ID or ARTSY_CLIENT_SECRET is wrong."
        return UserError(what, "set source = cleveland (--source cleveland): open works with pictures, no key needed")

    # ---- the list

    def first_url(self) -> str:
        "The first fifty"
        return f"{self.base}/artworks?size=50"

    def read(self, answer: dict, url: str) -> Page:
        "The records of `answer` (from `url`); the next page is what `_links.next` says, unchanged"
        after = first_text(dig(answer, "_links", "next", "href")) or None
        return Page(dicts_in(dig(answer, "_embedded", "artworks")), after)

    def url_of(self, id: str) -> str:
        "Where the single artwork `id` (Artsy's own, without `artsy:`) is"
        return f"{self.base}/artworks/{id}"

    def unwanted(self, raw: dict) -> str:
        "'' if `raw` is of a wanted category, otherwise why not; `published` false makes no difference"
        return "" if not self.wanted or raw.get("category") in self.wanted else "category not asked for"

    # ---- artists, genes and similar works: one request each per artwork

    def fetch_details(self, store: Store) -> None:
        "Request the wanted details that are not in the store, or are older than their artwork's last change"
        raws = dict(self.wanted_in(store, self.settings.n_artworks))
        for kind in self.wanted_kinds:
            missing = [i for i in store.lacking(kind) if i in raws]
            for id in progress(missing, f"{kind} of each work", unit="work"):
                link = first_text(dig(raws[id], "_links", self.kinds[kind], "href"))
                store.add_detail(id, kind, self.follow_link(kind, link) if link else [])
        self.details_of = {kind: store.details(kind) for kind in self.wanted_kinds}

    def follow_link(
        self,
        kind: str,  # of detail: a key of `kinds`
        url: str,  # the link in the record
        most: int = 5,  # pages to read
    ) -> list[dict]:
        """What a link leads to: names and nationalities, for similar works their ids.

        Artsy does not serve everything that it links to (403, 404). That is counted and ends the list. Another failure
        raises `UserError`.
        """
        out: list[dict] = []
        keep = ("id",) if kind == "similar" else ("name", "nationality")
        while url and most:
            self.notes[f"{kind} asked for"] += 1
            try:
                answer = self.client.json(url)
            except WebError as e:
                if e.status not in (403, 404):
                    raise self.explain(e) from None
                self.notes[f"{kind} refused"] += 1
                break
            rows = dicts_in(dig(answer, "_embedded", "artworks" if kind == "similar" else kind))
            out += [{k: clean_text(first_text(r.get(k)), TAG_LENGTH) for k in keep} for r in rows]
            url, most = first_text(dig(answer, "_links", "next", "href")), most - 1
        return out

    # ---- rows

    def normalise(self, raw: dict) -> dict:
        "The record `raw`, and its details, as our row; `similar` is an extra column with a list of our ids"
        id, date = first_text(raw.get("id")), first_text(raw.get("date"))
        artists, genes, similar = (self.details_of.get(k, {}).get(id, []) for k in self.kinds)
        first, last = years_in(date)
        return {
            Cols.artwork_id: f"artsy:{id}" if id else "",
            Cols.source: "artsy",
            Cols.title: first_text(raw.get("title")),
            Cols.artist: ", ".join(distinct_texts([a["name"] for a in artists])),
            Cols.date_text: date,
            Cols.year_start: first,
            Cols.year_end: last,
            Cols.category: first_text(raw.get("category")),
            Cols.medium: first_text(raw.get("medium")),
            Cols.culture: first_text(raw.get("cultural_maker"), *(a["nationality"] for a in artists)),
            Cols.tags: distinct_texts([g["name"] for g in genes], raw.get("series")),
            Cols.text: first_text(raw.get("blurb")),
            Cols.image_url: _picture(raw),
            Cols.licence: "Public domain, by the Artsy API terms (non-commercial)",
            Cols.credit: first_text(raw.get("image_rights"), raw.get("collecting_institution"), "Artsy"),
            Cols.source_url: first_text(dig(raw, "_links", "permalink", "href")),
            "similar": [f"artsy:{s['id']}" for s in similar if s["id"]],
        }


def _picture(raw: dict) -> str:
    "The address of the best version that this artwork has, or of its thumbnail"
    there = distinct_texts(raw.get("image_versions"))
    href = first_text(dig(raw, "_links", "image", "href"))
    best = next((v for v in _VERSIONS if v in there), None)
    return (
        href.replace("{image_version}", best) if href and best else first_text(dig(raw, "_links", "thumbnail", "href"))
    )

"""A catalogue behind a web API: read page by page, kept on disk, and brought up to date by later runs.

A *crawl* reads the source's list from one end to the other and keeps each page in a `crawl.Store`. It survives a killed
process (the next run continues with the page after the last one on disk), a list that shifts while it is read (records
are kept under their ids), and artworks that are withdrawn. A list does not say what it no longer has. So each artwork
that a complete walk did not meet is requested by itself, and only a refusal (403, 404, 410) removes it.
"""

import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import ClassVar

import pandas as pd
import requests
from PIL import Image

from art_recsys.config import Home, Settings, UserError, fingerprint, progress

from .base import Source
from .crawl import Page, Store, Walk
from .http import Client, WebError, host_of, user_agent
from .pictures import fetch_pictures
from .records import first_text, utc_time

__all__ = ["ApiSource"]

WHOLE_EVERY = timedelta(days=30)  # between two walks through the complete list, where shorter ones are possible


class ApiSource(Source):
    """A catalogue on the network, kept in `cache/NAME.sqlite` of the home.

    A subclass gives `base`, `first_url`, `read`, `url_of` and `normalise`, and where it needs to `key`, `unwanted`,
    `headers`, `auth`, `explain` and `fetch_details`.
    """

    base: ClassVar[str] = ""  # address of the API
    per_second: ClassVar[float] = 1  # requests
    categories: ClassVar[tuple[str, ...]] = ()  # wanted where the setting `categories` is empty; () is all
    picture_hosts: ClassVar[frozenset[str]] = frozenset()  # pictures come from nowhere else
    pictures_per_second: ClassVar[float] = 8
    newest_first: ClassVar[bool] = False  # the list begins with what changed last
    private_ok: ClassVar[frozenset[str]] = (
        frozenset()
    )  # hosts, as name:port, that may be on a private address: for tests

    def __init__(
        self,
        settings: Settings,  # `categories`, `n_artworks`, `refresh_hours`, `contact`, `pictures`, `picture_size`
    ):
        super().__init__(settings)
        self.home = Home(settings.home)
        self.wanted = tuple(c.strip() for c in settings.categories.split("|") if c.strip()) or self.categories

    # ---- what a subclass says about its API

    def first_url(self) -> str:
        "Where the list begins"
        raise NotImplementedError

    def read(
        self,
        answer: dict,  # the JSON object of a page
        url: str,  # where it came from
    ) -> Page:
        "The records of an answer and the address of the next page. Must accept an answer of any shape."
        raise NotImplementedError

    def url_of(
        self,
        id: str,  # as `key` gives it
    ) -> str:
        "Where a single artwork is"
        raise NotImplementedError

    def key(
        self,
        raw: dict,  # one raw record
    ) -> tuple[str, str]:
        "The id of a record and the UTC time of its last change ('' where it has none)"
        return first_text(raw.get("id")), utc_time(raw.get("updated_at"))

    def unwanted(
        self,
        raw: dict,  # one raw record
    ) -> str:
        "The reason why a record is left out, or ''"
        return ""

    def headers(self) -> dict[str, str]:
        "Sent with every request: who asks, and for what"
        return {"User-Agent": user_agent(self.settings.contact), "Accept": "application/json, */*;q=0.5"}

    def auth(self) -> requests.auth.AuthBase | None:
        "What signs the requests, where the API wants that"
        return None

    def explain(
        self,
        e: WebError,  # of a failed request
    ) -> UserError:
        "A failed request as an error that names the source and the remedy"
        if e.passing or e.after:
            return UserError(
                f"The source {self.name} gave no usable answer ({e}).",
                "try again later: what was read is kept, and the next run continues where this one stopped",
            )
        return UserError(
            f"The source {self.name} cannot be read ({e}).",
            "check whether its API has moved; --source sample and --source file need no network",
        )

    def fetch_details(
        self,
        store: Store,  # up to date
    ) -> None:
        "Request what is not in the list, artwork by artwork; nothing by default"

    # ---- requests

    @cached_property
    def client(self) -> Client:
        "Asks the host of `base` and no other"
        hosts = {host_of(self.base)}
        return Client(hosts, self.per_second, self.headers(), self.auth(), private_ok=self.private_ok)

    def ask(
        self,
        url: str,  # on the source's own host
    ) -> dict:
        "The JSON object at an address. Raises `UserError` where there is none."
        try:
            return self.client.json(url)
        except WebError as e:
            raise self.explain(e) from None

    def pages(
        self,
        since: str | None = None,  # only what changed after this time (UTC, ISO 8601)
        cursor: str | None = None,  # address of the page to begin with, `Page.next` of an earlier one
    ) -> Iterator[Page]:
        """The list, page by page. Raises `UserError` where a page cannot be read or comes again.

        With `since` a list that is sorted by change (`newest_first`) ends at the first page on which all is older.
        Another list is read to its end, and the older records are left out.
        """
        url: str | None = cursor or self.first_url()
        met = set()
        while url:
            if url in met:
                raise UserError(f"The source {self.name} sends the same page again and again.", "try again later")
            met.add(url)
            page = self.read(self.ask(url), url)
            fresh = [r for r in page if not since or self.key(r)[1] >= since]
            if since and self.newest_first and not fresh:
                return
            yield Page(fresh, page.next)
            url = page.next

    # ---- the crawl

    def records(
        self,
        report: Counter,  # gets the records that were left out, by reason
    ) -> Iterator[dict]:
        "Bring the store up to date and give its wanted records. Raises `UserError` where the source cannot be read."
        with Store(self.home.cache / f"{self.name}.sqlite") as store, self.client:
            self.crawl(store)
            self.fetch_details(store)
            if walk := store.last_walk(finished=True, whole=True):
                report.update(walk.skipped)
            self.notes["withdrawn"] = store.tombstones()["withdrawn by the source"]
            for _, raw in self.wanted_in(store, self.settings.n_artworks):
                yield raw

    def crawl(
        self,
        store: Store,  # what is there already
    ) -> None:
        "Continue the walk that was interrupted or begin one; then look for artworks that were withdrawn"
        walk, most = self._next_walk(store), self.settings.n_artworks
        if walk is None:
            return

        def full() -> bool:
            return store.count(walk) >= most

        if not (walk.pages and walk.cursor is None) and not full():
            pages = self.pages(walk.since, walk.cursor)
            for page in progress(pages, f"reading {self.name}, {walk.pages} pages there", unit="page"):
                rows, others, skipped = self.sort_records(page)
                store.add(walk, rows, page.next, others, skipped)
                if full():
                    break
        if walk.since is None:
            self._remove_withdrawn(store, walk, most if full() else None)
        store.finish(walk)

    def sort_records(
        self,
        page: list,  # raw records of any shape
    ) -> tuple[list[tuple[str, str, dict]], list[tuple[str, str, dict]], Counter]:
        "The wanted records and the others, each as (id, time of last change, record), and the reasons for the others"
        rows: list = []
        others: list = []
        skipped: Counter = Counter()
        for raw in page:
            id, changed = self.key(raw) if isinstance(raw, dict) else ("", "")
            if not id or not id.isascii() or len(id) > 100:
                skipped["work without an id"] += 1
                continue
            why = self.unwanted(raw)
            (others if why else rows).append((id, changed, raw))
            if why:
                skipped[why] += 1
        return rows, others, skipped

    def wanted_in(
        self,
        store: Store,  # of this source
        most: int | None = None,  # records; None is all
    ) -> Iterator[tuple[str, dict]]:
        "(id, raw record) of the artworks in the store that the settings ask for"
        return islice(((id, raw) for id, raw in store.works() if not self.unwanted(raw)), most)

    def _next_walk(self, store: Store) -> Walk | None:
        "The walk to continue, a new one, or None where the last one is recent enough"
        query = fingerprint(self.name, self.base, self.wanted, self.settings.n_artworks)
        last, done = store.last_walk(), store.last_walk(finished=True)
        if (last and not last.finished) or not done or done.query != query:
            return store.begin(query)
        if done.age < timedelta(hours=self.settings.refresh_hours):
            return None
        whole = store.last_walk(finished=True, whole=True)
        if not self.newest_first or not whole or whole.query != query or whole.age > WHOLE_EVERY:
            return store.begin(query)
        day_before = datetime.fromisoformat(done.started) - timedelta(days=1)  # clocks differ
        return store.begin(query, since=day_before.isoformat(timespec="seconds"))

    def _remove_withdrawn(self, store: Store, walk: Walk, most: int | None) -> None:
        "Put a tombstone for each artwork that this walk should have met and that the source refuses to show"
        unmet, met = set(store.unmet(walk)), store.count(walk)
        lost = [id for id, _ in self.wanted_in(store, most) if id in unmet]
        if most is None and len(lost) > max(10, met):
            store.abandon(walk)
            raise UserError(
                f"The list of {self.name} has lost {len(lost)} of {len(lost) + met} works; nothing is removed yet.",
                f"run again later; if the source did shrink, delete cache/{store.path.name} in the home",
            )
        for id in progress(lost, "withdrawn?", unit="work"):
            try:
                self.client.json(self.url_of(id))
            except WebError as e:
                if e.status not in (403, 404, 410):
                    raise self.explain(e) from None
                store.put_tombstones([id], "withdrawn by the source")

    # ---- pictures

    def add_pictures(
        self,
        works: pd.DataFrame,  # normalised, with `image_url`
        home: Home,  # where `pictures/` is made
        report: Counter,  # gets the pictures that are missing, by reason
    ) -> pd.Series:
        "Download the pictures from `picture_hosts`, unless the setting `pictures` is no"
        if not self.settings.pictures:
            return pd.Series("", index=works.index)
        home.pictures.mkdir(parents=True, exist_ok=True)
        headers = self.headers() | {"Accept": "image/*"}
        hosts, pace = self.picture_hosts, self.pictures_per_second
        with (
            Client(hosts, pace, headers, attempts=3, private_ok=self.private_ok) as client,
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return fetch_pictures(works, home, self.settings.picture_size, client, report)

"""The live catalogue: works, users and events come and go over HTTP while the server answers visitors.

What is sent is on disk when it is acknowledged. A withdrawal has taken effect, too: no answer that begins later shows
the work. All else happens in a thread of its own, so that no visitor waits for it: it describes new works, encodes
texts and pictures, and puts a changed service in the place of the old one, a slice of the catalogue at a time. Pictures
are downloaded beside it by the guarded client of the sources; until one is there, its work does without.
"""

import sqlite3
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from typing import Any, ClassVar

from art_recsys.config import Home, Settings
from art_recsys.core import Cols
from art_recsys.enrichment import describe_one
from art_recsys.language.image_encoder import image_encoder
from art_recsys.language.offline import OfflineWriter
from art_recsys.language.pool import Unreachable
from art_recsys.language.text_encoder import text_encoder
from art_recsys.platform.live_log import Change, merged_rows
from art_recsys.sources.http import Client, host_of, user_agent
from art_recsys.sources.pictures import fetch_picture, keep_picture

from .catalogue import UnknownArtwork
from .live_catalogue import SLICE, LiveRows, encoded, use_live_users, with_live
from .live_rows import Checked, checked_artworks, checked_events, checked_users
from .releases import Releases

__all__ = ["Live"]

TRIES = 10  # to keep a picture of a work that is changed meanwhile
PART = 500  # events in one transaction: a visitor's like waits for one part at most


class Live:
    "Takes changes, and applies them to the service that is in use"

    private_ok: ClassVar[frozenset[str]] = frozenset()  # hosts, as name:port, on private addresses: for tests

    def __init__(
        self,
        settings: Settings,  # `home`, `pictures`, `picture_size`, `image_model`, `seed`
        releases: Releases,  # holds the service
        on_change: Callable[[], None] = lambda: None,  # called when another service has taken over
    ):
        self.settings, self.releases, self.on_change = settings, releases, on_change
        self.home, self.offline = Home(settings.home), OfflineWriter(settings.seed)
        self.problem = ""  # of the last pass of the thread, for `state`
        self._wake, self._stop, self._loaded = threading.Event(), threading.Event(), threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None
        self._fetching: set[str] = set()
        self._pool = ThreadPoolExecutor(4, "pictures")

    # ---- what comes in -------------------------------------------------------------------------------------------
    @property
    def rows(self) -> LiveRows:
        "The changes on disk"
        return LiveRows(self.releases.service.store)

    def put_artworks(self, raws: list) -> dict:  # `{inserted, changed, unchanged, errors}`
        "Insert or change works; returns when the good ones are on disk"
        return self._kept(checked_artworks(raws, self._titled), self.rows.put)

    def _titled(self, artwork_id: str) -> bool:
        "Whether a work has a title; one that was withdrawn keeps it"
        if artwork_id in self.releases.service.catalogue.cards:
            return True
        change = self.rows.change(artwork_id)
        return change is not None and bool(change.body.get(Cols.title))

    def _known(self, artwork_id: str) -> bool:
        "Whether there is such a work, visible already or not yet"
        change = self.rows.change(artwork_id)
        return artwork_id in self.releases.service.catalogue.cards if change is None else not change.withdrawn

    def put_users(self, raws: list) -> dict:  # as `put_artworks`
        "Insert or change profiles; they count for the next page"
        answer = self._kept(checked_users(raws), self.rows.put_users)
        use_live_users(self.releases.service)
        return answer

    def _kept(self, checked: Checked, put: Callable[[Iterable], dict]) -> dict:
        counts = put(checked.rows) if checked.rows else {"inserted": 0, "changed": 0, "unchanged": 0}
        if counts["inserted"] or counts["changed"]:
            self.wake()
        return {**counts, "errors": [asdict(e) for e in checked.errors]}

    def put_events(self, raws: list) -> dict:  # `{accepted, duplicates, errors}`
        "Record events; they count for the next page"
        store, accepted = self.releases.service.store, 0
        checked = checked_events(raws, self.releases.service.catalogue.cards.__contains__)
        for at in range(0, len(checked.rows), PART):
            accepted += store.append(checked.rows[at : at + PART]).accepted
        duplicates = len(checked.rows) - accepted
        return {"accepted": accepted, "duplicates": duplicates, "errors": [asdict(e) for e in checked.errors]}

    def replace_event(self, raw: dict) -> dict:  # `{accepted, duplicates, errors}`
        "Put an event in the place of the one with its id, if there is one"
        store = self.releases.service.store
        checked = checked_events([raw], self.releases.service.catalogue.cards.__contains__)

        def job(db: sqlite3.Connection) -> int:
            db.execute("delete from events where event_id = ?", (checked.rows[0][Cols.event_id],))
            return store.insert(db, checked.rows).accepted

        accepted = store.write(job) if checked.rows else 0
        return {"accepted": accepted, "duplicates": 0, "errors": [asdict(e) for e in checked.errors]}

    def delete_event(self, event_id: str) -> dict:  # `{deleted}`: 0 or 1
        "Delete one event"
        sql = "delete from events where event_id = ?"
        return {"deleted": self.releases.service.store.write(lambda db: db.execute(sql, (event_id,)).rowcount)}

    def forget(self, user_id: str) -> dict:
        "Delete all rows of a user from the home, as `Service.forget`"
        return self.releases.forget(user_id)

    def withdraw(self, artwork_ids: Iterable[str]) -> dict:  # `{withdrawn, unchanged}`: numbers of works
        "Withdraw works; returns when that is on disk and no new answer shows them"
        ids = list(dict.fromkeys(artwork_ids))
        gone = self.rows.withdraw(ids)

        def without(service: Any) -> Any:
            shown = [a for a in ids if a in service.catalogue.cards]
            return service.changed(service.artworks.iloc[:0], shown).warm_up() if shown else service

        self._use(without)
        return {"withdrawn": gone, "unchanged": len(ids) - gone}

    def put_picture(self, artwork_id: str, data: bytes) -> str:  # what is wrong with it, or ''
        "Set the picture of a work. Raises `UnknownArtwork`."
        if not self._known(artwork_id):
            raise UnknownArtwork(f"There is no work {artwork_id}.")
        file, why = keep_picture(data, self.home, self.settings.picture_size)
        if why:
            return why
        self.rows.put([{Cols.artwork_id: artwork_id}])
        for _ in range(TRIES):  # the work may be changed while it is described
            if not (change := self.rows.change(artwork_id)) or self.rows.made([(change, self._made(change, file))]):
                break
        self.wake()
        return ""

    def state(self) -> dict:  # `{artworks, withdrawn, waiting, pictures, ready, problem}`
        "How many works there are, how many changes wait, pictures still to be fetched, whether models are loaded"
        service, rows = self.releases.service, self.rows
        return {
            "artworks": len(service.catalogue.cards),
            "withdrawn": len(rows.withdrawn()),
            "waiting": len(rows.changes(service.live_seq)),
            "pictures": sum(bool(self._address(c)) for c in rows.unmade()),
            "ready": self._loaded.is_set(),
            "problem": self.problem,
        }

    # ---- the thread ----------------------------------------------------------------------------------------------
    def wake(self) -> None:
        "Let the thread look for changes; begins it"
        self._wake.set()
        with self._start:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._follow, daemon=True, name="live catalogue")
                self._thread.start()

    def begin(self) -> None:
        "Load the models that encode, so that the first work does not wait for them; only the first call does anything"
        if self._thread is None:
            self.wake()

    def stop(self) -> None:
        "End the thread; what it has not done is done after the next start"
        self._stop.set()
        self._wake.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._thread:
            self._thread.join(30)

    def _follow(self) -> None:
        try:
            self._load()
            self._loaded.set()
        except Exception as e:
            self._failed(e)
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                while not self._stop.is_set() and self._pass():
                    pass
                self.problem = ""
            except Exception as e:
                self._failed(e)

    def _failed(self, e: Exception) -> None:
        self.problem = f"{type(e).__name__}: {e}"[:500]
        with suppress(OSError):  # the log may be on a full disk, and this thread must go on
            traceback.print_exception(e, file=sys.stderr)

    def _load(self) -> None:
        "Load both models; in this thread, torch computes with one core, so that visitors keep the other"
        import torch

        torch.set_num_threads(1)
        tower = self.releases.service.two_tower
        if tower.text_model is not None:
            text_encoder(tower.text_model, self.home.cache).load()
        if tower.artwork_features["image"].shape[1] > 1:
            image_encoder(self.settings.image_model, self.home.cache).load()

    def _pass(self) -> bool:  # whether there may be more to do
        "One slice of the changes: describe, encode, take over; then what is still to be made of pictures and users"
        service, rows = self.releases.service, self.rows
        changes = rows.changes(service.live_seq, SLICE)
        todo = [c for c in changes if not c.withdrawn and self._undescribed(c)]
        if todo:
            rows.made([(c, self._made(c)) for c in todo], anew=False)
            changes = rows.changes(service.live_seq, SLICE)
        if changes:
            encoded(service, changes)  # outside of the lock; `with_live` finds the vectors in the cache
            self._use(lambda now: _warm(now, with_live(now, SLICE)))
        for change in rows.unmade():
            if change.artwork_id not in self._fetching and self._address(change):
                self._fetching.add(change.artwork_id)
                self._pool.submit(self._fetch, change)
        return self._users() or rows.last() > self.releases.service.live_seq

    def _use(self, change: Callable[[Any], Any]) -> None:
        self.releases.update(change)
        self.on_change()

    def _address(self, change: Change) -> str:
        "Where the picture of a work is to be downloaded; empty where there is nothing to download"
        return str(change.body.get(Cols.image_url) or "") if self.settings.pictures else ""

    def _undescribed(self, change: Change) -> bool:
        "Whether a work can be described now: a picture that is still to be downloaded is waited for"
        if change.made is None:
            return not self._address(change)
        return not change.made.get(Cols.description) and not change.body.get(Cols.description)

    def _made(self, change: Change, image_path: str = "", problem: str = "") -> dict:
        "What the server adds to a work: its picture, and what can be said of it"
        made = {k: v for k, v in (change.made or {}).items() if k in (Cols.image_path, "problem")}
        made |= {Cols.image_path: image_path} if image_path else {}
        work = merged_rows([change._replace(made=made)], self.releases.service.source_artworks).to_dict("records")[0]
        text, palette, _ = describe_one(work, self.home, self.offline, self.offline, Unreachable(self.offline))
        made |= {Cols.palette: palette} if palette else {}
        made |= {Cols.description: text}
        return made | ({"problem": problem} if problem else {})

    def _fetch(self, change: Change) -> None:
        "Download one picture, then let the thread go on"
        url = self._address(change)
        headers = {"User-Agent": user_agent(self.settings.contact)}
        try:
            options: dict = {"attempts": 2, "backoff": 0.5, "private_ok": self.private_ok}
            with Client({host_of(url)}, 8, headers, **options) as client:
                line = fetch_picture(url, client, self.home, self.settings.picture_size)
            self.rows.made([(change, self._made(change, line["file"], line["why"]))])
        except Exception as e:
            if not self._stop.is_set():  # otherwise the next start fetches it
                self._failed(e)
                self._stop.wait(5)  # it is tried again, for example on a disk that is full
        finally:
            self._fetching.discard(change.artwork_id)
            self._wake.set()

    def _users(self) -> bool:  # whether any were encoded
        "Encode descriptions of users; their vectors are kept beside them and nowhere else, so that `forget` finds all"
        service = self.releases.service
        todo = [body for body, vector in self.rows.users() if vector is None and body.get(Cols.description)][:64]
        if not todo or service.two_tower.text_model is None:
            return False
        texts = [body[Cols.description] for body in todo]
        vectors = text_encoder(service.two_tower.text_model, self.home.cache).encode_once(texts)
        for body, vector in zip(todo, vectors, strict=True):
            self.rows.user_vector(body[Cols.user_id], body[Cols.description], vector)
        use_live_users(service)
        return True


def _warm(before: Any, after: Any) -> Any:
    return after if after is before else after.warm_up()

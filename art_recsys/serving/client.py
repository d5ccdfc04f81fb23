"""A thin client of the model server. It imports only `requests`, so that a hundred gallery kernels stay small."""

import os
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry

from .client_catalogue import CatalogueCalls
from .client_visits import VisitCalls, quoted

__all__ = ["KEY_VARIABLE", "RENAMED_KEYS", "Client", "renamed", "user_error"]

KEY_VARIABLE = "ART_RECSYS_API_KEY"
RENAMED_KEYS = {"without": "exclude_artists"}  # of `/recommend` and `Client.recommend` in 0.1.0: old -> new


_REMEDIES = {
    401: f"put a key into {KEY_VARIABLE} (environment or .env); make one with: art-recsys keys new",
    403: f"put a key with that role into {KEY_VARIABLE}",
    429: "wait a moment and try again",
}


def user_error(
    what: str,  # What went wrong, as a sentence
    remedy: str = "",  # What to do, without a capital; '' for none
) -> Exception:
    "Make a `config.UserError`; its module is imported only when an error occurs"
    from art_recsys.config import UserError  # imports pydantic, so not at the top

    return UserError(what, remedy)


def renamed(key: str) -> str:
    "A sentence that names the new word for `key` of an earlier release, or an empty text"
    return f"{key} is called {RENAMED_KEYS[key]} now." if key in RENAMED_KEYS else ""


class _AskAgain(Retry):
    "Repeats a request if a kept connection was closed, but not if the server takes longer than the timeout"

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Self:
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, *args, **kwargs)


def _chosen(filters: dict | None) -> dict:
    "Those of the filters that are set"
    return {facet: value for facet, value in (filters or {}).items() if value}


class Client(VisitCalls, CatalogueCalls):
    """Client of one model server over kept connections.

    If the server does not answer or refuses a request, a method raises `error(what, remedy)`, by default a
    `config.UserError`. Only `ready` returns False instead.
    """

    def __init__(
        self,
        url: str,  # Base URL, for example from `serving.find_server(settings)`
        timeout: float = 10.0,  # Seconds to wait for an answer
        error: Callable[..., Exception] = user_error,  # `error(what, remedy)` to raise; by default a `UserError`
        key: str | None = None,  # API key; None: that in the environment, if there is one
    ):
        self.url, self.timeout, self._error = url.rstrip("/"), timeout, error
        self._http = requests.Session()
        self._http.trust_env = False  # do not send requests to our own host through a proxy
        if key := key or os.environ.get(KEY_VARIABLE):
            self._http.headers["Authorization"] = f"Bearer {key}"
        # The server may have closed a kept connection. Repeating a request is safe because events have ids.
        retry = _AskAgain(total=2, connect=2, read=1, status=0, backoff_factor=0.1, allowed_methods=None)
        self._http.mount("http://", HTTPAdapter(max_retries=retry, pool_maxsize=8))

    def __repr__(self) -> str:
        return f"Client({self.url})"

    def _get(self, path: str, method: str = "GET", **kwargs: Any) -> requests.Response:
        try:
            return self._http.request(method, self.url + path, **{"timeout": self.timeout, **kwargs})
        except requests.RequestException as e:
            raise self._error(
                f"The model server at {self.url} does not answer ({type(e).__name__}).",
                "start it with: art-recsys serve",
            ) from None

    def _ask(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = self._get(path, method, **kwargs)
        try:
            body = answer.json()
        except ValueError:
            body = {}
        if answer.ok:
            return body
        detail = body.get("detail") if isinstance(body, dict) else None
        raise self._error(
            detail or f"The model server answered {answer.status_code} to {method} {path}.",
            _REMEDIES.get(answer.status_code, "wait a moment and try again" if answer.status_code >= 500 else ""),
        )

    def health(self) -> dict:
        "State of the server: `{status, pid, model_version, loading, refused, switches, looks}`"
        return self._ask("GET", "/health")

    def wait_for_release(
        self,
        version: str,  # As in `release.json`
        timeout: float = 120.0,  # Seconds
    ) -> dict:  # The answer of `health`
        "Wait until the server serves this release. Raises `error` if the server refused the release or at the timeout."
        end, before = time.monotonic() + timeout, self.health()["looks"]
        while time.monotonic() < end:
            state = self.health()
            refused = (
                state["refused"] if state["looks"] >= before + 2 else None
            )  # ignore a release that was refused before this call
            if refused and refused["version"] in (version, None):
                raise self._error(refused["why"], refused["remedy"])
            if state["model_version"] == version:
                return state
            time.sleep(0.2)
        raise self._error(
            f"The model server did not take over {version} within {timeout:.0f} s.", "see server.log in the home"
        )

    def insight(self) -> dict:
        "Figures for operators: activity, works shown and liked, coverage, drift, models"
        return self._ask("GET", "/insight")

    def lookup_visitors(
        self, limit: int = 40
    ) -> dict:  # `{gallery, training}`: `[{visitor, likes, hides, shown, last}]`
        "Codes of visitors for operators: who came last, and who did most in the training data"
        return self._ask("GET", "/lookup/visitors", params={"limit": limit})

    def lookup_visitor(self, code: str) -> dict:
        "For operators: what the visitor with this code did, beside the page that they would get now"
        return self._ask("GET", "/lookup/visitor", params={"code": code})

    def lookup_work(self, artwork_id: str) -> dict:
        "For operators: a work, how often it was shown and liked, who likes it, and its neighbours"
        return self._ask("GET", "/lookup/work", params={"artwork_id": artwork_id})

    def releases(self) -> list[dict]:
        "The releases that can be compared: `[{version, at, served}]`, the newest first"
        return self._ask("GET", "/lookup/releases")

    def compare(
        self,
        first: str,  # Versions of two releases
        second: str,
        code: str,  # Of a visitor, from `lookup_visitors`
    ) -> dict:  # `{visitor, first, second, rows: [{work, first, second, change, ...}], kept, of}`
        "The pages of two releases for one visitor; one that is not served is loaded first, which takes a while"
        return self._ask("GET", "/lookup/compare", params={"first": first, "second": second, "code": code}, timeout=180)

    def metrics(self) -> str:
        "The server's metrics in Prometheus' text format"
        return self._get("/metrics").text

    def ready(
        self,
        timeout: float | None = None,  # Seconds; the client's timeout if None
    ) -> bool:
        "True if the server answers and its models are loaded and warm"
        try:
            return self._http.get(self.url + "/ready", timeout=timeout or self.timeout).status_code == 200
        except requests.RequestException:
            return False

    def recommend(
        self,
        user_id: str,  # An unknown id is a new visitor
        k: int | None = None,  # Works per page, 1 to 500; the server's `page_size` if None
        exclude: Iterable[str] = (),  # Ids of works that the visitor already sees
        filters: dict | None = None,  # Facet (category, medium, period, colour) -> a value or a list of values
        exclude_artists: Iterable[str] = (),  # Artists whose works are left out
        log: bool = True,  # False: somebody else looks at the page of this visitor; nothing is logged
        **others: Any,  # Refused; a keyword of an earlier release by its new name
    ) -> dict:  # `{request_id, model_version, items: [...]}`
        "The next page for a visitor. `TypeError` for a keyword that no release had, `error` for one that was renamed."
        for key in others:
            if new := renamed(key):
                raise self._error(new, f"write {RENAMED_KEYS[key]}= instead of {key}=")
            raise TypeError(f"Client.recommend() got an unexpected keyword argument {key!r}")
        body: dict[str, Any] = {
            "user_id": user_id,
            "exclude": list(exclude),
            "filters": _chosen(filters),
        }
        if artists := list(exclude_artists):
            body["exclude_artists"] = artists
        if not log:
            body["log"] = False
        return self._ask("POST", "/recommend", json=body if k is None else {**body, "k": k})

    def search(
        self,
        text: str,  # What was typed so far
        k: int = 24,  # Works at most
        skip: int = 0,  # Works that are shown already
        user_id: str | None = None,  # Their taste orders works of about the same relevance
        filters: dict | None = None,  # As for `recommend`
        exclude_artists: Iterable[str] = (),  # Artists whose works are left out
    ) -> dict:  # `{items, total, artists: [{artist, works}], corrected, meaning, loading, counts}`
        "Works that fit a line of text; while the server is `loading` its text model, `meaning` is false"
        body = {"text": text, "k": k, "skip": skip, "user_id": user_id, "exclude_artists": list(exclude_artists)}
        return self._ask("POST", "/search", json={**body, "filters": _chosen(filters)})

    def similar(
        self,
        artwork_id: str,  # Of the work that the others are like
        k: int = 12,  # Works per row
        row: str | None = None,  # Only this row: subject, light or hand
        exclude: Iterable[str] = (),  # Ids of works that are shown already
    ) -> dict:  # `{rows: [{name, title, items: [...]}]}`
        "Works similar to one work, in up to three rows; no work is in two of them"
        body = {"artwork_id": artwork_id, "k": k, "row": row, "exclude": list(exclude)}
        return self._ask("POST", "/similar", json=body)

    def send_events(
        self,
        events: list[dict],  # `{user_id, artwork_id, event, event_id?, ts?, position?, request_id?}`
    ) -> dict:  # `{accepted, duplicates}`
        "Record events; they are on disk when this returns"
        return self._ask("POST", "/events", json={"events": [{"event_id": uuid.uuid4().hex, **e} for e in events]})

    def _one(self, user_id: str, artwork_id: str, event: str, more: dict[str, Any]) -> dict:
        return self.send_events([{"user_id": user_id, "artwork_id": artwork_id, "event": event, **more}])

    def like(self, user_id: str, artwork_id: str, **more: Any) -> dict:
        "Record that `user_id` likes `artwork_id`; `more` are further fields of the event. `{accepted, duplicates}`"
        return self._one(user_id, artwork_id, "like", more)

    def unlike(self, user_id: str, artwork_id: str, **more: Any) -> dict:
        "Record that `user_id` no longer likes, or no longer hides, `artwork_id`; `more` as for `like`"
        return self._one(user_id, artwork_id, "unlike", more)

    def hide(self, user_id: str, artwork_id: str, **more: Any) -> dict:
        "Record that `user_id` does not want to see `artwork_id`; `more` as for `like`. `{accepted, duplicates}`"
        return self._one(user_id, artwork_id, "hide", more)

    def steer(
        self,
        user_id: str,  # Of the visitor; an unknown one is a new visitor
        direction: str,  # more, less, or neutral to take it back
        kind: str,  # tag, artist, palette (a colour family) or period
        value: str,  # As the catalogue has it; capitals do not matter
    ) -> dict:  # `{accepted, duplicates}`
        "Ask for more or less of something; the last word on it counts. Raises `error` if no work has it."
        body = {"user_id": user_id, "direction": direction, "kind": kind, "value": value, "event_id": uuid.uuid4().hex}
        return self._ask("POST", "/steer", json=body)

    def taste(self, user_id: str) -> dict:  # `{user_id, follows: [{kind, value, asked, likes}], less, text}`
        "What a visitor follows, and what they want less of: `You follow: sea, night; less: pop art`"
        return self._ask("GET", f"/taste/{quoted(user_id)}")

    def user(self, user_id: str) -> dict:
        "A visitor: `{user_id, age, gender, description, likes: [cards], hidden: [ids]}`, newest first"
        return self._ask("GET", f"/users/{quoted(user_id)}")

    def users(self, limit: int = 24) -> list[dict]:
        "At most `limit` profiles to choose from: `[{user_id, age, gender, description, likes: number}]`"
        return self._ask("GET", "/users", params={"limit": limit})

    def new_user(self) -> str:
        "Create an unguessable user id for a new visitor"
        return self._ask("POST", "/users")["user_id"]

    def forget(
        self,
        user_id: str,  # Of the visitor
        timeout: float = 120,  # Seconds to wait; the server goes on after them
    ) -> dict:
        "Delete all rows of a visitor from the home: `{user_id, rows: {where: count}, left: [what remains]}`"
        return self._ask("DELETE", f"/users/{quoted(user_id)}", timeout=timeout)

    def artwork(self, artwork_id: str) -> dict:
        "The work `artwork_id`: its card and all other fields. Raises `error` if there is no such work."
        return self._ask("GET", f"/artworks/{quoted(artwork_id)}")

    def artist(
        self, name: str, k: int = 60, skip: int = 0
    ) -> dict:  # `{artist, total, items: [{artwork_id, artwork}]}`
        "At most `k` works of the artist `name` after the first `skip`, in order of time"
        return self._ask("GET", f"/artists/{quoted(name)}", params={"k": k, "skip": skip})

    def filters(self) -> dict[str, list[str]]:
        "The values of each filter: `{category, medium, period, colour}`, each a list"
        return self._ask("GET", "/filters")

    def choices(
        self,
        filters: dict | None = None,  # As for `recommend`
        exclude_artists: Iterable[str] = (),  # Artists whose works are left out
    ) -> dict[str, dict[str, int]]:  # Facet -> value -> works that are left
        "What else can be filtered by beside these filters"
        body = {"filters": _chosen(filters), "exclude_artists": list(exclude_artists)}
        return self._ask("POST", "/filters", json=body)

    def map_of(self, user_id: str) -> dict:  # `{name, works, likes: [numbers], path: [[x, y]]}`
        "The map's name, and on it the likes of a visitor and the way of their query. Raises `error` without a map."
        return self._ask("GET", f"/map/visitors/{quoted(user_id)}")

    def map_around(
        self,
        x: float,  # Of the place in the middle, from 0 to 1
        y: float,
        radius: float,  # As `x`
        k: int = 24,  # Works at most
        user_id: str | None = None,  # Their taste orders the works
        beyond: bool = False,  # For a wall: go on further away, without what this visitor likes or has hidden
        exclude: Iterable[str] = (),  # Ids of works that are shown already
        exclude_artists: Iterable[str] = (),  # Artists whose works are left out
        name: str | None = None,  # Of the map that is looked at; for another one there is an `error`
    ) -> dict:  # `{total, items: [{artwork_id, number, artwork}]}`; `total`: works within the radius
        "Works around a place on the map, in the order of the taste"
        body = {"x": x, "y": y, "radius": radius, "k": k, "user_id": user_id, "beyond": beyond, "name": name}
        left_out = {"exclude": list(exclude), "exclude_artists": list(exclude_artists)}
        return self._ask("POST", "/map/around", json=body | left_out)

    def map_works(self, numbers: Iterable[int], name: str | None = None) -> list[dict]:
        "The works with these `numbers` on the map called `name`: `[{artwork_id, number, artwork}]`"
        return self._ask("POST", "/map/works", json={"numbers": list(numbers), "name": name})["items"]

    def predict(self, name: str, instances: list[dict]) -> list[dict]:
        "KServe V1: one prediction for each of the `instances` (1 to 256), from the deployment `name`"
        return self._ask("POST", f"/v1/models/{quoted(name)}:predict", json={"instances": instances})["predictions"]

    def picture_url(self, artwork_id: str) -> str:
        "URL of the picture of the work `artwork_id`; no request is sent"
        return f"{self.url}/pictures/{quoted(artwork_id)}"

    def picture(self, artwork_id: str) -> bytes:
        "The bytes of the picture file of the work `artwork_id`. Raises `error` if it has no picture."
        answer = self._get(f"/pictures/{quoted(artwork_id)}")
        if not answer.ok:
            raise self._error(f"There is no picture of {artwork_id}.")
        return answer.content

    def close(self) -> None:
        "Close the kept connections"
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

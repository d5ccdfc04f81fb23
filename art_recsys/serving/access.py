"""Who may do what at the model server: the name that was asked, the key and its role, and how often.

Whoever is on this machine and asks under one of its own names needs no key. So the gallery of one person works as it
is. Everybody else needs one: another machine, another name, or what a reverse proxy passes on. `RULES` says which role
for what. A server that listens on anything but loopback does not start before there are keys.
"""

import math
import re
from typing import Any

from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from art_recsys.config import Settings, UserError

from .hosts import LOOPBACK, Hosts, client_of, host_name, is_loopback, listed
from .keys import Keys
from .limits import Buckets

__all__ = ["OPEN", "RULES", "Guard", "check_access", "limit_visitors", "role_for"]

OPEN = "open"  # needs no key
RULES = (  # methods, path, role; the first that fits counts, and what fits none needs `admin`
    ("GET", r"/health|/ready|/docs|/openapi\.json", OPEN),
    ("GET", r"/insight|/lookup/.*|/api/(releases|experiments|users|events)(/.*)?", "admin"),  # ids are visitors' tokens
    ("GET", r"/.*", "read"),
    ("POST", r"/recommend|/search|/similar|/filters|/map/.*|/v1/models/[^/]+:predict", "read"),
    ("POST", r"/events|/steer|/users|/rooms|/room/[^/]+/(works|share)|/codes|/codes/redeem", "write"),
    ("PATCH DELETE", r"/room/[^/]+", "write"),
    ("DELETE", r"/visitors/.*", "write"),  # a visitor who has a token of this server; `DELETE /users/...` is `admin`
    ("POST PUT PATCH", r"/api/(releases|experiments)(/.*)?", "admin"),
    ("POST", r"/api/(recommend|search|similar)(/.*)?", "read"),
    ("POST PUT PATCH", r"/api/.*", "write"),
    ("DELETE", r"/api/(artworks|events)/.*", "write"),
)
_RULES = [(methods.split(), re.compile(path, re.DOTALL), role) for methods, path, role in RULES]
VISITORS = "art_recsys.visitors"  # where the guard leaves the visitors' buckets in the scope of a request


def role_for(
    method: str,  # of a request
    path: str,  # without the query
) -> str:  # `open`, or one of `keys.ROLES`
    "The role that a request needs"
    method = "GET" if method == "HEAD" else method
    return next((role for methods, fits, role in _RULES if method in methods and fits.fullmatch(path)), "admin")


def check_access(settings: Settings) -> None:
    "Raise `UserError` if the server would listen to other machines, or demand keys, and there are none"
    keys = Keys.of(settings)
    keys.tighten()
    if keys.all() or (is_loopback(settings.server_host) and settings.server_keys == "auto"):
        return
    why = "server_keys = always" if is_loopback(settings.server_host) else f"server_host = {settings.server_host}"
    raise UserError(
        f"{why} needs API keys, and this home has none.",
        "make one with: art-recsys keys new --role write --name gallery; or set server_host = 127.0.0.1",
    )


class Guard:
    "ASGI: passes on what may be done, and answers everything else"

    def __init__(
        self,
        app: Any,  # from `create_app`
        settings: Settings,  # `server_host`, `server_keys`, `allowed_hosts`, `proxies` and the rates are read
    ):
        self.app, self.keys = app, Keys.of(settings)
        self.hosts, self.proxies = Hosts(settings.server_host, settings.allowed_hosts), listed(settings.proxies)
        self.trusting = settings.server_keys == "auto" and is_loopback(settings.server_host)
        self.by_key, self.by_client = Buckets(settings.key_rate), Buckets(settings.visitor_rate)
        self.by_visitor = Buckets(settings.visitor_rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        "ASGI: `scope`, `receive` and `send` are those of one request"
        refused = self._refused(scope) if scope["type"] == "http" else None
        if refused is not None:
            self.app.state.metrics.refused.labels(refused.status_code).inc()
        await (refused or self.app)(scope, receive, send)

    def _refused(self, scope: Scope) -> JSONResponse | None:
        "The answer to a request that is refused; None where it may pass"
        headers = Headers(scope=scope)
        host, forwarded = headers.get("host"), headers.get("x-forwarded-for", "")
        if why := self.hosts.why_not(host, headers.get("origin")):
            return _answer(403 if host_name(host or "") in self.hosts.names else 400, why)
        proxied = bool(forwarded) or "forwarded" in headers
        if self.trusting and not proxied and host_name(host or "") in LOOPBACK:
            return None
        client = client_of((scope.get("client") or ("",))[0], forwarded, self.proxies)
        need = role_for(scope["method"], scope["path"])
        scheme, _, sent = headers.get("authorization", "").partition(" ")
        key = self.keys.find(sent.strip()) if scheme.lower() == "bearer" else None
        seconds = self.by_key.wait(key.key_id) if key else self.by_client.wait(client)
        if seconds:
            return _too_many(seconds, "key_rate" if key else "visitor_rate")
        if need != OPEN and key is None:
            why = "This key is not known, or was revoked." if sent else "This server needs an API key."
            return _answer(401, f"{why} Send one as: Authorization: Bearer KEY.", {"www-authenticate": "Bearer"})
        if need != OPEN and key and not key.may(need):
            return _answer(403, f"This key may {key.role}; this needs a key with the role {need}.")
        scope[VISITORS] = self.by_visitor
        return None


def _answer(status: int, text: str, headers: dict[str, str] | None = None) -> JSONResponse:
    closing = {"connection": "close"}  # a body that nobody reads is not waited for
    return JSONResponse({"detail": text, "error": text}, status, {**closing, **(headers or {})})


def _too_many(seconds: float, setting: str) -> JSONResponse:
    wait = str(max(1, math.ceil(seconds)))
    return _answer(429, f"Too many requests: try again in {wait} s. (The setting is {setting}.)", {"retry-after": wait})


async def limit_visitors(request: Request) -> None:
    "A dependency of every route: what one visitor may ask in a minute, whoever asks for them. Raises 429."
    buckets = request.scope.get(VISITORS)
    if buckets is None:
        return
    asked = [request.path_params.get("user_id"), request.query_params.get("user_id")]
    if request.method in ("POST", "PUT", "PATCH") and await request.body():
        try:
            body = await request.json()
        except ValueError:
            return  # the route says what is wrong with it
        if isinstance(body, dict):
            rows = body.get("events")
            asked += (
                [body.get("user_id"), *(r.get("user_id") for r in rows if isinstance(r, dict))]
                if isinstance(rows, list)
                else [body.get("user_id")]
            )
    for visitor in {v for v in asked if isinstance(v, str) and v}:
        if seconds := buckets.wait(visitor):
            wait = str(max(1, math.ceil(seconds)))
            text = f"Too many requests for one visitor: try again in {wait} s. (The setting is visitor_rate.)"
            raise HTTPException(429, text, {"retry-after": wait})

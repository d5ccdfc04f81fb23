"""An HTTP client with a rate limit, retries, and a list of hosts that it may ask.

`Client` adds three things to `requests`.

- Rate: requests-ratelimiter limits the attempts per second, retries included.
- Retries: tenacity repeats what may succeed later (429, 5xx, a lost connection, a body cut short). It obeys Retry-After
  and otherwise waits longer each time. Other refusals (4xx) are raised at once.
- Hosts: a URL must be http(s) on one of the hosts given. Redirects are followed here and checked like the first URL.
  The address that a name resolves to must be public. It is checked where the connection is made, and the connection
  goes to that address: no second look-up can lead elsewhere (DNS rebinding). Behind an HTTP proxy the proxy resolves
  names; then only the list of hosts protects.
"""

import builtins
import ipaddress
import json
import socket
import time
from collections.abc import Callable, Iterable
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import tenacity
from requests_ratelimiter import LimiterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import Retry
from urllib3.util.connection import create_connection

import art_recsys

__all__ = ["Client", "WebError", "host_of", "is_web_url", "user_agent"]

TIMEOUT = (5, 30)  # seconds to connect, and between two pieces of an answer
DEADLINE = 180  # seconds for one whole answer
MAX_BYTES = 64_000_000  # of one answer
MAX_WAIT = 900  # seconds; we give up where Retry-After asks for more
PASSING = {408, 425, 429, 500, 502, 503, 504}


PROJECT_URL = "https://github.com/art-recsys/art_recsys"


def user_agent(
    contact: str = "",  # the setting `contact`; empty: the page of this project
) -> str:
    "The header `User-Agent`: which program asks, and whom a museum can write to"
    return f"art_recsys/{art_recsys.__version__} ({contact or PROJECT_URL})"


class WebError(Exception):
    "A request that failed"

    def __init__(
        self,
        why: str,  # the reason
        url: str = "",  # the address; its host goes into the message
        status: int | None = None,  # of the HTTP answer, where there was one
        passing: bool = False,  # whether a later attempt may succeed
        after: float | None = None,  # seconds that the server asks us to wait
    ):
        super().__init__(f"{host_of(url) or 'the server'}: {why}" if url else why)
        self.why, self.url, self.status = why, url, status
        self.passing, self.after = passing, after


class _PrivateAddress(ValueError):
    "A host name that resolves to a private address"


def host_of(
    url: str,  # any text
) -> str:
    "The host of a URL, with its port where one is given; '' for what is not a URL"
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return ""


def is_web_url(
    url: str,  # any text
) -> bool:
    "Whether this is an http(s) address with a host, without a user name, spaces or control characters"
    return (
        url.isprintable()
        and " " not in url
        and url.lower().startswith(("http://", "https://"))
        and bool(host_of(url))
        and "@" not in urlsplit(url).netloc
    )


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ip.is_global and not ip.is_multicast


def _connect(conn: HTTPConnection, private_ok: frozenset) -> socket.socket:
    "Resolve once, check every address, connect to one of those checked"
    infos = socket.getaddrinfo(conn.host, conn.port, type=socket.SOCK_STREAM)
    if f"{conn.host}:{conn.port}" not in private_ok and not all(_is_public(str(i[4][0])) for i in infos):
        raise _PrivateAddress(conn.host)
    refused: OSError = socket.gaierror(f"{conn.host} has no address")
    for info in infos:
        try:
            address = str(info[4][0]), conn.port
            return create_connection(address, conn.timeout, conn.source_address, conn.socket_options)
        except OSError as e:
            refused = e
    raise refused


def _pools(private_ok: frozenset) -> dict:
    "urllib3's connection pools, with connections that check the address that they connect to"

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, private_ok)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _connect(self, private_ok)

    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
    }


class _Adapter(LimiterAdapter):
    def __init__(self, private_ok: frozenset, **kw: Any) -> None:
        self.private_ok = private_ok
        super().__init__(**kw)

    def init_poolmanager(self, *args: Any, **kw: Any) -> None:
        super().init_poolmanager(*args, **kw)
        self.poolmanager.pool_classes_by_scheme = _pools(self.private_ok)


class Client:
    "Asks a few hosts for JSON or bytes; a context manager that closes its connections. Every failure is a `WebError`."

    def __init__(
        self,
        hosts: Iterable[str],  # hosts that may be asked, `name` or `name:port`
        per_second: float,  # requests per second and host, retries included
        headers: dict | None = None,  # sent with every request
        auth: requests.auth.AuthBase | None = None,  # signs every request
        attempts: int = 6,  # before giving up on what may succeed later
        backoff: float = 1.0,  # seconds before the second attempt, about; doubles each time
        private_ok: Iterable[str] = (),  # hosts, as `name:port`, that may be on a private address: for tests
    ):
        self.hosts, self.attempts, self.backoff = frozenset(hosts), attempts, backoff
        self.requests = self.retries = 0
        self.session = requests.Session()
        self.session.headers.update(headers or {})
        self.session.auth = auth
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        burst = max(1.0, 1 / per_second)
        adapter = _Adapter(frozenset(private_ok), per_second=per_second, burst=burst, pool_maxsize=16)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, adapter)

    def close(self) -> None:
        "Close the connections"
        self.session.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def json(
        self,
        url: str,  # on one of the hosts
    ) -> dict:
        "The JSON object at an address. Raises `WebError`, also for JSON that is not an object."
        return self.ask("GET", url, _as_object)

    def post(
        self,
        url: str,  # on one of the hosts
        data: dict,  # the fields of a form
    ) -> dict:
        "The JSON object that answers a form. Raises `WebError`."
        return self.ask("POST", url, _as_object, data=data)

    def bytes(
        self,
        url: str,  # on one of the hosts
        limit: int = MAX_BYTES,  # bytes, after decompression
    ) -> bytes:
        "The body at an address. Raises `WebError`, also for a longer body."
        return self.ask("GET", url, bytes, limit=limit)

    def ask(
        self,
        method: str,  # GET or POST
        url: str,  # on one of the hosts
        read: Callable,  # makes the result of the body; what it raises as JSONDecodeError is tried again
        limit: int = MAX_BYTES,  # bytes of the body
        **kw: Any,  # for `requests`
    ) -> Any:  # what `read` makes
        "One request, repeated while it may succeed. Raises `WebError` after the last attempt."

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome and state.outcome.exception()
            after = error.after if isinstance(error, WebError) else None
            return after if after is not None else tenacity.wait_random_exponential(self.backoff, max=60)(state)

        def again(error: BaseException) -> bool:
            return isinstance(error, WebError) and error.passing

        def count(state: tenacity.RetryCallState) -> None:
            self.retries += 1

        retry = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.attempts),
            wait=wait,
            before_sleep=count,
            retry=tenacity.retry_if_exception(again),
            reraise=True,
        )
        return retry(self._once, method, url, read, limit, kw)

    def _check(self, url: str) -> None:
        if not is_web_url(url):
            raise WebError("not an http(s) address", url)
        if host_of(url) not in self.hosts:
            raise WebError("a host that is not on the list", url)

    def _once(self, method: str, url: str, read: Callable, limit: int, kw: dict) -> Any:
        try:
            return read(self._follow(method, url, limit, kw))
        except WebError:
            raise
        except _PrivateAddress:
            raise WebError("leads to a private address", url) from None
        except json.JSONDecodeError:
            raise WebError("answer cut short or not JSON", url, passing=True) from None
        except (
            requests.ConnectionError,
            requests.Timeout,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as e:
            if isinstance(e, requests.exceptions.SSLError) and "CERTIFICATE" in str(e).upper():
                raise WebError("certificate is not accepted", url) from None
            slow = isinstance(e, requests.Timeout)
            raise WebError("too slow" if slow else "connection failed or answer cut short", url, passing=True) from None
        except (requests.RequestException, UnicodeError) as e:
            raise WebError(f"cannot be asked ({type(e).__name__})", url) from None

    def _follow(self, method: str, url: str, limit: int, kw: dict) -> builtins.bytes:
        for _ in range(5):
            self._check(url)
            self.requests += 1
            with self.session.request(method, url, timeout=TIMEOUT, stream=True, allow_redirects=False, **kw) as r:
                if r.is_redirect:
                    url, kw = urljoin(url, r.headers["Location"]), {}
                else:
                    _raise_for_status(r, url)
                    return _body(r, url, limit)
            method = "GET"
        raise WebError("too many redirects", url)


def _as_object(body: bytes) -> dict:
    out = json.loads(body.decode("utf-8", "replace"))
    if not isinstance(out, dict):
        raise WebError(f"a JSON {type(out).__name__} where an object was expected")
    return out


def _raise_for_status(r: requests.Response, url: str) -> None:
    if r.status_code < 300:
        return
    passing, after = r.status_code in PASSING, None
    if passing and (asked := r.headers.get("Retry-After")):
        try:
            after = Retry().parse_retry_after(asked)
        except Exception:
            after = None  # urllib3 raises InvalidHeader for what it cannot read: then our own backoff applies
        if after and after > MAX_WAIT:
            passing = False
    raise WebError(f"answered {r.status_code}", url, r.status_code, passing, after)


def _body(r: requests.Response, url: str, limit: int) -> bytes:
    "The whole body, within limits of size and time"
    parts, size, end = [], 0, time.monotonic() + DEADLINE
    for part in r.iter_content(65536):
        size += len(part)
        if size > limit:
            raise WebError(f"more than {limit:,} bytes", url)
        if time.monotonic() > end:
            raise WebError("too slow", url, passing=True)
        parts.append(part)
    return b"".join(parts)

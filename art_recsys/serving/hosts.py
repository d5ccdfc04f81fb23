"""The names under which a server may be asked, and the address of who asks.

A web page can have its own name lead to this machine (DNS rebinding), and the browser then takes our server for the
page's own. The request still says which name it was sent to. So both servers answer only under the names that they are
served under: localhost, 127.0.0.1 and ::1, the address that they listen on, and the setting `allowed_hosts`.
"""

from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

__all__ = ["LOOPBACK", "Hosts", "client_of", "host_name", "is_loopback", "listed", "reachable_url"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # listens on all interfaces, and is nobody's name


def listed(
    text: str,  # names or addresses, separated by commas
) -> frozenset[str]:
    "The names in a setting, in lower case, without the brackets of an IPv6 address"
    names = (name.strip().lower().rstrip(".") for name in text.split(","))
    return frozenset(name.strip("[]") for name in names if name)


def host_name(
    header: str,  # a `Host` header: a name or an address, perhaps with a port
) -> str:
    "The name in a `Host` header, in lower case and without port and brackets; '' where it is none"
    if any(sign in header for sign in "/?#@\\ \t"):
        return ""
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port  # raises for a port that is no number
        return (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""


def reachable_url(
    host: str,  # the address that a server listens on; an IPv6 address may have brackets
    port: int,  # on which it listens
) -> str:  # without a slash at the end
    "The URL at which this machine reaches a server"
    name = host.strip("[]")
    name = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(name, name)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def is_loopback(
    host: str,  # the address that a server listens on
) -> bool:
    "Whether only this machine can reach a server that listens on `host`"
    name = host.strip("[]").lower()
    return name in LOOPBACK or name.startswith("127.")


class Hosts:
    "The names of one server"

    def __init__(
        self,
        bound: str,  # the address that it listens on
        allowed: str = "",  # the setting `allowed_hosts`
    ):
        self.allowed = listed(allowed)
        self.names = LOOPBACK | self.allowed | (listed(bound) - EVERYWHERE)

    def why_not(
        self,
        host: str | None,  # the headers of a request
        origin: str | None,
    ) -> str:
        "Why a request is refused, as a sentence that names the setting; '' where it is not"
        if (name := host_name(host or "")) not in self.names:
            return f"This server is not served under the name {name[:100]!r}: add it to the setting allowed_hosts."
        if origin is None or self._ours(origin, host or ""):
            return ""
        return f"A page of {origin[:100]!r} may not ask this server: add its host to the setting allowed_hosts."

    def _ours(self, origin: str, host: str) -> bool:
        "Whether a page of this origin is one of this server: of the name that was asked, or of one in the setting"
        try:
            parts = urlsplit(origin.lower())
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return False
        return parts.netloc == host.lower() or host_name(parts.netloc) in self.allowed


def client_of(
    peer: str,  # the address at the other end of the connection
    forwarded: str,  # the `X-Forwarded-For` header, '' for none
    proxies: frozenset[str],  # addresses of reverse proxies, whose header is believed
) -> str:
    "The address of who asks: behind a reverse proxy the last one that the proxy did not write itself"
    if peer in proxies:
        for address in reversed([part.strip().strip("[]") for part in forwarded.split(",")]):
            if address and address not in proxies:
                return _household(address)
    return _household(peer)


def _household(address: str) -> str:
    "An address, of IPv6 its first half: the other half is everybody's own to choose"
    try:
        ip = ip_address(address.split("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        return str(ip.ipv4_mapped)
    if ip.version == 4 or ip.is_loopback:
        return str(ip)
    return str(ip_network((ip, 64), strict=False).network_address)

"""The HTTP client: rate, retries, limits, and the hosts that it may ask."""

import gzip
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from art_recsys.sources.http import Client, WebError, is_web_url

from .fake_catalogue import FakeCatalogue, serve

# ---- the client ------------------------------------------------------------------------------------------------------


def client(m, **kw):
    return Client(**({"hosts": {m.host}, "per_second": 1000, "backoff": 0.01, "private_ok": {m.host}} | kw))


def test_what_may_pass_is_tried_again_and_retry_after_is_obeyed(catalogue):
    catalogue.faults["/img"] = [(429, {"Retry-After": "1"}, b""), (503, {}, b"busy"), (500, {}, b"")]
    start = time.monotonic()
    with client(catalogue) as c:
        assert c.bytes(f"{catalogue.url}/img/1.jpg")[:2] == b"\xff\xd8"
        assert (c.requests, c.retries) == (4, 3)
    assert time.monotonic() - start >= 1
    assert catalogue.times[1] - catalogue.times[0] >= 1


def test_retry_after_can_be_a_date_and_nonsense_is_not_obeyed(catalogue):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    catalogue.faults["/img"] = [(503, {"Retry-After": soon}, b""), (503, {"Retry-After": "next week, perhaps"}, b"")]
    with client(catalogue) as c:
        c.bytes(f"{catalogue.url}/img/1.jpg")
    assert catalogue.times[1] - catalogue.times[0] > 0.5 and catalogue.times[2] - catalogue.times[1] < 30


def test_a_wait_of_hours_is_refused_at_once(catalogue):
    catalogue.faults["/img"] = [(429, {"Retry-After": "7200"}, b"")]
    with client(catalogue) as c, pytest.raises(WebError, match="429") as e:
        c.bytes(f"{catalogue.url}/img/1.jpg")
    assert e.value.after == 7200 and len(catalogue.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_plain_no_is_not_asked_twice(catalogue, status):
    catalogue.faults["/img"] = [(status, {}, b"")]
    with client(catalogue) as c, pytest.raises(WebError) as e:
        c.bytes(f"{catalogue.url}/img/1.jpg")
    assert e.value.status == status and not e.value.passing and len(catalogue.asked) == 1


def test_after_the_last_attempt_the_reason_is_reported(catalogue):
    catalogue.faults["/img"] = [(503, {}, b"")] * 9
    with client(catalogue, attempts=4) as c, pytest.raises(WebError, match="503") as e:
        c.bytes(f"{catalogue.url}/img/1.jpg")
    assert e.value.passing and len(catalogue.asked) == 4


@pytest.mark.parametrize(
    "bad",
    [
        (200, {"X-Cut": "60"}, {"a": "x" * 100}),  # fewer bytes than announced
        (200, {}, b'{"a": ["cut off'),  # whole as HTTP, cut as JSON
        (200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"a": 1}')[:12]),  # cut as gzip
    ],
)
def test_a_truncated_body_is_asked_for_again(catalogue, bad):
    catalogue.faults["/cleveland"] = [bad]
    with client(catalogue) as c:
        assert c.json(f"{catalogue.url}/cleveland/artworks/?skip=0&limit=2")["info"]["total"] == 250
    assert len(catalogue.asked) == 2


def test_the_pace_holds_for_every_attempt(catalogue, monkeypatch):
    sent, send = [], requests.adapters.HTTPAdapter.send  # what the rate limit lets pass

    def note(*args, **kw):
        sent.append(time.monotonic())
        return send(*args, **kw)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", note)
    catalogue.faults["/img"] = [(500, {}, b"")] * 4
    with client(catalogue, per_second=5) as c:
        for i in range(8):
            c.bytes(f"{catalogue.url}/img/{i}.jpg")
    assert len(sent) == len(catalogue.times) == 12
    assert all(b - a >= 0.9 for a, b in zip(sent, sent[5:], strict=False)), "never more than 5 in any second"


def test_too_much_is_cut_off(catalogue):
    catalogue.pictures["/img/big.jpg"] = (200, {}, b"x" * 200_000)
    with client(catalogue) as c, pytest.raises(WebError, match="more than"):
        c.bytes(f"{catalogue.url}/img/big.jpg", limit=100_000)


def test_a_small_answer_that_unfolds_is_cut_off_too(catalogue):
    "gzip as a bomb: 50 MB of nothing in 50 kB"
    catalogue.pictures["/img/zip.jpg"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000)))
    with client(catalogue) as c, pytest.raises(WebError, match="more than"):
        c.bytes(f"{catalogue.url}/img/zip.jpg", limit=100_000)


def test_a_slow_answer_is_given_up_and_asked_for_again(catalogue, monkeypatch):
    monkeypatch.setattr("art_recsys.sources.http.TIMEOUT", (1, 0.3))
    waits = [0.8]
    catalogue.before_page = lambda at: time.sleep(waits.pop() if waits else 0)
    with client(catalogue) as c:
        assert c.json(f"{catalogue.url}/cleveland/artworks/?skip=0&limit=2")["data"] and c.retries >= 1


def test_no_cookies_are_kept(catalogue):
    catalogue.pictures["/img/c.jpg"] = (200, {"Set-Cookie": "id=1"}, b"x")
    with client(catalogue) as c:
        c.bytes(f"{catalogue.url}/img/c.jpg")
        c.bytes(f"{catalogue.url}/img/c.jpg")
    assert not any("Cookie" in h for h in catalogue.headers)


# ---- where a request may go ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://museum.example/a",
        "gopher://museum.example/",
        "//museum.example/a",
        "http://me:pw@museum.example/a",
        "javascript:alert(1)",
        "http://",
        "http://museum.example/a b",
        "http://[::1",
        "data:image/gif;base64,x",
    ],
)
def test_only_web_addresses(url):
    assert not is_web_url(url)
    with Client({"museum.example"}, 10) as c, pytest.raises(WebError, match="not an http"):
        c.bytes(url)


def test_only_the_hosts_on_the_list(catalogue):
    with client(catalogue) as c:
        for url in (
            "http://169.254.169.254/latest/meta-data",
            "http://other.example/",
            f"http://localhost:{catalogue.host.split(':')[1]}/img/1.jpg",
        ):
            with pytest.raises(WebError, match="not on the list"):
                c.bytes(url)
    assert catalogue.asked == []


@pytest.fixture
def certificate(tmp_path):
    "A certificate for localhost that signs itself: a PEM file with its key"
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    out, enc = tmp_path / "pem", serialization.Encoding.PEM
    out.write_bytes(
        made.public_bytes(enc) + key.private_bytes(enc, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(out)


def test_https_keeps_name_certificate_and_guard(certificate, monkeypatch):
    "The address that was checked is connected to, and the certificate is still held to the name"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(FakeCatalogue(), tls=context) as m:
        port = m.host.split(":")[1]
        hosts = {f"localhost:{port}", m.host}
        with Client(hosts, 100, attempts=1, private_ok=hosts) as c:
            with pytest.raises(WebError, match="certificate"):
                c.bytes(f"https://localhost:{port}/img/1.jpg")  # unknown signer
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
            assert c.bytes(f"https://localhost:{port}/img/1.jpg")[:2] == b"\xff\xd8"
            with pytest.raises(WebError, match="certificate"):
                c.bytes(f"https://{m.host}/img/1.jpg")  # another name
        with Client(hosts, 100, attempts=1) as c, pytest.raises(WebError, match="private address"):
            c.bytes(f"https://localhost:{port}/img/1.jpg")
        assert m.asked == ["/img/1.jpg"]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "[::1]"])
def test_a_host_on_the_list_must_not_lead_to_a_private_address(catalogue, name):
    "The list has the name, but nobody said that it may be private: refused before anything is sent"
    port = catalogue.host.split(":")[1]
    with Client({f"{name.strip('[]')}:{port}"}, 100, attempts=1) as c, pytest.raises(WebError, match="private address"):
        c.bytes(f"http://{name}:{port}/img/1.jpg")
    assert catalogue.asked == []


def test_a_redirect_is_held_to_the_same_rules(catalogue):
    port = catalogue.host.split(":")[1]
    with serve(FakeCatalogue()) as inside:
        catalogue.pictures |= {
            "/img/ok.jpg": (302, {"Location": "/img/7.jpg"}, b""),
            "/img/list.jpg": (302, {"Location": f"{inside.url}/img/1.jpg"}, b""),
            "/img/private.jpg": (302, {"Location": f"http://localhost:{port}/img/1.jpg"}, b""),
            "/img/file.jpg": (302, {"Location": "file:///etc/passwd"}, b""),
            "/img/loop.jpg": (302, {"Location": "/img/loop.jpg"}, b""),
        }
        with client(catalogue, hosts={catalogue.host, f"localhost:{port}"}) as c:
            assert c.bytes(f"{catalogue.url}/img/ok.jpg")[:2] == b"\xff\xd8"
            for name, words in {
                "list": "not on the list",
                "private": "private address",
                "file": "not an http",
                "loop": "too many redirects",
            }.items():
                with pytest.raises(WebError, match=words):
                    c.bytes(f"{catalogue.url}/img/{name}.jpg")
        assert inside.asked == []


def test_a_name_that_changes_its_address_gains_nothing(catalogue, monkeypatch):
    "DNS rebinding: public at the first look-up, private at the second. The checked address is the one connected to."

    real, answers = socket.getaddrinfo, iter(["93.184.216.34", "127.0.0.1"])
    connected = []

    def lie(host, port, *a, **kw):
        return real(next(answers) if host == "rebind.example" else host, port, *a, **kw)

    def note(address, *a, **kw):
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lie)
    monkeypatch.setattr("art_recsys.sources.http.create_connection", note)
    port = catalogue.host.split(":")[1]
    with Client({f"rebind.example:{port}"}, 100, attempts=1) as c, pytest.raises(WebError):
        c.bytes(f"http://rebind.example:{port}/img/1.jpg")
    assert connected == ["93.184.216.34"]

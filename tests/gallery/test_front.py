"The gallery's web server before its handlers: names, connections, bodies; and what the pages may load"

import asyncio
import http.server
import json
import re
import socket
import threading
import time
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
import requests
from tornado import web

from art_recsys.config import UserError
from art_recsys.gallery.app import start_gallery
from art_recsys.gallery.front import Front
from art_recsys.gallery.large import Pictures
from art_recsys.gallery.policy import MESSAGE_POLICY, PAGE_POLICY, ROOM_POLICY
from art_recsys.gallery.remote import RemotePictures, fetch_remote
from art_recsys.serving.hosts import Hosts
from tests.gallery.gallery_standin import StandIn, furnish

KERNEL = "00000000-0000-0000-0000-000000000000"


class Served:
    "A small tornado application behind `Front`, in a thread"

    def __init__(self, **limits):
        ready, self.loop = threading.Event(), asyncio.new_event_loop()

        class Home(web.RequestHandler):
            def get(self):
                self.write("here")

        async def run():
            self.front = Front(web.Application([("/", Home)]), Hosts("127.0.0.1"), frozenset(), **limits)
            self.sock = socket.create_server(("127.0.0.1", 0))
            self.sock.setblocking(False)
            self.front.add_sockets([self.sock])
            self.stopping = asyncio.Event()
            ready.set()
            await self.stopping.wait()
            self.front.stop()

        self.thread = threading.Thread(target=lambda: self.loop.run_until_complete(run()), daemon=True)
        self.thread.start()
        ready.wait()
        self.address = self.sock.getsockname()

    def connect(self, send=b""):
        connection = socket.create_connection(self.address, timeout=5)
        connection.sendall(send)
        return connection

    def get(self, **headers):
        return requests.get(f"http://127.0.0.1:{self.address[1]}/", headers=headers, timeout=5)

    def stop(self):
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join()


@pytest.fixture
def serve():
    running = []

    def start(**limits):
        running.append(Served(**limits))
        return running[-1]

    yield start
    for served in running:
        served.stop()


def test_a_request_that_does_not_arrive_ends(serve):
    served = serve(wait_seconds=0.3)
    for begun in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: localhost\r\n"):
        with served.connect(begun) as c:
            begin = time.monotonic()
            assert c.recv(1000) == b"" and time.monotonic() - begin < 2


def test_newcomers_are_served_while_somebody_holds_all_connections_open(serve):
    served = serve(most=20)
    held = [served.connect() for _ in range(50)]
    assert [served.get(connection="close").text for _ in range(5)] == ["here"] * 5
    assert len([s for s in served.front.streams if not s.closed()]) <= 20
    for c in held:
        c.close()


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    server, home = StandIn(), tmp_path_factory.mktemp("gallery")
    furnish(home, list(server.cards.values()))
    settings = SimpleNamespace(home=home, host="127.0.0.1", gallery_port=0, page_size=24, kernels_per_client=1)
    with start_gallery(settings, server.url) as running:
        yield running
    server.down()


def raw(gallery, text):
    "The first line of the answer to a request that is sent as it is"
    host, port = gallery.url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as c:
        c.sendall(text.replace("\n", "\r\n").encode())
        return c.recv(2000).decode()


@pytest.mark.parametrize("path", ["", "pictures/w:0", "assets/page.js", "map", "room/x", f"api/kernels/{KERNEL}"])
def test_a_name_that_somebody_else_mapped_to_loopback_reaches_nothing(gallery, path):
    for headers in ({"Host": "evil.example"}, {"Host": "evil.example:8472", "Origin": "http://evil.example:8472"}):
        answer = requests.get(gallery.url + path, headers=headers, timeout=10)
        assert answer.status_code == 400 and "allowed_hosts" in answer.text
    answer = requests.get(gallery.url + path, headers={"Origin": "https://evil.example"}, timeout=10)
    assert answer.status_code == 403 and "allowed_hosts" in answer.text


def test_no_kernel_s_websocket_opens_for_another_name(gallery):
    ask = (
        f"GET /api/kernels/{KERNEL}/channels HTTP/1.1\nHost: HOST\nOrigin: ORIGIN\nUpgrade: websocket\n"
        "Connection: Upgrade\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n"
    )
    evil = ask.replace("HOST", "evil.example").replace("ORIGIN", "http://evil.example")
    assert raw(gallery, evil).startswith("HTTP/1.1 400") and "allowed_hosts" in raw(gallery, evil)
    assert raw(gallery, ask.replace("HOST", "localhost").replace("ORIGIN", "http://evil.example")).startswith(
        "HTTP/1.1 403"
    )
    ours = raw(gallery, ask.replace("HOST", "localhost").replace("ORIGIN", "http://localhost"))
    assert ours.startswith("HTTP/1.1 404")  # only that there is no such kernel


def test_a_large_body_is_refused_before_it_comes(gallery):
    said = "POST / HTTP/1.1\nHost: localhost\nContent-Length: 94000000\n\n"
    assert raw(gallery, said).startswith("HTTP/1.1 413")


def test_pages_that_nobody_sees_and_too_many_of_one_address_get_no_kernel(gallery):
    assert requests.get(gallery.url, headers={"Sec-Fetch-Dest": "image"}, timeout=10).status_code == 403
    ask = lambda who: requests.get(gallery.url, headers={"X-Forwarded-For": who}, timeout=60)  # noqa: E731
    page = ask("203.0.113.9")
    assert page.status_code == 200 and page.headers["Content-Security-Policy"] == PAGE_POLICY
    assert "<script>window.voila" not in page.text and "voila_process(" not in page.text and " style=" not in page.text
    again = ask("203.0.113.9")
    assert again.status_code == 429 and again.headers["Retry-After"] and "One moment" in again.text


def test_pages_load_nothing_from_others_and_run_no_script_that_is_not_ours():
    for policy in (PAGE_POLICY, ROOM_POLICY, MESSAGE_POLICY):
        rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
        assert "unsafe" not in policy and "http" not in policy and "*" not in policy
        assert set(rules["img-src"].split()) <= {"'self'", "data:", "blob:"} and rules["object-src"] == "'none'"
    assert len(re.findall("sha256-", PAGE_POLICY)) >= 5


class Museum(http.server.BaseHTTPRequestHandler):
    asked = []  # noqa: RUF012
    picture = b""

    def do_GET(self):
        self.asked.append(dict(self.headers))
        body = b"<svg onload=alert(1)>" if "bad" in self.path else self.picture
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def museum(tmp_path):
    from PIL import Image

    file = tmp_path / "picture.png"
    Image.new("RGB", (1500, 900), "red").save(file)
    Museum.picture, Museum.asked[:] = file.read_bytes(), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Museum)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_pictures_of_other_hosts_come_through_us_checked_and_once(tmp_path, museum):
    import pandas as pd
    from PIL import Image

    ids, urls = ["a", "bad", "inside", "odd"], ["/a.png", "/bad.svg", "/a.png", ""]
    urls = [f"http://{museum}{u}" if u else "file:///etc/passwd" for u in urls]
    pd.DataFrame({"artwork_id": ids, "image_path": [""] * 4, "image_url": urls}).to_parquet(
        tmp_path / "enriched.parquet"
    )
    allowed = frozenset({museum})
    remote = RemotePictures(Pictures(tmp_path), lambda url, out: fetch_remote(url, out, allowed))
    strict = RemotePictures(Pictures(tmp_path))

    async def look():
        first = await asyncio.gather(*(remote.find("a") for _ in range(5)))
        return first, await remote.find("bad"), await remote.find("odd"), await strict.find("inside")

    first, bad, odd, inside = asyncio.run(look())
    assert len(set(first)) == 1 and Image.open(first[0]).size == (1024, 614) and first[0].parent.name == "remote"
    assert bad is None and odd is None and inside is None  # a private address is not asked
    assert len(Museum.asked) == 2 and not {"Cookie", "Referer"} & set(Museum.asked[0])


def test_a_page_that_only_says_something_has_our_typefaces_and_no_script(gallery):
    for page in ("room/nowhere", "nowhere"):
        answer = requests.get(gallery.url + page, timeout=10)
        assert answer.status_code == 404 and "<script" not in answer.text and "<style" not in answer.text
        assert (answer.headers["Content-Security-Policy"] == MESSAGE_POLICY) == page.startswith("room")
        for sheet in re.findall('stylesheet" href="(.*?)"', answer.text):
            found = requests.get(urljoin(gallery.url + page, sheet), timeout=10)
            assert found.status_code == 200 and ("Garamond" in found.text)


def test_the_gallery_s_key_goes_to_the_model_server_and_nowhere_else(monkeypatch):
    from art_recsys.gallery.ask import key_header
    from art_recsys.serving import Client

    monkeypatch.setenv("ART_RECSYS_API_KEY", "ar_secret")
    assert key_header() == {"Authorization": "Bearer ar_secret"}
    assert Client("http://127.0.0.1:1")._http.headers["Authorization"] == "Bearer ar_secret"
    with pytest.raises(UserError) as e, Client("http://127.0.0.1:1") as client:
        client.health()
    assert "ar_secret" not in json.dumps([str(e.value), repr(client)])
    monkeypatch.delenv("ART_RECSYS_API_KEY")
    assert key_header() == {} and "Authorization" not in Client("http://127.0.0.1:1")._http.headers

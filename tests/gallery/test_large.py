"""Large pictures: painted or downloaded once, kept within bounds, and nothing breaks where there is none."""

import asyncio
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from art_recsys import sample_museum
from art_recsys.gallery import large
from art_recsys.gallery.large import Crowded, LargeHandler, LargePictures, Pictures, forget_oldest
from art_recsys.sources.larger import larger_addresses

SMALL, WORK = 96, "sample-00031"


def furnish(home, rows):
    "A home whose catalogue has these (artwork_id, image_path, source, image_url)"
    (home / "pictures").mkdir(parents=True, exist_ok=True)
    columns = ["artwork_id", "image_path", "source", "image_url"]
    pd.DataFrame(rows, columns=columns).to_parquet(home / "enriched.parquet")
    return home


@pytest.fixture
def painted(tmp_path, monkeypatch):
    "A home with one painted work; what is large is 160 pixels here"
    monkeypatch.setattr(large, "PIXELS", 160)
    name = sample_museum.picture_name(31, 42, SMALL)
    return furnish(tmp_path, [(WORK, f"pictures/{name}", "sample", ""), ("bare", "", "file", "")])


def answers(home, *paths, executor=None):
    "(status, body) of requests that are made at once"

    async def ask():
        pictures = LargePictures(Pictures(home), executor or ThreadPoolExecutor(1))
        server = HTTPServer(Application([(r"/large/(.+)", LargeHandler, {"large": pictures})]))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        client = AsyncHTTPClient(force_instance=True)
        try:
            got = await asyncio.gather(*(client.fetch(url + path, raise_error=False) for path in paths))
        finally:
            server.stop()
        return [(r.code, r.body) for r in got]

    return asyncio.run(ask())


def test_a_painted_work_is_painted_once_for_all_who_ask_and_looks_the_same(painted, monkeypatch):
    calls, paint = [], large.paint_large

    def counted(*args):
        calls.append(args)
        paint(*args)

    monkeypatch.setattr(large, "paint_large", counted)
    first, second = answers(painted, f"/large/{WORK}", f"/large/{WORK}")
    assert first == second and first[0] == 200 and len(calls) == 1
    assert answers(painted, f"/large/{WORK}") == [first] and len(calls) == 1  # it is kept
    image = Image.open(io.BytesIO(first[1]))
    assert max(image.size) == 160
    shown = sample_museum.paint(31, 42, SMALL)
    a, b = (np.asarray(im.resize((24, 24), Image.Resampling.BOX), float) for im in (image, shown))
    assert np.sqrt(((a - b) ** 2).mean()) < 8


def test_what_is_unknown_or_has_nothing_larger_is_no_error_and_nothing_leaves_the_home(painted):
    (painted / "secret.jpg").write_bytes(b"secret")
    paths = ("/large/nobody", "/large/..%2f..%2fsecret.jpg", "/large/..%2fsecret.jpg", "/large/%00", "/large/bare")
    got = answers(painted, *paths)
    assert [status for status, _ in got] == [404, 404, 404, 404, 204]
    assert not any(b"secret" in body for _, body in got)


def test_a_painter_that_fails_is_not_asked_again_at_once(painted, monkeypatch):
    calls = []

    def broken(*args):
        calls.append(args)
        raise OSError("the disk is full")

    monkeypatch.setattr(large, "paint_large", broken)

    async def twice():
        pictures = LargePictures(Pictures(painted), ThreadPoolExecutor(1))
        return [await pictures.find(WORK) for _ in range(2)]

    assert asyncio.run(twice()) == [None, None] and len(calls) == 1
    assert list((painted / "cache").rglob("*.jpg")) == []


def test_a_queue_that_is_full_says_so(painted, monkeypatch):
    monkeypatch.setattr(large, "QUEUE", 1)
    rows = [(f"sample-{i:05d}", f"pictures/{sample_museum.picture_name(i, 42, SMALL)}", "sample", "") for i in (1, 2)]
    furnish(painted, rows)
    go = threading.Event()
    monkeypatch.setattr(large, "paint_large", lambda *_: go.wait(10))

    async def crowd():
        pictures = LargePictures(Pictures(painted), ThreadPoolExecutor(1))
        first = asyncio.ensure_future(pictures.find("sample-00001"))
        await asyncio.sleep(0)
        with pytest.raises(Crowded):
            await pictures.find("sample-00002")
        go.set()
        await first

    asyncio.run(crowd())


def test_the_pictures_that_nobody_looked_at_go_first(tmp_path):
    for k in range(5):
        (tmp_path / f"{k}.jpg").write_bytes(bytes(100))
        os.utime(tmp_path / f"{k}.jpg", (k, k))
    forget_oldest(tmp_path, tmp_path / "0.jpg", limit=300)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0.jpg", "3.jpg", "4.jpg"]


def test_larger_addresses_keep_the_host_and_end_with_the_one_that_is_known():
    iiif = "https://www.artic.edu/iiif/2/abc/full/843,/0/default.jpg"
    assert larger_addresses("artic", iiif) == [iiif.replace("843", "1686"), iiif]
    web = "https://openaccess-cdn.clevelandart.org/1335.1917/1335.1917_web.jpg"
    assert larger_addresses("cleveland", web) == [web.replace("_web", "_print"), web]
    artsy = "https://d32dm0rphc51dk.cloudfront.net/x/large.jpg"
    assert larger_addresses("artsy", artsy) == [artsy.replace("large", v) for v in ("normalized", "larger", "large")]
    assert larger_addresses("file", "https://example.org/a.jpg") == larger_addresses("artic", "") == []


def test_a_museum_gives_its_largest_file_and_a_broken_one_leaves_the_small_picture(tmp_path, monkeypatch):
    from art_recsys.sources.artic import ArticSource

    data = io.BytesIO()
    Image.new("RGB", (900, 600), "navy").save(data, "JPEG")
    asked = []

    class Museum(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = {"/good/full/843,/0/default.jpg": data.getvalue()}.get(self.path, b"no picture")
            self.send_response(404 if "1686" in self.path else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    museum = ThreadingHTTPServer(("127.0.0.1", 0), Museum)
    threading.Thread(target=museum.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{museum.server_port}"
    monkeypatch.setattr(ArticSource, "picture_hosts", frozenset({host}))
    monkeypatch.setattr(ArticSource, "private_ok", frozenset({host}))
    names = {"good": host, "broken": host, "elsewhere": "127.0.0.1:9"}
    rows = [(name, "", "artic", f"http://{at}/{name}/full/843,/0/default.jpg") for name, at in names.items()]
    furnish(tmp_path, rows)
    try:
        good, broken, elsewhere = answers(tmp_path, "/large/good", "/large/broken", "/large/elsewhere")
    finally:
        museum.shutdown()
        museum.server_close()
    assert good[0] == 200 and Image.open(io.BytesIO(good[1])).size == (900, 600)
    assert broken[0] == elsewhere[0] == 204
    assert asked.count("/good/full/1686,/0/default.jpg") == 1 and not any("elsewhere" in path for path in asked)

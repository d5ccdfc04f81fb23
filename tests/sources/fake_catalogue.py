"""A fake server: invented records in the shapes of Cleveland, Chicago and Artsy, and errors on request.

`serve()` starts it on a free port of 127.0.0.1. `FakeCatalogue.faults` says what goes wrong: path prefix -> answers
that are used up one by one before the correct one is given. `FakeCatalogue.asked` lists the paths that were requested.
"""

import io
import json
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from PIL import Image


def picture(color="#a04020", size=(300, 200), kind="JPEG"):
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()


class FakeCatalogue:
    def __init__(self, n=250):
        self.ids = list(range(1, n + 1))
        self.records = {}  # id -> keys that differ
        self.pictures = {}  # path -> (status, headers, bytes)
        self.faults, self.asked, self.times, self.headers = {}, [], [], []
        self.tokens, self.token_life, self.valid = 0, 3600.0, set()
        self.closed = None  # a status that answers everything at Artsy
        self.before_page = lambda n: None
        self.lock = threading.Lock()

    # ---- records in the three shapes

    def cleveland(self, i):
        return {
            "id": i,
            "share_license_status": "CC0",
            "title": f"Work {i}",
            "creation_date": "c. 1871",
            "creation_date_earliest": 1866,
            "creation_date_latest": 1876,
            "type": "Painting" if i % 2 else "Print",
            "creators": [{"description": f"Artist {i % 7} (Nowhere, 1800-1880)", "role": "artist"}],
            "culture": ["Nowhere, 19th century"],
            "technique": "oil",
            "department": "Invented",
            "creditline": "A gift",
            "wall_description": "About <i>this</i>.",
            "url": f"https://museum.example/art/{i}",
            "images": {"web": {"url": f"{self.url}/img/{i}.jpg"}},
            "citations": ["x" * 500],
            "updated_at": "2026-01-01 00:00:00",
        } | self.records.get(i, {})

    def artic(self, i):
        return {
            "id": i,
            "title": f"Work {i}",
            "artist_title": "Ida Lund",
            "is_public_domain": True,
            "artwork_type_title": "Print",
            "image_id": f"im{i}",
            "color": {"h": 10, "s": 50, "l": 50},
            "thumbnail": {"alt_text": f"A boat, number {i}."},
            "updated_at": "2026-01-01T00:00:00-06:00",
        } | self.records.get(i, {})

    def artsy(self, i):
        one = f"{self.url}/artsy"
        return {
            "id": f"w{i}",
            "title": f"Work {i}",
            "category": "Painting",
            "date": "1871",
            "published": True,
            "blurb": "",
            "image_rights": "Courtesy",
            "image_versions": ["medium", "large"],
            "updated_at": "2026-01-01T00:00:00+00:00",
            "_links": {
                "image": {"href": self.url + f"/img/{i}-{{image_version}}.jpg", "templated": True},
                "permalink": {"href": f"https://museum.example/artwork/{i}"},
                "artists": {"href": f"{one}/artists?artwork_id=w{i}"},
                "genes": {"href": f"{one}/genes?artwork_id=w{i}"},
                "similar_artworks": {"href": f"{one}/artworks?similar_to_artwork_id=w{i}"},
            },
        } | self.records.get(i, {})

    # ---- answers: (status, headers, body)

    def answer(self, method, path, query, headers, body):
        for prefix, faults in self.faults.items():
            if path.startswith(prefix) and faults:
                return faults.pop(0)
        if path in self.pictures:
            return self.pictures[path]
        if path.startswith("/img/"):
            return 200, {"Content-Type": "image/jpeg"}, picture()
        if path.startswith("/cleveland/artworks/"):
            return self._cleveland(path, query)
        if path.startswith("/artic/artworks"):
            return self._artic(path, query)
        if path.startswith("/artsy/"):
            return self._artsy(method, path, query, headers, body)
        return 404, {}, {"error": "Not found"}

    def _page(self, at, size):
        self.before_page(at)
        return self.ids[at : at + size]

    def _cleveland(self, path, query):
        if one := path.removeprefix("/cleveland/artworks/"):
            return (
                (200, {}, {"data": self.cleveland(int(one))}) if int(one) in self.ids else (404, {}, {"detail": "no"})
            )
        at, size = int(query["skip"]), int(query["limit"])
        return 200, {}, {"info": {"total": len(self.ids)}, "data": [self.cleveland(i) for i in self._page(at, size)]}

    def _artic(self, path, query):
        if one := path.removeprefix("/artic/artworks").strip("/"):
            return (200, {}, {"data": {"id": int(one)}}) if int(one) in self.ids else (404, {}, {"detail": "no"})
        page, size = int(query["page"]), int(query["limit"])
        more = page * size < len(self.ids)
        return (
            200,
            {},
            {
                "data": [self.artic(i) for i in self._page((page - 1) * size, size)],
                "config": {"iiif_url": f"{self.url}/iiif", "website_url": "https://museum.example"},
                "pagination": {"next_url": f"{self.url}/artic/artworks?page={page + 1}&limit={size}" if more else None},
            },
        )

    def _artsy(self, method, path, query, headers, body):
        if self.closed:
            return self.closed, {}, {"type": "other_error", "message": "Gone"}
        if path == "/artsy/tokens/xapp_token":
            form = {k: v[0] for k, v in parse_qs(body.decode()).items()}
            if form != {"client_id": "me", "client_secret": "s3cret"}:
                return 401, {}, {"type": "auth_error"}
            self.tokens += 1
            until = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() + self.token_life))
            self.valid = {f"token{self.tokens}"}
            return 201, {}, {"type": "xapp_token", "token": f"token{self.tokens}", "expires_at": until}
        if headers.get("X-Xapp-Token") not in self.valid:
            return 401, {}, {"type": "auth_error"}
        if path.startswith("/artsy/artworks/"):
            i = int(path.rpartition("/w")[2])
            return (200, {}, self.artsy(i)) if i in self.ids else (404, {}, {"type": "other_error"})
        kind = path.removeprefix("/artsy/")
        if kind == "artists":
            return 200, {}, {"_embedded": {"artists": [{"name": "Ida Lund", "nationality": "Nowherean"}]}}
        if kind == "genes":
            return 200, {}, {"_embedded": {"genes": [{"name": "Boats"}, {"name": "Dusk"}]}, "_links": {}}
        if like := query.get("similar_to_artwork_id"):
            return 200, {}, {"_embedded": {"artworks": [{"id": f"w{int(like[1:]) % len(self.ids) + 1}"}]}}
        size, at = int(query["size"]), int(query.get("cursor", "0").split(":")[0])
        links = {"self": {"href": "x"}} | (
            {"next": {"href": f"{self.url}/artsy/artworks?cursor={at + size}%3Ax&size={size}"}}
            if at + size < len(self.ids)
            else {}
        )
        return (
            200,
            {},
            {
                "total_count": None,
                "_links": links,
                "_embedded": {"artworks": [self.artsy(i) for i in self._page(at, size)]},
            },
        )


@contextmanager
def serve(catalogue=None, tls=None):
    "A fake catalogue on a free port; `tls` is an ssl context that makes it https"
    catalogue = catalogue or FakeCatalogue()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # head and body in one packet: two would wait for each other

        def log_message(self, *_):
            pass

        def handle_any(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            with catalogue.lock:
                catalogue.asked.append(self.path)
                catalogue.times.append(time.monotonic())
                catalogue.headers.append(dict(self.headers))
                query = {k: v[0] for k, v in parse_qs(parts.query).items()}
                status, headers, out = catalogue.answer(self.command, parts.path, query, self.headers, body)
            data = out if isinstance(out, bytes) else json.dumps(out).encode()
            cut = headers.get("X-Cut")
            self.send_response(status)
            for k, v in ({"Content-Length": str(len(data))} | headers).items():
                if k != "X-Cut":
                    self.send_header(k, v)
            if cut:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(data[: int(cut)] if cut else data)
            if cut:
                self.close_connection = True

        do_GET = do_POST = handle_any

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, address):
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, address)

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    catalogue.host = f"127.0.0.1:{server.server_address[1]}"
    catalogue.url = f"http{'s' if tls else ''}://{catalogue.host}"
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield catalogue
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

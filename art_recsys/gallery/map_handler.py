"""`/map`: the places and colours of all works, from the model server to the browser, which keeps them."""

from urllib.parse import urlencode

from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPError

from .ask import key_header

__all__ = ["MapHandler"]

PASSED_ON = ("Content-Type", "Content-Encoding", "Cache-Control")
SECONDS = 20


class MapHandler(web.RequestHandler):
    "Passes the model server's map on. With its name in the address (`?name=`) a browser asks only once."

    def initialize(self, server_url: str) -> None:
        "Called by tornado for each request with the base URL of the model server"
        self.server_url = server_url.rstrip("/")

    async def get(self) -> None:
        "The map. `HTTPError` 404 where there is none of this name, 503 where the model server does not answer."
        name = self.get_query_argument("name", "")[:64]
        address = f"{self.server_url}/map?{urlencode({'name': name})}" if name else f"{self.server_url}/map"
        try:
            answer = await AsyncHTTPClient().fetch(
                address, request_timeout=SECONDS, decompress_response=False, headers=key_header()
            )
        except HTTPError as e:
            raise web.HTTPError(404 if e.code == 404 else 503) from None
        except OSError:
            raise web.HTTPError(503) from None
        for header in PASSED_ON:
            if header in answer.headers:
                self.set_header(header, answer.headers[header])
        self.finish(answer.body)

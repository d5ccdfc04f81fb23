"""A loopback Hopsworks for the real SDK (5.2.1): what our stages ask of a cluster, on this machine's disk

One file an interface: `tls` (certificates), `rest` (log in, and every path that is not there), `feature_store` (groups and
their Delta tables), `flight` (the query service on port 5005), `files` (datasets and the model registry).
Shapes are those that the SDK's own parsers read; they do not come from a live cluster. A path that this server does not
have is answered 501 with its name, so nothing passes by accident.
"""
import os
import threading
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from filelock import FileLock

from . import flight, tls
from .rest import KEY, PROJECT, make_app

LOCK = Path(os.environ.get('TMPDIR', '/tmp'))/'art_recsys-hopsworks-server.lock'   # the SDK fixes port 5005: one server at a time


@contextmanager
def serve(folder: Path):
    "The environment in which `login` finds this server; it ends with the block"
    with FileLock(LOCK, timeout=600):
        cert, key = tls.make(folder/'tls')
        query_service = flight.start(cert, key)
        app = make_app(folder/'disk', cert, key)
        server = uvicorn.Server(uvicorn.Config(app, host='127.0.0.1', port=0, log_level='warning', ssl_certfile=cert, ssl_keyfile=key))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive(): raise RuntimeError('the contract server did not start')
                thread.join(.02)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield {'HOPSWORKS_HOST': '127.0.0.1', 'HOPSWORKS_PORT': str(port), 'HOPSWORKS_PROJECT': PROJECT, 'HOPSWORKS_API_KEY': KEY,
                   'HOPSWORKS_TRUST_STORE_PATH': str(cert)}
        finally:
            server.should_exit = True
            thread.join(10)
            query_service.shutdown()

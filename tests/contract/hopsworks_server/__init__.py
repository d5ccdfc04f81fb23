"""A loopback Hopsworks for the real SDK (5.2.1): the part of a cluster that our stages use, on this machine's disk

One file per interface: `tls` (certificates), `rest` (login, and every path that is not there), `feature_store` (groups
and their Delta tables), `views` (feature views), `training` (their training datasets), `flight` (the query service on
port 5005), `online` (Kafka), `online_rest` (rows by key, on port 4406), `opensearch` (neighbours, on port 9200),
`files` (datasets and the model registry), `serving` and `pod` (deployments, each a process), `jobs` (jobs, each
execution a process, and environments). The online store's SQL is not here.
The shapes are those that the SDK's own parsers read; they do not come from a live cluster. For a path that this server
does not have it answers 501 with the name, so that nothing passes unnoticed.
"""

import os
import threading
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from filelock import FileLock

from . import flight, online_rest, opensearch, tls
from .online import Online
from .rest import KEY, PROJECT, TOKEN, make_app

LOCK = (
    Path(os.environ.get("TMPDIR", "/tmp")) / "art_recsys-hopsworks-server.lock"
)  # the SDK fixes port 5005: one server at a time


@contextmanager
def serve(folder: Path):
    "The environment in which `login` finds this server; it ends with the block"
    with FileLock(LOCK, timeout=1800):
        cert, key = tls.make(folder / "tls")
        query_service = flight.start(cert, key, folder / "disk" / "files")
        online, views, deployed, variables, executions = Online(), {}, {}, {}, []
        made = (
            make_app(folder / "disk", cert, key, online, views, deployed, variables, executions),
            opensearch.make_app(online, TOKEN),
            online_rest.make_app(views, online, KEY),
        )
        servers = [
            uvicorn.Server(
                uvicorn.Config(
                    app,
                    host="127.0.0.1",
                    port=0,
                    log_level="warning",
                    timeout_keep_alive=600,
                    timeout_graceful_shutdown=1,
                    ssl_certfile=cert,
                    ssl_keyfile=key,
                )
            )
            for app in made
        ]
        threads = [
            threading.Thread(target=s.run, args=a, daemon=True)
            for s, a in zip(servers, ((), ([opensearch.bind()],), ([opensearch.bind(online_rest.PORT)],)), strict=True)
        ]
        for thread in threads:
            thread.start()
        try:
            while not all(s.started for s in servers):
                if not all(t.is_alive() for t in threads):
                    raise RuntimeError("the contract server did not start")
                threads[0].join(0.02)
            port = servers[0].servers[0].sockets[0].getsockname()[1]
            variables |= {
                "HOPSWORKS_HOST": "127.0.0.1",
                "HOPSWORKS_PORT": str(port),
                "HOPSWORKS_PROJECT": PROJECT,
                "HOPSWORKS_API_KEY": KEY,
                "HOPSWORKS_TRUST_STORE_PATH": str(cert),
            }
            yield dict(variables)
        finally:
            for s in servers:
                s.should_exit = s.force_exit = True  # the SDK keeps its connections open
            for t in threads:
                t.join(10)
            for process in (*deployed.values(), *executions):
                process.stop()
            query_service.shutdown()
            online.close()

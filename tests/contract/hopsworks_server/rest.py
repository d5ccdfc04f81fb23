"""REST: login (`hopsworks_common.client.external`), variables (`core.variable_api`), and 501 for what is not here"""

import base64
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from . import feature_store, files, jobs, serving, views
from .tls import DOMAIN

KEY, PROJECT, ROOT = "a-key-of-the-contract-server", "museum", "/hopsworks-api/api"
VARIABLES = {
    "enable_data_science_profile": "true",
    "service_discovery_domain": DOMAIN,
    "enable_flyingduck": "true",
    "loadbalancer_external_domain_feature_query": "127.0.0.1",
    "loadbalancer_external_domain_opensearch": "127.0.0.1",
    "loadbalancer_external_domain_online_store_rest_server": "127.0.0.1",
    **serving.VARIABLES,
}
TOKEN = "a-token-of-the-contract-server"


class Missing(Exception):
    "The SDK tells `not there` from a fault by the code in the body (`hopsworks_common.client.exceptions`)"

    def __init__(self, code: int, what: str):
        self.code, self.what = code, what


def make_app(
    disk: Path, cert: Path, key: Path, online, views_: dict, deployed: dict, variables: dict, executions: list
) -> FastAPI:
    disk.mkdir(parents=True)
    app = FastAPI()
    app.state.unanswered = []

    @app.exception_handler(Missing)
    def missing(_, e):
        return JSONResponse({"errorCode": e.code, "errorMsg": e.what, "usrMsg": e.what}, 404)

    @app.middleware("http")
    async def only_with_the_key(request: Request, call_next):
        if request.headers.get("authorization") != f"ApiKey {KEY}":
            return JSONResponse(
                {"errorCode": 320004, "errorMsg": "Invalid API key", "usrMsg": "the key is not known or has expired"},
                401,
            )
        return await call_next(request)

    @app.get(ROOT + "/variables/versions")
    def versions():
        return [{"software": "hopsworks", "version": "5.2.0"}]

    @app.get(ROOT + "/variables/{name}")
    def variable(name: str):
        if name not in VARIABLES:
            raise Missing(160014, f"no variable {name}")
        return {"successMessage": VARIABLES[name]}

    @app.get(ROOT + "/project/getProjectInfo/{name}")
    def info(name: str):
        if name != PROJECT:
            raise Missing(150004, f"no project {name}")
        return {"projectId": 1, "projectName": PROJECT, "owner": "museum", "namespace": PROJECT}

    @app.get(ROOT + "/project")
    def projects():
        return [{"user": {"username": "museum"}, "project": {"id": 1, "name": PROJECT}}]

    @app.get(ROOT + "/project/1/credentials")
    def credentials():
        none = base64.b64encode(b"").decode()
        return {
            "kStore": none,
            "tStore": none,
            "password": "",
            "caChain": cert.read_text(),
            "clientCert": cert.read_text(),
            "clientKey": key.read_text(),
        }

    @app.get(ROOT + "/elastic/jwt/1")
    def token():
        return {"token": TOKEN}

    groups, at, environments = {}, files.place(disk / "files", Missing), dict(jobs.BASES)
    app.include_router(
        feature_store.routes(disk / "tables", online, groups, Missing), prefix=ROOT + "/project/1/featurestores"
    )
    app.include_router(views.routes(disk / "files", groups, views_, Missing), prefix=ROOT + "/project/1/featurestores")
    app.include_router(files.routes(disk / "files", at, Missing), prefix=ROOT + "/project/1")
    app.include_router(serving.routes(at, environments, deployed, Missing), prefix=ROOT + "/project/1")
    app.include_router(jobs.routes(at, environments, variables, executions, Missing), prefix=ROOT + "/project/1")

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "DELETE", "PATCH"])
    async def not_here(path: str, request: Request):
        what = f"the contract server has no {request.method} /{path}?{request.url.query}"
        app.state.unanswered.append(what)
        return JSONResponse({"errorCode": 120000, "errorMsg": what, "usrMsg": what}, 501)

    return app

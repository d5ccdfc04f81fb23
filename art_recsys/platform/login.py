"""Log in to the platform: Hopsworks where its key is set, otherwise the embedded project."""

import os
import tempfile
from functools import lru_cache
from typing import Any

from art_recsys.config import Home, Settings, UserError, secret

__all__ = ["login"]


@lru_cache(4)
def hopsworks_session(
    host: str | None = None,  # Without `https://`; None: in a container of the cluster, which has its own credentials
    port: int = 443,  # Of the REST API
    project: str = "",  # By name
    key: str = "",  # API key
) -> Any:  # The `Project` of the SDK
    "A session on a cluster, one per process, with a folder of its own for certificates; without a host: this cluster"
    import hopsworks

    if host is None:
        return hopsworks.login(engine="python")
    folder = os.environ.get("HOPSWORKS_CERT_FOLDER") or tempfile.mkdtemp(prefix="hopsworks-")
    trust = os.environ.get("HOPSWORKS_TRUST_STORE_PATH")
    return hopsworks.login(
        host=host,
        port=port,
        project=project,
        api_key_value=key,
        engine="python",
        cert_folder=folder,
        hostname_verification=bool(trust),
        trust_store_path=trust,
    )


def login(
    settings: Settings,  # Its `home` holds the embedded project
) -> Any:  # A Hopsworks `Project`, or the embedded one
    """Hopsworks where `HOPSWORKS_API_KEY` is set or in a container of the cluster, otherwise the embedded project

    Raises `UserError` where host or project are missing or the login fails; it never asks at the keyboard.
    See `hopsworks.login` (https://docs.hopsworks.ai).
    """
    if "REST_ENDPOINT" in os.environ:
        return hopsworks_session()
    key = secret("HOPSWORKS_API_KEY")
    if not key:
        from art_recsys.platform.embedded import Project

        return Project(Home.of(settings).path)
    host, project = secret("HOPSWORKS_HOST"), secret("HOPSWORKS_PROJECT")
    missing = [n for n, v in (("HOPSWORKS_HOST", host), ("HOPSWORKS_PROJECT", project)) if not v]
    if missing:
        raise UserError(
            f"HOPSWORKS_API_KEY is set, but {' and '.join(missing)} is not.",
            "set it in the environment or in .env; or unset HOPSWORKS_API_KEY to work on this machine only",
        )
    try:
        return hopsworks_session(host, int(secret("HOPSWORKS_PORT") or 443), project, key)
    except Exception as e:
        raise UserError(
            f"Hopsworks at {host} refused the login: {type(e).__name__}: {str(e)[:300]}",
            "check HOPSWORKS_HOST, HOPSWORKS_PORT, HOPSWORKS_PROJECT and whether HOPSWORKS_API_KEY is still valid; "
            "a certificate that is not trusted goes into HOPSWORKS_TRUST_STORE_PATH",
        ) from e
